// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * i8042, ports 0x60 and 0x64. Every command is done at once, so the input
 * buffer is never full; commands that answer fill the output buffer. Bytes for
 * a keyboard or mouse get no answer, for there is none.
 *
 * The FADT does not promise a controller, so Linux does not look for one.
 *
 * Intel 8042 (UPI-42) as wired in the IBM PC AT Technical Reference,
 * "Keyboard Controller".
 */
#include "dev/kbc.h"

#define STATUS_OUTPUT_FULL	0x01
#define STATUS_SYSTEM		0x04
#define STATUS_COMMAND		0x08
#define STATUS_UNLOCKED		0x10

#define COMMAND_READ_MODE	0x20
#define COMMAND_WRITE_MODE	0x60
#define COMMAND_TEST_AUX	0xa9
#define COMMAND_SELF_TEST	0xaa
#define COMMAND_TEST_KEYBOARD	0xab
#define COMMAND_READ_INPUT	0xc0
#define COMMAND_READ_OUTPUT	0xd0
#define COMMAND_WRITE_OUTPUT	0xd1
#define COMMAND_ECHO_KEYBOARD	0xd2
#define COMMAND_ECHO_AUX	0xd3
#define COMMAND_WRITE_AUX	0xd4
#define COMMAND_PULSE		0xf0

#define INTERFACE_CLOCK_LOW	0x01
#define OUTPUT_NO_RESET		0x01	/* low resets the processor */
#define OUTPUT_A20		0x02

static void answer(struct kbc *kbc, uint8_t value)
{
	kbc->output = value;
	kbc->output_full = true;
}

static void do_command(struct kbc *kbc, uint8_t command)
{
	kbc->command = 0;
	switch (command) {
	case COMMAND_READ_MODE:
		answer(kbc, kbc->mode);
		break;
	case COMMAND_SELF_TEST:
		answer(kbc, 0x55);
		break;
	case COMMAND_TEST_KEYBOARD:
	case COMMAND_TEST_AUX:
		/* Firmware would wait seconds for a keyboard on a line that is well. */
		answer(kbc, INTERFACE_CLOCK_LOW);
		break;
	case COMMAND_READ_INPUT:
		answer(kbc, 0x80);	/* keyboard not locked */
		break;
	case COMMAND_READ_OUTPUT:
		answer(kbc, OUTPUT_NO_RESET | OUTPUT_A20);
		break;
	case COMMAND_WRITE_MODE:
	case COMMAND_WRITE_OUTPUT:
	case COMMAND_ECHO_KEYBOARD:
	case COMMAND_ECHO_AUX:
	case COMMAND_WRITE_AUX:
		kbc->command = command;
		break;
	default:
		/* Pulse the lines whose bits are zero; line 0 is reset. */
		if (command >= COMMAND_PULSE && !(command & OUTPUT_NO_RESET))
			kbc->reset(kbc->ctx);
	}
}

static void do_data(struct kbc *kbc, uint8_t value)
{
	uint8_t command = kbc->command;

	kbc->command = 0;
	switch (command) {
	case COMMAND_WRITE_MODE:
		kbc->mode = value;
		break;
	case COMMAND_WRITE_OUTPUT:
		if (!(value & OUTPUT_NO_RESET))
			kbc->reset(kbc->ctx);
		break;
	case COMMAND_ECHO_KEYBOARD:
	case COMMAND_ECHO_AUX:
		answer(kbc, value);
		break;
	}
}

static uint32_t read_data(void *ctx, unsigned int offset, unsigned int size)
{
	struct kbc *kbc = ctx;
	uint8_t value;

	(void)offset;
	(void)size;
	pthread_mutex_lock(&kbc->lock);
	value = kbc->output;
	kbc->output_full = false;
	pthread_mutex_unlock(&kbc->lock);
	return value;
}

static void write_data(void *ctx, unsigned int offset, unsigned int size, uint32_t value)
{
	struct kbc *kbc = ctx;

	(void)offset;
	(void)size;
	pthread_mutex_lock(&kbc->lock);
	do_data(kbc, value);
	pthread_mutex_unlock(&kbc->lock);
}

static uint32_t read_status(void *ctx, unsigned int offset, unsigned int size)
{
	struct kbc *kbc = ctx;
	uint8_t status = STATUS_SYSTEM | STATUS_COMMAND | STATUS_UNLOCKED;

	(void)offset;
	(void)size;
	pthread_mutex_lock(&kbc->lock);
	if (kbc->output_full)
		status |= STATUS_OUTPUT_FULL;
	pthread_mutex_unlock(&kbc->lock);
	return status;
}

static void write_command(void *ctx, unsigned int offset, unsigned int size, uint32_t value)
{
	struct kbc *kbc = ctx;

	(void)offset;
	(void)size;
	pthread_mutex_lock(&kbc->lock);
	do_command(kbc, value);
	pthread_mutex_unlock(&kbc->lock);
}

void kbc_init(struct kbc *kbc, struct pio *pio, void (*reset)(void *ctx), void *ctx)
{
	struct pio_region data = { "i8042 data", 0x60, 1, 1, true, read_data, write_data, kbc };
	struct pio_region command = { "i8042", 0x64, 1, 1, true, read_status, write_command, kbc };

	*kbc = (struct kbc){ .reset = reset, .ctx = ctx };
	pthread_mutex_init(&kbc->lock, NULL);
	pio_add(pio, &data);
	pio_add(pio, &command);
}

void kbc_fini(struct kbc *kbc)
{
	pthread_mutex_destroy(&kbc->lock);
}
