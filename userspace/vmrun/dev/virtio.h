/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A virtio device, independent of its bus: status, features, queues, and the
 * thread that serves it. A bus (dev/virtio_pci.h) brings the driver's register
 * accesses; a class (dev/virtio_blk.h and others) does the device's work.
 *
 * Threads. Register accesses come from vCPU threads, work is done by the
 * device's own thread. A kick is a write to an eventfd, so it may as well come
 * from the module. dev->lock covers everything but what is marked otherwise;
 * class functions are called with it held. It may be held for as long as one
 * request takes, so nothing that every interrupt needs lies under it.
 *
 * Virtio 1.2, "Basic Facilities of a Virtio Device".
 */
#ifndef VMRUN_DEV_VIRTIO_H
#define VMRUN_DEV_VIRTIO_H

#include <libvmm.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "dev/virtq.h"
#include "loop.h"

#define VIRTIO_QUEUES_MAX	20
#define VIRTIO_CONFIG_MAX	64
#define VIRTIO_CONFIG_CHANGE	(-1)	/* in place of a queue number */

struct virtio;

/*
 * @run		look at every queue that has work; called after each kick
 * @ready	the driver set DRIVER_OK; may be NULL
 * @reset	forget the driver; may be NULL
 * @written	the driver wrote device configuration bytes; may be NULL
 */
struct virtio_class {
	const char *name;		/* "virtio-blk" */
	uint16_t id;			/* VIRTIO_ID_* */
	void (*run)(struct virtio *dev);
	void (*ready)(struct virtio *dev);
	void (*reset)(struct virtio *dev);
	void (*written)(struct virtio *dev, unsigned int offset, unsigned int size);
};

/*
 * What a bus does for a device.
 * @interrupt	tell the driver about @queue, or VIRTIO_CONFIG_CHANGE
 * @reset	drop a pending interrupt
 */
struct virtio_bus {
	void (*interrupt)(void *ctx, int queue);
	void (*reset)(void *ctx);
	void *ctx;
};

struct virtio {
	const struct virtio_class *class;
	uint64_t features;		/* offered */
	unsigned int queues;
	uint16_t queue_size;

	pthread_mutex_t lock;		/* everything below, but for the thread's own */
	const struct vmm_ram *ram;	/* NULL: in no machine */
	struct virtio_bus bus;
	uint64_t accepted;
	uint8_t status;
	uint8_t generation;
	bool broken;			/* DEVICE_NEEDS_RESET is set */
	bool told;			/* a driver's fault was logged; once is enough */
	struct virtq queue[VIRTIO_QUEUES_MAX];
	uint8_t config[VIRTIO_CONFIG_MAX];
	unsigned int config_len;

	int kick_fd;			/* eventfd; any thread, any process */
	atomic_bool stop;
	struct loop loop;		/* of the device's thread */
	pthread_t thread;
	bool has_thread;
};

/*
 * Set up a device with @queues queues of @queue_size, offering @features (the
 * ring's own are added). 0 or a negative errno.
 */
int virtio_init(struct virtio *dev, const struct virtio_class *class, unsigned int queues,
		uint16_t queue_size, uint64_t features);
void virtio_fini(struct virtio *dev);

/*
 * Start and end the device's thread. Sources of dev->loop are added before.
 * The device outlives machines: attach it to each, reset, and detach it before
 * the machine's memory goes.
 */
int virtio_start(struct virtio *dev);
void virtio_stop(struct virtio *dev);
void virtio_attach(struct virtio *dev, const struct vmm_ram *ram, const struct virtio_bus *bus);
void virtio_detach(struct virtio *dev);

/* Any thread: there may be work. */
void virtio_kick(struct virtio *dev);

/* The thread's work after a kick, for tests that have no thread. Takes the lock. */
void virtio_run(struct virtio *dev);

/* --- the driver's registers; the bus calls them, they take the lock --------- */

uint8_t virtio_get_status(struct virtio *dev);
void virtio_set_status(struct virtio *dev, uint8_t status);
void virtio_accept(struct virtio *dev, unsigned int word, uint32_t features);
void virtio_config_read(struct virtio *dev, unsigned int offset, void *data, unsigned int len);
void virtio_config_write(struct virtio *dev, unsigned int offset, const void *data,
			 unsigned int len);

/* --- for classes; the lock is held ------------------------------------------ */

/* May this device touch its queues? */
bool virtio_is_live(const struct virtio *dev);
bool virtio_has(const struct virtio *dev, unsigned int feature);

/*
 * virtq_pop() that deals with a driver's fault: 1, or 0 if there is nothing
 * to do, now or ever.
 */
int virtio_pop(struct virtio *dev, unsigned int queue, struct virtq_chain *chain);

/*
 * Serve the requests of @queue, a ring full at most: @handle does one and
 * returns how many bytes it wrote, or VIRTIO_WAIT to be asked again with the
 * same one at the next run.
 */
#define VIRTIO_WAIT	(-1)
void virtio_serve(struct virtio *dev, unsigned int queue,
		  int64_t (*handle)(struct virtio *dev, unsigned int queue,
				    struct virtq_chain *chain));

/* Interrupt the driver if it wants that for what was pushed to @queue. */
void virtio_notify(struct virtio *dev, unsigned int queue);

/* A configuration field changed. */
void virtio_config_changed(struct virtio *dev);

/* The driver cannot be served any more until it resets the device. */
void virtio_break(struct virtio *dev, const char *what);

#endif /* VMRUN_DEV_VIRTIO_H */
