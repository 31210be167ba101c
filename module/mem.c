// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Segments: which part of the owner's address space the guest sees where.
 *
 * The table is a small sorted array under mem.lock, because MMU notifier
 * callbacks, which cannot sleep, must search it too.
 */
#include <linux/capability.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/mm.h>
#include <linux/swap.h>
#include <linux/uaccess.h>
#include <asm/cpufeature.h>
#include "vmm.h"

static bool use_hw_ad = true;
module_param(use_hw_ad, bool, 0444);
MODULE_PARM_DESC(use_hw_ad, "use EPT accessed/dirty bits of the processor if it has them");

static bool use_exec_only = true;
module_param(use_exec_only, bool, 0444);
MODULE_PARM_DESC(use_exec_only, "use execute-only EPT entries if the processor has them");

static void *mem_alloc(void *ctx)
{
	return (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
}

static void mem_free(void *ctx, void *page)
{
	free_page((unsigned long)page);
}

static u64 mem_hpa(void *ctx, const void *page)
{
	return __pa(page);
}

static void *mem_virt(void *ctx, u64 hpa)
{
	return __va(hpa);
}

static void mem_flush(void *ctx)
{
	vm_ept_flush(ctx);
}

/*
 * The host still maps the page (invalidate_range_start comes before the page
 * tables change), so the struct page is good. Dirty is carried over by the
 * flag alone: the mapping's own bookkeeping is the host's to do.
 */
static void mem_leaf_gone(void *ctx, u64 gpa, u64 hpa, int level, bool accessed, bool dirty)
{
	struct page *page = pfn_to_page(PHYS_PFN(hpa));

	if (PageReserved(page))
		return;
	if (dirty)
		SetPageDirty(page);
	if (accessed)
		mark_page_accessed(page);
}

static const struct ept_ops mem_ept_ops = {
	.alloc = mem_alloc,
	.free = mem_free,
	.hpa = mem_hpa,
	.virt = mem_virt,
	.flush = mem_flush,
	.leaf_gone = mem_leaf_gone,
};

int vm_mem_init(struct vm *vm)
{
	struct vmm_info info = {};
	struct ept_caps caps;
	int error;

	vmm_backend->describe(&info);
	caps.hw_ad = use_hw_ad && (info.caps & VMM_CAP_EPT_AD);
	caps.exec_only = use_exec_only && (info.caps & VMM_CAP_EPT_EXEC_ONLY);
	caps.has_2m = false;
	caps.has_1g = false;

	error = vm_ept_inv_init(vm);
	if (error)
		return error;
	error = -ENOMEM;
	if (ept_init(&vm->mem.ept, &mem_ept_ops, vm, &caps) != EPT_OK)
		goto err_inv;
	vm->mem.notifier.ops = &vm_notifier_ops;
	error = mmu_notifier_register(&vm->mem.notifier, vm->mm);
	if (error)
		goto err_ept;
	vm->mem.registered = true;
	return 0;

err_ept:
	ept_fini(&vm->mem.ept);
err_inv:
	vm_ept_inv_fini(vm);
	return error;
}

/* Index of the first segment that ends above @gpa. */
static u32 seg_at(struct vm *vm, u64 gpa)
{
	u32 low = 0, high = vm->mem.segs;

	while (low < high) {
		u32 mid = (low + high) / 2;
		const struct memseg *seg = &vm->mem.seg[mid];

		if (seg->gpa + seg->len <= gpa)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

void vm_mem_fini(struct vm *vm)
{
	/* While the notifier is registered the host pages are ours to look at. */
	vm_unmap_all(vm);
	if (vm->mem.registered)
		mmu_notifier_unregister(&vm->mem.notifier, vm->mm);
	ept_fini(&vm->mem.ept);
	vm_ept_inv_fini(vm);
}

void vm_unmap_all(struct vm *vm)
{
	const struct memseg *seg;
	u64 gpa = 0, end;
	bool more;
	u32 i;

	do {
		struct ept_garbage garbage = {};

		spin_lock(&vm->mem.lock);
		vm->mem.dead = true;
		i = seg_at(vm, gpa);
		more = i < vm->mem.segs;
		if (more) {
			seg = &vm->mem.seg[i];
			gpa = max(gpa, seg->gpa);
			end = min(gpa + UNMAP_STEP, seg->gpa + seg->len);
			ept_unmap(&vm->mem.ept, NULL, &garbage, gpa, end);
			gpa = end;
		}
		spin_unlock(&vm->mem.lock);
		ept_reap(&vm->mem.ept, &garbage);
		cond_resched();
	} while (more);
}

const struct memseg *vm_find_memseg(struct vm *vm, u64 gpa)
{
	u32 i = seg_at(vm, gpa);

	lockdep_assert_held(&vm->mem.lock);
	if (i == vm->mem.segs || vm->mem.seg[i].gpa > gpa)
		return NULL;
	return &vm->mem.seg[i];
}

static int check_range(u64 gpa, u64 len)
{
	u64 limit = min(EPT_GPA_END, 1ULL << boot_cpu_data.x86_phys_bits);

	if (!len || !PAGE_ALIGNED(gpa) || !PAGE_ALIGNED(len) || gpa + len < gpa)
		return -EINVAL;
	return gpa + len > limit ? -ERANGE : 0;
}

int vm_memseg_add(struct vm *vm, const struct vmm_memseg *args)
{
	struct memseg seg = { args->gpa, args->len, args->hva, args->prot };
	int error = check_range(seg.gpa, seg.len);
	u32 i;

	if (error)
		return error;
	if (!PAGE_ALIGNED(seg.hva) || seg.hva + seg.len < seg.hva)
		return -EINVAL;
	if (seg.prot & ~(VMM_PROT_READ | VMM_PROT_WRITE | VMM_PROT_EXEC))
		return -EINVAL;
	if (!ept_prot_ok(&vm->mem.ept, seg.prot))
		return -EINVAL;
	if (!access_ok((void __user *)seg.hva, seg.len))
		return -EFAULT;

	spin_lock(&vm->mem.lock);
	i = seg_at(vm, seg.gpa);
	if (i < vm->mem.segs && vm->mem.seg[i].gpa < seg.gpa + seg.len) {
		error = -EEXIST;
	} else if (vm->mem.segs == VMM_MAX_MEMSEGS) {
		error = -ENOSPC;
	} else {
		memmove(&vm->mem.seg[i + 1], &vm->mem.seg[i],
			(vm->mem.segs - i) * sizeof(seg));
		vm->mem.seg[i] = seg;
		vm->mem.segs++;
	}
	spin_unlock(&vm->mem.lock);
	return error;
}

int vm_memseg_remove(struct vm *vm, const struct vmm_memseg *args)
{
	u64 gpa, end = args->gpa + args->len;
	int error = -ENOENT;
	u32 i;

	if (args->hva || args->prot)
		return -EINVAL;
	spin_lock(&vm->mem.lock);
	i = seg_at(vm, args->gpa);
	if (i < vm->mem.segs && vm->mem.seg[i].gpa == args->gpa &&
	    vm->mem.seg[i].len == args->len) {
		vm->mem.segs--;
		memmove(&vm->mem.seg[i], &vm->mem.seg[i + 1],
			(vm->mem.segs - i) * sizeof(vm->mem.seg[0]));
		vm->mem.inv_seq++;
		error = 0;
	}
	spin_unlock(&vm->mem.lock);
	/* A segment added here meanwhile loses pages that it finds again. */
	for (gpa = args->gpa; !error && gpa < end; gpa += UNMAP_STEP) {
		struct ept_garbage garbage = {};

		spin_lock(&vm->mem.lock);
		ept_unmap(&vm->mem.ept, NULL, &garbage, gpa, min(gpa + UNMAP_STEP, end));
		spin_unlock(&vm->mem.lock);
		ept_reap(&vm->mem.ept, &garbage);
		cond_resched();
	}
	return error;
}

int vm_memseg_next(struct vm *vm, struct vmm_memseg *args)
{
	int error = -ENOENT;
	u32 i;

	if (args->len || args->hva || args->prot)
		return -EINVAL;
	spin_lock(&vm->mem.lock);
	i = seg_at(vm, args->gpa);
	if (i < vm->mem.segs && vm->mem.seg[i].gpa < args->gpa)
		i++;
	if (i < vm->mem.segs) {
		args->gpa = vm->mem.seg[i].gpa;
		args->len = vm->mem.seg[i].len;
		args->hva = vm->mem.seg[i].hva;
		args->prot = vm->mem.seg[i].prot;
		error = 0;
	}
	spin_unlock(&vm->mem.lock);
	return error;
}

int vm_ept_walk(struct vm *vm, struct vmm_ept_walk *args)
{
	u64 mask = capable(CAP_SYS_ADMIN) ? ~0ULL : ~GENMASK_ULL(51, 12);
	int i;

	if (args->gpa >= EPT_GPA_END)
		return -ERANGE;
	spin_lock(&vm->mem.lock);
	args->levels = ept_walk(&vm->mem.ept, args->gpa, args->entry);
	spin_unlock(&vm->mem.lock);
	for (i = 0; i < EPT_LEVELS; i++)
		args->entry[i] = i < args->levels ? args->entry[i] & mask : 0;
	return 0;
}

u64 vm_memory_bytes(struct vm *vm)
{
	u64 bytes = 0;
	u32 i;

	spin_lock(&vm->mem.lock);
	for (i = 0; i < vm->mem.segs; i++)
		bytes += vm->mem.seg[i].len;
	spin_unlock(&vm->mem.lock);
	return bytes;
}
