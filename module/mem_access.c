// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The kernel's own accesses to guest memory: instruction emulation, walks of the
 * guest's page tables, PDPTEs.
 *
 * Each holds its page for as long as it copies (mem_hold.c). Device memory that
 * the owner has mapped has no page to hold; it is reached through the owner's
 * mapping, as the owner itself would. A segment removed meanwhile leads to the
 * owner's own memory at worst.
 */
#include <linux/uaccess.h>
#include "vmm.h"

/* Of memory that cannot be held: -EXDEV was the answer. */
static int to_hva(struct vm *vm, u64 gpa, u32 len, u64 *hva)
{
	const struct memseg *seg;
	int error = -ENOENT;

	if (current->mm != vm->mm)
		return -EFAULT;
	spin_lock(&vm->mem.lock);
	seg = vm_find_memseg(vm, gpa);
	if (seg && len <= seg->gpa + seg->len - gpa) {
		*hva = seg->hva + (gpa - seg->gpa);
		error = 0;
	}
	spin_unlock(&vm->mem.lock);
	return error;
}

int vm_read(struct vm *vm, u64 gpa, void *buf, u32 len)
{
	struct gpa_hold hold;
	u64 hva;
	int error = vm_gpa_hold(vm, &hold, gpa, len, VMM_PROT_READ);

	if (!error)
		memcpy(buf, hold.ptr, len);
	vm_gpa_release(vm, &hold);
	if (likely(error != -EXDEV))
		return error;
	error = to_hva(vm, gpa, len, &hva);
	if (error)
		return error;
	return copy_from_user(buf, (void __user *)hva, len) ? -EFAULT : 0;
}

int vm_write(struct vm *vm, u64 gpa, const void *buf, u32 len)
{
	struct gpa_hold hold;
	u64 hva;
	int error = vm_gpa_hold(vm, &hold, gpa, len, VMM_PROT_WRITE);

	if (!error)
		memcpy(hold.ptr, buf, len);
	vm_gpa_release(vm, &hold);
	if (likely(error != -EXDEV))
		return error;
	error = to_hva(vm, gpa, len, &hva);
	if (error)
		return error;
	return copy_to_user((void __user *)hva, buf, len) ? -EFAULT : 0;
}

int vm_cmpxchg64(struct vm *vm, u64 gpa, u64 old, u64 new)
{
	struct gpa_hold hold;
	int error = vm_gpa_hold(vm, &hold, gpa, 8, VMM_PROT_READ | VMM_PROT_WRITE);

	if (!error && cmpxchg64((u64 *)hold.ptr, old, new) != old)
		error = -EAGAIN;
	vm_gpa_release(vm, &hold);
	/* Page tables in device memory are nobody's. */
	return error == -EXDEV ? -EFAULT : error;
}
