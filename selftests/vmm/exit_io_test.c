// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Port I/O: what userspace sees of it, what it answers, and what the guest
 * makes of the answer. Ports 0x300 up belong to nobody.
 */
#define GUEST_NAME	io
#define GUEST_VCPUS	1

#include "guest_fixture.h"

#define PORT	0x300
#define LONG	3000		/* bytes: more than one exit carries */

static void g_out(uint64_t arg)
{
	outb(PORT, 0x5a);
	outw(PORT + 2, 0x1234);
	outl(0xfffc, 0x89abcdef);
	g_done(7);
}

TEST_F(io, out)
{
	static const struct vmm_exit_io want[] = {
		{ PORT, 1, 0, 1 }, { PORT + 2, 2, 0, 1 }, { 0xfffc, 4, 0, 1 },
	};
	static const uint32_t value[] = { 0x5a, 0x1234, 0x89abcdef };
	unsigned int i;

	ASSERT_EQ(0, guest_start64(self->cpu, g_out, 0));
	for (i = 0; i < 3; i++) {
		ASSERT_EXIT(VMM_EXIT_IO);
		EXPECT_EQ(0, memcmp(&self->run->io, &want[i], sizeof(want[i])))
			guest_show(self->cpu);
		EXPECT_EQ(0, memcmp(self->run->data, &value[i], want[i].size));
	}
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(7, self->cpu->result);
}

#define IN(insn, value)								\
	do {									\
		uint64_t _rax = value;						\
		asm volatile(insn : "+a"(_rax) : "d"(PORT));			\
		g_value(_rax);							\
	} while (0)

static void g_in(uint64_t arg)
{
	IN("in %%dx, %%al", 0x1111111111111111);
	IN("in %%dx, %%ax", 0x1111111111111111);
	IN("in %%dx, %%eax", 0x1111111111111111);
	IN("in $0x80, %%al", 0);
	g_done(0);
}

/* AL and AX leave the rest of RAX alone, EAX clears the upper half. */
TEST_F(io, in)
{
	static const uint64_t want[] = {
		0x11111111111111dd, 0x111111111111ccdd, 0xaabbccdd, 0xdd,
	};
	static const uint32_t size[] = { 1, 2, 4, 1 };
	unsigned int i;

	ASSERT_EQ(0, guest_start64(self->cpu, g_in, 0));
	for (i = 0; i < 4; i++) {
		ASSERT_EXIT(VMM_EXIT_IO);
		EXPECT_EQ(1, self->run->io.in);
		EXPECT_EQ(size[i], self->run->io.size);
		EXPECT_EQ(i == 3 ? 0x80 : PORT, self->run->io.port);
		/* All ones is what is there already: an empty bus. */
		EXPECT_EQ(0, memcmp(self->run->data, "\xff\xff\xff\xff", size[i]));
		memcpy(self->run->data, "\xdd\xcc\xbb\xaa", 4);
	}
	ASSERT_EXIT(GUEST_DONE);
	for (i = 0; i < 4; i++)
		EXPECT_EQ(want[i], self->cpu->value[i]);
}

static void g_in_twice(uint64_t arg)
{
	g_value(inl(PORT));
	g_value(inl(PORT));
	g_done(0);
}

/* The answer is taken at the next VMM_RUN, signal or no signal, and once. */
TEST_F(io, answered_before_a_signal)
{
	ASSERT_EQ(0, guest_start64(self->cpu, g_in_twice, 0));
	ASSERT_EXIT(VMM_EXIT_IO);
	memcpy(self->run->data, "\x01\x02\x03\x04", 4);
	self->run->immediate_exit = 1;
	EXPECT_EQ(-EINTR, vmm_run_once(self->cpu->fd));
	EXPECT_EQ(VMM_EXIT_NONE, self->run->exit);
	EXPECT_EQ(0x04030201, self->run->regs.gpr[VMM_REG_RAX]);
	memset(self->run->data, 0x99, 16);
	EXPECT_EQ(-EINTR, vmm_run_once(self->cpu->fd));
	self->run->immediate_exit = 0;
	ASSERT_EXIT(VMM_EXIT_IO);
	memcpy(self->run->data, "\x05\x06\x07\x08", 4);
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(0x04030201, self->cpu->value[0]);
	EXPECT_EQ(0x08070605, self->cpu->value[1]);
}

/* RIP points behind an instruction that has exited for I/O. */
TEST_F(io, rip_is_behind)
{
	ASSERT_EQ(0, guest_start64(self->cpu, g_in_twice, 0));
	ASSERT_EXIT(VMM_EXIT_IO);
	EXPECT_GT(self->run->inst_length, 0);
	EXPECT_LT(self->run->inst_length, 16);
	/* IN EAX, DX is one byte, EDh. */
	EXPECT_EQ(0xed, *guest_at(&self->guest, (uint8_t *)(self->run->regs.rip - 1)));
}

static uint8_t buffer[LONG + 64];

static void g_outs(uint64_t size)
{
	uint64_t count = LONG / size, source = (uintptr_t)buffer;

	if (size == 1)
		asm volatile("rep outsb" : "+c"(count), "+S"(source) : "d"(PORT) : "memory");
	else if (size == 2)
		asm volatile("rep outsw" : "+c"(count), "+S"(source) : "d"(PORT) : "memory");
	else
		asm volatile("rep outsl" : "+c"(count), "+S"(source) : "d"(PORT) : "memory");
	g_value(count);
	g_done(source - (uintptr_t)buffer);
}

TEST_F(io, outs)
{
	uint8_t seen[LONG], *source = guest_at(&self->guest, buffer);
	uint32_t size, got, n;
	int exit, i;

	for (i = 0; i < LONG; i++)
		source[i] = i * 7 + i / 256;
	for (size = 1; size <= 4; size *= 2) {
		ASSERT_EQ(0, guest_start64(self->cpu, g_outs, size));
		got = 0;
		while ((exit = guest_run(self->cpu)) == VMM_EXIT_IO) {
			ASSERT_EQ(PORT, self->run->io.port);
			ASSERT_EQ(0, self->run->io.in);
			ASSERT_EQ(size, self->run->io.size);
			n = self->run->io.count * size;
			ASSERT_LE(n, VMM_RUN_DATA_MAX);
			ASSERT_LE(got + n, LONG);
			memcpy(seen + got, self->run->data, n);
			got += n;
		}
		ASSERT_EQ(GUEST_DONE, exit);
		EXPECT_EQ(LONG, got);
		EXPECT_EQ(0, memcmp(seen, source, LONG));
		EXPECT_EQ(0, self->cpu->value[0]);
		EXPECT_EQ(LONG, self->cpu->result);
	}
}

static void g_ins(uint64_t backwards)
{
	uint64_t count = LONG / 4, target = (uintptr_t)buffer;

	if (backwards) {
		target += LONG - 4;
		asm volatile("std; rep insl; cld" : "+c"(count), "+D"(target) : "d"(PORT) : "memory");
	} else {
		asm volatile("rep insl" : "+c"(count), "+D"(target) : "d"(PORT) : "memory");
	}
	g_value(count);
	g_done(target - (uintptr_t)buffer);
}

TEST_F(io, ins)
{
	uint32_t next, i, backwards, *target = guest_at(&self->guest, (uint32_t *)buffer);
	int exit;

	for (backwards = 0; backwards < 2; backwards++) {
		memset(target, 0, LONG + 64);
		ASSERT_EQ(0, guest_start64(self->cpu, g_ins, backwards));
		next = 1;
		while ((exit = guest_run(self->cpu)) == VMM_EXIT_IO) {
			ASSERT_EQ(1, self->run->io.in);
			ASSERT_EQ(4, self->run->io.size);
			for (i = 0; i < self->run->io.count; i++, next++)
				memcpy(self->run->data + 4 * i, &next, 4);
		}
		ASSERT_EQ(GUEST_DONE, exit);
		EXPECT_EQ(LONG / 4 + 1, next);
		for (i = 0; i < LONG / 4; i++)
			if (target[i] != (backwards ? LONG / 4 - i : i + 1))
				break;
		EXPECT_EQ(LONG / 4, i);
		EXPECT_EQ(0, target[LONG / 4]);
		EXPECT_EQ(0, self->cpu->value[0]);
		EXPECT_EQ(backwards ? -4ULL : LONG, self->cpu->result);
	}
}

static void g_ins_nothing(uint64_t arg)
{
	uint64_t count = 0, target = 0;

	asm volatile("rep insl" : "+c"(count), "+D"(target) : "d"(PORT) : "memory");
	g_done(target);
}

TEST_F(io, ins_of_nothing)
{
	ASSERT_GUEST(g_ins_nothing, 0);
	EXPECT_EQ(0, self->cpu->result);
}

static void g_kernel_ports(uint64_t arg)
{
	/* Speaker gate and data read back; ELCR takes what is level-capable. */
	outb(0x61, 0);
	g_value(inb(0x61) & 3);
	outb(0x61, 3);
	g_value(inb(0x61) & 3);
	outb(0x4d0, 0xff);
	g_value(inb(0x4d0));
	/* CMOS: a byte that keeps what is written. */
	outb(0x70, 0x40);
	outb(0x71, 0xa7);
	outb(0x70, 0x40);
	g_value(inb(0x71));
	/* POST codes: what kernels write here is only meant to take time. */
	outb(0x80, 0x11);
	g_done(0);
}

TEST_F(io, kernel_devices_do_not_exit)
{
	ASSERT_GUEST(g_kernel_ports, 0);
	EXPECT_EQ(0, self->cpu->value[0]);
	EXPECT_EQ(3, self->cpu->value[1]);
	EXPECT_EQ(0xf8, self->cpu->value[2]);
	EXPECT_EQ(0xa7, self->cpu->value[3]);
}

static void g_user_port(uint64_t arg)
{
	g_done(inb(PORT));
}

/* An answer that userspace never gave: the bus was empty. */
TEST_F(io, unanswered)
{
	ASSERT_EQ(0, guest_start64(self->cpu, g_user_port, 0));
	ASSERT_EXIT(VMM_EXIT_IO);
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(0xff, self->cpu->result & 0xff);
}

TEST_HARNESS_MAIN
