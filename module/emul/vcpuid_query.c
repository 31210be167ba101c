// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Answering CPUID from a table: leaf ranges, topology, and the bits that
 * follow a vCPU's registers. The table is constant by now and may be read by
 * all vCPUs at once.
 *
 * SDM: "CPUID - CPU Identification"; "Hierarchical Mapping of Shared
 * Resources"; "XSAVE-Managed Features and State-Component Bitmaps".
 */
#include "vcpuid.h"

#define EAX	0
#define EBX	1
#define ECX	2
#define EDX	3

#define XSAVE_HEADER_END	576	/* legacy region and header */

#define BIT_OSXSAVE	BIT(27)
#define BIT_APIC	BIT(9)
#define BIT_HTT		BIT(28)
#define BIT_PKU		BIT(3)
#define BIT_OSPKE	BIT(4)
#define CR4_OSXSAVE	BIT(18)
#define CR4_PKE		BIT(22)
#define LIMIT_CPUID	BIT(22)

const struct vcpuid_entry *vcpuid_find(const struct vcpuid_table *table, u32 leaf, u32 subleaf)
{
	const struct vcpuid_entry *entry;
	u32 i;

	for (i = 0; i < table->count && i < VCPUID_TABLE_MAX; i++) {
		entry = &table->entry[i];
		if (entry->leaf == leaf && (!entry->has_subleaf || entry->subleaf == subleaf))
			return entry;
	}
	return NULL;
}

static u32 stored(const struct vcpuid_table *table, u32 leaf, u32 subleaf, unsigned int reg)
{
	const struct vcpuid_entry *entry = vcpuid_find(table, leaf, subleaf);

	return entry ? entry->reg[reg] : 0;
}

u8 vcpuid_gpa_width(const struct vcpuid_table *table)
{
	u8 width = stored(table, 0x80000008, 0, EAX);

	return width ? width : 36;
}

bool vcpuid_has_1g(const struct vcpuid_table *table)
{
	return stored(table, 0x80000001, 0, EDX) & BIT(26);
}

bool vcpuid_has(const struct vcpuid_table *table, u32 leaf, unsigned int reg, unsigned int bit)
{
	return stored(table, leaf, 0, reg) & BIT(bit);
}

u64 vcpuid_xcr0_allowed(const struct vcpuid_table *table)
{
	if (!vcpuid_has(table, 1, ECX, 26))
		return BIT(0);
	return (u64)stored(table, 0xd, 0, EDX) << 32 | stored(table, 0xd, 0, EAX) | BIT(0);
}

/* A control bit that exists because of a feature bit. */
struct grant {
	u8  leaf;
	u8  subleaf;
	u8  reg;
	u8  bit;
	u32 control;
};

static u64 granted(const struct vcpuid_table *table, const struct grant *row, unsigned int count)
{
	u64 allowed = 0;

	for (; count; count--, row++)
		if (stored(table, row->leaf, row->subleaf, row->reg) & BIT(row->bit))
			allowed |= row->control;
	return allowed;
}

u64 vcpuid_cr4_allowed(const struct vcpuid_table *table)
{
	static const struct grant rows[] = {
		{ 0x1, 0, EDX, 1, BIT(0) | BIT(1) },	/* VME: VME, PVI */
		{ 0x1, 0, EDX, 4, BIT(2) },		/* TSC: TSD */
		{ 0x1, 0, EDX, 2, BIT(3) },		/* DE */
		{ 0x1, 0, EDX, 3, BIT(4) },		/* PSE */
		{ 0x1, 0, EDX, 6, BIT(5) },		/* PAE */
		{ 0x1, 0, EDX, 7, BIT(6) },		/* MCE */
		{ 0x1, 0, EDX, 13, BIT(7) },		/* PGE */
		{ 0x1, 0, EDX, 24, BIT(9) },		/* FXSR: OSFXSR */
		{ 0x1, 0, EDX, 25, BIT(10) },		/* SSE: OSXMMEXCPT */
		{ 0x7, 0, ECX, 2, BIT(11) },		/* UMIP */
		{ 0x7, 0, ECX, 16, BIT(12) },		/* LA57 */
		{ 0x7, 0, EBX, 0, BIT(16) },		/* FSGSBASE */
		{ 0x1, 0, ECX, 17, BIT(17) },		/* PCID: PCIDE */
		{ 0x1, 0, ECX, 26, BIT(18) },		/* XSAVE: OSXSAVE */
		{ 0x7, 0, EBX, 7, BIT(20) },		/* SMEP */
		{ 0x7, 0, EBX, 20, BIT(21) },		/* SMAP */
		{ 0x7, 0, ECX, 3, BIT(22) },		/* PKU: PKE */
	};

	/* PCE exists on every processor of ours. */
	return BIT(8) | granted(table, rows, ARRAY_SIZE(rows));
}

u64 vcpuid_spec_ctrl_allowed(const struct vcpuid_table *table)
{
	static const struct grant rows[] = {
		{ 0x7, 0, EDX, 26, BIT(0) },		/* IBRS */
		{ 0x7, 0, EDX, 27, BIT(1) },		/* STIBP */
		{ 0x7, 0, EDX, 31, BIT(2) },		/* SSBD */
		{ 0x7, 2, EDX, 1, BIT(3) | BIT(4) },	/* IPRED_CTRL */
		{ 0x7, 2, EDX, 2, BIT(5) | BIT(6) },	/* RRSBA_CTRL */
		{ 0x7, 2, EDX, 0, BIT(7) },		/* PSFD */
		{ 0x7, 2, EDX, 3, BIT(8) },		/* DDPD_U */
		{ 0x7, 2, EDX, 4, BIT(10) },		/* BHI_CTRL */
	};

	return granted(table, rows, ARRAY_SIZE(rows));
}

bool vcpuid_xcr0_is_valid(u64 value, u64 allowed)
{
	const u64 avx512 = BIT(5) | BIT(6) | BIT(7), mpx = BIT(3) | BIT(4);

	if (!(value & BIT(0)) || (value & ~allowed))
		return false;
	if ((value & BIT(2)) && !(value & BIT(1)))
		return false;
	if ((value & avx512) && ((value & avx512) != avx512 || !(value & BIT(2))))
		return false;
	return !(value & mpx) || (value & mpx) == mpx;
}

/* Bits that number @vcpus things, and as many as those bits can number. */
static u32 id_bits(u32 vcpus)
{
	return vcpus > 1 ? fls64(vcpus - 1) : 0;
}

static u32 id_count(u32 vcpus)
{
	return 1U << id_bits(vcpus);
}

static u32 threads_of(const struct vcpuid_table *table)
{
	return table->threads ? table->threads : 1;
}

/* APIC ids that a package takes up. */
static u32 package_ids(const struct vcpuid_table *table, u32 vcpus)
{
	if (table->cores)
		return table->cores * threads_of(table);
	return max_t(u32, id_count(vcpus), threads_of(table));
}

/* Leaves 0BH and 1FH: threads in a core, cores in the package, no more. */
static void query_topology(const struct vcpuid_table *table, const struct vcpuid_dyn *dyn,
			   u32 vcpus, u32 subleaf, u32 reg[4])
{
	memset(reg, 0, 4 * sizeof(reg[0]));
	if (subleaf == 0) {
		reg[EAX] = id_bits(threads_of(table));
		reg[EBX] = min_t(u32, vcpus, threads_of(table));
		reg[ECX] = 1 << 8;
	} else if (subleaf == 1) {
		reg[EAX] = id_bits(package_ids(table, vcpus));
		reg[EBX] = min_t(u32, vcpus, package_ids(table, vcpus));
		reg[ECX] = 2 << 8;
	}
	reg[ECX] |= subleaf & 0xff;
	reg[EDX] = dyn->apic_id;
}

/* Bytes of the standard or compacted XSAVE area for @components. */
static u32 xsave_size(const struct vcpuid_table *table, u64 components, bool compacted)
{
	const struct vcpuid_entry *entry;
	u32 size = XSAVE_HEADER_END, i;

	for (i = 2; i < 63; i++) {
		if (!(components & BIT_ULL(i)))
			continue;
		entry = vcpuid_find(table, 0xd, i);
		if (!entry)
			continue;
		if (compacted && (entry->reg[ECX] & BIT(1)))
			size = (size + 63) & ~63U;
		if (compacted)
			size += entry->reg[EAX];
		else
			size = max_t(u32, size, entry->reg[EBX] + entry->reg[EAX]);
	}
	return size;
}

static void query_xsave(const struct vcpuid_table *table, const struct vcpuid_dyn *dyn,
			u32 subleaf, u32 reg[4])
{
	u64 allowed = (u64)reg[EDX] << 32 | reg[EAX];

	if (subleaf == 0) {
		reg[EBX] = xsave_size(table, dyn->xcr0, false);
		reg[ECX] = xsave_size(table, allowed, false);
	} else if (subleaf == 1 && (reg[EAX] & BIT(1))) {
		reg[EBX] = xsave_size(table, dyn->xcr0, true);
	}
}

/* What depends on the vCPU, on top of the stored entry in @reg. */
static void patch(const struct vcpuid_table *table, const struct vcpuid_dyn *dyn,
		  u32 vcpus, u32 leaf, u32 subleaf, u32 reg[4])
{
	switch (leaf) {
	case 0x0:
		if ((dyn->misc_enable & LIMIT_CPUID) && reg[EAX] > 2)
			reg[EAX] = 2;
		break;
	case 0x1:
		reg[EBX] &= 0xff00;
		reg[EBX] |= dyn->apic_id << 24 |
			    min_t(u32, package_ids(table, vcpus), 255) << 16;
		if (dyn->cr4 & CR4_OSXSAVE)
			reg[ECX] |= BIT_OSXSAVE;
		if (!dyn->apic_enabled)
			reg[EDX] &= ~BIT_APIC;
		if (package_ids(table, vcpus) > 1)
			reg[EDX] |= BIT_HTT;
		else
			reg[EDX] &= ~BIT_HTT;
		break;
	case 0x4:
		if (!reg[EAX])
			break;
		reg[EAX] &= 0x3fff;
		reg[EAX] |= min_t(u32, package_ids(table, vcpus) / threads_of(table) - 1, 63) << 26;
		/* The last level is the package's, the others are a core's. */
		if (((reg[EAX] >> 5) & 7) >= 3)
			reg[EAX] |= (package_ids(table, vcpus) - 1) << 14;
		else
			reg[EAX] |= (threads_of(table) - 1) << 14;
		break;
	case 0x7:
		if (subleaf == 0 && (dyn->cr4 & CR4_PKE) && (reg[ECX] & BIT_PKU))
			reg[ECX] |= BIT_OSPKE;
		break;
	case 0xd:
		query_xsave(table, dyn, subleaf, reg);
		break;
	}
}

/* Leaves out of range answer as the highest basic leaf. */
static u32 clamp_leaf(const struct vcpuid_table *table, u32 leaf)
{
	u32 max;

	if (leaf - VCPUID_HV_BASE < 0x100)
		return leaf;
	max = leaf & 0x80000000 ? table->max_extended : table->max_basic;
	return leaf > max ? table->max_basic : leaf;
}

void vcpuid_query(const struct vcpuid_table *table, const struct vcpuid_dyn *dyn,
		  u32 leaf, u32 subleaf, u32 reg[4])
{
	u32 vcpus = dyn->vcpus ? dyn->vcpus : table->vcpus;
	const struct vcpuid_entry *entry;

	leaf = clamp_leaf(table, leaf);
	if (leaf == 0xb || leaf == 0x1f) {
		query_topology(table, dyn, vcpus, subleaf, reg);
		return;
	}
	memset(reg, 0, 4 * sizeof(reg[0]));
	entry = vcpuid_find(table, leaf, subleaf);
	if (entry)
		memcpy(reg, entry->reg, sizeof(entry->reg));
	patch(table, dyn, vcpus, leaf, subleaf, reg);
}
