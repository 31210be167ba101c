// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The mirror between vcpu->regs and the VMCS.
 *
 * A part is read at most once after an exit (vcpu->cached) and written only if
 * it changed (vcpu->dirty). Outside a burst the VMCS is made current for a
 * short visit.
 */
#include "vmm.h"
#include "vmx.h"
#include "vmx_insn.h"
#include "vmx_intinfo.h"

/* RFLAGS: bit 1 is one; 3, 5, 15 and 22 up are zero. */
#define RFLAGS_RESERVED	(~0x3f7fd7ULL)

static void read_segment(struct vmm_regs *r, unsigned int i)
{
	r->seg[i].selector = vmread(VMCS_GUEST_ES_SELECTOR + 2 * i);
	r->seg[i].base = vmread(VMCS_GUEST_ES_BASE + 2 * i);
	r->seg[i].limit = vmread(VMCS_GUEST_ES_LIMIT + 2 * i);
	r->seg[i].access = vmread(VMCS_GUEST_ES_ACCESS + 2 * i);
}

static void write_segment(const struct vmm_regs *r, unsigned int i)
{
	vmwrite(VMCS_GUEST_ES_SELECTOR + 2 * i, r->seg[i].selector);
	vmwrite(VMCS_GUEST_ES_BASE + 2 * i, r->seg[i].base);
	vmwrite(VMCS_GUEST_ES_LIMIT + 2 * i, r->seg[i].limit);
	vmwrite(VMCS_GUEST_ES_ACCESS + 2 * i, r->seg[i].access);
}

static bool is_code_part(unsigned int i)
{
	return i == VMM_SEG_CS || i == VMM_SEG_SS;
}

static void read_data_segments(struct vmm_regs *r)
{
	unsigned int i;

	for (i = 0; i < VMM_SEG_COUNT; i++)
		if (!is_code_part(i))
			read_segment(r, i);
	r->gdtr_base = vmread(VMCS_GUEST_GDTR_BASE);
	r->gdtr_limit = vmread(VMCS_GUEST_GDTR_LIMIT);
	r->idtr_base = vmread(VMCS_GUEST_IDTR_BASE);
	r->idtr_limit = vmread(VMCS_GUEST_IDTR_LIMIT);
}

static void write_data_segments(const struct vmm_regs *r)
{
	unsigned int i;

	for (i = 0; i < VMM_SEG_COUNT; i++)
		if (!is_code_part(i))
			write_segment(r, i);
	vmwrite(VMCS_GUEST_GDTR_BASE, r->gdtr_base);
	vmwrite(VMCS_GUEST_GDTR_LIMIT, r->gdtr_limit);
	vmwrite(VMCS_GUEST_IDTR_BASE, r->idtr_base);
	vmwrite(VMCS_GUEST_IDTR_LIMIT, r->idtr_limit);
}

/* What the guest sees: owned bits from the real register, others from the shadow. */
static u64 merge_shadow(u64 real, u64 mask, u64 shadow)
{
	return (real & ~mask) | (shadow & mask);
}

static void read_control(struct vmm_regs *r)
{
	unsigned int i;

	r->cr0 = merge_shadow(vmread(VMCS_GUEST_CR0), vmread(VMCS_CR0_MASK),
			      vmread(VMCS_CR0_SHADOW));
	r->cr4 = merge_shadow(vmread(VMCS_GUEST_CR4), vmread(VMCS_CR4_MASK),
			      vmread(VMCS_CR4_SHADOW));
	r->cr3 = vmread(VMCS_GUEST_CR3);
	r->efer = vmread(VMCS_GUEST_EFER);
	/* Elsewhere they mean nothing, and MOV to CR0 or CR4 loads them anew. */
	if (!(r->cr0 & X86_CR0_PG) || !(r->cr4 & X86_CR4_PAE) || (r->efer & EFER_LMA))
		return;
	for (i = 0; i < 4; i++)
		r->pdpte[i] = vmread(VMCS_GUEST_PDPTE0 + 2 * i);
}

static void write_control(struct vcpu *vcpu)
{
	struct vmm_regs *r = &vcpu->regs;
	struct vmx_vcpu *vmx = vcpu->vmx;
	u32 entry = vmx->entry_ctls & ~VMX_ENTRY_IA32E_GUEST;
	unsigned int i;

	vmx_write_cr0(vcpu, r->cr0);
	vmx_write_cr4(vcpu, r->cr4);
	vmwrite(VMCS_GUEST_CR3, r->cr3);
	vmwrite(VMCS_GUEST_EFER, r->efer);
	for (i = 0; i < 4; i++)
		vmwrite(VMCS_GUEST_PDPTE0 + 2 * i, r->pdpte[i]);
	/* VM exits keep this control equal to EFER.LMA: always write it. */
	if (r->efer & EFER_LMA)
		entry |= VMX_ENTRY_IA32E_GUEST;
	vmwrite(VMCS_ENTRY_CONTROLS, entry);
	/* Linear translations cached under the old CR0, CR3, CR4, EFER. */
	vmx->vpid_cpu = -1;
}

void vmx_regs_read(struct vcpu *vcpu, u32 parts)
{
	struct vmm_regs *r = &vcpu->regs;
	u32 missing = parts & ~vcpu->cached;

	if (!missing)
		return;
	if (missing & CACHE_RIP)
		r->rip = vmread(VMCS_GUEST_RIP);
	if (missing & CACHE_RSP)
		r->gpr[VMM_REG_RSP] = vmread(VMCS_GUEST_RSP);
	if (missing & CACHE_RFLAGS)
		r->rflags = vmread(VMCS_GUEST_RFLAGS);
	if (missing & CACHE_CODE) {
		read_segment(r, VMM_SEG_CS);
		read_segment(r, VMM_SEG_SS);
	}
	if (missing & CACHE_DATA)
		read_data_segments(r);
	if (missing & CACHE_CR)
		read_control(r);
	if (missing & CACHE_MSR) {
		r->sysenter_cs = vmread(VMCS_GUEST_SYSENTER_CS);
		r->sysenter_esp = vmread(VMCS_GUEST_SYSENTER_ESP);
		r->sysenter_eip = vmread(VMCS_GUEST_SYSENTER_EIP);
		r->pat = vmread(VMCS_GUEST_PAT);
	}
	if (missing & CACHE_EVENT)
		r->interruptibility = vmread(VMCS_GUEST_INTERRUPTIBILITY);
	if (missing & CACHE_PENDING)
		r->pending_debug = vmread(VMCS_GUEST_PENDING_DEBUG);
	vcpu->cached |= missing;
}

void vmx_regs_write(struct vcpu *vcpu)
{
	const struct vmm_regs *r = &vcpu->regs;
	u32 dirty = vcpu->dirty;

	vcpu->dirty = 0;
	if (dirty & CACHE_RIP)
		vmwrite(VMCS_GUEST_RIP, r->rip);
	if (dirty & CACHE_RSP)
		vmwrite(VMCS_GUEST_RSP, r->gpr[VMM_REG_RSP]);
	if (dirty & CACHE_RFLAGS)
		vmwrite(VMCS_GUEST_RFLAGS, r->rflags);
	if (dirty & CACHE_CODE) {
		write_segment(r, VMM_SEG_CS);
		write_segment(r, VMM_SEG_SS);
	}
	if (dirty & CACHE_DATA)
		write_data_segments(r);
	if (dirty & CACHE_CR) {
		write_control(vcpu);
		/* Another CR3, say, that no MOV has loaded: nothing flushed the TLB. */
		vcpu->vmx->vpid_cpu = -1;
	}
	if (dirty & (CACHE_DR7 | CACHE_DEBUG))
		vmwrite(VMCS_GUEST_DR7, vmx_dr7(vcpu));
	if (dirty & CACHE_DEBUG)
		vmwrite(VMCS_EXCEPTION_BITMAP, vmx_exceptions(vcpu));
	if (dirty & CACHE_MSR) {
		vmwrite(VMCS_GUEST_SYSENTER_CS, r->sysenter_cs);
		vmwrite(VMCS_GUEST_SYSENTER_ESP, r->sysenter_esp);
		vmwrite(VMCS_GUEST_SYSENTER_EIP, r->sysenter_eip);
		vmwrite(VMCS_GUEST_PAT, r->pat);
	}
	if (dirty & CACHE_EVENT)
		vmwrite(VMCS_GUEST_INTERRUPTIBILITY, r->interruptibility);
	if (dirty & CACHE_PENDING)
		vmwrite(VMCS_GUEST_PENDING_DEBUG, r->pending_debug);
	if (dirty & CACHE_TSC)
		vmwrite(VMCS_TSC_OFFSET, vcpu_tsc_offset(vcpu));
	if (dirty & CACHE_SPEC_CTRL)
		vmx_spec_ctrl(vcpu);
}

int vmx_load_regs(struct vcpu *vcpu, u32 parts)
{
	int error;

	if (!(parts & ~vcpu->cached))
		return 0;
	error = vmx_visit(vcpu);
	if (error)
		return error;
	vmx_regs_read(vcpu, parts);
	vmx_leave(vcpu);
	return 0;
}

int vmx_read_vmcs(struct vcpu *vcpu, u32 encoding, u64 *value)
{
	int error = vmx_visit(vcpu);

	if (error)
		return error;
	vmx_regs_flush(vcpu);
	error = vmread_safe(encoding, value);
	vmx_leave(vcpu);
	return error;
}

void vcpu_advance(struct vcpu *vcpu)
{
	struct vmm_regs *r = &vcpu->regs;
	u64 rip;

	if (likely(vcpu->cached == CACHE_RIP)) {
		/* Nearly every exit: the run loop has read RIP and no one else anything. */
		r->rflags = vmread(VMCS_GUEST_RFLAGS);
		r->interruptibility = vmread(VMCS_GUEST_INTERRUPTIBILITY);
		vcpu->cached = CACHE_RIP | CACHE_RFLAGS | CACHE_EVENT;
	} else {
		vmx_regs_read(vcpu, CACHE_RIP | CACHE_RFLAGS | CACHE_EVENT);
	}
	rip = r->rip + vcpu->inst_len;
	if (unlikely((r->rip ^ rip) >> 32)) {
		/* 64-bit code crosses 4 GiB, other code wraps. */
		vmx_regs_read(vcpu, CACHE_CODE);
		if (!(r->seg[VMM_SEG_CS].access & VMM_SEG_ACC_L))
			rip = (u32)rip;
	}
	r->rip = rip;
	vcpu->inst_len = 0;
	vcpu_dirty(vcpu, CACHE_RIP);
	if (unlikely(vcpu->step))
		set_bit(REQ_STEP, &vcpu->requests);
	/* An instruction that completes leaves RF clear. */
	if (unlikely(r->rflags & X86_EFLAGS_RF)) {
		r->rflags &= ~(u64)X86_EFLAGS_RF;
		vcpu_dirty(vcpu, CACHE_RFLAGS);
	}
	if (unlikely(r->interruptibility & (VMX_BLOCK_STI | VMX_BLOCK_MOV_SS))) {
		r->interruptibility &= ~(VMX_BLOCK_STI | VMX_BLOCK_MOV_SS);
		vcpu_dirty(vcpu, CACHE_EVENT);
	}
	if (unlikely(r->rflags & X86_EFLAGS_TF)) {
		/* Queued, not left pending: an injected event would discard it. */
		r->dr6 |= BIT_ULL(14);
		vcpu_inject(vcpu, 1, false, 0);
	}
}

static bool canonical(u64 gla)
{
	return (u64)((s64)(gla << 16) >> 16) == gla;
}

int vmx_check_regs(struct vcpu *vcpu, const struct vmm_regs *r, u32 groups)
{
	unsigned int i;

	if ((groups & VMM_REGS_GPR) && ((r->rflags & RFLAGS_RESERVED) || !(r->rflags & 2)))
		return -EINVAL;
	if (groups & VMM_REGS_SEG) {
		for (i = 0; i < VMM_SEG_COUNT; i++)
			if (r->seg[i].access & ~0x1f0ffU || !canonical(r->seg[i].base) ||
			    r->seg[i].pad[0] || r->seg[i].pad[1] || r->seg[i].pad[2])
				return -EINVAL;
		if (!canonical(r->gdtr_base) || !canonical(r->idtr_base) ||
		    r->gdtr_limit > 0xffff || r->idtr_limit > 0xffff)
			return -EINVAL;
	}
	if (groups & VMM_REGS_CR) {
		if (!vmx_cr0_valid(vcpu, r->cr0) || !vmx_cr4_valid(vcpu, r->cr4) ||
		    !vmx_efer_valid(vcpu, r->efer) || r->cr8 > 15)
			return -EINVAL;
		/* LMA is LME and PG; long mode needs PAE. */
		if (!(r->efer & EFER_LMA) != !((r->efer & EFER_LME) && (r->cr0 & X86_CR0_PG)))
			return -EINVAL;
		if ((r->efer & EFER_LMA) && !(r->cr4 & X86_CR4_PAE))
			return -EINVAL;
	}
	if (groups & VMM_REGS_DR) {
		if ((r->dr6 | r->dr7) >> 32)
			return -EINVAL;
	}
	if (groups & VMM_REGS_MSR) {
		if (!canonical(r->lstar) || !canonical(r->cstar) || !canonical(r->kernel_gs_base) ||
		    !canonical(r->sysenter_esp) || !canonical(r->sysenter_eip) ||
		    r->sfmask >> 32 || r->tsc_aux >> 32 || r->sysenter_cs >> 32)
			return -EINVAL;
		if (!vmsr_value_is_valid(MSR_IA32_CR_PAT, r->pat, &vcpu->vm->msr_caps, false))
			return -EINVAL;
	}
	if (groups & VMM_REGS_EVENT) {
		if (r->interruptibility & ~(VMX_BLOCK_STI | VMX_BLOCK_MOV_SS | VMX_BLOCK_NMI) ||
		    r->activity > VMM_ACTIVITY_WAIT_SIPI || r->nmi_pending > 1)
			return -EINVAL;
		if (!vmx_intinfo_ok(r->exit_intinfo, r->event_length) ||
		    !vmx_intinfo_entry_ok(r->entry_intinfo))
			return -EINVAL;
	}
	return 0;
}
