/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How a run ended, and the exit status that says so: the one place where both
 * are defined. vmrun(1) repeats the table.
 */
#ifndef VMRUN_EXITS_H
#define VMRUN_EXITS_H

#include <stddef.h>

#define STATUS_RESET		10
#define STATUS_HALT		11
#define STATUS_TRIPLE_FAULT	12
#define STATUS_PANIC		13
#define STATUS_CODE_OTHER	119	/* the guest's code has no status of its own */
#define STATUS_TIMEOUT		124
#define STATUS_FAILED		125

enum end_kind {
	END_NONE,		/* still running */
	END_POWEROFF,
	END_RESET,
	END_HALT,
	END_TRIPLE_FAULT,
	END_PANIC,
	END_CODE,		/* value: what the guest wrote to the test device */
	END_TIMEOUT,
	END_SIGNAL,		/* value: signal number */
	END_QUIT,		/* Ctrl-a x */
	END_FAILED,		/* vmrun or the module could not go on */
};

struct end {
	enum end_kind kind;
	unsigned int value;
};

int exits_status(struct end end);

/* One word for programs, "triple-fault"; vmrun(1) lists them. */
const char *exits_reason(struct end end);

/* The same as a clause, "the guest powered off". Returns @buf. */
char *exits_words(struct end end, char *buf, size_t len);

#endif /* VMRUN_EXITS_H */
