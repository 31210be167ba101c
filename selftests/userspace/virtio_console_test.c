// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * virtio-console: the introduction of ports, bytes both ways, and a reader
 * that does not read.
 */
#include <fcntl.h>
#include <linux/virtio_console.h>
#include <signal.h>
#include <unistd.h>

#include "dev/virtio_console.h"
#include "kselftest_harness.h"
#include "virtio_driver.h"

#define CONTROL_RX	2
#define CONTROL_TX	3

FIXTURE(console) {
	struct virtio_console console;
	struct chr chr[2];
	struct loop loop;
	struct driver driver;
	struct why why;
	int in[2][2], out[2][2];
};

typedef FIXTURE_DATA(console) console_data;

static void on_input(void *ctx)
{
	loop_leave(&((console_data *)ctx)->loop);
}

static void on_drained(void *ctx)
{
	virtio_kick(&((console_data *)ctx)->console.virtio);
}

FIXTURE_SETUP(console)
{
	struct console_port port[2] = { { .chr = &self->chr[0], .name = "" },
					{ .chr = &self->chr[1], .name = "agent" } };
	struct chr_ops ops = { on_input, NULL, NULL, on_drained, self };

	signal(SIGPIPE, SIG_IGN);
	memset(self, 0, sizeof(*self));
	ASSERT_EQ(0, loop_init(&self->loop));
	for (unsigned int i = 0; i < 2; i++) {
		ASSERT_EQ(0, pipe(self->in[i]));
		ASSERT_EQ(0, pipe(self->out[i]));
		self->chr[i].in_fd = self->in[i][0];
		self->chr[i].out_fd = self->out[i][1];
		self->chr[i].loop = &self->loop;
		ASSERT_EQ(0, chr_start(&self->chr[i]));
		ASSERT_EQ(0, chr_listen(&self->chr[i], &ops, &self->why));
	}
	ASSERT_EQ(0, virtio_console_init(&self->console, port, 2));
	driver_init_ram(&self->driver);
	driver_start(&self->driver, &self->console.virtio, -1ULL);
}

FIXTURE_TEARDOWN(console)
{
	driver_fini(&self->driver);
	for (unsigned int i = 0; i < 2; i++) {
		close(self->out[i][0]);
		chr_close(&self->chr[i]);
		close(self->in[i][0]);
		close(self->in[i][1]);
		close(self->out[i][1]);
	}
	virtio_console_fini(&self->console);
	loop_fini(&self->loop);
}

static void control(console_data *self, uint32_t id, uint16_t event, uint16_t value)
{
	struct virtio_console_control message = { id, event, value };
	struct driver_buffer buffer = { .out = &message, .len = sizeof(message) };

	driver_submit(&self->driver, CONTROL_TX, &buffer, 1);
	virtio_run(&self->console.virtio);
	driver_done(&self->driver, CONTROL_TX, NULL, 0);
}

/* The next control message; its length in bytes, and a name behind it. */
static long told(console_data *self, struct virtio_console_control *message, char *name)
{
	uint8_t in[64];
	struct driver_buffer buffer = { .in = in, .len = sizeof(in) };
	long len = driver_call(&self->driver, CONTROL_RX, &buffer, 1);

	memcpy(message, in, sizeof(*message));
	if (name && len > (long)sizeof(*message)) {
		memcpy(name, in + sizeof(*message), len - sizeof(*message));
		name[len - sizeof(*message)] = '\0';
	}
	return len;
}

TEST_F(console, ports_are_introduced)
{
	struct virtio_console_control message;
	char name[64] = "";

	control(self, -1U, VIRTIO_CONSOLE_DEVICE_READY, 1);
	for (unsigned int i = 0; i < 2; i++) {
		EXPECT_EQ(8, told(self, &message, NULL));
		EXPECT_EQ(i, message.id);
		EXPECT_EQ(VIRTIO_CONSOLE_PORT_ADD, message.event);
	}
	control(self, 0, VIRTIO_CONSOLE_PORT_READY, 1);
	EXPECT_EQ(8, told(self, &message, NULL));
	EXPECT_EQ(VIRTIO_CONSOLE_CONSOLE_PORT, message.event);
	EXPECT_EQ(8, told(self, &message, NULL));
	EXPECT_EQ(VIRTIO_CONSOLE_PORT_OPEN, message.event);
	control(self, 1, VIRTIO_CONSOLE_PORT_READY, 1);
	EXPECT_EQ(13, told(self, &message, name));
	EXPECT_EQ(VIRTIO_CONSOLE_PORT_NAME, message.event);
	EXPECT_STREQ("agent", name);
	/* Ports that do not exist, and events of no meaning, are passed over. */
	control(self, 7, VIRTIO_CONSOLE_PORT_READY, 1);
	control(self, 0, 99, 1);
	EXPECT_FALSE(self->console.virtio.broken);
}

TEST_F(console, bytes_go_out)
{
	char seen[16] = "";
	struct driver_buffer buffer = { .out = "hello", .len = 5 };

	EXPECT_EQ(0, driver_call(&self->driver, 1, &buffer, 1));
	ASSERT_EQ(5, read(self->out[0][0], seen, sizeof(seen)));
	EXPECT_STREQ("hello", seen);
	buffer = (struct driver_buffer){ .out = "there", .len = 5 };
	EXPECT_EQ(0, driver_call(&self->driver, 5, &buffer, 1));
	ASSERT_EQ(5, read(self->out[1][0], seen, sizeof(seen)));
	EXPECT_STREQ("there", seen);
}

TEST_F(console, bytes_come_in)
{
	char in[16] = "";
	struct driver_buffer buffer = { .in = in, .len = sizeof(in) };

	EXPECT_EQ(-1, driver_call(&self->driver, 0, &buffer, 1));
	ASSERT_EQ(3, write(self->in[0][1], "abc", 3));
	loop_run(&self->loop);
	virtio_run(&self->console.virtio);
	EXPECT_EQ(3, driver_done(&self->driver, 0, &buffer, 1));
	EXPECT_EQ(0, memcmp("abc", in, 3));
}

TEST_F(console, closed_stream_keeps_its_input)
{
	char in[16] = "";
	struct driver_buffer buffer = { .in = in, .len = sizeof(in) };

	ASSERT_EQ(3, write(self->in[1][1], "abc", 3));
	loop_run(&self->loop);
	EXPECT_EQ(-1, driver_call(&self->driver, 4, &buffer, 1));
	control(self, 1, VIRTIO_CONSOLE_PORT_OPEN, 1);
	EXPECT_EQ(3, driver_done(&self->driver, 4, &buffer, 1));
}

/* More than pipe and ring hold: the request waits, and ends when it is read. */
TEST_F(console, slow_reader_holds_up_nobody)
{
	static uint8_t bytes[300000], seen[300000];
	struct driver_buffer buffer = { .out = bytes, .len = sizeof(bytes) };
	size_t got = 0;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = i ^ i >> 8;
	EXPECT_EQ(-1, driver_call(&self->driver, 1, &buffer, 1));
	ASSERT_EQ(0, virtio_start(&self->console.virtio));
	while (got < sizeof(seen)) {
		ssize_t more = read(self->out[0][0], seen + got, sizeof(seen) - got);

		ASSERT_LT(0, more);
		got += more;
	}
	virtio_stop(&self->console.virtio);
	EXPECT_EQ(0, memcmp(bytes, seen, sizeof(seen)));
	EXPECT_EQ(0, driver_done(&self->driver, 1, &buffer, 1));
}

TEST_HARNESS_MAIN
