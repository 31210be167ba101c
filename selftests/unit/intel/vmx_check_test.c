// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * VM-entry checks: six states that the processor takes, and from these, every
 * rule broken once. A row says what to change and who must be blamed in which
 * words; at the end every rule must have been blamed at least once.
 */
#include <stdio.h>
#include "env.h"
#include "kselftest_harness.h"
#include "vmx_check.h"

#define ALL1	(0xffffffffULL << 32)

/* A processor that allows nearly everything, so that rules can be reached. */
static const struct vmx_msrs rich = {
	.basic = 0x00da040000000004ULL,
	.true_pin = 0x000000ff00000016ULL,
	.true_proc = 0xfffbfffe04006172ULL,
	.true_exit = 0x01ffffff00036dfbULL,
	.true_entry = 0x0003ffff000011fbULL,
	.proc2 = ALL1,
	.misc = 0x000000007004c1e7ULL,
	.ept_vpid = 0x00000f0106734141ULL,
	.cr0_fixed0 = 0x80000021, .cr0_fixed1 = 0xffffffff,
	.cr4_fixed0 = 0x2000, .cr4_fixed1 = 0xf72fff,
};

#define V(name)		(s->v[VMXF_##name])
#define SET(name, value) (V(name) = (value))

enum base { REAL, PROT, LONG, COMPAT, PAE, V86, BASES };

static void set_segs(struct vmx_state *s, u64 sel, u64 limit, u64 access)
{
	int i;

	for (i = 0; i < 6; i++) {
		s->v[VMXF_GUEST_ES_SELECTOR + i] = sel;
		s->v[VMXF_GUEST_ES_BASE + i] = sel << 4;
		s->v[VMXF_GUEST_ES_LIMIT + i] = limit;
		s->v[VMXF_GUEST_ES_ACCESS + i] = access;
	}
}

static void flat_segs(struct vmx_state *s, u64 cs)
{
	int i;

	set_segs(s, 0x10, 0xffffffff, 0xc093);
	for (i = 0; i < 6; i++)
		s->v[VMXF_GUEST_ES_BASE + i] = 0;
	s->v[VMXF_GUEST_CS_SELECTOR] = 8;
	s->v[VMXF_GUEST_CS_ACCESS] = cs;
	s->v[VMXF_GUEST_TR_ACCESS] = 0x8b;
	s->v[VMXF_GUEST_TR_LIMIT] = 0x67;
	s->v[VMXF_GUEST_TR_SELECTOR] = 0x40;
	s->v[VMXF_GUEST_LDTR_ACCESS] = 0x10000;
}

static void make(struct vmx_state *s, const struct vmx_msrs *m, enum base base)
{
	memset(s, 0, sizeof(*s));
	s->msrs = m;
	s->maxphyaddr = 46;
	SET(VPID, 1);
	SET(PIN_CONTROLS, 0x16 | 0x29);
	SET(PROC_CONTROLS, 0x04006172 | 1U << 31 | 1U << 28 | 1U << 24 | 1U << 7);
	SET(PROC2_CONTROLS, 0xea);
	SET(EXIT_CONTROLS, 0x36fff | 0xf << 18);
	SET(ENTRY_CONTROLS, 0x11ff | 3 << 14);
	SET(MSR_BITMAP, 0x1000);
	SET(EPTP, 0x200000 | 0x5e);

	SET(HOST_CR0, 0x80050033);
	SET(HOST_CR3, 0x5000);
	SET(HOST_CR4, 0x3726e0);
	SET(HOST_PAT, 0x0407050600070106ULL);
	SET(HOST_EFER, 0xd01);
	SET(HOST_CS_SELECTOR, 0x10);
	SET(HOST_SS_SELECTOR, 0x18);
	SET(HOST_TR_SELECTOR, 0x40);
	SET(HOST_GS_BASE, 0xffff888000000000ULL);
	SET(HOST_TR_BASE, 0xfffffe0000003000ULL);
	SET(HOST_GDTR_BASE, 0xfffffe0000001000ULL);
	SET(HOST_IDTR_BASE, 0xfffffe0000000000ULL);
	SET(HOST_RIP, 0xffffffffa0000000ULL);

	SET(GUEST_CR4, 0x2000);
	SET(GUEST_DR7, 0x400);
	SET(GUEST_PAT, 0x0007040600070406ULL);
	SET(GUEST_RFLAGS, 2);
	SET(GUEST_LINK_POINTER, ~0ULL);
	SET(GUEST_GDTR_LIMIT, 0xffff);
	SET(GUEST_IDTR_LIMIT, 0xffff);

	switch (base) {
	case REAL:
		SET(GUEST_CR0, 0x60000030);
		set_segs(s, 0, 0xffff, 0x93);
		SET(GUEST_CS_SELECTOR, 0xf000);
		SET(GUEST_CS_BASE, 0xffff0000);
		SET(GUEST_RIP, 0xfff0);
		SET(GUEST_LDTR_ACCESS, 0x82);
		SET(GUEST_LDTR_LIMIT, 0xffff);
		SET(GUEST_TR_ACCESS, 0x8b);
		SET(GUEST_TR_LIMIT, 0xffff);
		break;
	case PROT:
		flat_segs(s, 0xc09b);
		SET(GUEST_CR0, 0x31);
		SET(GUEST_RIP, 0x100000);
		SET(GUEST_TR_ACCESS, 0x83);	/* 16-bit TSS */
		break;
	case LONG:
		flat_segs(s, 0xa09b);
		SET(ENTRY_CONTROLS, V(ENTRY_CONTROLS) | VMX_ENTRY_IA32E_GUEST);
		SET(GUEST_CR0, 0x80050033);
		SET(GUEST_CR3, 0x1000);
		SET(GUEST_CR4, 0x2020);
		SET(GUEST_EFER, 0xd01);
		SET(GUEST_RIP, 0xffffffff81000000ULL);
		SET(GUEST_RFLAGS, 0x202);
		SET(GUEST_GS_BASE, 0xffff888000000000ULL);
		SET(GUEST_DS_ACCESS, 0x10000);
		break;
	case COMPAT:			/* user code, conforming DPLs */
		make(s, m, LONG);
		SET(GUEST_CS_ACCESS, 0xc0fb);
		SET(GUEST_CS_SELECTOR, 0x23);
		SET(GUEST_SS_ACCESS, 0xc0f3);
		SET(GUEST_SS_SELECTOR, 0x2b);
		SET(GUEST_RIP, 0x8048000);
		break;
	case PAE:
		make(s, m, PROT);
		SET(GUEST_CR0, 0x80000031);
		SET(GUEST_CR4, 0x2020);
		SET(GUEST_PDPTE0, 0x2001);
		SET(GUEST_PDPTE1, 0x1e6);	/* not present */
		SET(GUEST_TR_ACCESS, 0x8b);
		break;
	default:
		make(s, m, PROT);
		set_segs(s, 0x1000, 0xffff, 0xf3);
		SET(GUEST_RFLAGS, 0x23202);
		break;
	}
}

TEST(good_states)
{
	struct vmx_msrs la57 = rich;
	struct vmx_violation v;
	struct vmx_state state, *s = &state;
	int i;

	for (i = 0; i < BASES; i++) {
		memset(&v, 0, sizeof(v));
		make(s, &rich, i);
		EXPECT_FALSE(vmx_check(s, &v))
			TH_LOG("state %d: %s: %s", i, v.field, v.text);
	}

	/* Halted, an interrupt coming in. */
	make(s, &rich, LONG);
	SET(GUEST_ACTIVITY, 1);
	SET(ENTRY_INTR_INFO, 0x80000030);
	EXPECT_FALSE(vmx_check(s, &v));
	/* Waiting for SIPI; shut down. */
	SET(ENTRY_INTR_INFO, 0);
	SET(GUEST_ACTIVITY, 3);
	EXPECT_FALSE(vmx_check(s, &v));
	SET(GUEST_ACTIVITY, 2);
	EXPECT_FALSE(vmx_check(s, &v));
	/* Single-stepping over STI. */
	SET(GUEST_ACTIVITY, 0);
	SET(GUEST_RFLAGS, 0x302);
	SET(GUEST_INTERRUPTIBILITY, 1);
	SET(GUEST_PENDING_DEBUG, 1 << 14);
	EXPECT_FALSE(vmx_check(s, &v));
	/* A page fault and an INT 80h being injected. */
	make(s, &rich, LONG);
	SET(ENTRY_INTR_INFO, 0x80000b0e);
	SET(ENTRY_INTR_ERROR, 6);
	EXPECT_FALSE(vmx_check(s, &v));
	SET(ENTRY_INTR_INFO, 0x80000480);
	SET(ENTRY_INST_LENGTH, 2);
	EXPECT_FALSE(vmx_check(s, &v));
	/* With the restricted guest of old, in protected mode with paging. */
	make(s, &rich, PAE);
	SET(PROC2_CONTROLS, V(PROC2_CONTROLS) & ~(u64)VMX_PROC2_UNRESTRICTED);
	SET(GUEST_SS_SELECTOR, 0x10);
	SET(GUEST_CS_SELECTOR, 0x08);
	EXPECT_FALSE(vmx_check(s, &v));
	/* An address that only five levels make canonical. */
	la57.cr4_fixed1 |= 1 << 12;
	make(s, &la57, LONG);
	SET(GUEST_RIP, 0xff00000000000000ULL);
	EXPECT_FALSE(vmx_check(s, &v));
}

/* Changes: to a value, by bits set, by bits cleared; the processor. */
struct change {
	char op;
	u16 field;
	u64 value;
};

#define T(name, value) { '=', VMXF_##name, value }
#define O(name, value) { '|', VMXF_##name, value }
#define N(name, value) { '&', VMXF_##name, ~(u64)(value) }
#define L(less) { 'm', 0, less }

/* A processor that lacks something. */
enum less { NO_EPT_AD, NO_MTF, NO_ACTIVITY, NO_WALK4, ERROR_CODE_ANY };

#define BAD	0x800000000000ULL	/* not canonical */
#define HIGH	(1ULL << 46)		/* beyond the physical-address width */
#define INTR	T(ENTRY_INTR_INFO, 0x80000030)
#define INJECT_NMI T(ENTRY_INTR_INFO, 0x80000202)
#define RESTRICTED N(PROC2_CONTROLS, VMX_PROC2_UNRESTRICTED)

static const struct {
	enum base base;
	const char *field;
	const char *text;	/* part of it */
	struct change change[4];
} row[] = {
	/* controls */
	{ REAL, "PIN_CONTROLS", "capability", { O(PIN_CONTROLS, 1 << 9) } },
	{ REAL, "PIN_CONTROLS", "capability", { N(PIN_CONTROLS, 2) } },
	{ REAL, "PROC_CONTROLS", "capability", { O(PROC_CONTROLS, 1) } },
	{ REAL, "PROC2_CONTROLS", "capability", { O(PROC2_CONTROLS, 1), L(NO_WALK4) } },
	{ REAL, "CR3_TARGET_COUNT", "at most 4", { T(CR3_TARGET_COUNT, 5) } },
	{ REAL, "IO_BITMAP_A", "page-aligned", { O(PROC_CONTROLS, 1 << 25), T(IO_BITMAP_A, 0x10) } },
	{ REAL, "IO_BITMAP_B", "page-aligned", { O(PROC_CONTROLS, 1 << 25), T(IO_BITMAP_B, HIGH) } },
	{ REAL, "MSR_BITMAP", "page-aligned", { T(MSR_BITMAP, 0x1001) } },
	{ REAL, "VIRTUAL_APIC_HPA", "page-aligned", { O(PROC_CONTROLS, 1 << 21), T(VIRTUAL_APIC_HPA, 8) } },
	{ REAL, "TPR_THRESHOLD", "31:4", { O(PROC_CONTROLS, 1 << 21), T(TPR_THRESHOLD, 16) } },
	{ REAL, "PIN_CONTROLS", "need NMI exiting", { N(PIN_CONTROLS, 8) } },
	{ REAL, "PROC_CONTROLS", "virtual NMIs", { N(PIN_CONTROLS, 0x20), O(PROC_CONTROLS, 1 << 22) } },
	{ REAL, "APIC_ACCESS_HPA", "page-aligned", { O(PROC2_CONTROLS, 1), T(APIC_ACCESS_HPA, 1) } },
	{ REAL, "PROC2_CONTROLS", "TPR shadow", { O(PROC2_CONTROLS, 1 << 8) } },
	{ REAL, "PROC2_CONTROLS", "TPR shadow", { O(PROC2_CONTROLS, 1 << 4) } },
	{ REAL, "PROC2_CONTROLS", "excludes", { O(PROC2_CONTROLS, 0x11), O(PROC_CONTROLS, 1 << 21) } },
	{ REAL, "PROC2_CONTROLS", "external-interrupt", { O(PROC2_CONTROLS, 1 << 9), O(PROC_CONTROLS, 1 << 21), N(PIN_CONTROLS, 1) } },
	{ REAL, "PIN_CONTROLS", "posted", { O(PIN_CONTROLS, 1 << 7) } },
	{ REAL, "VPID", "must not be 0", { T(VPID, 0) } },
	{ REAL, "EPTP", "memory type", { T(EPTP, 0x200019) } },
	{ REAL, "EPTP", "four levels", { T(EPTP, 0x200016) } },
	{ REAL, "EPTP", "four levels", { T(EPTP, 0x20001e), L(NO_WALK4) } },
	{ REAL, "EPTP", "accessed and dirty", { O(EPTP, 0x40), L(NO_EPT_AD) } },
	{ REAL, "EPTP", "11:7", { O(EPTP, 0x800) } },
	{ REAL, "EPTP", "11:7", { O(EPTP, HIGH) } },
	{ REAL, "PROC2_CONTROLS", "unrestricted", { N(PROC2_CONTROLS, 2) } },
	{ REAL, "PML_HPA", "PML", { O(PROC2_CONTROLS, 1 << 17), T(PML_HPA, 0x800) } },
	{ REAL, "EXIT_CONTROLS", "capability", { O(EXIT_CONTROLS, 1ULL << 31) } },
	{ REAL, "EXIT_CONTROLS", "preemption timer", { O(EXIT_CONTROLS, 1 << 22) } },
	{ REAL, "EXIT_MSR_STORE_HPA", "16-byte", { T(EXIT_MSR_STORE_COUNT, 1), T(EXIT_MSR_STORE_HPA, 8) } },
	{ REAL, "EXIT_MSR_LOAD_HPA", "16-byte", { T(EXIT_MSR_LOAD_COUNT, 2), T(EXIT_MSR_LOAD_HPA, HIGH - 16) } },
	{ REAL, "ENTRY_MSR_LOAD_HPA", "16-byte", { T(ENTRY_MSR_LOAD_COUNT, 1), T(ENTRY_MSR_LOAD_HPA, 4) } },
	{ REAL, "ENTRY_CONTROLS", "capability", { O(ENTRY_CONTROLS, 1ULL << 30) } },
	{ REAL, "ENTRY_CONTROLS", "SMM", { O(ENTRY_CONTROLS, 1 << 10) } },
	{ LONG, "ENTRY_INTR_INFO", "type 1", { T(ENTRY_INTR_INFO, 0x80000120) } },
	{ LONG, "ENTRY_INTR_INFO", "monitor trap", { T(ENTRY_INTR_INFO, 0x80000700), L(NO_MTF) } },
	{ LONG, "ENTRY_INTR_INFO", "vector", { T(ENTRY_INTR_INFO, 0x80000203) } },
	{ LONG, "ENTRY_INTR_INFO", "vector", { T(ENTRY_INTR_INFO, 0x80000320) } },
	{ LONG, "ENTRY_INTR_INFO", "vector", { T(ENTRY_INTR_INFO, 0x80000701) } },
	{ LONG, "ENTRY_INTR_INFO", "deliver-error-code", { T(ENTRY_INTR_INFO, 0x8000030d) } },
	{ LONG, "ENTRY_INTR_INFO", "deliver-error-code", { T(ENTRY_INTR_INFO, 0x80000b06) } },
	{ LONG, "ENTRY_INTR_INFO", "deliver-error-code", { T(ENTRY_INTR_INFO, 0x80000b15) } },
	{ LONG, "ENTRY_INTR_INFO", "deliver-error-code", { T(ENTRY_INTR_INFO, 0x80000830), L(ERROR_CODE_ANY) } },
	{ REAL, "ENTRY_INTR_INFO", "deliver-error-code", { T(ENTRY_INTR_INFO, 0x80000b0d), L(ERROR_CODE_ANY) } },
	{ LONG, "ENTRY_INTR_INFO", "30:12", { T(ENTRY_INTR_INFO, 0x80001306) } },
	{ LONG, "ENTRY_INTR_ERROR", "31:16", { T(ENTRY_INTR_INFO, 0x80000b0d), T(ENTRY_INTR_ERROR, 0x10000) } },
	{ LONG, "ENTRY_INST_LENGTH", "1 to 15", { T(ENTRY_INTR_INFO, 0x80000480), T(ENTRY_INST_LENGTH, 16) } },
	{ LONG, "ENTRY_INST_LENGTH", "1 to 15", { T(ENTRY_INTR_INFO, 0x80000603), L(NO_ACTIVITY) } },

	/* host state */
	{ REAL, "HOST_CR0", "fixed", { N(HOST_CR0, 0x20) } },
	{ REAL, "HOST_CR0", "fixed", { O(HOST_CR0, 1ULL << 32) } },
	{ REAL, "HOST_CR4", "fixed", { N(HOST_CR4, 0x2000) } },
	{ REAL, "HOST_CR4", "CET", { O(HOST_CR4, 1 << 23), N(HOST_CR0, 1 << 16) } },
	{ REAL, "HOST_CR3", "width", { O(HOST_CR3, HIGH) } },
	{ REAL, "HOST_SYSENTER_ESP", "canonical", { T(HOST_SYSENTER_ESP, BAD) } },
	{ REAL, "HOST_SYSENTER_EIP", "canonical", { T(HOST_SYSENTER_EIP, BAD) } },
	{ REAL, "HOST_PAT", "memory type", { T(HOST_PAT, 2) } },
	{ REAL, "HOST_EFER", "reserved", { O(HOST_EFER, 2) } },
	{ REAL, "HOST_EFER", "LMA", { N(HOST_EFER, 0x400) } },
	{ REAL, "HOST_EFER", "LMA", { N(HOST_EFER, 0x100) } },
	{ REAL, "HOST_ES_SELECTOR", "RPL", { T(HOST_ES_SELECTOR, 3) } },
	{ REAL, "HOST_CS_SELECTOR", "RPL", { T(HOST_CS_SELECTOR, 4) } },
	{ REAL, "HOST_SS_SELECTOR", "RPL", { T(HOST_SS_SELECTOR, 1) } },
	{ REAL, "HOST_DS_SELECTOR", "RPL", { T(HOST_DS_SELECTOR, 0x2b) } },
	{ REAL, "HOST_FS_SELECTOR", "RPL", { T(HOST_FS_SELECTOR, 3) } },
	{ REAL, "HOST_GS_SELECTOR", "RPL", { T(HOST_GS_SELECTOR, 3) } },
	{ REAL, "HOST_TR_SELECTOR", "RPL", { T(HOST_TR_SELECTOR, 3) } },
	{ REAL, "HOST_CS_SELECTOR", "not be 0", { T(HOST_CS_SELECTOR, 0) } },
	{ REAL, "HOST_TR_SELECTOR", "not be 0", { T(HOST_TR_SELECTOR, 0) } },
	{ REAL, "HOST_FS_BASE", "canonical", { T(HOST_FS_BASE, BAD) } },
	{ REAL, "HOST_GS_BASE", "canonical", { T(HOST_GS_BASE, BAD) } },
	{ REAL, "HOST_GDTR_BASE", "canonical", { T(HOST_GDTR_BASE, BAD) } },
	{ REAL, "HOST_IDTR_BASE", "canonical", { T(HOST_IDTR_BASE, BAD) } },
	{ REAL, "HOST_TR_BASE", "canonical", { T(HOST_TR_BASE, BAD) } },
	{ REAL, "EXIT_CONTROLS", "address-space", { N(EXIT_CONTROLS, 1 << 9) } },
	{ REAL, "HOST_CR4", "PAE", { N(HOST_CR4, 0x20) } },
	{ REAL, "HOST_RIP", "canonical", { T(HOST_RIP, BAD) } },

	/* guest control registers and MSRs */
	{ REAL, "GUEST_CR0", "fixed", { N(GUEST_CR0, 0x20) } },
	{ PROT, "GUEST_CR0", "fixed", { RESTRICTED } },
	{ REAL, "GUEST_CR0", "fixed", { O(GUEST_CR0, 1ULL << 40) } },
	{ REAL, "GUEST_CR0", "PG needs PE", { O(GUEST_CR0, 0x80000000) } },
	{ REAL, "GUEST_CR4", "fixed", { N(GUEST_CR4, 0x2000) } },
	{ REAL, "GUEST_CR4", "fixed", { O(GUEST_CR4, 1 << 12) } },
	{ REAL, "GUEST_CR4", "CET", { O(GUEST_CR4, 1 << 23) } },
	{ REAL, "GUEST_DEBUGCTL", "reserved", { T(GUEST_DEBUGCTL, 8) } },
	{ LONG, "GUEST_CR0", "needs PG", { N(GUEST_CR0, 0x80000000) } },
	{ LONG, "GUEST_CR4", "needs PAE", { N(GUEST_CR4, 0x20) } },
	{ PROT, "GUEST_CR4", "PCIDE", { O(GUEST_CR4, 1 << 17) } },
	{ LONG, "GUEST_CR3", "width", { O(GUEST_CR3, HIGH) } },
	{ REAL, "GUEST_DR7", "63:32", { T(GUEST_DR7, 1ULL << 32) } },
	{ REAL, "GUEST_SYSENTER_ESP", "canonical", { T(GUEST_SYSENTER_ESP, BAD) } },
	{ REAL, "GUEST_SYSENTER_EIP", "canonical", { T(GUEST_SYSENTER_EIP, BAD) } },
	{ REAL, "GUEST_PAT", "memory type", { T(GUEST_PAT, 8ULL << 56) } },
	{ REAL, "GUEST_EFER", "reserved", { T(GUEST_EFER, 2) } },
	{ LONG, "GUEST_EFER", "IA-32e", { N(GUEST_EFER, 0x400) } },
	{ PROT, "GUEST_EFER", "IA-32e", { O(GUEST_EFER, 0x500) } },
	{ PAE, "GUEST_EFER", "LME", { O(GUEST_EFER, 0x100) } },
	{ LONG, "GUEST_EFER", "LME", { N(GUEST_EFER, 0x100) } },

	/* guest segments */
	{ PROT, "GUEST_TR_SELECTOR", "TI", { O(GUEST_TR_SELECTOR, 4) } },
	{ REAL, "GUEST_LDTR_SELECTOR", "TI", { O(GUEST_LDTR_SELECTOR, 4) } },
	{ PAE, "GUEST_SS_SELECTOR", "RPL must be that of CS", { RESTRICTED, O(GUEST_SS_SELECTOR, 3) } },
	{ V86, "GUEST_CS_BASE", "16 times", { T(GUEST_CS_BASE, 0) } },
	{ V86, "GUEST_SS_BASE", "16 times", { T(GUEST_SS_BASE, 0) } },
	{ V86, "GUEST_DS_BASE", "16 times", { T(GUEST_DS_BASE, 0) } },
	{ V86, "GUEST_ES_BASE", "16 times", { T(GUEST_ES_BASE, 0) } },
	{ V86, "GUEST_FS_BASE", "16 times", { T(GUEST_FS_BASE, 0) } },
	{ V86, "GUEST_GS_BASE", "16 times", { T(GUEST_GS_BASE, 0) } },
	{ LONG, "GUEST_TR_BASE", "canonical", { T(GUEST_TR_BASE, BAD) } },
	{ LONG, "GUEST_FS_BASE", "canonical", { T(GUEST_FS_BASE, BAD) } },
	{ LONG, "GUEST_GS_BASE", "canonical", { T(GUEST_GS_BASE, BAD) } },
	{ REAL, "GUEST_LDTR_BASE", "canonical", { T(GUEST_LDTR_BASE, BAD) } },
	{ LONG, "GUEST_CS_BASE", "63:32", { T(GUEST_CS_BASE, 1ULL << 32) } },
	{ LONG, "GUEST_SS_BASE", "63:32", { T(GUEST_SS_BASE, 1ULL << 32) } },
	{ PROT, "GUEST_DS_BASE", "63:32", { T(GUEST_DS_BASE, 1ULL << 32) } },
	{ LONG, "GUEST_ES_BASE", "63:32", { T(GUEST_ES_BASE, 1ULL << 32) } },
	{ V86, "GUEST_CS_LIMIT", "0xffff", { T(GUEST_CS_LIMIT, 0xfffff) } },
	{ V86, "GUEST_SS_LIMIT", "0xffff", { T(GUEST_SS_LIMIT, 0xfffff) } },
	{ V86, "GUEST_DS_LIMIT", "0xffff", { T(GUEST_DS_LIMIT, 0xfffff) } },
	{ V86, "GUEST_ES_LIMIT", "0xffff", { T(GUEST_ES_LIMIT, 0xfffff) } },
	{ V86, "GUEST_FS_LIMIT", "0xffff", { T(GUEST_FS_LIMIT, 0xfffff) } },
	{ V86, "GUEST_GS_LIMIT", "0xffff", { T(GUEST_GS_LIMIT, 0xfffff) } },
	{ V86, "GUEST_CS_ACCESS", "0xf3", { T(GUEST_CS_ACCESS, 0x9b) } },
	{ V86, "GUEST_SS_ACCESS", "0xf3", { T(GUEST_SS_ACCESS, 0x93) } },
	{ V86, "GUEST_DS_ACCESS", "0xf3", { T(GUEST_DS_ACCESS, 0x93) } },
	{ V86, "GUEST_ES_ACCESS", "0xf3", { T(GUEST_ES_ACCESS, 0x93) } },
	{ V86, "GUEST_FS_ACCESS", "0xf3", { T(GUEST_FS_ACCESS, 0x93) } },
	{ V86, "GUEST_GS_ACCESS", "0xf3", { T(GUEST_GS_ACCESS, 0x93) } },
	{ PROT, "GUEST_CS_ACCESS", "type", { T(GUEST_CS_ACCESS, 0xc09a) } },
	{ PAE, "GUEST_CS_ACCESS", "type", { RESTRICTED, T(GUEST_CS_ACCESS, 0xc093) } },
	{ PROT, "GUEST_SS_ACCESS", "3 or 7", { T(GUEST_SS_ACCESS, 0xc091) } },
	{ PROT, "GUEST_DS_ACCESS", "accessed", { T(GUEST_DS_ACCESS, 0xc092) } },
	{ PROT, "GUEST_ES_ACCESS", "accessed", { T(GUEST_ES_ACCESS, 0xc099) } },
	{ PROT, "GUEST_FS_ACCESS", "accessed", { T(GUEST_FS_ACCESS, 0xc09a) } },
	{ PROT, "GUEST_GS_ACCESS", "accessed", { T(GUEST_GS_ACCESS, 0xc090) } },
	{ PROT, "GUEST_CS_ACCESS", "S must", { N(GUEST_CS_ACCESS, 0x10) } },
	{ PROT, "GUEST_SS_ACCESS", "S must", { N(GUEST_SS_ACCESS, 0x10) } },
	{ PROT, "GUEST_DS_ACCESS", "S must", { N(GUEST_DS_ACCESS, 0x10) } },
	{ PROT, "GUEST_ES_ACCESS", "S must", { N(GUEST_ES_ACCESS, 0x10) } },
	{ PROT, "GUEST_FS_ACCESS", "S must", { N(GUEST_FS_ACCESS, 0x10) } },
	{ PROT, "GUEST_GS_ACCESS", "S must", { N(GUEST_GS_ACCESS, 0x10) } },
	{ PROT, "GUEST_CS_ACCESS", "DPL does not fit", { O(GUEST_CS_ACCESS, 0x60) } },
	{ PROT, "GUEST_CS_ACCESS", "DPL does not fit", { T(GUEST_CS_ACCESS, 0xc0b3) } },
	{ PROT, "GUEST_CS_ACCESS", "DPL does not fit", { T(GUEST_CS_ACCESS, 0xc0bf) } },
	{ PAE, "GUEST_SS_ACCESS", "equal RPL", { RESTRICTED, O(GUEST_SS_SELECTOR, 1), O(GUEST_CS_SELECTOR, 1) } },
	{ REAL, "GUEST_SS_ACCESS", "DPL must be 0", { O(GUEST_SS_ACCESS, 0x60) } },
	{ REAL, "GUEST_SS_ACCESS", "DPL must be 0", { O(GUEST_SS_ACCESS, 0x60), T(GUEST_CS_ACCESS, 0xfb) } },
	{ PAE, "GUEST_DS_ACCESS", "below RPL", { RESTRICTED, O(GUEST_DS_SELECTOR, 3) } },
	{ PAE, "GUEST_ES_ACCESS", "below RPL", { RESTRICTED, O(GUEST_ES_SELECTOR, 3) } },
	{ PAE, "GUEST_FS_ACCESS", "below RPL", { RESTRICTED, O(GUEST_FS_SELECTOR, 3) } },
	{ PAE, "GUEST_GS_ACCESS", "below RPL", { RESTRICTED, O(GUEST_GS_SELECTOR, 3) } },
	{ PROT, "GUEST_CS_ACCESS", "P must", { N(GUEST_CS_ACCESS, 0x80) } },
	{ PROT, "GUEST_SS_ACCESS", "P must", { N(GUEST_SS_ACCESS, 0x80) } },
	{ PROT, "GUEST_DS_ACCESS", "P must", { N(GUEST_DS_ACCESS, 0x80) } },
	{ PROT, "GUEST_ES_ACCESS", "P must", { N(GUEST_ES_ACCESS, 0x80) } },
	{ PROT, "GUEST_FS_ACCESS", "P must", { N(GUEST_FS_ACCESS, 0x80) } },
	{ PROT, "GUEST_GS_ACCESS", "P must", { N(GUEST_GS_ACCESS, 0x80) } },
	{ PROT, "GUEST_CS_ACCESS", "11:8", { O(GUEST_CS_ACCESS, 0x100) } },
	{ PROT, "GUEST_SS_ACCESS", "11:8", { O(GUEST_SS_ACCESS, 0x800) } },
	{ PROT, "GUEST_DS_ACCESS", "11:8", { O(GUEST_DS_ACCESS, 0x20000) } },
	{ PROT, "GUEST_ES_ACCESS", "11:8", { O(GUEST_ES_ACCESS, 0x80000000) } },
	{ PROT, "GUEST_FS_ACCESS", "11:8", { O(GUEST_FS_ACCESS, 0x100) } },
	{ PROT, "GUEST_GS_ACCESS", "11:8", { O(GUEST_GS_ACCESS, 0x100) } },
	{ LONG, "GUEST_CS_ACCESS", "D must", { O(GUEST_CS_ACCESS, 0x4000) } },
	{ PROT, "GUEST_CS_ACCESS", "G does", { N(GUEST_CS_ACCESS, 0x8000) } },
	{ PROT, "GUEST_SS_ACCESS", "G does", { T(GUEST_SS_LIMIT, 0xffffe) } },
	{ PROT, "GUEST_DS_ACCESS", "G does", { N(GUEST_DS_ACCESS, 0x8000) } },
	{ PROT, "GUEST_ES_ACCESS", "G does", { N(GUEST_ES_ACCESS, 0x8000) } },
	{ PROT, "GUEST_FS_ACCESS", "G does", { N(GUEST_FS_ACCESS, 0x8000) } },
	{ PROT, "GUEST_GS_ACCESS", "G does", { N(GUEST_GS_ACCESS, 0x8000) } },
	{ LONG, "GUEST_TR_ACCESS", "type", { T(GUEST_TR_ACCESS, 0x83) } },
	{ PROT, "GUEST_TR_ACCESS", "type", { T(GUEST_TR_ACCESS, 0x89) } },
	{ PROT, "GUEST_TR_ACCESS", "S must", { O(GUEST_TR_ACCESS, 0x10) } },
	{ PROT, "GUEST_TR_ACCESS", "P must", { N(GUEST_TR_ACCESS, 0x80) } },
	{ PROT, "GUEST_TR_ACCESS", "11:8", { O(GUEST_TR_ACCESS, 0x100) } },
	{ PROT, "GUEST_TR_ACCESS", "G does", { O(GUEST_TR_ACCESS, 0x8000) } },
	{ PROT, "GUEST_TR_ACCESS", "unusable", { O(GUEST_TR_ACCESS, 0x10000) } },
	{ REAL, "GUEST_LDTR_ACCESS", "type", { T(GUEST_LDTR_ACCESS, 0x83) } },
	{ REAL, "GUEST_LDTR_ACCESS", "S must", { O(GUEST_LDTR_ACCESS, 0x10) } },
	{ REAL, "GUEST_LDTR_ACCESS", "P must", { N(GUEST_LDTR_ACCESS, 0x80) } },
	{ REAL, "GUEST_LDTR_ACCESS", "11:8", { O(GUEST_LDTR_ACCESS, 0x100) } },
	{ REAL, "GUEST_LDTR_ACCESS", "G does", { T(GUEST_LDTR_LIMIT, 0xffffffff) } },

	/* tables, RIP, RFLAGS */
	{ LONG, "GUEST_GDTR_BASE", "canonical", { T(GUEST_GDTR_BASE, BAD) } },
	{ LONG, "GUEST_IDTR_BASE", "canonical", { T(GUEST_IDTR_BASE, BAD) } },
	{ LONG, "GUEST_GDTR_LIMIT", "31:16", { T(GUEST_GDTR_LIMIT, 0x10000) } },
	{ LONG, "GUEST_IDTR_LIMIT", "31:16", { T(GUEST_IDTR_LIMIT, 0x10000) } },
	{ REAL, "GUEST_RIP", "63:32", { T(GUEST_RIP, 1ULL << 32) } },
	{ COMPAT, "GUEST_RIP", "63:32", { T(GUEST_RIP, 1ULL << 32) } },
	{ LONG, "GUEST_RIP", "canonical", { T(GUEST_RIP, BAD) } },
	{ REAL, "GUEST_RFLAGS", "reserved", { T(GUEST_RFLAGS, 0) } },
	{ REAL, "GUEST_RFLAGS", "reserved", { O(GUEST_RFLAGS, 0x8000) } },
	{ REAL, "GUEST_RFLAGS", "reserved", { O(GUEST_RFLAGS, 1ULL << 22) } },
	{ V86, "GUEST_RFLAGS", "VM needs PE", { N(GUEST_CR0, 1) } },
	{ REAL, "GUEST_RFLAGS", "IF must", { INTR } },

	/* non-register state */
	{ LONG, "GUEST_ACTIVITY", "IA32_VMX_MISC", { T(GUEST_ACTIVITY, 1), L(NO_ACTIVITY) } },
	{ LONG, "GUEST_ACTIVITY", "IA32_VMX_MISC", { T(GUEST_ACTIVITY, 4) } },
	{ COMPAT, "GUEST_ACTIVITY", "HLT needs", { T(GUEST_ACTIVITY, 1) } },
	{ LONG, "GUEST_ACTIVITY", "while STI", { T(GUEST_ACTIVITY, 1), T(GUEST_INTERRUPTIBILITY, 1) } },
	{ LONG, "GUEST_ACTIVITY", "not allowed", { T(GUEST_ACTIVITY, 1), T(ENTRY_INTR_INFO, 0x80000b0d) } },
	{ LONG, "GUEST_ACTIVITY", "not allowed", { T(GUEST_ACTIVITY, 2), INTR } },
	{ LONG, "GUEST_ACTIVITY", "not allowed", { T(GUEST_ACTIVITY, 3), INJECT_NMI } },
	{ LONG, "GUEST_INTERRUPTIBILITY", "31:5", { T(GUEST_INTERRUPTIBILITY, 0x20) } },
	{ LONG, "GUEST_INTERRUPTIBILITY", "exclude", { T(GUEST_INTERRUPTIBILITY, 3) } },
	{ REAL, "GUEST_INTERRUPTIBILITY", "RFLAGS.IF", { T(GUEST_INTERRUPTIBILITY, 1) } },
	{ LONG, "GUEST_INTERRUPTIBILITY", "injected interrupt", { T(GUEST_INTERRUPTIBILITY, 2), INTR } },
	{ LONG, "GUEST_INTERRUPTIBILITY", "injected NMI", { T(GUEST_INTERRUPTIBILITY, 2), INJECT_NMI } },
	{ LONG, "GUEST_INTERRUPTIBILITY", "SMI", { T(GUEST_INTERRUPTIBILITY, 4) } },
	{ LONG, "GUEST_INTERRUPTIBILITY", "to inject an NMI", { T(GUEST_INTERRUPTIBILITY, 8), INJECT_NMI } },
	{ LONG, "GUEST_PENDING_DEBUG", "reserved", { T(GUEST_PENDING_DEBUG, 1 << 13) } },
	{ LONG, "GUEST_PENDING_DEBUG", "single-steps", { T(GUEST_INTERRUPTIBILITY, 1), O(GUEST_RFLAGS, 0x100) } },
	{ LONG, "GUEST_PENDING_DEBUG", "single-steps", { T(GUEST_INTERRUPTIBILITY, 2), T(GUEST_PENDING_DEBUG, 1 << 14) } },
	{ LONG, "GUEST_PENDING_DEBUG", "single-steps", { T(GUEST_ACTIVITY, 1), O(GUEST_RFLAGS, 0x100) } },
	{ LONG, "GUEST_LINK_POINTER", "all ones", { T(GUEST_LINK_POINTER, 0x1001) } },
	{ PAE, "GUEST_PDPTE0", "reserved", { T(GUEST_PDPTE0, 0x2003) } },
	{ PAE, "GUEST_PDPTE1", "reserved", { T(GUEST_PDPTE1, 0x2021) } },
	{ PAE, "GUEST_PDPTE2", "reserved", { T(GUEST_PDPTE2, HIGH | 1) } },
	{ PAE, "GUEST_PDPTE3", "reserved", { T(GUEST_PDPTE3, 0x101) } },
};

static void lessen(struct vmx_msrs *m, enum less less)
{
	switch (less) {
	case NO_EPT_AD:
		m->ept_vpid &= ~VMX_EPTCAP_AD;
		break;
	case NO_MTF:
		m->true_proc &= ~((u64)VMX_PROC_MTF << 32);
		break;
	case NO_ACTIVITY:		/* nor injection with length 0 */
		m->misc = 0;
		break;
	case NO_WALK4:			/* nor APIC accesses */
		m->ept_vpid &= ~VMX_EPTCAP_WALK_4;
		m->proc2 &= ~(1ULL << 32);
		break;
	case ERROR_CODE_ANY:
		m->basic |= BIT_ULL(56);
		break;
	}
}

TEST(every_rule_once)
{
	static bool blamed[512];
	struct vmx_violation v;
	struct vmx_state s;
	struct vmx_msrs m;
	unsigned int i, j;
	char text[192];

	ASSERT_LT(vmx_check_rules(), ARRAY_SIZE(blamed));
	for (i = 0; i < ARRAY_SIZE(row); i++) {
		m = rich;
		make(&s, &m, row[i].base);
		for (j = 0; j < 4 && row[i].change[j].op; j++) {
			u64 *field = &s.v[row[i].change[j].field];
			u64 value = row[i].change[j].value;

			switch (row[i].change[j].op) {
			case '=':
				*field = value;
				break;
			case '|':
				*field |= value;
				break;
			case '&':
				*field &= value;
				break;
			default:
				lessen(&m, value);
			}
		}
		ASSERT_TRUE(vmx_check(&s, &v))
			TH_LOG("row %u: %s %s", i, row[i].field, row[i].text);
		EXPECT_STREQ(v.field, row[i].field)
			TH_LOG("row %u: %s, not %s", i, v.text, row[i].text);
		EXPECT_NE(strstr(v.text, row[i].text), NULL)
			TH_LOG("row %u: %s, not %s", i, v.text, row[i].text);
		blamed[v.rule] = true;

		/* The longest numbers still fit what userspace is given. */
		v.value = ~0ULL;
		v.other_value = ~0ULL;
		ASSERT_LT(vmx_violation_format(&v, text, sizeof(text)), 191U)
			TH_LOG("row %u: %s", i, text);
	}
	for (i = 0; i < vmx_check_rules(); i++) {
		EXPECT_TRUE(blamed[i])
			TH_LOG("no row breaks rule %u", i);
	}
}

TEST(sentence)
{
	struct vmx_violation v;
	struct vmx_state state, *s = &state;
	char text[192], small[8];

	make(s, &rich, LONG);
	SET(GUEST_EFER, 0x101);
	ASSERT_TRUE(vmx_check(s, &v));
	vmx_violation_format(&v, text, sizeof(text));
	EXPECT_STREQ(text, "GUEST_EFER is 0x101: LMA must equal the IA-32e mode guest control (bit 9); ENTRY_CONTROLS is 0xd3ff");

	EXPECT_EQ(vmx_violation_format(&v, small, sizeof(small)), 7U);
	EXPECT_STREQ(small, "GUEST_E");
	EXPECT_EQ(vmx_violation_format(&v, small, 1), 0U);
	EXPECT_STREQ(small, "");
	small[0] = 'x';
	EXPECT_EQ(vmx_violation_format(&v, small, 0), 0U);
	EXPECT_EQ(small[0], 'x');

	v = (struct vmx_violation) { .field = "F", .text = "t" };
	vmx_violation_format(&v, text, sizeof(text));
	EXPECT_STREQ(text, "F is 0x0: t");
}

/* The table of fields: each encoding once, width as SDM says by bits 14:13. */
TEST(fields)
{
	unsigned int i, j;

	for (i = 0; i < VMXF_COUNT; i++) {
		EXPECT_NE(vmx_check_field[i].name, NULL);
		EXPECT_EQ(vmx_check_field[i].encoding & 0xffff8001, 0U);
		for (j = 0; j < i; j++)
			EXPECT_NE(vmx_check_field[i].encoding,
				  vmx_check_field[j].encoding);
	}
	EXPECT_EQ(vmx_check_field[VMXF_GUEST_CS_ACCESS].encoding, 0x4816U);
	EXPECT_EQ(vmx_check_field[VMXF_GUEST_RIP].encoding, 0x681eU);
}

TEST_HARNESS_MAIN
