// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * epoll, level-triggered. Sources are added and removed by the main thread
 * only; other threads may pause one, for epoll_ctl(2) is safe to call from
 * anywhere.
 *
 * An event may name a source that an earlier callback of the same round
 * removed: its fd is -1 then and it is skipped.
 */
#include "loop.h"

#include <errno.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <unistd.h>

int loop_init(struct loop *loop)
{
	loop->leave = false;
	for (unsigned int i = 0; i < LOOP_SOURCES_MAX; i++)
		loop->source[i].fd = -1;
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	return loop->epoll_fd < 0 ? -errno : 0;
}

void loop_fini(struct loop *loop)
{
	close(loop->epoll_fd);
}

struct loop_source *loop_add(struct loop *loop, int fd, void (*ready)(void *ctx), void *ctx)
{
	for (unsigned int i = 0; i < LOOP_SOURCES_MAX; i++) {
		struct loop_source *source = &loop->source[i];
		struct epoll_event event = { .events = EPOLLIN, .data.ptr = source };

		if (source->fd >= 0)
			continue;
		if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event))
			return NULL;
		*source = (struct loop_source){ .fd = fd, .ready = ready, .ctx = ctx };
		return source;
	}
	errno = ENOSPC;
	return NULL;
}

void loop_remove(struct loop *loop, struct loop_source *source)
{
	epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, source->fd, NULL);
	source->fd = -1;
}

void loop_pause(struct loop *loop, const struct loop_source *source, bool paused)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = (void *)source };

	/* Taken out, not masked: a hang-up cannot be masked and would be told for ever. */
	epoll_ctl(loop->epoll_fd, paused ? EPOLL_CTL_DEL : EPOLL_CTL_ADD, source->fd, &event);
}

void loop_run(struct loop *loop)
{
	struct epoll_event events[8];

	loop->leave = false;
	while (!loop->leave) {
		int count = epoll_wait(loop->epoll_fd, events, 8, -1);

		for (int i = 0; i < count; i++) {
			struct loop_source *source = events[i].data.ptr;

			if (source->fd >= 0)
				source->ready(source->ctx);
		}
	}
}

void loop_leave(struct loop *loop)
{
	loop->leave = true;
}
