// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Owners that die: SIGKILL at any moment, with one and two vCPUs that spin, with
 * interrupts on or off, halt, exit all the time or fault. Nothing of the VM may survive.
 */
#include <signal.h>
#include "kselftest_harness.h"
#include "guest_code.h"
#include "in_guest.h"

#define TIMES	50

static void g_spin(uint64_t arg)
{
	g_sti();
	for (;;)
		asm volatile("" : : : "memory");
}

/* Only the processor's own timer ends this on an emulated machine. */
static void g_deaf(uint64_t arg)
{
	asm volatile("cli");
	for (;;)
		asm volatile("" : : : "memory");
}

static void g_halt(uint64_t arg)
{
	for (;;)
		g_sti_hlt();
}

static void g_exits(uint64_t arg)
{
	for (;;) {
		outb(0x300, 0);
		*(volatile uint32_t *)0xd0000000ULL = 1;
	}
}

static void g_faults(uint64_t arg)
{
	volatile uint64_t *page = (void *)(GUEST_FREE + 0x1000 * arg);

	g_sti();
	for (;;) {
		(*page)++;
		inb(0x61);
	}
}

static void (*const payload[])(uint64_t) = { g_spin, g_halt, g_exits, g_faults, g_deaf };

static void *run_for_ever(void *arg)
{
	struct guest_cpu *cpu = arg;

	while (!vmm_run_once(cpu->fd))
		;
	return NULL;
}

static void *drop_pages(void *arg)
{
	struct guest *guest = arg;

	for (;;)
		madvise(guest->mem + GUEST_FREE, 0x10000, MADV_DONTNEED);
	return NULL;
}

/* In the child; never returns. */
static void own(unsigned int cpus, unsigned int kind, int ready)
{
	static struct guest guest;
	pthread_t thread;
	unsigned int i;

	if (guest_create(&guest, cpus))
		_exit(1);
	for (i = 0; i < cpus; i++) {
		if (guest_start64(&guest.cpu[i], payload[kind], i))
			_exit(2);
		if (pthread_create(&thread, NULL, run_for_ever, &guest.cpu[i]))
			_exit(3);
	}
	if (kind == 3)
		pthread_create(&thread, NULL, drop_pages, &guest);
	if (write(ready, "", 1) != 1)
		_exit(4);
	for (;;)
		pause();
}

static int kill_one(unsigned int cpus, unsigned int kind, unsigned int delay_us)
{
	int pipefd[2], status;
	pid_t child;
	char c;

	if (pipe(pipefd))
		return -1;
	child = fork();
	if (!child) {
		close(pipefd[0]);
		own(cpus, kind, pipefd[1]);
	}
	close(pipefd[1]);
	if (child < 0 || read(pipefd[0], &c, 1) != 1)
		return -2;
	close(pipefd[0]);
	usleep(delay_us);
	kill(child, SIGKILL);
	if (waitpid(child, &status, 0) != child)
		return -3;
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
		return -4;
	return vmm_objects_gone(2000) ? 0 : -5;
}

TEST(objects_are_counted)
{
	int ctl = vmm_open();
	int vm;

	ASSERT_GE(ctl, 0);
	vm = vmm_create(ctl, "");
	ASSERT_GE(vm, 0);
	/* Else the tests below would wait for something that cannot come. */
	ASSERT_EQ(1, vmm_objects("vms"));
	close(vm);
	close(ctl);
	ASSERT_TRUE(vmm_objects_gone(2000));
}

#define KILL_TEST(name, kind)								\
TEST(name)										\
{											\
	unsigned int i;									\
											\
	for (i = 0; i < TIMES / 5 + 1; i++)						\
		ASSERT_EQ(0, kill_one(i % 2 + 1, kind, i * 1700 % 20000))		\
			TH_LOG("turn %u", i);						\
}

/* Each has its thirty seconds. */
KILL_TEST(spinning, 0)
KILL_TEST(halted, 1)
KILL_TEST(exiting, 2)
KILL_TEST(faulting, 3)
KILL_TEST(deaf, 4)

/* The owner goes in the middle of making it. */
TEST(half_made)
{
	unsigned int i;
	pid_t child;
	int status;

	for (i = 0; i < TIMES / 4; i++) {
		child = fork();
		ASSERT_GE(child, 0);
		if (!child) {
			struct guest guest;

			for (;;) {
				guest_create(&guest, 2);
				guest_destroy(&guest);
			}
		}
		usleep(1000 + i * 3000);
		kill(child, SIGKILL);
		ASSERT_EQ(child, waitpid(child, &status, 0));
		ASSERT_TRUE(vmm_objects_gone(2000))
			TH_LOG("turn %u", i);
	}
}

TEST_HARNESS_MAIN
