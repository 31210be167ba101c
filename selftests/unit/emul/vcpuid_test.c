// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * CPUID policy: what is hidden stays hidden whatever the host says, what is
 * shown is consistent with itself, and the arithmetic that guests do with it
 * comes out right.
 */
#include <stdlib.h>
#include "env.h"
#include "kselftest_harness.h"
#include "vcpuid.h"
#include "cpuid_host.h"

/* Yorkfield: no XSAVE, highest leaf 0xd, vendor as given. */
static void poor_host(void *ctx, u32 leaf, u32 subleaf, u32 reg[4])
{
	(void)subleaf;
	memset(reg, 0, 16);
	if (leaf == 0) {
		reg[EAX] = 0xd;
		memcpy(&reg[EBX], ctx, 4);
		memcpy(&reg[EDX], (char *)ctx + 4, 4);
		memcpy(&reg[ECX], (char *)ctx + 8, 4);
	} else if (leaf == 1) {
		reg[EDX] = 0x178bfbff;
	} else if (leaf == 0x80000000) {
		reg[EAX] = 0x80000008;
	} else if (leaf == 0x80000008) {
		reg[EAX] = 0x3026;
	}
}

static void real_host(void *ctx, u32 leaf, u32 subleaf, u32 reg[4])
{
	(void)ctx;
	asm volatile("cpuid" : "=a"(reg[0]), "=b"(reg[1]), "=c"(reg[2]), "=d"(reg[3])
		     : "a"(leaf), "c"(subleaf));
}

static const struct vcpuid_caps full = {
	.xcr0 = 0x2ff, .tsc_khz = 2803200, .apic_khz = 1000000, .vcpus = 4,
	.x2apic = true, .tsc_deadline = true, .invariant_tsc = true, .invpcid = true,
	.rdtscp = true, .spec_ctrl = true, .pred_cmd = true, .flush_cmd = true,
	.arch_caps = true, .user_wait = true,
};

static struct vcpuid_table table;

static u32 ask(u32 leaf, u32 subleaf, int reg, const struct vcpuid_dyn *dyn)
{
	static const struct vcpuid_dyn plain = { .xcr0 = 1, .apic_enabled = true };
	u32 out[4] = { 0xdead, 0xdead, 0xdead, 0xdead };

	vcpuid_query(&table, dyn ? dyn : &plain, leaf, subleaf, out);
	return out[reg];
}

/* Features of the SDM by leaf, register and bit that no guest is shown. */
static const struct {
	char name[16];
	u32 leaf, subleaf;
	u8  reg, bit;
} hidden[] = {
	{ "DTES64", 1, 0, ECX, 2 }, { "MONITOR", 1, 0, ECX, 3 }, { "DS-CPL", 1, 0, ECX, 4 },
	{ "VMX", 1, 0, ECX, 5 }, { "SMX", 1, 0, ECX, 6 }, { "EIST", 1, 0, ECX, 7 },
	{ "TM2", 1, 0, ECX, 8 }, { "SDBG", 1, 0, ECX, 11 }, { "xTPR", 1, 0, ECX, 14 },
	{ "PDCM", 1, 0, ECX, 15 }, { "DCA", 1, 0, ECX, 18 }, { "OSXSAVE", 1, 0, ECX, 27 },
	{ "PSN", 1, 0, EDX, 18 }, { "DS", 1, 0, EDX, 21 }, { "ACPI", 1, 0, EDX, 22 },
	{ "TM", 1, 0, EDX, 29 }, { "PBE", 1, 0, EDX, 31 },
	{ "DTS", 6, 0, EAX, 0 }, { "turbo", 6, 0, EAX, 1 }, { "HWP", 6, 0, EAX, 7 },
	{ "APERF", 6, 0, ECX, 0 }, { "EPB", 6, 0, ECX, 3 },
	{ "SGX", 7, 0, EBX, 2 }, { "HLE", 7, 0, EBX, 4 }, { "RTM", 7, 0, EBX, 11 },
	{ "RDT-M", 7, 0, EBX, 12 }, { "RDT-A", 7, 0, EBX, 15 }, { "PT", 7, 0, EBX, 25 },
	{ "OSPKE", 7, 0, ECX, 4 }, { "CET_SS", 7, 0, ECX, 7 }, { "TME", 7, 0, ECX, 13 },
	{ "KL", 7, 0, ECX, 23 }, { "MOVDIR64B", 7, 0, ECX, 28 }, { "ENQCMD", 7, 0, ECX, 29 },
	{ "SGX_LC", 7, 0, ECX, 30 }, { "PKS", 7, 0, ECX, 31 },
	{ "UINTR", 7, 0, EDX, 5 }, { "hybrid", 7, 0, EDX, 15 }, { "TSXLDTRK", 7, 0, EDX, 16 },
	{ "PCONFIG", 7, 0, EDX, 18 }, { "LBR", 7, 0, EDX, 19 }, { "CET_IBT", 7, 0, EDX, 20 },
	{ "AMX-BF16", 7, 0, EDX, 22 }, { "AMX-TILE", 7, 0, EDX, 24 },
	{ "AMX-INT8", 7, 0, EDX, 25 }, { "CORE_CAPS", 7, 0, EDX, 30 },
	{ "FRED", 7, 1, EAX, 17 }, { "LAM", 7, 1, EAX, 26 },
	{ "XSAVES", 0xd, 1, EAX, 3 }, { "XFD", 0xd, 1, EAX, 4 },
	{ "SVM", 0x80000001, 0, ECX, 2 },
};

static const struct {
	char name[16];
	u32 leaf, subleaf;
	u8  reg, bit;
} shown[] = {
	{ "SSE3", 1, 0, ECX, 0 }, { "CX16", 1, 0, ECX, 13 }, { "PCID", 1, 0, ECX, 17 },
	{ "x2APIC", 1, 0, ECX, 21 }, { "MOVBE", 1, 0, ECX, 22 }, { "deadline", 1, 0, ECX, 24 },
	{ "XSAVE", 1, 0, ECX, 26 }, { "AVX", 1, 0, ECX, 28 }, { "RDRAND", 1, 0, ECX, 30 },
	{ "hypervisor", 1, 0, ECX, 31 },
	{ "FPU", 1, 0, EDX, 0 }, { "APIC", 1, 0, EDX, 9 }, { "MTRR", 1, 0, EDX, 12 },
	{ "PAT", 1, 0, EDX, 16 }, { "SSE2", 1, 0, EDX, 26 }, { "HTT", 1, 0, EDX, 28 },
	{ "ARAT", 6, 0, EAX, 2 },
	{ "FSGSBASE", 7, 0, EBX, 0 }, { "TSC_ADJUST", 7, 0, EBX, 1 }, { "SMEP", 7, 0, EBX, 7 },
	{ "INVPCID", 7, 0, EBX, 10 }, { "AVX512F", 7, 0, EBX, 16 }, { "SMAP", 7, 0, EBX, 20 },
	{ "AVX512VL", 7, 0, EBX, 31 },
	{ "UMIP", 7, 0, ECX, 2 }, { "PKU", 7, 0, ECX, 3 }, { "WAITPKG", 7, 0, ECX, 5 },
	{ "LA57", 7, 0, ECX, 16 }, { "RDPID", 7, 0, ECX, 22 },
	{ "FSRM", 7, 0, EDX, 4 }, { "MD_CLEAR", 7, 0, EDX, 10 }, { "IBRS", 7, 0, EDX, 26 },
	{ "STIBP", 7, 0, EDX, 27 }, { "ARCH_CAPS", 7, 0, EDX, 29 }, { "SSBD", 7, 0, EDX, 31 },
	{ "AVX_VNNI", 7, 1, EAX, 4 }, { "BHI_CTRL", 7, 2, EDX, 4 },
	{ "XSAVEOPT", 0xd, 1, EAX, 0 }, { "XSAVEC", 0xd, 1, EAX, 1 },
	{ "LAHF", 0x80000001, 0, ECX, 0 }, { "SYSCALL", 0x80000001, 0, EDX, 11 },
	{ "NX", 0x80000001, 0, EDX, 20 }, { "1G", 0x80000001, 0, EDX, 26 },
	{ "RDTSCP", 0x80000001, 0, EDX, 27 }, { "LM", 0x80000001, 0, EDX, 29 },
	{ "invariant", 0x80000007, 0, EDX, 8 },
};

TEST(hidden_whatever_the_host_has)
{
	unsigned int i;

	vcpuid_build(&table, &full, rich_host, NULL);
	for (i = 0; i < ARRAY_SIZE(hidden); i++)
		EXPECT_EQ(0, ask(hidden[i].leaf, hidden[i].subleaf, hidden[i].reg, NULL) &
			     BIT(hidden[i].bit)) {
			TH_LOG("%s", hidden[i].name);
		}
	/* Whole leaves: MONITOR, perfmon, RDT, SGX, PT, hybrid, LBR, AMX. */
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(0, ask(0x5, 0, i, NULL));
		EXPECT_EQ(0, ask(0xa, 0, i, NULL));
		EXPECT_EQ(0, ask(0xf, 0, i, NULL));
		EXPECT_EQ(0, ask(0x10, 0, i, NULL));
		EXPECT_EQ(0, ask(0x12, 0, i, NULL));
		EXPECT_EQ(0, ask(0x14, 0, i, NULL));
		EXPECT_EQ(0, ask(0x1a, 0, i, NULL));
		EXPECT_EQ(0, ask(0x1c, 0, i, NULL));
		EXPECT_EQ(0, ask(0x1d, 0, i, NULL));
	}
}

TEST(shown_where_the_host_has_it)
{
	unsigned int i;

	vcpuid_build(&table, &full, rich_host, NULL);
	for (i = 0; i < ARRAY_SIZE(shown); i++)
		EXPECT_NE(0, ask(shown[i].leaf, shown[i].subleaf, shown[i].reg, NULL) &
			     BIT(shown[i].bit)) {
			TH_LOG("%s", shown[i].name);
		}
}

/* A feature needs what it stands on. */
TEST(dependencies)
{
	struct vcpuid_caps caps = full;

	caps.xcr0 = 0;
	vcpuid_build(&table, &caps, rich_host, NULL);
	EXPECT_EQ(0, ask(1, 0, ECX, NULL) & (BIT(12) | BIT(26) | BIT(28) | BIT(29)));
	EXPECT_EQ(0, ask(7, 0, EBX, NULL) & (BIT(5) | BIT(14) | 0xdc230000));
	EXPECT_EQ(0, ask(7, 0, ECX, NULL) & (BIT(3) | BIT(9) | BIT(10) | BIT(14)));
	EXPECT_EQ(0, ask(0xd, 0, EAX, NULL));
	EXPECT_EQ(0, ask(0xd, 1, EAX, NULL));

	caps.xcr0 = 7;
	vcpuid_build(&table, &caps, rich_host, NULL);
	EXPECT_NE(0, ask(1, 0, ECX, NULL) & BIT(28));
	EXPECT_NE(0, ask(7, 0, EBX, NULL) & BIT(5));
	EXPECT_EQ(0, ask(7, 0, EBX, NULL) & 0xdc230000);

	caps = full;
	caps.pred_cmd = false;
	vcpuid_build(&table, &caps, rich_host, NULL);
	EXPECT_EQ(0, ask(7, 0, EDX, NULL) & BIT(26));
	EXPECT_NE(0, ask(7, 0, EDX, NULL) & BIT(31));
	EXPECT_EQ(0x5fe, vcpuid_spec_ctrl_allowed(&table));
	caps.spec_ctrl = false;
	vcpuid_build(&table, &caps, rich_host, NULL);
	EXPECT_EQ(0, ask(7, 0, EDX, NULL) & (BIT(27) | BIT(31)));
	EXPECT_EQ(0, vcpuid_spec_ctrl_allowed(&table));
	EXPECT_EQ(0x20, ask(7, 2, EDX, NULL));

	caps = full;
	caps.rdtscp = false;
	caps.invpcid = false;
	caps.x2apic = false;
	caps.tsc_deadline = false;
	caps.invariant_tsc = false;
	caps.hide[VCPUID_1_ECX] = BIT(30);
	vcpuid_build(&table, &caps, rich_host, NULL);
	EXPECT_EQ(0, ask(0x80000001, 0, EDX, NULL) & BIT(27));
	EXPECT_EQ(0, ask(7, 0, ECX, NULL) & BIT(22));
	EXPECT_EQ(0, ask(7, 0, EBX, NULL) & BIT(10));
	EXPECT_EQ(0, ask(1, 0, ECX, NULL) & (BIT(21) | BIT(24) | BIT(30)));
	EXPECT_EQ(0, ask(0x80000007, 0, EDX, NULL));
}

/* Bits that follow the vCPU's registers. */
TEST(dynamic_bits)
{
	struct vcpuid_dyn dyn = { .apic_id = 3, .vcpus = 4, .xcr0 = 1 };

	vcpuid_build(&table, &full, rich_host, NULL);
	EXPECT_EQ(0, ask(1, 0, EDX, &dyn) & BIT(9));
	EXPECT_EQ(3, ask(1, 0, EBX, &dyn) >> 24);
	dyn.apic_enabled = true;
	dyn.cr4 = BIT(18) | BIT(22);
	EXPECT_NE(0, ask(1, 0, EDX, &dyn) & BIT(9));
	EXPECT_NE(0, ask(1, 0, ECX, &dyn) & BIT(27));
	EXPECT_NE(0, ask(7, 0, ECX, &dyn) & BIT(4));
	EXPECT_EQ(0x1f, ask(0, 0, EAX, &dyn));
	dyn.misc_enable = BIT(22);
	EXPECT_EQ(2, ask(0, 0, EAX, &dyn));
}

/* "Hierarchical Mapping of Shared Resources": one socket, cores, no threads. */
TEST(topology)
{
	struct vcpuid_dyn dyn = { .apic_enabled = true };
	u32 vcpus, shift, i;

	vcpuid_build(&table, &full, rich_host, NULL);
	for (vcpus = 1; vcpus <= 64; vcpus++) {
		dyn.vcpus = vcpus;
		dyn.apic_id = vcpus - 1;
		shift = ask(0xb, 1, EAX, &dyn);
		/* All ids are below 1 << shift, and the shift is no wider than that. */
		EXPECT_EQ(0, (vcpus - 1) >> shift);
		EXPECT_TRUE(shift == 0 || (vcpus - 1) >> (shift - 1));
		EXPECT_EQ(0, ask(0xb, 0, EAX, &dyn));
		EXPECT_EQ(1, ask(0xb, 0, EBX, &dyn));
		EXPECT_EQ(0x100, ask(0xb, 0, ECX, &dyn));
		EXPECT_EQ(vcpus, ask(0xb, 1, EBX, &dyn));
		EXPECT_EQ(0x201, ask(0xb, 1, ECX, &dyn));
		EXPECT_EQ(0, ask(0xb, 2, EBX, &dyn));
		EXPECT_EQ(2, ask(0xb, 2, ECX, &dyn));
		for (i = 0; i < 4; i++) {
			EXPECT_EQ(vcpus - 1, ask(0xb, i, EDX, &dyn));
			EXPECT_EQ(ask(0xb, i, EAX, &dyn), ask(0x1f, i, EAX, &dyn));
			EXPECT_EQ(ask(0xb, i, EBX, &dyn), ask(0x1f, i, EBX, &dyn));
		}
		/* Leaf 4: cores in the package; L1 and L2 are a core's, L3 is all's. */
		EXPECT_EQ(1U << shift, (ask(4, 0, EAX, &dyn) >> 26) + 1);
		EXPECT_EQ(0, ask(4, 0, EAX, &dyn) >> 14 & 0xfff);
		EXPECT_EQ(0, ask(4, 2, EAX, &dyn) >> 14 & 0xfff);
		EXPECT_EQ(1U << shift, (ask(4, 3, EAX, &dyn) >> 14 & 0xfff) + 1);
		EXPECT_EQ(0, ask(4, 4, EAX, &dyn));
		EXPECT_EQ(vcpus > 1, !!(ask(1, 0, EDX, &dyn) & BIT(28)));
		EXPECT_EQ(1U << shift, ask(1, 0, EBX, &dyn) >> 16 & 0xff);
	}
	/* Without a number in the query the table's counts. */
	dyn.vcpus = 0;
	EXPECT_EQ(4, ask(0xb, 1, EBX, &dyn));
}

/* "CPUID": beyond the highest basic leaf answers the highest basic leaf. */
TEST(out_of_range)
{
	static const u32 beyond[] = { 0x17, 0x1000, 0x3fffffff, 0x40000100, 0x7fffffff,
				      0x80000009, 0xffffffff };
	unsigned int i, r;
	char intel[] = "GenuineIntel";

	vcpuid_build(&table, &full, poor_host, intel);
	ASSERT_EQ(0x16, ask(0, 0, EAX, NULL));
	for (i = 0; i < ARRAY_SIZE(beyond); i++)
		for (r = 0; r < 4; r++)
			EXPECT_EQ(ask(0x16, 0, r, NULL), ask(beyond[i], 0, r, NULL));
	EXPECT_EQ(2803, ask(0xffffffff, 5, EAX, NULL));
	/* Inside the range but unknown: zero. Hypervisor leaves have their own range. */
	EXPECT_EQ(0, ask(0x13, 0, EAX, NULL));
	EXPECT_EQ(0, ask(0x40000001, 0, EAX, NULL));
	EXPECT_EQ(0, ask(0x80000005, 0, EAX, NULL));
}

/* Only Intel's processors are made to have leaves they lack. */
TEST(highest_leaf)
{
	char other[] = "CentaurHauls";

	vcpuid_build(&table, &full, poor_host, other);
	EXPECT_EQ(0xd, ask(0, 0, EAX, NULL));
	EXPECT_EQ(NULL, vcpuid_find(&table, 0x15, 0));
}

TEST(hypervisor_leaves)
{
	u32 text[4] = { 0 };

	vcpuid_build(&table, &full, rich_host, NULL);
	EXPECT_EQ(0x40000010, ask(0x40000000, 0, EAX, NULL));
	text[0] = ask(0x40000000, 0, EBX, NULL);
	text[1] = ask(0x40000000, 0, ECX, NULL);
	text[2] = ask(0x40000000, 0, EDX, NULL);
	EXPECT_EQ(0, memcmp(text, VCPUID_HV_SIGNATURE, 12));
	EXPECT_EQ(2803200, ask(0x40000010, 0, EAX, NULL));
	EXPECT_EQ(1000000, ask(0x40000010, 0, EBX, NULL));
}

/* How far num / den is from khz / apic. */
static double ratio_error(u32 num, u32 den, u32 khz, u32 apic)
{
	double off = (double)num / den - (double)khz / apic;

	return off < 0 ? -off : off;
}

/* The closest fraction with a numerator up to @limit, by trying them all. */
static double best_error(u32 khz, u32 apic, u32 limit)
{
	double best = 1e9, off;
	u32 num, den;

	for (num = 1; num <= limit && num <= khz; num++) {
		den = ((u64)num * apic + khz / 2) / khz;
		off = ratio_error(num, den ? den : 1, khz, apic);
		if (off < best)
			best = off;
	}
	return best;
}

/*
 * Leaf 15H as Linux computes with it, in 32 bits: crystal kHz * EBX / EAX. The
 * crystal is the APIC timer's clock. No other fraction would come closer.
 */
TEST(tsc_frequency)
{
	struct vcpuid_caps caps = full;
	u32 khz, crystal_khz, num, den, apic, limit, far = 0, all = 0;
	static const u32 apics[] = { 1000000, 100000, 25000, 24000, 19200, 1 };

	for (apic = 0; apic < ARRAY_SIZE(apics); apic++)
		for (khz = 200000; khz < 6000000; khz += 49873) {
			caps.tsc_khz = khz;
			caps.apic_khz = apics[apic];
			limit = U32_MAX / apics[apic];
			vcpuid_build(&table, &caps, rich_host, NULL);
			num = ask(0x15, 0, EBX, NULL);
			den = ask(0x15, 0, EAX, NULL);
			crystal_khz = ask(0x15, 0, ECX, NULL) / 1000;
			ASSERT_EQ(apics[apic], crystal_khz);
			ASSERT_NE(0, den);
			ASSERT_EQ((u64)crystal_khz * num, crystal_khz * num);
			ASSERT_LE(ratio_error(num, den, khz, apics[apic]),
				  best_error(khz, apics[apic], limit) * 1.000001 + 1e-12) {
				TH_LOG("tsc %u kHz, crystal %u kHz: %u / %u", khz, crystal_khz,
				       num, den);
			}
			all++;
			far += llabs((s64)(crystal_khz * num / den) - khz) > 1 + khz / 200000;
		}
	/* Nearly always within 5 ppm. */
	EXPECT_LT(far * 20, all);

	/* An exact ratio stays exact. */
	caps.tsc_khz = 2500000;
	caps.apic_khz = 1000000;
	vcpuid_build(&table, &caps, rich_host, NULL);
	EXPECT_EQ(5, ask(0x15, 0, EBX, NULL));
	EXPECT_EQ(2, ask(0x15, 0, EAX, NULL));
	EXPECT_EQ(1000000000, ask(0x15, 0, ECX, NULL));
	EXPECT_EQ(2500, ask(0x16, 0, EAX, NULL));
	caps.tsc_khz = 0;
	vcpuid_build(&table, &caps, rich_host, NULL);
	EXPECT_EQ(0, ask(0x15, 0, EAX, NULL));
	EXPECT_EQ(0, ask(0x16, 0, EAX, NULL));
}

/* "XSAVE-Managed Features": sizes follow XCR0. */
TEST(xsave_sizes)
{
	struct vcpuid_dyn dyn = { .xcr0 = 1 };

	vcpuid_build(&table, &full, rich_host, NULL);
	EXPECT_EQ(0x2ff, ask(0xd, 0, EAX, &dyn));
	EXPECT_EQ(576, ask(0xd, 0, EBX, &dyn));
	EXPECT_EQ(2696, ask(0xd, 0, ECX, &dyn));
	dyn.xcr0 = 7;
	EXPECT_EQ(832, ask(0xd, 0, EBX, &dyn));
	EXPECT_EQ(832, ask(0xd, 1, EBX, &dyn));
	dyn.xcr0 = 0xe7;
	EXPECT_EQ(2688, ask(0xd, 0, EBX, &dyn));
	/* Compacted: components 2, 5, 6, 7 one after the other, 6 at a multiple of 64. */
	EXPECT_EQ(960 + 512 + 1024, ask(0xd, 1, EBX, &dyn));
	dyn.xcr0 = 0x207;
	EXPECT_EQ(2696, ask(0xd, 0, EBX, &dyn));
	EXPECT_EQ(840, ask(0xd, 1, EBX, &dyn));
	/* Components beyond the mask are not described. */
	EXPECT_EQ(256, ask(0xd, 2, EAX, &dyn));
	EXPECT_EQ(0, ask(0xd, 8, EAX, &dyn));
	EXPECT_EQ(0, ask(0xd, 17, EAX, &dyn));
	EXPECT_EQ(0, ask(0xd, 1, ECX, &dyn));
}

/* The table of this very machine: a subset of it, and small enough. */
TEST(this_machine)
{
	struct vcpuid_dyn dyn = { .apic_enabled = true };
	static const u8 forced_ecx[] = { 21, 24, 31 };
	u32 host[4], word, i, low = 0, high = 0;
	struct vcpuid_caps caps = full;

	real_host(NULL, 1, 0, host);
	if (host[ECX] & BIT(27))
		asm("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	caps.xcr0 = (u64)high << 32 | low;
	dyn.xcr0 = caps.xcr0;
	vcpuid_build(&table, &caps, real_host, NULL);
	ASSERT_LT(table.count, VCPUID_TABLE_MAX);

	word = ask(1, 0, ECX, &dyn);
	for (i = 0; i < ARRAY_SIZE(forced_ecx); i++)
		word &= ~BIT(forced_ecx[i]);
	EXPECT_EQ(0, word & ~host[ECX]);
	real_host(NULL, 7, 0, host);
	EXPECT_EQ(0, ask(7, 0, EBX, &dyn) & ~host[EBX] & ~2U);
	EXPECT_EQ(0, ask(7, 0, ECX, &dyn) & ~host[ECX]);
	EXPECT_EQ(0, ask(7, 0, EDX, &dyn) & ~host[EDX]);
	/* Standard-format size of what this machine has enabled: its own answer. */
	real_host(NULL, 0xd, 0, host);
	if (caps.xcr0)
		EXPECT_EQ(host[EBX], ask(0xd, 0, EBX, &dyn));
	EXPECT_LE(vcpuid_gpa_width(&table), 48);
	EXPECT_GE(vcpuid_gpa_width(&table), 36);
}

/* Whatever a host answers, the table keeps its bounds. */
static void noisy_host(void *ctx, u32 leaf, u32 subleaf, u32 reg[4])
{
	(void)ctx, (void)leaf, (void)subleaf;
	memset(reg, 0xff, 16);
}

TEST(bounds)
{
	struct vcpuid_caps caps = full;
	int asked = 0;

	caps.xcr0 = ~0ULL;
	vcpuid_build(&table, &caps, noisy_host, NULL);
	ASSERT_LE(table.count, VCPUID_TABLE_MAX);
	EXPECT_EQ(0x1f, table.max_basic);
	EXPECT_EQ(48, vcpuid_gpa_width(&table));
	vcpuid_build(&table, &full, rich_host, &asked);
	EXPECT_LT(asked, 60);
}

TEST(cr4_bits)
{
	char intel[] = "GenuineIntel";

	vcpuid_build(&table, &full, rich_host, NULL);
	EXPECT_EQ(0x00771fff, vcpuid_cr4_allowed(&table));
	EXPECT_TRUE(vcpuid_has_1g(&table));
	vcpuid_build(&table, &full, poor_host, intel);
	/* No UMIP, LA57, FSGSBASE, PCID, XSAVE, SMEP, SMAP, PKU. */
	EXPECT_EQ(0x000007ff, vcpuid_cr4_allowed(&table));
	EXPECT_FALSE(vcpuid_has_1g(&table));
	EXPECT_EQ(38, vcpuid_gpa_width(&table));
}

/* "Enabling the XSAVE Feature Set": every value of the low byte. */
TEST(xcr0_values)
{
	unsigned int v;

	for (v = 0; v < 256; v++) {
		bool x87 = v & 1, sse = v & 2, avx = v & 4;
		unsigned int mpx = v >> 3 & 3, avx512 = v >> 5 & 7;
		bool good = x87 && (!avx || sse) && (mpx == 0 || mpx == 3) &&
			    (avx512 == 0 || (avx512 == 7 && avx));

		EXPECT_EQ(good, vcpuid_xcr0_is_valid(v, 0xff)) {
			TH_LOG("XCR0 %x", v);
		}
	}
	EXPECT_FALSE(vcpuid_xcr0_is_valid(0x207, 0xff));
	EXPECT_TRUE(vcpuid_xcr0_is_valid(0x207, 0x2ff));
	EXPECT_FALSE(vcpuid_xcr0_is_valid(7, 3));
	EXPECT_FALSE(vcpuid_xcr0_is_valid(1ULL << 63 | 1, 0xff));
}

TEST_HARNESS_MAIN
