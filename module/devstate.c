// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * State of kernel devices, out and in.
 *
 * The structures of the ABI have the layout of version 1 of the models, which
 * is asserted here field by field: a model that changes gets a converter. A new
 * state is checked in a copy and then takes the model's place whole.
 */
#include <linux/slab.h>
#include "vmm.h"

#define SAME(_abi, _model, _field)						\
	static_assert(offsetof(struct _abi, _field) == offsetof(struct _model, _field) && \
		      sizeof_field(struct _abi, _field) == sizeof_field(struct _model, _field))

SAME(vmm_pic_chip, vatpic_chip, asserts);
SAME(vmm_pic_chip, vatpic_chip, request);
SAME(vmm_pic_chip, vatpic_chip, service);
SAME(vmm_pic_chip, vatpic_chip, mask);
SAME(vmm_pic_chip, vatpic_chip, elcr);
SAME(vmm_pic_chip, vatpic_chip, base);
SAME(vmm_pic_chip, vatpic_chip, lowest);
SAME(vmm_pic_chip, vatpic_chip, init);
SAME(vmm_pic_chip, vatpic_chip, flags);
SAME(vmm_pic_state, vatpic, chip);
SAME(vmm_pic_state, vatpic, intr);
SAME(vmm_pic_state, vatpic, pad);
static_assert(VMM_PIC_READY == VATPIC_READY && VMM_PIC_AEOI == VATPIC_AEOI &&
	      VMM_PIC_ROTATE_AEOI == VATPIC_ROTATE_AEOI && VMM_PIC_SFNM == VATPIC_SFNM &&
	      VMM_PIC_SMM == VATPIC_SMM && VMM_PIC_READ_ISR == VATPIC_READ_ISR &&
	      VMM_PIC_POLL == VATPIC_POLL);

SAME(vmm_ioapic_state, vioapic, rte);
SAME(vmm_ioapic_state, vioapic, asserts);
SAME(vmm_ioapic_state, vioapic, id);
SAME(vmm_ioapic_state, vioapic, select);
SAME(vmm_ioapic_state, vioapic, pad);

SAME(vmm_pit_counter, vatpit_counter, load);
SAME(vmm_pit_counter, vatpit_counter, elapsed);
SAME(vmm_pit_counter, vatpit_counter, switch_tick);
SAME(vmm_pit_counter, vatpit_counter, count);
SAME(vmm_pit_counter, vatpit_counter, next);
SAME(vmm_pit_counter, vatpit_counter, latch);
SAME(vmm_pit_counter, vatpit_counter, state);
SAME(vmm_pit_counter, vatpit_counter, mode);
SAME(vmm_pit_counter, vatpit_counter, bcd);
SAME(vmm_pit_counter, vatpit_counter, access);
SAME(vmm_pit_counter, vatpit_counter, gate);
SAME(vmm_pit_counter, vatpit_counter, write_low);
SAME(vmm_pit_counter, vatpit_counter, write_msb);
SAME(vmm_pit_counter, vatpit_counter, read_msb);
SAME(vmm_pit_counter, vatpit_counter, latched);
SAME(vmm_pit_counter, vatpit_counter, status);
SAME(vmm_pit_counter, vatpit_counter, status_latched);
SAME(vmm_pit_counter, vatpit_counter, pad);
SAME(vmm_pit_state, vatpit, counter);
SAME(vmm_pit_state, vatpit, seen);
SAME(vmm_pit_state, vatpit, port61);
SAME(vmm_pit_state, vatpit, pad);
static_assert(VATPIT_IDLE == 0 && VATPIT_RUNNING == 1 && VATPIT_PAUSED == 2);

SAME(vmm_hpet_timer, vhpet_timer, due);
SAME(vmm_hpet_timer, vhpet_timer, config);
SAME(vmm_hpet_timer, vhpet_timer, comparator);
SAME(vmm_hpet_timer, vhpet_timer, period);
SAME(vmm_hpet_timer, vhpet_timer, msi_data);
SAME(vmm_hpet_timer, vhpet_timer, msi_gpa);
SAME(vmm_hpet_timer, vhpet_timer, pad);
SAME(vmm_hpet_state, vhpet, timer);
SAME(vmm_hpet_state, vhpet, base_ns);
SAME(vmm_hpet_state, vhpet, counter);
SAME(vmm_hpet_state, vhpet, config);
SAME(vmm_hpet_state, vhpet, status);
SAME(vmm_hpet_state, vhpet, pad);

SAME(vmm_rtc_state, vrtc, seconds);
SAME(vmm_rtc_state, vrtc, next_update);
SAME(vmm_rtc_state, vrtc, divider_ns);
SAME(vmm_rtc_state, vrtc, pf_tick);
SAME(vmm_rtc_state, vrtc, index);
SAME(vmm_rtc_state, vrtc, reg_a);
SAME(vmm_rtc_state, vrtc, reg_b);
SAME(vmm_rtc_state, vrtc, reg_c);
SAME(vmm_rtc_state, vrtc, irqf);
SAME(vmm_rtc_state, vrtc, pad);
SAME(vmm_rtc_state, vrtc, ram);

/*
 * A device: its part of the ABI's union that is the model, and its parts that
 * must be zero. @held, @port: offset of what is beside the model.
 */
struct device {
	u32 abi_size;
	u32 model_size;
	struct {
		u32 at, len;
	} zero[2];
};

#define ZERO(_type, _field) { offsetof(struct _type, _field), sizeof_field(struct _type, _field) }

static const struct device devices[] = {
	[VMM_DEV_PIC] = { sizeof(struct vmm_pic_state), sizeof(struct vatpic),
			  { ZERO(vmm_pic_state, pad) } },
	[VMM_DEV_IOAPIC] = { sizeof(struct vmm_ioapic_state), sizeof(struct vioapic),
			     { ZERO(vmm_ioapic_state, pad), ZERO(vmm_ioapic_state, pad2) } },
	[VMM_DEV_PIT] = { sizeof(struct vmm_pit_state), sizeof(struct vatpit),
			  { ZERO(vmm_pit_state, pad) } },
	[VMM_DEV_HPET] = { sizeof(struct vmm_hpet_state), sizeof(struct vhpet),
			   { ZERO(vmm_hpet_state, pad) } },
	[VMM_DEV_RTC] = { sizeof(struct vmm_rtc_state), sizeof(struct vrtc),
			  { ZERO(vmm_rtc_state, pad) } },
	[VMM_DEV_PMTMR] = { sizeof(struct vmm_pmtmr_state), 0,
			    { ZERO(vmm_pmtmr_state, pad) } },
};

static_assert(sizeof(struct vmm_pit_state) == sizeof(struct vatpit));
static_assert(sizeof(struct vmm_hpet_state) == sizeof(struct vhpet));
static_assert(sizeof(struct vmm_rtc_state) == sizeof(struct vrtc));
static_assert(offsetof(struct vmm_pic_state, held) == sizeof(struct vatpic));
static_assert(offsetof(struct vmm_ioapic_state, held) == sizeof(struct vioapic));

static raw_spinlock_t *lock_of(struct irqchip *chip, u32 device)
{
	switch (device) {
	case VMM_DEV_PIC:
		return &chip->pic_lock;
	case VMM_DEV_IOAPIC:
		return &chip->ioapic_lock;
	case VMM_DEV_PIT:
		return &chip->pit_timer.lock;
	case VMM_DEV_HPET:
		return &chip->hpet_timer.lock;
	}
	/* The PM timer never changes but by a call that holds vm->lock. */
	return &chip->rtc_timer.lock;
}

static void *model_of(struct irqchip *chip, u32 device)
{
	switch (device) {
	case VMM_DEV_PIC:
		return &chip->pic;
	case VMM_DEV_IOAPIC:
		return &chip->ioapic;
	case VMM_DEV_PIT:
		return &chip->pit;
	case VMM_DEV_HPET:
		return &chip->hpet;
	}
	return &chip->rtc;
}

int devstate_get(struct vm *vm, struct vmm_devstate *state)
{
	struct irqchip *chip = &vm->irqchip;
	const struct device *dev;
	unsigned long flags;

	lockdep_assert_held(&vm->lock);
	if (state->device >= ARRAY_SIZE(devices))
		return -ENOENT;
	dev = &devices[array_index_nospec(state->device, ARRAY_SIZE(devices))];
	state->version = VMM_DEVSTATE_VERSION;
	memset(state->bytes, 0, sizeof(state->bytes));
	raw_spin_lock_irqsave(lock_of(chip, state->device), flags);
	memcpy(state->bytes, model_of(chip, state->device), dev->model_size);
	if (state->device == VMM_DEV_PIC)
		state->pic.held = chip->isa_held;
	else if (state->device == VMM_DEV_IOAPIC)
		state->ioapic.held = chip->ioapic_held;
	raw_spin_unlock_irqrestore(lock_of(chip, state->device), flags);
	if (state->device == VMM_DEV_PMTMR)
		state->pmtmr = (struct vmm_pmtmr_state) {
			.base_ns = chip->pmtmr.base_ns, .bits = chip->pmtmr.bits,
			.port = chip->pmtmr_port,
		};
	return 0;
}

/* --- in -------------------------------------------------------------------- */

static bool padding_is_zero(const struct vmm_devstate *state, const struct device *dev)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(dev->zero); i++)
		if (memchr_inv(state->bytes + dev->zero[i].at, 0, dev->zero[i].len))
			return false;
	return !memchr_inv(state->bytes + dev->abi_size, 0,
			   sizeof(state->bytes) - dev->abi_size);
}

static bool pic_is_good(const struct vmm_pic_state *state, const struct vatpic *model)
{
	unsigned int pin;

	if (state->held >> VATPIC_PINS || state->intr > 1)
		return false;
	for (pin = 0; pin < VATPIC_PINS; pin++)
		if (state->held >> pin & 1 && !state->chip[pin / 8].asserts[pin % 8])
			return false;
	return vatpic_check(model);
}

static bool ioapic_is_good(const struct vmm_ioapic_state *state, const struct vioapic *model)
{
	unsigned int pin;

	for (pin = 0; pin < VIOAPIC_PINS; pin++)
		if (state->held >> pin & 1 && !state->asserts[pin])
			return false;
	return vioapic_check(model);
}

static bool pit_is_good(const struct vmm_pit_state *state, const struct vatpit *model)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(state->counter); i++)
		if (memchr_inv(state->counter[i].pad, 0, sizeof(state->counter[i].pad)))
			return false;
	return vatpit_check(model);
}

static bool hpet_is_good(const struct vmm_hpet_state *state, const struct vhpet *model,
			 u64 now)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(state->timer); i++)
		if (state->timer[i].pad)
			return false;
	return state->base_ns <= now && vhpet_check(model);
}

static bool rtc_is_good(const struct vmm_rtc_state *state, const struct vrtc *model, u64 now)
{
	return state->divider_ns <= now && vrtc_check(model);
}

static int set_pmtmr(struct vm *vm, const struct vmm_pmtmr_state *state)
{
	struct vpmtmr model = { .base_ns = state->base_ns, .bits = state->bits };

	if (state->base_ns > vm_now(vm) || !vpmtmr_check(&model))
		return -EINVAL;
	if (irqchip_pmtmr_locate(vm, state->port))
		return -EINVAL;
	vm->irqchip.pmtmr = model;
	return 0;
}

static bool is_good(struct vm *vm, const struct vmm_devstate *state)
{
	u64 now = vm_now(vm);

	/* The layouts are the same: the state can stand for the model. */
	switch (state->device) {
	case VMM_DEV_PIC:
		return pic_is_good(&state->pic, (const void *)state->bytes);
	case VMM_DEV_IOAPIC:
		return ioapic_is_good(&state->ioapic, (const void *)state->bytes);
	case VMM_DEV_PIT:
		return pit_is_good(&state->pit, (const void *)state->bytes);
	case VMM_DEV_HPET:
		return hpet_is_good(&state->hpet, (const void *)state->bytes, now);
	}
	return rtc_is_good(&state->rtc, (const void *)state->bytes, now);
}

/* The device's lock is held: what follows from its new state. */
static void take_over(struct irqchip *chip, const struct vmm_devstate *state)
{
	switch (state->device) {
	case VMM_DEV_PIC:
		chip->isa_held = state->pic.held;
		break;
	case VMM_DEV_IOAPIC:
		chip->ioapic_held = state->ioapic.held;
		break;
	case VMM_DEV_PIT:
		vdev_timer_update(&chip->pit_timer, vatpit_deadline(&chip->pit));
		break;
	case VMM_DEV_HPET:
		vdev_timer_update(&chip->hpet_timer, vhpet_deadline(&chip->hpet));
		break;
	case VMM_DEV_RTC:
		vdev_timer_update(&chip->rtc_timer, vrtc_deadline(&chip->rtc));
		break;
	}
}

int devstate_set(struct vm *vm, const struct vmm_devstate *state)
{
	struct irqchip *chip = &vm->irqchip;
	const struct device *dev;
	unsigned long flags;

	lockdep_assert_held(&vm->lock);
	if (state->device >= ARRAY_SIZE(devices))
		return -ENOENT;
	if (state->version != VMM_DEVSTATE_VERSION)
		return -EOPNOTSUPP;
	dev = &devices[array_index_nospec(state->device, ARRAY_SIZE(devices))];
	if (!padding_is_zero(state, dev))
		return -EINVAL;
	if (!vm->clock.stopped)
		return -EBUSY;
	if (state->device == VMM_DEV_PMTMR)
		return set_pmtmr(vm, &state->pmtmr);
	if (!is_good(vm, state))
		return -EINVAL;
	raw_spin_lock_irqsave(lock_of(chip, state->device), flags);
	memcpy(model_of(chip, state->device), state->bytes, dev->model_size);
	take_over(chip, state);
	raw_spin_unlock_irqrestore(lock_of(chip, state->device), flags);
	if (state->device == VMM_DEV_PIC)
		irqchip_intr_changed(chip);
	return 0;
}

/* --- local APIC ------------------------------------------------------------ */

int devstate_get_lapic(struct vcpu *vcpu, struct vmm_lapic_state *state)
{
	struct vcpu_irq *irq = vcpu->irq;
	const struct vlapic *lapic = &irq->lapic;

	lockdep_assert_held(&vcpu->lock);
	vcpu_irq_sync(vcpu);
	state->version = VMM_DEVSTATE_VERSION;
	state->pending = (test_bit(REQ_INIT, &vcpu->requests) ? VMM_LAPIC_INIT : 0) |
			 (test_bit(REQ_SIPI, &vcpu->requests) ? VMM_LAPIC_SIPI : 0);
	state->apic_base = lapic->apic_base;
	state->deadline_ns = lapic->deadline_ns;
	state->tsc_deadline = lapic->tsc_deadline;
	state->esr_pending = lapic->esr_pending;
	state->sipi_vector = READ_ONCE(irq->sipi_vector) & 0xff;
	static_assert(sizeof(state->page) == sizeof(lapic->page));
	memcpy(state->page, lapic->page, sizeof(state->page));
	memset(state->reserved, 0, sizeof(state->reserved));
	return 0;
}

int devstate_set_lapic(struct vcpu *vcpu, const struct vmm_lapic_state *state)
{
	struct vcpu_irq *irq = vcpu->irq;
	struct vlapic *copy;
	int error = -EINVAL;

	lockdep_assert_held(&vcpu->lock);
	if (state->version != VMM_DEVSTATE_VERSION)
		return -EOPNOTSUPP;
	if (!READ_ONCE(vcpu->vm->clock.stopped))
		return -EBUSY;
	if (state->pending & ~(VMM_LAPIC_INIT | VMM_LAPIC_SIPI) || state->sipi_vector > 0xff)
		return -EINVAL;
	copy = kmalloc(sizeof(*copy), GFP_KERNEL_ACCOUNT);
	if (!copy)
		return -ENOMEM;
	*copy = irq->lapic;
	memcpy(copy->page, state->page, sizeof(copy->page));
	copy->apic_base = state->apic_base;
	copy->deadline_ns = state->deadline_ns;
	copy->tsc_deadline = state->tsc_deadline;
	copy->esr_pending = state->esr_pending;
	copy->route_dirty = 1;
	vlapic_resync(copy);
	if ((copy->apic_base ^ irq->lapic.apic_base) & VLAPIC_BASE_BSP || !vlapic_check(copy))
		goto out;
	irq->lapic = *copy;
	vcpu_irq_forget(vcpu);
	WRITE_ONCE(irq->sipi_vector, state->sipi_vector);
	if (state->pending & VMM_LAPIC_INIT)
		vcpu_request(vcpu, REQ_INIT);
	if (state->pending & VMM_LAPIC_SIPI)
		vcpu_request(vcpu, REQ_SIPI);
	error = 0;
out:
	kfree(copy);
	return error;
}
