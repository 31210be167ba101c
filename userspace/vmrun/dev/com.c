// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Serial port COM1. vCPU threads come in by the port bus, the main thread
 * brings input; the lock serialises the UART.
 *
 * The wait for room in the output ring is outside the lock, or a slow terminal
 * would stop the main thread, which has keys and signals to serve.
 */
#include "dev/com.h"

#include <libvmm.h>

#include "boot/acpi.h"

static void sink_tx(void *ctx, uint8_t byte)
{
	struct com *com = ctx;

	chr_put(com->chr, byte);
}

static void sink_line(void *ctx, bool level)
{
	struct com *com = ctx;

	vmm_isa_irq(com->vm, BOARD_COM1_IRQ, BOARD_COM1_IRQ,
		    level ? VMM_IRQ_ASSERT : VMM_IRQ_DEASSERT);
}

static void pull(struct com *com, enum uart_moment moment)
{
	uint8_t data[UART_FIFO];
	unsigned int room = uart_room(&com->uart);
	size_t len;

	if (!room || !uart_wants_input(&com->uart, moment))
		return;
	len = chr_take(com->chr, data, room);
	for (size_t i = 0; i < len; i++)
		uart_rx(&com->uart, data[i], &com->sink);
}

static uint32_t com_read(void *ctx, unsigned int offset, unsigned int size)
{
	struct com *com = ctx;
	uint8_t value;

	(void)size;
	pthread_mutex_lock(&com->lock);
	if (offset == 5)
		pull(com, UART_MOMENT_POLL);
	value = uart_read(&com->uart, offset, &com->sink);
	if (offset == 0)
		pull(com, UART_MOMENT_READ);
	pthread_mutex_unlock(&com->lock);
	return value;
}

static void com_write(void *ctx, unsigned int offset, unsigned int size, uint32_t value)
{
	struct com *com = ctx;

	(void)size;
	if (offset == 0)
		chr_wait(com->chr, com->stop);
	pthread_mutex_lock(&com->lock);
	uart_write(&com->uart, offset, value, &com->sink);
	if (offset != 0)
		pull(com, UART_MOMENT_WRITE);
	pthread_mutex_unlock(&com->lock);
}

void com_input(struct com *com)
{
	pthread_mutex_lock(&com->lock);
	pull(com, UART_MOMENT_INPUT);
	pthread_mutex_unlock(&com->lock);
}

void com_send_break(struct com *com)
{
	pthread_mutex_lock(&com->lock);
	uart_break(&com->uart, &com->sink);
	pthread_mutex_unlock(&com->lock);
}

void com_init(struct com *com, struct pio *pio, int vm, struct chr *chr,
	      const atomic_bool *stop)
{
	struct pio_region region = {
		.name = "com1",
		.port = BOARD_COM1_PORT,
		.len = UART_REGISTERS,
		.sizes = 1,
		.split = true,
		.read = com_read,
		.write = com_write,
		.ctx = com,
	};

	pthread_mutex_init(&com->lock, NULL);
	uart_reset(&com->uart);
	com->sink = (struct uart_sink){ sink_tx, sink_line, com };
	com->chr = chr;
	com->vm = vm;
	com->stop = stop;
	pio_add(pio, &region);
}

void com_fini(struct com *com)
{
	pthread_mutex_destroy(&com->lock);
}
