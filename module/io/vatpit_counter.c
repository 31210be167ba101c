// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * One counter of the 8254 (8254 data sheet, "Mode Definitions", "Operation
 * Common to All Modes").
 *
 * A count written at tick t is loaded by the next clock, t + 1, and from then
 * on everything is a function of the ticks elapsed. Modes 0 and 4 start when
 * the count is written, 2 and 3 repeat, 1 and 5 wait for a rising gate.
 */
#include "vatpit_counter.h"

static u32 modulus(const struct vatpit_counter *c)
{
	return c->bcd ? 10000 : 65536;
}

static bool is_periodic(const struct vatpit_counter *c)
{
	return c->mode == 2 || c->mode == 3;
}

static bool is_triggered(const struct vatpit_counter *c)
{
	return c->mode == 1 || c->mode == 5;
}

/* Mode 3: ticks of one period during which OUT is high. */
static u32 high_ticks(u32 count)
{
	return (count + 1) / 2;
}

/* Ticks since @count was loaded, 0 if it is yet to be. */
static u64 elapsed(const struct vatpit_counter *c, u64 tick)
{
	if (c->state == VATPIT_PAUSED)
		return c->elapsed;
	if (c->state == VATPIT_IDLE || tick < c->load)
		return 0;
	return tick - c->load;
}

static u16 to_bcd(u32 value)
{
	return value / 1000 % 10 << 12 | value / 100 % 10 << 8 |
	       value / 10 % 10 << 4 | value % 10;
}

static u32 from_bcd(u16 value)
{
	return (value >> 12) * 1000 + (value >> 8 & 0xf) * 100 +
	       (value >> 4 & 0xf) * 10 + (value & 0xf);
}

static u32 decode_count(const struct vatpit_counter *c, u16 value)
{
	u32 count = c->bcd ? from_bcd(value) : value;

	/* Zero is the largest count; digits above nine would exceed it. */
	if (!count || count > modulus(c))
		return modulus(c);
	/* A count of one is illegal in the periodic modes. */
	if (count == 1 && is_periodic(c))
		return 2;
	return count;
}

static void start(struct vatpit_counter *c, u64 tick)
{
	c->state = VATPIT_RUNNING;
	c->load = tick + 1;
	c->switch_tick = 0;
	c->elapsed = 0;
}

static void start_or_pause(struct vatpit_counter *c, u64 tick)
{
	start(c, tick);
	if (!c->gate)
		c->state = VATPIT_PAUSED;
}

static void take_next(struct vatpit_counter *c)
{
	if (c->next)
		c->count = c->next;
	c->next = 0;
}

/* Does the waiting count take over in the middle of a square wave? */
static bool switches_midway(const struct vatpit_counter *c)
{
	return c->mode == 3 && c->switch_tick != c->load + c->count;
}

void vatpit_counter_settle(struct vatpit_counter *c, u64 tick)
{
	if (c->state != VATPIT_RUNNING || !is_periodic(c))
		return;
	if (c->next && tick >= c->switch_tick) {
		bool midway = switches_midway(c);

		take_next(c);
		c->load = c->switch_tick - (midway ? high_ticks(c->count) : 0);
	}
	if (tick > c->load)
		c->load += (tick - c->load) / c->count * c->count;
}

void vatpit_counter_program(struct vatpit_counter *c, u8 mode, u8 bcd, u8 access)
{
	c->mode = mode > 5 ? mode - 4 : mode;
	c->bcd = bcd;
	c->access = access;
	c->state = VATPIT_IDLE;
	c->count = modulus(c);
	c->next = 0;
	c->write_msb = 0;
	c->read_msb = 0;
	c->latched = 0;
	c->status_latched = 0;
}

void vatpit_counter_half_load(struct vatpit_counter *c)
{
	if (c->mode == 0)
		c->state = VATPIT_IDLE;
}

void vatpit_counter_load(struct vatpit_counter *c, u64 tick, u16 value)
{
	u32 count = decode_count(c, value);

	if (is_triggered(c)) {
		c->next = count;
		return;
	}
	if (!is_periodic(c) || c->state == VATPIT_IDLE) {
		c->count = count;
		start_or_pause(c, tick);
		return;
	}
	if (c->state == VATPIT_RUNNING && tick < c->load) {
		c->count = count;
		c->next = 0;
		return;
	}
	c->next = count;
	if (c->state != VATPIT_RUNNING)
		return;
	c->switch_tick = c->load + c->count;
	if (c->mode == 3 && tick - c->load < high_ticks(c->count))
		c->switch_tick = c->load + high_ticks(c->count);
}

static void gate_rise(struct vatpit_counter *c, u64 tick)
{
	if (is_triggered(c)) {
		/* Without any count there is nothing to trigger. */
		if (c->next || c->state == VATPIT_RUNNING) {
			take_next(c);
			start(c, tick);
		}
	} else if (c->state == VATPIT_PAUSED) {
		/* A restored counter may have counted longer than time has run. */
		u64 counted = min_t(u64, c->elapsed, tick);

		take_next(c);
		start(c, tick);
		if (!is_periodic(c))
			c->load = tick - counted;
	}
}

static void gate_fall(struct vatpit_counter *c, u64 tick)
{
	if (is_triggered(c) || c->state != VATPIT_RUNNING)
		return;
	c->elapsed = elapsed(c, tick);
	c->state = VATPIT_PAUSED;
}

void vatpit_counter_gate(struct vatpit_counter *c, u64 tick, bool high)
{
	if (c->gate == high)
		return;
	c->gate = high;
	if (high)
		gate_rise(c, tick);
	else
		gate_fall(c, tick);
}

bool vatpit_counter_out(const struct vatpit_counter *c, u64 tick)
{
	u64 ticks = elapsed(c, tick);

	if (c->state == VATPIT_IDLE)
		return c->mode != 0;

	switch (c->mode) {
	case 0:
	case 1:
		return ticks >= c->count;
	case 2:
		return c->state == VATPIT_PAUSED || ticks % c->count != c->count - 1;
	case 3:
		return c->state == VATPIT_PAUSED ||
		       ticks % c->count < high_ticks(c->count);
	default:
		return ticks != c->count;
	}
}

u16 vatpit_counter_value(const struct vatpit_counter *c, u64 tick)
{
	u64 ticks = elapsed(c, tick);
	u32 value, phase;

	switch (c->mode) {
	case 2:
		value = c->count - ticks % c->count;
		break;
	case 3:
		/* Two per tick, from the even count below, in each half. */
		phase = ticks % c->count;
		if (phase >= high_ticks(c->count))
			phase -= high_ticks(c->count);
		value = (c->count & ~1U) - 2 * phase;
		break;
	default:
		value = c->count + modulus(c) - ticks % modulus(c);
		break;
	}
	value %= modulus(c);
	return c->bcd ? to_bcd(value) : value;
}

bool vatpit_counter_is_null(const struct vatpit_counter *c, u64 tick)
{
	return c->next || c->state == VATPIT_IDLE ||
	       (c->state == VATPIT_RUNNING && tick < c->load);
}

u64 vatpit_counter_next_rise(const struct vatpit_counter *c, u64 tick)
{
	struct vatpit_counter s = *c;
	u64 rise;

	if (s.state != VATPIT_RUNNING)
		return VATPIT_NO_TICK;
	if (is_periodic(&s)) {
		vatpit_counter_settle(&s, tick);
		if (!s.next)
			return s.load + s.count;
		if (switches_midway(&s))
			return s.switch_tick + s.next - high_ticks(s.next);
		return s.switch_tick;
	}
	rise = s.load + s.count + (s.mode >= 4);
	return rise > tick ? rise : VATPIT_NO_TICK;
}

static bool state_is_valid(const struct vatpit_counter *c)
{
	switch (c->state) {
	case VATPIT_IDLE:
		return true;
	case VATPIT_RUNNING:
		return is_triggered(c) || c->gate;
	case VATPIT_PAUSED:
		return !is_triggered(c) && !c->gate;
	default:
		return false;
	}
}

static bool count_is_valid(const struct vatpit_counter *c, u32 count)
{
	return count >= (is_periodic(c) ? 2 : 1) && count <= modulus(c);
}

/* A waiting count waits for a trigger, or for the end of a period or half of one. */
static bool next_is_valid(const struct vatpit_counter *c)
{
	if (!count_is_valid(c, c->next))
		return false;
	if (is_triggered(c))
		return true;
	if (!is_periodic(c) || c->state == VATPIT_IDLE)
		return false;
	return c->state == VATPIT_PAUSED || c->switch_tick == c->load + c->count ||
	       (c->mode == 3 && c->switch_tick == c->load + high_ticks(c->count));
}

bool vatpit_counter_check(const struct vatpit_counter *c)
{
	if (c->mode > 5 || c->bcd > 1 || c->gate > 1 || c->write_msb > 1 ||
	    c->read_msb > 1 || c->status_latched > 1 || c->latched > VATPIT_BOTH ||
	    c->access < VATPIT_LSB || c->access > VATPIT_BOTH)
		return false;
	if (!state_is_valid(c) || !count_is_valid(c, c->count))
		return false;
	if (c->load > VATPIT_TICK_MAX || c->elapsed > VATPIT_TICK_MAX)
		return false;
	return !c->next || next_is_valid(c);
}
