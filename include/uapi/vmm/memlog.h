/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR BSD-2-Clause */
/*
 * Memory logs: which pages of a segment the guest has written (dirty log), and
 * for how long it has not touched them (age map). Calls on a VM fd; legal while
 * vCPUs run and from any process that has the fd.
 *
 * A log belongs to one segment, named exactly by @gpa and @len, and goes with it.
 * While there is one the guest's pages are mapped and watched 4 KiB by 4 KiB.
 * Writes by the owner through its own mapping are not the guest's and not
 * logged; what the module writes for the guest is.
 *
 * Both fetches take and clear in one: what the guest does while one is under
 * way is in its answer or in the next. So a page read after a DIRTY_LOG_FETCH has
 * returned holds every write that no later fetch reports.
 */
#ifndef _UAPI_VMM_MEMLOG_H
#define _UAPI_VMM_MEMLOG_H

#include "base.h"

/*
 * DIRTY_LOG_START, AGE_MAP_START: every page is clean, or of age 0. @map is 0.
 * -ENOENT no such segment; -EEXIST it has one already.
 * DIRTY_LOG_STOP, AGE_MAP_STOP: -ENOENT there is none. @map is 0.
 *
 * DIRTY_LOG_FETCH: of [@gpa, @gpa + @len), which lies inside one log, one bit per
 * page to @map, the lowest bit of the first byte for the first page. Both are
 * multiples of 4096; the last byte's spare bits are 0.
 * AGE_MAP_FETCH: one byte per page to @map: how many fetches ago the guest used
 * it last; 0 since the last one, 255 longer or never.
 *
 * -EINVAL alignment, wrap-around, zero length; -ENOENT not inside a log; -EFAULT
 * nothing was taken out of the part of the log that could not be stored.
 */
struct vmm_memlog {
	__u32 size;
	__u32 flags;
	__u64 gpa;
	__u64 len;
	__u64 map;
	__u64 reserved[2];
};

#define VMM_DIRTY_LOG_START	_IOW(VMM_IOC, 0x19, struct vmm_memlog)
#define VMM_DIRTY_LOG_STOP	_IOW(VMM_IOC, 0x1a, struct vmm_memlog)
#define VMM_DIRTY_LOG_FETCH	_IOW(VMM_IOC, 0x1b, struct vmm_memlog)
#define VMM_AGE_MAP_START	_IOW(VMM_IOC, 0x1c, struct vmm_memlog)
#define VMM_AGE_MAP_STOP	_IOW(VMM_IOC, 0x1d, struct vmm_memlog)
#define VMM_AGE_MAP_FETCH	_IOW(VMM_IOC, 0x1e, struct vmm_memlog)

#endif /* _UAPI_VMM_MEMLOG_H */
