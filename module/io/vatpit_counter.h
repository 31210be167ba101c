/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One counter of the 8254: what the counting element and OUT do in each mode.
 * Used by vatpit.c only, which serialises.
 *
 * Ticks never run backwards for one instance. Except where noted, a counter
 * must be settled at @tick first.
 */
#ifndef VMM_IO_VATPIT_COUNTER_H
#define VMM_IO_VATPIT_COUNTER_H

#include "vatpit.h"

#define VATPIT_LSB	1
#define VATPIT_MSB	2
#define VATPIT_BOTH	3

#define VATPIT_NO_TICK	U64_MAX
#define VATPIT_TICK_MAX	BIT_ULL(54)	/* beyond 2^62 ns */

/* Let a waiting count take over if it is time, and bring @load forward to the period that contains @tick. */
void vatpit_counter_settle(struct vatpit_counter *c, u64 tick);

/* Control word: @mode is the field of three bits. */
void vatpit_counter_program(struct vatpit_counter *c, u8 mode, u8 bcd, u8 access);

/* First byte of a two-byte count. */
void vatpit_counter_half_load(struct vatpit_counter *c);

/* A whole count was written; BCD as it came. */
void vatpit_counter_load(struct vatpit_counter *c, u64 tick, u16 value);

void vatpit_counter_gate(struct vatpit_counter *c, u64 tick, bool high);

/* Level of OUT. */
bool vatpit_counter_out(const struct vatpit_counter *c, u64 tick);

/* Value of the counting element as read, BCD if so programmed. */
u16 vatpit_counter_value(const struct vatpit_counter *c, u64 tick);

/* Null count flag: a control word or count was written and not loaded yet. */
bool vatpit_counter_is_null(const struct vatpit_counter *c, u64 tick);

/*
 * First tick after @tick at which OUT goes high, or VATPIT_NO_TICK. The counter
 * need not be settled.
 */
u64 vatpit_counter_next_rise(const struct vatpit_counter *c, u64 tick);

bool vatpit_counter_check(const struct vatpit_counter *c);

#endif /* VMM_IO_VATPIT_COUNTER_H */
