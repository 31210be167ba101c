// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Counters of a run, as --stats prints them at its end: host TSC ticks, and
 * what the module counted per vCPU. In the emulated test host one tick is one
 * instruction, so the figures can be compared from run to run.
 */
#include "stats.h"

#include <stdint.h>
#include <stdio.h>
#include <x86intrin.h>

#include "machine.h"

#define COUNTERS_MAX	256

unsigned long long stats_now(void)
{
	return __rdtsc();
}

/* The counters of all vCPUs, added up; how many there are. */
static unsigned int add_up(struct machine *machine, uint64_t sum[COUNTERS_MAX])
{
	uint64_t value[VMM_STATS_MAX];
	unsigned int most = 0;

	for (unsigned int cpu = 0; cpu < machine->vcpus; cpu++) {
		unsigned int first = 0;
		int n;

		while (first < COUNTERS_MAX &&
		       (n = vmm_get_stats(&machine->vcpu[cpu].vmm, first, value,
					  VMM_STATS_MAX)) > 0) {
			for (int i = 0; i < n && first + i < COUNTERS_MAX; i++)
				sum[first + i] += value[i];
			first += n;
		}
		if (first > most)
			most = first;
	}
	return most < COUNTERS_MAX ? most : COUNTERS_MAX;
}

void stats_report(struct machine *machine, int ctl, unsigned long long begun)
{
	uint64_t sum[COUNTERS_MAX] = { 0 };
	unsigned int count = add_up(machine, sum);
	char name[64];

	fprintf(stderr, "%14llu  host TSC ticks\n", stats_now() - begun);
	for (unsigned int i = 0; i < count; i++)
		if (sum[i] && vmm_stat_name(ctl, i, name, sizeof(name)) >= 0)
			fprintf(stderr, "%14llu  %s\n", (unsigned long long)sum[i], name);
}
