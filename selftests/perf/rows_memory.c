// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Rows of EPT violations: what the first access to a page costs, by what the
 * host has there, and what a round of dirty logging costs.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include "bench.h"

#define M		(1024 * 1024ULL)
#define HUGE		(2 * M)
#define AREA_SLOT	1

#define AREA_HUGE	1	/* host backs it with 2 MiB pages */
#define AREA_PRESENT	2	/* all pages are there before the guest looks */
#define AREA_ZAP	4	/* the guest has touched them, then the host threw them out */
#define AREA_LOG	8	/* dirty logging is on; the row is the second round */

/* @len bytes on a 2 MiB border, of the wanted kind. */
static uint8_t *area_map(uint64_t len, uint64_t how, uint8_t **mapping)
{
	uint8_t *area;

	*mapping = mmap(NULL, len + HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			-1, 0);
	if (*mapping == MAP_FAILED)
		return NULL;
	area = (uint8_t *)(((uintptr_t)*mapping + HUGE - 1) & ~(HUGE - 1));
	madvise(area, len, how & AREA_HUGE ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
	if (how & AREA_PRESENT)
		memset(area, 1, len);
	return area;
}

static int touch(const struct bench *bench, const struct row *row, struct machine *m,
		 uint64_t pages)
{
	int error;

	memset(IN_GUEST(bench->image, payload_out), 0, sizeof(payload_out));
	error = bench->ops->start(&m->cpu[0], (uintptr_t)row->payload, STACK_OF(0), pages);
	return error ? error : bench->ops->run(&m->cpu[0]);
}

static int64_t measure_touch(const struct bench *bench, const struct row *row)
{
	uint64_t page = row->arg & AREA_HUGE ? HUGE : 4096;
	uint64_t len = row->iterations * page, ticks = 0;
	uint64_t bitmap[64];
	uint8_t *mapping, *area = area_map(len, row->arg, &mapping);
	struct machine m;
	int error;

	if (!area)
		return -errno;
	error = machine_up(&m, bench->ops, bench->image, 1);
	if (error)
		goto out;
	error = bench->ops->add_memory(&m, AREA_SLOT, PERF_AREA_GPA, area, len,
				       row->arg & AREA_LOG);
	if (!error && row->arg & (AREA_ZAP | AREA_LOG))
		error = touch(bench, row, &m, len / 4096);
	if (!error && row->arg & AREA_ZAP && madvise(area, len, MADV_DONTNEED))
		error = -errno;
	if (!error && row->arg & AREA_LOG) {
		ticks = rdtsc();
		error = bench->ops->dirty_log(&m, AREA_SLOT, PERF_AREA_GPA, len, bitmap);
		ticks = rdtsc() - ticks;
	}
	if (!error)
		error = touch(bench, row, &m, len / 4096);
	machine_down(&m);
out:
	munmap(mapping, len + HUGE);
	ticks += IN_GUEST(bench->image, payload_out)->ticks;
	return error ? error : row_per(ticks, row->iterations);
}

#define TOUCH(_name, _payload, _pages, _how, _flags)					\
	{ .name = _name, .unit = "page", .flags = _flags, .cpus = 1,			\
	  .measure = measure_touch, .payload = _payload, .iterations = _pages, .arg = _how }

const struct row rows_memory[] = {
	TOUCH("ept-4k-present", payload_touch_write, 2048, AREA_PRESENT, ROW_SHORT),
	TOUCH("ept-4k-fresh", payload_touch_write, 2048, 0, ROW_SHORT),
	TOUCH("ept-4k-fresh-read", payload_touch_read, 2048, 0, 0),
	TOUCH("ept-4k-after-zap", payload_touch_write, 2048, AREA_ZAP, 0),
	TOUCH("ept-2m-present", payload_touch_write, 16, AREA_HUGE | AREA_PRESENT, ROW_SHORT),
	TOUCH("ept-2m-fresh", payload_touch_write, 16, AREA_HUGE, 0),
	TOUCH("dirty-log-round", payload_touch_write, 2048, AREA_PRESENT | AREA_LOG, 0),
	{}
};
