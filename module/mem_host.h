/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the owner's page tables say about a piece of its address space.
 *
 * They are read without their locks, as the processor does it: a table page
 * cannot be freed while interrupts are off. That what is read stays true is the
 * work of the MMU notifier: see vm_host_look().
 */
#ifndef VMM_MEM_HOST_H
#define VMM_MEM_HOST_H

#include <linux/types.h>

struct mm_struct;

/* A page and those after it, up to the end of the aligned 64 KiB. */
#define HOST_VIEW_PAGES	16

struct host_page {
	u64 hpa;
	bool writable;
	u8 memtype;		/* EPT_MT_* of the owner's own mapping */
};

struct host_view {
	int level;		/* of the leaf that maps the page: 1..3 */
	u32 pages;
	struct host_page page[HOST_VIEW_PAGES];
};

/*
 * The page at @hva (4 KiB-aligned) as page[0] and, if it is mapped by a page
 * table, those that follow it without a hole below @hva_end. False if @hva is
 * not mapped for reading, or for @write not for writing.
 *
 * mem.lock held, and no invalidation of the range under way. Then the host
 * cannot take away or exchange what was found before the lock is dropped, for
 * that begins with invalidate_range_start(). It may map more meanwhile.
 */
bool vm_host_look(struct mm_struct *mm, u64 hva, u64 hva_end, bool write,
		  struct host_view *view);

/*
 * Have the host map @hva for reading or writing, as an access of the owner
 * would. Process context, may sleep; the caller keeps @mm's users above zero.
 * What it has done can be gone again on return. -EAGAIN: interrupted by a
 * signal; other errors are the host's refusal.
 */
int vm_host_fault(struct mm_struct *mm, u64 hva, bool write);

#endif /* VMM_MEM_HOST_H */
