// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A vCPU's VMCS: allocation, the fields that never change, and the
 * architectural reset state.
 *
 * Guest state is not written here: reset fills vcpu->regs and marks all of it
 * dirty, and the first burst carries it over like any other change.
 *
 * SDM "Virtual Machine Control Structures"; "Processor State After Reset".
 */
#include <linux/gfp.h>
#include <linux/idr.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include "fpu.h"
#include "mitigation.h"
#include "vmm.h"
#include "vmx.h"
#include "vmx_insn.h"

#define VMX_SLICE_MS	10
#define VMX_PLE_GAP	128
#define VMX_PLE_WINDOW	4096

static DEFINE_IDA(vpids);

int vmx_vcpu_init(struct vcpu *vcpu)
{
	struct vmx_vcpu *vmx = kzalloc(sizeof(*vmx), GFP_KERNEL_ACCOUNT);
	int vpid;

	if (!vmx)
		return -ENOMEM;
	vmx->vmcs = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (!vmx->vmcs) {
		kfree(vmx);
		return -ENOMEM;
	}
	*(u32 *)vmx->vmcs = vmx_caps.revision;
	vmx->vmcs_hpa = __pa(vmx->vmcs);
	if (vmx_has(VMM_CAP_VPID)) {
		/* Out of VPIDs: 0 flushes at every entry, which is correct too. */
		vpid = ida_alloc_range(&vpids, 1, 0xffff, GFP_KERNEL);
		vmx->vpid = vpid < 0 ? 0 : vpid;
	}
	vmx->vpid_cpu = -1;
	vmx->host.cpu = -1;
	vmx->sw.gpr = vcpu->regs.gpr;
	vmx->sw.flags = vmm_mitigation_verw() ? SWITCH_F_VERW : 0;
	if (vmm_mitigation_bhb())
		vmx->sw.flags |= SWITCH_F_BHB;
	if (vmm_mitigation_spec_ctrl())
		vmx->sw.flags |= SWITCH_F_SPEC_CTRL;
	vmx->proc_ctls = vmx_caps.proc | VMX_PROC_MOV_DR | VMX_PROC_RDPMC | VMX_PROC_TSC_OFFSET;
	if (vm_apic_access_hpa(vcpu->vm)) {
		vmx->proc_ctls |= VMX_PROC_TPR_SHADOW;
		vmx->proc_ctls &= ~(VMX_PROC_CR8_LOAD | VMX_PROC_CR8_STORE);
	}
	vmx->entry_ctls = vmx_caps.entry;
	vcpu->vmx = vmx;
	return 0;
}

void vmx_vcpu_fini(struct vcpu *vcpu)
{
	struct vmx_vcpu *vmx = vcpu->vmx;

	if (vmx->vpid)
		ida_free(&vpids, vmx->vpid);
	free_page((unsigned long)vmx->vmcs);
	kfree(vmx);
	vcpu->vmx = NULL;
}

/*
 * The longest that a guest stays in one entry. A processor ends it for any
 * interrupt; an emulated one may not while the guest has IF clear, and then
 * this timer alone gets the CPU back. It is not saved on exit, so each entry
 * starts anew and costs nothing.
 */
static u32 slice_ticks(void)
{
	u64 ticks = (u64)tsc_khz * VMX_SLICE_MS >> vmx_caps.preempt_timer_shift;

	return clamp_t(u64, ticks, 1, U32_MAX);
}

void vmx_vcpu_setup(struct vcpu *vcpu)
{
	struct vmx_vcpu *vmx = vcpu->vmx;
	u32 proc2 = vmx_caps.proc2;

	if (!vmx->vpid)
		proc2 &= ~VMX_PROC2_VPID;
	if (vmx->proc_ctls & VMX_PROC_TPR_SHADOW) {
		proc2 |= VMX_PROC2_APIC_ACCESS | VMX_PROC2_APIC_REG_VIRT;
		vmwrite(VMCS_VIRTUAL_APIC_HPA, vcpu_apic_page_hpa(vcpu));
		vmwrite(VMCS_APIC_ACCESS_HPA, vm_apic_access_hpa(vcpu->vm));
		vmwrite(VMCS_TPR_THRESHOLD, 0);
		vmx->tpr_threshold = 0;
	}
	vmwrite(VMCS_PIN_CONTROLS, vmx_caps.pin);
	vmwrite(VMCS_PROC_CONTROLS, vmx->proc_ctls);
	vmwrite(VMCS_PROC2_CONTROLS, proc2);
	vmwrite(VMCS_EXIT_CONTROLS, vmx_caps.exit);
	vmwrite(VMCS_ENTRY_CONTROLS, vmx->entry_ctls);
	vmwrite(VMCS_EXCEPTION_BITMAP, vmx_exceptions(vcpu));
	vmwrite(VMCS_PF_ERROR_MASK, 0);
	vmwrite(VMCS_PF_ERROR_MATCH, 0);
	vmwrite(VMCS_CR3_TARGET_COUNT, 0);
	vmwrite(VMCS_EXIT_MSR_STORE_COUNT, 0);
	vmwrite(VMCS_EXIT_MSR_LOAD_COUNT, 0);
	vmwrite(VMCS_ENTRY_MSR_LOAD_COUNT, 0);
	vmwrite(VMCS_ENTRY_INTR_INFO, 0);
	vmwrite(VMCS_MSR_BITMAP, __pa(vcpu->vm->msr_bitmap ?: vmx_msr_bitmap));
	vmwrite(VMCS_EPTP, vm_eptp(vcpu->vm));
	vmwrite(VMCS_GUEST_LINK_POINTER, ~0ULL);
	vmwrite(VMCS_GUEST_DEBUGCTL, 0);
	vmwrite(VMCS_GUEST_ACTIVITY, VMX_ACTIVITY_ACTIVE);
	if (vmx->vpid)
		vmwrite(VMCS_VPID, vmx->vpid);
	if (proc2 & VMX_PROC2_PAUSE_LOOP) {
		vmwrite(VMCS_PLE_GAP, VMX_PLE_GAP);
		vmwrite(VMCS_PLE_WINDOW, VMX_PLE_WINDOW);
	}
	if (vmx_caps.pin & VMX_PIN_PREEMPT_TIMER)
		vmwrite(VMCS_GUEST_PREEMPT_TIMER, slice_ticks());
	vmx_host_constants(vmx);
	vmx->initialised = true;
}

static void reset_segment(struct vmm_seg *seg, u16 selector, u64 base, u32 access)
{
	*seg = (struct vmm_seg) {
		.selector = selector, .base = base, .limit = 0xffff, .access = access,
	};
}

void vmx_vcpu_reset(struct vcpu *vcpu, bool init)
{
	struct vmm_regs *r = &vcpu->regs;
	u64 cr0 = 0x60000010, cr2 = 0;
	unsigned int i;

	if (init) {
		/* INIT leaves CD, NW, XCR0 and the syscall MSRs alone. */
		vmx_regs_read(vcpu, CACHE_CR | CACHE_MSR);
		cr0 = (r->cr0 & 0x60000000) | 0x10;
		cr2 = r->cr2;
	} else {
		memset(r, 0, sizeof(*r));
		r->xcr0 = 1;
		r->pat = 0x0007040600070406ULL;
	}
	memset(r->gpr, 0, sizeof(r->gpr));
	r->gpr[VMM_REG_RDX] = cpuid_eax(1);
	r->rip = 0xfff0;
	r->rflags = 2;
	for (i = 0; i <= VMM_SEG_GS; i++)
		reset_segment(&r->seg[i], 0, 0, 0x93);
	reset_segment(&r->seg[VMM_SEG_CS], 0xf000, 0xffff0000, 0x9b);
	reset_segment(&r->seg[VMM_SEG_LDTR], 0, 0, 0x82);
	reset_segment(&r->seg[VMM_SEG_TR], 0, 0, 0x8b);
	r->gdtr_base = 0;
	r->idtr_base = 0;
	r->gdtr_limit = 0xffff;
	r->idtr_limit = 0xffff;
	r->cr0 = cr0;
	r->cr2 = cr2;
	r->cr3 = 0;
	r->cr4 = 0;
	r->efer = 0;
	memset(r->dr, 0, sizeof(r->dr));
	r->dr6 = 0xffff0ff0;
	r->dr7 = 0x400;
	r->interruptibility = 0;
	r->pending_debug = 0;
	vcpu->cr4_trapped = 0;
	vcpu->exit_intinfo = 0;
	vcpu->event_len = 0;
	vcpu->entry_intinfo = 0;
	vcpu->nmi_pending = false;
	vcpu->inst_len = 0;
	vcpu_dirty(vcpu, CACHE_ALL | CACHE_TSC);
}
