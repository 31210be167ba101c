// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Register groups of the ABI against vcpu->regs: get, set, and the run page.
 */
#include <asm/processor-flags.h>
#include <asm/msr-index.h>
#include "gla.h"
#include "vmm.h"

static const struct {
	u32 group;
	u32 parts;
} group_parts[] = {
	{ VMM_REGS_GPR, CACHE_RIP | CACHE_RSP | CACHE_RFLAGS },
	{ VMM_REGS_SEG, CACHE_SEG },
	{ VMM_REGS_CR, CACHE_CR },
	{ VMM_REGS_DR, CACHE_DR7 },
	{ VMM_REGS_MSR, CACHE_MSR },
	{ VMM_REGS_EVENT, CACHE_EVENT | CACHE_PENDING },
};

static u32 parts_of(u32 groups)
{
	u32 parts = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(group_parts); i++)
		if (groups & group_parts[i].group)
			parts |= group_parts[i].parts;
	return parts;
}

#define COPY(to, from, first, last)							\
	memcpy((u8 *)(to) + offsetof(struct vmm_regs, first),				\
	       (const u8 *)(from) + offsetof(struct vmm_regs, first),			\
	       offsetofend(struct vmm_regs, last) - offsetof(struct vmm_regs, first))

/* Groups are contiguous in the structure. */
static void copy_groups(struct vmm_regs *to, const struct vmm_regs *from, u32 groups)
{
	if (groups & VMM_REGS_GPR)
		COPY(to, from, gpr, rflags);
	if (groups & VMM_REGS_SEG)
		COPY(to, from, seg, idtr_limit);
	if (groups & VMM_REGS_CR)
		COPY(to, from, cr0, pdpte);
	if (groups & VMM_REGS_DR)
		COPY(to, from, dr, dr7);
	if (groups & VMM_REGS_MSR)
		COPY(to, from, star, apic_base);
	if (groups & VMM_REGS_EVENT)
		COPY(to, from, interruptibility, event_length);
}

int vcpu_get_regs(struct vcpu *vcpu, struct vmm_regs *regs, u32 groups)
{
	int error = vmm_backend->load_regs(vcpu, parts_of(groups));

	if (error)
		return error;
	copy_groups(regs, &vcpu->regs, groups);
	if (groups & VMM_REGS_CR)
		regs->cr8 = vcpu_irq_get_cr8(vcpu);
	if (groups & VMM_REGS_MSR) {
		regs->tsc = vcpu_tsc(vcpu);
		vcpu_irq_apicbase(vcpu, false, &regs->apic_base);
	}
	if (groups & VMM_REGS_EVENT) {
		regs->activity = vcpu->activity;
		regs->exit_intinfo = vcpu->exit_intinfo;
		regs->entry_intinfo = vcpu->entry_intinfo;
		regs->nmi_pending = vcpu->nmi_pending || test_bit(REQ_NMI, &vcpu->requests);
		regs->event_length = vcpu->event_len;
	}
	return 0;
}

int vcpu_load_pdptes(struct vcpu *vcpu, struct vmm_regs *regs)
{
	u8 width = vcpuid_gpa_width(&vcpu->vm->cpuid);
	u64 pdpte[4];
	unsigned int i;

	if (!(regs->cr0 & X86_CR0_PG) || !(regs->cr4 & X86_CR4_PAE) || (regs->efer & EFER_LMA))
		return 0;
	if (vm_read(vcpu->vm, regs->cr3 & 0xffffffe0, pdpte, sizeof(pdpte)))
		return -EINVAL;
	for (i = 0; i < 4; i++)
		if (!gla_pdpte_is_valid(pdpte[i], width))
			return -EINVAL;
	memcpy(regs->pdpte, pdpte, sizeof(pdpte));
	return 0;
}

static void set_event_group(struct vcpu *vcpu, const struct vmm_regs *regs)
{
	struct vm *vm = vcpu->vm;

	vcpu->exit_intinfo = regs->exit_intinfo;
	vcpu->event_len = regs->event_length;
	vcpu->entry_intinfo = regs->entry_intinfo;
	vcpu->nmi_pending = regs->nmi_pending;
	vcpu->activity = regs->activity;
	if (vcpu->activity == VMM_ACTIVITY_WAIT_SIPI)
		atomic64_or(BIT_ULL(vcpu->id), &vm->halted);
	else
		atomic64_andnot(BIT_ULL(vcpu->id), &vm->halted);
}

/* Checks first, then changes that cannot fail: all or nothing. */
int vcpu_set_regs(struct vcpu *vcpu, const struct vmm_regs *args, u32 groups)
{
	struct vmm_regs *r = &vcpu->regs;
	struct vmm_regs regs = *args;
	u64 apic_base;
	int error;

	if (groups & ~VMM_REGS_ALL)
		return -EINVAL;
	error = vmm_backend->check_regs(vcpu, &regs, groups);
	if (error)
		return error;
	if (groups & VMM_REGS_CR) {
		if (!vcpuid_xcr0_is_valid(regs.xcr0, vcpuid_xcr0_allowed(&vcpu->vm->cpuid)))
			return -EINVAL;
		error = vcpu_load_pdptes(vcpu, &regs);
		if (error)
			return error;
	}
	error = vmm_backend->load_regs(vcpu, parts_of(groups));
	if (error)
		return error;
	if (groups & VMM_REGS_MSR) {
		vcpu_irq_apicbase(vcpu, false, &apic_base);
		if (apic_base != regs.apic_base &&
		    vcpu_irq_apicbase(vcpu, true, &regs.apic_base) != VDEV_HANDLED)
			return -EINVAL;
	}

	vcpu_abandon(vcpu, groups);
	copy_groups(r, &regs, groups);
	vcpu_dirty(vcpu, parts_of(groups));
	if (groups & VMM_REGS_CR)
		vcpu_irq_set_cr8(vcpu, regs.cr8);
	if (groups & VMM_REGS_MSR)
		vcpu_set_tsc(vcpu, regs.tsc);
	if (groups & VMM_REGS_EVENT)
		set_event_group(vcpu, &regs);
	/* A new RIP is a new instruction: nothing shadows it. */
	if ((groups & VMM_REGS_GPR) && !(groups & VMM_REGS_EVENT) &&
	    !vmm_backend->load_regs(vcpu, CACHE_EVENT) && (r->interruptibility & 3)) {
		r->interruptibility &= ~3U;
		vcpu_dirty(vcpu, CACHE_EVENT);
	}
	return 0;
}

int vcpu_fill_run(struct vcpu *vcpu)
{
	u32 groups = (READ_ONCE(vcpu->run->regs_want) & VMM_REGS_ALL) | VMM_REGS_GPR;
	u32 parts = CACHE_RIP | CACHE_RSP | CACHE_RFLAGS;
	int error;

	/* What every exit comes by, unless userspace has asked for more. */
	if (likely(groups == VMM_REGS_GPR && (vcpu->cached & parts) == parts)) {
		COPY(&vcpu->run->regs, &vcpu->regs, gpr, rflags);
		vcpu->run->regs_valid = VMM_REGS_GPR;
		return 0;
	}
	error = vcpu_get_regs(vcpu, &vcpu->run->regs, groups);
	vcpu->run->regs_valid = error ? 0 : groups;
	return error;
}
