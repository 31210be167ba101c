/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The main thread's event loop: file descriptors and what to call when they
 * are ready.
 */
#ifndef VMRUN_LOOP_H
#define VMRUN_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#define LOOP_SOURCES_MAX	16

struct loop_source {
	int fd;			/* -1: free */
	void (*ready)(void *ctx);
	void *ctx;
};

struct loop {
	int epoll_fd;
	bool leave;
	struct loop_source source[LOOP_SOURCES_MAX];
};

int loop_init(struct loop *loop);
void loop_fini(struct loop *loop);

/*
 * Watch @fd for input. NULL if it cannot be watched (errno, EPERM: a regular
 * file) or the table is full (ENOSPC). The source stays the loop's.
 */
struct loop_source *loop_add(struct loop *loop, int fd, void (*ready)(void *ctx), void *ctx);
void loop_remove(struct loop *loop, struct loop_source *source);

/* Any thread: stop watching for a while, and watch again. */
void loop_pause(struct loop *loop, const struct loop_source *source, bool paused);

/* Dispatch until loop_leave(), which only the loop's own callbacks may call. */
void loop_run(struct loop *loop);
void loop_leave(struct loop *loop);

#endif /* VMRUN_LOOP_H */
