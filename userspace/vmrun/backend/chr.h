/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where a serial port's bytes go and come from: stdio, a file, a pseudo
 * terminal, or nowhere. Knows nothing about UARTs.
 *
 * One struct for the life of the process: it outlives a guest's reset.
 */
#ifndef VMRUN_BACKEND_CHR_H
#define VMRUN_BACKEND_CHR_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "loop.h"
#include "opts_dev.h"
#include "why.h"

#define CHR_IN_ROOM	4096
#define CHR_OUT_ROOM	65536
#define CHR_OUT_MARGIN	256	/* more than vCPUs there can be */
#define CHR_OUT_BATCH	4096	/* worth a write(2) at once */
#define CHR_OUT_MS	4	/* longest time that less waits */

struct chr_ops {
	/* Input came: take it with chr_take(). Loop thread. */
	void (*input)(void *ctx);
	/* Ctrl-a and this key. Loop thread. */
	void (*key)(void *ctx, char key);
	/* Nobody can receive our output any more. Writer thread. */
	void (*broken)(void *ctx, int error);
	/* There is room again after chr_offer() took less. Writer thread. */
	void (*drained)(void *ctx);
	void *ctx;
};

struct chr {
	int in_fd, out_fd;	/* -1: none */
	bool own_fds;
	bool escapes;		/* Ctrl-a is ours */
	bool lossy;		/* output may be dropped when nobody reads */
	bool in_is_file;	/* cannot be waited for, never blocks */
	bool escape_seen;

	struct loop *loop;
	struct loop_source *source;
	struct chr_ops ops;

	pthread_mutex_t lock;	/* everything below; a leaf */
	pthread_cond_t changed;
	uint8_t in[CHR_IN_ROOM];
	unsigned int in_head, in_count;
	bool in_paused, in_eof;
	uint8_t out[CHR_OUT_ROOM];
	unsigned int out_head, out_count;
	bool out_dead, closing;
	bool out_short;		/* ops.drained is waited for */
	unsigned int hurry;	/* callers in chr_flush() */
	pthread_t writer;
	bool has_writer;
};

/* 0, or -1 with @why. Starts the writer thread. @option: "--serial", for messages. */
int chr_open(struct chr *chr, const struct console_options *where, const char *option,
	     struct loop *loop, struct why *why);

/* For chr_open(): with the descriptors filled in, make locks and the writer. */
int chr_start(struct chr *chr);

/* Begin to deliver input. */
int chr_listen(struct chr *chr, const struct chr_ops *ops, struct why *why);

/* Output what is left, for at most two seconds, and free everything. */
void chr_close(struct chr *chr);

/*
 * Any thread. chr_wait() returns when there is room, when @stop becomes true
 * or when a signal's handler calls chr_wake(); chr_put() never blocks and drops
 * the byte if there is no room.
 */
void chr_wait(struct chr *chr, const atomic_bool *stop);
void chr_put(struct chr *chr, uint8_t byte);
void chr_wake(struct chr *chr);

/*
 * Any thread, never waits: how many of @len bytes were taken. After less than
 * all, ops.drained() says when to come back.
 */
size_t chr_offer(struct chr *chr, const uint8_t *data, size_t len);

/* Wait up to @ms until everything put so far is out. */
void chr_flush(struct chr *chr, unsigned int ms);

/* Up to @max bytes of input; any thread. */
size_t chr_take(struct chr *chr, uint8_t *out, size_t max);

#endif /* VMRUN_BACKEND_CHR_H */
