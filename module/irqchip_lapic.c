// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Local APICs: delivery of messages to vCPUs, and the owner's side of it.
 *
 * A sender sets a bit in the target's pir[] and a request, and kicks. The
 * target's thread moves the bits into its local APIC before it next enters the
 * guest. Senders find targets by the route each owner publishes.
 */
#include <linux/log2.h>
#include <linux/slab.h>
#include <asm/tsc.h>
#include "compat.h"
#include "vmm.h"

static void post(struct vcpu *vcpu, u8 vector, bool level)
{
	struct vcpu_irq *irq = vcpu->irq;
	u64 bit = BIT_ULL(vector % 64);

	if (level)
		atomic64_or(bit, &irq->level[vector / 64]);
	else
		atomic64_andnot(bit, &irq->level[vector / 64]);
	/* After the level, before the request: both full barriers. */
	atomic64_fetch_or(bit, &irq->pir[vector / 64]);
	vcpu_request(vcpu, REQ_IRQ);
}

static void deliver_one(struct vcpu *vcpu, const struct lapic_msg *msg)
{
	switch (msg->delivery) {
	case LAPIC_FIXED:
	case LAPIC_LOWEST:
		post(vcpu, msg->vector, msg->level);
		break;
	case LAPIC_NMI:
		vcpu_request(vcpu, REQ_NMI);
		break;
	case LAPIC_INIT:
		/* A SIPI sent before this INIT is void. */
		clear_bit(REQ_SIPI, &vcpu->requests);
		vcpu_request(vcpu, REQ_INIT);
		break;
	case LAPIC_SIPI:
		WRITE_ONCE(vcpu->irq->sipi_vector, msg->vector);
		vcpu_request(vcpu, REQ_SIPI);
		break;
	case LAPIC_EXTINT:
		vcpu_request(vcpu, REQ_EXTINT);
		break;
	}
}

static void deliver_lowest(struct irqchip *chip, const struct lapic_msg *msg, u32 self_id)
{
	struct vlapic_contest contest;
	struct vcpu *vcpu;
	u32 i;

	vlapic_contest_begin(&contest, atomic_read(&chip->last_lowest));
	for_each_vcpu(chip->vm, i, vcpu)
		if (vlapic_match(&vcpu->irq->route, msg, self_id))
			vlapic_contest_add(&contest, i, &vcpu->irq->route,
					   READ_ONCE(vcpu->irq->ppr));
	vcpu = contest.winner < 0 ? NULL : vm_vcpu(chip->vm, contest.winner);
	if (!vcpu)
		return;
	atomic_set(&chip->last_lowest, contest.winner);
	deliver_one(vcpu, msg);
}

void irqchip_deliver(struct irqchip *chip, const struct lapic_msg *msg, u32 self_id)
{
	struct vcpu *vcpu;
	u32 i;

	if (msg->delivery == LAPIC_LOWEST) {
		deliver_lowest(chip, msg, self_id);
		return;
	}
	for_each_vcpu(chip->vm, i, vcpu)
		if (vlapic_match(&vcpu->irq->route, msg, self_id))
			deliver_one(vcpu, msg);
}

/* --- the sink of one local APIC: its owner's thread ---------------------- */

static void lapic_line(void *ctx, unsigned int pin, enum irq_op op)
{
}

static void lapic_intr(void *ctx, bool level)
{
}

static void lapic_msg_out(void *ctx, const struct lapic_msg *msg)
{
	struct vcpu *vcpu = ctx;

	irqchip_deliver(&vcpu->vm->irqchip, msg, vcpu->id);
}

static void lapic_eoi(void *ctx, u8 vector)
{
	struct vcpu *vcpu = ctx;
	struct irqchip *chip = &vcpu->vm->irqchip;

	chip->sink.eoi(chip->sink.ctx, vector);
}

static void lapic_local(void *ctx, enum lapic_delivery delivery)
{
	struct vcpu *vcpu = ctx;

	/* ExtINT needs no memory: pic_intr is a level. */
	if (delivery == LAPIC_NMI)
		vcpu->nmi_pending = true;
}

/* --- owner's side --------------------------------------------------------- */

static enum hrtimer_restart lapic_timer_fire(struct hrtimer *timer)
{
	struct vcpu_irq *irq = container_of(timer, struct vcpu_irq, timer);

	vcpu_request(irq->sink.ctx, REQ_TIMER);
	return HRTIMER_NORESTART;
}

static void arm_timer(struct vcpu *vcpu, u64 deadline)
{
	struct vcpu_irq *irq = vcpu->irq;
	ktime_t expires;

	irq->armed = deadline;
	expires = vdev_timer_ktime(vcpu->vm->time_base, max(deadline, irq->earliest));
	hrtimer_start(&irq->timer, expires, HRTIMER_MODE_ABS_PINNED_HARD);
}

void vcpu_irq_update(struct vcpu *vcpu)
{
	struct vcpu_irq *irq = vcpu->irq;
	u64 deadline = vlapic_deadline(&irq->lapic);

	vcpu->irq_look = true;
	if (unlikely(irq->lapic.route_dirty)) {
		irq->lapic.route_dirty = 0;
		vlapic_route(&irq->lapic, &irq->route);
		vcpu_apicv_seen(vcpu);
		if (vlapic_mode(&irq->lapic) != VLAPIC_XAPIC && vcpu->vm->irqchip.apic_page &&
		    !READ_ONCE(vcpu->vm->irqchip.apic_page_off))
			vcpu_request(vcpu, REQ_APIC_PAGE);
	}
	WRITE_ONCE(irq->ppr, irq->lapic.page[VLAPIC_PPR / 4]);
	/*
	 * A deadline that moved away is left for the timer to find: it fires
	 * once too early and is then set anew. Guests put off far more often
	 * than they let come.
	 */
	if (deadline < irq->armed)
		arm_timer(vcpu, deadline);
}

static void run_timer(struct vcpu *vcpu)
{
	struct vlapic_time t = { vm_now(vcpu->vm), vcpu_tsc(vcpu) };

	vlapic_expire(&vcpu->irq->lapic, &t, &vcpu->irq->sink);
	vcpu->irq->armed = VDEV_NEVER;
	vcpu->irq->earliest = t.ns + VDEV_TIMER_MIN_NS;
}

static void take_posted(struct vcpu *vcpu)
{
	struct vcpu_irq *irq = vcpu->irq;
	unsigned int w, bit, lvt;
	u64 bits, level;

	lvt = atomic_xchg(&irq->lvt, 0);
	while (lvt) {
		bit = __ffs(lvt);
		lvt &= lvt - 1;
		vlapic_lvt_fire(&irq->lapic, bit, &irq->sink);
	}
	for (w = 0; w < 4; w++) {
		if (!atomic64_read(&irq->pir[w]))
			continue;
		bits = atomic64_xchg(&irq->pir[w], 0);
		level = atomic64_read(&irq->level[w]);
		while (bits) {
			bit = __ffs64(bits);
			bits &= bits - 1;
			vlapic_accept(&irq->lapic, w * 64 + bit, level & BIT_ULL(bit),
				      &irq->sink);
		}
	}
}

void vcpu_irq_sync(struct vcpu *vcpu)
{
	vcpu_apicv_tpr(vcpu);
	if (test_and_clear_bit(REQ_NMI, &vcpu->requests))
		vcpu->nmi_pending = true;
	clear_bit(REQ_EXTINT, &vcpu->requests);
	if (test_and_clear_bit(REQ_TIMER, &vcpu->requests))
		run_timer(vcpu);
	if (test_and_clear_bit(REQ_IRQ, &vcpu->requests))
		take_posted(vcpu);
	vcpu_irq_update(vcpu);
}

int vcpu_irq_next(struct vcpu *vcpu, bool *extint)
{
	const struct vlapic *lapic = &vcpu->irq->lapic;

	vcpu_apicv_tpr(vcpu);
	*extint = READ_ONCE(vcpu->vm->irqchip.pic_intr) && vlapic_accepts_extint(lapic);
	return *extint ? 0 : vlapic_pending(lapic);
}

int vcpu_irq_ack(struct vcpu *vcpu, int vector, bool extint)
{
	struct irqchip *chip = &vcpu->vm->irqchip;
	unsigned long flags;

	if (!extint) {
		vlapic_ack(&vcpu->irq->lapic, vector);
		return vector;
	}
	/* Another vCPU may have been faster. */
	vector = -1;
	raw_spin_lock_irqsave(&chip->pic_lock, flags);
	if (vatpic_intr(&chip->pic))
		vector = vatpic_ack(&chip->pic, &chip->sink);
	raw_spin_unlock_irqrestore(&chip->pic_lock, flags);
	return vector;
}

void vcpu_look_again(struct vcpu *vcpu)
{
	vcpu_request(vcpu, REQ_EXTINT);
}

bool vcpu_irq_wakes(struct vcpu *vcpu)
{
	bool extint;

	if (vcpu->entry_intinfo)
		return true;
	/* Bit 3: NMIs are blocked. */
	return (vcpu->nmi_pending && !(vcpu->regs.interruptibility & BIT(3))) ||
	       ((vcpu->regs.rflags & X86_EFLAGS_IF) && vcpu_irq_next(vcpu, &extint) >= 0);
}

u64 vcpu_irq_get_cr8(struct vcpu *vcpu)
{
	return vlapic_get_cr8(&vcpu->irq->lapic);
}

void vcpu_irq_set_cr8(struct vcpu *vcpu, u64 cr8)
{
	vlapic_set_cr8(&vcpu->irq->lapic, cr8);
	vcpu->irq_look = true;
}

/* TPR, EOI, ICR and self-IPI: what guests use most has nothing to do with time. */
static bool msr_needs_time(u32 msr)
{
	return msr != 0x80b && msr != 0x830 && msr != 0x83f && msr != 0x808;
}

enum vdev_result vcpu_irq_msr(struct vcpu *vcpu, u32 msr, bool write, u64 *value)
{
	struct vlapic_time t = {};
	enum vdev_result result;

	if (msr_needs_time(msr))
		t = (struct vlapic_time) { vm_now(vcpu->vm), vcpu_tsc(vcpu) };
	result = vlapic_msr(&vcpu->irq->lapic, &t, msr, write, value, &vcpu->irq->sink);
	if (write)
		vcpu_irq_update(vcpu);
	return result;
}

enum vdev_result vcpu_irq_apicbase(struct vcpu *vcpu, bool write, u64 *value)
{
	enum vdev_result result = vlapic_apicbase(&vcpu->irq->lapic, write, value);

	if (write)
		vcpu_irq_update(vcpu);
	return result;
}

void vcpu_irq_tsc_changed(struct vcpu *vcpu)
{
	struct vlapic_time t = { vm_now(vcpu->vm), vcpu_tsc(vcpu) };

	vlapic_tsc_changed(&vcpu->irq->lapic, &t);
	vcpu_irq_update(vcpu);
}

int irqchip_local_irq(struct vm *vm, const struct vmm_local_irq *args)
{
	struct vcpu *vcpu;
	u32 i;

	if (args->lvt > VMM_LVT_CMCI)
		return -EINVAL;
	if (args->vcpu != VMM_VCPU_ALL && !vm_vcpu(vm, args->vcpu))
		return -ENOENT;
	for_each_vcpu(vm, i, vcpu) {
		if (args->vcpu != VMM_VCPU_ALL && args->vcpu != i)
			continue;
		atomic_or(BIT(args->lvt), &vcpu->irq->lvt);
		vcpu_request(vcpu, REQ_IRQ);
	}
	return 0;
}

int vcpu_irq_init(struct vcpu *vcpu)
{
	size_t size = max_t(size_t, roundup_pow_of_two(sizeof(*vcpu->irq)), PAGE_SIZE);
	struct vcpu_irq *irq = kzalloc(size, GFP_KERNEL_ACCOUNT);

	if (!irq)
		return -ENOMEM;
	irq->sink = (struct irq_sink) {
		.isa = lapic_line, .ioapic = lapic_line, .msg = lapic_msg_out,
		.intr = lapic_intr, .eoi = lapic_eoi, .local = lapic_local, .ctx = vcpu,
	};
	irq->armed = VDEV_NEVER;
	hrtimer_setup(&irq->timer, lapic_timer_fire, CLOCK_MONOTONIC,
		      HRTIMER_MODE_ABS_PINNED_HARD);
	vcpu->irq = irq;
	return 0;
}

void vcpu_irq_fini(struct vcpu *vcpu)
{
	if (!vcpu->irq)
		return;
	hrtimer_cancel(&vcpu->irq->timer);
	kfree(vcpu->irq);
	vcpu->irq = NULL;
}

static void void_posted(struct vcpu_irq *irq)
{
	unsigned int w;

	for (w = 0; w < 4; w++) {
		atomic64_set(&irq->pir[w], 0);
		atomic64_set(&irq->level[w], 0);
	}
	atomic_set(&irq->lvt, 0);
}

void vcpu_irq_forget(struct vcpu *vcpu)
{
	void_posted(vcpu->irq);
	vcpu->irq->earliest = 0;
	vcpu_irq_update(vcpu);
}

void vcpu_irq_reset(struct vcpu *vcpu, bool init)
{
	struct vcpu_irq *irq = vcpu->irq;

	void_posted(irq);
	if (init)
		vlapic_init_reset(&irq->lapic);
	else
		vlapic_reset(&irq->lapic, vcpu->id, vcpu->id == 0, max(tsc_khz, 1U));
	irq->lapic.route_dirty = 1;
	vcpu_irq_update(vcpu);
}
