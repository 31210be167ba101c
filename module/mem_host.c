// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Reading the owner's page tables, and having the host fill them.
 *
 * One way for all kinds of memory: anonymous, file, huge pages, and mappings
 * of device memory that have no struct page. The kind of caching comes from
 * the owner's own entry, so that guest and owner never use one page in two ways.
 */
#include <linux/ioport.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/sched/mm.h>
#include "ept.h"
#include "mem_host.h"

/* An index into IA32_PAT, as the bits PWT, PCD and PAT spell it. */
static u32 pat_index(u64 flags, bool large)
{
	return (flags & _PAGE_PWT ? 1 : 0) | (flags & _PAGE_PCD ? 2 : 0) |
	       (flags & (large ? _PAGE_PAT_LARGE : _PAGE_PAT) ? 4 : 0);
}

static bool is_memory(u64 pfn)
{
	if (pfn_valid(pfn) && !PageReserved(pfn_to_page(pfn)))
		return true;
	return is_zero_pfn(pfn) || page_is_ram(pfn);
}

/*
 * SDM "Page Attribute Table". Under EPT the MTRRs do not count: what the host
 * maps as write-back though it is no memory is uncached by them alone.
 */
static u8 memtype_of(u64 flags, bool large, u64 pfn)
{
	u32 index = pat_index(flags, large);
	u64 pat;
	u8 type;

	if (likely(!index)) {
		type = EPT_MT_WB;
	} else {
		rdmsrl(MSR_IA32_CR_PAT, pat);
		type = (pat >> (8 * index)) & 7;
		/* UC- yields to an MTRR that says WC; EPT has no such type. */
		if (type == 7)
			type = EPT_MT_UC;
	}
	if (type == EPT_MT_WB && unlikely(!is_memory(pfn)))
		type = EPT_MT_UC;
	return type;
}

/* A leaf above the page tables: one page of it, without neighbours. */
static bool see_huge(struct host_view *view, u64 hva, int level, u64 hpa, u64 flags, bool writable)
{
	hpa += hva & (ept_size(level) - 1);
	view->level = level;
	view->pages = 1;
	view->page[0] = (struct host_page) {
		.hpa = hpa,
		.writable = writable,
		.memtype = memtype_of(flags, true, PHYS_PFN(hpa)),
	};
	return true;
}

/* Of an entry that pte_access_permitted() for reading. Most are plain memory. */
static void see_page(struct host_page *page, u64 val)
{
	page->hpa = val & PTE_PFN_MASK;
	page->writable = val & _PAGE_RW;
	page->memtype = EPT_MT_WB;
	if (unlikely(val & (_PAGE_SPECIAL | _PAGE_PWT | _PAGE_PCD | _PAGE_PAT)))
		page->memtype = memtype_of(val, false, PHYS_PFN(page->hpa));
}

static bool see_table(struct host_view *view, u64 hva, u64 hva_end, pmd_t pmd)
{
	const u64 need = _PAGE_PRESENT | _PAGE_USER;
	pte_t *table = pte_offset_kernel(&pmd, hva), pte = READ_ONCE(*table);
	u64 val;

	if (!pte_access_permitted(pte, false))
		return false;
	view->level = 1;
	view->pages = 1;
	see_page(&view->page[0], pte_val(pte));
	/* Protection keys are for the page asked for; others with one are left alone. */
	view->page[0].writable = pte_access_permitted(pte, true);
	hva_end = min(hva_end, (hva | (HOST_VIEW_PAGES * PAGE_SIZE - 1)) + 1);
	while ((hva += PAGE_SIZE) < hva_end) {
		val = pte_val(READ_ONCE(*++table));
		if ((val & need) != need || pte_flags_pkey(val))
			break;
		see_page(&view->page[view->pages++], val);
	}
	return true;
}

/* Interrupts off. */
static bool look(struct mm_struct *mm, u64 hva, u64 hva_end, struct host_view *view)
{
	pgd_t *pgdp = pgd_offset(mm, hva), pgd = READ_ONCE(*pgdp);
	p4d_t *p4dp, p4d;
	pud_t *pudp, pud;
	pmd_t *pmdp, pmd;

	if (!pgd_present(pgd))
		return false;
	p4dp = p4d_offset_lockless(pgdp, pgd, hva);
	p4d = READ_ONCE(*p4dp);
	if (!p4d_present(p4d))
		return false;
	pudp = pud_offset_lockless(p4dp, p4d, hva);
	pud = READ_ONCE(*pudp);
	if (!pud_present(pud))
		return false;
	if (pud_leaf(pud)) {
		if (!pud_access_permitted(pud, false))
			return false;
		return see_huge(view, hva, 3, PFN_PHYS((u64)pud_pfn(pud)), pud_flags(pud),
				pud_access_permitted(pud, true));
	}
	pmdp = pmd_offset_lockless(pudp, pud, hva);
	pmd = READ_ONCE(*pmdp);
	if (!pmd_present(pmd))
		return false;
	if (pmd_leaf(pmd)) {
		if (!pmd_access_permitted(pmd, false))
			return false;
		return see_huge(view, hva, 2, PFN_PHYS((u64)pmd_pfn(pmd)), pmd_flags(pmd),
				pmd_access_permitted(pmd, true));
	}
	return see_table(view, hva, hva_end, pmd);
}

bool vm_host_look(struct mm_struct *mm, u64 hva, u64 hva_end, bool write,
		  struct host_view *view)
{
	unsigned long flags;
	bool found;

	local_irq_save(flags);
	found = look(mm, hva, hva_end, view);
	local_irq_restore(flags);
	return found && (!write || view->page[0].writable);
}

int vm_host_fault(struct mm_struct *mm, u64 hva, bool write)
{
	bool unlocked = false;
	int error;

	if (mmap_read_lock_killable(mm))
		return -EAGAIN;
	error = fixup_user_fault(mm, hva, write ? FAULT_FLAG_WRITE : 0, &unlocked);
	mmap_read_unlock(mm);
	return error == -EINTR ? -EAGAIN : error;
}
