// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * One VM exit: a table of handlers indexed by basic exit reason.
 *
 * The VMCS is current and interrupts are off. A handler reads the fields it
 * needs and no others; flags of its row have the common ones read first.
 */
#include <linux/slab.h>
#include "compat.h"
#include "fpu.h"
#include "vmm.h"
#include "vmx.h"
#include "vmx_check.h"
#include "vmx_insn.h"

#define NEED_LEN	BIT(0)	/* instruction length into vcpu->inst_len */
#define NEED_QUAL	BIT(1)	/* exit qualification into vcpu->last_qual */
#define NEED_VECTORING	BIT(2)	/* may have cut an event delivery short */

struct exit_row {
	enum exit_action (*handler)(struct vcpu *vcpu);
	u32 flags;
};

static enum exit_action exit_triple_fault(struct vcpu *vcpu)
{
	vm_suspend_by(vcpu->vm, VMM_SUSPEND_TRIPLEFAULT, vcpu->id);
	return EXIT_AGAIN;
}

/* The window is open: the next entry injects and closes it. */
static enum exit_action exit_window(struct vcpu *vcpu)
{
	vcpu->irq_look = true;
	return EXIT_RESUME;
}

static enum exit_action exit_nothing(struct vcpu *vcpu)
{
	vcpu_advance(vcpu);
	return EXIT_RESUME;
}

static enum exit_action exit_ud(struct vcpu *vcpu)
{
	vcpu_inject_ud(vcpu);
	return EXIT_RESUME;
}

static enum exit_action exit_gp(struct vcpu *vcpu)
{
	vcpu_inject_gp(vcpu);
	return EXIT_RESUME;
}

static enum exit_action exit_io(struct vcpu *vcpu)
{
	u64 qual = vcpu->last_qual;
	u16 port = qual >> VMX_IOQ_PORT_SHIFT;

	if (qual & VMX_IOQ_STRING) {
		vcpu->work.kind = WORK_EMULATE;
		vcpu->work.gla_valid = false;
		vcpu->work.access = 0;
		vcpu->work.string_io = true;
		vcpu->work.port = port;
		vcpu->work.size = (qual & VMX_IOQ_SIZE) + 1;
		vcpu->work.in = qual & VMX_IOQ_IN;
		return EXIT_WORK;
	}
	return vcpu_exit_io(vcpu, port, (qual & VMX_IOQ_SIZE) + 1, qual & VMX_IOQ_IN);
}

/* The slice is over: the host looks around. */
static enum exit_action exit_slice(struct vcpu *vcpu)
{
	return vmx_take_interrupt(vcpu);
}

/* SDM "APIC-Write VM Exits": like a trap, after the instruction. */
static enum exit_action exit_apic_write(struct vcpu *vcpu)
{
	return vcpu_exit_apic_write(vcpu, vcpu->last_qual & 0xff0);
}

/* SDM "Exit Qualification for APIC-Access VM Exits from Linear Accesses". */
static enum exit_action exit_apic_access(struct vcpu *vcpu)
{
	u32 type = vcpu->last_qual >> 12 & 0xf;

	if (type > 1 || vcpu->exit_intinfo)
		return vmx_exit_unclaimed(vcpu, VMX_REASON_APIC_ACCESS);
	return vcpu_exit_apic_access(vcpu, vcpu->last_qual & 0xfff, type == 1);
}

static enum exit_action exit_pause(struct vcpu *vcpu)
{
	vcpu_advance(vcpu);
	return EXIT_AGAIN;
}

static const struct exit_row exit_table[] = {
	[VMX_REASON_EXCEPTION]	   = { vmx_exit_exception, NEED_QUAL | NEED_VECTORING },
	[VMX_REASON_TRIPLE_FAULT]  = { exit_triple_fault },
	[VMX_REASON_INTR_WINDOW]   = { exit_window },
	[VMX_REASON_NMI_WINDOW]	   = { vmx_exit_nmi_window },
	[VMX_REASON_TASK_SWITCH]   = { vmx_exit_task_switch, NEED_QUAL | NEED_VECTORING },
	[VMX_REASON_CPUID]	   = { vcpu_exit_cpuid, NEED_LEN },
	[VMX_REASON_GETSEC]	   = { exit_ud },
	[VMX_REASON_HLT]	   = { vcpu_exit_hlt, NEED_LEN },
	[VMX_REASON_INVD]	   = { exit_nothing, NEED_LEN },
	[VMX_REASON_RDPMC]	   = { exit_gp },
	[VMX_REASON_RSM]	   = { exit_ud },
	[VMX_REASON_VMCALL]	   = { exit_ud },
	[VMX_REASON_VMCLEAR]	   = { exit_ud },
	[VMX_REASON_VMLAUNCH]	   = { exit_ud },
	[VMX_REASON_VMPTRLD]	   = { exit_ud },
	[VMX_REASON_VMPTRST]	   = { exit_ud },
	[VMX_REASON_VMREAD]	   = { exit_ud },
	[VMX_REASON_VMRESUME]	   = { exit_ud },
	[VMX_REASON_VMWRITE]	   = { exit_ud },
	[VMX_REASON_VMXOFF]	   = { exit_ud },
	[VMX_REASON_VMXON]	   = { exit_ud },
	[VMX_REASON_CR_ACCESS]	   = { vmx_exit_cr, NEED_LEN | NEED_QUAL },
	[VMX_REASON_MOV_DR]	   = { vmx_exit_dr, NEED_LEN | NEED_QUAL },
	[VMX_REASON_IO]		   = { exit_io, NEED_LEN | NEED_QUAL },
	[VMX_REASON_RDMSR]	   = { vcpu_exit_rdmsr, NEED_LEN },
	[VMX_REASON_WRMSR]	   = { vcpu_exit_wrmsr, NEED_LEN },
	[VMX_REASON_MWAIT]	   = { exit_ud },
	[VMX_REASON_MTF]	   = { vcpu_exit_step },
	[VMX_REASON_MONITOR]	   = { exit_ud },
	[VMX_REASON_PAUSE]	   = { exit_pause, NEED_LEN },
	[VMX_REASON_TPR_THRESHOLD] = { exit_window },
	[VMX_REASON_APIC_ACCESS]   = { exit_apic_access, NEED_QUAL | NEED_VECTORING },
	[VMX_REASON_APIC_WRITE]	   = { exit_apic_write, NEED_QUAL },
	[VMX_REASON_EPT_VIOLATION] = { vmx_exit_ept_violation, NEED_QUAL | NEED_VECTORING },
	[VMX_REASON_EPT_MISCONFIG] = { vmx_exit_ept_misconfig, NEED_VECTORING },
	[VMX_REASON_INVEPT]	   = { exit_ud },
	[VMX_REASON_INVVPID]	   = { exit_ud },
	[VMX_REASON_PREEMPT_TIMER] = { exit_slice },
	[VMX_REASON_WBINVD]	   = { exit_nothing, NEED_LEN },
	[VMX_REASON_XSETBV]	   = { vmx_exit_xsetbv, NEED_LEN },
	[VMX_REASON_VMFUNC]	   = { exit_ud },
};

enum exit_action vmx_handle_exit(struct vcpu *vcpu, u32 reason)
{
	const struct exit_row *row;

	if (unlikely(reason >= ARRAY_SIZE(exit_table) || !exit_table[reason].handler))
		return vmx_exit_unclaimed(vcpu, reason);
	row = &exit_table[reason];
	vcpu->inst_len = row->flags & NEED_LEN ? vmread(VMCS_EXIT_INST_LENGTH) : 0;
	if (row->flags & NEED_QUAL)
		vcpu->last_qual = vmread(VMCS_EXIT_QUALIFICATION);
	if (row->flags & NEED_VECTORING)
		vmx_save_vectoring(vcpu, reason);
	return row->handler(vcpu);
}

static struct vmm_exit_vmx *fill_vmx(struct vcpu *vcpu, u32 exit, u32 reason, u32 error)
{
	struct vmm_exit_vmx *vmx = &vcpu->run->vmx;

	vcpu->run->exit = exit;
	memset(vmx, 0, sizeof(*vmx));
	vmx->reason = reason;
	vmx->instruction_error = error;
	vmx->qualification = vmread(VMCS_EXIT_QUALIFICATION);
	vmx->gpa = vmread(VMCS_GUEST_PHYSICAL);
	vmx->gla = vmread(VMCS_GUEST_LINEAR);
	vmx->intr_info = vmread(VMCS_EXIT_INTR_INFO);
	vmx->intr_error = vmread(VMCS_EXIT_INTR_ERROR);
	return vmx;
}

enum exit_action vmx_exit_unclaimed(struct vcpu *vcpu, u32 reason)
{
	fill_vmx(vcpu, VMM_EXIT_VMX, reason, 0);
	return EXIT_USER;
}

enum exit_action vmx_entry_failed(struct vcpu *vcpu, u32 reason, u32 error)
{
	if ((reason & VMX_REASON_BASIC) == VMX_REASON_MACHINE_CHECK)
		vmm_machine_check();
	fill_vmx(vcpu, VMM_EXIT_ENTRY_FAILED, reason, error);
	/* An exit clears the valid bit; this was none. */
	vmwrite(VMCS_ENTRY_INTR_INFO, 0);
	vcpu->vmx->explain = true;
	return EXIT_USER;
}

/* Cold: the state is large, so it is read on a visit of its own. */
void vmx_explain_failure(struct vcpu *vcpu)
{
	struct vmx_state *state = kzalloc(sizeof(*state), GFP_KERNEL_ACCOUNT);
	struct vmx_violation violation;
	unsigned int i;

	if (!state || vmx_visit(vcpu))
		goto out;
	for (i = 0; i < VMXF_COUNT; i++)
		vmread_safe(vmx_check_field[i].encoding, &state->v[i]);
	vmx_leave(vcpu);
	state->msrs = &vmx_msrs;
	state->maxphyaddr = boot_cpu_data.x86_phys_bits;
	if (vmx_check(state, &violation))
		vmx_violation_format(&violation, vcpu->run->vmx.rule,
				     sizeof(vcpu->run->vmx.rule));
out:
	kfree(state);
}
