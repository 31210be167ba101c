/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The guest's memory map, as each boot protocol hands it over in its own
 * dress. Type numbers are those of ACPI "Address Range Types", which all
 * protocols share.
 */
#ifndef VMRUN_BOOT_E820_H
#define VMRUN_BOOT_E820_H

#include <libvmm.h>

#define E820_USABLE	1
#define E820_RESERVED	2
#define E820_MAX	8

struct e820_range {
	uint64_t gpa;
	uint64_t len;
	uint32_t type;
};

/* Ascending, without overlap; returns the number of ranges. */
unsigned int e820_build(const struct vmm_ram *ram, struct e820_range range[E820_MAX]);

#endif /* VMRUN_BOOT_E820_H */
