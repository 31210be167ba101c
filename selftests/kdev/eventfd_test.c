// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * eventfds: interrupts from them, edges and levels with resample, and guest
 * writes to them; their errors and their end.
 */
#define GUEST_NAME	eventfd
#define GUEST_VCPUS	1

#include <poll.h>
#include <sys/eventfd.h>
#include "board.h"
#include "guest_fixture.h"

#define V_IRQ		0x50
#define V_PIC		0x30
#define PIN		20
#define LINE		5
#define DOORBELL	0xd0000000ULL
#define STORM		2000

static int irqfd(struct guest *guest, uint32_t flags, int fd, int resample_fd, uint32_t kind,
		 uint32_t pin)
{
	struct vmm_irqfd args = {
		.size = sizeof(args), .flags = flags, .fd = fd, .resample_fd = resample_fd,
		.kind = kind, .pin = pin,
		.ioapic_pin = kind == VMM_IRQFD_ISA ? VMM_NO_PIN : 0,
		.msi_gpa = kind == VMM_IRQFD_MSI ? 0xfee00000 : 0,
		.msi_data = kind == VMM_IRQFD_MSI ? V_IRQ : 0,
	};

	return vmm_call(guest->vm, VMM_IRQFD, &args);
}

static int irqfd_remove(struct guest *guest, int fd)
{
	struct vmm_irqfd args = { .size = sizeof(args), .flags = VMM_IRQFD_REMOVE, .fd = fd };

	return vmm_call(guest->vm, VMM_IRQFD, &args);
}

static int ioeventfd(struct guest *guest, uint32_t flags, int fd, uint64_t gpa, uint32_t len,
		     uint64_t data)
{
	struct vmm_ioeventfd args = {
		.size = sizeof(args), .flags = flags, .fd = fd, .gpa = gpa, .len = len,
		.data = data,
	};

	return vmm_call(guest->vm, VMM_IOEVENTFD, &args);
}

static int new_event(void)
{
	return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

static void ring(int fd)
{
	uint64_t one = 1;

	if (write(fd, &one, 8) != 8)
		abort();
}

/* What the eventfd counted; waits up to @ms for the first. */
static uint64_t count(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint64_t n = 0;

	if (poll(&p, 1, ms) == 1 && read(fd, &n, 8) != 8)
		abort();
	return n;
}

static volatile uint64_t taken;

static void g_take(struct guest_frame *frame)
{
	taken++;
	lapic_eoi();
}

static void g_turns(uint64_t low)
{
	guest_handlers[V_IRQ] = g_take;
	lapic_on();
	ioapic_route(PIN, low);
	for (;;) {
		outb(0x300, 0);
		g_sti();
		asm volatile("nop\n nop");
		g_cli();
		g_value(taken);
		taken = 0;
	}
}

static int64_t turn(struct guest_cpu *cpu)
{
	int exit = guest_run(cpu);

	if (exit != VMM_EXIT_IO) {
		guest_show(cpu);
		return -exit;
	}
	return cpu->value[cpu->values - 1];
}

/* A pulse for each signal; signals not seen by a running guest are one. */
static void edges(struct __test_metadata *_metadata, struct guest *guest, uint32_t kind)
{
	struct guest_cpu *cpu = &guest->cpu[0];
	int fd = new_event();

	ASSERT_EQ(0, guest_start64(cpu, g_turns, V_IRQ));
	ASSERT_EQ(VMM_EXIT_IO, guest_run(cpu));
	ring(fd);
	ring(fd);
	EXPECT_EQ(0, turn(cpu));
	ASSERT_EQ(0, irqfd(guest, 0, fd, 0, kind, kind == VMM_IRQFD_MSI ? 0 : PIN));
	EXPECT_EQ(1, turn(cpu))
		TH_LOG("signals from before were lost");
	EXPECT_EQ(0, turn(cpu));
	ring(fd);
	EXPECT_EQ(1, turn(cpu));
	ring(fd);
	ring(fd);
	EXPECT_EQ(1, turn(cpu));
	EXPECT_EQ(0, count(fd, 0));
	EXPECT_EQ(-EEXIST, irqfd(guest, 0, fd, 0, kind, kind == VMM_IRQFD_MSI ? 0 : PIN));
	ASSERT_EQ(0, irqfd_remove(guest, fd));
	ring(fd);
	EXPECT_EQ(0, turn(cpu))
		TH_LOG("a removed irqfd injects");
	EXPECT_EQ(-ENOENT, irqfd_remove(guest, fd));
	EXPECT_EQ(1, count(fd, 0));
	close(fd);
}

TEST_F(eventfd, msi)
{
	edges(_metadata, &self->guest, VMM_IRQFD_MSI);
}

TEST_F(eventfd, pin)
{
	edges(_metadata, &self->guest, VMM_IRQFD_IOAPIC);
}

/* The line falls at the EOI, the device is told, and may raise it again. */
TEST_F(eventfd, level)
{
	int fd = new_event(), again = new_event(), other = new_event(), other_again = new_event();
	unsigned int i;

	ASSERT_EQ(0, guest_start64(self->cpu, g_turns, V_IRQ | IOAPIC_LEVEL));
	ASSERT_EXIT(VMM_EXIT_IO);
	ASSERT_EQ(0, irqfd(&self->guest, VMM_IRQFD_RESAMPLE, fd, again, VMM_IRQFD_IOAPIC, PIN));
	ASSERT_EQ(0, irqfd(&self->guest, VMM_IRQFD_RESAMPLE, other, other_again,
			   VMM_IRQFD_IOAPIC, PIN));
	for (i = 0; i < 3; i++) {
		ring(fd);
		EXPECT_EQ(0, count(again, 0));
		EXPECT_EQ(1, turn(self->cpu));
		EXPECT_EQ(1, count(again, 5000));
		/* All that share the pin are told. */
		EXPECT_EQ(1, count(other_again, 5000));
		EXPECT_EQ(0, turn(self->cpu))
			TH_LOG("the line stayed up");
	}
	/* A line that is held falls with its last irqfd, and others are told. */
	ring(fd);
	ASSERT_EQ(0, irqfd_remove(&self->guest, fd));
	EXPECT_EQ(1, count(other_again, 5000));
	EXPECT_EQ(1, turn(self->cpu));
	EXPECT_EQ(0, turn(self->cpu));
	close(fd);
	close(again);
	close(other);
	close(other_again);
}

static void g_take_pic(struct guest_frame *frame)
{
	taken++;
	outb(0x20, 0x20);
}

static void g_pic_turns(uint64_t arg)
{
	guest_handlers[V_PIC + LINE] = g_take_pic;
	pic_init(V_PIC, 1 << LINE);
	for (;;) {
		outb(0x300, 0);
		g_sti();
		asm volatile("nop\n nop");
		g_cli();
		g_value(taken);
		taken = 0;
	}
}

/* The same through the 8259 pair, line level-triggered and not. */
TEST_F(eventfd, isa_level)
{
	struct vmm_isa_trigger trigger = { .size = sizeof(trigger), .pin = LINE };
	int fd = new_event(), again = new_event();
	unsigned int i;

	ASSERT_EQ(0, guest_start64(self->cpu, g_pic_turns, 0));
	ASSERT_EXIT(VMM_EXIT_IO);
	ASSERT_EQ(0, irqfd(&self->guest, VMM_IRQFD_RESAMPLE, fd, again, VMM_IRQFD_ISA, LINE));
	for (i = 0; i < 4; i++) {
		trigger.trigger = i < 2 ? VMM_TRIGGER_LEVEL : VMM_TRIGGER_EDGE;
		ASSERT_EQ(0, vmm_call(self->guest.vm, VMM_ISA_SET_IRQ_TRIGGER, &trigger));
		ring(fd);
		EXPECT_EQ(1, turn(self->cpu));
		EXPECT_EQ(1, count(again, 5000));
		EXPECT_EQ(0, turn(self->cpu));
	}
	close(fd);
	close(again);
}

static void g_storm(uint64_t arg)
{
	guest_handlers[V_IRQ] = g_take;
	lapic_on();
	ioapic_route(PIN, V_IRQ | IOAPIC_LEVEL);
	outb(0x300, 0);
	while (taken < STORM)
		g_sti_hlt();
	g_done(taken);
}

/* Each signal is one interrupt, each interrupt one resample: counted at both ends. */
TEST_F(eventfd, level_storm)
{
	int fd = new_event(), again = new_event();
	uint64_t told = 0;
	unsigned int i;

	ASSERT_EQ(0, guest_start64(self->cpu, g_storm, 0));
	ASSERT_EXIT(VMM_EXIT_IO);
	ASSERT_EQ(0, irqfd(&self->guest, VMM_IRQFD_RESAMPLE, fd, again, VMM_IRQFD_IOAPIC, PIN));
	ASSERT_EQ(0, guest_spawn(self->cpu));
	for (i = 0; i < STORM; i++) {
		ring(fd);
		if (count(again, 10000) != 1)
			break;
		told++;
	}
	EXPECT_EQ(STORM, told);
	ASSERT_EQ(GUEST_DONE, guest_join(self->cpu));
	EXPECT_EQ(STORM, self->cpu->result);
	close(fd);
	close(again);
}

/* A closed eventfd takes its irqfd with it. */
TEST_F(eventfd, closed_ones_leave)
{
	unsigned int i;
	int fd;

	for (i = 0; i < VMM_IRQFDS_MAX + 50; i++) {
		fd = new_event();
		ASSERT_GE(fd, 0);
		ASSERT_EQ(0, irqfd(&self->guest, 0, fd, 0, VMM_IRQFD_MSI, 0))
			TH_LOG("the %uth", i);
		close(fd);
	}
}

TEST_F(eventfd, irqfd_errors)
{
	int fd = new_event();
	struct vmm_irqfd msi = {
		.size = sizeof(msi), .fd = fd, .kind = VMM_IRQFD_MSI, .msi_gpa = 0xfed00000,
	};

	EXPECT_EQ(-EINVAL, vmm_call(self->guest.vm, VMM_IRQFD, &msi));
	msi.msi_gpa = 0xfee00000;
	msi.flags = VMM_IRQFD_RESAMPLE;
	msi.resample_fd = fd;
	EXPECT_EQ(-EINVAL, vmm_call(self->guest.vm, VMM_IRQFD, &msi));
	EXPECT_EQ(-EINVAL, irqfd(&self->guest, 0, fd, 0, VMM_IRQFD_IOAPIC, VMM_IOAPIC_PINS));
	EXPECT_EQ(-EINVAL, irqfd(&self->guest, 0, fd, 0, VMM_IRQFD_ISA, 2));
	EXPECT_EQ(-EINVAL, irqfd(&self->guest, 0, fd, 0, VMM_IRQFD_ISA, 16));
	EXPECT_EQ(-EINVAL, irqfd(&self->guest, 0, fd, 0, 3, 0));
	EXPECT_EQ(-EINVAL, irqfd(&self->guest, 0, fd, fd, VMM_IRQFD_IOAPIC, PIN));
	EXPECT_EQ(-EBADF, irqfd(&self->guest, 0, -1, 0, VMM_IRQFD_IOAPIC, PIN));
	EXPECT_EQ(-EBADF, irqfd(&self->guest, VMM_IRQFD_RESAMPLE, fd, -1, VMM_IRQFD_IOAPIC, PIN));
	EXPECT_EQ(-EINVAL, irqfd(&self->guest, 0, self->guest.vm, 0, VMM_IRQFD_IOAPIC, PIN));
	EXPECT_EQ(0, irqfd(&self->guest, 0, fd, 0, VMM_IRQFD_IOAPIC, PIN));
	close(fd);
}

/* A write each of 1, 2 and 4 bytes, with a value of its own. */
static void g_ring_ports(uint64_t arg)
{
	outb(0x510, 1);
	outw(0x510, 2);
	outl(0x510, 3);
	outb(0x510, 4);
	g_done(0);
}

TEST_F(eventfd, port)
{
	const uint32_t flags = VMM_IOEVENTFD_PORT, match = flags | VMM_IOEVENTFD_MATCH;
	int byte = new_event(), dword = new_event(), any = new_event();

	ASSERT_EQ(0, ioeventfd(&self->guest, match, byte, 0x510, 1, 4));
	ASSERT_EQ(0, ioeventfd(&self->guest, flags, dword, 0x510, 4, 0));
	ASSERT_EQ(0, guest_start64(self->cpu, g_ring_ports, 0));
	ASSERT_EXIT(VMM_EXIT_IO);
	EXPECT_EQ(1, self->run->io.size);
	EXPECT_EQ(1, self->run->data[0]);
	ASSERT_EXIT(VMM_EXIT_IO);
	EXPECT_EQ(2, self->run->io.size);
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(1, count(byte, 0));
	EXPECT_EQ(1, count(dword, 0));

	EXPECT_EQ(-EEXIST, ioeventfd(&self->guest, flags, any, 0x510, 0, 0));
	EXPECT_EQ(0, ioeventfd(&self->guest, match | VMM_IOEVENTFD_REMOVE, 0, 0x510, 1, 4));
	EXPECT_EQ(-ENOENT, ioeventfd(&self->guest, match | VMM_IOEVENTFD_REMOVE, 0, 0x510, 1, 4));
	EXPECT_EQ(0, ioeventfd(&self->guest, flags | VMM_IOEVENTFD_REMOVE, 0, 0x510, 4, 0));
	ASSERT_EQ(0, ioeventfd(&self->guest, flags, any, 0x510, 0, 0));
	ASSERT_GUEST(g_ring_ports, 0);
	EXPECT_EQ(4, count(any, 0));
	EXPECT_EQ(0, count(byte, 0));
	close(byte);
	close(dword);
	close(any);
}

static void g_ring_doorbells(uint64_t arg)
{
	write32(DOORBELL, 7);
	write32(DOORBELL + 4, 7);
	*(volatile uint64_t *)(DOORBELL + 8) = 0x123456789abcdef0;
	*(volatile uint16_t *)DOORBELL = 7;
	g_value(read32(DOORBELL));
	g_done(0);
}

TEST_F(eventfd, doorbell)
{
	int all = new_event(), seven = new_event(), wide = new_event();

	ASSERT_EQ(0, ioeventfd(&self->guest, 0, all, DOORBELL, 4, 0));
	ASSERT_EQ(0, ioeventfd(&self->guest, VMM_IOEVENTFD_MATCH, seven, DOORBELL + 4, 4, 7));
	ASSERT_EQ(0, ioeventfd(&self->guest, VMM_IOEVENTFD_MATCH, wide, DOORBELL + 8, 8,
			       0x123456789abcdef0));
	ASSERT_EQ(0, guest_start64(self->cpu, g_ring_doorbells, 0));
	ASSERT_EXIT(VMM_EXIT_MMIO);
	EXPECT_EQ(2, self->run->mmio.size);
	ASSERT_EXIT(VMM_EXIT_MMIO);
	EXPECT_EQ(0, self->run->mmio.write);
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(1, count(all, 0));
	EXPECT_EQ(1, count(seven, 0));
	EXPECT_EQ(1, count(wide, 0));
	close(all);
	close(seven);
	close(wide);
}

TEST_F(eventfd, ioeventfd_errors)
{
	const uint32_t port = VMM_IOEVENTFD_PORT, match = VMM_IOEVENTFD_MATCH;
	unsigned int i;
	int fd = new_event();

	EXPECT_EQ(-EINVAL, ioeventfd(&self->guest, 0, fd, DOORBELL, 3, 0));
	EXPECT_EQ(-EINVAL, ioeventfd(&self->guest, 0, fd, DOORBELL, 4, 1));
	EXPECT_EQ(-EINVAL, ioeventfd(&self->guest, match, fd, DOORBELL, 0, 1));
	EXPECT_EQ(-EINVAL, ioeventfd(&self->guest, match, fd, DOORBELL, 1, 256));
	EXPECT_EQ(-EINVAL, ioeventfd(&self->guest, port, fd, 0x10000, 4, 0));
	EXPECT_EQ(-EINVAL, ioeventfd(&self->guest, port, fd, 0x510, 8, 0));
	EXPECT_EQ(-EBADF, ioeventfd(&self->guest, 0, -1, DOORBELL, 4, 0));
	EXPECT_EQ(-EINVAL, ioeventfd(&self->guest, 0, self->guest.vm, DOORBELL, 4, 0));
	for (i = 0; i < VMM_IOEVENTFDS_MAX; i++)
		ASSERT_EQ(0, ioeventfd(&self->guest, match, fd, DOORBELL, 4, i * 7 % 256));
	EXPECT_EQ(-ENOSPC, ioeventfd(&self->guest, match, fd, DOORBELL, 4, 1000));
	EXPECT_EQ(-EEXIST, ioeventfd(&self->guest, match, fd, DOORBELL, 4, 255));
	close(fd);
}

TEST_HARNESS_MAIN
