/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR BSD-2-Clause */
/*
 * Device memory: named memory that the kernel owns, such as a boot ROM or a
 * frame buffer. Calls on a VM fd, by the owner (-EIO).
 *
 * A devmem is created once, reads as zero, and is then mapped into the guest,
 * unmapped, and mapped elsewhere, as often as wanted and while vCPUs run. The
 * fd of VMM_DEVMEM_CREATE, and for a named VM the node
 * /dev/vmm/<vm>.<name> (mode 0600, the owner's), can be mapped by processes with
 * mmap(MAP_SHARED): all see the same memory, wherever the guest sees it or if
 * at all. It can be neither truncated nor swapped out. The node goes with the
 * VM, the memory with its last fd and mapping.
 */
#ifndef _UAPI_VMM_DEVMEM_H
#define _UAPI_VMM_DEVMEM_H

#include "base.h"

#define VMM_MAX_DEVMEMS		16		/* per VM */
#define VMM_DEVMEM_BYTES_MAX	(256ULL << 20)	/* of all devmems of a VM */

/* The guest may be given write and execute at the same time. */
#define VMM_DEVMEM_WX		(1U << 0)

/*
 * VMM_DEVMEM_CREATE: returns an fd (O_CLOEXEC).
 *
 * @flags	VMM_DEVMEM_WX or 0
 * @len		in bytes, a multiple of 4096
 * @name	[A-Za-z0-9_-]{1,32}
 *
 * -EINVAL name or length; -EEXIST name taken in this VM; -ENOSPC too many
 * devmems, or too many bytes in all of them.
 *
 * VMM_DEVMEM_DESTROY: the VM forgets @name, and its node vanishes. @len is 0.
 * -ENOENT unknown name; -EBUSY the guest has it mapped.
 *
 * VMM_DEVMEM_NEXT: the first devmem whose name sorts behind @name (by bytes;
 * empty to begin), with its @len and @flags; -ENOENT after the last. @len and
 * @flags given are ignored.
 */
struct vmm_devmem {
	__u32 size;
	__u32 flags;
	__u64 len;
	char  name[40];
	__u64 reserved[2];
};

/*
 * VMM_DEVMEM_MAP: the guest sees @len bytes of devmem @name from @offset on at
 * @gpa. One devmem may be mapped at several places. A write that @prot does
 * not allow is VMM_EXIT_MMIO, with the value.
 *
 * -ENOENT unknown name; -ENXIO [@offset, @offset + @len) is not inside it;
 * -EACCES W with X, and the devmem was created without VMM_DEVMEM_WX; else as
 * VMM_MEMSEG_ADD, with whose segments it shares table and limit.
 *
 * VMM_DEVMEM_UNMAP: @name, @gpa and @len name one mapping exactly (-ENOENT);
 * on return no vCPU can reach it. @offset and @prot are 0.
 */
struct vmm_devmem_map {
	__u32 size;
	__u32 flags;
	__u64 gpa;
	__u64 len;
	__u64 offset;
	__u32 prot;		/* VMM_PROT_* */
	__u32 pad;
	char  name[40];
	__u64 reserved[2];
};

#define VMM_DEVMEM_CREATE	_IOW(VMM_IOC, 0x70, struct vmm_devmem)
#define VMM_DEVMEM_DESTROY	_IOW(VMM_IOC, 0x71, struct vmm_devmem)
#define VMM_DEVMEM_NEXT		_IOWR(VMM_IOC, 0x72, struct vmm_devmem)
#define VMM_DEVMEM_MAP		_IOW(VMM_IOC, 0x73, struct vmm_devmem_map)
#define VMM_DEVMEM_UNMAP	_IOW(VMM_IOC, 0x74, struct vmm_devmem_map)

#endif /* _UAPI_VMM_DEVMEM_H */
