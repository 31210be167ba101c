// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Handlers of the devmem calls. Locks: see the table.
 */
#include "devmem.h"
#include "vmm.h"
#include "vmm_ioctl.h"

/* Names come as 40 bytes, zero behind the name. */
static bool is_clean(const struct vmm_devmem *args)
{
	return vm_name_is_padded(args->name) &&
	       !memchr_inv(args->reserved, 0, sizeof(args->reserved));
}

static bool map_is_clean(const struct vmm_devmem_map *args)
{
	return vm_name_is_padded(args->name) && !args->pad &&
	       !memchr_inv(args->reserved, 0, sizeof(args->reserved));
}

long ioctl_devmem_create(void *object, void *arg)
{
	const struct vmm_devmem *args = arg;

	if (!is_clean(args) || !vm_name_is_good(args->name))
		return -EINVAL;
	return devmem_create(object, args);
}

long ioctl_devmem_destroy(void *object, void *arg)
{
	const struct vmm_devmem *args = arg;

	if (!is_clean(args) || args->len)
		return -EINVAL;
	return devmem_destroy(object, args->name);
}

long ioctl_devmem_next(void *object, void *arg)
{
	return is_clean(arg) ? devmem_next(object, arg) : -EINVAL;
}

long ioctl_devmem_map(void *object, void *arg)
{
	const struct vmm_devmem_map *args = arg;
	struct devmem *devmem;

	if (!map_is_clean(args))
		return -EINVAL;
	devmem = devmem_find(object, args->name);
	if (!devmem)
		return -ENOENT;
	return vm_devmem_map(object, devmem, args);
}

long ioctl_devmem_unmap(void *object, void *arg)
{
	const struct vmm_devmem_map *args = arg;
	struct devmem *devmem;

	if (!map_is_clean(args) || args->offset || args->prot)
		return -EINVAL;
	devmem = devmem_find(object, args->name);
	if (!devmem)
		return -ENOENT;
	return vm_devmem_unmap(object, devmem, args->gpa, args->len);
}
