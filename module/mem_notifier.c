// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The MMU notifier: how the EPT tree follows the owner's address space.
 *
 * Called by the host under its own locks whenever it changes the owner's page
 * tables, on any thread. start() removes what will change and waits until no
 * processor can use it; end() lets faults proceed. In between a fault in the
 * range finds inv_count and tries again.
 */
#include <linux/mm.h>
#include "vmm.h"
#include "compat.h"

static struct vm *to_vm(struct mmu_notifier *mn)
{
	return container_of(mn, struct vm, mem.notifier);
}

typedef bool (*gpa_range_fn)(struct vm *vm, u64 from, u64 to, void *arg);

static bool in_gpa_range(struct vm *vm, const struct memseg *seg, u64 start, u64 end,
			 gpa_range_fn fn, void *arg)
{
	u64 from = max(start, seg->hva);
	u64 to = min(end, seg->hva + seg->len);

	if (seg->devmem || from >= to)
		return false;
	return fn(vm, seg->gpa + PAGE_ALIGN_DOWN(from - seg->hva),
		  seg->gpa + PAGE_ALIGN(to - seg->hva), arg);
}

/* Call @fn for the guest-physical image of [@start, @end); mem.lock held. */
static bool in_gpa_ranges(struct vm *vm, u64 start, u64 end, gpa_range_fn fn, void *arg)
{
	struct memseg_leaving *old;
	bool any = false;
	u32 i;

	for (i = 0; i < vm->mem.segs; i++)
		any |= in_gpa_range(vm, &vm->mem.seg[i], start, end, fn, arg);
	list_for_each_entry(old, &vm->mem.leaving, link)
		any |= in_gpa_range(vm, &old->seg, start, end, fn, arg);
	return any;
}

static bool unmap_range(struct vm *vm, u64 from, u64 to, void *arg)
{
	return ept_unmap(&vm->mem.ept, NULL, arg, from, to);
}

static bool clear_young_range(struct vm *vm, u64 from, u64 to, void *arg)
{
	return vm_log_age(vm, from, to);
}

static bool test_young_range(struct vm *vm, u64 from, u64 to, void *arg)
{
	return ept_age(&vm->mem.ept, from, to, false);
}

static int vm_invalidate_start(struct mmu_notifier *mn, const struct mmu_notifier_range *range)
{
	struct vm *vm = to_vm(mn);
	u64 hva;

	spin_lock(&vm->mem.lock);
	if (!vm->mem.inv_count++) {
		vm->mem.inv_start = range->start;
		vm->mem.inv_end = range->end;
	} else {
		/* One range for all: larger than needed, never smaller. */
		vm->mem.inv_start = min_t(u64, vm->mem.inv_start, range->start);
		vm->mem.inv_end = max_t(u64, vm->mem.inv_end, range->end);
	}
	spin_unlock(&vm->mem.lock);

	/* In steps: the lock is not held, nor preemption off, for long. */
	for (hva = range->start; hva < range->end; hva += UNMAP_STEP) {
		struct ept_garbage garbage = {};

		spin_lock(&vm->mem.lock);
		in_gpa_ranges(vm, hva, min_t(u64, hva + UNMAP_STEP, range->end),
			      unmap_range, &garbage);
		spin_unlock(&vm->mem.lock);
		vm_reap(vm, &garbage);
		if (mmu_notifier_range_blockable(range))
			cond_resched();
	}
	return 0;
}

static void vm_invalidate_end(struct mmu_notifier *mn, const struct mmu_notifier_range *range)
{
	struct vm *vm = to_vm(mn);

	spin_lock(&vm->mem.lock);
	vm->mem.inv_count--;
	spin_unlock(&vm->mem.lock);
}

static vmm_young_t vm_clear_flush_young(struct mmu_notifier *mn, struct mm_struct *mm,
					unsigned long start, unsigned long end)
{
	struct vm *vm = to_vm(mn);
	bool young;

	spin_lock(&vm->mem.lock);
	young = in_gpa_ranges(vm, start, end, clear_young_range, NULL);
	spin_unlock(&vm->mem.lock);
	if (young)
		vm_ept_flush(vm);
	else
		atomic64_inc(&vm->mem.saved);
	return young;
}

static vmm_young_t vm_clear_young(struct mmu_notifier *mn, struct mm_struct *mm,
				  unsigned long start, unsigned long end)
{
	struct vm *vm = to_vm(mn);
	bool young;

	/* Without a flush: a stale translation only makes the page look older. */
	spin_lock(&vm->mem.lock);
	young = in_gpa_ranges(vm, start, end, clear_young_range, NULL);
	spin_unlock(&vm->mem.lock);
	return young;
}

static vmm_young_t vm_test_young(struct mmu_notifier *mn, struct mm_struct *mm,
				 unsigned long hva)
{
	struct vm *vm = to_vm(mn);
	bool young;

	spin_lock(&vm->mem.lock);
	young = in_gpa_ranges(vm, hva, hva + 1, test_young_range, NULL);
	spin_unlock(&vm->mem.lock);
	return young;
}

/* The address space goes away, with the VM possibly still referenced. */
static void vm_mm_release(struct mmu_notifier *mn, struct mm_struct *mm)
{
	vm_unmap_all(to_vm(mn));
}

const struct mmu_notifier_ops vm_notifier_ops = {
	.release = vm_mm_release,
	.invalidate_range_start = vm_invalidate_start,
	.invalidate_range_end = vm_invalidate_end,
	.clear_flush_young = vm_clear_flush_young,
	.clear_young = vm_clear_young,
	.test_young = vm_test_young,
};
