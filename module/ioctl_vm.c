// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Handlers of the control node and of VM fds. Locks: see the table.
 */
#include <linux/anon_inodes.h>
#include <linux/cred.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/ktime.h>
#include "vmm.h"
#include "vmm_ioctl.h"

long ioctl_get_info(void *object, void *arg)
{
	return vmm_get_info(arg);
}

long ioctl_vm_create(void *object, void *arg)
{
	const struct vmm_vm_create *args = arg;
	struct vm *vm;
	long fd;

	if (args->abi_version != VMM_ABI_VERSION)
		return -EPROTO;
	if (args->pad || memchr_inv(args->reserved, 0, sizeof(args->reserved)))
		return -EINVAL;
	vm = vm_create(args);
	if (IS_ERR(vm))
		return PTR_ERR(vm);
	fd = anon_inode_getfd("vmm-vm", &vmm_vm_fops, vm, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		vm_put(vm);
	return fd;
}

long ioctl_vm_list(void *object, void *arg)
{
	struct vmm_vm_list *args = arg;
	struct vm *vm;

	lockdep_assert_held(&vmm_lock);
	/* Ids grow, so the list is sorted. */
	list_for_each_entry(vm, &vmm_vms, node) {
		if (vm->id <= args->id)
			continue;
		if (!uid_eq(vm->uid, current_uid()) && !capable(CAP_SYS_ADMIN))
			continue;
		args->id = vm->id;
		args->owner_pid = vm->pid;
		args->owner_uid = from_kuid_munged(current_user_ns(), vm->uid);
		args->vcpus = READ_ONCE(vm->vcpus);
		args->memory = vm_memory_bytes(vm);
		args->age_ns = ktime_get_boottime_ns() - vm->created_ns;
		memset(args->name, 0, sizeof(args->name));
		strscpy(args->name, vm->name, sizeof(args->name));
		return 0;
	}
	return -ENOENT;
}

long ioctl_stat_name(void *object, void *arg)
{
	struct vmm_stat_name *args = arg;
	const char *name = vcpu_stat_name(args->index);

	if (args->pad)
		return -EINVAL;
	if (!name)
		return -ENOENT;
	memset(args->name, 0, sizeof(args->name));
	strscpy(args->name, name, sizeof(args->name));
	return 0;
}

static bool memseg_is_clean(const struct vmm_memseg *args)
{
	return !args->pad && !memchr_inv(args->reserved, 0, sizeof(args->reserved));
}

long ioctl_memseg_add(void *object, void *arg)
{
	return memseg_is_clean(arg) ? vm_memseg_add(object, arg) : -EINVAL;
}

long ioctl_memseg_remove(void *object, void *arg)
{
	return memseg_is_clean(arg) ? vm_memseg_remove(object, arg) : -EINVAL;
}

long ioctl_memseg_next(void *object, void *arg)
{
	return memseg_is_clean(arg) ? vm_memseg_next(object, arg) : -EINVAL;
}

long ioctl_memseg_move(void *object, void *arg)
{
	const struct vmm_memseg_move *args = arg;

	if (memchr_inv(args->reserved, 0, sizeof(args->reserved)))
		return -EINVAL;
	return vm_memseg_move(object, args);
}

long ioctl_ept_walk(void *object, void *arg)
{
	struct vmm_ept_walk *args = arg;

	if (args->pad || args->levels || memchr_inv(args->reserved, 0, sizeof(args->reserved)))
		return -EINVAL;
	return vm_ept_walk(object, args);
}

long ioctl_mem_stats(void *object, void *arg)
{
	struct vmm_mem_stats *args = arg;

	if (memchr_inv(&args->leaves_4k, 0, sizeof(*args) - offsetof(struct vmm_mem_stats, leaves_4k)))
		return -EINVAL;
	vm_mem_stats(object, args);
	return 0;
}

/*
 * The fd is made first: a vCPU, once in vm->vcpu[], stays until the VM goes,
 * so nothing may fail after that.
 */
long ioctl_vcpu_create(void *object, void *arg)
{
	const struct vmm_vcpu_create *args = arg;
	struct vm *vm = object;
	struct vcpu *vcpu;
	struct file *file;
	int fd;

	lockdep_assert_held(&vm->lock);
	if (args->pad || memchr_inv(args->reserved, 0, sizeof(args->reserved)))
		return -EINVAL;
	if (args->id >= VMM_MAX_VCPUS)
		return -EINVAL;
	if (vm_vcpu(vm, args->id))
		return -EEXIST;
	if (atomic_read(&vm->suspend) != VMM_SUSPEND_NONE)
		return -EBUSY;
	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		return fd;
	vcpu = vcpu_create(vm, args->id);
	if (IS_ERR(vcpu)) {
		put_unused_fd(fd);
		return PTR_ERR(vcpu);
	}
	file = anon_inode_getfile("vmm-vcpu", &vmm_vcpu_fops, vcpu, O_RDWR);
	if (IS_ERR(file)) {
		vcpu_destroy(vcpu);
		put_unused_fd(fd);
		return PTR_ERR(file);
	}
	vm_get(vm);
	vm->vcpus++;
	/* Pairs with vm_vcpu(): whoever sees the pointer sees the vCPU. */
	smp_store_release(&vm->vcpu[args->id], vcpu);
	WRITE_ONCE(vm->vcpu_end, max(vm->vcpu_end, args->id + 1));
	fd_install(fd, file);
	return fd;
}

long ioctl_suspend(void *object, void *arg)
{
	const struct vmm_suspend *args = arg;

	if (args->pad || args->reserved)
		return -EINVAL;
	return vm_suspend(object, args->how);
}

long ioctl_get_cpus(void *object, void *arg)
{
	struct vmm_cpus *args = arg;
	struct vm *vm = object;
	struct vcpu *vcpu;
	u32 i;

	if (args->pad || args->mask || args->reserved)
		return -EINVAL;
	switch (args->which) {
	case VMM_CPUS_ACTIVE:
		args->mask = atomic64_read(&vm->active);
		return 0;
	case VMM_CPUS_SUSPENDED:
		args->mask = atomic64_read(&vm->suspended);
		return 0;
	case VMM_CPUS_HALTED:
		args->mask = atomic64_read(&vm->halted);
		return 0;
	case VMM_CPUS_STOPPED:
		args->mask = atomic64_read(&vm->stopped);
		return 0;
	case VMM_CPUS_RUNNING:
		for_each_vcpu(vm, i, vcpu)
			args->mask |= READ_ONCE(vcpu->in_guest) >= 0 ? BIT_ULL(i) : 0;
		return 0;
	case VMM_CPUS_SLEEPING:
		for_each_vcpu(vm, i, vcpu)
			args->mask |= READ_ONCE(vcpu->asleep) ? BIT_ULL(i) : 0;
		return 0;
	}
	return -EINVAL;
}
