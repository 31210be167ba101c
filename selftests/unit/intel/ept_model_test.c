// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Random operations on an EPT tree against an interval map and a processor with
 * a TLB (ept_model.h): more than a million in all, over {hardware, software A/D}
 * x {execute-only, not} x {4K, 2M, 1G}. The generator is seeded with constants:
 * a failure repeats.
 */
#include "env.h"
#include "kselftest_harness.h"
#include "ept_driver.h"

#define OPERATIONS	84000

static u8 random_byte(void *src)
{
	u64 *x = src;

	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x >> 32;
}

static struct model world;

FIXTURE(ept) { };

FIXTURE_VARIANT(ept) {
	struct ept_caps caps;
};

#define VARIANT(name, hw, xo, m2, g1)					\
FIXTURE_VARIANT_ADD(ept, name) {					\
	.caps = { .hw_ad = hw, .exec_only = xo, .has_2m = m2, .has_1g = g1 }, \
}

VARIANT(hw_4k, true, false, false, false);
VARIANT(hw_2m, true, false, true, false);
VARIANT(hw_1g, true, false, true, true);
VARIANT(hw_xo_4k, true, true, false, false);
VARIANT(hw_xo_2m, true, true, true, false);
VARIANT(hw_xo_1g, true, true, true, true);
VARIANT(sw_4k, false, false, false, false);
VARIANT(sw_2m, false, false, true, false);
VARIANT(sw_1g, false, false, true, true);
VARIANT(sw_xo_4k, false, true, false, false);
VARIANT(sw_xo_2m, false, true, true, false);
VARIANT(sw_xo_1g, false, true, true, true);

FIXTURE_SETUP(ept)
{
	(void)self;
	(void)variant;
}

FIXTURE_TEARDOWN(ept)
{
	(void)self;
}

TEST_F(ept, random_operations)
{
	u64 seed = 0x9e3779b97f4a7c15ULL;
	u64 leaves = 0, flushes, want;
	int i;

	model_init(&world, &variant->caps, random_byte, &seed);
	for (i = 0; i < OPERATIONS; i++) {
		model_step(&world);
		if (i % 256 == 0)
			model_check_all(&world);
		leaves |= world.ept.leaves[1] ? 1 : 0;
		leaves |= world.ept.leaves[2] ? 2 : 0;
		leaves |= world.ept.leaves[3] ? 4 : 0;
	}
	model_check_all(&world);
	flushes = world.flushes;
	model_fini(&world);

	/* The run was worth something. */
	want = 1 | (variant->caps.has_2m ? 2 : 0) |
	       (variant->caps.has_1g ? 4 : 0);
	EXPECT_EQ(leaves, want);
	EXPECT_GT(flushes, 500U);
}

TEST_HARNESS_MAIN
