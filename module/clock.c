// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * VM time: nanoseconds since the VM was created, one clock behind all its
 * timers, and the guest TSC, which counts from zero at the same moment. Both
 * can be stopped and set together while no vCPU runs.
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
	/* Pairs with the release in clock_stop(). */
	if (unlikely(smp_load_acquire(&vm->clock.stopped)))
		return vm->clock.ns;
	return ktime_get_ns() - vm->time_base;
}

u64 vm_guest_tsc(const struct vm *vm)
{
	/* As above. */
	if (unlikely(smp_load_acquire(&vm->clock.stopped)))
		return vm->clock.tsc;
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

/* One moment: nothing comes between but an NMI. */
static void clock_read(const struct vm *vm, u64 *ns, u64 *tsc)
{
	unsigned long flags;

	local_irq_save(flags);
	*ns = vm_now(vm);
	*tsc = vm_guest_tsc(vm);
	local_irq_restore(flags);
}

static int clock_stop(struct vm *vm)
{
	if (atomic64_read(&vm->active) & ~atomic64_read(&vm->stopped))
		return -EBUSY;
	if (vm->clock.stopped)
		return 0;
	/* Timers first: none may see a later time than the one kept. */
	irqchip_stop_timers(vm);
	clock_read(vm, &vm->clock.ns, &vm->clock.tsc);
	/* Whoever sees the flag sees the time: pairs with vm_now(). */
	smp_store_release(&vm->clock.stopped, true);
	return 0;
}

static int clock_set(struct vm *vm, u64 ns, u64 tsc)
{
	if (!vm->clock.stopped || atomic64_read(&vm->active))
		return -EBUSY;
	if (ns > BIT_ULL(62))
		return -EINVAL;
	vm->clock.ns = ns;
	vm->clock.tsc = tsc;
	/* Time may have gone back: devices must have none from later on. */
	irqchip_power_on(vm);
	return 0;
}

/* vCPUs take over the new TSC offset when they are let go or activated. */
static void clock_go(struct vm *vm)
{
	struct vcpu *vcpu;
	unsigned long flags;
	u32 i;

	if (!vm->clock.stopped)
		return;
	local_irq_save(flags);
	vm->time_base = ktime_get_ns() - vm->clock.ns;
	vm->tsc_base = vmm_tsc() - vm->clock.tsc;
	local_irq_restore(flags);
	/* The bases first: pairs with vm_now(). */
	smp_store_release(&vm->clock.stopped, false);
	irqchip_go_timers(vm);
	for_each_vcpu(vm, i, vcpu)
		vcpu_request(vcpu, REQ_TIMER);
}

int vm_clock(struct vm *vm, struct vmm_clock *args)
{
	int error = 0;

	lockdep_assert_held(&vm->lock);
	switch (args->op) {
	case VMM_CLOCK_GET:
		break;
	case VMM_CLOCK_STOP:
		error = clock_stop(vm);
		break;
	case VMM_CLOCK_SET:
		error = clock_set(vm, args->ns, args->tsc);
		break;
	case VMM_CLOCK_GO:
		clock_go(vm);
		break;
	default:
		error = -EINVAL;
	}
	if (error)
		return error;
	clock_read(vm, &args->ns, &args->tsc);
	args->tsc_khz = tsc_khz;
	return 0;
}
