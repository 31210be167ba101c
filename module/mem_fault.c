// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Settling an EPT violation on guest memory.
 *
 * All under one hold of mem.lock: find the segment, ask the VM's policy, look
 * into the owner's page tables, enter the leaf. As invalidations take the lock
 * first, nothing can come between. Only what the lock does not allow is done
 * outside of it, and then all begins anew: having the host map the page, and
 * allocating table pages.
 */
#include <linux/mm.h>
#include "mem_host.h"
#include "mitigation.h"
#include "vmm.h"

/* Host faults and allocations for one violation; after that the guest tries again. */
#define FAULT_ROUNDS	4

enum fault_step {
	FAULT_DONE,		/* or nothing to be done now: enter the guest again */
	FAULT_REFUSED,		/* fault->error */
	FAULT_HOST,		/* the host must map the page first */
	FAULT_TABLES,		/* the cache of table pages must be filled first */
};

struct fault {
	struct vm *vm;
	u64 gpa;
	u32 access;
	u64 hva;
	int error;
	struct ept_cache cache;
	struct ept_garbage garbage;
};

static bool invalidating(const struct vm_mem *mem, u64 hva_from, u64 hva_to)
{
	return mem->inv_count && hva_from < mem->inv_end && mem->inv_start < hva_to;
}

/* May the block of @level around @gpa be one leaf, as far as the segment goes? */
static bool seg_has_block(const struct memseg *seg, u64 gpa, int level)
{
	u64 size = ept_size(level), base = gpa & ~(size - 1);

	return !((seg->gpa ^ seg->hva) & (size - 1)) && base >= seg->gpa &&
	       base + size <= seg->gpa + seg->len;
}

/*
 * Erratum "Machine Check Error on Page Size Change", iTLB multihit: only 4 KiB
 * leaves may be executable. What is fetched from becomes a table, and stays one.
 */
static int level_for_itlb(const struct fault *f, int level, u32 *prot)
{
	u64 entry;
	int depth;

	if (level == 1 || !(*prot & EPT_X) || likely(!(vmm_mitigations() & VMM_MITIG_ITLB)))
		return level;
	ept_lookup(&f->vm->mem.ept, f->gpa, &entry, &depth);
	if ((f->access & EPT_X) || depth == 1 || !(*prot & ~EPT_X))
		return 1;
	*prot &= ~EPT_X;
	return level;
}

/* Neighbours that the host has mapped, too: the guest will want them next. */
static void enter_neighbours(const struct fault *f, const struct host_view *view, u32 prot)
{
	struct ept_ahead ahead[HOST_VIEW_PAGES];
	u32 i, count = 0;

	for (i = 0; i < view->pages; i++) {
		const struct host_page *page = &view->page[i];

		ahead[i].prot = 0;
		if (!page->present || i == view->at)
			continue;
		ahead[i] = (struct ept_ahead) {
			.hpa = page->hpa,
			.prot = page->writable ? prot : prot & ~EPT_W,
			.memtype = page->memtype | EPT_MT_IPAT,
		};
		count++;
	}
	if (count)
		ept_map_ahead(&f->vm->mem.ept, f->gpa - view->at * PAGE_SIZE, ahead, view->pages);
}

/* mem.lock held. @limit is the largest level that the VM's policy allows. */
static enum fault_step enter_page(struct fault *f, const struct memseg *seg, u32 allowed, int limit)
{
	struct vm_mem *mem = &f->vm->mem;
	u64 from = max(seg->gpa, f->gpa & ~(ept_size(2) - 1));
	u64 to = min(seg->gpa + seg->len, (f->gpa & ~(ept_size(2) - 1)) + ept_size(2));
	const struct host_page *page;
	struct host_view view;
	struct ept_mapping m;
	u32 prot = allowed;
	int level;

	/* Neighbours only where policy treats all of them alike. */
	if (limit == 1) {
		from = f->gpa;
		to = f->gpa + PAGE_SIZE;
	}
	from = seg->hva + (from - seg->gpa);
	to = seg->hva + (to - seg->gpa);
	if (invalidating(mem, from, to)) {
		if (invalidating(mem, f->hva, f->hva + PAGE_SIZE))
			return FAULT_DONE;
		from = f->hva;
		to = f->hva + PAGE_SIZE;
	}
	if (!vm_host_look(f->vm->mm, f->hva, from, to, f->access & EPT_W, &view))
		return FAULT_HOST;

	page = &view.page[view.at];
	if (!page->writable)
		prot &= ~EPT_W;
	level = min(view.level, limit);
	while (level > 1 && (!ept_has_level(&mem->ept, level) ||
			     !seg_has_block(seg, f->gpa, level)))
		level--;
	level = level_for_itlb(f, level, &prot);
	m = (struct ept_mapping) {
		.gpa = f->gpa & ~(ept_size(level) - 1),
		.hpa = page->hpa & ~(ept_size(level) - 1),
		.level = level,
		.prot = prot,
		.memtype = page->memtype | EPT_MT_IPAT,
		.access = f->access,
	};
	if (level > 1 && invalidating(mem, f->hva & ~(ept_size(level) - 1),
				      (f->hva | (ept_size(level) - 1)) + 1))
		return FAULT_DONE;
	if (ept_map(&mem->ept, &f->cache, &f->garbage, &m) != EPT_OK)
		return FAULT_TABLES;
	if (level == 1 && view.pages > 1)
		enter_neighbours(f, &view, allowed);
	return FAULT_DONE;
}

static enum fault_step refuse(struct fault *f, int error)
{
	f->error = error;
	return FAULT_REFUSED;
}

/* mem.lock held. */
static enum fault_step settle(struct fault *f)
{
	struct vm_mem *mem = &f->vm->mem;
	const struct memseg *seg = vm_find_memseg(f->vm, f->gpa);
	u32 prot;
	int limit;

	if (!seg)
		return refuse(f, -ENOENT);
	f->hva = seg->hva + (f->gpa - seg->gpa);
	if ((f->access & EPT_W) && !(seg->prot & VMM_PROT_WRITE))
		return refuse(f, -ENOENT);
	limit = vm_gpa_limits(f->vm, seg, f->gpa, &prot);
	if (f->access & ~prot)
		return refuse(f, -EACCES);
	if (ept_fault_ad(&mem->ept, f->gpa, f->access) == EPT_SETTLED)
		return FAULT_DONE;
	if (mem->dead)
		return refuse(f, -EFAULT);
	return enter_page(f, seg, prot, limit);
}

int vm_fault(struct vm *vm, u64 gpa, u32 access, u64 *hva)
{
	struct fault f = { .vm = vm, .gpa = gpa & PAGE_MASK, .access = access };
	enum fault_step step;
	int rounds = 0;

	if (gpa >= EPT_GPA_END)
		return -ENOENT;
	do {
		spin_lock(&vm->mem.lock);
		step = settle(&f);
		spin_unlock(&vm->mem.lock);
		ept_reap(&vm->mem.ept, &f.garbage);
		if (step == FAULT_HOST)
			f.error = vm_host_fault(vm->mm, f.hva, access & EPT_W);
		else if (step == FAULT_TABLES &&
			 ept_cache_fill(&vm->mem.ept, &f.cache) != EPT_OK)
			f.error = -ENOMEM;
	} while (step != FAULT_DONE && !f.error && ++rounds < FAULT_ROUNDS);
	ept_cache_drain(&vm->mem.ept, &f.cache);
	*hva = f.hva;
	/* A signal ends a host fault early; the run loop sees it. */
	return f.error == -EAGAIN ? 0 : f.error;
}
