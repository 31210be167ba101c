/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * virtio-9p: a directory of the host, found by its tag:
 *	mount -t 9p -o trans=virtio TAG /mnt
 *
 * Virtio 1.2 assigns the device type; linux/virtio_9p.h has the rest.
 */
#ifndef VMRUN_DEV_VIRTIO_9P_H
#define VMRUN_DEV_VIRTIO_9P_H

#include "backend/p9.h"
#include "dev/virtio.h"

struct virtio_9p {
	struct virtio virtio;
	struct p9 *p9;		/* the caller's */
	uint8_t *message;	/* P9_MESSAGE_MAX bytes */
};

/* 0 or a negative errno. */
int virtio_9p_init(struct virtio_9p *share, struct p9 *p9,
		   const char *tag);
void virtio_9p_fini(struct virtio_9p *share);

#endif /* VMRUN_DEV_VIRTIO_9P_H */
