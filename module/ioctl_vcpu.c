// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Handlers of vCPU fds. Locks: see the table.
 */
#include <linux/capability.h>
#include "vmm.h"
#include "vmm_ioctl.h"

long ioctl_get_regs(void *object, void *arg)
{
	struct vmm_vcpu_regs *args = arg;

	if (args->pad || args->groups & ~VMM_REGS_ALL)
		return -EINVAL;
	return vcpu_get_regs(object, &args->regs, args->groups);
}

long ioctl_set_regs(void *object, void *arg)
{
	struct vmm_vcpu_regs *args = arg;

	if (args->pad || args->groups & ~VMM_REGS_ALL)
		return -EINVAL;
	return vcpu_set_regs(object, &args->regs, args->groups);
}

/*
 * Widths and types are in the encoding (SDM "Field Encoding in VMCS"): bits
 * 11:10 type 3 is host state; type 0 64-bit fields are host-physical addresses
 * but for the TSC offset and multiplier.
 */
static bool field_is_sensitive(u32 encoding)
{
	u32 type = (encoding >> 10) & 3;
	u32 width = (encoding >> 13) & 3;

	return type == 3 || (type == 0 && width == 1);
}

long ioctl_get_vmcs(void *object, void *arg)
{
	struct vmm_vmcs_field *args = arg;

	if (args->pad || args->value || args->reserved)
		return -EINVAL;
	if (field_is_sensitive(args->encoding) && !capable(CAP_SYS_ADMIN))
		return 0;
	return vmm_backend->read_vmcs(object, args->encoding, &args->value);
}

long ioctl_get_exits(void *object, void *arg)
{
	struct vmm_exit_log *args = arg;
	struct vcpu *vcpu = object;
	u32 i, have = min_t(u32, vcpu->log_next, VMM_EXIT_LOG_MAX);

	if (args->pad)
		return -EINVAL;
	args->count = min(args->count, have);
	for (i = 0; i < args->count; i++)
		args->rec[i] = vcpu->log[(vcpu->log_next - 1 - i) % VMM_EXIT_LOG_MAX];
	return 0;
}

long ioctl_get_stats(void *object, void *arg)
{
	struct vmm_stats *args = arg;
	struct vcpu *vcpu = object;
	u32 i, n;

	n = args->first < STAT_COUNT ? STAT_COUNT - args->first : 0;
	args->count = min3(args->count, n, (u32)VMM_STATS_MAX);
	for (i = 0; i < args->count; i++)
		args->value[i] = READ_ONCE(vcpu->stats[args->first + i]);
	return 0;
}

long ioctl_activate_cpu(void *object, void *arg)
{
	const struct vmm_simple *args = arg;
	struct vcpu *vcpu = object;
	struct vm *vm = vcpu->vm;

	if (args->reserved)
		return -EINVAL;
	if (vcpu->active)
		return -EBUSY;
	/* The clock is stopped under vm->lock, after a look at vm->active. */
	if (mutex_lock_interruptible(&vm->lock))
		return -EINTR;
	if (vm->clock.stopped || atomic_read(&vm->suspend) != VMM_SUSPEND_NONE) {
		mutex_unlock(&vm->lock);
		return -EBUSY;
	}
	vcpu->active = true;
	atomic64_or(BIT_ULL(vcpu->id), &vm->active);
	mutex_unlock(&vm->lock);
	vcpu_clock_changed(vcpu);
	if (vcpu->activity == VMM_ACTIVITY_WAIT_SIPI)
		atomic64_or(BIT_ULL(vcpu->id), &vcpu->vm->halted);
	return 0;
}

long ioctl_inject_exception(void *object, void *arg)
{
	const struct vmm_exception *args = arg;
	struct vcpu *vcpu = object;
	bool has_error = args->flags & VMM_EXCEPTION_ERROR;
	int error;

	if (args->reserved || (args->cr2 && args->vector != 14) || (args->error_code && !has_error))
		return -EINVAL;
	if (args->flags & VMM_EXCEPTION_TRAP) {
		error = vmm_backend->load_regs(vcpu, CACHE_ADVANCE);
		if (error)
			return error;
	}
	error = vcpu_queue_exception(vcpu, args->vector, has_error, args->error_code);
	if (error)
		return error;
	if (args->vector == 14)
		vcpu->regs.cr2 = args->cr2;
	if (args->flags & VMM_EXCEPTION_TRAP)
		vcpu_advance(vcpu);
	return 0;
}

long ioctl_inject_nmi(void *object, void *arg)
{
	const struct vmm_simple *args = arg;

	if (args->reserved)
		return -EINVAL;
	vcpu_request(object, REQ_NMI);
	return 0;
}
