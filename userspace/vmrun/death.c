// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The report on a vCPU: cause, registers, code, page walks, last exits.
 *
 * Everything comes from ioctls on the caller's own vCPU and from guest memory;
 * whatever cannot be had is left out, for a report must never fail. The output
 * is held together by log_begin(), and the guest's own last output comes first.
 */
#include "death.h"

#include <stdio.h>
#include <string.h>

#include "disasm.h"
#include "machine.h"
#include "walk.h"
#include "words.h"

#define CODE_MAX	64
#define CODE_LINES	6
#define EXITS_MAX	12

static const char *const gpr_names[16] = {
	"RAX", "RCX", "RDX", "RBX", "RSP", "RBP", "RSI", "RDI",
	"R8", "R9", "R10", "R11", "R12", "R13", "R14", "R15",
};

static const char *const seg_names[VMM_SEG_COUNT] = {
	"ES", "CS", "SS", "DS", "FS", "GS", "LDTR", "TR",
};

#define LL(value)	((unsigned long long)(value))

static unsigned int code_bits(const struct vmm_regs *regs)
{
	uint32_t access = regs->seg[VMM_SEG_CS].access;

	if ((regs->efer & (1 << 10)) && (access & VMM_SEG_ACC_L))
		return 64;
	return access & VMM_SEG_ACC_DB ? 32 : 16;
}

static const char *activity(uint32_t value)
{
	switch (value) {
	case VMM_ACTIVITY_RUNNING:
		return "running";
	case VMM_ACTIVITY_HALTED:
		return "halted";
	case VMM_ACTIVITY_WAIT_SIPI:
		return "waiting for SIPI";
	default:
		return "in an unknown activity state";
	}
}

static void print_general(const struct vmm_regs *regs, FILE *out)
{
	char flags[80];

	fprintf(out, "  RIP %016llx  RFLAGS %016llx [%s]  %u-bit code, %s\n", LL(regs->rip),
		LL(regs->rflags), words_rflags(regs->rflags, flags, sizeof(flags)),
		code_bits(regs), activity(regs->activity));
	for (unsigned int i = 0; i < 16; i++)
		fprintf(out, "%s%-3s %016llx%s", i % 4 ? "  " : "  ", gpr_names[i],
			LL(regs->gpr[i]), i % 4 == 3 ? "\n" : "");
}

static void print_segments(const struct vmm_regs *regs, FILE *out)
{
	for (unsigned int i = 0; i < VMM_SEG_COUNT; i++) {
		const struct vmm_seg *seg = &regs->seg[i];

		fprintf(out, "  %-4s %04x base %016llx limit %08x access %05x%s\n", seg_names[i],
			seg->selector, LL(seg->base), seg->limit, seg->access,
			seg->access & VMM_SEG_ACC_UNUSABLE ? " unusable" : "");
	}
	fprintf(out, "  GDTR base %016llx limit %04x   IDTR base %016llx limit %04x\n",
		LL(regs->gdtr_base), regs->gdtr_limit, LL(regs->idtr_base), regs->idtr_limit);
}

static void print_control(const struct vmm_regs *regs, FILE *out)
{
	char cr0[80], cr4[160], efer[40];

	fprintf(out, "  CR0 %llx [%s]  CR2 %llx  CR3 %llx  CR8 %llx\n", LL(regs->cr0),
		words_cr0(regs->cr0, cr0, sizeof(cr0)), LL(regs->cr2), LL(regs->cr3),
		LL(regs->cr8));
	fprintf(out, "  CR4 %llx [%s]  EFER %llx [%s]\n", LL(regs->cr4),
		words_cr4(regs->cr4, cr4, sizeof(cr4)), LL(regs->efer),
		words_efer(regs->efer, efer, sizeof(efer)));
}

static void print_events(const struct vmm_regs *regs, FILE *out)
{
	char cut[96], queued[96];

	if (!(regs->exit_intinfo >> 31 & 1) && !(regs->entry_intinfo >> 31 & 1) &&
	    !regs->interruptibility && !regs->nmi_pending)
		return;
	fprintf(out, "  event cut short: %s; queued: %s%s%s%s%s\n",
		words_event(regs->exit_intinfo, cut, sizeof(cut)),
		words_event(regs->entry_intinfo, queued, sizeof(queued)),
		regs->interruptibility & 1 ? "; blocked by STI" : "",
		regs->interruptibility & 2 ? "; blocked by MOV SS" : "",
		regs->interruptibility & 8 ? "; NMI blocked" : "",
		regs->nmi_pending ? "; NMI pending" : "");
}

static void print_code(const struct walk *walk, FILE *out)
{
	uint64_t gla = walk_rip(walk->regs);
	uint8_t code[CODE_MAX];
	size_t len = walk_read(walk, gla, code, sizeof(code));

	if (!len) {
		fprintf(out, "  code at RIP cannot be read\n");
		return;
	}
	fprintf(out, "  code at RIP\n");
	disasm_print(code, len, gla, code_bits(walk->regs), CODE_LINES, out);
}

static void print_exits(const struct vcpu *vcpu, FILE *out)
{
	struct vmm_exit_rec rec[EXITS_MAX];
	int count = vmm_get_exits(&vcpu->vmm, rec, EXITS_MAX);
	char text[128];

	if (count <= 0)
		return;
	fprintf(out, "  last VM exits, newest first\n");
	for (int i = 0; i < count; i++) {
		words_qualification(rec[i].reason, rec[i].qualification, text, sizeof(text));
		fprintf(out, "    RIP %016llx  TSC -%-12llu %s%s%s\n", LL(rec[i].rip),
			LL(rec[0].tsc - rec[i].tsc), words_exit_reason(rec[i].reason),
			text[0] ? ": " : "", text);
	}
}

static void print_state(const struct vcpu *vcpu, bool has_gla, uint64_t gla, FILE *out)
{
	struct vmm_regs regs;
	struct walk walk = { &vcpu->machine->ram, &regs };
	int error = vmm_get_regs(&vcpu->vmm, VMM_REGS_ALL, &regs);

	if (error) {
		fprintf(out, "  registers cannot be read: %s; last known RIP %016llx\n",
			strerror(-error), LL(vcpu->vmm.run->regs.rip));
		return;
	}
	print_general(&regs, out);
	print_segments(&regs, out);
	print_control(&regs, out);
	print_events(&regs, out);
	print_code(&walk, out);
	walk_print(&walk, "RIP", walk_rip(&regs), out);
	if (has_gla && gla != walk_rip(&regs))
		walk_print(&walk, "the address accessed,", gla, out);
	else if (regs.cr2 && !has_gla)
		walk_print(&walk, "CR2", regs.cr2, out);
	print_exits(vcpu, out);
}

static void print_vmx(const struct vmm_exit_vmx *vmx, FILE *out)
{
	char text[128];

	fprintf(out, "  exit reason %u (%s)%s\n", vmx->reason & 0xffff,
		words_exit_reason(vmx->reason), vmx->reason >> 31 ? ", VM-entry failure" : "");
	words_qualification(vmx->reason, vmx->qualification, text, sizeof(text));
	if (text[0])
		fprintf(out, "  qualification %#llx: %s\n", LL(vmx->qualification), text);
	if (vmx->instruction_error)
		fprintf(out, "  VM-instruction error %u: %s\n", vmx->instruction_error,
			words_instruction_error(vmx->instruction_error));
	if (vmx->intr_info >> 31)
		fprintf(out, "  event: %s\n",
			words_event(vmx->intr_info | (uint64_t)vmx->intr_error << 32, text,
				    sizeof(text)));
	if ((vmx->reason & 0xffff) == 48 || (vmx->reason & 0xffff) == 49)
		fprintf(out, "  guest address %#llx\n", LL(vmx->gpa));
	if (vmx->rule[0])
		fprintf(out, "  rule broken: %.*s\n", (int)sizeof(vmx->rule), vmx->rule);
}

/* What the run page says about the exit. Returns whether it names a linear address. */
static bool print_exit(const struct vmm_run *run, uint64_t *gla, FILE *out)
{
	switch (run->exit) {
	case VMM_EXIT_ENTRY_FAILED:
	case VMM_EXIT_VMX:
		print_vmx(&run->vmx, out);
		*gla = run->vmx.gla;
		return (run->vmx.reason & 0xffff) == 48 && (run->vmx.qualification & (1 << 7));
	case VMM_EXIT_EMULATION:
		fprintf(out, "  instruction bytes:");
		for (unsigned int i = 0; i < run->emulation.inst_len && i < 15; i++)
			fprintf(out, " %02x", run->emulation.inst[i]);
		fprintf(out, "; guest address %#llx\n", LL(run->emulation.gpa));
		*gla = run->emulation.gla;
		return true;
	case VMM_EXIT_MEMORY:
		fprintf(out, "  guest address %#llx (%#llx here), access %s%s%s: %s\n",
			LL(run->memory.gpa), LL(run->memory.hva),
			run->memory.access & VMM_PROT_READ ? "r" : "",
			run->memory.access & VMM_PROT_WRITE ? "w" : "",
			run->memory.access & VMM_PROT_EXEC ? "x" : "",
			strerror(-run->memory.error));
		return false;
	default:
		return false;
	}
}

void death_report(struct vcpu *vcpu, const char *what)
{
	uint64_t gla = 0;
	bool has_gla;

	chr_flush(vcpu->machine->chr, 500);
	log_begin();
	log_error("vCPU %u: %s", vcpu->vmm.id, what);
	has_gla = print_exit(vcpu->vmm.run, &gla, stderr);
	print_state(vcpu, has_gla, gla, stderr);
	log_end();
}

void death_state(struct vcpu *vcpu)
{
	chr_flush(vcpu->machine->chr, 500);
	log_begin();
	log_error("vCPU %u: state on request", vcpu->vmm.id);
	print_state(vcpu, false, 0, stderr);
	log_end();
}
