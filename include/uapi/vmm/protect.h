/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR BSD-2-Clause */
/*
 * Protection: what the guest may do with ranges of guest-physical addresses,
 * beyond what their segments say. Calls on a VM fd.
 *
 * Protections belong to addresses, not to segments, and touch no host mapping.
 * An access that one forbids is VMM_EXIT_PROTECT (run.h), also where the
 * module makes the access itself: for an instruction that it emulates, or in
 * walking the guest's page tables. A write that the segment does not allow is
 * a device access before it is a violation.
 *
 * With hardware accessed and dirty bits (VMM_CAP_EPT_AD) the processor's walks of
 * guest page tables count as writes to them (SDM "Accessed and Dirty Flags for
 * EPT").
 */
#ifndef _UAPI_VMM_PROTECT_H
#define _UAPI_VMM_PROTECT_H

#include "base.h"

#define VMM_MAX_PROTECTS	256	/* ranges per VM; neighbours that agree are one */

/*
 * VMM_PROTECT: from now on the guest may use [@gpa, @gpa + @len) for @prot
 * (VMM_PROT_*) at most; all three lift every restriction. Both are multiples
 * of 4096. On return no vCPU can do what was taken away. Legal while vCPUs run
 * and from any process that has the VM fd.
 *
 * -EINVAL alignment, wrap-around, zero length, W without R, or X without R if
 * the processor has no execute-only; -ERANGE beyond the guest-physical address
 * width; -ENOSPC more than VMM_MAX_PROTECTS ranges.
 *
 * VMM_PROTECT_NEXT: the first restricted range that ends above @gpa: @gpa, @len,
 * @prot; -ENOENT after the last. @len and @prot are 0 on the way in.
 */
struct vmm_protect {
	__u32 size;
	__u32 flags;
	__u64 gpa;
	__u64 len;
	__u32 prot;
	__u32 pad;
	__u64 reserved[2];
};

#define VMM_PROTECT		_IOW(VMM_IOC, 0x15, struct vmm_protect)
#define VMM_PROTECT_NEXT	_IOWR(VMM_IOC, 0x16, struct vmm_protect)

/*
 * VMM_EXIT_PROTECT: an access that a protection forbids; it has not happened, and
 * RIP is at its instruction.
 *
 * @gpa		address of the access
 * @gla		linear address, if @flags say so
 * @rip		of the instruction
 * @access	VMM_PROT_* attempted
 * @flags	VMM_PROTECT_*
 * @answer	for userspace, before the next VMM_RUN: VMM_PROTECT_ANSWER_*
 */
struct vmm_exit_protect {
	__u64 gpa;
	__u64 gla;
	__u64 rip;
	__u32 access;
	__u32 flags;
	__u32 answer;
	__u32 pad;
};

#define VMM_PROTECT_GLA		(1U << 0)	/* @gla is valid */
#define VMM_PROTECT_WALK	(1U << 1)	/* made by the walk that translates @gla */
#define VMM_PROTECT_EMULATED	(1U << 2)	/* made by the module for the guest */

/*
 * AGAIN: run the instruction; while nothing else has changed it exits again.
 * ONCE: the instruction gets through, this time, on this vCPU; no other vCPU
 * runs while it does. Each page that it is refused is an exit of its own; interrupts
 * wait until it is complete. ALLOW: @access is taken out of the restriction of
 * this page (W and X bring R along if they must); ONCE if VMM_MAX_PROTECTS is
 * reached. FAULT: #PF at @gla with CR2 and an error code that says present;
 * without @gla, #GP(0).
 */
#define VMM_PROTECT_ANSWER_AGAIN	0
#define VMM_PROTECT_ANSWER_ONCE		1
#define VMM_PROTECT_ANSWER_ALLOW	2
#define VMM_PROTECT_ANSWER_FAULT	3

#endif /* _UAPI_VMM_PROTECT_H */
