// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * VMM_PROTECT: what a guest may do with its pages, the exit that tells, and the
 * three answers. SEG is backed by small pages, HUGE by a huge one where the host
 * gives one.
 */
#include <sys/mman.h>
#define GUEST_VCPUS	2
#include "guest_fixture.h"

#define SEG	0x10000000ULL
#define HUGE	0x20000000ULL
#define PAGE	4096ULL
#define LEN	(16 * PAGE)
#define MIB2	(2ULL << 20)
#define R	VMM_PROT_READ
#define W	VMM_PROT_WRITE
#define X	VMM_PROT_EXEC
#define RWX	(R | W | X)
#define ONCE	VMM_PROTECT_ANSWER_ONCE
#define ALLOW	VMM_PROTECT_ANSWER_ALLOW
#define FAULT	VMM_PROTECT_ANSWER_FAULT

FIXTURE(protect) {
	struct guest guest;
	struct guest_cpu *cpu;
	struct vmm_run *run;
	uint64_t caps;
	volatile uint64_t *hva;
	volatile uint64_t *huge;
};

static void *aligned(uint64_t len)
{
	uint8_t *hva = mmap(NULL, len + MIB2, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return (void *)(((uintptr_t)hva + MIB2 - 1) & ~(MIB2 - 1));
}

FIXTURE_SETUP(protect)
{
	struct vmm_info info = { .size = sizeof(info) };

	ASSERT_EQ(0, guest_create(&self->guest, GUEST_VCPUS));
	self->cpu = &self->guest.cpu[0];
	self->run = self->cpu->run;
	ASSERT_EQ(0, vmm_call(self->guest.ctl, VMM_GET_INFO, &info));
	self->caps = info.caps;
	self->hva = aligned(LEN);
	self->huge = aligned(MIB2);
	madvise((void *)self->hva, LEN, MADV_NOHUGEPAGE);
	madvise((void *)self->huge, MIB2, MADV_HUGEPAGE);
	self->huge[0] = 0;
	ASSERT_EQ(0, vmm_mem_add(self->guest.vm, SEG, (void *)self->hva, LEN, RWX));
	ASSERT_EQ(0, vmm_mem_add(self->guest.vm, HUGE, (void *)self->huge, MIB2, RWX));
}

FIXTURE_TEARDOWN(protect)
{
	guest_destroy(&self->guest);
}

static int protect(int vm, uint64_t gpa, uint64_t len, uint32_t prot)
{
	struct vmm_protect args = { .size = sizeof(args), .gpa = gpa, .len = len, .prot = prot };

	return vmm_call(vm, VMM_PROTECT, &args);
}

#define PROTECT(gpa, len, prot)	ASSERT_EQ(0, protect(self->guest.vm, gpa, len, prot))

TEST_F(protect, refused)
{
	const int vm = self->guest.vm;
	const int exec_only = self->caps & VMM_CAP_EPT_EXEC_ONLY ? 0 : -EINVAL;
	struct vmm_protect next = { .size = sizeof(next) };
	unsigned int i;

	EXPECT_EQ(-EINVAL, protect(vm, SEG, 0, R));
	EXPECT_EQ(-EINVAL, protect(vm, SEG + 1, PAGE, R));
	EXPECT_EQ(-EINVAL, protect(vm, SEG, PAGE + 1, R));
	EXPECT_EQ(-EINVAL, protect(vm, -PAGE, 2 * PAGE, R));
	EXPECT_EQ(-EINVAL, protect(vm, SEG, PAGE, W));
	EXPECT_EQ(-EINVAL, protect(vm, SEG, PAGE, W | X));
	EXPECT_EQ(-EINVAL, protect(vm, SEG, PAGE, 8));
	EXPECT_EQ(-ERANGE, protect(vm, 1ULL << 48, PAGE, R));
	EXPECT_EQ(exec_only, protect(vm, SEG, PAGE, X));
	ASSERT_EQ(0, protect(vm, 0, 1ULL << 30, RWX));
	EXPECT_EQ(-ENOENT, vmm_call(vm, VMM_PROTECT_NEXT, &next));
	for (i = 0; i < VMM_MAX_PROTECTS; i++)
		ASSERT_EQ(0, protect(vm, i * 2 * PAGE, PAGE, R));
	EXPECT_EQ(-ENOSPC, protect(vm, i * 2 * PAGE, PAGE, R));
	EXPECT_EQ(0, protect(vm, PAGE, PAGE, R));
	ASSERT_EQ(0, vmm_call(vm, VMM_PROTECT_NEXT, &next));
	EXPECT_EQ(0, next.gpa);
	EXPECT_EQ(3 * PAGE, next.len);
	EXPECT_EQ(R, next.prot);
}

static void g_read(uint64_t gpa)
{
	g_done(*(volatile uint64_t *)gpa);
}

static void g_write(uint64_t gpa)
{
	*(volatile uint64_t *)gpa = 0xabcd;
	g_done(1);
}

/* The code there ends with RET. */
static void g_call(uint64_t gpa)
{
	g_done(((uint64_t (*)(void))gpa)());
}

/* movabs $0x2a, %rax; ret */
static const uint64_t code[] = { 0x00000000002ab848, 0x0000000000c30000 };

static const struct {
	void (*entry)(uint64_t gpa);
	uint32_t access;
} tries[] = { { g_read, R }, { g_write, W }, { g_call, X } };

/* Each access under each limit, on a small and on a huge leaf. */
TEST_F(protect, each_access)
{
	static const uint32_t limits[] = { 0, R, R | W, R | X, RWX, X };
	static const uint64_t places[] = { SEG + 3 * PAGE, HUGE + 5 * PAGE };
	unsigned int l, p, t;

	for (p = 0; p < 2; p++) {
		volatile uint64_t *hva = p ? self->huge + 5 * PAGE / 8 : self->hva + 3 * PAGE / 8;

		for (l = 0; l < ARRAY_SIZE(limits); l++) {
			if (limits[l] == X && !(self->caps & VMM_CAP_EPT_EXEC_ONLY))
				continue;
			hva[0] = code[0];
			hva[1] = code[1];
			/* Have it mapped with all rights, as one leaf with its neighbours. */
			PROTECT(0, 1ULL << 30, RWX);
			ASSERT_GUEST(g_call, places[p]);
			ASSERT_EQ(0x2a, self->cpu->result);
			PROTECT(places[p], PAGE, limits[l]);
			for (t = 0; t < 3; t++) {
				hva[0] = code[0];
				ASSERT_EQ(0, guest_start64(self->cpu, tries[t].entry, places[p]));
				if (tries[t].access & limits[l]) {
					ASSERT_EXIT(GUEST_DONE);
					continue;
				}
				ASSERT_EXIT(VMM_EXIT_PROTECT);
				EXPECT_EQ(places[p], self->run->protect.gpa);
				EXPECT_EQ(places[p], self->run->protect.gla);
				EXPECT_EQ(VMM_PROTECT_GLA, self->run->protect.flags);
				EXPECT_EQ(tries[t].access, self->run->protect.access);
				EXPECT_EQ(self->run->regs.rip, self->run->protect.rip);
				/* No answer: nothing has changed. */
				ASSERT_EXIT(VMM_EXIT_PROTECT);
				EXPECT_EQ(code[0], hva[0]);
			}
			/* The neighbours are free. */
			ASSERT_GUEST(g_read, places[p] + PAGE);
			ASSERT_GUEST(g_write, places[p] - PAGE);
		}
	}
}

static void g_twice(uint64_t gpa)
{
	volatile uint64_t *p = (void *)gpa;

	p[0] = 1;
	p[1] = 2;
	g_done(p[0]);
}

TEST_F(protect, once)
{
	ASSERT_GUEST(g_read, SEG);
	PROTECT(SEG, PAGE, R);
	ASSERT_EQ(0, guest_start64(self->cpu, g_twice, SEG));
	ASSERT_EXIT(VMM_EXIT_PROTECT);
	self->run->protect.answer = ONCE;
	ASSERT_EXIT(VMM_EXIT_PROTECT);
	EXPECT_EQ(SEG + 8, self->run->protect.gla);
	EXPECT_EQ(W, self->run->protect.access);
	EXPECT_EQ(1, self->hva[0]);
	EXPECT_EQ(0, self->hva[1]);
	self->run->protect.answer = ONCE;
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(2, self->hva[1]);
	/* And it is shut again. */
	ASSERT_EQ(0, guest_start64(self->cpu, g_write, SEG));
	ASSERT_EXIT(VMM_EXIT_PROTECT);
}

/* All three accesses, from nothing, and the code that was let through goes on. */
TEST_F(protect, once_each)
{
	unsigned int t, exits;
	int result;

	for (t = 0; t < 3; t++) {
		self->hva[0] = code[0];
		self->hva[1] = code[1];
		PROTECT(SEG, PAGE, 0);
		ASSERT_EQ(0, guest_start64(self->cpu, tries[t].entry, SEG));
		for (exits = 0; (result = guest_run(self->cpu)) == VMM_EXIT_PROTECT; exits++) {
			ASSERT_LT(exits, 10);
			EXPECT_EQ(tries[t].access, self->run->protect.access);
			self->run->protect.answer = ONCE;
		}
		ASSERT_EQ(GUEST_DONE, result)
			guest_show(self->cpu);
		/* One exit for each instruction: the code there has two. */
		EXPECT_EQ(t == 2 ? 2 : 1, exits);
	}
}

/* An instruction that touches two protected pages: two exits, one step. */
static void g_copy(uint64_t gpa)
{
	const void *from = (void *)gpa;
	void *to = (void *)(gpa + 2 * PAGE);

	asm volatile("movsq" : "+S"(from), "+D"(to) : : "memory");
	g_done(0);
}

TEST_F(protect, once_on_two_pages)
{
	self->hva[0] = 0x7777;
	PROTECT(SEG, LEN, 0);
	ASSERT_EQ(0, guest_start64(self->cpu, g_copy, SEG));
	ASSERT_EXIT(VMM_EXIT_PROTECT);
	EXPECT_EQ(SEG, self->run->protect.gpa);
	self->run->protect.answer = ONCE;
	ASSERT_EXIT(VMM_EXIT_PROTECT);
	EXPECT_EQ(SEG + 2 * PAGE, self->run->protect.gpa);
	EXPECT_EQ(W, self->run->protect.access);
	self->run->protect.answer = ONCE;
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(0x7777, self->hva[2 * PAGE / 8]);
	ASSERT_EQ(0, guest_start64(self->cpu, g_read, SEG));
	ASSERT_EXIT(VMM_EXIT_PROTECT);
}

TEST_F(protect, allow)
{
	PROTECT(SEG, LEN, R);
	ASSERT_EQ(0, guest_start64(self->cpu, g_twice, SEG));
	ASSERT_EXIT(VMM_EXIT_PROTECT);
	self->run->protect.answer = ALLOW;
	ASSERT_EXIT(GUEST_DONE);
	ASSERT_GUEST(g_write, SEG);
	/* This page and this access alone. */
	ASSERT_EQ(0, guest_start64(self->cpu, g_write, SEG + PAGE));
	ASSERT_EXIT(VMM_EXIT_PROTECT);
	ASSERT_EQ(0, guest_start64(self->cpu, g_call, SEG));
	ASSERT_EXIT(VMM_EXIT_PROTECT);
	EXPECT_EQ(X, self->run->protect.access);
}

static void g_try_write(uint64_t gpa)
{
	uint64_t fault = G_TRY("movl $7, (%[p])", [p] "r"(gpa));

	g_value(guest_error);
	g_value(read_cr2());
	g_done(fault);
}

TEST_F(protect, fault)
{
	PROTECT(SEG, LEN, R);
	ASSERT_EQ(0, guest_start64(self->cpu, g_try_write, SEG + 8));
	ASSERT_EXIT(VMM_EXIT_PROTECT);
	self->run->protect.answer = FAULT;
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(G_FAULTED | 14, self->cpu->result);
	EXPECT_EQ(3, self->cpu->value[0]);	/* present, write */
	EXPECT_EQ(SEG + 8, self->cpu->value[1]);
	EXPECT_EQ(0, self->hva[1]);
}

/* A page that the walk needs; the linear address is that of the access. */
static void g_copy_tables(uint64_t gpa)
{
	uint64_t i;

	for (i = 0; i < 512; i++)
		((volatile uint64_t *)gpa)[i] = ((volatile uint64_t *)GUEST_PML4)[i];
	g_done(1);
}

static void g_use_tables(uint64_t gpa)
{
	write_cr3(gpa);
	read32(GUEST_FREE);
	write_cr3(GUEST_PML4);
	g_done(2);
}

TEST_F(protect, page_walk)
{
	unsigned int exits = 0;
	int result;

	ASSERT_GUEST(g_copy_tables, SEG);
	ASSERT_GUEST(g_use_tables, SEG);
	PROTECT(SEG, PAGE, 0);
	ASSERT_EQ(0, guest_start64(self->cpu, g_use_tables, SEG));
	while ((result = guest_run(self->cpu)) == VMM_EXIT_PROTECT) {
		EXPECT_EQ(SEG, self->run->protect.gpa & ~(PAGE - 1));
		EXPECT_EQ(VMM_PROTECT_GLA | VMM_PROTECT_WALK, self->run->protect.flags);
		EXPECT_GE(self->run->protect.gla, GUEST_STACKS);
		EXPECT_LT(self->run->protect.gla, GUEST_MEM);
		self->run->protect.answer = ONCE;
		ASSERT_LT(++exits, 100);
	}
	ASSERT_EQ(GUEST_DONE, result)
		guest_show(self->cpu);
	EXPECT_EQ(2, self->cpu->result);
	EXPECT_GT(exits, 0);
}

/* What the module does for the guest obeys as well: an emulated copy to a device. */
static void g_push_device(uint64_t gpa)
{
	void *from = (void *)0xd0000000ULL;
	void *to = (void *)gpa;

	asm volatile("movsl" : "+S"(from), "+D"(to) : : "memory");
	g_done(0);
}

TEST_F(protect, emulated)
{
	unsigned int exits = 0, mmio = 0;
	int result;

	PROTECT(SEG, PAGE, R);
	ASSERT_EQ(0, guest_start64(self->cpu, g_push_device, SEG));
	for (;;) {
		result = guest_run(self->cpu);
		if (result == VMM_EXIT_MMIO) {
			memcpy(self->run->data, &(uint32_t) { 0x31337 }, 4);
			mmio++;
		} else if (result == VMM_EXIT_PROTECT) {
			EXPECT_EQ(SEG, self->run->protect.gpa);
			EXPECT_EQ(W, self->run->protect.access);
			EXPECT_EQ(0, (uint32_t)self->hva[0]);
			self->run->protect.answer = ONCE;
			exits++;
		} else {
			break;
		}
		ASSERT_LT(exits + mmio, 10);
	}
	ASSERT_EQ(GUEST_DONE, result)
		guest_show(self->cpu);
	EXPECT_EQ(1, exits);
	EXPECT_GE(mmio, 1);
	EXPECT_EQ(0x31337, (uint32_t)self->hva[0]);
	ASSERT_EQ(0, guest_start64(self->cpu, g_write, SEG));
	ASSERT_EXIT(VMM_EXIT_PROTECT);
}

/*
 * While one vCPU is let through, the other, which tries the same all the time,
 * is not: the page has only the values of the one.
 */
static volatile uint32_t enough;

static void g_intruder(uint64_t gpa)
{
	g_sti();
	while (!enough)
		*(volatile uint64_t *)(gpa + 8) = 0xbad;
	g_done(0);
}

static void g_counter(uint64_t gpa)
{
	volatile uint64_t *p = (void *)gpa;
	uint64_t i;

	for (i = 1; i <= 50; i++)
		p[0] = i;
	enough = 1;
	g_done(0);
}

static void *intrude(void *arg)
{
	struct guest_cpu *cpu = arg;
	uint64_t exits = 0;

	while (guest_run(cpu) == VMM_EXIT_PROTECT)
		exits++;
	return (void *)exits;
}

TEST_F(protect, others_are_kept_out)
{
	pthread_t thread;
	void *refused;
	unsigned int i;

	guest_timeout_ms = 25000;
	ASSERT_GUEST(g_read, SEG);
	PROTECT(SEG, PAGE, R);
	ASSERT_EQ(0, guest_start64(self->cpu, g_counter, SEG));
	ASSERT_EQ(0, guest_start64(&self->guest.cpu[1], g_intruder, SEG));
	ASSERT_EQ(0, pthread_create(&thread, NULL, intrude, &self->guest.cpu[1]));
	for (i = 1; i <= 50; i++) {
		ASSERT_EXIT(VMM_EXIT_PROTECT);
		EXPECT_EQ(i - 1, self->hva[0]);
		EXPECT_EQ(0, self->hva[1]);
		self->run->protect.answer = ONCE;
	}
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(50, self->hva[0]);
	EXPECT_EQ(0, self->hva[1]);
	PROTECT(SEG, PAGE, RWX);
	pthread_join(thread, &refused);
	EXPECT_EQ(0xbad, self->hva[1]);
	EXPECT_GT((uintptr_t)refused, 0);
}

/* Taken away while the guest writes: on return it has stopped. */
static void g_hammer(uint64_t gpa)
{
	g_sti();
	for (;;)
		++*(volatile uint64_t *)gpa;
}

TEST_F(protect, while_running)
{
	struct guest_cpu *other = &self->guest.cpu[1];
	uint64_t seen;
	unsigned int i;

	ASSERT_EQ(0, guest_start64(other, g_hammer, HUGE));
	for (i = 0; i < 20; i++) {
		ASSERT_EQ(0, guest_spawn(other));
		usleep(2000);
		PROTECT(HUGE, PAGE, R);
		seen = self->huge[0];
		ASSERT_EQ(VMM_EXIT_PROTECT, guest_join(other));
		EXPECT_EQ(seen, self->huge[0]);
		EXPECT_EQ(W, other->run->protect.access);
		PROTECT(HUGE, PAGE, RWX);
	}
	EXPECT_GT(self->huge[0], 0);
}

TEST_HARNESS_MAIN
