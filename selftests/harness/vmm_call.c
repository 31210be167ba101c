// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The ioctls as functions that return a negative errno, and what the module
 * says about its objects.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>
#include "in_guest.h"

int vmm_call(int fd, unsigned long request, void *arg)
{
	int result = ioctl(fd, request, arg);

	return result < 0 ? -errno : result;
}

int vmm_open(void)
{
	int fd = open(VMM_DEVICE, O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int vmm_create(int ctl, const char *name)
{
	struct vmm_vm_create args = { .size = sizeof(args), .abi_version = VMM_ABI_VERSION };

	memcpy(args.name, name, strnlen(name, sizeof(args.name)));
	return vmm_call(ctl, VMM_VM_CREATE, &args);
}

int vmm_vcpu(int vm, uint32_t id)
{
	struct vmm_vcpu_create args = { .size = sizeof(args), .id = id };

	return vmm_call(vm, VMM_VCPU_CREATE, &args);
}

int vmm_activate(int vcpu)
{
	struct vmm_simple args = { .size = sizeof(args) };

	return vmm_call(vcpu, VMM_ACTIVATE_CPU, &args);
}

int vmm_run_once(int vcpu)
{
	return ioctl(vcpu, VMM_RUN, 0) < 0 ? -errno : 0;
}

int vmm_mem_add(int vm, uint64_t gpa, void *hva, uint64_t len, uint32_t prot)
{
	struct vmm_memseg args = {
		.size = sizeof(args), .gpa = gpa, .hva = (uintptr_t)hva, .len = len, .prot = prot,
	};

	return vmm_call(vm, VMM_MEMSEG_ADD, &args);
}

int vmm_mem_remove(int vm, uint64_t gpa, uint64_t len)
{
	struct vmm_memseg args = { .size = sizeof(args), .gpa = gpa, .len = len };

	return vmm_call(vm, VMM_MEMSEG_REMOVE, &args);
}

int vmm_get_regs(int vcpu, uint32_t groups, struct vmm_regs *regs)
{
	struct vmm_vcpu_regs args = { .size = sizeof(args), .groups = groups };
	int error = vmm_call(vcpu, VMM_GET_REGS, &args);

	*regs = args.regs;
	return error;
}

int vmm_set_regs(int vcpu, uint32_t groups, const struct vmm_regs *regs)
{
	struct vmm_vcpu_regs args = { .size = sizeof(args), .groups = groups, .regs = *regs };

	return vmm_call(vcpu, VMM_SET_REGS, &args);
}

int vmm_suspend_vm(int vm, uint32_t how)
{
	struct vmm_suspend args = { .size = sizeof(args), .how = how };

	return vmm_call(vm, VMM_SUSPEND, &args);
}

long vmm_objects(const char *what)
{
	FILE *f = fopen("/sys/kernel/debug/vmm/objects", "r");
	char name[32];
	long count, found = -1;

	if (!f)
		return -1;
	while (fscanf(f, "%31s %ld", name, &count) == 2)
		if (!strcmp(name, what))
			found = count;
	fclose(f);
	return found;
}

bool vmm_objects_gone(unsigned int ms)
{
	uint64_t end = now_ms() + ms;

	for (;;) {
		if (!vmm_objects("vms") && !vmm_objects("vcpus"))
			return true;
		if (now_ms() > end)
			return false;
		usleep(10000);
	}
}

uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ULL + t.tv_nsec / 1000000;
}
