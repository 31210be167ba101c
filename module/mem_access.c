// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The kernel's own accesses to guest memory, for instruction emulation.
 *
 * They go through the owner's address space like accesses of the process
 * itself: the host faults pages in, keeps its dirty bits, and no page is used
 * whose mapping could change under us. A segment removed meanwhile leads to
 * the owner's own memory at worst.
 */
#include <linux/uaccess.h>
#include "vmm.h"

static int to_hva(struct vm *vm, u64 gpa, u32 len, u32 prot, u64 *hva)
{
	const struct memseg *seg;
	int error = -ENOENT;

	if (current->mm != vm->mm)
		return -EFAULT;
	spin_lock(&vm->mem.lock);
	seg = vm_find_memseg(vm, gpa);
	if (seg && (seg->prot & prot) == prot && len <= seg->gpa + seg->len - gpa) {
		*hva = seg->hva + (gpa - seg->gpa);
		error = 0;
	}
	spin_unlock(&vm->mem.lock);
	return error;
}

int vm_read(struct vm *vm, u64 gpa, void *buf, u32 len)
{
	u64 hva;
	int error = to_hva(vm, gpa, len, VMM_PROT_READ, &hva);

	if (error)
		return error;
	return copy_from_user(buf, (void __user *)hva, len) ? -EFAULT : 0;
}

int vm_write(struct vm *vm, u64 gpa, const void *buf, u32 len)
{
	u64 hva;
	int error = to_hva(vm, gpa, len, VMM_PROT_WRITE, &hva);

	if (error)
		return error;
	return copy_to_user((void __user *)hva, buf, len) ? -EFAULT : 0;
}

int vm_cmpxchg64(struct vm *vm, u64 gpa, u64 old, u64 new)
{
	u64 __user *ptr;
	u64 hva;
	int error = to_hva(vm, gpa, 8, VMM_PROT_READ | VMM_PROT_WRITE, &hva);

	if (error)
		return error;
	ptr = (u64 __user *)hva;
	error = __try_cmpxchg_user(ptr, &old, new, fault);
	return error > 0 ? -EAGAIN : error;
}
