// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Reset in place: vCPUs and devices as after power-on, memory as it is, devmem
 * mapped nowhere.
 *
 * The suspend that is in force keeps everybody out until the end: no vCPU can
 * be created, activated or run. What a signal leaves half done can be done
 * again.
 */
#include "emulate.h"
#include "fpu.h"
#include "vmm.h"

static void vcpu_reinit(struct vcpu *vcpu)
{
	lockdep_assert_held(&vcpu->lock);
	vcpu->active = false;
	vcpu->stopped = false;
	vcpu_pass_drop(vcpu);
	vcpu_abandon(vcpu, VMM_REGS_ALL);
	vcpu->work.kind = WORK_NONE;
	vcpu->tsc_adjust = 0;
	vcpu->tsc_offset = 0;
	WRITE_ONCE(vcpu->requests, 0);
	vmsr_reset(vcpu->msr);
	vmm_fpu_reset(vcpu);
	vcpu_irq_reset(vcpu, false);
	vmm_backend->vcpu_reset(vcpu, false);
	vcpu->activity = vcpu->id ? VMM_ACTIVITY_WAIT_SIPI : VMM_ACTIVITY_RUNNING;
}

static int reinit(struct vm *vm)
{
	struct vcpu *vcpu;
	int error;
	u32 i;

	if (READ_ONCE(vm->clock.stopped) || !vm_is_suspended(vm))
		return -EBUSY;
	for_each_vcpu(vm, i, vcpu) {
		error = vcpu_lock_idle(vcpu);
		if (error)
			return error;
		vcpu_reinit(vcpu);
		atomic64_andnot(BIT_ULL(i), &vm->active);
		vcpu_unlock_idle(vcpu);
	}
	error = mutex_lock_interruptible(&vm->lock) ? -EINTR : 0;
	if (error)
		return error;
	vm_devmem_unmap_all(vm);
	mutex_unlock(&vm->lock);
	irqchip_reset(vm);
	atomic64_set(&vm->suspended, 0);
	atomic64_set(&vm->halted, 0);
	atomic64_set(&vm->stopped, 0);
	/* All of the above before anybody may activate or run. */
	atomic_set_release(&vm->suspend, VMM_SUSPEND_NONE);
	return 0;
}

int vm_reinit(struct vm *vm)
{
	int error;

	if (test_and_set_bit_lock(0, &vm->reinit))
		return -EBUSY;
	error = reinit(vm);
	clear_bit_unlock(0, &vm->reinit);
	return error;
}
