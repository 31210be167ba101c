// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Reset registers. Their only state is one byte, written atomically.
 *
 * 0xcf9 takes bytes only: wider accesses there are PCI configuration cycles.
 *
 * Intel ICH9 data sheet, "RST_CNT: Reset Control Register", "PORT92".
 */
#include "dev/reset.h"

#include "boot/acpi.h"

#define RST_CPU		0x04	/* reads as zero: the machine is gone by then */
#define RST_KEPT	0x0a
#define PORT_A_INIT	0x01
#define PORT_A_A20	0x02

static uint32_t read_control(void *ctx, unsigned int offset, unsigned int size)
{
	struct reset *reset = ctx;

	(void)offset;
	(void)size;
	return reset->control;
}

static void write_control(void *ctx, unsigned int offset, unsigned int size, uint32_t value)
{
	struct reset *reset = ctx;

	(void)offset;
	(void)size;
	atomic_store(&reset->control, value & RST_KEPT);
	if (value & RST_CPU)
		reset->reset(reset->ctx);
}

static uint32_t read_port_a(void *ctx, unsigned int offset, unsigned int size)
{
	(void)ctx;
	(void)offset;
	(void)size;
	return PORT_A_A20;
}

static void write_port_a(void *ctx, unsigned int offset, unsigned int size, uint32_t value)
{
	struct reset *reset = ctx;

	(void)offset;
	(void)size;
	if (value & PORT_A_INIT)
		reset->reset(reset->ctx);
}

void reset_init(struct reset *reset, struct pio *pio, void (*handler)(void *ctx), void *ctx)
{
	struct pio_region control = { "reset control", BOARD_RESET_PORT, 1, 1, false,
				      read_control, write_control, reset };
	struct pio_region port_a = { "system control A", 0x92, 1, 1, true, read_port_a,
				     write_port_a, reset };

	*reset = (struct reset){ .reset = handler, .ctx = ctx };
	pio_add(pio, &control);
	pio_add(pio, &port_a);
}
