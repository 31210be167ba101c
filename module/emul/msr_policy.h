/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What each MSR is to a guest: a table from number to action, and the checks
 * a written value must pass. Pure and constant: the values themselves live
 * with the vCPU, in the VMCS or in an array msr[VMSR_SLOTS] this room only
 * hands out the indices of.
 *
 * The surprising thing: the table is also the source of the MSR bitmap. An MSR
 * is passed through because its row says VMSR_PASS, and for no other reason.
 *
 * SDM volume 4: "Model-Specific Registers (MSRs)"; volume 3: "Memory Type
 * Range Registers", "Extended XAPIC (x2APIC)".
 */
#ifndef VMM_EMUL_MSR_POLICY_H
#define VMM_EMUL_MSR_POLICY_H

#include "env.h"

enum vmsr_action {
	VMSR_USER,	/* not ours: #GP(0), or userspace if it has asked */
	VMSR_GP,	/* #GP(0), reading and writing */
	VMSR_PASS,	/* the guest reads and writes the register itself */
	VMSR_PASS_RD,	/* the guest reads it itself; a write is #GP(0) */
	VMSR_STORED,	/* msr[slot], written if vmsr_value_is_valid() */
	VMSR_CONST,	/* reads @value; a write is #GP(0) */
	VMSR_CONST_IGN,	/* reads @value; a write has no effect */
	VMSR_SPECIAL,	/* enum vmsr_special says whose */
};

/* Registers with a meaning of their own; the core has one case for each. */
enum vmsr_special {
	VMSR_SP_NONE,
	VMSR_SP_TSC,
	VMSR_SP_TSC_ADJUST,
	VMSR_SP_TSC_DEADLINE,
	VMSR_SP_APIC_BASE,
	VMSR_SP_X2APIC,		/* 0x800-0x8ff; register is number - 0x800 */
	VMSR_SP_EFER,
	VMSR_SP_PAT,
	VMSR_SP_SPEC_CTRL,
	VMSR_SP_PRED_CMD,
	VMSR_SP_FLUSH_CMD,
	VMSR_SP_ARCH_CAPS,
};

/* Slots of VMSR_STORED. */
#define VMSR_MTRR_VAR_COUNT	8
#define VMSR_MTRR_FIX_COUNT	11
enum vmsr_slot {
	VMSR_SLOT_MISC_ENABLE,
	VMSR_SLOT_MTRR_DEF_TYPE,
	VMSR_SLOT_MTRR_FIX,
	VMSR_SLOT_MTRR_VAR = VMSR_SLOT_MTRR_FIX + VMSR_MTRR_FIX_COUNT,
	VMSR_SLOT_MCG_STATUS = VMSR_SLOT_MTRR_VAR + 2 * VMSR_MTRR_VAR_COUNT,
	VMSR_SLOT_UMWAIT_CONTROL,
	VMSR_SLOT_SPEC_CTRL,
	VMSR_SLOTS,
};

struct vmsr_rule {
	enum vmsr_action action;
	enum vmsr_special special;	/* VMSR_SPECIAL only */
	u32 slot;			/* VMSR_STORED only */
	u64 value;			/* VMSR_CONST* only */
};

/* What depends on VM and machine; agrees with the VM's CPUID table. */
struct vmsr_caps {
	u64  spec_ctrl;		/* vcpuid_spec_ctrl_allowed(); 0: no such register */
	u32  tsc_khz;		/* for the ratios in PLATFORM_INFO and its like; may be 0 */
	u8   gpa_width;		/* reserved bits of MTRR masks */
	bool tsc_deadline;
	bool rdtscp;
	bool pred_cmd;
	bool flush_cmd;
	bool arch_caps;
	bool user_wait;
	bool long_mode;		/* CPUID.80000001H:EDX.LM of the guest */
	bool no_execute;	/* EDX.NX */
	u64  arch_caps_value;	/* vmsr_arch_caps(), with @arch_caps */
};

/*
 * The rule for MSR @index: O(log n), no state. A register that @caps does not
 * grant is VMSR_GP.
 */
void vmsr_lookup(u32 index, const struct vmsr_caps *caps, struct vmsr_rule *rule);

/*
 * May the guest write @value to MSR @index? False means #GP(0). Judges the
 * value alone (reserved bits, memory types, canonical addresses); whatever
 * depends on other state (EFER.LME while paging) is the core's to check.
 * True for an MSR about which this room knows nothing. @la57: CR4.LA57.
 */
bool vmsr_value_is_valid(u32 index, u64 value, const struct vmsr_caps *caps, bool la57);

/* Power-on contents of the stored registers. */
void vmsr_reset(u64 msr[VMSR_SLOTS]);

/*
 * The @i-th MSR (from 0) that vmsr_lookup() answers VMSR_PASS or VMSR_PASS_RD
 * for, to build the MSR bitmap with; false past the end. VMSR_PASS registers
 * that are not in the VMCS (STAR, LSTAR, CSTAR, SFMASK, KERNEL_GS_BASE,
 * TSC_AUX) hold guest values between entry and exit only if the core puts
 * them there.
 */
bool vmsr_pass_next(const struct vmsr_caps *caps, unsigned int i, u32 *index,
		    enum vmsr_action *action);

/*
 * The @i-th MSR (from 0) with state of its own, in this array or at the core's;
 * not those that belong to the register block or to a device. False past the end.
 */
bool vmsr_state_next(const struct vmsr_caps *caps, unsigned int i, u32 *index,
		     struct vmsr_rule *rule);

/*
 * IA32_ARCH_CAPABILITIES for the guest out of the host's: immunities pass,
 * control registers the guest has not are taken out, and TAA_NO is added
 * because TSX is hidden.
 */
u64 vmsr_arch_caps(u64 host);

#endif /* VMM_EMUL_MSR_POLICY_H */
