// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * 8254 programming: control word, counts, latches, gates, port 61h (8254 data
 * sheet, "Programming the 82C54", "Read Operations"). What a counter does once
 * it is programmed is in vatpit_counter.c. See vatpit.h for who serialises.
 */
#include "vatpit_counter.h"

#define NS_PER_SECOND		1000000000UL

#define CONTROL_COUNTER(v)	((v) >> 6)
#define CONTROL_READ_BACK	3
#define CONTROL_ACCESS(v)	((v) >> 4 & 3)
#define CONTROL_LATCH		0
#define READ_BACK_NO_COUNT	0x20
#define READ_BACK_NO_STATUS	0x10

#define PORT61_GATE2		0x01
#define PORT61_WRITABLE		0x0f
#define PORT61_REFRESH		0x10
#define PORT61_OUT2		0x20
#define REFRESH_TICKS		18		/* about 15 us, as DRAM asked for */

/* Ticks start here, so that a count can be subtracted from any of them. */
#define TICK_BIAS		0x20000

static u64 tick_at(u64 now)
{
	return TICK_BIAS + mul_u64_u64_div_u64(now, VATPIT_HZ, NS_PER_SECOND);
}

/* First moment that belongs to @tick: 596591 ticks are half a second. */
static u64 tick_ns(u64 tick)
{
	const u64 half_ticks = VATPIT_HZ / 2;
	const u64 half_ns = NS_PER_SECOND / 2;

	tick -= TICK_BIAS;
	return tick / half_ticks * half_ns +
	       (tick % half_ticks * half_ns + half_ticks - 1) / half_ticks;
}

/* --- reading and writing a counter ---------------------------------------- */

static void latch_count(struct vatpit_counter *c, u64 tick)
{
	if (c->latched)
		return;
	c->latch = vatpit_counter_value(c, tick);
	c->latched = c->access;
}

static void latch_status(struct vatpit_counter *c, u64 tick)
{
	if (c->status_latched)
		return;
	c->status = vatpit_counter_out(c, tick) << 7 |
		    vatpit_counter_is_null(c, tick) << 6 |
		    c->access << 4 | c->mode << 1 | c->bcd;
	c->status_latched = 1;
}

static u8 counter_read(struct vatpit_counter *c, u64 tick)
{
	u16 value;

	if (c->status_latched) {
		c->status_latched = 0;
		return c->status;
	}
	if (c->latched) {
		if (c->latched & VATPIT_LSB) {
			c->latched &= ~VATPIT_LSB;
			return c->latch & 0xff;
		}
		c->latched = 0;
		return c->latch >> 8;
	}
	value = vatpit_counter_value(c, tick);
	if (c->access == VATPIT_MSB)
		return value >> 8;
	if (c->access == VATPIT_BOTH) {
		c->read_msb = !c->read_msb;
		if (!c->read_msb)
			return value >> 8;
	}
	return value & 0xff;
}

static void counter_write(struct vatpit_counter *c, u64 tick, u8 byte)
{
	switch (c->access) {
	case VATPIT_LSB:
		vatpit_counter_load(c, tick, byte);
		break;
	case VATPIT_MSB:
		vatpit_counter_load(c, tick, byte << 8);
		break;
	case VATPIT_BOTH:
		if (!c->write_msb) {
			c->write_low = byte;
			c->write_msb = 1;
			vatpit_counter_half_load(c);
		} else {
			c->write_msb = 0;
			vatpit_counter_load(c, tick, byte << 8 | c->write_low);
		}
		break;
	}
}

static void control_write(struct vatpit *v, u64 tick, u8 value)
{
	unsigned int n = CONTROL_COUNTER(value);

	if (n == CONTROL_READ_BACK) {
		for (n = 0; n < 3; n++) {
			if (!(value >> (n + 1) & 1))
				continue;
			if (!(value & READ_BACK_NO_COUNT))
				latch_count(&v->counter[n], tick);
			if (!(value & READ_BACK_NO_STATUS))
				latch_status(&v->counter[n], tick);
		}
	} else if (CONTROL_ACCESS(value) == CONTROL_LATCH) {
		latch_count(&v->counter[n], tick);
	} else {
		vatpit_counter_program(&v->counter[n], value >> 1 & 7, value & 1,
				       CONTROL_ACCESS(value));
	}
}

static u8 port61_read(const struct vatpit *v, u64 tick)
{
	u8 value = v->port61;

	if (tick / REFRESH_TICKS & 1)
		value |= PORT61_REFRESH;
	if (vatpit_counter_out(&v->counter[2], tick))
		value |= PORT61_OUT2;
	return value;
}

/* --- time ----------------------------------------------------------------- */

static void pulse(const struct irq_sink *irq)
{
	irq->isa(irq->ctx, 0, IRQ_PULSE);
}

/* Signal edges up to @tick and move the counters' reckoning there. */
static void advance(struct vatpit *v, u64 tick, const struct irq_sink *irq)
{
	struct vatpit_counter *c = &v->counter[0];
	bool rise = vatpit_counter_next_rise(c, v->seen) <= tick;
	unsigned int n;

	for (n = 0; n < 3; n++)
		vatpit_counter_settle(&v->counter[n], tick);
	if (v->seen < tick)
		v->seen = tick;
	if (rise)
		pulse(irq);
}

u64 vatpit_deadline(const struct vatpit *v)
{
	u64 tick = vatpit_counter_next_rise(&v->counter[0], v->seen);

	return tick == VATPIT_NO_TICK ? VDEV_NEVER : tick_ns(tick);
}

void vatpit_expire(struct vatpit *v, u64 now, const struct irq_sink *irq)
{
	advance(v, tick_at(now), irq);
}

enum vdev_result vatpit_access(struct vatpit *v, u64 now, u32 port, u32 size,
			       bool write, u64 *value, const struct irq_sink *irq)
{
	u64 tick = tick_at(now);
	bool out0;

	if (size != 1 || ((port & ~3U) != VATPIT_PORT_COUNTER && port != VATPIT_PORT_61))
		return VDEV_UNHANDLED;

	advance(v, tick, irq);
	if (!write) {
		if (port == VATPIT_PORT_61)
			*value = port61_read(v, tick);
		else if (port == VATPIT_PORT_CONTROL)
			*value = 0xff;
		else
			*value = counter_read(&v->counter[port & 3], tick);
		return VDEV_HANDLED;
	}

	out0 = vatpit_counter_out(&v->counter[0], tick);
	if (port == VATPIT_PORT_61) {
		v->port61 = *value & PORT61_WRITABLE;
		vatpit_counter_gate(&v->counter[2], tick, *value & PORT61_GATE2);
	} else if (port == VATPIT_PORT_CONTROL) {
		control_write(v, tick, (u8)*value);
	} else {
		counter_write(&v->counter[port & 3], tick, (u8)*value);
	}
	/* A control word sets the output at once, which can be an edge too. */
	if (!out0 && vatpit_counter_out(&v->counter[0], tick))
		pulse(irq);
	return VDEV_HANDLED;
}

void vatpit_reset(struct vatpit *v, u64 now)
{
	unsigned int n;

	memset(v, 0, sizeof(*v));
	v->seen = tick_at(now);
	for (n = 0; n < 3; n++) {
		/* OUT high, so that programming counter 0 is no edge. */
		vatpit_counter_program(&v->counter[n], 3, 0, VATPIT_BOTH);
		v->counter[n].gate = n != 2;
	}
}

bool vatpit_check(const struct vatpit *v)
{
	unsigned int n;

	for (n = 0; n < 3; n++)
		if (!vatpit_counter_check(&v->counter[n]))
			return false;
	return v->seen >= TICK_BIAS && v->seen <= VATPIT_TICK_MAX &&
	       !(v->port61 & ~PORT61_WRITABLE) &&
	       v->counter[0].gate && v->counter[1].gate &&
	       v->counter[2].gate == (v->port61 & PORT61_GATE2);
}
