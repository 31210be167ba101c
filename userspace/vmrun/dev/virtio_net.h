/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * virtio-net: a network card with one pair of queues.
 *
 * Virtio 1.2, "Network Device".
 */
#ifndef VMRUN_DEV_VIRTIO_NET_H
#define VMRUN_DEV_VIRTIO_NET_H

#include "backend/net.h"
#include "dev/virtio.h"

struct virtio_net {
	struct virtio virtio;
	struct net *net;		/* the caller's */
	struct loop_source *source;	/* of frames; NULL: none will come */
	bool paused;			/* the source: no buffers to put frames in */
	size_t waiting;			/* length of the frame in @frame; 0: none */
	uint8_t frame[NET_HEADER + NET_FRAME_MAX];
};

/* 0 or a negative errno. */
int virtio_net_init(struct virtio_net *card, struct net *net,
		    const uint8_t mac[6]);
void virtio_net_fini(struct virtio_net *card);

#endif /* VMRUN_DEV_VIRTIO_NET_H */
