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
	int level = EPT_LEVELS - 1;

	*prot = seg->prot & vm_protect_at(vm, gpa, &level);
	return unlikely(vm_log_covers(vm, seg->gpa, seg->len)) ? 1 : level;
}

static int check_range(u64 gpa, u64 len)
{
	u64 limit = min(EPT_GPA_END, 1ULL << boot_cpu_data.x86_phys_bits);

	if (!len || !PAGE_ALIGNED(gpa) || !PAGE_ALIGNED(len) || gpa + len < gpa)
		return -EINVAL;
	return gpa + len > limit ? -ERANGE : 0;
}

static bool prot_is_good(struct vm *vm, u32 prot)
{
	return !(prot & ~(VMM_PROT_READ | VMM_PROT_WRITE | VMM_PROT_EXEC)) &&
	       ept_prot_ok(&vm->mem.ept, prot);
}

/* mem.lock held. */
static int seg_put(struct vm *vm, const struct memseg *seg)
{
	u32 i = seg_at(vm, seg->gpa);

	if (i < vm->mem.segs && vm->mem.seg[i].gpa < seg->gpa + seg->len)
		return -EEXIST;
	if (vm->mem.segs == VMM_MAX_MEMSEGS)
		return -ENOSPC;
	memmove(&vm->mem.seg[i + 1], &vm->mem.seg[i], (vm->mem.segs - i) * sizeof(*seg));
	vm->mem.seg[i] = *seg;
	vm->mem.segs++;
	return 0;
}

/* mem.lock held: the index of exactly this segment, or -ENOENT. */
static int seg_find(struct vm *vm, u64 gpa, u64 len)
{
	u32 i = seg_at(vm, gpa);

	if (i == vm->mem.segs || vm->mem.seg[i].gpa != gpa || vm->mem.seg[i].len != len)
		return -ENOENT;
	return i;
}

/*
 * Out of the table, but not out of the notifier's sight until the leaves are
 * gone: the host may take away the pages behind them at any time. mem.lock held.
 */
static void seg_take(struct vm *vm, u32 i, struct memseg_leaving *old)
{
	struct vm_mem *mem = &vm->mem;

	old->seg = mem->seg[i];
	list_add(&old->link, &mem->leaving);
	mem->segs--;
	memmove(&mem->seg[i], &mem->seg[i + 1], (mem->segs - i) * sizeof(mem->seg[0]));
}

/* A segment that is there now, in the same place, loses pages that it finds again. */
static void seg_gone(struct vm *vm, struct memseg_leaving *old)
{
	vm_unmap(vm, old->seg.gpa, old->seg.gpa + old->seg.len);
	spin_lock(&vm->mem.lock);
	list_del(&old->link);
	spin_unlock(&vm->mem.lock);
}

static int memseg_insert(struct vm *vm, const struct memseg *seg)
{
	int error;

	spin_lock(&vm->mem.lock);
	error = seg_put(vm, seg);
	spin_unlock(&vm->mem.lock);
	return error;
}

/* @devmem: of which devmem, NULL for system memory. */
static int memseg_remove(struct vm *vm, u64 gpa, u64 len, const struct devmem *devmem)
{
	struct memseg_leaving old;
	int i;

	spin_lock(&vm->mem.lock);
	i = seg_find(vm, gpa, len);
	if (i >= 0 && vm->mem.seg[i].devmem != devmem)
		i = -ENOENT;
	if (i >= 0)
		seg_take(vm, i, &old);
	spin_unlock(&vm->mem.lock);
	if (i < 0)
		return i;
	seg_gone(vm, &old);
	vm_log_drop(vm, gpa, len);
	return 0;
}

int vm_memseg_add(struct vm *vm, const struct vmm_memseg *args)
{
	struct memseg seg = {
		.gpa = args->gpa, .len = args->len, .hva = args->hva, .prot = args->prot,
	};
	int error = check_range(seg.gpa, seg.len);

	if (error)
		return error;
	if (!PAGE_ALIGNED(seg.hva) || seg.hva + seg.len < seg.hva)
		return -EINVAL;
	if (!prot_is_good(vm, seg.prot))
		return -EINVAL;
	if (!access_ok((void __user *)seg.hva, seg.len))
		return -EFAULT;
	return memseg_insert(vm, &seg);
}

int vm_memseg_remove(struct vm *vm, const struct vmm_memseg *args)
{
	if (args->hva || args->prot)
		return -EINVAL;
	return memseg_remove(vm, args->gpa, args->len, NULL);
}

int vm_memseg_move(struct vm *vm, const struct vmm_memseg_move *args)
{
	struct memseg_leaving old;
	struct memseg seg;
	int error = check_range(args->new_gpa, args->len);
	int i;

	lockdep_assert_held(&vm->lock);
	if (error)
		return error;
	spin_lock(&vm->mem.lock);
	i = seg_find(vm, args->gpa, args->len);
	if (i >= 0 && vm_log_covers(vm, args->gpa, args->len))
		i = -EBUSY;
	if (i >= 0) {
		seg_take(vm, i, &old);
		seg = old.seg;
		seg.gpa = args->new_gpa;
		error = seg_put(vm, &seg);
		/* Its old place is free, and so is a slot. */
		if (error)
			seg_put(vm, &old.seg);
	}
	spin_unlock(&vm->mem.lock);
	if (i < 0)
		return i;
	seg_gone(vm, &old);
	return error;
}

/* mem.lock held: the first segment of any devmem, or -ENOENT. */
static int seg_of_devmem(struct vm *vm)
{
	u32 i;

	for (i = 0; i < vm->mem.segs; i++)
		if (vm->mem.seg[i].devmem)
			return i;
	return -ENOENT;
}

void vm_devmem_unmap_all(struct vm *vm)
{
	struct memseg_leaving old;
	int i;

	lockdep_assert_held(&vm->lock);
	do {
		spin_lock(&vm->mem.lock);
		i = seg_of_devmem(vm);
		if (i >= 0)
			seg_take(vm, i, &old);
		spin_unlock(&vm->mem.lock);
		if (i >= 0)
			seg_gone(vm, &old);
	} while (i >= 0);
}

int vm_devmem_map(struct vm *vm, struct devmem *devmem, const struct vmm_devmem_map *args)
{
	struct memseg seg = {
		.gpa = args->gpa, .len = args->len, .offset = args->offset, .prot = args->prot,
		.devmem = devmem,
	};
	int error = check_range(seg.gpa, seg.len);

	lockdep_assert_held(&vm->lock);
	if (error)
		return error;
	if (!PAGE_ALIGNED(seg.offset) || !prot_is_good(vm, seg.prot))
		return -EINVAL;
	if (seg.offset >= devmem->len || seg.len > devmem->len - seg.offset)
		return -ENXIO;
	if ((seg.prot & VMM_PROT_WRITE) && (seg.prot & VMM_PROT_EXEC) && !devmem->wx_allowed)
		return -EACCES;
	devmem_get(devmem);
	error = memseg_insert(vm, &seg);
	if (error)
		devmem_put(devmem);
	return error;
}

int vm_devmem_unmap(struct vm *vm, struct devmem *devmem, u64 gpa, u64 len)
{
	int error = memseg_remove(vm, gpa, len, devmem);

	lockdep_assert_held(&vm->lock);
	if (!error)
		devmem_put(devmem);
	return error;
}

bool vm_maps_devmem(struct vm *vm, const struct devmem *devmem)
{
	bool found = false;
	u32 i;

	spin_lock(&vm->mem.lock);
	for (i = 0; i < vm->mem.segs; i++)
		found |= vm->mem.seg[i].devmem == devmem;
	spin_unlock(&vm->mem.lock);
	return found;
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
		args->flags = vm->mem.seg[i].devmem ? VMM_MEMSEG_DEVMEM : 0;
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
