// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Interrupts from eventfds.
 *
 * An irqfd sits in the wait queue of its eventfd and injects where the signal
 * is made. It is taken out in two steps, because the eventfd's last close
 * calls it with the wait queue locked: off the list at once, out of the queue
 * and freed by a work item. Who took it off the list queues the work, so that
 * happens once.
 *
 * A resampling irqfd holds its lines up (irqchip_hold). When the guest ends the
 * interrupt the chip lets that line go by itself and calls irqfd_resample();
 * the work item lets go of the other line of an ISA pair, then signals: in this
 * order, for whoever is told may raise the lines again. Signals are made without
 * the list's lock, which is taken inside an eventfd's; the work queue is ordered,
 * so no irqfd is freed meanwhile.
 */
#include <linux/eventfd.h>
#include <linux/file.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include "compat.h"
#include "vmm.h"

struct irqfd {
	struct vm *vm;
	struct list_head node;
	struct list_head told;		/* resample(): to be signalled */
	struct eventfd_ctx *ctx;
	struct eventfd_ctx *resample;	/* NULL: edge */
	u32 kind;
	u32 isa_pin;			/* VMM_NO_PIN: none */
	u32 ioapic_pin;
	u32 msi_data;
	u64 msi_gpa;
	wait_queue_entry_t wait;
	poll_table poll;
	struct work_struct shutdown;
};

static struct workqueue_struct *irqfd_wq;

static void inject(struct irqfd *irqfd)
{
	struct irqchip *chip = &irqfd->vm->irqchip;

	if (irqfd->kind == VMM_IRQFD_MSI)
		irqchip_msi(irqfd->vm, irqfd->msi_gpa, irqfd->msi_data);
	else if (irqfd->resample)
		irqchip_hold(chip, irqfd->isa_pin, irqfd->ioapic_pin);
	else
		irqchip_pulse(chip, irqfd->isa_pin, irqfd->ioapic_pin);
}

static void shutdown(struct work_struct *work)
{
	struct irqfd *irqfd = container_of(work, struct irqfd, shutdown);
	u64 count;

	/* Waits for a callback under way. */
	eventfd_ctx_remove_wait_queue(irqfd->ctx, &irqfd->wait, &count);
	if (irqfd->resample) {
		/* Others that share the lines may still want them up. */
		irqchip_end_hold(&irqfd->vm->irqchip, irqfd->isa_pin, irqfd->ioapic_pin);
		eventfd_ctx_put(irqfd->resample);
	}
	eventfd_ctx_put(irqfd->ctx);
	kfree(irqfd);
}

static void detach(struct irqfd *irqfd)
{
	struct vm_eventfd *e = &irqfd->vm->eventfd;

	lockdep_assert_held(&e->lock);
	list_del_init(&irqfd->node);
	e->irqfd_count--;
	queue_work(irqfd_wq, &irqfd->shutdown);
}

/* The eventfd's wait queue is locked, interrupts are off. */
static int wakeup(wait_queue_entry_t *wait, unsigned int mode, int sync, void *key)
{
	struct irqfd *irqfd = container_of(wait, struct irqfd, wait);
	struct vm_eventfd *e = &irqfd->vm->eventfd;
	__poll_t events = key_to_poll(key);
	unsigned long flags;
	u64 count;

	if (events & EPOLLIN) {
		eventfd_ctx_do_read(irqfd->ctx, &count);
		inject(irqfd);
	}
	if (events & EPOLLHUP) {
		spin_lock_irqsave(&e->lock, flags);
		if (!list_empty(&irqfd->node))
			detach(irqfd);
		spin_unlock_irqrestore(&e->lock, flags);
	}
	return events & EPOLLIN ? 1 : 0;
}

static void enqueue(struct file *file, wait_queue_head_t *head, poll_table *poll)
{
	add_wait_queue(head, &container_of(poll, struct irqfd, poll)->wait);
}

static struct irqfd *find(struct vm_eventfd *e, const struct eventfd_ctx *ctx)
{
	struct irqfd *irqfd;

	list_for_each_entry(irqfd, &e->irqfds, node)
		if (irqfd->ctx == ctx)
			return irqfd;
	return NULL;
}

static int publish(struct irqfd *irqfd)
{
	struct vm_eventfd *e = &irqfd->vm->eventfd;
	int error = 0;

	spin_lock_irq(&e->lock);
	if (find(e, irqfd->ctx)) {
		error = -EEXIST;
	} else if (e->irqfd_count >= VMM_IRQFDS_MAX) {
		error = -ENOSPC;
	} else {
		list_add_tail(&irqfd->node, &e->irqfds);
		e->irqfd_count++;
	}
	spin_unlock_irq(&e->lock);
	return error;
}

/* Pins and message of @args, checked. */
static int set_target(struct irqfd *irqfd, const struct vmm_irqfd *args)
{
	struct lapic_msg msg;

	irqfd->kind = args->kind;
	irqfd->isa_pin = VMM_NO_PIN;
	irqfd->ioapic_pin = args->ioapic_pin;
	if (args->kind != VMM_IRQFD_MSI && (args->msi_gpa || args->msi_data))
		return -EINVAL;
	switch (args->kind) {
	case VMM_IRQFD_IOAPIC:
		irqfd->ioapic_pin = args->pin;
		return args->ioapic_pin || args->pin >= VIOAPIC_PINS ? -EINVAL : 0;
	case VMM_IRQFD_ISA:
		irqfd->isa_pin = args->pin;
		if (args->pin >= VATPIC_PINS || args->pin == 2)
			return -EINVAL;
		return args->ioapic_pin != VMM_NO_PIN && args->ioapic_pin >= VIOAPIC_PINS ?
		       -EINVAL : 0;
	case VMM_IRQFD_MSI:
		irqfd->msi_gpa = args->msi_gpa;
		irqfd->msi_data = args->msi_data;
		if (args->pin || args->ioapic_pin || args->flags & VMM_IRQFD_RESAMPLE)
			return -EINVAL;
		return vlapic_msi(args->msi_gpa, args->msi_data, &msg) ? 0 : -EINVAL;
	}
	return -EINVAL;
}

static int irqfd_add(struct vm *vm, const struct vmm_irqfd *args)
{
	struct irqfd *irqfd;
	struct file *file;
	int error;

	if (!(args->flags & VMM_IRQFD_RESAMPLE) && args->resample_fd)
		return -EINVAL;
	irqfd = kzalloc(sizeof(*irqfd), GFP_KERNEL_ACCOUNT);
	if (!irqfd)
		return -ENOMEM;
	irqfd->vm = vm;
	INIT_WORK(&irqfd->shutdown, shutdown);
	error = set_target(irqfd, args);
	if (error)
		goto err_free;
	error = -EBADF;
	file = fget(args->fd);
	if (!file)
		goto err_free;
	irqfd->ctx = eventfd_ctx_fileget(file);
	error = PTR_ERR_OR_ZERO(irqfd->ctx);
	if (error)
		goto err_file;
	if (args->flags & VMM_IRQFD_RESAMPLE) {
		irqfd->resample = eventfd_ctx_fdget(args->resample_fd);
		error = PTR_ERR_OR_ZERO(irqfd->resample);
		if (error)
			goto err_ctx;
	}
	error = publish(irqfd);
	if (error)
		goto err_resample;
	init_waitqueue_func_entry(&irqfd->wait, wakeup);
	init_poll_funcptr(&irqfd->poll, enqueue);
	/*
	 * From here on it may be called. The file is still ours, so it cannot
	 * be detached before the counter was looked at.
	 */
	if (vfs_poll(file, &irqfd->poll) & EPOLLIN)
		inject(irqfd);
	fput(file);
	return 0;

err_resample:
	if (irqfd->resample)
		eventfd_ctx_put(irqfd->resample);
err_ctx:
	eventfd_ctx_put(irqfd->ctx);
err_file:
	fput(file);
err_free:
	kfree(irqfd);
	return error;
}

static int irqfd_remove(struct vm *vm, const struct vmm_irqfd *args)
{
	struct vm_eventfd *e = &vm->eventfd;
	struct eventfd_ctx *ctx;
	struct irqfd *irqfd;

	if (args->flags != VMM_IRQFD_REMOVE || args->resample_fd || args->kind || args->pin ||
	    args->ioapic_pin || args->msi_data || args->msi_gpa)
		return -EINVAL;
	ctx = eventfd_ctx_fdget(args->fd);
	if (IS_ERR(ctx))
		return PTR_ERR(ctx);
	spin_lock_irq(&e->lock);
	irqfd = find(e, ctx);
	if (irqfd)
		detach(irqfd);
	spin_unlock_irq(&e->lock);
	eventfd_ctx_put(ctx);
	if (!irqfd)
		return -ENOENT;
	flush_workqueue(irqfd_wq);
	return 0;
}

int irqfd_change(struct vm *vm, const struct vmm_irqfd *args)
{
	lockdep_assert_held(&vm->lock);
	return args->flags & VMM_IRQFD_REMOVE ? irqfd_remove(vm, args) : irqfd_add(vm, args);
}

void irqfd_resample(struct vm *vm)
{
	queue_work(irqfd_wq, &vm->eventfd.resample);
}

static bool pin_in(u32 pins, u32 pin)
{
	return pin != VMM_NO_PIN && pins & BIT(pin);
}

static void resample(struct work_struct *work)
{
	struct vm *vm = container_of(work, struct vm, eventfd.resample);
	struct vm_eventfd *e = &vm->eventfd;
	struct irqchip *chip = &vm->irqchip;
	u32 ioapic = atomic_xchg(&chip->ioapic_ended, 0);
	u32 isa = atomic_xchg(&chip->isa_ended, 0);
	struct irqfd *irqfd;
	LIST_HEAD(told);

	spin_lock_irq(&e->lock);
	list_for_each_entry(irqfd, &e->irqfds, node)
		if (irqfd->resample && (pin_in(ioapic, irqfd->ioapic_pin) ||
					pin_in(isa, irqfd->isa_pin)))
			list_add_tail(&irqfd->told, &told);
	spin_unlock_irq(&e->lock);
	list_for_each_entry(irqfd, &told, told)
		irqchip_release(chip, irqfd->isa_pin, irqfd->ioapic_pin);
	list_for_each_entry(irqfd, &told, told)
		vmm_eventfd_signal(irqfd->resample);
}

void irqfd_init(struct vm *vm)
{
	struct vm_eventfd *e = &vm->eventfd;

	spin_lock_init(&e->lock);
	INIT_LIST_HEAD(&e->irqfds);
	INIT_WORK(&e->resample, resample);
}

/* No vCPU runs, no fd of the VM is left. */
void irqfd_fini(struct vm *vm)
{
	struct vm_eventfd *e = &vm->eventfd;
	struct irqfd *irqfd, *next;

	spin_lock_irq(&e->lock);
	list_for_each_entry_safe(irqfd, next, &e->irqfds, node)
		detach(irqfd);
	spin_unlock_irq(&e->lock);
	flush_workqueue(irqfd_wq);
	cancel_work_sync(&e->resample);
}

int irqfd_module_init(void)
{
	irqfd_wq = alloc_ordered_workqueue("vmm_irqfd", WQ_HIGHPRI);
	return irqfd_wq ? 0 : -ENOMEM;
}

void irqfd_module_fini(void)
{
	destroy_workqueue(irqfd_wq);
}
