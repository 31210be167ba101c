/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Why something failed, as the sentence the user will read: cause, then the
 * remedy after a colon. Filled in where the cause is known, printed once, far
 * up, by the caller that gives up.
 */
#ifndef VMRUN_WHY_H
#define VMRUN_WHY_H

#include <stdint.h>

struct why {
	char text[1024];
};

/* Always returns -1, so that a failing function can return its result. */
__attribute__((format(printf, 2, 3)))
int why_set(struct why *why, const char *format, ...);

/* A byte count as a person writes it, "63.6 MiB"; a static ring of four. */
const char *why_size(uint64_t bytes);

#endif /* VMRUN_WHY_H */
