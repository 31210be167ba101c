/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR BSD-2-Clause */
/*
 * The run page: how exits reach userspace, and how they are answered.
 */
#ifndef _UAPI_VMM_RUN_H
#define _UAPI_VMM_RUN_H

#include "protect.h"
#include "vcpu.h"

#define VMM_EXIT_NONE		0	/* nothing to do: run again */
#define VMM_EXIT_IO		1
#define VMM_EXIT_MMIO		2
#define VMM_EXIT_RDMSR		3
#define VMM_EXIT_WRMSR		4
#define VMM_EXIT_SUSPENDED	5
#define VMM_EXIT_ENTRY_FAILED	6	/* VM entry failed; the guest did not run */
#define VMM_EXIT_EMULATION	7	/* instruction beyond the emulator */
#define VMM_EXIT_MEMORY		8	/* host refused the page: SIGBUS, SIGSEGV */
#define VMM_EXIT_VMX		9	/* VM exit nobody claims */
#define VMM_EXIT_DEBUG		10	/* an event that VMM_SET_DEBUG asked for */
#define VMM_EXIT_PROTECT	11	/* VMM_PROTECT forbids the access: protect.h */

/*
 * IO: the guest reads or writes @count items of @size bytes at @port; they
 * lie in vmm_run.data. For a read, fill vmm_run.data before the next VMM_RUN;
 * all-ones is what an empty bus answers.
 */
struct vmm_exit_io {
	__u16 port;
	__u8  size;		/* 1, 2, 4 */
	__u8  in;		/* 1: guest reads */
	__u32 count;		/* 1, more for REP INS/OUTS */
};

/*
 * MMIO: @size bytes at @gpa, in vmm_run.data; as for IO. An access over a page
 * border comes as two, of any size that leaves.
 */
struct vmm_exit_mmio {
	__u64 gpa;
	__u32 size;		/* 1 to 32 */
	__u32 write;
};

/* RDMSR: set @value or @fault. WRMSR: set @fault or leave it. */
struct vmm_exit_msr {
	__u32 index;
	__u32 fault;		/* 1: inject #GP(0) */
	__u64 value;
};

struct vmm_exit_suspended {
	__u32 how;		/* VMM_SUSPEND_* */
	__u32 vcpu;		/* who asked; VMM_VCPU_ALL: an ioctl */
};

/*
 * ENTRY_FAILED, VMX. @rule: text of the guest-state rule broken, or empty.
 * @instruction_error: VM-instruction error if VMLAUNCH itself failed, else 0.
 */
struct vmm_exit_vmx {
	__u32 reason;		/* whole exit-reason field */
	__u32 instruction_error;
	__u64 qualification;
	__u64 gpa;
	__u64 gla;
	__u32 intr_info;
	__u32 intr_error;
	char  rule[192];
};

struct vmm_exit_emulation {
	__u64 gpa;
	__u64 gla;
	__u8  inst[15];
	__u8  inst_len;		/* bytes valid in @inst */
};

struct vmm_exit_memory {
	__u64 gpa;
	__u64 hva;
	__u32 access;		/* VMM_PROT_* attempted */
	__s32 error;		/* negative errno of the host's fault */
};

/*
 * DEBUG: one or more of VMM_DEBUG_STEP, BREAKPOINT, HARDWARE. @dr6: bits 3:0 say
 * which of the hardware breakpoints.
 */
struct vmm_exit_debug {
	__u32 cause;
	__u32 length;		/* BREAKPOINT: of the INT3 at RIP */
	__u64 dr6;
};

#define VMM_RUN_SIZE		4096
#define VMM_RUN_DATA_MAX	1024

/*
 * Shared with the vCPU's thread. The kernel reads it at the start of VMM_RUN
 * and writes it at the end, and trusts nothing in it.
 *
 * @immediate_exit	userspace: return -EINTR before entering the guest;
 *			a signal handler may set it at any moment
 * @regs_want		userspace: groups to fill in at every exit; the GPR
 *			group is always filled in
 * @regs_valid		kernel: groups of @regs that are filled in
 * @regs_dirty		userspace: groups to load at the next VMM_RUN, cleared
 *			by it. A pending IO, MMIO or MSR exit is finished
 *			first: RIP then already points behind the instruction.
 */
struct vmm_run {
	__u32 immediate_exit;
	__u32 regs_want;
	__u32 regs_dirty;
	__u32 regs_valid;

	__u32 exit;		/* VMM_EXIT_* */
	__u32 inst_length;	/* of the instruction that exited, 0 if n/a */
	__u64 exit_pad;
	union {
		struct vmm_exit_io io;
		struct vmm_exit_mmio mmio;
		struct vmm_exit_msr msr;
		struct vmm_exit_suspended suspended;
		struct vmm_exit_vmx vmx;
		struct vmm_exit_emulation emulation;
		struct vmm_exit_memory memory;
		struct vmm_exit_debug debug;
		struct vmm_exit_protect protect;
		__u8 bytes[256];
	};
	struct vmm_regs regs;
	__u8 data[VMM_RUN_DATA_MAX];
};

#endif /* _UAPI_VMM_RUN_H */
