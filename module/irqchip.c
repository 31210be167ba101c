// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The board's interrupt controllers and timers, and the wires between them.
 *
 * Every model is called under its own lock and reaches the next one through
 * the sink below: timer -> 8259 pair -> I/O APIC -> local APICs. The sink's
 * functions therefore run with the sender's lock held and take only locks
 * further down that chain.
 */
#include <linux/ktime.h>
#include "vmm.h"

static void sink_ioapic(void *ctx, unsigned int pin, enum irq_op op)
{
	struct irqchip *chip = ctx;
	unsigned long flags;

	raw_spin_lock_irqsave(&chip->ioapic_lock, flags);
	vioapic_pin(&chip->ioapic, pin, op, &chip->sink);
	raw_spin_unlock_irqrestore(&chip->ioapic_lock, flags);
}

static void drive_pic(struct irqchip *chip, unsigned int pin, enum irq_op op)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&chip->pic_lock, flags);
	vatpic_pin(&chip->pic, pin, op, &chip->sink);
	raw_spin_unlock_irqrestore(&chip->pic_lock, flags);
}

/* ISA interrupt 0 is wired to I/O APIC pin 2, as the MADT's override says. */
static void sink_isa(void *ctx, unsigned int irq, enum irq_op op)
{
	drive_pic(ctx, irq, op);
	sink_ioapic(ctx, irq ? irq : 2, op);
}

/* 8254 and RTC are disconnected while the HPET replaces them. */
static void sink_isa_legacy(void *ctx, unsigned int irq, enum irq_op op)
{
	struct irqchip *chip = ctx;

	if (!vhpet_is_legacy(&chip->hpet))
		sink_isa(ctx, irq, op);
}

static void sink_msg(void *ctx, const struct lapic_msg *msg)
{
	irqchip_deliver(ctx, msg, ~0U);
}

/* INTR goes to LINT0 of every local APIC, and to I/O APIC pin 0. */
static void sink_intr(void *ctx, bool level)
{
	struct irqchip *chip = ctx;
	struct vcpu *vcpu;
	u32 i;

	WRITE_ONCE(chip->pic_intr, level);
	sink_ioapic(chip, 0, level ? IRQ_ASSERT : IRQ_DEASSERT);
	if (!level)
		return;
	for_each_vcpu(chip->vm, i, vcpu)
		vcpu_request(vcpu, REQ_EXTINT);
}

static void sink_eoi(void *ctx, u8 vector)
{
	struct irqchip *chip = ctx;
	unsigned long flags;

	raw_spin_lock_irqsave(&chip->ioapic_lock, flags);
	vioapic_eoi(&chip->ioapic, vector, &chip->sink);
	raw_spin_unlock_irqrestore(&chip->ioapic_lock, flags);
}

/* ioapic_lock held: the model lets go of held pins whose interrupt has ended. */
static u32 sink_ended(void *ctx, u32 pins)
{
	struct irqchip *chip = ctx;
	u32 let_go = pins & chip->ioapic_held;

	lockdep_assert_held(&chip->ioapic_lock);
	if (!let_go)
		return 0;
	chip->ioapic_held &= ~let_go;
	atomic_or(let_go, &chip->ioapic_ended);
	irqfd_resample(chip->vm);
	return let_go;
}

static u32 sink_isa_ended(void *ctx, u32 pins)
{
	struct irqchip *chip = ctx;
	u32 let_go = pins & chip->isa_held;

	lockdep_assert_held(&chip->pic_lock);
	if (!let_go)
		return 0;
	chip->isa_held &= ~let_go;
	atomic_or(let_go, &chip->isa_ended);
	irqfd_resample(chip->vm);
	return let_go;
}

static void sink_local(void *ctx, enum lapic_delivery delivery)
{
}

static u64 pit_expire(void *ctx, u64 now)
{
	struct irqchip *chip = ctx;

	vatpit_expire(&chip->pit, now, &chip->legacy_sink);
	return vatpit_deadline(&chip->pit);
}

static u64 rtc_expire(void *ctx, u64 now)
{
	struct irqchip *chip = ctx;

	vrtc_expire(&chip->rtc, now, &chip->legacy_sink);
	return vrtc_deadline(&chip->rtc);
}

static u64 hpet_expire(void *ctx, u64 now)
{
	struct irqchip *chip = ctx;

	vhpet_expire(&chip->hpet, now, &chip->sink);
	return vhpet_deadline(&chip->hpet);
}

void irqchip_init(struct vm *vm)
{
	struct irqchip *chip = &vm->irqchip;

	chip->vm = vm;
	chip->sink = (struct irq_sink) {
		.isa = sink_isa, .ioapic = sink_ioapic, .msg = sink_msg,
		.intr = sink_intr, .eoi = sink_eoi, .ended = sink_ended,
		.isa_ended = sink_isa_ended, .local = sink_local, .ctx = chip,
	};
	chip->legacy_sink = chip->sink;
	chip->legacy_sink.isa = sink_isa_legacy;
	raw_spin_lock_init(&chip->pic_lock);
	raw_spin_lock_init(&chip->ioapic_lock);
	vdev_timer_init(&chip->pit_timer, vm->time_base, chip, pit_expire);
	vdev_timer_init(&chip->rtc_timer, vm->time_base, chip, rtc_expire);
	vdev_timer_init(&chip->hpet_timer, vm->time_base, chip, hpet_expire);
	irqchip_power_on(vm);
}

static void reset_timers(struct irqchip *chip, u64 now, bool power_on)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&chip->pit_timer.lock, flags);
	vatpit_reset(&chip->pit, now);
	vdev_timer_update(&chip->pit_timer, vatpit_deadline(&chip->pit));
	raw_spin_unlock_irqrestore(&chip->pit_timer.lock, flags);

	raw_spin_lock_irqsave(&chip->hpet_timer.lock, flags);
	vhpet_reset(&chip->hpet, now);
	vdev_timer_update(&chip->hpet_timer, vhpet_deadline(&chip->hpet));
	raw_spin_unlock_irqrestore(&chip->hpet_timer.lock, flags);

	raw_spin_lock_irqsave(&chip->rtc_timer.lock, flags);
	if (power_on)
		vrtc_reset(&chip->rtc, now, ktime_get_real_seconds());
	else
		vrtc_warm_reset(&chip->rtc, now);
	vdev_timer_update(&chip->rtc_timer, vrtc_deadline(&chip->rtc));
	raw_spin_unlock_irqrestore(&chip->rtc_timer.lock, flags);
}

/* Timers first: what they sent meanwhile goes with the controllers. */
static void reset_board(struct irqchip *chip, u64 now, bool power_on)
{
	unsigned long flags;

	reset_timers(chip, now, power_on);
	raw_spin_lock_irqsave(&chip->pic_lock, flags);
	vatpic_reset(&chip->pic);
	chip->isa_held = 0;
	WRITE_ONCE(chip->pic_intr, false);
	raw_spin_unlock_irqrestore(&chip->pic_lock, flags);

	raw_spin_lock_irqsave(&chip->ioapic_lock, flags);
	vioapic_reset(&chip->ioapic);
	chip->ioapic_held = 0;
	raw_spin_unlock_irqrestore(&chip->ioapic_lock, flags);
	atomic_set(&chip->last_lowest, 0);
	/* All local APICs are in xAPIC mode again. */
	WRITE_ONCE(chip->apic_page_off, false);
}

void irqchip_reset(struct vm *vm)
{
	reset_board(&vm->irqchip, vm_now(vm), false);
}

void irqchip_power_on(struct vm *vm)
{
	u64 now = vm_now(vm);

	reset_board(&vm->irqchip, now, true);
	vpmtmr_reset(&vm->irqchip.pmtmr, now, 32);
}

void irqchip_stop_timers(struct vm *vm)
{
	vdev_timer_stop(&vm->irqchip.pit_timer);
	vdev_timer_stop(&vm->irqchip.rtc_timer);
	vdev_timer_stop(&vm->irqchip.hpet_timer);
}

void irqchip_go_timers(struct vm *vm)
{
	vdev_timer_go(&vm->irqchip.pit_timer, vm->time_base);
	vdev_timer_go(&vm->irqchip.rtc_timer, vm->time_base);
	vdev_timer_go(&vm->irqchip.hpet_timer, vm->time_base);
}

void irqchip_intr_changed(struct irqchip *chip)
{
	struct vcpu *vcpu;
	u32 i;

	WRITE_ONCE(chip->pic_intr, vatpic_intr(&chip->pic));
	for_each_vcpu(chip->vm, i, vcpu)
		vcpu_request(vcpu, REQ_EXTINT);
}

void irqchip_fini(struct vm *vm)
{
	vdev_timer_fini(&vm->irqchip.pit_timer);
	vdev_timer_fini(&vm->irqchip.rtc_timer);
	vdev_timer_fini(&vm->irqchip.hpet_timer);
}

static int check_op(u32 op, enum irq_op *out)
{
	static const enum irq_op ops[] = {
		[VMM_IRQ_DEASSERT] = IRQ_DEASSERT,
		[VMM_IRQ_ASSERT] = IRQ_ASSERT,
		[VMM_IRQ_PULSE] = IRQ_PULSE,
	};

	if (op >= ARRAY_SIZE(ops))
		return -EINVAL;
	*out = ops[op];
	return 0;
}

int irqchip_ioapic_irq(struct vm *vm, const struct vmm_irq *irq)
{
	enum irq_op op;
	int error = check_op(irq->op, &op);

	if (error || irq->pin >= VIOAPIC_PINS)
		return -EINVAL;
	sink_ioapic(&vm->irqchip, irq->pin, op);
	return 0;
}

int irqchip_isa_irq(struct vm *vm, const struct vmm_irq *irq)
{
	enum irq_op op;
	int error = check_op(irq->op, &op);

	if (error || irq->pin > 15 || irq->pin == 2)
		return -EINVAL;
	if (irq->ioapic_pin != VMM_NO_PIN && irq->ioapic_pin >= VIOAPIC_PINS)
		return -EINVAL;
	drive_pic(&vm->irqchip, irq->pin, op);
	if (irq->ioapic_pin != VMM_NO_PIN)
		sink_ioapic(&vm->irqchip, irq->ioapic_pin, op);
	return 0;
}

void irqchip_pulse(struct irqchip *chip, u32 isa_pin, u32 ioapic_pin)
{
	if (isa_pin != VMM_NO_PIN)
		drive_pic(chip, isa_pin, IRQ_PULSE);
	if (ioapic_pin != VMM_NO_PIN)
		sink_ioapic(chip, ioapic_pin, IRQ_PULSE);
}

/* Each line by itself: a hold that meets an EOI half-way leaves both right. */
static void set_held(struct irqchip *chip, u32 isa_pin, u32 ioapic_pin, bool up)
{
	enum irq_op op = up ? IRQ_ASSERT : IRQ_DEASSERT;
	unsigned long flags;

	if (isa_pin != VMM_NO_PIN) {
		raw_spin_lock_irqsave(&chip->pic_lock, flags);
		if (!!(chip->isa_held & BIT(isa_pin)) != up) {
			chip->isa_held ^= BIT(isa_pin);
			vatpic_pin(&chip->pic, isa_pin, op, &chip->sink);
		}
		raw_spin_unlock_irqrestore(&chip->pic_lock, flags);
	}
	if (ioapic_pin != VMM_NO_PIN) {
		raw_spin_lock_irqsave(&chip->ioapic_lock, flags);
		if (!!(chip->ioapic_held & BIT(ioapic_pin)) != up) {
			chip->ioapic_held ^= BIT(ioapic_pin);
			vioapic_pin(&chip->ioapic, ioapic_pin, op, &chip->sink);
		}
		raw_spin_unlock_irqrestore(&chip->ioapic_lock, flags);
	}
}

void irqchip_hold(struct irqchip *chip, u32 isa_pin, u32 ioapic_pin)
{
	set_held(chip, isa_pin, ioapic_pin, true);
}

void irqchip_release(struct irqchip *chip, u32 isa_pin, u32 ioapic_pin)
{
	set_held(chip, isa_pin, ioapic_pin, false);
}

void irqchip_end_hold(struct irqchip *chip, u32 isa_pin, u32 ioapic_pin)
{
	irqchip_release(chip, isa_pin, ioapic_pin);
	if (isa_pin != VMM_NO_PIN)
		atomic_or(BIT(isa_pin), &chip->isa_ended);
	if (ioapic_pin != VMM_NO_PIN)
		atomic_or(BIT(ioapic_pin), &chip->ioapic_ended);
	irqfd_resample(chip->vm);
}

int irqchip_set_trigger(struct vm *vm, u32 pin, bool level)
{
	struct irqchip *chip = &vm->irqchip;
	unsigned long flags;
	bool ok;

	raw_spin_lock_irqsave(&chip->pic_lock, flags);
	ok = vatpic_set_trigger(&chip->pic, pin, level, &chip->sink);
	raw_spin_unlock_irqrestore(&chip->pic_lock, flags);
	return ok ? 0 : -EINVAL;
}

int irqchip_msi(struct vm *vm, u64 msi_gpa, u32 data)
{
	struct lapic_msg msg;

	if (!vlapic_msi(msi_gpa, data, &msg))
		return -EINVAL;
	irqchip_deliver(&vm->irqchip, &msg, ~0U);
	return 0;
}

int irqchip_rtc_set_time(struct vm *vm, s64 seconds)
{
	struct irqchip *chip = &vm->irqchip;
	unsigned long flags;
	bool ok;

	raw_spin_lock_irqsave(&chip->rtc_timer.lock, flags);
	ok = vrtc_set_time(&chip->rtc, vm_now(vm), seconds);
	vdev_timer_update(&chip->rtc_timer, vrtc_deadline(&chip->rtc));
	raw_spin_unlock_irqrestore(&chip->rtc_timer.lock, flags);
	return ok ? 0 : -EINVAL;
}

s64 irqchip_rtc_get_time(struct vm *vm)
{
	struct irqchip *chip = &vm->irqchip;
	unsigned long flags;
	s64 seconds;

	raw_spin_lock_irqsave(&chip->rtc_timer.lock, flags);
	seconds = vrtc_get_time(&chip->rtc, vm_now(vm));
	raw_spin_unlock_irqrestore(&chip->rtc_timer.lock, flags);
	return seconds;
}

int irqchip_nvram(struct vm *vm, u32 offset, bool write, u8 *byte)
{
	struct irqchip *chip = &vm->irqchip;
	unsigned long flags;
	bool ok;

	raw_spin_lock_irqsave(&chip->rtc_timer.lock, flags);
	ok = write ? vrtc_nvram_write(&chip->rtc, vm_now(vm), offset, *byte) :
		     vrtc_nvram_read(&chip->rtc, vm_now(vm), offset, byte);
	raw_spin_unlock_irqrestore(&chip->rtc_timer.lock, flags);
	return ok ? 0 : -EINVAL;
}

int irqchip_pmtmr_locate(struct vm *vm, u32 port)
{
	if (port > 0xfffc || (port & 3))
		return -EINVAL;
	WRITE_ONCE(vm->irqchip.pmtmr_port, port);
	return 0;
}
