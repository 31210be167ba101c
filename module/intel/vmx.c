// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The VMX back end: judging the processor, and the vmm_ops instance.
 *
 * What the processor can do is decided once, at load (vmx_caps.c); all CPUs
 * must be able to run what was chosen.
 */
#include <linux/gfp.h>
#include <linux/module.h>
#include <linux/smp.h>
#include "compat.h"
#include "msr_policy.h"
#include "vmm.h"
#include "vmx.h"

struct vmx_caps vmx_caps;
struct vmx_msrs vmx_msrs;
void *vmx_msr_bitmap;

static unsigned long disable_caps;
module_param(disable_caps, ulong, 0444);
MODULE_PARM_DESC(disable_caps, "VMM_CAP_* bits (include/uapi/vmm.h) not to be used");

static u64 read_msr(u32 index)
{
	u64 value = 0;

	return rdmsrl_safe(index, &value) ? 0 : value;
}

static void read_msrs(struct vmx_msrs *m)
{
	u32 eax, ebx, ecx, edx;

	memset(m, 0, sizeof(*m));
	cpuid(1, &eax, &ebx, &ecx, &edx);
	m->cpuid_1_ecx = ecx;
	if (cpuid_eax(0) >= 7) {
		cpuid_count(7, 0, &eax, &ebx, &ecx, &edx);
		m->cpuid_7_ebx = ebx;
	}
	m->cpuid_80000001_edx = cpuid_edx(0x80000001);
	if (!(m->cpuid_1_ecx & BIT(5)))
		return;
	m->feature_control = read_msr(MSR_IA32_FEAT_CTL);
	m->basic = read_msr(MSR_IA32_VMX_BASIC);
	m->pin = read_msr(MSR_IA32_VMX_PINBASED_CTLS);
	m->proc = read_msr(MSR_IA32_VMX_PROCBASED_CTLS);
	m->exit = read_msr(MSR_IA32_VMX_EXIT_CTLS);
	m->entry = read_msr(MSR_IA32_VMX_ENTRY_CTLS);
	m->misc = read_msr(MSR_IA32_VMX_MISC);
	m->cr0_fixed0 = read_msr(MSR_IA32_VMX_CR0_FIXED0);
	m->cr0_fixed1 = read_msr(MSR_IA32_VMX_CR0_FIXED1);
	m->cr4_fixed0 = read_msr(MSR_IA32_VMX_CR4_FIXED0);
	m->cr4_fixed1 = read_msr(MSR_IA32_VMX_CR4_FIXED1);
	if (vmx_msrs_has_proc2(m->proc))
		m->proc2 = read_msr(MSR_IA32_VMX_PROCBASED_CTLS2);
	if (vmx_msrs_has_ept_vpid(m->proc2))
		m->ept_vpid = read_msr(MSR_IA32_VMX_EPT_VPID_CAP);
	if (vmx_msrs_has_true(m->basic)) {
		m->true_pin = read_msr(MSR_IA32_VMX_TRUE_PINBASED_CTLS);
		m->true_proc = read_msr(MSR_IA32_VMX_TRUE_PROCBASED_CTLS);
		m->true_exit = read_msr(MSR_IA32_VMX_TRUE_EXIT_CTLS);
		m->true_entry = read_msr(MSR_IA32_VMX_TRUE_ENTRY_CTLS);
	}
}

static void explain(const struct vmx_refusal *why, int cpu)
{
	unsigned int i;

	for (i = 0; i < min_t(unsigned int, why->count, VMX_MISSING_MAX); i++)
		pr_err("vmm: CPU %d lacks %s: %s\n", cpu, why->item[i].what, why->item[i].remedy);
}

struct fit_result {
	atomic_t bad_cpu;
};

static void fit_ipi(void *arg)
{
	struct fit_result *result = arg;
	struct vmx_refusal why = {};
	struct vmx_msrs msrs;

	read_msrs(&msrs);
	if (!vmx_caps_fit(&vmx_caps, &msrs, &why))
		atomic_set(&result->bad_cpu, smp_processor_id() + 1);
}

/* All-ones means everything exits; the policy names what does not. */
static void build_msr_bitmap(void *bitmap, const struct vm *vm)
{
	struct vmsr_caps caps = {
		.rdtscp = vmx_has(VMM_CAP_RDTSCP),
		.tsc_deadline = true,
		.long_mode = true,
		.gpa_width = boot_cpu_data.x86_phys_bits,
	};
	enum vmsr_action action;
	unsigned int i;
	u32 msr;

	memset(bitmap, 0xff, PAGE_SIZE);
	for (i = 0; vmsr_pass_next(&caps, i, &msr, &action); i++) {
		/* SDM "MSR-Bitmap Address": low, high for read, then for write. */
		void *base = bitmap + (msr >= 0xc0000000 ? 1024 : 0);

		if (!vm || !vm_msr_is_filtered(vm, msr, VMM_MSR_READ))
			__clear_bit(msr & 0x1fff, base);
		if (action == VMSR_PASS && (!vm || !vm_msr_is_filtered(vm, msr, VMM_MSR_WRITE)))
			__clear_bit(msr & 0x1fff, base + 2048);
	}
}

static int vmx_init(void)
{
	struct fit_result result = { ATOMIC_INIT(0) };
	struct vmx_refusal why = {};

	if (boot_cpu_data.x86_vendor != X86_VENDOR_INTEL) {
		pr_err("vmm: this processor is not Intel's: only Intel VT-x is supported\n");
		return -ENODEV;
	}
	if (vmm_host_has_fred()) {
		pr_err("vmm: the kernel uses FRED event delivery, which is not supported yet: boot with fred=off\n");
		return -ENODEV;
	}
	read_msrs(&vmx_msrs);
	if (!vmx_caps_compute(&vmx_msrs, disable_caps, &vmx_caps, &why)) {
		explain(&why, raw_smp_processor_id());
		return -ENODEV;
	}
	on_each_cpu(fit_ipi, &result, 1);
	if (atomic_read(&result.bad_cpu)) {
		pr_err("vmm: CPU %d cannot do what CPU 0 can: update the firmware, or disable that CPU\n",
		       atomic_read(&result.bad_cpu) - 1);
		return -ENODEV;
	}
	vmx_msr_bitmap = (void *)__get_free_page(GFP_KERNEL);
	if (!vmx_msr_bitmap)
		return -ENOMEM;
	build_msr_bitmap(vmx_msr_bitmap, NULL);
	return 0;
}

static void vmx_build_msr_bitmap(struct vm *vm)
{
	build_msr_bitmap(vm->msr_bitmap, vm);
}

static void vmx_fini(void)
{
	free_page((unsigned long)vmx_msr_bitmap);
}

static void vmx_describe(struct vmm_info *info)
{
	info->caps = vmx_caps.caps;
}

const struct vmm_ops vmx_ops = {
	.init = vmx_init,
	.fini = vmx_fini,
	.vcpu_init = vmx_vcpu_init,
	.vcpu_fini = vmx_vcpu_fini,
	.vcpu_reset = vmx_vcpu_reset,
	.run = vmx_run,
	.load_regs = vmx_load_regs,
	.mirror = vmx_regs_read,
	.check_regs = vmx_check_regs,
	.read_vmcs = vmx_read_vmcs,
	.describe = vmx_describe,
	.build_msr_bitmap = vmx_build_msr_bitmap,
};
