// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * RDMSR and WRMSR: those that userspace answers, those that the kernel does,
 * and those that are the processor's own while the guest runs.
 */
#define GUEST_NAME	msr
#define GUEST_VCPUS	1

#include "guest_fixture.h"

#define MSR_UNKNOWN	0x1234
#define MSR_EFER	0xc0000080
#define MSR_STAR	0xc0000081
#define MSR_LSTAR	0xc0000082
#define MSR_CSTAR	0xc0000083
#define MSR_SFMASK	0xc0000084
#define MSR_FS_BASE	0xc0000100
#define MSR_GS_BASE	0xc0000101
#define MSR_KERNEL_GS	0xc0000102
#define MSR_TSC_AUX	0xc0000103
#define MSR_SYSENTER_CS	0x174
#define MSR_SYSENTER_ESP 0x175
#define MSR_SYSENTER_EIP 0x176
#define MSR_PAT		0x277
#define GP		(G_FAULTED | 13)

static uint64_t g_try_rdmsr(uint32_t index)
{
	return G_TRY("rdmsr", "c"(index));
}

static uint64_t g_try_wrmsr(uint32_t index, uint64_t value)
{
	return G_TRY("wrmsr", "c"(index), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
}

static void g_unknown(uint64_t arg)
{
	g_value(rdmsr(MSR_UNKNOWN));
	g_value(g_try_rdmsr(MSR_UNKNOWN + 1));
	g_value(guest_error);
	g_value(g_try_wrmsr(MSR_UNKNOWN + 2, 0x1122334455667788));
	g_value(g_try_wrmsr(MSR_UNKNOWN + 3, 0));
	g_value(rdmsr(MSR_UNKNOWN));
	g_done(0);
}

TEST_F(msr, userspace_answers)
{
	uint64_t rip;

	ASSERT_EQ(0, guest_start64(self->cpu, g_unknown, 0));
	ASSERT_EXIT(VMM_EXIT_RDMSR);
	EXPECT_EQ(MSR_UNKNOWN, self->run->msr.index);
	EXPECT_EQ(0, self->run->msr.fault);
	rip = self->run->regs.rip;
	EXPECT_EQ(0, memcmp(guest_at(&self->guest, (char *)rip), "\x0f\x32", 2))
		TH_LOG("RIP is not at the instruction");
	self->run->msr.value = 0x123456789abcdef0;

	ASSERT_EXIT(VMM_EXIT_RDMSR);
	EXPECT_EQ(MSR_UNKNOWN + 1, self->run->msr.index);
	self->run->msr.fault = 1;

	ASSERT_EXIT(VMM_EXIT_WRMSR);
	EXPECT_EQ(MSR_UNKNOWN + 2, self->run->msr.index);
	EXPECT_EQ(0x1122334455667788, self->run->msr.value);
	EXPECT_EQ(0, self->run->msr.fault);

	ASSERT_EXIT(VMM_EXIT_WRMSR);
	EXPECT_EQ(MSR_UNKNOWN + 3, self->run->msr.index);
	self->run->msr.fault = 1;

	/* Left alone: reads as 0. */
	ASSERT_EXIT(VMM_EXIT_RDMSR);
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(0x123456789abcdef0, self->cpu->value[0]);
	EXPECT_EQ(GP, self->cpu->value[1]);
	EXPECT_EQ(0, self->cpu->value[2]);
	EXPECT_EQ(0, self->cpu->value[3]);
	EXPECT_EQ(GP, self->cpu->value[4]);
	EXPECT_EQ(0, self->cpu->value[5]);
}

/* Registers that keep what is written, and what they refuse. */
static const struct {
	uint32_t index;
	uint64_t good, bad;
} kept[] = {
	{ MSR_PAT, 0x0007010600070406, 0x0007040600070402 },
	{ MSR_STAR, 0x0023001000000000, 0 },
	{ MSR_LSTAR, 0xffffffff81000000, 0x0000800000000000 },
	{ MSR_CSTAR, 0xffffffff81000040, 0xff00000000000000 },
	{ MSR_SFMASK, 0x257fd5, 0 },
	{ MSR_FS_BASE, 0x00007f0000001000, 0x8000000000000000 },
	{ MSR_GS_BASE, 0xffff888000000000, 0x0001000000000000 },
	{ MSR_KERNEL_GS, 0xffff888000001000, 0x0000800000000000 },
	{ MSR_SYSENTER_CS, 0x10, 0 },
	{ MSR_SYSENTER_ESP, 0xffff888000002000, 0x0000800000000000 },
	{ MSR_SYSENTER_EIP, 0xffffffff81000080, 0x0000800000000000 },
	{ 0x2ff, 0xc06, 0xff },			/* MTRR_DEF_TYPE */
	{ 0x250, 0x0606060606060606, 0x02 },	/* MTRR_FIX64K */
	{ 0x200, 0x40000006, 0x40000002 },	/* MTRR_PHYSBASE0 */
	{ 0x03b, 0, 0 },			/* TSC_ADJUST */
};

static void g_kept(uint64_t arg)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kept); i++) {
		g_value(g_try_wrmsr(kept[i].index, kept[i].good));
		g_value(rdmsr(kept[i].index));
		g_value(kept[i].bad ? g_try_wrmsr(kept[i].index, kept[i].bad) : GP);
		g_value(rdmsr(kept[i].index));
	}
	g_done(0);
}

TEST_F(msr, kept)
{
	struct vmm_regs *regs = &self->run->regs;
	const uint64_t *v = self->cpu->value;
	unsigned int i;

	ASSERT_GUEST(g_kept, 0);
	for (i = 0; i < ARRAY_SIZE(kept); i++, v += 4) {
		EXPECT_EQ(0, v[0])
			TH_LOG("%#x cannot be written", kept[i].index);
		EXPECT_EQ(kept[i].good, v[1])
			TH_LOG("%#x does not keep its value", kept[i].index);
		EXPECT_EQ(GP, v[2])
			TH_LOG("%#x takes %#llx", kept[i].index,
			       (unsigned long long)kept[i].bad);
		EXPECT_EQ(kept[i].good, v[3])
			TH_LOG("%#x changed", kept[i].index);
	}
	/* And userspace sees them. */
	EXPECT_EQ(0x0007010600070406, regs->pat);
	EXPECT_EQ(0x0023001000000000, regs->star);
	EXPECT_EQ(0xffffffff81000000, regs->lstar);
	EXPECT_EQ(0xffffffff81000040, regs->cstar);
	EXPECT_EQ(0x257fd5, regs->sfmask);
	EXPECT_EQ(0xffff888000001000, regs->kernel_gs_base);
	EXPECT_EQ(0x10, regs->sysenter_cs);
	EXPECT_EQ(0xffff888000002000, regs->sysenter_esp);
	EXPECT_EQ(0xffffffff81000080, regs->sysenter_eip);
	EXPECT_EQ(0x00007f0000001000, regs->seg[VMM_SEG_FS].base);
	EXPECT_EQ(0xffff888000000000, regs->seg[VMM_SEG_GS].base);
}

static void g_keep_pass(uint64_t arg)
{
	wrmsr(MSR_LSTAR, arg);
	wrmsr(MSR_KERNEL_GS, arg + 1);
	wrmsr(MSR_STAR, arg << 32);
	outb(0x300, 0);
	g_value(rdmsr(MSR_LSTAR));
	g_value(rdmsr(MSR_KERNEL_GS));
	g_value(rdmsr(MSR_STAR));
	g_done(0);
}

/* Two guests by turns on one thread: neither sees the other's, nor the host's. */
TEST_F(msr, not_shared)
{
	struct guest other;
	unsigned int i;

	ASSERT_EQ(0, guest_create(&other, 1));
	ASSERT_EQ(0, guest_start64(self->cpu, g_keep_pass, 0x1000));
	ASSERT_EQ(0, guest_start64(&other.cpu[0], g_keep_pass, 0x2000));
	ASSERT_EXIT(VMM_EXIT_IO);
	ASSERT_EQ(VMM_EXIT_IO, guest_run(&other.cpu[0]));
	for (i = 0; i < 3; i++)
		getppid();
	ASSERT_EXIT(GUEST_DONE);
	ASSERT_EQ(GUEST_DONE, guest_run(&other.cpu[0]));
	EXPECT_EQ(0x1000, self->cpu->value[0]);
	EXPECT_EQ(0x1001, self->cpu->value[1]);
	EXPECT_EQ(0x100000000000, self->cpu->value[2]);
	EXPECT_EQ(0x2000, other.cpu[0].value[0]);
	EXPECT_EQ(0x2001, other.cpu[0].value[1]);
	EXPECT_EQ(0x200000000000, other.cpu[0].value[2]);
	guest_destroy(&other);
}

static void g_efer(uint64_t arg)
{
	uint64_t efer = rdmsr(MSR_EFER);

	g_value(efer);
	g_value(g_try_wrmsr(MSR_EFER, efer | 1));
	g_value(rdmsr(MSR_EFER));
	g_value(g_try_wrmsr(MSR_EFER, efer & ~0x100ULL));	/* LME while paging */
	g_value(g_try_wrmsr(MSR_EFER, efer | 1ULL << 63));
	g_value(g_try_wrmsr(MSR_EFER, efer | 2));
	g_value(g_try_wrmsr(MSR_EFER, efer & ~0x400ULL));	/* LMA is not written */
	g_value(rdmsr(MSR_EFER));
	g_done(0);
}

TEST_F(msr, efer)
{
	static const uint64_t want[] = { 0x500, 0, 0x501, GP, GP, GP, 0, 0x500 };
	unsigned int i;

	ASSERT_GUEST(g_efer, 0);
	for (i = 0; i < ARRAY_SIZE(want); i++)
		EXPECT_EQ(want[i], self->cpu->value[i])
			TH_LOG("step %u", i);
}

static void g_time(uint64_t arg)
{
	uint64_t a, b;

	a = rdtsc();
	b = rdmsr(0x10);
	g_value(b > a && b - a < 1000000);
	wrmsr(0x10, 1ULL << 40);
	a = rdtsc();
	g_value(a >= 1ULL << 40 && a < (1ULL << 40) + 1000000);
	b = rdmsr(0x3b);
	wrmsr(0x3b, b + (1ULL << 41));
	a = rdtsc();
	g_value(a >= 3ULL << 40 && a < (3ULL << 40) + 2000000);
	g_done(0);
}

TEST_F(msr, tsc)
{
	ASSERT_GUEST(g_time, 0);
	EXPECT_EQ(1, self->cpu->value[0]);
	EXPECT_EQ(1, self->cpu->value[1]);
	EXPECT_EQ(1, self->cpu->value[2]);
	EXPECT_GE(self->run->regs.tsc, 3ULL << 40);
}

static void g_aux(uint64_t arg)
{
	uint32_t reg[4], low, high, aux = 0;

	g_cpuid(0x80000001, 0, reg);
	if (!(reg[3] & 1 << 27))
		g_done(0);
	wrmsr(MSR_TSC_AUX, 0x1234567);
	outb(0x300, 0);
	asm volatile("rdtscp" : "=a"(low), "=d"(high), "=c"(aux));
	g_value(aux);
	g_value(rdmsr(MSR_TSC_AUX));
	g_done(1);
}

TEST_F(msr, tsc_aux)
{
	int exit;

	ASSERT_EQ(0, guest_start64(self->cpu, g_aux, 0));
	exit = guest_run(self->cpu);
	if (exit == GUEST_DONE)
		SKIP(return, "this processor has no RDTSCP");
	ASSERT_EQ(VMM_EXIT_IO, exit);
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(0x1234567, self->cpu->value[0]);
	EXPECT_EQ(0x1234567, self->cpu->value[1]);
}

static void g_segment(uint64_t arg)
{
	uint64_t value;

	*(volatile uint64_t *)GUEST_SCRATCH = 0x1122334455667788;
	wrmsr(MSR_FS_BASE, GUEST_SCRATCH - 0x10);
	wrmsr(MSR_GS_BASE, 0);
	wrmsr(MSR_KERNEL_GS, GUEST_SCRATCH - 0x20);
	asm volatile("mov %%fs:0x10, %0" : "=r"(value));
	g_value(value);
	asm volatile("swapgs\n mov %%gs:0x20, %0\n swapgs" : "=r"(value));
	g_value(value);
	g_done(rdmsr(MSR_KERNEL_GS));
}

TEST_F(msr, segment_bases)
{
	ASSERT_GUEST(g_segment, 0);
	EXPECT_EQ(0x1122334455667788, self->cpu->value[0]);
	EXPECT_EQ(0x1122334455667788, self->cpu->value[1]);
	EXPECT_EQ(GUEST_SCRATCH - 0x20, self->cpu->result);
}

/* What a guest has no business with is #GP at once, not an exit. */
static void g_refused(uint64_t arg)
{
	static const uint32_t index[] = { 0x480, 0x48d, 0x4e, 0xc1, 0x186, 0x38f, 0x400, 0x40000000 };
	unsigned int i, faults = 0;

	for (i = 0; i < ARRAY_SIZE(index); i++)
		faults += g_try_rdmsr(index[i]) == GP && g_try_wrmsr(index[i], 0) == GP;
	g_done(faults);
}

TEST_F(msr, refused)
{
	ASSERT_GUEST(g_refused, 0);
	EXPECT_EQ(8, self->cpu->result);
}

TEST_HARNESS_MAIN
