// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * virtio-net: frames from the driver to the back end and back.
 *
 * A received frame is read into a buffer of ours first, for only then its
 * length is known, and with it how many of the driver's buffers it takes. When
 * there are none it waits there, and the source is not watched until the
 * driver kicks: frames pile up where they come from.
 */
#include "dev/virtio_net.h"

#include <errno.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_net.h>
#include <string.h>

#include "log.h"

#define RX		0
#define TX		1
#define QUEUE_SIZE	256
#define FRAMES_MAX	64	/* per turn; then kicks and registers get theirs */
#define CHAINS_MAX	64	/* of the driver's buffers for one frame */

static struct virtio_net *card_of(struct virtio *dev)
{
	return (struct virtio_net *)dev;
}

/* --- from the driver ------------------------------------------------------------- */

static int64_t transmit(struct virtio *dev, unsigned int queue, struct virtq_chain *chain)
{
	struct virtio_net *card = card_of(dev);
	struct iovec part[VIRTQ_SIZE_MAX];
	size_t skip = card->net->has_header ? 0 : NET_HEADER;
	unsigned int parts;

	(void)queue;
	if (chain->out_len <= NET_HEADER || chain->out_len > NET_HEADER + NET_FRAME_MAX) {
		virtio_break(dev, "a frame of impossible length");
		return 0;
	}
	parts = iov_slice(chain->iov, chain->out, skip, chain->out_len - skip, part);
	card->net->ops->send(card->net, part, parts);
	return 0;
}

/* --- to the driver ------------------------------------------------------------------ */

struct buffers {
	struct { uint16_t head; uint32_t written; } chain[CHAINS_MAX];
	unsigned int chains;
};

/*
 * Put the waiting frame into as many of the driver's buffers as it takes;
 * false: there are not enough, and none was taken.
 */
static bool place_frame(struct virtio_net *card, struct buffers *used)
{
	bool merge = virtio_has(&card->virtio, VIRTIO_NET_F_MRG_RXBUF);
	struct virtq *q = &card->virtio.queue[RX];
	struct virtq_chain chain, first;
	uint16_t count;
	size_t done = 0;

	used->chains = 0;
	while (done < card->waiting) {
		size_t put;

		if (used->chains == CHAINS_MAX || (used->chains && !merge)) {
			/* It will never fit: drop it. */
			card->waiting = 0;
			break;
		}
		if (!virtio_pop(&card->virtio, RX, &chain))
			break;
		if (!chain.in_len || (!used->chains && chain.in_len < NET_HEADER)) {
			virtio_break(&card->virtio, "a receive buffer that is too short");
			return false;
		}
		if (!used->chains)
			first = chain;
		put = iov_write(chain.iov + chain.out, chain.in, 0, card->frame + done,
				card->waiting - done);
		used->chain[used->chains].head = chain.head;
		used->chain[used->chains++].written = put;
		done += put;
	}
	if (!card->waiting || done < card->waiting) {
		for (; used->chains; used->chains--)
			virtq_unpop(q);
		return false;
	}
	count = used->chains;
	iov_write(first.iov + first.out, first.in,
		  offsetof(struct virtio_net_hdr_v1, num_buffers), &count, sizeof(count));
	return true;
}

/* False: no buffers; the frame waits. */
static bool deliver(struct virtio_net *card)
{
	struct virtio *dev = &card->virtio;
	struct virtq *q = &dev->queue[RX];
	struct buffers used;

	if (!place_frame(card, &used)) {
		if (!card->waiting || dev->broken)
			return true;
		/* Ask for a kick, and look once more: buffers may have come before that. */
		virtq_set_kicks(q, true);
		if (!place_frame(card, &used))
			return !card->waiting || dev->broken;
	}
	virtq_set_kicks(q, false);
	for (unsigned int i = 0; i < used.chains; i++)
		virtq_push(q, used.chain[i].head, used.chain[i].written);
	virtio_notify(dev, RX);
	card->waiting = 0;
	return true;
}

static void set_paused(struct virtio_net *card, bool paused)
{
	if (card->source && card->paused != paused)
		loop_pause(&card->virtio.loop, card->source, paused);
	card->paused = paused;
}

/* The next frame into card->frame, behind its header. False: none there. */
static bool next_frame(struct virtio_net *card)
{
	size_t skip = card->net->has_header ? 0 : NET_HEADER;
	ssize_t got = card->net->ops->receive(card->net, card->frame + skip);

	if (got > 0) {
		memset(card->frame, 0, skip);
		card->waiting = got + skip;
		return true;
	}
	if (got < 0 && card->source) {
		log_error("virtio-net: no frames come any more: %s", strerror(-got));
		set_paused(card, false);
		loop_remove(&card->virtio.loop, card->source);
		card->source = NULL;
	}
	return false;
}

static void receive(struct virtio_net *card)
{
	struct virtio *dev = &card->virtio;

	for (unsigned int i = 0; i < FRAMES_MAX; i++) {
		if (!card->waiting && !next_frame(card))
			break;
		/* Nobody listens: the frame is lost, as it is with a card that is off. */
		if (!virtio_is_live(dev) || !dev->queue[RX].on) {
			card->waiting = 0;
			continue;
		}
		if (!deliver(card)) {
			set_paused(card, true);
			return;
		}
		if (i == FRAMES_MAX - 1)
			virtio_kick(dev);
	}
	set_paused(card, false);
}

static void on_frame(void *ctx)
{
	struct virtio_net *card = ctx;

	pthread_mutex_lock(&card->virtio.lock);
	receive(card);
	pthread_mutex_unlock(&card->virtio.lock);
}

/* --- the device ------------------------------------------------------------------------ */

static void run(struct virtio *dev)
{
	virtio_serve(dev, TX, transmit);
	receive(card_of(dev));
}

static void ready(struct virtio *dev)
{
	struct virtio_net *card = card_of(dev);
	unsigned int offloads = 0;

	if (virtio_has(dev, VIRTIO_NET_F_GUEST_CSUM))
		offloads |= NET_CSUM;
	if (virtio_has(dev, VIRTIO_NET_F_GUEST_TSO4))
		offloads |= NET_TSO4;
	if (virtio_has(dev, VIRTIO_NET_F_GUEST_TSO6))
		offloads |= NET_TSO6;
	if (virtio_has(dev, VIRTIO_NET_F_GUEST_ECN))
		offloads |= NET_ECN;
	if (card->net->ops->set_offloads)
		card->net->ops->set_offloads(card->net, offloads);
}

static void reset(struct virtio *dev)
{
	struct virtio_net *card = card_of(dev);

	card->waiting = 0;
	set_paused(card, false);
}

static const struct virtio_class net_class = {
	.name = "virtio-net",
	.id = VIRTIO_ID_NET,
	.run = run,
	.ready = ready,
	.reset = reset,
};

int virtio_net_init(struct virtio_net *card, struct net *net,
		    const uint8_t mac[6])
{
	uint64_t features = 1ULL << VIRTIO_NET_F_MAC | 1ULL << VIRTIO_NET_F_MRG_RXBUF;
	int error;

	memset(card, 0, sizeof(*card));
	card->net = net;
	if (net->has_header && net->ops->set_offloads)
		features |= 1ULL << VIRTIO_NET_F_CSUM | 1ULL << VIRTIO_NET_F_GUEST_CSUM |
			    1ULL << VIRTIO_NET_F_HOST_TSO4 | 1ULL << VIRTIO_NET_F_HOST_TSO6 |
			    1ULL << VIRTIO_NET_F_HOST_ECN | 1ULL << VIRTIO_NET_F_GUEST_TSO4 |
			    1ULL << VIRTIO_NET_F_GUEST_TSO6 | 1ULL << VIRTIO_NET_F_GUEST_ECN;
	error = virtio_init(&card->virtio, &net_class, 2, QUEUE_SIZE, features);
	if (error)
		return error;
	card->source = loop_add(&card->virtio.loop, net->fd, on_frame, card);
	if (!card->source) {
		error = -errno;
		virtio_fini(&card->virtio);
		return error;
	}
	card->virtio.config_len = sizeof(struct virtio_net_config);
	memcpy(card->virtio.config, mac, 6);
	return 0;
}

void virtio_net_fini(struct virtio_net *card)
{
	virtio_fini(&card->virtio);
}
