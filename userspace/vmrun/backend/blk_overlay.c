// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * --ephemeral: a disk whose changes nobody keeps. A sector that was written is
 * in an unlinked file, at the same offset; a bit per sector says which those
 * are. The base is only read.
 *
 * The file has no name, so it vanishes with the process however that ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "backend/blk.h"
#include "iov.h"

struct blk_overlay {
	struct blk blk;
	struct blk *base;
	int fd;
	uint8_t *changed;	/* a bit per sector */
};

static struct blk_overlay *overlay_of(struct blk *blk)
{
	return (struct blk_overlay *)blk;
}

static bool is_changed(const struct blk_overlay *overlay, uint64_t sector)
{
	return overlay->changed[sector / 8] >> sector % 8 & 1;
}

static void set_changed(struct blk_overlay *overlay, uint64_t offset, uint64_t len)
{
	for (uint64_t at = offset / BLK_SECTOR; at < (offset + len) / BLK_SECTOR; at++)
		overlay->changed[at / 8] |= 1 << at % 8;
}

/* All of @iov at @offset of the overlay's file, which has no holes there that matter. */
static int file_transfer(int fd, struct iovec *iov, unsigned int count, uint64_t offset, bool write)
{
	for (unsigned int i = 0; i < count; i++) {
		uint8_t *hva = iov[i].iov_base;
		size_t len = iov[i].iov_len;

		while (len) {
			ssize_t done = write ? pwrite(fd, hva, len, offset) :
					       pread(fd, hva, len, offset);

			if (done < 0 && errno == EINTR)
				continue;
			if (done <= 0)
				return done ? -errno : -EIO;
			hva += done;
			len -= done;
			offset += done;
		}
	}
	return 0;
}

static int overlay_read(struct blk *blk, const struct iovec *iov, unsigned int count,
			uint64_t offset)
{
	struct blk_overlay *overlay = overlay_of(blk);
	struct iovec part[IOV_MAX_PARTS];
	uint64_t total = iov_length(iov, count), done = 0;

	if (count > IOV_MAX_PARTS)
		return -EINVAL;
	/* Runs of sectors that are all here or all there. */
	while (done < total) {
		uint64_t sector = (offset + done) / BLK_SECTOR, run = BLK_SECTOR;
		bool changed = is_changed(overlay, sector);
		unsigned int parts;
		int error;

		while (done + run < total && is_changed(overlay, ++sector) == changed)
			run += BLK_SECTOR;
		parts = iov_slice(iov, count, done, run, part);
		if (changed)
			error = file_transfer(overlay->fd, part, parts, offset + done, false);
		else
			error = overlay->base->ops->read(overlay->base, part, parts, offset + done);
		if (error)
			return error;
		done += run;
	}
	return 0;
}

static int overlay_write(struct blk *blk, const struct iovec *iov, unsigned int count,
			 uint64_t offset)
{
	struct blk_overlay *overlay = overlay_of(blk);
	struct iovec part[IOV_MAX_PARTS];
	int error;

	if (count > IOV_MAX_PARTS)
		return -EINVAL;
	memcpy(part, iov, count * sizeof(*iov));
	error = file_transfer(overlay->fd, part, count, offset, true);
	if (!error)
		set_changed(overlay, offset, iov_length(iov, count));
	return error;
}

static int overlay_flush(struct blk *blk)
{
	/* Nothing of it is to survive anything. */
	(void)blk;
	return 0;
}

static int overlay_zero(struct blk *blk, uint64_t offset, uint64_t len, bool unmap)
{
	struct blk_overlay *overlay = overlay_of(blk);

	(void)unmap;
	if (fallocate(overlay->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, len))
		return -errno;
	set_changed(overlay, offset, len);
	return 0;
}

static int overlay_discard(struct blk *blk, uint64_t offset, uint64_t len)
{
	return overlay_zero(blk, offset, len, true);
}

static void overlay_close(struct blk *blk)
{
	struct blk_overlay *overlay = overlay_of(blk);

	blk_close(overlay->base);
	close(overlay->fd);
	free(overlay->changed);
	free(overlay);
}

static const struct blk_ops overlay_ops = {
	overlay_read, overlay_write, overlay_flush, overlay_discard, overlay_zero, overlay_close,
};

static int open_file(uint64_t size)
{
	const char *dir = getenv("TMPDIR");
	int fd = open(dir && *dir ? dir : "/var/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	/* No such directory, or a file system without nameless files: memory, then. */
	if (fd < 0)
		fd = memfd_create("vmrun-ephemeral", MFD_CLOEXEC);
	if (fd >= 0 && ftruncate(fd, size)) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

struct blk *blk_overlay_open(struct blk *base, struct why *why)
{
	struct blk_overlay *overlay = calloc(1, sizeof(*overlay));

	if (!overlay)
		goto err_close_base;
	overlay->changed = calloc(1, base->size / BLK_SECTOR / 8 + 1);
	if (!overlay->changed)
		goto err_free;
	overlay->fd = open_file(base->size);
	if (overlay->fd < 0)
		goto err_free;
	overlay->blk = (struct blk){ &overlay_ops, base->size, false };
	overlay->base = base;
	return &overlay->blk;

err_free:
	free(overlay->changed);
	free(overlay);
err_close_base:
	why_set(why, "--ephemeral: no room for the guest's changes: %s (see TMPDIR)",
		strerror(errno));
	blk_close(base);
	return NULL;
}
