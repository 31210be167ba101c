// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * VM time: nanoseconds since the VM was created, one clock behind all its
 * timers, and the guest TSC, which counts from zero at the same moment.
 *
 * VM time stands while the host sleeps. The host's TSC does as it likes: it
 * goes on, stops or begins again at zero. What it is off by is kept here, so
 * that both go on together where they stopped.
 */
#include <linux/ktime.h>
#include <linux/math64.h>
#include <asm/msr.h>
#include <asm/tsc.h>
#include "vmm.h"

/*
 * To be added to the host's TSC. Written when the host wakes up, on the only
 * CPU there is then, with all owners frozen outside VMM_RUN.
 */
static u64 tsc_shift;
static u64 asleep_tsc, asleep_ns;

u64 vmm_tsc(void)
{
	return rdtsc_ordered() + tsc_shift;
}

void vmm_clock_suspend(void)
{
	asleep_tsc = vmm_tsc();
	asleep_ns = ktime_get_ns();
}

void vmm_clock_resume(void)
{
	u64 passed = ktime_get_ns() - asleep_ns;

	tsc_shift += asleep_tsc + mul_u64_u32_div(passed, tsc_khz, 1000000) - vmm_tsc();
}

u64 vm_now(const struct vm *vm)
{
	return ktime_get_ns() - vm->time_base;
}

u64 vm_guest_tsc(const struct vm *vm)
{
	return vmm_tsc() - vm->tsc_base;
}

u64 vcpu_tsc_offset(struct vcpu *vcpu)
{
	vcpu->tsc_shift = tsc_shift;
	return tsc_shift - vcpu->vm->tsc_base + vcpu->tsc_offset + vcpu->tsc_adjust;
}

void vcpu_follow_clock(struct vcpu *vcpu)
{
	if (unlikely(vcpu->tsc_shift != tsc_shift))
		vcpu_dirty(vcpu, CACHE_TSC);
}
