// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * bench kvm|vmm [--short] [--only PATTERN] [--repeat N]
 *
 * Measures the rows under one hypervisor and prints one line for each:
 *	row NAME UNIT MIN MAX
 * in ticks of the TSC with one decimal. In the emulated host a tick is an
 * instruction. report.awk joins two such lists to a table.
 */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "bench.h"

static const struct row *const lists[] = { rows_life, rows_exit, rows_irq, rows_memory };

int64_t row_per(uint64_t ticks, uint64_t count)
{
	return ticks * ROW_SCALE / (count ? count : 1);
}

int64_t row_result(const struct bench *bench)
{
	const struct payload_out *out = IN_GUEST(bench->image, payload_out);

	return row_per(out->ticks, out->iterations);
}

int64_t row_payload(const struct bench *bench, const struct row *row)
{
	struct machine m;
	int error = machine_up(&m, bench->ops, bench->image, 1);

	if (error)
		return error;
	memset(IN_GUEST(bench->image, payload_out), 0, sizeof(payload_out));
	error = bench->ops->start(&m.cpu[0], (uintptr_t)row->payload, STACK_OF(0),
				  row->iterations);
	if (!error)
		error = bench->ops->run(&m.cpu[0]);
	machine_down(&m);
	return error ? error : row_result(bench);
}

/* False: the row failed, which is told. */
static bool run_row(const struct bench *bench, const struct row *row)
{
	int64_t min = 0, max = 0, result;
	unsigned int i;

	for (i = 0; i < (row->flags & ROW_ONCE ? 1 : bench->repeats); i++) {
		result = row->measure(bench, row);
		if (result == -ENOSYS) {
			printf("none %s\n", row->name);
			return true;
		}
		if (result < 0) {
			printf("failed %s: %s\n", row->name, strerror(-result));
			return false;
		}
		if (!i || result < min)
			min = result;
		if (!i || result > max)
			max = result;
	}
	printf("row %s %s %lld.%lld %lld.%lld\n", row->name, row->unit,
	       (long long)min / ROW_SCALE, (long long)min % ROW_SCALE,
	       (long long)max / ROW_SCALE, (long long)max % ROW_SCALE);
	fflush(stdout);
	return true;
}

static int usage(void)
{
	fprintf(stderr, "usage: bench kvm|vmm [--short] [--only PATTERN] [--repeat N]\n");
	return 2;
}

int main(int argc, char **argv)
{
	struct bench bench = { .repeats = 3 };
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	const char *only = "*";
	bool quick = false, ok = true;
	const struct row *row;
	unsigned int i;
	int arg, error;

	if (argc < 2)
		return usage();
	bench.ops = strcmp(argv[1], "kvm") ? &machine_vmm : &machine_kvm;
	if (strcmp(argv[1], bench.ops->name))
		return usage();
	for (arg = 2; arg < argc; arg++) {
		if (!strcmp(argv[arg], "--short"))
			quick = true;
		else if (!strcmp(argv[arg], "--only") && arg + 1 < argc)
			only = argv[++arg];
		else if (!strcmp(argv[arg], "--repeat") && arg + 1 < argc)
			bench.repeats = atoi(argv[++arg]);
		else
			return usage();
	}
	error = bench.ops->open();
	if (error) {
		fprintf(stderr, "bench: %s cannot be opened: %s\n", bench.ops->name,
			strerror(-error));
		return 1;
	}
	bench.image = image_create();
	if (!bench.image)
		return 1;
	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		for (row = lists[i]; row->name; row++) {
			/* Figures of one and of two processors do not compare. */
			if ((quick && !(row->flags & ROW_SHORT)) || row->cpus != cpus ||
			    fnmatch(only, row->name, 0))
				continue;
			ok &= run_row(&bench, row);
		}
	}
	image_destroy(bench.image);
	return !ok;
}
