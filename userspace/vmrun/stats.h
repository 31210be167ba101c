/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a run has cost: the counters of --stats. */
#ifndef VMRUN_STATS_H
#define VMRUN_STATS_H

struct machine;

/* The host's TSC: where a run begins. */
unsigned long long stats_now(void);

/*
 * Print to standard error the ticks since @begun and each counter of the
 * machine that is not zero, summed over its vCPUs. No vCPU thread may be running.
 */
void stats_report(struct machine *machine, int ctl, unsigned long long begun);

#endif /* VMRUN_STATS_H */
