// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ACPI power management timer: rate, width, access.
 */
#include "vpmtmr.h"
#include "kselftest_harness.h"

#define SECOND	1000000000ULL

static u64 read_at(const struct vpmtmr *v, u64 now)
{
	u64 value = ~0ULL;

	if (vpmtmr_access(v, now, 0, 4, false, &value) != VDEV_HANDLED)
		abort();
	return value;
}

TEST(counts_3579545_a_second_for_an_hour)
{
	struct vpmtmr v;

	vpmtmr_reset(&v, 5 * SECOND, 32);
	EXPECT_EQ(0, read_at(&v, 5 * SECOND));
	for (u64 s = 0; s <= 3600; s++)
		EXPECT_EQ((u32)(s * 3579545), read_at(&v, (5 + s) * SECOND));
}

TEST(wraps_at_its_width)
{
	struct vpmtmr v;
	u64 wrap_ns = (BIT_ULL(24) * SECOND + VPMTMR_HZ - 1) / VPMTMR_HZ;

	vpmtmr_reset(&v, 0, 24);
	EXPECT_EQ(0xffffff, read_at(&v, wrap_ns - 1));
	EXPECT_EQ(0, read_at(&v, wrap_ns));
	vpmtmr_reset(&v, 0, 32);
	EXPECT_EQ(0x1000000, read_at(&v, wrap_ns));
}

TEST(never_runs_backwards_and_reaches_the_end_of_time)
{
	struct vpmtmr v;
	u64 last = 0;

	vpmtmr_reset(&v, 0, 32);
	for (u64 now = 0; now < SECOND; now += 777) {
		u64 value = read_at(&v, now);

		ASSERT_GE(value, last);
		ASSERT_LE(value, last + 3);
		last = value;
	}
	EXPECT_EQ((u32)mul_u64_u64_div_u64(BIT_ULL(62), VPMTMR_HZ, SECOND),
		  read_at(&v, BIT_ULL(62)));
}

TEST(is_a_read_only_dword)
{
	struct vpmtmr v, before;
	u64 value = 7;

	vpmtmr_reset(&v, 0, 32);
	before = v;
	EXPECT_EQ(VDEV_HANDLED, vpmtmr_access(&v, SECOND, 0, 4, true, &value));
	EXPECT_EQ(0, memcmp(&before, &v, sizeof(v)));
	EXPECT_EQ(VDEV_UNHANDLED, vpmtmr_access(&v, SECOND, 0, 1, false, &value));
	EXPECT_EQ(VDEV_UNHANDLED, vpmtmr_access(&v, SECOND, 0, 2, false, &value));
	EXPECT_EQ(VDEV_UNHANDLED, vpmtmr_access(&v, SECOND, 1, 4, false, &value));
	EXPECT_EQ(7, value);
}

TEST(copy_is_snapshot_and_check_rejects_bad_ones)
{
	struct vpmtmr v, copy;

	vpmtmr_reset(&v, 3, 24);
	copy = v;
	EXPECT_TRUE(vpmtmr_check(&copy));
	EXPECT_EQ(read_at(&v, SECOND), read_at(&copy, SECOND));
	copy.bits = 25;
	EXPECT_FALSE(vpmtmr_check(&copy));
	copy.bits = 64;
	EXPECT_FALSE(vpmtmr_check(&copy));
}

TEST_HARNESS_MAIN
