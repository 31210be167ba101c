// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Run control: stopping and letting go single vCPUs, the sets of VMM_GET_CPUS,
 * reset in place, and both in a storm.
 */
#define GUEST_NAME	runctl
#define GUEST_VCPUS	2

#include <signal.h>
#include "guest_fixture.h"

#define V_KICK		0x60
#define CYCLES		1000

static int simple(int fd, unsigned long request)
{
	struct vmm_simple args = { .size = sizeof(args) };

	return vmm_call(fd, request, &args);
}

static uint64_t cpus(struct guest *guest, uint32_t which)
{
	struct vmm_cpus args = { .size = sizeof(args), .which = which };

	return vmm_call(guest->vm, VMM_GET_CPUS, &args) ? ~0ULL : args.mask;
}

static bool becomes(struct guest *guest, uint32_t which, uint64_t mask)
{
	uint64_t end = now_ms() + 10000;

	while (cpus(guest, which) != mask && now_ms() < end)
		usleep(1000);
	return cpus(guest, which) == mask;
}

static int msi(struct guest *guest, uint32_t id, uint8_t vector)
{
	struct vmm_msi args = {
		.size = sizeof(args), .msi_gpa = 0xfee00000 | id << 12, .data = vector,
	};

	return vmm_call(guest->vm, VMM_LAPIC_MSI, &args);
}

static volatile uint64_t turns, kicks;

static void g_kick(struct guest_frame *frame)
{
	lapic_eoi();
	kicks++;
}

static void g_count(uint64_t arg)
{
	guest_handlers[V_KICK] = g_kick;
	lapic_on();
	g_sti();
	while (!kicks)
		turns++;
	g_done(turns);
}

/* A stopped vCPU does nothing, keeps what is sent to it, and goes on. */
TEST_F(runctl, stop_and_go)
{
	volatile uint64_t *seen = guest_at(&self->guest, &turns);
	struct vmm_regs regs;
	uint64_t before;

	ASSERT_EQ(0, guest_start64(self->cpu, g_count, 0));
	ASSERT_EQ(0, guest_spawn(self->cpu));
	before = now_ms() + 10000;
	while (*seen < 10 && now_ms() < before)
		usleep(1000);
	ASSERT_EQ(0, simple(self->cpu->fd, VMM_CPU_STOP));
	before = *seen;
	EXPECT_EQ(1, cpus(&self->guest, VMM_CPUS_STOPPED));
	EXPECT_TRUE(becomes(&self->guest, VMM_CPUS_SLEEPING, 1));
	EXPECT_EQ(0, cpus(&self->guest, VMM_CPUS_RUNNING));
	ASSERT_EQ(0, msi(&self->guest, 0, V_KICK));
	usleep(50000);
	EXPECT_EQ(before, *seen);
	/* Registers can be had, and the vCPU stays where it is. */
	ASSERT_EQ(0, vmm_get_regs(self->cpu->fd, VMM_REGS_ALL, &regs));
	EXPECT_GE(regs.rip, GUEST_PROGRAM);
	ASSERT_EQ(0, simple(self->cpu->fd, VMM_CPU_STOP));
	usleep(10000);
	EXPECT_EQ(before, *seen);
	ASSERT_EQ(0, simple(self->cpu->fd, VMM_CPU_GO));
	ASSERT_EQ(0, simple(self->cpu->fd, VMM_CPU_GO));
	EXPECT_EQ(GUEST_DONE, guest_join(self->cpu));
	EXPECT_EQ(0, cpus(&self->guest, VMM_CPUS_STOPPED));
}

static void g_halt(uint64_t arg)
{
	guest_handlers[V_KICK] = g_kick;
	lapic_on();
	while (!kicks)
		g_sti_hlt();
	g_done(kicks);
}

/* A stopped vCPU takes part in a suspend; a sleeping one is seen and woken. */
TEST_F(runctl, suspend_while_stopped)
{
	ASSERT_EQ(0, guest_start64(self->cpu, g_halt, 0));
	ASSERT_EQ(0, guest_start64(self->cpu + 1, g_halt, 0));
	ASSERT_EQ(0, guest_spawn(self->cpu));
	ASSERT_EQ(0, guest_spawn(self->cpu + 1));
	EXPECT_TRUE(becomes(&self->guest, VMM_CPUS_SLEEPING, 3));
	ASSERT_EQ(0, simple(self->cpu->fd, VMM_CPU_STOP));
	EXPECT_EQ(-EBUSY, simple(self->guest.vm, VMM_REINIT));
	ASSERT_EQ(0, vmm_suspend_vm(self->guest.vm, VMM_SUSPEND_POWEROFF));
	EXPECT_EQ(VMM_EXIT_SUSPENDED, guest_join(self->cpu));
	EXPECT_EQ(VMM_EXIT_SUSPENDED, guest_join(self->cpu + 1));
	EXPECT_EQ(3, cpus(&self->guest, VMM_CPUS_SUSPENDED));
}

static void g_touch_all(uint64_t arg)
{
	lapic_on();
	lapic_write(LAPIC_TPR, 0x50);
	lapic_write(LAPIC_LVT_TIMER, 0x20000 | V_KICK);
	lapic_write(LAPIC_TIMER_ICR, 1000);
	outb(0x70, 0x40);
	outb(0x71, 0x5a);
	outb(0x21, 0x12);
	wrmsr(MSR_APIC_BASE, rdmsr(MSR_APIC_BASE));
	g_done(0);
}

static void g_look(uint64_t arg)
{
	g_value(lapic_read(LAPIC_TPR));
	g_value(lapic_read(LAPIC_SVR));
	g_value(lapic_read(LAPIC_LVT_TIMER));
	g_value(lapic_read(LAPIC_TIMER_CCR));
	outb(0x70, 0x40);
	g_value(inb(0x71));
	g_value(*(volatile uint64_t *)GUEST_FREE);
	g_done(0);
}

/* Devices and vCPUs as new, memory and the RTC's as they were. */
TEST_F(runctl, reinit)
{
	uint64_t *mark = (void *)(self->guest.mem + GUEST_FREE);
	struct vmm_devmem rom = { .size = sizeof(rom), .len = 4096, .name = "rom" };
	struct vmm_devmem_map map = {
		.size = sizeof(map), .gpa = 0xf0000000, .len = 4096, .prot = VMM_PROT_READ,
		.name = "rom",
	};
	struct vmm_regs regs;
	int fd;

	fd = vmm_call(self->guest.vm, VMM_DEVMEM_CREATE, &rom);
	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, vmm_call(self->guest.vm, VMM_DEVMEM_MAP, &map));
	ASSERT_EQ(-EEXIST, vmm_call(self->guest.vm, VMM_DEVMEM_MAP, &map));
	*mark = 0x600dcafe;
	ASSERT_GUEST(g_touch_all, 0);
	ASSERT_EQ(0, vmm_suspend_vm(self->guest.vm, VMM_SUSPEND_RESET));
	/* Nobody has taken part yet. */
	EXPECT_EQ(-EBUSY, simple(self->guest.vm, VMM_REINIT));
	ASSERT_EQ(0, guest_spawn(self->cpu + 1));
	ASSERT_EXIT(VMM_EXIT_SUSPENDED);
	ASSERT_EQ(VMM_EXIT_SUSPENDED, guest_join(self->cpu + 1));
	EXPECT_EQ(-EBUSY, vmm_activate(self->cpu->fd));
	ASSERT_EQ(0, simple(self->guest.vm, VMM_REINIT));
	EXPECT_EQ(0, cpus(&self->guest, VMM_CPUS_ACTIVE));
	EXPECT_EQ(0, cpus(&self->guest, VMM_CPUS_SUSPENDED));
	/* The devmem is there and mapped nowhere. */
	EXPECT_EQ(0, vmm_call(self->guest.vm, VMM_DEVMEM_MAP, &map));
	close(fd);
	EXPECT_EQ(-EBUSY, simple(self->guest.vm, VMM_REINIT));
	EXPECT_EQ(-EINVAL, vmm_run_once(self->cpu->fd));
	ASSERT_EQ(0, vmm_get_regs(self->cpu->fd, VMM_REGS_ALL, &regs));
	EXPECT_EQ(0xfff0, regs.rip);
	EXPECT_EQ(0x60000010, regs.cr0);
	EXPECT_EQ(0xffff0000, regs.seg[VMM_SEG_CS].base);
	EXPECT_EQ(0xfee00900, regs.apic_base);
	ASSERT_EQ(0, vmm_activate(self->cpu->fd));
	ASSERT_GUEST(g_look, 0);
	EXPECT_EQ(0, self->cpu->value[0]);
	EXPECT_EQ(0xff, self->cpu->value[1]);
	EXPECT_EQ(0x10000, self->cpu->value[2]);
	EXPECT_EQ(0, self->cpu->value[3]);
	EXPECT_EQ(0x5a, self->cpu->value[4]);
	EXPECT_EQ(0x600dcafe, self->cpu->value[5]);
}

static volatile uint32_t there;

/* Works until somebody suspends it; with a timer and IPIs under way. */
static void g_storm(uint64_t id)
{
	guest_handlers[V_KICK] = g_kick;
	lapic_on();
	lapic_write(LAPIC_TIMER_DCR, 0xb);
	lapic_write(LAPIC_LVT_TIMER, 0x20000 | V_KICK);
	lapic_write(LAPIC_TIMER_ICR, 500000);
	__atomic_fetch_or(&there, 1 << id, __ATOMIC_SEQ_CST);
	for (;;) {
		lapic_write(LAPIC_ICR2, (id ^ 1) << 24);
		lapic_write(LAPIC_ICR, 0x4000 | V_KICK);
		g_sti_hlt();
	}
}

/* Suspend, reset in place and start again, at all moments of a busy guest. */
TEST_F_TIMEOUT(runctl, reinit_storm, 240)
{
	volatile uint32_t *seen = guest_at(&self->guest, &there);
	unsigned int cycle, i;
	uint64_t end;

	guest_timeout_ms = 60000;
	for (cycle = 0; cycle < CYCLES; cycle++) {
		*seen = 0;
		for (i = 0; i < 2; i++) {
			ASSERT_EQ(0, guest_start64(self->cpu + i, g_storm, i));
			ASSERT_EQ(0, guest_spawn(self->cpu + i));
		}
		/* Half of them before the guest has come far. */
		end = now_ms() + 10000;
		while (cycle % 2 && *seen != 3 && now_ms() < end)
			usleep(200);
		if (cycle % 3 == 0)
			ASSERT_EQ(0, simple(self->cpu[cycle / 3 % 2].fd, VMM_CPU_STOP));
		ASSERT_EQ(0, vmm_suspend_vm(self->guest.vm, 1 + cycle % 4));
		EXPECT_EQ(-EALREADY, vmm_suspend_vm(self->guest.vm, VMM_SUSPEND_RESET));
		for (i = 0; i < 2; i++) {
			ASSERT_EQ(VMM_EXIT_SUSPENDED, guest_join(self->cpu + i))
				TH_LOG("cycle %u vCPU %u", cycle, i);
			ASSERT_EQ(1 + cycle % 4, self->cpu[i].run->suspended.how);
		}
		ASSERT_EQ(0, simple(self->guest.vm, VMM_REINIT));
		for (i = 0; i < 2; i++)
			ASSERT_EQ(0, vmm_activate(self->cpu[i].fd));
	}
}

TEST_HARNESS_MAIN
