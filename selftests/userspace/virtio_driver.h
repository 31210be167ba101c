/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A small virtio driver for tests: rings in guest memory, one request at a
 * time, no thread. It can also break the rules, because the rings are open to
 * its user.
 */
#ifndef VIRTIO_DRIVER_H
#define VIRTIO_DRIVER_H

#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>
#include <stdlib.h>
#include <string.h>

#include "dev/virtio.h"

#define DRIVER_RAM	(4U << 20)
#define DRIVER_RINGS	0x10000		/* GPA of queue 0's rings, 0x4000 for each queue */
#define DRIVER_DATA	0x200000	/* GPA from where on buffers are handed out */

struct driver_ring {
	struct vring_desc *desc;
	uint16_t *avail;		/* flags, idx, ring..., used_event */
	uint16_t *used;			/* flags, idx, elements of 4 words..., avail_event */
	uint16_t size, next_desc, used_seen;
};

struct driver {
	struct virtio *dev;
	struct vmm_ram ram;
	struct driver_ring ring[VIRTIO_QUEUES_MAX];
	unsigned int interrupts[VIRTIO_QUEUES_MAX], config_interrupts;
	uint64_t next_data;
};

static inline void driver_on_interrupt(void *ctx, int queue)
{
	struct driver *driver = ctx;

	if (queue == VIRTIO_CONFIG_CHANGE)
		driver->config_interrupts++;
	else
		driver->interrupts[queue]++;
}

static inline void driver_init_ram(struct driver *driver)
{
	memset(driver, 0, sizeof(*driver));
	if (vmm_ram_create(&driver->ram, DRIVER_RAM))
		abort();
	driver->next_data = DRIVER_DATA;
}

static inline void driver_set_up_queue(struct driver *driver, unsigned int queue, uint16_t size)
{
	struct driver_ring *ring = &driver->ring[queue];
	struct virtq *q = &driver->dev->queue[queue];

	q->size = size;
	q->desc_gpa = DRIVER_RINGS + queue * 0x4000;
	q->avail_gpa = q->desc_gpa + 0x2000;
	q->used_gpa = q->desc_gpa + 0x3000;
	*ring = (struct driver_ring){
		.desc = vmm_ram_hva(&driver->ram, q->desc_gpa, 1),
		.avail = vmm_ram_hva(&driver->ram, q->avail_gpa, 1),
		.used = vmm_ram_hva(&driver->ram, q->used_gpa, 1),
		.size = size,
	};
	memset(ring->desc, 0, 0x4000);
	if (!virtq_enable(q, &driver->ram, virtio_has(driver->dev, VIRTIO_RING_F_EVENT_IDX)))
		abort();
}

/* From reset to DRIVER_OK with the features @wanted of those that are offered. */
static inline void driver_start(struct driver *driver, struct virtio *dev, uint64_t wanted)
{
	struct virtio_bus bus = { driver_on_interrupt, NULL, driver };
	uint64_t features = (wanted | 1ULL << VIRTIO_F_VERSION_1) & dev->features;

	driver->dev = dev;
	virtio_attach(dev, &driver->ram, &bus);
	virtio_set_status(dev, VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER);
	virtio_accept(dev, 0, features);
	virtio_accept(dev, 1, features >> 32);
	virtio_set_status(dev, VIRTIO_CONFIG_S_FEATURES_OK);
	if (!(virtio_get_status(dev) & VIRTIO_CONFIG_S_FEATURES_OK))
		abort();
	for (unsigned int i = 0; i < dev->queues; i++)
		driver_set_up_queue(driver, i, dev->queue_size < 64 ? dev->queue_size : 64);
	virtio_set_status(dev, VIRTIO_CONFIG_S_DRIVER_OK);
}

static inline void driver_fini(struct driver *driver)
{
	if (driver->dev)
		virtio_detach(driver->dev);
	vmm_ram_destroy(&driver->ram);
}

/* @len bytes of guest memory that nothing else uses; their place in @hva. */
static inline uint64_t driver_alloc(struct driver *driver, size_t len, void **hva)
{
	uint64_t gpa = driver->next_data;

	driver->next_data = (gpa + len + 63) & ~63ULL;
	*hva = vmm_ram_hva(&driver->ram, gpa, len);
	if (!*hva)
		abort();
	return gpa;
}

/* The next descriptor; returns its number. */
static inline uint16_t driver_desc(struct driver_ring *ring, uint64_t gpa, uint32_t len,
				   uint16_t flags)
{
	uint16_t at = ring->next_desc++ % ring->size;

	ring->desc[at] = (struct vring_desc){ gpa, len, flags, (at + 1) % ring->size };
	return at;
}

static inline void driver_offer(struct driver_ring *ring, uint16_t head)
{
	ring->avail[2 + ring->avail[1] % ring->size] = head;
	__atomic_store_n(&ring->avail[1], ring->avail[1] + 1, __ATOMIC_RELEASE);
}

/* A buffer of a request: bytes for the device, or room for it to fill. */
struct driver_buffer {
	const void *out;
	void *in;
	size_t len;
	void *hva;
};

/*
 * Put a request of @count buffers, those with @out first, into @queue and kick.
 * Returns its head. Results of @in buffers are fetched by driver_done().
 */
static inline uint16_t driver_submit(struct driver *driver, unsigned int queue,
				     struct driver_buffer *buffer, unsigned int count)
{
	struct driver_ring *ring = &driver->ring[queue];
	uint16_t head = 0;

	for (unsigned int i = 0; i < count; i++) {
		uint64_t gpa = driver_alloc(driver, buffer[i].len, &buffer[i].hva);
		uint16_t flags = (buffer[i].out ? 0 : VRING_DESC_F_WRITE) |
				 (i + 1 < count ? VRING_DESC_F_NEXT : 0);
		uint16_t at = driver_desc(ring, gpa, buffer[i].len, flags);

		if (buffer[i].out)
			memcpy(buffer[i].hva, buffer[i].out, buffer[i].len);
		else
			memset(buffer[i].hva, 0xee, buffer[i].len);
		if (!i)
			head = at;
	}
	driver_offer(ring, head);
	return head;
}

/* How many bytes the device says it wrote for the next done request; -1: none is. */
static inline long driver_done(struct driver *driver, unsigned int queue,
			       struct driver_buffer *buffer, unsigned int count)
{
	struct driver_ring *ring = &driver->ring[queue];
	uint32_t elem[2];

	if (__atomic_load_n(&ring->used[1], __ATOMIC_ACQUIRE) == ring->used_seen)
		return -1;
	memcpy(elem, &ring->used[2 + ring->used_seen % ring->size * 4], sizeof(elem));
	ring->used_seen++;
	for (unsigned int i = 0; i < count; i++)
		if (buffer[i].in)
			memcpy(buffer[i].in, buffer[i].hva, buffer[i].len);
	return elem[1];
}

/* Submit, let the device work, and fetch the result. */
static inline long driver_call(struct driver *driver, unsigned int queue,
			       struct driver_buffer *buffer, unsigned int count)
{
	driver_submit(driver, queue, buffer, count);
	virtio_run(driver->dev);
	driver->next_data = DRIVER_DATA;
	return driver_done(driver, queue, buffer, count);
}

#endif /* VIRTIO_DRIVER_H */
