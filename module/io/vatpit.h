/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * 8254 interval timer and the part of port 61h that belongs to it (8254 data
 * sheet; 61h as in the ICH data sheets, "NMI Status and Control").
 *
 * One per VM; the caller's timer lock serialises. All arithmetic is in ticks of
 * the common clock, counted from VM time 0, so nothing drifts. Gates 0 and 1
 * are tied high, gate 2 is bit 0 of port 61h; a rising edge of output 0 pulses
 * ISA line 0.
 *
 * Surprise: nothing counts. A counter's value and output are computed from the
 * tick at which it was loaded when somebody looks.
 *
 * Left out: counter 1's refresh requests, the speaker, and the NMI sources of port
 * 61h, whose enable bits are only stored.
 *
 * Of the sink, only isa is used.
 */
#ifndef VMM_IO_VATPIT_H
#define VMM_IO_VATPIT_H

#include "env.h"
#include "irq.h"
#include "vdev.h"

#define VATPIT_HZ		1193182
#define VATPIT_PORT_COUNTER	0x40		/* 0x40..0x42 */
#define VATPIT_PORT_CONTROL	0x43
#define VATPIT_PORT_61		0x61

/* Who drives the counting element of a counter. */
enum vatpit_state {
	VATPIT_IDLE,		/* no count, or no trigger yet */
	VATPIT_RUNNING,
	VATPIT_PAUSED,		/* gate low in modes 0, 2, 3, 4 */
};

/*
 * @load	tick at which the counting element held @count
 * @elapsed	paused: ticks counted since @load
 * @switch_tick	modes 2, 3: tick at which @next takes over, if @next
 * @count	count in force, 1..65536
 * @next	count written but not loaded, 0: none
 * @mode	0..5
 * @access	1 LSB, 2 MSB, 3 both
 * @write_low	first byte of a count being written
 * @write_msb	that byte has been written
 * @read_msb	low byte has been read
 * @latched	bytes of @latch not yet read: bit 0 low, bit 1 high
 * @status_latched @status not yet read
 */
struct vatpit_counter {
	u64 load;
	u64 elapsed;
	u64 switch_tick;
	u32 count;
	u32 next;
	u16 latch;
	u8  state;		/* enum vatpit_state */
	u8  mode;
	u8  bcd;
	u8  access;
	u8  gate;
	u8  write_low;
	u8  write_msb;
	u8  read_msb;
	u8  latched;
	u8  status;
	u8  status_latched;
	u8  pad[3];
};

/* @seen	rising edges of output 0 up to this tick have been signalled */
struct vatpit {
	struct vatpit_counter counter[3];
	u64 seen;
	u8  port61;		/* bits 3:0 as written */
	u8  pad[7];
};

/* Power-on: no counter has a count, gate 2 is low. */
void vatpit_reset(struct vatpit *v, u64 now);

/* Is a restored copy in range? */
bool vatpit_check(const struct vatpit *v);

/* Ports 40-43 and 61; VDEV_UNHANDLED for others and if @size != 1. */
enum vdev_result vatpit_access(struct vatpit *v, u64 now, u32 port, u32 size,
			       bool write, u64 *value, const struct irq_sink *irq);

/* Next rising edge of output 0, or VDEV_NEVER. */
u64 vatpit_deadline(const struct vatpit *v);

/* Signal what is due: one pulse, however many edges were missed. */
void vatpit_expire(struct vatpit *v, u64 now, const struct irq_sink *irq);

#endif /* VMM_IO_VATPIT_H */
