// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The 16550A by its data sheet, driven as drivers drive it.
 */
#include "dev/uart.h"
#include "kselftest_harness.h"

enum { DATA, IER, IIR, LCR, MCR, LSR, MSR, SCR };
#define FCR IIR

struct peer {
	uint8_t out[256];
	unsigned int sent;
	bool level;
	unsigned int rises;
};

static void on_tx(void *ctx, uint8_t byte)
{
	struct peer *peer = ctx;

	peer->out[peer->sent++ % sizeof(peer->out)] = byte;
}

static void on_line(void *ctx, bool level)
{
	struct peer *peer = ctx;

	/* The sink hears of changes only. */
	if (peer->level == level)
		abort();
	peer->level = level;
	peer->rises += level;
}

FIXTURE(uart) {
	struct uart uart;
	struct peer peer;
	struct uart_sink sink;
};

FIXTURE_SETUP(uart)
{
	memset(&self->peer, 0, sizeof(self->peer));
	self->sink = (struct uart_sink){ on_tx, on_line, &self->peer };
	uart_reset(&self->uart);
}

FIXTURE_TEARDOWN(uart)
{
}

#define RD(reg)		uart_read(&self->uart, reg, &self->sink)
#define WR(reg, value)	uart_write(&self->uart, reg, value, &self->sink)
#define RX(byte)	uart_rx(&self->uart, byte, &self->sink)

TEST_F(uart, reset_state)
{
	EXPECT_EQ(0, RD(IER));
	EXPECT_EQ(0x01, RD(IIR));
	EXPECT_EQ(0, RD(LCR));
	EXPECT_EQ(0, RD(MCR));
	EXPECT_EQ(0x60, RD(LSR));
	EXPECT_EQ(0xb0, RD(MSR));
	EXPECT_EQ(0xff, RD(8));
}

TEST_F(uart, divisor_latch_hides_data_and_ier)
{
	WR(LCR, 0x83);
	WR(DATA, 0x0c);
	WR(IER, 0x01);
	EXPECT_EQ(0x0c, RD(DATA));
	EXPECT_EQ(0x01, RD(IER));
	WR(LCR, 0x03);
	EXPECT_EQ(0, RD(IER));
	EXPECT_EQ(0, self->peer.sent);
}

TEST_F(uart, sends_at_once_and_is_always_empty)
{
	WR(DATA, 'h');
	WR(DATA, 'i');
	EXPECT_EQ(2, self->peer.sent);
	EXPECT_EQ('h', self->peer.out[0]);
	EXPECT_EQ('i', self->peer.out[1]);
	EXPECT_EQ(0x60, RD(LSR));
}

TEST_F(uart, scratch_and_reserved_bits)
{
	WR(SCR, 0x5a);
	EXPECT_EQ(0x5a, RD(SCR));
	WR(IER, 0xf0);
	EXPECT_EQ(0, RD(IER));
	WR(MCR, 0xe3);
	EXPECT_EQ(0x03, RD(MCR));
	WR(LSR, 0);
	EXPECT_EQ(0x60, RD(LSR));
}

TEST_F(uart, thr_interrupt_is_told_once)
{
	WR(IER, 0x02);
	EXPECT_TRUE(self->peer.level);
	EXPECT_EQ(0x02, RD(IIR));
	EXPECT_FALSE(self->peer.level);
	EXPECT_EQ(0x01, RD(IIR));
	WR(DATA, 'a');
	EXPECT_TRUE(self->peer.level);
	EXPECT_EQ(0x02, RD(IIR));
	EXPECT_FALSE(self->peer.level);
}

TEST_F(uart, a_burst_after_iir_is_one_edge)
{
	WR(FCR, 0x01);
	WR(IER, 0x02);
	RD(IIR);
	self->peer.rises = 0;
	for (int i = 0; i < 16; i++)
		WR(DATA, i);
	EXPECT_EQ(1, self->peer.rises);
}

TEST_F(uart, a_handler_that_never_reads_iir_gets_new_edges)
{
	WR(IER, 0x02);
	self->peer.rises = 0;
	WR(DATA, 'a');
	WR(DATA, 'b');
	EXPECT_EQ(2, self->peer.rises);
	EXPECT_TRUE(self->peer.level);
}

TEST_F(uart, receives_with_interrupt)
{
	WR(IER, 0x01);
	RX('x');
	EXPECT_TRUE(self->peer.level);
	EXPECT_EQ(0x04, RD(IIR));
	EXPECT_EQ(0x61, RD(LSR));
	EXPECT_EQ('x', RD(DATA));
	EXPECT_FALSE(self->peer.level);
	EXPECT_EQ(0x60, RD(LSR));
	EXPECT_EQ(0x01, RD(IIR));
}

TEST_F(uart, fifo_trigger_and_timeout)
{
	WR(FCR, 0x81);		/* trigger at 8 */
	WR(IER, 0x01);
	RX('0');
	EXPECT_EQ(0xcc, RD(IIR));
	for (int i = 1; i < 8; i++)
		RX('0' + i);
	EXPECT_EQ(0xc4, RD(IIR));
	EXPECT_EQ('0', RD(DATA));
	EXPECT_EQ(0xcc, RD(IIR));
	for (int i = 1; i < 8; i++)
		EXPECT_EQ('0' + i, RD(DATA));
	EXPECT_EQ(0xc1, RD(IIR));
	EXPECT_FALSE(self->peer.level);
}

TEST_F(uart, overrun_is_reported_once)
{
	WR(FCR, 0x01);
	WR(IER, 0x04);
	for (int i = 0; i < 16; i++)
		RX(i);
	EXPECT_EQ(0, uart_room(&self->uart));
	EXPECT_FALSE(self->peer.level);
	RX(0xee);
	EXPECT_TRUE(self->peer.level);
	EXPECT_EQ(0xc6, RD(IIR));
	EXPECT_EQ(0x63, RD(LSR));
	EXPECT_EQ(0x61, RD(LSR));
	EXPECT_FALSE(self->peer.level);
	for (int i = 0; i < 16; i++)
		EXPECT_EQ(i, RD(DATA));
	EXPECT_EQ(0, RD(DATA));
}

TEST_F(uart, without_fifo_there_is_room_for_one)
{
	EXPECT_EQ(1, uart_room(&self->uart));
	RX('a');
	EXPECT_EQ(0, uart_room(&self->uart));
	RX('b');
	EXPECT_EQ(0x63, RD(LSR));
	EXPECT_EQ('b', RD(DATA));
}

TEST_F(uart, clearing_and_switching_fifos_empties_them)
{
	WR(FCR, 0x01);
	RX('a');
	WR(FCR, 0x03);
	EXPECT_EQ(0x60, RD(LSR));
	RX('b');
	WR(FCR, 0x00);
	EXPECT_EQ(0x60, RD(LSR));
	EXPECT_EQ(0x01, RD(IIR));
}

TEST_F(uart, loopback)
{
	WR(MCR, 0x1f);
	EXPECT_EQ(0xf0, RD(MSR) & 0xf0);
	WR(DATA, 'l');
	EXPECT_EQ(0, self->peer.sent);
	EXPECT_EQ('l', RD(DATA));
	/* The probe of Linux's 8250 driver. */
	WR(MCR, 0x1a);
	EXPECT_EQ(0x90, RD(MSR) & 0xf0);
	WR(MCR, 0x00);
	EXPECT_EQ(0xb0, RD(MSR) & 0xf0);
}

TEST_F(uart, modem_deltas_interrupt)
{
	WR(IER, 0x08);
	WR(MCR, 0x10);
	EXPECT_TRUE(self->peer.level);
	EXPECT_EQ(0x00, RD(IIR));
	EXPECT_EQ(0x0b, RD(MSR));
	EXPECT_FALSE(self->peer.level);
	EXPECT_EQ(0x00, RD(MSR));
}

TEST_F(uart, break_is_a_zero_with_a_mark)
{
	WR(FCR, 0x01);
	WR(IER, 0x04);
	uart_break(&self->uart, &self->sink);
	EXPECT_EQ(0xc6, RD(IIR));
	EXPECT_EQ(0x71, RD(LSR));
	EXPECT_EQ(0, RD(DATA));
}

TEST_F(uart, line_errors_come_before_data_and_thr)
{
	WR(IER, 0x0f);
	RD(IIR);
	RX('a');
	RX('b');
	EXPECT_EQ(0x06, RD(IIR));
	RD(LSR);
	EXPECT_EQ(0x04, RD(IIR));
}

TEST_F(uart, input_waits_for_a_ready_guest)
{
	EXPECT_FALSE(uart_wants_input(&self->uart, UART_MOMENT_INPUT));
	EXPECT_TRUE(uart_wants_input(&self->uart, UART_MOMENT_POLL));
	WR(IER, 0x01);
	EXPECT_TRUE(uart_wants_input(&self->uart, UART_MOMENT_INPUT));
	EXPECT_FALSE(uart_wants_input(&self->uart, UART_MOMENT_WRITE));
	WR(IER, 0x00);
	WR(MCR, 0x00);
	EXPECT_FALSE(uart_wants_input(&self->uart, UART_MOMENT_POLL));
	WR(MCR, 0x0b);
	EXPECT_TRUE(uart_wants_input(&self->uart, UART_MOMENT_WRITE));
	WR(MCR, 0x1b);
	EXPECT_FALSE(uart_wants_input(&self->uart, UART_MOMENT_INPUT));
}

/* Whatever a guest does, the model stays in range and its line tells the truth. */
TEST_F(uart, random_accesses)
{
	unsigned int seed = 1;

	for (int i = 0; i < 200000; i++) {
		unsigned int r = rand_r(&seed);

		if (r % 3 == 0)
			RD(r >> 8 & 7);
		else if (r % 3 == 1)
			WR(r >> 8 & 7, r >> 16);
		else
			RX(r >> 16);
		ASSERT_LE(self->uart.count, UART_FIFO);
		ASSERT_LT(self->uart.head, UART_FIFO);
		ASSERT_EQ(self->uart.line, self->peer.level);
		ASSERT_EQ(self->uart.count > 0, self->uart.lsr & 1);
	}
}

TEST_HARNESS_MAIN
