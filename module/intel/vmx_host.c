// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The host's side of a burst: what the VMCS loads at exit, and what VM entry
 * and exit destroy and nobody restores but us.
 *
 * Saved once at the start of a burst and put back at its end; in between
 * interrupts run, but no user code and no scheduler. What an interrupt could
 * change (CR3 and CR4 bits) is looked at before each entry.
 *
 * SDM "Loading Host State", "Host-State Area".
 */
#include <linux/smp.h>
#include <asm/debugreg.h>
#include <asm/desc.h>
#include <asm/msr.h>
#include <asm/processor.h>
#include <asm/segment.h>
#include <asm/tlbflush.h>
#include "compat.h"
#include "mitigation.h"
#include "vmm.h"
#include "vmx.h"
#include "vmx_insn.h"

void vmx_host_constants(struct vmx_vcpu *vmx)
{
	struct desc_ptr idt;
	u64 value;

	store_idt(&idt);
	vmx->host.fs_base = ~0ULL;
	vmwrite(VMCS_HOST_CR0, read_cr0() & ~X86_CR0_TS);
	vmwrite(VMCS_HOST_CS_SELECTOR, __KERNEL_CS);
	vmwrite(VMCS_HOST_SS_SELECTOR, __KERNEL_DS);
	vmwrite(VMCS_HOST_DS_SELECTOR, 0);
	vmwrite(VMCS_HOST_ES_SELECTOR, 0);
	vmwrite(VMCS_HOST_FS_SELECTOR, 0);
	vmwrite(VMCS_HOST_GS_SELECTOR, 0);
	vmwrite(VMCS_HOST_TR_SELECTOR, GDT_ENTRY_TSS * 8);
	vmwrite(VMCS_HOST_IDTR_BASE, idt.address);
	vmwrite(VMCS_HOST_RIP, (unsigned long)vmx_exit_point);
	rdmsrl(MSR_IA32_SYSENTER_CS, value);
	vmwrite(VMCS_HOST_SYSENTER_CS, value);
	rdmsrl(MSR_IA32_SYSENTER_EIP, value);
	vmwrite(VMCS_HOST_SYSENTER_EIP, value);
	rdmsrl(MSR_EFER, value);
	vmwrite(VMCS_HOST_EFER, value);
	rdmsrl(MSR_IA32_CR_PAT, value);
	vmwrite(VMCS_HOST_PAT, value);
}

/* Fields that belong to the CPU we are on. */
static void host_cpu_fields(struct vmx_vcpu *vmx, int cpu)
{
	u64 esp;

	vmwrite(VMCS_HOST_TR_BASE, (unsigned long)&get_cpu_entry_area(cpu)->tss.x86_tss);
	vmwrite(VMCS_HOST_GDTR_BASE, (unsigned long)get_current_gdt_ro());
	vmwrite(VMCS_HOST_GS_BASE, cpu_kernelmode_gs_base(cpu));
	rdmsrl(MSR_IA32_SYSENTER_ESP, esp);
	vmwrite(VMCS_HOST_SYSENTER_ESP, esp);
	/* Written when a CPU comes up and never again. */
	vmx->host_star = msr_get(MSR_STAR);
	vmx->host_lstar = msr_get(MSR_LSTAR);
	vmx->host_cstar = msr_get(MSR_CSTAR);
	vmx->host_sfmask = msr_get(MSR_SYSCALL_MASK);
	if (vmx_has(VMM_CAP_RDTSCP))
		vmx->host_tsc_aux = msr_get(MSR_TSC_AUX);
	vmx->host.cpu = cpu;
}

static void host_debug_save(struct vcpu *vcpu)
{
	struct vmx_vcpu *vmx = vcpu->vmx;
	const u64 *dr = vmx_debugger_has_dr(vcpu) ? vcpu->debug.dr : vcpu->regs.dr;

	vmx->host_debugctl = msr_get(MSR_IA32_DEBUGCTLMSR);
	get_debugreg(vmx->host_dr7, 7);
	vmx->guest_dr_loaded = false;
	if ((vmx->host_dr7 & 0xff) || (vmx_dr7(vcpu) & 0xff)) {
		get_debugreg(vmx->host_dr[0], 0);
		get_debugreg(vmx->host_dr[1], 1);
		get_debugreg(vmx->host_dr[2], 2);
		get_debugreg(vmx->host_dr[3], 3);
		get_debugreg(vmx->host_dr6, 6);
		set_debugreg(0UL, 7);
		set_debugreg((unsigned long)dr[0], 0);
		set_debugreg((unsigned long)dr[1], 1);
		set_debugreg((unsigned long)dr[2], 2);
		set_debugreg((unsigned long)dr[3], 3);
		vmx->guest_dr_loaded = true;
	}
}

bool vmx_host_is_quiet(const struct vmx_vcpu *vmx)
{
	return !vmx->host_pebs && !vmx->host_debugctl && !(vmx->host_dr7 & 0xff);
}

bool vmx_host_perf_armed(void)
{
	u64 value;

	if (hw_breakpoint_active())
		return true;
	if (!boot_cpu_has(X86_FEATURE_PEBS))
		return false;
	rdmsrl(MSR_IA32_PEBS_ENABLE, value);
	return value;
}

static void host_debug_restore(struct vmx_vcpu *vmx)
{
	if (vmx->guest_dr_loaded && hw_breakpoint_active() && !(vmx->host_dr7 & 0xff)) {
		/* Armed meanwhile: the kernel knows the values, we do not. */
		vmm_hw_breakpoint_restore();
	} else if (vmx->guest_dr_loaded) {
		set_debugreg((unsigned long)vmx->host_dr[0], 0);
		set_debugreg((unsigned long)vmx->host_dr[1], 1);
		set_debugreg((unsigned long)vmx->host_dr[2], 2);
		set_debugreg((unsigned long)vmx->host_dr[3], 3);
		set_debugreg((unsigned long)vmx->host_dr6, 6);
	}
	if (vmx->host_dr7 & 0xff)
		set_debugreg((unsigned long)vmx->host_dr7, 7);
	if (vmx->host_debugctl)
		wrmsrl(MSR_IA32_DEBUGCTLMSR, vmx->host_debugctl);
}

/*
 * The guest's registers go in and the host's come back once per burst, and only
 * where they differ: between two Linux kernels several do not. The host's are
 * those of the CPU, known since host_cpu_fields(), but for the user's GS base.
 */
static __always_inline void swap_in(u32 index, u64 guest, u64 host)
{
	if (guest != host)
		msr_put(index, guest);
}

/* The guest may have written it itself: read back what it left. */
static __always_inline void swap_out(u32 index, u64 *guest, u64 host)
{
	*guest = msr_get(index);
	if (*guest != host)
		msr_put(index, host);
}

static void host_msrs_swap_in(struct vcpu *vcpu)
{
	struct vmx_vcpu *vmx = vcpu->vmx;
	const struct vmm_regs *r = &vcpu->regs;

	vmx->host_kgs = msr_get(MSR_KERNEL_GS_BASE);
	swap_in(MSR_STAR, r->star, vmx->host_star);
	swap_in(MSR_LSTAR, r->lstar, vmx->host_lstar);
	swap_in(MSR_CSTAR, r->cstar, vmx->host_cstar);
	swap_in(MSR_SYSCALL_MASK, r->sfmask, vmx->host_sfmask);
	swap_in(MSR_KERNEL_GS_BASE, r->kernel_gs_base, vmx->host_kgs);
	if (vmx_has(VMM_CAP_RDTSCP))
		swap_in(MSR_TSC_AUX, r->tsc_aux, vmx->host_tsc_aux);
	if (boot_cpu_has(X86_FEATURE_PEBS)) {
		/* PEBS would write its records through the guest's page tables. */
		vmx->host_pebs = msr_get(MSR_IA32_PEBS_ENABLE);
		if (vmx->host_pebs)
			msr_put(MSR_IA32_PEBS_ENABLE, 0);
	}
}

static void host_msrs_swap_out(struct vcpu *vcpu)
{
	struct vmx_vcpu *vmx = vcpu->vmx;
	struct vmm_regs *r = &vcpu->regs;

	swap_out(MSR_STAR, &r->star, vmx->host_star);
	swap_out(MSR_LSTAR, &r->lstar, vmx->host_lstar);
	swap_out(MSR_CSTAR, &r->cstar, vmx->host_cstar);
	swap_out(MSR_SYSCALL_MASK, &r->sfmask, vmx->host_sfmask);
	swap_out(MSR_KERNEL_GS_BASE, &r->kernel_gs_base, vmx->host_kgs);
	if (vmx_has(VMM_CAP_RDTSCP))
		swap_out(MSR_TSC_AUX, &r->tsc_aux, vmx->host_tsc_aux);
	if (boot_cpu_has(X86_FEATURE_PEBS) && vmx->host_pebs)
		msr_put(MSR_IA32_PEBS_ENABLE, vmx->host_pebs);
}

/*
 * A guest without the register runs with the host's value. Written at entry
 * and at exit, and only where the two differ.
 */
void vmx_spec_ctrl(struct vcpu *vcpu)
{
	struct vmx_switch *sw = &vcpu->vmx->sw;

	sw->flags &= ~SWITCH_F_GUEST_SPEC;
	if (!vcpu->vm->msr_caps.spec_ctrl)
		return;
	sw->guest_spec_ctrl = vcpu->msr[VMSR_SLOT_SPEC_CTRL];
	if (sw->guest_spec_ctrl != sw->host_spec_ctrl)
		sw->flags |= SWITCH_F_GUEST_SPEC;
}

void vmx_host_save(struct vcpu *vcpu)
{
	struct vmx_vcpu *vmx = vcpu->vmx;
	int cpu = smp_processor_id();
	u64 fs_base;

	if (vmx->host.cpu != cpu) {
		host_cpu_fields(vmx, cpu);
		vmx->host.cr3 = 0;
		vmx->host.cr4 = 0;
	}
	savesegment(fs, vmx->host_fs);
	savesegment(gs, vmx->host_gs);
	savesegment(ds, vmx->host_ds);
	savesegment(es, vmx->host_es);
	vmx->host_ldt = 0;
	store_ldt(vmx->host_ldt);
	fs_base = msr_get(MSR_FS_BASE);
	if (fs_base != vmx->host.fs_base) {
		vmwrite(VMCS_HOST_FS_BASE, fs_base);
		vmx->host.fs_base = fs_base;
	}
	vmx->sw.host_spec_ctrl = vmm_mitigation_host_spec_ctrl();
	vmx_spec_ctrl(vcpu);
	host_debug_save(vcpu);
	host_msrs_swap_in(vcpu);
}

void vmx_host_restore(struct vcpu *vcpu)
{
	struct vmx_vcpu *vmx = vcpu->vmx;

	host_msrs_swap_out(vcpu);
	host_debug_restore(vmx);

	/*
	 * VM exit leaves null selectors and the largest descriptor-table
	 * limits. User segments other than null belong to 32-bit processes;
	 * loading a selector sets the base, so the bases come last.
	 */
	if (unlikely(vmx->host_ldt))
		asm volatile("lldt %0" : : "m" (vmx->host_ldt));
	if (unlikely(vmx->host_fs | vmx->host_gs)) {
		loadsegment(fs, vmx->host_fs);
		load_gs_index(vmx->host_gs);
		wrmsrl(MSR_KERNEL_GS_BASE, vmx->host_kgs);
		wrmsrl(MSR_FS_BASE, vmx->host.fs_base);
	}
	if (unlikely(vmx->host_ds | vmx->host_es)) {
		loadsegment(ds, vmx->host_ds);
		loadsegment(es, vmx->host_es);
	}
	invalidate_tss_limit();
	load_fixmap_gdt(vmx->host.cpu);
}

void vmx_host_refresh(struct vmx_vcpu *vmx)
{
	unsigned long cr3 = __read_cr3();
	unsigned long cr4 = __read_cr4();

	if (unlikely(cr3 != vmx->host.cr3)) {
		vmwrite(VMCS_HOST_CR3, cr3);
		vmx->host.cr3 = cr3;
	}
	if (unlikely(cr4 != vmx->host.cr4)) {
		vmwrite(VMCS_HOST_CR4, cr4);
		vmx->host.cr4 = cr4;
	}
}
