// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Control registers, debug registers and XCR0 as the guest sees them: what it
 * wrote reads back, what the processor would refuse is refused.
 */
#define GUEST_NAME	cr
#define GUEST_VCPUS	1

#include "guest_fixture.h"

#define UD	(G_FAULTED | 6)
#define GP	(G_FAULTED | 13)

#define G_TRY_CR(n, value)	G_TRY("mov %4, %%cr" #n, "r"((uint64_t)(value)))
#define G_TRY_DR(n, value)	G_TRY("mov %4, %%dr" #n, "r"((uint64_t)(value)))
#define G_READ_DR(n) ({								\
	uint64_t _v;								\
	asm volatile("mov %%dr" #n ", %0" : "=r"(_v));				\
	_v;									\
})

/* Compares against what the guest collected. */
#define EXPECT_VALUES(...) do {							\
	static const uint64_t _want[] = { __VA_ARGS__ };			\
	unsigned int _i;							\
										\
	EXPECT_EQ(ARRAY_SIZE(_want), self->cpu->values);			\
	for (_i = 0; _i < ARRAY_SIZE(_want); _i++)				\
		EXPECT_EQ(_want[_i], self->cpu->value[_i])			\
			TH_LOG("value %u", _i);					\
} while (0)

static void g_cr0(uint64_t arg)
{
	uint64_t cr0 = read_cr0();

	g_value(cr0);
	g_value(G_TRY_CR(0, cr0 | 0xa));		/* MP, TS */
	g_value(read_cr0());
	asm volatile("clts");
	g_value(read_cr0());
	g_value(G_TRY_CR(0, cr0 | 0x60000000));		/* CD, NW */
	g_value(read_cr0());
	g_value(G_TRY_CR(0, cr0 | 0x40000000));		/* CD */
	g_value(read_cr0());
	g_value(G_TRY_CR(0, cr0 | 0x20000000));		/* NW alone */
	g_value(G_TRY_CR(0, cr0 & ~1ULL));		/* PG without PE */
	g_value(G_TRY_CR(0, cr0 & ~0x80000000ULL));	/* PG off in 64-bit mode */
	g_value(read_cr0());
	g_value(G_TRY_CR(0, cr0 | 1ULL << 32));
	g_value(read_cr0());
	g_value(G_TRY_CR(0, cr0 | 0x10000));		/* WP */
	g_value(read_cr0());
	g_value(G_TRY_CR(0, cr0));
	g_value(read_cr0());
	g_done(0);
}

TEST_F(cr, cr0)
{
	ASSERT_GUEST(g_cr0, 0);
	EXPECT_VALUES(0x80000031, 0, 0x8000003b, 0x80000033, 0, 0xe0000031, 0, 0xc0000031,
		      GP, GP, GP, 0xc0000031, GP, 0xc0000031, 0, 0x80010031, 0, 0x80000031);
	EXPECT_EQ(0x80000031, self->run->regs.cr0);
}

static void g_lmsw(uint64_t arg)
{
	uint64_t msw = 0;

	asm volatile("lmsw %w0" : : "r"(0xf));
	asm volatile("smsw %0" : "=r"(msw));
	g_value(msw & 0xffff);
	asm volatile("lmsw %w0" : : "r"(0));	/* does not clear PE */
	asm volatile("smsw %0" : "=r"(msw));
	g_value(msw & 0xffff);
	g_done(0);
}

TEST_F(cr, lmsw)
{
	ASSERT_GUEST(g_lmsw, 0);
	EXPECT_VALUES(0x3f, 0x31);
}

static void g_cr4(uint64_t arg)
{
	uint64_t cr4 = read_cr4();

	g_value(cr4);
	g_value(G_TRY_CR(4, cr4 | 0x80));		/* PGE */
	g_value(read_cr4());
	g_value(G_TRY_CR(4, cr4 | 0x61c));		/* TSD, DE, PSE, OSFXSR, OSXMMEXCPT */
	g_value(read_cr4());
	g_value(G_TRY_CR(4, cr4 | 0x40));		/* MCE */
	g_value(read_cr4());
	g_value(G_TRY_CR(4, cr4 & ~0x20ULL));		/* PAE off in long mode */
	g_value(G_TRY_CR(4, cr4 | 1 << 13));		/* VMXE */
	g_value(G_TRY_CR(4, cr4 | 1 << 14));		/* SMXE */
	g_value(G_TRY_CR(4, cr4 | 1 << 15));
	g_value(G_TRY_CR(4, cr4 | 1ULL << 40));
	g_value(G_TRY_CR(4, cr4));
	g_value(read_cr4());
	g_done(0);
}

TEST_F(cr, cr4)
{
	ASSERT_GUEST(g_cr4, 0);
	EXPECT_VALUES(0x20, 0, 0xa0, 0, 0x63c, 0, 0x60, GP, GP, GP, GP, GP, 0, 0x20);
}

/* Bits that exist only with a feature: writable exactly if CPUID offers it. */
static void g_cr4_features(uint64_t arg)
{
	static const struct {
		uint8_t bit, leaf, reg, feature;
	} rows[] = {
		{ 16, 7, 1, 0 },	/* FSGSBASE */
		{ 17, 1, 2, 17 },	/* PCIDE */
		{ 18, 1, 2, 26 },	/* OSXSAVE */
		{ 20, 7, 1, 7 },	/* SMEP */
		{ 21, 7, 1, 20 },	/* SMAP */
		{ 22, 7, 2, 3 },	/* PKE */
		{ 11, 7, 2, 2 },	/* UMIP */
		{ 12, 7, 2, 16 },	/* LA57: cannot change in 64-bit mode */
	};
	uint64_t cr4 = read_cr4(), fault;
	uint32_t reg[4], max[4];
	unsigned int i;
	bool offered;

	g_cpuid(0, 0, max);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		g_cpuid(rows[i].leaf, 0, reg);
		offered = max[0] >= rows[i].leaf && reg[rows[i].reg] & 1U << rows[i].feature &&
			  rows[i].bit != 12;
		fault = G_TRY_CR(4, cr4 | 1U << rows[i].bit);
		if (fault != (offered ? 0 : GP) ||
		    read_cr4() != (offered ? cr4 | 1U << rows[i].bit : cr4))
			g_value(rows[i].bit);
		write_cr4(cr4);
	}
	g_done(0);
}

TEST_F(cr, cr4_follows_cpuid)
{
	ASSERT_GUEST(g_cr4_features, 0);
	EXPECT_EQ(0, self->cpu->values)
		TH_LOG("CR4 bit %llu", (unsigned long long)self->cpu->value[0]);
}

static void g_cr3(uint64_t arg)
{
	g_value(G_TRY_CR(3, GUEST_PML4 | 0x18));	/* PCD, PWT */
	g_value(read_cr3());
	g_value(G_TRY_CR(3, GUEST_PML4 | 1ULL << 62));
	write_cr3(GUEST_PML4);
	write_cr2(0x123456789abc);
	outb(0x300, 0);
	g_value(read_cr2());
	g_done(0);
}

TEST_F(cr, cr2_cr3)
{
	ASSERT_EQ(0, guest_start64(self->cpu, g_cr3, 0));
	ASSERT_EXIT(VMM_EXIT_IO);
	EXPECT_EQ(0x123456789abc, self->run->regs.cr2);
	EXPECT_EQ(GUEST_PML4, self->run->regs.cr3);
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_VALUES(0, GUEST_PML4 | 0x18, GP, 0x123456789abc);
}

static void g_cr8(uint64_t arg)
{
	g_value(read_cr8());
	write_cr8(5);
	g_value(read_cr8());
	g_value(lapic_read(LAPIC_TPR));
	lapic_write(LAPIC_TPR, 0x9c);
	g_value(read_cr8());
	g_value(G_TRY_CR(8, 16));
	g_value(read_cr8());
	g_done(0);
}

TEST_F(cr, cr8)
{
	ASSERT_GUEST(g_cr8, 0);
	EXPECT_VALUES(0, 5, 0x50, 9, GP, 9);
	EXPECT_EQ(9, self->run->regs.cr8);
}

static void g_dr(uint64_t arg)
{
	g_value(G_READ_DR(6));
	g_value(G_READ_DR(7));
	g_value(G_TRY_DR(0, 0x1000) | G_TRY_DR(1, 0x2000) | G_TRY_DR(2, 0x3000) |
		G_TRY_DR(3, 0x7fff12345678));
	g_value(G_READ_DR(0));
	g_value(G_READ_DR(3));
	g_value(G_TRY_DR(6, 0xf));
	g_value(G_READ_DR(6));
	g_value(G_TRY_DR(6, 1ULL << 32));
	g_value(G_TRY_DR(7, 1ULL << 32));
	/* 4 and 5 are 6 and 7, until CR4.DE is set. */
	g_value(G_TRY("mov %%dr4, %%rax"));
	write_cr4(read_cr4() | 8);
	g_value(G_TRY("mov %%dr4, %%rax"));
	g_value(G_TRY("mov %%rax, %%dr5"));
	g_done(0);
}

TEST_F(cr, debug_registers)
{
	ASSERT_GUEST(g_dr, 0);
	EXPECT_VALUES(0xffff0ff0, 0x400, 0, 0x1000, 0x7fff12345678, 0, 0xffff0fff, GP, GP, 0,
		      UD, UD);
	EXPECT_EQ(0x2000, self->run->regs.dr[1]);
	EXPECT_EQ(0xffff0fff, self->run->regs.dr6);
}

static volatile uint64_t watched;
static volatile uint64_t db_dr6, db_count, db_rip;

static void g_on_db(struct guest_frame *frame)
{
	db_count++;
	db_dr6 = G_READ_DR(6);
	db_rip = frame->rip;
	asm volatile("mov %0, %%dr6" : : "r"(0xffff0ff0ULL));
	frame->rflags = (frame->rflags & ~0x100ULL) | 0x10000;
}

static void g_watch(uint64_t arg)
{
	uint64_t flags;

	guest_handlers[1] = g_on_db;
	/* Execution: DR0. The handler sets RF. */
	G_TRY_DR(0, (uintptr_t)&&here);
	G_TRY_DR(7, 0x402);
	asm goto("" : : : : here);
here:
	g_value(db_count);
	g_value(db_dr6 & 0xf);
	/* An 8-byte write: DR1. */
	G_TRY_DR(7, 0x400);
	db_count = 0;
	G_TRY_DR(1, (uintptr_t)&watched);
	G_TRY_DR(7, 0x400 | 8 | 9U << 20);
	watched = 1;
	g_value(db_count);
	g_value(db_dr6 & 0xf);
	G_TRY_DR(7, 0x400);
	/* One single step, of CPUID, which exits. */
	db_count = 0;
	asm volatile("pushfq\n orq $0x100, (%%rsp)\n popfq\n cpuid\n pushfq\n pop %0"
		     : "=&r"(flags) : "a"(0) : "rbx", "rcx", "rdx", "memory");
	g_value(db_count);
	g_value(db_dr6 >> 14 & 1);
	g_value(flags >> 8 & 1);
	/* INT1 */
	db_count = 0;
	asm volatile(".byte 0xf1");
	g_value(db_count);
	g_done(0);
}

TEST_F(cr, breakpoints)
{
	ASSERT_GUEST(g_watch, 0);
	EXPECT_VALUES(1, 1, 1, 2, 1, 1, 0, 1);
}

static uint64_t g_xsetbv(uint32_t index, uint64_t value)
{
	return G_TRY("xsetbv", "c"(index), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
}

static uint64_t g_xgetbv(void)
{
	uint32_t low, high;

	asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	return (uint64_t)high << 32 | low;
}

static void g_xcr0(uint64_t arg)
{
	uint32_t reg[4];

	g_cpuid(1, 0, reg);
	if (!(reg[2] & 1 << 26))
		g_done(0);
	g_value(reg[2] >> 27 & 1);
	g_value(g_xsetbv(0, 1));	/* OSXSAVE is off */
	write_cr4(read_cr4() | 1 << 18);
	g_cpuid(1, 0, reg);
	g_value(reg[2] >> 27 & 1);
	g_value(g_xgetbv());
	g_value(g_xsetbv(0, 3));
	g_value(g_xgetbv());
	g_value(g_xsetbv(0, 0));	/* x87 cannot be off */
	g_value(g_xsetbv(0, 5));	/* AVX without SSE */
	g_value(g_xsetbv(1, 1));
	g_value(g_xsetbv(0, 1ULL << 63 | 1));
	g_value(g_xgetbv());
	write_cr4(read_cr4() & ~(1ULL << 18));
	g_value(g_xsetbv(0, 1));
	g_done(1);
}

TEST_F(cr, xcr0)
{
	ASSERT_GUEST(g_xcr0, 0);
	if (!self->cpu->result)
		SKIP(return, "this processor has no XSAVE");
	EXPECT_VALUES(0, UD, 1, 1, 0, 3, GP, GP, GP, GP, 3, UD);
	EXPECT_EQ(3, self->run->regs.xcr0);
}

static void g_xmm(uint64_t arg)
{
	uint64_t value;

	write_cr4(read_cr4() | 0x600);
	asm volatile("movq %0, %%xmm7" : : "r"(arg));
	outb(0x300, 0);
	asm volatile("movq %%xmm7, %0" : "=r"(value));
	g_done(value);
}

/* Vector registers survive exits, and two guests do not share them. */
TEST_F(cr, vector_registers)
{
	struct guest other;

	ASSERT_EQ(0, guest_create(&other, 1));
	ASSERT_EQ(0, guest_start64(self->cpu, g_xmm, 0x1111222233334444));
	ASSERT_EQ(0, guest_start64(&other.cpu[0], g_xmm, 0x5555666677778888));
	ASSERT_EXIT(VMM_EXIT_IO);
	ASSERT_EQ(VMM_EXIT_IO, guest_run(&other.cpu[0]));
	asm volatile("pxor %%xmm7, %%xmm7" : : : "memory");
	ASSERT_EXIT(GUEST_DONE);
	ASSERT_EQ(GUEST_DONE, guest_run(&other.cpu[0]));
	EXPECT_EQ(0x1111222233334444, self->cpu->result);
	EXPECT_EQ(0x5555666677778888, other.cpu[0].result);
	guest_destroy(&other);
}

TEST_HARNESS_MAIN
