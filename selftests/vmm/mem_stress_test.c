// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Whatever the host does to its memory while vCPUs run, the guest sees no wrong
 * byte: mprotect, mremap, fork, merging, compaction, collapsing and reclaim on
 * memory that must keep its content, DONTNEED and truncation on memory that may
 * become zero.
 *
 * Of the first kind each vCPU owns every second page and counts in it; its own
 * record of the counts lies elsewhere. In the second kind a word is zero or
 * names its own page.
 */
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include "guest_fixture.h"
#include "hostile.h"

#define MIB		(1ULL << 20)
#define KEEP		0x10000000ULL	/* content stays */
#define KEEP_LEN	(8 * MIB)
#define LOSE		0x20000000ULL	/* DONTNEED */
#define LOSE_LEN	(4 * MIB)
#define SHRINK		0x30000000ULL	/* a memfd, truncated */
#define SHRINK_LEN	(2 * MIB)
#define RWX		(VMM_PROT_READ | VMM_PROT_WRITE | VMM_PROT_EXEC)
#define CPUS		2
#define MAGIC		0x5a5a000000000000ULL

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif

static uint32_t record[KEEP_LEN / 4096];	/* the guest's copy counts */
static volatile uint64_t turns = 6000;

FIXTURE(stress) {
	struct guest guest;
	struct rng rng;
	uint8_t *keep, *spare, *lose, *shrink;
	int fd, kmsg;
	unsigned int refused[CPUS];
};

static uint64_t g_random(uint64_t *x)
{
	*x = *x * 6364136223846793005ULL + 1442695040888963407ULL;
	return *x >> 33;
}

static uint64_t g_check_tagged(uint64_t gpa, uint64_t len, uint64_t random)
{
	uint64_t page = random % (len / 4096);
	volatile uint64_t *word = (volatile uint64_t *)(gpa + page * 4096 + random / 4096 % 8 * 512);
	uint64_t value = *word;

	if (value && (value & ~0xffULL) != (MAGIC | gpa | page << 8))
		return value;
	*word = MAGIC | gpa | page << 8 | (random & 0xff);
	return 0;
}

static void g_stress(uint64_t id)
{
	uint64_t x = id + 1, turn, page, bad;

	g_sti();
	for (turn = 0; turn < turns; turn++) {
		volatile uint32_t *word;

		page = g_random(&x) % (KEEP_LEN / 4096 / CPUS) * CPUS + id;
		word = (volatile uint32_t *)(KEEP + page * 4096);
		if (word[0] != record[page] || word[1023] != record[page]) {
			g_value(page);
			g_value(word[0]);
			g_value(record[page]);
			g_done(1);
		}
		record[page]++;
		word[0] = record[page];
		word[1023] = record[page];
		bad = g_check_tagged(LOSE, LOSE_LEN, g_random(&x));
		if (!bad)
			bad = g_check_tagged(SHRINK, SHRINK_LEN, g_random(&x));
		if (bad) {
			g_value(bad);
			g_done(2);
		}
	}
	g_done(0);
}

static uint8_t *map_huge(uint64_t len)
{
	uint8_t *map = mmap(NULL, len + 2 * MIB, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (map == MAP_FAILED)
		return NULL;
	map = (uint8_t *)(((uintptr_t)map + 2 * MIB - 1) & ~(2 * MIB - 1));
	madvise(map, len, MADV_HUGEPAGE);
	return map;
}

static void put(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY);

	/* What this host does not have is not raced with; the counters tell. */
	if (fd < 0)
		return;
	if (write(fd, value, strlen(value)) < 0)
		fprintf(stderr, "# %s: %s\n", path, strerror(errno));
	close(fd);
}

static unsigned long vmstat(const char *what)
{
	char name[64];
	unsigned long value;
	FILE *f = fopen("/proc/vmstat", "r");

	while (f && fscanf(f, "%63s %lu", name, &value) == 2) {
		if (!strcmp(name, what)) {
			fclose(f);
			return value;
		}
	}
	if (f)
		fclose(f);
	return 0;
}

FIXTURE_SETUP(stress)
{
	const char *more = getenv("MEM_TEST_TURNS");

	if (more)
		turns = strtoull(more, NULL, 0);
	guest_timeout_ms = 900000;
	self->rng.state = hostile_seed(20261121);
	self->kmsg = kmsg_open();
	self->keep = map_huge(KEEP_LEN);
	self->spare = map_huge(KEEP_LEN);
	self->lose = map_huge(LOSE_LEN);
	self->fd = memfd_create("stress", 0);
	ASSERT_EQ(0, ftruncate(self->fd, SHRINK_LEN));
	self->shrink = mmap(NULL, SHRINK_LEN, PROT_READ | PROT_WRITE, MAP_SHARED, self->fd, 0);
	ASSERT_TRUE(self->keep && self->spare && self->lose && self->shrink != MAP_FAILED);
	ASSERT_EQ(0, guest_create(&self->guest, CPUS));
	ASSERT_EQ(0, vmm_mem_add(self->guest.vm, KEEP, self->keep, KEEP_LEN, RWX));
	ASSERT_EQ(0, vmm_mem_add(self->guest.vm, LOSE, self->lose, LOSE_LEN, RWX));
	ASSERT_EQ(0, vmm_mem_add(self->guest.vm, SHRINK, self->shrink, SHRINK_LEN, RWX));
}

FIXTURE_TEARDOWN(stress)
{
	put("/sys/kernel/mm/ksm/run", "2");
	guest_destroy(&self->guest);
}

static struct {
	struct guest_cpu *cpu;
	unsigned int *refused;
	volatile int result;
	pthread_t thread;
} runner[CPUS];

/* An access that the host refuses for the moment is tried again. */
static void *run(void *arg)
{
	uintptr_t i = (uintptr_t)arg;
	int result;

	while ((result = guest_run(runner[i].cpu)) == VMM_EXIT_MEMORY) {
		++*runner[i].refused;
		sched_yield();
	}
	runner[i].result = result;
	return NULL;
}

/* A piece of @len that begins at a page. */
static uint64_t piece(struct rng *rng, uint64_t len, uint64_t *bytes)
{
	uint64_t from = rng_below(rng, len / 4096) * 4096;

	*bytes = (1 + rng_below(rng, rng_chance(rng, 50) ? 8 : 512)) * 4096;
	if (from + *bytes > len)
		*bytes = len - from;
	return from;
}

#define OPS	9

static void disturb(struct __test_metadata *_metadata, struct _test_data_stress *self,
		    unsigned int op)
{
	uint64_t len, from = piece(&self->rng, KEEP_LEN, &len);
	pid_t child;
	int status;

	switch (op) {
	case 0:
		ASSERT_EQ(0, mprotect(self->keep + from, len, PROT_READ));
		ASSERT_EQ(0, mprotect(self->keep + from, len, PROT_READ | PROT_WRITE));
		break;
	case 1:
		/* Away and back: what the guest touches meanwhile is refused. */
		ASSERT_EQ(self->spare, mremap(self->keep + from, len, len,
					      MREMAP_MAYMOVE | MREMAP_FIXED, self->spare));
		ASSERT_EQ(self->keep + from, mremap(self->spare, len, len,
						    MREMAP_MAYMOVE | MREMAP_FIXED,
						    self->keep + from));
		break;
	case 2:
		child = fork();
		ASSERT_GE(child, 0);
		if (!child)
			_exit(0);
		ASSERT_EQ(child, waitpid(child, &status, 0));
		break;
	case 3:
		madvise(self->keep, KEEP_LEN, MADV_MERGEABLE);
		put("/sys/kernel/mm/ksm/run", "1");
		break;
	case 4:
		put("/proc/sys/vm/compact_memory", "1");
		break;
	case 5:
		madvise(self->keep, KEEP_LEN, MADV_UNMERGEABLE);
		madvise(self->keep + (from & ~(2 * MIB - 1)), 2 * MIB, MADV_COLLAPSE);
		break;
	case 6:
		madvise(self->keep + from, len, MADV_PAGEOUT);
		break;
	case 7:
		from = piece(&self->rng, LOSE_LEN, &len);
		ASSERT_EQ(0, madvise(self->lose + from, len, MADV_DONTNEED));
		break;
	case 8:
		from = piece(&self->rng, SHRINK_LEN, &len);
		ASSERT_EQ(0, ftruncate(self->fd, from));
		ASSERT_EQ(0, ftruncate(self->fd, SHRINK_LEN));
		break;
	}
}

TEST_F_TIMEOUT(stress, no_wrong_byte, 1800)
{
	static const char *const counters[] = {
		"compact_migrate_scanned", "pgmigrate_success", "thp_fault_alloc",
		"thp_collapse_alloc", "thp_split_pmd", "pswpout", "pswpin", "ksm_swpin_copy",
	};
	unsigned long before[ARRAY_SIZE(counters)];
	struct vmm_mem_stats stats = { .size = sizeof(stats) };
	unsigned int count[OPS] = { 0 }, i, op;
	const char *line;

	for (i = 0; i < ARRAY_SIZE(counters); i++)
		before[i] = vmstat(counters[i]);
	put("/sys/kernel/mm/ksm/pages_to_scan", "1000");
	put("/sys/kernel/mm/ksm/sleep_millisecs", "1");
	for (i = 0; i < CPUS; i++) {
		runner[i].cpu = &self->guest.cpu[i];
		runner[i].refused = &self->refused[i];
		runner[i].result = -EINPROGRESS;
		ASSERT_EQ(0, guest_start64(&self->guest.cpu[i], g_stress, i));
		ASSERT_EQ(0, pthread_create(&runner[i].thread, NULL, run, (void *)(uintptr_t)i));
	}
	while (runner[0].result == -EINPROGRESS || runner[1].result == -EINPROGRESS) {
		op = rng_below(&self->rng, OPS);
		/* Those that take long come seldom. */
		if ((op >= 2 && op <= 5) && !rng_chance(&self->rng, 20))
			continue;
		disturb(_metadata, self, op);
		count[op]++;
		usleep(500);
	}
	for (i = 0; i < CPUS; i++) {
		pthread_join(runner[i].thread, NULL);
		ASSERT_EQ(GUEST_DONE, runner[i].result)
			guest_show(&self->guest.cpu[i]);
		EXPECT_EQ(0, self->guest.cpu[i].result) {
			TH_LOG("vCPU %u found a wrong byte: %s", i,
			       self->guest.cpu[i].result == 1 ? "page, word, record" : "word");
			guest_show(&self->guest.cpu[i]);
		}
	}
	TH_LOG("mprotect %u mremap %u fork %u merge %u compact %u collapse %u pageout %u dontneed %u truncate %u",
	       count[0], count[1], count[2], count[3], count[4], count[5], count[6], count[7],
	       count[8]);
	for (i = 0; i < ARRAY_SIZE(counters); i++)
		TH_LOG("%s %lu", counters[i], vmstat(counters[i]) - before[i]);
	ASSERT_EQ(0, vmm_call(self->guest.vm, VMM_MEM_STATS, &stats));
	TH_LOG("refused %u %u; flushes %llu, waited for %llu, saved %llu", self->refused[0],
	       self->refused[1], stats.flushes, stats.flush_waits, stats.flushes_saved);
	EXPECT_GT(stats.flushes, 10);
	EXPECT_GT(stats.flush_waits, 0);
	line = kmsg_complaint(self->kmsg);
	EXPECT_EQ(NULL, line)
		TH_LOG("the kernel complained: %s", line);
}

TEST_HARNESS_MAIN
