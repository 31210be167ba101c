// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * EPT entries bit by bit, and the edges that random operations do not reach:
 * EPTP, failing allocation, refused mappings, dead tables.
 */
#include "env.h"
#include "kselftest_harness.h"
#include "ept_model.h"

static struct model world;

static u8 no_byte(void *src)
{
	(void)src;
	abort();
}

/* These trees are not mirrored in the interval map: nobody asks what left. */
static const struct ept_ops quiet_ops = {
	.alloc = model_alloc,
	.free = model_free,
	.hpa = model_hpa,
	.virt = model_virt,
	.flush = model_flush,
};

static void begin(bool hw_ad, bool exec_only)
{
	struct ept_caps caps = {
		.hw_ad = hw_ad, .exec_only = exec_only,
		.has_2m = true, .has_1g = true,
	};

	model_init(&world, &caps, no_byte, NULL);
	world.ept.ops = &quiet_ops;
}

static void end(void)
{
	ept_reap(&world.ept, &world.garbage);
	ept_fini(&world.ept);
}

static enum ept_result map(u64 gpa, u64 hpa, int level, u32 prot, u32 access)
{
	struct ept_mapping m = {
		.gpa = gpa, .hpa = hpa, .level = level, .prot = prot,
		.memtype = EPT_MT_WB, .access = access,
	};
	struct ept_cache cache;
	enum ept_result r;

	model_cache(&world, &cache, EPT_CACHE_PAGES);
	r = ept_map(&world.ept, &cache, &world.garbage, &m);
	ept_cache_drain(&world.ept, &cache);
	return r;
}

static u64 entry(u64 gpa)
{
	u64 e = 0;
	int level;

	ept_lookup(&world.ept, gpa, &e, &level);
	return e;
}

#define V	(1ULL << 52)
#define SW_W	(1ULL << 53)
#define SW_X	(1ULL << 54)
#define SW_R	(1ULL << 55)
#define SW_D	(1ULL << 56)
#define WB	(6ULL << 3)

TEST(eptp)
{
	u64 root;

	begin(true, true);
	root = (u64)(uintptr_t)world.ept.root;
	EXPECT_EQ(ept_eptp(&world.ept), root | 6 | 3 << 3 | 1 << 6);
	end();
	begin(false, true);
	root = (u64)(uintptr_t)world.ept.root;
	EXPECT_EQ(ept_eptp(&world.ept), root | 6 | 3 << 3);
	end();
}

TEST(hardware_entries)
{
	begin(true, true);
	ASSERT_EQ(map(0, 0x123456000, 1, EPT_RWX, EPT_W), EPT_OK);
	EXPECT_EQ(entry(0), 0x123456000 | V | WB | 0x307);
	ASSERT_EQ(map(0x1000, 0x1000, 1, EPT_R | EPT_X, EPT_X), EPT_OK);
	EXPECT_EQ(entry(0x1000), 0x1000 | V | WB | 0x105);
	ASSERT_EQ(map(0x2000, 0, 1, EPT_X, 0), EPT_OK);
	EXPECT_EQ(entry(0x2000), V | WB | 4);
	ASSERT_EQ(map(0x200000, 0x40000000, 2, EPT_RWX, 0), EPT_OK);
	EXPECT_EQ(entry(0x200000), 0x40000000 | V | WB | 0x87);
	EXPECT_FALSE(world.garbage.flush);
	end();
}

static u64 accessed_gpa;

static void note_accessed(void *ctx, u64 gpa, u64 hpa, int level)
{
	(void)ctx;
	if (hpa != gpa + 0x7000 || level != 1)
		abort();
	accessed_gpa |= gpa;
}

/* Each leaf that was, once; dirty stays; and a flush only for who asks for one. */
TEST(clear_accessed)
{
	int hw;

	for (hw = 0; hw < 2; hw++) {
		begin(hw, false);
		accessed_gpa = 0;
		ASSERT_EQ(map(0x1000, 0x8000, 1, EPT_RWX, EPT_W), EPT_OK);
		ASSERT_EQ(map(0x2000, 0x9000, 1, EPT_RWX, 0), EPT_OK);
		ASSERT_EQ(map(0x4000, 0xb000, 1, EPT_RWX, EPT_R), EPT_OK);
		EXPECT_EQ(2U, ept_clear_accessed(&world.ept, NULL, 0, 0x8000, note_accessed));
		EXPECT_EQ(0x5000U, accessed_gpa);
		EXPECT_FALSE(world.garbage.flush);
		EXPECT_TRUE(ept_leaf_dirty(&world.ept, entry(0x1000)));
		EXPECT_EQ(0U, ept_clear_accessed(&world.ept, &world.garbage, 0, 0x8000, NULL));
		EXPECT_FALSE(world.garbage.flush);
		ASSERT_EQ(map(0x5000, 0xc000, 1, EPT_RWX, EPT_R), EPT_OK);
		EXPECT_EQ(1U, ept_clear_accessed(&world.ept, &world.garbage, 0, 0x8000, NULL));
		EXPECT_TRUE(world.garbage.flush);
		end();
	}
}

/* The table of "Software accessed and dirty", state by state. */
TEST(software_entries)
{
	const u64 all = V | SW_R | SW_W | SW_X | WB;

	begin(false, false);
	ASSERT_EQ(map(0, 0x7000, 1, EPT_RWX, 0), EPT_OK);
	EXPECT_EQ(entry(0), 0x7000 | all);
	EXPECT_EQ(ept_fault_ad(&world.ept, 0, EPT_R), EPT_SETTLED);
	EXPECT_EQ(entry(0), 0x7000 | all | 5);
	EXPECT_EQ(ept_fault_ad(&world.ept, 0, EPT_W), EPT_SETTLED);
	EXPECT_EQ(entry(0), 0x7000 | all | 7);
	/* Ageing a dirty page takes all access away and keeps dirty. */
	EXPECT_TRUE(ept_age(&world.ept, 0, 0x1000, true));
	EXPECT_EQ(entry(0), 0x7000 | all | SW_D);
	EXPECT_FALSE(ept_age(&world.ept, 0, 0x1000, true));
	EXPECT_EQ(ept_fault_ad(&world.ept, 0, EPT_R), EPT_SETTLED);
	EXPECT_EQ(entry(0), 0x7000 | all | 7);
	/* A write on a page that was never touched: R and W together. */
	EXPECT_EQ(ept_clear_dirty(&world.ept, &world.garbage, 0, 0x1000, NULL), 1U);
	EXPECT_TRUE(world.garbage.flush);
	EXPECT_EQ(entry(0), 0x7000 | all | 5);
	EXPECT_TRUE(ept_age(&world.ept, 0, 0x1000, true));
	EXPECT_EQ(entry(0), 0x7000 | all);
	EXPECT_EQ(ept_fault_ad(&world.ept, 0, EPT_W), EPT_SETTLED);
	EXPECT_EQ(entry(0), 0x7000 | all | 7);
	/* Read-only: a write is the host's business. */
	ASSERT_EQ(map(0x1000, 0x8000, 1, EPT_R, EPT_R | EPT_W), EPT_OK);
	EXPECT_EQ(entry(0x1000), 0x8000 | V | SW_R | WB | 1);
	EXPECT_EQ(ept_fault_ad(&world.ept, 0x1000, EPT_W), EPT_PROT);
	EXPECT_EQ(ept_fault_ad(&world.ept, 0x1000, EPT_X), EPT_PROT);
	EXPECT_EQ(ept_fault_ad(&world.ept, 0x2000, EPT_R), EPT_MISSING);
	EXPECT_EQ(ept_fault_ad(&world.ept, EPT_GPA_END, EPT_R), EPT_MISSING);
	/* Huge: reads are settled, the first write is not. */
	ASSERT_EQ(map(0x200000, 0x40000000, 2, EPT_RWX, 0), EPT_OK);
	EXPECT_EQ(ept_fault_ad(&world.ept, 0x234000, EPT_R), EPT_SETTLED);
	EXPECT_EQ(ept_fault_ad(&world.ept, 0x234000, EPT_W), EPT_HUGE);
	ASSERT_EQ(map(0x234000, 0x40034000, 1, EPT_RWX, EPT_W), EPT_OK);
	EXPECT_EQ(entry(0x234000), 0x40034000 | all | 7);
	EXPECT_EQ(entry(0x235000), 0x40035000 | all | 5);
	EXPECT_EQ(world.ept.leaves[1], 2U + 512U);
	EXPECT_EQ(world.ept.leaves[2], 0U);
	end();
}

TEST(execute_only)
{
	begin(false, true);
	ASSERT_EQ(map(0, 0x7000, 1, EPT_X, 0), EPT_OK);
	EXPECT_EQ(entry(0), 0x7000 | V | SW_X | WB);
	EXPECT_EQ(ept_fault_ad(&world.ept, 0, EPT_X), EPT_SETTLED);
	EXPECT_EQ(entry(0), 0x7000 | V | SW_X | WB | 4);
	EXPECT_TRUE(ept_leaf_accessed(&world.ept, entry(0)));
	EXPECT_EQ(ept_fault_ad(&world.ept, 0, EPT_R), EPT_PROT);
	end();

	begin(true, false);
	EXPECT_EQ(map(0, 0x7000, 1, EPT_X, 0), EPT_INVAL);
	EXPECT_FALSE(ept_prot_ok(&world.ept, EPT_X));
	EXPECT_TRUE(ept_prot_ok(&world.ept, EPT_R | EPT_X));
	/* What cannot be expressed goes. */
	ASSERT_EQ(map(0, 0x7000, 1, EPT_R | EPT_X, 0), EPT_OK);
	EXPECT_TRUE(ept_protect(&world.ept, NULL, &world.garbage, 0, 0x1000,
				EPT_X));
	EXPECT_EQ(world.ept.leaves[1], 0U);
	EXPECT_EQ(world.ept.tables, 1U);
	ept_reap(&world.ept, &world.garbage);
	end();
}

TEST(refused_mappings)
{
	static const struct ept_mapping bad[] = {
		{ .level = 0, .prot = EPT_R, .memtype = EPT_MT_WB },
		{ .level = 4, .prot = EPT_R, .memtype = EPT_MT_WB },
		{ .level = 1, .prot = 0, .memtype = EPT_MT_WB },
		{ .level = 1, .prot = EPT_W, .memtype = EPT_MT_WB },
		{ .level = 1, .prot = EPT_W | EPT_X, .memtype = EPT_MT_WB },
		{ .level = 1, .prot = 8 | EPT_R, .memtype = EPT_MT_WB },
		{ .level = 1, .prot = EPT_R, .memtype = 2 },
		{ .level = 1, .prot = EPT_R, .memtype = 3 },
		{ .level = 1, .prot = EPT_R, .memtype = 7 },
		{ .level = 1, .prot = EPT_R, .memtype = 16 | EPT_MT_WB },
		{ .level = 1, .prot = EPT_R, .memtype = EPT_MT_WB, .access = 8 },
		{ .level = 1, .prot = EPT_R, .memtype = EPT_MT_WB, .gpa = 0x800 },
		{ .level = 1, .prot = EPT_R, .memtype = EPT_MT_WB, .hpa = 0x800 },
		{ .level = 2, .prot = EPT_R, .memtype = EPT_MT_WB, .gpa = 0x1000 },
		{ .level = 2, .prot = EPT_R, .memtype = EPT_MT_WB, .hpa = 0x1000 },
		{ .level = 3, .prot = EPT_R, .memtype = EPT_MT_WB, .hpa = 0x200000 },
		{ .level = 1, .prot = EPT_R, .memtype = EPT_MT_WB, .gpa = EPT_GPA_END },
		{ .level = 1, .prot = EPT_R, .memtype = EPT_MT_WB, .hpa = 1ULL << 52 },
	};
	struct ept_cache cache;
	unsigned int i;

	begin(true, true);
	model_cache(&world, &cache, EPT_CACHE_PAGES);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(ept_map(&world.ept, &cache, &world.garbage, &bad[i]),
			  EPT_INVAL)
			TH_LOG("row %u", i);
	}
	EXPECT_EQ(cache.count, (unsigned int)EPT_CACHE_PAGES);
	EXPECT_EQ(world.ept.tables, 1U);
	ept_cache_drain(&world.ept, &cache);
	end();
}

TEST(allocation_fails)
{
	struct ept_caps caps = { .hw_ad = true };
	struct ept_cache cache = { 0 };
	struct ept ept;

	memset(&world, 0, sizeof(world));
	EXPECT_EQ(ept_init(&ept, &model_ops, &world, &caps), EPT_NOMEM);
	EXPECT_EQ(world.pages, 0);

	begin(true, true);
	world.fail_after = 2;
	EXPECT_EQ(ept_cache_fill(&world.ept, &cache), EPT_NOMEM);
	EXPECT_EQ(cache.count, 2U);
	world.fail_after = -1;
	EXPECT_EQ(ept_cache_fill(&world.ept, &cache), EPT_OK);
	ept_cache_drain(&world.ept, &cache);
	EXPECT_EQ(world.pages, 1);
	end();
	EXPECT_EQ(world.pages, 0);
}

/* Until the flush a processor may walk a dead table: it must find nothing. */
TEST(dead_tables_are_not_present)
{
	u64 *table;
	void *page;
	int i, n = 0;

	begin(true, true);
	ASSERT_EQ(map(0, 0, 1, EPT_RWX, EPT_W), EPT_OK);
	ASSERT_EQ(map(0x40000000, 0, 1, EPT_RWX, EPT_W), EPT_OK);
	EXPECT_EQ(world.ept.tables, 6U);
	EXPECT_TRUE(ept_unmap(&world.ept, NULL, &world.garbage, 0, EPT_GPA_END));
	EXPECT_EQ(world.ept.tables, 1U);
	EXPECT_EQ(world.pages, 6);
	for (page = world.garbage.pages; page; page = *(void **)page) {
		table = page;
		for (i = 0; i < 512; i++)
			EXPECT_EQ(table[i] & 7, 0U);
		n++;
	}
	EXPECT_EQ(n, 5);
	ept_reap(&world.ept, &world.garbage);
	EXPECT_EQ(world.flushes, 1U);
	EXPECT_EQ(world.pages, 1);
	end();
}

/*
 * Two notifiers for one page: the second finds nothing mapped, and yet must not
 * return while the first has not flushed, since its caller frees the page.
 */
TEST(second_unmapper_waits)
{
	struct ept_garbage first = { 0 }, second = { 0 }, third = { 0 };

	begin(true, true);
	ASSERT_EQ(map(0, 0, 1, EPT_RWX, EPT_W), EPT_OK);
	ASSERT_TRUE(model_access(&world, 0, EPT_W));
	EXPECT_TRUE(ept_unmap(&world.ept, NULL, &first, 0, 0x1000));
	EXPECT_FALSE(ept_unmap(&world.ept, NULL, &second, 0, 0x1000));
	EXPECT_TRUE(second.flush);
	EXPECT_FALSE(ept_protect(&world.ept, NULL, &third, 0, 0x1000, EPT_R));
	EXPECT_TRUE(third.flush);
	EXPECT_EQ(world.ept.unflushed, 3U);

	EXPECT_TRUE(world.tlb[0].valid);
	ept_reap(&world.ept, &second);
	EXPECT_FALSE(world.tlb[0].valid);
	ept_reap(&world.ept, &first);
	ept_reap(&world.ept, &third);
	EXPECT_EQ(world.flushes, 3U);
	EXPECT_EQ(world.ept.unflushed, 0U);

	/* With nothing on the way an empty range costs no flush. */
	EXPECT_FALSE(ept_unmap(&world.ept, NULL, &first, 0, EPT_GPA_END));
	EXPECT_FALSE(first.flush);
	ept_reap(&world.ept, &first);
	EXPECT_EQ(world.flushes, 3U);
	end();
}

/* A 1 GiB leaf gives way to two levels of tables and comes back. */
TEST(split_and_replace)
{
	u64 entries[EPT_LEVELS];

	begin(true, true);
	ASSERT_EQ(map(0, 0x80000000, 3, EPT_RWX, 0), EPT_OK);
	EXPECT_EQ(world.ept.tables, 2U);
	ASSERT_EQ(map(0x201000, 0x80201000, 1, EPT_R, EPT_R), EPT_OK);
	EXPECT_TRUE(world.garbage.flush);
	EXPECT_EQ(world.ept.tables, 4U);
	EXPECT_EQ(world.ept.leaves[3], 0U);
	EXPECT_EQ(world.ept.leaves[2], 511U);
	EXPECT_EQ(world.ept.leaves[1], 512U);
	EXPECT_EQ(ept_walk(&world.ept, 0x201000, entries), 4);
	EXPECT_EQ(entries[3], 0x80201000 | V | WB | 0x101);
	EXPECT_EQ(ept_walk(&world.ept, 0x400000, entries), 3);
	EXPECT_EQ(entries[2], 0x80400000 | V | WB | 0x87);
	ASSERT_EQ(map(0, 0xc0000000, 3, EPT_RWX, 0), EPT_OK);
	EXPECT_EQ(world.ept.tables, 2U);
	EXPECT_EQ(world.ept.leaves[3], 1U);
	EXPECT_EQ(world.ept.leaves[2] + world.ept.leaves[1], 0U);
	EXPECT_EQ(world.pages, 4);
	ept_reap(&world.ept, &world.garbage);
	EXPECT_EQ(world.pages, 2);
	end();
}

TEST_HARNESS_MAIN
