// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The page walk against the oracle of the unit test, on tables and controls
 * from the input: mode and controls, linear address, access, a seed for the
 * tables, then entries to put into them one by one.
 */
#include <stdio.h>
#include <stdlib.h>
#include "env.h"
#include "emul/gla_oracle.h"

struct input {
	const u8 *data;
	size_t left;
};

static u64 take(struct input *in, unsigned int size)
{
	u64 value = 0;
	unsigned int i;

	for (i = 0; i < size && in->left; i++, in->left--)
		value |= (u64)*in->data++ << (8 * i);
	return value;
}

static u64 next(u64 *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed * 0x2545f4914f6cdd1d;
}

static struct gla_mem mem;

static void fill(u64 seed, bool narrow)
{
	unsigned int i;

	seed |= 1;
	for (i = 0; i < ARRAY_SIZE(mem.word); i++) {
		u64 a = next(&seed), b = next(&seed);

		mem.word[i] = gla_random_entry(a, b);
		if (narrow)
			mem.word[i] = (u32)mem.word[i] | gla_random_entry(b, a) << 32;
	}
	mem.exchanges = 0;
	mem.collide = 0;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static const u8 widths[] = { 32, 36, 39, 40, 46, 48, 51, 52 };
	struct input in = { data, size };
	u8 mode = take(&in, 1), control = take(&in, 1);
	unsigned int access, i, walks;
	struct gla_ctx ctx = {
		.cr0 = (mode & 3 ? 1ULL << 31 : 0) | (control & 1) << 16 | 1,
		.cr4 = (u64)(control >> 1 & 7) << 20 | (control & 16) | ((mode & 3) >= 2) << 5 |
		       ((mode & 7) == 7) << 12,
		.efer = ((mode & 3) == 3 ? 0x500 : 0) | (control & 32) << 6,
		.rflags = (u64)(control & 64) << 12,
		.has_1g = control >> 7,
		.gpa_width = widths[mode >> 5],
	};
	const char *text;
	u64 gla;

	ctx.pkru = take(&in, 4);
	ctx.cr3 = (take(&in, 1) & (GLA_PAGES - 1)) << 12;
	for (i = 0; i < 4; i++)
		ctx.pdpte[i] = (take(&in, 1) & (GLA_PAGES - 1)) << 12 | 1;
	if (mode & 8)
		ctx.pdpte[take(&in, 1) & 3] = 0;
	fill(take(&in, 8), (mode & 3) == 1);

	for (walks = 0; walks < 16 && in.left; walks++) {
		access = take(&in, 1) & 31;
		if (access & GLA_EXEC)
			access &= ~(GLA_WRITE | GLA_IMPLICIT);
		gla = take(&in, 8);
		mem.word[take(&in, 2) % ARRAY_SIZE(mem.word)] = take(&in, 8);
		text = gla_disagreement(&ctx, &mem, gla, access);
		if (text) {
			fprintf(stderr, "walk of %llx, access %x: %s\n",
				(unsigned long long)gla, access, text);
			abort();
		}
	}
	return 0;
}
