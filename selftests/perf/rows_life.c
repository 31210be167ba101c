// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Rows of life cycle: how long making and ending a VM takes, and how much
 * kernel memory it holds.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "bench.h"

static int run_once(const struct bench *bench, struct machine *m)
{
	unsigned int i;
	int error = 0;

	for (i = 0; i < m->cpus && !error; i++) {
		error = bench->ops->start(&m->cpu[i], (uintptr_t)payload_done, STACK_OF(i), 0);
		if (!error)
			error = bench->ops->run(&m->cpu[i]);
	}
	return error;
}

/* From nothing to the exit of the guest's first instruction. */
static int64_t measure_create(const struct bench *bench, const struct row *row)
{
	uint64_t begin = rdtsc();
	struct machine m;
	int error = machine_up(&m, bench->ops, bench->image, 1);

	if (error)
		return error;
	error = run_once(bench, &m);
	begin = rdtsc() - begin;
	machine_down(&m);
	return error ? error : row_per(begin, 1);
}

static int64_t measure_destroy(const struct bench *bench, const struct row *row)
{
	struct machine m;
	uint64_t begin;
	int error = machine_up(&m, bench->ops, bench->image, 1);

	if (error)
		return error;
	error = run_once(bench, &m);
	begin = rdtsc();
	machine_down(&m);
	return error ? error : row_per(rdtsc() - begin, 1);
}

static int64_t measure_add_cpu(const struct bench *bench, const struct row *row)
{
	struct machine m;
	uint64_t begin;
	int error = machine_up(&m, bench->ops, bench->image, 1);

	if (error)
		return error;
	m.cpu[1].machine = &m;
	begin = rdtsc();
	error = bench->ops->add_cpu(&m);
	begin = rdtsc() - begin;
	if (!error)
		m.cpus++;
	machine_down(&m);
	return error ? error : row_per(begin, 1);
}

/* Free memory of the host, in bytes. */
static int64_t host_free(void)
{
	FILE *file = fopen("/proc/meminfo", "re");
	long long kib = -1;
	char line[128];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "MemFree: %lld kB", &kib) == 1)
			break;
	if (file)
		fclose(file);
	return kib < 0 ? -EIO : kib * 1024;
}

#define MEMORY_VMS	60

/* Bytes for one VM with @cpus vCPUs that have run, on average over many. */
static int64_t bytes_of(const struct bench *bench, unsigned int cpus)
{
	static struct machine m[MEMORY_VMS];
	int64_t before = 0, after = 0;
	unsigned int n, up = 0;
	int error = 0;

	/* The first ones fill the allocators' own stocks. */
	for (n = 0; n < MEMORY_VMS && !error; n++) {
		if (n == MEMORY_VMS / 3)
			before = host_free();
		error = machine_up(&m[n], bench->ops, bench->image, cpus);
		if (!error) {
			up++;
			error = run_once(bench, &m[n]);
		}
	}
	after = host_free();
	while (up)
		machine_down(&m[--up]);
	if (error)
		return error;
	return (before - after) / (MEMORY_VMS - MEMORY_VMS / 3);
}

static int64_t measure_vm_bytes(const struct bench *bench, const struct row *row)
{
	int64_t bytes = bytes_of(bench, row->arg);

	return bytes < 0 ? bytes : bytes * ROW_SCALE;
}

static int64_t measure_cpu_bytes(const struct bench *bench, const struct row *row)
{
	int64_t one = bytes_of(bench, 1), three = bytes_of(bench, 3);

	if (one < 0 || three < 0)
		return one < 0 ? one : three;
	return (three - one) / 2 * ROW_SCALE;
}

#define LIFE(_name, _measure, _unit, _arg, _flags)					\
	{ .name = _name, .unit = _unit, .flags = _flags, .cpus = 1, .measure = _measure, .arg = _arg }

/* The bytes first, and once: memory that a row has freed is not seen again. */
const struct row rows_life[] = {
	LIFE("bytes-vm-and-vcpu", measure_vm_bytes, "bytes", 1, ROW_ONCE),
	LIFE("bytes-per-vcpu", measure_cpu_bytes, "bytes", 0, ROW_ONCE),
	LIFE("vm-create-to-first-instruction", measure_create, "VM", 0, ROW_SHORT),
	LIFE("vm-destroy", measure_destroy, "VM", 0, ROW_SHORT),
	LIFE("vcpu-create", measure_add_cpu, "vCPU", 0, 0),
	{}
};
