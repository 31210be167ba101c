// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Pages are taken away and refilled while two vCPUs hammer them: they may find
 * them empty or gone, never what they hold by then.
 *
 * When the host takes a page from the process, its own TLB shootdown interrupts
 * the vCPUs as well. When a segment is removed nothing but vm_ept_flush() does:
 * Documentation/memory.md shows what happens here when that does not wait.
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

TEST_F_TIMEOUT(stale, never_the_new_content, 1800)
{
	const char *more = getenv("MEM_TEST_ROUNDS");
	unsigned int i, rounds = more ? atoi(more) : 40, same = 0;
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

static struct {
	struct guest_cpu *cpu;
	volatile int result;
	pthread_t thread;
} runner[2];

/* Where there is no memory, reads find GOOD and writes are lost. */
static void *run(void *arg)
{
	uintptr_t i = (uintptr_t)arg;
	uint64_t good = GOOD;
	int result;

	while ((result = guest_run(runner[i].cpu)) == VMM_EXIT_MMIO)
		memcpy(runner[i].cpu->run->data, &good, 8);
	runner[i].result = result;
	return NULL;
}

TEST_F_TIMEOUT(stale, removed_segment, 1800)
{
	const char *more = getenv("MEM_TEST_ROUNDS");
	unsigned int i, k, rounds = more ? atoi(more) : 40, written = 0;
	volatile uint64_t *stop = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	volatile uint64_t *word = (volatile uint64_t *)self->page;

	guest_timeout_ms = 300000;
	ASSERT_NE(MAP_FAILED, stop);
	*stop = 0;
	ASSERT_EQ(0, vmm_mem_add(self->guest.vm, SEG + LEN, (void *)stop, 4096, RW));
	for (i = 0; i < 2; i++) {
		runner[i].cpu = &self->guest.cpu[i];
		runner[i].result = -EINPROGRESS;
		ASSERT_EQ(0, guest_start64(&self->guest.cpu[i], g_hammer, i));
		ASSERT_EQ(0, pthread_create(&runner[i].thread, NULL, run, (void *)(uintptr_t)i));
	}
	for (i = 0; i < rounds; i++) {
		fill(self->page, GOOD);
		ASSERT_EQ(0, vmm_mem_add(self->guest.vm, SEG, self->page, LEN, RW));
		usleep(1000 + i % 8 * 200);
		ASSERT_EQ(0, vmm_mem_remove(self->guest.vm, SEG, LEN));
		fill(self->page, POISON);
		usleep(500);
		for (k = 0; k < LEN / 8; k++)
			written += word[k] != POISON;
	}
	*stop = 1;
	for (i = 0; i < 2; i++) {
		pthread_join(runner[i].thread, NULL);
		ASSERT_EQ(GUEST_DONE, runner[i].result)
			guest_show(&self->guest.cpu[i]);
		EXPECT_EQ(0, self->guest.cpu[i].result)
			TH_LOG("vCPU %u read %#lx: the new content of memory taken from it", i,
			       self->guest.cpu[i].result);
	}
	EXPECT_EQ(0, written)
		TH_LOG("%u words were written to memory taken from the guest", written);
}

TEST_HARNESS_MAIN
