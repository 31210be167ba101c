// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * HLT, and everything that ends it: timers, lines, messages and NMIs; and the
 * halt that nothing can end.
 */
#define GUEST_NAME	halt
#define GUEST_VCPUS	1

#include "guest_fixture.h"

#define VECTOR		0x51
#define IOAPIC		0xfec00000ULL

static volatile uint64_t after_hlt, woken_at;

static void g_ioapic(uint32_t pin, uint32_t low)
{
	write32(IOAPIC, 0x11 + 2 * pin);
	write32(IOAPIC + 0x10, 0);
	write32(IOAPIC, 0x10 + 2 * pin);
	write32(IOAPIC + 0x10, low);
}

static void g_take(struct guest_frame *frame)
{
	woken_at = frame->rip;
	g_ioapic(21, 0x10000);		/* its line stays up */
	if (frame->vector != 2)
		lapic_eoi();
}

static void g_begin(void)
{
	lapic_on();
	guest_handlers[VECTOR] = g_take;
	guest_handlers[2] = g_take;
}

static void g_halt(void)
{
	asm volatile("lea 1f(%%rip), %%rax\n mov %%rax, %0\n sti\n hlt\n 1: cli"
		     : "=m"(after_hlt) : : "rax", "memory");
}

static void g_finish(void)
{
	g_value(guest_counts[VECTOR] + guest_counts[2]);
	g_done(woken_at == after_hlt);
}

#define EXPECT_WOKEN(n) do {					\
	EXPECT_EQ(n, self->cpu->value[0]);			\
	EXPECT_EQ(1, self->cpu->result)				\
		TH_LOG("not woken at the instruction behind HLT");	\
} while (0)

static void g_pit(uint64_t arg)
{
	g_begin();
	g_ioapic(2, VECTOR);
	outb(0x43, 0x30);		/* counter 0, both bytes, mode 0 */
	outb(0x40, 0x00);
	outb(0x40, 0x20);		/* 6.9 ms */
	g_halt();
	g_finish();
}

TEST_F(halt, pit_wakes)
{
	ASSERT_GUEST(g_pit, 0);
	EXPECT_WOKEN(1);
}

static void g_pit_pic(uint64_t arg)
{
	/* 8259 pair at 0x50; only line 0 open; LINT0 takes ExtINT. */
	static const uint8_t init[][2] = {
		{ 0x20, 0x11 }, { 0xa0, 0x11 }, { 0x21, 0x50 }, { 0xa1, 0x58 }, { 0x21, 4 },
		{ 0xa1, 2 }, { 0x21, 1 }, { 0xa1, 1 }, { 0x21, 0xfe }, { 0xa1, 0xff },
	};
	unsigned int i;

	g_begin();
	guest_handlers[0x50] = g_take;
	for (i = 0; i < ARRAY_SIZE(init); i++)
		outb(init[i][0], init[i][1]);
	lapic_write(LAPIC_LVT_LINT0, 0x700);
	outb(0x43, 0x30);
	outb(0x40, 0x00);
	outb(0x40, 0x20);
	g_halt();
	outb(0x20, 0x20);
	g_value(guest_counts[0x50]);
	g_done(woken_at == after_hlt);
}

TEST_F(halt, pit_wakes_through_the_8259)
{
	ASSERT_GUEST(g_pit_pic, 0);
	EXPECT_WOKEN(1);
}

static void g_lapic_timer(uint64_t arg)
{
	g_begin();
	lapic_write(LAPIC_TIMER_DCR, 0xb);
	lapic_write(LAPIC_LVT_TIMER, VECTOR | arg);
	lapic_write(LAPIC_TIMER_ICR, 4000000);
	g_halt();
	if (arg) {
		g_halt();
		g_halt();
	}
	g_finish();
}

TEST_F(halt, lapic_timer_wakes)
{
	ASSERT_GUEST(g_lapic_timer, 0);
	EXPECT_WOKEN(1);
}

TEST_F(halt, periodic_timer_wakes)
{
	ASSERT_GUEST(g_lapic_timer, 0x20000);
	/* One HLT may see two of them on a slow machine. */
	EXPECT_GE(self->cpu->value[0], 3);
	EXPECT_EQ(1, self->cpu->result);
}

static void g_deadline(uint64_t khz)
{
	uint64_t deadline;

	g_begin();
	lapic_write(LAPIC_LVT_TIMER, VECTOR | 0x40000);
	deadline = rdtsc() + khz * 5;
	wrmsr(0x6e0, deadline);
	g_halt();
	g_value(guest_counts[VECTOR]);
	g_value(rdtsc() >= deadline);
	g_value(rdmsr(0x6e0));
	/* One that has passed fires at once. */
	wrmsr(0x6e0, 1);
	g_halt();
	g_value(guest_counts[VECTOR]);
	g_done(woken_at == after_hlt);
}

TEST_F(halt, tsc_deadline_wakes)
{
	struct vmm_info info = { .size = sizeof(info) };

	ASSERT_EQ(0, vmm_call(self->guest.ctl, VMM_GET_INFO, &info));
	ASSERT_GUEST(g_deadline, info.tsc_khz);
	EXPECT_WOKEN(1);
	EXPECT_EQ(1, self->cpu->value[1])
		TH_LOG("woken before the deadline");
	EXPECT_EQ(0, self->cpu->value[2]);
	EXPECT_EQ(2, self->cpu->value[3]);
}

static void g_wait(uint64_t arg)
{
	g_begin();
	g_ioapic(20, VECTOR);
	g_ioapic(21, VECTOR | 0x8000);
	outb(0x300, 0);
	g_halt();
	g_finish();
}

/* What another thread, or nobody in between, does to a halted vCPU. */
enum waker { MSI, NMI, PIN, LEVEL, WAKERS };

static int wake(struct guest *guest, enum waker waker)
{
	struct vmm_msi msi = { .size = sizeof(msi), .msi_gpa = 0xfee00000, .data = VECTOR };
	struct vmm_irq irq = { .size = sizeof(irq), .pin = 20, .op = VMM_IRQ_PULSE };
	struct vmm_simple simple = { .size = sizeof(simple) };

	switch (waker) {
	case MSI:
		return vmm_call(guest->vm, VMM_LAPIC_MSI, &msi);
	case NMI:
		return vmm_call(guest->cpu[0].fd, VMM_INJECT_NMI, &simple);
	case PIN:
		return vmm_call(guest->vm, VMM_IOAPIC_IRQ, &irq);
	default:
		irq.pin = 21;
		irq.op = VMM_IRQ_ASSERT;
		return vmm_call(guest->vm, VMM_IOAPIC_IRQ, &irq);
	}
}

struct later {
	struct guest *guest;
	enum waker waker;
	int error;
};

static void *wake_later(void *arg)
{
	struct later *later = arg;

	usleep(20000);
	later->error = wake(later->guest, later->waker);
	return NULL;
}

/* Pending when HLT begins: it must not sleep. */
TEST_F(halt, woken_beforehand)
{
	struct guest guest;
	enum waker waker;

	for (waker = MSI; waker < WAKERS; waker++) {
		if (waker == NMI)
			continue;	/* it would not wait for HLT */
		ASSERT_EQ(0, guest_create(&guest, 1));
		ASSERT_EQ(0, guest_start64(&guest.cpu[0], g_wait, 0));
		ASSERT_EQ(VMM_EXIT_IO, guest_run(&guest.cpu[0]));
		ASSERT_EQ(0, wake(&guest, waker));
		ASSERT_EQ(GUEST_DONE, guest_run(&guest.cpu[0]))
			TH_LOG("waker %d", waker);
		EXPECT_EQ(1, guest.cpu[0].value[0]);
		EXPECT_EQ(1, guest.cpu[0].result);
		guest_destroy(&guest);
	}
}

TEST_F(halt, woken_while_asleep)
{
	struct later later;
	enum waker waker;
	pthread_t thread;
	struct guest guest;

	for (waker = MSI; waker < WAKERS; waker++) {
		ASSERT_EQ(0, guest_create(&guest, 1));
		ASSERT_EQ(0, guest_start64(&guest.cpu[0], g_wait, 0));
		ASSERT_EQ(VMM_EXIT_IO, guest_run(&guest.cpu[0]));
		later = (struct later) { &guest, waker, 0 };
		ASSERT_EQ(0, pthread_create(&thread, NULL, wake_later, &later));
		ASSERT_EQ(GUEST_DONE, guest_run(&guest.cpu[0]))
			TH_LOG("waker %d", waker);
		pthread_join(thread, NULL);
		EXPECT_EQ(0, later.error);
		EXPECT_GE(guest.cpu[0].value[0], 1);
		EXPECT_EQ(1, guest.cpu[0].result);
		guest_destroy(&guest);
	}
}

static void g_priority(uint64_t arg)
{
	g_begin();
	write_cr8(VECTOR >> 4);
	outb(0x300, 0);
	g_sti();
	asm volatile("nop; nop");
	g_value(guest_counts[VECTOR]);
	g_value(lapic_read(LAPIC_IRR + 0x10 * (VECTOR / 32)) >> (VECTOR % 32) & 1);
	write_cr8((VECTOR >> 4) - 1);
	asm volatile("nop; nop");
	g_value(guest_counts[VECTOR]);
	g_cli();
	g_done(0);
}

TEST_F(halt, priority_holds_back)
{
	ASSERT_EQ(0, guest_start64(self->cpu, g_priority, 0));
	ASSERT_EXIT(VMM_EXIT_IO);
	ASSERT_EQ(0, wake(&self->guest, MSI));
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(0, self->cpu->value[0]);
	EXPECT_EQ(1, self->cpu->value[1]);
	EXPECT_EQ(1, self->cpu->value[2]);
}

static void g_masked(uint64_t arg)
{
	g_begin();
	outb(0x300, 0);
	asm volatile("nop; nop");
	g_value(guest_counts[VECTOR]);
	/* STI covers one more instruction. */
	asm volatile("sti\n movl %1, %%eax\n 1: cli\n mov %%rax, %0"
		     : "=r"(after_hlt) : "m"(guest_counts[VECTOR]) : "rax", "memory");
	g_value(after_hlt & 0xffffffff);
	g_done(guest_counts[VECTOR]);
}

TEST_F(halt, interrupt_flag_holds_back)
{
	ASSERT_EQ(0, guest_start64(self->cpu, g_masked, 0));
	ASSERT_EXIT(VMM_EXIT_IO);
	ASSERT_EQ(0, wake(&self->guest, MSI));
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(0, self->cpu->value[0]);
	EXPECT_EQ(0, self->cpu->value[1]);
	EXPECT_EQ(1, self->cpu->result);
}

static void g_for_good(uint64_t arg)
{
	asm volatile("cli\n hlt");
	g_done(0);
}

TEST_F(halt, for_good)
{
	struct vmm_cpus cpus = { .size = sizeof(cpus), .which = VMM_CPUS_SUSPENDED };

	ASSERT_EQ(0, guest_start64(self->cpu, g_for_good, 0));
	ASSERT_EXIT(VMM_EXIT_SUSPENDED);
	EXPECT_EQ(VMM_SUSPEND_HALT, self->run->suspended.how);
	EXPECT_EQ(0, self->run->suspended.vcpu);
	ASSERT_EQ(0, vmm_call(self->guest.vm, VMM_GET_CPUS, &cpus));
	EXPECT_EQ(1, cpus.mask);
}

/* The second vCPU waits for a SIPI that nobody is left to send. */
TEST_F(halt, for_good_with_a_waiting_vcpu)
{
	struct guest guest;

	ASSERT_EQ(0, guest_create(&guest, 2));
	ASSERT_EQ(0, guest_spawn(&guest.cpu[1]));
	ASSERT_EQ(0, guest_start64(&guest.cpu[0], g_for_good, 0));
	ASSERT_EQ(VMM_EXIT_SUSPENDED, guest_run(&guest.cpu[0]));
	EXPECT_EQ(VMM_SUSPEND_HALT, guest.cpu[0].run->suspended.how);
	EXPECT_EQ(VMM_EXIT_SUSPENDED, guest_join(&guest.cpu[1]));
	guest_destroy(&guest);
}

TEST_HARNESS_MAIN
