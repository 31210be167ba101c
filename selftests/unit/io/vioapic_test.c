// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * I/O APIC: rules of the 82093AA data sheet, and of the EOI register.
 */
#include "sink.h"
#include "vioapic.h"
#include "kselftest_harness.h"

FIXTURE(ioapic) {
	struct sink sink;
	struct vioapic v;
};

typedef FIXTURE_DATA(ioapic) ioapic;

FIXTURE_SETUP(ioapic)
{
	sink_init(&self->sink);
	vioapic_reset(&self->v);
}

FIXTURE_TEARDOWN(ioapic)
{
	ASSERT_TRUE(vioapic_check(&self->v));
}

static void mmio_write(ioapic *p, u32 offset, u32 data)
{
	u64 value = data;

	vioapic_access(&p->v, offset, 4, true, &value, &p->sink.irq);
}

static u32 mmio_read(ioapic *p, u32 offset)
{
	u64 value = ~0ULL;

	vioapic_access(&p->v, offset, 4, false, &value, &p->sink.irq);
	if (value > U32_MAX)
		abort();
	return value;
}

static void reg_write(ioapic *p, u32 index, u32 data)
{
	mmio_write(p, 0, index);
	mmio_write(p, 0x10, data);
}

static u32 reg_read(ioapic *p, u32 index)
{
	mmio_write(p, 0, index);
	return mmio_read(p, 0x10);
}

static void rte(ioapic *p, unsigned int n, u64 entry)
{
	reg_write(p, 0x10 + 2 * n + 1, entry >> 32);
	reg_write(p, 0x10 + 2 * n, (u32)entry);
}

static void pin(ioapic *p, unsigned int n, enum irq_op op)
{
	vioapic_pin(&p->v, n, op, &p->sink.irq);
}

#define LEVEL		VIOAPIC_RTE_LEVEL
#define MASKED		VIOAPIC_RTE_MASKED
#define DEST(n)		((u64)(n) << 56)
#define SENT		(self->sink.count[SINK_MSG])
#define REMOTE_IRR(n)	(reg_read(self, 0x10 + 2 * (n)) >> 14 & 1)

TEST_F(ioapic, registers_after_reset)
{
	EXPECT_EQ(0, reg_read(self, 0));
	EXPECT_EQ(0x001f0020, reg_read(self, 1));
	EXPECT_EQ(0, reg_read(self, 2));
	for (int n = 0; n < 32; n++) {
		EXPECT_EQ(0x10000, reg_read(self, 0x10 + 2 * n));
		EXPECT_EQ(0, reg_read(self, 0x11 + 2 * n));
	}
	EXPECT_EQ(0, reg_read(self, 0x50));
	EXPECT_EQ(0, reg_read(self, 0xff));
}

TEST_F(ioapic, writable_bits)
{
	reg_write(self, 0, 0xffffffff);
	EXPECT_EQ(0x0f000000, reg_read(self, 0));
	EXPECT_EQ(0x0f000000, reg_read(self, 2));
	reg_write(self, 1, 0);
	EXPECT_EQ(0x001f0020, reg_read(self, 1));
	reg_write(self, 0x11, 0xffffffff);
	EXPECT_EQ(0xff000000, reg_read(self, 0x11));
	reg_write(self, 0x10, 0xffffffff);
	EXPECT_EQ(0x1afff, reg_read(self, 0x10));
}

TEST_F(ioapic, only_aligned_dwords_but_for_the_selector)
{
	u64 value = 0x13;

	vioapic_access(&self->v, 0, 1, true, &value, &self->sink.irq);
	EXPECT_EQ(0x13, mmio_read(self, 0));
	value = 0x55;
	vioapic_access(&self->v, 0x10, 1, true, &value, &self->sink.irq);
	EXPECT_EQ(0, mmio_read(self, 0x10));
	vioapic_access(&self->v, 0x10, 2, false, &value, &self->sink.irq);
	EXPECT_EQ(0, value);
	EXPECT_EQ(0, mmio_read(self, 0x20));
}

TEST_F(ioapic, edge_message_carries_the_entry)
{
	rte(self, 5, DEST(0x83) | 1 << 11 | 1 << 8 | 0x41);
	pin(self, 5, IRQ_ASSERT);
	ASSERT_EQ(1, SENT);
	EXPECT_EQ(0x83, sink_last(&self->sink)->dest);
	EXPECT_EQ(0x41, sink_last(&self->sink)->vector);
	EXPECT_EQ(LAPIC_LOWEST, sink_last(&self->sink)->delivery);
	EXPECT_TRUE(sink_last(&self->sink)->logical);
	EXPECT_FALSE(sink_last(&self->sink)->level);
	EXPECT_FALSE(sink_last(&self->sink)->x2apic);
	pin(self, 5, IRQ_ASSERT);
	EXPECT_EQ(1, SENT);
	pin(self, 5, IRQ_DEASSERT);
	pin(self, 5, IRQ_DEASSERT);
	pin(self, 5, IRQ_DEASSERT);
	pin(self, 5, IRQ_PULSE);
	EXPECT_EQ(2, SENT);
	EXPECT_FALSE(REMOTE_IRR(5));
}

TEST_F(ioapic, edge_while_masked_is_lost)
{
	rte(self, 5, MASKED | 0x41);
	pin(self, 5, IRQ_ASSERT);
	rte(self, 5, 0x41);
	EXPECT_EQ(0, SENT);
}

TEST_F(ioapic, writing_an_edge_entry_sends_nothing)
{
	rte(self, 5, 0x41);
	pin(self, 5, IRQ_ASSERT);
	EXPECT_EQ(1, SENT);
	rte(self, 5, 0x42);
	EXPECT_EQ(1, SENT);
}

TEST_F(ioapic, level_waits_for_eoi_and_repeats_while_up)
{
	rte(self, 20, LEVEL | 0x51);
	pin(self, 20, IRQ_ASSERT);
	EXPECT_EQ(1, SENT);
	EXPECT_TRUE(sink_last(&self->sink)->level);
	EXPECT_TRUE(REMOTE_IRR(20));
	pin(self, 20, IRQ_DEASSERT);
	pin(self, 20, IRQ_ASSERT);
	EXPECT_EQ(1, SENT);
	vioapic_eoi(&self->v, 0x52, &self->sink.irq);
	EXPECT_EQ(1, SENT);
	vioapic_eoi(&self->v, 0x51, &self->sink.irq);
	EXPECT_EQ(2, SENT);
	EXPECT_TRUE(REMOTE_IRR(20));
	pin(self, 20, IRQ_DEASSERT);
	vioapic_eoi(&self->v, 0x51, &self->sink.irq);
	EXPECT_EQ(2, SENT);
	EXPECT_FALSE(REMOTE_IRR(20));
}

TEST_F(ioapic, masked_level_is_sent_when_unmasked)
{
	rte(self, 20, LEVEL | MASKED | 0x51);
	pin(self, 20, IRQ_ASSERT);
	EXPECT_EQ(0, SENT);
	rte(self, 20, LEVEL | 0x51);
	EXPECT_EQ(1, SENT);
	/* Masking keeps remote IRR; EOI then sends nothing until unmasked. */
	rte(self, 20, LEVEL | MASKED | 0x51);
	vioapic_eoi(&self->v, 0x51, &self->sink.irq);
	EXPECT_EQ(1, SENT);
	rte(self, 20, LEVEL | 0x51);
	EXPECT_EQ(2, SENT);
}

TEST_F(ioapic, shared_level_pin_counts_asserts)
{
	rte(self, 20, LEVEL | 0x51);
	pin(self, 20, IRQ_ASSERT);
	pin(self, 20, IRQ_ASSERT);
	pin(self, 20, IRQ_DEASSERT);
	vioapic_eoi(&self->v, 0x51, &self->sink.irq);
	EXPECT_EQ(2, SENT);
	pin(self, 20, IRQ_DEASSERT);
	vioapic_eoi(&self->v, 0x51, &self->sink.irq);
	EXPECT_EQ(2, SENT);
}

TEST_F(ioapic, pulse_on_level_pin_is_sent_once)
{
	rte(self, 20, LEVEL | 0x51);
	pin(self, 20, IRQ_PULSE);
	EXPECT_EQ(1, SENT);
	vioapic_eoi(&self->v, 0x51, &self->sink.irq);
	EXPECT_EQ(1, SENT);
}

TEST_F(ioapic, asserts_saturate)
{
	rte(self, 20, LEVEL | 0x51);
	pin(self, 20, IRQ_ASSERT);
	self->v.asserts[20] = U32_MAX;
	pin(self, 20, IRQ_ASSERT);
	vioapic_eoi(&self->v, 0x51, &self->sink.irq);
	EXPECT_EQ(2, SENT);
}

TEST_F(ioapic, switching_to_edge_clears_remote_irr)
{
	rte(self, 20, LEVEL | 0x51);
	pin(self, 20, IRQ_ASSERT);
	rte(self, 20, MASKED | 0x51);
	EXPECT_FALSE(REMOTE_IRR(20));
	rte(self, 20, LEVEL | 0x51);
	EXPECT_EQ(2, SENT);
}

TEST_F(ioapic, eoi_register_ends_by_vector)
{
	rte(self, 20, LEVEL | 0x51);
	rte(self, 21, LEVEL | 0x51);
	pin(self, 20, IRQ_PULSE);
	pin(self, 21, IRQ_ASSERT);
	mmio_write(self, 0x40, 0x51);
	EXPECT_FALSE(REMOTE_IRR(20));
	EXPECT_EQ(3, SENT);
}

TEST_F(ioapic, level_of_other_modes_is_edge)
{
	rte(self, 0, LEVEL | LAPIC_EXTINT << 8);
	pin(self, 0, IRQ_ASSERT);
	EXPECT_EQ(1, SENT);
	EXPECT_EQ(LAPIC_EXTINT, sink_last(&self->sink)->delivery);
	EXPECT_FALSE(sink_last(&self->sink)->level);
	EXPECT_FALSE(REMOTE_IRR(0));
	rte(self, 1, LEVEL | LAPIC_NMI << 8);
	pin(self, 1, IRQ_PULSE);
	pin(self, 1, IRQ_PULSE);
	EXPECT_EQ(3, SENT);
}

TEST_F(ioapic, pins_out_of_range_are_ignored)
{
	pin(self, 32, IRQ_ASSERT);
	pin(self, ~0U, IRQ_PULSE);
	EXPECT_EQ(0, SENT);
}

TEST_F(ioapic, an_hour_of_level_interrupts_loses_none)
{
	rte(self, 20, LEVEL | 0x51);
	for (unsigned int i = 1; i <= 360000; i++) {
		pin(self, 20, IRQ_ASSERT);
		ASSERT_EQ(i, SENT);
		pin(self, 20, IRQ_DEASSERT);
		vioapic_eoi(&self->v, 0x51, &self->sink.irq);
	}
	EXPECT_EQ(360000, SENT);
}

TEST_F(ioapic, copy_is_snapshot)
{
	struct vioapic copy;

	rte(self, 20, LEVEL | 0x51);
	pin(self, 20, IRQ_ASSERT);
	mmio_write(self, 0, 0x38);
	copy = self->v;
	pin(self, 20, IRQ_DEASSERT);
	vioapic_eoi(&self->v, 0x51, &self->sink.irq);

	self->v = copy;
	EXPECT_TRUE(vioapic_check(&self->v));
	EXPECT_EQ(LEVEL | 1 << 14 | 0x51, mmio_read(self, 0x10));
	vioapic_eoi(&self->v, 0x51, &self->sink.irq);
	EXPECT_EQ(2, SENT);
}

TEST_F(ioapic, check_rejects_bad_copies)
{
	struct vioapic good;

	rte(self, 20, LEVEL | 0x51);
	good = self->v;
#define REJECTS(field, bad) do {		\
	struct vioapic copy = good;		\
						\
	copy.field = (bad);			\
	EXPECT_FALSE(vioapic_check(&copy));	\
} while (0)
	REJECTS(id, 1);
	REJECTS(rte[3], 1ULL << 17);
	REJECTS(rte[3], VIOAPIC_RTE_STATUS);
	REJECTS(rte[3], VIOAPIC_RTE_REMOTE_IRR);
	REJECTS(asserts[20], 1);
#undef REJECTS
}

/* A source that holds a pin until its interrupt ends lets go before the level is looked at. */
TEST_F(ioapic, ended_pins_are_told_and_let_go)
{
	rte(self, 5, LEVEL | 0x41);
	rte(self, 6, LEVEL | 0x41);
	rte(self, 7, LEVEL | 0x42);
	pin(self, 5, IRQ_ASSERT);
	pin(self, 6, IRQ_ASSERT);
	pin(self, 6, IRQ_ASSERT);
	pin(self, 7, IRQ_ASSERT);
	ASSERT_EQ(3, SENT);
	self->sink.let_go = 1 << 5 | 1 << 6 | 1 << 7;
	vioapic_eoi(&self->v, 0x41, &self->sink.irq);
	EXPECT_EQ(1 << 5 | 1 << 6, self->sink.ended);
	/* Pin 6 has another source; pin 7 has not ended. */
	EXPECT_EQ(4, SENT);
	EXPECT_EQ(0, REMOTE_IRR(5));
	EXPECT_EQ(1, REMOTE_IRR(6));
	EXPECT_EQ(1, self->v.asserts[7]);
	self->sink.ended = 0;
	vioapic_eoi(&self->v, 0x43, &self->sink.irq);
	EXPECT_EQ(0, self->sink.ended);
}

TEST_HARNESS_MAIN
