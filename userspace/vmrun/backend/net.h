/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where Ethernet frames go to and come from: passt or a tap interface. Knows
 * nothing about virtqueues.
 *
 * A back end lives as long as the process, through all resets of the guest,
 * and is used by one thread at a time: the device's.
 */
#ifndef VMRUN_BACKEND_NET_H
#define VMRUN_BACKEND_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "opts_dev.h"
#include "why.h"

#define NET_HEADER	12		/* struct virtio_net_hdr_v1 */
#define NET_FRAME_MAX	65550		/* Ethernet header and what IP can say */

/* For set_offloads(): what the guest takes in a received frame. */
#define NET_CSUM	0x01		/* an unfinished checksum */
#define NET_TSO4	0x02
#define NET_TSO6	0x04
#define NET_ECN		0x08

struct net;

/*
 * @send	one frame of at most NET_FRAME_MAX bytes and its header; lost if it
 *		cannot be sent, as on a wire. Waits for a short while at most.
 * @receive	the next frame into @buf, which holds NET_HEADER + NET_FRAME_MAX
 *		bytes: its length; 0: none there; negative errno: none will
 *		ever come
 * @set_offloads NET_* bits; NULL: none is possible
 */
struct net_ops {
	void (*send)(struct net *net, const struct iovec *iov, unsigned int count);
	ssize_t (*receive)(struct net *net, uint8_t *buf);
	void (*set_offloads)(struct net *net, unsigned int offloads);
	void (*close)(struct net *net);
};

struct net {
	const struct net_ops *ops;
	int fd;			/* ready for input: there may be a frame */
	bool has_header;	/* each frame begins with a struct virtio_net_hdr_v1 */
};

/* NULL with @why. Not for NET_NONE. */
struct net *net_open(const struct net_options *options, struct why *why);
void net_close(struct net *net);

/* The kinds, for net_open(). */
struct net *net_passt_open(const struct net_options *options, struct why *why);
struct net *net_tap_open(const struct net_options *options, struct why *why);

/* A connected stream socket that speaks passt's framing; for tests. Takes @fd. */
struct net *net_stream_open(int fd);

#endif /* VMRUN_BACKEND_NET_H */
