// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * VMX capabilities: wanted controls against what the processor allows.
 *
 * A table per control word says, bit by bit, on or off, required or tied to a
 * VMM_CAP_*. What the tables leave out takes its default setting. SDM: appendix
 * "VMX Capability Reporting Facility": bits 31:0 of a capability MSR are the
 * allowed 0-settings (a 1 means: cannot be 0), bits 63:32 the allowed
 * 1-settings (a 0 means: cannot be 1).
 */
#include <uapi/vmm.h>
#include "vmcs_fields.h"
#include "vmx_caps.h"

#define GEN_WESTMERE	"needs an Intel processor of the Westmere generation (2010) or later"
#define GEN_NEHALEM	"needs an Intel processor of the Nehalem generation (2008) or later"
#define GEN_ANY		"every processor with VT-x has it: inside a virtual machine, the outer hypervisor must offer it"

#define FEATURE_LOCKED		BIT_ULL(0)
#define FEATURE_VMX_OUTSIDE_SMX	BIT_ULL(2)
#define CPUID_1_ECX_VMX		BIT(5)
#define CPUID_1_ECX_XSAVE	BIT(26)
#define CPUID_7_EBX_INVPCID	BIT(10)
#define CPUID_EXT_EDX_RDTSCP	BIT(27)
#define CR0_PE			BIT_ULL(0)
#define CR0_PG			BIT_ULL(31)

/* In a VMCS from the start? */
enum use {
	ON,		/* required to be 1 */
	OFF,		/* required to be 0 */
	ON_IF_CAP,	/* 1 where @cap is there and not switched off */
	ON_DEMAND,	/* 0; gives @cap to whoever turns it on */
};

struct control {
	u32 bit;
	enum use use;
	u64 cap;
	const char *name;
	const char *remedy;	/* of what is required */
};

static const struct control pin_controls[] = {
	{ VMX_PIN_EXT_INTR, ON, 0, "external-interrupt exiting", GEN_ANY },
	{ VMX_PIN_NMI, ON, 0, "NMI exiting", GEN_ANY },
	{ VMX_PIN_VIRTUAL_NMI, ON, 0, "virtual NMIs", GEN_NEHALEM },
	{ VMX_PIN_POSTED_INTR, OFF, 0, "process posted interrupts = 0", GEN_ANY },
	{ VMX_PIN_PREEMPT_TIMER, ON_IF_CAP, VMM_CAP_PREEMPT_TIMER, "activate VMX-preemption timer", NULL },
};

static const struct control proc_controls[] = {
	{ VMX_PROC_INTR_WINDOW, ON_DEMAND, 0, "interrupt-window exiting", GEN_ANY },
	{ VMX_PROC_NMI_WINDOW, ON_DEMAND, 0, "NMI-window exiting", GEN_NEHALEM },
	{ VMX_PROC_TSC_OFFSET, ON, 0, "use TSC offsetting", GEN_ANY },
	{ VMX_PROC_HLT, ON, 0, "HLT exiting", GEN_ANY },
	{ VMX_PROC_INVLPG, OFF, 0, "INVLPG exiting = 0", GEN_NEHALEM },
	{ VMX_PROC_MWAIT, ON, 0, "MWAIT exiting", GEN_ANY },
	{ VMX_PROC_RDPMC, ON, 0, "RDPMC exiting", GEN_ANY },
	{ VMX_PROC_RDTSC, OFF, 0, "RDTSC exiting = 0", GEN_ANY },
	{ VMX_PROC_CR3_LOAD, OFF, 0, "CR3-load exiting = 0", GEN_NEHALEM },
	{ VMX_PROC_CR3_STORE, OFF, 0, "CR3-store exiting = 0", GEN_NEHALEM },
	{ VMX_PROC_CR8_LOAD, ON, 0, "CR8-load exiting", GEN_ANY },
	{ VMX_PROC_CR8_STORE, ON, 0, "CR8-store exiting", GEN_ANY },
	{ VMX_PROC_TPR_SHADOW, ON_DEMAND, VMM_CAP_TPR_SHADOW, "use TPR shadow", NULL },
	{ VMX_PROC_MOV_DR, OFF, 0, "MOV-DR exiting = 0", GEN_ANY },
	{ VMX_PROC_IO_ALL, ON, 0, "unconditional I/O exiting", GEN_ANY },
	{ VMX_PROC_IO_BITMAPS, OFF, 0, "use I/O bitmaps = 0", GEN_ANY },
	{ VMX_PROC_MTF, ON_DEMAND, VMM_CAP_MTF, "monitor trap flag", NULL },
	{ VMX_PROC_MSR_BITMAPS, ON, 0, "use MSR bitmaps", GEN_NEHALEM },
	{ VMX_PROC_MONITOR, ON, 0, "MONITOR exiting", GEN_ANY },
	{ VMX_PROC_PAUSE, OFF, 0, "PAUSE exiting = 0", GEN_ANY },
	{ VMX_PROC_SECONDARY, ON, 0, "activate secondary controls", GEN_NEHALEM },
};

static const struct control proc2_controls[] = {
	{ VMX_PROC2_EPT, ON, 0, "enable EPT", GEN_NEHALEM },
	{ VMX_PROC2_UNRESTRICTED, ON, 0, "unrestricted guest", GEN_WESTMERE },
	{ VMX_PROC2_RDTSCP, ON_IF_CAP, VMM_CAP_RDTSCP, "enable RDTSCP", NULL },
	{ VMX_PROC2_VPID, ON_IF_CAP, VMM_CAP_VPID, "enable VPID", NULL },
	{ VMX_PROC2_WBINVD, ON, 0, "WBINVD exiting", GEN_NEHALEM },
	{ VMX_PROC2_APIC_ACCESS, ON_DEMAND, VMM_CAP_APIC_REG_VIRT, "virtualize APIC accesses", NULL },
	{ VMX_PROC2_APIC_REG_VIRT, ON_DEMAND, VMM_CAP_APIC_REG_VIRT, "APIC-register virtualization", NULL },
	{ VMX_PROC2_VID, ON_DEMAND, VMM_CAP_VID, "virtual-interrupt delivery", NULL },
	{ VMX_PROC2_PAUSE_LOOP, ON_IF_CAP, VMM_CAP_PAUSE_LOOP, "PAUSE-loop exiting", NULL },
	{ VMX_PROC2_INVPCID, ON_IF_CAP, VMM_CAP_INVPCID, "enable INVPCID", NULL },
	{ VMX_PROC2_PML, ON_DEMAND, VMM_CAP_PML, "enable PML", NULL },
	{ VMX_PROC2_XSAVES, OFF, 0, "enable XSAVES/XRSTORS = 0", GEN_ANY },
	{ VMX_PROC2_TSC_SCALING, ON_DEMAND, VMM_CAP_TSC_SCALING, "use TSC scaling", NULL },
};

static const struct control exit_controls[] = {
	{ VMX_EXIT_SAVE_DEBUG, ON, 0, "save debug controls", GEN_ANY },
	{ VMX_EXIT_HOST_64, ON, 0, "host address-space size", GEN_ANY },
	{ VMX_EXIT_LOAD_PERF_GLOBAL, OFF, 0, "load IA32_PERF_GLOBAL_CTRL on exit = 0", GEN_ANY },
	{ VMX_EXIT_ACK_INTR, OFF, 0, "acknowledge interrupt on exit = 0", GEN_ANY },
	{ VMX_EXIT_SAVE_PAT, ON, 0, "save IA32_PAT", GEN_NEHALEM },
	{ VMX_EXIT_LOAD_PAT, ON, 0, "load IA32_PAT on exit", GEN_NEHALEM },
	{ VMX_EXIT_SAVE_EFER, ON, 0, "save IA32_EFER", GEN_NEHALEM },
	{ VMX_EXIT_LOAD_EFER, ON, 0, "load IA32_EFER on exit", GEN_NEHALEM },
	{ VMX_EXIT_SAVE_PREEMPT_TIMER, OFF, 0, "save VMX-preemption timer value = 0", GEN_ANY },
};

static const struct control entry_controls[] = {
	{ VMX_ENTRY_LOAD_DEBUG, ON, 0, "load debug controls", GEN_ANY },
	{ VMX_ENTRY_IA32E_GUEST, ON_DEMAND, 0, "IA-32e mode guest", GEN_ANY },
	{ VMX_ENTRY_SMM, OFF, 0, "entry to SMM = 0", GEN_ANY },
	{ VMX_ENTRY_DEACT_DUAL_MONITOR, OFF, 0, "deactivate dual-monitor treatment = 0", GEN_ANY },
	{ VMX_ENTRY_LOAD_PERF_GLOBAL, OFF, 0, "load IA32_PERF_GLOBAL_CTRL on entry = 0", GEN_ANY },
	{ VMX_ENTRY_LOAD_PAT, ON, 0, "load IA32_PAT on entry", GEN_NEHALEM },
	{ VMX_ENTRY_LOAD_EFER, ON, 0, "load IA32_EFER on entry", GEN_NEHALEM },
};

/* EPT and VPID: what must be there, and what gives a capability. */
struct eptcap {
	u64 bits;
	u64 cap;		/* 0: required */
	const char *name;
	const char *remedy;
};

static const struct eptcap ept_features[] = {
	{ VMX_EPTCAP_WALK_4, 0, "EPT page-walk length 4", GEN_NEHALEM },
	{ VMX_EPTCAP_WB, 0, "EPT paging structures in write-back memory", GEN_NEHALEM },
	{ VMX_EPTCAP_INVEPT, 0, "INVEPT instruction", GEN_NEHALEM },
	{ VMX_EPTCAP_INVEPT_SINGLE, 0, "single-context INVEPT", GEN_NEHALEM },
	{ VMX_EPTCAP_INVEPT_ALL, 0, "all-context INVEPT", GEN_NEHALEM },
	{ VMX_EPTCAP_AD, VMM_CAP_EPT_AD, "EPT accessed and dirty flags", NULL },
	{ VMX_EPTCAP_2M, VMM_CAP_EPT_2M, "2-MByte EPT pages", NULL },
	{ VMX_EPTCAP_2M | VMX_EPTCAP_1G, VMM_CAP_EPT_1G, "1-GByte EPT pages", NULL },
	{ VMX_EPTCAP_EXEC_ONLY, VMM_CAP_EPT_EXEC_ONLY, "execute-only EPT translations", NULL },
};

#define VPID_NEEDS (VMX_EPTCAP_INVVPID | VMX_EPTCAP_INVVPID_SINGLE | \
		    VMX_EPTCAP_INVVPID_ALL)

static void miss(struct vmx_refusal *why, const char *what, const char *remedy)
{
	if (why->count < VMX_MISSING_MAX)
		why->item[why->count] = (struct vmx_missing) { what, remedy };
	why->count++;
}

static bool can_be_1(u64 msr, u32 bit)
{
	return msr >> 32 & bit;
}

static bool can_be_0(u64 msr, u32 bit)
{
	return !((u32)msr & bit);
}

/*
 * One control word. @msr decides what is allowed; @plain, which differs from it
 * only if the processor has TRUE capability MSRs, has the default settings.
 */
static u32 settle(const struct control *table, unsigned int n, u64 msr,
		  u64 plain, u64 *caps, struct vmx_refusal *why)
{
	u32 word = (u32)plain & (u32)(msr >> 32);
	unsigned int i;

	for (i = 0; i < n; i++) {
		const struct control *c = &table[i];
		bool on = can_be_1(msr, c->bit), off = can_be_0(msr, c->bit);

		switch (c->use) {
		case ON:
			if (!on)
				miss(why, c->name, c->remedy);
			word |= c->bit;
			break;
		case OFF:
			if (!off)
				miss(why, c->name, c->remedy);
			word &= ~c->bit;
			break;
		case ON_IF_CAP:
			/* Without the capability the guest must not have it. */
			if (!on)
				*caps &= ~c->cap;
			if (on && (*caps & c->cap))
				word |= c->bit;
			else
				word &= ~c->bit;
			break;
		case ON_DEMAND:
			if (!on || !off) {
				if (!c->cap)
					miss(why, c->name, c->remedy);
				*caps &= ~c->cap;
			}
			word &= ~c->bit;
			break;
		}
	}
	return word;
}

static u64 allowed(const struct vmx_msrs *m, u64 plain, u64 true_msr)
{
	return vmx_msrs_has_true(m->basic) ? true_msr : plain;
}

static void check_firmware(const struct vmx_msrs *m, struct vmx_refusal *why)
{
	if (!(m->cpuid_1_ecx & CPUID_1_ECX_VMX))
		miss(why, "VMX (CPUID.1:ECX bit 5)",
		     "turn on VT-x in the firmware setup; inside a virtual machine, turn on nested virtualisation outside");
	else if (!(m->feature_control & FEATURE_LOCKED))
		miss(why, "IA32_FEATURE_CONTROL locked",
		     "the firmware left the register open and the kernel did not lock it: use a kernel with CONFIG_IA32_FEAT_CTL or update the firmware");
	else if (!(m->feature_control & FEATURE_VMX_OUTSIDE_SMX))
		miss(why, "VMX outside SMX operation in IA32_FEATURE_CONTROL",
		     "the firmware has locked VT-x off: turn it on in the firmware setup, then switch the machine off and on");
}

/* What CPUID and parameters leave of the capabilities. */
static u64 possible_caps(const struct vmx_msrs *m, u64 disable)
{
	u64 caps = VMM_CAP_VPID | VMM_CAP_MTF | VMM_CAP_TPR_SHADOW |
		   VMM_CAP_APIC_REG_VIRT | VMM_CAP_VID | VMM_CAP_PML |
		   VMM_CAP_TSC_SCALING | VMM_CAP_PAUSE_LOOP |
		   VMM_CAP_PREEMPT_TIMER;

	if (m->cpuid_1_ecx & CPUID_1_ECX_XSAVE)
		caps |= VMM_CAP_XSAVE;
	if (m->cpuid_7_ebx & CPUID_7_EBX_INVPCID)
		caps |= VMM_CAP_INVPCID;
	if (m->cpuid_80000001_edx & CPUID_EXT_EDX_RDTSCP)
		caps |= VMM_CAP_RDTSCP;
	if ((m->ept_vpid & VPID_NEEDS) != VPID_NEEDS)
		caps &= ~VMM_CAP_VPID;
	return caps & ~disable;
}

static u64 ept_caps(u64 ept_vpid, u64 disable, struct vmx_refusal *why)
{
	u64 caps = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ept_features); i++) {
		const struct eptcap *e = &ept_features[i];

		if ((ept_vpid & e->bits) == e->bits)
			caps |= e->cap;
		else if (!e->cap)
			miss(why, e->name, e->remedy);
	}
	caps &= ~disable;
	if (!(caps & VMM_CAP_EPT_2M))
		caps &= ~VMM_CAP_EPT_1G;
	return caps;
}

/* A capability whose controls need another one's. */
static u64 drop_dependent(u64 caps)
{
	if (!(caps & VMM_CAP_TPR_SHADOW))
		caps &= ~(VMM_CAP_APIC_REG_VIRT | VMM_CAP_VID);
	if (!(caps & VMM_CAP_EPT_AD))
		caps &= ~VMM_CAP_PML;
	return caps;
}

#define SETTLE(table, msr, plain) \
	settle(table, ARRAY_SIZE(table), msr, plain, &c->caps, why)

bool vmx_caps_compute(const struct vmx_msrs *msrs, u64 disable,
		      struct vmx_caps *caps, struct vmx_refusal *why)
{
	const struct vmx_msrs *m = msrs;
	struct vmx_caps *c = caps;
	u64 basic = m->basic;

	memset(c, 0, sizeof(*c));
	memset(why, 0, sizeof(*why));
	check_firmware(m, why);
	if (!(m->cpuid_1_ecx & CPUID_1_ECX_VMX))
		return false;		/* no VMX MSR means anything */

	if ((basic >> 50 & 15) != 6)
		miss(why, "VMCS in write-back memory", GEN_ANY);
	if (!(basic >> 32 & 0x1fff) || (basic >> 32 & 0x1fff) > 4096)
		miss(why, "VMCS region of at most 4096 bytes", GEN_ANY);
	if (basic & BIT_ULL(48))
		miss(why, "64-bit VMX addresses", GEN_ANY);

	c->caps = possible_caps(m, disable);
	c->pin = SETTLE(pin_controls, allowed(m, m->pin, m->true_pin), m->pin);
	c->proc = SETTLE(proc_controls, allowed(m, m->proc, m->true_proc),
			 m->proc);
	c->exit = SETTLE(exit_controls, allowed(m, m->exit, m->true_exit),
			 m->exit);
	c->entry = SETTLE(entry_controls, allowed(m, m->entry, m->true_entry),
			  m->entry);
	if (vmx_msrs_has_proc2(m->proc))
		c->proc2 = SETTLE(proc2_controls, m->proc2, m->proc2);
	if (c->proc2 & VMX_PROC2_EPT && can_be_1(m->proc2, VMX_PROC2_EPT))
		c->caps |= ept_caps(m->ept_vpid, disable, why);
	c->caps = drop_dependent(c->caps);
	c->caps |= VMM_CAP_EPT | VMM_CAP_UNRESTRICTED;

	c->revision = basic & 0x7fffffff;
	c->ins_outs_info = basic & BIT_ULL(54);
	c->error_code_any = basic & BIT_ULL(56);
	c->preempt_timer_shift = m->misc & 31;
	c->activity_hlt = m->misc & BIT_ULL(6);
	c->activity_wait_sipi = m->misc & BIT_ULL(8);
	c->zero_length_inject = m->misc & BIT_ULL(30);
	c->invvpid_address = m->ept_vpid & VMX_EPTCAP_INVVPID_ADDRESS;
	c->cr0_ones = m->cr0_fixed0 & ~(CR0_PE | CR0_PG);
	c->cr0_zeros = ~m->cr0_fixed1;
	c->cr4_ones = m->cr4_fixed0;
	c->cr4_zeros = ~m->cr4_fixed1;
	return !why->count;
}

/* Every bit of @word must be allowed; names come from the tables. */
static void fit_word(u32 word, u64 msr, const struct control *table,
		     unsigned int n, const char *word_name,
		     struct vmx_refusal *why)
{
	static const char remedy[] =
		"the processors of this machine differ: give all the same microcode and firmware settings";
	u32 bad = (word & ~(u32)(msr >> 32)) | (~word & (u32)msr);
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (!(bad & table[i].bit))
			continue;
		miss(why, table[i].name, remedy);
		bad &= ~table[i].bit;
	}
	if (bad)
		miss(why, word_name, remedy);
}

#define FIT(table, word, msr, name) \
	fit_word(word, msr, table, ARRAY_SIZE(table), name, why)

bool vmx_caps_fit(const struct vmx_caps *caps, const struct vmx_msrs *msrs,
		  struct vmx_refusal *why)
{
	static const char same[] = "all processors must be of one model and stepping";
	const struct vmx_msrs *m = msrs;
	struct vmx_caps own;
	u64 lack;

	/* On its own it must pass, with all that the first one offers. */
	if (!vmx_caps_compute(m, 0, &own, why))
		return false;
	lack = caps->caps & ~own.caps;
	if (lack)
		miss(why, "optional features of the first processor", same);
	if ((u32)(m->basic & 0x7fffffff) != caps->revision)
		miss(why, "the same VMCS revision identifier", same);
	FIT(pin_controls, caps->pin, allowed(m, m->pin, m->true_pin),
	    "pin-based controls");
	FIT(proc_controls, caps->proc, allowed(m, m->proc, m->true_proc),
	    "primary processor-based controls");
	FIT(proc2_controls, caps->proc2, m->proc2,
	    "secondary processor-based controls");
	FIT(exit_controls, caps->exit, allowed(m, m->exit, m->true_exit),
	    "VM-exit controls");
	FIT(entry_controls, caps->entry, allowed(m, m->entry, m->true_entry),
	    "VM-entry controls");
	if (own.cr0_ones != caps->cr0_ones || own.cr0_zeros != caps->cr0_zeros)
		miss(why, "the same fixed bits in CR0", same);
	/* Another CR4 bit more is harmless, one less is not. */
	if (own.cr4_ones != caps->cr4_ones ||
	    (own.cr4_zeros & ~caps->cr4_zeros))
		miss(why, "the same fixed bits in CR4", same);
	return !why->count;
}
