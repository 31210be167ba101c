/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * State and internal interface of the VMX back end.
 *
 * SDM volume 3, "Introduction to Virtual Machine Extensions" to "VM Exits".
 */
#ifndef VMM_INTEL_VMX_H
#define VMM_INTEL_VMX_H

#include <linux/cpumask.h>
#include <linux/percpu.h>
#include "backend.h"
#include "vmcs_fields.h"
#include "vmx_caps.h"
#include "vmx_insn.h"

#define SWITCH_B_RESUME		0
#define SWITCH_F_RESUME		(1 << SWITCH_B_RESUME)
#define SWITCH_F_VERW		(1 << 1)
#define SWITCH_F_SPEC_CTRL	(1 << 2)
#define SWITCH_F_BHB		(1 << 3)
#define SWITCH_F_GUEST_SPEC	(1 << 4)	/* the guest's SPEC_CTRL is another */

/* What vmx_entry.S sees of a vCPU; offsets by vmx_offsets.c. */
struct vmx_switch {
	u64 *gpr;		/* vcpu->regs.gpr; [RSP] unused */
	u64 host_rsp;		/* as last written to the VMCS */
	u64 host_spec_ctrl;
	u64 guest_spec_ctrl;
	u32 flags;		/* SWITCH_F_* */
} ____cacheline_aligned;

/* Host values that the VMCS holds, to write only what changed. */
struct vmx_host_cache {
	u64 cr3;
	u64 cr4;
	u64 fs_base;
	int cpu;		/* per-CPU fields are those of this CPU, or -1 */
};

struct vmx_vcpu {
	struct vmx_switch sw;
	struct vmx_host_cache host;
	u64 vmcs_hpa;
	void *vmcs;
	u32 proc_ctls;		/* primary controls as the VMCS holds them */
	u32 entry_ctls;
	u32 tpr_threshold;	/* as the VMCS holds it */
	u16 vpid;		/* 0: VPID not in use */
	int vpid_cpu;		/* CPU whose TLB may hold our VPID, or -1 */
	bool initialised;	/* VMCS written once */
	/* Host values to put back at the end of a burst. */
	u64 host_star, host_lstar, host_cstar, host_sfmask, host_kgs, host_tsc_aux;
	u64 host_dr[4], host_dr6, host_dr7, host_debugctl;
	u64 host_pebs;
	u16 host_fs, host_gs, host_ds, host_es, host_ldt;
	bool guest_dr_loaded;
	bool step_trap;		/* vmx_step.c: TF is ours, from entry to exit */
	bool step_window;	/* the NMI window is for a step */
	bool explain;			/* the entry failed: say why after the burst */
};

extern struct vmx_caps vmx_caps;		/* judged once, in vmx.c */
extern struct vmx_msrs vmx_msrs;			/* of the CPU that loaded the module */
extern void *vmx_msr_bitmap;			/* shared by all vCPUs */

static inline bool vmx_has(u64 cap)
{
	return vmx_caps.caps & cap;
}

/* Breakpoints in force: the guest's, or those of userspace's debugger. */
static inline bool vmx_debugger_has_dr(const struct vcpu *vcpu)
{
	return vcpu->debug.control & VMM_DEBUG_HARDWARE;
}

static inline u64 vmx_dr7(const struct vcpu *vcpu)
{
	return vmx_debugger_has_dr(vcpu) ? vcpu->debug.dr7 : vcpu->regs.dr7;
}

/*
 * vmx_step.c: single step. Before an entry with vcpu->step: the primary control
 * that it needs; @injects: the entry injects an event. After one with
 * vmx->step_trap: take TF out again. VMCS current.
 */
u32 vmx_step_arm(struct vcpu *vcpu, bool injects);
void vmx_step_disarm(struct vcpu *vcpu, u32 reason);
/* Stepping by TF: all exceptions exit. */
bool vmx_step_is_trap(const struct vcpu *vcpu);
enum exit_action vmx_step_reflect(struct vcpu *vcpu, u32 info);
enum exit_action vmx_exit_nmi_window(struct vcpu *vcpu);

/* #DB and #AC could be delivered for ever without one instruction retiring. */
static inline u32 vmx_exceptions(const struct vcpu *vcpu)
{
	if (vmx_step_is_trap(vcpu))
		return ~0U;
	return BIT(1) | BIT(17) | BIT(18) |
	       (vcpu->debug.control & VMM_DEBUG_BREAKPOINT ? BIT(3) : 0);
}

/* vmx_vcpu.c: VMCS set-up. */
int vmx_vcpu_init(struct vcpu *vcpu);
void vmx_vcpu_fini(struct vcpu *vcpu);
void vmx_vcpu_reset(struct vcpu *vcpu, bool init);
/* VMCS current, preemption off: write every field that does not change. */
void vmx_vcpu_setup(struct vcpu *vcpu);

/* vmx_host.c: the host's side of a burst. Preemption off throughout. */
void vmx_host_save(struct vcpu *vcpu);
void vmx_host_restore(struct vcpu *vcpu);
/* Interrupts off, after they were on: fields that an interrupt may change. */
void vmx_host_refresh(struct vmx_vcpu *vmx);
void vmx_host_constants(struct vmx_vcpu *vmx);
/* Preemption off: the guest's SPEC_CTRL against this CPU's. */
void vmx_spec_ctrl(struct vcpu *vcpu);
/* Had perf nothing armed when the burst began? Has it armed something since? */
bool vmx_host_is_quiet(const struct vmx_vcpu *vmx);
bool vmx_host_perf_armed(void);

/* vmx_run.c */
int vmx_run(struct vcpu *vcpu, enum exit_action *action);
asmlinkage int vmx_enter(struct vmx_switch *sw);
void vmx_exit_point(void);
/* After an exit, interrupts off: let the host take what waits. */
enum exit_action vmx_take_interrupt(struct vcpu *vcpu);
/* Make the VMCS current for a short visit outside a burst; preemption off after. */
int vmx_visit(struct vcpu *vcpu);
void vmx_leave(struct vcpu *vcpu);

/* vmx_regs.c: the mirror between vcpu->regs and the VMCS. */
void vmx_regs_read(struct vcpu *vcpu, u32 parts);	/* VMCS current */
void vmx_regs_write(struct vcpu *vcpu);			/* VMCS current: all that is dirty */
static __always_inline void vmx_regs_flush(struct vcpu *vcpu)
{
	if (vcpu->dirty == CACHE_RIP) {
		vmwrite(VMCS_GUEST_RIP, vcpu->regs.rip);
		vcpu->dirty = 0;
	} else if (vcpu->dirty) {
		vmx_regs_write(vcpu);
	}
}
int vmx_load_regs(struct vcpu *vcpu, u32 parts);
int vmx_check_regs(struct vcpu *vcpu, const struct vmm_regs *regs, u32 groups);
int vmx_read_vmcs(struct vcpu *vcpu, u32 encoding, u64 *value);
u64 vmx_rip(struct vcpu *vcpu);
u64 vmx_rflags(struct vcpu *vcpu);

/*
 * vmx_intr.c: events before an entry. False: leave the burst (triple fault).
 * vmx_has_events() says whether there can be any.
 */
bool vmx_inject_events(struct vcpu *vcpu);
/* Primary controls that follow the vCPU's state from entry to entry. */
#define VMX_PROC_ON_DEMAND	(VMX_PROC_INTR_WINDOW | VMX_PROC_NMI_WINDOW | VMX_PROC_MTF)
static inline bool vmx_has_events(const struct vcpu *vcpu)
{
	return vcpu->irq_look || vcpu->exit_intinfo || vcpu->entry_intinfo || vcpu->nmi_pending ||
	       vcpu->step || (vcpu->vmx->proc_ctls & VMX_PROC_ON_DEMAND);
}

/* After an exit that can cut a delivery short: vectoring and NMI blocking. */
void vmx_save_vectoring(struct vcpu *vcpu, u32 reason);

/* vmx_exit.c: one exit; VMCS current, interrupts off. */
enum exit_action vmx_handle_exit(struct vcpu *vcpu, u32 reason);
enum exit_action vmx_exit_unclaimed(struct vcpu *vcpu, u32 reason);
enum exit_action vmx_entry_failed(struct vcpu *vcpu, u32 reason, u32 error);
/* Process context: which rule of the SDM did the guest state break? */
void vmx_explain_failure(struct vcpu *vcpu);

/* vmx_exit_cr.c, vmx_exit_fault.c */
enum exit_action vmx_exit_cr(struct vcpu *vcpu);
enum exit_action vmx_exit_dr(struct vcpu *vcpu);
enum exit_action vmx_exit_xsetbv(struct vcpu *vcpu);
enum exit_action vmx_exit_exception(struct vcpu *vcpu);
enum exit_action vmx_exit_ept_violation(struct vcpu *vcpu);
enum exit_action vmx_exit_ept_misconfig(struct vcpu *vcpu);
enum exit_action vmx_exit_task_switch(struct vcpu *vcpu);
/* Control registers as the VMCS needs them; used by SET_REGS too. */
void vmx_write_cr0(struct vcpu *vcpu, u64 cr0);
void vmx_write_cr4(struct vcpu *vcpu, u64 cr4);
bool vmx_cr0_valid(struct vcpu *vcpu, u64 cr0);
bool vmx_cr4_valid(struct vcpu *vcpu, u64 cr4);
u64 vmx_cr4_allowed(void);
bool vmx_efer_valid(struct vcpu *vcpu, u64 efer);

/* ept_inv.c */
u64 vm_eptp(struct vm *vm);
/* Interrupts off, after they were on, in_guest set before: flush what others invalidated. */
void ept_enter(struct vcpu *vcpu);

#endif /* VMM_INTEL_VMX_H */
