/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Helper programs: each is a child that holds one end of a socket pair and
 * nothing else of ours, and ends when the other end is closed.
 */
#ifndef VMRUN_BACKEND_CHILD_H
#define VMRUN_BACKEND_CHILD_H

#include <sys/types.h>

#include "why.h"

#define CHILD_FD	"3"	/* the socket's number in the child */

struct child {
	pid_t pid;
	int fd;			/* our end: stream, blocking */
};

/*
 * Start @argv, found along PATH and in the places of system programs. Its
 * standard output is our standard error. 0, or -1 with @why, which names
 * @package as the one to install if the program is not there.
 */
int child_start(struct child *child, const char *const argv[], const char *package,
		struct why *why);

/* Close the socket and wait for the child; one that does not end is killed. */
void child_end(struct child *child);

#endif /* VMRUN_BACKEND_CHILD_H */
