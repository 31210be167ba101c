// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Local APIC: registers, priority, errors and modes, by section of the SDM's
 * chapter on the APIC. The timer and addressing have tests of their own.
 */
#include <vmm.h>
#include "vlapic_driver.h"
#include "kselftest_harness.h"

static_assert(VLAPIC_LVT_TIMER == VMM_LVT_TIMER, "ABI");
static_assert(VLAPIC_LVT_THERMAL == VMM_LVT_THERMAL, "ABI");
static_assert(VLAPIC_LVT_PERF == VMM_LVT_PERF, "ABI");
static_assert(VLAPIC_LVT_LINT0 == VMM_LVT_LINT0, "ABI");
static_assert(VLAPIC_LVT_LINT1 == VMM_LVT_LINT1, "ABI");
static_assert(VLAPIC_LVT_ERROR == VMM_LVT_ERROR, "ABI");
static_assert(VLAPIC_LVT_CMCI == VMM_LVT_CMCI, "ABI");

FIXTURE(lapic) {
	struct apic a;
};

FIXTURE_SETUP(lapic)
{
	apic_init(&self->a, 3, true);
}

FIXTURE_TEARDOWN(lapic)
{
	ASSERT_TRUE(vlapic_check(&self->a.v));
}

#define A		(&self->a)
#define COUNT(kind)	(self->a.sink.count[kind])
#define ARG(kind)	(self->a.sink.arg[kind])

static void accept(struct apic *a, u8 vector, bool level)
{
	vlapic_accept(&a->v, vector, level, &a->sink.irq);
}

static void enable(struct apic *a)
{
	wr(a, VLAPIC_SVR, 0x1ff);
}

TEST_F(lapic, state_after_power_up)
{
	EXPECT_EQ(3 << 24, rd(A, VLAPIC_ID));
	EXPECT_EQ(0x01060014, rd(A, VLAPIC_VERSION));
	EXPECT_EQ(0xff, rd(A, VLAPIC_SVR));
	EXPECT_EQ(0xffffffff, rd(A, VLAPIC_DFR));
	EXPECT_EQ(0, rd(A, VLAPIC_LDR));
	EXPECT_EQ(0, rd(A, VLAPIC_TPR));
	for (u32 offset = VLAPIC_LVT; offset <= VLAPIC_LVT_LAST; offset += 0x10)
		EXPECT_EQ(0x10000, rd(A, offset));
	EXPECT_EQ(0x10000, rd(A, VLAPIC_CMCI));
	for (u32 offset = VLAPIC_ISR; offset < VLAPIC_ESR; offset += 0x10)
		EXPECT_EQ(0, rd(A, offset));
	EXPECT_EQ(0xfee00900, base_read(A));
	EXPECT_EQ(VDEV_NEVER, vlapic_deadline(&A->v));
	EXPECT_EQ(1, A->v.route_dirty);
}

TEST_F(lapic, read_only_registers_ignore_writes)
{
	static const u32 ro[] = { VLAPIC_ID, VLAPIC_VERSION, VLAPIC_PPR, VLAPIC_APR,
				  VLAPIC_ISR, VLAPIC_TMR, VLAPIC_IRR, VLAPIC_CURRENT };

	for (unsigned int i = 0; i < ARRAY_SIZE(ro); i++) {
		u32 before = rd(A, ro[i]);

		wr(A, ro[i], ~before);
		EXPECT_EQ(before, rd(A, ro[i]));
	}
	wr(A, VLAPIC_ESR, 0);
	EXPECT_EQ(0, rd(A, VLAPIC_ESR));
}

TEST_F(lapic, writable_bits)
{
	enable(A);
	wr(A, VLAPIC_LDR, 0xffffffff);
	EXPECT_EQ(0xff000000, rd(A, VLAPIC_LDR));
	wr(A, VLAPIC_DFR, 0);
	EXPECT_EQ(0x0fffffff, rd(A, VLAPIC_DFR));
	wr(A, VLAPIC_TPR, 0xffffffff);
	EXPECT_EQ(0xff, rd(A, VLAPIC_TPR));
	wr(A, VLAPIC_ICR_HIGH, 0xffffffff);
	EXPECT_EQ(0xff000000, rd(A, VLAPIC_ICR_HIGH));
	wr(A, VLAPIC_DIVIDE, 0xffffffff);
	EXPECT_EQ(0xb, rd(A, VLAPIC_DIVIDE));
	wr(A, VLAPIC_SVR, 0xffffffff);
	EXPECT_EQ(0x13ff, rd(A, VLAPIC_SVR));
	EXPECT_EQ(0, COUNT(SINK_MSG));
	EXPECT_EQ(0, A->v.esr_pending);
}

TEST_F(lapic, local_vector_table_writable_bits)
{
	enable(A);
	wr(A, VLAPIC_LVT, 0xfffbffff);
	EXPECT_EQ(0x300ff, rd(A, VLAPIC_LVT));
	wr(A, VLAPIC_LVT + 0x10, 0xffffffff);
	EXPECT_EQ(0x107ff, rd(A, VLAPIC_LVT + 0x10));
	wr(A, VLAPIC_LVT + 0x20, 0xffffffff);
	EXPECT_EQ(0x107ff, rd(A, VLAPIC_LVT + 0x20));
	wr(A, VLAPIC_LVT + 0x30, 0xffffffff);
	EXPECT_EQ(0x1a7ff, rd(A, VLAPIC_LVT + 0x30));
	wr(A, VLAPIC_LVT + 0x40, 0xffffffff);
	EXPECT_EQ(0x1a7ff, rd(A, VLAPIC_LVT + 0x40));
	wr(A, VLAPIC_LVT + 0x50, 0xffffffff);
	EXPECT_EQ(0x100ff, rd(A, VLAPIC_LVT + 0x50));
	wr(A, VLAPIC_CMCI, 0xffffffff);
	EXPECT_EQ(0x107ff, rd(A, VLAPIC_CMCI));
}

TEST_F(lapic, software_disable_masks_the_table)
{
	wr(A, VLAPIC_LVT + 0x30, 0x700);
	EXPECT_EQ(0x10700, rd(A, VLAPIC_LVT + 0x30));
	enable(A);
	wr(A, VLAPIC_LVT + 0x30, 0x700);
	EXPECT_EQ(0x700, rd(A, VLAPIC_LVT + 0x30));
	wr(A, VLAPIC_SVR, 0xff);
	EXPECT_EQ(0x10700, rd(A, VLAPIC_LVT + 0x30));
	accept(A, 0x40, false);
	EXPECT_EQ(-1, vlapic_pending(&A->v));
}

TEST_F(lapic, software_disable_keeps_requests_held)
{
	enable(A);
	accept(A, 0x40, false);
	wr(A, VLAPIC_SVR, 0xff);
	EXPECT_EQ(0x40, vlapic_pending(&A->v));
}

TEST_F(lapic, xapic_accesses_that_are_not_aligned_dwords)
{
	u64 value = 0xaa;

	wr(A, VLAPIC_TPR, 0x5a);
	EXPECT_EQ(VDEV_HANDLED, mmio(A, VLAPIC_TPR, 1, true, &value));
	EXPECT_EQ(VDEV_HANDLED, mmio(A, VLAPIC_TPR + 4, 4, true, &value));
	EXPECT_EQ(0x5a, rd(A, VLAPIC_TPR));
	value = ~0ULL;
	mmio(A, VLAPIC_VERSION + 2, 1, false, &value);
	EXPECT_EQ(6, value);
	value = ~0ULL;
	mmio(A, VLAPIC_VERSION, 2, false, &value);
	EXPECT_EQ(0x14, value);
	value = ~0ULL;
	mmio(A, VLAPIC_VERSION + 8, 4, false, &value);
	EXPECT_EQ(0, value);
	value = ~0ULL;
	mmio(A, VLAPIC_VERSION, 8, false, &value);
	EXPECT_EQ(0x01060014, value);
}

TEST_F(lapic, task_and_processor_priority)
{
	enable(A);
	accept(A, 0x51, false);
	accept(A, 0x3f, false);
	EXPECT_EQ(0x51, vlapic_pending(&A->v));
	wr(A, VLAPIC_TPR, 0x50);
	EXPECT_EQ(0x50, rd(A, VLAPIC_PPR));
	EXPECT_EQ(-1, vlapic_pending(&A->v));
	wr(A, VLAPIC_TPR, 0x4f);
	EXPECT_EQ(0x51, vlapic_pending(&A->v));
	vlapic_ack(&A->v, 0x51);
	EXPECT_EQ(0x50, rd(A, VLAPIC_PPR));
	EXPECT_EQ(1 << 17, rd(A, VLAPIC_ISR + 0x20));
	EXPECT_EQ(0, rd(A, VLAPIC_IRR + 0x20));
	accept(A, 0x58, false);
	EXPECT_EQ(-1, vlapic_pending(&A->v));
	accept(A, 0x60, false);
	EXPECT_EQ(0x60, vlapic_pending(&A->v));
	wr(A, VLAPIC_TPR, 0x53);
	EXPECT_EQ(0x53, rd(A, VLAPIC_PPR));
}

TEST_F(lapic, cr8_is_the_task_priority_class)
{
	vlapic_set_cr8(&A->v, 0xc);
	EXPECT_EQ(0xc0, rd(A, VLAPIC_TPR));
	EXPECT_EQ(0xc0, rd(A, VLAPIC_PPR));
	wr(A, VLAPIC_TPR, 0x37);
	EXPECT_EQ(3, vlapic_get_cr8(&A->v));
}

TEST_F(lapic, eoi_ends_the_highest_and_broadcasts_level)
{
	enable(A);
	accept(A, 0x31, true);
	vlapic_ack(&A->v, 0x31);
	accept(A, 0x81, false);
	vlapic_ack(&A->v, 0x81);
	EXPECT_EQ(1 << 17, rd(A, VLAPIC_TMR + 0x10));
	wr(A, VLAPIC_EOI, 0);
	EXPECT_EQ(0, COUNT(SINK_EOI));
	EXPECT_EQ(0x30, rd(A, VLAPIC_PPR));
	wr(A, VLAPIC_EOI, 0);
	EXPECT_EQ(1, COUNT(SINK_EOI));
	EXPECT_EQ(0x31, ARG(SINK_EOI));
	EXPECT_EQ(0, rd(A, VLAPIC_PPR));
	EXPECT_FALSE(vlapic_eoi(&A->v, &A->sink.irq));
	/* The same vector as an edge clears its trigger mode. */
	accept(A, 0x31, false);
	EXPECT_EQ(0, rd(A, VLAPIC_TMR + 0x10));
}

TEST_F(lapic, eoi_broadcast_suppression)
{
	wr(A, VLAPIC_SVR, 0x11ff);
	accept(A, 0x31, true);
	vlapic_ack(&A->v, 0x31);
	wr(A, VLAPIC_EOI, 0);
	EXPECT_EQ(0, COUNT(SINK_EOI));
	EXPECT_EQ(0, rd(A, VLAPIC_PPR));
}

TEST_F(lapic, all_vectors_come_in_order)
{
	enable(A);
	for (int vector = 16; vector < 256; vector++)
		accept(A, vector, vector & 1);
	for (int vector = 255; vector >= 16; vector--) {
		ASSERT_EQ(vector, vlapic_pending(&A->v));
		vlapic_ack(&A->v, vector);
		ASSERT_EQ(vector & 0xf0, rd(A, VLAPIC_PPR));
		ASSERT_EQ(-1, vlapic_pending(&A->v));
		wr(A, VLAPIC_EOI, 0);
		ASSERT_TRUE(vlapic_check(&A->v));
	}
	EXPECT_EQ(120, COUNT(SINK_EOI));
	EXPECT_EQ(0, A->v.irr_words);
	EXPECT_EQ(0, A->v.isr_words);
}

TEST_F(lapic, nested_service)
{
	enable(A);
	for (u32 vector = 0x20; vector < 0x100; vector += 0x10) {
		accept(A, vector, false);
		ASSERT_EQ((int)vector, vlapic_pending(&A->v));
		vlapic_ack(&A->v, vector);
	}
	for (u32 vector = 0xf0; vector > 0x10; vector -= 0x10) {
		ASSERT_EQ(vector, rd(A, VLAPIC_PPR));
		ASSERT_TRUE(vlapic_eoi(&A->v, &A->sink.irq));
	}
}

TEST_F(lapic, error_status_is_latched_by_writing_it)
{
	enable(A);
	accept(A, 15, false);
	EXPECT_EQ(0, rd(A, VLAPIC_ESR));
	wr(A, VLAPIC_ESR, 0);
	EXPECT_EQ(VLAPIC_ESR_RECV_VECTOR, rd(A, VLAPIC_ESR));
	EXPECT_EQ(VLAPIC_ESR_RECV_VECTOR, rd(A, VLAPIC_ESR));
	wr(A, VLAPIC_ESR, 0xffffffff);
	EXPECT_EQ(0, rd(A, VLAPIC_ESR));
}

TEST_F(lapic, illegal_register_access)
{
	static const u32 none[] = { 0x000, 0x010, 0x040, 0x290, 0x3a0, 0x3f0, 0x400, 0xff0 };

	for (unsigned int i = 0; i < ARRAY_SIZE(none); i++) {
		wr(A, VLAPIC_ESR, 0);
		EXPECT_EQ(0, rd(A, none[i]));
		wr(A, VLAPIC_ESR, 0);
		EXPECT_EQ(VLAPIC_ESR_REGISTER, rd(A, VLAPIC_ESR));
	}
}

TEST_F(lapic, error_interrupt_fires_once_until_rearmed)
{
	enable(A);
	wr(A, VLAPIC_LVT + VLAPIC_LVT_ERROR * 0x10, 0xfe);
	accept(A, 3, false);
	EXPECT_EQ(0xfe, vlapic_pending(&A->v));
	vlapic_ack(&A->v, 0xfe);
	wr(A, VLAPIC_EOI, 0);
	accept(A, 3, false);
	rd(A, 0x000);
	EXPECT_EQ(-1, vlapic_pending(&A->v));
	wr(A, VLAPIC_ESR, 0);
	EXPECT_EQ(VLAPIC_ESR_RECV_VECTOR | VLAPIC_ESR_REGISTER, rd(A, VLAPIC_ESR));
	accept(A, 3, false);
	EXPECT_EQ(0xfe, vlapic_pending(&A->v));
}

TEST_F(lapic, error_entry_with_illegal_vector_does_not_recurse)
{
	enable(A);
	wr(A, VLAPIC_LVT + VLAPIC_LVT_ERROR * 0x10, 5);
	rd(A, 0x000);
	wr(A, VLAPIC_ESR, 0);
	EXPECT_EQ(VLAPIC_ESR_RECV_VECTOR | VLAPIC_ESR_REGISTER, rd(A, VLAPIC_ESR));
	EXPECT_EQ(-1, vlapic_pending(&A->v));
}

TEST_F(lapic, local_interrupts_by_delivery_mode)
{
	enable(A);
	vlapic_lvt_fire(&A->v, VLAPIC_LVT_PERF, &A->sink.irq);
	EXPECT_EQ(0, COUNT(SINK_LOCAL));
	wr(A, VLAPIC_LVT + VLAPIC_LVT_PERF * 0x10, LAPIC_NMI << 8);
	vlapic_lvt_fire(&A->v, VLAPIC_LVT_PERF, &A->sink.irq);
	EXPECT_EQ(1, COUNT(SINK_LOCAL));
	EXPECT_EQ(LAPIC_NMI, ARG(SINK_LOCAL));
	wr(A, VLAPIC_LVT + VLAPIC_LVT_LINT0 * 0x10, LAPIC_EXTINT << 8);
	vlapic_lvt_fire(&A->v, VLAPIC_LVT_LINT0, &A->sink.irq);
	EXPECT_EQ(LAPIC_EXTINT, ARG(SINK_LOCAL));
	wr(A, VLAPIC_CMCI, 0x77);
	vlapic_lvt_fire(&A->v, VLAPIC_LVT_CMCI, &A->sink.irq);
	EXPECT_EQ(0x77, vlapic_pending(&A->v));
	EXPECT_EQ(2, COUNT(SINK_LOCAL));
	wr(A, VLAPIC_LVT + VLAPIC_LVT_THERMAL * 0x10, LAPIC_INIT << 8 | 0x99);
	vlapic_lvt_fire(&A->v, VLAPIC_LVT_THERMAL, &A->sink.irq);
	EXPECT_EQ(0x77, vlapic_pending(&A->v));
	wr(A, VLAPIC_LVT + VLAPIC_LVT_THERMAL * 0x10, 7);
	vlapic_lvt_fire(&A->v, VLAPIC_LVT_THERMAL, &A->sink.irq);
	wr(A, VLAPIC_ESR, 0);
	EXPECT_EQ(VLAPIC_ESR_RECV_VECTOR, rd(A, VLAPIC_ESR));
	vlapic_lvt_fire(&A->v, 7, &A->sink.irq);
	vlapic_lvt_fire(&A->v, ~0U, &A->sink.irq);
}

TEST_F(lapic, disabled_apic_is_a_virtual_wire)
{
	EXPECT_TRUE(vlapic_accepts_extint(&A->v));
	vlapic_lvt_fire(&A->v, VLAPIC_LVT_LINT0, &A->sink.irq);
	EXPECT_EQ(LAPIC_EXTINT, ARG(SINK_LOCAL));
	vlapic_lvt_fire(&A->v, VLAPIC_LVT_LINT1, &A->sink.irq);
	EXPECT_EQ(LAPIC_NMI, ARG(SINK_LOCAL));
	vlapic_lvt_fire(&A->v, VLAPIC_LVT_PERF, &A->sink.irq);
	EXPECT_EQ(2, COUNT(SINK_LOCAL));

	enable(A);
	EXPECT_FALSE(vlapic_accepts_extint(&A->v));
	wr(A, VLAPIC_LVT + VLAPIC_LVT_LINT0 * 0x10, LAPIC_EXTINT << 8);
	EXPECT_TRUE(vlapic_accepts_extint(&A->v));
	wr(A, VLAPIC_LVT + VLAPIC_LVT_LINT0 * 0x10, 0x30);
	EXPECT_FALSE(vlapic_accepts_extint(&A->v));
	EXPECT_EQ(VDEV_HANDLED, base_write(A, 0xfee00000));
	EXPECT_TRUE(vlapic_accepts_extint(&A->v));

	/* Only the bootstrap processor is wired to the 8259 pair then. */
	vlapic_reset(&A->v, 1, false, 1000000);
	EXPECT_FALSE(vlapic_accepts_extint(&A->v));
	vlapic_lvt_fire(&A->v, VLAPIC_LVT_LINT0, &A->sink.irq);
	EXPECT_EQ(2, COUNT(SINK_LOCAL));
}

TEST_F(lapic, mode_transitions)
{
	/* Rows and columns: disabled, invalid, xAPIC, x2APIC. */
	static const u64 bits[] = { 0, 0x400, 0x800, 0xc00 };
	static const bool legal[4][4] = {
		{ true, false, true, false },
		{ false, false, false, false },
		{ true, false, true, true },
		{ true, false, false, true },
	};

	for (int from = 0; from < 4; from++) {
		if (from == 1)
			continue;
		for (int to = 0; to < 4; to++) {
			vlapic_reset(&A->v, 3, true, 1000000);
			if (from == 0)
				base_write(A, 0xfee00100);
			if (from == 3)
				base_write(A, 0xfee00d00);
			ASSERT_EQ(0xfee00100 | bits[from], base_read(A));
			EXPECT_EQ(legal[from][to] ? VDEV_HANDLED : VDEV_GP,
				  base_write(A, 0xfee00100 | bits[to]));
			EXPECT_EQ(0xfee00100 | bits[legal[from][to] ? to : from],
				  base_read(A));
			EXPECT_TRUE(vlapic_check(&A->v));
		}
	}
}

TEST_F(lapic, apic_base_refuses_relocation_and_keeps_bsp)
{
	EXPECT_EQ(VDEV_GP, base_write(A, 0xfec00900));
	EXPECT_EQ(VDEV_GP, base_write(A, 0xfee00901));
	EXPECT_EQ(VDEV_GP, base_write(A, 1ULL << 40 | 0xfee00900));
	EXPECT_EQ(VDEV_HANDLED, base_write(A, 0xfee00800));
	EXPECT_EQ(0xfee00900, base_read(A));
}

TEST_F(lapic, enabling_again_starts_from_power_up_state)
{
	u64 value;

	enable(A);
	accept(A, 0x44, false);
	wr(A, VLAPIC_LDR, 0x80000000);
	base_write(A, 0xfee00100);
	EXPECT_EQ(VDEV_UNHANDLED, mmio(A, VLAPIC_ID, 4, false, &value));
	base_write(A, 0xfee00900);
	EXPECT_EQ(0xff, rd(A, VLAPIC_SVR));
	EXPECT_EQ(0, rd(A, VLAPIC_LDR));
	EXPECT_EQ(-1, vlapic_pending(&A->v));
}

TEST_F(lapic, init_keeps_id_and_mode)
{
	enable(A);
	base_write(A, 0xfee00d00);
	accept(A, 0x44, false);
	vlapic_init_reset(&A->v);
	EXPECT_EQ(0xfee00d00, base_read(A));
	EXPECT_EQ(3, msr_read(A, 0x802));
	EXPECT_EQ(0xff, msr_read(A, 0x80f));
	EXPECT_EQ(8, msr_read(A, 0x80d));
	EXPECT_EQ(-1, vlapic_pending(&A->v));
}

TEST_F(lapic, x2apic_registers)
{
	u64 value = 0;

	vlapic_reset(&A->v, 0x25, false, 1000000);
	EXPECT_EQ(VDEV_GP, msr(A, 0x802, false, &value));
	base_write(A, 0xfee00c00);
	EXPECT_EQ(VDEV_UNHANDLED, mmio(A, VLAPIC_ID, 4, false, &value));
	EXPECT_EQ(0x25, msr_read(A, 0x802));
	EXPECT_EQ(2 << 16 | 1 << 5, msr_read(A, 0x80d));
	EXPECT_EQ(0x01060014, msr_read(A, 0x803));
	EXPECT_EQ(VDEV_HANDLED, msr_write(A, 0x80f, 0x1ff));
	EXPECT_EQ(VDEV_HANDLED, msr_write(A, 0x808, 0x20));
	EXPECT_EQ(0x20, msr_read(A, 0x80a));
	accept(A, 0x45, false);
	EXPECT_EQ(1 << 5, msr_read(A, 0x822));
	vlapic_ack(&A->v, 0x45);
	EXPECT_EQ(1 << 5, msr_read(A, 0x812));
	EXPECT_EQ(VDEV_HANDLED, msr_write(A, 0x80b, 0));
	EXPECT_EQ(0, msr_read(A, 0x812));
}

TEST_F(lapic, x2apic_refusals)
{
	/* No such register: neither read nor written. */
	static const u32 none[] = { 0x800, 0x801, 0x804, 0x809, 0x80c, 0x80e, 0x829,
				    0x82e, 0x831, 0x83a, 0x840, 0x8ff };
	static const u32 ro[] = { 0x802, 0x803, 0x80a, 0x80d, 0x810, 0x818, 0x827, 0x839 };
	static const u32 wo[] = { 0x80b, 0x83f };
	static const struct {
		u32 msr;
		u64 value;
	} reserved[] = {
		{ 0x808, 0x100 }, { 0x80b, 1 }, { 0x80f, 0x400 }, { 0x828, 1 },
		{ 0x830, 1 << 12 }, { 0x830, 1 << 13 }, { 0x830, 1 << 16 },
		{ 0x830, 1 << 20 }, { 0x832, 1 << 19 }, { 0x832, 1 << 8 },
		{ 0x837, 1 << 8 }, { 0x833, 1 << 15 }, { 0x838, 1ULL << 32 },
		{ 0x83e, 4 }, { 0x83f, 0x100 }, { 0x82f, 1 << 17 },
	};
	u64 value;

	base_write(A, 0xfee00d00);
	for (unsigned int i = 0; i < ARRAY_SIZE(none); i++) {
		EXPECT_EQ(VDEV_GP, msr(A, none[i], false, &value));
		EXPECT_EQ(VDEV_GP, msr_write(A, none[i], 0));
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(ro); i++) {
		EXPECT_EQ(VDEV_HANDLED, msr(A, ro[i], false, &value));
		EXPECT_EQ(VDEV_GP, msr_write(A, ro[i], 0));
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(wo); i++)
		EXPECT_EQ(VDEV_GP, msr(A, wo[i], false, &value));
	for (unsigned int i = 0; i < ARRAY_SIZE(reserved); i++)
		EXPECT_EQ(VDEV_GP, msr_write(A, reserved[i].msr, reserved[i].value));
	EXPECT_EQ(0, COUNT(SINK_MSG));
	EXPECT_EQ(0, A->v.esr_pending);
	EXPECT_EQ(VDEV_UNHANDLED, msr(A, 0x7ff, false, &value));
	EXPECT_EQ(VDEV_UNHANDLED, msr(A, 0x900, false, &value));
}

TEST_F(lapic, route_is_published_when_it_changes)
{
	struct vlapic_route route;

	A->v.route_dirty = 0;
	wr(A, VLAPIC_TPR, 0x10);
	EXPECT_EQ(0, A->v.route_dirty);
	wr(A, VLAPIC_LDR, 0x08000000);
	EXPECT_EQ(1, A->v.route_dirty);
	A->v.route_dirty = 0;
	enable(A);
	EXPECT_EQ(1, A->v.route_dirty);
	A->v.route_dirty = 0;
	base_write(A, 0xfee00d00);
	EXPECT_EQ(1, A->v.route_dirty);
	vlapic_route(&A->v, &route);
	EXPECT_EQ(3, route.apic_id);
	EXPECT_EQ(8, route.ldr);
	EXPECT_EQ(VLAPIC_X2APIC, route.mode);
	EXPECT_EQ(1, route.enabled);
}

TEST_HARNESS_MAIN
