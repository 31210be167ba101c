/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where things lie in guest-physical memory at the first instruction.
 *
 * Everything a loader leaves for the guest is below 128 KiB, but for ACPI
 * tables, which sit where a PC's firmware has them, so that a guest that scans
 * for the RSDP finds it too.
 */
#ifndef VMRUN_BOOT_LAYOUT_H
#define VMRUN_BOOT_LAYOUT_H

#define LAYOUT_GDT_GPA		0x1000ULL
#define LAYOUT_INFO_GPA		0x2000ULL	/* zero page, start info or multiboot info */
#define LAYOUT_INFO_LEN		0x2000ULL
#define LAYOUT_TABLES_GPA	0x4000ULL	/* six pages: identity map of 4 GiB */
#define LAYOUT_TABLES_LEN	0x6000ULL
#define LAYOUT_CMDLINE_GPA	0x10000ULL
#define LAYOUT_CMDLINE_LEN	0x10000ULL
#define LAYOUT_EBDA_GPA		0x9fc00ULL
#define LAYOUT_ROM_GPA		0xe0000ULL	/* ACPI tables, RSDP first */
#define LAYOUT_ROM_LEN		0x20000ULL
#define LAYOUT_MP_GPA		0xf0000ULL	/* guests look for it from here on */
#define LAYOUT_SMBIOS_GPA	0xf8000ULL
#define LAYOUT_HIGH_GPA		0x100000ULL

/* Selectors in the GDT; the Linux boot protocol prescribes these. */
#define LAYOUT_CS		0x10
#define LAYOUT_DS		0x18
#define LAYOUT_TR		0x20

#endif /* VMRUN_BOOT_LAYOUT_H */
