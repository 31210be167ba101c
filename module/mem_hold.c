// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Holding a guest page still while the kernel uses it.
 *
 * The hold is mem.lock itself: an invalidation takes it before the host changes
 * a mapping, so while it is held the page found in the owner's page tables is
 * the guest's page, whatever is waiting to swap, merge or migrate it. No
 * reference is taken and none can leak.
 */
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include "compat.h"
#include "mem_host.h"
#include "vmm.h"

/* Secret memory (memfd_secret) is not in the kernel's address space. */
static bool is_mapped_by_kernel(const void *ptr)
{
	unsigned int level;
	pte_t *pte = lookup_address((unsigned long)ptr, &level);

	return pte && pte_present(*pte);
}

/* A page of a devmem is held by the devmem, and that by its segment. */
static int find_devmem(struct gpa_hold *hold, const struct memseg *seg, u32 prot)
{
	struct host_view view;

	if (!devmem_look(seg, hold->gpa & PAGE_MASK, 1, &view))
		return -EAGAIN;
	hold->write = prot & VMM_PROT_WRITE;
	hold->ptr = __va(view.page[0].hpa) + offset_in_page(hold->gpa);
	return 0;
}

/*
 * What find_page() has found missing: the owner's page at @hva, or a page of
 * @devmem, to which there is a reference then.
 */
struct missing {
	u64 hva;
	struct devmem *devmem;
	u64 index;
};

/* Without mem.lock. -EAGAIN: interrupted, look again all the same. */
static int have_page(struct vm *vm, const struct missing *missing, u32 prot)
{
	struct page *page;

	if (current->mm != vm->mm || fatal_signal_pending(current))
		return -EFAULT;
	if (!missing->devmem)
		return vm_host_fault(vm->mm, missing->hva, prot & VMM_PROT_WRITE);
	page = devmem_page(missing->devmem, missing->index);
	if (!IS_ERR(page))
		put_page(page);
	return PTR_ERR_OR_ZERO(page);
}

/*
 * mem.lock held. -EAGAIN: what is @missing must be there first, or the host is
 * about to change it.
 */
static int find_page(struct vm *vm, struct gpa_hold *hold, u32 len, u32 prot,
		     struct missing *missing)
{
	struct vm_mem *mem = &vm->mem;
	const struct memseg *seg = vm_find_memseg(vm, hold->gpa);
	struct host_view view;
	u64 page_hva;
	u32 allowed;

	if (!seg || len > seg->gpa + seg->len - hold->gpa || (prot & ~seg->prot))
		return -ENOENT;
	vm_gpa_limits(vm, seg, hold->gpa, &allowed);
	if (prot & ~allowed)
		return -EPERM;
	if (mem->dead)
		return -EFAULT;
	if (seg->devmem) {
		int error = find_devmem(hold, seg, prot);

		if (error) {
			devmem_get(seg->devmem);
			missing->devmem = seg->devmem;
			missing->index = devmem_index(seg, hold->gpa);
		}
		return error;
	}
	missing->hva = seg->hva + (hold->gpa - seg->gpa);
	page_hva = missing->hva & PAGE_MASK;
	if (mem->inv_count && page_hva >= mem->inv_start && page_hva < mem->inv_end)
		return -EAGAIN;
	if (!vm_host_look(vm->mm, page_hva, page_hva + PAGE_SIZE, prot & VMM_PROT_WRITE, &view))
		return -EAGAIN;
	if (view.page[0].memtype != EPT_MT_WB || !pfn_valid(PHYS_PFN(view.page[0].hpa)) ||
	    !is_mapped_by_kernel(__va(view.page[0].hpa)))
		return -EXDEV;
	hold->write = prot & VMM_PROT_WRITE;
	hold->ptr = __va(view.page[0].hpa) + offset_in_page(hold->gpa);
	return 0;
}

int vm_gpa_hold(struct vm *vm, struct gpa_hold *hold, u64 gpa, u32 len, u32 prot)
	__acquires_spinlock(&vm->mem.lock)
{
	int error;

	*hold = (struct gpa_hold) { .gpa = gpa };
	if (WARN_ON_ONCE(!len || offset_in_page(gpa) + len > PAGE_SIZE)) {
		spin_lock(&vm->mem.lock);
		return -EFAULT;
	}
	for (;;) {
		struct missing missing = {};

		spin_lock(&vm->mem.lock);
		error = find_page(vm, hold, len, prot, &missing);
		if (error != -EAGAIN)
			return error;
		spin_unlock(&vm->mem.lock);
		error = have_page(vm, &missing, prot);
		if (missing.devmem)
			devmem_put(missing.devmem);
		if (error && error != -EAGAIN) {
			spin_lock(&vm->mem.lock);
			return error;
		}
		cond_resched();
	}
}

void vm_gpa_release(struct vm *vm, struct gpa_hold *hold)
	__releases_spinlock(&vm->mem.lock)
{
	struct page *page;

	/* The access left no trace in any page table: the page must know. */
	if (hold->ptr) {
		vm_log_note(vm, hold->gpa & PAGE_MASK, 1, true, hold->write);
		page = virt_to_page(hold->ptr);
		if (!PageReserved(page)) {
			if (hold->write)
				SetPageDirty(page);
			folio_set_referenced(page_folio(page));
		}
	}
	spin_unlock(&vm->mem.lock);
}
