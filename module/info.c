// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * VMM_GET_INFO: what module and machine offer, and why a VM cannot be created.
 */
#include <asm/tsc.h>
#include "mitigation.h"
#include "vmm.h"
#include "vmx_owner.h"

static u32 last_refusal;
static u32 last_refusal_cpu;

void vmm_refuse(u32 refusal, u32 cpu)
{
	WRITE_ONCE(last_refusal, refusal);
	WRITE_ONCE(last_refusal_cpu, cpu);
}

int vmm_get_info(struct vmm_info *info)
{
	info->abi_version = VMM_ABI_VERSION;
	info->max_vcpus = VMM_MAX_VCPUS;
	info->ioapic_pins = VMM_IOAPIC_PINS;
	info->run_size = VMM_RUN_SIZE;
	info->tsc_khz = tsc_khz;
	info->mitigations = vmm_mitigations();
	strscpy(info->version, VMM_VERSION, sizeof(info->version));
	vmm_backend->describe(info);
	vmx_owner_probe();
	info->refusal = READ_ONCE(last_refusal);
	info->refusal_cpu = READ_ONCE(last_refusal_cpu);
	info->vms = atomic_read(&vmm_vm_count);
	info->vcpus = atomic_read(&vmm_vcpu_count);
	return 0;
}
