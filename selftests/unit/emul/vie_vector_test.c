// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Vector moves against the processor this runs on: every form, at every
 * alignment that it takes, registers and memory compared afterwards; and the
 * exceptions by the SDM's tables.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include "env.h"
#include "kselftest_harness.h"
#include "vie_world.h"

#define XCR0_AVX	7

/* All with (%rsi) as memory and register 3 or 12. */
static const struct row {
	const char *text;
	u8 size;		/* of memory */
	bool aligned;
	bool vex;
	u8 len;
	u8 inst[8];
} rows[] = {
	{ "movups load", 16, false, false, 3, { 0x0f, 0x10, 0x1e } },
	{ "movups store", 16, false, false, 3, { 0x0f, 0x11, 0x1e } },
	{ "movupd load, 12", 16, false, false, 5, { 0x66, 0x44, 0x0f, 0x10, 0x26 } },
	{ "movss load", 4, false, false, 4, { 0xf3, 0x0f, 0x10, 0x1e } },
	{ "movss store", 4, false, false, 4, { 0xf3, 0x0f, 0x11, 0x1e } },
	{ "movsd load", 8, false, false, 4, { 0xf2, 0x0f, 0x10, 0x1e } },
	{ "movsd store", 8, false, false, 4, { 0xf2, 0x0f, 0x11, 0x1e } },
	{ "movaps load", 16, true, false, 3, { 0x0f, 0x28, 0x1e } },
	{ "movapd store, 12", 16, true, false, 5, { 0x66, 0x44, 0x0f, 0x29, 0x26 } },
	{ "movntps", 16, true, false, 3, { 0x0f, 0x2b, 0x1e } },
	{ "movd load", 4, false, false, 4, { 0x66, 0x0f, 0x6e, 0x1e } },
	{ "movq load (w)", 8, false, false, 5, { 0x66, 0x48, 0x0f, 0x6e, 0x1e } },
	{ "movd store", 4, false, false, 4, { 0x66, 0x0f, 0x7e, 0x1e } },
	{ "movq store (w)", 8, false, false, 5, { 0x66, 0x48, 0x0f, 0x7e, 0x1e } },
	{ "movq load", 8, false, false, 4, { 0xf3, 0x0f, 0x7e, 0x1e } },
	{ "movq store", 8, false, false, 4, { 0x66, 0x0f, 0xd6, 0x1e } },
	{ "movdqa load", 16, true, false, 4, { 0x66, 0x0f, 0x6f, 0x1e } },
	{ "movdqa store", 16, true, false, 4, { 0x66, 0x0f, 0x7f, 0x1e } },
	{ "movdqu load", 16, false, false, 4, { 0xf3, 0x0f, 0x6f, 0x1e } },
	{ "movdqu store", 16, false, false, 4, { 0xf3, 0x0f, 0x7f, 0x1e } },
	{ "movntdq", 16, true, false, 4, { 0x66, 0x0f, 0xe7, 0x1e } },
	{ "lddqu", 16, false, false, 4, { 0xf2, 0x0f, 0xf0, 0x1e } },
	{ "movntdqa", 16, true, false, 5, { 0x66, 0x0f, 0x38, 0x2a, 0x1e } },
	{ "vmovups load 16", 16, false, true, 4, { 0xc5, 0xf8, 0x10, 0x1e } },
	{ "vmovups load 32", 32, false, true, 4, { 0xc5, 0xfc, 0x10, 0x1e } },
	{ "vmovups store 32, 12", 32, false, true, 4, { 0xc5, 0x7c, 0x11, 0x26 } },
	{ "vmovss load", 4, false, true, 4, { 0xc5, 0xfa, 0x10, 0x1e } },
	{ "vmovsd store", 8, false, true, 4, { 0xc5, 0xfb, 0x11, 0x1e } },
	{ "vmovaps load 32", 32, true, true, 4, { 0xc5, 0xfc, 0x28, 0x1e } },
	{ "vmovaps store 16", 16, true, true, 4, { 0xc5, 0xf8, 0x29, 0x1e } },
	{ "vmovq load", 8, false, true, 4, { 0xc5, 0xfa, 0x7e, 0x1e } },
	{ "vmovq load (w)", 8, false, true, 5, { 0xc4, 0xe1, 0xf9, 0x6e, 0x1e } },
	{ "vmovdqu load 32", 32, false, true, 4, { 0xc5, 0xfe, 0x6f, 0x1e } },
	{ "vmovdqu store 32", 32, false, true, 5, { 0xc4, 0xe1, 0x7e, 0x7f, 0x1e } },
	{ "vmovdqa load 16, 12", 16, true, true, 5, { 0xc4, 0x61, 0x79, 0x6f, 0x26 } },
	{ "vmovntdq 32", 32, true, true, 4, { 0xc5, 0xfd, 0xe7, 0x1e } },
	{ "vlddqu 32", 32, false, true, 4, { 0xc5, 0xff, 0xf0, 0x1e } },
};

static u8 hw_vector[16][VIE_VECTOR_MAX];

#define LOAD(n)		"vmovdqu " #n "*32(%0), %%ymm" #n "\n"
#define STORE(n)	"vmovdqu %%ymm" #n ", " #n "*32(%0)\n"
#define ALL(x)		x(0) x(1) x(2) x(3) x(4) x(5) x(6) x(7) x(8) x(9) x(10) x(11) x(12)	\
			x(13) x(14) x(15)

/* The code ends with RET; RSI is @mem. */
static void run_on_hardware(const void *code, void *mem)
{
	asm volatile("sub $128, %%rsp\n"
		     ALL(LOAD)
		     "call *%1\n"
		     ALL(STORE)
		     "vzeroupper\n"
		     "add $128, %%rsp"
		     : : "r"(hw_vector), "r"(code), "S"(mem)
		     : "memory", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",
		       "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
}

static bool has_avx(void)
{
	return __builtin_cpu_supports("avx");
}

static void vector_regs(struct vmm_regs *regs, u64 rsi)
{
	world_regs(regs, VIE_64, false);
	regs->cr4 = BIT(9) | BIT(18);
	regs->xcr0 = XCR0_AVX;
	regs->gpr[VMM_REG_RSI] = rsi;
}

static void fill(struct world *w)
{
	unsigned int i;

	world_init(w);
	for (i = 0; i < sizeof(w->vector); i++)
		((u8 *)w->vector)[i] = rand();
}

TEST(as_the_processor_does)
{
	static u8 mem[WORLD_SIZE] __attribute__((aligned(64)));
	u8 *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct vie_fault fault;
	struct vmm_regs regs;
	struct vie vie;
	struct world w;
	unsigned int i, off;

	if (!has_avx())
		SKIP(return, "this processor has no AVX");
	ASSERT_NE(MAP_FAILED, code);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		memcpy(code, rows[i].inst, rows[i].len);
		code[rows[i].len] = 0xc3;
		ASSERT_EQ(VIE_OK, vie_decode(&vie, rows[i].inst, 8, VIE_64)) {
			TH_LOG("%s", rows[i].text);
		}
		EXPECT_EQ(rows[i].len, vie.len);
		for (off = 64; off < 128; off += rows[i].aligned ? rows[i].size : 1) {
			fill(&w);
			memcpy(hw_vector, w.vector, sizeof(hw_vector));
			memcpy(mem, w.mem, sizeof(mem));
			run_on_hardware(code, mem + off);
			vector_regs(&regs, WORLD_GLA + off);
			ASSERT_EQ(VIE_OK, vie_exec(&vie, &regs, &world_ops, &w, &fault));
			ASSERT_EQ(0, memcmp(hw_vector, w.vector, sizeof(hw_vector))) {
				TH_LOG("%s at %u: registers", rows[i].text, off);
			}
			ASSERT_EQ(0, memcmp(mem, w.mem, sizeof(mem))) {
				TH_LOG("%s at %u: memory", rows[i].text, off);
			}
			ASSERT_EQ(0x1000 + rows[i].len, regs.rip);
		}
	}
	munmap(code, 4096);
}

/* SDM "Exceptions Type 1" and on: who faults, and with what. */
TEST(exceptions)
{
	struct vie_fault fault;
	struct vmm_regs regs;
	unsigned int i, change;
	struct vie vie;
	struct world w;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		ASSERT_EQ(VIE_OK, vie_decode(&vie, rows[i].inst, 8, VIE_64));
		for (change = 0; change < 6; change++) {
			unsigned int vector = 0;

			fill(&w);
			vector_regs(&regs, WORLD_GLA + (change == 5 ? 1 : 0));
			switch (change) {
			case 0:		/* CR0.EM: legacy only */
				regs.cr0 |= BIT(2);
				vector = rows[i].vex ? 0 : VIE_UD;
				break;
			case 1:		/* CR4.OSFXSR: legacy only */
				regs.cr4 &= ~BIT(9);
				vector = rows[i].vex ? 0 : VIE_UD;
				break;
			case 2:		/* CR4.OSXSAVE, XCR0: VEX only */
				regs.cr4 &= ~BIT(18);
				vector = rows[i].vex ? VIE_UD : 0;
				break;
			case 3:
				regs.xcr0 = 3;
				vector = rows[i].vex ? VIE_UD : 0;
				break;
			case 4:		/* CR0.TS */
				regs.cr0 |= BIT(3);
				vector = VIE_NM;
				break;
			case 5:
				vector = rows[i].aligned ? VIE_GP : 0;
				break;
			}
			EXPECT_EQ(vector ? VIE_FAULT : VIE_OK,
				  vie_exec(&vie, &regs, &world_ops, &w, &fault)) {
				TH_LOG("%s, change %u", rows[i].text, change);
			}
			if (vector) {
				EXPECT_EQ(vector, fault.vector);
				EXPECT_EQ(vector == VIE_GP, fault.has_error);
				EXPECT_EQ(0x1000, regs.rip);
				EXPECT_EQ(0, w.calls);
			}
		}
	}
}

/* A load that userspace must answer leaves the register until it has. */
TEST(restart)
{
	struct vie_fault fault;
	struct vmm_regs regs;
	u8 before[VIE_VECTOR_MAX];
	struct vie vie;
	struct world w;

	ASSERT_EQ(VIE_OK, vie_decode(&vie, rows[24].inst, 8, VIE_64));
	fill(&w);
	w.user_at = 0;
	memcpy(before, w.vector[3], sizeof(before));
	vector_regs(&regs, WORLD_GLA);
	EXPECT_EQ(VIE_USER, vie_exec(&vie, &regs, &world_ops, &w, &fault));
	EXPECT_EQ(0, memcmp(before, w.vector[3], sizeof(before)));
	EXPECT_EQ(VIE_OK, vie_exec(&vie, &regs, &world_ops, &w, &fault));
	EXPECT_EQ(0, memcmp(w.mem, w.vector[3], sizeof(before)));
}

TEST_HARNESS_MAIN
