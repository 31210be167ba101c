// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Local APIC: state that comes from outside, by the processor's APIC
 * virtualization or as a restored copy.
 */
#include "vlapic_driver.h"
#include "kselftest_harness.h"

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

static void accept(struct apic *a, u8 vector, bool level)
{
	vlapic_accept(&a->v, vector, level, &a->sink.irq);
}

static void enable(struct apic *a)
{
	wr(a, VLAPIC_SVR, 0x1ff);
}

TEST_F(lapic, resync_after_the_processor_wrote_the_page)
{
	enable(A);
	A->v.page[(VLAPIC_IRR + 0x20) / 4] = 1 << 3;
	A->v.page[(VLAPIC_ISR + 0x10) / 4] = 1 << 4;
	EXPECT_FALSE(vlapic_check(&A->v));
	vlapic_resync(&A->v);
	EXPECT_EQ(0x43, vlapic_pending(&A->v));
	EXPECT_EQ(0x20, rd(A, VLAPIC_PPR) & 0xf0);
}

/* SDM "TPR Virtualization": below which class must the processor tell us? */
TEST_F(lapic, threshold_is_the_class_that_tpr_holds_back)
{
	enable(A);
	EXPECT_EQ(0, vlapic_tpr_threshold(&A->v));
	accept(A, 0x45, false);
	EXPECT_EQ(0, vlapic_tpr_threshold(&A->v));
	A->v.page[VLAPIC_TPR / 4] = 0x3f;
	vlapic_tpr_changed(&A->v);
	EXPECT_EQ(0x3f, rd(A, VLAPIC_PPR));
	EXPECT_EQ(0, vlapic_tpr_threshold(&A->v));
	EXPECT_EQ(0x45, vlapic_pending(&A->v));
	A->v.page[VLAPIC_TPR / 4] = 0x40;
	vlapic_tpr_changed(&A->v);
	EXPECT_EQ(4, vlapic_tpr_threshold(&A->v));
	EXPECT_EQ(-1, vlapic_pending(&A->v));
	A->v.page[VLAPIC_TPR / 4] = 0xf0;
	vlapic_tpr_changed(&A->v);
	EXPECT_EQ(4, vlapic_tpr_threshold(&A->v));
	accept(A, 0xff, false);
	EXPECT_EQ(0xf, vlapic_tpr_threshold(&A->v));
	/* Held back by what is in service: EOI exits by itself. */
	A->v.page[VLAPIC_TPR / 4] = 0;
	vlapic_tpr_changed(&A->v);
	vlapic_ack(&A->v, 0xff);
	EXPECT_EQ(-1, vlapic_pending(&A->v));
	EXPECT_EQ(0, vlapic_tpr_threshold(&A->v));
}

TEST_F(lapic, copy_is_snapshot)
{
	struct vlapic copy;

	enable(A);
	accept(A, 0x44, true);
	vlapic_ack(&A->v, 0x44);
	accept(A, 0x84, false);
	copy = A->v;
	vlapic_ack(&A->v, 0x84);
	wr(A, VLAPIC_EOI, 0);
	wr(A, VLAPIC_EOI, 0);

	A->v = copy;
	EXPECT_TRUE(vlapic_check(&A->v));
	EXPECT_EQ(0x84, vlapic_pending(&A->v));
	wr(A, VLAPIC_EOI, 0);
	EXPECT_EQ(2, COUNT(SINK_EOI));
}

TEST_F(lapic, check_rejects_bad_copies)
{
	struct vlapic good;

	enable(A);
	good = A->v;
#define REJECTS(field, bad) do {		\
	struct vlapic copy = good;		\
						\
	copy.field = (bad);			\
	EXPECT_FALSE(vlapic_check(&copy));	\
} while (0)
	EXPECT_TRUE(vlapic_check(&good));
	REJECTS(apic_base, 0xfee00400);
	REJECTS(apic_base, 0xfec00800);
	REJECTS(tsc_khz, 0);
	REJECTS(irr_words, 1);
	REJECTS(isr_words, 0x80);
	REJECTS(tsc_deadline, 1);
	REJECTS(deadline_ns, 5);
	REJECTS(page[VLAPIC_TPR / 4], 0x100);
	REJECTS(page[VLAPIC_PPR / 4], 0x10);
	REJECTS(page[VLAPIC_SVR / 4], 0x2000);
	REJECTS(page[VLAPIC_IRR / 4], 1 << 20);
	REJECTS(page[VLAPIC_LVT / 4], VLAPIC_LVT_TIMER_MODE);
	REJECTS(page[VLAPIC_LVT / 4], VLAPIC_LVT_DEADLINE << 1);
	REJECTS(page[VLAPIC_DIVIDE / 4], 4);
	REJECTS(page[VLAPIC_ID / 4], 4 << 24);
	REJECTS(page[VLAPIC_VERSION / 4], 0x01060015);
	REJECTS(page[VLAPIC_DFR / 4], 0xf0000000);
	REJECTS(page[VLAPIC_LDR / 4], 1);
	REJECTS(page[VLAPIC_ESR / 4], 1);
	REJECTS(page[VLAPIC_EOI / 4], 1);
	REJECTS(page[VLAPIC_ICR_LOW / 4], 0x1000);
	REJECTS(page[VLAPIC_ICR_HIGH / 4], 1);
	REJECTS(page[VLAPIC_ISR / 4 + 1], 1);
	REJECTS(page[VLAPIC_SELF_IPI / 4], 0x40);
	REJECTS(esr_pending, 0x10);
	REJECTS(apic_base, 0xfee00d00);
	good.page[VLAPIC_IRR / 4] = 1;
	good.irr_words = 1;
	EXPECT_FALSE(vlapic_check(&good));
#undef REJECTS
}

TEST_HARNESS_MAIN
