// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * 8259A pair: rules by section of the data sheet.
 */
#include "sink.h"
#include "vatpic.h"
#include "kselftest_harness.h"

FIXTURE(pic) {
	struct sink sink;
	struct vatpic v;
};

typedef FIXTURE_DATA(pic) pic;

static void outb(pic *p, u32 port, u8 byte)
{
	u64 value = byte;

	if (vatpic_access(&p->v, port, 1, true, &value, &p->sink.irq) != VDEV_HANDLED)
		abort();
}

static u8 inb(pic *p, u32 port)
{
	u64 value = ~0ULL;

	if (vatpic_access(&p->v, port, 1, false, &value, &p->sink.irq) != VDEV_HANDLED ||
	    value > 0xff)
		abort();
	return value;
}

static void init(pic *p, u8 icw4)
{
	outb(p, 0x20, 0x11);
	outb(p, 0x21, 0x30);
	outb(p, 0x21, 0x04);
	outb(p, 0x21, icw4);
	outb(p, 0xa0, 0x11);
	outb(p, 0xa1, 0x38);
	outb(p, 0xa1, 0x02);
	outb(p, 0xa1, icw4);
}

static void pin(pic *p, unsigned int n, enum irq_op op)
{
	vatpic_pin(&p->v, n, op, &p->sink.irq);
}

static int ack(pic *p)
{
	return vatpic_ack(&p->v, &p->sink.irq);
}

static u8 isr(pic *p, u32 port)
{
	outb(p, port, 0x0b);
	return inb(p, port);
}

static u8 irr(pic *p, u32 port)
{
	outb(p, port, 0x0a);
	return inb(p, port);
}

FIXTURE_SETUP(pic)
{
	sink_init(&self->sink);
	vatpic_reset(&self->v);
	init(self, 1);
}

FIXTURE_TEARDOWN(pic)
{
	ASSERT_TRUE(vatpic_check(&self->v));
	/* The sink saw every change of INTR. */
	ASSERT_EQ(vatpic_intr(&self->v), self->sink.arg[SINK_INTR]);
}

TEST_F(pic, fully_nested_mode)
{
	pin(self, 4, IRQ_PULSE);
	EXPECT_TRUE(vatpic_intr(&self->v));
	EXPECT_EQ(0x34, ack(self));
	EXPECT_FALSE(vatpic_intr(&self->v));
	pin(self, 5, IRQ_PULSE);
	EXPECT_FALSE(vatpic_intr(&self->v));
	pin(self, 1, IRQ_PULSE);
	EXPECT_TRUE(vatpic_intr(&self->v));
	EXPECT_EQ(0x31, ack(self));
	EXPECT_EQ(0x12, isr(self, 0x20));
	outb(self, 0x20, 0x20);
	EXPECT_EQ(0x10, isr(self, 0x20));
	EXPECT_FALSE(vatpic_intr(&self->v));
	outb(self, 0x20, 0x20);
	EXPECT_TRUE(vatpic_intr(&self->v));
	EXPECT_EQ(0x35, ack(self));
	outb(self, 0x20, 0x65);
	EXPECT_EQ(0, isr(self, 0x20));
}

TEST_F(pic, highest_priority_pin_wins)
{
	pin(self, 7, IRQ_PULSE);
	pin(self, 3, IRQ_PULSE);
	pin(self, 0, IRQ_PULSE);
	EXPECT_EQ(0x89, irr(self, 0x20));
	EXPECT_EQ(0x30, ack(self));
	outb(self, 0x20, 0x20);
	EXPECT_EQ(0x33, ack(self));
	outb(self, 0x20, 0x20);
	EXPECT_EQ(0x37, ack(self));
	outb(self, 0x20, 0x20);
	EXPECT_FALSE(vatpic_intr(&self->v));
}

TEST_F(pic, cascade_takes_slave_vector_and_serves_both)
{
	pin(self, 12, IRQ_PULSE);
	EXPECT_EQ(0x04, irr(self, 0x20));
	EXPECT_EQ(0x3c, ack(self));
	EXPECT_EQ(0x04, isr(self, 0x20));
	EXPECT_EQ(0x10, isr(self, 0xa0));
	EXPECT_EQ(0, irr(self, 0x20));
	outb(self, 0xa0, 0x20);
	outb(self, 0x20, 0x20);
	EXPECT_EQ(0, isr(self, 0x20));
	EXPECT_EQ(0, isr(self, 0xa0));
	EXPECT_FALSE(vatpic_intr(&self->v));
}

TEST_F(pic, cascade_request_survives_either_order_of_eoi)
{
	for (int master_first = 0; master_first < 2; master_first++) {
		pin(self, 12, IRQ_PULSE);
		EXPECT_EQ(0x3c, ack(self));
		pin(self, 12, IRQ_PULSE);
		EXPECT_FALSE(vatpic_intr(&self->v));
		outb(self, master_first ? 0x20 : 0xa0, 0x20);
		EXPECT_FALSE(vatpic_intr(&self->v));
		outb(self, master_first ? 0xa0 : 0x20, 0x20);
		EXPECT_TRUE(vatpic_intr(&self->v));
		EXPECT_EQ(0x3c, ack(self));
		outb(self, 0xa0, 0x20);
		outb(self, 0x20, 0x20);
	}
}

TEST_F(pic, special_fully_nested_mode_lets_higher_slave_pin_through)
{
	pin(self, 12, IRQ_PULSE);
	ack(self);
	pin(self, 9, IRQ_PULSE);
	EXPECT_FALSE(vatpic_intr(&self->v));

	vatpic_reset(&self->v);
	sink_init(&self->sink);
	init(self, 0x11);
	pin(self, 12, IRQ_PULSE);
	ack(self);
	pin(self, 14, IRQ_PULSE);
	EXPECT_FALSE(vatpic_intr(&self->v));
	pin(self, 9, IRQ_PULSE);
	EXPECT_TRUE(vatpic_intr(&self->v));
	EXPECT_EQ(0x39, ack(self));
}

TEST_F(pic, edge_is_remembered_level_follows_pin)
{
	outb(self, 0x4d0, 0xff);
	EXPECT_EQ(0xf8, inb(self, 0x4d0));
	outb(self, 0x4d1, 0xff);
	EXPECT_EQ(0xde, inb(self, 0x4d1));
	outb(self, 0x4d0, 0x20);

	pin(self, 4, IRQ_ASSERT);
	pin(self, 4, IRQ_DEASSERT);
	EXPECT_EQ(0x10, irr(self, 0x20));
	EXPECT_EQ(0x34, ack(self));
	outb(self, 0x20, 0x20);

	pin(self, 5, IRQ_ASSERT);
	EXPECT_TRUE(vatpic_intr(&self->v));
	pin(self, 5, IRQ_DEASSERT);
	EXPECT_FALSE(vatpic_intr(&self->v));
	pin(self, 5, IRQ_ASSERT);
	EXPECT_EQ(0x35, ack(self));
	outb(self, 0x20, 0x20);
	EXPECT_TRUE(vatpic_intr(&self->v));
	EXPECT_EQ(0x35, ack(self));
	pin(self, 5, IRQ_DEASSERT);
	outb(self, 0x20, 0x20);
	EXPECT_FALSE(vatpic_intr(&self->v));
}

TEST_F(pic, held_edge_pin_interrupts_once)
{
	pin(self, 4, IRQ_ASSERT);
	EXPECT_EQ(0x34, ack(self));
	outb(self, 0x20, 0x20);
	EXPECT_FALSE(vatpic_intr(&self->v));
	pin(self, 4, IRQ_ASSERT);
	pin(self, 4, IRQ_PULSE);
	EXPECT_FALSE(vatpic_intr(&self->v));
	pin(self, 4, IRQ_DEASSERT);
	EXPECT_FALSE(vatpic_intr(&self->v));
	pin(self, 4, IRQ_DEASSERT);
	pin(self, 4, IRQ_DEASSERT);
	pin(self, 4, IRQ_ASSERT);
	EXPECT_TRUE(vatpic_intr(&self->v));
}

TEST_F(pic, shared_level_pin_counts_asserts)
{
	ASSERT_TRUE(vatpic_set_trigger(&self->v, 11, true, &self->sink.irq));
	pin(self, 11, IRQ_ASSERT);
	pin(self, 11, IRQ_ASSERT);
	pin(self, 11, IRQ_DEASSERT);
	EXPECT_TRUE(vatpic_intr(&self->v));
	pin(self, 11, IRQ_DEASSERT);
	EXPECT_FALSE(vatpic_intr(&self->v));
}

TEST_F(pic, trigger_of_fixed_pins_stays_edge)
{
	static const int fixed[] = { 0, 1, 2, 8, 13 };

	for (unsigned int i = 0; i < ARRAY_SIZE(fixed); i++) {
		EXPECT_FALSE(vatpic_set_trigger(&self->v, fixed[i], true, &self->sink.irq));
		EXPECT_TRUE(vatpic_set_trigger(&self->v, fixed[i], false, &self->sink.irq));
	}
	EXPECT_FALSE(vatpic_set_trigger(&self->v, 16, true, &self->sink.irq));
	EXPECT_TRUE(vatpic_set_trigger(&self->v, 5, true, &self->sink.irq));
	EXPECT_EQ(0x20, inb(self, 0x4d0));
	EXPECT_TRUE(vatpic_set_trigger(&self->v, 5, false, &self->sink.irq));
	EXPECT_EQ(0, inb(self, 0x4d0));
}

TEST_F(pic, interrupt_mask_register)
{
	outb(self, 0x21, 0x10);
	pin(self, 4, IRQ_PULSE);
	EXPECT_FALSE(vatpic_intr(&self->v));
	EXPECT_EQ(0x10, inb(self, 0x21));
	outb(self, 0x21, 0);
	EXPECT_TRUE(vatpic_intr(&self->v));
	outb(self, 0x21, 0x10);
	EXPECT_FALSE(vatpic_intr(&self->v));
	outb(self, 0x21, 0x04);
	EXPECT_EQ(0x34, ack(self));
	outb(self, 0x20, 0x20);
	pin(self, 14, IRQ_PULSE);
	EXPECT_FALSE(vatpic_intr(&self->v));
}

TEST_F(pic, spurious_interrupt_is_pin_7_and_not_in_service)
{
	EXPECT_EQ(0x37, ack(self));
	EXPECT_EQ(0, isr(self, 0x20));
}

TEST_F(pic, automatic_eoi)
{
	init(self, 3);
	pin(self, 4, IRQ_PULSE);
	pin(self, 5, IRQ_PULSE);
	EXPECT_EQ(0x34, ack(self));
	EXPECT_EQ(0, isr(self, 0x20));
	EXPECT_EQ(0x35, ack(self));
	EXPECT_FALSE(vatpic_intr(&self->v));
}

TEST_F(pic, automatic_rotation)
{
	/* Rotate on non-specific EOI: the served pin becomes lowest. */
	pin(self, 4, IRQ_PULSE);
	EXPECT_EQ(0x34, ack(self));
	outb(self, 0x20, 0xa0);
	pin(self, 4, IRQ_PULSE);
	pin(self, 5, IRQ_PULSE);
	pin(self, 0, IRQ_PULSE);
	EXPECT_EQ(0x35, ack(self));
	outb(self, 0x20, 0x20);
	EXPECT_EQ(0x30, ack(self));
	outb(self, 0x20, 0x20);
	EXPECT_EQ(0x34, ack(self));
}

TEST_F(pic, rotation_in_automatic_eoi)
{
	init(self, 3);
	outb(self, 0x20, 0x80);
	pin(self, 4, IRQ_PULSE);
	EXPECT_EQ(0x34, ack(self));
	pin(self, 4, IRQ_PULSE);
	pin(self, 5, IRQ_PULSE);
	EXPECT_EQ(0x35, ack(self));
	outb(self, 0x20, 0x00);
	EXPECT_EQ(0x34, ack(self));
	pin(self, 6, IRQ_PULSE);
	pin(self, 7, IRQ_PULSE);
	EXPECT_EQ(0x36, ack(self));
}

TEST_F(pic, specific_rotation)
{
	outb(self, 0x20, 0xc0 | 3);
	pin(self, 3, IRQ_PULSE);
	pin(self, 4, IRQ_PULSE);
	EXPECT_EQ(0x34, ack(self));
	outb(self, 0x20, 0xe0 | 4);
	EXPECT_EQ(0, isr(self, 0x20));
	pin(self, 4, IRQ_PULSE);
	EXPECT_EQ(0x33, ack(self));
}

TEST_F(pic, special_mask_mode)
{
	pin(self, 3, IRQ_PULSE);
	EXPECT_EQ(0x33, ack(self));
	pin(self, 6, IRQ_PULSE);
	EXPECT_FALSE(vatpic_intr(&self->v));
	outb(self, 0x21, 0x08);
	EXPECT_FALSE(vatpic_intr(&self->v));
	outb(self, 0x20, 0x68);
	EXPECT_TRUE(vatpic_intr(&self->v));
	EXPECT_EQ(0x36, ack(self));
	/* A non-specific EOI passes over the masked one. */
	outb(self, 0x20, 0x20);
	EXPECT_EQ(0x08, isr(self, 0x20));
	outb(self, 0x20, 0x48);
	outb(self, 0x21, 0);
	outb(self, 0x20, 0x20);
	EXPECT_EQ(0, isr(self, 0x20));
}

TEST_F(pic, poll_command_acknowledges)
{
	outb(self, 0x20, 0x0c);
	EXPECT_EQ(0, inb(self, 0x20));
	pin(self, 6, IRQ_PULSE);
	outb(self, 0x20, 0x0c);
	EXPECT_EQ(0x86, inb(self, 0x20));
	EXPECT_EQ(0x40, isr(self, 0x20));
	EXPECT_FALSE(vatpic_intr(&self->v));
}

TEST_F(pic, icw1_clears_modes_and_requests)
{
	init(self, 0x13);
	outb(self, 0x20, 0x80);
	outb(self, 0x20, 0x68);
	outb(self, 0x21, 0xff);
	pin(self, 3, IRQ_PULSE);
	init(self, 1);
	EXPECT_EQ(0, inb(self, 0x21));
	EXPECT_EQ(0, irr(self, 0x20));
	pin(self, 3, IRQ_PULSE);
	EXPECT_EQ(0x33, ack(self));
	EXPECT_EQ(0x08, isr(self, 0x20));
	pin(self, 6, IRQ_PULSE);
	EXPECT_FALSE(vatpic_intr(&self->v));
}

TEST_F(pic, pins_are_deaf_until_initialised)
{
	vatpic_reset(&self->v);
	pin(self, 3, IRQ_PULSE);
	EXPECT_FALSE(vatpic_intr(&self->v));
	outb(self, 0x20, 0x11);
	outb(self, 0x21, 0x30);
	pin(self, 3, IRQ_ASSERT);
	outb(self, 0x21, 4);
	outb(self, 0x21, 1);
	EXPECT_FALSE(vatpic_intr(&self->v));
	pin(self, 3, IRQ_DEASSERT);
	pin(self, 3, IRQ_ASSERT);
	EXPECT_EQ(0x33, ack(self));
}

TEST_F(pic, intr_drops_during_inta)
{
	unsigned int changes;

	pin(self, 3, IRQ_PULSE);
	pin(self, 1, IRQ_PULSE);
	init(self, 3);
	pin(self, 3, IRQ_PULSE);
	pin(self, 1, IRQ_PULSE);
	changes = self->sink.count[SINK_INTR];
	ack(self);
	EXPECT_EQ(changes + 2, self->sink.count[SINK_INTR]);
	EXPECT_TRUE(vatpic_intr(&self->v));
}

TEST_F(pic, an_hour_of_ticks_loses_none)
{
	for (int i = 0; i < 360000; i++) {
		pin(self, 0, IRQ_PULSE);
		if (i % 3 == 0)
			pin(self, 14, IRQ_PULSE);
		ASSERT_EQ(0x30, ack(self));
		outb(self, 0x20, 0x20);
		if (i % 3 == 0) {
			ASSERT_EQ(0x3e, ack(self));
			outb(self, 0xa0, 0x66);
			outb(self, 0x20, 0x62);
		}
		ASSERT_FALSE(vatpic_intr(&self->v));
	}
}

TEST_F(pic, copy_is_snapshot)
{
	struct vatpic copy;

	pin(self, 12, IRQ_PULSE);
	pin(self, 4, IRQ_ASSERT);
	ack(self);
	copy = self->v;
	outb(self, 0xa0, 0x20);
	outb(self, 0x20, 0x20);
	EXPECT_EQ(0x34, ack(self));

	self->v = copy;
	EXPECT_TRUE(vatpic_check(&self->v));
	EXPECT_EQ(0x04, isr(self, 0x20));
	outb(self, 0xa0, 0x20);
	outb(self, 0x20, 0x20);
	EXPECT_EQ(0x34, ack(self));
}

TEST_F(pic, check_rejects_bad_copies)
{
	struct vatpic good = self->v;

#define REJECTS(field, bad) do {		\
	struct vatpic copy = good;		\
						\
	copy.field = (bad);			\
	EXPECT_FALSE(vatpic_check(&copy));	\
} while (0)
	REJECTS(intr, 1);
	REJECTS(chip[0].lowest, 8);
	REJECTS(chip[0].base, 3);
	REJECTS(chip[1].init, 1);
	REJECTS(chip[1].init, 5);
	REJECTS(chip[0].elcr, 1);
	REJECTS(chip[1].elcr, 0x20);
	REJECTS(chip[0].flags, 0x80);
	REJECTS(chip[0].request, 1);
	good.chip[0].elcr = 0x20;
	REJECTS(chip[0].asserts[5], 1);
#undef REJECTS
}

TEST_F(pic, others_ports_and_wide_accesses_are_not_its)
{
	u64 value = 0;

	EXPECT_EQ(VDEV_UNHANDLED, vatpic_access(&self->v, 0x22, 1, false, &value,
						&self->sink.irq));
	EXPECT_EQ(VDEV_UNHANDLED, vatpic_access(&self->v, 0x20, 2, true, &value,
						&self->sink.irq));
	pin(self, 16, IRQ_ASSERT);
	pin(self, 2, IRQ_ASSERT);
	EXPECT_FALSE(vatpic_intr(&self->v));
}

/* A source that holds a line until its interrupt ends: EOI, or INTA with automatic EOI. */
TEST_F(pic, ended_lines_are_told_and_let_go)
{
	vatpic_set_trigger(&self->v, 11, true, &self->sink.irq);
	pin(self, 11, IRQ_ASSERT);
	EXPECT_EQ(0x3b, ack(self));
	EXPECT_EQ(0, self->sink.isa_ended);
	self->sink.let_go = 1 << 11;
	outb(self, 0xa0, 0x63);
	EXPECT_EQ(1 << 11, self->sink.isa_ended);
	outb(self, 0x20, 0x20);
	EXPECT_EQ(1 << 11 | 1 << 2, self->sink.isa_ended);
	EXPECT_FALSE(vatpic_intr(&self->v));
	/* An EOI of what is not in service ends nothing. */
	self->sink.isa_ended = 0;
	outb(self, 0xa0, 0x63);
	EXPECT_EQ(0, self->sink.isa_ended);
	init(self, 3);
	self->sink.let_go = 1 << 4;
	pin(self, 4, IRQ_ASSERT);
	EXPECT_EQ(0x34, ack(self));
	EXPECT_EQ(1 << 4, self->sink.isa_ended);
	EXPECT_EQ(0, self->v.chip[0].asserts[4]);
}

TEST_HARNESS_MAIN
