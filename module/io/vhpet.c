// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * HPET (IA-PC HPET specification 1.0a: "Register Model and Definitions",
 * "Interrupt Mapping", "Comparator match"). See vhpet.h for who serialises.
 *
 * While the block counts, each timer carries the VM time of its next match; it
 * is worked out anew after whatever may move it. A match happens when the
 * counter equals the comparator, so a comparator just passed waits for the
 * counter to wrap.
 */
#include "vhpet.h"
#include "vlapic.h"

#define REG_CAPABILITIES	0x000
#define REG_CONFIG		0x010
#define REG_STATUS		0x020
#define REG_COUNTER		0x0f0
#define REG_TIMERS		0x100
#define TIMER_STRIDE		0x20
#define TIMER_CONFIG		0x00
#define TIMER_COMPARATOR	0x08
#define TIMER_FSB		0x10

#define VENDOR_ID		0x8086U
#define CAP_LEGACY		0x8000U
#define REVISION		1U
#define CAPABILITIES		(REVISION | (VHPET_TIMERS - 1) << 8 | CAP_LEGACY | \
				 VENDOR_ID << 16)

#define CONFIG_ENABLE		1U
#define CONFIG_LEGACY		2U
#define CONFIG_BITS		(CONFIG_ENABLE | CONFIG_LEGACY)

#define T_CAPABILITIES		(VHPET_T_PERIODIC_CAP | VHPET_T_FSB_CAP)
#define T_WRITABLE		(VHPET_T_LEVEL | VHPET_T_ENABLE | VHPET_T_PERIODIC | \
				 VHPET_T_VALUE_SET | VHPET_T_32BIT | VHPET_T_ROUTE | \
				 VHPET_T_FSB)

#define WRAP_TICKS		BIT_ULL(32)

/* --- counter and deadlines ------------------------------------------------ */

static bool is_counting(const struct vhpet *v)
{
	return v->config & CONFIG_ENABLE;
}

static u32 counter_at(const struct vhpet *v, u64 now)
{
	if (!is_counting(v) || now < v->base_ns)
		return v->counter;
	return v->counter + (u32)((now - v->base_ns) / VHPET_TICK_NS);
}

/*
 * VM time of the first match later than the tick at @now. The tick's own start
 * counts from @base_ns, so nothing is lost between two calls.
 */
static u64 match_ns(const struct vhpet *v, const struct vhpet_timer *t, u64 now)
{
	u64 ticks = now < v->base_ns ? 0 : (now - v->base_ns) / VHPET_TICK_NS;
	u32 ahead = t->comparator - (v->counter + (u32)ticks);

	return v->base_ns + (ticks + (ahead ? ahead : WRAP_TICKS)) * VHPET_TICK_NS;
}

static void timer_rearm(struct vhpet *v, unsigned int n, u64 now)
{
	struct vhpet_timer *t = &v->timer[n];

	t->due = is_counting(v) ? match_ns(v, t, now) : VDEV_NEVER;
}

static void rearm_all(struct vhpet *v, u64 now)
{
	unsigned int n;

	for (n = 0; n < VHPET_TIMERS; n++)
		timer_rearm(v, n, now);
}

/* --- interrupts ----------------------------------------------------------- */

static u32 route_pin(const struct vhpet_timer *t)
{
	return (t->config & VHPET_T_ROUTE) >> VHPET_T_ROUTE_SHIFT;
}

static bool route_is_allowed(u32 pin)
{
	return VHPET_ROUTES >> pin & 1;
}

static bool is_legacy_timer(const struct vhpet *v, unsigned int n)
{
	return n < 2 && vhpet_is_legacy(v);
}

/* Does timer @n hold an I/O APIC pin up when it fires? */
static bool is_level(const struct vhpet *v, unsigned int n)
{
	u32 config = v->timer[n].config;

	return (config & VHPET_T_ENABLE) && (config & VHPET_T_LEVEL) &&
	       !(config & VHPET_T_FSB) && !is_legacy_timer(v, n) &&
	       route_is_allowed(route_pin(&v->timer[n]));
}

static void drop_line(struct vhpet *v, unsigned int n, const struct irq_sink *irq)
{
	if (!(v->status >> n & 1))
		return;
	v->status &= ~(1U << n);
	irq->ioapic(irq->ctx, route_pin(&v->timer[n]), IRQ_DEASSERT);
}

static void timer_fire(struct vhpet *v, unsigned int n, const struct irq_sink *irq)
{
	struct vhpet_timer *t = &v->timer[n];
	u32 pin = route_pin(t);
	struct lapic_msg msg;

	if (!(t->config & VHPET_T_ENABLE))
		return;

	if (t->config & VHPET_T_FSB) {
		if (vlapic_msi(t->msi_gpa, t->msi_data, &msg))
			irq->msg(irq->ctx, &msg);
	} else if (is_legacy_timer(v, n)) {
		irq->isa(irq->ctx, n ? 8 : 0, IRQ_PULSE);
	} else if (is_level(v, n)) {
		if (v->status >> n & 1)
			return;
		v->status |= 1U << n;
		irq->ioapic(irq->ctx, pin, IRQ_ASSERT);
	} else if (route_is_allowed(pin)) {
		irq->ioapic(irq->ctx, pin, IRQ_PULSE);
	}
}

/* Move the comparator of a periodic timer beyond the counter. */
static void timer_advance(struct vhpet *v, struct vhpet_timer *t, u64 now)
{
	u32 behind;

	if (!(t->config & VHPET_T_PERIODIC) || !t->period)
		return;
	/* Late by whole wraps is late by so many whole wraps' periods, too. */
	behind = counter_at(v, now) - t->comparator;
	t->comparator += (behind / t->period + 1) * t->period;
}

u64 vhpet_deadline(const struct vhpet *v)
{
	u64 deadline = VDEV_NEVER;
	unsigned int n;

	for (n = 0; n < VHPET_TIMERS; n++)
		if (v->timer[n].config & VHPET_T_ENABLE)
			deadline = min_t(u64, deadline, v->timer[n].due);
	return deadline;
}

void vhpet_expire(struct vhpet *v, u64 now, const struct irq_sink *irq)
{
	unsigned int n;

	for (n = 0; n < VHPET_TIMERS; n++) {
		struct vhpet_timer *t = &v->timer[n];

		if (now < t->due || t->due == VDEV_NEVER)
			continue;
		timer_advance(v, t, now);
		timer_rearm(v, n, now);
		timer_fire(v, n, irq);
	}
}

/* --- registers ------------------------------------------------------------ */

static void config_write(struct vhpet *v, u64 now, u32 value, const struct irq_sink *irq)
{
	unsigned int n;

	if ((v->config ^ value) & CONFIG_ENABLE) {
		v->counter = counter_at(v, now);
		v->base_ns = now;
	}
	v->config = value & CONFIG_BITS;
	for (n = 0; n < VHPET_TIMERS; n++)
		if (!is_level(v, n))
			drop_line(v, n, irq);
	rearm_all(v, now);
}

static void status_write(struct vhpet *v, u32 value, const struct irq_sink *irq)
{
	unsigned int n;

	for (n = 0; n < VHPET_TIMERS; n++)
		if (value >> n & 1)
			drop_line(v, n, irq);
}

static void counter_write(struct vhpet *v, u64 now, u32 value)
{
	v->counter = value;
	v->base_ns = now;
	rearm_all(v, now);
}

static void timer_config_write(struct vhpet *v, unsigned int n, u32 value,
			       const struct irq_sink *irq)
{
	struct vhpet_timer *t = &v->timer[n];
	struct vhpet_timer was = *t;

	value &= T_WRITABLE;
	/* A route that is not wired reads back as zero. */
	if (!route_is_allowed((value & VHPET_T_ROUTE) >> VHPET_T_ROUTE_SHIFT))
		value &= ~VHPET_T_ROUTE;
	t->config = value;

	if (v->status >> n & 1 && (!is_level(v, n) || route_pin(t) != route_pin(&was))) {
		v->status &= ~(1U << n);
		irq->ioapic(irq->ctx, route_pin(&was), IRQ_DEASSERT);
	}
}

static void comparator_write(struct vhpet *v, unsigned int n, u64 now, u32 value)
{
	struct vhpet_timer *t = &v->timer[n];

	if (!(t->config & VHPET_T_PERIODIC) || (t->config & VHPET_T_VALUE_SET))
		t->comparator = value;
	if (t->config & VHPET_T_PERIODIC)
		t->period = value;
	t->config &= ~VHPET_T_VALUE_SET;
	timer_rearm(v, n, now);
}

static u32 timer_read(const struct vhpet *v, unsigned int n, u32 reg)
{
	const struct vhpet_timer *t = &v->timer[n];

	switch (reg) {
	case TIMER_CONFIG:
		return (t->config & ~VHPET_T_VALUE_SET) | T_CAPABILITIES;
	case TIMER_CONFIG + 4:
		return VHPET_ROUTES;
	case TIMER_COMPARATOR:
		return t->comparator;
	case TIMER_FSB:
		return t->msi_data;
	case TIMER_FSB + 4:
		return t->msi_gpa;
	default:
		return 0;
	}
}

static u32 reg_read(const struct vhpet *v, u64 now, u32 offset)
{
	switch (offset) {
	case REG_CAPABILITIES:
		return CAPABILITIES;
	case REG_CAPABILITIES + 4:
		return VHPET_PERIOD_FS;
	case REG_CONFIG:
		return v->config;
	case REG_STATUS:
		return v->status;
	case REG_COUNTER:
		return counter_at(v, now);
	}
	if (offset < REG_TIMERS || offset >= REG_TIMERS + VHPET_TIMERS * TIMER_STRIDE)
		return 0;
	return timer_read(v, (offset - REG_TIMERS) / TIMER_STRIDE, offset % TIMER_STRIDE);
}

static void timer_write(struct vhpet *v, unsigned int n, u64 now, u32 reg, u32 value,
			const struct irq_sink *irq)
{
	switch (reg) {
	case TIMER_CONFIG:
		timer_config_write(v, n, value, irq);
		break;
	case TIMER_COMPARATOR:
		comparator_write(v, n, now, value);
		break;
	case TIMER_FSB:
		v->timer[n].msi_data = value;
		break;
	case TIMER_FSB + 4:
		v->timer[n].msi_gpa = value;
		break;
	}
}

static void reg_write(struct vhpet *v, u64 now, u32 offset, u32 value,
		      const struct irq_sink *irq)
{
	switch (offset) {
	case REG_CONFIG:
		config_write(v, now, value, irq);
		return;
	case REG_STATUS:
		status_write(v, value, irq);
		return;
	case REG_COUNTER:
		counter_write(v, now, value);
		return;
	}
	if (offset >= REG_TIMERS && offset < REG_TIMERS + VHPET_TIMERS * TIMER_STRIDE)
		timer_write(v, (offset - REG_TIMERS) / TIMER_STRIDE, now,
			    offset % TIMER_STRIDE, value, irq);
}

enum vdev_result vhpet_access(struct vhpet *v, u64 now, u32 offset, u32 size,
			      bool write, u64 *value, const struct irq_sink *irq)
{
	if ((size != 4 && size != 8) || offset % size || offset >= VHPET_WINDOW) {
		if (!write)
			*value = U64_MAX;
		return VDEV_HANDLED;
	}

	/* A timer whose match has passed fires before anything can move it. */
	vhpet_expire(v, now, irq);
	if (write) {
		reg_write(v, now, offset, (u32)*value, irq);
		if (size == 8)
			reg_write(v, now, offset + 4, *value >> 32, irq);
		return VDEV_HANDLED;
	}
	*value = reg_read(v, now, offset);
	if (size == 8)
		*value |= (u64)reg_read(v, now, offset + 4) << 32;
	return VDEV_HANDLED;
}

void vhpet_reset(struct vhpet *v, u64 now)
{
	unsigned int n;

	memset(v, 0, sizeof(*v));
	v->base_ns = now;
	for (n = 0; n < VHPET_TIMERS; n++) {
		v->timer[n].comparator = U32_MAX;
		v->timer[n].due = VDEV_NEVER;
	}
}

bool vhpet_check(const struct vhpet *v)
{
	unsigned int n;

	if ((v->config & ~CONFIG_BITS) || v->base_ns > BIT_ULL(63) ||
	    v->status >> VHPET_TIMERS)
		return false;
	for (n = 0; n < VHPET_TIMERS; n++) {
		const struct vhpet_timer *t = &v->timer[n];

		if (t->config & ~T_WRITABLE)
			return false;
		if (route_pin(t) && !route_is_allowed(route_pin(t)))
			return false;
		if ((v->status >> n & 1) && !is_level(v, n))
			return false;
		/* Stopped timers wait for nothing, and others for one wrap at most. */
		if (is_counting(v) != (t->due != VDEV_NEVER))
			return false;
	}
	return true;
}
