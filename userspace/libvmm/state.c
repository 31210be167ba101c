// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What a VM's processors are, and a vCPU's state beyond its registers: one
 * call each. Nothing is kept here.
 */
#include "ioctl.h"
#include "libvmm.h"

int vmm_get_cpuid(int vm, struct vmm_cpuid *cpuid)
{
	*cpuid = (struct vmm_cpuid) { .size = sizeof(*cpuid), .count = VMM_CPUID_MAX };
	return ioctl_errno(vm, VMM_GET_CPUID, cpuid);
}

int vmm_set_cpuid(int vm, const struct vmm_cpuid *cpuid)
{
	struct vmm_cpuid set = *cpuid;

	set.size = sizeof(set);
	return ioctl_errno(vm, VMM_SET_CPUID, &set);
}

int vmm_set_msr_filter(int vm, const struct vmm_msr_filter *filter)
{
	struct vmm_msr_filter set = *filter;

	set.size = sizeof(set);
	return ioctl_errno(vm, VMM_SET_MSR_FILTER, &set);
}

int vmm_get_msrs(const struct vmm_vcpu *vcpu, struct vmm_msrs *msrs, unsigned int flags)
{
	msrs->size = sizeof(*msrs);
	msrs->flags = flags;
	if (flags & VMM_MSRS_ALL)
		msrs->count = VMM_MSRS_MAX;
	return ioctl_errno(vcpu->fd, VMM_GET_MSRS, msrs);
}

int vmm_set_msrs(const struct vmm_vcpu *vcpu, const struct vmm_msrs *msrs)
{
	struct vmm_msrs set = *msrs;

	set.size = sizeof(set);
	set.flags = 0;
	return ioctl_errno(vcpu->fd, VMM_SET_MSRS, &set);
}

int vmm_get_xsave(const struct vmm_vcpu *vcpu, struct vmm_xsave *xsave)
{
	*xsave = (struct vmm_xsave) { .size = sizeof(*xsave) };
	return ioctl_errno(vcpu->fd, VMM_GET_XSAVE, xsave);
}

int vmm_set_xsave(const struct vmm_vcpu *vcpu, const struct vmm_xsave *xsave)
{
	struct vmm_xsave set = *xsave;

	set.size = sizeof(set);
	return ioctl_errno(vcpu->fd, VMM_SET_XSAVE, &set);
}

int vmm_set_debug(const struct vmm_vcpu *vcpu, const struct vmm_debug *debug)
{
	struct vmm_debug set = *debug;

	set.size = sizeof(set);
	return ioctl_errno(vcpu->fd, VMM_SET_DEBUG, &set);
}
