// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * virtio-rng: fills buffers. A long one is filled in part, which the device may
 * do, so that a guest cannot keep us busy with one request.
 */
#include "dev/virtio_rng.h"

#include <linux/virtio_ids.h>
#include <string.h>
#include <sys/random.h>

#define QUEUE_SIZE	8
#define REQUEST_MAX	4096

static int64_t handle(struct virtio *dev, unsigned int queue, struct virtq_chain *chain)
{
	uint8_t bytes[REQUEST_MAX];
	size_t len = chain->in_len < sizeof(bytes) ? chain->in_len : sizeof(bytes);
	ssize_t got;

	(void)queue;
	if (!chain->in_len) {
		virtio_break(dev, "a request with nothing to fill");
		return 0;
	}
	got = getrandom(bytes, len, 0);
	if (got < 0)
		got = 0;
	return iov_write(chain->iov + chain->out, chain->in, 0, bytes, got);
}

static void run(struct virtio *dev)
{
	virtio_serve(dev, 0, handle);
}

static const struct virtio_class rng_class = {
	.name = "virtio-rng",
	.id = VIRTIO_ID_RNG,
	.run = run,
};

int virtio_rng_init(struct virtio_rng *rng)
{
	memset(rng, 0, sizeof(*rng));
	return virtio_init(&rng->virtio, &rng_class, 1, QUEUE_SIZE, 0);
}

void virtio_rng_fini(struct virtio_rng *rng)
{
	virtio_fini(&rng->virtio);
}
