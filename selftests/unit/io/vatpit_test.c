// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * 8254: rules by section of the data sheet; "guest" tests do what known guests
 * do with it.
 */
#include "sink.h"
#include "vatpit.h"
#include "vatpit_counter.h"
#include "kselftest_harness.h"

#define SECOND	1000000000ULL
#define HOUR	(3600 * SECOND)

FIXTURE(pit) {
	struct sink sink;
	struct vatpit v;
	u64 now;
};

FIXTURE_SETUP(pit)
{
	sink_init(&self->sink);
	self->now = SECOND;
	vatpit_reset(&self->v, self->now);
}

FIXTURE_TEARDOWN(pit)
{
	ASSERT_TRUE(vatpit_check(&self->v));
}

typedef FIXTURE_DATA(pit) pit;

static void outb(pit *p, u32 port, u8 byte)
{
	u64 value = byte;

	if (vatpit_access(&p->v, p->now, port, 1, true, &value, &p->sink.irq) != VDEV_HANDLED)
		abort();
}

static u8 inb(pit *p, u32 port)
{
	u64 value = ~0ULL;

	if (vatpit_access(&p->v, p->now, port, 1, false, &value, &p->sink.irq) != VDEV_HANDLED ||
	    value > 0xff)
		abort();
	return value;
}

/* First moment of the tick @ticks after the one of @now. */
static void wait_ticks(pit *p, u64 ticks)
{
	u64 tick = p->now * VATPIT_HZ / SECOND + ticks;

	p->now = tick * SECOND / VATPIT_HZ + 1;
}

/* As the caller does: run every deadline up to @until. Returns pulses. */
static unsigned int run(pit *p, u64 until)
{
	unsigned int before = p->sink.count[SINK_ISA];

	while (vatpit_deadline(&p->v) <= until) {
		p->now = vatpit_deadline(&p->v);
		vatpit_expire(&p->v, p->now, &p->sink.irq);
		if (vatpit_deadline(&p->v) <= p->now)
			abort();
	}
	p->now = until;
	return p->sink.count[SINK_ISA] - before;
}

static void program(pit *p, int counter, int mode, u16 count)
{
	outb(p, 0x43, counter << 6 | 3 << 4 | mode << 1);
	outb(p, 0x40 + counter, count & 0xff);
	outb(p, 0x40 + counter, count >> 8);
}

static u16 latch(pit *p, int counter)
{
	u8 low;

	outb(p, 0x43, counter << 6);
	low = inb(p, 0x40 + counter);
	return inb(p, 0x40 + counter) << 8 | low;
}

static u8 status(pit *p, int counter)
{
	outb(p, 0x43, 0xe0 | 2 << counter);
	return inb(p, 0x40 + counter);
}

static bool out2(pit *p)
{
	return inb(p, 0x61) & 0x20;
}

TEST_F(pit, mode_0_out_is_low_for_n_plus_1_clocks_after_write)
{
	program(self, 0, 0, 1000);
	EXPECT_EQ(0, status(self, 0) & 0x80);
	wait_ticks(self, 1000);
	EXPECT_EQ(0, status(self, 0) & 0x80);
	wait_ticks(self, 1);
	EXPECT_EQ(0x80, status(self, 0) & 0x80);
	EXPECT_EQ(1, self->sink.count[SINK_ISA]);
	EXPECT_EQ(0, self->sink.arg[SINK_ISA]);
	EXPECT_EQ(IRQ_PULSE, self->sink.op[SINK_ISA]);
	EXPECT_EQ(0, run(self, self->now + HOUR));
}

TEST_F(pit, mode_0_count_wraps_and_goes_on)
{
	program(self, 0, 0, 10);
	wait_ticks(self, 11);
	EXPECT_EQ(0, latch(self, 0));
	wait_ticks(self, 1);
	EXPECT_EQ(0xffff, latch(self, 0));
}

TEST_F(pit, mode_0_first_byte_of_new_count_stops_counting)
{
	program(self, 0, 0, 1000);
	wait_ticks(self, 500);
	outb(self, 0x40, 0x10);
	EXPECT_EQ(VDEV_NEVER, vatpit_deadline(&self->v));
	EXPECT_EQ(0, status(self, 0) & 0x80);
	outb(self, 0x40, 0);
	EXPECT_EQ(1, run(self, self->now + HOUR));
}

TEST_F(pit, mode_0_gate_low_suspends_counting_and_keeps_out)
{
	outb(self, 0x61, 1);
	program(self, 2, 0, 1000);
	wait_ticks(self, 401);
	EXPECT_EQ(600, latch(self, 2));
	outb(self, 0x61, 0);
	wait_ticks(self, 50000);
	EXPECT_EQ(600, latch(self, 2));
	EXPECT_FALSE(out2(self));
	outb(self, 0x61, 1);
	wait_ticks(self, 599);
	EXPECT_FALSE(out2(self));
	wait_ticks(self, 1);
	EXPECT_TRUE(out2(self));
	outb(self, 0x61, 0);
	EXPECT_TRUE(out2(self));
}

TEST_F(pit, mode_0_count_written_while_gate_low_expires_n_after_gate)
{
	program(self, 2, 0, 100);
	wait_ticks(self, 1000);
	EXPECT_EQ(100, latch(self, 2));
	outb(self, 0x61, 1);
	wait_ticks(self, 99);
	EXPECT_FALSE(out2(self));
	wait_ticks(self, 1);
	EXPECT_TRUE(out2(self));
}

TEST_F(pit, mode_1_waits_for_trigger_and_is_retriggerable)
{
	program(self, 2, 1, 100);
	EXPECT_TRUE(out2(self));
	wait_ticks(self, 1000);
	EXPECT_TRUE(out2(self));
	outb(self, 0x61, 1);
	wait_ticks(self, 100);
	EXPECT_FALSE(out2(self));
	outb(self, 0x61, 0);
	outb(self, 0x61, 1);
	wait_ticks(self, 100);
	EXPECT_FALSE(out2(self));
	wait_ticks(self, 1);
	EXPECT_TRUE(out2(self));
}

TEST_F(pit, mode_2_is_low_for_the_last_clock_of_n)
{
	outb(self, 0x61, 1);
	program(self, 2, 2, 10);
	wait_ticks(self, 1);
	for (int i = 0; i < 95; i++) {
		EXPECT_EQ(i % 10 != 9, out2(self));
		EXPECT_EQ(10 - i % 10, latch(self, 2));
		wait_ticks(self, 1);
	}
}

TEST_F(pit, mode_2_gate_low_sets_out_and_rise_reloads)
{
	outb(self, 0x61, 1);
	program(self, 2, 2, 10);
	wait_ticks(self, 10);
	EXPECT_FALSE(out2(self));
	outb(self, 0x61, 0);
	EXPECT_TRUE(out2(self));
	outb(self, 0x61, 1);
	wait_ticks(self, 9);
	EXPECT_TRUE(out2(self));
	wait_ticks(self, 1);
	EXPECT_FALSE(out2(self));
}

TEST_F(pit, mode_2_new_count_takes_effect_at_end_of_period)
{
	u64 first;

	program(self, 0, 2, 1000);
	first = vatpit_deadline(&self->v);
	wait_ticks(self, 500);
	outb(self, 0x40, 100);
	outb(self, 0x40, 0);
	EXPECT_EQ(0x40, status(self, 0) & 0x40);
	EXPECT_EQ(first, vatpit_deadline(&self->v));
	EXPECT_EQ(1, run(self, first));
	EXPECT_EQ(0, status(self, 0) & 0x40);
	EXPECT_EQ(10, run(self, first + 1000 * SECOND / VATPIT_HZ + 2));
}

TEST_F(pit, mode_3_even_and_odd_counts)
{
	static const u16 counts[] = { 10, 11, 2, 3 };

	outb(self, 0x61, 1);
	for (unsigned int c = 0; c < ARRAY_SIZE(counts); c++) {
		u16 n = counts[c];

		program(self, 2, 3, n);
		wait_ticks(self, 1);
		for (int i = 0; i < 5 * n; i++) {
			EXPECT_EQ(i % n < (n + 1) / 2, out2(self));
			EXPECT_EQ(0, latch(self, 2) & 1);
			wait_ticks(self, 1);
		}
	}
}

TEST_F(pit, mode_3_new_count_takes_effect_at_end_of_half_cycle)
{
	outb(self, 0x61, 1);
	program(self, 2, 3, 100);
	wait_ticks(self, 11);
	outb(self, 0x42, 20);
	outb(self, 0x42, 0);
	wait_ticks(self, 39);
	EXPECT_TRUE(out2(self));
	wait_ticks(self, 1);
	for (int i = 0; i < 100; i++) {
		EXPECT_EQ(i % 20 >= 10, out2(self));
		wait_ticks(self, 1);
	}
}

TEST_F(pit, mode_3_new_count_moves_the_interrupt_with_it)
{
	u64 start = self->now;

	program(self, 0, 3, 1000);
	outb(self, 0x40, 0xff);		/* not loaded yet: replaces the count */
	outb(self, 0x40, 0xff);
	EXPECT_GT(vatpit_deadline(&self->v), start + 65535 * SECOND / VATPIT_HZ);
	wait_ticks(self, 100);
	outb(self, 0x40, 10);
	outb(self, 0x40, 0);
	EXPECT_EQ(1, run(self, start + (32768 + 5 + 3) * SECOND / VATPIT_HZ));
}

TEST_F(pit, mode_4_strobe_is_low_for_one_clock)
{
	program(self, 0, 4, 100);
	wait_ticks(self, 100);
	EXPECT_EQ(0x80, status(self, 0) & 0x80);
	wait_ticks(self, 1);
	EXPECT_EQ(0, status(self, 0) & 0x80);
	EXPECT_EQ(0, self->sink.count[SINK_ISA]);
	wait_ticks(self, 1);
	EXPECT_EQ(0x80, status(self, 0) & 0x80);
	EXPECT_EQ(1, self->sink.count[SINK_ISA]);
	EXPECT_EQ(0, run(self, self->now + HOUR));
}

TEST_F(pit, mode_5_strobe_follows_trigger)
{
	program(self, 2, 5, 100);
	wait_ticks(self, 1000);
	EXPECT_TRUE(out2(self));
	outb(self, 0x61, 1);
	wait_ticks(self, 100);
	EXPECT_TRUE(out2(self));
	wait_ticks(self, 1);
	EXPECT_FALSE(out2(self));
	wait_ticks(self, 1);
	EXPECT_TRUE(out2(self));
}

TEST_F(pit, modes_6_and_7_are_2_and_3)
{
	program(self, 0, 6, 100);
	EXPECT_EQ(2, status(self, 0) >> 1 & 7);
	program(self, 0, 7, 100);
	EXPECT_EQ(3, status(self, 0) >> 1 & 7);
}

TEST_F(pit, zero_is_the_largest_count)
{
	u64 start = self->now;

	program(self, 0, 0, 0);
	EXPECT_EQ(0, run(self, start + 65536 * SECOND / VATPIT_HZ));
	EXPECT_EQ(1, run(self, start + 65539 * SECOND / VATPIT_HZ));
}

TEST_F(pit, bcd_counts_in_decimal)
{
	outb(self, 0x43, 2 << 6 | 3 << 4 | 0 << 1 | 1);
	outb(self, 0x61, 1);
	outb(self, 0x42, 0x00);
	outb(self, 0x42, 0x10);
	wait_ticks(self, 2);
	EXPECT_EQ(0x0999, latch(self, 2));
	outb(self, 0x42, 0x78);
	outb(self, 0x42, 0x56);
	wait_ticks(self, 1);
	EXPECT_EQ(0x5678, latch(self, 2));
	wait_ticks(self, 5678 - 9);
	EXPECT_EQ(0x0009, latch(self, 2));
	outb(self, 0x42, 0x00);
	outb(self, 0x42, 0x10);
	wait_ticks(self, 2);
	wait_ticks(self, 999);
	EXPECT_EQ(0, latch(self, 2));
	wait_ticks(self, 1);
	EXPECT_EQ(0x9999, latch(self, 2));
}

TEST_F(pit, one_byte_access_modes)
{
	outb(self, 0x61, 1);
	outb(self, 0x43, 2 << 6 | 1 << 4);
	outb(self, 0x42, 200);
	wait_ticks(self, 101);
	EXPECT_EQ(100, inb(self, 0x42));
	EXPECT_EQ(100, inb(self, 0x42));

	outb(self, 0x43, 2 << 6 | 2 << 4);
	outb(self, 0x42, 2);
	wait_ticks(self, 257);
	EXPECT_EQ(1, inb(self, 0x42));
	wait_ticks(self, 1);
	EXPECT_EQ(0, inb(self, 0x42));
}

TEST_F(pit, reads_of_two_bytes_alternate)
{
	program(self, 2, 0, 0x1234);
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(0x34, inb(self, 0x42));
		EXPECT_EQ(0x12, inb(self, 0x42));
	}
}

TEST_F(pit, latch_holds_until_read_and_second_latch_is_ignored)
{
	outb(self, 0x61, 1);
	program(self, 2, 0, 1000);
	wait_ticks(self, 101);
	outb(self, 0x43, 0x80);
	wait_ticks(self, 200);
	outb(self, 0x43, 0x80);
	EXPECT_EQ(900 & 0xff, inb(self, 0x42));
	wait_ticks(self, 10);
	EXPECT_EQ(900 >> 8, inb(self, 0x42));
	EXPECT_EQ(690, latch(self, 2));
}

TEST_F(pit, read_back_latches_status_and_count_of_several)
{
	outb(self, 0x61, 1);
	program(self, 0, 2, 0x1234);
	program(self, 2, 0, 0x4321);
	wait_ticks(self, 1);
	outb(self, 0x43, 0xc0 | 2 | 8);
	EXPECT_EQ(0x80 | 0x30 | 4, inb(self, 0x40));
	EXPECT_EQ(0x34, inb(self, 0x40));
	EXPECT_EQ(0x12, inb(self, 0x40));
	EXPECT_EQ(0x30, inb(self, 0x42));
	EXPECT_EQ(0x21, inb(self, 0x42));
	EXPECT_EQ(0x43, inb(self, 0x42));
}

TEST_F(pit, null_count_is_set_from_write_to_load)
{
	program(self, 0, 2, 1000);
	EXPECT_EQ(0x40, status(self, 0) & 0x40);
	wait_ticks(self, 1);
	EXPECT_EQ(0, status(self, 0) & 0x40);
	outb(self, 0x43, 3 << 4 | 2 << 1);
	EXPECT_EQ(0x40, status(self, 0) & 0x40);
}

TEST_F(pit, control_word_that_raises_out_is_an_edge)
{
	program(self, 0, 0, 1000);
	EXPECT_EQ(0, self->sink.count[SINK_ISA]);
	outb(self, 0x43, 3 << 4 | 2 << 1);
	EXPECT_EQ(1, self->sink.count[SINK_ISA]);
}

TEST_F(pit, port_61_keeps_low_bits_and_toggles_refresh)
{
	int toggles = 0;
	u8 last;

	outb(self, 0x61, 0xff);
	EXPECT_EQ(0x0f, inb(self, 0x61) & 0xcf);
	last = inb(self, 0x61);
	for (int i = 0; i < 10000; i++) {
		self->now += 1000;
		toggles += (inb(self, 0x61) ^ last) >> 4 & 1;
		last = inb(self, 0x61);
	}
	/* 10 ms at about 15.1 us each */
	EXPECT_GT(toggles, 650);
	EXPECT_LT(toggles, 675);
}

TEST_F(pit, guest_calibrates_its_clock_through_counter_2)
{
	/* Gate up, mode 0, 50 ms, poll OUT2. */
	u64 latch_value = VATPIT_HZ / 20;
	u64 start, polls = 0;

	outb(self, 0x61, (inb(self, 0x61) & ~2) | 1);
	outb(self, 0x43, 0xb0);
	outb(self, 0x42, latch_value & 0xff);
	outb(self, 0x42, latch_value >> 8);
	start = self->now;
	while (!out2(self)) {
		self->now += 1000;
		ASSERT_LT(polls++, 60000);
	}
	EXPECT_GE(self->now - start, 50000000 - 2000);
	EXPECT_LE(self->now - start, 50000000 + 4000);
}

TEST_F(pit, an_hour_of_mode_2_and_3_neither_drifts_nor_loses)
{
	for (int mode = 2; mode <= 3; mode++) {
		u64 start, loaded;

		program(self, 0, mode, 11932);
		start = self->now;
		loaded = start * VATPIT_HZ / SECOND + 1;
		run(self, start);
		self->sink.count[SINK_ISA] = 0;
		EXPECT_EQ(3600ULL * VATPIT_HZ / 11932, run(self, start + HOUR));
		/* The next deadline is a whole number of periods from the load. */
		EXPECT_EQ(mul_u64_u64_div_u64(loaded + (3600ULL * VATPIT_HZ / 11932 + 1) * 11932,
					      SECOND, VATPIT_HZ) + 1,
			  vatpit_deadline(&self->v));
	}
}

TEST_F(pit, late_expire_gives_one_pulse_and_keeps_phase)
{
	struct vatpit punctual;
	unsigned int pulses;
	u64 start = self->now;

	program(self, 0, 2, 11932);
	punctual = self->v;
	pulses = self->sink.count[SINK_ISA];
	vatpit_expire(&self->v, start + HOUR, &self->sink.irq);
	EXPECT_EQ(pulses + 1, self->sink.count[SINK_ISA]);
	while (vatpit_deadline(&punctual) <= start + HOUR)
		vatpit_expire(&punctual, vatpit_deadline(&punctual), &self->sink.irq);
	EXPECT_EQ(vatpit_deadline(&punctual), vatpit_deadline(&self->v));
}

TEST_F(pit, early_expire_does_nothing)
{
	u64 deadline;

	program(self, 0, 2, 11932);
	deadline = vatpit_deadline(&self->v);
	vatpit_expire(&self->v, deadline - 1, &self->sink.irq);
	EXPECT_EQ(0, self->sink.count[SINK_ISA]);
	EXPECT_EQ(deadline, vatpit_deadline(&self->v));
	vatpit_expire(&self->v, deadline, &self->sink.irq);
	EXPECT_EQ(1, self->sink.count[SINK_ISA]);
}

TEST_F(pit, works_at_the_end_of_time)
{
	self->now = BIT_ULL(62);
	program(self, 0, 2, 0);
	EXPECT_GT(vatpit_deadline(&self->v), self->now);
	EXPECT_EQ(18, run(self, self->now + SECOND));
}

TEST_F(pit, copy_is_snapshot)
{
	struct vatpit copy;
	u64 deadline;
	u16 value;

	outb(self, 0x61, 1);
	program(self, 0, 3, 5001);
	program(self, 2, 2, 777);
	run(self, self->now + 3 * SECOND);
	copy = self->v;
	deadline = vatpit_deadline(&copy);
	value = latch(self, 2);
	run(self, self->now + SECOND);

	self->v = copy;
	self->now -= SECOND;
	EXPECT_TRUE(vatpit_check(&self->v));
	EXPECT_EQ(deadline, vatpit_deadline(&self->v));
	EXPECT_EQ(value, latch(self, 2));
}

TEST_F(pit, check_accepts_smallest_and_largest_counts)
{
	static const u16 counts[] = { 0, 1, 2, 0xffff };

	for (int mode = 0; mode < 6; mode++) {
		for (unsigned int i = 0; i < ARRAY_SIZE(counts); i++) {
			program(self, 0, mode, counts[i]);
			EXPECT_TRUE(vatpit_check(&self->v));
			wait_ticks(self, 3);
			program(self, 0, mode, counts[i]);
			EXPECT_TRUE(vatpit_check(&self->v));
		}
	}
}

TEST_F(pit, check_rejects_bad_copies)
{
	struct vatpit good;

	program(self, 0, 3, 5001);
	good = self->v;

#define REJECTS(field, bad) do {		\
	struct vatpit copy = good;		\
						\
	copy.field = (bad);			\
	EXPECT_FALSE(vatpit_check(&copy));	\
} while (0)
	REJECTS(counter[0].count, 0);
	REJECTS(counter[0].count, 1);
	REJECTS(counter[0].count, 65537);
	REJECTS(counter[0].mode, 6);
	REJECTS(counter[0].state, 3);
	REJECTS(counter[0].state, VATPIT_PAUSED);
	REJECTS(counter[0].access, 0);
	REJECTS(counter[0].gate, 0);
	REJECTS(counter[0].bcd, 2);
	REJECTS(counter[0].load, BIT_ULL(60));
	REJECTS(counter[0].next, 5);
	REJECTS(counter[2].gate, 1);
	REJECTS(counter[2].latched, 4);
	REJECTS(port61, 0x10);
	REJECTS(seen, 0);
#undef REJECTS
}

TEST_F(pit, others_ports_and_wide_accesses_are_not_its)
{
	u64 value = 0;

	EXPECT_EQ(VDEV_UNHANDLED, vatpit_access(&self->v, self->now, 0x44, 1, false, &value,
						&self->sink.irq));
	EXPECT_EQ(VDEV_UNHANDLED, vatpit_access(&self->v, self->now, 0x40, 2, true, &value,
						&self->sink.irq));
	EXPECT_EQ(0xff, inb(self, 0x43));
}

TEST_HARNESS_MAIN
