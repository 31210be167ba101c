/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR BSD-2-Clause */
/*
 * What a VM's processors are: CPUID, and which MSRs userspace answers.
 */
#ifndef _UAPI_VMM_POLICY_H
#define _UAPI_VMM_POLICY_H

#include "base.h"

/*
 * VMM_GET_CPUID, VMM_SET_CPUID (VM fd): the table that CPUID answers from. A
 * new VM has the widest one: the host's features as far as the module carries
 * them. GET it, take things out, SET it.
 *
 * GET: @count in: room in @entry, out: entries there are; -E2BIG if more.
 * SET: replaces the whole table, before the first vCPU is created (-EBUSY).
 * -EINVAL malformed: no leaf 0 or 1, a leaf above the maximum of its range, two
 * entries for one question, a basic leaf 0BH or 1FH. -EOPNOTSUPP a feature, a
 * control or a state component that the VM's first table has not. Whatever the
 * reason, the old table stays.
 *
 * An entry without VMM_CPUID_SUBLEAF answers for every ECX. Left to the module,
 * whatever the table says: the initial APIC id and the number of processors
 * (leaves 1, 4, 0BH, 1FH), OSXSAVE and OSPKE, and the sizes in leaf 0DH.
 *
 * @threads	per core, @cores per package, as powers of two; 0: 1 thread, and
 *		all cores in one package. A vCPU's id is its APIC id.
 */
#define VMM_CPUID_MAX		96
#define VMM_CPUID_SUBLEAF	(1U << 0)	/* flags: @subleaf is compared with ECX */

struct vmm_cpuid_entry {
	__u32 leaf;
	__u32 subleaf;
	__u32 flags;
	__u32 eax;
	__u32 ebx;
	__u32 ecx;
	__u32 edx;
	__u32 pad;
};

struct vmm_cpuid {
	__u32 size;
	__u32 flags;
	__u32 count;
	__u32 threads;
	__u32 cores;
	__u32 pad;
	__u64 reserved;
	struct vmm_cpuid_entry entry[VMM_CPUID_MAX];
};

#define VMM_SET_CPUID		_IOW(VMM_IOC, 0x80, struct vmm_cpuid)
#define VMM_GET_CPUID		_IOWR(VMM_IOC, 0x81, struct vmm_cpuid)

/*
 * VMM_SET_MSR_FILTER (VM fd): accesses that end in VMM_EXIT_RDMSR or WRMSR
 * whatever the module would do with them. Before the first vCPU is created
 * (-EBUSY). -EINVAL ranges that are empty, unsorted or overlap, or hold an MSR
 * that the processor must load by itself: EFER, and x2APIC registers.
 *
 * Without it an MSR that the module does not know is #GP(0). With the flag
 * VMM_MSR_UNKNOWN it exits, too.
 */
#define VMM_MSR_UNKNOWN		(1U << 0)	/* flags */
#define VMM_MSR_READ		(1U << 0)	/* access */
#define VMM_MSR_WRITE		(1U << 1)
#define VMM_MSR_RANGES		32

struct vmm_msr_range {
	__u32 first;
	__u32 last;		/* inclusive */
	__u32 access;		/* VMM_MSR_READ, VMM_MSR_WRITE */
	__u32 pad;
};

struct vmm_msr_filter {
	__u32 size;
	__u32 flags;
	__u32 count;
	__u32 pad;
	__u64 reserved;
	struct vmm_msr_range range[VMM_MSR_RANGES];
};

#define VMM_SET_MSR_FILTER	_IOW(VMM_IOC, 0x82, struct vmm_msr_filter)

#endif /* _UAPI_VMM_POLICY_H */
