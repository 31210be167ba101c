// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Single step (vcpu->step): the monitor trap flag, or RFLAGS.TF where the
 * processor has none.
 *
 * With TF an instruction ends in #DB, which always exits. TF is in the VMCS
 * only from entry to exit, so nobody above sees it. An event that is delivered
 * would push it: exceptions exit while stepping and are injected again without
 * it, and an entry that injects asks for the NMI window instead, which opens
 * before the first instruction of the handler.
 *
 * XXX With TF, INT n and SYSCALL are stepped over and not into, and PUSHF shows
 * TF to the guest, which may load it again later and take a #DB of its own.
 *
 * SDM "Monitor Trap Flag", "Single-Step Exception Condition", "Event Injection
 * and Debug Exceptions".
 */
#include <asm/processor-flags.h>
#include "vmm.h"
#include "vmx.h"
#include "vmx_insn.h"
#include "vmx_intinfo.h"

#define PENDING_BS	BIT_ULL(14)

u32 vmx_step_arm(struct vcpu *vcpu, bool injects)
{
	struct vmx_vcpu *vmx = vcpu->vmx;
	struct vmm_regs *r = &vcpu->regs;

	if (vmx_has(VMM_CAP_MTF))
		return VMX_PROC_MTF;
	if (injects) {
		vmx->step_window = true;
		return VMX_PROC_NMI_WINDOW;
	}
	vmx_regs_read(vcpu, CACHE_RFLAGS | CACHE_EVENT | CACHE_PENDING);
	if (r->rflags & X86_EFLAGS_TF)
		return 0;	/* the guest steps by itself: its #DB is ours too */
	r->rflags |= X86_EFLAGS_TF;
	/* With blocking the entry would want BS pending: a step without progress. */
	r->interruptibility &= ~(VMX_BLOCK_STI | VMX_BLOCK_MOV_SS);
	vcpu_dirty(vcpu, CACHE_RFLAGS | CACHE_EVENT);
	vmx->step_trap = true;
	return 0;
}

void vmx_step_disarm(struct vcpu *vcpu, u32 reason)
{
	struct vmm_regs *r = &vcpu->regs;

	vcpu->vmx->step_trap = false;
	vmx_regs_read(vcpu, CACHE_RFLAGS | CACHE_PENDING);
	r->rflags &= ~(u64)X86_EFLAGS_TF;
	vcpu_dirty(vcpu, CACHE_RFLAGS);
	if (!(r->pending_debug & PENDING_BS))
		return;
	r->pending_debug &= ~PENDING_BS;
	vcpu_dirty(vcpu, CACHE_PENDING);
	/* Only where the exit came between the instruction and its trap. */
	if (reason == VMX_REASON_EXT_INTR || reason == VMX_REASON_INTR_WINDOW ||
	    reason == VMX_REASON_NMI_WINDOW)
		set_bit(REQ_STEP, &vcpu->requests);
}

bool vmx_step_is_trap(const struct vcpu *vcpu)
{
	return (vcpu->step & ~STEP_HOLD) && !vmx_has(VMM_CAP_MTF);
}

enum exit_action vmx_exit_nmi_window(struct vcpu *vcpu)
{
	bool step = vcpu->vmx->step_window;

	vcpu->vmx->step_window = false;
	return step && vcpu->step ? vcpu_exit_step(vcpu) : EXIT_RESUME;
}

/* Intercepted only because TF must not get onto the guest's stack. */
enum exit_action vmx_step_reflect(struct vcpu *vcpu, u32 info)
{
	u32 error = info & VMX_INFO_ERROR ? vmread(VMCS_EXIT_INTR_ERROR) : 0;

	if (vmx_intinfo_has_length(info)) {
		vcpu->exit_intinfo = vmx_intinfo_exit(info, 0);
		vcpu->event_len = vmread(VMCS_EXIT_INST_LENGTH);
		return EXIT_RESUME;
	}
	if ((info & VMX_INFO_VECTOR) == 14)
		vcpu->regs.cr2 = vcpu->last_qual;
	vcpu_inject(vcpu, info & VMX_INFO_VECTOR, info & VMX_INFO_ERROR, error);
	return EXIT_RESUME;
}
