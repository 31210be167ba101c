// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * vCPU lifetime, and the two ways to get its attention.
 *
 * A vCPU is created under vm->lock and freed with the VM, so whoever finds it
 * in vm->vcpu[] while holding a reference to the VM may use it.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include "compat.h"
#include "emulate.h"
#include "fpu.h"
#include "vmm.h"

static_assert(sizeof(struct vmm_run) <= VMM_RUN_SIZE);
static_assert(VMM_RUN_SIZE == PAGE_SIZE);

struct vcpu *vcpu_create(struct vm *vm, u32 id)
{
	struct vcpu *vcpu;
	int error = -ENOMEM;

	lockdep_assert_held(&vm->lock);
	vcpu = kzalloc(sizeof(*vcpu), GFP_KERNEL_ACCOUNT);
	if (!vcpu)
		return ERR_PTR(-ENOMEM);
	vcpu->vm = vm;
	vcpu->id = id;
	vcpu->in_guest = -1;
	mutex_init(&vcpu->lock);
	rcuwait_init(&vcpu->wait);
	init_waitqueue_head(&vcpu->idle_wq);
	vcpu->run = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (!vcpu->run)
		goto err_run;
	vcpu->msr = kcalloc(VMSR_SLOTS, sizeof(u64), GFP_KERNEL_ACCOUNT);
	if (!vcpu->msr)
		goto err_msr;
	vcpu->emu = kzalloc(sizeof(*vcpu->emu), GFP_KERNEL_ACCOUNT);
	if (!vcpu->emu)
		goto err_emu;
	error = vmm_fpu_alloc(vcpu);
	if (error)
		goto err_fpu;
	error = vcpu_irq_init(vcpu);
	if (error)
		goto err_irq;
	error = vmm_backend->vcpu_init(vcpu);
	if (error)
		goto err_backend;

	vmsr_reset(vcpu->msr);
	vcpu_irq_reset(vcpu, false);
	vmm_backend->vcpu_reset(vcpu, false);
	vcpu->activity = id ? VMM_ACTIVITY_WAIT_SIPI : VMM_ACTIVITY_RUNNING;
	atomic_inc(&vmm_vcpu_count);
	return vcpu;

err_backend:
	vcpu_irq_fini(vcpu);
err_irq:
	vmm_fpu_free(vcpu);
err_fpu:
	kfree(vcpu->emu);
err_emu:
	kfree(vcpu->msr);
err_msr:
	free_page((unsigned long)vcpu->run);
err_run:
	kfree(vcpu);
	return ERR_PTR(error);
}

void vcpu_destroy(struct vcpu *vcpu)
{
	/* The timer first: its callback kicks. */
	vcpu_irq_fini(vcpu);
	vmm_backend->vcpu_fini(vcpu);
	vmm_fpu_free(vcpu);
	kfree(vcpu->emu);
	kfree(vcpu->msr);
	/* A mapping of the run page keeps its own reference. */
	free_page((unsigned long)vcpu->run);
	kfree(vcpu);
	atomic_dec(&vmm_vcpu_count);
}

void vcpu_kick(struct vcpu *vcpu)
{
	int cpu;

	rcuwait_wake_up(&vcpu->wait);
	/* The full barrier is in the caller's atomic; pairs with vmx_run. */
	cpu = READ_ONCE(vcpu->in_guest);
	/*
	 * Our own CPU: the vCPU's thread makes a request of itself, or one of
	 * its windows is open. It looks at requests before it enters.
	 */
	if (cpu >= 0 && cpu != raw_smp_processor_id()) {
		vcpu_stat(vcpu, STAT_KICKS);
		smp_send_reschedule(cpu);
	}
}

int vcpu_stop(struct vcpu *vcpu)
{
	lockdep_assert_held(&vcpu->lock);
	vcpu->stopped = true;
	atomic64_or(BIT_ULL(vcpu->id), &vcpu->vm->stopped);
	return 0;
}

int vcpu_go(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;
	int error = 0;

	lockdep_assert_held(&vcpu->lock);
	/* The clock is stopped under vm->lock, after a look at vm->stopped. */
	if (mutex_lock_interruptible(&vm->lock))
		return -EINTR;
	if (vm->clock.stopped) {
		error = -EBUSY;
	} else {
		vcpu->stopped = false;
		atomic64_andnot(BIT_ULL(vcpu->id), &vm->stopped);
	}
	mutex_unlock(&vm->lock);
	if (!error)
		vcpu_clock_changed(vcpu);
	return error;
}

int vcpu_lock_idle(struct vcpu *vcpu)
{
	/* Before the request: the runner looks at it when it serves the request. */
	atomic_inc(&vcpu->waiters);
	vcpu_request(vcpu, REQ_KICK);
	wake_up_all(&vcpu->vm->suspend_wq);
	if (!mutex_lock_interruptible(&vcpu->lock))
		return 0;
	if (atomic_dec_and_test(&vcpu->waiters))
		wake_up_all(&vcpu->idle_wq);
	return -EINTR;
}

void vcpu_unlock_idle(struct vcpu *vcpu)
{
	mutex_unlock(&vcpu->lock);
	if (atomic_dec_and_test(&vcpu->waiters))
		wake_up_all(&vcpu->idle_wq);
}

int vcpu_lock_run(struct vcpu *vcpu)
{
	if (test_and_set_bit_lock(0, &vcpu->running))
		return -EBUSY;
	if (!wait_event_interruptible(vcpu->idle_wq, !atomic_read(&vcpu->waiters)) &&
	    !mutex_lock_interruptible(&vcpu->lock))
		return 0;
	clear_bit_unlock(0, &vcpu->running);
	return -EINTR;
}

void vcpu_unlock_run(struct vcpu *vcpu)
{
	mutex_unlock(&vcpu->lock);
	clear_bit_unlock(0, &vcpu->running);
}
