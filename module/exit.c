// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Exits that the core decides inside the burst: CPUID, port I/O, HLT.
 */
#include "emulate.h"
#include "vmm.h"

enum exit_action vcpu_exit_cpuid(struct vcpu *vcpu)
{
	struct vmm_regs *r = &vcpu->regs;
	struct vcpuid_dyn dyn = {
		.apic_id = vcpu->id,
		.vcpus = READ_ONCE(vcpu->vm->vcpus),
		.cr4 = vcpu->cr4_trapped,
		.xcr0 = r->xcr0,
		.misc_enable = vcpu->msr[VMSR_SLOT_MISC_ENABLE],
		.apic_enabled = vlapic_mode(&vcpu->irq->lapic) != VLAPIC_DISABLED,
	};
	u32 reg[4];

	vcpuid_query(&vcpu->vm->cpuid, &dyn, r->gpr[VMM_REG_RAX], r->gpr[VMM_REG_RCX], reg);
	r->gpr[VMM_REG_RAX] = reg[0];
	r->gpr[VMM_REG_RBX] = reg[1];
	r->gpr[VMM_REG_RCX] = reg[2];
	r->gpr[VMM_REG_RDX] = reg[3];
	vcpu_advance(vcpu);
	return EXIT_RESUME;
}

/* AL and AX leave the rest of RAX alone, EAX clears the upper half. */
void vcpu_set_io_result(struct vcpu *vcpu, u8 size, u32 value)
{
	u64 *rax = &vcpu->regs.gpr[VMM_REG_RAX];

	if (size == 4)
		*rax = value;
	else
		*rax = (*rax & ~GENMASK_ULL(size * 8 - 1, 0)) | (value & GENMASK_ULL(size * 8 - 1, 0));
}

enum exit_action vcpu_exit_io(struct vcpu *vcpu, u16 port, u8 size, bool in)
{
	struct vcpu_emu *emu = vcpu->emu;
	u64 value = vcpu->regs.gpr[VMM_REG_RAX] & GENMASK_ULL(size * 8 - 1, 0);

	if (irqchip_port(vcpu, port, size, !in, &value) == VDEV_HANDLED) {
		if (in)
			vcpu_set_io_result(vcpu, size, value);
		vcpu_advance(vcpu);
		return EXIT_RESUME;
	}
	if (!in && ioeventfd_port(vcpu->vm, port, size, value, !IS_ENABLED(CONFIG_PREEMPT_RT))) {
		vcpu_advance(vcpu);
		if (!IS_ENABLED(CONFIG_PREEMPT_RT))
			return EXIT_RESUME;
		/* There a wait queue's lock sleeps. */
		vcpu->work = (struct vcpu_work) {
			.kind = WORK_IOEVENT, .port = port, .size = size, .value = value,
		};
		return EXIT_WORK;
	}
	vcpu->run->exit = VMM_EXIT_IO;
	vcpu->run->inst_length = vcpu->inst_len;
	vcpu->run->io = (struct vmm_exit_io) {
		.port = port, .size = size, .in = in, .count = 1,
	};
	memset(vcpu->run->data, 0xff, sizeof(u32));
	if (!in)
		memcpy(vcpu->run->data, &value, size);
	emu->waiting = EMU_IO;
	emu->size = size;
	emu->in = in;
	vcpu_advance(vcpu);
	return EXIT_USER;
}

enum exit_action vcpu_exit_hlt(struct vcpu *vcpu)
{
	vcpu_advance(vcpu);
	vmm_backend->mirror(vcpu, CACHE_RFLAGS | CACHE_EVENT);
	vcpu->activity = VMM_ACTIVITY_HALTED;
	vcpu_stat(vcpu, STAT_HALTS);
	if (vcpu_irq_wakes(vcpu)) {
		vcpu->activity = VMM_ACTIVITY_RUNNING;
		return EXIT_RESUME;
	}
	vcpu->work.kind = WORK_HALT;
	return EXIT_WORK;
}

enum exit_action vcpu_exit_paging(struct vcpu *vcpu)
{
	/* Very likely a device: do not look twice. */
	if ((vcpu->work.gpa & PAGE_MASK) == vcpu->mmio_page)
		return EXIT_WORK;
	if (!vm_fault_quick(vcpu->vm, vcpu->work.gpa, vcpu->work.access))
		return EXIT_WORK;
	vcpu->work.kind = WORK_NONE;
	vcpu_stat(vcpu, STAT_PAGE_FAULTS);
	return EXIT_RESUME;
}
