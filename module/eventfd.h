/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * eventfds of a VM: interrupts from them (irqfd.c), guest writes to them
 * (ioeventfd.c).
 *
 * Adding and removing happens under vm->lock. An irqfd is called from the
 * eventfd's wait queue, in any context; an ioeventfd is looked up under RCU,
 * also inside a burst.
 */
#ifndef VMM_EVENTFD_H
#define VMM_EVENTFD_H

#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>

struct vm;
struct vmm_irqfd;
struct vmm_ioeventfd;
struct ioevent_table;

struct vm_eventfd {
	spinlock_t lock;		/* irqfds; inside an eventfd's own lock */
	struct list_head irqfds;
	u32 irqfd_count;
	struct work_struct resample;
	struct ioevent_table __rcu *port;
	struct ioevent_table __rcu *mmio;
};

/* Module: the work queue. */
int irqfd_module_init(void);
void irqfd_module_fini(void);

/*
 * fini: may sleep; no vCPU runs and no fd of the VM is left; nothing is
 * injected or signalled afterwards.
 */
void irqfd_init(struct vm *vm);
void irqfd_fini(struct vm *vm);
void ioeventfd_fini(struct vm *vm);

/* vm->lock held. */
int irqfd_change(struct vm *vm, const struct vmm_irqfd *args);
int ioeventfd_change(struct vm *vm, const struct vmm_ioeventfd *args);

/* The guest has ended interrupts that irqfds hold up. Any context. */
void irqfd_resample(struct vm *vm);

/*
 * A guest writes: true if it was an eventfd's. Process context or burst.
 * ioeventfd_port() says whether there is one and signals only if @signal.
 */
bool ioeventfd_port(struct vm *vm, u16 port, u32 size, u64 value, bool signal);
bool ioeventfd_mmio(struct vm *vm, u64 gpa, u32 size, u64 value);

#endif /* VMM_EVENTFD_H */
