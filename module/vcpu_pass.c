// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * One instruction let through a protection.
 *
 * The tree is one for all vCPUs. So a vCPU that has passes to pages holds the VM
 * for itself (vm->passing) while the pages are open: the others are asked out of
 * the guest and wait in their run loops. It steps over the instruction and shuts
 * the pages. The VM is given back whenever the vCPU's thread leaves VMM_RUN or goes
 * to sleep; passes stay until the instruction is complete.
 */
#include <linux/sched/signal.h>
#include "vie.h"
#include "vmm.h"

#define URGENT	(BIT(REQ_INIT) | BIT(REQ_SIPI) | BIT(REQ_SUSPEND) | BIT(REQ_KICK))

static bool blocked(const struct vcpu *vcpu)
{
	const struct vcpu *passing = READ_ONCE(vcpu->vm->passing);

	return passing && passing != vcpu;
}

static void begin(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;
	struct vcpu *other;
	u32 i;

	/*
	 * ->passing (by cmpxchg) before the requests: who serves one sees it. The flush waits for those still in the guest, and whoever enters
	 * after it finds the request.
	 */
	for_each_vcpu(vm, i, other)
		if (other != vcpu)
			vcpu_request(other, REQ_PASSING);
	vm_ept_flush(vm);
	vm_pass_open(vcpu);
	vcpu_step_arm(vcpu, STEP_PROT | STEP_HOLD);
}

int vcpu_pass_begin(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;

	if (READ_ONCE(vm->passing) == vcpu)
		return 1;
	if (vcpu->pass.count && !cmpxchg(&vm->passing, NULL, vcpu)) {
		begin(vcpu);
		return 1;
	}
	if (!blocked(vcpu))
		return !vcpu->pass.count;
	rcuwait_wait_event(&vcpu->wait, !blocked(vcpu) || READ_ONCE(vcpu->requests) & URGENT ||
			   signal_pending(current) || READ_ONCE(vcpu->run->immediate_exit) ||
			   test_thread_flag(TIF_NOTIFY_RESUME), TASK_INTERRUPTIBLE);
	return 0;
}

void vcpu_pass_end(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;
	struct vcpu *other;
	u32 i;

	if (READ_ONCE(vm->passing) != vcpu)
		return;
	vm_pass_shut(vcpu);
	vcpu_step_disarm(vcpu, STEP_PROT);
	if (!(vcpu->debug.control & VMM_DEBUG_HOLD))
		vcpu_step_disarm(vcpu, STEP_HOLD);
	/* The pages are shut before another vCPU enters: pairs with blocked(). */
	smp_store_release(&vm->passing, NULL);
	for_each_vcpu(vm, i, other)
		rcuwait_wake_up(&other->wait);
}

void vcpu_pass_drop(struct vcpu *vcpu)
{
	vcpu_pass_end(vcpu);
	vcpu->pass.count = 0;
	vcpu->pass.done = false;
}

/* #PF as if the guest's own page tables had refused. */
static void inject_fault(struct vcpu *vcpu, const struct vmm_exit_protect *denied)
{
	struct vmm_regs *r = &vcpu->regs;
	u32 error = 1;

	if (!(denied->flags & VMM_PROTECT_GLA)) {
		vcpu_inject_gp(vcpu);
		return;
	}
	if (vmm_backend->load_regs(vcpu, CACHE_SEG | CACHE_CR))
		return;
	if (denied->access & VMM_PROT_WRITE)
		error |= 2;
	if (vie_cpl(r) == 3)
		error |= 4;
	if ((denied->access & VMM_PROT_EXEC) &&
	    ((r->efer & EFER_NX) || (r->cr4 & X86_CR4_SMEP)))
		error |= 0x10;
	r->cr2 = denied->gla;
	vcpu_inject(vcpu, 14, true, error);
}

bool vcpu_protect_answer(struct vcpu *vcpu)
{
	const struct vmm_exit_protect *denied = &vcpu->denied;
	u32 answer = READ_ONCE(vcpu->run->protect.answer);

	if (answer == VMM_PROTECT_ANSWER_FAULT) {
		vcpu_pass_drop(vcpu);
		inject_fault(vcpu, denied);
		return false;
	}
	if (answer == VMM_PROTECT_ANSWER_ALLOW &&
	    vm_protect_allow(vcpu->vm, denied->gpa, denied->access))
		answer = VMM_PROTECT_ANSWER_ONCE;
	if (answer == VMM_PROTECT_ANSWER_ONCE)
		vcpu_pass_add(vcpu, denied->gpa, denied->access);
	if (denied->flags & VMM_PROTECT_EMULATED)
		vcpu->work.kind = WORK_EMULATE;
	return true;
}
