// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Split virtqueues.
 *
 * A descriptor chain is walked with a budget of as many descriptors as the
 * largest queue has, so a loop ends. Buffers that overlap each other or the
 * rings do no harm: nothing here trusts a value after it was checked.
 *
 * Guests are little-endian like this host; no value is converted.
 */
#include "dev/virtq.h"

#include <linux/virtio_ring.h>
#include <stdatomic.h>
#include <string.h>

#define DESC_LEN	16
#define AVAIL_FLAGS	0
#define AVAIL_IDX	2
#define AVAIL_RING	4
#define USED_FLAGS	0
#define USED_IDX	2
#define USED_RING	4
#define USED_LEN	8	/* of one element */

static uint16_t load(const uint8_t *area, size_t offset)
{
	return __atomic_load_n((const uint16_t *)(area + offset), __ATOMIC_ACQUIRE);
}

static void store(uint8_t *area, size_t offset, uint16_t value)
{
	__atomic_store_n((uint16_t *)(area + offset), value, __ATOMIC_RELEASE);
}

void virtq_reset(struct virtq *q, uint16_t size_max)
{
	*q = (struct virtq){ .size = size_max, .size_max = size_max };
}

bool virtq_enable(struct virtq *q, const struct vmm_ram *ram, bool event_idx)
{
	bool size_ok = q->size && q->size <= q->size_max && !(q->size & (q->size - 1));

	if (!size_ok || q->desc_gpa & 15 || q->avail_gpa & 1 || q->used_gpa & 3)
		return false;
	/* Each ring ends with two bytes for VIRTIO_F_EVENT_IDX. */
	q->desc = vmm_ram_hva(ram, q->desc_gpa, (uint64_t)q->size * DESC_LEN);
	q->avail = vmm_ram_hva(ram, q->avail_gpa, AVAIL_RING + q->size * 2 + 2);
	q->used = vmm_ram_hva(ram, q->used_gpa, USED_RING + q->size * USED_LEN + 2);
	if (!q->desc || !q->avail || !q->used)
		return false;
	q->ram = ram;
	q->event_idx = event_idx;
	q->next_avail = 0;
	q->next_used = 0;
	q->told_used = 0;
	q->fault = NULL;
	q->on = true;
	return true;
}

static int fault(struct virtq *q, const char *what)
{
	q->fault = what;
	return -1;
}

unsigned int virtq_waiting(const struct virtq *q)
{
	if (!q->on || q->fault)
		return 0;
	return (uint16_t)(load(q->avail, AVAIL_IDX) - q->next_avail);
}

/* Where a walk stands: in the queue's own table or in an indirect one. */
struct walk {
	const uint8_t *table;
	unsigned int size;
	bool indirect;
};

static int add_buffer(struct virtq *q, struct virtq_chain *chain, const struct vring_desc *desc)
{
	unsigned int at = chain->out + chain->in;
	void *hva;

	if (!(desc->flags & VRING_DESC_F_WRITE) && chain->in)
		return fault(q, "a buffer to read behind one to write");
	if (at == VIRTQ_SIZE_MAX)
		return fault(q, "a descriptor chain without end");
	hva = vmm_ram_hva(q->ram, desc->addr, desc->len);
	if (!hva)
		return fault(q, "a buffer outside of memory");
	chain->iov[at] = (struct iovec){ hva, desc->len };
	if (desc->flags & VRING_DESC_F_WRITE) {
		chain->in++;
		chain->in_len += desc->len;
	} else {
		chain->out++;
		chain->out_len += desc->len;
	}
	return 0;
}

static int enter_indirect(struct virtq *q, struct walk *walk, const struct vring_desc *desc)
{
	if (walk->indirect)
		return fault(q, "an indirect table in an indirect table");
	if (desc->flags & VRING_DESC_F_NEXT)
		return fault(q, "an indirect table that goes on");
	if (!desc->len || desc->len % DESC_LEN || desc->len / DESC_LEN > VIRTQ_SIZE_MAX)
		return fault(q, "an indirect table of impossible length");
	walk->table = vmm_ram_hva(q->ram, desc->addr, desc->len);
	if (!walk->table)
		return fault(q, "an indirect table outside of memory");
	walk->size = desc->len / DESC_LEN;
	walk->indirect = true;
	return 0;
}

static int collect(struct virtq *q, struct virtq_chain *chain)
{
	struct walk walk = { q->desc, q->size, false };
	unsigned int index = chain->head;
	/* One for the descriptor that points to an indirect table. */
	unsigned int budget = VIRTQ_SIZE_MAX + 1;

	for (;;) {
		struct vring_desc desc;

		if (index >= walk.size)
			return fault(q, "a descriptor number beyond the table");
		if (!budget--)
			return fault(q, "a descriptor chain without end");
		memcpy(&desc, walk.table + (size_t)index * DESC_LEN, DESC_LEN);
		/* Whatever the guest changes from here on, the copy is what counts. */
		atomic_signal_fence(memory_order_seq_cst);
		if (desc.flags & VRING_DESC_F_INDIRECT) {
			if (enter_indirect(q, &walk, &desc))
				return -1;
			index = 0;
			continue;
		}
		if (add_buffer(q, chain, &desc))
			return -1;
		if (!(desc.flags & VRING_DESC_F_NEXT))
			return 1;
		index = desc.next;
	}
}

int virtq_pop(struct virtq *q, struct virtq_chain *chain)
{
	unsigned int waiting = virtq_waiting(q);
	int result;

	if (q->fault)
		return -1;
	if (!waiting)
		return 0;
	if (waiting > q->size)
		return fault(q, "more requests than the ring holds");
	chain->head = load(q->avail, AVAIL_RING + q->next_avail % q->size * 2);
	chain->out = 0;
	chain->in = 0;
	chain->out_len = 0;
	chain->in_len = 0;
	if (chain->head >= q->size)
		return fault(q, "a descriptor number beyond the table");
	result = collect(q, chain);
	if (result > 0)
		q->next_avail++;
	return result;
}

void virtq_unpop(struct virtq *q)
{
	q->next_avail--;
}

void virtq_push(struct virtq *q, uint16_t head, uint32_t written)
{
	struct vring_used_elem elem = { .id = head, .len = written };

	if (!q->on)
		return;
	memcpy(q->used + USED_RING + q->next_used % q->size * USED_LEN, &elem, sizeof(elem));
	/* Release: the element and the data before the index that publishes them. */
	store(q->used, USED_IDX, ++q->next_used);
}

bool virtq_wants_interrupt(struct virtq *q)
{
	uint16_t old = q->told_used, new = q->next_used;

	if (!q->on || old == new)
		return false;
	/*
	 * The index we wrote before the wish we read: pairs with the driver, which
	 * writes its wish and then looks at the index.
	 */
	atomic_thread_fence(memory_order_seq_cst);
	q->told_used = new;
	if (q->event_idx)
		return vring_need_event(load(q->avail, AVAIL_RING + q->size * 2), new, old);
	return !(load(q->avail, AVAIL_FLAGS) & VRING_AVAIL_F_NO_INTERRUPT);
}

void virtq_set_kicks(struct virtq *q, bool wanted)
{
	if (!q->on)
		return;
	if (q->event_idx) {
		/* An index that is behind asks for nothing. */
		if (wanted)
			store(q->used, USED_RING + q->size * USED_LEN, q->next_avail);
	} else {
		store(q->used, USED_FLAGS, wanted ? 0 : VRING_USED_F_NO_NOTIFY);
	}
	/* Our wish before the look at the index: pairs with the driver's fence. */
	atomic_thread_fence(memory_order_seq_cst);
}
