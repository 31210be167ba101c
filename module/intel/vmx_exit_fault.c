// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Exceptions, EPT violations and task switches.
 *
 * SDM "Exit Qualification for EPT Violations", "Information for VM Exits Due to
 * Vectored Events".
 */
#include "compat.h"
#include "vmm.h"
#include "vmx.h"
#include "vmx_insn.h"
#include "vmx_intinfo.h"

#define DR6_BREAKPOINTS	0x000fULL
#define DR6_BS		0x4000ULL
#define DR6_CAUSES	0x600fULL	/* B3:0, BD, BS */

/*
 * #DB carries what DR6 would have got in the exit qualification: bits 3:0, 13
 * (BD) and 14 (BS). The processor has not written DR6. INT1 is a trap with RIP
 * still at the instruction: it is delivered again as what it was, with its
 * length, and leaves DR6 alone.
 */
static enum exit_action exit_debug(struct vcpu *vcpu, u32 info)
{
	enum exit_action action = EXIT_RESUME;
	u64 qual = vcpu->last_qual;

	if ((info & VMX_INFO_TYPE) == VMX_TYPE_PRIV_SW_EXCEPTION) {
		vcpu->exit_intinfo = vmx_intinfo_exit(info, 0);
		vcpu->event_len = vmread(VMCS_EXIT_INST_LENGTH);
		return EXIT_RESUME;
	}
	if (vmx_debugger_has_dr(vcpu) && (qual & DR6_BREAKPOINTS)) {
		action = vcpu_exit_debug(vcpu, VMM_DEBUG_HARDWARE, 0, qual & DR6_BREAKPOINTS);
		qual &= ~DR6_BREAKPOINTS;
		/* A single step of the guest's own goes with it. */
		if (!(qual & DR6_CAUSES))
			return action;
	}
	if (vmx_step_is_trap(vcpu) && (qual & DR6_BS)) {
		action = vcpu_exit_step(vcpu);
		/* TF is out of RFLAGS again, unless it is the guest's own. */
		vmx_regs_read(vcpu, CACHE_RFLAGS);
		if (!(vcpu->regs.rflags & X86_EFLAGS_TF))
			qual &= ~DR6_BS;
		if (!(qual & DR6_CAUSES))
			return action;
	}
	vcpu->regs.dr6 |= qual & DR6_CAUSES;
	/* Delivery by the processor would have cleared DR7.GD. */
	vmx_regs_read(vcpu, CACHE_DR7);
	if (vcpu->regs.dr7 & BIT(13)) {
		vcpu->regs.dr7 &= ~BIT_ULL(13);
		vcpu_dirty(vcpu, CACHE_DR7);
	}
	vcpu_inject(vcpu, 1, false, 0);
	return action;
}

/* INT3, intercepted for userspace's debugger only. */
static enum exit_action exit_breakpoint(struct vcpu *vcpu)
{
	return vcpu_exit_debug(vcpu, VMM_DEBUG_BREAKPOINT, vmread(VMCS_EXIT_INST_LENGTH), 0);
}

/* Could the guest have caused #AC itself: CR0.AM, RFLAGS.AC, CPL 3? */
static enum exit_action exit_alignment(struct vcpu *vcpu)
{
	const struct vmm_regs *r = &vcpu->regs;

	vmx_regs_read(vcpu, CACHE_CR | CACHE_RFLAGS | CACHE_CODE);
	if (!boot_cpu_has(X86_FEATURE_SPLIT_LOCK_DETECT) ||
	    ((r->cr0 & X86_CR0_AM) && (r->rflags & X86_EFLAGS_AC) &&
	     ((r->seg[VMM_SEG_SS].access >> VMM_SEG_ACC_DPL_SHIFT) & 3) == 3)) {
		vcpu_inject(vcpu, 17, true, 0);
		return EXIT_RESUME;
	}
	vcpu->work.kind = WORK_SPLIT_LOCK;
	return EXIT_WORK;
}

enum exit_action vmx_exit_exception(struct vcpu *vcpu)
{
	u32 info = vmread(VMCS_EXIT_INTR_INFO);

	if ((info & VMX_INFO_TYPE) == VMX_TYPE_NMI)
		return EXIT_RESUME;	/* the host's; handled in world_switch() */
	switch (info & VMX_INFO_VECTOR) {
	case 1:
		return exit_debug(vcpu, info);
	case 3:
		if (vcpu->debug.control & VMM_DEBUG_BREAKPOINT)
			return exit_breakpoint(vcpu);
		break;
	case 17:
		return exit_alignment(vcpu);
	case 18:
		vmm_machine_check();
		return EXIT_RESUME;
	}
	if (vmx_step_is_trap(vcpu))
		return vmx_step_reflect(vcpu, info);
	return vmx_exit_unclaimed(vcpu, VMX_REASON_EXCEPTION);
}

enum exit_action vmx_exit_ept_violation(struct vcpu *vcpu)
{
	u64 qual = vcpu->last_qual;
	struct vcpu_work *work = &vcpu->work;

	work->kind = WORK_PAGING;
	work->string_io = false;
	work->gpa = vmread(VMCS_GUEST_PHYSICAL);
	/* Attempted accesses are bits 2:0, in the order of VMM_PROT_*. */
	work->access = qual & (VMX_EPTQ_READ | VMX_EPTQ_WRITE | VMX_EPTQ_FETCH);
	if (work->access & VMM_PROT_WRITE)
		work->access &= ~VMM_PROT_READ;
	work->gla_known = qual & VMX_EPTQ_GLA_VALID;
	work->gla_valid = work->gla_known && (qual & VMX_EPTQ_FINAL);
	work->gla = work->gla_known ? vmread(VMCS_GUEST_LINEAR) : 0;
	/* Very likely to be emulated: read what that needs while it is at hand. */
	if ((work->gpa & PAGE_MASK) == vcpu->mmio_page)
		vmx_regs_read(vcpu, CACHE_EMULATE);
	return vcpu_exit_paging(vcpu);
}

/* No entry of ours can be misconfigured: report it with all there is. */
enum exit_action vmx_exit_ept_misconfig(struct vcpu *vcpu)
{
	return vmx_exit_unclaimed(vcpu, VMX_REASON_EPT_MISCONFIG);
}

/* Exit qualification: 15:0 selector, 31:30 source. SDM "Treatment of Task Switches". */
enum exit_action vmx_exit_task_switch(struct vcpu *vcpu)
{
	u32 idt = vmread(VMCS_IDT_VECTORING_INFO), type = idt & VMX_INFO_TYPE;
	struct task_switch *task = &vcpu->work.task;
	u64 len = vmread(VMCS_EXIT_INST_LENGTH);
	bool event;

	vmx_regs_read(vcpu, CACHE_RIP | CACHE_EVENT);
	*task = (struct task_switch) {
		.selector = vcpu->last_qual, .source = (vcpu->last_qual >> 30) & 3,
	};
	event = task->source == TASK_GATE && (idt & VMX_INFO_VALID);
	task->external = event && !vmx_intinfo_has_length(idt);
	/* What an instruction asked for goes on behind it, what interrupts, at it. */
	task->return_rip = vcpu->regs.rip + (task->external ? 0 : len);
	if (event && (idt & VMX_INFO_ERROR)) {
		task->has_error = true;
		task->error = vmread(VMCS_IDT_VECTORING_ERROR);
	}
	/* An NMI's task blocks the next one; IRET out of it unblocks. */
	if (event && type == VMX_TYPE_NMI)
		vcpu->regs.interruptibility |= VMX_BLOCK_NMI;
	else if (task->source == TASK_IRET)
		vcpu->regs.interruptibility &= ~VMX_BLOCK_NMI;
	vcpu_dirty(vcpu, CACHE_EVENT);
	vcpu->work.kind = WORK_TASK;
	return EXIT_WORK;
}
