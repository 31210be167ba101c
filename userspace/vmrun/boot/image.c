// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Files for the guest: reading and recognising them.
 *
 * The data is the struct's, freed by image_free(). A file is read and not
 * mapped, because a file cut short under a mapping kills the process, and the
 * bytes go into guest memory anyway.
 *
 * Signatures: Linux "The Linux/x86 Boot Protocol", Multiboot 0.6.96, and the
 * formats' own specifications.
 */
#include "boot/image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NO_LOADER \
	"nothing in it starts: give a kernel with --kernel, and this with --disk"
#define PROBE_LEN	65536	/* as far as any signature is */
#define UNPACK	"unpack it first"

struct signature {
	uint32_t offset;
	uint32_t len;
	const char *bytes;
	const char *name;
	const char *remedy;	/* NULL: it is a disk */
};

/* In order: what can be mistaken for something else comes before it. */
static const struct signature signatures[] = {
	{ 0, 4, "QFI\xfb", "a qcow2 disk image", NULL },
	{ 0, 4, "KDMV", "a VMDK disk image", NULL },
	{ 0x40, 4, "\x7f\x10\xda\xbe", "a VirtualBox disk image", NULL },
	{ 0, 8, "vhdxfile", "a VHDX disk image", NULL },
	{ 0, 8, "conectix", "a VHD disk image", NULL },
	{ 32769, 5, "CD001", "an ISO 9660 image", NULL },
	{ 510, 2, "\x55\xaa", "a disk image with a boot sector", NULL },
	{ 1080, 2, "\x53\xef", "an ext2/3/4 file system image", NO_LOADER },
	{ 0, 4, "hsqs", "a squashfs image", NO_LOADER },
	{ 0, 2, "\x1f\x8b", "a gzip file", UNPACK " (gunzip)" },
	{ 0, 6, "\3757zXZ\0", "an xz file", UNPACK " (unxz)" },
	{ 0, 4, "\x28\xb5\x2f\xfd", "a zstd file", UNPACK " (unzstd)" },
	{ 0, 4, "\x04\x22\x4d\x18", "an lz4 file", UNPACK " (unlz4)" },
	{ 0, 3, "BZh", "a bzip2 file", UNPACK " (bunzip2)" },
	{ 0, 6, "070701", "a cpio archive", "that is an initial RAM disk: give it with --initrd, and a kernel with --kernel" },
	{ 56, 4, "ARM\x64", "a kernel for ARM64", "guests are x86 machines: take the x86-64 kernel" },
	{ 0, 2, "MZ", "an EFI program", "UEFI firmware is not supported yet: take a bzImage or an ELF kernel" },
	{ 0, 2, "#!", "a script", "name the kernel itself" },
};

static bool matches(const struct signature *signature, const uint8_t *data, size_t size)
{
	return size >= signature->len && signature->offset <= size - signature->len &&
	       !memcmp(data + signature->offset, signature->bytes, signature->len);
}

static uint32_t get32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

/* Is there an aligned @magic in the first @span bytes, followed by what @valid wants? */
static long find_magic(const uint8_t *data, size_t size, size_t span, uint32_t magic,
		       unsigned int step, bool with_checksum)
{
	for (size_t at = 0; at < span && at + 12 <= size; at += step)
		if (get32(data + at) == magic &&
		    (!with_checksum || get32(data + at) + get32(data + at + 4) +
		     get32(data + at + 8) == 0))
			return at;
	return -1;
}

long image_multiboot(const uint8_t *data, size_t size)
{
	return find_magic(data, size, 8192, 0x1badb002, 4, true);
}

struct image_verdict image_recognise(const uint8_t *data, size_t size)
{
	if (size >= 0x206 && !memcmp(data + 0x202, "HdrS", 4))
		return (struct image_verdict){ IMAGE_BZIMAGE, "a Linux bzImage", NULL };
	if (size >= 4 && !memcmp(data, "\177ELF", 4))
		return (struct image_verdict){ IMAGE_ELF, "an ELF kernel", NULL };
	/* A boot loader behind a boot sector has a multiboot header, too. */
	if (!(size >= 512 && data[510] == 0x55 && data[511] == 0xaa) &&
	    image_multiboot(data, size) >= 0)
		return (struct image_verdict){ IMAGE_MULTIBOOT, "a multiboot kernel", NULL };

	for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++)
		if (matches(&signatures[i], data, size))
			return (struct image_verdict){
				signatures[i].remedy ? IMAGE_REFUSED : IMAGE_DISK,
				signatures[i].name, signatures[i].remedy };

	if (find_magic(data, size, 32768, 0xe85250d6, 8, false) >= 0)
		return (struct image_verdict){
			IMAGE_REFUSED, "a multiboot 2 kernel",
			"multiboot 2 is not supported: build it for multiboot 1 or with a PVH note" };
	return (struct image_verdict){
		IMAGE_UNKNOWN, "of no known kind",
		"vmrun takes a disk with a boot sector, a bzImage, an ELF kernel with a PVH note, or a multiboot 1 kernel" };
}

/*
 * The first bytes of a file or disk; -1 for anything else. A pipe is not even
 * opened: its writer would see a reader come and go.
 */
static ssize_t read_head(const char *path, uint8_t *head, size_t len, mode_t *type)
{
	struct stat st;
	ssize_t got;
	int fd;

	if (stat(path, &st) || !(S_ISREG(st.st_mode) || S_ISBLK(st.st_mode)))
		return -1;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -1;
	*type = st.st_mode & S_IFMT;
	got = pread(fd, head, len, 0);
	close(fd);
	return got;
}

struct image_verdict image_probe(const char *path)
{
	struct image_verdict verdict = { IMAGE_UNKNOWN, "of no known kind", NULL };
	uint8_t *head = malloc(PROBE_LEN);
	ssize_t got = -1;
	mode_t type = 0;

	if (head)
		got = read_head(path, head, PROBE_LEN, &type);
	if (type == S_IFBLK)
		verdict = (struct image_verdict){ IMAGE_DISK, "a disk", NULL };
	else if (got > 0)
		verdict = image_recognise(head, got);
	free(head);
	return verdict;
}

bool image_lacks_boot_sector(const char *path)
{
	uint8_t head[512];
	mode_t type;

	return read_head(path, head, sizeof(head), &type) == sizeof(head) &&
	       !(head[510] == 0x55 && head[511] == 0xaa);
}

/* 0 if a file of this type may be read, else -1 with the reason. */
static int check_type(const char *path, const struct stat *st, struct why *why)
{
	if (S_ISREG(st->st_mode) || S_ISFIFO(st->st_mode))
		return 0;
	if (S_ISDIR(st->st_mode))
		return why_set(why, "%s is a directory: name a file in it", path);
	if (S_ISBLK(st->st_mode))
		return why_set(why, "%s is a disk, not a kernel: give it with --disk", path);
	return why_set(why, "%s is neither a file nor a pipe", path);
}

static int too_large(const char *path, uint64_t size, uint64_t limit, struct why *why)
{
	return why_set(why,
		       "%s is %s%s, more than the guest's memory of %s: give the guest more with -m, or is it the wrong file?",
		       path, size ? "" : "over ", why_size(size ? size : limit), why_size(limit));
}

static int read_all(struct image *image, int fd, uint64_t limit, struct why *why)
{
	size_t room = 0;

	for (;;) {
		ssize_t got;

		if (image->size == room) {
			size_t more = room ? room : 1 << 20;
			uint8_t *data = realloc(image->data, room + more);

			if (!data)
				return why_set(why, "%s: this machine has no memory left to read it (%s so far)",
					       image->path, why_size(image->size));
			image->data = data;
			room += more;
		}
		got = read(fd, image->data + image->size, room - image->size);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return why_set(why, "%s: cannot be read: %s", image->path, strerror(errno));
		if (!got)
			return 0;
		image->size += got;
		if (image->size > limit)
			return too_large(image->path, 0, limit, why);
	}
}

int image_read(struct image *image, const char *path, uint64_t limit, struct why *why)
{
	struct stat st;
	int fd, result;

	*image = (struct image){ .path = path };
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0 && errno == ENOENT)
		return why_set(why, "%s: no such file", path);
	if (fd < 0 && errno == EACCES)
		return why_set(why, "%s: you may not read it: ask its owner for a copy", path);
	if (fd < 0)
		return why_set(why, "%s: cannot be opened: %s", path, strerror(errno));

	result = -1;
	if (fstat(fd, &st))
		why_set(why, "%s: %s", path, strerror(errno));
	else if (check_type(path, &st, why))
		;
	else if (S_ISREG(st.st_mode) && (uint64_t)st.st_size > limit)
		too_large(path, st.st_size, limit, why);
	else
		result = read_all(image, fd, limit, why);
	close(fd);

	if (!result && !image->size)
		result = why_set(why, "%s is empty: was its copy or download cut short?", path);
	if (result)
		image_free(image);
	return result;
}

void image_free(struct image *image)
{
	free(image->data);
	image->data = NULL;
	image->size = 0;
}

uint16_t image_u16(const struct image *image, uint64_t offset)
{
	uint16_t value = 0;

	if (image->size >= sizeof(value) && offset <= image->size - sizeof(value))
		memcpy(&value, image->data + offset, sizeof(value));
	return value;
}

uint32_t image_u32(const struct image *image, uint64_t offset)
{
	uint32_t value = 0;

	if (image->size >= sizeof(value) && offset <= image->size - sizeof(value))
		memcpy(&value, image->data + offset, sizeof(value));
	return value;
}
