// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A hostile userspace: random ioctls with random arguments on all kinds of fds
 * from several threads, while the vCPUs run and another thread scribbles on
 * their run pages. Nothing may come of it but error codes.
 *
 * VMM_HOSTILE_SEED=n repeats a run as far as threads can be repeated.
 */
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include "guest_fixture.h"
#include "hostile.h"
#include "ioctl_table.h"

#define ROUNDS		20
#define ROUND_MS	300

static volatile int stop;

struct attacker {
	struct rng rng;
	struct guest *guest;
	unsigned int vcpu;
	uint64_t calls, successes;
};

static int some_fd(struct attacker *a)
{
	switch (rng_below(&a->rng, 4)) {
	case 0:
		return a->guest->ctl;
	case 1:
		return a->guest->vm;
	default:
		return a->guest->cpu[rng_below(&a->rng, a->guest->cpus)].fd;
	}
}

/* A row of the table with some of its bytes changed. */
static void attack_by_table(struct attacker *a)
{
	const struct ioctl_row *row = &ioctl_table[rng_below(&a->rng, IOCTL_ROWS)];
	uint8_t arg[4096] = {};
	unsigned int i, n = rng_below(&a->rng, 4);
	uint64_t value;
	uint32_t at;
	int fd, result;

	/* The end of the VM would be the end of the test. */
	if (row->request == VMM_SUSPEND || row->request == VMM_VM_CREATE)
		return;
	memcpy(arg, row->arg, row->size);
	for (i = 0; i < n; i++) {
		value = rng_edge(&a->rng);
		at = 8 + rng_below(&a->rng, row->size - 8);
		memcpy(arg + (at & ~3U), &value, 4);
	}
	if (rng_chance(&a->rng, 5))
		rng_fill(&a->rng, arg, row->size);
	if (rng_chance(&a->rng, 95))
		memcpy(arg, &row->size, 4);
	if (rng_chance(&a->rng, 90))
		memset(arg + 4, 0, 4);
	fd = row->kind == CTL ? a->guest->ctl : row->kind != VCPU ? a->guest->vm :
	     a->guest->cpu[rng_below(&a->rng, a->guest->cpus)].fd;
	result = vmm_call(fd, row->request, arg);
	a->calls++;
	if (result < 0)
		return;
	a->successes++;
	/* The only calls that return a descriptor. */
	if (row->request == VMM_VCPU_CREATE)
		close(result);
}

static void attack_blindly(struct attacker *a)
{
	static const uint32_t dir[] = { 0, 0x40000000, 0x80000000, 0xc0000000 };
	uint32_t nr = rng_below(&a->rng, 0xa0);
	uint32_t request = dir[rng_below(&a->rng, 4)] | rng_below(&a->rng, 0x4000) << 16 |
			   VMM_IOC << 8 | nr;
	uint8_t arg[4096];

	if (nr == _IOC_NR(VMM_SUSPEND) || nr == _IOC_NR(VMM_VM_CREATE) ||
	    nr == _IOC_NR(VMM_VCPU_CREATE) || nr == _IOC_NR(VMM_RUN))
		return;
	rng_fill(&a->rng, arg, sizeof(arg));
	a->calls++;
	if (rng_chance(&a->rng, 20))
		a->successes += ioctl(some_fd(a), request, rng_edge(&a->rng)) >= 0;
	else
		a->successes += ioctl(some_fd(a), request, arg) >= 0;
}

static void *attack(void *arg)
{
	struct attacker *a = arg;

	while (!stop) {
		if (rng_chance(&a->rng, 70))
			attack_by_table(a);
		else
			attack_blindly(a);
	}
	return NULL;
}

static void *scribble(void *arg)
{
	struct attacker *a = arg;
	uint8_t *page;
	uint32_t at;

	while (!stop) {
		page = (uint8_t *)a->guest->cpu[rng_below(&a->rng, a->guest->cpus)].run;
		at = rng_below(&a->rng, sizeof(struct vmm_run) - 8);
		rng_fill(&a->rng, page + at, 1 + rng_below(&a->rng, 8));
		if (rng_chance(&a->rng, 50))
			rng_fill(&a->rng, page, 64);
		if (rng_chance(&a->rng, 10))
			usleep(100);
		a->calls++;
	}
	return NULL;
}

static void *run(void *arg)
{
	struct attacker *a = arg;

	while (!stop) {
		a->calls++;
		a->successes += !vmm_run_once(a->guest->cpu[a->vcpu].fd);
	}
	return NULL;
}

static void g_busy(uint64_t arg)
{
	uint32_t reg[4];

	g_sti();
	for (;;) {
		outb(0x300, 1);
		g_cpuid(0, 0, reg);
		asm volatile("lock addl $1, (%0)" : : "r"(0xd0000000ULL) : "memory");
		g_value(rdmsr(0x1234));
		inb(0x71);
		*(volatile uint64_t *)GUEST_FREE += 1;
	}
}

FIXTURE(hostile) {
	int kmsg;
};

FIXTURE_SETUP(hostile)
{
	self->kmsg = kmsg_open();
	ASSERT_GE(self->kmsg, 0);
	ASSERT_EQ(TABLE_EVENTFD, dup2(eventfd(0, EFD_CLOEXEC), TABLE_EVENTFD));
}

FIXTURE_TEARDOWN(hostile)
{
	close(self->kmsg);
}

TEST_F_TIMEOUT(hostile, userspace, 180)
{
	static void *(*const duty[])(void *) = { run, run, attack, attack, scribble };
	uint64_t seed = hostile_seed(7), calls = 0, successes = 0, runs = 0;
	struct attacker a[ARRAY_SIZE(duty)];
	pthread_t thread[ARRAY_SIZE(duty)];
	unsigned int round, i, rounds = hostile_cases(ROUNDS);
	const char *complaint;
	struct guest guest;

	for (round = 0; round < rounds; round++) {
		ASSERT_EQ(0, guest_create(&guest, 2));
		for (i = 0; i < 2; i++)
			ASSERT_EQ(0, guest_start64(&guest.cpu[i], g_busy, 0));
		stop = 0;
		for (i = 0; i < ARRAY_SIZE(duty); i++) {
			a[i] = (struct attacker) {
				.rng = { (seed + round) * 0x9e3779b97f4a7c15ULL + i },
				.guest = &guest, .vcpu = i,
			};
			ASSERT_EQ(0, pthread_create(&thread[i], NULL, duty[i], &a[i]));
		}
		usleep(ROUND_MS * 1000);
		stop = 1;
		/* Whatever they wait for, this ends it. */
		vmm_suspend_vm(guest.vm, VMM_SUSPEND_POWEROFF);
		for (i = 0; i < ARRAY_SIZE(duty); i++) {
			guest.cpu[i % 2].run->immediate_exit = 1;
			pthread_join(thread[i], NULL);
		}
		runs += a[0].successes + a[1].successes;
		calls += a[2].calls + a[3].calls;
		successes += a[2].successes + a[3].successes;
		guest_destroy(&guest);
		ASSERT_TRUE(vmm_objects_gone(2000));
		complaint = kmsg_complaint(self->kmsg);
		ASSERT_EQ(NULL, complaint)
			TH_LOG("seed %llu: %s", (unsigned long long)(seed + round), complaint);
	}
	TH_LOG("%llu runs, %llu calls, %llu of them successes", (unsigned long long)runs,
	       (unsigned long long)calls, (unsigned long long)successes);
	EXPECT_GT(runs, 10);
	EXPECT_GT(calls, 100);
	EXPECT_GT(successes, 10);
}

TEST_HARNESS_MAIN
