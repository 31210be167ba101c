// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Messages to stderr, from any thread.
 *
 * stderr's own lock serialises them; log_begin() takes it for a whole report.
 * Sets of seen keys share one lock, a leaf.
 */
#include "log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>

static const char *log_program = "vmrun";
static int log_level;
static pthread_mutex_t seen_lock = PTHREAD_MUTEX_INITIALIZER;

void log_init(const char *program, int level)
{
	log_program = program;
	log_level = level;
}

static void print(const char *format, va_list args)
{
	flockfile(stderr);
	fprintf(stderr, "%s: ", log_program);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	fflush(stderr);
	funlockfile(stderr);
}

void log_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print(format, args);
	va_end(args);
}

void log_note(const char *format, ...)
{
	va_list args;

	if (log_level < 0)
		return;
	va_start(args, format);
	print(format, args);
	va_end(args);
}

void log_verbose(const char *format, ...)
{
	va_list args;

	if (log_level < 1)
		return;
	va_start(args, format);
	print(format, args);
	va_end(args);
}

bool log_is_verbose(void)
{
	return log_level > 0;
}

void log_begin(void)
{
	flockfile(stderr);
}

void log_end(void)
{
	fflush(stderr);
	funlockfile(stderr);
}

bool log_is_first(struct log_seen *seen, uint64_t key)
{
	bool first = false;
	unsigned int i;

	pthread_mutex_lock(&seen_lock);
	for (i = 0; i < seen->count && seen->key[i] != key; i++)
		;
	if (i == seen->count && i < LOG_SEEN_MAX) {
		seen->key[seen->count++] = key;
		first = true;
	}
	pthread_mutex_unlock(&seen_lock);
	return first;
}
