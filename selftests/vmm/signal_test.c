// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Getting a vCPU out of VMM_RUN: signals and immediate_exit, whatever it is
 * doing there; and other threads that want something of it meanwhile.
 */
#define GUEST_NAME	signals
#define GUEST_VCPUS	1

#include <signal.h>
#include "guest_fixture.h"

static volatile uint64_t turns;

/*
 * Interrupts on, though none can come: an emulated host may not get its own
 * while a guest has them off. CPUID so that there are exits as well.
 */
static void g_spin(uint64_t arg)
{
	uint32_t reg[4];
	unsigned int i;

	g_sti();
	for (;;) {
		turns++;
		for (i = 0; i < 1000; i++)
			asm volatile("" : : : "memory");
		g_cpuid(0, 0, reg);
	}
}

static void g_halt(uint64_t arg)
{
	for (;;) {
		turns++;
		asm volatile("sti\n hlt");
	}
}

static void g_turns(uint64_t arg)
{
	for (;;)
		outb(0x300, arg++);
}

static void on_signal(int sig)
{
}

/* VMM_RUN in a thread of its own, until there is something to tell. */
struct runner {
	struct guest_cpu *cpu;
	int result;
	volatile int over;
	pthread_t thread;
};

static void *runner_thread(void *arg)
{
	struct runner *runner = arg;

	do {
		runner->result = vmm_run_once(runner->cpu->fd);
	} while (!runner->result && runner->cpu->run->exit == VMM_EXIT_NONE);
	runner->over = 1;
	return NULL;
}

static int begin(struct runner *runner, struct guest_cpu *cpu)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGUSR1, &action, NULL);
	*runner = (struct runner) { .cpu = cpu };
	return -pthread_create(&runner->thread, NULL, runner_thread, runner);
}

/* Interrupts until the thread is back: its first signal may come too early. */
static int interrupt(struct runner *runner)
{
	uint64_t end = now_ms() + 5000;

	while (!runner->over && now_ms() < end) {
		pthread_kill(runner->thread, SIGUSR1);
		usleep(5000);
	}
	if (!runner->over)
		return -ETIMEDOUT;
	pthread_join(runner->thread, NULL);
	return runner->result;
}

TEST_F(signals, immediate_exit)
{
	unsigned int i;

	ASSERT_EQ(0, guest_start64(self->cpu, g_turns, 0));
	for (i = 0; i < 3; i++) {
		self->run->immediate_exit = 1;
		EXPECT_EQ(-EINTR, vmm_run_once(self->cpu->fd));
		EXPECT_EQ(VMM_EXIT_NONE, self->run->exit);
		EXPECT_EQ((uintptr_t)g_turns, self->run->regs.rip);
		/* The kernel does not clear it. */
		EXPECT_EQ(1, self->run->immediate_exit);
	}
	self->run->immediate_exit = 0;
	ASSERT_EXIT(VMM_EXIT_IO);
	EXPECT_EQ(0, self->run->data[0]);
}

TEST_F(signals, in_the_guest)
{
	volatile uint64_t *count = guest_at(&self->guest, &turns);
	struct runner runner;
	uint64_t before;
	unsigned int i;

	ASSERT_EQ(0, guest_start64(self->cpu, g_spin, 0));
	for (i = 0; i < 20; i++) {
		before = *count;
		ASSERT_EQ(0, begin(&runner, self->cpu));
		usleep(i * 1000);
		ASSERT_EQ(-EINTR, interrupt(&runner));
		EXPECT_EQ(VMM_EXIT_NONE, self->run->exit);
		if (i > 10)
			EXPECT_GT(*count, before);
	}
}

TEST_F(signals, halted)
{
	struct runner runner;
	unsigned int i;

	ASSERT_EQ(0, guest_start64(self->cpu, g_halt, 0));
	for (i = 0; i < 10; i++) {
		ASSERT_EQ(0, begin(&runner, self->cpu));
		usleep(i * 2000);
		ASSERT_EQ(-EINTR, interrupt(&runner));
		EXPECT_EQ(VMM_EXIT_NONE, self->run->exit);
	}
	EXPECT_EQ(VMM_ACTIVITY_HALTED, self->run->regs.activity);
	EXPECT_EQ(1, *guest_at(&self->guest, &turns));
}

TEST_F(signals, waiting_for_sipi)
{
	struct guest guest;
	struct runner runner;

	ASSERT_EQ(0, guest_create(&guest, 2));
	ASSERT_EQ(0, begin(&runner, &guest.cpu[1]));
	usleep(20000);
	ASSERT_EQ(-EINTR, interrupt(&runner));
	EXPECT_EQ(VMM_ACTIVITY_WAIT_SIPI, guest.cpu[1].run->regs.activity);
	guest_destroy(&guest);
}

/* One of two vCPUs has stopped and waits for the other, which nobody runs. */
TEST_F(signals, waiting_for_the_others)
{
	struct guest guest;
	struct runner runner;

	ASSERT_EQ(0, guest_create(&guest, 2));
	ASSERT_EQ(0, guest_start64(&guest.cpu[0], g_spin, 0));
	ASSERT_EQ(0, begin(&runner, &guest.cpu[0]));
	usleep(10000);
	ASSERT_EQ(0, vmm_suspend_vm(guest.vm, VMM_SUSPEND_RESET));
	usleep(20000);
	EXPECT_EQ(0, runner.over)
		TH_LOG("did not wait for the second vCPU");
	ASSERT_EQ(-EINTR, interrupt(&runner));
	EXPECT_EQ(VMM_EXIT_NONE, guest.cpu[0].run->exit);
	/* Now with the second. */
	ASSERT_EQ(0, begin(&runner, &guest.cpu[0]));
	ASSERT_EQ(VMM_EXIT_SUSPENDED, guest_run(&guest.cpu[1]));
	pthread_join(runner.thread, NULL);
	EXPECT_EQ(0, runner.result);
	EXPECT_EQ(VMM_EXIT_SUSPENDED, guest.cpu[0].run->exit);
	EXPECT_EQ(VMM_SUSPEND_RESET, guest.cpu[0].run->suspended.how);
	guest_destroy(&guest);
}

/* One of two runners is sent away, whichever came second. */
TEST_F(signals, second_runner)
{
	struct runner one, two, *left;
	uint64_t end = now_ms() + 5000;

	ASSERT_EQ(0, guest_start64(self->cpu, g_halt, 0));
	ASSERT_EQ(0, begin(&one, self->cpu));
	ASSERT_EQ(0, begin(&two, self->cpu));
	while (!one.over && !two.over && now_ms() < end)
		usleep(1000);
	ASSERT_NE(one.over, two.over);
	left = one.over ? &two : &one;
	EXPECT_EQ(-EBUSY, one.over ? one.result : two.result);
	usleep(20000);
	EXPECT_EQ(0, left->over);
	ASSERT_EQ(-EINTR, interrupt(left));
}

/* Other threads' questions are answered while the vCPU runs on. */
TEST_F(signals, registers_while_running)
{
	static void (*const entry[])(uint64_t) = { g_spin, g_halt };
	struct vmm_exit_log log = { .size = sizeof(log), .count = 4 };
	struct runner runner;
	struct vmm_regs regs;
	unsigned int e, i;

	for (e = 0; e < ARRAY_SIZE(entry); e++) {
		ASSERT_EQ(0, guest_start64(self->cpu, entry[e], 0));
		ASSERT_EQ(0, begin(&runner, self->cpu));
		usleep(5000);
		for (i = 0; i < 30; i++) {
			ASSERT_EQ(0, vmm_get_regs(self->cpu->fd, VMM_REGS_ALL, &regs));
			EXPECT_GE(regs.rip, GUEST_PROGRAM);
			EXPECT_LT(regs.rip, GUEST_FREE);
			EXPECT_EQ(GUEST_PML4, regs.cr3);
			ASSERT_EQ(0, vmm_call(self->cpu->fd, VMM_GET_EXITS, &log));
			regs.gpr[VMM_REG_R15] = i;
			EXPECT_EQ(0, vmm_set_regs(self->cpu->fd, VMM_REGS_DR, &regs));
		}
		EXPECT_EQ(0, runner.over)
			TH_LOG("VMM_RUN returned %d", runner.result);
		ASSERT_EQ(-EINTR, interrupt(&runner));
	}
}

/* The signal comes while the run is suspended by somebody else: no loss. */
TEST_F(signals, suspend_of_a_spinning_guest)
{
	unsigned int i;
	struct guest guest;

	for (i = 0; i < 10; i++) {
		ASSERT_EQ(0, guest_create(&guest, 1));
		ASSERT_EQ(0, guest_start64(&guest.cpu[0], i & 1 ? g_halt : g_spin, 0));
		ASSERT_EQ(0, guest_spawn(&guest.cpu[0]));
		usleep(i * 2000);
		ASSERT_EQ(0, vmm_suspend_vm(guest.vm, VMM_SUSPEND_POWEROFF));
		ASSERT_EQ(VMM_EXIT_SUSPENDED, guest_join(&guest.cpu[0]));
		EXPECT_EQ(VMM_SUSPEND_POWEROFF, guest.cpu[0].run->suspended.how);
		guest_destroy(&guest);
	}
}

TEST_HARNESS_MAIN
