// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// LDLIBS: -lZydis
/*
 * The decoder against Zydis: every opcode of every map, with random prefixes,
 * ModRM, SIB and immediates, in all three modes. Whatever we claim to decode
 * Zydis must see the same way; and a list of encodings we must not refuse.
 */
#include <stdlib.h>
#include "env.h"
#include "kselftest_harness.h"
#include "zydis_oracle.h"

#define ROUNDS	700

static u64 seed = 0x9e3779b97f4a7c15;

static u32 rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed >> 32;
}

static void dump(const u8 *inst, unsigned int len, enum vie_mode mode, const char *text)
{
	unsigned int i;

	fprintf(stderr, "# mode %d:", mode);
	for (i = 0; i < len; i++)
		fprintf(stderr, " %02x", inst[i]);
	fprintf(stderr, ": %s\n", text);
}

static unsigned int random_prefixes(u8 *inst, enum vie_mode mode)
{
	static const u8 legacy[] = {
		0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x66, 0x67, 0x67, 0xf0, 0xf2, 0xf3,
	};
	unsigned int n = 0, count = rnd() % 4;

	while (count--) {
		/* A REX prefix before another prefix means nothing. */
		if (mode == VIE_64 && rnd() % 8 == 0)
			inst[n++] = 0x40 | (rnd() & 15);
		inst[n++] = legacy[rnd() % sizeof(legacy)];
	}
	if (mode == VIE_64 && rnd() % 2)
		inst[n++] = 0x40 | (rnd() & 15);
	return n;
}

/* One random instruction with the given map and opcode. */
static void random_inst(u8 inst[24], enum vie_map map, u8 opcode, enum vie_mode mode)
{
	unsigned int n, i;

	for (i = 0; i < 24; i++)
		inst[i] = rnd();
	if (map == VIE_MAP_VEX_0F && rnd() % 2) {
		inst[0] = 0xc5;
		inst[1] = rnd() % 2 ? rnd() : (rnd() | 0x78);
		inst[2] = opcode;
		return;
	}
	if (map >= VIE_MAP_VEX_0F) {
		inst[0] = 0xc4;
		inst[1] = (rnd() & 0xe0) | (map - VIE_MAP_VEX_0F + 1);
		inst[2] = rnd() % 2 ? rnd() : (rnd() | 0x78);
		inst[3] = opcode;
		return;
	}
	n = random_prefixes(inst, mode);
	if (map != VIE_MAP_1)
		inst[n++] = 0x0f;
	if (map == VIE_MAP_0F38)
		inst[n++] = 0x38;
	inst[n] = opcode;
}

TEST(agrees_with_zydis)
{
	unsigned int map, mode, opcode, round, claimed = 0;
	const char *text;
	struct vie vie;
	u8 inst[24];

	for (map = VIE_MAP_1; map <= VIE_MAP_VEX_0F3A; map++)
		for (mode = VIE_16; mode <= VIE_64; mode++)
			for (opcode = 0; opcode < 256; opcode++) {
				if (!vie_row_find(map, opcode))
					continue;
				for (round = 0; round < ROUNDS; round++) {
					random_inst(inst, map, opcode, mode);
					if (vie_decode(&vie, inst, 24, mode) != VIE_OK)
						continue;
					claimed++;
					text = zydis_objection(&vie, inst, 24);
					if (text)
						dump(inst, vie.len, mode, text);
					ASSERT_EQ(NULL, text);
				}
			}
	/* Most random instructions are valid; a decoder that refused would show. */
	ASSERT_GT(claimed, 100000);
}

/* A decoder that needs more than it has must say so, and never look further. */
TEST(truncation)
{
	unsigned int round, len, seen = 0;
	enum vie_mode mode;
	struct vie vie, again;
	u8 inst[24], *exact;

	for (round = 0; round < 20000; round++) {
		mode = rnd() % 3;
		random_inst(inst, VIE_MAP_1 + rnd() % 3, rnd(), mode);
		if (vie_decode(&vie, inst, 24, mode) != VIE_OK)
			continue;
		seen++;
		ASSERT_LE(vie.len, VIE_INST_MAX);
		for (len = 0; len <= vie.len; len++) {
			/* On the heap, so that ASAN sees a byte too many. */
			exact = malloc(len + !len);
			memcpy(exact, inst, len);
			ASSERT_EQ(len < vie.len ? VIE_TRUNCATED : VIE_OK,
				  vie_decode(&again, exact, len, mode));
			free(exact);
		}
		ASSERT_EQ(0, memcmp(&vie, &again, sizeof(vie)));
	}
	ASSERT_GT(seen, 1000);
}

/* SDM "Instruction Format": fifteen bytes is the limit, prefixes included. */
TEST(fifteen_bytes)
{
	u8 inst[20];
	struct vie vie;

	memset(inst, 0x66, sizeof(inst));
	inst[13] = 0x8b;
	inst[14] = 0x00;
	ASSERT_EQ(VIE_OK, vie_decode(&vie, inst, 20, VIE_64));
	ASSERT_EQ(15, vie.len);
	inst[13] = 0x66;
	inst[14] = 0x8b;
	inst[15] = 0x00;
	ASSERT_EQ(VIE_UNKNOWN, vie_decode(&vie, inst, 20, VIE_64));
	ASSERT_EQ(VIE_UNKNOWN, vie_decode(&vie, inst, 15, VIE_64));
	ASSERT_EQ(VIE_TRUNCATED, vie_decode(&vie, inst, 14, VIE_64));
}

static const struct {
	char text[28];
	u8 mode, len;
	u8 inst[15];
} known[] = {
	{ "mov %al,(%rdi)", VIE_64, 2, { 0x88, 0x07 } },
	{ "mov %r9d,0x380(%r12)", VIE_64, 8, { 0x45, 0x89, 0x8c, 0x24, 0x80, 0x03, 0, 0 } },
	{ "movabs 0xfee00020,%eax", VIE_64, 9, { 0xa1, 0x20, 0, 0xe0, 0xfe, 0, 0, 0, 0 } },
	{ "mov %eax,0xfee000b0", VIE_32, 5, { 0xa3, 0xb0, 0x00, 0xe0, 0xfe } },
	{ "movl $0,-0xa00f50(%rip)", VIE_64, 10,
	  { 0xc7, 0x05, 0xb0, 0xf0, 0x5f, 0xff, 0, 0, 0, 0 } },
	{ "movzbl (%rax),%ecx", VIE_64, 3, { 0x0f, 0xb6, 0x08 } },
	{ "movslq (%rax),%rcx", VIE_64, 3, { 0x48, 0x63, 0x08 } },
	{ "rep stos %al,%es:(%di)", VIE_16, 2, { 0xf3, 0xaa } },
	{ "rep movsq", VIE_64, 3, { 0xf3, 0x48, 0xa5 } },
	{ "rep insw", VIE_16, 2, { 0xf3, 0x6d } },
	{ "lock orl $1,(%rbx)", VIE_64, 4, { 0xf0, 0x83, 0x0b, 0x01 } },
	{ "lock cmpxchg16b (%rsi)", VIE_64, 5, { 0xf0, 0x48, 0x0f, 0xc7, 0x0e } },
	{ "xchg %eax,(%rdx)", VIE_64, 2, { 0x87, 0x02 } },
	{ "btsl $31,(%rax)", VIE_64, 4, { 0x0f, 0xba, 0x28, 0x1f } },
	{ "movbe (%rax),%edx", VIE_64, 4, { 0x0f, 0x38, 0xf0, 0x10 } },
	{ "movnti %rcx,(%rax)", VIE_64, 4, { 0x48, 0x0f, 0xc3, 0x08 } },
	{ "movdiri %ecx,(%rax)", VIE_64, 4, { 0x0f, 0x38, 0xf9, 0x08 } },
	{ "push (%rax)", VIE_64, 2, { 0xff, 0x30 } },
	{ "pop 8(%rsp)", VIE_64, 4, { 0x8f, 0x44, 0x24, 0x08 } },
	{ "call *(%rax)", VIE_64, 2, { 0xff, 0x10 } },
	{ "mfence", VIE_64, 3, { 0x0f, 0xae, 0xf0 } },
	{ "clflush (%rax)", VIE_64, 3, { 0x0f, 0xae, 0x38 } },
	{ "clwb (%rax)", VIE_64, 4, { 0x66, 0x0f, 0xae, 0x30 } },
	{ "bextr %ecx,(%rax),%edx", VIE_64, 5, { 0xc4, 0xe2, 0x70, 0xf7, 0x10 } },
	{ "bextr %ecx,(%eax),%edx", VIE_32, 5, { 0xc4, 0xe2, 0x70, 0xf7, 0x10 } },
	{ "rorx $7,(%rax),%rdx", VIE_64, 6, { 0xc4, 0xe3, 0xfb, 0xf0, 0x10, 0x07 } },
	{ "cmovne (%rax),%ecx", VIE_64, 3, { 0x0f, 0x45, 0x08 } },
	{ "movups (%rax),%xmm9", VIE_64, 4, { 0x44, 0x0f, 0x10, 0x08 } },
	{ "movdqa %xmm1,(%rdi)", VIE_64, 4, { 0x66, 0x0f, 0x7f, 0x0f } },
	{ "movdqu (%rsi),%xmm0", VIE_64, 4, { 0xf3, 0x0f, 0x6f, 0x06 } },
	{ "movntdq %xmm0,(%rdi)", VIE_64, 4, { 0x66, 0x0f, 0xe7, 0x07 } },
	{ "movntdqa (%rsi),%xmm0", VIE_64, 5, { 0x66, 0x0f, 0x38, 0x2a, 0x06 } },
	{ "movq (%rax),%xmm2", VIE_64, 4, { 0xf3, 0x0f, 0x7e, 0x10 } },
	{ "movd %xmm1,(%eax)", VIE_32, 4, { 0x66, 0x0f, 0x7e, 0x08 } },
	{ "vmovdqu (%rsi),%ymm0", VIE_64, 4, { 0xc5, 0xfe, 0x6f, 0x06 } },
	{ "vmovdqu %ymm12,(%r8)", VIE_64, 5, { 0xc4, 0x41, 0x7e, 0x7f, 0x20 } },
	{ "vmovups (%eax),%xmm1", VIE_32, 4, { 0xc5, 0xf8, 0x10, 0x08 } },
	{ "mov %ax,%fs:0x12(%bx,%si)", VIE_16, 4, { 0x64, 0x89, 0x40, 0x12 } },
	{ "mov %eax,(%bx)", VIE_16, 3, { 0x66, 0x89, 0x07 } },
	{ "mov %eax,(%edi)", VIE_16, 4, { 0x66, 0x67, 0x89, 0x07 } },
};

TEST(known_encodings)
{
	unsigned int i;
	struct vie vie;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		ASSERT_EQ(VIE_OK, vie_decode(&vie, known[i].inst, 15, known[i].mode)) {
			TH_LOG("%s", known[i].text);
		}
		ASSERT_EQ(known[i].len, vie.len) {
			TH_LOG("%s", known[i].text);
		}
	}
}

static const struct {
	char text[28];
	u8 mode;
	u8 inst[15];
} refused[] = {
	{ "register form", VIE_64, { 0x89, 0xc0 } },
	{ "lock mov", VIE_64, { 0xf0, 0x89, 0x00 } },
	{ "lock cmp", VIE_64, { 0xf0, 0x39, 0x00 } },
	{ "far call", VIE_64, { 0xff, 0x18 } },
	{ "far jmp", VIE_64, { 0xff, 0x28 } },
	{ "div", VIE_64, { 0xf7, 0x30 } },
	{ "mov to segment register", VIE_64, { 0x8e, 0x00 } },
	{ "arpl", VIE_32, { 0x63, 0x00 } },
	{ "les", VIE_32, { 0xc4, 0x00 } },
	{ "movlps", VIE_64, { 0x0f, 0x12, 0x00 } },
	{ "movq to MMX", VIE_64, { 0x0f, 0x6f, 0x00 } },
	{ "lock movups", VIE_64, { 0xf0, 0x0f, 0x11, 0x00 } },
	{ "vmovups with vvvv", VIE_64, { 0xc5, 0xf0, 0x10, 0x00 } },
	{ "vmovq of 32 bytes", VIE_64, { 0xc5, 0xfe, 0x7e, 0x00 } },
	{ "lds", VIE_32, { 0xc5, 0x00 } },
	{ "crc32", VIE_64, { 0xf2, 0x0f, 0x38, 0xf0, 0x00 } },
	{ "rex vex", VIE_64, { 0x48, 0xc4, 0xe2, 0x70, 0xf7, 0x10 } },
	{ "vex.l bextr", VIE_64, { 0xc4, 0xe2, 0x74, 0xf7, 0x10 } },
	{ "rorx with vvvv", VIE_64, { 0xc4, 0xe3, 0x73, 0xf0, 0x10, 0x07 } },
	{ "rep movnti", VIE_64, { 0xf3, 0x0f, 0xc3, 0x08 } },
	{ "xrstor", VIE_64, { 0x0f, 0xae, 0x28 } },
};

TEST(refused_encodings)
{
	unsigned int i;
	struct vie vie;

	for (i = 0; i < ARRAY_SIZE(refused); i++)
		ASSERT_EQ(VIE_UNKNOWN, vie_decode(&vie, refused[i].inst, 15, refused[i].mode)) {
			TH_LOG("%s", refused[i].text);
		}
}

TEST_HARNESS_MAIN
