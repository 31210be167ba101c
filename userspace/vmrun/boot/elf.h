/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ELF kernels: what of the file goes where, and the PVH entry point.
 */
#ifndef VMRUN_BOOT_ELF_H
#define VMRUN_BOOT_ELF_H

#include <stdbool.h>

#include "boot/image.h"
#include "boot/place.h"

#define ELF_SEGMENTS_MAX	64

struct elf_segment {
	uint64_t offset;	/* in the file */
	uint64_t file_len;
	uint64_t gpa;		/* physical address of the program header */
	uint64_t len;
};

struct elf_kernel {
	bool is_64;
	uint64_t entry;
	bool has_pvh;
	uint64_t pvh_entry_gpa;
	unsigned int segments;
	struct elf_segment segment[ELF_SEGMENTS_MAX];
};

/* Parse and check against the file's size. 0, or -1 with @why. */
int elf_parse(const struct image *image, struct elf_kernel *kernel, struct why *why);

/* Copy the segments into guest memory. */
int elf_place(const struct image *image, const struct elf_kernel *kernel, struct place *place,
	      struct why *why);

/* Is it a sound ELF file with a PVH note? */
bool elf_has_pvh(const struct image *image);

#endif /* VMRUN_BOOT_ELF_H */
