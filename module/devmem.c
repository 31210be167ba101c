// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Devmem: objects, their pages, and mmap. See devmem.h.
 *
 * The files given out are ours, not the shmem file: a holder could punch holes
 * into that, and the guest would go on with pages that mmap no longer shows.
 */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/shmem_fs.h>
#include <linux/slab.h>
#include "devmem.h"
#include "mem_host.h"
#include "vm_node.h"
#include "vmm.h"

static void devmem_free(struct devmem *devmem)
{
	u64 i;

	for (i = 0; i < devmem->len >> PAGE_SHIFT; i++) {
		if (devmem->page[i])
			put_page(devmem->page[i]);
		cond_resched();
	}
	fput(devmem->shmem);
	kvfree(devmem->page);
	kfree(devmem);
}

static void devmem_release(struct kref *ref)
{
	devmem_free(container_of(ref, struct devmem, ref));
}

void devmem_get(struct devmem *devmem)
{
	kref_get(&devmem->ref);
}

void devmem_put(struct devmem *devmem)
{
	kref_put(&devmem->ref, devmem_release);
}

struct page *devmem_page(struct devmem *devmem, u64 index)
{
	struct page *page;

	if (index >= devmem->len >> PAGE_SHIFT)
		return ERR_PTR(-EFAULT);
	/* Pairs with the cmpxchg below: the page has been cleared. */
	page = smp_load_acquire(&devmem->page[index]);
	if (!page) {
		page = shmem_read_mapping_page(devmem->shmem->f_mapping, index);
		if (IS_ERR(page))
			return page;
		/* Another thread was first? It found the same page. */
		if (cmpxchg(&devmem->page[index], NULL, page))
			put_page(page);
	}
	get_page(page);
	return page;
}

bool devmem_look(const struct memseg *seg, u64 gpa, u32 pages, struct host_view *view)
{
	u64 index = devmem_index(seg, gpa);

	pages = min_t(u64, pages, ((gpa | (HOST_VIEW_PAGES * PAGE_SIZE - 1)) + 1 - gpa) / PAGE_SIZE);
	pages = min_t(u64, pages, (seg->gpa + seg->len - gpa) / PAGE_SIZE);
	view->level = 1;
	for (view->pages = 0; view->pages < pages; view->pages++) {
		/* Pairs with the cmpxchg in devmem_page(). */
		struct page *page = smp_load_acquire(&seg->devmem->page[index + view->pages]);

		if (!page)
			break;
		view->page[view->pages] = (struct host_page) {
			.hpa = page_to_phys(page), .writable = true, .memtype = EPT_MT_WB,
		};
	}
	return view->pages;
}

/* --- files ---------------------------------------------------------------- */

static vm_fault_t devmem_fault(struct vm_fault *vmf)
{
	struct devmem *devmem = vmf->vma->vm_private_data;
	struct page *page = devmem_page(devmem, vmf->pgoff);

	if (IS_ERR(page))
		return vmf_error(PTR_ERR(page));
	vmf->page = page;
	return 0;
}

static const struct vm_operations_struct devmem_vm_ops = {
	.fault = devmem_fault,
};

/* The mapping holds the file, and the file the devmem. */
static int devmem_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct devmem *devmem = file->private_data;
	u64 pages = devmem->len >> PAGE_SHIFT;

	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;
	if (vma->vm_pgoff >= pages || vma_pages(vma) > pages - vma->vm_pgoff)
		return -EINVAL;
	vma->vm_private_data = devmem;
	vma->vm_ops = &devmem_vm_ops;
	return 0;
}

static int devmem_file_release(struct inode *inode, struct file *file)
{
	devmem_put(file->private_data);
	return 0;
}

static const struct file_operations devmem_fops = {
	.owner = THIS_MODULE,
	.release = devmem_file_release,
	.mmap = devmem_mmap,
	.llseek = noop_llseek,
};

/* Never too late: the node goes before the VM drops its reference. */
static bool devmem_hold(void *object)
{
	devmem_get(object);
	return true;
}

/* --- the names of a VM ---------------------------------------------------- */

void vm_devmems_init(struct vm *vm)
{
	INIT_LIST_HEAD(&vm->devmems.list);
}

static void forget(struct devmem *devmem)
{
	vm_node_destroy(devmem->node);
	devmem->node = NULL;
	list_del(&devmem->link);
	devmem_put(devmem);
}

void vm_devmems_fini(struct vm *vm)
{
	struct devmem *devmem, *next;

	list_for_each_entry_safe(devmem, next, &vm->devmems.list, link)
		forget(devmem);
}

struct devmem *devmem_find(struct vm *vm, const char *name)
{
	struct devmem *devmem;

	lockdep_assert_held(&vm->lock);
	list_for_each_entry(devmem, &vm->devmems.list, link)
		if (!strcmp(devmem->name, name))
			return devmem;
	return NULL;
}

static struct devmem *devmem_alloc(const struct vmm_devmem *args)
{
	struct devmem *devmem = kzalloc(sizeof(*devmem), GFP_KERNEL_ACCOUNT);
	int error = -ENOMEM;

	if (!devmem)
		return ERR_PTR(error);
	kref_init(&devmem->ref);
	devmem->len = args->len;
	devmem->wx_allowed = args->flags & VMM_DEVMEM_WX;
	strscpy(devmem->name, args->name, sizeof(devmem->name));
	devmem->page = kvcalloc(args->len >> PAGE_SHIFT, sizeof(*devmem->page), GFP_KERNEL_ACCOUNT);
	if (!devmem->page)
		goto err_free;
	devmem->shmem = shmem_file_setup("vmm-devmem", args->len, VM_NORESERVE);
	if (IS_ERR(devmem->shmem)) {
		error = PTR_ERR(devmem->shmem);
		goto err_page;
	}
	/* Our references keep them anyway: reclaim need not try. */
	mapping_set_unevictable(devmem->shmem->f_mapping);
	return devmem;

err_page:
	kvfree(devmem->page);
err_free:
	kfree(devmem);
	return ERR_PTR(error);
}

static int create_node(struct vm *vm, struct devmem *devmem)
{
	char name[2 * VMM_NAME_MAX + 2];
	struct vm_node *node;

	if (!vm->name[0])
		return 0;
	snprintf(name, sizeof(name), "%s.%s", vm->name, devmem->name);
	node = vm_node_create(name, vm->uid, &devmem_fops, devmem, devmem_hold);
	if (IS_ERR(node))
		return PTR_ERR(node);
	devmem->node = node;
	return 0;
}

static void enlist(struct vm *vm, struct devmem *devmem)
{
	struct devmem *other;

	/* Behind all: found no larger name, @other is the list's head. */
	list_for_each_entry(other, &vm->devmems.list, link)
		if (strcmp(other->name, devmem->name) > 0)
			break;
	list_add_tail(&devmem->link, &other->link);
	vm->devmems.count++;
	vm->devmems.bytes += devmem->len;
}

int devmem_create(struct vm *vm, const struct vmm_devmem *args)
{
	struct devmem *devmem;
	struct file *file;
	int fd, error;

	lockdep_assert_held(&vm->lock);
	if (!args->len || !PAGE_ALIGNED(args->len))
		return -EINVAL;
	if (devmem_find(vm, args->name))
		return -EEXIST;
	if (vm->devmems.count == VMM_MAX_DEVMEMS ||
	    args->len > VMM_DEVMEM_BYTES_MAX - vm->devmems.bytes)
		return -ENOSPC;
	devmem = devmem_alloc(args);
	if (IS_ERR(devmem))
		return PTR_ERR(devmem);
	fd = get_unused_fd_flags(O_CLOEXEC);
	error = fd;
	if (fd < 0)
		goto err_devmem;
	file = anon_inode_getfile("vmm-devmem", &devmem_fops, devmem, O_RDWR);
	error = PTR_ERR(file);
	if (IS_ERR(file))
		goto err_fd;
	devmem_get(devmem);
	error = create_node(vm, devmem);
	if (error)
		goto err_file;
	enlist(vm, devmem);
	fd_install(fd, file);
	return fd;

err_file:
	fput(file);
err_fd:
	put_unused_fd(fd);
err_devmem:
	devmem_put(devmem);
	return error;
}

int devmem_destroy(struct vm *vm, const char *name)
{
	struct devmem *devmem = devmem_find(vm, name);

	if (!devmem)
		return -ENOENT;
	if (vm_maps_devmem(vm, devmem))
		return -EBUSY;
	vm->devmems.count--;
	vm->devmems.bytes -= devmem->len;
	forget(devmem);
	return 0;
}

int devmem_next(struct vm *vm, struct vmm_devmem *args)
{
	struct devmem *devmem;

	lockdep_assert_held(&vm->lock);
	list_for_each_entry(devmem, &vm->devmems.list, link) {
		if (strcmp(devmem->name, args->name) <= 0)
			continue;
		memset(args->name, 0, sizeof(args->name));
		strscpy(args->name, devmem->name, sizeof(args->name));
		args->len = devmem->len;
		args->flags = devmem->wx_allowed ? VMM_DEVMEM_WX : 0;
		return 0;
	}
	return -ENOENT;
}
