/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The user's terminal: raw while the guest has it, as it was whenever this
 * process stops having it, whichever way that comes about.
 */
#ifndef VMRUN_TERM_H
#define VMRUN_TERM_H

#include <stdbool.h>

/* May this process read terminal @fd without being stopped for it? */
bool term_is_foreground(int fd);

/*
 * Make @fd raw, but for newline translation on output, and see to it that exit
 * and fatal signals restore it. 0 or -1. At most one terminal per process.
 */
int term_raw(int fd);

/* Async-signal-safe; does nothing if term_raw() was not called. */
void term_restore(void);

/* After SIGCONT: a shell has put its own mode back. */
void term_resume(void);

#endif /* VMRUN_TERM_H */
