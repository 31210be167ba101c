// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * VMX numbers in words. Constant tables and formatting into the caller's
 * buffer; no state.
 *
 * SDM: "VMX Basic Exit Reasons", "Exit Qualification for ...",
 * "Interruption-Information", "VM-Instruction Error Numbers".
 */
#include "words.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char *const exit_reasons[] = {
	[0]  = "exception or NMI",	[1]  = "external interrupt",
	[2]  = "triple fault",		[3]  = "INIT",
	[4]  = "SIPI",			[5]  = "I/O SMI",
	[6]  = "other SMI",		[7]  = "interrupt window",
	[8]  = "NMI window",		[9]  = "task switch",
	[10] = "CPUID",			[11] = "GETSEC",
	[12] = "HLT",			[13] = "INVD",
	[14] = "INVLPG",		[15] = "RDPMC",
	[16] = "RDTSC",			[17] = "RSM",
	[18] = "VMCALL",		[19] = "VMCLEAR",
	[20] = "VMLAUNCH",		[21] = "VMPTRLD",
	[22] = "VMPTRST",		[23] = "VMREAD",
	[24] = "VMRESUME",		[25] = "VMWRITE",
	[26] = "VMXOFF",		[27] = "VMXON",
	[28] = "control-register access", [29] = "MOV DR",
	[30] = "I/O instruction",	[31] = "RDMSR",
	[32] = "WRMSR",			[33] = "VM entry failed: invalid guest state",
	[34] = "VM entry failed: MSR loading", [36] = "MWAIT",
	[37] = "monitor trap flag",	[39] = "MONITOR",
	[40] = "PAUSE",			[41] = "VM entry failed: machine check",
	[43] = "TPR below threshold",	[44] = "APIC access",
	[45] = "virtualized EOI",	[46] = "GDTR or IDTR access",
	[47] = "LDTR or TR access",	[48] = "EPT violation",
	[49] = "EPT misconfiguration",	[50] = "INVEPT",
	[51] = "RDTSCP",		[52] = "VMX-preemption timer",
	[53] = "INVVPID",		[54] = "WBINVD",
	[55] = "XSETBV",		[56] = "APIC write",
	[57] = "RDRAND",		[58] = "INVPCID",
	[59] = "VMFUNC",		[60] = "ENCLS",
	[61] = "RDSEED",		[62] = "page-modification log full",
	[63] = "XSAVES",		[64] = "XRSTORS",
	[66] = "SPP event",		[67] = "UMWAIT",
	[68] = "TPAUSE",		[69] = "LOADIWKEY",
	[74] = "bus lock",		[75] = "notify",
};

static const char *const instruction_errors[] = {
	[1]  = "VMCALL in VMX root operation",
	[2]  = "VMCLEAR with invalid address",
	[3]  = "VMCLEAR with VMXON pointer",
	[4]  = "VMLAUNCH with non-clear VMCS",
	[5]  = "VMRESUME with non-launched VMCS",
	[6]  = "VMRESUME after VMXOFF",
	[7]  = "VM entry with invalid control fields",
	[8]  = "VM entry with invalid host-state fields",
	[9]  = "VMPTRLD with invalid address",
	[10] = "VMPTRLD with VMXON pointer",
	[11] = "VMPTRLD with incorrect VMCS revision",
	[12] = "VMREAD or VMWRITE of an unsupported field",
	[13] = "VMWRITE to a read-only field",
	[15] = "VMXON in VMX root operation",
	[16] = "VM entry with invalid executive-VMCS pointer",
	[17] = "VM entry with non-launched executive VMCS",
	[18] = "VM entry with executive-VMCS pointer not VMXON pointer",
	[19] = "VMCALL with non-clear VMCS",
	[20] = "VMCALL with invalid VM-exit control fields",
	[22] = "VMCALL with incorrect MSEG revision",
	[23] = "VMXOFF under dual-monitor treatment",
	[24] = "VMCALL with invalid SMM-monitor features",
	[25] = "VM entry with invalid execution controls in executive VMCS",
	[26] = "VM entry with events blocked by MOV SS",
	[28] = "invalid operand to INVEPT or INVVPID",
};

static const char *const exceptions[] = {
	"#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM", "#DF", "vector 9", "#TS",
	"#NP", "#SS", "#GP", "#PF", "vector 15", "#MF", "#AC", "#MC", "#XM", "#VE", "#CP",
};

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

/* A buffer being filled with words; silently full at its end. */
struct text {
	char *buf;
	size_t len, used;
};

__attribute__((format(printf, 2, 3)))
static void add(struct text *text, const char *format, ...)
{
	va_list args;
	int done;

	if (text->used >= text->len)
		return;
	va_start(args, format);
	done = vsnprintf(text->buf + text->used, text->len - text->used, format, args);
	va_end(args);
	if (done > 0)
		text->used += done;
}

const char *words_exit_reason(uint32_t reason)
{
	reason &= 0xffff;
	if (reason < COUNT(exit_reasons) && exit_reasons[reason])
		return exit_reasons[reason];
	return "reserved";
}

const char *words_instruction_error(uint32_t error)
{
	if (error < COUNT(instruction_errors) && instruction_errors[error])
		return instruction_errors[error];
	return "reserved";
}

static void qualify_cr(struct text *text, uint64_t q)
{
	static const char *const kinds[] = { "MOV to", "MOV from", "CLTS", "LMSW" };
	static const char *const regs[] = {
		"RAX", "RCX", "RDX", "RBX", "RSP", "RBP", "RSI", "RDI",
		"R8", "R9", "R10", "R11", "R12", "R13", "R14", "R15",
	};
	unsigned int kind = q >> 4 & 3;

	add(text, "%s", kinds[kind]);
	if (kind < 2)
		add(text, " CR%u, %s", (unsigned int)(q & 15), regs[q >> 8 & 15]);
	if (kind == 3)
		add(text, " %#x", (unsigned int)(q >> 16 & 0xffff));
}

static void qualify_io(struct text *text, uint64_t q)
{
	add(text, "%s%s port %#x, %u byte%s%s", q & (1 << 3) ? "IN" : "OUT",
	    q & (1 << 4) ? "S" : "", (unsigned int)(q >> 16 & 0xffff),
	    (unsigned int)(q & 7) + 1, q & 7 ? "s" : "", q & (1 << 5) ? ", REP" : "");
}

static void qualify_ept(struct text *text, uint64_t q)
{
	add(text, "%s%s%s, page is %s%s%s%s", q & 1 ? "read" : "", q & 2 ? "write" : "",
	    q & 4 ? "fetch" : "", q & 8 ? "r" : "-", q & 16 ? "w" : "-", q & 32 ? "x" : "-",
	    q & 0x38 ? "" : " (not present)");
	if (q & (1 << 7))
		add(text, ", %s", q & (1 << 8) ? "by the access itself" : "during the page walk");
	if (q & (1 << 12))
		add(text, ", NMI unblocked by IRET");
}

static void qualify_task(struct text *text, uint64_t q)
{
	static const char *const sources[] = { "CALL", "IRET", "JMP", "task gate" };

	add(text, "to selector %#x by %s", (unsigned int)(q & 0xffff), sources[q >> 30 & 3]);
}

static void qualify_debug(struct text *text, uint64_t q)
{
	add(text, "B%u%u%u%u%s%s", (unsigned int)(q >> 3 & 1), (unsigned int)(q >> 2 & 1),
	    (unsigned int)(q >> 1 & 1), (unsigned int)(q & 1), q & (1 << 13) ? " BD" : "",
	    q & (1 << 14) ? " BS" : "");
}

char *words_qualification(uint32_t reason, uint64_t q, char *buf, size_t len)
{
	struct text text = { buf, len, 0 };

	buf[0] = '\0';
	switch (reason & 0xffff) {
	case 0:
		if (q)
			qualify_debug(&text, q);
		break;
	case 4:
		add(&text, "vector %#x", (unsigned int)(q & 0xff));
		break;
	case 9:
		qualify_task(&text, q);
		break;
	case 14:
		add(&text, "linear address %#llx", (unsigned long long)q);
		break;
	case 28:
		qualify_cr(&text, q);
		break;
	case 29:
		add(&text, "MOV %s DR%u", q & (1 << 4) ? "from" : "to", (unsigned int)(q & 7));
		break;
	case 30:
		qualify_io(&text, q);
		break;
	case 44:
		add(&text, "offset %#x", (unsigned int)(q & 0xfff));
		break;
	case 48:
		qualify_ept(&text, q);
		break;
	case 56:
		add(&text, "offset %#x", (unsigned int)(q & 0xfff));
		break;
	default:
		if (q)
			add(&text, "%#llx", (unsigned long long)q);
	}
	return buf;
}

char *words_event(uint64_t info, char *buf, size_t len)
{
	static const char *const types[] = {
		"external interrupt", "reserved", "NMI", "hardware exception",
		"software interrupt", "privileged software exception", "software exception",
		"other event",
	};
	struct text text = { buf, len, 0 };
	unsigned int vector = info & 0xff, type = info >> 8 & 7;

	buf[0] = '\0';
	if (!(info & (1U << 31))) {
		add(&text, "none");
		return buf;
	}
	if ((type == 3 || type == 5 || type == 6) && vector < COUNT(exceptions))
		add(&text, "%s (%s", exceptions[vector], types[type]);
	else
		add(&text, "vector %#x (%s", vector, types[type]);
	if (info & (1 << 11))
		add(&text, ", error %#x", (unsigned int)(info >> 32));
	add(&text, ")");
	return buf;
}

struct bit_name {
	unsigned int bit;
	const char *name;
};

static char *name_bits(uint64_t value, const struct bit_name *names, size_t count, char *buf,
		       size_t len)
{
	struct text text = { buf, len, 0 };

	buf[0] = '\0';
	for (size_t i = 0; i < count; i++)
		if (value >> names[i].bit & 1)
			add(&text, "%s%s", text.used ? " " : "", names[i].name);
	return buf;
}

char *words_cr0(uint64_t value, char *buf, size_t len)
{
	static const struct bit_name names[] = {
		{ 31, "PG" }, { 30, "CD" }, { 29, "NW" }, { 18, "AM" }, { 16, "WP" },
		{ 5, "NE" }, { 4, "ET" }, { 3, "TS" }, { 2, "EM" }, { 1, "MP" }, { 0, "PE" },
	};

	return name_bits(value, names, COUNT(names), buf, len);
}

char *words_cr4(uint64_t value, char *buf, size_t len)
{
	static const struct bit_name names[] = {
		{ 0, "VME" }, { 1, "PVI" }, { 2, "TSD" }, { 3, "DE" }, { 4, "PSE" },
		{ 5, "PAE" }, { 6, "MCE" }, { 7, "PGE" }, { 8, "PCE" }, { 9, "OSFXSR" },
		{ 10, "OSXMMEXCPT" }, { 11, "UMIP" }, { 12, "LA57" }, { 13, "VMXE" },
		{ 16, "FSGSBASE" }, { 17, "PCIDE" }, { 18, "OSXSAVE" }, { 20, "SMEP" },
		{ 21, "SMAP" }, { 22, "PKE" }, { 23, "CET" }, { 24, "PKS" },
	};

	return name_bits(value, names, COUNT(names), buf, len);
}

char *words_efer(uint64_t value, char *buf, size_t len)
{
	static const struct bit_name names[] = {
		{ 0, "SCE" }, { 8, "LME" }, { 10, "LMA" }, { 11, "NXE" },
	};

	return name_bits(value, names, COUNT(names), buf, len);
}

char *words_rflags(uint64_t value, char *buf, size_t len)
{
	static const struct bit_name names[] = {
		{ 0, "CF" }, { 2, "PF" }, { 4, "AF" }, { 6, "ZF" }, { 7, "SF" }, { 8, "TF" },
		{ 9, "IF" }, { 10, "DF" }, { 11, "OF" }, { 14, "NT" }, { 16, "RF" },
		{ 17, "VM" }, { 18, "AC" }, { 21, "ID" },
	};

	return name_bits(value, names, COUNT(names), buf, len);
}
