// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Real-time clock: rules of the MC146818A data sheet; the calendar against the
 * C library's.
 */
#include <time.h>
#include "sink.h"
#include "vrtc.h"
#include "vrtc_calendar.h"
#include "kselftest_harness.h"

#define SECOND	1000000000ULL
#define START	1709164799LL		/* 2024-02-28 23:59:59 UTC, a Wednesday */

FIXTURE(rtc) {
	struct sink sink;
	struct vrtc v;
	u64 now;
};

typedef FIXTURE_DATA(rtc) rtc;

FIXTURE_SETUP(rtc)
{
	sink_init(&self->sink);
	self->now = 5 * SECOND;
	vrtc_reset(&self->v, self->now, START);
}

FIXTURE_TEARDOWN(rtc)
{
	ASSERT_TRUE(vrtc_check(&self->v));
}

#define PULSES	(self->sink.count[SINK_ISA])

static void outb(rtc *p, u32 port, u8 byte)
{
	u64 value = byte;

	if (vrtc_access(&p->v, p->now, port, 1, true, &value, &p->sink.irq) != VDEV_HANDLED)
		abort();
}

static u8 rd(rtc *p, u8 index)
{
	u64 value = ~0ULL;

	outb(p, 0x70, index);
	if (vrtc_access(&p->v, p->now, 0x71, 1, false, &value, &p->sink.irq) != VDEV_HANDLED ||
	    value > 0xff)
		abort();
	return value;
}

static void wr(rtc *p, u8 index, u8 byte)
{
	outb(p, 0x70, index);
	outb(p, 0x71, byte);
}

/* Run the deadlines of @ns; with @ack as a guest that reads register C. */
static unsigned int run(rtc *p, u64 ns, bool ack)
{
	unsigned int before = p->sink.count[SINK_ISA];
	u64 until = p->now + ns;

	while (vrtc_deadline(&p->v) <= until) {
		p->now = vrtc_deadline(&p->v);
		vrtc_expire(&p->v, p->now, &p->sink.irq);
		if (vrtc_deadline(&p->v) <= p->now)
			abort();
		if (ack && !(rd(p, VRTC_REG_C) & 0x80))
			abort();
	}
	p->now = until;
	return p->sink.count[SINK_ISA] - before;
}

/* The time bytes as one number, most significant first; weekday apart. */
static u64 stamp(rtc *p)
{
	return (u64)rd(p, VRTC_CENTURY) << 48 | (u64)rd(p, VRTC_YEAR) << 40 |
	       (u64)rd(p, VRTC_MONTH) << 32 | (u64)rd(p, VRTC_DAY) << 24 |
	       rd(p, VRTC_HOURS) << 16 | rd(p, VRTC_MINUTES) << 8 | rd(p, VRTC_SECONDS);
}

TEST_F(rtc, bcd_24_hour_time_runs_over_a_leap_day)
{
	EXPECT_EQ(0x20240228235959, stamp(self));
	EXPECT_EQ(4, rd(self, VRTC_WEEKDAY));
	self->now += SECOND;
	EXPECT_EQ(0x20240229000000, stamp(self));
	EXPECT_EQ(5, rd(self, VRTC_WEEKDAY));
	self->now += 86400 * SECOND;
	EXPECT_EQ(0x20240301000000, stamp(self));
	EXPECT_EQ(6, rd(self, VRTC_WEEKDAY));
}

TEST_F(rtc, formats)
{
	wr(self, VRTC_REG_B, 0x06);
	EXPECT_EQ(23, rd(self, VRTC_HOURS));
	EXPECT_EQ(59, rd(self, VRTC_MINUTES));
	EXPECT_EQ(20, rd(self, VRTC_CENTURY));
	wr(self, VRTC_REG_B, 0x00);
	EXPECT_EQ(0x91, rd(self, VRTC_HOURS));
	wr(self, VRTC_REG_B, 0x04);
	EXPECT_EQ(0x8b, rd(self, VRTC_HOURS));
	self->now += SECOND;
	EXPECT_EQ(12, rd(self, VRTC_HOURS));
	self->now += 12 * 3600 * SECOND;
	EXPECT_EQ(0x8c, rd(self, VRTC_HOURS));
}

TEST_F(rtc, calendar_agrees_with_the_c_library)
{
	u8 ram[128];
	s64 seconds;
	u64 seed = 1;

	for (int i = 0; i < 200000; i++) {
		struct tm tm;
		u8 reg_b = i & (VRTC_B_24H | VRTC_B_BINARY);
		time_t t;
		int hour;

		seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
		seconds = VRTC_SECONDS_MIN +
			  (s64)((seed >> 11) % (VRTC_SECONDS_MAX - VRTC_SECONDS_MIN + 1));
		if (i < 2)
			seconds = i ? VRTC_SECONDS_MAX : VRTC_SECONDS_MIN;
		t = seconds;
		gmtime_r(&t, &tm);
		vrtc_encode(ram, reg_b, seconds);
		ASSERT_EQ(seconds, vrtc_decode(ram, reg_b));
		if (!(reg_b & VRTC_B_BINARY)) {
			char text[32], bytes[32];

			strftime(text, sizeof(text), "%Y%m%d%M%S", &tm);
			sprintf(bytes, "%02x%02x%02x%02x%02x%02x", ram[VRTC_CENTURY],
				ram[VRTC_YEAR], ram[VRTC_MONTH], ram[VRTC_DAY],
				ram[VRTC_MINUTES], ram[VRTC_SECONDS]);
			ASSERT_STREQ(text, bytes);
		} else {
			ASSERT_EQ(tm.tm_year + 1900, ram[VRTC_CENTURY] * 100 + ram[VRTC_YEAR]);
			ASSERT_EQ(tm.tm_mday, ram[VRTC_DAY]);
			hour = ram[VRTC_HOURS];
			if (!(reg_b & VRTC_B_24H))
				hour = (hour & 0x7f) % 12 + (hour & 0x80 ? 12 : 0);
			ASSERT_EQ(tm.tm_hour, hour);
		}
		ASSERT_EQ(tm.tm_wday + 1, ram[VRTC_WEEKDAY]);
	}
}

TEST_F(rtc, any_bytes_make_a_date)
{
	u64 seed = 7;
	u8 ram[128], again[128];

	for (int i = 0; i < 200000; i++) {
		s64 seconds;

		for (unsigned int n = 0; n < sizeof(ram); n++) {
			seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
			ram[n] = seed >> 56;
		}
		seconds = vrtc_decode(ram, i & 6);
		ASSERT_GE(seconds, VRTC_SECONDS_MIN);
		ASSERT_LE(seconds, VRTC_SECONDS_MAX);
		vrtc_encode(again, i & 6, seconds);
		ASSERT_EQ(seconds, vrtc_decode(again, i & 6));
	}
}

TEST_F(rtc, set_freezes_and_clearing_it_takes_the_bytes)
{
	wr(self, VRTC_REG_B, 0x82);
	rd(self, VRTC_REG_C);
	self->now += 10 * SECOND;
	EXPECT_EQ(0x20240228235959, stamp(self));
	/* No update, no flag of one; the divider goes on. */
	EXPECT_EQ(0x40, rd(self, VRTC_REG_C));
	wr(self, VRTC_MONTH, 0x12);
	wr(self, VRTC_DAY, 0x31);
	EXPECT_EQ(0x20241231235959, stamp(self));
	self->now += SECOND / 2;
	wr(self, VRTC_REG_B, 0x02);
	EXPECT_EQ(0x20241231235959, stamp(self));
	self->now += SECOND / 2;
	EXPECT_EQ(0x20250101000000, stamp(self));
	EXPECT_EQ(4, rd(self, VRTC_WEEKDAY));
}

TEST_F(rtc, guest_sets_the_time_as_linux_does)
{
	u8 a, b;

	b = rd(self, VRTC_REG_B);
	wr(self, VRTC_REG_B, b | 0x80);
	a = rd(self, VRTC_REG_A) & 0x7f;
	wr(self, VRTC_REG_A, a | 0x70);
	wr(self, VRTC_YEAR, 0x30);
	wr(self, VRTC_MONTH, 0x02);
	wr(self, VRTC_DAY, 0x28);
	wr(self, VRTC_HOURS, 0x12);
	wr(self, VRTC_MINUTES, 0x34);
	wr(self, VRTC_SECONDS, 0x56);
	wr(self, VRTC_CENTURY, 0x20);
	self->now += 3 * SECOND;
	wr(self, VRTC_REG_B, b);
	wr(self, VRTC_REG_A, a);
	/* The first update comes 500 ms after the divider's release. */
	self->now += SECOND / 2 - 1;
	EXPECT_EQ(0x20300228123456, stamp(self));
	self->now += 1;
	EXPECT_EQ(0x20300228123457, stamp(self));
	EXPECT_EQ(1898512497, vrtc_get_time(&self->v, self->now));
}

TEST_F(rtc, bytes_written_while_the_divider_is_stopped_are_kept)
{
	wr(self, VRTC_REG_A, 0x70);
	wr(self, VRTC_DAY, 0x31);
	EXPECT_EQ(0x31, rd(self, VRTC_DAY));
	wr(self, VRTC_MONTH, 0x01);
	wr(self, VRTC_REG_A, 0x26);
	EXPECT_EQ(0x20240131235959, stamp(self));
}

TEST_F(rtc, update_in_progress_precedes_each_update)
{
	u64 update = self->now + SECOND;

	self->now = update - 300000;
	EXPECT_EQ(0x26, rd(self, VRTC_REG_A));
	self->now = update - 244000;
	EXPECT_EQ(0xa6, rd(self, VRTC_REG_A));
	self->now = update - 1;
	EXPECT_EQ(0xa6, rd(self, VRTC_REG_A));
	EXPECT_EQ(0x59, rd(self, VRTC_SECONDS));
	self->now = update;
	EXPECT_EQ(0x26, rd(self, VRTC_REG_A));
	EXPECT_EQ(0x00, rd(self, VRTC_SECONDS));
	wr(self, VRTC_REG_B, 0x82);
	self->now += SECOND - 1;
	EXPECT_EQ(0x26, rd(self, VRTC_REG_A));
}

TEST_F(rtc, update_interrupt)
{
	wr(self, VRTC_REG_B, 0x12);
	EXPECT_EQ(self->now + SECOND, vrtc_deadline(&self->v));
	EXPECT_EQ(10, run(self, 10 * SECOND, true));
	EXPECT_EQ(8, self->sink.arg[SINK_ISA]);
	EXPECT_EQ(IRQ_PULSE, self->sink.op[SINK_ISA]);
	/* Without a read of C the line does not fall, so cannot rise. */
	EXPECT_EQ(1, run(self, 10 * SECOND, false));
	EXPECT_EQ(0x90, rd(self, VRTC_REG_C) & 0x90);
	EXPECT_EQ(0, rd(self, VRTC_REG_C));
}

TEST_F(rtc, set_clears_update_interrupt_enable)
{
	wr(self, VRTC_REG_B, 0x92);
	EXPECT_EQ(0x82, rd(self, VRTC_REG_B));
	EXPECT_EQ(VDEV_NEVER, vrtc_deadline(&self->v));
}

TEST_F(rtc, flags_rise_without_enables)
{
	rd(self, VRTC_REG_C);
	self->now += 2 * SECOND;
	/* The alarm bytes are zero, and midnight has passed. */
	EXPECT_EQ(0x70, rd(self, VRTC_REG_C));
	EXPECT_EQ(0, PULSES);
	/* Enabling one that is set is an interrupt. */
	self->now += 2 * SECOND;
	wr(self, VRTC_REG_B, 0x12);
	EXPECT_EQ(1, PULSES);
	EXPECT_EQ(0xd0, rd(self, VRTC_REG_C));
}

TEST_F(rtc, periodic_rates)
{
	static const u32 hz[16] = {
		0, 256, 128, 8192, 4096, 2048, 1024, 512,
		256, 128, 64, 32, 16, 8, 4, 2,
	};

	for (int rate = 0; rate < 16; rate++) {
		unsigned int n;

		vrtc_reset(&self->v, self->now, START);
		wr(self, VRTC_REG_A, 0x20 | rate);
		rd(self, VRTC_REG_C);
		wr(self, VRTC_REG_B, 0x42);
		n = run(self, 10 * SECOND, true);
		EXPECT_EQ(hz[rate] * 10, n);
	}
}

TEST_F(rtc, an_hour_of_periodic_neither_drifts_nor_loses)
{
	u64 start = self->now;

	wr(self, VRTC_REG_B, 0x42);
	rd(self, VRTC_REG_C);
	EXPECT_EQ(3600 * 1024, run(self, 3600 * SECOND, true));
	EXPECT_EQ(start + 3600 * SECOND + SECOND / 1024 + 1, vrtc_deadline(&self->v));
	EXPECT_EQ(START + 3600, vrtc_get_time(&self->v, self->now));
}

TEST_F(rtc, alarm_at_a_time)
{
	wr(self, VRTC_SECONDS_ALARM, 0x05);
	wr(self, VRTC_MINUTES_ALARM, 0x30);
	wr(self, VRTC_HOURS_ALARM, 0x07);
	rd(self, VRTC_REG_C);
	wr(self, VRTC_REG_B, 0x22);
	EXPECT_EQ(self->now + (1 + 7 * 3600 + 30 * 60 + 5) * SECOND,
		  vrtc_deadline(&self->v));
	EXPECT_EQ(3, run(self, 3 * 86400 * SECOND, true));
}

TEST_F(rtc, alarm_wildcards)
{
	wr(self, VRTC_SECONDS_ALARM, 0x05);
	wr(self, VRTC_MINUTES_ALARM, 0xc0);
	wr(self, VRTC_HOURS_ALARM, 0xff);
	wr(self, VRTC_REG_B, 0x22);
	EXPECT_EQ(60, run(self, 3600 * SECOND, true));
	wr(self, VRTC_SECONDS_ALARM, 0xc3);
	EXPECT_EQ(60, run(self, 60 * SECOND, true));
	wr(self, VRTC_MINUTES_ALARM, 0x00);
	wr(self, VRTC_SECONDS_ALARM, 0x00);
	EXPECT_EQ(24, run(self, 86400 * SECOND, true));
}

TEST_F(rtc, alarm_that_no_time_matches)
{
	static const u8 never[] = { 0x60, 0x0a, 0x75, 0xa0 };

	wr(self, VRTC_REG_B, 0x22);
	wr(self, VRTC_MINUTES_ALARM, 0xc0);
	wr(self, VRTC_HOURS_ALARM, 0xc0);
	for (unsigned int i = 0; i < ARRAY_SIZE(never); i++) {
		wr(self, VRTC_SECONDS_ALARM, never[i]);
		EXPECT_EQ(VDEV_NEVER, vrtc_deadline(&self->v));
		EXPECT_EQ(0, run(self, 86400 * SECOND, true));
	}
}

TEST_F(rtc, alarm_search_agrees_with_trying_each_second)
{
	u64 seed = 3;

	for (int i = 0; i < 300; i++) {
		u8 ram[128], present[128], reg_b = i & 6;
		u32 tried = 0;
		s64 seconds;

		for (int n = 0; n < 4; n++)
			seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
		seconds = (seed >> 33) % 100000000;
		vrtc_encode(ram, reg_b, (seed >> 20) % 86400);
		ram[VRTC_SECONDS_ALARM] = i & 8 ? 0xc0 : ram[VRTC_SECONDS];
		ram[VRTC_MINUTES_ALARM] = i & 16 ? 0xc0 : ram[VRTC_MINUTES];
		ram[VRTC_HOURS_ALARM] = i & 32 ? 0xff : ram[VRTC_HOURS];
		do {
			vrtc_encode(present, reg_b, seconds + ++tried);
		} while (tried < 90000 &&
			 !((i & 8 || present[VRTC_SECONDS] == ram[VRTC_SECONDS]) &&
			   (i & 16 || present[VRTC_MINUTES] == ram[VRTC_MINUTES]) &&
			   (i & 32 || present[VRTC_HOURS] == ram[VRTC_HOURS])));
		ASSERT_EQ(tried, vrtc_until_alarm(ram, reg_b, seconds));
	}
}

TEST_F(rtc, late_expire_sets_all_flags_and_pulses_once)
{
	wr(self, VRTC_SECONDS_ALARM, 0x05);
	wr(self, VRTC_MINUTES_ALARM, 0xc0);
	wr(self, VRTC_HOURS_ALARM, 0xc0);
	wr(self, VRTC_REG_B, 0x72);
	self->now += 3600 * SECOND;
	vrtc_expire(&self->v, self->now, &self->sink.irq);
	EXPECT_EQ(1, PULSES);
	EXPECT_EQ(0xf0, rd(self, VRTC_REG_C));
	EXPECT_GT(vrtc_deadline(&self->v), self->now);
	EXPECT_EQ(START + 3600, vrtc_get_time(&self->v, self->now));
}

TEST_F(rtc, registers_c_and_d_are_read_only)
{
	wr(self, VRTC_REG_C, 0xff);
	wr(self, VRTC_REG_D, 0);
	EXPECT_EQ(0, rd(self, VRTC_REG_C));
	EXPECT_EQ(0x80, rd(self, VRTC_REG_D));
}

TEST_F(rtc, index_bit_7_is_the_nmi_mask)
{
	u64 value = 0;

	wr(self, 0x80 | 0x40, 0x5a);
	EXPECT_EQ(0x5a, rd(self, 0x40));
	EXPECT_EQ(VDEV_UNHANDLED, vrtc_access(&self->v, self->now, 0x70, 1, false, &value,
					      &self->sink.irq));
	EXPECT_EQ(VDEV_UNHANDLED, vrtc_access(&self->v, self->now, 0x71, 2, false, &value,
					      &self->sink.irq));
	EXPECT_EQ(VDEV_UNHANDLED, vrtc_access(&self->v, self->now, 0x72, 1, false, &value,
					      &self->sink.irq));
}

TEST_F(rtc, memory)
{
	u8 byte;

	for (int n = 14; n < 128; n++) {
		if (n == VRTC_CENTURY)
			continue;
		EXPECT_TRUE(vrtc_nvram_write(&self->v, self->now, n, n ^ 0x55));
		EXPECT_EQ(n ^ 0x55, rd(self, n));
		wr(self, n, n);
		EXPECT_TRUE(vrtc_nvram_read(&self->v, self->now, n, &byte));
		EXPECT_EQ(n, byte);
	}
	EXPECT_FALSE(vrtc_nvram_write(&self->v, self->now, 13, 0));
	EXPECT_FALSE(vrtc_nvram_write(&self->v, self->now, 128, 0));
	EXPECT_FALSE(vrtc_nvram_read(&self->v, self->now, 13, &byte));
	EXPECT_FALSE(vrtc_nvram_read(&self->v, self->now, ~0U, &byte));
	EXPECT_TRUE(vrtc_nvram_read(&self->v, self->now, VRTC_CENTURY, &byte));
	EXPECT_EQ(0x20, byte);
	EXPECT_TRUE(vrtc_nvram_write(&self->v, self->now, VRTC_CENTURY, 0x21));
	EXPECT_EQ(0x21240228235959, stamp(self));
}

TEST_F(rtc, runner_sets_and_gets_time)
{
	EXPECT_FALSE(vrtc_set_time(&self->v, self->now, VRTC_SECONDS_MIN - 1));
	EXPECT_FALSE(vrtc_set_time(&self->v, self->now, VRTC_SECONDS_MAX + 1));
	EXPECT_EQ(START, vrtc_get_time(&self->v, self->now));
	self->now += SECOND / 3;
	EXPECT_TRUE(vrtc_set_time(&self->v, self->now, -1));
	EXPECT_EQ(0x19691231235959, stamp(self));
	EXPECT_EQ(-1, vrtc_get_time(&self->v, self->now + SECOND - 1));
	EXPECT_EQ(0, vrtc_get_time(&self->v, self->now + SECOND));
	wr(self, VRTC_REG_B, 0x82);
	EXPECT_TRUE(vrtc_set_time(&self->v, self->now, START));
	EXPECT_EQ(START, vrtc_get_time(&self->v, self->now + 9 * SECOND));
	EXPECT_EQ(0x20240228235959, stamp(self));
}

TEST_F(rtc, warm_reset_keeps_time_and_memory)
{
	wr(self, 0x0f, 0x0a);
	wr(self, VRTC_REG_B, 0x7a);
	self->now += 100 * SECOND;
	vrtc_warm_reset(&self->v, self->now);
	EXPECT_EQ(0x02, rd(self, VRTC_REG_B));
	EXPECT_EQ(0, rd(self, VRTC_REG_C));
	EXPECT_EQ(0x0a, rd(self, 0x0f));
	EXPECT_EQ(START + 100, vrtc_get_time(&self->v, self->now));
	EXPECT_EQ(VDEV_NEVER, vrtc_deadline(&self->v));
}

TEST_F(rtc, works_at_the_end_of_time)
{
	wr(self, VRTC_REG_B, 0x52);
	self->now = BIT_ULL(62);
	vrtc_expire(&self->v, self->now, &self->sink.irq);
	EXPECT_EQ(1, PULSES);
	rd(self, VRTC_REG_C);
	EXPECT_GT(vrtc_deadline(&self->v), self->now);
	EXPECT_EQ(START + (BIT_ULL(62) - 5 * SECOND) / SECOND,
		  vrtc_get_time(&self->v, self->now));
}

TEST_F(rtc, copy_is_snapshot)
{
	struct vrtc copy;
	u64 then;

	wr(self, VRTC_REG_B, 0x52);
	run(self, 12345678901, true);
	copy = self->v;
	then = self->now;
	/* Updates coincide with periods. */
	EXPECT_EQ(10240, run(self, 10 * SECOND, true));

	self->v = copy;
	self->now = then;
	EXPECT_TRUE(vrtc_check(&self->v));
	EXPECT_EQ(10240, run(self, 10 * SECOND, true));
}

TEST_F(rtc, check_rejects_bad_copies)
{
	struct vrtc good = self->v;

#define REJECTS(field, bad) do {		\
	struct vrtc copy = good;		\
						\
	copy.field = (bad);			\
	EXPECT_FALSE(vrtc_check(&copy));	\
} while (0)
	EXPECT_TRUE(vrtc_check(&good));
	REJECTS(seconds, VRTC_SECONDS_MIN - 1);
	REJECTS(seconds, S64_MAX);
	REJECTS(next_update, U64_MAX);
	REJECTS(divider_ns, U64_MAX);
	REJECTS(pf_tick, BIT_ULL(50));
	REJECTS(index, 0x80);
	REJECTS(reg_a, 0x80);
	REJECTS(reg_b, 0x90);
	REJECTS(reg_c, 0x80);
	REJECTS(irqf, 1);
#undef REJECTS
}

TEST_HARNESS_MAIN
