// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Which kernel device answers which port and which guest-physical address.
 */
#include "vmm.h"

static enum vdev_result pic_port(struct vcpu *vcpu, u16 port, u32 size, bool write, u64 *value)
{
	struct irqchip *chip = &vcpu->vm->irqchip;
	enum vdev_result result;
	unsigned long flags;

	raw_spin_lock_irqsave(&chip->pic_lock, flags);
	result = vatpic_access(&chip->pic, port, size, write, value, &chip->sink);
	raw_spin_unlock_irqrestore(&chip->pic_lock, flags);
	return result;
}

static enum vdev_result pit_port(struct vcpu *vcpu, u16 port, u32 size, bool write, u64 *value)
{
	struct irqchip *chip = &vcpu->vm->irqchip;
	enum vdev_result result;
	unsigned long flags;

	raw_spin_lock_irqsave(&chip->pit_timer.lock, flags);
	result = vatpit_access(&chip->pit, vm_now(chip->vm), port, size, write, value,
			       &chip->legacy_sink);
	vdev_timer_update(&chip->pit_timer, vatpit_deadline(&chip->pit));
	raw_spin_unlock_irqrestore(&chip->pit_timer.lock, flags);
	return result;
}

static enum vdev_result rtc_port(struct vcpu *vcpu, u16 port, u32 size, bool write, u64 *value)
{
	struct irqchip *chip = &vcpu->vm->irqchip;
	enum vdev_result result;
	unsigned long flags;

	raw_spin_lock_irqsave(&chip->rtc_timer.lock, flags);
	result = vrtc_access(&chip->rtc, vm_now(chip->vm), port, size, write, value,
			     &chip->legacy_sink);
	vdev_timer_update(&chip->rtc_timer, vrtc_deadline(&chip->rtc));
	raw_spin_unlock_irqrestore(&chip->rtc_timer.lock, flags);
	return result;
}

/* The PM timer is constant after creation: no lock. */
static enum vdev_result pmtmr_port(struct vcpu *vcpu, u16 port, u32 size, bool write, u64 *value)
{
	const struct irqchip *chip = &vcpu->vm->irqchip;

	return vpmtmr_access(&chip->pmtmr, vm_now(chip->vm),
			     port - READ_ONCE(chip->pmtmr_port), size, write, value);
}

enum vdev_result irqchip_port(struct vcpu *vcpu, u16 port, u32 size, bool write, u64 *value)
{
	u32 pmtmr = READ_ONCE(vcpu->vm->irqchip.pmtmr_port);

	if (pmtmr && port >= pmtmr && port < pmtmr + 4)
		return pmtmr_port(vcpu, port, size, write, value);
	switch (port) {
	case 0x20 ... 0x21:
	case 0xa0 ... 0xa1:
	case 0x4d0 ... 0x4d1:
		return pic_port(vcpu, port, size, write, value);
	case 0x40 ... 0x43:
	case 0x61:
		return pit_port(vcpu, port, size, write, value);
	case 0x70 ... 0x71:
		return rtc_port(vcpu, port, size, write, value);
	case 0x80:
	case 0xed:
		/* Written for the sake of the delay alone. */
		return write ? VDEV_HANDLED : VDEV_UNHANDLED;
	}
	return VDEV_UNHANDLED;
}

static bool is_lapic(const struct vcpu *vcpu, u64 gpa)
{
	return gpa >= VLAPIC_BASE_GPA && gpa < VLAPIC_BASE_GPA + VLAPIC_WINDOW &&
	       vlapic_mode(&vcpu->irq->lapic) == VLAPIC_XAPIC;
}

static bool is_ioapic(u64 gpa)
{
	return gpa >= VIOAPIC_BASE_GPA && gpa < VIOAPIC_BASE_GPA + VIOAPIC_WINDOW;
}

static bool is_hpet(u64 gpa)
{
	return gpa >= VHPET_BASE_GPA && gpa < VHPET_BASE_GPA + VHPET_WINDOW;
}

bool irqchip_owns_gpa(struct vcpu *vcpu, u64 gpa)
{
	return is_ioapic(gpa) || is_hpet(gpa) || is_lapic(vcpu, gpa);
}

static enum vdev_result lapic_mmio(struct vcpu *vcpu, u64 gpa, u32 size, bool write, u64 *value)
{
	struct vlapic_time t = { vm_now(vcpu->vm), vcpu_tsc(vcpu) };
	u32 offset = gpa - VLAPIC_BASE_GPA;
	enum vdev_result result;

	vcpu_apicv_tpr(vcpu);
	result = vlapic_mmio(&vcpu->irq->lapic, &t, offset, size, write, value,
			     &vcpu->irq->sink);
	if (write)
		vcpu->irq->seen[offset / 16 % 64] = vcpu->irq->lapic.page[offset / 16 % 64 * 4];
	vcpu_irq_update(vcpu);
	return result;
}

static enum vdev_result hpet_mmio(struct vcpu *vcpu, u64 gpa, u32 size, bool write, u64 *value)
{
	struct irqchip *chip = &vcpu->vm->irqchip;
	enum vdev_result result;
	unsigned long flags;

	raw_spin_lock_irqsave(&chip->hpet_timer.lock, flags);
	result = vhpet_access(&chip->hpet, vm_now(chip->vm), gpa - VHPET_BASE_GPA, size, write,
			      value, &chip->sink);
	vdev_timer_update(&chip->hpet_timer, vhpet_deadline(&chip->hpet));
	raw_spin_unlock_irqrestore(&chip->hpet_timer.lock, flags);
	return result;
}

enum vdev_result irqchip_mmio(struct vcpu *vcpu, u64 gpa, u32 size, bool write, u64 *value)
{
	struct irqchip *chip = &vcpu->vm->irqchip;
	enum vdev_result result;
	unsigned long flags;

	if (is_lapic(vcpu, gpa))
		return lapic_mmio(vcpu, gpa, size, write, value);
	if (is_hpet(gpa))
		return hpet_mmio(vcpu, gpa, size, write, value);
	if (!is_ioapic(gpa))
		return VDEV_UNHANDLED;
	raw_spin_lock_irqsave(&chip->ioapic_lock, flags);
	result = vioapic_access(&chip->ioapic, gpa - VIOAPIC_BASE_GPA, size, write, value,
				&chip->sink);
	raw_spin_unlock_irqrestore(&chip->ioapic_lock, flags);
	return result;
}
