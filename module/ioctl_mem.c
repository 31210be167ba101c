// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Handlers of the calls that watch and restrict guest memory. Locks: see the
 * table.
 */
#include <linux/mm.h>
#include "vmm.h"
#include "vmm_ioctl.h"

static bool protect_is_clean(const struct vmm_protect *args)
{
	return !args->pad && !memchr_inv(args->reserved, 0, sizeof(args->reserved));
}

long ioctl_protect(void *object, void *arg)
{
	return protect_is_clean(arg) ? vm_protect(object, arg) : -EINVAL;
}

long ioctl_protect_next(void *object, void *arg)
{
	const struct vmm_protect *args = arg;

	if (!protect_is_clean(args) || args->len || args->prot)
		return -EINVAL;
	return vm_protect_next(object, arg);
}

static int check_log(const struct vmm_memlog *args, bool has_map)
{
	if (memchr_inv(args->reserved, 0, sizeof(args->reserved)) || (!has_map && args->map))
		return -EINVAL;
	if (!args->len || !PAGE_ALIGNED(args->gpa) || !PAGE_ALIGNED(args->len) ||
	    args->gpa + args->len < args->gpa)
		return -EINVAL;
	return 0;
}

static long log_start(struct vm *vm, enum mem_log_kind kind, const struct vmm_memlog *args)
{
	return check_log(args, false) ?: vm_log_start(vm, kind, args->gpa, args->len);
}

static long log_stop(struct vm *vm, enum mem_log_kind kind, const struct vmm_memlog *args)
{
	return check_log(args, false) ?: vm_log_stop(vm, kind, args->gpa, args->len);
}

static long log_fetch(struct vm *vm, enum mem_log_kind kind, const struct vmm_memlog *args)
{
	return check_log(args, true) ?: vm_log_fetch(vm, kind, args->gpa, args->len,
						     u64_to_user_ptr(args->map));
}

long ioctl_dirty_start(void *object, void *arg)
{
	return log_start(object, LOG_DIRTY, arg);
}

long ioctl_dirty_stop(void *object, void *arg)
{
	return log_stop(object, LOG_DIRTY, arg);
}

long ioctl_dirty_fetch(void *object, void *arg)
{
	return log_fetch(object, LOG_DIRTY, arg);
}

long ioctl_age_start(void *object, void *arg)
{
	return log_start(object, LOG_AGE, arg);
}

long ioctl_age_stop(void *object, void *arg)
{
	return log_stop(object, LOG_AGE, arg);
}

long ioctl_age_fetch(void *object, void *arg)
{
	return log_fetch(object, LOG_AGE, arg);
}
