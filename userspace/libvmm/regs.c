// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Registers of a vCPU by ioctl. Inside a run loop the run page carries the
 * same block without a system call; these calls are for set-up and reports.
 *
 * The kernel serialises them against vmm_run() by waiting for it to end.
 */
#include "ioctl.h"
#include "libvmm.h"

int vmm_get_regs(const struct vmm_vcpu *vcpu, uint32_t groups, struct vmm_regs *regs)
{
	struct vmm_vcpu_regs get = { .size = sizeof(get), .groups = groups };
	int error = ioctl_errno(vcpu->fd, VMM_GET_REGS, &get);

	if (!error)
		*regs = get.regs;
	return error;
}

int vmm_set_regs(const struct vmm_vcpu *vcpu, uint32_t groups, const struct vmm_regs *regs)
{
	struct vmm_vcpu_regs set = { .size = sizeof(set), .groups = groups, .regs = *regs };

	return ioctl_errno(vcpu->fd, VMM_SET_REGS, &set);
}

int vmm_get_vmcs(const struct vmm_vcpu *vcpu, uint32_t encoding, uint64_t *value)
{
	struct vmm_vmcs_field field = { .size = sizeof(field), .encoding = encoding };
	int error = ioctl_errno(vcpu->fd, VMM_GET_VMCS, &field);

	if (!error)
		*value = field.value;
	return error;
}
