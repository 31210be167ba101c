// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Real-time clock (MC146818A data sheet: "Registers", "Update Cycle",
 * "Interrupts"). See vrtc.h for who serialises; bytes and dates are in
 * vrtc_calendar.c.
 *
 * settle() is the clock: it moves calendar and flags to the present and is
 * called before anything else happens. The update cycle takes no time; UIP
 * announces it 244 us ahead, which is all a reader may rely on.
 */
#include "vrtc_calendar.h"

#define NS_PER_SECOND		1000000000ULL
#define UIP_NS			244141
#define HALF_SECOND_NS		500000000

#define A_UIP			0x80
#define A_DIVIDER		0x70
#define A_DIVIDER_RUNS		0x20		/* 32768 Hz crystal */
#define A_RATE			0x0f
#define B_SET			0x80
#define B_PIE			0x40
#define B_AIE			0x20
#define B_UIE			0x10
#define B_SQWE			0x08
#define C_IRQF			0x80
#define C_PF			0x40
#define C_AF			0x20
#define C_UF			0x10
#define D_VALID			0x80

/* Divider: 32768 ticks a second; a tick is 1953125 / 64 ns. */
#define TICK_NS_TIMES_64	1953125

static bool is_running(const struct vrtc *v)
{
	return (v->reg_a & A_DIVIDER) == A_DIVIDER_RUNS;
}

static bool is_counting(const struct vrtc *v)
{
	return is_running(v) && !(v->reg_b & B_SET);
}

static u64 tick_at(const struct vrtc *v, u64 now)
{
	if (now < v->divider_ns)
		return 0;
	return mul_u64_u64_div_u64(now - v->divider_ns, 64, TICK_NS_TIMES_64);
}

/* First moment that belongs to @tick. */
static u64 tick_ns(const struct vrtc *v, u64 tick)
{
	return v->divider_ns + tick / 64 * TICK_NS_TIMES_64 +
	       (tick % 64 * TICK_NS_TIMES_64 + 63) / 64;
}

/* Ticks between periodic interrupts, 0: none. */
static u32 period_ticks(const struct vrtc *v)
{
	u8 rate = v->reg_a & A_RATE;

	if (!rate)
		return 0;
	/* Rates 1 and 2 are those of 8 and 9. */
	return 1U << ((rate < 3 ? rate + 7 : rate) - 1);
}

/* --- the clock ------------------------------------------------------------ */

static void run_second(struct vrtc *v, u64 now)
{
	u64 updates;
	u32 until;

	if (now < v->next_update)
		return;
	updates = (now - v->next_update) / NS_PER_SECOND + 1;
	v->next_update += updates * NS_PER_SECOND;
	if (v->reg_b & B_SET)
		return;

	until = vrtc_until_alarm(v->ram, v->reg_b, v->seconds);
	v->reg_c |= C_UF;
	if (until && until <= updates)
		v->reg_c |= C_AF;
	v->seconds += updates;
}

static void run_divider(struct vrtc *v, u64 now)
{
	u32 period = period_ticks(v);
	u64 tick = tick_at(v, now);

	if (period && tick / period > v->pf_tick / period)
		v->reg_c |= C_PF;
	if (tick > v->pf_tick)
		v->pf_tick = tick;
}

static void settle(struct vrtc *v, u64 now)
{
	if (!is_running(v))
		return;
	run_second(v, now);
	run_divider(v, now);
}

/* IRQF follows flags and enables; its rise is the interrupt. */
static void update_irqf(struct vrtc *v, const struct irq_sink *irq)
{
	bool irqf = v->reg_c & v->reg_b & (C_PF | C_AF | C_UF);
	bool rise = irqf && !v->irqf;

	v->irqf = irqf;
	if (rise)
		irq->isa(irq->ctx, 8, IRQ_PULSE);
}

u64 vrtc_deadline(const struct vrtc *v)
{
	u64 deadline = VDEV_NEVER;
	u32 ticks = period_ticks(v);
	u32 until;

	if (v->irqf || !is_running(v))
		return VDEV_NEVER;

	if ((v->reg_b & B_PIE) && ticks)
		deadline = tick_ns(v, (v->pf_tick / ticks + 1) * ticks);
	if (v->reg_b & B_SET)
		return deadline;
	if (v->reg_b & B_UIE)
		deadline = min_t(u64, deadline, v->next_update);
	if (v->reg_b & B_AIE) {
		until = vrtc_until_alarm(v->ram, v->reg_b, v->seconds);
		if (until)
			deadline = min_t(u64, deadline, v->next_update +
					 (until - 1) * NS_PER_SECOND);
	}
	return deadline;
}

void vrtc_expire(struct vrtc *v, u64 now, const struct irq_sink *irq)
{
	settle(v, now);
	update_irqf(v, irq);
}

/* --- registers ------------------------------------------------------------ */

static void reg_a_write(struct vrtc *v, u64 now, u8 value)
{
	bool was = is_running(v);

	v->reg_a = value & ~A_UIP;
	if (!was && is_running(v)) {
		/* The first update comes half a second after the release. */
		v->divider_ns = now;
		v->pf_tick = 0;
		v->next_update = now + HALF_SECOND_NS;
	}
}

static void reg_b_write(struct vrtc *v, u8 value)
{
	v->reg_b = value & B_SET ? value & ~B_UIE : value;
}

/* Registers A and B: time bytes freeze in the old format, thaw in the new. */
static void control_write(struct vrtc *v, u64 now, u8 value)
{
	bool was = is_counting(v);
	u8 old_b = v->reg_b;

	if (v->index == VRTC_REG_A)
		reg_a_write(v, now, value);
	else
		reg_b_write(v, value);

	if (was && !is_counting(v))
		vrtc_encode(v->ram, old_b, v->seconds);
	else if (!was && is_counting(v))
		v->seconds = vrtc_decode(v->ram, v->reg_b);
}

static void byte_write(struct vrtc *v, u32 offset, u8 byte)
{
	bool moves_time = vrtc_is_time_byte(offset) && is_counting(v);

	if (moves_time)
		vrtc_encode(v->ram, v->reg_b, v->seconds);
	v->ram[offset] = byte;
	if (moves_time)
		v->seconds = vrtc_decode(v->ram, v->reg_b);
}

static u8 byte_read(const struct vrtc *v, u32 offset)
{
	u8 ram[VRTC_CENTURY + 1];

	if (!vrtc_is_time_byte(offset) || !is_counting(v))
		return v->ram[offset];
	vrtc_encode(ram, v->reg_b, v->seconds);
	return ram[offset];
}

static void data_write(struct vrtc *v, u64 now, u8 value)
{
	switch (v->index) {
	case VRTC_REG_A:
	case VRTC_REG_B:
		control_write(v, now, value);
		break;
	case VRTC_REG_C:
	case VRTC_REG_D:
		break;
	default:
		byte_write(v, v->index, value);
		break;
	}
}

static u8 data_read(struct vrtc *v, u64 now)
{
	u8 value;

	switch (v->index) {
	case VRTC_REG_A:
		value = v->reg_a;
		if (is_counting(v) && v->next_update - now <= UIP_NS)
			value |= A_UIP;
		return value;
	case VRTC_REG_B:
		return v->reg_b;
	case VRTC_REG_C:
		value = v->reg_c | (v->irqf ? C_IRQF : 0);
		v->reg_c = 0;
		return value;
	case VRTC_REG_D:
		return D_VALID;
	default:
		return byte_read(v, v->index);
	}
}

enum vdev_result vrtc_access(struct vrtc *v, u64 now, u32 port, u32 size, bool write,
			     u64 *value, const struct irq_sink *irq)
{
	if (size != 1 || (port != VRTC_PORT_DATA && (port != VRTC_PORT_INDEX || !write)))
		return VDEV_UNHANDLED;

	vrtc_expire(v, now, irq);
	if (port == VRTC_PORT_INDEX)
		v->index = *value & 0x7f;
	else if (write)
		data_write(v, now, (u8)*value);
	else
		*value = data_read(v, now);
	update_irqf(v, irq);
	return VDEV_HANDLED;
}

/* --- the runner's side ---------------------------------------------------- */

bool vrtc_set_time(struct vrtc *v, u64 now, s64 seconds)
{
	if (seconds < VRTC_SECONDS_MIN || seconds > VRTC_SECONDS_MAX)
		return false;
	settle(v, now);
	v->seconds = seconds;
	v->next_update = now + NS_PER_SECOND;
	vrtc_encode(v->ram, v->reg_b, seconds);
	return true;
}

s64 vrtc_get_time(const struct vrtc *v, u64 now)
{
	if (!is_counting(v))
		return vrtc_decode(v->ram, v->reg_b);
	if (now < v->next_update)
		return v->seconds;
	return v->seconds + (now - v->next_update) / NS_PER_SECOND + 1;
}

bool vrtc_nvram_write(struct vrtc *v, u64 now, u32 offset, u8 byte)
{
	if (offset <= VRTC_REG_D || offset >= sizeof(v->ram))
		return false;
	settle(v, now);
	byte_write(v, offset, byte);
	return true;
}

bool vrtc_nvram_read(const struct vrtc *v, u64 now, u32 offset, u8 *byte)
{
	struct vrtc present = *v;

	if (offset <= VRTC_REG_D || offset >= sizeof(v->ram))
		return false;
	settle(&present, now);
	*byte = byte_read(&present, offset);
	return true;
}

void vrtc_reset(struct vrtc *v, u64 now, s64 seconds)
{
	memset(v, 0, sizeof(*v));
	v->reg_a = A_DIVIDER_RUNS | 6;		/* 1024 Hz, as firmware sets it */
	v->reg_b = VRTC_B_24H;
	v->divider_ns = now;
	v->next_update = now + NS_PER_SECOND;
	if (seconds < VRTC_SECONDS_MIN)
		seconds = VRTC_SECONDS_MIN;
	if (seconds > VRTC_SECONDS_MAX)
		seconds = VRTC_SECONDS_MAX;
	vrtc_set_time(v, now, seconds);
}

void vrtc_warm_reset(struct vrtc *v, u64 now)
{
	settle(v, now);
	v->reg_b &= ~(B_PIE | B_AIE | B_UIE | B_SQWE);
	v->reg_c = 0;
	v->irqf = 0;
}

bool vrtc_check(const struct vrtc *v)
{
	/* Times a VM can have lived; sums with them cannot overflow. */
	if (v->next_update > BIT_ULL(63) || v->divider_ns > BIT_ULL(63) ||
	    v->pf_tick > BIT_ULL(48))
		return false;
	/* The calendar may have run past the end it can be set to. */
	if (v->seconds < VRTC_SECONDS_MIN || v->seconds > 2 * VRTC_SECONDS_MAX)
		return false;
	if (v->index > 0x7f || (v->reg_a & A_UIP) || (v->reg_c & ~(C_PF | C_AF | C_UF)))
		return false;
	if ((v->reg_b & B_SET) && (v->reg_b & B_UIE))
		return false;
	return v->irqf == !!(v->reg_c & v->reg_b & (C_PF | C_AF | C_UF));
}
