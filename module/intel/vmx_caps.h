/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * VMX capabilities: from what the processor reports to the control words we
 * run with, or to the list of what is missing.
 *
 * Pure arithmetic on MSR values that the caller has read; no state. SDM:
 * appendix "VMX Capability Reporting Facility", "Reserved Controls and Default
 * Settings". Bits that we have no opinion on take their default setting, which
 * is 1 for the bits of the default1 class: a control unknown today keeps
 * meaning what it means for software that does not know it.
 */
#ifndef VMM_INTEL_VMX_CAPS_H
#define VMM_INTEL_VMX_CAPS_H

#include "env.h"

/*
 * What one processor reports. Leave a field 0 when its MSR does not exist;
 * vmx_msrs_has_*() say so from the MSRs read before it.
 */
struct vmx_msrs {
	u64 feature_control;	/* IA32_FEATURE_CONTROL	0x03a */
	u64 basic;		/* IA32_VMX_BASIC	0x480 */
	u64 pin;		/* ..._PINBASED_CTLS	0x481 */
	u64 proc;		/* ..._PROCBASED_CTLS	0x482 */
	u64 exit;		/* ..._EXIT_CTLS	0x483 */
	u64 entry;		/* ..._ENTRY_CTLS	0x484 */
	u64 misc;		/* ..._MISC		0x485 */
	u64 cr0_fixed0;		/* ..._CR0_FIXED0	0x486 */
	u64 cr0_fixed1;
	u64 cr4_fixed0;
	u64 cr4_fixed1;
	u64 proc2;		/* ..._PROCBASED_CTLS2	0x48b */
	u64 ept_vpid;		/* ..._EPT_VPID_CAP	0x48c */
	u64 true_pin;		/* ..._TRUE_*_CTLS	0x48d-0x490 */
	u64 true_proc;
	u64 true_exit;
	u64 true_entry;
	u32 cpuid_1_ecx;
	u32 cpuid_7_ebx;	/* subleaf 0 */
	u32 cpuid_80000001_edx;
};

static inline bool vmx_msrs_has_true(u64 basic)
{
	return basic & BIT_ULL(55);
}

static inline bool vmx_msrs_has_proc2(u64 proc)
{
	return proc & BIT_ULL(63);		/* secondary controls */
}

static inline bool vmx_msrs_has_ept_vpid(u64 proc2)
{
	return proc2 & (BIT_ULL(33) | BIT_ULL(37));	/* EPT, VPID */
}

/*
 * What we run with.
 *
 * The control words contain what every VMCS starts from. Controls that a
 * vCPU turns on when it uses the feature (interrupt and NMI window, MTF, TPR
 * shadow, APIC virtualisation, PML, TSC scaling, preemption timer) are clear
 * in them and may be added where @caps has the VMM_CAP_* bit; the two windows
 * always may. Adding TPR shadow goes with clearing CR8-load and CR8-store
 * exiting.
 *
 * CR0 and CR4: the real register must have all of @cr*_ones and none of
 * @cr*_zeros. PE and PG are not in @cr0_ones.
 */
struct vmx_caps {
	u32 pin;
	u32 proc;
	u32 proc2;
	u32 exit;
	u32 entry;
	u32 revision;		/* VMCS revision identifier */
	u64 caps;		/* VMM_CAP_* */
	u64 cr0_ones;
	u64 cr0_zeros;
	u64 cr4_ones;
	u64 cr4_zeros;
	u8 preempt_timer_shift;	/* it counts down at TSC >> shift */
	bool ins_outs_info;	/* exits for INS and OUTS tell segment and size */
	bool error_code_any;	/* injection may add an error code to any vector */
	bool zero_length_inject; /* software events may have length 0 */
	bool invvpid_address;	/* INVVPID for one linear address exists */
	bool activity_hlt;
	bool activity_wait_sipi;
};

/* One thing that is missing: its name in the SDM's words, and what helps. */
struct vmx_missing {
	const char *what;
	const char *remedy;
};

#define VMX_MISSING_MAX	16

/* @count may exceed what fits into @item; then only the first are kept. */
struct vmx_refusal {
	unsigned int count;
	struct vmx_missing item[VMX_MISSING_MAX];
};

/*
 * vmx_caps_compute: @disable is a mask of VMM_CAP_* that parameters switch off;
 * required ones cannot be. True if the processor has all that is required.
 * Else false, and @why names everything missing; @caps then holds nothing
 * of use.
 */
bool vmx_caps_compute(const struct vmx_msrs *msrs, u64 disable,
		      struct vmx_caps *caps, struct vmx_refusal *why);

/*
 * vmx_caps_fit: can another processor run what was chosen on the first? False
 * names in @why what it lacks.
 */
bool vmx_caps_fit(const struct vmx_caps *caps, const struct vmx_msrs *msrs,
		  struct vmx_refusal *why);

/* EPT_VPID_CAP bits, for those who need more than VMM_CAP_*. */
#define VMX_EPTCAP_EXEC_ONLY		BIT_ULL(0)
#define VMX_EPTCAP_WALK_4		BIT_ULL(6)
#define VMX_EPTCAP_UC			BIT_ULL(8)
#define VMX_EPTCAP_WB			BIT_ULL(14)
#define VMX_EPTCAP_2M			BIT_ULL(16)
#define VMX_EPTCAP_1G			BIT_ULL(17)
#define VMX_EPTCAP_INVEPT		BIT_ULL(20)
#define VMX_EPTCAP_AD			BIT_ULL(21)
#define VMX_EPTCAP_INVEPT_SINGLE	BIT_ULL(25)
#define VMX_EPTCAP_INVEPT_ALL		BIT_ULL(26)
#define VMX_EPTCAP_INVVPID		BIT_ULL(32)
#define VMX_EPTCAP_INVVPID_ADDRESS	BIT_ULL(40)
#define VMX_EPTCAP_INVVPID_SINGLE	BIT_ULL(41)
#define VMX_EPTCAP_INVVPID_ALL		BIT_ULL(42)

#endif /* VMM_INTEL_VMX_CAPS_H */
