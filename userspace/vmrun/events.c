// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Events as JSON lines. A line is one write(2), so lines of several threads do
 * not mix. Nobody waits for a reader: a pipe that is full or closed loses
 * events, which is told once.
 */
#include "events.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "log.h"

static int events_fd = -1;
static atomic_bool events_lost;

int events_open(const char *where, struct why *why)
{
	char *end;
	long fd;

	if (strncmp(where, "fd=", 3)) {
		events_fd = open(where, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0644);
		if (events_fd < 0)
			return why_set(why, "--events: %s cannot be written: %s", where,
				       strerror(errno));
		return 0;
	}
	fd = strtol(where + 3, &end, 10);
	if (!isdigit((unsigned char)where[3]) || *end || fd > 1 << 20)
		return why_set(why, "--events: \"%s\" is not a descriptor's number", where + 3);
	if (fcntl(fd, F_GETFL) < 0 || (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY)
		return why_set(why, "--events: descriptor %ld is not open for writing", fd);
	/* Our own copy: the caller's stays as it is. */
	events_fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (events_fd < 0)
		return why_set(why, "--events: %s", strerror(errno));
	return 0;
}

void events_close(void)
{
	if (events_fd >= 0)
		close(events_fd);
	events_fd = -1;
	atomic_store(&events_lost, false);
}

__attribute__((format(printf, 2, 3)))
static void add(struct event *event, const char *format, ...)
{
	size_t room = sizeof(event->text) - event->len;
	va_list args;
	int done;

	va_start(args, format);
	done = vsnprintf(event->text + event->len, room, format, args);
	va_end(args);
	if (done < 0 || (size_t)done >= room)
		event->overflow = true;
	else
		event->len += done;
}

/* A JSON string; bytes that are no UTF-8 are the reader's to judge. */
static void add_string(struct event *event, const char *value)
{
	add(event, "\"");
	for (; *value; value++) {
		unsigned char c = *value;

		if (c == '"' || c == '\\')
			add(event, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			add(event, "\\u%04x", c);
		else
			add(event, "%c", c);
	}
	add(event, "\"");
}

void event_begin(struct event *event, const char *name)
{
	struct timespec now;

	event->len = 0;
	event->overflow = false;
	clock_gettime(CLOCK_REALTIME, &now);
	add(event, "{\"time\":%lld.%06ld,\"event\":", (long long)now.tv_sec, now.tv_nsec / 1000);
	add_string(event, name);
}

void event_string(struct event *event, const char *key, const char *value)
{
	add(event, ",");
	add_string(event, key);
	add(event, ":");
	add_string(event, value);
}

void event_number(struct event *event, const char *key, long long value)
{
	add(event, ",");
	add_string(event, key);
	add(event, ":%lld", value);
}

void event_send(struct event *event)
{
	ssize_t done;

	if (events_fd < 0)
		return;
	add(event, "}\n");
	if (event->overflow) {
		done = -1;
		errno = E2BIG;
	} else {
		do
			done = write(events_fd, event->text, event->len);
		while (done < 0 && errno == EINTR);
	}
	if (done < 0 && !atomic_exchange(&events_lost, true))
		log_note("--events: an event is lost: %s; told once", strerror(errno));
}

void event_tell(const char *name)
{
	struct event event;

	event_begin(&event, name);
	event_send(&event);
}
