/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where a disk's sectors are: a raw file or block device, a server that speaks
 * NBD, or a throw-away overlay over either. Knows nothing about virtio.
 *
 * A back end lives as long as the process, through all resets of the guest,
 * and is used by one thread at a time: the device's.
 */
#ifndef VMRUN_BACKEND_BLK_H
#define VMRUN_BACKEND_BLK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "opts_dev.h"
#include "why.h"

#define BLK_SECTOR	512

struct blk;

/*
 * Each returns 0 when all of it is done, else a negative errno. Ranges lie
 * within the disk and begin and end on a sector.
 *
 * @flush	what was written before survives a loss of power
 * @discard	the content does not matter any more; NULL: cannot
 * @zero	reads as zeroes from here on; @unmap: space may be given back;
 *		NULL: cannot
 */
struct blk_ops {
	int (*read)(struct blk *blk, const struct iovec *iov, unsigned int count, uint64_t offset);
	int (*write)(struct blk *blk, const struct iovec *iov, unsigned int count, uint64_t offset);
	int (*flush)(struct blk *blk);
	int (*discard)(struct blk *blk, uint64_t offset, uint64_t len);
	int (*zero)(struct blk *blk, uint64_t offset, uint64_t len, bool unmap);
	void (*close)(struct blk *blk);
};

struct blk {
	const struct blk_ops *ops;
	uint64_t size;		/* bytes, a multiple of BLK_SECTOR */
	bool read_only;
};

/* The disk that @disk describes; NULL with @why. @ephemeral: write nothing to it. */
struct blk *blk_open(const struct disk_options *disk, bool ephemeral, struct why *why);
void blk_close(struct blk *blk);

/* --- the kinds, for blk_open() ----------------------------------------------- */

struct blk *blk_raw_open(const struct disk_options *disk, bool read_only, struct why *why);
struct blk *blk_nbd_open(const struct disk_options *disk, bool read_only, struct why *why);

/* Writes go to an unlinked file in $TMPDIR. Takes @base, also when it fails. */
struct blk *blk_overlay_open(struct blk *base, struct why *why);

/*
 * The name of the image format other than raw that a file with these first
 * bytes has, "a qcow2 disk image", or NULL; in @qemu_format what qemu-nbd calls
 * it, or NULL if it cannot serve it.
 */
const char *blk_foreign_format(const uint8_t *head, size_t len, const char **qemu_format);
#define BLK_HEAD	4096

#endif /* VMRUN_BACKEND_BLK_H */
