// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Segments: which part of the owner's address space the guest sees where.
 *
 * The table is a small sorted array under mem.lock, because MMU notifier
 * callbacks, which cannot sleep, must search it too.
 */
#include <linux/capability.h>
#include <linux/mm.h>
#include <linux/uaccess.h>
#include <asm/cpufeature.h>
#include "vmm.h"

/* Index of the first segment that ends above @gpa. */
static u32 seg_at(struct vm *vm, u64 gpa)
{
	u32 low = 0, high = vm->mem.segs;

	while (low < high) {
		u32 mid = (low + high) / 2;
		const struct memseg *seg = &vm->mem.seg[mid];

		if (seg->gpa + seg->len <= gpa)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

const struct memseg *vm_find_memseg(struct vm *vm, u64 gpa)
{
	u32 i = seg_at(vm, gpa);

	lockdep_assert_held(&vm->mem.lock);
	if (i == vm->mem.segs || vm->mem.seg[i].gpa > gpa)
		return NULL;
	return &vm->mem.seg[i];
}

int vm_gpa_limits(struct vm *vm, const struct memseg *seg, u64 gpa, u32 *prot)
{
	lockdep_assert_held(&vm->mem.lock);
	*prot = seg->prot;
	return EPT_LEVELS - 1;
}

static int check_range(u64 gpa, u64 len)
{
	u64 limit = min(EPT_GPA_END, 1ULL << boot_cpu_data.x86_phys_bits);

	if (!len || !PAGE_ALIGNED(gpa) || !PAGE_ALIGNED(len) || gpa + len < gpa)
		return -EINVAL;
	return gpa + len > limit ? -ERANGE : 0;
}

int vm_memseg_add(struct vm *vm, const struct vmm_memseg *args)
{
	struct memseg seg = { args->gpa, args->len, args->hva, args->prot };
	int error = check_range(seg.gpa, seg.len);
	u32 i;

	if (error)
		return error;
	if (!PAGE_ALIGNED(seg.hva) || seg.hva + seg.len < seg.hva)
		return -EINVAL;
	if (seg.prot & ~(VMM_PROT_READ | VMM_PROT_WRITE | VMM_PROT_EXEC))
		return -EINVAL;
	if (!ept_prot_ok(&vm->mem.ept, seg.prot))
		return -EINVAL;
	if (!access_ok((void __user *)seg.hva, seg.len))
		return -EFAULT;

	spin_lock(&vm->mem.lock);
	i = seg_at(vm, seg.gpa);
	if (i < vm->mem.segs && vm->mem.seg[i].gpa < seg.gpa + seg.len) {
		error = -EEXIST;
	} else if (vm->mem.segs == VMM_MAX_MEMSEGS) {
		error = -ENOSPC;
	} else {
		memmove(&vm->mem.seg[i + 1], &vm->mem.seg[i],
			(vm->mem.segs - i) * sizeof(seg));
		vm->mem.seg[i] = seg;
		vm->mem.segs++;
	}
	spin_unlock(&vm->mem.lock);
	return error;
}

int vm_memseg_remove(struct vm *vm, const struct vmm_memseg *args)
{
	u64 end = args->gpa + args->len;
	int error = -ENOENT;
	u32 i;

	if (args->hva || args->prot)
		return -EINVAL;
	spin_lock(&vm->mem.lock);
	i = seg_at(vm, args->gpa);
	if (i < vm->mem.segs && vm->mem.seg[i].gpa == args->gpa &&
	    vm->mem.seg[i].len == args->len) {
		vm->mem.segs--;
		memmove(&vm->mem.seg[i], &vm->mem.seg[i + 1],
			(vm->mem.segs - i) * sizeof(vm->mem.seg[0]));
		error = 0;
	}
	spin_unlock(&vm->mem.lock);
	/* A segment added here meanwhile loses pages that it finds again. */
	if (!error)
		vm_unmap(vm, args->gpa, end);
	return error;
}

int vm_memseg_next(struct vm *vm, struct vmm_memseg *args)
{
	int error = -ENOENT;
	u32 i;

	if (args->len || args->hva || args->prot)
		return -EINVAL;
	spin_lock(&vm->mem.lock);
	i = seg_at(vm, args->gpa);
	if (i < vm->mem.segs && vm->mem.seg[i].gpa < args->gpa)
		i++;
	if (i < vm->mem.segs) {
		args->gpa = vm->mem.seg[i].gpa;
		args->len = vm->mem.seg[i].len;
		args->hva = vm->mem.seg[i].hva;
		args->prot = vm->mem.seg[i].prot;
		error = 0;
	}
	spin_unlock(&vm->mem.lock);
	return error;
}

int vm_ept_walk(struct vm *vm, struct vmm_ept_walk *args)
{
	u64 mask = capable(CAP_SYS_ADMIN) ? ~0ULL : ~GENMASK_ULL(51, 12);
	int i;

	if (args->gpa >= EPT_GPA_END)
		return -ERANGE;
	spin_lock(&vm->mem.lock);
	args->levels = ept_walk(&vm->mem.ept, args->gpa, args->entry);
	spin_unlock(&vm->mem.lock);
	for (i = 0; i < EPT_LEVELS; i++)
		args->entry[i] = i < args->levels ? args->entry[i] & mask : 0;
	return 0;
}

u64 vm_memory_bytes(struct vm *vm)
{
	u64 bytes = 0;
	u32 i;

	spin_lock(&vm->mem.lock);
	for (i = 0; i < vm->mem.segs; i++)
		bytes += vm->mem.seg[i].len;
	spin_unlock(&vm->mem.lock);
	return bytes;
}
