// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What a VM's processors are: its CPUID table and MSR filter, made when it is
 * created, and replaced by userspace before its first vCPU. From then on they
 * are constant and read without a lock.
 */
#include <linux/gfp.h>
#include <linux/slab.h>
#include <asm/cpufeature.h>
#include <asm/msr-index.h>
#include <asm/processor.h>
#include <asm/tsc.h>
#include "compat.h"
#include "fpu.h"
#include "mitigation.h"
#include "vmm.h"
#include "vmm_ioctl.h"

static void host_cpuid(void *ctx, u32 leaf, u32 subleaf, u32 reg[4])
{
	cpuid_count(leaf, subleaf, &reg[0], &reg[1], &reg[2], &reg[3]);
}

/* The host's features as far as the module carries them. */
static void build_supported(struct vcpuid_table *table)
{
	struct vmm_info info = {};
	struct vcpuid_caps caps = {
		.xcr0 = vmm_fpu_xcr0(),
		.tsc_khz = tsc_khz,
		.apic_khz = VLAPIC_TIMER_HZ / 1000,
		.vcpus = 1,
		.x2apic = true,
		.tsc_deadline = true,
		.invariant_tsc = boot_cpu_has(X86_FEATURE_NONSTOP_TSC),
		.spec_ctrl = boot_cpu_has(X86_FEATURE_MSR_SPEC_CTRL),
		.pred_cmd = boot_cpu_has(X86_FEATURE_IBPB),
		.flush_cmd = boot_cpu_has(X86_FEATURE_FLUSH_L1D),
		.arch_caps = boot_cpu_has(X86_FEATURE_ARCH_CAPABILITIES),
	};

	vmm_backend->describe(&info);
	caps.invpcid = info.caps & VMM_CAP_INVPCID;
	caps.rdtscp = info.caps & VMM_CAP_RDTSCP;
	caps.hide[VCPUID_7_ECX] = BIT(16);	/* LA57: four levels only */
	vcpuid_build(table, &caps, host_cpuid, NULL);
}

/* MSRs exist as CPUID says. */
static void derive_msrs(struct vm *vm)
{
	const struct vcpuid_table *table = &vm->cpuid;

	vm->msr_caps = (struct vmsr_caps) {
		.tsc_khz = tsc_khz,
		.gpa_width = vcpuid_gpa_width(table),
		.spec_ctrl = vcpuid_spec_ctrl_allowed(table),
		.tsc_deadline = vcpuid_has(table, 1, 2, 24),
		.rdtscp = vcpuid_has(table, 0x80000001, 3, 27) || vcpuid_has(table, 7, 2, 22),
		.pred_cmd = vcpuid_has(table, 7, 3, 26),
		.flush_cmd = vcpuid_has(table, 7, 3, 28),
		.arch_caps = vcpuid_has(table, 7, 3, 29),
		.user_wait = vcpuid_has(table, 7, 2, 5),
		.long_mode = vcpuid_has(table, 0x80000001, 3, 29),
		.no_execute = vcpuid_has(table, 0x80000001, 3, 20),
	};
	vm->has_1g = vcpuid_has_1g(table);
	if (vm->msr_caps.arch_caps)
		vm->msr_caps.arch_caps_value = vmsr_arch_caps(vmm_host_arch_caps());
}

void vm_policy_init(struct vm *vm)
{
	build_supported(&vm->cpuid);
	derive_msrs(vm);
}

void vm_policy_fini(struct vm *vm)
{
	free_page((unsigned long)vm->msr_bitmap);
}

static void take_entry(struct vcpuid_entry *to, const struct vmm_cpuid_entry *from)
{
	*to = (struct vcpuid_entry) {
		.leaf = from->leaf, .subleaf = from->subleaf,
		.reg = { from->eax, from->ebx, from->ecx, from->edx },
		.has_subleaf = from->flags & VMM_CPUID_SUBLEAF,
	};
}

/* Both tables on the heap: they are large. */
struct cpuid_pair {
	struct vcpuid_table wanted;
	struct vcpuid_table supported;
};

static int set_cpuid(struct vm *vm, const struct vmm_cpuid *args, struct cpuid_pair *pair)
{
	u32 i;

	for (i = 0; i < args->count; i++) {
		if (args->entry[i].pad || args->entry[i].flags & ~VMM_CPUID_SUBLEAF)
			return -EINVAL;
		take_entry(&pair->wanted.entry[i], &args->entry[i]);
	}
	pair->wanted.count = args->count;
	pair->wanted.threads = args->threads;
	pair->wanted.cores = args->cores;
	pair->wanted.vcpus = 1;
	build_supported(&pair->supported);
	switch (vcpuid_check(&pair->wanted, &pair->supported)) {
	case VCPUID_MALFORMED:
		return -EINVAL;
	case VCPUID_UNSUPPORTED:
		return -EOPNOTSUPP;
	case VCPUID_OK:
		break;
	}
	vm->cpuid = pair->wanted;
	derive_msrs(vm);
	return 0;
}

long ioctl_set_cpuid(void *object, void *arg)
{
	const struct vmm_cpuid *args = arg;
	struct cpuid_pair *pair;
	struct vm *vm = object;
	long error;

	lockdep_assert_held(&vm->lock);
	if (args->pad || args->reserved || args->count > VMM_CPUID_MAX)
		return -EINVAL;
	if (vm->vcpus)
		return -EBUSY;
	pair = kzalloc(sizeof(*pair), GFP_KERNEL_ACCOUNT);
	if (!pair)
		return -ENOMEM;
	error = set_cpuid(vm, args, pair);
	kfree(pair);
	return error;
}

long ioctl_get_cpuid(void *object, void *arg)
{
	const struct vcpuid_table *table;
	struct vmm_cpuid *args = arg;
	struct vm *vm = object;
	u32 i;

	lockdep_assert_held(&vm->lock);
	if (args->pad || args->reserved || args->threads || args->cores)
		return -EINVAL;
	table = &vm->cpuid;
	if (args->count < table->count)
		return -E2BIG;
	memset(args->entry, 0, sizeof(args->entry));
	for (i = 0; i < table->count; i++)
		args->entry[i] = (struct vmm_cpuid_entry) {
			.leaf = table->entry[i].leaf, .subleaf = table->entry[i].subleaf,
			.flags = table->entry[i].has_subleaf ? VMM_CPUID_SUBLEAF : 0,
			.eax = table->entry[i].reg[0], .ebx = table->entry[i].reg[1],
			.ecx = table->entry[i].reg[2], .edx = table->entry[i].reg[3],
		};
	args->count = table->count;
	args->threads = table->threads;
	args->cores = table->cores;
	return 0;
}

static bool range_is_valid(const struct vmm_msr_filter *args, u32 i)
{
	const struct vmm_msr_range *range = &args->range[i];

	if (range->pad || range->first > range->last || !range->access ||
	    range->access & ~(VMM_MSR_READ | VMM_MSR_WRITE))
		return false;
	if (i && range->first <= range[-1].last)
		return false;
	/* The VMCS loads EFER; x2APIC registers may be the processor's. */
	return !(range->first <= MSR_EFER && range->last >= MSR_EFER) &&
	       !(range->first <= 0x8ff && range->last >= 0x800);
}

long ioctl_set_msr_filter(void *object, void *arg)
{
	const struct vmm_msr_filter *args = arg;
	struct vm *vm = object;
	void *bitmap;
	u32 i;

	lockdep_assert_held(&vm->lock);
	if (args->pad || args->reserved || args->count > VMM_MSR_RANGES)
		return -EINVAL;
	for (i = 0; i < args->count; i++)
		if (!range_is_valid(args, i))
			return -EINVAL;
	if (memchr_inv(&args->range[args->count], 0,
		       (VMM_MSR_RANGES - args->count) * sizeof(args->range[0])))
		return -EINVAL;
	if (vm->vcpus)
		return -EBUSY;
	bitmap = (void *)__get_free_page(GFP_KERNEL_ACCOUNT);
	if (!bitmap)
		return -ENOMEM;
	free_page((unsigned long)vm->msr_bitmap);
	vm->msr_bitmap = bitmap;
	vm->msr_filter = *args;
	vmm_backend->build_msr_bitmap(vm);
	return 0;
}

bool vm_msr_is_filtered(const struct vm *vm, u32 index, u32 access)
{
	const struct vmm_msr_filter *filter = &vm->msr_filter;
	u32 i;

	for (i = 0; i < filter->count && index >= filter->range[i].first; i++)
		if (index <= filter->range[i].last)
			return filter->range[i].access & access;
	return false;
}
