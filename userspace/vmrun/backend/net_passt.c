// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * User-mode networking: frames over a stream socket to a passt of our own,
 * each with its length before it in four bytes, big-endian.
 *
 * Both ends may have more to say than the socket holds. While we wait to send,
 * we take in what comes, so that never both wait for each other; and if there
 * is no room for that, whole frames are dropped, which is what networks do.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backend/child.h"
#include "backend/net.h"
#include "iov.h"

#define LENGTH		4
#define IN_ROOM		(2 * (LENGTH + NET_FRAME_MAX))
#define START_MS	100
#define WAIT_MS		200	/* for a socket that is full, before the frame is lost */
#define WAIT_PART_MS	10000	/* when a part of it is sent, before all is lost */

struct net_passt {
	struct net net;
	struct child child;
	bool dead;
	uint8_t in[IN_ROOM];
	size_t in_len;
};

static struct net_passt *passt_of(struct net *net)
{
	return (struct net_passt *)net;
}

/* The length of the frame that the input begins with; 0: not all there. */
static size_t first_frame(struct net_passt *passt)
{
	uint32_t len;

	if (passt->in_len < LENGTH)
		return 0;
	memcpy(&len, passt->in, LENGTH);
	len = ntohl(len);
	if (!len || len > NET_FRAME_MAX) {
		/* Where the next one begins is lost for ever. */
		passt->dead = true;
		return 0;
	}
	return passt->in_len - LENGTH >= len ? len : 0;
}

static void drop_first(struct net_passt *passt, size_t frame)
{
	passt->in_len -= LENGTH + frame;
	memmove(passt->in, passt->in + LENGTH + frame, passt->in_len);
}

/* Take in what the socket has. Never waits. */
static void fill(struct net_passt *passt)
{
	ssize_t got = recv(passt->net.fd, passt->in + passt->in_len, IN_ROOM - passt->in_len,
			   MSG_DONTWAIT);

	if (got > 0)
		passt->in_len += got;
	else if (!got || (errno != EAGAIN && errno != EINTR))
		passt->dead = true;
}

static void make_room(struct net_passt *passt)
{
	size_t frame;

	while (IN_ROOM - passt->in_len < LENGTH + NET_FRAME_MAX) {
		frame = first_frame(passt);
		if (!frame)
			return;
		drop_first(passt, frame);
	}
}

/* Wait until the socket takes something. False: it does not. */
static bool wait_to_send(struct net_passt *passt, int ms)
{
	while (!passt->dead) {
		struct pollfd pollfd = { passt->net.fd, POLLIN | POLLOUT, 0 };
		int ready = poll(&pollfd, 1, ms);

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0)
			return false;
		if (pollfd.revents & POLLOUT)
			return true;
		make_room(passt);
		fill(passt);
	}
	return false;
}

static void passt_send(struct net *net, const struct iovec *iov, unsigned int count)
{
	struct net_passt *passt = passt_of(net);
	struct iovec all[IOV_MAX_PARTS], part[IOV_MAX_PARTS];
	size_t total = iov_length(iov, count), sent = 0;
	uint32_t length = htonl(total);

	if (passt->dead || !total || total > NET_FRAME_MAX || count + 1 > IOV_MAX_PARTS)
		return;
	all[0] = (struct iovec){ &length, LENGTH };
	memcpy(all + 1, iov, count * sizeof(*iov));
	total += LENGTH;
	while (sent < total) {
		struct msghdr message = { .msg_iov = part };
		ssize_t done;

		message.msg_iovlen = iov_slice(all, count + 1, sent, total - sent, part);
		done = sendmsg(net->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (done >= 0) {
			sent += done;
		} else if (errno == EAGAIN) {
			if (wait_to_send(passt, sent ? WAIT_PART_MS : WAIT_MS))
				continue;
			passt->dead = passt->dead || sent;
			return;
		} else if (errno != EINTR) {
			passt->dead = true;
			return;
		}
	}
}

static ssize_t passt_receive(struct net *net, uint8_t *buf)
{
	struct net_passt *passt = passt_of(net);
	size_t frame = first_frame(passt);

	if (!frame && !passt->dead) {
		fill(passt);
		frame = first_frame(passt);
	}
	if (!frame)
		return passt->dead ? -ECONNRESET : 0;
	memcpy(buf, passt->in + LENGTH, frame);
	drop_first(passt, frame);
	return frame;
}

static void passt_close(struct net *net)
{
	struct net_passt *passt = passt_of(net);

	child_end(&passt->child);
	free(passt);
}

static const struct net_ops passt_ops = { passt_send, passt_receive, NULL, passt_close };

/* --- opening ----------------------------------------------------------------- */

static struct net *wrap(const struct child *child)
{
	struct net_passt *passt = calloc(1, sizeof(*passt));

	if (!passt)
		return NULL;
	passt->net.ops = &passt_ops;
	passt->net.fd = child->fd;
	passt->child = *child;
	return &passt->net;
}

struct net *net_stream_open(int fd)
{
	struct child child = { .pid = -1, .fd = fd };

	return wrap(&child);
}

/* A passt that dislikes its arguments ends within a moment of its start. */
static bool is_running(const struct child *child)
{
	struct pollfd pollfd = { child->fd, POLLIN | POLLRDHUP, 0 };

	return poll(&pollfd, 1, START_MS) <= 0 || !(pollfd.revents & (POLLRDHUP | POLLHUP));
}

struct net *net_passt_open(const struct net_options *options, struct why *why)
{
	const char *argv[10 + 2 * NET_FORWARDS_MAX] = {
		"passt", "--foreground", "--one-off", "--quiet", "--stderr", "--fd", CHILD_FD,
	};
	char spec[NET_FORWARDS_MAX][96];
	struct child child;
	struct net *net;
	unsigned int n = 7;

	for (unsigned int i = 0; i < options->forwards; i++) {
		const struct net_forward *forward = &options->forward[i];

		snprintf(spec[i], sizeof(spec[i]), "%s%s%u:%u", forward->host,
			 forward->host[0] ? "/" : "", forward->host_port, forward->guest_port);
		argv[n++] = forward->udp ? "--udp-ports" : "--tcp-ports";
		argv[n++] = spec[i];
	}
	argv[n] = NULL;
	if (child_start(&child, argv, "passt", why))
		return NULL;
	if (!is_running(&child)) {
		child_end(&child);
		why_set(why,
			"--net user: passt ended at once: is a hostfwd port in use? (its own message is above)");
		return NULL;
	}
	net = wrap(&child);
	if (!net) {
		child_end(&child);
		why_set(why, "--net: no memory");
	}
	return net;
}

struct net *net_open(const struct net_options *options, struct why *why)
{
	if (options->kind == NET_USER)
		return net_passt_open(options, why);
	return net_tap_open(options, why);
}

void net_close(struct net *net)
{
	if (net)
		net->ops->close(net);
}
