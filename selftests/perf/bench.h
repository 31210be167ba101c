/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Rows of the benchmark: what each measures, and how it says so.
 *
 * A row runs a few times and reports the smallest and the largest result: the
 * host's timer falls into some runs and none into others.
 */
#ifndef PERF_BENCH_H
#define PERF_BENCH_H

#include "guest_code.h"
#include "machine.h"
#include "payload.h"

#define ROW_SHORT	1	/* is part of the guard's short form */
#define ROW_ONCE	2	/* a second measurement would not measure the same */

struct bench {
	const struct machine_ops *ops;
	uint8_t *image;
	unsigned int repeats;
};

/*
 * One measurement of a row: ticks per operation, times ROW_SCALE, or a
 * negative errno. -ENOSYS: nothing of the kind here.
 */
#define ROW_SCALE	10
struct row {
	const char *name;
	const char *unit;
	unsigned int flags;
	unsigned int cpus;		/* processors the host must have */
	int64_t (*measure)(const struct bench *bench, const struct row *row);
	payload_fn *payload;
	uint64_t iterations;
	uint64_t arg;			/* of the row's own kind */
};

extern const struct row rows_exit[], rows_irq[], rows_memory[], rows_life[];

/* The result that the guest has left, per iteration. */
int64_t row_result(const struct bench *bench);
int64_t row_per(uint64_t ticks, uint64_t count);

/* A fresh machine with one vCPU runs row->payload to its end. */
int64_t row_payload(const struct bench *bench, const struct row *row);

#endif /* PERF_BENCH_H */
