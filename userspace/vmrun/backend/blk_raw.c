// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Raw disk images: a file or a block device, sector n at n * 512.
 *
 * The file is locked as long as it is open, for two guests that write one
 * image destroy it: exclusively, or shared if it is only read. The lock
 * belongs to the open file, so it is gone when the process is.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/blk.h"
#include "iov.h"

struct blk_raw {
	struct blk blk;
	int fd;
	bool is_file;
};

static struct blk_raw *raw_of(struct blk *blk)
{
	return (struct blk_raw *)blk;
}

/* preadv or pwritev until all is done: both may do less than asked. */
static int transfer(struct blk_raw *raw, const struct iovec *iov, unsigned int count,
		    uint64_t offset, bool write)
{
	struct iovec part[IOV_MAX_PARTS];

	if (count > IOV_MAX_PARTS)
		return -EINVAL;
	memcpy(part, iov, count * sizeof(*iov));
	for (unsigned int at = 0; at < count;) {
		ssize_t done;

		if (!part[at].iov_len) {
			at++;
			continue;
		}
		if (write)
			done = pwritev(raw->fd, part + at, count - at, offset);
		else
			done = preadv(raw->fd, part + at, count - at, offset);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		/* The file was cut short under us. */
		if (!done)
			return -EIO;
		offset += done;
		for (; done && (size_t)done >= part[at].iov_len; at++)
			done -= part[at].iov_len;
		if (done) {
			part[at].iov_base = (uint8_t *)part[at].iov_base + done;
			part[at].iov_len -= done;
		}
	}
	return 0;
}

static int raw_read(struct blk *blk, const struct iovec *iov, unsigned int count, uint64_t offset)
{
	return transfer(raw_of(blk), iov, count, offset, false);
}

static int raw_write(struct blk *blk, const struct iovec *iov, unsigned int count, uint64_t offset)
{
	return transfer(raw_of(blk), iov, count, offset, true);
}

static int raw_flush(struct blk *blk)
{
	return fdatasync(raw_of(blk)->fd) ? -errno : 0;
}

static int punch(struct blk_raw *raw, uint64_t offset, uint64_t len)
{
	uint64_t range[2] = { offset, len };

	if (!raw->is_file)
		return ioctl(raw->fd, BLKDISCARD, range) ? -errno : 0;
	return fallocate(raw->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, len) ?
	       -errno : 0;
}

/* A discard is advice: a file system that has no holes ignores it. */
static int raw_discard(struct blk *blk, uint64_t offset, uint64_t len)
{
	int error = punch(raw_of(blk), offset, len);

	return error == -EOPNOTSUPP ? 0 : error;
}

static int write_zeroes(struct blk_raw *raw, uint64_t offset, uint64_t len)
{
	static const uint8_t zeroes[65536];

	while (len) {
		struct iovec iov = { (void *)zeroes, len < sizeof(zeroes) ? len : sizeof(zeroes) };
		int error = transfer(raw, &iov, 1, offset, true);

		if (error)
			return error;
		offset += iov.iov_len;
		len -= iov.iov_len;
	}
	return 0;
}

static int raw_zero(struct blk *blk, uint64_t offset, uint64_t len, bool unmap)
{
	struct blk_raw *raw = raw_of(blk);
	uint64_t range[2] = { offset, len };

	if (!raw->is_file)
		return ioctl(raw->fd, BLKZEROOUT, range) ? -errno : 0;
	if (unmap && !punch(raw, offset, len))
		return 0;
	if (!fallocate(raw->fd, FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, offset, len))
		return 0;
	return errno == EOPNOTSUPP ? write_zeroes(raw, offset, len) : -errno;
}

static void raw_close(struct blk *blk)
{
	close(raw_of(blk)->fd);
	free(blk);
}

static const struct blk_ops raw_ops = {
	raw_read, raw_write, raw_flush, raw_discard, raw_zero, raw_close,
};

/* --- opening ------------------------------------------------------------------- */

static int open_path(const struct disk_options *disk, bool read_only, struct why *why)
{
	int flags = (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	const char *path = disk->path;
	int fd = open(path, flags);

	if (fd >= 0)
		return fd;
	switch (errno) {
	case ENOENT:
		why_set(why, "%s: no such file", path);
		break;
	case EISDIR:
		why_set(why, "%s is a directory: name a disk image, or share it with --share", path);
		break;
	case EACCES:
	case EPERM:
	case EROFS:
		if (!read_only && !euidaccess(path, R_OK)) {
			why_set(why,
				"%s: you may read it but not write it: give it as %s,ro, or keep the guest's changes out of it with --ephemeral",
				path, path);
			break;
		}
		why_set(why, "%s: you may not %s it: ask its owner for access or a copy", path,
			read_only ? "read" : "write");
		break;
	default:
		why_set(why, "%s: cannot be opened: %s", path, strerror(errno));
	}
	return -1;
}

static int find_size(struct blk_raw *raw, const char *path, struct why *why)
{
	struct stat st;

	if (fstat(raw->fd, &st))
		return why_set(why, "%s: %s", path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return why_set(why,
			       "%s is a directory: name a disk image, or share it with --share",
			       path);
	if (S_ISREG(st.st_mode)) {
		raw->is_file = true;
		raw->blk.size = st.st_size;
	} else if (!S_ISBLK(st.st_mode)) {
		return why_set(why, "%s is neither a file nor a disk", path);
	} else if (ioctl(raw->fd, BLKGETSIZE64, &raw->blk.size)) {
		return why_set(why, "%s: its size is not to be had: %s", path, strerror(errno));
	}
	if (!raw->blk.size)
		return why_set(why, "%s is empty: was its copy or download cut short?", path);
	return 0;
}

static int check_size(const struct blk_raw *raw, const char *path, struct why *why)
{
	if (raw->blk.size % BLK_SECTOR)
		return why_set(why,
			       "%s has %llu bytes, which is no multiple of %d: was it cut short? (\"truncate -s %%%d %s\" fills up the last sector)",
			       path, (unsigned long long)raw->blk.size, BLK_SECTOR, BLK_SECTOR,
			       path);
	return 0;
}

static int lock(struct blk_raw *raw, const char *path, struct why *why)
{
	struct flock whole = { .l_type = raw->blk.read_only ? F_RDLCK : F_WRLCK };

	if (!fcntl(raw->fd, F_OFD_SETLK, &whole))
		return 0;
	if (errno == EAGAIN || errno == EACCES)
		return why_set(why,
			       "%s is in use by another guest: stop that one, or give it to both as %s,ro",
			       path, path);
	/* A file system without locks: nothing can be known. */
	return 0;
}

static int check_content(struct blk_raw *raw, const char *path, struct why *why)
{
	const char *foreign, *qemu_format;
	uint8_t head[BLK_HEAD];
	ssize_t got = pread(raw->fd, head, sizeof(head), 0);

	if (got < 0)
		return why_set(why, "%s: cannot be read: %s", path, strerror(errno));
	foreign = blk_foreign_format(head, got, &qemu_format);
	if (!foreign)
		return 0;
	if (qemu_format)
		return why_set(why,
			       "%s is %s, not a raw one: give it with --disk %s,format=%s (needs qemu-nbd of package qemu-utils), or with --disk %s,format=raw if the guest shall see it as it is",
			       path, foreign, path, qemu_format, path);
	return why_set(why,
		       "%s is %s, not a disk image: unpack it first, or give it with --disk %s,format=raw if the guest shall see it as it is",
		       path, foreign, path);
}

struct blk *blk_raw_open(const struct disk_options *disk, bool read_only, struct why *why)
{
	struct blk_raw *raw = calloc(1, sizeof(*raw));

	if (!raw) {
		why_set(why, "%s: no memory", disk->path);
		return NULL;
	}
	raw->blk.ops = &raw_ops;
	raw->blk.read_only = read_only;
	raw->fd = open_path(disk, read_only, why);
	if (raw->fd < 0)
		goto err_free;
	/* The content first: other formats need not fill sectors. */
	if (find_size(raw, disk->path, why) || lock(raw, disk->path, why) ||
	    (disk->format == DISK_AUTO && check_content(raw, disk->path, why)) ||
	    check_size(raw, disk->path, why))
		goto err_close;
	return &raw->blk;

err_close:
	close(raw->fd);
err_free:
	free(raw);
	return NULL;
}
