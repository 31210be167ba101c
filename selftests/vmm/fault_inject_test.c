// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Every allocation on the way from creating a VM to its end fails once: the
 * first, the second and so on, until none is left. Each time one call answers
 * with an error that says so, and nothing of the VM is left. Wants root and a
 * kernel with fault injection: scripts/testhost --kernel debug.
 */
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include "guest_fixture.h"

#define NTH		"/proc/thread-self/fail-nth"
#define DEBUGFS		"/sys/kernel/debug/"
#define MOST		4000
#define PAGES		16
#define DOORBELL	0xd0000000ULL

struct life {
	struct guest guest;
	int event;
	uint8_t *mem;		/* lasts for all lives */
};

static int set_file(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t len = strlen(value);
	int error;

	if (fd < 0)
		return -errno;
	error = write(fd, value, len) == len ? 0 : -errno;
	close(fd);
	return error;
}

/* The @n-th allocation of this thread fails; 0: none. */
static void fail_nth(int fd, unsigned int n)
{
	char word[16];
	int len = snprintf(word, sizeof(word), "%u", n);

	if (pwrite(fd, word, len, 0) != len)
		_exit(100);
}

/* How many were left to go: 0 when it has failed. */
static unsigned int nth_left(int fd)
{
	char word[16] = "";

	if (pread(fd, word, sizeof(word) - 1, 0) <= 0)
		_exit(101);
	return atoi(word);
}

static void g_touch(uint64_t arg)
{
	volatile uint64_t *page = (void *)GUEST_FREE;
	unsigned int i;

	for (i = 0; i < PAGES; i++)
		page[512 * i] = i + 1;
	outb(0x61, 0);
	*(volatile uint32_t *)DOORBELL = 1;
	g_done(page[512 * (PAGES - 1)]);
}

static int do_vm(struct life *life)
{
	life->guest.vm = vmm_create(life->guest.ctl, "faulty");
	return life->guest.vm < 0 ? life->guest.vm : 0;
}

static int do_memory(struct life *life)
{
	return vmm_mem_add(life->guest.vm, 0, life->mem, GUEST_MEM,
			   VMM_PROT_READ | VMM_PROT_WRITE | VMM_PROT_EXEC);
}

static int do_eventfds(struct life *life)
{
	struct vmm_irqfd irq = { .size = sizeof(irq), .fd = life->event, .pin = 5 };
	struct vmm_ioeventfd io = {
		.size = sizeof(io), .fd = life->event, .gpa = DOORBELL, .len = 4,
	};
	int error = vmm_call(life->guest.vm, VMM_IRQFD, &irq);

	return error ? error : vmm_call(life->guest.vm, VMM_IOEVENTFD, &io);
}

static int do_vcpus(struct life *life)
{
	struct guest *guest = &life->guest;
	unsigned int i;
	int error = 0;

	for (i = 0; i < 2 && !error; i++) {
		guest->cpu[i].guest = guest;
		guest->cpu[i].id = i;
		guest->cpu[i].fd = vmm_vcpu(guest->vm, i);
		if (guest->cpu[i].fd < 0)
			return guest->cpu[i].fd;
		guest->cpus++;
		error = vmm_activate(guest->cpu[i].fd);
	}
	return error;
}

static int do_run_page(struct life *life)
{
	struct guest_cpu *cpu = &life->guest.cpu[0];
	void *run = mmap(NULL, VMM_RUN_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, cpu->fd, 0);

	if (run == MAP_FAILED)
		return -errno;
	cpu->run = run;
	cpu->run->regs_want = VMM_REGS_ALL;
	return 0;
}

static int do_start(struct life *life)
{
	return guest_start64(&life->guest.cpu[0], g_touch, 0);
}

/* The guest's pages are gone from the host as well. */
static int do_run(struct life *life)
{
	struct guest_cpu *cpu = &life->guest.cpu[0];
	int result = guest_run(cpu);

	if (result == GUEST_DONE)
		return cpu->result == PAGES ? 0 : -EIO;
	return result == VMM_EXIT_MEMORY ? cpu->run->memory.error : result < 0 ? result : -EIO;
}

static int do_remove(struct life *life)
{
	return vmm_mem_remove(life->guest.vm, 0, GUEST_MEM);
}

/* Steps of one call can be tried again after a failure. */
static const struct {
	const char *name;
	int (*act)(struct life *life);
	bool one_call;
} step[] = {
	{ "create", do_vm, true },
	{ "memory", do_memory, true },
	{ "eventfds", do_eventfds, false },
	{ "vCPUs", do_vcpus, false },
	{ "run page", do_run_page, true },
	{ "registers", do_start, true },
	{ "run", do_run, true },
	{ "remove", do_remove, true },
};

struct outcome {
	int step;		/* that failed, -1 none */
	int error;
	int again;		/* of the same step: nothing may be half done */
	unsigned int left;	/* 0 if there were as many allocations */
};

static void end(struct life *life)
{
	struct guest *guest = &life->guest;
	unsigned int i;

	for (i = 0; i < guest->cpus; i++) {
		/* It needs memory itself; what stays mapped keeps the VM. */
		if (guest->cpu[i].run && munmap(guest->cpu[i].run, VMM_RUN_SIZE) &&
		    munmap(guest->cpu[i].run, VMM_RUN_SIZE))
			_exit(102);
		close(guest->cpu[i].fd);
	}
	if (guest->vm >= 0)
		close(guest->vm);
	guest->cpus = 0;
	memset(guest->cpu, 0, sizeof(guest->cpu));
	guest->vm = -1;
}

/* One life, in which the @n-th allocation fails; 0: none. */
static struct outcome live(struct life *life, int nth, unsigned int n)
{
	struct outcome o = { .step = -1 };
	unsigned int i;
	int error;

	madvise(life->mem + GUEST_FREE, PAGES * 4096, MADV_DONTNEED);
	fail_nth(nth, n);
	for (i = 0; i < ARRAY_SIZE(step); i++) {
		error = step[i].act(life);
		if (!error)
			continue;
		o.left = nth_left(nth);
		fail_nth(nth, 0);
		o.step = i;
		o.error = error;
		if (!step[i].one_call)
			break;
		o.again = step[i].act(life);
		if (o.again)
			break;
	}
	end(life);
	if (o.step < 0)
		o.left = nth_left(nth);
	fail_nth(nth, 0);
	return o;
}

FIXTURE(fault_inject) {
	struct life life;
	int nth;
};

FIXTURE_SETUP(fault_inject)
{
	struct guest first;
	int ctl;

	self->nth = open(NTH, O_RDWR | O_CLOEXEC);
	if (self->nth < 0)
		return;
	/* Allocations that may sleep, and single pages; no report of each. */
	ASSERT_EQ(0, set_file(DEBUGFS "failslab/ignore-gfp-wait", "N"));
	ASSERT_EQ(0, set_file(DEBUGFS "failslab/verbose", "0"));
	ASSERT_EQ(0, set_file(DEBUGFS "fail_page_alloc/ignore-gfp-wait", "N"));
	ASSERT_EQ(0, set_file(DEBUGFS "fail_page_alloc/ignore-gfp-highmem", "N"));
	ASSERT_EQ(0, set_file(DEBUGFS "fail_page_alloc/min-order", "0"));
	ASSERT_EQ(0, set_file(DEBUGFS "fail_page_alloc/verbose", "0"));

	/* The memory of a first guest, with tables and program, serves them all. */
	ASSERT_EQ(0, guest_create(&first, 1));
	self->life.mem = first.mem;
	first.mem = MAP_FAILED;
	ctl = first.ctl;
	first.ctl = -1;
	guest_destroy(&first);
	self->life.guest = first;
	self->life.guest.ctl = ctl;
	self->life.guest.mem = self->life.mem;
	self->life.event = eventfd(0, EFD_CLOEXEC);
	ASSERT_GE(self->life.event, 0);
	ASSERT_TRUE(vmm_objects_gone(2000));
}

FIXTURE_TEARDOWN(fault_inject)
{
	if (self->nth < 0)
		return;
	close(self->life.event);
	close(self->life.guest.ctl);
}

TEST_F_TIMEOUT(fault_inject, each_allocation, 3000)
{
	unsigned int n, failures[ARRAY_SIZE(step)] = {}, unnoticed = 0, i;
	struct outcome o;

	if (self->nth < 0)
		SKIP(return, "this kernel has no fault injection (--kernel debug has)");
	for (i = 0; i < 2; i++) {
		o = live(&self->life, self->nth, 0);
		ASSERT_EQ(-1, o.step)
			TH_LOG("without any failure: %s: %s", step[o.step].name,
			       strerror(-o.error));
	}
	for (n = 1; n < MOST; n++) {
		o = live(&self->life, self->nth, n);
		ASSERT_TRUE(vmm_objects_gone(4000))
			TH_LOG("allocation %u: something is left", n);
		if (o.left)
			break;
		if (o.step < 0) {
			unnoticed++;
			continue;
		}
		failures[o.step]++;
		EXPECT_TRUE(o.error == -ENOMEM || o.error == -ENFILE)
			TH_LOG("allocation %u: %s: %s", n, step[o.step].name, strerror(-o.error));
		EXPECT_EQ(0, o.again)
			TH_LOG("allocation %u: %s again: %s", n, step[o.step].name,
			       strerror(-o.again));
	}
	ASSERT_LT(n, MOST);
	for (i = 0; i < ARRAY_SIZE(step); i++)
		TH_LOG("%s: %u failures", step[i].name, failures[i]);
	TH_LOG("%u allocations, %u failures made no difference", n - 1, unnoticed);
	/* Else nothing was tested. */
	EXPECT_GT(failures[0], 3);
	EXPECT_GT(failures[3], 3);
	EXPECT_GT(failures[6], 0);
	o = live(&self->life, self->nth, 0);
	EXPECT_EQ(-1, o.step);
}

TEST_HARNESS_MAIN
