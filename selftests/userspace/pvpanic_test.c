// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * pvpanic: what it reads as, and which writes are told.
 */
#include "dev/pvpanic.h"

#include "kselftest_harness.h"

static unsigned int told_events, tells;

static void on_tell(void *ctx, unsigned int events)
{
	(void)ctx;
	told_events = events;
	tells++;
}

TEST(events_are_told)
{
	struct pvpanic pvpanic = { on_tell, NULL };
	struct pio pio = { .count = 0 };
	uint32_t value;

	pvpanic_init(&pvpanic, &pio);
	EXPECT_TRUE(pio_read(&pio, PVPANIC_PORT, 1, &value));
	EXPECT_EQ(PVPANIC_PANICKED | PVPANIC_CRASH_LOADED, value);
	EXPECT_TRUE(pio_write(&pio, PVPANIC_PORT, 1, PVPANIC_PANICKED));
	EXPECT_EQ(PVPANIC_PANICKED, told_events);
	EXPECT_TRUE(pio_write(&pio, PVPANIC_PORT, 1, PVPANIC_CRASH_LOADED | 0x80));
	EXPECT_EQ(PVPANIC_CRASH_LOADED, told_events);
	EXPECT_EQ(2, tells);
	/* Events that are not understood are none. */
	EXPECT_TRUE(pio_write(&pio, PVPANIC_PORT, 1, 0xfc));
	EXPECT_EQ(2, tells);
}

TEST_HARNESS_MAIN
