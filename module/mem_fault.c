// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Settling an EPT violation on guest memory.
 *
 * The owner's page is found like any page of the process, then entered into
 * the tree under mem.lock, provided that no invalidation came between: the
 * sequence is read before the page is looked up and compared under the lock.
 */
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include "vmm.h"

/*
 * The page behind @hva. *@writable: may the guest write it? A read fault does
 * not break copy-on-write: the page is then entered without W, unless the host
 * has it writable already.
 */
static int find_page(u64 hva, bool write, bool want_write, struct page **page, bool *writable)
{
	int n = get_user_pages_fast(hva, 1, write ? FOLL_WRITE : 0, page);
	struct page *again;

	if (n < 0)
		return n;
	if (n != 1)
		return -EFAULT;
	*writable = write;
	if (write || !want_write)
		return 0;
	if (get_user_pages_fast_only(hva, 1, FOLL_WRITE, &again) == 1) {
		put_page(*page);
		*page = again;
		*writable = true;
	}
	return 0;
}

static bool invalidated(struct vm *vm, u64 hva, u64 seq)
{
	return vm->mem.inv_seq != seq ||
	       (vm->mem.inv_count && hva >= vm->mem.inv_start && hva < vm->mem.inv_end);
}

/* -EAGAIN: an invalidation came between. */
static int enter_page(struct vm *vm, struct ept_cache *cache, const struct ept_mapping *m,
		      u64 hva, u64 seq)
{
	struct ept_garbage garbage = {};
	int error = 0;

	spin_lock(&vm->mem.lock);
	if (vm->mem.dead)
		error = -EFAULT;
	else if (invalidated(vm, hva, seq))
		error = -EAGAIN;
	else if (ept_map(&vm->mem.ept, cache, &garbage, m) != EPT_OK)
		error = -ENOMEM;
	spin_unlock(&vm->mem.lock);
	ept_reap(&vm->mem.ept, &garbage);
	return error;
}

int vm_fault(struct vm *vm, u64 gpa, u32 access, u64 *hva_out)
{
	struct ept_cache cache = {};
	struct ept_mapping m;
	const struct memseg *found;
	enum ept_fault settled;
	struct memseg seg;
	struct page *page;
	bool writable;
	u64 hva, seq;
	int error;

	gpa &= PAGE_MASK;
	if (gpa >= EPT_GPA_END)
		return -ENOENT;
	spin_lock(&vm->mem.lock);
	found = vm_find_memseg(vm, gpa);
	if (found)
		seg = *found;
	seq = vm->mem.inv_seq;
	settled = found ? ept_fault_ad(&vm->mem.ept, gpa, access) : EPT_MISSING;
	spin_unlock(&vm->mem.lock);

	if (!found || ((access & EPT_W) && !(seg.prot & VMM_PROT_WRITE)))
		return -ENOENT;
	if (settled == EPT_SETTLED)
		return 0;
	hva = seg.hva + (gpa - seg.gpa);
	*hva_out = hva;
	if (access & ~seg.prot)
		return -EACCES;

	error = find_page(hva, access & EPT_W, seg.prot & VMM_PROT_WRITE, &page, &writable);
	if (error)
		/* A signal ends a lookup early; the run loop sees it. */
		return error == -EAGAIN || error == -EINTR || error == -ERESTARTSYS ? 0 : error;

	m = (struct ept_mapping) {
		.gpa = gpa,
		.hpa = page_to_phys(page),
		.level = 1,
		.prot = writable ? seg.prot : seg.prot & ~VMM_PROT_WRITE,
		.memtype = EPT_MT_WB | EPT_MT_IPAT,
		.access = access,
	};
	error = -ENOMEM;
	if (ept_cache_fill(&vm->mem.ept, &cache) == EPT_OK)
		error = enter_page(vm, &cache, &m, hva, seq);
	ept_cache_drain(&vm->mem.ept, &cache);
	put_page(page);
	return error == -EAGAIN ? 0 : error;
}
