// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Calendar of the real-time clock (MC146818A data sheet, "Time, Calendar, and
 * Alarm Locations"). See vrtc_calendar.h. The calendar is Gregorian; days are
 * reckoned in years that begin in March, which puts the leap day last.
 */
#include "vrtc_calendar.h"

#define DAY_SECONDS		86400
#define DAYS_400_YEARS		146097
#define DAYS_TO_1970		719468		/* from 1 March of year 0 */
#define PM			0x80
#define ANY			0xc0		/* alarm: matches everything */
#define NEVER			0xff

struct date {
	u32 year;
	u32 month;
	u32 day;
};

bool vrtc_is_time_byte(u32 offset)
{
	switch (offset) {
	case VRTC_SECONDS:
	case VRTC_MINUTES:
	case VRTC_HOURS:
	case VRTC_WEEKDAY ... VRTC_YEAR:
	case VRTC_CENTURY:
		return true;
	default:
		return false;
	}
}

static s64 days_from_date(struct date d)
{
	u32 year = d.month > 2 ? d.year : d.year - 1;
	u32 month = d.month > 2 ? d.month - 3 : d.month + 9;

	return (s64)year * 365 + year / 4 - year / 100 + year / 400 +
	       (153 * month + 2) / 5 + d.day - 1 - DAYS_TO_1970;
}

static struct date date_from_days(s64 days)
{
	u64 since = (u64)(days + DAYS_TO_1970);
	u32 era = since / DAYS_400_YEARS;
	u32 in_era = since % DAYS_400_YEARS;
	u32 year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
	u32 in_year = in_era - (365 * year + year / 4 - year / 100);
	u32 month = (5 * in_year + 2) / 153;
	struct date d = {
		.year = era * 400 + year + (month >= 10),
		.month = month < 10 ? month + 3 : month - 9,
		.day = in_year - (153 * month + 2) / 5 + 1,
	};

	return d;
}

static u8 encode(u8 reg_b, u32 value)
{
	return reg_b & VRTC_B_BINARY ? value : value / 10 << 4 | value % 10;
}

static u32 decode(u8 reg_b, u8 byte)
{
	return reg_b & VRTC_B_BINARY ? byte : (byte >> 4) * 10U + (byte & 0xf);
}

static u8 encode_hour(u8 reg_b, u32 hour)
{
	if (reg_b & VRTC_B_24H)
		return encode(reg_b, hour);
	return encode(reg_b, hour % 12 ? hour % 12 : 12) | (hour >= 12 ? PM : 0);
}

static u32 decode_hour(u8 reg_b, u8 byte)
{
	u32 hour;

	if (reg_b & VRTC_B_24H)
		return decode(reg_b, byte);
	hour = decode(reg_b, byte & ~PM);
	return (hour == 12 ? 0 : hour) + (byte & PM ? 12 : 0);
}

/* Day and second of the day; seconds before 1970 belong to the day they are in. */
static s64 split(s64 seconds, u32 *of_day)
{
	s64 days = seconds / DAY_SECONDS;
	s64 rest = seconds % DAY_SECONDS;

	if (rest < 0) {
		days--;
		rest += DAY_SECONDS;
	}
	*of_day = (u32)rest;
	return days;
}

void vrtc_encode(u8 *ram, u8 reg_b, s64 seconds)
{
	u32 of_day;
	s64 days = split(seconds, &of_day);
	struct date d = date_from_days(days);

	ram[VRTC_SECONDS] = encode(reg_b, of_day % 60);
	ram[VRTC_MINUTES] = encode(reg_b, of_day / 60 % 60);
	ram[VRTC_HOURS] = encode_hour(reg_b, of_day / 3600);
	/* 1 January 1970 was a Thursday; Sunday is 1. */
	ram[VRTC_WEEKDAY] = encode(reg_b, (days + DAYS_TO_1970 + 3) % 7 + 1);
	ram[VRTC_DAY] = encode(reg_b, d.day);
	ram[VRTC_MONTH] = encode(reg_b, d.month);
	ram[VRTC_YEAR] = encode(reg_b, d.year % 100);
	ram[VRTC_CENTURY] = encode(reg_b, d.year / 100);
}

static u32 bring_into(u32 value, u32 low, u32 high)
{
	return value < low ? low : value > high ? high : value;
}

s64 vrtc_decode(const u8 *ram, u8 reg_b)
{
	u32 year = decode(reg_b, ram[VRTC_YEAR]);
	u32 century = decode(reg_b, ram[VRTC_CENTURY]);
	struct date d = {
		.year = bring_into(century, 19, 99) * 100 + bring_into(year, 0, 99),
		.month = bring_into(decode(reg_b, ram[VRTC_MONTH]), 1, 12),
		.day = bring_into(decode(reg_b, ram[VRTC_DAY]), 1, 31),
	};
	s64 seconds = days_from_date(d) * DAY_SECONDS +
		      bring_into(decode_hour(reg_b, ram[VRTC_HOURS]), 0, 23) * 3600 +
		      bring_into(decode(reg_b, ram[VRTC_MINUTES]), 0, 59) * 60 +
		      bring_into(decode(reg_b, ram[VRTC_SECONDS]), 0, 59);

	return seconds;
}

/* --- alarm ---------------------------------------------------------------- */

/* Value 0..@limit-1 that an alarm byte asks for, ANY or NEVER. */
static u8 wanted(u8 reg_b, u8 byte, u32 limit, bool hour)
{
	u32 value;

	if ((byte & ANY) == ANY)
		return ANY;
	value = hour ? decode_hour(reg_b, byte) : decode(reg_b, byte);
	/* The part compares bytes, so one that no time has never matches. */
	if (value >= limit ||
	    (hour ? encode_hour(reg_b, value) : encode(reg_b, value)) != byte)
		return NEVER;
	return (u8)value;
}

/*
 * First value from @from on, below @limit, that @want accepts; @limit if none.
 */
static u32 next_value(u8 want, u32 from, u32 limit)
{
	if (want == ANY)
		return from;
	return want >= from && want < limit ? want : limit;
}

/* First match of a second of the day >= @from; DAY_SECONDS if none. */
static u32 next_match(u8 hour, u8 minute, u8 second, u32 from)
{
	u32 h = from / 3600;
	u32 m = from / 60 % 60;
	u32 s = next_value(second, from % 60, 60);

	/* A field that is passed over carries into the one above. */
	if (s == 60) {
		m++;
		s = next_value(second, 0, 60);
	}
	if (next_value(minute, m, 60) != m) {
		m = next_value(minute, m, 60);
		s = next_value(second, 0, 60);
	}
	if (m >= 60) {
		h++;
		m = next_value(minute, 0, 60);
		s = next_value(second, 0, 60);
	}
	if (next_value(hour, h, 24) != h) {
		h = next_value(hour, h, 24);
		m = next_value(minute, 0, 60);
		s = next_value(second, 0, 60);
	}
	return h >= 24 ? DAY_SECONDS : h * 3600 + m * 60 + s;
}

u32 vrtc_until_alarm(const u8 *ram, u8 reg_b, s64 seconds)
{
	u8 hour = wanted(reg_b, ram[VRTC_HOURS_ALARM], 24, true);
	u8 minute = wanted(reg_b, ram[VRTC_MINUTES_ALARM], 60, false);
	u8 second = wanted(reg_b, ram[VRTC_SECONDS_ALARM], 60, false);
	u32 of_day, match;

	if (hour == NEVER || minute == NEVER || second == NEVER)
		return 0;
	split(seconds, &of_day);
	match = next_match(hour, minute, second, of_day + 1);
	if (match < DAY_SECONDS)
		return match - of_day;
	return DAY_SECONDS - of_day + next_match(hour, minute, second, 0);
}
