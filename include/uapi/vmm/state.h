/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR BSD-2-Clause */
/*
 * A vCPU's state beyond the register block: MSRs, and the FPU with all that
 * XSAVE manages.
 */
#ifndef _UAPI_VMM_STATE_H
#define _UAPI_VMM_STATE_H

#include "base.h"

/*
 * VMM_GET_MSRS, VMM_SET_MSRS (vCPU fd): MSRs by number, as the guest sees them.
 *
 * @count	entries in @msr
 * GET with VMM_MSRS_ALL: @count is room; out come the MSRs that hold state of
 * this vCPU and are not in struct vmm_regs, in an order fit for SET. -E2BIG.
 *
 * SET is all or nothing. -ENOENT the guest has no such MSR, or it belongs to
 * struct vmm_regs or to a device; -EINVAL a value that the guest could not
 * write itself; -EPERM another value than a read-only MSR has.
 * TSC_ADJUST leaves the TSC as it is: they may be set in any order.
 */
#define VMM_MSRS_ALL		(1U << 0)	/* flags */
#define VMM_MSRS_MAX		128

struct vmm_msr {
	__u32 index;
	__u32 pad;
	__u64 value;
};

struct vmm_msrs {
	__u32 size;
	__u32 flags;
	__u32 count;
	__u32 pad;
	struct vmm_msr msr[VMM_MSRS_MAX];
};

#define VMM_GET_MSRS		_IOWR(VMM_IOC, 0x83, struct vmm_msrs)
#define VMM_SET_MSRS		_IOW(VMM_IOC, 0x84, struct vmm_msrs)

/*
 * VMM_GET_XSAVE, VMM_SET_XSAVE (vCPU fd): x87, SSE, AVX and AVX-512 state in
 * the standard form of XSAVE (SDM volume 1 "Standard Format of XSAVE Area"):
 * offsets are those of the host's CPUID leaf 0DH.
 *
 * @components	GET: the components of XCR0 that the area can hold; 3 where the
 *		host has no XSAVE. SET: the same or fewer: components not named,
 *		or not in the area's XSTATE_BV, take their initial state.
 * @area_size	GET: bytes of @area in use.
 * @pkru	protection key rights
 *
 * -EINVAL XSTATE_BV beyond @components, XCOMP_BV or reserved header bytes not
 * zero, a reserved bit in MXCSR; -EOPNOTSUPP components beyond GET's.
 */
#define VMM_XSAVE_AREA		3072

struct vmm_xsave {
	__u32 size;
	__u32 flags;
	__u32 area_size;
	__u32 pkru;
	__u64 components;
	__u64 reserved[13];
	__u8  area[VMM_XSAVE_AREA];
};

#define VMM_GET_XSAVE		_IOWR(VMM_IOC, 0x85, struct vmm_xsave)
#define VMM_SET_XSAVE		_IOW(VMM_IOC, 0x86, struct vmm_xsave)

#endif /* _UAPI_VMM_STATE_H */
