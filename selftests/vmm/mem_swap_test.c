// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Guests larger than the memory they may use, and what the host takes from them.
 * Wants swap space and, around itself, a memory limit: selftests/lanes/memory.sh.
 *
 * MEM_TEST_MIB is the guest's size, MEM_TEST_VCPUS and MEM_TEST_PASSES say how
 * it is used, MEM_TEST_RESIDENT_MIB is what the limit leaves in memory.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include "guest_fixture.h"

#define SEG		0x10000000ULL
#define MIB		(1ULL << 20)
#define RW		(VMM_PROT_READ | VMM_PROT_WRITE)
#define WORDS		8		/* looked at in each page */
#define LONG		3600		/* seconds; the lane has the limit that counts */

static uint64_t setting(const char *name, uint64_t otherwise)
{
	const char *value = getenv(name);

	return value ? strtoull(value, NULL, 0) : otherwise;
}

static unsigned long vmstat(const char *what)
{
	char name[64];
	unsigned long value, found = 0;
	FILE *f = fopen("/proc/vmstat", "r");

	while (f && fscanf(f, "%63s %lu", name, &value) == 2)
		if (!strcmp(name, what))
			found = value;
	if (f)
		fclose(f);
	return found;
}

static bool has_swap(void)
{
	char line[256];
	int lines = 0;
	FILE *f = fopen("/proc/swaps", "r");

	while (f && fgets(line, sizeof(line), f))
		lines++;
	if (f)
		fclose(f);
	return lines > 1;
}

FIXTURE(swap) {
	struct guest guest;
	struct guest_cpu *cpu;
	uint8_t *area;
	uint64_t len, pages;
};

FIXTURE_SETUP(swap)
{
	self->len = setting("MEM_TEST_MIB", 64) * MIB;
	self->pages = self->len / 4096;
	self->area = mmap(NULL, self->len, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	ASSERT_NE(MAP_FAILED, self->area);
	guest_timeout_ms = 3600000;
	ASSERT_EQ(0, guest_create(&self->guest, setting("MEM_TEST_VCPUS", 1)));
	self->cpu = &self->guest.cpu[0];
	ASSERT_EQ(0, vmm_mem_add(self->guest.vm, SEG, self->area, self->len, RW));
}

FIXTURE_TEARDOWN(swap)
{
	guest_destroy(&self->guest);
}

/* In the guest's copy of the program. */
static volatile uint64_t g_pages, g_passes, g_cpus;

static uint64_t pattern(uint64_t page, uint64_t word, uint64_t pass)
{
	return (page * WORDS + word + 1) * 0x9e3779b97f4a7c15ULL + pass;
}

/* Each vCPU writes its part, then reads it all again. */
static void g_patterns(uint64_t id)
{
	uint64_t pass, page, word, wrong = 0;

	g_sti();
	for (pass = 0; pass < g_passes; pass++) {
		for (page = id; page < g_pages; page += g_cpus)
			for (word = 0; word < WORDS; word++)
				*(volatile uint64_t *)(SEG + page * 4096 + word * 512) =
					pattern(page, word, pass);
		for (page = id; page < g_pages; page += g_cpus)
			for (word = 0; word < WORDS; word++)
				wrong += *(volatile uint64_t *)(SEG + page * 4096 + word * 512) !=
					 pattern(page, word, pass);
		g_value(wrong);
	}
	g_done(wrong);
}

TEST_F_TIMEOUT(swap, content_survives, LONG)
{
	uint64_t resident = setting("MEM_TEST_RESIDENT_MIB", 0) * MIB / 4096;
	unsigned long out = vmstat("pswpout"), in = vmstat("pswpin");
	unsigned int i, cpus = self->guest.cpus;

	if (!has_swap())
		SKIP(return, "there is no swap space");
	if (!resident || resident >= self->pages)
		SKIP(return, "MEM_TEST_RESIDENT_MIB does not limit this guest");
	*guest_at(&self->guest, &g_pages) = self->pages;
	*guest_at(&self->guest, &g_passes) = setting("MEM_TEST_PASSES", 1);
	*guest_at(&self->guest, &g_cpus) = cpus;
	for (i = 0; i < cpus; i++) {
		ASSERT_EQ(0, guest_start64(&self->guest.cpu[i], g_patterns, i));
		ASSERT_EQ(0, guest_spawn(&self->guest.cpu[i]));
	}
	for (i = 0; i < cpus; i++) {
		ASSERT_EQ(GUEST_DONE, guest_join(&self->guest.cpu[i]))
			guest_show(&self->guest.cpu[i]);
		EXPECT_EQ(0, self->guest.cpu[i].result);
	}
	out = vmstat("pswpout") - out;
	in = vmstat("pswpin") - in;
	TH_LOG("%lu MiB, %u vCPU, %lu passes: %lu pages swapped out, %lu in", self->len / MIB, cpus,
	       setting("MEM_TEST_PASSES", 1), out, in);
	EXPECT_GE(out, self->pages - resident);
	EXPECT_GE(in, self->pages - resident);
}

/*
 * Groups of GROUP pages are hot or cold by a coin, so that neither the order of
 * the first touch nor neighbourhood says which is which.
 */
#define GROUP	16

static bool is_hot(uint64_t page)
{
	return ((page / GROUP + 1) * 0x9e3779b97f4a7c15ULL) >> 63;
}

static void g_touch_all(uint64_t arg)
{
	uint64_t page;

	for (page = 0; page < g_pages; page++)
		*(volatile uint64_t *)(SEG + page * 4096) = page;
	g_done(0);
}

static void g_touch_hot(uint64_t arg)
{
	uint64_t page, sum = 0;

	for (page = 0; page < g_pages; page++)
		if (is_hot(page))
			sum += *(volatile uint64_t *)(SEG + page * 4096);
	g_done(sum);
}

/* Pages that are in swap space: hot ones, cold ones. */
static void count_swapped(uint8_t *area, uint64_t pages, uint64_t *hot, uint64_t *cold)
{
	uint64_t i, k, entry[512];
	int fd = open("/proc/self/pagemap", O_RDONLY);

	*hot = 0;
	*cold = 0;
	for (i = 0; i < pages; i += 512) {
		if (pread(fd, entry, sizeof(entry), ((uintptr_t)area / 4096 + i) * 8) !=
		    sizeof(entry))
			break;
		for (k = 0; k < 512 && i + k < pages; k++) {
			if (!(entry[k] >> 62 & 1))
				continue;
			*hot += is_hot(i + k);
			*cold += !is_hot(i + k);
		}
	}
	close(fd);
}

static int reclaim(const char *cgroup, uint64_t bytes)
{
	char path[256], value[32];
	int fd, error = 0;

	snprintf(path, sizeof(path), "%s/memory.reclaim", cgroup);
	snprintf(value, sizeof(value), "%lu", bytes);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return -errno;
	/* Less than asked for is -EAGAIN. */
	if (write(fd, value, strlen(value)) < 0 && errno != EAGAIN)
		error = -errno;
	close(fd);
	return error;
}

/* The first rounds find everything young from the first touch. */
#define WARM_UP	2

TEST_F_TIMEOUT(swap, cold_pages_go_first, LONG)
{
	const char *cgroup = getenv("MEM_TEST_CGROUP");
	uint64_t hot, cold, cold_before, hot_gone = 0, cold_gone = 0, want = self->pages / 4;
	int round;

	if (!has_swap())
		SKIP(return, "there is no swap space");
	if (!cgroup)
		SKIP(return, "MEM_TEST_CGROUP names no cgroup");
	if (setting("MEM_TEST_RESIDENT_MIB", 0))
		SKIP(return, "a limit would choose the pages before the test does");
	ASSERT_EQ(0, madvise(self->area, self->len, MADV_NOHUGEPAGE));
	*guest_at(&self->guest, &g_pages) = self->pages;
	ASSERT_GUEST(g_touch_all, 0);
	for (round = 0; round < 16 && hot_gone + cold_gone < want; round++) {
		/* All hot pages are in memory after this, cold ones as they were. */
		ASSERT_GUEST(g_touch_hot, 0);
		count_swapped(self->area, self->pages, &hot, &cold_before);
		ASSERT_EQ(0, reclaim(cgroup, self->len / 32));
		count_swapped(self->area, self->pages, &hot, &cold);
		if (round < WARM_UP)
			continue;
		hot_gone += hot;
		cold_gone += cold - cold_before;
	}
	ASSERT_GT(hot_gone + cold_gone, 0);
	TH_LOG("%lu of %lu pages reclaimed in %d rounds, %lu of them cold: %lu %%",
	       hot_gone + cold_gone, self->pages, round, cold_gone,
	       cold_gone * 100 / (hot_gone + cold_gone));
	EXPECT_GE(hot_gone + cold_gone, want / 2);
	EXPECT_GE(cold_gone * 100, (hot_gone + cold_gone) * 80);
}

TEST_HARNESS_MAIN
