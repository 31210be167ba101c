// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Debug events for userspace: single step, INT3, hardware breakpoints.
 *
 * SDM "Monitor Trap Flag", "Debug Registers", "Debug Exceptions".
 */
#define GUEST_NAME	debug
#define GUEST_VCPUS	1

#include "guest_fixture.h"

static int set_debug(int vcpu, const struct vmm_debug *debug)
{
	struct vmm_debug args = *debug;

	args.size = sizeof(args);
	return vmm_call(vcpu, VMM_SET_DEBUG, &args);
}

#define SET_DEBUG(...)	set_debug(self->cpu->fd, &(struct vmm_debug) { __VA_ARGS__ })

extern char step_begin[], step_cpuid[], step_out[], step_after[], step_end[];

static void g_steps(uint64_t arg)
{
	asm volatile("	xor %%eax, %%eax\n"
		     "	outb %%al, $0x80\n"
		     "step_begin:\n"
		     "	nop\n"
		     "step_cpuid:\n"
		     "	cpuid\n"
		     "step_out:\n"
		     "	outb %%al, $0xed\n"
		     "step_after:\n"
		     "	push %%rax\n"
		     "	pop %%rax\n"
		     "step_end:\n"
		     : : : "eax", "ebx", "ecx", "edx", "memory");
	g_done(0);
}

/* Instructions that the processor, the kernel and userspace complete: one step each. */
TEST_F(debug, step)
{
	const uint64_t want[] = {
		(uintptr_t)step_begin, (uintptr_t)step_cpuid, (uintptr_t)step_out,
		(uintptr_t)step_after, (uintptr_t)step_after + 1, (uintptr_t)step_end,
	};
	unsigned int next = 0, turns;

	ASSERT_EQ(0, guest_start64(self->cpu, g_steps, 0));
	ASSERT_EQ(0, SET_DEBUG(.control = VMM_DEBUG_STEP | VMM_DEBUG_HOLD));
	for (turns = 0; turns < 100 && next < ARRAY_SIZE(want); turns++) {
		int exit = guest_run(self->cpu);

		if (exit == VMM_EXIT_IO) {
			EXPECT_EQ((uintptr_t)step_after, self->run->regs.rip);
			continue;
		}
		ASSERT_EQ(VMM_EXIT_DEBUG, exit)
			guest_show(self->cpu);
		EXPECT_EQ(VMM_DEBUG_STEP, self->run->debug.cause);
		if (next || self->run->regs.rip == want[0]) {
			EXPECT_EQ(want[next], self->run->regs.rip);
			next++;
		}
	}
	EXPECT_EQ(ARRAY_SIZE(want), next);
	ASSERT_EQ(0, SET_DEBUG(.control = 0));
	ASSERT_EXIT(GUEST_DONE);
}

static void g_into(struct guest_frame *frame)
{
	frame->rip += 2;
	g_value(frame->rflags & 0x100);
}

extern char ud_here[], guest_stubs[];

static void g_faulting(uint64_t arg)
{
	guest_handlers[6] = g_into;
	outb(0x80, 0);
	asm volatile("ud_here: ud2");
	g_done(guest_counts[6]);
}

/* A step that faults ends before the handler's first instruction, and no TF is saved. */
TEST_F(debug, step_into_an_exception)
{
	struct vmm_debug step = { .control = VMM_DEBUG_STEP | VMM_DEBUG_HOLD };
	unsigned int turns;
	bool there = false;
	uint64_t rip;

	ASSERT_EQ(0, guest_start64(self->cpu, g_faulting, 0));
	ASSERT_EQ(0, set_debug(self->cpu->fd, &step));
	for (turns = 0; turns < 100 && !there; turns++) {
		ASSERT_EXIT(VMM_EXIT_DEBUG);
		there = self->run->regs.rip == (uintptr_t)ud_here;
	}
	ASSERT_TRUE(there);
	ASSERT_EXIT(VMM_EXIT_DEBUG);
	/* A stub that begins with two PUSHes. */
	rip = self->run->regs.rip;
	EXPECT_EQ((uintptr_t)guest_stubs + 6 * 16, rip);
	ASSERT_EXIT(VMM_EXIT_DEBUG);
	EXPECT_EQ(rip + 2, self->run->regs.rip);
	ASSERT_EQ(0, SET_DEBUG(.control = 0));
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(1, self->cpu->result);
	EXPECT_EQ(0, self->cpu->value[0]);
}

static volatile uint64_t hits, hit_rip, hit_dr6;

static inline uint64_t read_dr6(void)
{
	uint64_t value;

	asm volatile("mov %%dr6, %0" : "=r"(value));
	return value;
}

static void g_hit(struct guest_frame *frame)
{
	hits++;
	hit_rip = frame->rip;
	hit_dr6 = read_dr6();
}

extern char int3_here[];

static void g_int3(uint64_t arg)
{
	guest_handlers[3] = g_hit;
	asm volatile("int3_here: int3");
	g_done(hits);
}

TEST_F(debug, int3)
{
	struct vmm_regs regs;

	ASSERT_EQ(0, guest_start64(self->cpu, g_int3, 0));
	ASSERT_EQ(0, SET_DEBUG(.control = VMM_DEBUG_BREAKPOINT));
	ASSERT_EXIT(VMM_EXIT_DEBUG);
	EXPECT_EQ(VMM_DEBUG_BREAKPOINT, self->run->debug.cause);
	EXPECT_EQ(1, self->run->debug.length);
	EXPECT_EQ((uintptr_t)int3_here, self->run->regs.rip);
	/* It was the guest's own: hand it on, as a trap behind the instruction. */
	ASSERT_EQ(0, vmm_get_regs(self->cpu->fd, VMM_REGS_EVENT, &regs));
	regs.exit_intinfo = 0x80000603;
	EXPECT_EQ(-EINVAL, vmm_set_regs(self->cpu->fd, VMM_REGS_EVENT, &regs));
	regs.event_length = 16;
	EXPECT_EQ(-EINVAL, vmm_set_regs(self->cpu->fd, VMM_REGS_EVENT, &regs));
	regs.event_length = 1;
	ASSERT_EQ(0, vmm_set_regs(self->cpu->fd, VMM_REGS_EVENT, &regs));
	ASSERT_EQ(0, vmm_get_regs(self->cpu->fd, VMM_REGS_EVENT, &regs));
	EXPECT_EQ(1, regs.event_length);
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(1, self->cpu->result);
	EXPECT_EQ((uintptr_t)int3_here + 1, *guest_at(&self->guest, &hit_rip));
	/* Not asked for: the guest has it to itself. */
	ASSERT_EQ(0, SET_DEBUG(.control = 0));
	ASSERT_GUEST(g_int3, 0);
	EXPECT_EQ(2, self->cpu->result);
}

static volatile uint32_t watched;
extern char break_here[];

static void g_watched(uint64_t arg)
{
	uint64_t dr7;

	guest_handlers[1] = g_hit;
	asm volatile("mov %0, %%dr0" : : "r"(0x1234ULL));
	asm volatile("break_here: nop");
	watched = 7;
	asm volatile("mov %%dr7, %0" : "=r"(dr7));
	g_value(dr7);
	asm volatile("mov %%dr0, %0" : "=r"(dr7));
	g_value(dr7);
	g_done(hits);
}

/* The debugger's breakpoints: an instruction, then data. The guest sees none. */
TEST_F(debug, hardware)
{
	ASSERT_EQ(0, guest_start64(self->cpu, g_watched, 0));
	ASSERT_EQ(0, SET_DEBUG(.control = VMM_DEBUG_HARDWARE,
			       .dr = { (uintptr_t)break_here, (uintptr_t)&watched },
			       .dr7 = 0x2 | 0x8 | 0xdULL << 20));
	ASSERT_EXIT(VMM_EXIT_DEBUG);
	EXPECT_EQ(VMM_DEBUG_HARDWARE, self->run->debug.cause);
	EXPECT_EQ(1, self->run->debug.dr6);
	EXPECT_EQ((uintptr_t)break_here, self->run->regs.rip);
	self->run->regs.rflags |= 0x10000;
	self->run->regs_dirty = VMM_REGS_GPR;
	ASSERT_EXIT(VMM_EXIT_DEBUG);
	EXPECT_EQ(2, self->run->debug.dr6);
	EXPECT_EQ(7, *guest_at(&self->guest, &watched));
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(0, self->cpu->result);
	EXPECT_EQ(0x400, self->cpu->value[0]);
	EXPECT_EQ(0x1234, self->cpu->value[1]);
}

/* One breakpoint of the guest's own, once the debugger is gone. */
static void g_own(uint64_t arg)
{
	guest_handlers[1] = g_hit;
	asm volatile("mov %0, %%dr1" : : "r"(&watched));
	asm volatile("mov %0, %%dr7" : : "r"(0x8ULL | 0xdULL << 20));
	watched = 8;
	g_value(hit_dr6 & 0xf);
	g_done(hits);
}

TEST_F(debug, hardware_of_the_guest)
{
	ASSERT_EQ(0, SET_DEBUG(.control = VMM_DEBUG_HARDWARE));
	ASSERT_EQ(0, SET_DEBUG(.control = 0));
	ASSERT_GUEST(g_own, 0);
	EXPECT_EQ(1, self->cpu->result);
	EXPECT_EQ(2, self->cpu->value[0]);
}

static void g_hold(uint64_t arg)
{
	guest_handlers[2] = g_hit;
	outb(0x300, 0);
	asm volatile("nop; nop");
	g_value(hits);
	outb(0x300, 0);
	asm volatile("nop; nop");
	g_value(hits);
	g_done(0);
}

TEST_F(debug, hold)
{
	struct vmm_simple nmi = { .size = sizeof(nmi) };

	ASSERT_EQ(0, guest_start64(self->cpu, g_hold, 0));
	ASSERT_EXIT(VMM_EXIT_IO);
	ASSERT_EQ(0, SET_DEBUG(.control = VMM_DEBUG_HOLD));
	ASSERT_EQ(0, vmm_call(self->cpu->fd, VMM_INJECT_NMI, &nmi));
	ASSERT_EXIT(VMM_EXIT_IO);
	EXPECT_EQ(0, self->cpu->value[0]);
	ASSERT_EQ(0, SET_DEBUG(.control = 0));
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(1, self->cpu->value[1]);
}

TEST_F(debug, refused)
{
	EXPECT_EQ(-EINVAL, SET_DEBUG(.control = VMM_DEBUG_ALL + 1));
	EXPECT_EQ(-EINVAL, SET_DEBUG(.control = VMM_DEBUG_HARDWARE, .dr7 = 1ULL << 13));
	EXPECT_EQ(-EINVAL, SET_DEBUG(.control = VMM_DEBUG_HARDWARE, .dr7 = 1ULL << 32));
	EXPECT_EQ(-EINVAL, SET_DEBUG(.dr7 = 1));
	EXPECT_EQ(-EINVAL, SET_DEBUG(.dr = { 0, 0, 0, 1 }));
}

TEST_HARNESS_MAIN
