/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR BSD-2-Clause */
/*
 * eventfds tied to interrupts and to guest writes: what vhost, VFIO and device
 * threads need to work without the vCPU's thread. Calls on a VM fd.
 */
#ifndef _UAPI_VMM_EVENTFD_H
#define _UAPI_VMM_EVENTFD_H

#include "base.h"

/*
 * VMM_IRQFD: each signal of eventfd @fd becomes an interrupt. Signals not yet
 * seen when the call is made count as one.
 *
 * Without VMM_IRQFD_RESAMPLE a signal is a pulse of the pin, or the message.
 * With it (not for MSI) the line goes up and stays up until the guest ends the
 * interrupt at the I/O APIC or the 8259 pair; then it goes down and
 * @resample_fd is signalled, whereupon a device that still wants service
 * signals @fd again. All resampling irqfds of a pin share one assert, and all
 * are told. A guest that uses the pin as an edge never ends it.
 *
 * VMM_IRQFD_REMOVE: by @fd, all else is zero. Nothing is injected after the
 * call; signals stay in the eventfd, so removing and adding again with another
 * message loses none. An eventfd closed by all removes itself.
 *
 * @kind	VMM_IRQFD_*
 * @pin		IOAPIC: pin; ISA: 8259 pin 0..15 but 2; MSI: 0
 * @ioapic_pin	ISA: the I/O APIC pin wired to it or VMM_NO_PIN; else 0
 * @msi_gpa, @msi_data	MSI: the message, as for VMM_LAPIC_MSI; else 0
 *
 * -EBADF, -EINVAL @fd or @resample_fd is no eventfd; -EEXIST @fd is in use in
 * this VM; -ENOENT nothing to remove; -ENOSPC more than VMM_IRQFDS_MAX.
 */
#define VMM_IRQFD_REMOVE	(1U << 0)
#define VMM_IRQFD_RESAMPLE	(1U << 1)

#define VMM_IRQFD_IOAPIC	0
#define VMM_IRQFD_ISA		1
#define VMM_IRQFD_MSI		2

#define VMM_IRQFDS_MAX		1024

struct vmm_irqfd {
	__u32 size;
	__u32 flags;
	__s32 fd;
	__s32 resample_fd;	/* 0 without VMM_IRQFD_RESAMPLE */
	__u32 kind;
	__u32 pin;
	__u32 ioapic_pin;
	__u32 msi_data;
	__u64 msi_gpa;
	__u64 reserved[2];
};

/*
 * VMM_IOEVENTFD: a guest's write signals eventfd @fd, and the vCPU runs on; no
 * exit is reported and the value written is lost. Devices in the kernel and
 * memory come first; OUTS is reported as without.
 *
 * VMM_IOEVENTFD_REMOVE: by all but @fd, which is not looked at.
 *
 * @gpa		guest-physical address, or port with VMM_IOEVENTFD_PORT
 * @len		1, 2, 4, 8 (a port: not 8): writes of this size; 0: of any
 * @data	with VMM_IOEVENTFD_MATCH: only this value; it must fit @len,
 *		which must not be 0
 *
 * -EBADF, -EINVAL @fd is no eventfd; -EEXIST a write could belong to this one
 * and to another of the same address and size; -ENOENT nothing to remove;
 * -ENOSPC more than VMM_IOEVENTFDS_MAX of ports or of addresses.
 */
#define VMM_IOEVENTFD_REMOVE	(1U << 0)
#define VMM_IOEVENTFD_PORT	(1U << 1)
#define VMM_IOEVENTFD_MATCH	(1U << 2)

#define VMM_IOEVENTFDS_MAX	256

struct vmm_ioeventfd {
	__u32 size;
	__u32 flags;
	__s32 fd;
	__u32 len;
	__u64 gpa;
	__u64 data;
	__u64 reserved[2];
};

#define VMM_IRQFD		_IOW(VMM_IOC, 0x37, struct vmm_irqfd)
#define VMM_IOEVENTFD		_IOW(VMM_IOC, 0x38, struct vmm_ioeventfd)

#endif /* _UAPI_VMM_EVENTFD_H */
