// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * VM time: nanoseconds since the VM was created, one clock behind all its
 * timers, and the guest TSC, which counts from zero at the same moment.
 */
#include <linux/ktime.h>
#include <asm/msr.h>
#include "vmm.h"

u64 vm_now(const struct vm *vm)
{
	return ktime_get_ns() - vm->time_base;
}

u64 vm_guest_tsc(const struct vm *vm)
{
	return rdtsc_ordered() - vm->tsc_base;
}
