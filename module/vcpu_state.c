// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * State of a vCPU beyond its register block: MSR lists and the FPU.
 *
 * What an MSR is decides who keeps it: the stored ones lie in vcpu->msr, those
 * that the guest writes by itself in vcpu->regs, a few mean something to the
 * core. A list is judged entry by entry before anything is written.
 */
#include <linux/slab.h>
#include <asm/msr-index.h>
#include "fpu.h"
#include "vmm.h"
#include "vmm_ioctl.h"

/* MSRs that live in the register block, with the part of it. */
static const struct {
	u32 index;
	u32 part;		/* CACHE_*, 0: always there */
	u16 offset;		/* in struct vmm_regs */
} reg_msrs[] = {
#define REG(index, part, member) { index, part, offsetof(struct vmm_regs, member) }
	REG(MSR_IA32_SYSENTER_CS, CACHE_MSR, sysenter_cs),
	REG(MSR_IA32_SYSENTER_ESP, CACHE_MSR, sysenter_esp),
	REG(MSR_IA32_SYSENTER_EIP, CACHE_MSR, sysenter_eip),
	REG(MSR_IA32_CR_PAT, CACHE_MSR, pat),
	REG(MSR_STAR, 0, star),
	REG(MSR_LSTAR, 0, lstar),
	REG(MSR_CSTAR, 0, cstar),
	REG(MSR_SYSCALL_MASK, 0, sfmask),
	REG(MSR_FS_BASE, CACHE_SEG, seg[VMM_SEG_FS].base),
	REG(MSR_GS_BASE, CACHE_SEG, seg[VMM_SEG_GS].base),
	REG(MSR_KERNEL_GS_BASE, 0, kernel_gs_base),
	REG(MSR_TSC_AUX, 0, tsc_aux),
#undef REG
};

static u64 *find_reg(struct vcpu *vcpu, u32 index, u32 *part)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(reg_msrs); i++) {
		if (reg_msrs[i].index != index)
			continue;
		*part = reg_msrs[i].part;
		return (void *)&vcpu->regs + reg_msrs[i].offset;
	}
	return NULL;
}

static int get_msr(struct vcpu *vcpu, u32 index, u64 *value)
{
	struct vmsr_rule rule;
	u32 part;
	u64 *reg;

	vmsr_lookup(index, &vcpu->vm->msr_caps, &rule);
	reg = find_reg(vcpu, index, &part);
	if (reg && rule.action != VMSR_GP) {
		*value = *reg;
		return 0;
	}
	switch (rule.action) {
	case VMSR_STORED:
		*value = vcpu->msr[rule.slot];
		return 0;
	case VMSR_CONST:
	case VMSR_CONST_IGN:
		*value = rule.value;
		return 0;
	case VMSR_SPECIAL:
		return vcpu_get_special(vcpu, rule.special, value);
	default:
		return -ENOENT;
	}
}

/* Would set_msr() succeed? */
static int check_msr(struct vcpu *vcpu, const struct vmm_msr *msr)
{
	struct vmsr_rule rule;
	u64 now;
	int error;

	if (msr->pad)
		return -EINVAL;
	error = get_msr(vcpu, msr->index, &now);
	if (error)
		return error;
	vmsr_lookup(msr->index, &vcpu->vm->msr_caps, &rule);
	if (rule.action == VMSR_CONST || rule.action == VMSR_CONST_IGN ||
	    (rule.action == VMSR_SPECIAL && rule.special == VMSR_SP_ARCH_CAPS))
		return msr->value == now ? 0 : -EPERM;
	return vmsr_value_is_valid(msr->index, msr->value, &vcpu->vm->msr_caps, false) ?
	       0 : -EINVAL;
}

static void set_msr(struct vcpu *vcpu, u32 index, u64 value)
{
	struct vmsr_rule rule;
	u32 part;
	u64 *reg;

	reg = find_reg(vcpu, index, &part);
	if (reg) {
		*reg = value;
		if (part)
			vcpu_dirty(vcpu, part);
		return;
	}
	vmsr_lookup(index, &vcpu->vm->msr_caps, &rule);
	if (rule.action == VMSR_STORED)
		vcpu->msr[rule.slot] = value;
	else if (rule.action == VMSR_SPECIAL)
		vcpu_set_special(vcpu, rule.special, value);
}

/* What a saved vCPU needs and struct vmm_regs and the local APIC have not. */
static long get_all(struct vcpu *vcpu, struct vmm_msrs *args)
{
	u32 room = args->count, index;
	struct vmsr_rule rule;
	unsigned int i;

	args->count = 0;
	for (i = 0; vmsr_state_next(&vcpu->vm->msr_caps, i, &index, &rule); i++) {
		if (args->count == room)
			return -E2BIG;
		args->msr[args->count].index = index;
		if (get_msr(vcpu, index, &args->msr[args->count].value))
			continue;
		args->count++;
	}
	return 0;
}

long ioctl_get_msrs(void *object, void *arg)
{
	struct vmm_msrs *args = arg;
	struct vcpu *vcpu = object;
	int error;
	u32 i;

	if (args->pad || args->count > VMM_MSRS_MAX)
		return -EINVAL;
	error = vmm_backend->load_regs(vcpu, CACHE_MSR | CACHE_SEG);
	if (error)
		return error;
	if (args->flags & VMM_MSRS_ALL)
		return get_all(vcpu, args);
	for (i = 0; i < args->count; i++) {
		if (args->msr[i].pad)
			return -EINVAL;
		error = get_msr(vcpu, args->msr[i].index, &args->msr[i].value);
		if (error)
			return error;
	}
	return 0;
}

long ioctl_set_msrs(void *object, void *arg)
{
	const struct vmm_msrs *args = arg;
	struct vcpu *vcpu = object;
	int error;
	u32 i;

	if (args->pad || args->count > VMM_MSRS_MAX)
		return -EINVAL;
	error = vmm_backend->load_regs(vcpu, CACHE_MSR | CACHE_SEG);
	if (error)
		return error;
	for (i = 0; i < args->count; i++) {
		error = check_msr(vcpu, &args->msr[i]);
		if (error)
			return error;
	}
	for (i = 0; i < args->count; i++)
		set_msr(vcpu, args->msr[i].index, args->msr[i].value);
	return 0;
}

long ioctl_get_xsave(void *object, void *arg)
{
	struct vmm_xsave *args = arg;

	if (args->area_size || args->pkru || args->components ||
	    memchr_inv(args->reserved, 0, sizeof(args->reserved)))
		return -EINVAL;
	return vmm_fpu_get(object, args);
}

long ioctl_set_xsave(void *object, void *arg)
{
	const struct vmm_xsave *args = arg;

	if (memchr_inv(args->reserved, 0, sizeof(args->reserved)))
		return -EINVAL;
	return vmm_fpu_set(object, args);
}
