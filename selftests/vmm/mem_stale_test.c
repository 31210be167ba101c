// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A page is taken away and its frame refilled while two vCPUs hammer it: they may
 * find the page empty, never what its frame holds by then. Documentation/memory.md
 * shows what happens here when vm_ept_flush() does not wait.
 */
#include <sys/mman.h>
#include "guest_fixture.h"

#define SEG	0x10000000ULL
#define PAGES	16
#define LEN	(PAGES * 4096UL)
#define RW	(VMM_PROT_READ | VMM_PROT_WRITE)
#define GOOD	0x600d600d600d600dULL
#define POISON	0xdeadbeefdeadbeefULL

FIXTURE(stale) {
	struct guest guest;
	uint8_t *page, *bait;
};

FIXTURE_SETUP(stale)
{
	ASSERT_EQ(0, guest_create(&self->guest, 2));
	self->page = mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	self->bait = mmap(NULL, LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->page);
	ASSERT_NE(MAP_FAILED, self->bait);
	/* Both have their page tables: a new page comes straight from what was freed. */
	memset(self->bait, 1, LEN);
}

FIXTURE_TEARDOWN(stale)
{
	guest_destroy(&self->guest);
}

/* Reads all the time; the vCPU that writes does so now and then. */
static void g_hammer(uint64_t writes)
{
	volatile uint64_t *stop = (volatile uint64_t *)(SEG + LEN);
	uint64_t turn, i, value;

	g_sti();
	for (turn = 0; !*stop; turn++) {
		for (i = 0; i < PAGES; i++) {
			volatile uint64_t *word = (volatile uint64_t *)(SEG + i * 4096);

			value = word[turn % 512];
			if (value != GOOD && value != 0)
				g_done(value);
			if (writes && turn % 8 == 0)
				word[turn % 512] = GOOD;
		}
	}
	g_done(0);
}

static void fill(uint8_t *at, uint64_t value)
{
	uint64_t i, *word = (uint64_t *)at;

	for (i = 0; i < LEN / 8; i++)
		word[i] = value;
}

TEST_F(stale, never_the_new_content)
{
	const char *more = getenv("MEM_TEST_ROUNDS");
	unsigned int i, rounds = more ? atoi(more) : 60, same = 0;
	volatile uint64_t *stop = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	guest_timeout_ms = 300000;
	ASSERT_NE(MAP_FAILED, stop);
	*stop = 0;
	ASSERT_EQ(0, vmm_mem_add(self->guest.vm, SEG, self->page, LEN, RW));
	ASSERT_EQ(0, vmm_mem_add(self->guest.vm, SEG + LEN, (void *)stop, 4096, RW));
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, guest_start64(&self->guest.cpu[i], g_hammer, i));
		ASSERT_EQ(0, guest_spawn(&self->guest.cpu[i]));
	}
	for (i = 0; i < rounds && self->guest.cpu[0].returned == -EINPROGRESS; i++) {
		fill(self->page, GOOD);
		usleep(1000);
		/* The frames of the one become the other's. */
		madvise(self->bait, LEN, MADV_DONTNEED);
		madvise(self->page, LEN, MADV_DONTNEED);
		fill(self->bait, POISON);
		usleep(500);
		same++;
	}
	*stop = 1;
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(GUEST_DONE, guest_join(&self->guest.cpu[i]))
			guest_show(&self->guest.cpu[i]);
		EXPECT_EQ(0, self->guest.cpu[i].result)
			TH_LOG("vCPU %u read %#lx in round %u: the new content of an old frame", i,
			       self->guest.cpu[i].result, same);
	}
	TH_LOG("%u rounds", same);
}

TEST_HARNESS_MAIN
