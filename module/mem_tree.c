// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The VM's EPT tree: what it needs from the kernel, its life, emptying it.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/swap.h>
#include "vmm.h"

static bool use_hw_ad = true;
module_param(use_hw_ad, bool, 0444);
MODULE_PARM_DESC(use_hw_ad, "use EPT accessed/dirty bits of the processor if it has them");

static bool use_superpages = true;
module_param(use_superpages, bool, 0444);
MODULE_PARM_DESC(use_superpages, "use 2 MiB and 1 GiB EPT entries if the processor has them");

static bool use_exec_only = true;
module_param(use_exec_only, bool, 0444);
MODULE_PARM_DESC(use_exec_only, "use execute-only EPT entries if the processor has them");

static ulong max_table_pages;
module_param(max_table_pages, ulong, 0644);
MODULE_PARM_DESC(max_table_pages, "most EPT table pages of a VM (default: what 8 times the host's memory needs)");

/* Enough for a guest to make progress, whatever the parameter says. */
#define TABLES_MIN	64

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
 * tables change), so the struct page is good, if there is one. Pages of no
 * mapping are a driver's own. Dirty is carried over by the flag alone: the
 * mapping's own bookkeeping was done when the host made it writable.
 */
static void mem_leaf_gone(void *ctx, u64 gpa, u64 hpa, int level, bool accessed, bool dirty)
{
	struct page *page;

	vm_log_note(ctx, gpa, level, accessed, dirty);
	if (!(accessed || dirty) || !pfn_valid(PHYS_PFN(hpa)))
		return;
	page = pfn_to_page(PHYS_PFN(hpa));
	if (PageReserved(page) || !page_folio(page)->mapping)
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
	caps.has_2m = use_superpages && (info.caps & VMM_CAP_EPT_2M);
	caps.has_1g = use_superpages && (info.caps & VMM_CAP_EPT_1G);

	/* One table maps 512 pages. */
	vm->mem.tables_max = max_t(u64, max_table_pages ?: totalram_pages() / 64, TABLES_MIN);

	error = vm_ept_inv_init(vm);
	if (error)
		return error;
	error = -ENOMEM;
	if (ept_init(&vm->mem.ept, &mem_ept_ops, vm, &caps) != EPT_OK)
		goto err_inv;
	INIT_LIST_HEAD(&vm->mem.leaving);
	INIT_LIST_HEAD(&vm->mem.logs);
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

void vm_reap(struct vm *vm, struct ept_garbage *garbage)
{
	if (!garbage->flush)
		atomic64_inc(&vm->mem.saved);
	ept_reap(&vm->mem.ept, garbage);
}

void vm_bound_tables(struct vm *vm)
{
	if (likely(READ_ONCE(vm->mem.ept.tables) + EPT_CACHE_PAGES <= vm->mem.tables_max))
		return;
	atomic64_inc(&vm->mem.trims);
	vm_unmap(vm, 0, EPT_GPA_END);
}

void vm_mem_stats(struct vm *vm, struct vmm_mem_stats *stats)
{
	struct vm_mem *mem = &vm->mem;

	spin_lock(&mem->lock);
	stats->leaves_4k = mem->ept.leaves[1];
	stats->leaves_2m = mem->ept.leaves[2];
	stats->leaves_1g = mem->ept.leaves[3];
	stats->tables = mem->ept.tables;
	spin_unlock(&mem->lock);
	stats->tables_max = mem->tables_max;
	stats->trims = atomic64_read(&mem->trims);
	stats->flushes = atomic64_read(&mem->flushes);
	stats->flush_waits = atomic64_read(&mem->waits);
	stats->flushes_saved = atomic64_read(&mem->saved);
}

void vm_unmap(struct vm *vm, u64 gpa, u64 end)
{
	struct vm_mem *mem = &vm->mem;

	while (gpa < end) {
		struct ept_garbage garbage = {};

		/* Called even for an empty range: it waits for others' flushes. */
		spin_lock(&mem->lock);
		ept_unmap(&mem->ept, NULL, &garbage, gpa, min(gpa + UNMAP_STEP, end));
		gpa = ept_next(&mem->ept, min(gpa + UNMAP_STEP, end));
		spin_unlock(&mem->lock);
		vm_reap(vm, &garbage);
		cond_resched();
	}
}

void vm_mem_fini(struct vm *vm)
{
	u32 i;

	/* While the notifier is registered the host pages are ours to look at. */
	vm_unmap_all(vm);
	if (vm->mem.registered)
		mmu_notifier_unregister(&vm->mem.notifier, vm->mm);
	ept_fini(&vm->mem.ept);
	vm_log_drop(vm, 0, EPT_GPA_END);
	for (i = 0; i < vm->mem.segs; i++)
		if (vm->mem.seg[i].devmem)
			devmem_put(vm->mem.seg[i].devmem);
	vm_ept_inv_fini(vm);
}

void vm_unmap_all(struct vm *vm)
{
	spin_lock(&vm->mem.lock);
	vm->mem.dead = true;
	spin_unlock(&vm->mem.lock);
	vm_unmap(vm, 0, EPT_GPA_END);
}
