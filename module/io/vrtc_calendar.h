/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The ten time bytes and the century byte of the MC146818A, and the seconds
 * since 1970 they stand for. Used by vrtc.c only; nothing here has state.
 */
#ifndef VMM_IO_VRTC_CALENDAR_H
#define VMM_IO_VRTC_CALENDAR_H

#include "vrtc.h"

enum vrtc_byte {
	VRTC_SECONDS		= 0x00,
	VRTC_SECONDS_ALARM	= 0x01,
	VRTC_MINUTES		= 0x02,
	VRTC_MINUTES_ALARM	= 0x03,
	VRTC_HOURS		= 0x04,
	VRTC_HOURS_ALARM	= 0x05,
	VRTC_WEEKDAY		= 0x06,
	VRTC_DAY		= 0x07,
	VRTC_MONTH		= 0x08,
	VRTC_YEAR		= 0x09,
	VRTC_REG_A		= 0x0a,
	VRTC_REG_B		= 0x0b,
	VRTC_REG_C		= 0x0c,
	VRTC_REG_D		= 0x0d,
	VRTC_CENTURY		= 0x32,
};

#define VRTC_B_24H		0x02
#define VRTC_B_BINARY		0x04

/* Is @offset a byte that the calendar makes: time, not alarm, or century? */
bool vrtc_is_time_byte(u32 offset);

/* Fill in the time bytes of @ram in the format of @reg_b. */
void vrtc_encode(u8 *ram, u8 reg_b, s64 seconds);

/*
 * The inverse. Fields out of range are brought into it (a month) or carried over
 * (31 April is 1 May), so any bytes make a date. The weekday is not looked at.
 */
s64 vrtc_decode(const u8 *ram, u8 reg_b);

/*
 * Seconds from @seconds to the next match of the alarm bytes, 1..86400; 0: they
 * never match.
 */
u32 vrtc_until_alarm(const u8 *ram, u8 reg_b, s64 seconds);

#endif /* VMM_IO_VRTC_CALENDAR_H */
