/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Real-time clock with 114 bytes of battery-backed memory (MC146818A data
 * sheet), century in byte 32h.
 *
 * One per VM; the caller's timer lock serialises. The calendar is a number of
 * seconds; time bytes are made from it when read and it is made from them when
 * they are written, so format bits may change at any time. Whatever a guest
 * writes becomes some valid date.
 *
 * Surprise: flags PF, AF, UF are brought up to date when register C is read and
 * when an enabled one falls due; while IRQF is set there is no deadline, for
 * IRQ 8 cannot rise again before C is read.
 *
 * Left out: daylight saving, the square wave, and the NMI mask in port 70h, which is
 * not stored.
 *
 * Of the sink, only isa is used: IRQ 8 pulses when IRQF rises.
 */
#ifndef VMM_IO_VRTC_H
#define VMM_IO_VRTC_H

#include "env.h"
#include "irq.h"
#include "vdev.h"

#define VRTC_PORT_INDEX		0x70
#define VRTC_PORT_DATA		0x71

/* Calendar range: 1900-01-01 to 9999-12-31, seconds since 1970. */
#define VRTC_SECONDS_MIN	(-2208988800LL)
#define VRTC_SECONDS_MAX	253402300799LL

/*
 * @seconds	calendar, since 1970, as of the last update cycle
 * @next_update	VM time of the next update cycle while the divider runs
 * @divider_ns	VM time at which the divider was last released
 * @pf_tick	divider tick (32768 Hz) up to which PF is accounted
 * @ram		time bytes are current only while updates are inhibited
 */
struct vrtc {
	s64 seconds;
	u64 next_update;
	u64 divider_ns;
	u64 pf_tick;
	u8  index;
	u8  reg_a;		/* without UIP */
	u8  reg_b;
	u8  reg_c;		/* PF, AF, UF; IRQF follows from them */
	u8  irqf;		/* level last signalled */
	u8  pad[3];
	u8  ram[128];
};

/*
 * Power-on with a fresh battery: clock set to @seconds (clamped to the range),
 * 24-hour BCD, memory zero.
 */
void vrtc_reset(struct vrtc *v, u64 now, s64 seconds);

/* The RESET pin: interrupt enables and flags clear; time and memory stay. */
void vrtc_warm_reset(struct vrtc *v, u64 now);

/* Is a restored copy in range? */
bool vrtc_check(const struct vrtc *v);

/*
 * Ports 70 and 71. VDEV_UNHANDLED for others, if @size != 1, and for a read of
 * the index, which the part does not drive.
 */
enum vdev_result vrtc_access(struct vrtc *v, u64 now, u32 port, u32 size, bool write,
			     u64 *value, const struct irq_sink *irq);

/* Next moment at which IRQ 8 would rise, or VDEV_NEVER. */
u64 vrtc_deadline(const struct vrtc *v);

void vrtc_expire(struct vrtc *v, u64 now, const struct irq_sink *irq);

/* Set the calendar; a full second then begins. False: out of range. */
bool vrtc_set_time(struct vrtc *v, u64 now, s64 seconds);

/* What the guest's clock shows. */
s64 vrtc_get_time(const struct vrtc *v, u64 now);

/* One byte of memory, @offset 14..127. False: out of range. */
bool vrtc_nvram_write(struct vrtc *v, u64 now, u32 offset, u8 byte);
bool vrtc_nvram_read(const struct vrtc *v, u64 now, u32 offset, u8 *byte);

#endif /* VMM_IO_VRTC_H */
