// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What a guest may do with its memory, and what it has done: protection, dirty
 * log, age map.
 */
#include <stdint.h>
#include <string.h>

#include "ioctl.h"
#include "libvmm.h"

int vmm_protect(int vm, uint64_t gpa, uint64_t len, uint32_t prot)
{
	struct vmm_protect args = { .size = sizeof(args), .gpa = gpa, .len = len, .prot = prot };

	return ioctl_errno(vm, VMM_PROTECT, &args);
}

int vmm_protect_next(int vm, uint64_t gpa, struct vmm_protect *range)
{
	memset(range, 0, sizeof(*range));
	range->size = sizeof(*range);
	range->gpa = gpa;
	return ioctl_errno(vm, VMM_PROTECT_NEXT, range);
}

static int memlog(int vm, unsigned long request, uint64_t gpa, uint64_t len, void *map)
{
	struct vmm_memlog args = {
		.size = sizeof(args), .gpa = gpa, .len = len, .map = (uintptr_t)map,
	};

	return ioctl_errno(vm, request, &args);
}

int vmm_dirty_log_start(int vm, uint64_t gpa, uint64_t len)
{
	return memlog(vm, VMM_DIRTY_LOG_START, gpa, len, NULL);
}

int vmm_dirty_log_stop(int vm, uint64_t gpa, uint64_t len)
{
	return memlog(vm, VMM_DIRTY_LOG_STOP, gpa, len, NULL);
}

int vmm_dirty_log_fetch(int vm, uint64_t gpa, uint64_t len, uint8_t *bits)
{
	return memlog(vm, VMM_DIRTY_LOG_FETCH, gpa, len, bits);
}

int vmm_age_map_start(int vm, uint64_t gpa, uint64_t len)
{
	return memlog(vm, VMM_AGE_MAP_START, gpa, len, NULL);
}

int vmm_age_map_stop(int vm, uint64_t gpa, uint64_t len)
{
	return memlog(vm, VMM_AGE_MAP_STOP, gpa, len, NULL);
}

int vmm_age_map_fetch(int vm, uint64_t gpa, uint64_t len, uint8_t *ages)
{
	return memlog(vm, VMM_AGE_MAP_FETCH, gpa, len, ages);
}
