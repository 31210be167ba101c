// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The processor's help with the local APIC (SDM "APIC Virtualization and Virtual
 * Interrupts"): TPR shadow, APIC accesses and APIC registers.
 *
 * The register page of the model is the virtual-APIC page. Reads of it need no
 * exit; a write goes into the page and then exits, telling where. The model,
 * which wants to see old and new value, gets the old one back from @seen first.
 *
 * In the guest's memory there is the APIC-access page: one page of zeros for
 * each VM, which nobody ever reads or writes while all of its local APICs are in
 * xAPIC mode. The first to leave that mode takes the page away, and from then on
 * accesses are emulated as without.
 */
#include <linux/gfp.h>
#include <linux/module.h>
#include "vmm.h"

#define APIC_GPA	((u64)VLAPIC_BASE_GPA)

static bool apicv;
module_param(apicv, bool, 0444);
MODULE_PARM_DESC(apicv, "TPR shadow and APIC-register virtualization (experimental: may hang the host)");

int irqchip_apicv_init(struct vm *vm, bool wanted)
{
	struct vmm_info info = {};

	vmm_backend->describe(&info);
	if (!wanted || !apicv || !(info.caps & VMM_CAP_APIC_REG_VIRT))
		return 0;
	vm->irqchip.apic_page = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	return vm->irqchip.apic_page ? 0 : -ENOMEM;
}

void irqchip_apicv_fini(struct vm *vm)
{
	free_page((unsigned long)vm->irqchip.apic_page);
}

u64 vm_apic_access_hpa(struct vm *vm)
{
	return vm->irqchip.apic_page ? __pa(vm->irqchip.apic_page) : 0;
}

u64 vcpu_apic_page_hpa(struct vcpu *vcpu)
{
	return __pa(vcpu->irq->lapic.page);
}

/* --- the APIC-access page in the guest's memory ----------------------------- */

bool irqchip_map_apic(struct vcpu *vcpu, u64 gpa)
{
	struct vm *vm = vcpu->vm;
	struct irqchip *chip = &vm->irqchip;
	struct ept_cache cache = {};
	struct ept_garbage garbage = {};
	const struct ept_mapping m = {
		.gpa = APIC_GPA, .hpa = vm_apic_access_hpa(vm), .level = 1,
		.prot = EPT_R | EPT_W, .memtype = EPT_MT_WB | EPT_MT_IPAT,
		.access = EPT_R | EPT_W,
	};
	bool mapped = false;

	if (!chip->apic_page || (gpa & PAGE_MASK) != APIC_GPA ||
	    vlapic_mode(&vcpu->irq->lapic) != VLAPIC_XAPIC)
		return false;
	if (ept_cache_fill(&vm->mem.ept, &cache) == EPT_OK) {
		spin_lock(&vm->mem.lock);
		if (!chip->apic_page_off && !vm->mem.dead)
			mapped = ept_map(&vm->mem.ept, &cache, &garbage, &m) == EPT_OK;
		spin_unlock(&vm->mem.lock);
		ept_reap(&vm->mem.ept, &garbage);
	}
	ept_cache_drain(&vm->mem.ept, &cache);
	return mapped;
}

void irqchip_unmap_apic(struct vm *vm)
{
	struct ept_garbage garbage = {};

	spin_lock(&vm->mem.lock);
	vm->irqchip.apic_page_off = true;
	ept_unmap(&vm->mem.ept, NULL, &garbage, APIC_GPA, APIC_GPA + PAGE_SIZE);
	spin_unlock(&vm->mem.lock);
	ept_reap(&vm->mem.ept, &garbage);
}

/* --- registers --------------------------------------------------------------- */

void vcpu_apicv_seen(struct vcpu *vcpu)
{
	struct vcpu_irq *irq = vcpu->irq;
	unsigned int i;

	if (!vcpu->vm->irqchip.apic_page)
		return;
	for (i = 0; i < ARRAY_SIZE(irq->seen); i++)
		irq->seen[i] = irq->lapic.page[i * 4];
}

void vcpu_apicv_tpr(struct vcpu *vcpu)
{
	struct vcpu_irq *irq = vcpu->irq;
	u32 tpr = irq->lapic.page[VLAPIC_TPR / 4];

	if (likely(tpr == irq->seen[VLAPIC_TPR / 16]))
		return;
	irq->seen[VLAPIC_TPR / 16] = tpr;
	vlapic_tpr_changed(&irq->lapic);
}

u32 vcpu_irq_threshold(struct vcpu *vcpu)
{
	return vlapic_tpr_threshold(&vcpu->irq->lapic);
}

enum exit_action vcpu_exit_apic_write(struct vcpu *vcpu, u32 offset)
{
	struct vcpu_irq *irq = vcpu->irq;
	u32 *reg = &irq->lapic.page[(offset & 0x3f0) / 4];
	u64 value = *reg;

	vcpu_apicv_tpr(vcpu);
	*reg = irq->seen[(offset & 0x3f0) / 16];
	irqchip_mmio(vcpu, APIC_GPA + (offset & 0x3f0), 4, true, &value);
	return EXIT_RESUME;
}

enum exit_action vcpu_exit_apic_access(struct vcpu *vcpu, u32 offset, bool write)
{
	vcpu->work = (struct vcpu_work) {
		.kind = WORK_EMULATE, .gpa = APIC_GPA + offset,
		.access = write ? VMM_PROT_WRITE : VMM_PROT_READ,
	};
	return EXIT_WORK;
}
