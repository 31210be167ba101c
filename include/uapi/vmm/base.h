/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR BSD-2-Clause */
/*
 * What the other headers of the interface share: version, limits, the empty
 * argument.
 */
#ifndef _UAPI_VMM_BASE_H
#define _UAPI_VMM_BASE_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define VMM_ABI_VERSION		1
#define VMM_DEVICE		"/dev/vmmctl"
#define VMM_IOC			0xbf

#define VMM_MAX_VCPUS		64	/* per VM; vCPU ids are 0..63 */
#define VMM_MAX_MEMSEGS		64	/* per VM */
#define VMM_NAME_MAX		32	/* without the final NUL */
#define VMM_IOAPIC_PINS		32

/* Arguments with no payload of their own. */
struct vmm_simple {
	__u32 size;
	__u32 flags;
	__u64 reserved;
};

#endif /* _UAPI_VMM_BASE_H */
