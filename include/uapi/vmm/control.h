/* SPDX-License-Identifier: (GPL-2.0-only WITH Linux-syscall-note) OR BSD-2-Clause */
/*
 * Run control and statistics.
 */
#ifndef _UAPI_VMM_CONTROL_H
#define _UAPI_VMM_CONTROL_H

#include "base.h"

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

/*
 * VMM_REINIT (VM fd): reset in place after a suspend. vCPUs and kernel devices
 * are as after creation, but for the clock and the memory of the RTC; no vCPU is
 * active; guest memory, devmems and eventfds stay, devmems are mapped nowhere, lines
 * are down. -EBUSY: not every
 * active vCPU has taken part in a suspend, or the clock stands. -EINTR: partly
 * done, to be repeated.
 */
#define VMM_REINIT		_IOW(VMM_IOC, 0x46, struct vmm_simple)

/*
 * VMM_CPU_STOP (vCPU fd): when it returns the vCPU is out of the guest; VMM_RUN
 * finishes what userspace has answered and then waits. What is sent to the vCPU
 * is kept for later, but it takes part in a suspend. VMM_CPU_GO ends it; -EBUSY
 * VMM_CLOCK has stopped the clock. Both may be repeated.
 */
#define VMM_CPU_STOP		_IOW(VMM_IOC, 0x44, struct vmm_simple)
#define VMM_CPU_GO		_IOW(VMM_IOC, 0x45, struct vmm_simple)

/*
 * VMM_GET_CPUS (VM fd): bit n = vCPU n. HALTED: for good, unless an NMI, INIT or
 * SIPI comes. RUNNING: in the guest at this moment; SLEEPING: in VMM_RUN, with
 * nothing to do for the guest.
 */
#define VMM_CPUS_ACTIVE		0
#define VMM_CPUS_SUSPENDED	1
#define VMM_CPUS_HALTED		2
#define VMM_CPUS_STOPPED	3	/* by VMM_CPU_STOP */
#define VMM_CPUS_RUNNING	4
#define VMM_CPUS_SLEEPING	5

struct vmm_cpus {
	__u32 size;
	__u32 flags;
	__u32 which;
	__u32 pad;
	__u64 mask;
	__u64 reserved;
};

#define VMM_GET_CPUS		_IOWR(VMM_IOC, 0x43, struct vmm_cpus)

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

#endif /* _UAPI_VMM_CONTROL_H */
