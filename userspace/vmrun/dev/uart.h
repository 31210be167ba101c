/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A 16550A UART as a plain struct: no lock, no file descriptor, no clock.
 * Bytes and the interrupt line leave through the sink; the caller serialises.
 */
#ifndef VMRUN_DEV_UART_H
#define VMRUN_DEV_UART_H

#include <stdbool.h>
#include <stdint.h>

#define UART_FIFO	16
#define UART_REGISTERS	8

struct uart_sink {
	void (*tx)(void *ctx, uint8_t byte);
	void (*line)(void *ctx, bool level);	/* changes only */
	void *ctx;
};

struct uart {
	uint8_t ier, fcr, lcr, mcr, lsr, msr, scr, dll, dlm;
	uint8_t fifo[UART_FIFO];
	uint8_t head, count;
	bool thr_pending;	/* "transmitter empty" waits to be told */
	bool thr_told;		/* this guest acknowledges it by reading IIR */
	bool mcr_written;
	bool line;
};

void uart_reset(struct uart *uart);
uint8_t uart_read(struct uart *uart, unsigned int reg, const struct uart_sink *sink);
void uart_write(struct uart *uart, unsigned int reg, uint8_t value,
		const struct uart_sink *sink);

/* How many bytes uart_rx() would take now. */
unsigned int uart_room(const struct uart *uart);
void uart_rx(struct uart *uart, uint8_t byte, const struct uart_sink *sink);
void uart_break(struct uart *uart, const struct uart_sink *sink);

/*
 * Is the guest ready for input? Bytes given to it earlier would be lost when
 * its driver resets the FIFOs. @moment is what made the caller ask.
 */
enum uart_moment {
	UART_MOMENT_INPUT,	/* input arrived from outside */
	UART_MOMENT_READ,	/* the guest took a byte */
	UART_MOMENT_POLL,	/* the guest read LSR */
	UART_MOMENT_WRITE,	/* the guest wrote a register */
};

bool uart_wants_input(const struct uart *uart, enum uart_moment moment);

#endif /* VMRUN_DEV_UART_H */
