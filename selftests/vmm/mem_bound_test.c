// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A guest cannot make the host's EPT tables grow without limit: it touches one
 * page in each 2 MiB of a large, sparse segment, which wants a table each.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include "guest_fixture.h"

#define SEG		0x10000000ULL
#define STRIDE		(2ULL << 20)
#define PAGES		768ULL
#define BOUND		"128"
#define PARAMETER	"/sys/module/vmm/parameters/max_table_pages"

FIXTURE(bound) {
	struct guest guest;
	struct guest_cpu *cpu;
	uint8_t *area;
	char old[32];
};

static bool set(const char *value, char *old)
{
	int fd = open(PARAMETER, O_RDWR);
	bool good;

	if (fd < 0)
		return false;
	good = (!old || read(fd, old, 31) > 0) &&
	       pwrite(fd, value, strlen(value), 0) == (ssize_t)strlen(value);
	close(fd);
	return good;
}

FIXTURE_SETUP(bound)
{
	ASSERT_TRUE(set(BOUND, self->old));
	ASSERT_EQ(0, guest_create(&self->guest, 1));
	ASSERT_TRUE(set(self->old, NULL));
	self->cpu = &self->guest.cpu[0];
	self->area = mmap(NULL, PAGES * STRIDE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	ASSERT_NE(MAP_FAILED, self->area);
	ASSERT_EQ(0, madvise(self->area, PAGES * STRIDE, MADV_NOHUGEPAGE));
}

FIXTURE_TEARDOWN(bound)
{
	guest_destroy(&self->guest);
}

static void g_sparse(uint64_t arg)
{
	uint64_t i, pass, wrong = 0;

	for (pass = 0; pass < 2; pass++)
		for (i = 0; i < PAGES; i++) {
			volatile uint64_t *word = (volatile uint64_t *)(SEG + i * STRIDE);

			wrong += *word != pass * (i + 7);
			*word = (pass + 1) * (i + 7);
		}
	g_done(wrong);
}

TEST_F(bound, tables)
{
	struct vmm_mem_stats stats = { .size = sizeof(stats) };

	ASSERT_EQ(0, vmm_mem_add(self->guest.vm, SEG, self->area, PAGES * STRIDE,
				 VMM_PROT_READ | VMM_PROT_WRITE));
	ASSERT_GUEST(g_sparse, 0);
	EXPECT_EQ(0, self->cpu->result);
	ASSERT_EQ(0, vmm_call(self->guest.vm, VMM_MEM_STATS, &stats));
	EXPECT_EQ(atoi(BOUND), stats.tables_max);
	EXPECT_LE(stats.tables, stats.tables_max);
	EXPECT_GE(stats.trims, PAGES * 2 / atoi(BOUND) - 1);
	TH_LOG("%llu tables of %llu, emptied %llu times", stats.tables, stats.tables_max,
	       stats.trims);
}

TEST_HARNESS_MAIN
