/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR BSD-2-Clause */
/*
 * Guest linear addresses.
 */
#ifndef _UAPI_VMM_GLA_H
#define _UAPI_VMM_GLA_H

#include "base.h"

/*
 * VMM_GLA2GPA (vCPU fd, owner's address space): walk the guest's page tables
 * as the vCPU would now, in whatever paging mode it is. Segmentation is the
 * caller's business.
 *
 * @access	VMM_GLA_*: what for. USER: as at CPL 3; IMPLICIT: as the processor
 *		reads descriptors, supervisor whatever the CPL is, SMAP in force
 * @gpa		of @gla; @page_size of the page it lies in (4096 without paging)
 * @fault	1: the access faults, with @vector, @error_code and @cr2; 0: the
 *		translation is good, and those are 0
 *
 * Nothing in the guest is changed, unless VMM_GLA_INJECT says that the access
 * is the guest's own: then accessed and dirty flags are set, and a fault is
 * queued as by VMM_INJECT_EXCEPTION (-EBUSY if one is queued already).
 *
 * A fault is no error. -EFAULT a table lies where the owner's memory cannot be
 * read; -EAGAIN tables kept changing under the walk.
 */
#define VMM_GLA_INJECT		(1U << 0)	/* flags */

#define VMM_GLA_READ		0U		/* access */
#define VMM_GLA_WRITE		(1U << 0)
#define VMM_GLA_EXEC		(1U << 1)
#define VMM_GLA_USER		(1U << 2)
#define VMM_GLA_IMPLICIT	(1U << 3)

struct vmm_gla {
	__u32 size;
	__u32 flags;
	__u64 gla;
	__u32 access;
	__u32 fault;
	__u64 gpa;
	__u64 page_size;
	__u32 vector;
	__u32 error_code;
	__u64 cr2;
	__u64 reserved[2];
};

#define VMM_GLA2GPA		_IOWR(VMM_IOC, 0x90, struct vmm_gla)

#endif /* _UAPI_VMM_GLA_H */
