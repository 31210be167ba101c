// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * virtio-blk over its back ends: what a driver asks for reaches the image, what
 * it must not ask for does not; an ephemeral disk keeps its base as it is.
 */
#include <fcntl.h>
#include <linux/virtio_blk.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dev/virtio_blk.h"
#include "kselftest_harness.h"
#include "virtio_driver.h"

#define SECTORS		2048
#define SIZE		(SECTORS * BLK_SECTOR)

FIXTURE(disk) {
	struct disk_options options;
	struct why why;
	struct blk *blk;
	struct virtio_blk disk;
	struct driver driver;
	bool open;
};

typedef FIXTURE_DATA(disk) disk_data;

static uint8_t image_byte(size_t at)
{
	return at / BLK_SECTOR ^ at;
}

FIXTURE_SETUP(disk)
{
	uint8_t bytes[4096];
	int fd;

	memset(self, 0, sizeof(*self));
	strcpy(self->options.path, "/tmp/vmrun-blk-XXXXXX");
	fd = mkstemp(self->options.path);
	ASSERT_LE(0, fd);
	for (size_t at = 0; at < SIZE; at += sizeof(bytes)) {
		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = image_byte(at + i);
		ASSERT_EQ((ssize_t)sizeof(bytes), write(fd, bytes, sizeof(bytes)));
	}
	close(fd);
	driver_init_ram(&self->driver);
}

static void start(struct __test_metadata *_metadata, disk_data *self, bool ephemeral)
{
	self->blk = blk_open(&self->options, ephemeral, &self->why);
	ASSERT_NE(NULL, self->blk) TH_LOG("%s", self->why.text);
	ASSERT_EQ(0, virtio_blk_init(&self->disk, self->blk, "serial-no-7"));
	self->open = true;
	driver_start(&self->driver, &self->disk.virtio, -1ULL);
}

FIXTURE_TEARDOWN(disk)
{
	driver_fini(&self->driver);
	if (self->open)
		virtio_blk_fini(&self->disk);
	blk_close(self->blk);
	unlink(self->options.path);
}

/* A request; its status byte, or -1 if it never was done. */
static int request(disk_data *self, uint32_t type, uint64_t sector, const void *out, void *in,
		   size_t len)
{
	struct virtio_blk_outhdr header = { .type = type, .sector = sector };
	uint8_t status = 0xff;
	struct driver_buffer buffer[3] = { { .out = &header, .len = sizeof(header) } };
	unsigned int n = 1;

	if (len)
		buffer[n++] = (struct driver_buffer){ .out = out, .in = in, .len = len };
	buffer[n++] = (struct driver_buffer){ .in = &status, .len = 1 };
	if (driver_call(&self->driver, 0, buffer, n) < 0)
		return -1;
	return status;
}

static bool file_is(const char *path, size_t at, const uint8_t *bytes, size_t len)
{
	uint8_t found[8192];
	int fd = open(path, O_RDONLY);
	bool same = pread(fd, found, len, at) == (ssize_t)len && !memcmp(found, bytes, len);

	close(fd);
	return same;
}

TEST_F(disk, read_gives_the_sectors)
{
	uint8_t bytes[4 * BLK_SECTOR];

	start(_metadata, self, false);
	ASSERT_EQ(VIRTIO_BLK_S_OK, request(self, VIRTIO_BLK_T_IN, 5, NULL, bytes, sizeof(bytes)));
	for (size_t i = 0; i < sizeof(bytes); i++)
		ASSERT_EQ(image_byte(5 * BLK_SECTOR + i), bytes[i]);
	EXPECT_EQ(1, self->driver.interrupts[0]);
}

TEST_F(disk, write_reaches_the_image)
{
	uint8_t bytes[2 * BLK_SECTOR];

	memset(bytes, 0x5a, sizeof(bytes));
	start(_metadata, self, false);
	ASSERT_EQ(VIRTIO_BLK_S_OK,
		  request(self, VIRTIO_BLK_T_OUT, SECTORS - 2, bytes, NULL, sizeof(bytes)));
	EXPECT_TRUE(file_is(self->options.path, SIZE - sizeof(bytes), bytes, sizeof(bytes)));
	EXPECT_EQ(VIRTIO_BLK_S_OK, request(self, VIRTIO_BLK_T_FLUSH, 0, NULL, NULL, 0));
}

TEST_F(disk, beyond_the_end_is_refused)
{
	static const uint64_t sectors[] = { SECTORS, SECTORS - 1, -1ULL, 1ULL << 55, 1ULL << 63 };
	uint8_t bytes[2 * BLK_SECTOR] = { 0 };

	start(_metadata, self, false);
	for (size_t i = 0; i < ARRAY_SIZE(sectors); i++) {
		EXPECT_EQ(VIRTIO_BLK_S_IOERR,
			  request(self, VIRTIO_BLK_T_OUT, sectors[i], bytes, NULL, sizeof(bytes)));
		EXPECT_EQ(VIRTIO_BLK_S_IOERR,
			  request(self, VIRTIO_BLK_T_IN, sectors[i], NULL, bytes, sizeof(bytes)));
	}
	/* Half a sector is none. */
	EXPECT_EQ(VIRTIO_BLK_S_IOERR, request(self, VIRTIO_BLK_T_OUT, 0, bytes, NULL, 100));
	for (size_t i = 0; i < BLK_SECTOR; i++)
		bytes[i] = image_byte(SIZE - BLK_SECTOR + i);
	EXPECT_TRUE(file_is(self->options.path, SIZE - BLK_SECTOR, bytes, BLK_SECTOR));
}

TEST_F(disk, discard_and_write_zeroes)
{
	struct virtio_blk_discard_write_zeroes range = { .sector = 8, .num_sectors = 8 };
	uint8_t zeroes[8 * BLK_SECTOR] = { 0 };

	start(_metadata, self, false);
	EXPECT_EQ(VIRTIO_BLK_S_OK,
		  request(self, VIRTIO_BLK_T_WRITE_ZEROES, 0, &range, NULL, sizeof(range)));
	EXPECT_TRUE(file_is(self->options.path, 8 * BLK_SECTOR, zeroes, sizeof(zeroes)));
	range = (struct virtio_blk_discard_write_zeroes){ 16, 8, 1 };
	EXPECT_EQ(VIRTIO_BLK_S_OK,
		  request(self, VIRTIO_BLK_T_WRITE_ZEROES, 0, &range, NULL, sizeof(range)));
	EXPECT_TRUE(file_is(self->options.path, 16 * BLK_SECTOR, zeroes, sizeof(zeroes)));
	range = (struct virtio_blk_discard_write_zeroes){ 24, 8, 0 };
	EXPECT_EQ(VIRTIO_BLK_S_OK,
		  request(self, VIRTIO_BLK_T_DISCARD, 0, &range, NULL, sizeof(range)));

	range.flags = 1;
	EXPECT_EQ(VIRTIO_BLK_S_UNSUPP,
		  request(self, VIRTIO_BLK_T_DISCARD, 0, &range, NULL, sizeof(range)));
	range = (struct virtio_blk_discard_write_zeroes){ SECTORS - 1, 2, 0 };
	EXPECT_EQ(VIRTIO_BLK_S_IOERR,
		  request(self, VIRTIO_BLK_T_WRITE_ZEROES, 0, &range, NULL, sizeof(range)));
	range = (struct virtio_blk_discard_write_zeroes){ 0, 0xffffffff, 0 };
	EXPECT_EQ(VIRTIO_BLK_S_IOERR,
		  request(self, VIRTIO_BLK_T_DISCARD, 0, &range, NULL, sizeof(range)));
	EXPECT_EQ(VIRTIO_BLK_S_IOERR,
		  request(self, VIRTIO_BLK_T_DISCARD, 0, &range, NULL, sizeof(range) - 1));
}

TEST_F(disk, serial_and_unknown_requests)
{
	char serial[DISK_SERIAL_MAX];

	start(_metadata, self, false);
	EXPECT_EQ(VIRTIO_BLK_S_OK,
		  request(self, VIRTIO_BLK_T_GET_ID, 0, NULL, serial, sizeof(serial)));
	EXPECT_STREQ("serial-no-7", serial);
	EXPECT_EQ(VIRTIO_BLK_S_UNSUPP, request(self, 99, 0, NULL, NULL, 0));
}

TEST_F(disk, read_only_is_read_only)
{
	struct virtio_blk_discard_write_zeroes range = { .sector = 8, .num_sectors = 8 };
	uint8_t bytes[BLK_SECTOR] = { 0 };

	self->options.read_only = true;
	start(_metadata, self, false);
	EXPECT_TRUE(virtio_has(&self->disk.virtio, VIRTIO_BLK_F_RO));
	EXPECT_FALSE(virtio_has(&self->disk.virtio, VIRTIO_BLK_F_DISCARD));
	EXPECT_EQ(VIRTIO_BLK_S_IOERR,
		  request(self, VIRTIO_BLK_T_OUT, 0, bytes, NULL, sizeof(bytes)));
	EXPECT_EQ(VIRTIO_BLK_S_IOERR,
		  request(self, VIRTIO_BLK_T_DISCARD, 0, &range, NULL, sizeof(range)));
	EXPECT_EQ(VIRTIO_BLK_S_OK, request(self, VIRTIO_BLK_T_IN, 0, NULL, bytes, sizeof(bytes)));
}

TEST_F(disk, request_without_status_breaks_the_device)
{
	struct virtio_blk_outhdr header = { .type = VIRTIO_BLK_T_FLUSH };
	struct driver_buffer buffer = { .out = &header, .len = sizeof(header) };

	start(_metadata, self, false);
	EXPECT_EQ(-1, driver_call(&self->driver, 0, &buffer, 1));
	EXPECT_TRUE(virtio_get_status(&self->disk.virtio) & VIRTIO_CONFIG_S_NEEDS_RESET);
	EXPECT_EQ(1, self->driver.config_interrupts);
	/* A reset mends it. */
	driver_start(&self->driver, &self->disk.virtio, -1ULL);
	EXPECT_EQ(VIRTIO_BLK_S_OK, request(self, VIRTIO_BLK_T_FLUSH, 0, NULL, NULL, 0));
}

TEST_F(disk, many_requests_in_one_run)
{
	struct virtio_blk_outhdr header = { .type = VIRTIO_BLK_T_FLUSH };
	struct driver_buffer buffer[2] = { { .out = &header, .len = sizeof(header) } };
	uint8_t status[20];

	start(_metadata, self, false);
	for (unsigned int i = 0; i < ARRAY_SIZE(status); i++) {
		buffer[1] = (struct driver_buffer){ .in = &status[i], .len = 1 };
		driver_submit(&self->driver, 0, buffer, 2);
	}
	virtio_run(&self->disk.virtio);
	for (unsigned int i = 0; i < ARRAY_SIZE(status); i++)
		EXPECT_EQ(1, driver_done(&self->driver, 0, buffer, 0));
}

TEST_F(disk, its_thread_serves_kicks)
{
	struct virtio_blk_outhdr header = { .type = VIRTIO_BLK_T_FLUSH };
	struct driver_buffer buffer[2] = { { .out = &header, .len = sizeof(header) } };
	uint8_t status = 0xff;
	long done = -1;

	start(_metadata, self, false);
	ASSERT_EQ(0, virtio_start(&self->disk.virtio));
	buffer[1] = (struct driver_buffer){ .in = &status, .len = 1 };
	driver_submit(&self->driver, 0, buffer, 2);
	virtio_kick(&self->disk.virtio);
	for (unsigned int turn = 0; done < 0 && turn < 5000; turn++) {
		done = driver_done(&self->driver, 0, buffer, 2);
		usleep(1000);
	}
	EXPECT_EQ(1, done);
	EXPECT_EQ(VIRTIO_BLK_S_OK, status);
	virtio_stop(&self->disk.virtio);
}

TEST_F(disk, ephemeral_keeps_the_base)
{
	struct virtio_blk_discard_write_zeroes range = { .sector = 20, .num_sectors = 1 };
	uint8_t bytes[8 * BLK_SECTOR], expected[8 * BLK_SECTOR], base[8 * BLK_SECTOR];

	for (size_t i = 0; i < sizeof(base); i++)
		base[i] = image_byte(16 * BLK_SECTOR + i);
	memcpy(expected, base, sizeof(base));
	chmod(self->options.path, 0400);
	start(_metadata, self, true);
	EXPECT_FALSE(virtio_has(&self->disk.virtio, VIRTIO_BLK_F_RO));
	/* Sectors 17, 18 and 22 written, 20 zeroed, the others from the base. */
	memset(bytes, 0x5a, sizeof(bytes));
	memset(expected + BLK_SECTOR, 0x5a, 2 * BLK_SECTOR);
	memset(expected + 6 * BLK_SECTOR, 0x5a, BLK_SECTOR);
	memset(expected + 4 * BLK_SECTOR, 0, BLK_SECTOR);
	ASSERT_EQ(VIRTIO_BLK_S_OK,
		  request(self, VIRTIO_BLK_T_OUT, 17, bytes, NULL, 2 * BLK_SECTOR));
	ASSERT_EQ(VIRTIO_BLK_S_OK, request(self, VIRTIO_BLK_T_OUT, 22, bytes, NULL, BLK_SECTOR));
	ASSERT_EQ(VIRTIO_BLK_S_OK,
		  request(self, VIRTIO_BLK_T_WRITE_ZEROES, 0, &range, NULL, sizeof(range)));
	ASSERT_EQ(VIRTIO_BLK_S_OK, request(self, VIRTIO_BLK_T_IN, 16, NULL, bytes, sizeof(bytes)));
	EXPECT_EQ(0, memcmp(expected, bytes, sizeof(bytes)));
	EXPECT_TRUE(file_is(self->options.path, 16 * BLK_SECTOR, base, sizeof(base)));
}

/* --- what does not open ------------------------------------------------------------- */

#define EXPECT_REFUSED(words) do {						\
	self->blk = blk_open(&self->options, false, &self->why);		\
	EXPECT_EQ(NULL, self->blk);						\
	EXPECT_NE(NULL, strstr(self->why.text, words)) TH_LOG("%s", self->why.text); \
} while (0)

TEST_F(disk, two_guests_do_not_share_an_image)
{
	struct blk *first = blk_open(&self->options, false, &self->why), *second;

	ASSERT_NE(NULL, first);
	EXPECT_REFUSED("in use by another guest");
	blk_close(first);
	self->options.read_only = true;
	first = blk_open(&self->options, false, &self->why);
	second = blk_open(&self->options, false, &self->why);
	EXPECT_NE(NULL, first);
	EXPECT_NE(NULL, second);
	blk_close(first);
	blk_close(second);
}

TEST_F(disk, odd_files_are_refused)
{
	char path[PATH_MAX];

	strcpy(path, self->options.path);
	ASSERT_EQ(0, truncate(path, SIZE - 100));
	EXPECT_REFUSED("no multiple of 512");
	ASSERT_EQ(0, truncate(path, 0));
	EXPECT_REFUSED("is empty");
	strcpy(self->options.path, "/tmp");
	EXPECT_REFUSED("is a directory");
	strcpy(self->options.path, "/tmp/no-such-file-here");
	EXPECT_REFUSED("no such file");
	strcpy(self->options.path, "/dev/null");
	EXPECT_REFUSED("neither a file nor a disk");
	strcpy(self->options.path, path);
}

TEST_F(disk, other_formats_are_named)
{
	int fd = open(self->options.path, O_WRONLY);

	ASSERT_EQ(4, pwrite(fd, "QFI\xfb", 4, 0));
	EXPECT_REFUSED("format=qcow2");
	self->options.format = DISK_RAW;
	self->blk = blk_open(&self->options, false, &self->why);
	EXPECT_NE(NULL, self->blk);
	blk_close(self->blk);
	self->options.format = DISK_AUTO;
	ASSERT_EQ(4, pwrite(fd, "\x28\xb5\x2f\xfd", 4, 0));
	EXPECT_REFUSED("a zstd file");
	close(fd);
}

TEST_F(disk, unwritable_files_name_the_remedy)
{
	/* Permissions do not bind root. */
	if (!geteuid())
		ASSERT_EQ(0, seteuid(65534));
	self->options.format = DISK_AUTO;
	EXPECT_REFUSED("you may not");
	ASSERT_EQ(0, seteuid(getuid()));
	chmod(self->options.path, 0444);
	if (!geteuid())
		ASSERT_EQ(0, seteuid(65534));
	EXPECT_REFUSED(",ro");
	ASSERT_EQ(0, seteuid(getuid()));
}

/* --- by way of qemu-nbd ---------------------------------------------------------------- */

TEST_F(disk, qcow2_through_qemu_nbd)
{
	uint8_t bytes[2 * BLK_SECTOR], back[2 * BLK_SECTOR];
	char command[2 * PATH_MAX];

	if (access("/usr/bin/qemu-nbd", X_OK))
		SKIP(return, "qemu-utils is not installed");
	snprintf(command, sizeof(command), "qemu-img create -q -f qcow2 %s 1M",
		 self->options.path);
	ASSERT_EQ(0, system(command));
	EXPECT_REFUSED("format=qcow2");
	self->options.format = DISK_QEMU;
	strcpy(self->options.qemu_format, "qcow2");
	start(_metadata, self, false);
	EXPECT_EQ(1 << 20, self->blk->size);
	memset(bytes, 0x5a, sizeof(bytes));
	EXPECT_EQ(VIRTIO_BLK_S_OK,
		  request(self, VIRTIO_BLK_T_OUT, 100, bytes, NULL, sizeof(bytes)));
	EXPECT_EQ(VIRTIO_BLK_S_OK, request(self, VIRTIO_BLK_T_FLUSH, 0, NULL, NULL, 0));
	EXPECT_EQ(VIRTIO_BLK_S_OK, request(self, VIRTIO_BLK_T_IN, 100, NULL, back, sizeof(back)));
	EXPECT_EQ(0, memcmp(bytes, back, sizeof(back)));
}

TEST_F(disk, raw_image_is_no_qcow2)
{
	if (access("/usr/bin/qemu-nbd", X_OK))
		SKIP(return, "qemu-utils is not installed");
	self->options.format = DISK_QEMU;
	strcpy(self->options.qemu_format, "qcow2");
	EXPECT_REFUSED("is it such an image");
}

TEST_F(disk, absent_server_is_named)
{
	self->options.format = DISK_NBD;
	strcpy(self->options.path, "nbd+unix:///?socket=/tmp/no-such-socket");
	EXPECT_REFUSED("no connection");
}

TEST_HARNESS_MAIN
