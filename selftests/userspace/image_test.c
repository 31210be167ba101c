// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Reading and recognising files, sound and otherwise.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernels.h"
#include "kselftest_harness.h"

/* Recognise @len bytes that are zero but for @bytes at @offset. */
static struct image_verdict recognise(size_t len, size_t offset, const void *bytes, size_t count)
{
	uint8_t *data = calloc(1, len);
	struct image_verdict verdict;

	memcpy(data + offset, bytes, count);
	verdict = image_recognise(data, len);
	free(data);
	return verdict;
}

TEST(kernels_are_recognised)
{
	struct image bz = make_bzimage(), e64 = make_elf64(), e32 = make_elf32();
	struct image kludge = make_kludge();

	EXPECT_EQ(IMAGE_BZIMAGE, image_recognise(bz.data, bz.size).kind);
	EXPECT_EQ(IMAGE_ELF, image_recognise(e64.data, e64.size).kind);
	EXPECT_EQ(IMAGE_ELF, image_recognise(e32.data, e32.size).kind);
	EXPECT_EQ(IMAGE_MULTIBOOT, image_recognise(kludge.data, kludge.size).kind);
	EXPECT_EQ(NULL, image_recognise(bz.data, bz.size).remedy);
	image_free(&bz);
	image_free(&e64);
	image_free(&e32);
	image_free(&kludge);
}

/* GRUB behind a boot sector; without the sector's mark it is a kernel. */
TEST(a_boot_loader_on_a_disk_makes_no_kernel)
{
	static const uint32_t header[3] = { 0x1badb002, 0, -0x1badb002U };
	uint8_t data[4096] = { 0 };

	memcpy(data + 1024, header, sizeof(header));
	EXPECT_EQ(IMAGE_MULTIBOOT, image_recognise(data, sizeof(data)).kind);
	data[510] = 0x55;
	data[511] = 0xaa;
	EXPECT_EQ(IMAGE_DISK, image_recognise(data, sizeof(data)).kind);
}

TEST(disks_are_recognised)
{
	static const struct {
		size_t offset, count;
		const char *bytes, *name;
	} rows[] = {
		{ 0, 4, "QFI\xfb", "qcow2" },
		{ 0, 4, "KDMV", "VMDK" },
		{ 510, 2, "\x55\xaa", "boot sector" },
		{ 32769, 5, "CD001", "ISO" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct image_verdict verdict = recognise(40000, rows[i].offset, rows[i].bytes,
							 rows[i].count);

		EXPECT_EQ(IMAGE_DISK, verdict.kind);
		EXPECT_NE(NULL, strstr(verdict.name, rows[i].name)) {
			TH_LOG("%s: %s", rows[i].name, verdict.name);
		}
	}
	EXPECT_EQ(IMAGE_UNKNOWN, image_probe("/no/such/file").kind);
	EXPECT_EQ(IMAGE_UNKNOWN, image_probe("/tmp").kind);
}

TEST(others_are_refused_by_name)
{
	static const struct {
		size_t offset, count;
		const char *bytes, *name, *remedy;
	} rows[] = {
		{ 1080, 2, "\x53\xef", "ext2", "--disk" },
		{ 0, 2, "\x1f\x8b", "gzip", "gunzip" },
		{ 0, 6, "\3757zXZ\0", "xz", "unxz" },
		{ 0, 4, "\x28\xb5\x2f\xfd", "zstd", "unzstd" },
		{ 0, 6, "070701", "cpio", "--initrd" },
		{ 56, 4, "ARMd", "ARM64", "x86-64" },
		{ 0, 2, "MZ", "EFI", "bzImage" },
		{ 0, 2, "#!", "script", "kernel" },
		{ 16, 4, "\xd6\x50\x52\xe8", "multiboot 2", "multiboot 1" },
		{ 0, 4, "what", "no known kind", "bzImage" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct image_verdict verdict = recognise(40000, rows[i].offset, rows[i].bytes,
							 rows[i].count);

		ASSERT_NE(NULL, verdict.remedy) {
			TH_LOG("taken for a kernel: %s", rows[i].name);
		}
		EXPECT_NE(NULL, strstr(verdict.name, rows[i].name)) {
			TH_LOG("%s: %s", rows[i].name, verdict.name);
		}
		EXPECT_NE(NULL, strstr(verdict.remedy, rows[i].remedy)) {
			TH_LOG("%s: %s", rows[i].name, verdict.remedy);
		}
	}
}

/* Every prefix of a file is a file somebody has. */
TEST(every_prefix_is_survived)
{
	struct image images[] = { make_bzimage(), make_elf64(), make_elf32(), make_kludge() };

	for (size_t i = 0; i < 4; i++) {
		for (size_t len = 0; len <= images[i].size; len += len < 1200 ? 1 : 97) {
			uint8_t *data = malloc(len ? len : 1);

			memcpy(data, images[i].data, len);
			EXPECT_NE(NULL, image_recognise(data, len).name);
			image_multiboot(data, len);
			free(data);
		}
		image_free(&images[i]);
	}
}

static void write_file(const char *path, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || ftruncate(fd, len))
		abort();
	close(fd);
}

FIXTURE(files) {
	char dir[40];
	char path[64];
	struct image image;
	struct why why;
};

FIXTURE_SETUP(files)
{
	strcpy(self->dir, "/tmp/image_test.XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->dir));
	snprintf(self->path, sizeof(self->path), "%s/file", self->dir);
}

FIXTURE_TEARDOWN(files)
{
	unlink(self->path);
	rmdir(self->dir);
}

#define EXPECT_REFUSED(path, limit, part) do {						\
	EXPECT_EQ(-1, image_read(&self->image, path, limit, &self->why));		\
	EXPECT_EQ(NULL, self->image.data);						\
	EXPECT_NE(NULL, strstr(self->why.text, part)) {					\
		TH_LOG("\"%s\" is not in \"%s\"", part, self->why.text);		\
	}										\
} while (0)

TEST_F(files, reads_whole_files)
{
	write_file(self->path, (3 << 20) + 5);
	ASSERT_EQ(0, image_read(&self->image, self->path, 4 << 20, &self->why));
	EXPECT_EQ((3 << 20) + 5, self->image.size);
	image_free(&self->image);
	ASSERT_EQ(0, image_read(&self->image, self->path, (3 << 20) + 5, &self->why));
	image_free(&self->image);
}

TEST_F(files, refusals)
{
	EXPECT_REFUSED(self->path, 4096, "no such file");
	EXPECT_REFUSED(self->dir, 4096, "is a directory");
	EXPECT_REFUSED("/dev/null", 4096, "neither a file nor a pipe");
	write_file(self->path, 0);
	EXPECT_REFUSED(self->path, 4096, "is empty");
	write_file(self->path, 3 << 20);
	EXPECT_REFUSED(self->path, 2 << 20, "3 MiB, more than the guest's memory of 2 MiB");
}

TEST_F(files, unreadable)
{
	bool is_root = !geteuid();

	write_file(self->path, 10);
	chmod(self->path, 0);
	/* Root may read everything: be somebody else. */
	if (is_root)
		ASSERT_EQ(0, seteuid(65534));
	EXPECT_REFUSED(self->path, 4096, "you may not read it");
	if (is_root)
		ASSERT_EQ(0, seteuid(0));
}

TEST_F(files, pipes_are_read_to_their_end_or_limit)
{
	char path[32];
	int ends[2];

	ASSERT_EQ(0, pipe(ends));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[0]);
	ASSERT_EQ(5, write(ends[1], "hello", 5));
	close(ends[1]);
	ASSERT_EQ(0, image_read(&self->image, path, 4096, &self->why));
	EXPECT_EQ(5, self->image.size);
	EXPECT_EQ(0, memcmp(self->image.data, "hello", 5));
	image_free(&self->image);
	close(ends[0]);

	ASSERT_EQ(0, pipe(ends));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", ends[0]);
	ASSERT_EQ(5, write(ends[1], "hello", 5));
	close(ends[1]);
	EXPECT_REFUSED(path, 4, "over 4 bytes");
	close(ends[0]);
}

TEST_HARNESS_MAIN
