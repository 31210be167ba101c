// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * From a --disk option to a back end, and the formats that are not raw.
 *
 * A format is only recognised to refuse it: a raw image is the guest's to
 * write, and a guest that writes a qcow2 header into its own disk must not
 * make the next start read other files of the host.
 */
#include <string.h>

#include "backend/blk.h"

struct format {
	unsigned int offset, len;
	const char *bytes;
	const char *name;
	const char *qemu_format;
};

static const struct format formats[] = {
	{ 0, 4, "QFI\xfb", "a qcow2 disk image", "qcow2" },
	{ 0, 4, "KDMV", "a VMDK disk image", "vmdk" },
	{ 0, 21, "# Disk DescriptorFile", "the descriptor of a VMDK disk image", "vmdk" },
	{ 0x40, 4, "\x7f\x10\xda\xbe", "a VirtualBox disk image", "vdi" },
	{ 0, 8, "vhdxfile", "a VHDX disk image", "vhdx" },
	{ 0, 8, "conectix", "a VHD disk image", "vpc" },
	{ 0, 4, "QED\0", "a QED disk image", "qed" },
	{ 0, 2, "\x1f\x8b", "a gzip file", NULL },
	{ 0, 6, "\3757zXZ\0", "an xz file", NULL },
	{ 0, 4, "\x28\xb5\x2f\xfd", "a zstd file", NULL },
	{ 0, 4, "\x04\x22\x4d\x18", "an lz4 file", NULL },
	{ 0, 3, "BZh", "a bzip2 file", NULL },
};

const char *blk_foreign_format(const uint8_t *head, size_t len, const char **qemu_format)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		const struct format *format = &formats[i];

		if (len < format->offset + format->len ||
		    memcmp(head + format->offset, format->bytes, format->len))
			continue;
		/* A boot sector may begin with any two or three bytes. */
		if (format->len < 4 && len >= 512 && head[510] == 0x55 && head[511] == 0xaa)
			continue;
		*qemu_format = format->qemu_format;
		return format->name;
	}
	return NULL;
}

struct blk *blk_open(const struct disk_options *disk, bool ephemeral, struct why *why)
{
	bool read_only = disk->read_only || ephemeral;
	struct blk *blk;

	if (disk->format == DISK_NBD || disk->format == DISK_QEMU)
		blk = blk_nbd_open(disk, read_only, why);
	else
		blk = blk_raw_open(disk, read_only, why);
	if (!blk || !ephemeral || disk->read_only)
		return blk;
	return blk_overlay_open(blk, why);
}

void blk_close(struct blk *blk)
{
	if (blk)
		blk->ops->close(blk);
}
