/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * SMBIOS: what inventory tools ask. Version 2.8 with a 32-bit anchor.
 */
#ifndef VMRUN_BOOT_SMBIOS_H
#define VMRUN_BOOT_SMBIOS_H

#include <stddef.h>
#include <stdint.h>

struct smbios_board {
	unsigned int cpus;
	uint64_t memory;	/* bytes */
};

#define SMBIOS_ANCHOR_LEN	32	/* 31 bytes, padded */

/*
 * Write anchor and, SMBIOS_ANCHOR_LEN behind it, the structures to @out, which
 * the guest sees at @gpa (16-byte aligned). Returns the bytes used; 0 if @room
 * is too small.
 */
size_t smbios_build(uint8_t *out, uint64_t gpa, size_t room, const struct smbios_board *board);

#endif /* VMRUN_BOOT_SMBIOS_H */
