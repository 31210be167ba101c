// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Mitigations. Decided once at load; the hot path only looks at flags.
 *
 * What must happen in a given place between two instructions is in
 * vmx_entry.S: VERW, return stack, SPEC_CTRL, branch history, registers.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/sched/smt.h>
#include <asm/cpufeature.h>
#include <asm/nospec-branch.h>
#include <asm/spec-ctrl.h>
#include "../vmm.h"
#include "compat.h"
#include "mitigation.h"

static bool l1d_flush = true;
module_param(l1d_flush, bool, 0444);
MODULE_PARM_DESC(l1d_flush, "flush the L1 data cache before running a guest, on processors with L1TF");

static u64 in_force;
static DEFINE_PER_CPU(u64, last_vm);	/* vm->serial: addresses come again */

static bool has_l1tf(void)
{
	return boot_cpu_has_bug(X86_BUG_L1TF) && boot_cpu_has(X86_FEATURE_FLUSH_L1D);
}

void vmm_mitigation_init(void)
{
	in_force = VMM_MITIG_GPR_CLEAR;
	if (has_l1tf() && l1d_flush)
		in_force |= VMM_MITIG_L1D_FLUSH;
	if (boot_cpu_has(X86_FEATURE_CLEAR_CPU_BUF) ||
	    boot_cpu_has(X86_FEATURE_CLEAR_CPU_BUF_VM))
		in_force |= VMM_MITIG_VERW;
	if (boot_cpu_has(X86_FEATURE_KERNEL_IBRS))
		in_force |= VMM_MITIG_SPEC_CTRL;
	if (boot_cpu_has(X86_FEATURE_RSB_VMEXIT) || boot_cpu_has(X86_FEATURE_RSB_VMEXIT_LITE))
		in_force |= VMM_MITIG_RSB_FILL;
	if (vmm_bhb_wanted())
		in_force |= VMM_MITIG_BHB_CLEAR;
	if (boot_cpu_has(X86_FEATURE_USE_IBPB))
		in_force |= VMM_MITIG_IBPB;
	if (vmm_ibpb_user_wanted())
		in_force |= VMM_MITIG_IBPB_USER;
	if (boot_cpu_has_bug(X86_BUG_ITLB_MULTIHIT))
		in_force |= VMM_MITIG_ITLB;
	if (sched_smt_active() &&
	    (boot_cpu_has_bug(X86_BUG_L1TF) || boot_cpu_has_bug(X86_BUG_MDS)))
		in_force |= VMM_MITIG_SMT_EXPOSED;
}

u64 vmm_mitigations(void)
{
	return in_force;
}

bool vmm_mitigation_verw(void)
{
	return in_force & VMM_MITIG_VERW;
}

bool vmm_mitigation_bhb(void)
{
	return in_force & VMM_MITIG_BHB_CLEAR;
}

bool vmm_mitigation_spec_ctrl(void)
{
	return in_force & VMM_MITIG_SPEC_CTRL;
}

u64 vmm_mitigation_host_spec_ctrl(void)
{
	return boot_cpu_has(X86_FEATURE_MSR_SPEC_CTRL) ? this_cpu_read(x86_spec_ctrl_current) : 0;
}

u64 vmm_host_arch_caps(void)
{
	u64 value = 0;

	if (boot_cpu_has(X86_FEATURE_ARCH_CAPABILITIES))
		rdmsrl(MSR_IA32_ARCH_CAPABILITIES, value);
	return value;
}

void vmm_mitigation_burst(const struct vm *vm)
{
	if (unlikely(this_cpu_read(last_vm) != vm->serial)) {
		this_cpu_write(last_vm, vm->serial);
		if (in_force & VMM_MITIG_IBPB)
			wrmsrl(MSR_IA32_PRED_CMD, PRED_CMD_IBPB);
	}
	if (in_force & VMM_MITIG_L1D_FLUSH)
		wrmsrl(MSR_IA32_FLUSH_CMD, L1D_FLUSH);
}

void vmm_mitigation_after_interrupt(void)
{
	if (in_force & VMM_MITIG_L1D_FLUSH)
		wrmsrl(MSR_IA32_FLUSH_CMD, L1D_FLUSH);
}

void vmm_mitigation_after_burst(void)
{
	if (in_force & VMM_MITIG_IBPB_USER)
		vmm_ibpb_user();
}
