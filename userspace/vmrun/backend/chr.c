// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Bytes in and out of a serial port.
 *
 * Output goes through a ring to a writer thread that does blocking writes: a
 * terminal that is stopped, or a pipe nobody reads, holds up the vCPU that
 * prints (chr_wait) and nothing else, and O_NONBLOCK is never set on a
 * descriptor that we share with the user's shell. Input is read by the main
 * thread into a second ring; while that is full, a pipe is left alone, and a
 * terminal is read on, because Ctrl-a must get through.
 */
#include "backend/chr.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ESCAPE_KEY	0x01	/* Ctrl-a */

static struct timespec deadline(unsigned int ms)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_sec += ms / 1000;
	at.tv_nsec += ms % 1000 * 1000000L;
	if (at.tv_nsec >= 1000000000L) {
		at.tv_nsec -= 1000000000L;
		at.tv_sec++;
	}
	return at;
}

/*
 * Wait for something to write. A guest prints byte by byte: unless there is
 * much, or somebody waits for it, a little time brings many bytes together.
 */
static void wait_for_batch(struct chr *chr)
{
	struct timespec at;

	while (!chr->out_count && !chr->closing)
		pthread_cond_wait(&chr->changed, &chr->lock);
	at = deadline(CHR_OUT_MS);
	while (chr->out_count < CHR_OUT_BATCH && !chr->closing && !chr->hurry)
		if (pthread_cond_timedwait(&chr->changed, &chr->lock, &at))
			break;
}

/* Write @len bytes from the ring's head; how many are done with. Unlocked. */
static unsigned int write_some(struct chr *chr, unsigned int len, bool *dead)
{
	ssize_t done = write(chr->out_fd, chr->out + chr->out_head, len);

	if (done >= 0)
		return done;
	if (errno == EINTR)
		return 0;
	if (errno == EAGAIN && chr->lossy)
		return len;
	if (errno == EAGAIN) {
		/* Somebody who shares the descriptor made it non-blocking. */
		struct pollfd poll_fd = { .fd = chr->out_fd, .events = POLLOUT };

		poll(&poll_fd, 1, 100);
		return 0;
	}
	*dead = true;
	if (chr->ops.broken)
		chr->ops.broken(chr->ops.ctx, errno);
	return len;
}

/* Tell whoever had to leave with bytes still in hand. Drops the lock meanwhile. */
static void tell_drained(struct chr *chr)
{
	if (!chr->out_short || chr->out_count > CHR_OUT_ROOM / 2)
		return;
	chr->out_short = false;
	pthread_mutex_unlock(&chr->lock);
	if (chr->ops.drained)
		chr->ops.drained(chr->ops.ctx);
	pthread_mutex_lock(&chr->lock);
}

static void *write_out(void *arg)
{
	struct chr *chr = arg;
	bool dead = false;

	pthread_setname_np(pthread_self(), "serial-out");
	pthread_mutex_lock(&chr->lock);
	while (!dead) {
		unsigned int len;

		wait_for_batch(chr);
		if (!chr->out_count || chr->out_dead)
			break;
		len = chr->out_count;
		if (len > CHR_OUT_ROOM - chr->out_head)
			len = CHR_OUT_ROOM - chr->out_head;

		/* The bytes up to out_count are the writer's alone meanwhile. */
		pthread_mutex_unlock(&chr->lock);
		len = write_some(chr, len, &dead);
		pthread_mutex_lock(&chr->lock);
		chr->out_head = (chr->out_head + len) % CHR_OUT_ROOM;
		chr->out_count -= len;
		pthread_cond_broadcast(&chr->changed);
		tell_drained(chr);
	}
	chr->out_count = 0;
	chr->out_dead = true;
	tell_drained(chr);
	pthread_cond_broadcast(&chr->changed);
	pthread_mutex_unlock(&chr->lock);
	return NULL;
}

int chr_start(struct chr *chr)
{
	pthread_condattr_t attr;
	int error;

	pthread_mutex_init(&chr->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&chr->changed, &attr);
	pthread_condattr_destroy(&attr);
	if (chr->out_fd < 0) {
		chr->out_dead = true;
		return 0;
	}
	error = pthread_create(&chr->writer, NULL, write_out, chr);
	chr->has_writer = !error;
	return -error;
}

void chr_flush(struct chr *chr, unsigned int ms)
{
	struct timespec at = deadline(ms);

	pthread_mutex_lock(&chr->lock);
	chr->hurry++;
	pthread_cond_broadcast(&chr->changed);
	while (chr->out_count && !chr->out_dead)
		if (pthread_cond_timedwait(&chr->changed, &chr->lock, &at))
			break;
	chr->hurry--;
	pthread_mutex_unlock(&chr->lock);
}

void chr_close(struct chr *chr)
{
	if (chr->source)
		loop_remove(chr->loop, chr->source);
	chr_flush(chr, 2000);

	if (chr->has_writer) {
		struct timespec at;

		pthread_mutex_lock(&chr->lock);
		chr->closing = true;
		if (chr->out_count)
			chr->out_dead = true;
		pthread_cond_broadcast(&chr->changed);
		pthread_mutex_unlock(&chr->lock);
		/* A writer that is stuck in write(2) is left to the process's end. */
		clock_gettime(CLOCK_REALTIME, &at);
		at.tv_sec++;
		if (pthread_timedjoin_np(chr->writer, NULL, &at))
			return;
	}
	if (chr->own_fds) {
		if (chr->in_fd >= 0)
			close(chr->in_fd);
		if (chr->out_fd >= 0 && chr->out_fd != chr->in_fd)
			close(chr->out_fd);
	}
}

void chr_wait(struct chr *chr, const atomic_bool *stop)
{
	pthread_mutex_lock(&chr->lock);
	while (CHR_OUT_ROOM - chr->out_count < CHR_OUT_MARGIN && !chr->out_dead &&
	       !chr->lossy && !atomic_load(stop))
		pthread_cond_wait(&chr->changed, &chr->lock);
	pthread_mutex_unlock(&chr->lock);
}

void chr_wake(struct chr *chr)
{
	pthread_mutex_lock(&chr->lock);
	pthread_cond_broadcast(&chr->changed);
	pthread_mutex_unlock(&chr->lock);
}

void chr_put(struct chr *chr, uint8_t byte)
{
	pthread_mutex_lock(&chr->lock);
	if (!chr->out_dead && chr->out_count < CHR_OUT_ROOM) {
		chr->out[(chr->out_head + chr->out_count) % CHR_OUT_ROOM] = byte;
		chr->out_count++;
		if (chr->out_count == 1 || chr->out_count == CHR_OUT_BATCH)
			pthread_cond_broadcast(&chr->changed);
	}
	pthread_mutex_unlock(&chr->lock);
}

size_t chr_offer(struct chr *chr, const uint8_t *data, size_t len)
{
	size_t taken = 0;

	pthread_mutex_lock(&chr->lock);
	if (chr->out_dead)
		taken = len;
	while (taken < len && chr->out_count < CHR_OUT_ROOM) {
		chr->out[(chr->out_head + chr->out_count) % CHR_OUT_ROOM] = data[taken++];
		chr->out_count++;
	}
	if (taken < len && chr->lossy)
		taken = len;
	chr->out_short = taken < len;
	pthread_cond_broadcast(&chr->changed);
	pthread_mutex_unlock(&chr->lock);
	return taken;
}

/* Room in the input ring; a terminal's overflow is dropped. */
static void store(struct chr *chr, uint8_t byte)
{
	if (chr->in_count < CHR_IN_ROOM)
		chr->in[(chr->in_head + chr->in_count++) % CHR_IN_ROOM] = byte;
}

/* Take our own keys out of what was typed. Returns whether to store @byte. */
static bool filter(struct chr *chr, uint8_t byte, char *key)
{
	*key = 0;
	if (!chr->escapes)
		return true;
	if (!chr->escape_seen) {
		chr->escape_seen = byte == ESCAPE_KEY;
		return !chr->escape_seen;
	}
	chr->escape_seen = false;
	if (byte == ESCAPE_KEY)
		return true;
	*key = byte;
	return false;
}

static void accept_input(struct chr *chr, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		uint8_t byte = data[i];
		char key;

		if (filter(chr, byte, &key)) {
			pthread_mutex_lock(&chr->lock);
			store(chr, byte);
			pthread_mutex_unlock(&chr->lock);
		} else if (key && chr->ops.key) {
			chr->ops.key(chr->ops.ctx, key);
		}
	}
}

static unsigned int in_room(struct chr *chr)
{
	unsigned int room;

	pthread_mutex_lock(&chr->lock);
	room = CHR_IN_ROOM - chr->in_count;
	if (!room && !chr->escapes && chr->source && !chr->in_paused) {
		chr->in_paused = true;
		loop_pause(chr->loop, chr->source, true);
	}
	pthread_mutex_unlock(&chr->lock);
	return room;
}

/* The descriptor is ready: read what there is room for. */
static void input_ready(void *ctx)
{
	struct chr *chr = ctx;
	unsigned int room = in_room(chr);
	uint8_t data[256];
	ssize_t got;

	if (chr->escapes || room > sizeof(data))
		room = sizeof(data);
	if (!room)
		return;
	got = read(chr->in_fd, data, room);
	if (got > 0) {
		accept_input(chr, data, got);
	} else if (!got || (errno != EINTR && errno != EAGAIN && errno != EIO)) {
		loop_remove(chr->loop, chr->source);
		chr->source = NULL;
	} else if (errno == EIO && !chr->lossy) {
		/* A terminal that hung up, or whose foreground we are not. */
		loop_remove(chr->loop, chr->source);
		chr->source = NULL;
	}
	chr->ops.input(chr->ops.ctx);
}

int chr_listen(struct chr *chr, const struct chr_ops *ops, struct why *why)
{
	chr->ops = *ops;
	if (chr->in_fd < 0)
		return 0;
	chr->source = loop_add(chr->loop, chr->in_fd, input_ready, chr);
	if (!chr->source && errno == EPERM)
		chr->in_is_file = true;
	else if (!chr->source)
		return why_set(why, "serial input: %s", strerror(errno));
	return 0;
}

size_t chr_take(struct chr *chr, uint8_t *out, size_t max)
{
	size_t taken = 0;

	pthread_mutex_lock(&chr->lock);
	if (chr->in_is_file && !chr->in_eof && !chr->in_count) {
		ssize_t got = read(chr->in_fd, chr->in, CHR_IN_ROOM);

		chr->in_head = 0;
		chr->in_count = got > 0 ? got : 0;
		chr->in_eof = got <= 0;
	}
	while (taken < max && chr->in_count) {
		out[taken++] = chr->in[chr->in_head];
		chr->in_head = (chr->in_head + 1) % CHR_IN_ROOM;
		chr->in_count--;
	}
	if (chr->in_paused && !chr->in_count) {
		chr->in_paused = false;
		loop_pause(chr->loop, chr->source, false);
	}
	pthread_mutex_unlock(&chr->lock);
	return taken;
}
