/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Dirty logs and age maps of segments.
 *
 * The truth about a page is its leaf's dirty or accessed bit, plus a bit in the
 * log for what the leaf can no longer say: leaves that have gone, bits that were
 * cleared for someone else, writes by the module. Everything is under mem.lock;
 * nobody keeps a pointer to a log without it.
 */
#ifndef VMM_MEM_LOG_H
#define VMM_MEM_LOG_H

#include <linux/list.h>
#include <uapi/vmm.h>

struct vm;

enum mem_log_kind { LOG_DIRTY, LOG_AGE };

struct mem_log {
	struct list_head link;		/* mem.logs */
	enum mem_log_kind kind;
	u64 gpa;
	u64 len;
	unsigned long *bits;		/* one per page: dirty, or accessed */
	u8 *age;			/* LOG_AGE: fetches since the last access */
};

/* Errors: see the ABI header. Process context. */
int vm_log_start(struct vm *vm, enum mem_log_kind kind, u64 gpa, u64 len);
int vm_log_stop(struct vm *vm, enum mem_log_kind kind, u64 gpa, u64 len);
int vm_log_fetch(struct vm *vm, enum mem_log_kind kind, u64 gpa, u64 len, u8 __user *map);
/* The logs of a segment that goes; of all, with the VM. */
void vm_log_drop(struct vm *vm, u64 gpa, u64 len);

/* mem.lock held for the rest. Is any page of the range logged? */
bool vm_log_covers(struct vm *vm, u64 gpa, u64 len);
/* A leaf of @level is gone, or its bits cleared, or the module was there. */
void vm_log_note(struct vm *vm, u64 gpa, int level, bool accessed, bool dirty);
/* The notifier wants to know who is young: ept_age() with a log of it. */
bool vm_log_age(struct vm *vm, u64 gpa, u64 end);

#endif /* VMM_MEM_LOG_H */
