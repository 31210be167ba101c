// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The set of restricted ranges against an array with one cell per unit.
 */
#include "env.h"
#include "kselftest_harness.h"
#include "ept_policy.h"

#define CELLS	96

struct world {
	struct ept_policy policy;
	u64 unit;
	u8 cell[CELLS];
};

static struct world w;
static u64 seed;

static u64 next(void)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return seed * 0x2545f4914f6cdd1dULL;
}

static void begin(u64 unit)
{
	memset(&w, 0, sizeof(w));
	memset(w.cell, EPT_RWX, sizeof(w.cell));
	w.unit = unit;
	seed = unit | 1;
}

static void set(u32 from, u32 to, u32 prot)
{
	if (ept_policy_set(&w.policy, from * w.unit, to * w.unit, prot) == EPT_OK)
		memset(w.cell + from, prot, to - from);
}

/* By looking at every cell that the block touches. */
static int level_of(u64 gpa, int level)
{
	for (; level > 1; level--) {
		u64 size = 1ULL << (12 + 9 * (level - 1)), base = gpa & ~(size - 1);
		u64 first = base / w.unit, last = (base + size - 1) / w.unit, i;
		bool same = true;

		/* Behind the last cell all are alike. */
		for (i = first; i <= last && i <= CELLS; i++)
			same &= (i < CELLS ? w.cell[i] : EPT_RWX) == w.cell[first];
		if (same)
			break;
	}
	return level;
}

static bool agrees(void)
{
	const struct ept_policy *p = &w.policy;
	u32 i;

	for (i = 0; i < p->count; i++) {
		const struct ept_policy_range *r = &p->range[i];

		if (r->gpa >= r->end || r->prot == EPT_RWX)
			return false;
		if (i && (r[-1].end > r->gpa || (r[-1].end == r->gpa && r[-1].prot == r->prot)))
			return false;
	}
	for (i = 0; i < CELLS; i++) {
		u64 gpa = i * w.unit + (next() % w.unit & ~4095ULL);

		if (ept_policy_prot(p, gpa) != w.cell[i] ||
		    ept_policy_level(p, gpa, 3) != level_of(gpa, 3))
			return false;
	}
	return true;
}

static bool random_ok(u64 unit, unsigned int rounds)
{
	begin(unit);
	while (rounds--) {
		u32 from = next() % CELLS, to = from + 1 + next() % (CELLS - from);

		if (next() % 2 && to > from + 4)
			to = from + 1 + next() % 4;
		set(from, to, next() % 3 ? next() % 8 : EPT_RWX);
		if (!agrees())
			return false;
	}
	return true;
}

TEST(random_4k)
{
	ASSERT_TRUE(random_ok(4096, 20000));
}

TEST(random_half_2m)
{
	ASSERT_TRUE(random_ok(1 << 20, 20000));
}

TEST(random_2m)
{
	ASSERT_TRUE(random_ok(2 << 20, 5000));
}

TEST(random_large)
{
	ASSERT_TRUE(random_ok(256 << 20, 20000));
}

TEST(empty)
{
	begin(4096);
	EXPECT_EQ(EPT_RWX, ept_policy_prot(&w.policy, 0));
	EXPECT_EQ(EPT_RWX, ept_policy_prot(&w.policy, ~0ULL));
	EXPECT_EQ(3, ept_policy_level(&w.policy, 0x1000, 3));
	EXPECT_EQ(NULL, ept_policy_next(&w.policy, 0));
	set(0, 4, EPT_RWX);
	EXPECT_EQ(0, w.policy.count);
}

/* Neighbours that say the same are one; lifting the middle makes two. */
TEST(join_and_cut)
{
	begin(4096);
	set(1, 2, EPT_R);
	set(3, 4, EPT_R);
	EXPECT_EQ(2, w.policy.count);
	set(2, 3, EPT_R);
	EXPECT_EQ(1, w.policy.count);
	EXPECT_EQ(0x4000, w.policy.range[0].end);
	set(2, 3, EPT_RWX);
	EXPECT_EQ(2, w.policy.count);
	set(0, CELLS, EPT_RWX);
	EXPECT_EQ(0, w.policy.count);
}

/* When it is full, nothing changes, and what needs no room still goes. */
TEST(full)
{
	struct ept_policy before;
	u64 i;

	begin(4096);
	for (i = 0; i < EPT_POLICY_RANGES; i++)
		ASSERT_EQ(EPT_OK, ept_policy_set(&w.policy, i << 14, (i << 14) + 0x3000, EPT_R));
	before = w.policy;
	EXPECT_EQ(EPT_NOMEM, ept_policy_set(&w.policy, i << 14, (i << 14) + 0x1000, EPT_R));
	EXPECT_EQ(EPT_NOMEM, ept_policy_set(&w.policy, 0x1000, 0x2000, EPT_RWX));
	EXPECT_EQ(EPT_NOMEM, ept_policy_set(&w.policy, 0x1000, 0x2000, 0));
	EXPECT_EQ(0, memcmp(&before, &w.policy, sizeof(before)));
	EXPECT_EQ(EPT_OK, ept_policy_set(&w.policy, 0x3000, 0x4000, EPT_R));
	EXPECT_EQ(EPT_POLICY_RANGES - 1, w.policy.count);
	EXPECT_EQ(EPT_OK, ept_policy_set(&w.policy, 0x1000, 0x2000, EPT_RWX));
	EXPECT_EQ(EPT_POLICY_RANGES, w.policy.count);
	EXPECT_EQ(EPT_OK, ept_policy_set(&w.policy, 0, 1ULL << 48, EPT_R | EPT_X));
	EXPECT_EQ(1, w.policy.count);
}

TEST_HARNESS_MAIN
