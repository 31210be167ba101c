// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Local APIC timer (SDM "APIC Timer", "TSC-Deadline Mode").
 */
#include "vlapic_driver.h"
#include "kselftest_harness.h"

#define SECOND		1000000000ULL
#define TSC_DEADLINE	0x6e0
#define VECTOR		0xec

FIXTURE(timer) {
	struct apic a;
};

FIXTURE_SETUP(timer)
{
	apic_init(&self->a, 0, true);
	wr(&self->a, VLAPIC_SVR, 0x1ff);
	wr(&self->a, VLAPIC_DIVIDE, 0xb);
	wr(&self->a, VLAPIC_LVT, VECTOR);
}

FIXTURE_TEARDOWN(timer)
{
	ASSERT_TRUE(vlapic_check(&self->a.v));
}

#define A	(&self->a)

static void expire(struct apic *a)
{
	vlapic_expire(&a->v, &a->t, &a->sink.irq);
}

/* Take and end the timer's interrupt; false: there is none. */
static bool take(struct apic *a)
{
	if (vlapic_pending(&a->v) != VECTOR)
		return false;
	vlapic_ack(&a->v, VECTOR);
	vlapic_eoi(&a->v, &a->sink.irq);
	return true;
}

/* Run @ns as the core does; returns interrupts taken. */
static unsigned int run(struct apic *a, u64 ns)
{
	u64 until = a->t.ns + ns;
	unsigned int taken = 0;

	while (vlapic_deadline(&a->v) <= until) {
		apic_pass(a, vlapic_deadline(&a->v) - a->t.ns);
		expire(a);
		if (vlapic_deadline(&a->v) <= a->t.ns)
			abort();
		taken += take(a);
	}
	apic_pass(a, until - a->t.ns);
	return taken;
}

TEST_F(timer, one_shot)
{
	wr(A, VLAPIC_INITIAL, 5000);
	EXPECT_EQ(5000, rd(A, VLAPIC_CURRENT));
	EXPECT_EQ(A->t.ns + 5000, vlapic_deadline(&A->v));
	apic_pass(A, 4999);
	expire(A);
	EXPECT_EQ(1, rd(A, VLAPIC_CURRENT));
	EXPECT_FALSE(take(A));
	apic_pass(A, 1);
	expire(A);
	EXPECT_TRUE(take(A));
	EXPECT_EQ(0, rd(A, VLAPIC_CURRENT));
	EXPECT_EQ(5000, rd(A, VLAPIC_INITIAL));
	EXPECT_EQ(0, run(A, SECOND));
}

TEST_F(timer, writing_zero_stops)
{
	wr(A, VLAPIC_INITIAL, 5000);
	wr(A, VLAPIC_INITIAL, 0);
	EXPECT_EQ(VDEV_NEVER, vlapic_deadline(&A->v));
	EXPECT_EQ(0, rd(A, VLAPIC_CURRENT));
	EXPECT_EQ(0, run(A, SECOND));
}

TEST_F(timer, divide_configurations)
{
	static const struct {
		u32 divide, by;
	} row[] = {
		{ 0x0, 2 }, { 0x1, 4 }, { 0x2, 8 }, { 0x3, 16 },
		{ 0x8, 32 }, { 0x9, 64 }, { 0xa, 128 }, { 0xb, 1 },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(row); i++) {
		wr(A, VLAPIC_DIVIDE, row[i].divide);
		wr(A, VLAPIC_INITIAL, 1000);
		EXPECT_EQ(A->t.ns + 1000 * row[i].by, vlapic_deadline(&A->v));
		apic_pass(A, 400 * row[i].by);
		EXPECT_EQ(600, rd(A, VLAPIC_CURRENT));
		apic_pass(A, row[i].by - 1);
		EXPECT_EQ(600, rd(A, VLAPIC_CURRENT));
		apic_pass(A, 1);
		EXPECT_EQ(599, rd(A, VLAPIC_CURRENT));
	}
}

TEST_F(timer, changing_the_divisor_keeps_the_count)
{
	wr(A, VLAPIC_INITIAL, 1000);
	apic_pass(A, 400);
	wr(A, VLAPIC_DIVIDE, 0x3);
	EXPECT_EQ(600, rd(A, VLAPIC_CURRENT));
	EXPECT_EQ(A->t.ns + 600 * 16, vlapic_deadline(&A->v));
}

TEST_F(timer, an_hour_of_periodic_neither_drifts_nor_loses)
{
	u64 start = A->t.ns;

	wr(A, VLAPIC_LVT, VLAPIC_LVT_PERIODIC | VECTOR);
	wr(A, VLAPIC_INITIAL, 3999999);
	EXPECT_EQ(3600 * SECOND / 3999999, run(A, 3600 * SECOND));
	EXPECT_EQ(start + (3600 * SECOND / 3999999 + 1) * 3999999,
		  vlapic_deadline(&A->v));
}

TEST_F(timer, late_expire_keeps_phase_and_fires_once)
{
	u64 start = A->t.ns;

	wr(A, VLAPIC_LVT, VLAPIC_LVT_PERIODIC | VECTOR);
	wr(A, VLAPIC_INITIAL, 1000);
	apic_pass(A, 3600 * SECOND + 1);
	expire(A);
	EXPECT_TRUE(take(A));
	EXPECT_FALSE(take(A));
	EXPECT_EQ(start + 3600 * SECOND + 1000, vlapic_deadline(&A->v));
}

TEST_F(timer, masked_timer_counts_without_deadline)
{
	wr(A, VLAPIC_LVT, VLAPIC_LVT_MASKED | VLAPIC_LVT_PERIODIC | VECTOR);
	wr(A, VLAPIC_INITIAL, 1000);
	EXPECT_EQ(VDEV_NEVER, vlapic_deadline(&A->v));
	apic_pass(A, 10300);
	EXPECT_EQ(700, rd(A, VLAPIC_CURRENT));
	wr(A, VLAPIC_LVT, VLAPIC_LVT_PERIODIC | VECTOR);
	EXPECT_FALSE(take(A));
	EXPECT_EQ(A->t.ns + 700, vlapic_deadline(&A->v));
}

TEST_F(timer, event_due_before_masking_is_delivered)
{
	wr(A, VLAPIC_INITIAL, 1000);
	apic_pass(A, 1000);
	wr(A, VLAPIC_LVT, VLAPIC_LVT_MASKED | VECTOR);
	EXPECT_TRUE(take(A));
}

TEST_F(timer, one_shot_turned_periodic_goes_on)
{
	wr(A, VLAPIC_INITIAL, 1000);
	apic_pass(A, 600);
	wr(A, VLAPIC_LVT, VLAPIC_LVT_PERIODIC | VECTOR);
	EXPECT_EQ(400, rd(A, VLAPIC_CURRENT));
	EXPECT_EQ(3, run(A, 2400));
}

TEST_F(timer, tsc_deadline_mode)
{
	wr(A, VLAPIC_LVT, VLAPIC_LVT_DEADLINE | VECTOR);
	msr_write(A, TSC_DEADLINE, A->t.tsc + 7777);
	EXPECT_EQ(A->t.tsc + 7777, msr_read(A, TSC_DEADLINE));
	EXPECT_GE(vlapic_deadline(&A->v), A->t.ns + 7777);
	EXPECT_LE(vlapic_deadline(&A->v), A->t.ns + 7779);
	wr(A, VLAPIC_INITIAL, 5);
	EXPECT_EQ(0, rd(A, VLAPIC_INITIAL));
	EXPECT_EQ(0, rd(A, VLAPIC_CURRENT));
	EXPECT_EQ(1, run(A, 7780));
	EXPECT_EQ(0, msr_read(A, TSC_DEADLINE));
	EXPECT_EQ(VDEV_NEVER, vlapic_deadline(&A->v));
}

TEST_F(timer, past_deadline_fires_at_once_and_zero_disarms)
{
	wr(A, VLAPIC_LVT, VLAPIC_LVT_DEADLINE | VECTOR);
	msr_write(A, TSC_DEADLINE, A->t.tsc);
	EXPECT_TRUE(take(A));
	EXPECT_EQ(0, msr_read(A, TSC_DEADLINE));
	msr_write(A, TSC_DEADLINE, A->t.tsc + 100);
	msr_write(A, TSC_DEADLINE, 0);
	EXPECT_EQ(VDEV_NEVER, vlapic_deadline(&A->v));
	EXPECT_EQ(0, run(A, SECOND));
}

TEST_F(timer, deadline_register_is_dead_in_other_modes)
{
	msr_write(A, TSC_DEADLINE, A->t.tsc + 100);
	EXPECT_EQ(0, msr_read(A, TSC_DEADLINE));
	EXPECT_EQ(VDEV_NEVER, vlapic_deadline(&A->v));
}

TEST_F(timer, changing_to_or_from_deadline_mode_disarms)
{
	wr(A, VLAPIC_INITIAL, 1000);
	wr(A, VLAPIC_LVT, VLAPIC_LVT_DEADLINE | VECTOR);
	EXPECT_EQ(VDEV_NEVER, vlapic_deadline(&A->v));
	msr_write(A, TSC_DEADLINE, A->t.tsc + 1000);
	wr(A, VLAPIC_LVT, VLAPIC_LVT_PERIODIC | VECTOR);
	EXPECT_EQ(VDEV_NEVER, vlapic_deadline(&A->v));
	wr(A, VLAPIC_LVT, VLAPIC_LVT_DEADLINE | VECTOR);
	EXPECT_EQ(0, msr_read(A, TSC_DEADLINE));
}

TEST_F(timer, reserved_mode_is_not_taken)
{
	wr(A, VLAPIC_LVT, VLAPIC_LVT_PERIODIC | VECTOR);
	wr(A, VLAPIC_LVT, VLAPIC_LVT_TIMER_MODE | 0x55);
	EXPECT_EQ(VLAPIC_LVT_PERIODIC | 0x55, rd(A, VLAPIC_LVT));
}

TEST_F(timer, deadline_is_never_early_by_the_guest_tsc)
{
	static const u32 khz[] = { 1, 999, 20000, 1193182, 2399987, 4294967295U };

	for (unsigned int i = 0; i < ARRAY_SIZE(khz); i++) {
		u64 tsc0 = 123456789, deadline, steps = 0;

		vlapic_reset(&A->v, 0, true, khz[i]);
		wr(A, VLAPIC_SVR, 0x1ff);
		wr(A, VLAPIC_LVT, VLAPIC_LVT_DEADLINE | VECTOR);
		A->t = (struct vlapic_time) { .ns = 777, .tsc = tsc0 };
		deadline = tsc0 + khz[i] * 3ULL + 1;
		msr_write(A, TSC_DEADLINE, deadline);
		while (vlapic_deadline(&A->v) != VDEV_NEVER) {
			ASSERT_GT(vlapic_deadline(&A->v), A->t.ns);
			ASSERT_LT(steps++, 3);
			A->t.ns = vlapic_deadline(&A->v);
			A->t.tsc = tsc0 + mul_u64_u64_div_u64(A->t.ns - 777, khz[i], 1000000);
			EXPECT_FALSE(take(A));
			expire(A);
		}
		EXPECT_GE(A->t.tsc, deadline);
		EXPECT_TRUE(take(A));
	}
}

TEST_F(timer, deadline_farther_than_time)
{
	vlapic_reset(&A->v, 0, true, 1);
	wr(A, VLAPIC_SVR, 0x1ff);
	wr(A, VLAPIC_LVT, VLAPIC_LVT_DEADLINE | VECTOR);
	msr_write(A, TSC_DEADLINE, ~0ULL);
	EXPECT_NE(VDEV_NEVER, vlapic_deadline(&A->v));
	A->t.ns = BIT_ULL(62);
	expire(A);
	EXPECT_GT(vlapic_deadline(&A->v), A->t.ns);
	EXPECT_EQ(~0ULL, msr_read(A, TSC_DEADLINE));
}

TEST_F(timer, written_tsc_moves_the_deadline)
{
	wr(A, VLAPIC_LVT, VLAPIC_LVT_DEADLINE | VECTOR);
	msr_write(A, TSC_DEADLINE, A->t.tsc + SECOND);
	EXPECT_EQ(A->t.ns + SECOND, vlapic_deadline(&A->v));
	A->t.tsc += SECOND - 1000;
	vlapic_tsc_changed(&A->v, &A->t);
	EXPECT_LE(vlapic_deadline(&A->v), A->t.ns + 1002);
	A->t.tsc += 2000;
	vlapic_tsc_changed(&A->v, &A->t);
	expire(A);
	EXPECT_TRUE(take(A));
}

TEST_F(timer, software_disable_silences_and_enable_resumes)
{
	wr(A, VLAPIC_LVT, VLAPIC_LVT_PERIODIC | VECTOR);
	wr(A, VLAPIC_INITIAL, 1000);
	wr(A, VLAPIC_SVR, 0xff);
	EXPECT_EQ(0, run(A, 10500));
	wr(A, VLAPIC_SVR, 0x1ff);
	wr(A, VLAPIC_LVT, VLAPIC_LVT_PERIODIC | VECTOR);
	EXPECT_EQ(10, run(A, 10000));
}

TEST_F(timer, counts_at_the_end_of_time)
{
	A->t.ns = BIT_ULL(62);
	wr(A, VLAPIC_DIVIDE, 0xa);
	wr(A, VLAPIC_LVT, VLAPIC_LVT_PERIODIC | VECTOR);
	wr(A, VLAPIC_INITIAL, ~0U);
	EXPECT_EQ(BIT_ULL(62) + 128ULL * ~0U, vlapic_deadline(&A->v));
	EXPECT_EQ(~0U, rd(A, VLAPIC_CURRENT));
	EXPECT_EQ(2, run(A, 256ULL * ~0U));
}

TEST_F(timer, copy_is_snapshot)
{
	struct vlapic copy;
	struct vlapic_time then;

	wr(A, VLAPIC_LVT, VLAPIC_LVT_PERIODIC | VECTOR);
	wr(A, VLAPIC_INITIAL, 12345);
	run(A, 100000);
	copy = A->v;
	then = A->t;
	EXPECT_EQ(81, run(A, 1000000));

	A->v = copy;
	A->t = then;
	EXPECT_TRUE(vlapic_check(&A->v));
	EXPECT_EQ(81, run(A, 1000000));
}

TEST_HARNESS_MAIN
