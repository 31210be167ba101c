/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Our own messages. They all go to stderr, because stdout belongs to the
 * guest's serial port.
 */
#ifndef VMRUN_LOG_H
#define VMRUN_LOG_H

#include <stdbool.h>
#include <stdint.h>

/* Called once, before there are threads. @level: -1 quiet, 0, 1 verbose. */
void log_init(const char *program, int level);

__attribute__((format(printf, 1, 2))) void log_error(const char *format, ...);
__attribute__((format(printf, 1, 2))) void log_note(const char *format, ...);	/* not if quiet */
__attribute__((format(printf, 1, 2))) void log_verbose(const char *format, ...);
bool log_is_verbose(void);

/* Several lines that no other message may split. Nests in one thread. */
void log_begin(void);
void log_end(void);

/* A set of the keys that were reported already; zeroed means empty. */
#define LOG_SEEN_MAX	64

struct log_seen {
	uint64_t key[LOG_SEEN_MAX];
	unsigned int count;
};

/* True the first time @key is asked about; false for ever once the set is full. */
bool log_is_first(struct log_seen *seen, uint64_t key);

#endif /* VMRUN_LOG_H */
