// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * virtio-9p: each request is one 9P message to read and room for the answer.
 * Nothing of the message is looked at but its frame, and the message size that
 * the driver asks for, which must not exceed our buffer.
 */
#include "dev/virtio_9p.h"

#include <errno.h>
#include <linux/virtio_9p.h>
#include <linux/virtio_ids.h>
#include <stdlib.h>
#include <string.h>

#define QUEUE_SIZE	128
#define RLERROR		7
#define RLERROR_LEN	(P9_HEADER + 4)
#define TVERSION	100

static struct virtio_9p *share_of(struct virtio *dev)
{
	return (struct virtio_9p *)dev;
}

static void limit_message_size(uint8_t *message, uint32_t len)
{
	uint32_t size, max = P9_MESSAGE_MAX;

	if (message[4] != TVERSION || len < P9_HEADER + sizeof(size))
		return;
	memcpy(&size, message + P9_HEADER, sizeof(size));
	if (size > max)
		memcpy(message + P9_HEADER, &max, sizeof(max));
}

/* The answer "it failed"; the tag stands where the request had it. */
static uint32_t make_error(uint8_t *message, uint32_t error)
{
	uint32_t len = RLERROR_LEN;

	memcpy(message, &len, sizeof(len));
	message[4] = RLERROR;
	memcpy(message + P9_HEADER, &error, sizeof(error));
	return len;
}

static int64_t handle(struct virtio *dev, unsigned int queue, struct virtq_chain *chain)
{
	struct virtio_9p *share = share_of(dev);
	uint8_t tag[2], *message = share->message;
	uint32_t len = chain->out_len, said;
	ssize_t got;

	(void)queue;
	if (chain->out_len < P9_HEADER || chain->out_len > P9_MESSAGE_MAX ||
	    chain->in_len < RLERROR_LEN) {
		virtio_break(dev, "a message of impossible length");
		return 0;
	}
	iov_read(chain->iov, chain->out, 0, message, len);
	memcpy(&said, message, sizeof(said));
	if (said != len) {
		virtio_break(dev, "a message whose length is not what it says");
		return 0;
	}
	memcpy(tag, message + 5, sizeof(tag));
	limit_message_size(message, len);
	got = p9_call(share->p9, message, len);
	if (got < 0 || (size_t)got > chain->in_len) {
		memcpy(message + 5, tag, sizeof(tag));
		got = make_error(message, got < 0 ? EIO : EMSGSIZE);
	}
	return iov_write(chain->iov + chain->out, chain->in, 0, message, got);
}

static void run(struct virtio *dev)
{
	virtio_serve(dev, 0, handle);
}

static const struct virtio_class p9_class = {
	.name = "virtio-9p",
	.id = VIRTIO_ID_9P,
	.run = run,
};

int virtio_9p_init(struct virtio_9p *share, struct p9 *p9,
		   const char *tag)
{
	uint16_t len = strlen(tag);
	int error;

	memset(share, 0, sizeof(*share));
	share->p9 = p9;
	share->message = malloc(P9_MESSAGE_MAX);
	if (!share->message)
		return -ENOMEM;
	error = virtio_init(&share->virtio, &p9_class, 1, QUEUE_SIZE,
			    1ULL << VIRTIO_9P_MOUNT_TAG);
	if (error) {
		free(share->message);
		return error;
	}
	share->virtio.config_len = sizeof(len) + len;
	memcpy(share->virtio.config, &len, sizeof(len));
	memcpy(share->virtio.config + sizeof(len), tag, len);
	return 0;
}

void virtio_9p_fini(struct virtio_9p *share)
{
	virtio_fini(&share->virtio);
	free(share->message);
}
