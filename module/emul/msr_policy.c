// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The MSR policy: a sorted table of ranges, searched by halving. A register in
 * no row is #GP, or goes to userspace if that wants to know. Rows that answer
 * #GP at once are those an operating system probes at boot and takes the fault
 * for an answer (performance counters, machine-check banks, RAPL, VMX
 * capabilities): userspace is not bothered with them.
 *
 * Passed through are only registers whose guest value is in the CPU while the
 * guest runs: those the VMCS switches, and those the core switches itself.
 *
 * SDM volume 4: "Model-Specific Registers (MSRs)".
 */
#include "msr_policy.h"

enum condition {
	ALWAYS, IF_DEADLINE, IF_RDTSCP, IF_SPEC_CTRL, IF_PRED_CMD, IF_FLUSH_CMD,
	IF_ARCH_CAPS, IF_USER_WAIT, IF_LONG,
};

/* @arg: slot of the first register, enum vmsr_special, or the value. */
struct row {
	u32 first;
	u32 last;
	u8  action;
	u8  cond;
	u32 arg;
};

#define ROW(f, l, a, c, x)	{ .first = (f), .last = (l), .action = VMSR_##a, \
				  .cond = (c), .arg = (x) }
#define ONE(i, a, c, x)		ROW(i, i, a, c, x)
#define SPECIAL(i, c, s)	ONE(i, SPECIAL, c, VMSR_SP_##s)
#define GP(f, l)		ROW(f, l, GP, ALWAYS, 0)

#define MSR_PLATFORM_INFO	0xce
#define MSR_PERF_STATUS		0x198
#define MSR_TURBO_RATIO		0x1ad
#define MSR_BIOS_SIGN		0x8b

/* VCNT 8, fixed ranges, write combining; no SMRR. */
#define MTRRCAP			(VMSR_MTRR_VAR_COUNT | BIT(8) | BIT(10))
#define FEATURE_CONTROL_LOCKED	BIT(0)

static const struct row rows[] = {
	ROW(0x000, 0x001, CONST_IGN, ALWAYS, 0),		/* P5 machine check */
	SPECIAL(0x010, ALWAYS, TSC),
	ONE(0x017, CONST, ALWAYS, 0),				/* PLATFORM_ID */
	SPECIAL(0x01b, ALWAYS, APIC_BASE),
	ONE(0x02a, CONST_IGN, ALWAYS, 0),			/* EBL_CR_POWERON */
	ONE(0x034, CONST, ALWAYS, 0),				/* SMI_COUNT */
	ONE(0x03a, CONST, ALWAYS, FEATURE_CONTROL_LOCKED),
	SPECIAL(0x03b, ALWAYS, TSC_ADJUST),
	SPECIAL(0x048, IF_SPEC_CTRL, SPEC_CTRL),
	SPECIAL(0x049, IF_PRED_CMD, PRED_CMD),
	GP(0x04e, 0x04f),					/* PPIN */
	ONE(0x079, CONST_IGN, ALWAYS, 0),			/* BIOS_UPDT_TRIG */
	ONE(MSR_BIOS_SIGN, CONST_IGN, ALWAYS, 0),
	GP(0x0c1, 0x0c8),					/* PMC */
	ONE(0x0cd, CONST, ALWAYS, 0),				/* FSB_FREQ */
	ONE(MSR_PLATFORM_INFO, CONST, ALWAYS, 0),
	GP(0x0cf, 0x0cf),					/* CORE_CAPABILITIES */
	ONE(0x0e1, STORED, IF_USER_WAIT, VMSR_SLOT_UMWAIT_CONTROL),
	ONE(0x0e2, CONST_IGN, ALWAYS, BIT(15)),			/* C-state control, locked */
	GP(0x0e7, 0x0e8),					/* MPERF, APERF */
	ONE(0x0fe, CONST, ALWAYS, MTRRCAP),
	SPECIAL(0x10a, IF_ARCH_CAPS, ARCH_CAPS),
	SPECIAL(0x10b, IF_FLUSH_CMD, FLUSH_CMD),
	ONE(0x11e, CONST_IGN, ALWAYS, BIT(0) | BIT(8)),		/* BBL_CR_CTL3: L2 on */
	GP(0x122, 0x123),					/* TSX_CTRL, MCU_OPT_CTRL */
	GP(0x140, 0x140),					/* MISC_FEATURES_ENABLES */
	ROW(0x174, 0x176, PASS, ALWAYS, 0),			/* SYSENTER */
	ONE(0x179, CONST, ALWAYS, 0),				/* MCG_CAP: no banks */
	ONE(0x17a, STORED, ALWAYS, VMSR_SLOT_MCG_STATUS),
	GP(0x17b, 0x17b),					/* MCG_CTL */
	GP(0x186, 0x18d),					/* PERFEVTSEL */
	ONE(MSR_PERF_STATUS, CONST_IGN, ALWAYS, 0),
	ROW(0x199, 0x19c, CONST_IGN, ALWAYS, 0),		/* PERF_CTL, thermal */
	ONE(0x1a0, STORED, ALWAYS, VMSR_SLOT_MISC_ENABLE),
	ONE(0x1a2, CONST, ALWAYS, 100 << 16),			/* TEMPERATURE_TARGET */
	ONE(0x1a4, CONST_IGN, ALWAYS, 0),			/* MISC_FEATURE_CONTROL */
	GP(0x1a6, 0x1a7),					/* OFFCORE_RSP */
	ONE(0x1aa, CONST_IGN, ALWAYS, 0),			/* MISC_PWR_MGMT */
	ONE(MSR_TURBO_RATIO, CONST, ALWAYS, 0),
	GP(0x1b0, 0x1b0),					/* ENERGY_PERF_BIAS */
	GP(0x1c4, 0x1c5),					/* XFD */
	ONE(0x1c9, CONST_IGN, ALWAYS, 0),			/* LASTBRANCH_TOS */
	ONE(0x1d9, CONST_IGN, ALWAYS, 0),			/* DEBUGCTL */
	ROW(0x1db, 0x1de, CONST_IGN, ALWAYS, 0),		/* last branch, last interrupt */
	GP(0x1f2, 0x1f3),					/* SMRR */
	ONE(0x1fc, CONST_IGN, ALWAYS, 0),			/* POWER_CTL */
	ROW(0x200, 0x200 + 2 * VMSR_MTRR_VAR_COUNT - 1, STORED, ALWAYS, VMSR_SLOT_MTRR_VAR),
	ONE(0x250, STORED, ALWAYS, VMSR_SLOT_MTRR_FIX),
	ROW(0x258, 0x259, STORED, ALWAYS, VMSR_SLOT_MTRR_FIX + 1),
	ROW(0x268, 0x26f, STORED, ALWAYS, VMSR_SLOT_MTRR_FIX + 3),
	SPECIAL(0x277, ALWAYS, PAT),
	GP(0x280, 0x29f),					/* MC_CTL2 */
	ONE(0x2ff, STORED, ALWAYS, VMSR_SLOT_MTRR_DEF_TYPE),
	GP(0x309, 0x30c),					/* FIXED_CTR */
	GP(0x345, 0x345),					/* PERF_CAPABILITIES */
	GP(0x38d, 0x390),					/* PERF_GLOBAL */
	GP(0x3f1, 0x3f1),					/* PEBS_ENABLE */
	GP(0x400, 0x47f),					/* machine-check banks */
	GP(0x480, 0x493),					/* VMX capabilities */
	GP(0x560, 0x58f),					/* processor trace */
	GP(0x600, 0x64f),					/* DS_AREA, RAPL */
	GP(0x6a0, 0x6a8),					/* CET */
	SPECIAL(0x6e0, IF_DEADLINE, TSC_DEADLINE),
	GP(0x6e1, 0x6e1),					/* PKRS */
	GP(0x770, 0x777),					/* HWP */
	ROW(0x800, 0x8ff, SPECIAL, ALWAYS, VMSR_SP_X2APIC),
	GP(0xd90, 0xd90),					/* BNDCFGS */
	GP(0xda0, 0xda0),					/* XSS */
	GP(0x40000000, 0x400000ff),				/* other hypervisors' */
	SPECIAL(0xc0000080, ALWAYS, EFER),
	ROW(0xc0000081, 0xc0000084, PASS, IF_LONG, 0),		/* SYSCALL */
	ROW(0xc0000100, 0xc0000102, PASS, IF_LONG, 0),		/* FS, GS, kernel GS base */
	ONE(0xc0000103, PASS, IF_RDTSCP, 0),			/* TSC_AUX */
};

static bool holds(enum condition cond, const struct vmsr_caps *caps)
{
	switch (cond) {
	case ALWAYS:
		return true;
	case IF_DEADLINE:
		return caps->tsc_deadline;
	case IF_RDTSCP:
		return caps->rdtscp;
	case IF_SPEC_CTRL:
		return caps->spec_ctrl;
	case IF_PRED_CMD:
		return caps->pred_cmd;
	case IF_FLUSH_CMD:
		return caps->flush_cmd;
	case IF_ARCH_CAPS:
		return caps->arch_caps;
	case IF_USER_WAIT:
		return caps->user_wait;
	case IF_LONG:
		return caps->long_mode;
	}
	return false;
}

static const struct row *find(u32 index)
{
	unsigned int low = 0, high = ARRAY_SIZE(rows), middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (index > rows[middle].last)
			low = middle + 1;
		else if (index < rows[middle].first)
			high = middle;
		else
			return &rows[middle];
	}
	return NULL;
}

/* Constants that a 32-bit literal cannot hold. Ratios count 100 MHz. */
static u64 constant(u32 index, u32 literal, const struct vmsr_caps *caps)
{
	u64 ratio = (caps->tsc_khz / 100000) & 0xff;

	switch (index) {
	case MSR_BIOS_SIGN:
		return 1ULL << 32;	/* a microcode revision that is not zero */
	case MSR_PLATFORM_INFO:
		return ratio << 8 | ratio << 40;
	case MSR_PERF_STATUS:
		return ratio << 8;
	case MSR_TURBO_RATIO:
		return ratio * 0x0101010101010101ULL;
	default:
		return literal;
	}
}

void vmsr_lookup(u32 index, const struct vmsr_caps *caps, struct vmsr_rule *rule)
{
	const struct row *row = find(index);

	memset(rule, 0, sizeof(*rule));
	rule->action = VMSR_USER;
	if (!row)
		return;
	if (!holds(row->cond, caps)) {
		rule->action = VMSR_GP;
		return;
	}

	rule->action = row->action;
	switch (row->action) {
	case VMSR_SPECIAL:
		rule->special = row->arg;
		break;
	case VMSR_STORED:
		rule->slot = row->arg + (index - row->first);
		break;
	case VMSR_CONST:
	case VMSR_CONST_IGN:
		rule->value = constant(index, row->arg, caps);
		break;
	default:
		break;
	}
}

bool vmsr_pass_next(const struct vmsr_caps *caps, unsigned int i, u32 *index,
		    enum vmsr_action *action)
{
	unsigned int r, count;

	for (r = 0; r < ARRAY_SIZE(rows); r++) {
		if ((rows[r].action != VMSR_PASS && rows[r].action != VMSR_PASS_RD) ||
		    !holds(rows[r].cond, caps))
			continue;
		count = rows[r].last - rows[r].first + 1;
		if (i < count) {
			*index = rows[r].first + i;
			*action = rows[r].action;
			return true;
		}
		i -= count;
	}
	return false;
}

static bool has_state(const struct row *row)
{
	if (row->action == VMSR_SPECIAL)
		return row->arg == VMSR_SP_TSC_ADJUST || row->arg == VMSR_SP_SPEC_CTRL;
	return row->action == VMSR_STORED;
}

bool vmsr_state_next(const struct vmsr_caps *caps, unsigned int i, u32 *index,
		     struct vmsr_rule *rule)
{
	unsigned int r, count;

	for (r = 0; r < ARRAY_SIZE(rows); r++) {
		if (!has_state(&rows[r]) || !holds(rows[r].cond, caps))
			continue;
		count = rows[r].last - rows[r].first + 1;
		if (i < count) {
			*index = rows[r].first + i;
			vmsr_lookup(*index, caps, rule);
			return true;
		}
		i -= count;
	}
	return false;
}
