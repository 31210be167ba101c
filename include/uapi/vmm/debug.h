/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR BSD-2-Clause */
/*
 * Debug events of a guest, for a debugger in userspace.
 */
#ifndef _UAPI_VMM_DEBUG_H
#define _UAPI_VMM_DEBUG_H

#include "base.h"

/*
 * VMM_SET_DEBUG (vCPU fd): which debug events end in VMM_EXIT_DEBUG instead of
 * the guest. In force until the next call; the guest sees none of it.
 *
 * @control	VMM_DEBUG_*:
 *	STEP	an exit after each instruction, and after each delivery of an
 *		event, with RIP at what comes next
 *	BREAKPOINT an exit at INT3, with RIP at it and its length in the exit.
 *		If it is the guest's own, hand it on by VMM_REGS_EVENT: intinfo
 *		80000603h in exit_intinfo, the length in event_length
 *	HARDWARE @dr and @dr7 are in force, and not the guest's own, which it
 *		goes on reading and writing. At an instruction breakpoint RIP is
 *		at the instruction: set RFLAGS.RF to go on
 *	HOLD	interrupts and NMIs wait, so that a step is one in the program
 * @dr, @dr7	as the registers (SDM "Debug Registers"), for HARDWARE; else 0
 *
 * A processor without VMM_CAP_MTF steps by RFLAGS.TF, which PUSHF shows to the
 * guest, and steps over INT n and SYSCALL, not into them.
 *
 * -EINVAL unknown control, reserved or GD bit in @dr7.
 */
#define VMM_DEBUG_STEP		(1U << 0)
#define VMM_DEBUG_BREAKPOINT	(1U << 1)
#define VMM_DEBUG_HARDWARE	(1U << 2)
#define VMM_DEBUG_HOLD		(1U << 3)
#define VMM_DEBUG_ALL		0xfU

struct vmm_debug {
	__u32 size;
	__u32 flags;
	__u32 control;
	__u32 pad;
	__u64 dr[4];
	__u64 dr7;
	__u64 reserved[2];
};

#define VMM_SET_DEBUG		_IOW(VMM_IOC, 0x25, struct vmm_debug)

#endif /* _UAPI_VMM_DEBUG_H */
