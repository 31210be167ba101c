// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * RDMSR and WRMSR exits. What each MSR is to a guest is in msr_policy.c; here
 * are the few that mean something to the core.
 */
#include <linux/sched.h>
#include <asm/msr-index.h>
#include "emulate.h"
#include "vmm.h"

u64 vcpu_tsc(const struct vcpu *vcpu)
{
	return vm_guest_tsc(vcpu->vm) + vcpu->tsc_offset + vcpu->tsc_adjust;
}

static void tsc_changed(struct vcpu *vcpu)
{
	vcpu_dirty(vcpu, CACHE_TSC);
	vcpu_irq_tsc_changed(vcpu);
}

void vcpu_set_tsc(struct vcpu *vcpu, u64 tsc)
{
	vcpu->tsc_offset += tsc - vcpu_tsc(vcpu);
	tsc_changed(vcpu);
}

/* The guest's own write: the counter moves with it. */
static void set_tsc_adjust(struct vcpu *vcpu, s64 adjust)
{
	vcpu->tsc_adjust = adjust;
	tsc_changed(vcpu);
}

int vcpu_get_special(struct vcpu *vcpu, enum vmsr_special special, u64 *value)
{
	switch (special) {
	case VMSR_SP_TSC_ADJUST:
		*value = vcpu->tsc_adjust;
		return 0;
	case VMSR_SP_SPEC_CTRL:
		*value = vcpu->msr[VMSR_SLOT_SPEC_CTRL];
		return 0;
	case VMSR_SP_ARCH_CAPS:
		*value = vcpu->vm->msr_caps.arch_caps_value;
		return 0;
	default:
		return -ENOENT;
	}
}

void vcpu_set_special(struct vcpu *vcpu, enum vmsr_special special, u64 value)
{
	switch (special) {
	case VMSR_SP_TSC_ADJUST:
		/* The counter stays: it is restored by itself. */
		vcpu->tsc_offset -= value - vcpu->tsc_adjust;
		vcpu->tsc_adjust = value;
		break;
	case VMSR_SP_SPEC_CTRL:
		vcpu->msr[VMSR_SLOT_SPEC_CTRL] = value;
		vcpu_dirty(vcpu, CACHE_SPEC_CTRL);
		break;
	default:
		break;
	}
}

void vcpu_clock_changed(struct vcpu *vcpu)
{
	tsc_changed(vcpu);
}

static enum vdev_result read_special(struct vcpu *vcpu, u32 index, enum vmsr_special special,
				     u64 *value)
{
	switch (special) {
	case VMSR_SP_TSC:
		*value = vcpu_tsc(vcpu);
		return VDEV_HANDLED;
	case VMSR_SP_TSC_ADJUST:
		*value = vcpu->tsc_adjust;
		return VDEV_HANDLED;
	case VMSR_SP_TSC_DEADLINE:
	case VMSR_SP_X2APIC:
		return vcpu_irq_msr(vcpu, index, false, value);
	case VMSR_SP_APIC_BASE:
		return vcpu_irq_apicbase(vcpu, false, value);
	case VMSR_SP_EFER:
		vmm_backend->mirror(vcpu, CACHE_CR);
		*value = vcpu->regs.efer;
		return VDEV_HANDLED;
	case VMSR_SP_PAT:
		vmm_backend->mirror(vcpu, CACHE_MSR);
		*value = vcpu->regs.pat;
		return VDEV_HANDLED;
	case VMSR_SP_SPEC_CTRL:
	case VMSR_SP_ARCH_CAPS:
		return vcpu_get_special(vcpu, special, value) ? VDEV_GP : VDEV_HANDLED;
	default:
		return VDEV_GP;	/* the commands are write-only */
	}
}

/* LMA is the processor's; LME may not change while paging is on. */
static enum vdev_result write_efer(struct vcpu *vcpu, u64 value)
{
	struct vmm_regs *r = &vcpu->regs;

	vmm_backend->mirror(vcpu, CACHE_CR);
	if ((value ^ r->efer) & EFER_LME && (r->cr0 & X86_CR0_PG))
		return VDEV_GP;
	r->efer = (value & ~(u64)EFER_LMA) | (r->efer & EFER_LMA);
	vcpu_dirty(vcpu, CACHE_CR);
	return VDEV_HANDLED;
}

static enum vdev_result write_special(struct vcpu *vcpu, u32 index, enum vmsr_special special,
				      u64 value)
{
	switch (special) {
	case VMSR_SP_TSC:
		set_tsc_adjust(vcpu, vcpu->tsc_adjust + (value - vcpu_tsc(vcpu)));
		return VDEV_HANDLED;
	case VMSR_SP_TSC_ADJUST:
		set_tsc_adjust(vcpu, value);
		return VDEV_HANDLED;
	case VMSR_SP_TSC_DEADLINE:
	case VMSR_SP_X2APIC:
		return vcpu_irq_msr(vcpu, index, true, &value);
	case VMSR_SP_APIC_BASE:
		return vcpu_irq_apicbase(vcpu, true, &value);
	case VMSR_SP_EFER:
		return write_efer(vcpu, value);
	case VMSR_SP_PAT:
		vmm_backend->mirror(vcpu, CACHE_MSR);
		vcpu->regs.pat = value;
		vcpu_dirty(vcpu, CACHE_MSR);
		return VDEV_HANDLED;
	case VMSR_SP_SPEC_CTRL:
		vcpu_set_special(vcpu, special, value);
		return VDEV_HANDLED;
	case VMSR_SP_PRED_CMD:
		/* What the guest wants forgotten is on this CPU. */
		if (value)
			wrmsrl(MSR_IA32_PRED_CMD, PRED_CMD_IBPB);
		return VDEV_HANDLED;
	case VMSR_SP_FLUSH_CMD:
		if (value)
			wrmsrl(MSR_IA32_FLUSH_CMD, L1D_FLUSH);
		return VDEV_HANDLED;
	default:
		return VDEV_GP;
	}
}

static void set_result(struct vcpu *vcpu, u64 value)
{
	vcpu->regs.gpr[VMM_REG_RAX] = (u32)value;
	vcpu->regs.gpr[VMM_REG_RDX] = value >> 32;
}

/* Is @index userspace's, by its filter or because nobody else knows it? */
static bool is_for_user(const struct vcpu *vcpu, u32 index, const struct vmsr_rule *rule,
			u32 access)
{
	const struct vm *vm = vcpu->vm;

	if (rule->action == VMSR_USER)
		return vm->msr_filter.flags & VMM_MSR_UNKNOWN ||
		       vm_msr_is_filtered(vm, index, access);
	return unlikely(vm->msr_filter.count) && vm_msr_is_filtered(vm, index, access);
}

/* Userspace decides: RIP stays at the instruction until it has. */
static enum exit_action ask_user(struct vcpu *vcpu, u32 index, bool write, u64 value)
{
	vcpu->run->exit = write ? VMM_EXIT_WRMSR : VMM_EXIT_RDMSR;
	vcpu->run->inst_length = 0;
	vcpu->run->msr = (struct vmm_exit_msr) { .index = index, .value = value };
	vcpu->emu->waiting = write ? EMU_WRMSR : EMU_RDMSR;
	vcpu->emu->size = vcpu->inst_len;
	return EXIT_USER;
}

static enum exit_action conclude(struct vcpu *vcpu, enum vdev_result result)
{
	if (result != VDEV_HANDLED)
		vcpu_inject_gp(vcpu);
	else
		vcpu_advance(vcpu);
	return EXIT_RESUME;
}

enum exit_action vcpu_exit_rdmsr(struct vcpu *vcpu)
{
	u32 index = vcpu->regs.gpr[VMM_REG_RCX];
	enum vdev_result result = VDEV_HANDLED;
	struct vmsr_rule rule;
	u64 value = 0;

	vmsr_lookup(index, &vcpu->vm->msr_caps, &rule);
	if (is_for_user(vcpu, index, &rule, VMM_MSR_READ))
		return ask_user(vcpu, index, false, 0);
	switch (rule.action) {
	case VMSR_STORED:
		value = vcpu->msr[rule.slot];
		break;
	case VMSR_CONST:
	case VMSR_CONST_IGN:
		value = rule.value;
		break;
	case VMSR_SPECIAL:
		result = read_special(vcpu, index, rule.special, &value);
		break;
	default:
		/* Passed-through registers do not exit where they exist. */
		result = VDEV_GP;
	}
	if (result == VDEV_HANDLED)
		set_result(vcpu, value);
	return conclude(vcpu, result);
}

enum exit_action vcpu_exit_wrmsr(struct vcpu *vcpu)
{
	const struct vmm_regs *r = &vcpu->regs;
	u32 index = r->gpr[VMM_REG_RCX];
	u64 value = (r->gpr[VMM_REG_RDX] << 32) | (u32)r->gpr[VMM_REG_RAX];
	enum vdev_result result = VDEV_HANDLED;
	struct vmsr_rule rule;

	vmsr_lookup(index, &vcpu->vm->msr_caps, &rule);
	if (is_for_user(vcpu, index, &rule, VMM_MSR_WRITE))
		return ask_user(vcpu, index, true, value);
	if (!vmsr_value_is_valid(index, value, &vcpu->vm->msr_caps, false))
		return conclude(vcpu, VDEV_GP);
	switch (rule.action) {
	case VMSR_STORED:
		vcpu->msr[rule.slot] = value;
		break;
	case VMSR_CONST_IGN:
		break;
	case VMSR_SPECIAL:
		result = write_special(vcpu, index, rule.special, value);
		break;
	default:
		result = VDEV_GP;
	}
	return conclude(vcpu, result);
}

void vcpu_finish_msr(struct vcpu *vcpu)
{
	const struct vmm_exit_msr *msr = &vcpu->run->msr;
	bool fault = READ_ONCE(msr->fault);
	u64 value = READ_ONCE(msr->value);

	if (fault) {
		vcpu_inject_gp(vcpu);
		return;
	}
	if (vmm_backend->load_regs(vcpu, CACHE_ADVANCE))
		return;
	if (vcpu->emu->waiting == EMU_RDMSR)
		set_result(vcpu, value);
	vcpu->inst_len = vcpu->emu->size;
	vcpu_advance(vcpu);
}
