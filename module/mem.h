/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Guest memory: segments of the owner's address space, and the private EPT
 * tree that follows them.
 *
 * Nothing is pinned. A page enters the tree when the guest touches it and
 * leaves it when the MMU notifier says that the host mapping changes; the
 * reference taken to find the page is dropped as soon as the entry is in.
 */
#ifndef VMM_MEM_H
#define VMM_MEM_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/mmu_notifier.h>
#include <linux/spinlock.h>
#include <uapi/vmm.h>
#include "ept.h"
#include "ept_policy.h"
#include "mem_log.h"

struct vm;
struct vcpu;
struct devmem;
struct vcpu_pass;

struct memseg {
	u64 gpa;
	u64 len;
	u64 hva;		/* system memory; 0 for devmem */
	u32 prot;		/* VMM_PROT_* */
	struct devmem *devmem;	/* with a reference, or NULL */
	u64 offset;		/* into @devmem */
};

/* A segment no longer in the table, of which leaves may still be there. */
struct memseg_leaving {
	struct memseg seg;
	struct list_head link;
};

/* Most that is unmapped in one go under the lock. */
#define UNMAP_STEP	(1ULL << 30)

struct vm_mem {
	spinlock_t lock;
	struct memseg seg[VMM_MAX_MEMSEGS];	/* sorted by gpa */
	u32 segs;
	struct list_head leaving;	/* struct memseg_leaving */
	struct ept ept;
	struct ept_policy policy;	/* VMM_PROTECT */
	struct list_head logs;		/* struct mem_log */
	const struct vcpu_pass *pass;	/* open just now, or NULL */
	struct task_struct *pass_task;	/* for whom */

	/*
	 * @inv_count invalidations of [@inv_start, @inv_end) are under way: the
	 * owner's page tables say nothing about pages inside.
	 */
	u32 inv_count;
	u64 inv_start;
	u64 inv_end;
	bool dead;		/* the owner's address space is gone */
	bool registered;
	struct mmu_notifier notifier;

	/* Invalidation (ept_inv.c). */
	atomic64_t gen ____cacheline_aligned;	/* of the tree's contents */
	u64 __percpu *seen;		/* gen that this CPU last flushed for */
	atomic64_t flushes;		/* done */
	atomic64_t waits;		/* of them, CPUs had to leave the guest */
	atomic64_t saved;		/* invalidations that found nothing to flush */

	u64 tables_max;			/* bound of ept.tables */
	atomic64_t trims;		/* times that the bound was reached */
};

/* mem_tree.c. vm_mem_init registers the notifier on current->mm; fini sleeps. */
int vm_mem_init(struct vm *vm);
void vm_mem_fini(struct vm *vm);
/* The address space goes: empty the tree for good. May sleep. */
void vm_unmap_all(struct vm *vm);
/* Nothing in the range is mapped on return, nor used by a processor. May sleep. */
void vm_unmap(struct vm *vm, u64 gpa, u64 end);
/* ept_reap() at the end of an invalidation, counted. */
void vm_reap(struct vm *vm, struct ept_garbage *garbage);
/*
 * Before tables are added: if there are too many, the tree is thrown away and
 * grows anew with what the guest still uses. May sleep.
 */
void vm_bound_tables(struct vm *vm);
void vm_mem_stats(struct vm *vm, struct vmm_mem_stats *stats);

/* mem.c */
int vm_memseg_add(struct vm *vm, const struct vmm_memseg *args);
int vm_memseg_remove(struct vm *vm, const struct vmm_memseg *args);
/* vm->lock held, so that no devmem that moves is unmapped at the same time. */
int vm_memseg_move(struct vm *vm, const struct vmm_memseg_move *args);
int vm_memseg_next(struct vm *vm, struct vmm_memseg *args);
/* vm->lock held, so that @devmem stays; errors: see the ABI header. */
int vm_devmem_map(struct vm *vm, struct devmem *devmem, const struct vmm_devmem_map *args);
int vm_devmem_unmap(struct vm *vm, struct devmem *devmem, u64 gpa, u64 len);
void vm_devmem_unmap_all(struct vm *vm);
bool vm_maps_devmem(struct vm *vm, const struct devmem *devmem);
int vm_ept_walk(struct vm *vm, struct vmm_ept_walk *args);
u64 vm_memory_bytes(struct vm *vm);
/* The segment that holds @gpa; mem.lock held. */
const struct memseg *vm_find_memseg(struct vm *vm, u64 gpa);
/*
 * The VM's own policy at @gpa of @seg, whatever the host maps there: the
 * permissions (*@prot; empty: none), and the largest level that a leaf may have
 * so that all of it is under this policy. Neighbours inside the 2 MiB block are
 * mapped ahead with the same permissions only if the level is 2 or more.
 * mem.lock held. Whoever makes the policy stricter takes the lock, too, and
 * then removes or restricts what the tree has (ept_unmap, ept_protect).
 */
int vm_gpa_limits(struct vm *vm, const struct memseg *seg, u64 gpa, u32 *prot);

/*
 * mem_protect.c: VMM_PROTECT. What the set allows at @gpa; *@level is lowered so
 * that a leaf of it is under one limit. mem.lock held.
 */
u32 vm_protect_at(struct vm *vm, u64 gpa, int *level);
int vm_protect(struct vm *vm, const struct vmm_protect *args);
int vm_protect_next(struct vm *vm, struct vmm_protect *args);
/* @access is allowed on the page of @gpa from now on; -ENOSPC. */
int vm_protect_allow(struct vm *vm, u64 gpa, u32 access);
/*
 * vcpu->lock held for all three. vcpu_pass_add: one more page; false: no room.
 * vm_pass_open, vm_pass_shut: for this thread alone the pages of @vcpu are allowed;
 * the caller keeps other vCPUs out of the guest in between.
 */
bool vcpu_pass_add(struct vcpu *vcpu, u64 gpa, u32 access);
void vm_pass_open(struct vcpu *vcpu);
void vm_pass_shut(struct vcpu *vcpu);

/* mem_notifier.c */
extern const struct mmu_notifier_ops vm_notifier_ops;

/*
 * mem_fault.c: settle an EPT violation. Process context, owner's mm.
 * 0 enter again; -ENOENT no memory there, or a write to read-only memory: a
 * device access; -EPERM VMM_PROTECT forbids it; other errors: the host refused, *@hva is filled in.
 */
int vm_fault(struct vm *vm, u64 gpa, u32 access, u64 *hva);

/*
 * The same inside a burst, where the host has the page mapped already and
 * nobody holds mem.lock. False: nothing was changed, use vm_fault().
 */
bool vm_fault_quick(struct vm *vm, u64 gpa, u32 access);

/*
 * mem_hold.c: [@gpa, @gpa + @len), inside one page, stands still at @hold->ptr until
 * vm_gpa_release(), which must follow in any case: mem.lock is held, on failure,
 * too. So nothing that sleeps in between, and not for long. Process context.
 *
 * -ENOENT: not (wholly) memory, or @prot is not the segment's; -EPERM: VMM_PROTECT
 * forbids it; -EXDEV: device or secret memory, which the kernel does not see; other errors:
 * the host refused, or the page is absent and this is not the owner's thread.
 */
struct gpa_hold {
	u64 gpa;
	void *ptr;		/* NULL: not held */
	bool write;
};

int vm_gpa_hold(struct vm *vm, struct gpa_hold *hold, u64 gpa, u32 len, u32 prot);
void vm_gpa_release(struct vm *vm, struct gpa_hold *hold);

/*
 * mem_access.c: guest memory from the kernel. Process context in the owner's
 * mm. -ENOENT: not (wholly) memory, or not writable; -EPERM: VMM_PROTECT forbids
 * it; -EFAULT: the host refused.
 * No access may cross a page.
 */
int vm_read(struct vm *vm, u64 gpa, void *buf, u32 len);
int vm_write(struct vm *vm, u64 gpa, const void *buf, u32 len);
/* -EAGAIN: *@gpa did not hold @old. @gpa is 8-aligned. */
int vm_cmpxchg64(struct vm *vm, u64 gpa, u64 old, u64 new);

/* intel/ept_inv.c */
int vm_ept_inv_init(struct vm *vm);
void vm_ept_inv_fini(struct vm *vm);
/* No CPU uses a translation older than this call when it returns. */
void vm_ept_flush(struct vm *vm);

#endif /* VMM_MEM_H */
