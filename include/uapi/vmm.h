/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR BSD-2-Clause */
/*
 * The interface between vmm.ko and userspace: the only thing both share.
 *
 * Objects. /dev/vmmctl is the control node. VMM_VM_CREATE on it returns a VM
 * fd, VMM_VCPU_CREATE on that a vCPU fd. Both are anonymous inodes: a VM lives
 * until its last fd, its last vCPU fd and the last mapping of a run page are
 * gone, however that comes about.
 * A VM belongs to the address space that created it; memory ioctls and VMM_RUN
 * from another address space return -EIO.
 *
 * Extensible structures. Every ioctl argument begins with __u32 size (filled
 * in by the caller with sizeof) and __u32 flags. A kernel that knows a longer
 * structure reads the missing tail as zero; a kernel that knows a shorter one
 * accepts the longer only while the tail is zero (else -E2BIG), and leaves the
 * tail of an answer untouched. A size below that of ABI version 1, an unknown
 * flag or a non-zero padding byte is -EINVAL.
 *
 * Numbers. Ioctls are matched by type and number; the number ranges are
 *	0x00-0x0f  control node		0x10-0x1f  guest memory
 *	0x20-0x2f  vCPU registers	0x30-0x3f  interrupts
 *	0x40-0x4f  run control		0x50-0x5f  statistics
 *	0x60-0x6f  kernel devices
 *
 * Errors common to all. -ENOTTY unknown number or wrong kind of fd; -EFAULT
 * bad pointer; -EINTR a signal arrived while waiting; -ENOMEM.
 *
 * Fields are little-endian and laid out alike for 32- and 64-bit callers.
 * Time is in nanoseconds of VM time unless a name says otherwise.
 */
#ifndef _UAPI_VMM_H
#define _UAPI_VMM_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define VMM_ABI_VERSION		1
#define VMM_DEVICE		"/dev/vmmctl"
#define VMM_IOC			0xbf

#define VMM_MAX_VCPUS		64	/* per VM; vCPU ids are 0..63 */
#define VMM_MAX_MEMSEGS		64	/* per VM */
#define VMM_NAME_MAX		32	/* without the final NUL */
#define VMM_IOAPIC_PINS		32

/* --- control node ------------------------------------------------------- */

/*
 * VMM_GET_INFO: what this module and this machine offer. Always the first
 * call; needs only an open control node.
 *
 * @abi_version	VMM_ABI_VERSION of the module
 * @caps	VMM_CAP_*: what the processor has and parameters left on
 * @mitigations	VMM_MITIG_*: measures taken around each VM entry and exit
 * @refusal	VMM_REFUSAL_*: why VMM_VM_CREATE would fail now, or last did
 * @refusal_cpu	processor that gave rise to @refusal
 * @tsc_khz	host TSC frequency, kHz
 * @vms, @vcpus	objects alive in the module
 * @version	module version, NUL-terminated
 */
struct vmm_info {
	__u32 size;
	__u32 flags;
	__u32 abi_version;
	__u32 max_vcpus;
	__u64 caps;
	__u64 mitigations;
	__u32 refusal;
	__u32 refusal_cpu;
	__u32 tsc_khz;
	__u32 ioapic_pins;
	__u32 run_size;
	__u32 vms;
	__u32 vcpus;
	__u32 pad;
	char  version[32];
	__u64 reserved[4];
};

#define VMM_CAP_EPT		(1ULL << 0)	/* always set */
#define VMM_CAP_UNRESTRICTED	(1ULL << 1)	/* always set */
#define VMM_CAP_EPT_AD		(1ULL << 2)
#define VMM_CAP_EPT_2M		(1ULL << 3)
#define VMM_CAP_EPT_1G		(1ULL << 4)
#define VMM_CAP_EPT_EXEC_ONLY	(1ULL << 5)
#define VMM_CAP_VPID		(1ULL << 6)
#define VMM_CAP_MTF		(1ULL << 7)
#define VMM_CAP_TPR_SHADOW	(1ULL << 8)
#define VMM_CAP_APIC_REG_VIRT	(1ULL << 9)
#define VMM_CAP_VID		(1ULL << 10)
#define VMM_CAP_PML		(1ULL << 11)
#define VMM_CAP_TSC_SCALING	(1ULL << 12)
#define VMM_CAP_PAUSE_LOOP	(1ULL << 13)
#define VMM_CAP_PREEMPT_TIMER	(1ULL << 14)
#define VMM_CAP_XSAVE		(1ULL << 15)
#define VMM_CAP_INVPCID		(1ULL << 16)
#define VMM_CAP_RDTSCP		(1ULL << 17)

#define VMM_MITIG_L1D_FLUSH	(1ULL << 0)	/* L1TF */
#define VMM_MITIG_VERW		(1ULL << 1)	/* MDS, TAA, RFDS, MMIO stale data */
#define VMM_MITIG_SPEC_CTRL	(1ULL << 2)	/* host value restored after exit */
#define VMM_MITIG_RSB_FILL	(1ULL << 3)
#define VMM_MITIG_BHB_CLEAR	(1ULL << 4)
#define VMM_MITIG_IBPB		(1ULL << 5)	/* when a CPU changes VM */
#define VMM_MITIG_IBPB_USER	(1ULL << 6)	/* VMSCAPE: before return to user */
#define VMM_MITIG_GPR_CLEAR	(1ULL << 7)
#define VMM_MITIG_ITLB		(1ULL << 8)	/* no executable huge EPT leaf */
#define VMM_MITIG_SMT_EXPOSED	(1ULL << 63)	/* warning: SMT on, L1TF/MDS present */

#define VMM_REFUSAL_NONE	0
#define VMM_REFUSAL_VMX_HELD	1	/* CR4.VMXE set by KVM or another hypervisor */
#define VMM_REFUSAL_VMXON	2	/* VMXON failed on @refusal_cpu */
#define VMM_REFUSAL_NO_CONTROL	3	/* a CPU lacks a control the first one has */
#define VMM_REFUSAL_GOING_DOWN	4	/* machine is rebooting */

/*
 * VMM_VM_CREATE: returns a VM fd (O_CLOEXEC).
 *
 * @abi_version	what the caller was built for; any other is -EPROTO
 * @name	empty, or a public name [A-Za-z0-9_-]{1,32}
 *
 * -EBUSY VMX is held by another hypervisor (VMM_GET_INFO says why);
 * -EEXIST name taken; -EUSERS too many VMs for this user.
 */
struct vmm_vm_create {
	__u32 size;
	__u32 flags;
	__u32 abi_version;
	__u32 pad;
	char  name[40];
	__u64 reserved[4];
};

/*
 * VMM_VM_LIST: describes the VM with the smallest @id above the one given
 * (0 to begin), as far as the caller may see it; -ENOENT after the last.
 *
 * @age_ns	time since creation
 */
struct vmm_vm_list {
	__u32 size;
	__u32 flags;
	__u32 id;
	__u32 owner_pid;
	__u32 owner_uid;
	__u32 vcpus;
	__u64 memory;
	__u64 age_ns;
	char  name[40];
	__u64 reserved[4];
};

#define VMM_GET_INFO		_IOWR(VMM_IOC, 0x00, struct vmm_info)
#define VMM_VM_CREATE		_IOW(VMM_IOC, 0x01, struct vmm_vm_create)
#define VMM_VM_LIST		_IOWR(VMM_IOC, 0x02, struct vmm_vm_list)

/* --- guest memory (VM fd) ----------------------------------------------- */

#define VMM_PROT_READ		(1U << 0)
#define VMM_PROT_WRITE		(1U << 1)
#define VMM_PROT_EXEC		(1U << 2)

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
 * -ENOENT after the last.
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

#define VMM_MEMSEG_ADD		_IOW(VMM_IOC, 0x10, struct vmm_memseg)
#define VMM_MEMSEG_REMOVE	_IOW(VMM_IOC, 0x11, struct vmm_memseg)
#define VMM_MEMSEG_NEXT		_IOWR(VMM_IOC, 0x12, struct vmm_memseg)

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

/* --- vCPU creation and registers ---------------------------------------- */

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
	__u64 entry_intinfo;	/* exception queued for the next entry */
	__u32 nmi_pending;
	__u32 pad;
};

/*
 * VMM_GET_REGS, VMM_SET_REGS (vCPU fd): @groups of the register block, now.
 * Wait for the vCPU to leave VMM_RUN; use the run page from the vCPU's own
 * thread instead. They work on a suspended VM too. SET is all or nothing: -EINVAL names nothing but leaves
 * every register as it was.
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

/* --- interrupts --------------------------------------------------------- */

/*
 * VMM_INJECT_EXCEPTION (vCPU fd): queue a hardware exception.
 * -EINVAL vector > 31, #DF, NMI or BP/OF; -EBUSY one is queued already.
 */
#define VMM_EXCEPTION_ERROR	(1U << 0)	/* flags: error_code is valid */
#define VMM_EXCEPTION_TRAP	(1U << 1)	/* flags: do not restart instruction */

struct vmm_exception {
	__u32 size;
	__u32 flags;
	__u32 vector;
	__u32 error_code;
	__u64 cr2;		/* for #PF, else 0 */
	__u64 reserved;
};

#define VMM_INJECT_EXCEPTION	_IOW(VMM_IOC, 0x30, struct vmm_exception)

/* Arguments with no payload of their own. */
struct vmm_simple {
	__u32 size;
	__u32 flags;
	__u64 reserved;
};

#define VMM_INJECT_NMI		_IOW(VMM_IOC, 0x31, struct vmm_simple)

/*
 * VMM_ISA_IRQ, VMM_IOAPIC_IRQ (VM fd): drive a line. Lines count asserts of
 * several sources. A pulse is an assert and a deassert with nothing between.
 * ISA: @pin is the 8259 pin 0..15; @ioapic_pin the I/O APIC pin wired to it,
 * or VMM_NO_PIN. IOAPIC: @pin is 0..VMM_IOAPIC_PINS-1, @ioapic_pin is 0.
 */
#define VMM_IRQ_DEASSERT	0
#define VMM_IRQ_ASSERT		1
#define VMM_IRQ_PULSE		2
#define VMM_NO_PIN		0xffffffffU

struct vmm_irq {
	__u32 size;
	__u32 flags;
	__u32 pin;
	__u32 ioapic_pin;
	__u32 op;		/* VMM_IRQ_* */
	__u32 pad;
	__u64 reserved;
};

#define VMM_IOAPIC_IRQ		_IOW(VMM_IOC, 0x32, struct vmm_irq)
#define VMM_ISA_IRQ		_IOW(VMM_IOC, 0x33, struct vmm_irq)

/* VMM_ISA_SET_IRQ_TRIGGER (VM fd): ELCR bit of an 8259 pin; 0,1,2,8,13 edge only. */
#define VMM_TRIGGER_EDGE	0
#define VMM_TRIGGER_LEVEL	1

struct vmm_isa_trigger {
	__u32 size;
	__u32 flags;
	__u32 pin;
	__u32 trigger;
	__u64 reserved;
};

#define VMM_ISA_SET_IRQ_TRIGGER	_IOW(VMM_IOC, 0x34, struct vmm_isa_trigger)

/* VMM_LAPIC_MSI (VM fd): a message as a PCI device would write it. */
struct vmm_msi {
	__u32 size;
	__u32 flags;
	__u64 msi_gpa;		/* 0xfeexxxxx, else -EINVAL */
	__u32 data;
	__u32 pad;
	__u64 reserved;
};

#define VMM_LAPIC_MSI		_IOW(VMM_IOC, 0x35, struct vmm_msi)

/* VMM_LAPIC_LOCAL_IRQ (VM fd): fire LVT entry @lvt of one or all vCPUs. */
#define VMM_LVT_TIMER		0
#define VMM_LVT_THERMAL		1
#define VMM_LVT_PERF		2
#define VMM_LVT_LINT0		3
#define VMM_LVT_LINT1		4
#define VMM_LVT_ERROR		5
#define VMM_LVT_CMCI		6
#define VMM_VCPU_ALL		0xffffffffU

struct vmm_local_irq {
	__u32 size;
	__u32 flags;
	__u32 vcpu;		/* id or VMM_VCPU_ALL */
	__u32 lvt;
	__u64 reserved;
};

#define VMM_LAPIC_LOCAL_IRQ	_IOW(VMM_IOC, 0x36, struct vmm_local_irq)

/* --- run control -------------------------------------------------------- */

#define VMM_ACTIVATE_CPU	_IOW(VMM_IOC, 0x40, struct vmm_simple)	/* vCPU fd */

/*
 * VMM_RUN (vCPU fd, argument 0): run until an exit that userspace must see.
 * Returns 0 with vmm_run filled in; VMM_EXIT_NONE may come at any time and
 * means: call it again. -EINTR: a signal is pending or
 * immediate_exit was set; the page then reports VMM_EXIT_NONE. -EINVAL: vCPU
 * not activated, bad content of a dirty register group. -EBUSY: another
 * thread is in VMM_RUN on this vCPU. -EIO: other address space.
 */
#define VMM_RUN			_IO(VMM_IOC, 0x41)

/*
 * VMM_SUSPEND (VM fd): stop the VM. From any context; every active vCPU leaves
 * VMM_RUN with VMM_EXIT_SUSPENDED once all have stopped. -EALREADY: a suspend
 * is in force.
 */
#define VMM_SUSPEND_NONE	0
#define VMM_SUSPEND_RESET	1
#define VMM_SUSPEND_POWEROFF	2
#define VMM_SUSPEND_HALT	3
#define VMM_SUSPEND_TRIPLEFAULT	4

struct vmm_suspend {
	__u32 size;
	__u32 flags;
	__u32 how;
	__u32 pad;
	__u64 reserved;
};

#define VMM_SUSPEND		_IOW(VMM_IOC, 0x42, struct vmm_suspend)

/* VMM_GET_CPUS (VM fd): bit n = vCPU n. */
#define VMM_CPUS_ACTIVE		0
#define VMM_CPUS_SUSPENDED	1
#define VMM_CPUS_HALTED		2

struct vmm_cpus {
	__u32 size;
	__u32 flags;
	__u32 which;
	__u32 pad;
	__u64 mask;
	__u64 reserved;
};

#define VMM_GET_CPUS		_IOWR(VMM_IOC, 0x43, struct vmm_cpus)

/* --- statistics --------------------------------------------------------- */

/*
 * VMM_GET_STATS (vCPU fd): counters from index @first on.
 * @count	in: room in @value; out: filled, 0 past the end
 * VMM_STAT_NAME (control node): name of counter @index; -ENOENT past the end.
 */
#define VMM_STATS_MAX		64

struct vmm_stats {
	__u32 size;
	__u32 flags;
	__u32 first;
	__u32 count;
	__u64 value[VMM_STATS_MAX];
};

struct vmm_stat_name {
	__u32 size;
	__u32 flags;
	__u32 index;
	__u32 pad;
	char  name[48];
};

#define VMM_GET_STATS		_IOWR(VMM_IOC, 0x50, struct vmm_stats)
#define VMM_STAT_NAME		_IOWR(VMM_IOC, 0x51, struct vmm_stat_name)

/* --- kernel devices (VM fd) --------------------------------------------- */

/* VMM_RTC_SET_TIME, GET: seconds since 1970 that the guest's clock shows. */
struct vmm_rtc_time {
	__u32 size;
	__u32 flags;
	__s64 seconds;
	__u64 reserved;
};

/* VMM_RTC_NVRAM_WRITE, READ: one byte at @offset 14..127. */
struct vmm_rtc_nvram {
	__u32 size;
	__u32 flags;
	__u32 offset;
	__u32 value;
	__u64 reserved;
};

/* VMM_PMTMR_LOCATE: I/O port of the ACPI PM timer, 4-aligned; 0 removes it. */
struct vmm_pmtmr {
	__u32 size;
	__u32 flags;
	__u32 port;
	__u32 pad;
	__u64 reserved;
};

#define VMM_RTC_SET_TIME	_IOW(VMM_IOC, 0x60, struct vmm_rtc_time)
#define VMM_RTC_GET_TIME	_IOWR(VMM_IOC, 0x61, struct vmm_rtc_time)
#define VMM_RTC_NVRAM_WRITE	_IOW(VMM_IOC, 0x62, struct vmm_rtc_nvram)
#define VMM_RTC_NVRAM_READ	_IOWR(VMM_IOC, 0x63, struct vmm_rtc_nvram)
#define VMM_PMTMR_LOCATE	_IOW(VMM_IOC, 0x64, struct vmm_pmtmr)

/* --- the run page ------------------------------------------------------- */

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
		__u8 bytes[256];
	};
	struct vmm_regs regs;
	__u8 data[VMM_RUN_DATA_MAX];
};

#endif /* _UAPI_VMM_H */
