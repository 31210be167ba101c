// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Dirty log and age map against what the guest says it has done.
 *
 * Each vCPU counts, per page, how often it has written it, in the page itself.
 * The test takes a copy of every page that a fetch reports; in the end, when the
 * last fetch has been made, a page whose copy is behind was missed.
 */
#include <sys/mman.h>
#define GUEST_VCPUS	2
#include "guest_fixture.h"
#include "hostile.h"

#define SEG	0x20000000ULL
#define PAGE	4096ULL
#define PAGES	1024
#define LEN	(PAGES * PAGE)
#define MIB2	(2ULL << 20)
#define RW	(VMM_PROT_READ | VMM_PROT_WRITE)

FIXTURE(memlog) {
	struct guest guest;
	struct guest_cpu *cpu;
	struct vmm_run *run;
	int vm;
	volatile uint64_t *hva;		/* PAGES of 512 words */
	uint8_t bits[PAGES / 8];
	uint8_t ages[PAGES];
};

FIXTURE_VARIANT(memlog) {
	bool huge;
};

FIXTURE_VARIANT_ADD(memlog, small) { false };
FIXTURE_VARIANT_ADD(memlog, huge) { true };

FIXTURE_SETUP(memlog)
{
	uint8_t *hva;

	ASSERT_EQ(0, guest_create(&self->guest, GUEST_VCPUS));
	self->cpu = &self->guest.cpu[0];
	self->run = self->cpu->run;
	self->vm = self->guest.vm;
	hva = mmap(NULL, LEN + MIB2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, hva);
	hva = (void *)(((uintptr_t)hva + MIB2 - 1) & ~(MIB2 - 1));
	madvise(hva, LEN, variant->huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
	memset(hva, 0, LEN);
	self->hva = (void *)hva;
	ASSERT_EQ(0, vmm_mem_add(self->vm, SEG, hva, LEN, RW));
}

FIXTURE_TEARDOWN(memlog)
{
	guest_destroy(&self->guest);
}

static int call(int vm, unsigned long request, uint64_t gpa, uint64_t len, void *map)
{
	struct vmm_memlog args = {
		.size = sizeof(args), .gpa = gpa, .len = len, .map = (uintptr_t)map,
	};

	return vmm_call(vm, request, &args);
}

#define START()		ASSERT_EQ(0, call(self->vm, VMM_DIRTY_LOG_START, SEG, LEN, NULL))
#define FETCH()		ASSERT_EQ(0, call(self->vm, VMM_DIRTY_LOG_FETCH, SEG, LEN, self->bits))

static bool is_set(const uint8_t *bits, unsigned int i)
{
	return bits[i / 8] >> i % 8 & 1;
}

static unsigned int count(const uint8_t *bits)
{
	unsigned int i, n = 0;

	for (i = 0; i < PAGES; i++)
		n += is_set(bits, i);
	return n;
}

TEST_F(memlog, refused)
{
	const int vm = self->vm;
	uint8_t *bits = self->bits;

	EXPECT_EQ(-ENOENT, call(vm, VMM_DIRTY_LOG_FETCH, SEG, LEN, bits));
	EXPECT_EQ(-ENOENT, call(vm, VMM_DIRTY_LOG_STOP, SEG, LEN, NULL));
	EXPECT_EQ(-ENOENT, call(vm, VMM_DIRTY_LOG_START, SEG, LEN - PAGE, NULL));
	EXPECT_EQ(-ENOENT, call(vm, VMM_DIRTY_LOG_START, SEG + PAGE, LEN, NULL));
	EXPECT_EQ(-EINVAL, call(vm, VMM_DIRTY_LOG_START, SEG, LEN, bits));
	EXPECT_EQ(0, call(vm, VMM_DIRTY_LOG_START, SEG, LEN, NULL));
	EXPECT_EQ(-EEXIST, call(vm, VMM_DIRTY_LOG_START, SEG, LEN, NULL));
	EXPECT_EQ(-ENOENT, call(vm, VMM_AGE_MAP_FETCH, SEG, LEN, self->ages));
	EXPECT_EQ(-EINVAL, call(vm, VMM_DIRTY_LOG_FETCH, SEG, 0, bits));
	EXPECT_EQ(-EINVAL, call(vm, VMM_DIRTY_LOG_FETCH, SEG + 1, PAGE, bits));
	EXPECT_EQ(-EINVAL, call(vm, VMM_DIRTY_LOG_FETCH, SEG, 1, bits));
	EXPECT_EQ(-EINVAL, call(vm, VMM_DIRTY_LOG_FETCH, SEG, -PAGE, bits));
	EXPECT_EQ(-ENOENT, call(vm, VMM_DIRTY_LOG_FETCH, SEG, LEN + PAGE, bits));
	EXPECT_EQ(-ENOENT, call(vm, VMM_DIRTY_LOG_FETCH, SEG - PAGE, LEN, bits));
	EXPECT_EQ(-EFAULT, call(vm, VMM_DIRTY_LOG_FETCH, SEG, LEN, NULL));
	EXPECT_EQ(-ENOENT, call(vm, VMM_DIRTY_LOG_STOP, SEG, PAGE, NULL));
	EXPECT_EQ(0, call(vm, VMM_AGE_MAP_START, SEG, LEN, NULL));
	EXPECT_EQ(0, call(vm, VMM_DIRTY_LOG_STOP, SEG, LEN, NULL));
	EXPECT_EQ(0, call(vm, VMM_AGE_MAP_STOP, SEG, LEN, NULL));
	/* A log goes with its segment. */
	EXPECT_EQ(0, call(vm, VMM_DIRTY_LOG_START, SEG, LEN, NULL));
	EXPECT_EQ(0, vmm_mem_remove(vm, SEG, LEN));
	EXPECT_EQ(-ENOENT, call(vm, VMM_DIRTY_LOG_FETCH, SEG, LEN, bits));
	EXPECT_EQ(0, vmm_mem_add(vm, SEG, (void *)self->hva, LEN, RW));
	EXPECT_EQ(0, call(vm, VMM_DIRTY_LOG_START, SEG, LEN, NULL));
}

static void g_write_some(uint64_t step)
{
	uint64_t i;

	for (i = 0; i < PAGES; i++) {
		volatile uint64_t *p = (void *)(SEG + i * PAGE);

		if (step && i % step == 0)
			p[1]++;
		else
			p[0];		/* read only */
	}
	g_done(0);
}

/* Exactly the pages written, not those read, and not twice. */
TEST_F(memlog, exact)
{
	static const uint64_t steps[] = { 3, 1, 0, 7, 64, 1000 };
	unsigned int s, i;

	/* All of it mapped and written before, in huge leaves if there are any. */
	ASSERT_GUEST(g_write_some, 1);
	START();
	FETCH();
	EXPECT_EQ(0, count(self->bits));
	for (s = 0; s < ARRAY_SIZE(steps); s++) {
		ASSERT_GUEST(g_write_some, steps[s]);
		FETCH();
		for (i = 0; i < PAGES; i++)
			EXPECT_EQ(steps[s] && i % steps[s] == 0, is_set(self->bits, i))
				TH_LOG("page %u, step %llu", i, (unsigned long long)steps[s]);
		FETCH();
		EXPECT_EQ(0, count(self->bits));
	}
	/* After the end everything is as before. */
	ASSERT_EQ(0, call(self->vm, VMM_DIRTY_LOG_STOP, SEG, LEN, NULL));
	ASSERT_GUEST(g_write_some, 1);
}

/* A leaf that goes takes nothing with it. */
TEST_F(memlog, leaves_that_go)
{
	unsigned int i;

	START();
	ASSERT_GUEST(g_write_some, 2);
	ASSERT_EQ(0, mprotect((void *)self->hva, LEN, PROT_READ));
	ASSERT_EQ(0, mprotect((void *)self->hva, LEN, PROT_READ | PROT_WRITE));
	FETCH();
	for (i = 0; i < PAGES; i++)
		EXPECT_EQ(i % 2 == 0, is_set(self->bits, i));
}

/* What the module writes for the guest counts, too: a copy from a device. */
static void g_from_device(uint64_t gpa)
{
	void *from = (void *)0xd0000000ULL;
	void *to = (void *)gpa;

	asm volatile("movsl" : "+S"(from), "+D"(to) : : "memory");
	g_done(0);
}

TEST_F(memlog, writes_of_the_module)
{
	START();
	ASSERT_EQ(0, guest_start64(self->cpu, g_from_device, SEG + 5 * PAGE));
	ASSERT_EXIT(VMM_EXIT_MMIO);
	memset(self->run->data, 0x5a, 4);
	ASSERT_EXIT(GUEST_DONE);
	FETCH();
	EXPECT_EQ(1, count(self->bits));
	EXPECT_TRUE(is_set(self->bits, 5));
}

/* Parts of a log, one after the other, at odd places. */
TEST_F(memlog, parts)
{
	uint8_t bits[4] = { 0xff, 0xff, 0xff, 0xff };

	START();
	ASSERT_GUEST(g_write_some, 3);
	ASSERT_EQ(0, call(self->vm, VMM_DIRTY_LOG_FETCH, SEG + 3 * PAGE, 11 * PAGE, bits));
	EXPECT_EQ(0x49, bits[0]);	/* pages 3, 6, 9 */
	EXPECT_EQ(0x02, bits[1]);	/* 12 */
	EXPECT_EQ(0xff, bits[2]);
	FETCH();
	EXPECT_EQ(1 + (PAGES - 1) / 3 - 4, count(self->bits));
	EXPECT_TRUE(is_set(self->bits, 0));
	EXPECT_FALSE(is_set(self->bits, 3));
	EXPECT_TRUE(is_set(self->bits, 15));
}

/* --- concurrent writers ---------------------------------------------------- */

static volatile uint32_t quit;

/* Word @id of each page is vCPU @id's counter; pages in an order of its own. */
static void g_writer(uint64_t id)
{
	uint64_t at = 7 + id, n = 0;

	g_sti();
	while (!quit) {
		volatile uint64_t *p;

		at = at * 6364136223846793005ULL + 1442695040888963407ULL;
		p = (void *)(SEG + (at >> 33) % PAGES * PAGE);
		p[id]++;
		n++;
	}
	g_done(n);
}

TEST_F_TIMEOUT(memlog, concurrent, 300)
{
	unsigned int rounds = getenv("VMM_ROUNDS") ? atoi(getenv("VMM_ROUNDS")) : 30;
	unsigned int round, i, c, missed = 0, reported = 0, idle = 0;
	static uint64_t copy[PAGES][GUEST_VCPUS], before[2][PAGES][GUEST_VCPUS];
	uint64_t writes = 0;

	guest_timeout_ms = 290000;
	memset(copy, 0, sizeof(copy));
	memset(before, 0, sizeof(before));
	START();
	for (c = 0; c < GUEST_VCPUS; c++) {
		ASSERT_EQ(0, guest_start64(&self->guest.cpu[c], g_writer, c));
		ASSERT_EQ(0, guest_spawn(&self->guest.cpu[c]));
	}
	for (round = 0; round <= rounds; round++) {
		if (round == rounds) {
			*guest_at(&self->guest, &quit) = 1;
			for (c = 0; c < GUEST_VCPUS; c++) {
				ASSERT_EQ(GUEST_DONE, guest_join(&self->guest.cpu[c]));
				writes += self->guest.cpu[c].result;
			}
		} else {
			usleep(1000);
		}
		for (i = 0; i < PAGES; i++)
			for (c = 0; c < GUEST_VCPUS; c++)
				before[round % 2][i][c] = self->hva[i * 512 + c];
		FETCH();
		for (i = 0; i < PAGES; i++) {
			bool changed = !round;

			if (!is_set(self->bits, i))
				continue;
			reported++;
			/* For nothing: not written since before the last fetch began. */
			for (c = 0; c < GUEST_VCPUS; c++) {
				copy[i][c] = self->hva[i * 512 + c];
				changed |= copy[i][c] != before[!(round % 2)][i][c];
			}
			idle += !changed;
		}
	}
	for (i = 0; i < PAGES; i++)
		for (c = 0; c < GUEST_VCPUS; c++)
			missed += copy[i][c] != self->hva[i * 512 + c];
	TH_LOG("%llu writes, %u pages reported in %u fetches, %u missed, %u for nothing",
	       (unsigned long long)writes, reported, rounds + 1, missed, idle);
	EXPECT_EQ(0, missed);
	EXPECT_GT(reported, PAGES);
	EXPECT_LT(idle * 100, reported);
}

/* --- ages ------------------------------------------------------------------ */

static void g_touch(uint64_t pages)
{
	uint64_t i;

	for (i = 0; i < pages; i++)
		*(volatile uint64_t *)(SEG + i * PAGE);
	g_done(0);
}

#define AGES()	ASSERT_EQ(0, call(self->vm, VMM_AGE_MAP_FETCH, SEG, LEN, self->ages))

TEST_F(memlog, ages)
{
	unsigned int i, round;

	ASSERT_GUEST(g_touch, PAGES);
	ASSERT_EQ(0, call(self->vm, VMM_AGE_MAP_START, SEG, LEN, NULL));
	for (round = 1; round <= 5; round++) {
		ASSERT_GUEST(g_touch, PAGES / 2);
		if (round == 3)
			ASSERT_GUEST(g_touch, PAGES);
		/* The host asks, too, and its unmapping counts as nothing. */
		if (round == 4)
			ASSERT_EQ(0, mprotect((void *)self->hva, LEN, PROT_READ));
		AGES();
		for (i = 0; i < PAGES; i++)
			EXPECT_EQ(i < PAGES / 2 ? 0 : round < 3 ? round : round - 3, self->ages[i])
				TH_LOG("page %u, round %u", i, round);
	}
	for (round = 0; round < 300; round++)
		AGES();
	EXPECT_EQ(255, self->ages[0]);
}

TEST_HARNESS_MAIN
