// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Guest memory: the segment calls, and struct vmm_ram, the RAM of a PC with
 * its hole below 4 GiB.
 *
 * The RAM is one anonymous mapping, owned by the struct and freed by
 * vmm_ram_destroy(). It starts on a 2 MiB boundary, because a huge page of the
 * host can back the guest only where both addresses have the same low bits.
 * The surprising thing: low and high RAM are adjacent in this process and a
 * gigabyte or more apart in the guest.
 */
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "ioctl.h"
#include "libvmm.h"

#define RAM_ALIGN	(2ULL << 20)

int vmm_memseg_add(int vm, uint64_t gpa, uint64_t len, void *hva, uint32_t prot)
{
	struct vmm_memseg seg = {
		.size = sizeof(seg),
		.gpa = gpa,
		.len = len,
		.hva = (uintptr_t)hva,
		.prot = prot,
	};

	return ioctl_errno(vm, VMM_MEMSEG_ADD, &seg);
}

int vmm_memseg_remove(int vm, uint64_t gpa, uint64_t len)
{
	struct vmm_memseg seg = { .size = sizeof(seg), .gpa = gpa, .len = len };

	return ioctl_errno(vm, VMM_MEMSEG_REMOVE, &seg);
}

int vmm_memseg_move(int vm, uint64_t gpa, uint64_t len, uint64_t new_gpa)
{
	struct vmm_memseg_move move = {
		.size = sizeof(move), .gpa = gpa, .len = len, .new_gpa = new_gpa,
	};

	return ioctl_errno(vm, VMM_MEMSEG_MOVE, &move);
}

int vmm_memseg_next(int vm, uint64_t gpa, struct vmm_memseg *seg)
{
	memset(seg, 0, sizeof(*seg));
	seg->size = sizeof(*seg);
	seg->gpa = gpa;
	return ioctl_errno(vm, VMM_MEMSEG_NEXT, seg);
}

int vmm_ept_walk(int vm, uint64_t gpa, struct vmm_ept_walk *walk)
{
	memset(walk, 0, sizeof(*walk));
	walk->size = sizeof(*walk);
	walk->gpa = gpa;
	return ioctl_errno(vm, VMM_EPT_WALK, walk);
}

int vmm_ram_create(struct vmm_ram *ram, uint64_t size)
{
	uint64_t lead;
	uint8_t *hva;

	memset(ram, 0, sizeof(*ram));
	if (!size || size % 4096 || size > SIZE_MAX - RAM_ALIGN)
		return -EINVAL;

	hva = mmap(NULL, size + RAM_ALIGN, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (hva == MAP_FAILED)
		return -errno;

	lead = -(uintptr_t)hva & (RAM_ALIGN - 1);
	if (lead)
		munmap(hva, lead);
	munmap(hva + lead + size, RAM_ALIGN - lead);

	ram->hva = hva + lead;
	ram->low = size < VMM_LOW_MAX ? size : VMM_LOW_MAX;
	ram->high = size - ram->low;

	/* Advice: a kernel without the feature runs the guest all the same. */
	madvise(ram->hva, size, MADV_HUGEPAGE);
	madvise(ram->hva, size, MADV_DONTDUMP);
	return 0;
}

void vmm_ram_destroy(struct vmm_ram *ram)
{
	if (ram->hva)
		munmap(ram->hva, ram->low + ram->high);
	memset(ram, 0, sizeof(*ram));
}

int vmm_ram_attach(const struct vmm_ram *ram, int vm)
{
	uint32_t prot = VMM_PROT_READ | VMM_PROT_WRITE | VMM_PROT_EXEC;
	int error;

	error = vmm_memseg_add(vm, 0, ram->low, ram->hva, prot);
	if (!error && ram->high)
		error = vmm_memseg_add(vm, VMM_HIGH_GPA, ram->high, ram->hva + ram->low, prot);
	return error;
}

void *vmm_ram_hva(const struct vmm_ram *ram, uint64_t gpa, uint64_t len)
{
	if (gpa <= ram->low && len <= ram->low - gpa)
		return ram->hva + gpa;
	if (gpa < VMM_HIGH_GPA)
		return NULL;
	gpa -= VMM_HIGH_GPA;
	if (gpa <= ram->high && len <= ram->high - gpa)
		return ram->hva + ram->low + gpa;
	return NULL;
}

int vmm_mem_stats(int vm, struct vmm_mem_stats *stats)
{
	*stats = (struct vmm_mem_stats) { .size = sizeof(*stats) };
	return ioctl_errno(vm, VMM_MEM_STATS, stats);
}
