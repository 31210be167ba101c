/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Devmem: named memory that the kernel owns, for the guest and for mmap.
 *
 * Its pages are those of a shmem file that nobody outside sees, so that they
 * are accounted as shared memory and nobody can truncate it. A page, once
 * used, is held until the devmem goes: the EPT tree and every mapping show
 * the same page, and neither needs to hear of the other.
 *
 * References: the VM that knows the name, each fd and each mapping in the
 * guest-physical map. A devmem may outlive its VM, and has no pointer to it.
 */
#ifndef VMM_DEVMEM_H
#define VMM_DEVMEM_H

#include <linux/fs.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <uapi/vmm.h>
#include "mem.h"

struct vm;
struct host_view;
struct vm_node;

struct devmem {
	struct kref ref;
	struct list_head link;		/* vm->devmems, sorted by name; vm->lock */
	char name[VMM_NAME_MAX + 1];
	u64 len;
	bool wx_allowed;
	struct vm_node *node;		/* of a named VM */
	struct file *shmem;
	struct page **page;		/* filled in as pages are used; lockless */
};

/* What a VM knows of its devmems; vm->lock. */
struct vm_devmems {
	struct list_head list;
	u32 count;
	u64 bytes;
};

void vm_devmems_init(struct vm *vm);
/* The names and nodes go; no lock, nothing maps them into the guest. */
void vm_devmems_fini(struct vm *vm);

/* vm->lock held for all four. Errors: see the ABI header. */
int devmem_create(struct vm *vm, const struct vmm_devmem *args);	/* fd */
int devmem_destroy(struct vm *vm, const char *name);
int devmem_next(struct vm *vm, struct vmm_devmem *args);
struct devmem *devmem_find(struct vm *vm, const char *name);

/* Any context. */
void devmem_get(struct devmem *devmem);
/* Process context. */
void devmem_put(struct devmem *devmem);

/*
 * Page number @index, with a reference that put_page() drops; process context,
 * may allocate. ERR_PTR: -EFAULT past the end, -ENOMEM, -EINTR.
 */
struct page *devmem_page(struct devmem *devmem, u64 index);

/* Which page of its devmem a segment shows at @gpa. */
static inline u64 devmem_index(const struct memseg *seg, u64 gpa)
{
	return (seg->offset + (gpa - seg->gpa)) >> PAGE_SHIFT;
}

/*
 * The page at @gpa of a segment of a devmem, and up to @pages from it on that are
 * there; as vm_host_look(). False if the page has not been used yet. Any
 * context in which the segment stays.
 */
bool devmem_look(const struct memseg *seg, u64 gpa, u32 pages, struct host_view *view);

#endif /* VMM_DEVMEM_H */
