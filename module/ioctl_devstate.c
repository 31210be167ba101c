// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Handlers of run control and of device state. Locks: see the table.
 */
#include "vmm.h"
#include "vmm_ioctl.h"

long ioctl_clock(void *object, void *arg)
{
	struct vmm_clock *args = arg;

	if (args->tsc_khz || memchr_inv(args->reserved, 0, sizeof(args->reserved)))
		return -EINVAL;
	if (args->op != VMM_CLOCK_SET && (args->ns || args->tsc))
		return -EINVAL;
	return vm_clock(object, args);
}

long ioctl_get_devstate(void *object, void *arg)
{
	struct vmm_devstate *args = arg;

	if (args->version || memchr_inv(args->reserved, 0, sizeof(args->reserved)))
		return -EINVAL;
	return devstate_get(object, args);
}

long ioctl_set_devstate(void *object, void *arg)
{
	const struct vmm_devstate *args = arg;

	if (memchr_inv(args->reserved, 0, sizeof(args->reserved)))
		return -EINVAL;
	return devstate_set(object, args);
}

long ioctl_get_lapic(void *object, void *arg)
{
	struct vmm_lapic_state *args = arg;

	if (args->version || memchr_inv(args->reserved, 0, sizeof(args->reserved)))
		return -EINVAL;
	return devstate_get_lapic(object, args);
}

long ioctl_set_lapic(void *object, void *arg)
{
	const struct vmm_lapic_state *args = arg;

	if (memchr_inv(args->reserved, 0, sizeof(args->reserved)))
		return -EINVAL;
	return devstate_set_lapic(object, args);
}

long ioctl_reinit(void *object, void *arg)
{
	const struct vmm_simple *args = arg;

	return args->reserved ? -EINVAL : vm_reinit(object);
}

long ioctl_cpu_stop(void *object, void *arg)
{
	const struct vmm_simple *args = arg;

	return args->reserved ? -EINVAL : vcpu_stop(object);
}

long ioctl_cpu_go(void *object, void *arg)
{
	const struct vmm_simple *args = arg;

	return args->reserved ? -EINVAL : vcpu_go(object);
}
