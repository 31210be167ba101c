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

/* Neighbours of a page that are looked at with it: 64 KiB, aligned. */
#define HOST_VIEW_PAGES	16

struct host_page {
	u64 hpa;
	bool present;		/* and readable by the owner */
	bool writable;
	u8 memtype;		/* EPT_MT_* of the owner's own mapping */
};

struct host_view {
	int level;		/* of the leaf that maps the page: 1..3, 0 none */
	u32 pages;		/* page[0] to page[pages - 1], adjacent */
	u32 at;			/* the page itself */
	struct host_page page[HOST_VIEW_PAGES];
};

/*
 * The page at @hva (4 KiB-aligned) and, if it is mapped by a page table, those of
 * [@hva_from, @hva_to) around it that the same table maps; at most
 * HOST_VIEW_PAGES. False if @hva is not mapped for reading, or for @write not
 * for writing.
 *
 * mem.lock held, and no invalidation of the range under way. Then the host
 * cannot take away or exchange what was found before the lock is dropped, for
 * that begins with invalidate_range_start(). It may map more meanwhile.
 */
bool vm_host_look(struct mm_struct *mm, u64 hva, u64 hva_from, u64 hva_to, bool write,
		  struct host_view *view);

/*
 * Have the host map @hva for reading or writing, as an access of the owner
 * would. Process context, may sleep; the caller keeps @mm's users above zero.
 * What it has done can be gone again on return. -EAGAIN: interrupted by a
 * signal; other errors are the host's refusal.
 */
int vm_host_fault(struct mm_struct *mm, u64 hva, bool write);

#endif /* VMM_MEM_HOST_H */
