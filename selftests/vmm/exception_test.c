// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Exceptions in the guest: its own, those that userspace queues, and delivery
 * that runs into memory which the host has taken away.
 */
#define GUEST_NAME	exception
#define GUEST_VCPUS	1

#include <sys/mman.h>
#include "guest_fixture.h"

#define NOWHERE		0x0000700000000000ULL	/* canonical, not mapped */

static volatile uint64_t last_vector, last_error, last_rip, last_cr2, last_rflags, traps;

static void g_note(struct guest_frame *frame)
{
	last_vector = frame->vector;
	last_error = frame->error;
	last_rip = frame->rip;
	last_cr2 = read_cr2();
	last_rflags = frame->rflags;
	traps++;
}

static void g_catch_all(void)
{
	int i;

	for (i = 0; i < 256; i++)
		guest_handlers[i] = g_note;
}

static void g_software(uint64_t arg)
{
	uint64_t begin, end;

	g_catch_all();
	asm volatile("lea 1f(%%rip), %0\n 1: int3\n 2: lea 2b(%%rip), %1" : "=&r"(begin), "=r"(end));
	g_value(last_vector);
	g_value(last_rip == end && end == begin + 1);
	asm volatile("int $0x80\n 2: lea 2b(%%rip), %0" : "=r"(end));
	g_value(last_vector);
	g_value(last_rip == end);
	g_done(traps);
}

TEST_F(exception, software)
{
	ASSERT_GUEST(g_software, 0);
	EXPECT_EQ(2, self->cpu->result);
	EXPECT_EQ(3, self->cpu->value[0]);
	EXPECT_EQ(1, self->cpu->value[1]);
	EXPECT_EQ(0x80, self->cpu->value[2]);
	EXPECT_EQ(1, self->cpu->value[3]);
}

static void g_faults(uint64_t arg)
{
	uint64_t *pd = (void *)GUEST_PD;

	g_value(G_TRY("divl %%ecx", "a"(1), "d"(0), "c"(0)));
	g_value(G_TRY("ud2"));
	g_value(G_TRY("mov (%4), %%rax", "r"(1ULL << 63)));	/* not canonical */
	g_value(guest_error);
	g_value(G_TRY("mov %%ax, %%ds", "a"(0x1000)));		/* beyond the GDT */
	g_value(guest_error);
	g_value(G_TRY("push (%4)", "r"(NOWHERE)));
	g_value(guest_error);
	g_value(read_cr2());
	g_value(G_TRY("movl %%eax, 8(%4)", "r"(NOWHERE)));
	g_value(guest_error);
	g_value(read_cr2());
	/* Read-only for the kernel too, with CR0.WP. */
	pd[GUEST_FREE >> 21] &= ~2ULL;
	write_cr3(read_cr3());
	write_cr0(read_cr0() | 0x10000);
	g_value(G_TRY("movb %%al, (%4)", "r"((uint64_t)GUEST_FREE)));
	g_value(guest_error);
	pd[GUEST_FREE >> 21] |= 2;
	write_cr3(read_cr3());
	g_value(G_TRY("movb %%al, (%4)", "r"((uint64_t)GUEST_FREE)));
	g_done(0);
}

TEST_F(exception, faults)
{
	static const uint64_t want[] = {
		G_FAULTED | 0, G_FAULTED | 6, G_FAULTED | 13, 0, G_FAULTED | 13, 0x1000,
		G_FAULTED | 14, 0, NOWHERE, G_FAULTED | 14, 2, NOWHERE + 8, G_FAULTED | 14, 3, 0,
	};
	unsigned int i;

	ASSERT_GUEST(g_faults, 0);
	for (i = 0; i < ARRAY_SIZE(want); i++)
		EXPECT_EQ(want[i], self->cpu->value[i])
			TH_LOG("value %u", i);
}

/* The same through the emulator: the device lies behind a missing page. */
static void g_emulated_faults(uint64_t arg)
{
	uint64_t *pd = (void *)GUEST_PD;

	pd[0xd0200000 >> 21] = 0;
	write_cr3(read_cr3());
	g_value(G_TRY("movl (%4), %%eax", "r"(0xd01ffffeULL)));
	g_value(guest_error);
	g_value(read_cr2());
	g_value(G_TRY("movl %%eax, (%4)", "r"(0xd01ffffeULL)));
	g_value(guest_error);
	/* INS into a page that is not there. */
	g_value(G_TRY("insb", "D"(0xd0200000ULL), "d"(0x300)));
	g_done(0);
}

TEST_F(exception, in_the_emulator)
{
	ASSERT_GUEST(g_emulated_faults, 0);
	EXPECT_EQ(G_FAULTED | 14, self->cpu->value[0]);
	EXPECT_EQ(0, self->cpu->value[1]);
	EXPECT_EQ(0xd0200000, self->cpu->value[2]);
	EXPECT_EQ(G_FAULTED | 14, self->cpu->value[3]);
	EXPECT_EQ(2, self->cpu->value[4]);
	EXPECT_EQ(G_FAULTED | 14, self->cpu->value[5]);
}

static void g_wait(uint64_t arg)
{
	g_catch_all();
	outb(0x300, 0);
	asm volatile("nop");
	g_value(traps);
	g_value(last_vector);
	g_value(last_error);
	g_value(last_cr2);
	g_value(last_rflags >> 16 & 1);
	g_done(0);
}

static int inject(int vcpu, uint32_t flags, uint32_t vector, uint32_t error, uint64_t cr2)
{
	struct vmm_exception args = {
		.size = sizeof(args), .flags = flags, .vector = vector, .error_code = error,
		.cr2 = cr2,
	};

	return vmm_call(vcpu, VMM_INJECT_EXCEPTION, &args);
}

TEST_F(exception, injected)
{
	static const struct {
		uint32_t flags, vector, error;
		uint64_t cr2;
	} rows[] = {
		{ 0, 0, 0, 0 }, { 0, 6, 0, 0 }, { VMM_EXCEPTION_ERROR, 13, 0x1230, 0 },
		{ VMM_EXCEPTION_ERROR, 14, 7, 0xdeadbeef000 }, { VMM_EXCEPTION_ERROR, 17, 0, 0 },
		{ VMM_EXCEPTION_TRAP, 7, 0, 0 }, { VMM_EXCEPTION_ERROR, 12, 0x10, 0 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		*guest_at(&self->guest, &traps) = 0;
		ASSERT_EQ(0, guest_start64(self->cpu, g_wait, 0));
		ASSERT_EXIT(VMM_EXIT_IO);
		ASSERT_EQ(0, inject(self->cpu->fd, rows[i].flags, rows[i].vector, rows[i].error,
				    rows[i].cr2));
		EXPECT_EQ(-EBUSY, inject(self->cpu->fd, 0, 6, 0, 0));
		ASSERT_EXIT(GUEST_DONE);
		EXPECT_EQ(1, self->cpu->value[0])
			TH_LOG("vector %u", rows[i].vector);
		EXPECT_EQ(rows[i].vector, self->cpu->value[1]);
		EXPECT_EQ(rows[i].error, self->cpu->value[2]);
		if (rows[i].vector == 14)
			EXPECT_EQ(rows[i].cr2, self->cpu->value[3]);
		/* RF: the restarted instruction meets no breakpoint a second time. */
		if (!(rows[i].flags & VMM_EXCEPTION_TRAP))
			EXPECT_EQ(1, self->cpu->value[4]);
	}
}

TEST_F(exception, not_to_be_injected)
{
	int fd = self->cpu->fd;

	EXPECT_EQ(-EINVAL, inject(fd, 0, 32, 0, 0));
	EXPECT_EQ(-EINVAL, inject(fd, 0, ~0U, 0, 0));
	EXPECT_EQ(-EINVAL, inject(fd, VMM_EXCEPTION_ERROR, 8, 0, 0));
	EXPECT_EQ(-EINVAL, inject(fd, 0, 2, 0, 0));
	EXPECT_EQ(-EINVAL, inject(fd, 0, 3, 0, 0));
	EXPECT_EQ(-EINVAL, inject(fd, 0, 4, 0, 0));
	EXPECT_EQ(-EINVAL, inject(fd, 0, 6, 1, 0));
	EXPECT_EQ(-EINVAL, inject(fd, VMM_EXCEPTION_ERROR, 13, 0, 1));
}

static void g_nmi(uint64_t arg)
{
	g_catch_all();
	outb(0x300, 0);
	asm volatile("nop");
	g_value(guest_counts[2]);
	outb(0x300, 0);
	asm volatile("nop");
	g_value(guest_counts[2]);
	g_done(last_vector);
}

static int nmi(int vcpu)
{
	struct vmm_simple args = { .size = sizeof(args) };

	return vmm_call(vcpu, VMM_INJECT_NMI, &args);
}

/* NMIs do not queue: two before the next entry are one. IF does not matter. */
TEST_F(exception, nmi)
{
	ASSERT_EQ(0, guest_start64(self->cpu, g_nmi, 0));
	ASSERT_EXIT(VMM_EXIT_IO);
	ASSERT_EQ(0, nmi(self->cpu->fd));
	ASSERT_EQ(0, nmi(self->cpu->fd));
	ASSERT_EXIT(VMM_EXIT_IO);
	EXPECT_EQ(1, self->cpu->value[0]);
	ASSERT_EQ(0, nmi(self->cpu->fd));
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(2, self->cpu->value[1]);
	EXPECT_EQ(2, self->cpu->result);
}

static void g_in_nmi(struct guest_frame *frame)
{
	g_value(100 + guest_counts[2]);
	outb(0x300, 0);
}

static void g_nested_nmi(uint64_t arg)
{
	guest_handlers[2] = g_in_nmi;
	outb(0x300, 0);
	asm volatile("nop");
	g_done(guest_counts[2]);
}

/* An NMI during the handler of another waits for its IRET. */
TEST_F(exception, nmi_blocks_nmi)
{
	struct vmm_regs regs;

	ASSERT_EQ(0, guest_start64(self->cpu, g_nested_nmi, 0));
	ASSERT_EXIT(VMM_EXIT_IO);
	ASSERT_EQ(0, nmi(self->cpu->fd));
	ASSERT_EXIT(VMM_EXIT_IO);
	EXPECT_EQ(8, self->run->regs.interruptibility & 8);
	ASSERT_EQ(0, nmi(self->cpu->fd));
	ASSERT_EQ(0, vmm_get_regs(self->cpu->fd, VMM_REGS_EVENT, &regs));
	EXPECT_EQ(1, regs.nmi_pending);
	ASSERT_EXIT(VMM_EXIT_IO);
	EXPECT_EQ(101, self->cpu->value[0]);
	EXPECT_EQ(102, self->cpu->value[1]);
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(2, self->cpu->result);
}

static void g_skip_ud(struct guest_frame *frame)
{
	g_note(frame);
	frame->rip += 2;
}

static void g_int_often(uint64_t arg)
{
	uint64_t i;

	g_catch_all();
	guest_handlers[6] = g_skip_ud;
	for (i = 0; i < arg; i++) {
		outb(0x300, 0);
		if (i & 1)
			asm volatile("int $0x81");
		else
			asm volatile("ud2");
		if (last_vector != (i & 1 ? 0x81 : 6))
			g_value(i);
	}
	g_done(traps);
}

/*
 * Before each event the host takes away the pages that its delivery needs: IDT,
 * stack, GDT, page tables. The event must be delivered once, after all.
 */
TEST_F(exception, delivery_without_pages)
{
	const unsigned int turns = 40;
	unsigned int i;

	ASSERT_EQ(0, guest_start64(self->cpu, g_int_often, turns));
	for (i = 0; i < turns; i++) {
		ASSERT_EXIT(VMM_EXIT_IO);
		ASSERT_EQ(0, mprotect(self->guest.mem, GUEST_SCRATCH, PROT_NONE));
		ASSERT_EQ(0, mprotect(self->guest.mem, GUEST_SCRATCH, PROT_READ | PROT_WRITE));
	}
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(turns, self->cpu->result);
	EXPECT_EQ(0, self->cpu->values);
}

TEST_HARNESS_MAIN
