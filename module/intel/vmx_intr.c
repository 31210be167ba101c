// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Events at the border: what the next entry injects, and what an exit had cut
 * short. The decision itself is pure (vmx_intinfo.c); here it meets the VMCS.
 */
#include "vmm.h"
#include "vmx.h"
#include "vmx_insn.h"
#include "vmx_intinfo.h"

static void set_windows(struct vcpu *vcpu, const struct vmx_event_out *out)
{
	struct vmx_vcpu *vmx = vcpu->vmx;
	u32 proc = vmx->proc_ctls & ~VMX_PROC_ON_DEMAND;

	if (vcpu->step & ~STEP_HOLD)
		proc |= vmx_step_arm(vcpu, out->info);

	if (out->intr_window)
		proc |= VMX_PROC_INTR_WINDOW;
	if (out->nmi_window)
		proc |= VMX_PROC_NMI_WINDOW;
	if (proc != vmx->proc_ctls) {
		vmx->proc_ctls = proc;
		vmwrite(VMCS_PROC_CONTROLS, proc);
	}
}

static void write_event(struct vcpu *vcpu, const struct vmx_event_out *out)
{
	struct vmm_regs *r = &vcpu->regs;

	if (out->interruptibility != r->interruptibility) {
		r->interruptibility = out->interruptibility;
		vmwrite(VMCS_GUEST_INTERRUPTIBILITY, r->interruptibility);
	}
	if (!out->info)
		return;
	vmwrite(VMCS_ENTRY_INTR_INFO, out->info);
	if (out->set_rf) {
		r->rflags |= X86_EFLAGS_RF;
		vcpu_dirty(vcpu, CACHE_RFLAGS);
	}
	if (out->info & VMX_INFO_ERROR)
		vmwrite(VMCS_ENTRY_INTR_ERROR, out->error);
	if ((out->info & VMX_INFO_TYPE) >= VMX_TYPE_SW_INTR)
		vmwrite(VMCS_ENTRY_INST_LENGTH, out->inst_length);
	switch (out->info & VMX_INFO_TYPE) {
	case VMX_TYPE_EXT_INTR:
		vcpu_stat(vcpu, STAT_IRQS);
		break;
	case VMX_TYPE_NMI:
		vcpu_stat(vcpu, STAT_NMIS);
		break;
	default:
		vcpu_stat(vcpu, STAT_EXCEPTIONS);
	}
}

/* Have the guest exit when it lowers TPR so far that an interrupt gets through. */
static void set_threshold(struct vcpu *vcpu)
{
	u32 threshold = vcpu_irq_threshold(vcpu);

	if (likely(threshold == vcpu->vmx->tpr_threshold))
		return;
	vcpu->vmx->tpr_threshold = threshold;
	vmwrite(VMCS_TPR_THRESHOLD, threshold);
}

bool vmx_inject_events(struct vcpu *vcpu)
{
	struct vmx_vcpu *vmx = vcpu->vmx;
	struct vmx_event_out out;
	struct vmx_event_in in;
	bool extint, events, hold;
	int vector;

	vcpu->irq_look = false;
	vector = vcpu_irq_next(vcpu, &extint);
	if (vmx->proc_ctls & VMX_PROC_TPR_SHADOW)
		set_threshold(vcpu);
	events = vcpu->exit_intinfo || vcpu->entry_intinfo;
	if (vector < 0 && !events && !vcpu->nmi_pending && !vcpu->step &&
	    !(vmx->proc_ctls & VMX_PROC_ON_DEMAND))
		return true;
	hold = vcpu->step & STEP_HOLD;

	vmx_regs_read(vcpu, CACHE_EVENT | CACHE_RFLAGS);
	in = (struct vmx_event_in) {
		.exit_intinfo = vcpu->exit_intinfo,
		.queued = vcpu->entry_intinfo,
		.rflags = vcpu->regs.rflags,
		.cr0 = events ? vmread(VMCS_GUEST_CR0) : X86_CR0_PE,
		.interruptibility = vcpu->regs.interruptibility,
		.inst_length = vcpu->event_len,
		.nmi_pending = vcpu->nmi_pending && !hold,
		.intr_pending = vector >= 0 && !hold,
		.error_code_any = vmx_caps.error_code_any,
	};
	vmx_event_decide(&in, &out);
	if (out.triple_fault) {
		vm_suspend_by(vcpu->vm, VMM_SUSPEND_TRIPLEFAULT, vcpu->id);
		return false;
	}
	if (out.take_intr) {
		vector = vcpu_irq_ack(vcpu, vector, extint);
		if (vector < 0)
			/* Gone meanwhile: look again right after this entry. */
			vcpu_look_again(vcpu);
		else
			vmx_event_interrupt(&out, vector, vcpu_irq_next(vcpu, &extint) >= 0);
	}
	if (out.info) {
		if (out.take_nmi)
			vcpu->nmi_pending = false;
		vcpu->exit_intinfo = 0;
		vcpu->event_len = 0;
		vcpu->entry_intinfo = 0;
	}
	set_windows(vcpu, &out);
	write_event(vcpu, &out);
	return true;
}

void vmx_save_vectoring(struct vcpu *vcpu, u32 reason)
{
	u32 idt = vmread(VMCS_IDT_VECTORING_INFO);
	u32 exit_info = 0, blocking;
	u64 qual = 0;

	if (reason == VMX_REASON_EXCEPTION)
		exit_info = vmread(VMCS_EXIT_INTR_INFO);
	else
		qual = vcpu->last_qual;
	if (!(idt & VMX_INFO_VALID) && !(exit_info & VMX_INFO_NMI_UNBLOCKED) &&
	    !(qual & VMX_EPTQ_NMI_UNBLOCKED))
		return;

	vmx_regs_read(vcpu, CACHE_EVENT);
	blocking = vmx_nmi_blocking_after_exit(reason, exit_info, qual, idt,
					       vcpu->regs.interruptibility);
	if (blocking != vcpu->regs.interruptibility) {
		vcpu->regs.interruptibility = blocking;
		vcpu_dirty(vcpu, CACHE_EVENT);
	}
	if (reason == VMX_REASON_TASK_SWITCH || !(idt & VMX_INFO_VALID))
		return;
	vcpu->exit_intinfo = vmx_intinfo_exit(idt, idt & VMX_INFO_ERROR ?
					      vmread(VMCS_IDT_VECTORING_ERROR) : 0);
	vcpu->event_len = vmx_intinfo_has_length(idt) ? vmread(VMCS_EXIT_INST_LENGTH) : 0;
}

void vcpu_inject(struct vcpu *vcpu, u8 vector, bool has_error, u32 error)
{
	u32 info = VMX_INFO_VALID | VMX_TYPE_HW_EXCEPTION | vector;
	u64 merged, event;

	event = vmx_intinfo(info | (has_error ? VMX_INFO_ERROR : 0), error);
	if (vcpu->entry_intinfo) {
		if (vmx_intinfo_merge(vcpu->entry_intinfo, event, &merged) ==
		    VMX_MERGE_TRIPLE_FAULT) {
			vm_suspend_by(vcpu->vm, VMM_SUSPEND_TRIPLEFAULT, vcpu->id);
			return;
		}
		event = merged;
	}
	vcpu->entry_intinfo = event;
	vcpu->inst_len = 0;
}

int vcpu_queue_exception(struct vcpu *vcpu, u32 vector, bool has_error, u32 error)
{
	switch (vmx_intinfo_queue(&vcpu->entry_intinfo, vector, has_error, error)) {
	case VMX_QUEUED:
		return 0;
	case VMX_QUEUE_BUSY:
		return -EBUSY;
	case VMX_QUEUE_INVALID:
		break;
	}
	return -EINVAL;
}
