/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The report on whether this machine can run guests.
 */
#ifndef VMRUN_CHECK_H
#define VMRUN_CHECK_H

/* --check: the whole table on stdout. Returns the exit status, 0 or 1. */
int check_report(void);

/* A start was refused: @headline and the failing rows, to stderr. */
void check_explain(const char *headline);

#endif /* VMRUN_CHECK_H */
