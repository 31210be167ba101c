// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The local APIC's timer (SDM "APIC Timer", "TSC-Deadline Mode").
 *
 * Counting modes keep the VM time at which the count reaches zero, and deadline
 * mode keeps the TSC value and the VM time it will be reached. A masked timer
 * counts on, but nobody is woken for it: its passed periods are skipped when
 * somebody looks.
 */
#include "vlapic_internal.h"

/* Further away than any VM lives, nearer than VDEV_NEVER. */
#define FAR_NS		(U64_MAX - 1)
#define NS_PER_MS	1000000ULL

static u32 lvt_mode(const struct vlapic *v)
{
	return vlapic_get(v, VLAPIC_LVT) & VLAPIC_LVT_TIMER_MODE;
}

static bool in_deadline_mode(const struct vlapic *v)
{
	return lvt_mode(v) == VLAPIC_LVT_DEADLINE;
}

/* Nanoseconds per count: bits 3, 1, 0 hold log2(divisor) - 1, modulo 8. */
static u64 count_ns(const struct vlapic *v)
{
	u32 divide = vlapic_get(v, VLAPIC_DIVIDE);
	u32 code = (divide & 3) | (divide >> 1 & 4);

	return (u64)VLAPIC_TIMER_TICK_NS << ((code + 1) & 7);
}

static u64 period_ns(const struct vlapic *v)
{
	return vlapic_get(v, VLAPIC_INITIAL) * count_ns(v);
}

static u64 tsc_deadline_ns(const struct vlapic *v, const struct vlapic_time *t)
{
	u64 ticks, ms;

	if (v->tsc_deadline <= t->tsc)
		return t->ns;
	ticks = v->tsc_deadline - t->tsc;
	ms = ticks / v->tsc_khz;
	if (ms >= BIT_ULL(62) / NS_PER_MS)
		return FAR_NS;
	/* Rounded up, so that the TSC is there when the time has come. */
	return t->ns + ms * NS_PER_MS +
	       (ticks % v->tsc_khz * NS_PER_MS + v->tsc_khz - 1) / v->tsc_khz;
}

static void disarm(struct vlapic *v)
{
	v->deadline_ns = VDEV_NEVER;
	v->tsc_deadline = 0;
}

void vlapic_timer_reset(struct vlapic *v)
{
	disarm(v);
}

u64 vlapic_deadline(const struct vlapic *v)
{
	if (vlapic_get(v, VLAPIC_LVT) & VLAPIC_LVT_MASKED)
		return VDEV_NEVER;
	return v->deadline_ns;
}

void vlapic_expire(struct vlapic *v, const struct vlapic_time *t,
		   const struct irq_sink *irq)
{
	u64 period;

	if (v->deadline_ns == VDEV_NEVER)
		return;

	if (in_deadline_mode(v)) {
		if (t->tsc < v->tsc_deadline) {
			if (t->ns >= v->deadline_ns)
				v->deadline_ns = tsc_deadline_ns(v, t);
			return;
		}
		disarm(v);
	} else {
		if (t->ns < v->deadline_ns)
			return;
		period = period_ns(v);
		if (lvt_mode(v) == VLAPIC_LVT_PERIODIC && period)
			v->deadline_ns += ((t->ns - v->deadline_ns) / period + 1) * period;
		else
			disarm(v);
	}
	vlapic_lvt_fire(v, VLAPIC_LVT_TIMER, irq);
}

void vlapic_tsc_changed(struct vlapic *v, const struct vlapic_time *t)
{
	if (v->tsc_deadline)
		v->deadline_ns = tsc_deadline_ns(v, t);
}

u32 vlapic_timer_count(struct vlapic *v, const struct vlapic_time *t,
		       const struct irq_sink *irq)
{
	u64 left;

	vlapic_expire(v, t, irq);
	if (v->deadline_ns == VDEV_NEVER || in_deadline_mode(v))
		return 0;
	left = v->deadline_ns - t->ns;
	/* Rounded up: the count is @initial until one whole tick has passed. */
	left = (left - 1) / count_ns(v) + 1;
	return (u32)min_t(u64, left, vlapic_get(v, VLAPIC_INITIAL));
}

void vlapic_timer_set_initial(struct vlapic *v, const struct vlapic_time *t, u32 value,
			      const struct irq_sink *irq)
{
	if (in_deadline_mode(v))
		return;
	vlapic_expire(v, t, irq);
	vlapic_put(v, VLAPIC_INITIAL, value);
	v->deadline_ns = value ? t->ns + period_ns(v) : VDEV_NEVER;
}

void vlapic_timer_set_divide(struct vlapic *v, const struct vlapic_time *t, u32 value,
			     const struct irq_sink *irq)
{
	u32 count = vlapic_timer_count(v, t, irq);

	vlapic_put(v, VLAPIC_DIVIDE, value & 0xb);
	if (count)
		v->deadline_ns = t->ns + count * count_ns(v);
}

void vlapic_timer_set_lvt(struct vlapic *v, const struct vlapic_time *t, u32 value,
			  const struct irq_sink *irq)
{
	u32 was = lvt_mode(v);

	vlapic_expire(v, t, irq);
	/* Mode 11b is reserved: the mode stays. */
	if ((value & VLAPIC_LVT_TIMER_MODE) == VLAPIC_LVT_TIMER_MODE)
		value = (value & ~VLAPIC_LVT_TIMER_MODE) | was;
	vlapic_put(v, VLAPIC_LVT, value);
	if ((was ^ lvt_mode(v)) & VLAPIC_LVT_DEADLINE)
		disarm(v);
}

void vlapic_timer_msr(struct vlapic *v, const struct vlapic_time *t, bool write,
		      u64 *value, const struct irq_sink *irq)
{
	vlapic_expire(v, t, irq);
	if (!write) {
		*value = v->tsc_deadline;
		return;
	}
	if (!in_deadline_mode(v))
		return;
	disarm(v);
	if (*value) {
		v->tsc_deadline = *value;
		v->deadline_ns = tsc_deadline_ns(v, t);
		vlapic_expire(v, t, irq);
	}
}

bool vlapic_timer_check(const struct vlapic *v)
{
	u32 lvt = vlapic_get(v, VLAPIC_LVT);
	bool armed = v->deadline_ns != VDEV_NEVER;

	if ((lvt & VLAPIC_LVT_TIMER_MODE) == VLAPIC_LVT_TIMER_MODE)
		return false;
	if (vlapic_get(v, VLAPIC_DIVIDE) & ~0xbU)
		return false;
	if (in_deadline_mode(v))
		return armed == !!v->tsc_deadline;
	if (v->tsc_deadline)
		return false;
	return !armed || vlapic_get(v, VLAPIC_INITIAL);
}
