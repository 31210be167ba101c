// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Interrupt lines from userspace through the I/O APIC and the 8259 pair: edges,
 * levels and their EOI, masks, and the errors of the calls.
 */
#define GUEST_NAME	irqchip
#define GUEST_VCPUS	1

#include "board.h"
#include "guest_fixture.h"

#define V_IRQ	0x50
#define V_PIC	0x30
#define PIN	20

static int drive(struct guest *guest, uint32_t pin, uint32_t op)
{
	struct vmm_irq args = { .size = sizeof(args), .pin = pin, .op = op };

	return vmm_call(guest->vm, VMM_IOAPIC_IRQ, &args);
}

static int drive_isa(struct guest *guest, uint32_t pin, uint32_t ioapic_pin, uint32_t op)
{
	struct vmm_irq args = {
		.size = sizeof(args), .pin = pin, .ioapic_pin = ioapic_pin, .op = op,
	};

	return vmm_call(guest->vm, VMM_ISA_IRQ, &args);
}

static volatile uint64_t taken;

static void g_take(struct guest_frame *frame)
{
	taken++;
	lapic_eoi();
}

/* At each turn: exit, then let interrupts in and report what came. */
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

/* What the guest took during one turn. */
static int64_t turn(struct guest_cpu *cpu)
{
	int exit = guest_run(cpu);

	if (exit != VMM_EXIT_IO) {
		guest_show(cpu);
		return -exit;
	}
	return cpu->value[cpu->values - 1];
}

TEST_F(irqchip, edge)
{
	ASSERT_EQ(0, guest_start64(self->cpu, g_turns, V_IRQ));
	ASSERT_EXIT(VMM_EXIT_IO);
	EXPECT_EQ(0, turn(self->cpu));
	ASSERT_EQ(0, drive(&self->guest, PIN, VMM_IRQ_ASSERT));
	EXPECT_EQ(1, turn(self->cpu));
	EXPECT_EQ(0, turn(self->cpu))
		TH_LOG("an edge came twice");
	/* Sources are counted: the second is no edge. */
	ASSERT_EQ(0, drive(&self->guest, PIN, VMM_IRQ_ASSERT));
	EXPECT_EQ(0, turn(self->cpu));
	ASSERT_EQ(0, drive(&self->guest, PIN, VMM_IRQ_DEASSERT));
	ASSERT_EQ(0, drive(&self->guest, PIN, VMM_IRQ_DEASSERT));
	EXPECT_EQ(0, turn(self->cpu));
	ASSERT_EQ(0, drive(&self->guest, PIN, VMM_IRQ_PULSE));
	EXPECT_EQ(1, turn(self->cpu));
	/* Two before the guest looks are one. */
	ASSERT_EQ(0, drive(&self->guest, PIN, VMM_IRQ_PULSE));
	ASSERT_EQ(0, drive(&self->guest, PIN, VMM_IRQ_PULSE));
	EXPECT_EQ(1, turn(self->cpu));
}

TEST_F(irqchip, masked_edge_is_lost)
{
	ASSERT_EQ(0, guest_start64(self->cpu, g_turns, V_IRQ | IOAPIC_MASKED));
	ASSERT_EXIT(VMM_EXIT_IO);
	ASSERT_EQ(0, drive(&self->guest, PIN, VMM_IRQ_PULSE));
	EXPECT_EQ(0, turn(self->cpu));
}

static volatile uint64_t eois;

/* Takes the interrupt and asks the test to lower the line, or not. */
static void g_take_level(struct guest_frame *frame)
{
	taken++;
	g_value(ioapic_read(0x10 + 2 * PIN) & IOAPIC_IRR);
	outb(0x301, 0);
	lapic_eoi();
	eois++;
}

static void g_level(uint64_t arg)
{
	guest_handlers[V_IRQ] = g_take_level;
	lapic_on();
	ioapic_route(PIN, V_IRQ | IOAPIC_LEVEL);
	outb(0x300, 0);
	g_sti();
	asm volatile("nop\n nop");
	g_cli();
	g_value(ioapic_read(0x10 + 2 * PIN) & IOAPIC_IRR);
	g_done(taken);
}

/* A level comes again at each EOI while the line is up. */
TEST_F(irqchip, level)
{
	unsigned int i;

	ASSERT_EQ(0, guest_start64(self->cpu, g_level, 0));
	ASSERT_EXIT(VMM_EXIT_IO);
	ASSERT_EQ(0, drive(&self->guest, PIN, VMM_IRQ_ASSERT));
	for (i = 0; i < 3; i++) {
		ASSERT_EXIT(VMM_EXIT_IO);
		ASSERT_EQ(0x301, self->run->io.port);
	}
	ASSERT_EQ(0, drive(&self->guest, PIN, VMM_IRQ_DEASSERT));
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(3, self->cpu->result);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(IOAPIC_IRR, self->cpu->value[i])
			TH_LOG("no remote IRR during interrupt %u", i);
	EXPECT_EQ(0, self->cpu->value[3]);
}

static void g_mask_level(uint64_t arg)
{
	guest_handlers[V_IRQ] = g_take;
	lapic_on();
	ioapic_route(PIN, V_IRQ | IOAPIC_LEVEL | IOAPIC_MASKED);
	outb(0x300, 0);
	g_sti();
	asm volatile("nop\n nop");
	g_value(taken);
	/* Unmasked while the line is up: now. The handler's EOI calls it again. */
	guest_handlers[V_IRQ] = g_take_level;
	ioapic_route(PIN, V_IRQ | IOAPIC_LEVEL);
	asm volatile("nop\n nop");
	g_cli();
	g_done(taken);
}

TEST_F(irqchip, level_waits_for_unmasking)
{
	ASSERT_EQ(0, guest_start64(self->cpu, g_mask_level, 0));
	ASSERT_EXIT(VMM_EXIT_IO);
	ASSERT_EQ(0, drive(&self->guest, PIN, VMM_IRQ_ASSERT));
	ASSERT_EXIT(VMM_EXIT_IO);
	EXPECT_EQ(0x301, self->run->io.port);
	EXPECT_EQ(0, self->cpu->value[0]);
	ASSERT_EQ(0, drive(&self->guest, PIN, VMM_IRQ_DEASSERT));
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(1, self->cpu->result);
}

static void g_registers(uint64_t arg)
{
	uint32_t pin, wrong = 0;

	ioapic_write(0, 0x5000000);
	g_value(ioapic_read(0));
	g_value(ioapic_read(1));
	for (pin = 0; pin < VMM_IOAPIC_PINS; pin++)
		wrong += ioapic_read(0x10 + 2 * pin) != IOAPIC_MASKED;
	g_value(wrong);
	/* Delivery status and remote IRR are read-only. */
	ioapic_write(0x10 + 2 * PIN, 0xffffffff);
	g_value(ioapic_read(0x10 + 2 * PIN));
	ioapic_write(0x11 + 2 * PIN, 0xff000000);
	g_value(ioapic_read(0x11 + 2 * PIN));
	g_done(ioapic_read(0x10 + 2 * VMM_IOAPIC_PINS));
}

TEST_F(irqchip, ioapic_registers)
{
	ASSERT_GUEST(g_registers, 0);
	EXPECT_EQ(0x5000000, self->cpu->value[0]);
	EXPECT_EQ(VMM_IOAPIC_PINS - 1, self->cpu->value[1] >> 16 & 0xff);
	EXPECT_EQ(0, self->cpu->value[2]);
	EXPECT_EQ(0x1afff, self->cpu->value[3]);
	EXPECT_EQ(0xff000000, self->cpu->value[4]);
}

static void g_take_pic(struct guest_frame *frame)
{
	taken |= 1 << (frame->vector - V_PIC);
	if (frame->vector >= V_PIC + 8)
		outb(0xa0, 0x20);
	outb(0x20, 0x20);
}

/* Virtual wire: the pair's INTR through LINT0. */
static void g_pic(uint64_t arg)
{
	unsigned int i;

	for (i = 0; i < 16; i++)
		guest_handlers[V_PIC + i] = g_take_pic;
	if (arg) {
		lapic_on();
		lapic_write(LAPIC_LVT_LINT0, 0x700);
	}
	pic_init(V_PIC, 0xffff & ~(1 << 5));
	for (;;) {
		outb(0x300, 0);
		g_sti();
		asm volatile("nop\n nop\n nop\n nop");
		g_cli();
		g_value(taken);
		taken = 0;
	}
}

static void check_pic(struct __test_metadata *_metadata, struct guest_cpu *cpu)
{
	static const uint32_t lines[] = { 1, 3, 4, 7, 8, 9, 12, 15 };
	struct guest *guest = cpu->guest;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		ASSERT_EQ(0, drive_isa(guest, lines[i], VMM_NO_PIN, VMM_IRQ_ASSERT));
		EXPECT_EQ(1 << lines[i], turn(cpu));
		EXPECT_EQ(0, turn(cpu));
		ASSERT_EQ(0, drive_isa(guest, lines[i], VMM_NO_PIN, VMM_IRQ_DEASSERT));
		EXPECT_EQ(0, turn(cpu));
	}
	/* Line 5 is masked. */
	ASSERT_EQ(0, drive_isa(guest, 5, VMM_NO_PIN, VMM_IRQ_ASSERT));
	EXPECT_EQ(0, turn(cpu));
	ASSERT_EQ(0, drive_isa(guest, 5, VMM_NO_PIN, VMM_IRQ_DEASSERT));
	/* Three at once, all taken. */
	ASSERT_EQ(0, drive_isa(guest, 3, VMM_NO_PIN, VMM_IRQ_ASSERT));
	ASSERT_EQ(0, drive_isa(guest, 9, VMM_NO_PIN, VMM_IRQ_ASSERT));
	ASSERT_EQ(0, drive_isa(guest, 4, VMM_NO_PIN, VMM_IRQ_ASSERT));
	EXPECT_EQ(1 << 3 | 1 << 9 | 1 << 4, turn(cpu));
}

TEST_F(irqchip, pic_virtual_wire)
{
	ASSERT_EQ(0, guest_start64(self->cpu, g_pic, 1));
	ASSERT_EXIT(VMM_EXIT_IO);
	check_pic(_metadata, self->cpu);
}

TEST_F(irqchip, pic_level)
{
	struct vmm_isa_trigger trigger = {
		.size = sizeof(trigger), .pin = 9, .trigger = VMM_TRIGGER_LEVEL,
	};

	ASSERT_EQ(0, vmm_call(self->guest.vm, VMM_ISA_SET_IRQ_TRIGGER, &trigger));
	ASSERT_EQ(0, guest_start64(self->cpu, g_pic, 1));
	ASSERT_EXIT(VMM_EXIT_IO);
	/* A pulse is over before anybody asks. */
	ASSERT_EQ(0, drive_isa(&self->guest, 9, VMM_NO_PIN, VMM_IRQ_PULSE));
	EXPECT_EQ(0, turn(self->cpu) & 1 << 9);
	for (trigger.pin = 0; trigger.pin < 20; trigger.pin++)
		EXPECT_EQ(trigger.pin < 3 || trigger.pin == 8 || trigger.pin == 13 ||
			  trigger.pin > 15 ? -EINVAL : 0,
			  vmm_call(self->guest.vm, VMM_ISA_SET_IRQ_TRIGGER, &trigger))
			TH_LOG("pin %u", trigger.pin);
}

/* One call drives the 8259 pin and the I/O APIC pin it is wired to. */
TEST_F(irqchip, isa_line_reaches_the_ioapic)
{
	ASSERT_EQ(0, guest_start64(self->cpu, g_turns, V_IRQ));
	ASSERT_EXIT(VMM_EXIT_IO);
	ASSERT_EQ(0, drive_isa(&self->guest, 4, PIN, VMM_IRQ_PULSE));
	EXPECT_EQ(1, turn(self->cpu));
	ASSERT_EQ(0, drive_isa(&self->guest, 4, VMM_NO_PIN, VMM_IRQ_PULSE));
	EXPECT_EQ(0, turn(self->cpu));
}

TEST_F(irqchip, refused)
{
	struct vmm_msi msi = { .size = sizeof(msi), .msi_gpa = 0xfed00000, .data = 0x40 };
	struct vmm_local_irq local = { .size = sizeof(local), .vcpu = 5 };

	EXPECT_EQ(-EINVAL, drive(&self->guest, VMM_IOAPIC_PINS, VMM_IRQ_PULSE));
	EXPECT_EQ(-EINVAL, drive(&self->guest, ~0U, VMM_IRQ_PULSE));
	EXPECT_EQ(-EINVAL, drive(&self->guest, 0, 3));
	EXPECT_EQ(-EINVAL, drive_isa(&self->guest, 16, VMM_NO_PIN, VMM_IRQ_PULSE));
	EXPECT_EQ(-EINVAL, drive_isa(&self->guest, 2, VMM_NO_PIN, VMM_IRQ_PULSE))
		TH_LOG("line 2 is the cascade");
	EXPECT_EQ(-EINVAL, drive_isa(&self->guest, 4, VMM_IOAPIC_PINS, VMM_IRQ_PULSE));
	EXPECT_EQ(-EINVAL, vmm_call(self->guest.vm, VMM_LAPIC_MSI, &msi));
	msi.msi_gpa = 0x1fee00000;
	EXPECT_EQ(-EINVAL, vmm_call(self->guest.vm, VMM_LAPIC_MSI, &msi));
	EXPECT_EQ(-ENOENT, vmm_call(self->guest.vm, VMM_LAPIC_LOCAL_IRQ, &local));
	local.vcpu = 0;
	local.lvt = VMM_LVT_CMCI + 1;
	EXPECT_EQ(-EINVAL, vmm_call(self->guest.vm, VMM_LAPIC_LOCAL_IRQ, &local));
}

static void g_local(uint64_t arg)
{
	guest_handlers[V_IRQ] = g_take;
	guest_handlers[2] = g_take;
	lapic_on();
	lapic_write(0x340, V_IRQ);		/* performance counters */
	lapic_write(LAPIC_LVT_LINT1, 0x400);	/* NMI */
	lapic_write(0x330, V_IRQ | 0x10000);	/* thermal, masked */
	for (;;) {
		outb(0x300, 0);
		g_sti();
		asm volatile("nop\n nop");
		g_cli();
		g_value(taken);
		taken = 0;
	}
}

TEST_F(irqchip, local_vector_table)
{
	struct vmm_local_irq local = { .size = sizeof(local) };

	ASSERT_EQ(0, guest_start64(self->cpu, g_local, 0));
	ASSERT_EXIT(VMM_EXIT_IO);
	local.lvt = VMM_LVT_PERF;
	ASSERT_EQ(0, vmm_call(self->guest.vm, VMM_LAPIC_LOCAL_IRQ, &local));
	EXPECT_EQ(1, turn(self->cpu));
	local.lvt = VMM_LVT_LINT1;
	local.vcpu = VMM_VCPU_ALL;
	ASSERT_EQ(0, vmm_call(self->guest.vm, VMM_LAPIC_LOCAL_IRQ, &local));
	EXPECT_EQ(1, turn(self->cpu));
	EXPECT_EQ(1, *guest_at(&self->guest, &guest_counts[2]));
	local.lvt = VMM_LVT_THERMAL;
	ASSERT_EQ(0, vmm_call(self->guest.vm, VMM_LAPIC_LOCAL_IRQ, &local));
	EXPECT_EQ(0, turn(self->cpu));
}

TEST_HARNESS_MAIN
