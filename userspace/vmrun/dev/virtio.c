// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What all virtio devices have in common.
 *
 * A driver that breaks a rule gets DEVICE_NEEDS_RESET and is left alone until
 * it resets the device; vmrun says so once per device and goes on.
 */
#include "dev/virtio.h"

#include <errno.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "log.h"

#define RING_FEATURES	(1ULL << VIRTIO_F_VERSION_1 | 1ULL << VIRTIO_RING_F_EVENT_IDX | \
			 1ULL << VIRTIO_RING_F_INDIRECT_DESC)

/* --- the thread -------------------------------------------------------------- */

static void on_kick(void *ctx)
{
	struct virtio *dev = ctx;
	uint64_t count;

	if (read(dev->kick_fd, &count, sizeof(count)) < 0 && errno != EAGAIN)
		log_error("%s: kick: %s", dev->class->name, strerror(errno));
	if (atomic_load(&dev->stop))
		loop_leave(&dev->loop);
	else
		virtio_run(dev);
}

static void *serve(void *arg)
{
	struct virtio *dev = arg;

	pthread_setname_np(pthread_self(), dev->class->name);
	loop_run(&dev->loop);
	return NULL;
}

int virtio_init(struct virtio *dev, const struct virtio_class *class, unsigned int queues,
		uint16_t queue_size, uint64_t features)
{
	int error;

	*dev = (struct virtio){
		.class = class,
		.features = features | RING_FEATURES,
		.queues = queues,
		.queue_size = queue_size,
	};
	for (unsigned int i = 0; i < queues; i++)
		virtq_reset(&dev->queue[i], queue_size);
	dev->kick_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (dev->kick_fd < 0)
		return -errno;
	error = loop_init(&dev->loop);
	if (!error && !loop_add(&dev->loop, dev->kick_fd, on_kick, dev)) {
		error = -errno;
		loop_fini(&dev->loop);
	}
	if (error)
		close(dev->kick_fd);
	else
		pthread_mutex_init(&dev->lock, NULL);
	return error;
}

void virtio_fini(struct virtio *dev)
{
	virtio_stop(dev);
	loop_fini(&dev->loop);
	close(dev->kick_fd);
	pthread_mutex_destroy(&dev->lock);
}

int virtio_start(struct virtio *dev)
{
	int error;

	atomic_store(&dev->stop, false);
	error = pthread_create(&dev->thread, NULL, serve, dev);
	dev->has_thread = !error;
	return -error;
}

void virtio_stop(struct virtio *dev)
{
	if (!dev->has_thread)
		return;
	atomic_store(&dev->stop, true);
	virtio_kick(dev);
	pthread_join(dev->thread, NULL);
	dev->has_thread = false;
}

void virtio_kick(struct virtio *dev)
{
	uint64_t one = 1;

	/* EAGAIN: the count is at its limit, so the thread is awake. */
	if (write(dev->kick_fd, &one, sizeof(one)) < 0 && errno != EAGAIN)
		log_error("%s: kick: %s", dev->class->name, strerror(errno));
}

void virtio_run(struct virtio *dev)
{
	pthread_mutex_lock(&dev->lock);
	if (virtio_is_live(dev))
		dev->class->run(dev);
	pthread_mutex_unlock(&dev->lock);
}

/* --- registers ---------------------------------------------------------------- */

static void reset(struct virtio *dev)
{
	dev->accepted = 0;
	dev->status = 0;
	dev->broken = false;
	for (unsigned int i = 0; i < dev->queues; i++)
		virtq_reset(&dev->queue[i], dev->queue_size);
	if (dev->class->reset)
		dev->class->reset(dev);
	if (dev->bus.reset)
		dev->bus.reset(dev->bus.ctx);
}

void virtio_attach(struct virtio *dev, const struct vmm_ram *ram, const struct virtio_bus *bus)
{
	pthread_mutex_lock(&dev->lock);
	dev->ram = ram;
	dev->bus = *bus;
	reset(dev);
	pthread_mutex_unlock(&dev->lock);
}

void virtio_detach(struct virtio *dev)
{
	pthread_mutex_lock(&dev->lock);
	dev->bus = (struct virtio_bus){ .ctx = NULL };
	reset(dev);
	dev->ram = NULL;
	pthread_mutex_unlock(&dev->lock);
}

uint8_t virtio_get_status(struct virtio *dev)
{
	uint8_t status;

	pthread_mutex_lock(&dev->lock);
	status = dev->status;
	pthread_mutex_unlock(&dev->lock);
	return status;
}

void virtio_set_status(struct virtio *dev, uint8_t status)
{
	uint8_t added;

	pthread_mutex_lock(&dev->lock);
	added = status & ~dev->status;
	if (!status) {
		reset(dev);
		goto out;
	}
	/* Bits are only taken away by a reset; this one is ours to set. */
	status |= dev->status;
	status &= ~VIRTIO_CONFIG_S_NEEDS_RESET | dev->status;
	if (added & VIRTIO_CONFIG_S_FEATURES_OK &&
	    (dev->accepted & ~dev->features || !virtio_has(dev, VIRTIO_F_VERSION_1)))
		status &= ~VIRTIO_CONFIG_S_FEATURES_OK;
	/* The driver skipped the negotiation: it is none of version 1. */
	if (added & VIRTIO_CONFIG_S_DRIVER_OK && !(status & VIRTIO_CONFIG_S_FEATURES_OK))
		status &= ~VIRTIO_CONFIG_S_DRIVER_OK;
	dev->status = status;
	if (added & status & VIRTIO_CONFIG_S_DRIVER_OK) {
		/* A queue may have been switched on before features were agreed on. */
		for (unsigned int i = 0; i < dev->queues; i++)
			dev->queue[i].event_idx = virtio_has(dev, VIRTIO_RING_F_EVENT_IDX);
		if (dev->class->ready)
			dev->class->ready(dev);
		virtio_kick(dev);
	}
out:
	pthread_mutex_unlock(&dev->lock);
}

void virtio_accept(struct virtio *dev, unsigned int word, uint32_t features)
{
	if (word > 1)
		return;
	pthread_mutex_lock(&dev->lock);
	if (!(dev->status & VIRTIO_CONFIG_S_FEATURES_OK)) {
		dev->accepted &= ~(0xffffffffULL << 32 * word);
		dev->accepted |= (uint64_t)features << 32 * word;
	}
	pthread_mutex_unlock(&dev->lock);
}

void virtio_config_read(struct virtio *dev, unsigned int offset, void *data, unsigned int len)
{
	memset(data, 0, len);
	pthread_mutex_lock(&dev->lock);
	if (offset < dev->config_len) {
		if (len > dev->config_len - offset)
			len = dev->config_len - offset;
		memcpy(data, dev->config + offset, len);
	}
	pthread_mutex_unlock(&dev->lock);
}

void virtio_config_write(struct virtio *dev, unsigned int offset, const void *data,
			 unsigned int len)
{
	if (!dev->class->written || offset >= dev->config_len || len > dev->config_len - offset)
		return;
	pthread_mutex_lock(&dev->lock);
	memcpy(dev->config + offset, data, len);
	dev->class->written(dev, offset, len);
	pthread_mutex_unlock(&dev->lock);
}

/* --- for classes ---------------------------------------------------------------- */

bool virtio_is_live(const struct virtio *dev)
{
	return dev->status & VIRTIO_CONFIG_S_DRIVER_OK && !dev->broken;
}

bool virtio_has(const struct virtio *dev, unsigned int feature)
{
	return dev->accepted >> feature & 1;
}

int virtio_pop(struct virtio *dev, unsigned int queue, struct virtq_chain *chain)
{
	struct virtq *q = &dev->queue[queue];
	int result;

	if (!q->on || dev->broken)
		return 0;
	result = virtq_pop(q, chain);
	if (result < 0) {
		virtio_break(dev, q->fault);
		result = 0;
	}
	return result;
}

void virtio_serve(struct virtio *dev, unsigned int queue,
		  int64_t (*handle)(struct virtio *dev, unsigned int queue,
				    struct virtq_chain *chain))
{
	struct virtq *q = &dev->queue[queue];
	unsigned int budget = q->size;
	struct virtq_chain chain;

	virtq_set_kicks(q, false);
	for (;;) {
		int64_t written;

		if (!virtio_pop(dev, queue, &chain)) {
			virtq_set_kicks(q, true);
			/* One that came before the driver could see that we sleep. */
			if (dev->broken || !virtq_waiting(q))
				return;
			continue;
		}
		/* Registers are waited for: let go of the lock now and then. */
		if (!budget-- || atomic_load(&dev->stop)) {
			virtq_unpop(q);
			virtio_kick(dev);
			return;
		}
		written = handle(dev, queue, &chain);
		if (dev->broken)
			return;
		if (written < 0) {
			virtq_unpop(q);
			return;
		}
		virtq_push(q, chain.head, written);
		virtio_notify(dev, queue);
	}
}

void virtio_notify(struct virtio *dev, unsigned int queue)
{
	if (virtq_wants_interrupt(&dev->queue[queue]) && dev->bus.interrupt)
		dev->bus.interrupt(dev->bus.ctx, queue);
}

void virtio_config_changed(struct virtio *dev)
{
	dev->generation++;
	if (virtio_is_live(dev) && dev->bus.interrupt)
		dev->bus.interrupt(dev->bus.ctx, VIRTIO_CONFIG_CHANGE);
}

void virtio_break(struct virtio *dev, const char *what)
{
	if (!dev->told)
		log_note("%s: the guest's driver breaks a rule (%s): it must reset the device; told once",
			 dev->class->name, what);
	dev->told = true;
	if (dev->broken)
		return;
	dev->broken = true;
	dev->status |= VIRTIO_CONFIG_S_NEEDS_RESET;
	if (dev->status & VIRTIO_CONFIG_S_DRIVER_OK && dev->bus.interrupt)
		dev->bus.interrupt(dev->bus.ctx, VIRTIO_CONFIG_CHANGE);
}
