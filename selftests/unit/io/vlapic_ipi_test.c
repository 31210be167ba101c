// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Interprocessor interrupts, destinations, arbitration, MSI (SDM "Issuing
 * Interprocessor Interrupts", "Determining IPI Destination", "Message Signalled
 * Interrupts").
 */
#include "vlapic_driver.h"
#include "kselftest_harness.h"

FIXTURE(ipi) {
	struct apic a;
};

FIXTURE_SETUP(ipi)
{
	apic_init(&self->a, 3, true);
	wr(&self->a, VLAPIC_SVR, 0x1ff);
}

FIXTURE_TEARDOWN(ipi)
{
	ASSERT_TRUE(vlapic_check(&self->a.v));
}

#define A	(&self->a)
#define SENT	(self->a.sink.count[SINK_MSG])
#define LAST	sink_last(&self->a.sink)

static u32 esr(struct apic *a)
{
	wr(a, VLAPIC_ESR, 0);
	return rd(a, VLAPIC_ESR);
}

TEST_F(ipi, icr_becomes_a_message)
{
	wr(A, VLAPIC_ICR_HIGH, 0x05000000);
	EXPECT_EQ(0, SENT);
	wr(A, VLAPIC_ICR_LOW, 0x4041);
	ASSERT_EQ(1, SENT);
	EXPECT_EQ(5, LAST->dest);
	EXPECT_EQ(0x41, LAST->vector);
	EXPECT_EQ(LAPIC_FIXED, LAST->delivery);
	EXPECT_EQ(LAPIC_DEST, LAST->shorthand);
	EXPECT_FALSE(LAST->logical);
	EXPECT_FALSE(LAST->level);
	EXPECT_FALSE(LAST->x2apic);
	wr(A, VLAPIC_ICR_LOW, 0x8c841);
	EXPECT_TRUE(LAST->logical);
	EXPECT_EQ(LAPIC_ALL, LAST->shorthand);
	EXPECT_FALSE(LAST->level);
	EXPECT_EQ(0x8c841, rd(A, VLAPIC_ICR_LOW));
	wr(A, VLAPIC_ICR_LOW, 0xfff3f041);
	EXPECT_EQ(0xc041, rd(A, VLAPIC_ICR_LOW));
}

TEST_F(ipi, valid_combinations)
{
	/* Columns: destination, self, all, others. */
	static const bool valid[8][4] = {
		[LAPIC_FIXED]	= { true, true, true, true },
		[LAPIC_LOWEST]	= { true, false, false, true },
		[LAPIC_SMI]	= { true, false, false, true },
		[LAPIC_NMI]	= { true, false, false, true },
		[LAPIC_INIT]	= { true, false, false, true },
		[LAPIC_SIPI]	= { true, false, false, true },
	};

	for (u32 mode = 0; mode < 8; mode++) {
		for (u32 shorthand = 0; shorthand < 4; shorthand++) {
			unsigned int before = SENT;

			wr(A, VLAPIC_ICR_LOW, shorthand << 18 | 1 << 14 | mode << 8 | 0x40);
			EXPECT_EQ(before + valid[mode][shorthand], SENT);
			if (valid[mode][shorthand]) {
				EXPECT_EQ(mode, LAST->delivery);
				EXPECT_EQ(shorthand, LAST->shorthand);
			}
		}
	}
	EXPECT_EQ(0, esr(A));
}

TEST_F(ipi, init_level_deassert_is_ignored)
{
	wr(A, VLAPIC_ICR_LOW, 0x8500);
	EXPECT_EQ(0, SENT);
	wr(A, VLAPIC_ICR_LOW, 0xc500);
	EXPECT_EQ(1, SENT);
	wr(A, VLAPIC_ICR_LOW, 0x0500);
	EXPECT_EQ(2, SENT);
}

TEST_F(ipi, illegal_vector_is_not_sent)
{
	wr(A, VLAPIC_ICR_LOW, 0x4000 | 15);
	EXPECT_EQ(0, SENT);
	EXPECT_EQ(VLAPIC_ESR_SEND_VECTOR, esr(A));
	wr(A, VLAPIC_ICR_LOW, 0x4100 | 15);
	EXPECT_EQ(0, SENT);
	EXPECT_EQ(VLAPIC_ESR_SEND_VECTOR, esr(A));
	wr(A, VLAPIC_ICR_LOW, 0x4000 | 16);
	EXPECT_EQ(1, SENT);
	/* A start-up vector is a page number: any will do. */
	wr(A, VLAPIC_ICR_LOW, 0x4600 | 1);
	EXPECT_EQ(2, SENT);
	EXPECT_EQ(0, esr(A));
}

TEST_F(ipi, x2apic_icr_is_one_register)
{
	base_write(A, 0xfee00d00);
	EXPECT_EQ(VDEV_HANDLED, msr_write(A, 0x830, 0x1234567800004041));
	EXPECT_EQ(1, SENT);
	EXPECT_EQ(0x12345678, LAST->dest);
	EXPECT_TRUE(LAST->x2apic);
	EXPECT_EQ(0x1234567800004041, msr_read(A, 0x830));
}

TEST_F(ipi, x2apic_self_ipi)
{
	base_write(A, 0xfee00d00);
	EXPECT_EQ(VDEV_HANDLED, msr_write(A, 0x83f, 0x91));
	EXPECT_EQ(1, SENT);
	EXPECT_EQ(LAPIC_SELF, LAST->shorthand);
	EXPECT_EQ(0x91, LAST->vector);
	EXPECT_EQ(VDEV_HANDLED, msr_write(A, 0x83f, 0x10));
	EXPECT_EQ(2, SENT);
	EXPECT_EQ(VDEV_HANDLED, msr_write(A, 0x83f, 0x0f));
	EXPECT_EQ(2, SENT);
	EXPECT_EQ(VDEV_HANDLED, msr_write(A, 0x828, 0));
	EXPECT_EQ(VLAPIC_ESR_SEND_VECTOR | VLAPIC_ESR_RECV_VECTOR, msr_read(A, 0x828));
}

/* --- destinations --------------------------------------------------------- */

static struct vlapic_route xapic(u32 id, u32 ldr, bool flat)
{
	return (struct vlapic_route) {
		.apic_id = id,
		.ldr = ldr << 24,
		.dfr = flat ? 0xffffffff : 0x0fffffff,
		.mode = VLAPIC_XAPIC,
		.enabled = 1,
	};
}

static struct vlapic_route x2apic(u32 id)
{
	return (struct vlapic_route) {
		.apic_id = id,
		.ldr = (id & ~0xfU) << 12 | 1U << (id & 0xf),
		.mode = VLAPIC_X2APIC,
		.enabled = 1,
	};
}

static bool reaches(struct vlapic_route route, u32 dest, bool logical, bool wide)
{
	struct lapic_msg msg = { .dest = dest, .logical = logical, .x2apic = wide };

	return vlapic_match(&route, &msg, 0);
}

TEST(shorthands_name_the_sender)
{
	for (u32 id = 0; id < 4; id++) {
		struct vlapic_route route = xapic(id, 0, true);
		struct lapic_msg msg = { .dest = 77 };

		msg.shorthand = LAPIC_SELF;
		EXPECT_EQ(id == 2, vlapic_match(&route, &msg, 2));
		msg.shorthand = LAPIC_ALL;
		EXPECT_TRUE(vlapic_match(&route, &msg, 2));
		msg.shorthand = LAPIC_OTHERS;
		EXPECT_EQ(id != 2, vlapic_match(&route, &msg, 2));
		route.mode = VLAPIC_DISABLED;
		EXPECT_FALSE(vlapic_match(&route, &msg, 2));
	}
}

TEST(physical_destination)
{
	EXPECT_TRUE(reaches(xapic(5, 0, true), 5, false, false));
	EXPECT_FALSE(reaches(xapic(5, 0, true), 4, false, false));
	EXPECT_TRUE(reaches(xapic(5, 0, true), 0xff, false, false));
	EXPECT_TRUE(reaches(x2apic(0x105), 0x105, false, true));
	EXPECT_FALSE(reaches(x2apic(0x105), 0x05, false, true));
	EXPECT_FALSE(reaches(x2apic(0x105), 0xff, false, true));
	EXPECT_TRUE(reaches(x2apic(0x105), 0xff, false, false));
	EXPECT_TRUE(reaches(x2apic(0x105), 0xffffffff, false, true));
	EXPECT_TRUE(reaches(xapic(5, 0, true), 0xffffffff, false, true));
	EXPECT_FALSE(reaches(xapic(5, 0, true), 0x105, false, true));
	EXPECT_TRUE(reaches(x2apic(7), 7, false, false));
}

TEST(logical_destination_flat)
{
	for (u32 ldr = 0; ldr < 256; ldr++)
		for (u32 dest = 0; dest < 255; dest++)
			ASSERT_EQ(!!(ldr & dest), reaches(xapic(1, ldr, true), dest, true, false));
	EXPECT_TRUE(reaches(xapic(1, 0, true), 0xff, true, false));
}

TEST(logical_destination_cluster)
{
	for (u32 ldr = 0; ldr < 256; ldr++)
		for (u32 dest = 0; dest < 255; dest++)
			ASSERT_EQ(ldr / 16 == dest / 16 && (ldr & dest & 15),
				  reaches(xapic(1, ldr, false), dest, true, false));
	EXPECT_TRUE(reaches(xapic(1, 0, false), 0xff, true, false));
}

TEST(logical_destination_x2apic)
{
	for (u32 id = 0; id < 64; id++) {
		for (u32 cluster = 0; cluster < 4; cluster++)
			for (u32 member = 0; member < 16; member++)
				ASSERT_EQ(id == cluster * 16 + member,
					  reaches(x2apic(id), cluster << 16 | 1 << member,
						  true, true));
		/* Eight bits of a device's message are the first cluster's. */
		ASSERT_EQ(id < 8, reaches(x2apic(id), 0xfe | (id == 0), true, false));
	}
	EXPECT_TRUE(reaches(x2apic(40), 0xffffffff, true, true));
}

/* --- arbitration ---------------------------------------------------------- */

TEST(lowest_priority_wins)
{
	static const u8 ppr[] = { 0x50, 0x20, 0x30, 0x20 };
	struct vlapic_contest c;

	vlapic_contest_begin(&c, 0);
	EXPECT_EQ(-1, c.winner);
	for (u32 i = 0; i < 4; i++) {
		struct vlapic_route route = xapic(i, 0, true);

		vlapic_contest_add(&c, i, &route, ppr[i]);
	}
	EXPECT_EQ(1, c.winner);
}

TEST(equals_rotate_and_the_disabled_do_not_take_part)
{
	u32 last = 0, wins[4] = { 0 };

	for (int round = 0; round < 300; round++) {
		struct vlapic_contest c;

		vlapic_contest_begin(&c, last);
		for (u32 i = 0; i < 4; i++) {
			struct vlapic_route route = xapic(i, 0, true);

			route.enabled = i != 2;
			vlapic_contest_add(&c, i, &route, 0);
		}
		ASSERT_GE(c.winner, 0);
		last = c.winner;
		wins[last]++;
	}
	EXPECT_EQ(100, wins[0]);
	EXPECT_EQ(100, wins[1]);
	EXPECT_EQ(0, wins[2]);
	EXPECT_EQ(100, wins[3]);
}

/* --- messages of devices -------------------------------------------------- */

TEST(msi_address_and_data)
{
	struct lapic_msg msg;

	EXPECT_TRUE(vlapic_msi(0xfee45000, 0x0041, &msg));
	EXPECT_EQ(0x45, msg.dest);
	EXPECT_EQ(0x41, msg.vector);
	EXPECT_EQ(LAPIC_FIXED, msg.delivery);
	EXPECT_FALSE(msg.logical);
	EXPECT_FALSE(msg.level);
	EXPECT_FALSE(msg.x2apic);
	EXPECT_EQ(LAPIC_DEST, msg.shorthand);
	EXPECT_TRUE(vlapic_msi(0xfee45004, 0xc141, &msg));
	EXPECT_TRUE(msg.logical);
	EXPECT_EQ(LAPIC_LOWEST, msg.delivery);
	EXPECT_FALSE(msg.level);
	/* The redirection hint asks for one of those addressed. */
	EXPECT_TRUE(vlapic_msi(0xfee0f00c, 0x41, &msg));
	EXPECT_EQ(LAPIC_LOWEST, msg.delivery);
	EXPECT_TRUE(vlapic_msi(0xfee0f00c, 0x400, &msg));
	EXPECT_EQ(LAPIC_NMI, msg.delivery);
}

TEST(msi_refusals)
{
	struct lapic_msg msg;

	EXPECT_FALSE(vlapic_msi(0xfed00000, 0x41, &msg));
	EXPECT_FALSE(vlapic_msi(0xfef00000, 0x41, &msg));
	EXPECT_FALSE(vlapic_msi(0x1fee00000, 0x41, &msg));
	EXPECT_FALSE(vlapic_msi(0xfee00000, 0x341, &msg));
	EXPECT_FALSE(vlapic_msi(0xfee00000, 0x641, &msg));
	EXPECT_TRUE(vlapic_msi(0xfee00000, 0x741, &msg));
	EXPECT_EQ(LAPIC_EXTINT, msg.delivery);
}

TEST_HARNESS_MAIN
