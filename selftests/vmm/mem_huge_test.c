// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Size of EPT leaves: what the host maps huge, the guest gets huge, no more
 * and no less. What a first touch costs is printed, in TSC ticks per 4 KiB.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include "guest_fixture.h"

#define SEG	0x10000000ULL		/* where the guest's own tables map it */
#define MIB	(1ULL << 20)
#define HUGE	(2 * MIB)
#define RW	(VMM_PROT_READ | VMM_PROT_WRITE)
#define RWX	(RW | VMM_PROT_EXEC)

#define TOUCH_WRITE	(1ULL << 63)

FIXTURE(huge) {
	struct guest guest;
	struct guest_cpu *cpu;
	uint8_t *area;			/* 2 MiB-aligned, len bytes */
	uint64_t len;
};

FIXTURE_VARIANT(huge) {
	uint64_t mib;
};

FIXTURE_VARIANT_ADD(huge, small) { .mib = 32 };

FIXTURE_SETUP(huge)
{
	uint8_t *map;

	ASSERT_EQ(0, guest_create(&self->guest, 1));
	self->cpu = &self->guest.cpu[0];
	self->len = variant->mib * MIB;
	map = mmap(NULL, self->len + 2 * HUGE, PROT_READ | PROT_WRITE,
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

TEST_F(huge, cost)
{
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

	if (!has_2m())
		SKIP(return, "the processor or a parameter says 4 KiB only");
	if (!fresh(self->area, self->len, MADV_HUGEPAGE))
		SKIP(return, "this host has no transparent huge pages");
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

TEST_HARNESS_MAIN
