// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * CPUID tables of userspace's: what they may ask for, how they must be formed,
 * and the topology they choose.
 */
#include "env.h"
#include "kselftest_harness.h"
#include "vcpuid.h"
#include "cpuid_host.h"

static struct vcpuid_entry *entry_in(struct vcpuid_table *table, u32 leaf, u32 subleaf)
{
	return (struct vcpuid_entry *)vcpuid_find(table, leaf, subleaf);
}

/* Taking away is always fine; putting in what was not there never is. */
TEST(checked_against_the_first)
{
	const struct vcpuid_caps caps = { .xcr0 = 7, .x2apic = true, .tsc_khz = 3000000,
					  .apic_khz = 25000 };
	static struct vcpuid_table supported, table;
	static const struct {
		u32 leaf, subleaf;
		unsigned int reg;
	} feature[] = {
		{ 1, 0, ECX }, { 1, 0, EDX }, { 6, 0, EAX }, { 7, 0, EBX }, { 7, 0, ECX },
		{ 7, 0, EDX }, { 7, 1, EAX }, { 7, 2, EDX }, { 0xd, 0, EAX }, { 0xd, 1, EAX },
		{ 0x80000001, 0, ECX }, { 0x80000001, 0, EDX }, { 0x80000007, 0, EDX },
	};
	unsigned int i, bit;

	vcpuid_build(&supported, &caps, rich_host, NULL);
	table = supported;
	EXPECT_EQ(VCPUID_OK, vcpuid_check(&table, &supported));
	EXPECT_EQ(supported.max_basic, table.max_basic);
	EXPECT_EQ(supported.max_extended, table.max_extended);
	for (i = 0; i < ARRAY_SIZE(feature); i++)
		for (bit = 0; bit < 32; bit++) {
			struct vcpuid_entry *entry;
			bool had;

			table = supported;
			entry = entry_in(&table, feature[i].leaf, feature[i].subleaf);
			ASSERT_NE(NULL, entry);
			had = entry->reg[feature[i].reg] >> bit & 1;
			entry->reg[feature[i].reg] ^= BIT(bit);
			EXPECT_EQ(had ? VCPUID_OK : VCPUID_UNSUPPORTED,
				  vcpuid_check(&table, &supported)) {
				TH_LOG("leaf %x bit %u", feature[i].leaf, bit);
			}
		}
}

TEST(malformed_tables)
{
	const struct vcpuid_caps caps = { .xcr0 = 7 };
	static struct vcpuid_table supported, table;

	vcpuid_build(&supported, &caps, rich_host, NULL);
#define CHECK(verdict, change) do {					\
		table = supported;					\
		change;							\
		EXPECT_EQ(verdict, vcpuid_check(&table, &supported)) {	\
			TH_LOG(#change);				\
		}							\
	} while (0)
	CHECK(VCPUID_MALFORMED, table.count = VCPUID_TABLE_MAX + 1);
	CHECK(VCPUID_MALFORMED, table.count = 0);
	CHECK(VCPUID_MALFORMED, table.threads = 6);
	CHECK(VCPUID_MALFORMED, table.cores = 256);
	CHECK(VCPUID_MALFORMED, entry_in(&table, 1, 0)->leaf = 5);
	CHECK(VCPUID_MALFORMED, entry_in(&table, 0, 0)->reg[EAX] = 0);
	CHECK(VCPUID_MALFORMED, entry_in(&table, 0, 0)->reg[EAX] = 6);	/* 7 is there */
	CHECK(VCPUID_MALFORMED, entry_in(&table, 2, 0)->leaf = 0x1f);
	CHECK(VCPUID_MALFORMED, entry_in(&table, 2, 0)->leaf = 0x40000100);
	CHECK(VCPUID_MALFORMED, entry_in(&table, 4, 1)->subleaf = 0);
	CHECK(VCPUID_MALFORMED, entry_in(&table, 0xd, 0)->has_subleaf = 0);
	CHECK(VCPUID_UNSUPPORTED, entry_in(&table, 0xd, 2)->reg[EAX]++);
	CHECK(VCPUID_UNSUPPORTED, entry_in(&table, 0x80000008, 0)->reg[EAX] = 49);
	CHECK(VCPUID_UNSUPPORTED, entry_in(&table, 2, 0)->leaf = 0x12);
	CHECK(VCPUID_UNSUPPORTED, entry_in(&table, 0x80000000, 0)->reg[EAX]++);
	CHECK(VCPUID_OK, entry_in(&table, 2, 0)->leaf = 0x40000001);
	CHECK(VCPUID_OK, entry_in(&table, 0x80000008, 0)->reg[EAX] = 36);
}

/* Threads and cores: ids are cut as Linux cuts them. */
TEST(topology_by_choice)
{
	static const struct {
		u32 threads, cores, vcpus;
		u32 shift0, count0, shift1, count1, leaf1;
	} row[] = {
		{ 0, 0, 1, 0, 1, 0, 1, 1 },
		{ 0, 0, 5, 0, 1, 3, 5, 8 },
		{ 2, 0, 4, 1, 2, 2, 4, 4 },
		{ 2, 2, 8, 1, 2, 2, 4, 4 },
		{ 1, 2, 8, 0, 1, 1, 2, 2 },
		{ 4, 16, 64, 2, 4, 6, 64, 64 },
	};
	const struct vcpuid_caps caps = { 0 };
	static struct vcpuid_table table;
	struct vcpuid_dyn dyn = { .apic_enabled = true };
	unsigned int i;
	u32 reg[4];

	vcpuid_build(&table, &caps, rich_host, NULL);
	for (i = 0; i < ARRAY_SIZE(row); i++) {
		table.threads = row[i].threads;
		table.cores = row[i].cores;
		dyn.vcpus = row[i].vcpus;
		vcpuid_query(&table, &dyn, 0xb, 0, reg);
		EXPECT_EQ(row[i].shift0, reg[EAX]);
		EXPECT_EQ(row[i].count0, reg[EBX]);
		vcpuid_query(&table, &dyn, 0xb, 1, reg);
		EXPECT_EQ(row[i].shift1, reg[EAX]);
		EXPECT_EQ(row[i].count1, reg[EBX]);
		vcpuid_query(&table, &dyn, 1, 0, reg);
		EXPECT_EQ(row[i].leaf1, reg[EBX] >> 16 & 0xff) {
			TH_LOG("row %u", i);
		}
	}
}

TEST_HARNESS_MAIN
