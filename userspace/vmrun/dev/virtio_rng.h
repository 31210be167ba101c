/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * virtio-rng: the host kernel's random numbers.
 *
 * Virtio 1.2, "Entropy Device".
 */
#ifndef VMRUN_DEV_VIRTIO_RNG_H
#define VMRUN_DEV_VIRTIO_RNG_H

#include "dev/virtio.h"

struct virtio_rng {
	struct virtio virtio;
};

/* 0 or a negative errno. */
int virtio_rng_init(struct virtio_rng *rng);
void virtio_rng_fini(struct virtio_rng *rng);

#endif /* VMRUN_DEV_VIRTIO_RNG_H */
