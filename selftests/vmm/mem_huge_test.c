// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Size of EPT leaves: what the host maps huge, the guest gets huge, no more
 * and no less. What a first touch costs is printed, in TSC ticks per 4 KiB.
 */
#include <fcntl.h>
#include <linux/mman.h>
#include <sys/mman.h>
#include "guest_fixture.h"

#define SEG	0x10000000ULL		/* where the guest's own tables map it */
#define MIB	(1ULL << 20)
#define HUGE	(2 * MIB)
#define AREA	(256 * MIB)
#define RW	(VMM_PROT_READ | VMM_PROT_WRITE)
#define RWX	(RW | VMM_PROT_EXEC)

#define TOUCH_WRITE	(1ULL << 63)

FIXTURE(huge) {
	struct guest guest;
	struct guest_cpu *cpu;
	uint8_t *area;			/* 2 MiB-aligned, len bytes */
	uint64_t len;			/* of what the guest is given */
};

FIXTURE_SETUP(huge)
{
	uint8_t *map;

	guest_timeout_ms = 100000;
	ASSERT_EQ(0, guest_create(&self->guest, 1));
	self->cpu = &self->guest.cpu[0];
	self->len = 32 * MIB;
	map = mmap(NULL, AREA + 2 * HUGE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	ASSERT_NE(MAP_FAILED, map);
	self->area = (uint8_t *)(((uintptr_t)map + HUGE - 1) & ~(HUGE - 1));
}

FIXTURE_TEARDOWN(huge)
{
	guest_destroy(&self->guest);
}

/* One access to each page of arg's pages from SEG; ticks in the result. */
static void g_touch(uint64_t arg)
{
	uint64_t pages = arg & ~TOUCH_WRITE, i, begun = rdtsc();
	volatile uint32_t *word = (volatile uint32_t *)SEG;

	for (i = 0; i < pages; i++, word += 1024) {
		if (arg & TOUCH_WRITE)
			*word = i;
		else
			(void)*word;
	}
	g_done(rdtsc() - begun);
}

/* Levels of the walk to @gpa: 4 for a 4 KiB leaf, 3 for 2 MiB; 0 not mapped. */
static int leaf(int vm, uint64_t gpa)
{
	struct vmm_ept_walk w = { .size = sizeof(w), .gpa = gpa };

	if (vmm_call(vm, VMM_EPT_WALK, &w) || !w.entry[w.levels - 1])
		return 0;
	return w.levels;
}

static unsigned int huge_leaves(int vm, uint64_t len)
{
	unsigned int n = 0;
	uint64_t off;

	for (off = 0; off < len; off += HUGE)
		n += leaf(vm, SEG + off) == 3;
	return n;
}

static bool has_2m(void)
{
	struct vmm_info info = { .size = sizeof(info) };
	char use = 0;
	int ctl = vmm_open(), fd = open("/sys/module/vmm/parameters/use_superpages", O_RDONLY);

	if (fd >= 0 && read(fd, &use, 1) != 1)
		use = 0;
	close(fd);
	if (ctl < 0 || vmm_call(ctl, VMM_GET_INFO, &info))
		return false;
	close(ctl);
	return use == 'Y' && (info.caps & VMM_CAP_EPT_2M);
}

/* New memory in the same place, without page tables of the old. */
static bool fresh(uint8_t *area, uint64_t len, int advice)
{
	return mmap(area, len, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) == area &&
	       !madvise(area, len, advice);
}

/* Taken from the guest, and still there in the host. */
static bool untouched(uint8_t *area, uint64_t len)
{
	if (mprotect(area, len, PROT_READ) || mprotect(area, len, PROT_READ | PROT_WRITE))
		return false;
	memset(area, 1, len);
	return true;
}

static uint64_t touch(volatile uint8_t *area, uint64_t len)
{
	uint64_t begun = rdtsc(), off;

	for (off = 0; off < len; off += 4096)
		area[off] = 1;
	return rdtsc() - begun;
}

#define ADD(prot)	ASSERT_EQ(0, vmm_mem_add(self->guest.vm, SEG, self->area, self->len, prot))
#define TOUCH(write)	ASSERT_GUEST(g_touch, (self->len / 4096) | ((write) ? TOUCH_WRITE : 0))
#define REPORT(what)	\
	TH_LOG("%s: %lu ticks per 4 KiB", what, self->cpu->result / (self->len / 4096))

/* New memory that may be huge; else why not. */
static const char *fresh_huge(uint8_t *area, uint64_t len)
{
	if (!has_2m())
		return "the processor or a parameter says 4 KiB only";
	return fresh(area, len, MADV_HUGEPAGE) ? NULL : "this host has no transparent huge pages";
}

TEST_F_TIMEOUT(huge, cost, 120)
{
	const char *why;
	unsigned int n = self->len / HUGE;

	ADD(RWX);
	ASSERT_TRUE(fresh(self->area, self->len, MADV_NOHUGEPAGE));
	self->cpu->result = touch(self->area, self->len);
	REPORT("4 KiB, fresh, the owner's own write");
	ASSERT_TRUE(fresh(self->area, self->len, MADV_NOHUGEPAGE));
	TOUCH(1);
	REPORT("4 KiB, fresh, write");
	EXPECT_EQ(0, huge_leaves(self->guest.vm, self->len));
	TOUCH(1);
	REPORT("4 KiB, mapped, write");
	ASSERT_TRUE(untouched(self->area, self->len));
	EXPECT_EQ(0, leaf(self->guest.vm, SEG));
	TOUCH(1);
	REPORT("4 KiB, present in the host, write");
	ASSERT_TRUE(fresh(self->area, self->len, MADV_NOHUGEPAGE));
	TOUCH(0);
	REPORT("4 KiB, fresh, read");

	why = fresh_huge(self->area, self->len);
	if (why)
		SKIP(return, "%s", why);
	self->cpu->result = touch(self->area, self->len);
	REPORT("2 MiB, fresh, the owner's own write");
	ASSERT_TRUE(fresh(self->area, self->len, MADV_HUGEPAGE));
	TOUCH(1);
	REPORT("2 MiB, fresh, write");
	EXPECT_LE(n * 95 / 100, huge_leaves(self->guest.vm, self->len));
	ASSERT_TRUE(untouched(self->area, self->len));
	EXPECT_EQ(0, leaf(self->guest.vm, SEG));
	TOUCH(1);
	REPORT("2 MiB, present in the host, write");
	EXPECT_LE(n * 95 / 100, huge_leaves(self->guest.vm, self->len));
}

TEST_F_TIMEOUT(huge, touched, 120)
{
	struct vmm_mem_stats before = { .size = sizeof(before) }, after = before;
	uint64_t small, large;
	const char *why;

	self->len = AREA;
	why = fresh_huge(self->area, self->len);
	if (why)
		SKIP(return, "%s", why);
	ADD(RWX);
	/* The program's own pages, before they are counted. */
	ASSERT_GUEST(g_touch, 0);
	ASSERT_EQ(0, vmm_call(self->guest.vm, VMM_MEM_STATS, &before));
	TOUCH(1);
	ASSERT_EQ(0, vmm_call(self->guest.vm, VMM_MEM_STATS, &after));
	large = after.leaves_2m - before.leaves_2m;
	small = after.leaves_4k - before.leaves_4k;
	TH_LOG("%lu MiB: %lu leaves of 2 MiB, %lu of 4 KiB", self->len / MIB, large, small);
	EXPECT_GE(large * 100, (large + small) * 95);
	EXPECT_EQ(0, after.leaves_1g);
}

/* Page i of the segment holds i + @add in its first word. */
static void g_check(uint64_t arg)
{
	uint64_t pages = arg & 0xffffffff, add = arg >> 32, i, wrong = 0;

	for (i = 0; i < pages; i++)
		wrong += *(volatile uint32_t *)(SEG + i * 4096) != (uint32_t)(i + add);
	g_done(wrong);
}

static void number(uint8_t *area, uint64_t len, uint32_t add)
{
	uint32_t i;

	for (i = 0; i < len / 4096; i++) {
		uint32_t value = i + add;

		memcpy(area + i * 4096ULL, &value, 4);
	}
}

#define CHECK(add) do {								\
	ASSERT_GUEST(g_check, self->len / 4096 | (uint64_t)(add) << 32);	\
	EXPECT_EQ(0, self->cpu->result);					\
} while (0)

/* gpa and hva differ modulo 2 MiB: huge leaves would show the wrong pages. */
TEST_F(huge, not_congruent)
{
	const char *why;

	self->len = 4 * HUGE;
	why = fresh_huge(self->area, self->len);
	if (why)
		SKIP(return, "%s", why);
	memset(self->area, 0, self->len);
	self->area += 4096;
	self->len -= HUGE;
	number(self->area, self->len, 3);
	ADD(RW);
	CHECK(3);
	EXPECT_EQ(0, huge_leaves(self->guest.vm, self->len));
	EXPECT_EQ(4, leaf(self->guest.vm, SEG));
}

/* A segment that ends inside a huge page of the host. */
TEST_F(huge, cut_by_the_segment)
{
	const char *why;

	self->len = 2 * HUGE;
	why = fresh_huge(self->area, self->len);
	if (why)
		SKIP(return, "%s", why);
	number(self->area, self->len, 5);
	self->len = HUGE + HUGE / 2;
	ADD(RW);
	CHECK(5);
	EXPECT_EQ(1, huge_leaves(self->guest.vm, self->len));
	EXPECT_EQ(4, leaf(self->guest.vm, SEG + HUGE));
	EXPECT_EQ(0, leaf(self->guest.vm, SEG + HUGE + HUGE / 2));
}

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif

TEST_F(huge, split_and_collapsed)
{
	const char *why;

	self->len = 2 * HUGE;
	why = fresh_huge(self->area, self->len);
	if (why)
		SKIP(return, "%s", why);
	number(self->area, self->len, 7);
	ADD(RWX);
	CHECK(7);
	ASSERT_EQ(2, huge_leaves(self->guest.vm, self->len));
	/* The host loses one page out of 512. */
	ASSERT_EQ(0, madvise(self->area + 5 * 4096, 4096, MADV_DONTNEED));
	EXPECT_NE(3, leaf(self->guest.vm, SEG + 4 * 4096));
	ASSERT_GUEST(g_check, self->len / 4096 | 7ULL << 32);
	EXPECT_EQ(1, self->cpu->result);
	EXPECT_EQ(4, leaf(self->guest.vm, SEG));
	EXPECT_EQ(3, leaf(self->guest.vm, SEG + HUGE));
	number(self->area, self->len, 9);
	CHECK(9);
	if (madvise(self->area, HUGE, MADV_COLLAPSE))
		SKIP(return, "this host does not collapse on demand");
	CHECK(9);
	EXPECT_EQ(2, huge_leaves(self->guest.vm, self->len));
}

static void *map_hugetlb(uint64_t size, const char *kib)
{
	char path[96];
	void *map;
	int fd, shift = size == HUGE ? 21 : 30;

	snprintf(path, sizeof(path), "/sys/kernel/mm/hugepages/hugepages-%skB/nr_hugepages", kib);
	fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, "2", 1) != 1) {
		close(fd);
		return NULL;
	}
	close(fd);
	map = mmap(NULL, size, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | shift << MAP_HUGE_SHIFT, -1, 0);
	return map == MAP_FAILED ? NULL : map;
}

TEST_F(huge, hugetlb_2m)
{
	self->area = map_hugetlb(HUGE, "2048");
	self->len = HUGE;
	if (!has_2m() || !self->area)
		SKIP(return, "no huge page of 2 MiB to be had, or not to be used");
	number(self->area, self->len, 11);
	ADD(RW);
	CHECK(11);
	EXPECT_EQ(3, leaf(self->guest.vm, SEG));
	ASSERT_EQ(0, munmap(self->area, HUGE));
	EXPECT_EQ(0, leaf(self->guest.vm, SEG) == 3);
}

static void g_gib(uint64_t arg)
{
	*(volatile uint32_t *)(arg + (777ULL << 20)) = 777;
	g_done(*(volatile uint32_t *)(arg + (333ULL << 20)));
}

TEST_F(huge, hugetlb_1g)
{
	struct vmm_info info = { .size = sizeof(info) };
	uint32_t value = 333;
	uint8_t *map;

	ASSERT_EQ(0, vmm_call(self->guest.ctl, VMM_GET_INFO, &info));
	if (!has_2m() || !(info.caps & VMM_CAP_EPT_1G))
		SKIP(return, "the processor has no EPT pages of 1 GiB, or they are off");
	map = map_hugetlb(1ULL << 30, "1048576");
	if (!map)
		SKIP(return, "the host has no page of 1 GiB: give it more memory");
	memcpy(map + 333 * MIB, &value, 4);
	ASSERT_EQ(0, vmm_mem_add(self->guest.vm, 1ULL << 30, map, 1ULL << 30, RW));
	ASSERT_GUEST(g_gib, 1ULL << 30);
	EXPECT_EQ(333, self->cpu->result);
	memcpy(&value, map + 777 * MIB, 4);
	EXPECT_EQ(777, value);
	EXPECT_EQ(2, leaf(self->guest.vm, 1ULL << 30));
	/* A piece of it, elsewhere: smaller leaves of the same page. */
	ASSERT_EQ(0, vmm_mem_remove(self->guest.vm, 1ULL << 30, 1ULL << 30));
	ASSERT_EQ(0, vmm_mem_add(self->guest.vm, 1ULL << 30, map, 1000 * MIB, RW));
	ASSERT_GUEST(g_gib, 1ULL << 30);
	EXPECT_EQ(333, self->cpu->result);
	EXPECT_EQ(3, leaf(self->guest.vm, (1ULL << 30) + 333 * MIB));
}

TEST_HARNESS_MAIN
