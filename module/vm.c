// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Lifetime of a VM.
 *
 * A reference is held by the VM fd and by each vCPU fd. The last one destroys
 * the VM, in process context, whoever drops it: an exiting owner closes its
 * files, so nothing survives a kill.
 */
#include <linux/cred.h>
#include <linux/ctype.h>
#include <linux/module.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/ktime.h>
#include <asm/tsc.h>
#include "vm_node.h"
#include "vmm.h"
#include "vmx_owner.h"

DEFINE_MUTEX(vmm_lock);
LIST_HEAD(vmm_vms);
atomic_t vmm_vm_count = ATOMIC_INIT(0);
atomic_t vmm_vcpu_count = ATOMIC_INIT(0);

static unsigned int max_vms = 64;
module_param(max_vms, uint, 0644);
MODULE_PARM_DESC(max_vms, "VMs that one user may have at a time (root: no limit)");

static u32 vm_next_id = 1;		/* vmm_lock */
static u64 vm_next_serial = 1;		/* vmm_lock */

bool vm_name_is_padded(const char name[VMM_NAME_ROOM])
{
	size_t len = strnlen(name, VMM_NAME_ROOM);

	return len <= VMM_NAME_MAX && !memchr_inv(name + len, 0, VMM_NAME_ROOM - len);
}

bool vm_name_is_good(const char *name)
{
	const char *c;

	for (c = name; *c; c++)
		if (!isascii(*c) || (!isalnum(*c) && *c != '_' && *c != '-'))
			return false;
	return c != name;
}

/* vmm_lock held: is there room for one more VM of this name and user? */
static int check_limits(const struct vm *vm)
{
	const struct vm *other;
	unsigned int mine = 0;

	list_for_each_entry(other, &vmm_vms, node) {
		if (vm->name[0] && !strcmp(vm->name, other->name))
			return -EEXIST;
		if (uid_eq(other->uid, vm->uid))
			mine++;
	}
	if (mine >= max_vms && !capable(CAP_SYS_ADMIN))
		return -EUSERS;
	return 0;
}

static int vm_publish(struct vm *vm)
{
	int error;

	mutex_lock(&vmm_lock);
	error = check_limits(vm);
	if (!error)
		error = vmx_owner_get();
	if (!error) {
		vm->id = vm_next_id++;
		vm->serial = vm_next_serial++;
		list_add_tail(&vm->node, &vmm_vms);
		atomic_inc(&vmm_vm_count);
	}
	mutex_unlock(&vmm_lock);
	return error;
}

static void vm_withdraw(struct vm *vm)
{
	mutex_lock(&vmm_lock);
	list_del(&vm->node);
	vmx_owner_put();
	atomic_dec(&vmm_vm_count);
	mutex_unlock(&vmm_lock);
}

static bool vm_hold(void *object)
{
	struct vm *vm = object;

	return kref_get_unless_zero(&vm->ref);
}

static int vm_create_node(struct vm *vm)
{
	struct vm_node *node;

	if (!vm->name[0])
		return 0;
	node = vm_node_create(vm->name, vm->uid, &vmm_vm_fops, vm, vm_hold);
	if (IS_ERR(node))
		return PTR_ERR(node);
	vm->public_node = node;
	return 0;
}

struct vm *vm_create(const struct vmm_vm_create *args)
{
	struct vm *vm;
	int error;

	if (!vm_name_is_padded(args->name) || (args->name[0] && !vm_name_is_good(args->name)))
		return ERR_PTR(-EINVAL);
	vm = kvzalloc(sizeof(*vm), GFP_KERNEL_ACCOUNT);
	if (!vm)
		return ERR_PTR(-ENOMEM);
	kref_init(&vm->ref);
	mutex_init(&vm->lock);
	spin_lock_init(&vm->mem.lock);
	vm_devmems_init(vm);
	init_waitqueue_head(&vm->suspend_wq);
	strscpy(vm->name, args->name, sizeof(vm->name));
	vm->uid = current_uid();
	vm->pid = task_tgid_vnr(current);
	vm->created_ns = ktime_get_boottime_ns();
	vm->time_base = ktime_get_ns();
	vm->tsc_base = vmm_tsc();
	vm->mm = current->mm;
	mmgrab(vm->mm);

	error = vm_publish(vm);
	if (error)
		goto err_free;
	vm_policy_init(vm);
	error = vm_mem_init(vm);
	if (error)
		goto err_withdraw;
	error = irqchip_apicv_init(vm, !(args->flags & VMM_VM_NO_APICV));
	if (error)
		goto err_mem;
	irqchip_init(vm);
	irqfd_init(vm);
	error = vm_create_node(vm);
	if (error)
		goto err_irqchip;
	return vm;

err_irqchip:
	irqfd_fini(vm);
	irqchip_fini(vm);
	irqchip_apicv_fini(vm);
err_mem:
	vm_mem_fini(vm);
err_withdraw:
	vm_withdraw(vm);
err_free:
	mmdrop(vm->mm);
	kvfree(vm);
	return ERR_PTR(error);
}

static void vm_destroy(struct kref *ref)
{
	struct vm *vm = container_of(ref, struct vm, ref);
	struct vcpu *vcpu;
	u32 i;

	vm_node_destroy(vm->public_node);
	/* eventfds, timers and notifier first: they kick vCPUs and look at in_guest. */
	irqfd_fini(vm);
	ioeventfd_fini(vm);
	irqchip_fini(vm);
	vm_mem_fini(vm);
	vm_devmems_fini(vm);
	for_each_vcpu(vm, i, vcpu)
		vcpu_destroy(vcpu);
	irqchip_apicv_fini(vm);
	vm_withdraw(vm);
	vm_policy_fini(vm);
	mmdrop(vm->mm);
	kvfree(vm);
}

void vm_get(struct vm *vm)
{
	kref_get(&vm->ref);
}

void vm_put(struct vm *vm)
{
	kref_put(&vm->ref, vm_destroy);
}
