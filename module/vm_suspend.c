// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Stopping a VM: suspend with a reason, quorum, and detection of a VM that has
 * halted for good.
 *
 * vm->suspend goes from NONE to a reason once. Every active vCPU that notices
 * adds itself to vm->suspended and sleeps until that covers vm->active, so
 * that none is left in the guest when userspace learns of it.
 */
#include "vmm.h"

static int suspend_once(struct vm *vm, u32 how, u32 by)
{
	struct vcpu *vcpu;
	u32 i;

	if (atomic_cmpxchg(&vm->suspend, VMM_SUSPEND_NONE, how) != VMM_SUSPEND_NONE)
		return -EALREADY;
	WRITE_ONCE(vm->suspend_by, by);
	for_each_vcpu(vm, i, vcpu)
		vcpu_request(vcpu, REQ_SUSPEND);
	return 0;
}

int vm_suspend(struct vm *vm, u32 how)
{
	if (how == VMM_SUSPEND_NONE || how > VMM_SUSPEND_TRIPLEFAULT)
		return -EINVAL;
	return suspend_once(vm, how, VMM_VCPU_ALL);
}

void vm_suspend_by(struct vm *vm, u32 how, u32 vcpu_id)
{
	suspend_once(vm, how, vcpu_id);
}

bool vm_is_suspended(struct vm *vm)
{
	return atomic_read(&vm->suspend) != VMM_SUSPEND_NONE &&
	       !(atomic64_read(&vm->active) & ~atomic64_read(&vm->suspended));
}

static bool all_suspended(struct vm *vm)
{
	return !(atomic64_read(&vm->active) & ~atomic64_read(&vm->suspended));
}

int vm_suspend_wait(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;

	atomic64_or(BIT_ULL(vcpu->id), &vm->suspended);
	/* Full barrier in atomic64_or for wq_has_sleeper in wake_up. */
	wake_up_all(&vm->suspend_wq);
	if (wait_event_interruptible(vm->suspend_wq, all_suspended(vm) ||
				     test_bit(REQ_KICK, &vcpu->requests)))
		return -EINTR;
	return all_suspended(vm) ? 0 : -EAGAIN;
}

void vm_check_all_halted(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;
	struct vcpu *other;
	u32 i;

	if (atomic64_read(&vm->active) & ~atomic64_read(&vm->halted))
		return;
	/* Something may have been posted to a vCPU since it halted. */
	for_each_vcpu(vm, i, other)
		if (READ_ONCE(other->requests))
			return;
	vm_suspend_by(vm, VMM_SUSPEND_HALT, vcpu->id);
}
