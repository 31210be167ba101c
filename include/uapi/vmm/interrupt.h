/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR BSD-2-Clause */
/*
 * Exceptions, interrupt lines and messages.
 */
#ifndef _UAPI_VMM_INTERRUPT_H
#define _UAPI_VMM_INTERRUPT_H

#include "base.h"

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

#endif /* _UAPI_VMM_INTERRUPT_H */
