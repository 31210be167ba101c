// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * MSR policy: the action of every register an operating system meets at boot,
 * what may be passed through, and which values are taken.
 */
#include <stdlib.h>
#include "env.h"
#include "kselftest_harness.h"
#include "msr_policy.h"

static const struct vmsr_caps full = {
	.spec_ctrl = 7, .tsc_khz = 2803200, .gpa_width = 46, .tsc_deadline = true,
	.rdtscp = true, .pred_cmd = true, .flush_cmd = true, .arch_caps = true,
	.user_wait = true, .long_mode = true, .no_execute = true,
};

static const struct vmsr_caps none = { .gpa_width = 36, .no_execute = true };

static struct vmsr_rule rule_of(u32 index, const struct vmsr_caps *caps)
{
	struct vmsr_rule rule;

	memset(&rule, 0xee, sizeof(rule));
	vmsr_lookup(index, caps, &rule);
	return rule;
}

static const struct {
	u32 index;
	enum vmsr_action with, without;
	u64 arg;			/* special, slot or value */
} expect[] = {
	{ 0x00, VMSR_CONST_IGN, VMSR_CONST_IGN, 0 },
	{ 0x10, VMSR_SPECIAL, VMSR_SPECIAL, VMSR_SP_TSC },
	{ 0x17, VMSR_CONST, VMSR_CONST, 0 },
	{ 0x1b, VMSR_SPECIAL, VMSR_SPECIAL, VMSR_SP_APIC_BASE },
	{ 0x3a, VMSR_CONST, VMSR_CONST, 1 },
	{ 0x3b, VMSR_SPECIAL, VMSR_SPECIAL, VMSR_SP_TSC_ADJUST },
	{ 0x48, VMSR_SPECIAL, VMSR_GP, VMSR_SP_SPEC_CTRL },
	{ 0x49, VMSR_SPECIAL, VMSR_GP, VMSR_SP_PRED_CMD },
	{ 0x79, VMSR_CONST_IGN, VMSR_CONST_IGN, 0 },
	{ 0x8b, VMSR_CONST_IGN, VMSR_CONST_IGN, 1ULL << 32 },
	{ 0xc1, VMSR_GP, VMSR_GP, 0 },
	{ 0xe1, VMSR_STORED, VMSR_GP, VMSR_SLOT_UMWAIT_CONTROL },
	{ 0xfe, VMSR_CONST, VMSR_CONST, 0x508 },
	{ 0x10a, VMSR_SPECIAL, VMSR_GP, VMSR_SP_ARCH_CAPS },
	{ 0x10b, VMSR_SPECIAL, VMSR_GP, VMSR_SP_FLUSH_CMD },
	{ 0x174, VMSR_PASS, VMSR_PASS, 0 },
	{ 0x176, VMSR_PASS, VMSR_PASS, 0 },
	{ 0x177, VMSR_USER, VMSR_USER, 0 },
	{ 0x179, VMSR_CONST, VMSR_CONST, 0 },
	{ 0x17a, VMSR_STORED, VMSR_STORED, VMSR_SLOT_MCG_STATUS },
	{ 0x1a0, VMSR_STORED, VMSR_STORED, VMSR_SLOT_MISC_ENABLE },
	{ 0x1d9, VMSR_CONST_IGN, VMSR_CONST_IGN, 0 },
	{ 0x200, VMSR_STORED, VMSR_STORED, VMSR_SLOT_MTRR_VAR },
	{ 0x20f, VMSR_STORED, VMSR_STORED, VMSR_SLOT_MTRR_VAR + 15 },
	{ 0x210, VMSR_USER, VMSR_USER, 0 },
	{ 0x250, VMSR_STORED, VMSR_STORED, VMSR_SLOT_MTRR_FIX },
	{ 0x259, VMSR_STORED, VMSR_STORED, VMSR_SLOT_MTRR_FIX + 2 },
	{ 0x26f, VMSR_STORED, VMSR_STORED, VMSR_SLOT_MTRR_FIX + 10 },
	{ 0x277, VMSR_SPECIAL, VMSR_SPECIAL, VMSR_SP_PAT },
	{ 0x2ff, VMSR_STORED, VMSR_STORED, VMSR_SLOT_MTRR_DEF_TYPE },
	{ 0x345, VMSR_GP, VMSR_GP, 0 },
	{ 0x400, VMSR_GP, VMSR_GP, 0 },
	{ 0x480, VMSR_GP, VMSR_GP, 0 },
	{ 0x606, VMSR_GP, VMSR_GP, 0 },
	{ 0x6e0, VMSR_SPECIAL, VMSR_GP, VMSR_SP_TSC_DEADLINE },
	{ 0x7ff, VMSR_USER, VMSR_USER, 0 },
	{ 0x800, VMSR_SPECIAL, VMSR_SPECIAL, VMSR_SP_X2APIC },
	{ 0x8ff, VMSR_SPECIAL, VMSR_SPECIAL, VMSR_SP_X2APIC },
	{ 0x900, VMSR_USER, VMSR_USER, 0 },
	{ 0xda0, VMSR_GP, VMSR_GP, 0 },
	{ 0x40000000, VMSR_GP, VMSR_GP, 0 },
	{ 0x4b564d00, VMSR_USER, VMSR_USER, 0 },
	{ 0xc0000080, VMSR_SPECIAL, VMSR_SPECIAL, VMSR_SP_EFER },
	{ 0xc0000081, VMSR_PASS, VMSR_GP, 0 },
	{ 0xc0000084, VMSR_PASS, VMSR_GP, 0 },
	{ 0xc0000102, VMSR_PASS, VMSR_GP, 0 },
	{ 0xc0000103, VMSR_PASS, VMSR_GP, 0 },
	{ 0xc0000104, VMSR_USER, VMSR_USER, 0 },
	{ 0xffffffff, VMSR_USER, VMSR_USER, 0 },
};

TEST(actions)
{
	struct vmsr_rule rule;
	unsigned int i;
	u64 arg;

	for (i = 0; i < ARRAY_SIZE(expect); i++) {
		rule = rule_of(expect[i].index, &full);
		arg = rule.action == VMSR_SPECIAL ? rule.special :
		      rule.action == VMSR_STORED ? rule.slot : rule.value;
		EXPECT_EQ(expect[i].with, rule.action) {
			TH_LOG("MSR %x", expect[i].index);
		}
		EXPECT_EQ(expect[i].arg, arg) {
			TH_LOG("MSR %x", expect[i].index);
		}
		EXPECT_EQ(expect[i].without, rule_of(expect[i].index, &none).action) {
			TH_LOG("MSR %x", expect[i].index);
		}
	}
}

/* Ratios count 100 MHz. */
TEST(ratios)
{
	EXPECT_EQ(0x00001c0000001c00, rule_of(0xce, &full).value);
	EXPECT_EQ(0x1c00, rule_of(0x198, &full).value);
	EXPECT_EQ(0x1c1c1c1c1c1c1c1c, rule_of(0x1ad, &full).value);
	EXPECT_EQ(VMSR_CONST, rule_of(0xce, &none).action);
	EXPECT_EQ(0, rule_of(0xce, &none).value);
}

/* The list of a saved vCPU: stored registers and two more, each once, in order. */
TEST(state)
{
	struct vmsr_rule rule;
	u32 index, last = 0;
	unsigned int i, stored = 0;

	for (i = 0; vmsr_state_next(&full, i, &index, &rule); i++) {
		EXPECT_LT(last, index);
		last = index;
		if (rule.action == VMSR_STORED)
			stored++;
		else
			EXPECT_EQ(true, index == 0x3b || index == 0x48);
	}
	EXPECT_EQ(VMSR_SLOTS - 1, stored);
	EXPECT_EQ(stored + 2, i);
	for (i = 0; vmsr_state_next(&none, i, &index, &rule); i++)
		EXPECT_EQ(false, index == 0x48 || index == 0xe1);
	EXPECT_EQ(stored, i);
}

/* Each slot belongs to one register, and all are in use. */
TEST(slots)
{
	unsigned int used[VMSR_SLOTS] = { 0 }, i;
	struct vmsr_rule rule;
	u32 index;

	for (index = 0; index < 0x2000; index++) {
		rule = rule_of(index, &full);
		if (rule.action == VMSR_STORED) {
			ASSERT_LT(rule.slot, VMSR_SLOTS);
			used[rule.slot]++;
		}
		/* Kept in a slot, too, but the processor is told. */
		if (rule.action == VMSR_SPECIAL && rule.special == VMSR_SP_SPEC_CTRL)
			used[VMSR_SLOT_SPEC_CTRL]++;
	}
	for (i = 0; i < VMSR_SLOTS; i++)
		EXPECT_EQ(1, used[i]) {
			TH_LOG("slot %u", i);
		}
}

/*
 * What a guest gets its hands on, exactly: registers the VMCS switches and
 * those the core does. A new row here wants a second look.
 */
TEST(passed_through)
{
	static const u32 all[] = {
		0x174, 0x175, 0x176, 0xc0000081, 0xc0000082, 0xc0000083, 0xc0000084,
		0xc0000100, 0xc0000101, 0xc0000102, 0xc0000103,
	};
	enum vmsr_action action;
	unsigned int i;
	u32 index;

	for (i = 0; vmsr_pass_next(&full, i, &index, &action); i++) {
		ASSERT_LT(i, ARRAY_SIZE(all));
		EXPECT_EQ(all[i], index);
		EXPECT_EQ(VMSR_PASS, action);
		EXPECT_EQ(action, rule_of(index, &full).action);
	}
	EXPECT_EQ(ARRAY_SIZE(all), i);
	/* With nothing granted, only the VMCS's own remain. */
	for (i = 0; vmsr_pass_next(&none, i, &index, &action); i++)
		EXPECT_EQ(all[i], index);
	EXPECT_EQ(3, i);
	/* And no register says "pass" that the list leaves out. */
	for (index = 0, i = 0; index < 0x2000; index++) {
		i += rule_of(index, &full).action == VMSR_PASS;
		i += rule_of(0xc0000000 + index, &full).action == VMSR_PASS;
	}
	EXPECT_EQ(ARRAY_SIZE(all), i);
}

/* What the reset values are is acceptable when written back. */
TEST(reset_values)
{
	u64 msr[VMSR_SLOTS];
	struct vmsr_rule rule;
	u32 index;

	memset(msr, 0xee, sizeof(msr));
	vmsr_reset(msr);
	for (index = 0; index < 0x2000; index++) {
		rule = rule_of(index, &full);
		if (rule.action != VMSR_STORED)
			continue;
		EXPECT_TRUE(vmsr_value_is_valid(index, msr[rule.slot], &full, false)) {
			TH_LOG("MSR %x", index);
		}
	}
	EXPECT_EQ(0x1801, msr[VMSR_SLOT_MISC_ENABLE]);
}

static const struct {
	u32 index;
	u64 value;
	bool good;
} values[] = {
	/* APIC base: reserved bits, x2APIC only when enabled. */
	{ 0x1b, 0xfee00900, true }, { 0x1b, 0xfee00d00, true }, { 0x1b, 0xfee00500, false },
	{ 0x1b, 0xfee00901, false }, { 0x1b, 0xfee00a00, false },
	{ 0x1b, 1ULL << 46 | 0x900, false }, { 0x1b, 1ULL << 45 | 0x900, true },
	/* Speculation controls. */
	{ 0x48, 7, true }, { 0x48, 8, false }, { 0x49, 1, true }, { 0x49, 0, true },
	{ 0x49, 2, false }, { 0x10b, 1, true }, { 0x10b, 3, false }, { 0x10a, 0, false },
	{ 0xe1, 0xfffffffd, true }, { 0xe1, 2, false }, { 0xe1, 1ULL << 32, false },
	/* MISC_ENABLE: BTS and PEBS stay unavailable, XD cannot be disabled. */
	{ 0x1a0, 0x1801, true }, { 0x1a0, 0x401801, true }, { 0x1a0, 0x1, false },
	{ 0x1a0, 1ULL << 34 | 0x1801, false }, { 0x1a0, 0x41801, false },
	{ 0x17a, 7, true }, { 0x17a, 8, false },
	/* "Memory Type Range Registers". */
	{ 0x2ff, 0xc06, true }, { 0x2ff, 0x806, true }, { 0x2ff, 0xc07, false },
	{ 0x2ff, 0x1c06, false }, { 0x2ff, 0xc02, false },
	{ 0x200, 0x80000006, true }, { 0x200, 0x80000106, false }, { 0x200, 0x80000003, false },
	{ 0x200, 1ULL << 46, false }, { 0x200, 0x80000086, false },
	{ 0x201, 0x3fff80000800, true }, { 0x201, 0x3fff80000400, false },
	{ 0x201, 1ULL << 46 | 0x800, false },
	{ 0x250, 0x0606060606060606, true }, { 0x26f, 0x0506010400060606, true },
	{ 0x258, 0x0606060606060602, false }, { 0x26f, 0x0706060606060606, false },
	/* "Page Attribute Table": UC- is a type here, 2 and 3 are not. */
	{ 0x277, 0x0007040600070406, true }, { 0x277, 0x0007040600070402, false },
	{ 0x277, 0x0307040600070406, false }, { 0x277, 0x0807040600070406, false },
	{ 0x277, 0x4606060606060606, false },
	/* EFER. */
	{ 0xc0000080, 0xd01, true }, { 0xc0000080, 0x1000, false }, { 0xc0000080, 2, false },
	/* Canonical addresses. */
	{ 0xc0000082, 0xffffffff81800000, true }, { 0xc0000082, 0x0000800000000000, false },
	{ 0xc0000100, 0x00007fffffffffff, true }, { 0xc0000102, 0xfff0000000000000, false },
	{ 0x175, 0x8000000000000000, false }, { 0x176, 0xfffffe0000000000, true },
	{ 0xc0000103, 0xffffffff, true }, { 0xc0000103, 1ULL << 32, false },
	{ 0xc0000084, 0x47700, true }, { 0xc0000084, 1ULL << 32, false },
	/* Not ours to judge. */
	{ 0x10, ~0ULL, true }, { 0x12345, ~0ULL, true },
};

TEST(written_values)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(values); i++)
		EXPECT_EQ(values[i].good, vmsr_value_is_valid(values[i].index, values[i].value,
							      &full, false)) {
			TH_LOG("MSR %x value %llx", values[i].index,
			       (unsigned long long)values[i].value);
		}
	/* With five-level paging the canonical range is wider. */
	EXPECT_FALSE(vmsr_value_is_valid(0xc0000082, 0xfe00000000000000, &full, true));
	EXPECT_TRUE(vmsr_value_is_valid(0xc0000082, 0xff10000000000000, &full, true));
	EXPECT_FALSE(vmsr_value_is_valid(0xc0000082, 0xff10000000000000, &full, false));
	/* A guest without long mode has only NXE. */
	EXPECT_TRUE(vmsr_value_is_valid(0xc0000080, 0x800, &none, false));
	EXPECT_FALSE(vmsr_value_is_valid(0xc0000080, 0x100, &none, false));
}

/* Immunities pass, controls do not, TAA_NO and IF_PSCHANGE_MC_NO are ours. */
TEST(arch_capabilities)
{
	EXPECT_EQ(0x140, vmsr_arch_caps(0));
	EXPECT_EQ(0, vmsr_arch_caps(~0ULL) & (BIT(7) | BIT(10) | BIT(11) | BIT(12) | BIT(18) |
					      BIT(21) | BIT(22) | BIT(23) | BIT(25)));
	EXPECT_EQ(BIT(0) | BIT(1) | 0x140, vmsr_arch_caps(BIT(0) | BIT(1)));
}

TEST_HARNESS_MAIN
