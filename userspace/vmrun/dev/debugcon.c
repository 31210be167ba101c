// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Debug console and test device. Stateless: what they do is their owner's
 * business, given in the struct before pio_add().
 *
 * Both consoles read back 0xe9, by which guests find them.
 */
#include "dev/debugcon.h"

#define CONSOLE_PORT	0xe9
#define FIRMWARE_PORT	0x402
#define TEST_PORT	0xf4
#define TEST_LEN	4

static uint32_t read_console(void *ctx, unsigned int offset, unsigned int size)
{
	(void)ctx;
	(void)offset;
	(void)size;
	return CONSOLE_PORT;
}

static void write_console(void *ctx, unsigned int offset, unsigned int size, uint32_t value)
{
	struct debugcon *debugcon = ctx;

	(void)offset;
	(void)size;
	debugcon->put(debugcon->ctx, value);
}

static uint32_t read_test(void *ctx, unsigned int offset, unsigned int size)
{
	(void)ctx;
	(void)offset;
	(void)size;
	return 0;
}

static void write_test(void *ctx, unsigned int offset, unsigned int size, uint32_t value)
{
	struct debugcon *debugcon = ctx;

	(void)size;
	if (!offset)
		debugcon->code(debugcon->ctx, value);
}

void debugcon_init(struct debugcon *debugcon, struct pio *pio)
{
	struct pio_region console = { "debug console", CONSOLE_PORT, 1, 1, true, read_console,
				      write_console, debugcon };
	struct pio_region firmware = { "firmware console", FIRMWARE_PORT, 1, 1, true,
				       read_console, write_console, debugcon };
	struct pio_region test = { "test device", TEST_PORT, TEST_LEN, 1 | 2 | 4, false,
				   read_test, write_test, debugcon };

	pio_add(pio, &console);
	pio_add(pio, &firmware);
	pio_add(pio, &test);
}
