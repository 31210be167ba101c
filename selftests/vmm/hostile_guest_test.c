// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Guests made of random bytes: registers, descriptor and page tables and code
 * of all kinds of brokenness, in all modes. Each runs for a short while, gets
 * random answers to its exits, and is destroyed. The host must not notice, and
 * the kernel's log must stay clean.
 *
 * A case is its seed. VMM_HOSTILE_SEED=n VMM_HOSTILE_CASES=1 repeats one.
 *
 * On the emulated test host a guest that loops with IF=0 keeps the host from
 * its interrupts (Documentation/test-host.md) until the VMX-preemption timer
 * fires. Without that timer the bytes that could clear IF are left out, and
 * gates are trap gates.
 */
#include <sys/mman.h>
#include <sys/time.h>
#include <signal.h>
#include "kselftest_harness.h"
#include "hostile.h"
#include "in_guest.h"

#define MEM		0x200000
#define GDT		0x8000
#define IDT32		0x9000
#define IDT64		0xa000
#define CASES		100
#define RUN_MS		100
#define EXITS		400

struct victim {
	int vm, vcpu;
	uint8_t *mem;
	struct vmm_run *run;
};

static bool may_mask;	/* guests may clear IF */
static volatile sig_atomic_t enough;
static struct vmm_run *running;

static void on_alarm(int sig)
{
	enough = 1;
	if (running)
		running->immediate_exit = 1;
}

static int victim_create(struct victim *v, int ctl, struct rng *rng)
{
	*v = (struct victim) { -1, -1, MAP_FAILED, MAP_FAILED };
	v->vm = vmm_create(ctl, "");
	v->vcpu = vmm_vcpu(v->vm, 0);
	v->mem = mmap(NULL, MEM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	v->run = mmap(NULL, VMM_RUN_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, v->vcpu, 0);
	if (v->vcpu < 0 || v->mem == MAP_FAILED || v->run == MAP_FAILED)
		return -1;
	/* A part with random access, sometimes a hole. */
	if (vmm_mem_add(v->vm, 0, v->mem, MEM / 2,
			VMM_PROT_READ | VMM_PROT_WRITE | VMM_PROT_EXEC))
		return -1;
	if (rng_chance(rng, 80) &&
	    vmm_mem_add(v->vm, MEM / 2, v->mem + MEM / 2, MEM / 2,
			VMM_PROT_READ | rng_below(rng, 8)))
		return -1;
	return vmm_activate(v->vcpu);
}

static void victim_destroy(struct victim *v)
{
	munmap(v->run, VMM_RUN_SIZE);
	close(v->vcpu);
	close(v->vm);
	munmap(v->mem, MEM);
}

/*
 * Code: random bytes, among them instructions that exit, so that not each case
 * ends with the first illegal one.
 */
static void fill_code(struct rng *rng, uint8_t *code, size_t len)
{
	static const struct {
		uint8_t len, bytes[6];
	} pieces[] = {
		{ 2, { 0x0f, 0xa2 } }, { 2, { 0x0f, 0x32 } }, { 2, { 0x0f, 0x30 } },
		{ 1, { 0xec } }, { 1, { 0xed } }, { 1, { 0xee } }, { 1, { 0xef } },
		{ 1, { 0x6c } }, { 1, { 0x6f } }, { 2, { 0xf3, 0x6e } }, { 2, { 0xf3, 0x6d } },
		{ 3, { 0x0f, 0x22, 0xc0 } }, { 3, { 0x0f, 0x22, 0xd8 } },
		{ 3, { 0x0f, 0x22, 0xe0 } }, { 3, { 0x0f, 0x20, 0xc0 } },
		{ 3, { 0x0f, 0x23, 0xf8 } }, { 3, { 0x0f, 0x21, 0xf0 } },
		{ 3, { 0x0f, 0x01, 0xd1 } }, { 3, { 0x0f, 0x01, 0xc1 } },
		{ 2, { 0x0f, 0x09 } }, { 2, { 0x0f, 0x06 } }, { 2, { 0xcd, 0x20 } }, { 1, { 0xcc } },
		{ 1, { 0xf1 } }, { 1, { 0xf4 } }, { 1, { 0xfb } }, { 1, { 0x9c } }, { 1, { 0xcf } },
		{ 2, { 0x8e, 0xd0 } }, { 2, { 0x8e, 0xd8 } }, { 1, { 0xcb } },
		{ 2, { 0x89, 0x07 } }, { 2, { 0x8b, 0x06 } }, { 2, { 0xf3, 0xa4 } },
		{ 3, { 0xf0, 0x0f, 0xc1 } }, { 2, { 0x87, 0x03 } }, { 2, { 0x0f, 0xc7 } },
		{ 3, { 0x0f, 0x01, 0x18 } }, { 3, { 0x0f, 0x01, 0x10 } }, { 2, { 0x0f, 0x0b } },
		{ 6, { 0x0f, 0x00, 0xd8, 0x0f, 0x00, 0xd0 } },
	};
	size_t at = 0, i;

	rng_fill(rng, code, len);
	while (at + 8 < len) {
		i = rng_below(rng, ARRAY_SIZE(pieces));
		memcpy(code + at, pieces[i].bytes, pieces[i].len);
		at += pieces[i].len + rng_below(rng, 6);
	}
}

/* CLI, POPF, IRET: out, wherever they stand. */
static void keep_interrupts(uint8_t *bytes, size_t len)
{
	size_t i;

	if (may_mask)
		return;
	for (i = 0; i < len; i++)
		if (bytes[i] == 0xfa || bytes[i] == 0x9d || bytes[i] == 0xcf)
			bytes[i] = 0x90;
}

/* Trap gates into the code, 8 bytes each, or 16 for 64-bit code. */
static void fill_idt(struct rng *rng, uint8_t *idt, bool is_long)
{
	uint64_t gate;
	unsigned int i;

	memset(idt, 0, 0x1000);
	for (i = 0; i < 256; i++) {
		gate = (0x20000 + rng_below(rng, 0x1000)) & 0xffff;
		gate |= 8 << 16 | (may_mask && rng_chance(rng, 20) ? 0x8e0000000000ULL : 0x8f0000000000ULL) | 2ULL << 48;
		if (rng_chance(rng, 10))
			gate ^= 1ULL << (16 + rng_below(rng, 24));
		memcpy(idt + i * (is_long ? 16 : 8), &gate, 8);
	}
}

static void fill_gdt(struct rng *rng, uint8_t *gdt)
{
	static const uint64_t flat[] = {
		0, 0x00af9b000000ffff, 0x00cf93000000ffff, 0x00cf9b000000ffff, 0x00009b000000ffff,
		0x00affb000000ffff, 0x00cff3000000ffff, 0x00008b0000000067,
	};

	memcpy(gdt, flat, sizeof(flat));
	rng_fill(rng, gdt + sizeof(flat), 64);
}

/* Page-table pages with entries that mostly lead somewhere. */
static void fill_tables(struct rng *rng, uint8_t *mem)
{
	uint64_t entry;
	unsigned int i;

	for (i = 0; i < 8 * 512; i++) {
		entry = rng_below(rng, MEM / 4096) << 12 | (rng_next(rng) & 0xfff);
		if (rng_chance(rng, 90))
			entry |= 3;
		if (rng_chance(rng, 5))
			entry = rng_next(rng);
		memcpy(mem + 0x10000 + 8 * i, &entry, 8);
	}
	/* The first table of each page begins well. */
	for (i = 0; i < 7; i++) {
		entry = (0x11000 + 0x1000 * i) | 7;
		if (i >= 2)
			entry = 0x87;
		memcpy(mem + 0x10000 + 0x1000 * i, &entry, 8);
	}
}

static void random_segments(struct rng *rng, struct vmm_regs *regs)
{
	static const uint32_t access[] = { 0x9b, 0x93, 0xf3, 0xfb, 0x8b, 0x82, 0x10000, 0x9f };
	unsigned int i;

	for (i = 0; i < VMM_SEG_COUNT; i++) {
		if (rng_chance(rng, 60))
			continue;
		regs->seg[i].selector = rng_next(rng);
		regs->seg[i].base = rng_chance(rng, 70) ? rng_below(rng, MEM) : rng_edge(rng);
		regs->seg[i].limit = rng_edge(rng);
		regs->seg[i].access = access[rng_below(rng, ARRAY_SIZE(access))] |
				      (rng_next(rng) & 0xf000);
	}
}

/* From a sane state of some mode to something odd; retries what is refused. */
static int random_regs(struct rng *rng, int vcpu)
{
	static const uint32_t cr4_bits[] = { 0, 0x10, 0x20, 0xa0, 0x620, 0x6f8, 0x40620 };
	struct vmm_regs regs, sane;
	unsigned int i, mode;
	int error = -1, tries;

	error = vmm_get_regs(vcpu, VMM_REGS_ALL, &sane);
	for (tries = 0; tries < 20; tries++) {
		regs = sane;
		mode = rng_below(rng, 4);
		for (i = 0; i < 16; i++)
			regs.gpr[i] = rng_chance(rng, 60) ? rng_below(rng, MEM) : rng_edge(rng);
		if (rng_chance(rng, 30))
			regs.gpr[VMM_REG_RCX] = 0xc0000080 + rng_below(rng, 0x100);
		regs.gpr[VMM_REG_RSP] = rng_below(rng, 0x8000) & ~7ULL;
		regs.rip = rng_below(rng, 0x1000);
		regs.rflags = (rng_chance(rng, 50) ? 0x202 : 0x202 | (rng_next(rng) & 0x257fd5));
		regs.seg[VMM_SEG_CS] = (struct vmm_seg) {
			.base = mode ? 0 : 0x20000, .selector = mode ? 8 : 0x2000,
			.limit = mode ? 0xffffffff : 0xffff,
			.access = mode == 0 ? 0x9b : mode == 1 || mode == 2 ? 0xc09b : 0xa09b,
		};
		if (mode)
			regs.rip += 0x20000;
		for (i = VMM_SEG_ES; i <= VMM_SEG_GS; i++)
			if (i != VMM_SEG_CS)
				regs.seg[i] = (struct vmm_seg) {
					.limit = mode ? 0xffffffff : 0xffff, .selector = mode ? 16 : 0,
					.access = mode ? 0xc093 : 0x93,
				};
		regs.cr0 = mode == 0 ? 0x30 : mode == 1 ? 0x31 : 0x80000031;
		regs.cr4 = cr4_bits[rng_below(rng, ARRAY_SIZE(cr4_bits))];
		regs.cr3 = 0x10000;
		regs.efer = 0;
		if (mode == 3) {
			regs.cr4 |= 0x20;
			regs.efer = 0x500 | (rng_chance(rng, 50) ? 0x801 : 0);
		}
		if (mode == 2 && rng_chance(rng, 70))
			regs.cr3 = 0x12000;
		if (rng_chance(rng, 15))
			random_segments(rng, &regs);
		if (rng_chance(rng, 20))
			regs.interruptibility = rng_below(rng, 16);
		if (rng_chance(rng, 20))
			regs.entry_intinfo = 0x80000300 | rng_below(rng, 32) |
					     (rng_next(rng) & 0xffff00000800);
		if (rng_chance(rng, 20))
			regs.exit_intinfo = 0x80000000 | (rng_next(rng) & 0xffff00000fff);
		if (rng_chance(rng, 20))
			regs.pending_debug = rng_next(rng) & 0x1500f;
		if (rng_chance(rng, 10))
			regs.dr7 = rng_next(rng) & 0xffffffff;
		if (rng_chance(rng, 10))
			regs.activity = rng_below(rng, 3);
		regs.gdtr_base = GDT;
		regs.gdtr_limit = 127;
		/* The vector table of real mode would clear IF. */
		regs.idtr_base = mode == 3 ? IDT64 : IDT32;
		regs.idtr_limit = mode ? 0xfff : 0;
		if (may_mask)
			regs.idtr_limit = rng_next(rng) & 0xffff;
		error = vmm_set_regs(vcpu, VMM_REGS_ALL, &regs);
		if (!error)
			return 0;
	}
	return error;
}

static void answer(struct rng *rng, struct victim *v)
{
	if (rng_chance(rng, 90))
		rng_fill(rng, v->run->data, 64);
	if (v->run->exit == VMM_EXIT_RDMSR || v->run->exit == VMM_EXIT_WRMSR) {
		v->run->msr.fault = rng_chance(rng, 40);
		v->run->msr.value = rng_edge(rng);
	}
	/* What it cannot get past by itself: another state. */
	if (v->run->exit >= VMM_EXIT_ENTRY_FAILED || rng_chance(rng, 3))
		random_regs(rng, v->vcpu);
	if (rng_chance(rng, 5))
		rng_fill(rng, v->run, sizeof(*v->run));
	v->run->immediate_exit = enough;
	if (v->run->regs_dirty && rng_chance(rng, 80))
		v->run->regs_dirty = 0;
}

static void disturb(struct rng *rng, struct victim *v)
{
	struct vmm_simple simple = { .size = sizeof(simple) };
	struct vmm_msi msi = { .size = sizeof(msi), .msi_gpa = 0xfee00000 | rng_below(rng, 1 << 20) };
	struct vmm_exception exception = { .size = sizeof(exception), .vector = rng_below(rng, 32) };
	struct vmm_irq irq = { .size = sizeof(irq), .pin = rng_below(rng, 32), .op = rng_below(rng, 3) };

	switch (rng_below(rng, 12)) {
	case 0:
		vmm_call(v->vcpu, VMM_INJECT_NMI, &simple);
		break;
	case 1:
		msi.data = rng_next(rng) & 0xffff;
		vmm_call(v->vm, VMM_LAPIC_MSI, &msi);
		break;
	case 2:
		vmm_call(v->vcpu, VMM_INJECT_EXCEPTION, &exception);
		break;
	case 3:
		vmm_call(v->vm, VMM_IOAPIC_IRQ, &irq);
		break;
	case 4:
		madvise(v->mem, MEM, MADV_DONTNEED);
		break;
	case 5:
		mprotect(v->mem, MEM, PROT_READ);
		mprotect(v->mem, MEM, PROT_READ | PROT_WRITE);
		break;
	}
}

/* What happened, by exit; so that a test that only ever fails to start shows. */
static unsigned int seen[16];

static void run_victim(struct rng *rng, struct victim *v)
{
	struct itimerval timer = { .it_value = { 0, RUN_MS * 1000 }, .it_interval = { 0, 20000 } };
	unsigned int exits;
	int error;

	enough = 0;
	running = v->run;
	setitimer(ITIMER_REAL, &timer, NULL);
	for (exits = 0; exits < EXITS && !enough; exits++) {
		error = vmm_run_once(v->vcpu);
		if (error == -EINVAL)
			v->run->regs_dirty = 0;
		if (error)
			continue;
		seen[v->run->exit & 15]++;
		if (v->run->exit == VMM_EXIT_SUSPENDED)
			break;
		answer(rng, v);
		if (rng_chance(rng, 20))
			disturb(rng, v);
	}
	timer = (struct itimerval) {};
	setitimer(ITIMER_REAL, &timer, NULL);
	running = NULL;
}

FIXTURE(hostile) {
	int ctl, kmsg;
};

FIXTURE_SETUP(hostile)
{
	struct sigaction action = { .sa_handler = on_alarm };
	struct vmm_info info = { .size = sizeof(info) };

	self->ctl = vmm_open();
	ASSERT_GE(self->ctl, 0);
	ASSERT_EQ(0, vmm_call(self->ctl, VMM_GET_INFO, &info));
	may_mask = info.caps & VMM_CAP_PREEMPT_TIMER;
	self->kmsg = kmsg_open();
	ASSERT_GE(self->kmsg, 0);
	sigaction(SIGALRM, &action, NULL);
}

FIXTURE_TEARDOWN(hostile)
{
	close(self->kmsg);
	close(self->ctl);
}

TEST_F_TIMEOUT(hostile, random_guests, 400)
{
	uint64_t seed, first = hostile_seed(1000);
	unsigned int i, cases = hostile_cases(CASES);
	const char *complaint;
	struct victim v;
	struct rng rng;

	for (seed = first; seed < first + cases; seed++) {
		rng.state = seed * 0x9e3779b97f4a7c15ULL;
		ASSERT_EQ(0, victim_create(&v, self->ctl, &rng))
			TH_LOG("seed %llu", (unsigned long long)seed);
		rng_fill(&rng, v.mem, 0x10000);
		fill_tables(&rng, v.mem);
		fill_code(&rng, v.mem + 0x20000, 0x2000);
		keep_interrupts(v.mem, 0x22000);
		fill_gdt(&rng, v.mem + GDT);
		fill_idt(&rng, v.mem + IDT32, false);
		fill_idt(&rng, v.mem + IDT64, true);
		/* A lone refusal to start is no fault, but see below. */
		random_regs(&rng, v.vcpu);
		run_victim(&rng, &v);
		victim_destroy(&v);
		complaint = kmsg_complaint(self->kmsg);
		ASSERT_EQ(NULL, complaint)
			TH_LOG("seed %llu: %s", (unsigned long long)seed, complaint);
	}
	ASSERT_TRUE(vmm_objects_gone(2000));
	for (i = 0; i <= VMM_EXIT_VMX; i++)
		TH_LOG("exit %u: %u times", i, seen[i]);
	if (cases < CASES)
		return;
	EXPECT_GT(seen[VMM_EXIT_IO], 10);
	EXPECT_GT(seen[VMM_EXIT_MMIO], 10);
	EXPECT_GT(seen[VMM_EXIT_SUSPENDED], 5);
}

TEST_HARNESS_MAIN
