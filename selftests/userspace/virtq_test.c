// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The split ring: what a driver may do, and each rule that it can break.
 */
#include "kselftest_harness.h"
#include "virtio_driver.h"

#define SIZE	16

FIXTURE(ring) {
	struct vmm_ram ram;
	struct virtq q;
	struct driver_ring driver;
	struct virtq_chain chain;
};

typedef FIXTURE_DATA(ring) ring_data;

static void set_up(ring_data *self, bool event_idx)
{
	virtq_reset(&self->q, 256);
	self->q.size = SIZE;
	self->q.desc_gpa = 0x1000;
	self->q.avail_gpa = 0x2000;
	self->q.used_gpa = 0x3000;
	if (!virtq_enable(&self->q, &self->ram, event_idx))
		abort();
	self->driver = (struct driver_ring){
		.desc = vmm_ram_hva(&self->ram, 0x1000, 1),
		.avail = vmm_ram_hva(&self->ram, 0x2000, 1),
		.used = vmm_ram_hva(&self->ram, 0x3000, 1),
		.size = SIZE,
	};
}

FIXTURE_SETUP(ring)
{
	memset(self, 0, sizeof(*self));
	ASSERT_EQ(0, vmm_ram_create(&self->ram, 1 << 20));
	set_up(self, false);
}

FIXTURE_TEARDOWN(ring)
{
	vmm_ram_destroy(&self->ram);
}

TEST_F(ring, empty_ring_gives_nothing)
{
	EXPECT_EQ(0, virtq_pop(&self->q, &self->chain));
	EXPECT_EQ(0, virtq_waiting(&self->q));
}

TEST_F(ring, chain_comes_out_as_it_went_in)
{
	uint16_t head = driver_desc(&self->driver, 0x8000, 16, VRING_DESC_F_NEXT);

	driver_desc(&self->driver, 0x9000, 512, VRING_DESC_F_NEXT | VRING_DESC_F_WRITE);
	driver_desc(&self->driver, 0xa000, 1, VRING_DESC_F_WRITE);
	driver_offer(&self->driver, head);
	ASSERT_EQ(1, virtq_pop(&self->q, &self->chain));
	EXPECT_EQ(head, self->chain.head);
	EXPECT_EQ(1, self->chain.out);
	EXPECT_EQ(2, self->chain.in);
	EXPECT_EQ(16, self->chain.out_len);
	EXPECT_EQ(513, self->chain.in_len);
	EXPECT_EQ((void *)(self->ram.hva + 0x9000), self->chain.iov[1].iov_base);
	EXPECT_EQ(0, virtq_pop(&self->q, &self->chain));

	virtq_push(&self->q, head, 513);
	EXPECT_EQ(1, self->driver.used[1]);
	EXPECT_EQ(head, self->driver.used[2]);
	EXPECT_EQ(513, self->driver.used[4]);
}

TEST_F(ring, indirect_table_is_followed)
{
	struct vring_desc table[2] = {
		{ 0x8000, 8, VRING_DESC_F_NEXT, 1 }, { 0x9000, 8, VRING_DESC_F_WRITE, 0 },
	};

	memcpy(vmm_ram_hva(&self->ram, 0x7000, sizeof(table)), table, sizeof(table));
	driver_offer(&self->driver,
		     driver_desc(&self->driver, 0x7000, sizeof(table), VRING_DESC_F_INDIRECT));
	ASSERT_EQ(1, virtq_pop(&self->q, &self->chain));
	EXPECT_EQ(1, self->chain.out);
	EXPECT_EQ(1, self->chain.in);
}

TEST_F(ring, indirect_table_may_end_a_chain)
{
	struct vring_desc table = { 0x9000, 8, VRING_DESC_F_WRITE, 0 };
	uint16_t head = driver_desc(&self->driver, 0x8000, 8, VRING_DESC_F_NEXT);

	memcpy(vmm_ram_hva(&self->ram, 0x7000, sizeof(table)), &table, sizeof(table));
	driver_desc(&self->driver, 0x7000, sizeof(table), VRING_DESC_F_INDIRECT);
	driver_offer(&self->driver, head);
	ASSERT_EQ(1, virtq_pop(&self->q, &self->chain));
	EXPECT_EQ(1, self->chain.out);
	EXPECT_EQ(1, self->chain.in);
}

TEST_F(ring, indices_wrap)
{
	for (unsigned int i = 0; i < 70000; i++) {
		uint16_t head = driver_desc(&self->driver, 0x8000, 8, 0);

		driver_offer(&self->driver, head);
		ASSERT_EQ(1, virtq_pop(&self->q, &self->chain));
		ASSERT_EQ(head, self->chain.head);
		virtq_push(&self->q, head, 0);
		ASSERT_EQ((uint16_t)(i + 1), self->driver.used[1]);
	}
}

TEST_F(ring, request_given_back_comes_again)
{
	driver_offer(&self->driver, driver_desc(&self->driver, 0x8000, 8, 0));
	ASSERT_EQ(1, virtq_pop(&self->q, &self->chain));
	virtq_unpop(&self->q);
	EXPECT_EQ(1, virtq_waiting(&self->q));
	EXPECT_EQ(1, virtq_pop(&self->q, &self->chain));
}

/* --- broken drivers ---------------------------------------------------------------- */

#define EXPECT_FAULT(words) do {						\
	EXPECT_EQ(-1, virtq_pop(&self->q, &self->chain));			\
	ASSERT_NE(NULL, self->q.fault);						\
	EXPECT_NE(NULL, strstr(self->q.fault, words));				\
	EXPECT_EQ(-1, virtq_pop(&self->q, &self->chain));			\
	EXPECT_EQ(0, virtq_waiting(&self->q));					\
} while (0)

TEST_F(ring, loop_ends)
{
	uint16_t head = driver_desc(&self->driver, 0x8000, 8, VRING_DESC_F_NEXT);

	self->driver.desc[head].next = head;
	driver_offer(&self->driver, head);
	EXPECT_FAULT("without end");
}

TEST_F(ring, loop_of_two_ends)
{
	uint16_t head = driver_desc(&self->driver, 0x8000, 8, VRING_DESC_F_NEXT);
	uint16_t other = driver_desc(&self->driver, 0x8000, 0, VRING_DESC_F_NEXT);

	self->driver.desc[other].next = head;
	driver_offer(&self->driver, head);
	EXPECT_FAULT("without end");
}

TEST_F(ring, head_beyond_the_table)
{
	driver_offer(&self->driver, SIZE);
	EXPECT_FAULT("beyond the table");
}

TEST_F(ring, next_beyond_the_table)
{
	uint16_t head = driver_desc(&self->driver, 0x8000, 8, VRING_DESC_F_NEXT);

	self->driver.desc[head].next = SIZE;
	driver_offer(&self->driver, head);
	EXPECT_FAULT("beyond the table");
}

TEST_F(ring, more_than_the_ring_holds)
{
	self->driver.avail[1] = SIZE + 1;
	EXPECT_FAULT("more requests");
}

TEST_F(ring, read_behind_write)
{
	uint16_t head = driver_desc(&self->driver, 0x8000, 8,
				    VRING_DESC_F_NEXT | VRING_DESC_F_WRITE);

	driver_desc(&self->driver, 0x9000, 8, 0);
	driver_offer(&self->driver, head);
	EXPECT_FAULT("behind");
}

TEST_F(ring, buffer_outside_of_memory)
{
	driver_offer(&self->driver, driver_desc(&self->driver, 1 << 20, 1, 0));
	EXPECT_FAULT("outside of memory");
}

TEST_F(ring, buffer_that_leaves_memory)
{
	driver_offer(&self->driver, driver_desc(&self->driver, (1 << 20) - 8, 16, 0));
	EXPECT_FAULT("outside of memory");
}

TEST_F(ring, buffer_that_wraps_round)
{
	driver_offer(&self->driver, driver_desc(&self->driver, -8ULL, 16, 0));
	EXPECT_FAULT("outside of memory");
}

TEST_F(ring, indirect_in_indirect)
{
	struct vring_desc table = { 0x7000, 16, VRING_DESC_F_INDIRECT, 0 };

	memcpy(vmm_ram_hva(&self->ram, 0x7000, sizeof(table)), &table, sizeof(table));
	driver_offer(&self->driver,
		     driver_desc(&self->driver, 0x7000, sizeof(table), VRING_DESC_F_INDIRECT));
	EXPECT_FAULT("in an indirect");
}

TEST_F(ring, indirect_that_goes_on)
{
	driver_offer(&self->driver, driver_desc(&self->driver, 0x7000, 16,
						VRING_DESC_F_INDIRECT | VRING_DESC_F_NEXT));
	EXPECT_FAULT("goes on");
}

TEST_F(ring, indirect_of_impossible_length)
{
	static const uint32_t lengths[] = { 0, 8, 24, 16 * (VIRTQ_SIZE_MAX + 1), 0xfffffff0 };

	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		set_up(self, false);
		self->driver.avail[1] = 0;
		driver_offer(&self->driver, driver_desc(&self->driver, 0x7000, lengths[i],
							VRING_DESC_F_INDIRECT));
		EXPECT_FAULT("impossible length");
	}
}

TEST_F(ring, indirect_outside_of_memory)
{
	driver_offer(&self->driver,
		     driver_desc(&self->driver, 1 << 20, 16, VRING_DESC_F_INDIRECT));
	EXPECT_FAULT("table outside");
}

TEST_F(ring, misplaced_areas_are_refused)
{
	static const struct { uint64_t desc, avail, used; uint16_t size; bool ok; } cases[] = {
		{ 0x1000, 0x2000, 0x3000, 16, true },
		{ 0x1008, 0x2000, 0x3000, 16, false },
		{ 0x1000, 0x2001, 0x3000, 16, false },
		{ 0x1000, 0x2000, 0x3002, 16, false },
		{ 0x1000, 0x2000, 0x3000, 0, false },
		{ 0x1000, 0x2000, 0x3000, 12, false },
		{ 0x1000, 0x2000, 0x3000, 512, false },
		{ 0xfff00, 0x2000, 0x3000, 32, false },
		{ 0x1000, 0xffff0, 0x3000, 16, false },
		{ 0x1000, 0x2000, 0xffff0, 16, false },
		{ 0x1000, 0x2000, -16ULL, 16, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		virtq_reset(&self->q, 256);
		self->q.desc_gpa = cases[i].desc;
		self->q.avail_gpa = cases[i].avail;
		self->q.used_gpa = cases[i].used;
		self->q.size = cases[i].size;
		EXPECT_EQ(cases[i].ok, virtq_enable(&self->q, &self->ram, false))
			TH_LOG("case %zu", i);
	}
}

/* --- interrupts and kicks ------------------------------------------------------------- */

TEST_F(ring, interrupts_follow_the_flag)
{
	EXPECT_FALSE(virtq_wants_interrupt(&self->q));
	virtq_push(&self->q, 0, 0);
	EXPECT_TRUE(virtq_wants_interrupt(&self->q));
	EXPECT_FALSE(virtq_wants_interrupt(&self->q));
	self->driver.avail[0] = VRING_AVAIL_F_NO_INTERRUPT;
	virtq_push(&self->q, 0, 0);
	EXPECT_FALSE(virtq_wants_interrupt(&self->q));
}

TEST_F(ring, interrupts_follow_the_event_index)
{
	uint16_t *used_event = &self->driver.avail[2 + SIZE];

	set_up(self, true);
	*used_event = 2;
	virtq_push(&self->q, 0, 0);
	EXPECT_FALSE(virtq_wants_interrupt(&self->q));
	virtq_push(&self->q, 0, 0);
	EXPECT_FALSE(virtq_wants_interrupt(&self->q));
	virtq_push(&self->q, 0, 0);
	EXPECT_TRUE(virtq_wants_interrupt(&self->q));
	/* Several at once count as well as one by one. */
	*used_event = 4;
	virtq_push(&self->q, 0, 0);
	virtq_push(&self->q, 0, 0);
	EXPECT_TRUE(virtq_wants_interrupt(&self->q));
}

TEST_F(ring, kicks_are_asked_for)
{
	virtq_set_kicks(&self->q, false);
	EXPECT_EQ(VRING_USED_F_NO_NOTIFY, self->driver.used[0]);
	virtq_set_kicks(&self->q, true);
	EXPECT_EQ(0, self->driver.used[0]);

	set_up(self, true);
	driver_offer(&self->driver, driver_desc(&self->driver, 0x8000, 8, 0));
	ASSERT_EQ(1, virtq_pop(&self->q, &self->chain));
	virtq_set_kicks(&self->q, true);
	EXPECT_EQ(self->q.next_avail, self->driver.used[2 + SIZE * 4]);
}

TEST_HARNESS_MAIN
