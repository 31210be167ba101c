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

/*
 * mem.lock held. -EAGAIN: the host must map the page at *@hva first, or is about
 * to change it.
 */
static int find_page(struct vm *vm, struct gpa_hold *hold, u32 len, u32 prot, u64 *hva)
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
		return -EACCES;
	*hva = seg->hva + (hold->gpa - seg->gpa);
	page_hva = *hva & PAGE_MASK;
	if (mem->dead)
		return -EFAULT;
	if (mem->inv_count && page_hva >= mem->inv_start && page_hva < mem->inv_end)
		return -EAGAIN;
	if (!vm_host_look(vm->mm, page_hva, page_hva + PAGE_SIZE, prot & VMM_PROT_WRITE, &view))
		return -EAGAIN;
	if (view.page[0].memtype != EPT_MT_WB || !pfn_valid(PHYS_PFN(view.page[0].hpa)) ||
	    !is_mapped_by_kernel(__va(view.page[0].hpa)))
		return -EXDEV;
	hold->write = prot & VMM_PROT_WRITE;
	hold->ptr = __va(view.page[0].hpa) + offset_in_page(*hva);
	return 0;
}

int vm_gpa_hold(struct vm *vm, struct gpa_hold *hold, u64 gpa, u32 len, u32 prot)
	__acquires_spinlock(&vm->mem.lock)
{
	u64 hva = 0;
	int error;

	*hold = (struct gpa_hold) { .gpa = gpa };
	if (WARN_ON_ONCE(!len || offset_in_page(gpa) + len > PAGE_SIZE)) {
		spin_lock(&vm->mem.lock);
		return -EFAULT;
	}
	for (;;) {
		spin_lock(&vm->mem.lock);
		error = find_page(vm, hold, len, prot, &hva);
		if (error != -EAGAIN)
			return error;
		spin_unlock(&vm->mem.lock);
		error = -EFAULT;
		if (current->mm == vm->mm && !fatal_signal_pending(current))
			error = vm_host_fault(vm->mm, hva, prot & VMM_PROT_WRITE);
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
		page = virt_to_page(hold->ptr);
		if (!PageReserved(page)) {
			if (hold->write)
				SetPageDirty(page);
			folio_set_referenced(page_folio(page));
		}
	}
	spin_unlock(&vm->mem.lock);
}
