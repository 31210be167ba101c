/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR BSD-2-Clause */
/*
 * The interface between vmm.ko and userspace: the only thing both share. This
 * file holds the rules and the control node; vmm/ holds a file per subject.
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
 *	0x60-0x6f  kernel devices	0x70-0x7f  devmem
 *	0x80-0x8f  CPUID, MSRs, state	0x90-0x9f  guest linear addresses
 *
 * Errors common to all. -ENOTTY unknown number or wrong kind of fd; -EFAULT
 * bad pointer; -EINTR a signal arrived while waiting; -ENOMEM.
 *
 * Fields are little-endian and laid out alike for 32- and 64-bit callers.
 * Time is in nanoseconds of VM time unless a name says otherwise.
 */
#ifndef _UAPI_VMM_H
#define _UAPI_VMM_H

#include "vmm/base.h"
#include "vmm/control.h"
#include "vmm/debug.h"
#include "vmm/device.h"
#include "vmm/devmem.h"
#include "vmm/devstate.h"
#include "vmm/eventfd.h"
#include "vmm/gla.h"
#include "vmm/interrupt.h"
#include "vmm/memlog.h"
#include "vmm/memory.h"
#include "vmm/policy.h"
#include "vmm/protect.h"
#include "vmm/run.h"
#include "vmm/state.h"
#include "vmm/vcpu.h"

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
 * @name	empty, or a public name [A-Za-z0-9_-]{1,32}; then the node
 *		/dev/vmm/<name> (mode 0600, the caller's) opens the same VM and
 *		goes with it
 *
 * VMM_VM_NO_APICV in @flags: local APICs without the processor's help, where
 * VMM_CAP_APIC_REG_VIRT and the module parameter apicv say that there is any. Guests see no difference.
 *
 * -EBUSY VMX is held by another hypervisor (VMM_GET_INFO says why);
 * -EEXIST name taken; -EUSERS too many VMs for this user.
 */
#define VMM_VM_NO_APICV		(1U << 0)

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

#endif /* _UAPI_VMM_H */
