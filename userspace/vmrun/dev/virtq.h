/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One split virtqueue, seen from the device. The guest writes every byte of it
 * at any time: each value is read once, checked, and used from the copy.
 *
 * Not locked: the owner's lock (struct virtio) covers all calls.
 *
 * Virtio 1.2, "Split Virtqueues".
 */
#ifndef VMRUN_DEV_VIRTQ_H
#define VMRUN_DEV_VIRTQ_H

#include <libvmm.h>
#include <stdbool.h>
#include <stdint.h>

#include "iov.h"

#define VIRTQ_SIZE_MAX	256	/* descriptors; also the longest chain */

struct virtq {
	/* Set by the transport while the queue is off. */
	uint64_t desc_gpa, avail_gpa, used_gpa;
	uint16_t size;
	uint16_t size_max;

	/* Valid while @on. */
	bool on;
	bool event_idx;		/* VIRTIO_F_EVENT_IDX was negotiated */
	const struct vmm_ram *ram;
	const uint8_t *desc;
	uint8_t *avail, *used;
	uint16_t next_avail;	/* free-running, as in the ring */
	uint16_t next_used;
	uint16_t told_used;	/* next_used when an interrupt was last considered */
	const char *fault;	/* what the driver did wrong; NULL: nothing */
};

/*
 * One request: @out buffers the device reads, followed by @in buffers it
 * writes. They point into guest memory, whose content may change at any time.
 */
struct virtq_chain {
	uint16_t head;
	unsigned int out, in;
	size_t out_len, in_len;
	struct iovec iov[VIRTQ_SIZE_MAX];
};

/* Off, with the size at its maximum, as after a device reset. */
void virtq_reset(struct virtq *q, uint16_t size_max);

/* Check the three areas and switch on. False if one is misaligned or no RAM. */
bool virtq_enable(struct virtq *q, const struct vmm_ram *ram, bool event_idx);

/*
 * The next request. 1: @chain is filled in; 0: none there; -1: the driver
 * broke the rules, @q->fault says how, and the queue gives nothing any more.
 */
int virtq_pop(struct virtq *q, struct virtq_chain *chain);

/* Give the last popped request back, to be popped again. */
void virtq_unpop(struct virtq *q);

/* Requests that wait; 0 if the queue is off or broken. */
unsigned int virtq_waiting(const struct virtq *q);

/* The request is done; the device wrote the first @written bytes of @in. */
void virtq_push(struct virtq *q, uint16_t head, uint32_t written);

/* After pushes: does the driver want an interrupt for them? */
bool virtq_wants_interrupt(struct virtq *q);

/*
 * Tell the driver whether kicks are of use. After switching them on, look for
 * requests once more: one may have come in before the driver saw it.
 */
void virtq_set_kicks(struct virtq *q, bool wanted);

#endif /* VMRUN_DEV_VIRTQ_H */
