// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Is a CPUID table of userspace's one that a VM can live up to? Judged against
 * the table that vcpuid_build() made: features, controls and state components
 * may be taken out of it and not put in. Names, caches, frequencies and the
 * hypervisor leaves are userspace's to choose.
 */
#include "vcpuid.h"

#define EAX	0
#define EBX	1
#define ECX	2
#define EDX	3

#define HV_LAST		(VCPUID_HV_BASE + 0xff)
#define GPA_WIDTH_MIN	32

enum how {
	FREE,			/* anything */
	SUBSET,			/* no bit that the first table has not */
	WIDTH,			/* address widths: not more than there */
	SAME,			/* as there */
};

/* Rules for EAX, EBX, ECX, EDX. A leaf in no row must be zero. */
static const struct {
	u32 leaf;
	u32 last;
	u8 how[4];
} rules[] = {
	{ 0x0, 0x0, { FREE, FREE, FREE, FREE } },
	{ 0x1, 0x1, { FREE, FREE, SUBSET, SUBSET } },
	{ 0x2, 0x2, { FREE, FREE, FREE, FREE } },
	{ 0x4, 0x4, { FREE, FREE, FREE, FREE } },
	{ 0x6, 0x6, { SUBSET, SUBSET, SUBSET, SUBSET } },
	{ 0x7, 0x7, { FREE, SUBSET, SUBSET, SUBSET } },
	{ 0xd, 0xd, { SUBSET, SUBSET, SUBSET, SUBSET } },
	{ 0x15, 0x16, { FREE, FREE, FREE, FREE } },
	{ VCPUID_HV_BASE, HV_LAST, { FREE, FREE, FREE, FREE } },
	{ 0x80000000, 0x80000000, { FREE, FREE, FREE, FREE } },
	{ 0x80000001, 0x80000001, { FREE, FREE, SUBSET, SUBSET } },
	{ 0x80000002, 0x80000006, { FREE, FREE, FREE, FREE } },
	{ 0x80000007, 0x80000007, { SUBSET, SUBSET, SUBSET, SUBSET } },
	{ 0x80000008, 0x80000008, { WIDTH, SUBSET, SUBSET, SUBSET } },
};

static const u8 nothing[4] = { SUBSET, SUBSET, SUBSET, SUBSET };
static const u8 component[4] = { SAME, SAME, SAME, SAME };

static const u8 *rules_of(const struct vcpuid_entry *entry)
{
	unsigned int i;

	if (entry->leaf == 0xd && entry->subleaf >= 2)
		return component;
	/* EAX of leaf 7 is the highest subleaf in the first one, features after. */
	if (entry->leaf == 7 && entry->subleaf)
		return nothing;
	for (i = 0; i < ARRAY_SIZE(rules); i++)
		if (entry->leaf >= rules[i].leaf && entry->leaf <= rules[i].last)
			return rules[i].how;
	return nothing;
}

static bool is_granted(enum how how, u32 wanted, u32 had)
{
	switch (how) {
	case SUBSET:
		return !(wanted & ~had);
	case WIDTH:
		return (wanted & 0xff) >= GPA_WIDTH_MIN && (wanted & 0xff) <= (had & 0xff) &&
		       !(wanted >> 16);
	case SAME:
		return wanted == had;
	case FREE:
		break;
	}
	return true;
}

static bool entry_is_granted(const struct vcpuid_entry *entry,
			     const struct vcpuid_table *supported)
{
	const struct vcpuid_entry *had = vcpuid_find(supported, entry->leaf, entry->subleaf);
	const u8 *how = rules_of(entry);
	unsigned int i;

	for (i = 0; i < 4; i++)
		if (!is_granted(how[i], entry->reg[i], had ? had->reg[i] : 0))
			return false;
	return true;
}

static bool is_duplicate(const struct vcpuid_table *table, u32 index)
{
	const struct vcpuid_entry *one = &table->entry[index], *other;
	u32 i;

	for (i = 0; i < index; i++) {
		other = &table->entry[i];
		if (one->leaf == other->leaf &&
		    (!one->has_subleaf || !other->has_subleaf || one->subleaf == other->subleaf))
			return true;
	}
	return false;
}

/* In the range that leaves 0 and 80000000H announce, and no topology. */
static bool is_in_range(const struct vcpuid_table *table, u32 leaf)
{
	if (leaf == 0xb || leaf == 0x1f)
		return false;
	if (leaf >= VCPUID_HV_BASE && leaf <= HV_LAST)
		return true;
	if (leaf & 0x80000000)
		return leaf <= table->max_extended;
	return leaf <= table->max_basic;
}

/* Some leaves say another thing for each subleaf. */
static bool has_proper_subleaf(const struct vcpuid_entry *entry)
{
	if (entry->has_subleaf)
		return true;
	return !entry->subleaf && entry->leaf != 4 && entry->leaf != 7 && entry->leaf != 0xd;
}

static bool is_power(u32 n)
{
	return !(n & (n - 1));
}

enum vcpuid_verdict vcpuid_check(struct vcpuid_table *table,
				 const struct vcpuid_table *supported)
{
	const struct vcpuid_entry *zero, *one, *extended;
	u32 i;

	if (table->count > VCPUID_TABLE_MAX || !is_power(table->threads) ||
	    !is_power(table->cores) || table->threads > 64 || table->cores > 64)
		return VCPUID_MALFORMED;
	zero = vcpuid_find(table, 0, 0);
	one = vcpuid_find(table, 1, 0);
	if (!zero || !one || zero->has_subleaf || one->has_subleaf || !zero->reg[EAX])
		return VCPUID_MALFORMED;
	extended = vcpuid_find(table, 0x80000000, 0);
	table->max_basic = zero->reg[EAX];
	table->max_extended = extended ? extended->reg[EAX] : 0;
	if (table->max_basic > supported->max_basic ||
	    table->max_extended > supported->max_extended)
		return VCPUID_UNSUPPORTED;

	for (i = 0; i < table->count; i++)
		if (!is_in_range(table, table->entry[i].leaf) || is_duplicate(table, i) ||
		    !has_proper_subleaf(&table->entry[i]))
			return VCPUID_MALFORMED;
	for (i = 0; i < table->count; i++)
		if (!entry_is_granted(&table->entry[i], supported))
			return VCPUID_UNSUPPORTED;
	return VCPUID_OK;
}
