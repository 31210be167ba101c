// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The ioctl table: one row per call, which is also the documentation of what
 * is locked when its handler runs. Handlers never lock.
 *
 * Arguments are copied by the size the caller states, with an unknown tail
 * that must be zero, into one kernel buffer of the row's size; flags outside
 * the row's mask are refused before the handler sees anything.
 */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "vmm.h"
#include "vmm_ioctl.h"

#define ROW(_cmd, _type, _on, _lock, _flags, _handler)				\
	[_IOC_NR(_cmd)] = {							\
		.cmd = _cmd, .size = sizeof(struct _type), .on = _on,		\
		.lock = _lock, .flags = _flags, .handler = _handler,		\
	}

static const struct vmm_ioctl_row table[] = {
	/*  call                    argument         fd       lock       flags */
	ROW(VMM_GET_INFO,           vmm_info,        ON_CTL,  LOCK_NONE, 0, ioctl_get_info),
	ROW(VMM_VM_CREATE,          vmm_vm_create,   ON_CTL,  LOCK_NONE, VMM_VM_NO_APICV, ioctl_vm_create),
	ROW(VMM_VM_LIST,            vmm_vm_list,     ON_CTL,  LOCK_VMM,  0, ioctl_vm_list),
	ROW(VMM_STAT_NAME,          vmm_stat_name,   ON_CTL,  LOCK_NONE, 0, ioctl_stat_name),

	ROW(VMM_MEMSEG_ADD,         vmm_memseg,      ON_VM,   LOCK_OWNER, 0, ioctl_memseg_add),
	ROW(VMM_MEMSEG_REMOVE,      vmm_memseg,      ON_VM,   LOCK_OWNER, 0, ioctl_memseg_remove),
	ROW(VMM_MEMSEG_NEXT,        vmm_memseg,      ON_VM,   LOCK_NONE,
	    VMM_MEMSEG_DEVMEM, ioctl_memseg_next),
	ROW(VMM_MEMSEG_MOVE,        vmm_memseg_move, ON_VM,   LOCK_VM_OWNER, 0, ioctl_memseg_move),
	ROW(VMM_PROTECT,            vmm_protect,     ON_VM,   LOCK_NONE, 0, ioctl_protect),
	ROW(VMM_PROTECT_NEXT,       vmm_protect,     ON_VM,   LOCK_NONE, 0, ioctl_protect_next),
	ROW(VMM_DIRTY_LOG_START,    vmm_memlog,      ON_VM,   LOCK_NONE, 0, ioctl_dirty_start),
	ROW(VMM_DIRTY_LOG_STOP,     vmm_memlog,      ON_VM,   LOCK_NONE, 0, ioctl_dirty_stop),
	ROW(VMM_DIRTY_LOG_FETCH,    vmm_memlog,      ON_VM,   LOCK_NONE, 0, ioctl_dirty_fetch),
	ROW(VMM_AGE_MAP_START,      vmm_memlog,      ON_VM,   LOCK_NONE, 0, ioctl_age_start),
	ROW(VMM_AGE_MAP_STOP,       vmm_memlog,      ON_VM,   LOCK_NONE, 0, ioctl_age_stop),
	ROW(VMM_AGE_MAP_FETCH,      vmm_memlog,      ON_VM,   LOCK_NONE, 0, ioctl_age_fetch),
	ROW(VMM_EPT_WALK,           vmm_ept_walk,    ON_VM,   LOCK_NONE, 0, ioctl_ept_walk),
	ROW(VMM_MEM_STATS,          vmm_mem_stats,   ON_VM,   LOCK_NONE, 0, ioctl_mem_stats),
	ROW(VMM_VCPU_CREATE,        vmm_vcpu_create, ON_VM,   LOCK_VM,   0, ioctl_vcpu_create),

	ROW(VMM_GET_REGS,           vmm_vcpu_regs,   ON_VCPU, LOCK_VCPU, 0, ioctl_get_regs),
	ROW(VMM_SET_REGS,           vmm_vcpu_regs,   ON_VCPU, LOCK_VCPU, 0, ioctl_set_regs),
	ROW(VMM_GET_VMCS,           vmm_vmcs_field,  ON_VCPU, LOCK_VCPU, 0, ioctl_get_vmcs),
	ROW(VMM_GET_EXITS,          vmm_exit_log,    ON_VCPU, LOCK_VCPU, 0, ioctl_get_exits),
	ROW(VMM_GET_STATS,          vmm_stats,       ON_VCPU, LOCK_NONE, 0, ioctl_get_stats),
	ROW(VMM_SET_DEBUG,          vmm_debug,       ON_VCPU, LOCK_VCPU, 0, ioctl_set_debug),
	ROW(VMM_ACTIVATE_CPU,       vmm_simple,      ON_VCPU, LOCK_VCPU, 0, ioctl_activate_cpu),

	ROW(VMM_INJECT_EXCEPTION,   vmm_exception,   ON_VCPU, LOCK_VCPU,
	    VMM_EXCEPTION_ERROR | VMM_EXCEPTION_TRAP, ioctl_inject_exception),
	ROW(VMM_INJECT_NMI,         vmm_simple,      ON_VCPU, LOCK_NONE, 0, ioctl_inject_nmi),
	ROW(VMM_IOAPIC_IRQ,         vmm_irq,         ON_VM,   LOCK_NONE, 0, ioctl_ioapic_irq),
	ROW(VMM_ISA_IRQ,            vmm_irq,         ON_VM,   LOCK_NONE, 0, ioctl_isa_irq),
	ROW(VMM_ISA_SET_IRQ_TRIGGER, vmm_isa_trigger, ON_VM,  LOCK_NONE, 0, ioctl_isa_trigger),
	ROW(VMM_LAPIC_MSI,          vmm_msi,         ON_VM,   LOCK_NONE, 0, ioctl_lapic_msi),
	ROW(VMM_LAPIC_LOCAL_IRQ,    vmm_local_irq,   ON_VM,   LOCK_NONE, 0, ioctl_local_irq),

	ROW(VMM_IRQFD,              vmm_irqfd,       ON_VM,   LOCK_VM,
	    VMM_IRQFD_REMOVE | VMM_IRQFD_RESAMPLE, ioctl_irqfd),
	ROW(VMM_IOEVENTFD,          vmm_ioeventfd,   ON_VM,   LOCK_VM,
	    VMM_IOEVENTFD_REMOVE | VMM_IOEVENTFD_PORT | VMM_IOEVENTFD_MATCH, ioctl_ioeventfd),
	ROW(VMM_SET_CPUID,          vmm_cpuid,       ON_VM,   LOCK_VM,   0, ioctl_set_cpuid),
	ROW(VMM_GET_CPUID,          vmm_cpuid,       ON_VM,   LOCK_VM,   0, ioctl_get_cpuid),
	ROW(VMM_SET_MSR_FILTER,     vmm_msr_filter,  ON_VM,   LOCK_VM,
	    VMM_MSR_UNKNOWN, ioctl_set_msr_filter),
	ROW(VMM_GET_MSRS,           vmm_msrs,        ON_VCPU, LOCK_VCPU,
	    VMM_MSRS_ALL, ioctl_get_msrs),
	ROW(VMM_SET_MSRS,           vmm_msrs,        ON_VCPU, LOCK_VCPU, 0, ioctl_set_msrs),
	ROW(VMM_GET_XSAVE,          vmm_xsave,       ON_VCPU, LOCK_VCPU, 0, ioctl_get_xsave),
	ROW(VMM_SET_XSAVE,          vmm_xsave,       ON_VCPU, LOCK_VCPU, 0, ioctl_set_xsave),

	ROW(VMM_GLA2GPA,            vmm_gla,         ON_VCPU, LOCK_VCPU,
	    VMM_GLA_INJECT, ioctl_gla2gpa),

	ROW(VMM_SUSPEND,            vmm_suspend,     ON_VM,   LOCK_NONE, 0, ioctl_suspend),
	ROW(VMM_REINIT,             vmm_simple,      ON_VM,   LOCK_NONE, 0, ioctl_reinit),
	ROW(VMM_CPU_STOP,           vmm_simple,      ON_VCPU, LOCK_VCPU, 0, ioctl_cpu_stop),
	ROW(VMM_CPU_GO,             vmm_simple,      ON_VCPU, LOCK_VCPU, 0, ioctl_cpu_go),
	ROW(VMM_GET_CPUS,           vmm_cpus,        ON_VM,   LOCK_NONE, 0, ioctl_get_cpus),

	ROW(VMM_RTC_SET_TIME,       vmm_rtc_time,    ON_VM,   LOCK_NONE, 0, ioctl_rtc_set_time),
	ROW(VMM_RTC_GET_TIME,       vmm_rtc_time,    ON_VM,   LOCK_NONE, 0, ioctl_rtc_get_time),
	ROW(VMM_RTC_NVRAM_WRITE,    vmm_rtc_nvram,   ON_VM,   LOCK_NONE, 0, ioctl_nvram_write),
	ROW(VMM_RTC_NVRAM_READ,     vmm_rtc_nvram,   ON_VM,   LOCK_NONE, 0, ioctl_nvram_read),
	ROW(VMM_CLOCK,              vmm_clock,       ON_VM,   LOCK_VM,   0, ioctl_clock),
	ROW(VMM_GET_DEVSTATE,       vmm_devstate,    ON_VM,   LOCK_VM,   0, ioctl_get_devstate),
	ROW(VMM_SET_DEVSTATE,       vmm_devstate,    ON_VM,   LOCK_VM,   0, ioctl_set_devstate),
	ROW(VMM_GET_LAPIC,          vmm_lapic_state, ON_VCPU, LOCK_VCPU, 0, ioctl_get_lapic),
	ROW(VMM_SET_LAPIC,          vmm_lapic_state, ON_VCPU, LOCK_VCPU, 0, ioctl_set_lapic),
	ROW(VMM_PMTMR_LOCATE,       vmm_pmtmr,       ON_VM,   LOCK_VM,   0, ioctl_pmtmr_locate),

	ROW(VMM_DEVMEM_CREATE,      vmm_devmem,      ON_VM,   LOCK_VM_OWNER,
	    VMM_DEVMEM_WX, ioctl_devmem_create),
	ROW(VMM_DEVMEM_DESTROY,     vmm_devmem,      ON_VM,   LOCK_VM_OWNER, 0, ioctl_devmem_destroy),
	ROW(VMM_DEVMEM_NEXT,        vmm_devmem,      ON_VM,   LOCK_VM,
	    VMM_DEVMEM_WX, ioctl_devmem_next),
	ROW(VMM_DEVMEM_MAP,         vmm_devmem_map,  ON_VM,   LOCK_VM_OWNER, 0, ioctl_devmem_map),
	ROW(VMM_DEVMEM_UNMAP,       vmm_devmem_map,  ON_VM,   LOCK_VM_OWNER, 0, ioctl_devmem_unmap),
};

static enum vmm_ioctl_on kind_of(struct file *file)
{
	if (file->f_op == &vmm_vcpu_fops)
		return ON_VCPU;
	return file->f_op == &vmm_vm_fops ? ON_VM : ON_CTL;
}

static int lock_row(const struct vmm_ioctl_row *row, void *object)
{
	struct vm *vm = object;

	switch (row->lock) {
	case LOCK_NONE:
		return 0;
	case LOCK_OWNER:
		return current->mm == vm->mm ? 0 : -EIO;
	case LOCK_VMM:
		return mutex_lock_interruptible(&vmm_lock) ? -EINTR : 0;
	case LOCK_VM_OWNER:
		if (current->mm != vm->mm)
			return -EIO;
		fallthrough;
	case LOCK_VM:
		return mutex_lock_interruptible(&vm->lock) ? -EINTR : 0;
	case LOCK_VCPU:
		return vcpu_lock_idle(object);
	}
	return -EINVAL;
}

static void unlock_row(const struct vmm_ioctl_row *row, void *object)
{
	struct vm *vm = object;
	struct vcpu *vcpu = object;

	switch (row->lock) {
	case LOCK_NONE:
	case LOCK_OWNER:
		break;
	case LOCK_VMM:
		mutex_unlock(&vmm_lock);
		break;
	case LOCK_VM:
	case LOCK_VM_OWNER:
		mutex_unlock(&vm->lock);
		break;
	case LOCK_VCPU:
		vcpu_unlock_idle(vcpu);
		break;
	}
}

/* All arguments begin so. */
struct vmm_header {
	__u32 size;
	__u32 flags;
};

static int copy_in(const struct vmm_ioctl_row *row, void *buf, void __user *arg, u32 *size)
{
	struct vmm_header *header = buf;
	u32 wanted;
	int error;

	if (copy_from_user(header, arg, sizeof(*header)))
		return -EFAULT;
	wanted = header->size;
	if (wanted < row->size || wanted > PAGE_SIZE)
		return wanted > PAGE_SIZE ? -E2BIG : -EINVAL;
	error = copy_struct_from_user(buf, row->size, arg, wanted);
	if (error)
		return error;
	/* Userspace may have changed it since. */
	header->size = wanted;
	*size = wanted;
	return header->flags & ~row->flags ? -EINVAL : 0;
}

static long run_row(const struct vmm_ioctl_row *row, struct file *file, void __user *arg)
{
	void *buf = kzalloc(row->size, GFP_KERNEL_ACCOUNT);
	long result;
	u32 size;

	if (!buf)
		return -ENOMEM;
	result = copy_in(row, buf, arg, &size);
	if (result)
		goto out;
	result = lock_row(row, file->private_data);
	if (result)
		goto out;
	result = row->handler(file->private_data, buf);
	unlock_row(row, file->private_data);
	if (result >= 0 && (_IOC_DIR(row->cmd) & _IOC_READ) &&
	    copy_to_user(arg, buf, row->size))
		result = -EFAULT;
out:
	kfree(buf);
	return result;
}

static long run_vcpu(struct vcpu *vcpu, unsigned long arg)
{
	long result;

	if (arg)
		return -EINVAL;
	if (current->mm != vcpu->vm->mm)
		return -EIO;
	result = vcpu_lock_run(vcpu);
	if (result)
		return result;
	result = vcpu_run(vcpu);
	vcpu_unlock_run(vcpu);
	return result;
}

long vmm_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	enum vmm_ioctl_on on = kind_of(file);
	const struct vmm_ioctl_row *row;

	if (_IOC_TYPE(cmd) != VMM_IOC)
		return -ENOTTY;
	if (cmd == VMM_RUN)
		return on == ON_VCPU ? run_vcpu(file->private_data, arg) : -ENOTTY;
	if (_IOC_NR(cmd) >= ARRAY_SIZE(table))
		return -ENOTTY;
	row = &table[array_index_nospec(_IOC_NR(cmd), ARRAY_SIZE(table))];
	if (!row->handler || row->on != on || _IOC_DIR(row->cmd) != _IOC_DIR(cmd))
		return -ENOTTY;
	return run_row(row, file, (void __user *)arg);
}
