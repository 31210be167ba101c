// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Guest writes that signal eventfds.
 *
 * Ports and addresses each have a table sorted by address, which is never
 * changed: a new one takes its place. Readers use RCU; whoever removes an entry
 * waits for them before it lets go of the eventfd.
 */
#include <linux/eventfd.h>
#include <linux/slab.h>
#include "compat.h"
#include "vmm.h"

struct ioevent {
	u64 gpa;			/* or port */
	u64 data;
	u32 len;			/* 0: any */
	bool match;
	struct eventfd_ctx *ctx;
};

struct ioevent_table {
	struct rcu_head rcu;
	u32 count;
	struct ioevent event[];
};

static struct ioevent_table __rcu **table_of(struct vm *vm, u32 flags)
{
	return flags & VMM_IOEVENTFD_PORT ? &vm->eventfd.port : &vm->eventfd.mmio;
}

/* Index of the first entry at or above @gpa. */
static u32 lower_bound(const struct ioevent_table *t, u64 gpa)
{
	u32 low = 0, high = t->count, mid;

	while (low < high) {
		mid = (low + high) / 2;
		if (t->event[mid].gpa < gpa)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool lookup(struct ioevent_table __rcu **where, u64 gpa, u32 size, u64 value,
		   bool signal)
{
	const struct ioevent_table *t;
	const struct ioevent *e;
	bool found = false;
	u32 i;

	rcu_read_lock();
	t = rcu_dereference(*where);
	for (i = t ? lower_bound(t, gpa) : 0; t && i < t->count && !found; i++) {
		e = &t->event[i];
		if (e->gpa != gpa)
			break;
		if ((e->len && e->len != size) || (e->match && e->data != value))
			continue;
		found = true;
		if (signal)
			vmm_eventfd_signal(e->ctx);
	}
	rcu_read_unlock();
	return found;
}

bool ioeventfd_port(struct vm *vm, u16 port, u32 size, u64 value, bool signal)
{
	return lookup(&vm->eventfd.port, port, size, value, signal);
}

bool ioeventfd_mmio(struct vm *vm, u64 gpa, u32 size, u64 value)
{
	return lookup(&vm->eventfd.mmio, gpa, size, value, true);
}

static bool is_same(const struct ioevent *e, const struct ioevent *new)
{
	return e->gpa == new->gpa && e->len == new->len && e->match == new->match &&
	       e->data == new->data;
}

/* Could one write belong to both? */
static bool collides(const struct ioevent *e, const struct ioevent *new)
{
	return e->gpa == new->gpa && (!e->len || !new->len || e->len == new->len) &&
	       (!e->match || !new->match || e->data == new->data);
}

static struct ioevent_table *table_alloc(u32 count)
{
	struct ioevent_table *t = kzalloc(struct_size(t, event, count), GFP_KERNEL_ACCOUNT);

	if (t)
		t->count = count;
	return t;
}

static int ioevent_add(struct ioevent_table __rcu **where, const struct ioevent *new,
		       struct ioevent_table *old)
{
	u32 i, at, count = old ? old->count : 0;
	struct ioevent_table *t;

	for (i = 0; i < count; i++)
		if (collides(&old->event[i], new))
			return -EEXIST;
	if (count >= VMM_IOEVENTFDS_MAX)
		return -ENOSPC;
	t = table_alloc(count + 1);
	if (!t)
		return -ENOMEM;
	at = old ? lower_bound(old, new->gpa) : 0;
	if (old) {
		memcpy(t->event, old->event, at * sizeof(*new));
		memcpy(t->event + at + 1, old->event + at, (count - at) * sizeof(*new));
	}
	t->event[at] = *new;
	rcu_assign_pointer(*where, t);
	if (old)
		kfree_rcu(old, rcu);
	return 0;
}

static int ioevent_remove(struct ioevent_table __rcu **where, const struct ioevent *gone,
			  struct ioevent_table *old)
{
	struct ioevent_table *t = NULL;
	struct eventfd_ctx *ctx;
	u32 at = 0;

	while (old && at < old->count && !is_same(&old->event[at], gone))
		at++;
	if (!old || at == old->count)
		return -ENOENT;
	if (old->count > 1) {
		t = table_alloc(old->count - 1);
		if (!t)
			return -ENOMEM;
		memcpy(t->event, old->event, at * sizeof(*gone));
		memcpy(t->event + at, old->event + at + 1, (t->count - at) * sizeof(*gone));
	}
	ctx = old->event[at].ctx;
	rcu_assign_pointer(*where, t);
	synchronize_rcu_expedited();
	kfree(old);
	eventfd_ctx_put(ctx);
	return 0;
}

static int check_args(const struct vmm_ioeventfd *args)
{
	bool port = args->flags & VMM_IOEVENTFD_PORT;
	u32 len = args->len;

	if (len != 0 && len != 1 && len != 2 && len != 4 && len != 8)
		return -EINVAL;
	if (port && (len == 8 || args->gpa > 0xffff))
		return -EINVAL;
	if (!(args->flags & VMM_IOEVENTFD_MATCH))
		return args->data ? -EINVAL : 0;
	return !len || (len < 8 && args->data >> (len * 8)) ? -EINVAL : 0;
}

int ioeventfd_change(struct vm *vm, const struct vmm_ioeventfd *args)
{
	struct ioevent_table __rcu **where = table_of(vm, args->flags);
	struct ioevent_table *old;
	struct ioevent event = {
		.gpa = args->gpa, .data = args->data, .len = args->len,
		.match = args->flags & VMM_IOEVENTFD_MATCH,
	};
	int error = check_args(args);

	lockdep_assert_held(&vm->lock);
	if (error)
		return error;
	old = rcu_dereference_protected(*where, lockdep_is_held(&vm->lock));
	if (args->flags & VMM_IOEVENTFD_REMOVE)
		return ioevent_remove(where, &event, old);
	event.ctx = eventfd_ctx_fdget(args->fd);
	if (IS_ERR(event.ctx))
		return PTR_ERR(event.ctx);
	error = ioevent_add(where, &event, old);
	if (error)
		eventfd_ctx_put(event.ctx);
	return error;
}

static void drop_table(struct ioevent_table __rcu **where)
{
	/* Nobody is left who could look. */
	struct ioevent_table *t = rcu_dereference_protected(*where, true);
	u32 i;

	for (i = 0; t && i < t->count; i++)
		eventfd_ctx_put(t->event[i].ctx);
	kfree(t);
}

void ioeventfd_fini(struct vm *vm)
{
	drop_table(&vm->eventfd.port);
	drop_table(&vm->eventfd.mmio);
}
