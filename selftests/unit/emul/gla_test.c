// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The page walk against a second, slow walker (gla_oracle.h), on random tables
 * in every mode with every combination of controls; and the rules for accessed
 * and dirty flags when other processors change the tables meanwhile.
 */
#include <stdlib.h>
#include "env.h"
#include "kselftest_harness.h"
#include "gla_oracle.h"

#define CR0_PG		0x80000000ULL
#define CR0_WP		0x10000ULL
#define CR4_PSE		0x10ULL
#define CR4_PAE		0x20ULL
#define CR4_LA57	0x1000ULL
#define EFER_LONG	0x500ULL
#define EFER_NXE	0x800ULL

static u64 seed = 0xda3e39cb94b95bdb;

static u64 rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed * 0x2545f4914f6cdd1d;
}

static struct gla_mem mem;

static void random_tables(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(mem.word); i++)
		mem.word[i] = gla_random_entry(rnd(), rnd());
	mem.exchanges = 0;
	mem.collide = 0;
}

/* 32-bit entries: two to a word. */
static void random_tables32(void)
{
	unsigned int i;

	random_tables();
	for (i = 0; i < ARRAY_SIZE(mem.word); i++)
		mem.word[i] = (u32)gla_random_entry(rnd(), rnd()) |
			      gla_random_entry(rnd(), rnd()) << 32;
}

static void random_ctx(struct gla_ctx *ctx, enum oracle_mode mode)
{
	static const u8 widths[] = { 36, 39, 40, 46, 48, 52 };
	unsigned int i;

	memset(ctx, 0, sizeof(*ctx));
	ctx->cr0 = 1 | (mode == FLAT ? 0 : CR0_PG) | (rnd() & CR0_WP);
	/* SMEP, SMAP, PKE, PSE at random. */
	ctx->cr4 = rnd() & 0x700010;
	ctx->efer = rnd() & EFER_NXE;
	if (mode == PAE)
		ctx->cr4 |= CR4_PAE;
	if (mode == LONG) {
		ctx->cr4 |= CR4_PAE | (rnd() & CR4_LA57);
		ctx->efer |= EFER_LONG;
	}
	ctx->rflags = rnd() & 0x40000;
	ctx->cr3 = (rnd() % GLA_PAGES) << 12 | (rnd() & 0x18);
	for (i = 0; i < 4; i++)
		ctx->pdpte[i] = (rnd() % GLA_PAGES) << 12 | (rnd() % 8 ? 1 : 0);
	ctx->pkru = rnd();
	ctx->gpa_width = widths[rnd() % ARRAY_SIZE(widths)];
	ctx->has_1g = rnd() % 2;
}

static u64 random_gla(enum oracle_mode mode)
{
	u64 gla = rnd();

	if (mode != LONG)
		return rnd() % 8 ? (u32)gla : gla;
	if (rnd() % 16)
		return rnd() % 2 ? gla >> 17 : gla | ~0ULL << 47;
	return gla;
}

static unsigned int random_access(void)
{
	static const unsigned int kinds[] = { GLA_READ, GLA_WRITE, GLA_EXEC };
	unsigned int access = kinds[rnd() % 3];

	if (rnd() % 2)
		access |= GLA_USER;
	if (!(access & GLA_EXEC) && rnd() % 8 == 0)
		access |= GLA_IMPLICIT;
	if (rnd() % 2)
		access |= GLA_SET_AD;
	return access;
}

static void agree(struct __test_metadata *_metadata, enum oracle_mode mode)
{
	unsigned int i, ok = 0, faults = 0;
	const char *difference;
	struct gla_ctx ctx;
	unsigned int access;
	struct oracle o;
	u64 gla;

	for (i = 0; i < 60000; i++) {
		if (i % 256 == 0) {
			if (mode == LEGACY)
				random_tables32();
			else
				random_tables();
		}
		random_ctx(&ctx, mode);
		gla = random_gla(mode);
		access = random_access();
		o = oracle_walk(&ctx, &mem, gla, access);
		ok += o.status == GLA_OK;
		faults += o.status == GLA_FAULT;
		difference = gla_disagreement(&ctx, &mem, gla, access);
		ASSERT_EQ(NULL, difference) {
			TH_LOG("%s: gla %llx access %x cr0 %llx cr4 %llx efer %llx", difference,
			       (unsigned long long)gla, access, (unsigned long long)ctx.cr0,
			       (unsigned long long)ctx.cr4, (unsigned long long)ctx.efer);
		}
	}
	/* Both outcomes were really exercised. */
	ASSERT_GT(ok, 3000);
	if (mode != FLAT)
		ASSERT_GT(faults, 3000);
}

TEST(no_paging)
{
	agree(_metadata, FLAT);
}

TEST(paging_32bit)
{
	agree(_metadata, LEGACY);
}

TEST(paging_pae)
{
	agree(_metadata, PAE);
}

TEST(paging_long)
{
	agree(_metadata, LONG);
}

/* A four-level mapping of linear 0 through pages 1, 2, 3, 4 to page 5. */
static void straight_tables(struct gla_ctx *ctx)
{
	unsigned int i;

	memset(&mem, 0, sizeof(mem));
	memset(ctx, 0, sizeof(*ctx));
	for (i = 1; i <= 4; i++)
		mem.word[i * 512] = (i + 1) << 12 | 7;
	ctx->cr0 = CR0_PG | CR0_WP | 1;
	ctx->cr4 = CR4_PAE;
	ctx->efer = EFER_LONG | EFER_NXE;
	ctx->cr3 = 0x1000;
	ctx->gpa_width = 46;
}

/* "Accessed and Dirty Flags". */
TEST(accessed_and_dirty)
{
	struct gla_result res;
	struct gla_ctx ctx;
	unsigned int i;

	straight_tables(&ctx);
	ASSERT_EQ(GLA_OK, gla_walk(&ctx, 0x123, GLA_WRITE, &gla_mem_ops, &mem, &res));
	ASSERT_EQ(0x5123, res.gpa);
	ASSERT_EQ(0, mem.exchanges);

	ASSERT_EQ(GLA_OK, gla_walk(&ctx, 0, GLA_READ | GLA_SET_AD, &gla_mem_ops, &mem, &res));
	ASSERT_EQ(4, mem.exchanges);
	for (i = 1; i <= 4; i++)
		ASSERT_EQ((i + 1) << 12 | 0x27, mem.word[i * 512]);

	/* A second read finds nothing to do; a write sets D on the leaf alone. */
	ASSERT_EQ(GLA_OK, gla_walk(&ctx, 0, GLA_READ | GLA_SET_AD, &gla_mem_ops, &mem, &res));
	ASSERT_EQ(4, mem.exchanges);
	ASSERT_EQ(GLA_OK, gla_walk(&ctx, 0, GLA_WRITE | GLA_SET_AD, &gla_mem_ops, &mem, &res));
	ASSERT_EQ(5, mem.exchanges);
	ASSERT_EQ(0x5067, mem.word[4 * 512]);
	ASSERT_EQ(0x4027, mem.word[3 * 512]);
}

/* Another processor wins some exchanges: the walk is made again. */
TEST(collisions)
{
	struct gla_result res;
	struct gla_ctx ctx;

	straight_tables(&ctx);
	mem.collide = 3;
	ASSERT_EQ(GLA_OK, gla_walk(&ctx, 0, GLA_READ | GLA_SET_AD, &gla_mem_ops, &mem, &res));
	ASSERT_EQ(3 + 4, mem.exchanges);

	/* One that always wins does not hold us for ever. */
	straight_tables(&ctx);
	mem.collide = 1 << 30;
	ASSERT_EQ(GLA_CHANGED, gla_walk(&ctx, 0, GLA_READ | GLA_SET_AD, &gla_mem_ops, &mem, &res));
	ASSERT_LT(mem.exchanges, 100);
}

/* The walk that is made again sees the new entry. */
static enum gla_status unmap_and_fail(void *ctx, u64 gpa, u64 old, u64 new)
{
	struct gla_mem *m = ctx;

	(void)gpa, (void)old, (void)new;
	m->word[4 * 512] = 0;
	return GLA_CHANGED;
}

TEST(unmapped_meanwhile)
{
	const struct gla_ops ops = { gla_mem_read, unmap_and_fail };
	struct gla_result res;
	struct gla_ctx ctx;

	straight_tables(&ctx);
	ASSERT_EQ(GLA_FAULT, gla_walk(&ctx, 0x10, GLA_WRITE | GLA_USER | GLA_SET_AD, &ops, &mem,
				      &res));
	ASSERT_EQ(14, res.fault.vector);
	ASSERT_EQ(6, res.fault.error);
	ASSERT_EQ(0x10, res.fault.cr2);
}

/* A neighbour of a 4-byte entry keeps its value and does not count as change. */
TEST(neighbours_of_short_entries)
{
	struct gla_result res;
	struct gla_ctx ctx;

	straight_tables(&ctx);
	ctx.efer = 0;
	ctx.cr4 = 0;
	mem.word[512] = 0x2007 | 0xdeadbeefULL << 32;
	mem.word[2 * 512] = 0xcafebabe | 0x3007ULL << 32;
	ASSERT_EQ(GLA_OK, gla_walk(&ctx, 0x1abc, GLA_WRITE | GLA_SET_AD, &gla_mem_ops, &mem, &res));
	ASSERT_EQ(0x3abc, res.gpa);
	ASSERT_EQ(0x2027 | 0xdeadbeefULL << 32, mem.word[512]);
	ASSERT_EQ(0xcafebabe | 0x3067ULL << 32, mem.word[2 * 512]);
}

/* The record of a walk: for reports, whatever became of it. */
TEST(steps)
{
	struct gla_result res;
	struct gla_ctx ctx;

	straight_tables(&ctx);
	mem.word[3 * 512] = 0;
	ASSERT_EQ(GLA_FAULT, gla_walk(&ctx, 0, GLA_READ, &gla_mem_ops, &mem, &res));
	ASSERT_EQ(3, res.steps);
	ASSERT_EQ(4, res.step[0].level);
	ASSERT_EQ(0x1000, res.step[0].gpa);
	ASSERT_EQ(0x2007, res.step[0].entry);
	ASSERT_EQ(2, res.step[2].level);
	ASSERT_EQ(0, res.step[2].entry);
	ASSERT_EQ(8, res.step[2].size);
}

/* "PAE Paging": what MOV CR3 checks in a PDPTE. */
TEST(pdpte_reserved_bits)
{
	unsigned int bit;

	for (bit = 0; bit < 64; bit++) {
		bool reserved = (bit >= 1 && bit <= 2) || (bit >= 5 && bit <= 8) || bit >= 40;

		ASSERT_EQ(!reserved, gla_pdpte_is_valid(1 | 1ULL << bit, 40));
		if (bit)
			ASSERT_TRUE(gla_pdpte_is_valid(1ULL << bit, 40));
	}
}

/* The context is taken from a register block as it stands. */
TEST(context_from_registers)
{
	struct vmm_regs regs;
	struct gla_ctx ctx = { .gpa_width = 40 };

	memset(&regs, 0, sizeof(regs));
	regs.cr0 = 1;
	regs.cr3 = 3;
	regs.cr4 = 4;
	regs.efer = 5;
	regs.rflags = 6;
	regs.pdpte[3] = 7;
	gla_ctx_init(&ctx, &regs);
	ASSERT_EQ(1, ctx.cr0);
	ASSERT_EQ(3, ctx.cr3);
	ASSERT_EQ(4, ctx.cr4);
	ASSERT_EQ(5, ctx.efer);
	ASSERT_EQ(6, ctx.rflags);
	ASSERT_EQ(7, ctx.pdpte[3]);
	ASSERT_EQ(40, ctx.gpa_width);
}

TEST_HARNESS_MAIN
