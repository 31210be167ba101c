/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What happens to a run, for programs: one JSON object in a line, written at
 * once and whole. vmrun(1) lists events and members.
 *
 * State is global, like the log's. Any thread may tell an event.
 */
#ifndef VMRUN_EVENTS_H
#define VMRUN_EVENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "why.h"

struct event {
	char text[2048];
	size_t len;
	bool overflow;
};

/* "fd=N" or a path, which is appended to. 0, or -1 with @why. */
int events_open(const char *where, struct why *why);
void events_close(void);

/* Begin an event, add members, send it. Without events_open() nothing is written. */
void event_begin(struct event *event, const char *name);
void event_string(struct event *event, const char *key, const char *value);
void event_number(struct event *event, const char *key, long long value);
void event_send(struct event *event);

/* An event with no members of its own. */
void event_tell(const char *name);

#endif /* VMRUN_EVENTS_H */
