// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Invalidation of EPT translations by generation.
 *
 * Every invalidation bumps mem.gen. A CPU compares it with the generation it
 * last flushed for, each time it enters the guest, and executes INVEPT when it
 * is behind. So that nothing is used after vm_ept_flush() has returned, CPUs
 * in guest mode at that moment are interrupted and waited for: the interrupt
 * cannot be taken before the guest has been left.
 *
 * SDM "Caching Translation Information", "INVEPT".
 */
#include <linux/cpumask.h>
#include <linux/percpu.h>
#include <linux/smp.h>
#include "vmm.h"
#include "vmx.h"
#include "vmx_insn.h"

static DEFINE_PER_CPU(struct cpumask, flush_mask);

int vm_ept_inv_init(struct vm *vm)
{
	/* Stale translations of an earlier tree at the same root: flush at first entry. */
	atomic64_set(&vm->mem.gen, 1);
	vm->mem.seen = alloc_percpu_gfp(u64, GFP_KERNEL_ACCOUNT | __GFP_ZERO);
	return vm->mem.seen ? 0 : -ENOMEM;
}

void vm_ept_inv_fini(struct vm *vm)
{
	free_percpu(vm->mem.seen);
}

static void left_guest(void *unused)
{
}

void vm_ept_flush(struct vm *vm)
{
	struct cpumask *mask;
	struct vcpu *vcpu;
	bool wait = false;
	int cpu;
	u32 i;

	preempt_disable();
	mask = this_cpu_ptr(&flush_mask);
	cpumask_clear(mask);

	/*
	 * Full barriers on both sides: changed entries before the generation,
	 * the generation before in_guest (pairs with vmx_run, which writes
	 * in_guest before ept_enter reads the generation).
	 */
	atomic64_inc_return(&vm->mem.gen);
	for_each_vcpu(vm, i, vcpu) {
		cpu = READ_ONCE(vcpu->in_guest);
		if (cpu >= 0) {
			cpumask_set_cpu(cpu, mask);
			wait = true;
		}
	}
	atomic64_inc(&vm->mem.flushes);
	if (wait) {
		atomic64_inc(&vm->mem.waits);
		smp_call_function_many(mask, left_guest, NULL, true);
	}
	preempt_enable();
}

u64 vm_eptp(struct vm *vm)
{
	return ept_eptp(&vm->mem.ept);
}

void ept_enter(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;
	u64 gen = atomic64_read(&vm->mem.gen);

	if (likely(this_cpu_read(*vm->mem.seen) == gen))
		return;
	this_cpu_write(*vm->mem.seen, gen);
	invept(VMX_INVEPT_SINGLE, vm_eptp(vm));
	vcpu_stat(vcpu, STAT_INVEPT);
}
