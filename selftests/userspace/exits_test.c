// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The table of exit statuses: what callers may rely on.
 */
#include <signal.h>

#include "exits.h"
#include "kselftest_harness.h"

static int status(enum end_kind kind, unsigned int value)
{
	return exits_status((struct end){ kind, value });
}

TEST(each_end_has_its_status)
{
	EXPECT_EQ(0, status(END_POWEROFF, 0));
	EXPECT_EQ(10, status(END_RESET, 0));
	EXPECT_EQ(11, status(END_HALT, 0));
	EXPECT_EQ(12, status(END_TRIPLE_FAULT, 0));
	EXPECT_EQ(13, status(END_PANIC, 0));
	EXPECT_EQ(124, status(END_TIMEOUT, 0));
	EXPECT_EQ(125, status(END_FAILED, 0));
	EXPECT_EQ(130, status(END_QUIT, 0));
	EXPECT_EQ(128 + SIGTERM, status(END_SIGNAL, SIGTERM));
}

TEST(test_device_codes)
{
	EXPECT_EQ(33, status(END_CODE, 0x10));
	EXPECT_EQ(35, status(END_CODE, 0x11));
	EXPECT_EQ(1, status(END_CODE, 0));
	EXPECT_EQ(9, status(END_CODE, 4));
	EXPECT_EQ(117, status(END_CODE, 58));
	EXPECT_EQ(119, status(END_CODE, 59));
}

TEST(no_code_reaches_a_reserved_status)
{
	for (unsigned int code = 0; code < 0x20000; code++) {
		int got = status(END_CODE, code);

		ASSERT_TRUE((got >= 1 && got <= 9) || (got >= 14 && got <= 119));
		if (got != STATUS_CODE_OTHER)
			ASSERT_EQ((int)(code << 1 | 1), got);
	}
	EXPECT_EQ(119, status(END_CODE, 5));
	EXPECT_EQ(119, status(END_CODE, 6));
	EXPECT_EQ(119, status(END_CODE, 0x80000000));
	EXPECT_EQ(119, status(END_CODE, 0x80000010));
}

TEST(words_fit_any_buffer)
{
	char text[128];

	for (int kind = END_NONE; kind <= END_FAILED; kind++) {
		char tiny[4];

		exits_words((struct end){ kind, SIGTERM }, text, sizeof(text));
		EXPECT_NE('\0', text[0]);
		exits_words((struct end){ kind, SIGTERM }, tiny, sizeof(tiny));
		EXPECT_EQ(3, strlen(tiny));
	}
}

TEST_HARNESS_MAIN
