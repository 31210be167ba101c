// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The control node: opening it, creating and listing VMs, and the calls on a
 * VM that concern it as a whole.
 *
 * The version check happens here, in vmm_open(), and nowhere else: a module of
 * another ABI version must not see one more ioctl from us.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ioctl.h"
#include "libvmm.h"

int vmm_get_info(int ctl, struct vmm_info *info)
{
	memset(info, 0, sizeof(*info));
	info->size = sizeof(*info);
	return ioctl_errno(ctl, VMM_GET_INFO, info);
}

int vmm_open(const char *path, struct vmm_info *info)
{
	struct vmm_info local;
	int ctl, error;

	if (!info)
		info = &local;
	memset(info, 0, sizeof(*info));

	ctl = open(path ? path : VMM_DEVICE, O_RDWR | O_CLOEXEC);
	if (ctl < 0)
		return -errno;
	error = vmm_get_info(ctl, info);
	if (!error && info->abi_version != VMM_ABI_VERSION)
		error = -EPROTO;
	if (error) {
		close(ctl);
		return error;
	}
	return ctl;
}

int vmm_vm_open(const char *name)
{
	char path[64];
	int vm;

	if (!name[0] || strchr(name, '/') || strchr(name, '.') ||
	    snprintf(path, sizeof(path), "/dev/vmm/%s", name) >= (int)sizeof(path))
		return -EINVAL;
	vm = open(path, O_RDWR | O_CLOEXEC);
	return vm < 0 ? -errno : vm;
}

int vmm_vm_create(int ctl, const char *name)
{
	struct vmm_vm_create create = {
		.size = sizeof(create),
		.abi_version = VMM_ABI_VERSION,
	};

	if (name) {
		if (strlen(name) > VMM_NAME_MAX)
			return -EINVAL;
		memcpy(create.name, name, strlen(name));
	}
	return ioctl_errno(ctl, VMM_VM_CREATE, &create);
}

int vmm_vm_list(int ctl, struct vmm_vm_list *list)
{
	uint32_t id = list->id;

	memset(list, 0, sizeof(*list));
	list->size = sizeof(*list);
	list->id = id;
	return ioctl_errno(ctl, VMM_VM_LIST, list);
}

int vmm_stat_name(int ctl, unsigned int index, char *name, size_t len)
{
	struct vmm_stat_name stat = { .size = sizeof(stat), .index = index };
	int error = ioctl_errno(ctl, VMM_STAT_NAME, &stat);

	if (!error)
		snprintf(name, len, "%.*s", (int)sizeof(stat.name), stat.name);
	return error;
}

int vmm_suspend(int vm, unsigned int how)
{
	struct vmm_suspend suspend = { .size = sizeof(suspend), .how = how };

	return ioctl_errno(vm, VMM_SUSPEND, &suspend);
}

int vmm_get_cpus(int vm, unsigned int which, uint64_t *mask)
{
	struct vmm_cpus cpus = { .size = sizeof(cpus), .which = which };
	int error = ioctl_errno(vm, VMM_GET_CPUS, &cpus);

	if (!error)
		*mask = cpus.mask;
	return error;
}
