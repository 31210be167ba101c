// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The serial back end over pipes and files: order, back-pressure, escape keys,
 * readers and writers that go away.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "backend/chr.h"
#include "kselftest_harness.h"

FIXTURE(chr) {
	struct chr chr;
	struct loop loop;
	int in[2], out[2];
	char keys[16];
	unsigned int key_count, inputs;
	atomic_int broken;
	struct why why;
};

typedef FIXTURE_DATA(chr) chr_data;

static void on_input(void *ctx)
{
	chr_data *self = ctx;

	self->inputs++;
	loop_leave(&self->loop);
}

static void on_key(void *ctx, char key)
{
	chr_data *self = ctx;

	self->keys[self->key_count++ % sizeof(self->keys)] = key;
}

static void on_broken(void *ctx, int error)
{
	atomic_store(&((chr_data *)ctx)->broken, error);
}

FIXTURE_SETUP(chr)
{
	struct chr_ops ops = { on_input, on_key, on_broken, NULL, self };

	signal(SIGPIPE, SIG_IGN);
	memset(self, 0, sizeof(*self));
	ASSERT_EQ(0, pipe(self->in));
	ASSERT_EQ(0, pipe(self->out));
	ASSERT_EQ(0, loop_init(&self->loop));
	self->chr.in_fd = self->in[0];
	self->chr.out_fd = self->out[1];
	self->chr.loop = &self->loop;
	ASSERT_EQ(0, chr_start(&self->chr));
	ASSERT_EQ(0, chr_listen(&self->chr, &ops, &self->why));
}

FIXTURE_TEARDOWN(chr)
{
	chr_close(&self->chr);
	loop_fini(&self->loop);
	close(self->in[0]);
	close(self->in[1]);
	close(self->out[0]);
	close(self->out[1]);
}

/* Send @text as if it were typed, and let the loop deliver it. */
static void type(chr_data *self, const char *text, size_t len)
{
	if (write(self->in[1], text, len) != (ssize_t)len)
		abort();
	loop_run(&self->loop);
}

TEST_F(chr, output_keeps_its_order)
{
	uint8_t data[512];
	size_t total = 0;
	atomic_bool stop = false;

	for (int round = 0; round < 300; round++) {
		ssize_t got;

		for (int i = 0; i < 512; i++) {
			chr_wait(&self->chr, &stop);
			chr_put(&self->chr, total + i);
		}
		chr_flush(&self->chr, 1000);
		for (size_t have = 0; have < 512; have += got) {
			got = read(self->out[0], data + have, 512 - have);
			ASSERT_LT(0, got);
		}
		for (int i = 0; i < 512; i++)
			ASSERT_EQ((uint8_t)(total + i), data[i]);
		total += 512;
	}
}

static void *drain_later(void *arg)
{
	uint8_t data[4096];
	int fd = *(int *)arg;
	size_t total = 0;
	ssize_t got;

	usleep(100000);
	while ((got = read(fd, data, sizeof(data))) > 0)
		total += got;
	return (void *)total;
}

TEST_F(chr, a_slow_reader_loses_nothing)
{
	const size_t len = 300000;
	atomic_bool stop = false;
	pthread_t reader;
	void *total;

	ASSERT_EQ(0, pthread_create(&reader, NULL, drain_later, &self->out[0]));
	for (size_t i = 0; i < len; i++) {
		chr_wait(&self->chr, &stop);
		chr_put(&self->chr, i);
	}
	chr_flush(&self->chr, 5000);
	close(self->out[1]);
	pthread_join(reader, &total);
	EXPECT_EQ(len, (size_t)total);
	self->out[1] = open("/dev/null", O_WRONLY);
}

static void *stop_later(void *arg)
{
	chr_data *self = ((void **)arg)[0];
	atomic_bool *stop = ((void **)arg)[1];

	usleep(100000);
	atomic_store(stop, true);
	chr_wake(&self->chr);
	return NULL;
}

TEST_F(chr, a_waiter_can_be_called_off)
{
	atomic_bool stop = false;
	void *args[] = { self, &stop };
	pthread_t stopper;

	/* Nobody reads: the pipe fills, then the ring. */
	ASSERT_EQ(0, pthread_create(&stopper, NULL, stop_later, args));
	for (int i = 0; i < 400000 && !atomic_load(&stop); i++) {
		chr_wait(&self->chr, &stop);
		chr_put(&self->chr, i);
	}
	EXPECT_TRUE(atomic_load(&stop));
	pthread_join(stopper, NULL);
	/* Let the writer go, or the tear-down waits for it. */
	close(self->out[0]);
	self->out[0] = open("/dev/null", O_RDONLY);
}

TEST_F(chr, a_reader_gone_is_reported)
{
	close(self->out[0]);
	chr_put(&self->chr, 'x');
	chr_flush(&self->chr, 1000);
	EXPECT_EQ(EPIPE, atomic_load(&self->broken));
	/* From here on output is dropped and nobody waits. */
	for (int i = 0; i < 200000; i++)
		chr_put(&self->chr, 'x');
	self->out[0] = open("/dev/null", O_RDONLY);
}

TEST_F(chr, input_arrives)
{
	uint8_t data[16];

	type(self, "hello", 5);
	EXPECT_EQ(1, self->inputs);
	EXPECT_EQ(3, chr_take(&self->chr, data, 3));
	EXPECT_EQ(2, chr_take(&self->chr, data + 3, 13));
	EXPECT_EQ(0, memcmp(data, "hello", 5));
	EXPECT_EQ(0, chr_take(&self->chr, data, 16));
}

TEST_F(chr, escape_keys)
{
	uint8_t data[16];

	self->chr.escapes = true;
	type(self, "a\001sb\001\001c\001", 8);
	EXPECT_EQ(1, self->key_count);
	EXPECT_EQ('s', self->keys[0]);
	/* The Ctrl-a at the end waits for its key. */
	EXPECT_EQ(4, chr_take(&self->chr, data, 16));
	EXPECT_EQ(0, memcmp(data, "ab\001c", 4));
	type(self, "x", 1);
	EXPECT_EQ(2, self->key_count);
	EXPECT_EQ('x', self->keys[1]);
	EXPECT_EQ(0, chr_take(&self->chr, data, 16));
}

TEST_F(chr, without_escapes_ctrl_a_is_data)
{
	uint8_t data[4];

	type(self, "\001x", 2);
	EXPECT_EQ(0, self->key_count);
	EXPECT_EQ(2, chr_take(&self->chr, data, 4));
}

TEST_F(chr, a_full_ring_leaves_the_pipe_alone)
{
	static char blob[8192];
	uint8_t data[512];
	size_t total = 0, got;

	for (size_t i = 0; i < sizeof(blob); i++)
		blob[i] = i;
	ASSERT_EQ(sizeof(blob), write(self->in[1], blob, sizeof(blob)));
	while (!self->chr.in_paused) {
		loop_run(&self->loop);
		if (self->chr.in_count == CHR_IN_ROOM)
			break;
	}
	EXPECT_EQ(CHR_IN_ROOM, self->chr.in_count);
	while (total < sizeof(blob)) {
		got = chr_take(&self->chr, data, sizeof(data));
		for (size_t i = 0; i < got; i++)
			ASSERT_EQ((uint8_t)(total + i), data[i]);
		total += got;
		if (!got)
			loop_run(&self->loop);
	}
}

TEST_F(chr, end_of_input_is_survived)
{
	close(self->in[1]);
	loop_run(&self->loop);
	EXPECT_EQ(NULL, self->chr.source);
	self->in[1] = -1;
}

TEST_F(chr, terminals_overflow_is_dropped_and_keys_still_work)
{
	static char blob[8192];

	self->chr.escapes = true;
	memset(blob, 'z', sizeof(blob));
	for (int i = 0; i < 8192; i += 256)
		type(self, blob, 256);
	EXPECT_EQ(CHR_IN_ROOM, self->chr.in_count);
	type(self, "\001x", 2);
	EXPECT_EQ(1, self->key_count);
}

TEST(a_file_as_input)
{
	struct chr_ops ops = { 0 };
	struct loop loop;
	static struct chr chr;
	struct why why;
	uint8_t data[8];
	FILE *file = tmpfile();

	ASSERT_NE(NULL, file);
	fputs("from a file", file);
	rewind(file);
	fflush(file);
	lseek(fileno(file), 0, SEEK_SET);
	ASSERT_EQ(0, loop_init(&loop));
	memset(&chr, 0, sizeof(chr));
	chr.in_fd = fileno(file);
	chr.out_fd = -1;
	chr.loop = &loop;
	ASSERT_EQ(0, chr_start(&chr));
	ASSERT_EQ(0, chr_listen(&chr, &ops, &why));
	EXPECT_TRUE(chr.in_is_file);
	EXPECT_EQ(8, chr_take(&chr, data, 8));
	EXPECT_EQ(0, memcmp(data, "from a f", 8));
	EXPECT_EQ(3, chr_take(&chr, data, 8));
	EXPECT_EQ(0, chr_take(&chr, data, 8));
	chr_close(&chr);
	loop_fini(&loop);
	fclose(file);
}

TEST_HARNESS_MAIN
