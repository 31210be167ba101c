// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Protection of guest-physical ranges: the set is ept_policy, the tree follows.
 *
 * A stricter limit is in the set before the tree is restricted, so that no
 * violation brings back what has just been taken away. A wider one is in the set
 * alone: the next violation finds it.
 */
#include <linux/mm.h>
#include <linux/sched.h>
#include <asm/cpufeature.h>
#include "vmm.h"

/* mem.lock held. */
static u32 lifted_prot(const struct vm_mem *mem, u64 gpa)
{
	const struct vcpu_pass *pass = mem->pass;
	u32 i;

	if (likely(!pass) || mem->pass_task != current)
		return 0;
	for (i = 0; i < pass->count; i++)
		if (pass->page[i].gpa == (gpa & PAGE_MASK))
			return pass->page[i].prot;
	return 0;
}

u32 vm_protect_at(struct vm *vm, u64 gpa, int *level)
{
	const struct vm_mem *mem = &vm->mem;
	u32 lifted = lifted_prot(mem, gpa);

	lockdep_assert_held(&vm->mem.lock);
	if (unlikely(mem->pass))
		*level = 1;
	else
		*level = ept_policy_level(&mem->policy, gpa, *level);
	return ept_policy_prot(&mem->policy, gpa) | lifted;
}

/* What an entry can express and that holds @prot. */
static u32 widen(struct vm *vm, u32 prot)
{
	return !prot || ept_prot_ok(&vm->mem.ept, prot) ? prot : prot | VMM_PROT_READ;
}

/* The tree forgets what [@gpa, @end) is no longer allowed. No lock held. */
static void restrict_tree(struct vm *vm, u64 gpa, u64 end, u32 prot)
{
	struct vm_mem *mem = &vm->mem;
	struct ept_cache cache = {};
	u64 next;

	/* Without pages a huge leaf that is cut is changed as a whole: correct, too. */
	ept_cache_fill(&mem->ept, &cache);
	for (; gpa < end; gpa = next) {
		struct ept_garbage garbage = {};

		next = min(gpa + UNMAP_STEP, end);
		spin_lock(&mem->lock);
		ept_protect(&mem->ept, &cache, &garbage, gpa, next, prot);
		next = min(ept_next(&mem->ept, next), end);
		spin_unlock(&mem->lock);
		vm_reap(vm, &garbage);
		cond_resched();
	}
	ept_cache_drain(&mem->ept, &cache);
}

int vm_protect(struct vm *vm, const struct vmm_protect *args)
{
	u64 limit = min(EPT_GPA_END, 1ULL << boot_cpu_data.x86_phys_bits);
	u64 end = args->gpa + args->len;
	enum ept_result result;

	if (!args->len || !PAGE_ALIGNED(args->gpa) || !PAGE_ALIGNED(args->len) || end < args->gpa)
		return -EINVAL;
	if (args->prot & ~EPT_RWX || (args->prot && !ept_prot_ok(&vm->mem.ept, args->prot)))
		return -EINVAL;
	if (end > limit)
		return -ERANGE;
	spin_lock(&vm->mem.lock);
	result = ept_policy_set(&vm->mem.policy, args->gpa, end, args->prot);
	spin_unlock(&vm->mem.lock);
	if (result != EPT_OK)
		return -ENOSPC;
	if (args->prot != EPT_RWX)
		restrict_tree(vm, args->gpa, end, args->prot);
	return 0;
}

int vm_protect_next(struct vm *vm, struct vmm_protect *args)
{
	const struct ept_policy_range *range;

	spin_lock(&vm->mem.lock);
	range = ept_policy_next(&vm->mem.policy, args->gpa);
	if (range) {
		args->gpa = range->gpa;
		args->len = range->end - range->gpa;
		args->prot = range->prot;
	}
	spin_unlock(&vm->mem.lock);
	return range ? 0 : -ENOENT;
}

int vm_protect_allow(struct vm *vm, u64 gpa, u32 access)
{
	enum ept_result result;
	u32 prot;

	gpa &= PAGE_MASK;
	spin_lock(&vm->mem.lock);
	prot = widen(vm, ept_policy_prot(&vm->mem.policy, gpa) | access);
	result = ept_policy_set(&vm->mem.policy, gpa, gpa + PAGE_SIZE, prot);
	spin_unlock(&vm->mem.lock);
	return result == EPT_OK ? 0 : -ENOSPC;
}

bool vcpu_pass_add(struct vcpu *vcpu, u64 gpa, u32 access)
{
	struct vcpu_pass *pass = &vcpu->pass;
	struct vm *vm = vcpu->vm;
	u32 i;

	gpa &= PAGE_MASK;
	for (i = 0; i < pass->count && pass->page[i].gpa != gpa; i++)
		;
	if (i == VCPU_PASS_PAGES)
		return false;
	if (i == pass->count) {
		pass->page[i].gpa = gpa;
		pass->page[i].prot = 0;
		pass->count++;
	}
	spin_lock(&vm->mem.lock);
	pass->page[i].prot = widen(vm, pass->page[i].prot | access |
				   ept_policy_prot(&vm->mem.policy, gpa));
	spin_unlock(&vm->mem.lock);
	return true;
}

void vm_pass_open(struct vcpu *vcpu)
{
	struct vm_mem *mem = &vcpu->vm->mem;

	spin_lock(&mem->lock);
	mem->pass = &vcpu->pass;
	mem->pass_task = current;
	spin_unlock(&mem->lock);
}

void vm_pass_shut(struct vcpu *vcpu)
{
	struct vm_mem *mem = &vcpu->vm->mem;
	struct ept_garbage garbage = {};
	u32 i;

	spin_lock(&mem->lock);
	mem->pass = NULL;
	mem->pass_task = NULL;
	/* They are 4 KiB leaves: vm_protect_at() saw to it. */
	for (i = 0; i < vcpu->pass.count; i++) {
		u64 gpa = vcpu->pass.page[i].gpa;

		ept_protect(&mem->ept, NULL, &garbage, gpa, gpa + PAGE_SIZE,
			    ept_policy_prot(&mem->policy, gpa));
	}
	spin_unlock(&mem->lock);
	vm_reap(vcpu->vm, &garbage);
}
