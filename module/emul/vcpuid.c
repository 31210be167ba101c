// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The CPUID policy: which feature bits of the host a guest may see, and what
 * the rest of CPUID says in a virtual machine of one socket with one thread
 * per core. Nothing here is state; the table is its caller's.
 *
 * Hidden for good: what the module does not virtualise (VMX, SMX, MONITOR,
 * EST, thermal, DS, PMU, SGX, PT, RDT, AMX, CET, key locker, XSAVES with its
 * IA32_XSS), what the emulator cannot carry to a device (MOVDIR64B, ENQCMD),
 * and TSX.
 *
 * SDM: "CPUID - CPU Identification"; "Detecting Hardware Multi-Threading";
 * "Time-Stamp Counter and Core Crystal Clock Information Leaf".
 */
#include "vcpuid.h"

#define EAX	0
#define EBX	1
#define ECX	2
#define EDX	3

#define XCR0_AVX	BIT(2)
#define XCR0_MPX	(BIT(3) | BIT(4))
#define XCR0_AVX512	(BIT(5) | BIT(6) | BIT(7))
#define XCR0_PKRU	BIT(9)

#define MAX_BASIC	0x1f
#define MIN_TIMING	0x16		/* raised to, for the timing leaves */
#define MAX_EXTENDED	0x80000008
#define GPA_WIDTH_MAX	48		/* what a four-level EPT translates */

#define F1_ECX_XSAVE	BIT(26)
#define F7_ECX_PKU	BIT(3)

/*
 * One row per feature word: @show is what passes from host to guest, @force
 * what the module provides whatever the host has.
 */
static const struct {
	u32 leaf;
	u32 subleaf;
	u32 reg;
	u32 show;
	u32 force;
} words[VCPUID_WORDS] = {
	/* SSE3 PCLMULQDQ SSSE3 FMA CX16 PCID SSE4.1 SSE4.2 MOVBE POPCNT AES
	 * XSAVE AVX F16C RDRAND; x2APIC, TSC deadline and "hypervisor" are ours.
	 */
	[VCPUID_1_ECX] = { 0x1, 0, ECX, 0x76da3203, 0x81200000 },
	/* All but PSN, DS, ACPI, TM, PBE; MCE, APIC, MTRR, MCA are ours. */
	[VCPUID_1_EDX] = { 0x1, 0, EDX, 0x0f8bfbff, 0x00005280 },
	/* FSGSBASE BMI1 AVX2 FDP_EXCPTN SMEP BMI2 ERMS INVPCID FCS_FDS MPX AVX512F
	 * AVX512DQ RDSEED ADX SMAP IFMA CLFLUSHOPT CLWB AVX512PF/ER/CD SHA
	 * AVX512BW AVX512VL; TSC_ADJUST is ours.
	 */
	[VCPUID_7_EBX] = { 0x7, 0, EBX, 0xfdbf67e9, 0x00000002 },
	/* PREFETCHWT1 VBMI UMIP PKU WAITPKG VBMI2 GFNI VAES VPCLMULQDQ VNNI BITALG
	 * VPOPCNTDQ LA57 RDPID CLDEMOTE MOVDIRI
	 */
	[VCPUID_7_ECX] = { 0x7, 0, ECX, 0x0a415f6f, 0 },
	/* 4VNNIW 4FMAPS FSRM VP2INTERSECT MD_CLEAR SERIALIZE AVX512_FP16 IBRS STIBP
	 * L1D_FLUSH ARCH_CAPABILITIES SSBD
	 */
	[VCPUID_7_EDX] = { 0x7, 0, EDX, 0xbc80451c, 0 },
	/* AVX_VNNI AVX512_BF16 FZRM FSRS FSRC AVX_IFMA */
	[VCPUID_7_1_EAX] = { 0x7, 1, EAX, 0x00801c30, 0 },
	/* AVX_VNNI_INT8 AVX_NE_CONVERT PREFETCHI */
	[VCPUID_7_1_EDX] = { 0x7, 1, EDX, 0x00004030, 0 },
	/* PSFD IPRED_CTRL RRSBA_CTRL DDPD_U BHI_CTRL MCDT_NO */
	[VCPUID_7_2_EDX] = { 0x7, 2, EDX, 0x0000003f, 0 },
	/* XSAVEOPT XSAVEC XGETBV1 */
	[VCPUID_D_1_EAX] = { 0xd, 1, EAX, 0x00000007, 0 },
	/* LAHF LZCNT PREFETCHW */
	[VCPUID_80000001_ECX] = { 0x80000001, 0, ECX, 0x00000121, 0 },
	/* SYSCALL NX Page1GB RDTSCP LM */
	[VCPUID_80000001_EDX] = { 0x80000001, 0, EDX, 0x2c100800, 0 },
};

/* What a feature stands on. */
enum need {
	NEED_X2APIC, NEED_DEADLINE, NEED_XSAVE, NEED_AVX, NEED_AVX512, NEED_MPX, NEED_PKU,
	NEED_INVPCID, NEED_RDTSCP, NEED_SPEC_CTRL, NEED_IBPB, NEED_FLUSH, NEED_ARCH_CAPS,
	NEED_USER_WAIT,
};

static const struct {
	enum vcpuid_word word;
	enum need need;
	u32 bits;
} needs[] = {
	{ VCPUID_1_ECX, NEED_X2APIC, BIT(21) },
	{ VCPUID_1_ECX, NEED_DEADLINE, BIT(24) },
	{ VCPUID_1_ECX, NEED_XSAVE, F1_ECX_XSAVE },
	{ VCPUID_1_ECX, NEED_AVX, BIT(12) | BIT(28) | BIT(29) },
	{ VCPUID_7_EBX, NEED_AVX, BIT(5) },
	{ VCPUID_7_EBX, NEED_MPX, BIT(14) },
	{ VCPUID_7_EBX, NEED_INVPCID, BIT(10) },
	{ VCPUID_7_EBX, NEED_AVX512, 0xdc230000 },
	{ VCPUID_7_ECX, NEED_AVX, BIT(9) | BIT(10) },
	{ VCPUID_7_ECX, NEED_AVX512, BIT(1) | BIT(6) | BIT(11) | BIT(12) | BIT(14) },
	{ VCPUID_7_ECX, NEED_PKU, F7_ECX_PKU },
	{ VCPUID_7_ECX, NEED_USER_WAIT, BIT(5) },
	{ VCPUID_7_ECX, NEED_RDTSCP, BIT(22) },
	{ VCPUID_7_EDX, NEED_AVX512, BIT(2) | BIT(3) | BIT(8) | BIT(23) },
	{ VCPUID_7_EDX, NEED_IBPB, BIT(26) },
	{ VCPUID_7_EDX, NEED_SPEC_CTRL, BIT(26) | BIT(27) | BIT(31) },
	{ VCPUID_7_EDX, NEED_FLUSH, BIT(28) },
	{ VCPUID_7_EDX, NEED_ARCH_CAPS, BIT(29) },
	{ VCPUID_7_1_EAX, NEED_AVX, BIT(4) | BIT(23) },
	{ VCPUID_7_1_EAX, NEED_AVX512, BIT(5) },
	{ VCPUID_7_1_EDX, NEED_AVX, BIT(4) | BIT(5) },
	{ VCPUID_7_2_EDX, NEED_SPEC_CTRL, 0x1f },
	{ VCPUID_D_1_EAX, NEED_XSAVE, ~0U },
	{ VCPUID_80000001_EDX, NEED_RDTSCP, BIT(27) },
};

static bool is_met(enum need need, const struct vcpuid_caps *caps)
{
	switch (need) {
	case NEED_X2APIC:
		return caps->x2apic;
	case NEED_DEADLINE:
		return caps->tsc_deadline;
	case NEED_XSAVE:
		return caps->xcr0;
	case NEED_AVX:
		return caps->xcr0 & XCR0_AVX;
	case NEED_AVX512:
		return (caps->xcr0 & XCR0_AVX512) == XCR0_AVX512;
	case NEED_MPX:
		return (caps->xcr0 & XCR0_MPX) == XCR0_MPX;
	case NEED_PKU:
		return caps->xcr0 & XCR0_PKRU;
	case NEED_INVPCID:
		return caps->invpcid;
	case NEED_RDTSCP:
		return caps->rdtscp;
	case NEED_SPEC_CTRL:
		return caps->spec_ctrl;
	case NEED_IBPB:
		return caps->pred_cmd;
	case NEED_FLUSH:
		return caps->flush_cmd;
	case NEED_ARCH_CAPS:
		return caps->arch_caps;
	case NEED_USER_WAIT:
		return caps->user_wait;
	}
	return false;
}

struct builder {
	struct vcpuid_table *table;
	const struct vcpuid_caps *caps;
	vcpuid_host_fn host;
	void *ctx;
	u32 host_basic;
	u32 host_extended;
};

static void ask_host(const struct builder *b, u32 leaf, u32 subleaf, u32 reg[4])
{
	u32 max = leaf & 0x80000000 ? b->host_extended : b->host_basic;

	memset(reg, 0, 4 * sizeof(reg[0]));
	if (leaf <= max)
		b->host(b->ctx, leaf, subleaf, reg);
}

static void add_sub(struct builder *b, u32 leaf, u32 subleaf, const u32 reg[4])
{
	struct vcpuid_table *table = b->table;
	struct vcpuid_entry *entry;

	if (table->count >= VCPUID_TABLE_MAX)
		return;
	entry = &table->entry[table->count++];
	entry->leaf = leaf;
	entry->subleaf = subleaf;
	entry->has_subleaf = 1;
	memcpy(entry->reg, reg, sizeof(entry->reg));
}

static void add(struct builder *b, u32 leaf, const u32 reg[4])
{
	u32 before = b->table->count;

	add_sub(b, leaf, 0, reg);
	if (b->table->count > before)
		b->table->entry[before].has_subleaf = 0;
}

static u32 word(const struct builder *b, enum vcpuid_word which, const u32 host[4])
{
	u32 value = (host[words[which].reg] & words[which].show) | words[which].force;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(needs); i++)
		if (needs[i].word == which && !is_met(needs[i].need, b->caps))
			value &= ~needs[i].bits;
	return value & ~b->caps->hide[which];
}

static void build_basic(struct builder *b)
{
	u32 reg[4];

	ask_host(b, 0, 0, reg);
	reg[EAX] = b->table->max_basic;
	add(b, 0, reg);

	/* Vendor's own numbers for family and cache line; ids come at the query. */
	ask_host(b, 1, 0, reg);
	reg[EBX] &= 0x0000ff00;
	reg[ECX] = word(b, VCPUID_1_ECX, reg);
	reg[EDX] = word(b, VCPUID_1_EDX, reg);
	add(b, 1, reg);

	ask_host(b, 2, 0, reg);
	add(b, 2, reg);
}

/* Caches as the host's, but shared as our topology has it (see the query). */
static void build_caches(struct builder *b)
{
	u32 reg[4], i;

	for (i = 0; i < 8; i++) {
		ask_host(b, 4, i, reg);
		if (!(reg[EAX] & 0x1f))
			break;
		reg[EAX] &= 0x00003fff;
		add_sub(b, 4, i, reg);
	}
}

static void build_features(struct builder *b)
{
	u32 reg[4], sub1[4] = { 0 }, sub2[4] = { 0 };
	u32 max;

	/* ARAT: the APIC timer runs in every idle state. */
	memset(reg, 0, sizeof(reg));
	reg[EAX] = BIT(2);
	add(b, 6, reg);

	ask_host(b, 7, 0, reg);
	max = min_t(u32, reg[EAX], 2);
	reg[EAX] = max;
	reg[EBX] = word(b, VCPUID_7_EBX, reg);
	reg[ECX] = word(b, VCPUID_7_ECX, reg);
	reg[EDX] = word(b, VCPUID_7_EDX, reg);
	add_sub(b, 7, 0, reg);
	if (max >= 1) {
		ask_host(b, 7, 1, reg);
		sub1[EAX] = word(b, VCPUID_7_1_EAX, reg);
		sub1[EDX] = word(b, VCPUID_7_1_EDX, reg);
		add_sub(b, 7, 1, sub1);
	}
	if (max >= 2) {
		ask_host(b, 7, 2, reg);
		sub2[EDX] = word(b, VCPUID_7_2_EDX, reg);
		add_sub(b, 7, 2, sub2);
	}
}

/* Component sizes and offsets are the host's; sums are made by the query. */
static void build_xsave(struct builder *b)
{
	u64 xcr0 = b->caps->xcr0;
	u32 reg[4], i;

	if (!(b->table->entry[1].reg[ECX] & F1_ECX_XSAVE))
		return;
	memset(reg, 0, sizeof(reg));
	reg[EAX] = xcr0;
	reg[EDX] = xcr0 >> 32;
	add_sub(b, 0xd, 0, reg);

	ask_host(b, 0xd, 1, reg);
	reg[EAX] = word(b, VCPUID_D_1_EAX, reg);
	reg[EBX] = 0;
	reg[ECX] = 0;
	reg[EDX] = 0;
	add_sub(b, 0xd, 1, reg);

	for (i = 2; i < 63; i++) {
		if (!(xcr0 & BIT_ULL(i)))
			continue;
		ask_host(b, 0xd, i, reg);
		reg[ECX] &= BIT(1);
		reg[EDX] = 0;
		add_sub(b, 0xd, i, reg);
	}
}

/* |a * d - n * b|: how far a / b is from n / d, times b * d. */
static u64 distance(u64 a, u64 b, u64 n, u64 d)
{
	return a * d > n * b ? a * d - n * b : n * b - a * d;
}

/*
 * Replace *num / *den by the closest fraction with a numerator of at most
 * @limit: convergents of the continued fraction, and of the one that no longer
 * fits the largest part that does, if it is closer than the one before.
 * *num * *den and @limit * *den must fit into 64 bits.
 */
static void approximate(u32 *num, u32 *den, u32 limit)
{
	u64 n = *num, d = *den, whole, rest;
	u64 p0 = 0, q0 = 1, p1 = 1, q1 = 0, p, q;

	while (d) {
		whole = div64_u64_rem(n, d, &rest);
		p = whole * p1 + p0;
		q = whole * q1 + q0;
		if (p > limit) {
			whole = div64_u64(limit - p0, p1);
			p = whole * p1 + p0;
			q = whole * q1 + q0;
			if (q && distance(p, q, *num, *den) * q1 <
				 distance(p1, q1, *num, *den) * q) {
				p1 = p;
				q1 = q;
			}
			break;
		}
		p0 = p1;
		q0 = q1;
		p1 = p;
		q1 = q;
		n = d;
		d = rest;
	}
	*num = p1;
	*den = q1;
}

static void build_timing(struct builder *b)
{
	u32 tsc_khz = b->caps->tsc_khz, apic_khz = b->caps->apic_khz;
	u32 reg[4] = { apic_khz, tsc_khz, apic_khz * 1000, 0 };

	if (!tsc_khz || !apic_khz || b->table->max_basic < MIN_TIMING)
		return;
	approximate(&reg[EBX], &reg[EAX], U32_MAX / apic_khz);
	if (!reg[EBX] || !reg[EAX] || apic_khz > U32_MAX / 1000)
		return;
	add(b, 0x15, reg);

	reg[EAX] = (tsc_khz + 500) / 1000;
	reg[EBX] = reg[EAX];
	reg[ECX] = 100;
	reg[EDX] = 0;
	add(b, 0x16, reg);
}

static void build_hypervisor(struct builder *b)
{
	u32 reg[4] = { VCPUID_HV_TIMING };

	memcpy(&reg[EBX], VCPUID_HV_SIGNATURE, 12);
	add(b, VCPUID_HV_BASE, reg);

	reg[EAX] = b->caps->tsc_khz;
	reg[EBX] = b->caps->apic_khz;
	reg[ECX] = 0;
	reg[EDX] = 0;
	add(b, VCPUID_HV_TIMING, reg);
}

static void build_extended(struct builder *b)
{
	u32 reg[4], leaf, width;

	if (!b->table->max_extended)
		return;
	memset(reg, 0, sizeof(reg));
	reg[EAX] = b->table->max_extended;
	add(b, 0x80000000, reg);

	ask_host(b, 0x80000001, 0, reg);
	reg[EAX] = 0;
	reg[EBX] = 0;
	reg[ECX] = word(b, VCPUID_80000001_ECX, reg);
	reg[EDX] = word(b, VCPUID_80000001_EDX, reg);
	add(b, 0x80000001, reg);

	for (leaf = 0x80000002; leaf <= 0x80000004; leaf++) {
		ask_host(b, leaf, 0, reg);
		add(b, leaf, reg);
	}

	ask_host(b, 0x80000006, 0, reg);
	add(b, 0x80000006, reg);

	ask_host(b, 0x80000007, 0, reg);
	memset(reg, 0, 3 * sizeof(reg[0]));
	reg[EDX] &= b->caps->invariant_tsc ? BIT(8) : 0;
	add(b, 0x80000007, reg);

	ask_host(b, 0x80000008, 0, reg);
	width = reg[EAX] & 0xff;
	if (!width)
		width = 36;
	reg[EAX] = (reg[EAX] & 0xff00) | min_t(u32, width, GPA_WIDTH_MAX);
	reg[EBX] = 0;
	reg[ECX] = 0;
	reg[EDX] = 0;
	add(b, 0x80000008, reg);
}

static bool is_intel(const u32 reg[4])
{
	return reg[EBX] == 0x756e6547 && reg[EDX] == 0x49656e69 && reg[ECX] == 0x6c65746e;
}

void vcpuid_build(struct vcpuid_table *table, const struct vcpuid_caps *caps,
		  vcpuid_host_fn host, void *ctx)
{
	struct builder b = { .table = table, .caps = caps, .host = host, .ctx = ctx };
	u32 reg[4];

	memset(table, 0, sizeof(*table));
	table->vcpus = max_t(u32, caps->vcpus, 1);
	host(ctx, 0, 0, reg);
	b.host_basic = reg[EAX];
	table->max_basic = min_t(u32, b.host_basic, MAX_BASIC);
	if (is_intel(reg))
		table->max_basic = max_t(u32, table->max_basic, MIN_TIMING);
	host(ctx, 0x80000000, 0, reg);
	if (reg[EAX] >= 0x80000001)
		b.host_extended = reg[EAX];
	if (b.host_extended)
		table->max_extended = MAX_EXTENDED;

	/* build_xsave() relies on leaf 1 being the second entry. */
	build_basic(&b);
	build_caches(&b);
	build_features(&b);
	build_xsave(&b);
	build_timing(&b);
	build_hypervisor(&b);
	build_extended(&b);
}
