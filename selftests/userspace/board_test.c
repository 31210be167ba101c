// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The port bus and the small devices on it: power management, keyboard
 * controller, reset registers, debug console, test device.
 */
#include "boot/acpi.h"
#include "dev/acpi_pm.h"
#include "dev/debugcon.h"
#include "dev/kbc.h"
#include "dev/reset.h"
#include "kselftest_harness.h"
#include "pio.h"

FIXTURE(board) {
	struct pio pio;
	struct acpi_pm pm;
	struct kbc kbc;
	struct reset reset;
	struct debugcon debugcon;
	unsigned int resets, power_offs, codes, bytes;
	uint32_t code;
	uint8_t byte;
	bool sci;
};

typedef FIXTURE_DATA(board) board_data;

static void on_reset(void *ctx)
{
	((board_data *)ctx)->resets++;
}

static void on_power_off(void *ctx)
{
	((board_data *)ctx)->power_offs++;
}

static void on_sci(void *ctx, bool level)
{
	board_data *board = ctx;

	if (board->sci == level)
		abort();
	board->sci = level;
}

static void on_code(void *ctx, uint32_t value)
{
	((board_data *)ctx)->code = value;
	((board_data *)ctx)->codes++;
}

static void on_byte(void *ctx, uint8_t byte)
{
	((board_data *)ctx)->byte = byte;
	((board_data *)ctx)->bytes++;
}

FIXTURE_SETUP(board)
{
	struct acpi_pm_sink sink = { on_power_off, on_sci, self };

	memset(self, 0, sizeof(*self));
	self->debugcon = (struct debugcon){ on_byte, on_code, self };
	acpi_pm_init(&self->pm, &self->pio, &sink);
	kbc_init(&self->kbc, &self->pio, on_reset, self);
	reset_init(&self->reset, &self->pio, on_reset, self);
	debugcon_init(&self->debugcon, &self->pio);
}

FIXTURE_TEARDOWN(board)
{
	acpi_pm_fini(&self->pm);
	kbc_fini(&self->kbc);
}

static uint32_t in(const struct pio *pio, uint16_t port, unsigned int size)
{
	uint32_t value;

	pio_read(pio, port, size, &value);
	return value;
}

#define IN(port, size)		in(&self->pio, port, size)
#define OUT(port, size, value)	pio_write(&self->pio, port, size, value)

TEST_F(board, an_empty_bus_reads_all_ones)
{
	uint32_t value = 0;

	EXPECT_FALSE(pio_read(&self->pio, 0x1234, 1, &value));
	EXPECT_EQ(0xff, value);
	EXPECT_FALSE(pio_read(&self->pio, 0x1234, 2, &value));
	EXPECT_EQ(0xffff, value);
	EXPECT_FALSE(pio_read(&self->pio, 0xffff, 4, &value));
	EXPECT_EQ(0xffffffff, value);
	EXPECT_FALSE(OUT(0xffff, 4, 0));
}

TEST_F(board, no_pci_configuration_write_reaches_the_reset_register)
{
	/* 0x06 in the second byte is what a reset looks like at 0xcf9. */
	EXPECT_FALSE(OUT(0xcf8, 4, 0x80000600));
	EXPECT_FALSE(OUT(0xcf8, 2, 0x0600));
	EXPECT_EQ(0xffffffff, IN(0xcf8, 4));
	EXPECT_EQ(0, self->resets);
	EXPECT_TRUE(OUT(0xcf9, 1, 0x02));
	EXPECT_EQ(0, self->resets);
	EXPECT_EQ(0x02, IN(0xcf9, 1));
	EXPECT_TRUE(OUT(0xcf9, 1, 0x06));
	EXPECT_EQ(1, self->resets);
}

TEST_F(board, port_92)
{
	EXPECT_EQ(0x02, IN(0x92, 1));
	OUT(0x92, 1, 0x02);
	EXPECT_EQ(0, self->resets);
	OUT(0x92, 1, 0x03);
	EXPECT_EQ(1, self->resets);
}

TEST_F(board, keyboard_controller)
{
	EXPECT_EQ(0, IN(0x64, 1) & 0x03);
	OUT(0x64, 1, 0xaa);
	EXPECT_EQ(1, IN(0x64, 1) & 0x03);
	EXPECT_EQ(0x55, IN(0x60, 1));
	EXPECT_EQ(0, IN(0x64, 1) & 0x03);

	OUT(0x64, 1, 0x60);
	OUT(0x60, 1, 0x47);
	OUT(0x64, 1, 0x20);
	EXPECT_EQ(0x47, IN(0x60, 1));

	/* A20 by the output port, with the reset line left high. */
	OUT(0x64, 1, 0xd0);
	EXPECT_EQ(0x03, IN(0x60, 1));
	OUT(0x64, 1, 0xd1);
	OUT(0x60, 1, 0xdf);
	EXPECT_EQ(0, self->resets);

	OUT(0x64, 1, 0xff);
	EXPECT_EQ(0, self->resets);
	OUT(0x64, 1, 0xfe);
	EXPECT_EQ(1, self->resets);
	OUT(0x64, 1, 0xd1);
	OUT(0x60, 1, 0xde);
	EXPECT_EQ(2, self->resets);
}

TEST_F(board, power_off_needs_type_5_and_enable)
{
	EXPECT_EQ(0x0001, IN(BOARD_PM1_CONTROL_PORT, 2));
	OUT(BOARD_PM1_CONTROL_PORT, 2, 5 << 10);
	EXPECT_EQ(0, self->power_offs);
	OUT(BOARD_PM1_CONTROL_PORT, 2, 1 << 10 | 1 << 13);
	EXPECT_EQ(0, self->power_offs);
	OUT(BOARD_PM1_CONTROL_PORT, 2, 5 << 10 | 1 << 13);
	EXPECT_EQ(1, self->power_offs);
	/* SLP_EN reads as zero, SLP_TYP as written. */
	EXPECT_EQ(5 << 10 | 1, IN(BOARD_PM1_CONTROL_PORT, 2));
}

TEST_F(board, power_off_by_bytes)
{
	OUT(BOARD_PM1_CONTROL_PORT + 1, 1, (5 << 10 | 1 << 13) >> 8);
	EXPECT_EQ(1, self->power_offs);
}

TEST_F(board, general_purpose_events_drive_the_sci)
{
	acpi_pm_event(&self->pm, 3);
	EXPECT_FALSE(self->sci);
	EXPECT_EQ(0x0008, IN(BOARD_GPE_PORT, 4));
	OUT(BOARD_GPE_PORT + 2, 1, 0x08);
	EXPECT_TRUE(self->sci);
	EXPECT_EQ(0x00080008, IN(BOARD_GPE_PORT, 4));
	OUT(BOARD_GPE_PORT, 1, 0xf7);
	EXPECT_TRUE(self->sci);
	OUT(BOARD_GPE_PORT, 1, 0x08);
	EXPECT_FALSE(self->sci);
	EXPECT_EQ(0, IN(BOARD_GPE_PORT, 2));
}

TEST_F(board, power_button)
{
	/* Nobody listens yet. */
	EXPECT_FALSE(acpi_pm_press(&self->pm));
	EXPECT_FALSE(self->sci);
	EXPECT_EQ(0x0100, IN(BOARD_PM1_EVENT_PORT, 2));
	OUT(BOARD_PM1_EVENT_PORT, 2, 0xffff);
	EXPECT_EQ(0, IN(BOARD_PM1_EVENT_PORT, 2));

	OUT(BOARD_PM1_EVENT_PORT + 2, 2, 0x0100);
	EXPECT_EQ(0x0100, IN(BOARD_PM1_EVENT_PORT + 2, 2));
	EXPECT_FALSE(self->sci);
	EXPECT_TRUE(acpi_pm_press(&self->pm));
	EXPECT_TRUE(self->sci);
	EXPECT_EQ(0x01000100, IN(BOARD_PM1_EVENT_PORT, 4));
	/* Acknowledging another bit changes nothing. */
	OUT(BOARD_PM1_EVENT_PORT, 2, 0x0020);
	EXPECT_TRUE(self->sci);
	OUT(BOARD_PM1_EVENT_PORT, 2, 0x0100);
	EXPECT_FALSE(self->sci);
}

TEST_F(board, debug_console_and_test_device)
{
	EXPECT_EQ(0xe9, IN(0xe9, 1));
	OUT(0xe9, 1, 'x');
	EXPECT_EQ(1, self->bytes);
	EXPECT_EQ('x', self->byte);
	OUT(0xf4, 1, 0x10);
	EXPECT_EQ(0x10, self->code);
	OUT(0xf4, 4, 0x12345678);
	EXPECT_EQ(0x12345678, self->code);
	EXPECT_EQ(2, self->codes);
	OUT(0xf5, 1, 0x10);
	EXPECT_EQ(2, self->codes);
	/* Wider than the console: byte by byte, the neighbour is empty. */
	EXPECT_EQ(0xffe9, IN(0xe9, 2));
}

TEST_HARNESS_MAIN
