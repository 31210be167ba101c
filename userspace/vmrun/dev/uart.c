// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * 16550A. Sending takes no time: a byte leaves as it is written, so the
 * transmitter is always empty and "transmitter empty" is pending as soon as
 * its interrupt is enabled. Received bytes below the trigger level raise the
 * character-timeout interrupt at once instead of after four character times.
 *
 * ISA interrupts are edges, so a pending interrupt whose cause is renewed must
 * drop the line and raise it again. That is done for guests that write THR
 * without ever reading IIR; for the others it would be two wasted edges a byte.
 *
 * The interrupt is not gated by OUT2: small kernels forget to set it.
 *
 * PC16550D data sheet, "Registers", "FIFO Interrupt Mode Operation".
 */
#include "dev/uart.h"

#include <string.h>

enum { REG_DATA, REG_IER, REG_IIR_FCR, REG_LCR, REG_MCR, REG_LSR, REG_MSR, REG_SCR };

#define IER_RX		0x01
#define IER_THR		0x02
#define IER_LINE	0x04
#define IER_MODEM	0x08
#define IIR_NONE	0x01
#define IIR_MODEM	0x00
#define IIR_THR		0x02
#define IIR_RX		0x04
#define IIR_LINE	0x06
#define IIR_TIMEOUT	0x0c
#define IIR_FIFO	0xc0
#define FCR_ENABLE	0x01
#define FCR_CLEAR_RX	0x02
#define LCR_BREAK	0x40
#define LCR_DLAB	0x80
#define MCR_DTR		0x01
#define MCR_RTS		0x02
#define MCR_OUT1	0x04
#define MCR_OUT2	0x08
#define MCR_LOOP	0x10
#define LSR_DR		0x01
#define LSR_OE		0x02
#define LSR_BI		0x10
#define LSR_THRE	0x20
#define LSR_TEMT	0x40
#define LSR_ERRORS	0x1e
#define MSR_DELTAS	0x0f
#define MSR_CTS		0x10
#define MSR_DSR		0x20
#define MSR_RI		0x40
#define MSR_DCD		0x80

static unsigned int capacity(const struct uart *uart)
{
	return uart->fcr & FCR_ENABLE ? UART_FIFO : 1;
}

static unsigned int trigger_level(const struct uart *uart)
{
	static const uint8_t levels[] = { 1, 4, 8, 14 };

	return uart->fcr & FCR_ENABLE ? levels[uart->fcr >> 6] : 1;
}

/* The interrupt of highest priority, as IIR shows it. */
static uint8_t cause(const struct uart *uart)
{
	if ((uart->ier & IER_LINE) && (uart->lsr & LSR_ERRORS))
		return IIR_LINE;
	if ((uart->ier & IER_RX) && uart->count)
		return uart->count >= trigger_level(uart) ? IIR_RX : IIR_TIMEOUT;
	if ((uart->ier & IER_THR) && uart->thr_pending)
		return IIR_THR;
	if ((uart->ier & IER_MODEM) && (uart->msr & MSR_DELTAS))
		return IIR_MODEM;
	return IIR_NONE;
}

static void set_line(struct uart *uart, bool level, const struct uart_sink *sink)
{
	if (uart->line == level)
		return;
	uart->line = level;
	sink->line(sink->ctx, level);
}

static void update(struct uart *uart, const struct uart_sink *sink)
{
	set_line(uart, cause(uart) != IIR_NONE, sink);
}

static void clear_rx(struct uart *uart)
{
	uart->head = 0;
	uart->count = 0;
	uart->lsr &= ~LSR_DR;
}

/* Modem inputs: wired to a peer that is always there, or looped back. */
static void update_modem(struct uart *uart)
{
	uint8_t now = MSR_CTS | MSR_DSR | MSR_DCD;
	uint8_t changed;

	if (uart->mcr & MCR_LOOP) {
		now = (uart->mcr & MCR_RTS ? MSR_CTS : 0) | (uart->mcr & MCR_DTR ? MSR_DSR : 0) |
		      (uart->mcr & MCR_OUT1 ? MSR_RI : 0) | (uart->mcr & MCR_OUT2 ? MSR_DCD : 0);
	}
	changed = (uart->msr ^ now) >> 4;
	/* The ring indicator reports its trailing edge only. */
	if (now & MSR_RI)
		changed &= ~(MSR_RI >> 4);
	uart->msr = now | (uart->msr & MSR_DELTAS) | changed;
}

void uart_reset(struct uart *uart)
{
	memset(uart, 0, sizeof(*uart));
	uart->lsr = LSR_THRE | LSR_TEMT;
	uart->msr = MSR_CTS | MSR_DSR | MSR_DCD;
	uart->dll = 1;
}

unsigned int uart_room(const struct uart *uart)
{
	return uart->count < capacity(uart) ? capacity(uart) - uart->count : 0;
}

bool uart_wants_input(const struct uart *uart, enum uart_moment moment)
{
	if (uart->mcr & MCR_LOOP)
		return false;
	if (uart->mcr & MCR_RTS)
		return true;
	if (moment == UART_MOMENT_WRITE)
		return false;
	return (uart->ier & IER_RX) || (moment == UART_MOMENT_POLL && !uart->mcr_written);
}

static void receive(struct uart *uart, uint8_t byte)
{
	if (!uart_room(uart)) {
		uart->lsr |= LSR_OE;
		/* Without FIFOs the new byte replaces the one that was not read. */
		if (!(uart->fcr & FCR_ENABLE))
			uart->fifo[uart->head] = byte;
		return;
	}
	uart->fifo[(uart->head + uart->count++) % UART_FIFO] = byte;
	uart->lsr |= LSR_DR;
}

void uart_rx(struct uart *uart, uint8_t byte, const struct uart_sink *sink)
{
	receive(uart, byte);
	update(uart, sink);
}

void uart_break(struct uart *uart, const struct uart_sink *sink)
{
	receive(uart, 0);
	uart->lsr |= LSR_BI;
	update(uart, sink);
}

static uint8_t read_data(struct uart *uart)
{
	uint8_t byte;

	if (!uart->count)
		return 0;
	byte = uart->fifo[uart->head];
	uart->head = (uart->head + 1) % UART_FIFO;
	if (!--uart->count)
		uart->lsr &= ~LSR_DR;
	return byte;
}

uint8_t uart_read(struct uart *uart, unsigned int reg, const struct uart_sink *sink)
{
	bool dlab = uart->lcr & LCR_DLAB;
	uint8_t value = 0xff;

	switch (reg) {
	case REG_DATA:
		value = dlab ? uart->dll : read_data(uart);
		break;
	case REG_IER:
		value = dlab ? uart->dlm : uart->ier;
		break;
	case REG_IIR_FCR:
		value = cause(uart);
		if (value == IIR_THR) {
			uart->thr_pending = false;
			uart->thr_told = true;
		}
		if (uart->fcr & FCR_ENABLE)
			value |= IIR_FIFO;
		break;
	case REG_LCR:
		value = uart->lcr;
		break;
	case REG_MCR:
		value = uart->mcr;
		break;
	case REG_LSR:
		value = uart->lsr;
		uart->lsr &= ~LSR_ERRORS;
		break;
	case REG_MSR:
		value = uart->msr;
		uart->msr &= ~MSR_DELTAS;
		break;
	case REG_SCR:
		value = uart->scr;
		break;
	}
	update(uart, sink);
	return value;
}

static void write_data(struct uart *uart, uint8_t value, const struct uart_sink *sink)
{
	if (uart->mcr & MCR_LOOP)
		receive(uart, value);
	else
		sink->tx(sink->ctx, value);

	/* Written while pending: the old interrupt is off, a new one on. */
	if (uart->thr_pending && !uart->thr_told && cause(uart) == IIR_THR)
		set_line(uart, false, sink);
	uart->thr_pending = true;
}

static void write_ier(struct uart *uart, uint8_t value)
{
	bool thr_enabled = !(uart->ier & IER_THR) && (value & IER_THR);

	uart->ier = value & 0x0f;
	if (thr_enabled) {
		uart->thr_pending = true;
		uart->thr_told = false;
	}
}

static void write_fcr(struct uart *uart, uint8_t value)
{
	/* Switching FIFOs on or off empties them, whatever the clear bits say. */
	if (((uart->fcr ^ value) & FCR_ENABLE) || (value & FCR_CLEAR_RX))
		clear_rx(uart);
	uart->fcr = value & FCR_ENABLE ? value & 0xc9 : 0;
}

void uart_write(struct uart *uart, unsigned int reg, uint8_t value,
		const struct uart_sink *sink)
{
	bool dlab = uart->lcr & LCR_DLAB;

	switch (reg) {
	case REG_DATA:
		if (dlab)
			uart->dll = value;
		else
			write_data(uart, value, sink);
		break;
	case REG_IER:
		if (dlab)
			uart->dlm = value;
		else
			write_ier(uart, value);
		break;
	case REG_IIR_FCR:
		write_fcr(uart, value);
		break;
	case REG_LCR:
		/* A break sent in loopback comes back as one. */
		if ((value & ~uart->lcr & LCR_BREAK) && (uart->mcr & MCR_LOOP)) {
			receive(uart, 0);
			uart->lsr |= LSR_BI;
		}
		uart->lcr = value;
		break;
	case REG_MCR:
		uart->mcr = value & 0x1f;
		uart->mcr_written = true;
		update_modem(uart);
		break;
	case REG_SCR:
		uart->scr = value;
		break;
	default:
		/* LSR and MSR are read-only. */
		break;
	}
	update(uart, sink);
}
