/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * virtio-blk: a disk. One queue, requests in order, done one after the other
 * by the device's thread.
 *
 * Virtio 1.2, "Block Device".
 */
#ifndef VMRUN_DEV_VIRTIO_BLK_H
#define VMRUN_DEV_VIRTIO_BLK_H

#include "backend/blk.h"
#include "dev/virtio.h"

struct virtio_blk {
	struct virtio virtio;
	struct blk *blk;		/* the caller's */
	char serial[DISK_SERIAL_MAX];	/* padded with NUL */
};

/* 0 or a negative errno. */
int virtio_blk_init(struct virtio_blk *disk, struct blk *blk,
		    const char *serial);
void virtio_blk_fini(struct virtio_blk *disk);

#endif /* VMRUN_DEV_VIRTIO_BLK_H */
