/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * High precision event timers: one block, eight 32-bit comparators, all able to
 * be periodic and to send messages (IA-PC HPET specification 1.0a).
 *
 * One per VM; the caller's timer lock serialises. The counter runs at 20 MHz, a
 * tick of exactly 50 ns, so nothing is rounded.
 *
 * Surprise: with legacy replacement on, timers 0 and 1 own ISA lines 0 and 8,
 * and the caller must not let the 8254 and the RTC drive them: ask
 * vhpet_is_legacy() where their pulses pass.
 *
 * Left out: 64-bit counter and comparators.
 *
 * Of the sink, isa, ioapic and msg are used.
 */
#ifndef VMM_IO_VHPET_H
#define VMM_IO_VHPET_H

#include "env.h"
#include "irq.h"
#include "vdev.h"

#define VHPET_BASE_GPA		0xfed00000UL
#define VHPET_WINDOW		0x400
#define VHPET_TICK_NS		50
#define VHPET_PERIOD_FS		50000000U
#define VHPET_TIMERS		8
#define VHPET_ROUTES		0xff000000U	/* I/O APIC pins 24..31 */

/* Timer configuration, low half. */
#define VHPET_T_LEVEL		0x0002U
#define VHPET_T_ENABLE		0x0004U
#define VHPET_T_PERIODIC	0x0008U
#define VHPET_T_PERIODIC_CAP	0x0010U
#define VHPET_T_VALUE_SET	0x0040U
#define VHPET_T_32BIT		0x0100U
#define VHPET_T_ROUTE_SHIFT	9
#define VHPET_T_ROUTE		0x3e00U
#define VHPET_T_FSB		0x4000U
#define VHPET_T_FSB_CAP		0x8000U

/*
 * @due		VM time of the next match while counting, or VDEV_NEVER
 * @config	writable bits only; capabilities are added when read
 * @comparator	next match
 * @period	periodic mode: added after each match
 */
struct vhpet_timer {
	u64 due;
	u32 config;
	u32 comparator;
	u32 period;
	u32 msi_data;
	u32 msi_gpa;
	u32 pad;
};

/*
 * @base_ns	counting: VM time at which the counter was @counter
 * @config	bit 0 enable, bit 1 legacy replacement
 * @status	bit n: level-triggered timer n holds its line up
 */
struct vhpet {
	struct vhpet_timer timer[VHPET_TIMERS];
	u64 base_ns;
	u32 counter;
	u32 config;
	u32 status;
	u32 pad;
};

/*
 * Power-on: stopped at zero, all timers disabled. It has no sink: reset the I/O
 * APIC with it, which forgets the lines held up.
 */
void vhpet_reset(struct vhpet *v, u64 now);

/* Is a restored copy in range? */
bool vhpet_check(const struct vhpet *v);

/*
 * Access at @offset of the block. Aligned dwords and qwords; anything else
 * reads all-ones and ignores writes.
 */
enum vdev_result vhpet_access(struct vhpet *v, u64 now, u32 offset, u32 size,
			      bool write, u64 *value, const struct irq_sink *irq);

/* Next match of an enabled timer, or VDEV_NEVER. */
u64 vhpet_deadline(const struct vhpet *v);

/* Fire what is due, each timer at most once. */
void vhpet_expire(struct vhpet *v, u64 now, const struct irq_sink *irq);

/* Do timers 0 and 1 replace the 8254 and the RTC? */
static inline bool vhpet_is_legacy(const struct vhpet *v)
{
	return (v->config & 3) == 3;
}

#endif /* VMM_IO_VHPET_H */
