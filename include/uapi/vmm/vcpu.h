/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR BSD-2-Clause */
/*
 * vCPUs: creation, registers, and what a debugger asks.
 */
#ifndef _UAPI_VMM_VCPU_H
#define _UAPI_VMM_VCPU_H

#include "base.h"

/*
 * VMM_VCPU_CREATE (VM fd): returns a vCPU fd whose mmap(2) at offset 0,
 * VMM_RUN_SIZE bytes, MAP_SHARED, is the run page. Its APIC id is @id. It is in
 * the architectural reset state, vCPU 0 ready to run, all others waiting for SIPI.
 * It does not count for suspend quorum before VMM_ACTIVATE_CPU.
 * -EEXIST id in use; -EINVAL id out of range.
 */
struct vmm_vcpu_create {
	__u32 size;
	__u32 flags;
	__u32 id;
	__u32 pad;
	__u64 reserved[2];
};

#define VMM_VCPU_CREATE		_IOW(VMM_IOC, 0x20, struct vmm_vcpu_create)

/* Index into vmm_regs.gpr: the encoding order of ModRM and REX. */
#define VMM_REG_RAX	0
#define VMM_REG_RCX	1
#define VMM_REG_RDX	2
#define VMM_REG_RBX	3
#define VMM_REG_RSP	4
#define VMM_REG_RBP	5
#define VMM_REG_RSI	6
#define VMM_REG_RDI	7
#define VMM_REG_R8	8
#define VMM_REG_R15	15

/* Index into vmm_regs.seg: the encoding order of segment registers. */
#define VMM_SEG_ES	0
#define VMM_SEG_CS	1
#define VMM_SEG_SS	2
#define VMM_SEG_DS	3
#define VMM_SEG_FS	4
#define VMM_SEG_GS	5
#define VMM_SEG_LDTR	6
#define VMM_SEG_TR	7
#define VMM_SEG_COUNT	8

/* @access: VMX access-rights format (SDM "Guest Register State"). */
struct vmm_seg {
	__u64 base;
	__u32 limit;
	__u32 access;
	__u16 selector;
	__u16 pad[3];
};

#define VMM_SEG_ACC_TYPE	0x0000f
#define VMM_SEG_ACC_S		0x00010
#define VMM_SEG_ACC_DPL_SHIFT	5
#define VMM_SEG_ACC_P		0x00080
#define VMM_SEG_ACC_L		0x02000
#define VMM_SEG_ACC_DB		0x04000
#define VMM_SEG_ACC_G		0x08000
#define VMM_SEG_ACC_UNUSABLE	0x10000

/*
 * The register block. Group bits select parts of it in vmm_run.regs_want,
 * .regs_valid and .regs_dirty, and in VMM_GET_REGS / VMM_SET_REGS.
 */
#define VMM_REGS_GPR	(1U << 0)	/* gpr, rip, rflags */
#define VMM_REGS_SEG	(1U << 1)	/* seg, gdtr, idtr */
#define VMM_REGS_CR	(1U << 2)	/* cr0..cr8, efer, xcr0, pdpte */
#define VMM_REGS_DR	(1U << 3)
#define VMM_REGS_MSR	(1U << 4)	/* syscall, sysenter, pat, tsc ... */
#define VMM_REGS_EVENT	(1U << 5)	/* interruptibility, activity, pending */
#define VMM_REGS_ALL	0x3fU

#define VMM_ACTIVITY_RUNNING	0
#define VMM_ACTIVITY_HALTED	1
#define VMM_ACTIVITY_WAIT_SIPI	2

struct vmm_regs {
	__u64 gpr[16];
	__u64 rip;
	__u64 rflags;

	struct vmm_seg seg[VMM_SEG_COUNT];
	__u64 gdtr_base;
	__u64 idtr_base;
	__u32 gdtr_limit;
	__u32 idtr_limit;

	__u64 cr0;
	__u64 cr2;
	__u64 cr3;
	__u64 cr4;
	__u64 cr8;
	__u64 efer;
	__u64 xcr0;
	__u64 pdpte[4];		/* read-only: reloaded from CR3 when it matters */

	__u64 dr[4];
	__u64 dr6;
	__u64 dr7;

	__u64 star;
	__u64 lstar;
	__u64 cstar;
	__u64 sfmask;
	__u64 kernel_gs_base;
	__u64 sysenter_cs;
	__u64 sysenter_esp;
	__u64 sysenter_eip;
	__u64 pat;
	__u64 tsc;		/* guest TSC at the moment of the call */
	__u64 tsc_aux;
	__u64 apic_base;

	__u32 interruptibility;	/* VMCS format: bit 0 STI, 1 MOV-SS, 3 NMI */
	__u32 activity;		/* VMM_ACTIVITY_* */
	__u64 pending_debug;
	/* Both: VM-entry event information in 31:0, error code in 63:32; 0: none. */
	__u64 exit_intinfo;	/* event whose delivery the last exit cut short */
	__u64 entry_intinfo;	/* hardware exception queued for the next entry */
	__u32 nmi_pending;
	__u32 event_length;	/* of the instruction, if exit_intinfo is a software event */
};

/*
 * VMM_GET_REGS, VMM_SET_REGS (vCPU fd): @groups of the register block, now.
 * Wait for the vCPU to leave VMM_RUN; use the run page from the vCPU's own
 * thread instead. They work on a suspended VM too. SET is all or nothing:
 * -EINVAL names nothing but leaves every register as it was.
 */
struct vmm_vcpu_regs {
	__u32 size;
	__u32 flags;
	__u32 groups;
	__u32 pad;
	struct vmm_regs regs;
};

#define VMM_GET_REGS		_IOWR(VMM_IOC, 0x21, struct vmm_vcpu_regs)
#define VMM_SET_REGS		_IOW(VMM_IOC, 0x22, struct vmm_vcpu_regs)

/*
 * VMM_GET_VMCS (vCPU fd): one VMCS field by its encoding (SDM appendix "Field
 * Encoding in VMCS"); host-physical and host-state fields read as zero
 * without CAP_SYS_ADMIN. -EINVAL no such field on this processor.
 */
struct vmm_vmcs_field {
	__u32 size;
	__u32 flags;
	__u32 encoding;
	__u32 pad;
	__u64 value;
	__u64 reserved;
};

#define VMM_GET_VMCS		_IOWR(VMM_IOC, 0x23, struct vmm_vmcs_field)

/*
 * VMM_GET_EXITS (vCPU fd): the last exits, newest first.
 * @count	in: room in @rec; out: filled
 */
#define VMM_EXIT_LOG_MAX	32

struct vmm_exit_rec {
	__u32 reason;		/* VMX basic exit reason */
	__u32 pad;
	__u64 qualification;
	__u64 rip;
	__u64 tsc;
};

struct vmm_exit_log {
	__u32 size;
	__u32 flags;
	__u32 count;
	__u32 pad;
	struct vmm_exit_rec rec[VMM_EXIT_LOG_MAX];
};

#define VMM_GET_EXITS		_IOWR(VMM_IOC, 0x24, struct vmm_exit_log)

#endif /* _UAPI_VMM_VCPU_H */
