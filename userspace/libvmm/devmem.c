// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Devmem: named memory of the kernel's, such as a boot ROM or a frame buffer.
 */
#include <string.h>

#include "ioctl.h"
#include "libvmm.h"

/* Names that are too long must be refused, not cut. */
static int put_name(char name[40], const char *from)
{
	if (strlen(from) > VMM_NAME_MAX)
		return -EINVAL;
	strcpy(name, from);
	return 0;
}

int vmm_devmem_create(int vm, const char *name, uint64_t len, uint32_t flags)
{
	struct vmm_devmem args = { .size = sizeof(args), .flags = flags, .len = len };
	int error = put_name(args.name, name);

	return error ? error : ioctl_errno(vm, VMM_DEVMEM_CREATE, &args);
}

int vmm_devmem_destroy(int vm, const char *name)
{
	struct vmm_devmem args = { .size = sizeof(args) };
	int error = put_name(args.name, name);

	return error ? error : ioctl_errno(vm, VMM_DEVMEM_DESTROY, &args);
}

int vmm_devmem_next(int vm, struct vmm_devmem *devmem)
{
	devmem->size = sizeof(*devmem);
	return ioctl_errno(vm, VMM_DEVMEM_NEXT, devmem);
}

int vmm_devmem_map(int vm, const char *name, uint64_t gpa, uint64_t offset, uint64_t len,
		   uint32_t prot)
{
	struct vmm_devmem_map args = {
		.size = sizeof(args), .gpa = gpa, .len = len, .offset = offset, .prot = prot,
	};
	int error = put_name(args.name, name);

	return error ? error : ioctl_errno(vm, VMM_DEVMEM_MAP, &args);
}

int vmm_devmem_unmap(int vm, const char *name, uint64_t gpa, uint64_t len)
{
	struct vmm_devmem_map args = { .size = sizeof(args), .gpa = gpa, .len = len };
	int error = put_name(args.name, name);

	return error ? error : ioctl_errno(vm, VMM_DEVMEM_UNMAP, &args);
}
