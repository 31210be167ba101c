/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR BSD-2-Clause */
/*
 * Guest memory: calls on a VM fd.
 */
#ifndef _UAPI_VMM_MEMORY_H
#define _UAPI_VMM_MEMORY_H

#include "base.h"

#define VMM_PROT_READ		(1U << 0)
#define VMM_PROT_WRITE		(1U << 1)
#define VMM_PROT_EXEC		(1U << 2)

#define VMM_MEMSEG_DEVMEM	(1U << 0)

/*
 * VMM_MEMSEG_ADD: the guest sees [@hva, @hva + @len) of the owner's address
 * space at @gpa. Nothing is pinned: the mapping follows the address space.
 * All three are multiples of 4096. Legal while vCPUs run.
 *
 * -EINVAL alignment, wrap-around, zero length, @prot empty or W without R;
 * -ERANGE beyond the guest-physical address width; -EEXIST overlap;
 * -ENOSPC more than VMM_MAX_MEMSEGS; -EFAULT @hva is not a user range.
 *
 * VMM_MEMSEG_REMOVE: @gpa and @len name one segment exactly (-ENOENT);
 * on return no vCPU can reach it. @hva and @prot must be 0.
 *
 * VMM_MEMSEG_NEXT: the segment with the smallest gpa at or above @gpa;
 * -ENOENT after the last. @flags is VMM_MEMSEG_DEVMEM (and @hva 0) for one that
 * VMM_DEVMEM_MAP made; that flag is ignored on the way in.
 */
struct vmm_memseg {
	__u32 size;
	__u32 flags;
	__u64 gpa;
	__u64 len;
	__u64 hva;
	__u32 prot;
	__u32 pad;
	__u64 reserved[2];
};

/*
 * VMM_MEMSEG_MOVE: the segment that @gpa and @len name exactly, of either kind,
 * is from now on at @new_gpa. Legal while vCPUs run: every access finds it at the
 * old place or at the new one, and on return none at the old. The two may
 * overlap. Protections (VMM_PROTECT) belong to addresses and do not move.
 *
 * -EINVAL, -ERANGE as VMM_MEMSEG_ADD; -ENOENT; -EEXIST another segment is there;
 * -EBUSY it has a dirty log or an age map.
 */
struct vmm_memseg_move {
	__u32 size;
	__u32 flags;
	__u64 gpa;
	__u64 len;
	__u64 new_gpa;
	__u64 reserved[2];
};

#define VMM_MEMSEG_ADD		_IOW(VMM_IOC, 0x10, struct vmm_memseg)
#define VMM_MEMSEG_REMOVE	_IOW(VMM_IOC, 0x11, struct vmm_memseg)
#define VMM_MEMSEG_NEXT		_IOWR(VMM_IOC, 0x12, struct vmm_memseg)
#define VMM_MEMSEG_MOVE		_IOW(VMM_IOC, 0x14, struct vmm_memseg_move)

/*
 * VMM_EPT_WALK (VM fd): the EPT entries that translate @gpa, level 4 first.
 * The address bits are zero unless the caller has CAP_SYS_ADMIN.
 */
struct vmm_ept_walk {
	__u32 size;
	__u32 flags;
	__u64 gpa;
	__u64 entry[4];
	__u32 levels;		/* entries valid in @entry */
	__u32 pad;
	__u64 reserved[2];
};

#define VMM_EPT_WALK		_IOWR(VMM_IOC, 0x13, struct vmm_ept_walk)

/*
 * VMM_MEM_STATS (VM fd): the VM's EPT tree now, and what happened to it so far.
 *
 * @leaves_4k..	entries by size
 * @tables	table pages, and the most that there may be (@tables_max). When
 *		the bound is reached the tree is emptied and grows anew (@trims)
 * @flushes	invalidations for which processors' caches were declared stale;
 *		for @flush_waits of them some processor had to leave the guest.
 *		@flushes_saved found nothing mapped, or nothing accessed
 *
 * All fields but @size and @flags are results and 0 in the call.
 */
struct vmm_mem_stats {
	__u32 size;
	__u32 flags;
	__u64 leaves_4k;
	__u64 leaves_2m;
	__u64 leaves_1g;
	__u64 tables;
	__u64 tables_max;
	__u64 trims;
	__u64 flushes;
	__u64 flush_waits;
	__u64 flushes_saved;
	__u64 reserved[4];
};

#define VMM_MEM_STATS		_IOWR(VMM_IOC, 0x18, struct vmm_mem_stats)

#endif /* _UAPI_VMM_MEMORY_H */
