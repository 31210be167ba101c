// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * HPET: rules of the IA-PC HPET specification 1.0a.
 */
#include "sink.h"
#include "vhpet.h"
#include "kselftest_harness.h"

#define SECOND	1000000000ULL
#define TICK	VHPET_TICK_NS

#define CONFIG	0x010
#define STATUS	0x020
#define COUNTER	0x0f0
#define T_CONFIG(n)	(0x100 + 0x20 * (n))
#define T_COMPARATOR(n)	(0x108 + 0x20 * (n))
#define T_FSB(n)	(0x110 + 0x20 * (n))
#define ROUTE(pin)	((pin) << 9)

FIXTURE(hpet) {
	struct sink sink;
	struct vhpet v;
	u64 now;
};

typedef FIXTURE_DATA(hpet) hpet;

FIXTURE_SETUP(hpet)
{
	sink_init(&self->sink);
	self->now = 1234567;
	vhpet_reset(&self->v, self->now);
}

FIXTURE_TEARDOWN(hpet)
{
	ASSERT_TRUE(vhpet_check(&self->v));
	/* Status bits and lines held up are the same thing. */
	for (int pin = 0; pin < 32; pin++) {
		int held = 0;

		for (int n = 0; n < 8; n++)
			held += (self->v.status >> n & 1) &&
				(self->v.timer[n].config >> 9 & 31) == (u32)pin;
		ASSERT_EQ(held, self->sink.ioapic_up[pin]);
	}
}

static void hpet_access(hpet *p, u32 offset, u32 size, bool write, u64 *value)
{
	if (vhpet_access(&p->v, p->now, offset, size, write, value, &p->sink.irq) !=
	    VDEV_HANDLED)
		abort();
}

static void wr(hpet *p, u32 offset, u32 data)
{
	u64 value = data;

	hpet_access(p, offset, 4, true, &value);
}

static u32 rd(hpet *p, u32 offset)
{
	u64 value = ~0ULL;

	hpet_access(p, offset, 4, false, &value);
	if (value > U32_MAX)
		abort();
	return value;
}

static void run(hpet *p, u64 ns)
{
	u64 until = p->now + ns;

	while (vhpet_deadline(&p->v) <= until) {
		p->now = vhpet_deadline(&p->v);
		vhpet_expire(&p->v, p->now, &p->sink.irq);
		if (vhpet_deadline(&p->v) <= p->now)
			abort();
	}
	p->now = until;
}

TEST_F(hpet, registers_after_reset)
{
	u64 value;

	hpet_access(self, 0, 8, false, &value);
	EXPECT_EQ(50000000ULL << 32 | 0x80868701, value);
	EXPECT_EQ(0, rd(self, CONFIG));
	EXPECT_EQ(0, rd(self, COUNTER));
	for (int n = 0; n < 8; n++) {
		EXPECT_EQ(0x8010, rd(self, T_CONFIG(n)));
		EXPECT_EQ(0xff000000, rd(self, T_CONFIG(n) + 4));
		EXPECT_EQ(0xffffffff, rd(self, T_COMPARATOR(n)));
	}
	EXPECT_EQ(0, rd(self, T_CONFIG(8)));
	EXPECT_EQ(VDEV_NEVER, vhpet_deadline(&self->v));
}

TEST_F(hpet, aligned_dwords_and_qwords_only)
{
	u64 value = 1;

	hpet_access(self, CONFIG, 2, true, &value);
	hpet_access(self, CONFIG - 4, 8, true, &value);
	EXPECT_EQ(0, rd(self, CONFIG));
	hpet_access(self, 1, 4, false, &value);
	EXPECT_EQ(~0ULL, value);
	value = 1;
	hpet_access(self, CONFIG, 8, true, &value);
	EXPECT_EQ(1, rd(self, CONFIG));
	value = 0xfee01000000000a1;
	hpet_access(self, T_FSB(3), 8, true, &value);
	EXPECT_EQ(0xa1, rd(self, T_FSB(3)));
	EXPECT_EQ(0xfee01000, rd(self, T_FSB(3) + 4));
	hpet_access(self, T_FSB(3), 8, false, &value);
	EXPECT_EQ(0xfee01000000000a1, value);
}

TEST_F(hpet, writable_bits)
{
	wr(self, CONFIG, ~0U);
	EXPECT_EQ(3, rd(self, CONFIG));
	wr(self, CONFIG, 0);
	wr(self, T_CONFIG(5), ~0U);
	EXPECT_EQ(0xff1e & ~0x40, rd(self, T_CONFIG(5)) & ~1U);
	wr(self, T_CONFIG(5), ROUTE(20));
	EXPECT_EQ(0x8010, rd(self, T_CONFIG(5)));
	wr(self, T_CONFIG(5), ROUTE(24));
	EXPECT_EQ(0x8010 | ROUTE(24), rd(self, T_CONFIG(5)));
}

TEST_F(hpet, counter_runs_while_enabled)
{
	self->now += SECOND;
	EXPECT_EQ(0, rd(self, COUNTER));
	wr(self, COUNTER, 1000);
	wr(self, CONFIG, 1);
	self->now += SECOND;
	EXPECT_EQ(20001000, rd(self, COUNTER));
	self->now += 49;
	EXPECT_EQ(20001000, rd(self, COUNTER));
	wr(self, CONFIG, 3);
	self->now += 1;
	EXPECT_EQ(20001001, rd(self, COUNTER));
	wr(self, CONFIG, 0);
	self->now += SECOND;
	EXPECT_EQ(20001001, rd(self, COUNTER));
	wr(self, CONFIG, 1);
	self->now += BIT_ULL(32) * TICK;
	EXPECT_EQ(20001001, rd(self, COUNTER));
}

TEST_F(hpet, one_shot_fires_at_match_and_after_each_wrap)
{
	wr(self, T_CONFIG(2), VHPET_T_ENABLE | ROUTE(26));
	wr(self, T_COMPARATOR(2), 500);
	wr(self, CONFIG, 1);
	EXPECT_EQ(self->now + 500 * TICK, vhpet_deadline(&self->v));
	run(self, 499 * TICK);
	EXPECT_EQ(0, self->sink.count[SINK_IOAPIC]);
	run(self, TICK);
	EXPECT_EQ(1, self->sink.count[SINK_IOAPIC]);
	EXPECT_EQ(26, self->sink.arg[SINK_IOAPIC]);
	EXPECT_EQ(IRQ_PULSE, self->sink.op[SINK_IOAPIC]);
	run(self, (BIT_ULL(32) - 1) * TICK);
	EXPECT_EQ(1, self->sink.count[SINK_IOAPIC]);
	run(self, TICK);
	EXPECT_EQ(2, self->sink.count[SINK_IOAPIC]);
}

TEST_F(hpet, comparator_in_the_past_waits_for_the_wrap)
{
	wr(self, T_CONFIG(2), VHPET_T_ENABLE | ROUTE(26));
	wr(self, CONFIG, 1);
	self->now += 1000 * TICK;
	wr(self, T_COMPARATOR(2), 999);
	EXPECT_EQ(self->now + (BIT_ULL(32) - 1) * TICK, vhpet_deadline(&self->v));
	wr(self, T_COMPARATOR(2), 1001);
	EXPECT_EQ(self->now + TICK, vhpet_deadline(&self->v));
}

TEST_F(hpet, periodic_as_linux_sets_it)
{
	wr(self, CONFIG, 1);
	self->now += 12345;
	wr(self, T_CONFIG(0), VHPET_T_ENABLE | VHPET_T_PERIODIC | VHPET_T_VALUE_SET |
	   VHPET_T_32BIT | ROUTE(24));
	EXPECT_EQ(0, rd(self, T_CONFIG(0)) & VHPET_T_VALUE_SET);
	wr(self, T_COMPARATOR(0), rd(self, COUNTER) + 1000);
	self->now += 1000;
	wr(self, T_COMPARATOR(0), 1000);
	run(self, SECOND);
	EXPECT_EQ(20000, self->sink.count[SINK_IOAPIC]);
}

TEST_F(hpet, second_write_without_value_set_is_the_period_only)
{
	wr(self, T_CONFIG(1), VHPET_T_ENABLE | VHPET_T_PERIODIC | VHPET_T_VALUE_SET | ROUTE(25));
	wr(self, T_COMPARATOR(1), 5000);
	wr(self, T_COMPARATOR(1), 100);
	EXPECT_EQ(5000, rd(self, T_COMPARATOR(1)));
	wr(self, CONFIG, 1);
	run(self, 5000 * TICK);
	EXPECT_EQ(1, self->sink.count[SINK_IOAPIC]);
	EXPECT_EQ(5100, rd(self, T_COMPARATOR(1)));
}

TEST_F(hpet, an_hour_of_periodic_neither_drifts_nor_loses)
{
	u64 start = self->now;

	wr(self, T_CONFIG(1), VHPET_T_ENABLE | VHPET_T_PERIODIC | VHPET_T_VALUE_SET | ROUTE(25));
	wr(self, T_COMPARATOR(1), 19997);
	wr(self, CONFIG, 1);
	run(self, 3600 * SECOND);
	EXPECT_EQ(3600 * SECOND / TICK / 19997, self->sink.count[SINK_IOAPIC]);
	EXPECT_EQ(start + (3600 * SECOND / TICK / 19997 + 1) * 19997 * TICK,
		  vhpet_deadline(&self->v));
}

TEST_F(hpet, late_expire_keeps_phase_and_fires_once)
{
	u64 start = self->now;

	wr(self, T_CONFIG(1), VHPET_T_ENABLE | VHPET_T_PERIODIC | VHPET_T_VALUE_SET | ROUTE(25));
	wr(self, T_COMPARATOR(1), 20000);
	wr(self, CONFIG, 1);
	self->now += 100 * SECOND + 77;
	vhpet_expire(&self->v, self->now, &self->sink.irq);
	EXPECT_EQ(1, self->sink.count[SINK_IOAPIC]);
	EXPECT_EQ(start + 100 * SECOND + 20000 * TICK, vhpet_deadline(&self->v));
}

TEST_F(hpet, disabled_timer_fires_nothing)
{
	wr(self, T_CONFIG(2), ROUTE(26));
	wr(self, T_COMPARATOR(2), 500);
	wr(self, CONFIG, 1);
	EXPECT_EQ(VDEV_NEVER, vhpet_deadline(&self->v));
	self->now += 600 * TICK;
	wr(self, T_CONFIG(2), VHPET_T_ENABLE | ROUTE(26));
	EXPECT_EQ(0, self->sink.count[SINK_IOAPIC]);
	EXPECT_GT(vhpet_deadline(&self->v), self->now);
}

TEST_F(hpet, stop_fires_what_has_passed)
{
	wr(self, T_CONFIG(2), VHPET_T_ENABLE | ROUTE(26));
	wr(self, T_COMPARATOR(2), 500);
	wr(self, CONFIG, 1);
	self->now += 501 * TICK;
	wr(self, CONFIG, 0);
	EXPECT_EQ(1, self->sink.count[SINK_IOAPIC]);
	EXPECT_EQ(VDEV_NEVER, vhpet_deadline(&self->v));
}

TEST_F(hpet, level_is_held_until_status_is_written)
{
	wr(self, T_CONFIG(3), VHPET_T_ENABLE | VHPET_T_LEVEL | VHPET_T_PERIODIC |
	   VHPET_T_VALUE_SET | ROUTE(27));
	wr(self, T_COMPARATOR(3), 100);
	wr(self, CONFIG, 1);
	run(self, 350 * TICK);
	EXPECT_EQ(1, self->sink.ioapic_up[27]);
	EXPECT_EQ(1, self->sink.count[SINK_IOAPIC]);
	EXPECT_EQ(8, rd(self, STATUS));
	wr(self, STATUS, 0xf7);
	EXPECT_EQ(8, rd(self, STATUS));
	wr(self, STATUS, 8);
	EXPECT_EQ(0, rd(self, STATUS));
	EXPECT_EQ(0, self->sink.ioapic_up[27]);
	run(self, 100 * TICK);
	EXPECT_EQ(1, self->sink.ioapic_up[27]);
}

TEST_F(hpet, level_is_dropped_by_whatever_ends_it)
{
	static const u32 becomes[] = {
		VHPET_T_LEVEL | ROUTE(27),			/* disabled */
		VHPET_T_ENABLE | ROUTE(27),			/* edge */
		VHPET_T_ENABLE | VHPET_T_LEVEL | ROUTE(28),	/* moved */
		VHPET_T_ENABLE | VHPET_T_LEVEL | VHPET_T_FSB | ROUTE(27),
		VHPET_T_ENABLE | VHPET_T_LEVEL | ROUTE(5),	/* nowhere */
	};

	wr(self, CONFIG, 1);
	for (unsigned int i = 0; i < ARRAY_SIZE(becomes); i++) {
		wr(self, T_CONFIG(0), VHPET_T_ENABLE | VHPET_T_LEVEL | ROUTE(27));
		wr(self, T_COMPARATOR(0), rd(self, COUNTER) + 10);
		run(self, 10 * TICK);
		ASSERT_EQ(1, self->sink.ioapic_up[27]);
		wr(self, T_CONFIG(0), becomes[i]);
		EXPECT_EQ(0, self->sink.ioapic_up[27]);
		EXPECT_EQ(0, rd(self, STATUS));
	}
	wr(self, T_CONFIG(0), VHPET_T_ENABLE | VHPET_T_LEVEL | ROUTE(27));
	wr(self, T_COMPARATOR(0), rd(self, COUNTER) + 10);
	run(self, 10 * TICK);
	ASSERT_EQ(1, self->sink.ioapic_up[27]);
	wr(self, CONFIG, 3);
	EXPECT_EQ(0, self->sink.ioapic_up[27]);
}

TEST_F(hpet, message_delivery)
{
	wr(self, T_CONFIG(4), VHPET_T_ENABLE | VHPET_T_FSB);
	wr(self, T_FSB(4), 0x4a1);
	wr(self, T_FSB(4) + 4, 0xfee07000);
	wr(self, T_COMPARATOR(4), 10);
	wr(self, CONFIG, 1);
	run(self, 10 * TICK);
	ASSERT_EQ(1, self->sink.count[SINK_MSG]);
	EXPECT_EQ(0xa1, sink_last(&self->sink)->vector);
	EXPECT_EQ(7, sink_last(&self->sink)->dest);
	EXPECT_EQ(LAPIC_NMI, sink_last(&self->sink)->delivery);
	wr(self, T_FSB(4) + 4, 0x1000);
	run(self, BIT_ULL(32) * TICK);
	EXPECT_EQ(1, self->sink.count[SINK_MSG]);
}

TEST_F(hpet, legacy_replacement)
{
	for (int n = 0; n < 3; n++) {
		wr(self, T_CONFIG(n), VHPET_T_ENABLE | ROUTE(24));
		wr(self, T_COMPARATOR(n), 10 + n);
	}
	wr(self, CONFIG, 2);
	EXPECT_FALSE(vhpet_is_legacy(&self->v));
	wr(self, CONFIG, 3);
	EXPECT_TRUE(vhpet_is_legacy(&self->v));
	run(self, 10 * TICK);
	EXPECT_EQ(1, self->sink.count[SINK_ISA]);
	EXPECT_EQ(0, self->sink.arg[SINK_ISA]);
	run(self, TICK);
	EXPECT_EQ(2, self->sink.count[SINK_ISA]);
	EXPECT_EQ(8, self->sink.arg[SINK_ISA]);
	EXPECT_EQ(0, self->sink.count[SINK_IOAPIC]);
	run(self, TICK);
	EXPECT_EQ(2, self->sink.count[SINK_ISA]);
	EXPECT_EQ(1, self->sink.count[SINK_IOAPIC]);
}

TEST_F(hpet, works_at_the_end_of_time)
{
	wr(self, T_CONFIG(0), VHPET_T_ENABLE | VHPET_T_PERIODIC | VHPET_T_VALUE_SET | ROUTE(24));
	wr(self, T_COMPARATOR(0), 7);
	wr(self, CONFIG, 1);
	self->now = BIT_ULL(62);
	vhpet_expire(&self->v, self->now, &self->sink.irq);
	EXPECT_EQ(1, self->sink.count[SINK_IOAPIC]);
	EXPECT_GT(vhpet_deadline(&self->v), self->now);
	EXPECT_LE(vhpet_deadline(&self->v), self->now + 7 * TICK);
}

TEST_F(hpet, copy_is_snapshot)
{
	struct vhpet copy;
	unsigned int first, count;
	u64 then;

	wr(self, T_CONFIG(0), VHPET_T_ENABLE | VHPET_T_PERIODIC | VHPET_T_VALUE_SET | ROUTE(24));
	wr(self, T_COMPARATOR(0), 777);
	wr(self, CONFIG, 1);
	run(self, 1000000);
	copy = self->v;
	then = self->now;
	count = self->sink.count[SINK_IOAPIC];
	run(self, 10000000);
	first = self->sink.count[SINK_IOAPIC] - count;

	self->v = copy;
	self->now = then;
	EXPECT_TRUE(vhpet_check(&self->v));
	count = self->sink.count[SINK_IOAPIC];
	run(self, 10000000);
	EXPECT_EQ(first, self->sink.count[SINK_IOAPIC] - count);
	EXPECT_EQ(220000 / 777 - 20000 / 777, first);
}

TEST_F(hpet, check_rejects_bad_copies)
{
	struct vhpet good = self->v;

#define REJECTS(field, bad) do {		\
	struct vhpet copy = good;		\
						\
	copy.field = (bad);			\
	EXPECT_FALSE(vhpet_check(&copy));	\
} while (0)
	EXPECT_TRUE(vhpet_check(&good));
	REJECTS(config, 4);
	REJECTS(config, 1);
	REJECTS(status, 1);
	REJECTS(status, 0x100);
	REJECTS(base_ns, U64_MAX);
	REJECTS(timer[3].config, 1);
	REJECTS(timer[3].config, ROUTE(3));
	REJECTS(timer[3].due, 5);
#undef REJECTS
}

TEST_HARNESS_MAIN
