// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * virtio-net over a stream socket with passt's framing: frames both ways, with
 * and without merged buffers, with none at all, and in pieces.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/virtio_net.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dev/virtio_net.h"
#include "kselftest_harness.h"
#include "virtio_driver.h"

#define RX	0
#define TX	1

FIXTURE(card) {
	struct net *net;
	struct virtio_net card;
	struct driver driver;
	int peer;
};

typedef FIXTURE_DATA(card) card_data;

FIXTURE_SETUP(card)
{
	static const uint8_t mac[6] = { 0x52, 0x56, 0x4d, 0, 0, 1 };
	int pair[2];

	memset(self, 0, sizeof(*self));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	self->peer = pair[1];
	self->net = net_stream_open(pair[0]);
	ASSERT_NE(NULL, self->net);
	ASSERT_EQ(0, virtio_net_init(&self->card, self->net, mac));
	driver_init_ram(&self->driver);
	driver_start(&self->driver, &self->card.virtio, -1ULL);
}

FIXTURE_TEARDOWN(card)
{
	driver_fini(&self->driver);
	virtio_net_fini(&self->card);
	net_close(self->net);
	close(self->peer);
}

static void send_frame(card_data *self, const void *frame, size_t len)
{
	uint32_t be = htonl(len);

	if (send(self->peer, &be, 4, 0) != 4 || send(self->peer, frame, len, 0) != (ssize_t)len)
		abort();
}

TEST_F(card, transmitted_frame_is_framed)
{
	uint8_t frame[100], header[NET_HEADER] = { 0 }, seen[200];
	struct driver_buffer buffer[2] = {
		{ .out = header, .len = sizeof(header) }, { .out = frame, .len = sizeof(frame) },
	};

	memset(frame, 0x42, sizeof(frame));
	EXPECT_EQ(0, driver_call(&self->driver, TX, buffer, 2));
	ASSERT_EQ(104, recv(self->peer, seen, sizeof(seen), MSG_DONTWAIT));
	EXPECT_EQ(0, memcmp("\0\0\0\x64", seen, 4));
	EXPECT_EQ(0, memcmp(frame, seen + 4, 100));
}

TEST_F(card, impossible_frames_break_the_device)
{
	uint8_t header[NET_HEADER] = { 0 };
	struct driver_buffer buffer = { .out = header, .len = sizeof(header) };

	EXPECT_EQ(-1, driver_call(&self->driver, TX, &buffer, 1));
	EXPECT_TRUE(self->card.virtio.broken);
}

TEST_F(card, received_frame_has_a_header)
{
	uint8_t frame[60], in[200];
	struct driver_buffer buffer = { .in = in, .len = sizeof(in) };
	struct virtio_net_hdr_v1 header;

	memset(frame, 0x24, sizeof(frame));
	send_frame(self, frame, sizeof(frame));
	EXPECT_EQ(NET_HEADER + 60, driver_call(&self->driver, RX, &buffer, 1));
	memcpy(&header, in, sizeof(header));
	EXPECT_EQ(1, header.num_buffers);
	EXPECT_EQ(0, header.flags);
	EXPECT_EQ(0, memcmp(frame, in + NET_HEADER, 60));
	EXPECT_EQ(1, self->driver.interrupts[RX]);
}

TEST_F(card, long_frame_takes_several_buffers)
{
	uint8_t frame[1000], in[4][300];
	struct driver_buffer buffer[4];
	struct virtio_net_hdr_v1 header;

	for (size_t i = 0; i < sizeof(frame); i++)
		frame[i] = i;
	send_frame(self, frame, sizeof(frame));
	for (unsigned int i = 0; i < 3; i++) {
		buffer[i] = (struct driver_buffer){ .in = in[i], .len = sizeof(in[i]) };
		driver_submit(&self->driver, RX, &buffer[i], 1);
	}
	/* Three are not enough: none is used, and the frame waits. */
	virtio_run(&self->card.virtio);
	EXPECT_EQ(-1, driver_done(&self->driver, RX, buffer, 0));
	EXPECT_TRUE(self->card.paused);
	buffer[3] = (struct driver_buffer){ .in = in[3], .len = sizeof(in[3]) };
	driver_submit(&self->driver, RX, &buffer[3], 1);
	virtio_run(&self->card.virtio);
	EXPECT_FALSE(self->card.paused);
	for (unsigned int i = 0; i < 4; i++)
		EXPECT_EQ(i < 3 ? 300 : 112, driver_done(&self->driver, RX, &buffer[i], 1));
	memcpy(&header, in[0], sizeof(header));
	EXPECT_EQ(4, header.num_buffers);
	EXPECT_EQ(0, memcmp(frame, in[0] + NET_HEADER, 288));
	EXPECT_EQ(0, memcmp(frame + 288 + 600, in[3], 112));
}

TEST_F(card, without_merging_a_long_frame_is_lost)
{
	uint8_t frame[1000] = { 0 }, in[300];
	struct driver_buffer buffer = { .in = in, .len = sizeof(in) };

	driver_start(&self->driver, &self->card.virtio, 1ULL << VIRTIO_NET_F_MAC);
	send_frame(self, frame, sizeof(frame));
	send_frame(self, frame, 60);
	EXPECT_EQ(72, driver_call(&self->driver, RX, &buffer, 1));
}

TEST_F(card, frame_in_pieces_is_put_together)
{
	uint8_t in[200];
	struct driver_buffer buffer = { .in = in, .len = sizeof(in) };

	ASSERT_EQ(3, send(self->peer, "\0\0\0", 3, 0));
	EXPECT_EQ(-1, driver_call(&self->driver, RX, &buffer, 1));
	ASSERT_EQ(3, send(self->peer, "\4ab", 3, 0));
	virtio_run(&self->card.virtio);
	EXPECT_EQ(-1, driver_done(&self->driver, RX, &buffer, 1));
	ASSERT_EQ(2, send(self->peer, "cd", 2, 0));
	virtio_run(&self->card.virtio);
	EXPECT_EQ(NET_HEADER + 4, driver_done(&self->driver, RX, &buffer, 1));
	EXPECT_EQ(0, memcmp("abcd", in + NET_HEADER, 4));
}

TEST_F(card, impossible_length_ends_reception)
{
	uint8_t in[200];
	struct driver_buffer buffer = { .in = in, .len = sizeof(in) };

	ASSERT_EQ(4, send(self->peer, "\xff\xff\xff\xff", 4, 0));
	EXPECT_EQ(-1, driver_call(&self->driver, RX, &buffer, 1));
	EXPECT_EQ(NULL, self->card.source);
	EXPECT_FALSE(self->card.virtio.broken);
}

/* Both sides' sockets are full: neither waits for the other. */
TEST_F(card, full_sockets_do_not_block)
{
	static uint8_t frame[60000];
	uint8_t header[NET_HEADER] = { 0 };
	struct driver_buffer buffer[2] = {
		{ .out = header, .len = sizeof(header) }, { .out = frame, .len = sizeof(frame) },
	};
	uint32_t be = htonl(sizeof(frame));
	bool full = false;

	fcntl(self->peer, F_SETFL, O_NONBLOCK);
	while (!full)
		full = send(self->peer, &be, 4, 0) != 4 ||
		       send(self->peer, frame, sizeof(frame), 0) != sizeof(frame);
	/* What was cut off does not matter: we only want it to come back. */
	for (unsigned int i = 0; i < 3; i++)
		ASSERT_LE(-1, driver_call(&self->driver, TX, buffer, 2));
	EXPECT_FALSE(self->card.virtio.broken);
}

TEST_HARNESS_MAIN
