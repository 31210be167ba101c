/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Rows and handlers of the ioctl table.
 *
 * A handler gets the object behind the fd (NULL for the control node) and the
 * argument in kernel memory, with the row's lock held. It returns an errno, 0,
 * or a new fd; what it leaves in the argument is copied back on success if the
 * call's direction says so.
 */
#ifndef VMM_IOCTL_H
#define VMM_IOCTL_H

#include <linux/types.h>

enum vmm_ioctl_on { ON_CTL, ON_VM, ON_VCPU };

enum vmm_ioctl_lock {
	LOCK_NONE,
	LOCK_OWNER,	/* no lock, but the caller must be in the owner's mm */
	LOCK_VMM,	/* vmm_lock */
	LOCK_VM,	/* vm->lock */
	LOCK_VM_OWNER,	/* vm->lock, and the caller must be in the owner's mm */
	LOCK_VCPU,	/* vcpu->lock, after asking the vCPU out of VMM_RUN */
};

struct vmm_ioctl_row {
	unsigned int cmd;
	u32 size;
	u32 flags;
	enum vmm_ioctl_on on;
	enum vmm_ioctl_lock lock;
	long (*handler)(void *object, void *arg);
};

/* ioctl_vm.c */
long ioctl_get_info(void *object, void *arg);
long ioctl_vm_create(void *object, void *arg);
long ioctl_vm_list(void *object, void *arg);
long ioctl_stat_name(void *object, void *arg);
long ioctl_memseg_add(void *object, void *arg);
long ioctl_memseg_remove(void *object, void *arg);
long ioctl_memseg_next(void *object, void *arg);
long ioctl_memseg_move(void *object, void *arg);
long ioctl_ept_walk(void *object, void *arg);
long ioctl_mem_stats(void *object, void *arg);
long ioctl_vcpu_create(void *object, void *arg);
long ioctl_suspend(void *object, void *arg);
long ioctl_get_cpus(void *object, void *arg);

/* ioctl_vcpu.c */
long ioctl_get_regs(void *object, void *arg);
long ioctl_set_regs(void *object, void *arg);
long ioctl_get_vmcs(void *object, void *arg);
long ioctl_get_exits(void *object, void *arg);
long ioctl_get_stats(void *object, void *arg);
long ioctl_activate_cpu(void *object, void *arg);
long ioctl_inject_exception(void *object, void *arg);
long ioctl_inject_nmi(void *object, void *arg);

/* ioctl_mem.c */
long ioctl_protect(void *object, void *arg);
long ioctl_protect_next(void *object, void *arg);
long ioctl_dirty_start(void *object, void *arg);
long ioctl_dirty_stop(void *object, void *arg);
long ioctl_dirty_fetch(void *object, void *arg);
long ioctl_age_start(void *object, void *arg);
long ioctl_age_stop(void *object, void *arg);
long ioctl_age_fetch(void *object, void *arg);

/* ioctl_devmem.c */
long ioctl_devmem_create(void *object, void *arg);
long ioctl_devmem_destroy(void *object, void *arg);
long ioctl_devmem_next(void *object, void *arg);
long ioctl_devmem_map(void *object, void *arg);
long ioctl_devmem_unmap(void *object, void *arg);
/* exit_debug.c */
long ioctl_set_debug(void *object, void *arg);

/* guest_gla.c */
long ioctl_gla2gpa(void *object, void *arg);

/* vm_policy.c */
long ioctl_set_cpuid(void *object, void *arg);
long ioctl_get_cpuid(void *object, void *arg);
long ioctl_set_msr_filter(void *object, void *arg);

/* vcpu_state.c */
long ioctl_get_msrs(void *object, void *arg);
long ioctl_set_msrs(void *object, void *arg);
long ioctl_get_xsave(void *object, void *arg);
long ioctl_set_xsave(void *object, void *arg);

/* ioctl_irq.c */
long ioctl_ioapic_irq(void *object, void *arg);
long ioctl_isa_irq(void *object, void *arg);
long ioctl_isa_trigger(void *object, void *arg);
long ioctl_lapic_msi(void *object, void *arg);
long ioctl_local_irq(void *object, void *arg);
long ioctl_irqfd(void *object, void *arg);
long ioctl_ioeventfd(void *object, void *arg);
long ioctl_rtc_set_time(void *object, void *arg);
long ioctl_rtc_get_time(void *object, void *arg);
long ioctl_nvram_write(void *object, void *arg);
long ioctl_nvram_read(void *object, void *arg);
long ioctl_pmtmr_locate(void *object, void *arg);

/* ioctl_devstate.c */
long ioctl_clock(void *object, void *arg);
long ioctl_get_devstate(void *object, void *arg);
long ioctl_set_devstate(void *object, void *arg);
long ioctl_get_lapic(void *object, void *arg);
long ioctl_set_lapic(void *object, void *arg);
long ioctl_reinit(void *object, void *arg);
long ioctl_cpu_stop(void *object, void *arg);
long ioctl_cpu_go(void *object, void *arg);

#endif /* VMM_IOCTL_H */
