// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The report's words: known cases, and no number that breaks them.
 */
#include "kselftest_harness.h"
#include "words.h"

static const char *qualify(uint32_t reason, uint64_t qualification)
{
	static char text[128];

	return words_qualification(reason, qualification, text, sizeof(text));
}

static const char *event(uint64_t info)
{
	static char text[128];

	return words_event(info, text, sizeof(text));
}

TEST(exit_reasons)
{
	EXPECT_STREQ("triple fault", words_exit_reason(2));
	EXPECT_STREQ("EPT violation", words_exit_reason(48));
	EXPECT_STREQ("VM entry failed: invalid guest state", words_exit_reason(0x80000021));
	EXPECT_STREQ("reserved", words_exit_reason(35));
	EXPECT_STREQ("reserved", words_exit_reason(0xffff));
}

TEST(qualifications)
{
	EXPECT_STREQ("OUT port 0x3f8, 1 byte", qualify(30, 0x03f80000));
	EXPECT_STREQ("INS port 0x1f0, 2 bytes, REP", qualify(30, 0x01f00039));
	EXPECT_STREQ("MOV to CR3, RAX", qualify(28, 3));
	EXPECT_STREQ("MOV from CR8, R15", qualify(28, 0xf18));
	EXPECT_STREQ("CLTS", qualify(28, 0x20));
	EXPECT_STREQ("MOV from DR7", qualify(29, 0x17));
	EXPECT_STREQ("write, page is r-x, by the access itself", qualify(48, 0x1aa));
	EXPECT_STREQ("read, page is --- (not present), during the page walk", qualify(48, 0x81));
	EXPECT_STREQ("", qualify(10, 0));
}

TEST(events)
{
	EXPECT_STREQ("none", event(0));
	EXPECT_STREQ("none", event(0x30e));
	EXPECT_STREQ("#PF (hardware exception, error 0x2)", event(0x280000b0eULL));
	EXPECT_STREQ("#UD (hardware exception)", event(0x80000306));
	EXPECT_STREQ("vector 0x30 (external interrupt)", event(0x80000030));
	EXPECT_STREQ("vector 0xff (hardware exception)", event(0x800003ff));
}

TEST(bits)
{
	char text[160], tiny[6];

	EXPECT_STREQ("PG NE ET PE", words_cr0(0x80000031, text, sizeof(text)));
	EXPECT_STREQ("PAE", words_cr4(0x20, text, sizeof(text)));
	EXPECT_STREQ("SCE LME LMA NXE", words_efer(0xd01, text, sizeof(text)));
	EXPECT_STREQ("ZF IF", words_rflags(0x242, text, sizeof(text)));
	EXPECT_STREQ("", words_cr4(0, text, sizeof(text)));
	EXPECT_STREQ("SCE L", words_efer(0xd01, tiny, sizeof(tiny)));
}

TEST(no_number_breaks_the_words)
{
	unsigned int seed = 7;
	char text[64];

	for (int i = 0; i < 200000; i++) {
		uint64_t q = (uint64_t)rand_r(&seed) << 40 ^ (uint64_t)rand_r(&seed) << 16 ^
			     rand_r(&seed);
		uint32_t reason = rand_r(&seed) % 90;

		words_qualification(reason, q, text, sizeof(text));
		ASSERT_LT(strnlen(text, sizeof(text)), sizeof(text));
		words_event(q, text, sizeof(text));
		words_cr4(q, text, sizeof(text));
		ASSERT_NE(NULL, words_exit_reason(q));
		ASSERT_NE(NULL, words_instruction_error(q & 0xff));
	}
}

TEST_HARNESS_MAIN
