// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * virtio-9p: messages to a server of the test's own and back, what is wrong
 * with some, and a real diod with a directory.
 */
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dev/virtio_9p.h"
#include "kselftest_harness.h"
#include "virtio_driver.h"

FIXTURE(share) {
	struct p9 *p9;
	struct virtio_9p share;
	struct driver driver;
	struct share_options options;
	struct why why;
	int peer;
	uint8_t message[256];
};

typedef FIXTURE_DATA(share) share_data;

FIXTURE_SETUP(share)
{
	memset(self, 0, sizeof(*self));
	self->peer = -1;
	driver_init_ram(&self->driver);
}

static void start(struct __test_metadata *_metadata, share_data *self)
{
	ASSERT_EQ(0, virtio_9p_init(&self->share, self->p9, "code"));
	driver_start(&self->driver, &self->share.virtio, -1ULL);
}

/* With the test itself as the server. */
static void start_plain(struct __test_metadata *_metadata, share_data *self)
{
	int pair[2];

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	self->p9 = calloc(1, sizeof(*self->p9));
	self->p9->child = (struct child){ .pid = -1, .fd = pair[0] };
	strcpy(self->p9->dir, "/dir");
	self->peer = pair[1];
	start(_metadata, self);
}

FIXTURE_TEARDOWN(share)
{
	driver_fini(&self->driver);
	if (self->p9)
		virtio_9p_fini(&self->share);
	p9_close(self->p9);
	if (self->peer >= 0)
		close(self->peer);
}

/* A message into self->message; its length. */
static size_t make(share_data *self, uint8_t type, const void *body, size_t len)
{
	uint32_t size = P9_HEADER + len;

	memcpy(self->message, &size, 4);
	self->message[4] = type;
	self->message[5] = 0x34;
	self->message[6] = 0x12;
	memcpy(self->message + P9_HEADER, body, len);
	return size;
}

static long call(share_data *self, size_t len, uint8_t *answer, size_t room)
{
	struct driver_buffer buffer[2] = {
		{ .out = self->message, .len = len }, { .in = answer, .len = room },
	};

	return driver_call(&self->driver, 0, buffer, 2);
}

TEST_F(share, tag_is_in_the_configuration)
{
	uint8_t config[6];

	start_plain(_metadata, self);
	virtio_config_read(&self->share.virtio, 0, config, sizeof(config));
	EXPECT_EQ(0, memcmp("\4\0code", config, 6));
}

TEST_F(share, answer_comes_back)
{
	uint8_t answer[64], seen[64];

	start_plain(_metadata, self);
	ASSERT_EQ(9, send(self->peer, "\x09\0\0\0\x79\x34\x12ok", 9, 0));
	EXPECT_EQ(9, call(self, make(self, 120, "\1\0\0\0", 4), answer, sizeof(answer)));
	EXPECT_EQ(0, memcmp("ok", answer + 7, 2));
	EXPECT_EQ(11, recv(self->peer, seen, sizeof(seen), MSG_DONTWAIT));
}

TEST_F(share, attach_is_given_the_directory)
{
	static const char body[] = "\1\0\0\0\xff\xff\xff\xff\4\0root\0\0\xe8\3\0\0";
	uint8_t buf[64];
	size_t len = make(self, 104, body, sizeof(body) - 1);

	memcpy(buf, self->message, len);
	EXPECT_EQ(len + 4, p9_name_attach(buf, len, sizeof(buf), "/dir"));
	EXPECT_EQ(len + 4, buf[0]);
	EXPECT_EQ(0, memcmp("\4\0/dir\xe8\3\0\0", buf + P9_HEADER + 14, 10));
	/* One that has a name keeps it; one without room, or cut short, stays. */
	EXPECT_EQ(len + 4, p9_name_attach(buf, len + 4, sizeof(buf), "/dir"));
	memcpy(buf, self->message, len);
	EXPECT_EQ(len, p9_name_attach(buf, len, len + 3, "/dir"));
	for (size_t cut = P9_HEADER; cut < len - 6; cut++)
		EXPECT_EQ(cut, p9_name_attach(buf, cut, sizeof(buf), "/dir"));
}

TEST_F(share, dead_server_is_an_error)
{
	uint8_t answer[64];

	start_plain(_metadata, self);
	shutdown(self->peer, SHUT_RDWR);
	EXPECT_EQ(11, call(self, make(self, 120, "\1\0\0\0", 4), answer, sizeof(answer)));
	EXPECT_EQ(7, answer[4]);
	EXPECT_EQ(0, memcmp("\x34\x12", answer + 5, 2));
	EXPECT_EQ(EIO, answer[7]);
}

TEST_F(share, too_long_an_answer_is_an_error)
{
	uint8_t answer[16];

	start_plain(_metadata, self);
	ASSERT_EQ(20, send(self->peer, "\x14\0\0\0\x79\x34\x12 too long an answer", 20, 0));
	EXPECT_EQ(11, call(self, make(self, 120, "\1\0\0\0", 4), answer, sizeof(answer)));
	EXPECT_EQ(EMSGSIZE, answer[7]);
}

TEST_F(share, wrong_lengths_break_the_device)
{
	uint8_t answer[64];

	start_plain(_metadata, self);
	make(self, 120, "\1\0\0\0", 4);
	EXPECT_EQ(-1, call(self, 10, answer, sizeof(answer)));
	EXPECT_TRUE(self->share.virtio.broken);
	driver_start(&self->driver, &self->share.virtio, -1ULL);
	EXPECT_EQ(-1, call(self, 3, answer, sizeof(answer)));
	EXPECT_TRUE(self->share.virtio.broken);
}

TEST_F(share, message_size_is_limited)
{
	uint8_t answer[64], seen[64];
	uint32_t size;

	start_plain(_metadata, self);
	ASSERT_EQ(7, send(self->peer, "\x07\0\0\0\x65\x34\x12", 7, 0));
	call(self, make(self, 100, "\xff\xff\xff\x7f\x08\0\x39P2000.L", 14), answer,
	     sizeof(answer));
	ASSERT_EQ(21, recv(self->peer, seen, sizeof(seen), MSG_DONTWAIT));
	memcpy(&size, seen + 7, 4);
	EXPECT_EQ(P9_MESSAGE_MAX, size);
}

TEST_F(share, diod_serves_a_directory)
{
	uint8_t answer[256];

	if (access("/usr/sbin/diod", X_OK))
		SKIP(return, "diod is not installed");
	strcpy(self->options.dir, "/tmp");
	self->p9 = p9_open(&self->options, &self->why);
	ASSERT_NE(NULL, self->p9) TH_LOG("%s", self->why.text);
	start(_metadata, self);
	ASSERT_EQ(21, call(self, make(self, 100, "\0\x20\0\0\x08\0\x39P2000.L", 14), answer,
			   sizeof(answer)));
	EXPECT_EQ(101, answer[4]);
	ASSERT_EQ(20, call(self, make(self, 104, "\1\0\0\0\xff\xff\xff\xff\0\0\0\0\0\0\0\0", 16),
			   answer, sizeof(answer)));
	EXPECT_EQ(105, answer[4]);
	/* Tstatfs of the root. */
	EXPECT_LT(11, call(self, make(self, 8, "\1\0\0\0", 4), answer, sizeof(answer)));
	EXPECT_EQ(9, answer[4]);
}

TEST_F(share, what_is_no_directory_is_refused)
{
	strcpy(self->options.dir, "/etc/passwd");
	EXPECT_EQ(NULL, p9_open(&self->options, &self->why));
	EXPECT_NE(NULL, strstr(self->why.text, "no directory"));
	strcpy(self->options.dir, "/no/such/place");
	EXPECT_EQ(NULL, p9_open(&self->options, &self->why));
	EXPECT_NE(NULL, strstr(self->why.text, "No such file"));
}

TEST_HARNESS_MAIN
