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
	FAULT_DONE,		/* enter the guest again */
	FAULT_WAIT,		/* not now: enter the guest again, and come back */
	FAULT_REFUSED,		/* fault->error */
	/* From here on, something to be done without the lock: */
	FAULT_HOST,		/* the host must map the page first */
	FAULT_DEVMEM,		/* fault->devmem must get its page first */
	FAULT_TABLES,		/* the cache of table pages must be filled first */
};

struct fault {
	struct vm *vm;
	u64 gpa;
	u32 access;
	u64 hva;
	bool quick;		/* no flush can be waited for */
	int error;
	struct devmem *devmem;	/* with a reference; FAULT_DEVMEM */
	u64 index;		/* of the page in @devmem */
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

/* What comes next the host has mapped, too: the guest will want it soon. */
static void enter_next(const struct fault *f, const struct host_view *view, u32 prot)
{
	struct ept_ahead ahead[HOST_VIEW_PAGES];
	u32 i;

	for (i = 1; i < view->pages; i++) {
		const struct host_page *page = &view->page[i];

		ahead[i - 1] = (struct ept_ahead) {
			.hpa = page->hpa,
			.prot = page->writable ? prot : prot & ~EPT_W,
			.memtype = page->memtype | EPT_MT_IPAT,
		};
	}
	ept_map_ahead(&f->vm->mem.ept, f->gpa + PAGE_SIZE, ahead, view->pages - 1);
}

/* Does ept_map() for @level add to the tree only, so that no flush is needed? */
static bool adds_only(const struct fault *f, int level)
{
	u64 entry;
	int depth;

	return !ept_lookup(&f->vm->mem.ept, f->gpa, &entry, &depth) && depth >= level;
}

/*
 * The same for a devmem, whose pages have no owner but the kernel and stay: no
 * invalidation concerns them. mem.lock held.
 */
static enum fault_step enter_devmem(struct fault *f, const struct memseg *seg, u32 allowed,
				    int limit)
{
	struct host_view view;
	struct ept_mapping m = {
		.gpa = f->gpa, .level = 1, .prot = allowed, .memtype = EPT_MT_WB | EPT_MT_IPAT,
		.access = f->access,
	};

	if (!devmem_look(seg, f->gpa, limit > 1 ? HOST_VIEW_PAGES : 1, &view)) {
		if (f->quick)
			return FAULT_WAIT;
		devmem_get(seg->devmem);
		f->devmem = seg->devmem;
		f->index = devmem_index(seg, f->gpa);
		return FAULT_DEVMEM;
	}
	if (f->quick && !adds_only(f, 1))
		return FAULT_WAIT;
	m.hpa = view.page[0].hpa;
	if (ept_map(&f->vm->mem.ept, &f->cache, &f->garbage, &m) != EPT_OK)
		return FAULT_TABLES;
	if (view.pages > 1)
		enter_next(f, &view, allowed);
	return FAULT_DONE;
}

/* mem.lock held. @limit is the largest level that the VM's policy allows. */
static enum fault_step enter_page(struct fault *f, const struct memseg *seg, u32 allowed, int limit)
{
	struct vm_mem *mem = &f->vm->mem;
	u64 gpa_end = min(seg->gpa + seg->len, (f->gpa | (ept_size(2) - 1)) + 1);
	u64 hva_end = f->hva + (gpa_end - f->gpa);
	const struct host_page *page;
	struct host_view view;
	struct ept_mapping m;
	u32 prot = allowed;
	int level;

	if (invalidating(mem, f->hva, f->hva + PAGE_SIZE))
		return FAULT_WAIT;
	/* Neighbours only where policy treats all of them alike. */
	if (limit == 1 || invalidating(mem, f->hva, hva_end))
		hva_end = f->hva + PAGE_SIZE;
	if (!vm_host_look(f->vm->mm, f->hva, hva_end, f->access & EPT_W, &view))
		return FAULT_HOST;

	page = &view.page[0];
	if (!page->writable)
		prot &= ~EPT_W;
	level = min(view.level, limit);
	while (level > 1 && (!ept_has_level(&mem->ept, level) ||
			     !seg_has_block(seg, f->gpa, level)))
		level--;
	level = level_for_itlb(f, level, &prot);
	if (level > 1 && invalidating(mem, f->hva & ~(ept_size(level) - 1),
				      (f->hva | (ept_size(level) - 1)) + 1))
		return FAULT_WAIT;
	if (f->quick && !adds_only(f, level))
		return FAULT_WAIT;
	m = (struct ept_mapping) {
		.gpa = f->gpa & ~(ept_size(level) - 1),
		.hpa = page->hpa & ~(ept_size(level) - 1),
		.level = level,
		.prot = prot,
		.memtype = page->memtype | EPT_MT_IPAT,
		.access = f->access,
	};
	if (ept_map(&mem->ept, &f->cache, &f->garbage, &m) != EPT_OK)
		return FAULT_TABLES;
	if (view.pages > 1)
		enter_next(f, &view, allowed);
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
	f->hva = seg->devmem ? 0 : seg->hva + (f->gpa - seg->gpa);
	if ((f->access & EPT_W) && !(seg->prot & VMM_PROT_WRITE))
		return refuse(f, -ENOENT);
	limit = vm_gpa_limits(f->vm, seg, f->gpa, &prot);
	if (f->access & ~prot)
		return refuse(f, f->access & ~seg->prot ? -EACCES : -EPERM);
	if (ept_fault_ad(&mem->ept, f->gpa, f->access) == EPT_SETTLED)
		return FAULT_DONE;
	if (mem->dead)
		return refuse(f, -EFAULT);
	if (seg->devmem)
		return enter_devmem(f, seg, prot, limit);
	return enter_page(f, seg, prot, limit);
}

/* Have the devmem of FAULT_DEVMEM take its page. */
static int fill_devmem(struct fault *f)
{
	struct page *page = devmem_page(f->devmem, f->index);

	if (!IS_ERR(page))
		put_page(page);
	devmem_put(f->devmem);
	return PTR_ERR_OR_ZERO(page);
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
		if (step == FAULT_HOST) {
			f.error = vm_host_fault(vm->mm, f.hva, access & EPT_W);
		} else if (step == FAULT_DEVMEM) {
			f.error = fill_devmem(&f);
		} else if (step == FAULT_TABLES) {
			vm_bound_tables(vm);
			if (ept_cache_fill(&vm->mem.ept, &f.cache) != EPT_OK)
				f.error = -ENOMEM;
		}
	} while (step >= FAULT_HOST && !f.error && ++rounds < FAULT_ROUNDS);
	ept_cache_drain(&vm->mem.ept, &f.cache);
	*hva = f.hva;
	/* A signal ends a host fault early; the run loop sees it. */
	return f.error == -EAGAIN ? 0 : f.error;
}

bool vm_fault_quick(struct vm *vm, u64 gpa, u32 access)
{
	struct fault f = { .vm = vm, .gpa = gpa & PAGE_MASK, .access = access, .quick = true };
	enum fault_step step;

	/* A lock that may sleep cannot be taken here. */
	if (IS_ENABLED(CONFIG_PREEMPT_RT) || gpa >= EPT_GPA_END || !spin_trylock(&vm->mem.lock))
		return false;
	step = settle(&f);
	spin_unlock(&vm->mem.lock);
	return step == FAULT_DONE;
}
