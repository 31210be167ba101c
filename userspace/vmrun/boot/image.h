/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A file that goes into the guest: read whole into memory, and recognised by
 * its content. Its name plays no part.
 */
#ifndef VMRUN_BOOT_IMAGE_H
#define VMRUN_BOOT_IMAGE_H

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>

#include "why.h"

enum image_kind {
	IMAGE_UNKNOWN,
	IMAGE_BZIMAGE,
	IMAGE_ELF,		/* PVH or multiboot: the loader looks further */
	IMAGE_MULTIBOOT,	/* not ELF: the header has the addresses */
	IMAGE_DISK,		/* of any format: opening it says which */
	IMAGE_REFUSED,		/* recognised, and not for us: see struct image_verdict */
};

struct image {
	const char *path;	/* the caller's */
	uint8_t *data;
	size_t size;
};

struct image_verdict {
	enum image_kind kind;
	const char *name;	/* "a qcow2 disk image" */
	const char *remedy;	/* IMAGE_REFUSED and IMAGE_UNKNOWN: what to do */
};

/*
 * Read @path, at most @limit bytes. 0, or -1 with @why, which starts with the
 * path. Anything but a regular file or a pipe is refused; so is an empty file.
 */
int image_read(struct image *image, const char *path, uint64_t limit, struct why *why);
void image_free(struct image *image);

/* Reads nothing outside @data; never fails. */
struct image_verdict image_recognise(const uint8_t *data, size_t size);

/*
 * What is at @path, from its first bytes; a block device is a disk. Anything
 * that cannot be looked at without taking it away (a pipe) or at all counts as
 * unknown: opening it for its use will say why.
 */
struct image_verdict image_probe(const char *path);

/* True if a BIOS would find nothing to start; false also if it cannot be looked at. */
bool image_lacks_boot_sector(const char *path);

/* Little-endian values at @offset; 0 where the image is too short. */
uint16_t image_u16(const struct image *image, uint64_t offset);
uint32_t image_u32(const struct image *image, uint64_t offset);

/* Offset of a valid multiboot 1 header in the first 8 KiB, or -1. */
long image_multiboot(const uint8_t *data, size_t size);

#endif /* VMRUN_BOOT_IMAGE_H */
