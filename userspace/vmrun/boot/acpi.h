/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ACPI tables of the board, and the board's numbers that they and the devices
 * must agree on. board.asl repeats those that the DSDT needs.
 */
#ifndef VMRUN_BOOT_ACPI_H
#define VMRUN_BOOT_ACPI_H

#include <stddef.h>
#include <stdint.h>

#define BOARD_SCI_IRQ		9
#define BOARD_PM_PORT		0x600	/* where SeaBIOS puts it, so it need not move */
#define BOARD_PM1_EVENT_PORT	0x600	/* status, then enable: 2 bytes each */
#define BOARD_PM1_CONTROL_PORT	0x604	/* 2 bytes */
#define BOARD_PM_TIMER_PORT	0x608	/* in the kernel */
#define BOARD_GPE_PORT		0x60c	/* status, then enable: 2 bytes each */
#define BOARD_RESET_PORT	0xcf9
#define BOARD_RESET_VALUE	0x06
#define BOARD_S5_TYPE		5	/* SLP_TYP that powers off */
#define BOARD_COM1_PORT		0x3f8
#define BOARD_COM1_IRQ		4
#define BOARD_IOAPIC_GPA	0xfec00000u
#define BOARD_LAPIC_GPA		0xfee00000u
#define BOARD_HPET_GPA		0xfed00000u
#define BOARD_PCI_IO_START	0xc000
#define BOARD_PCI_PIN		16	/* I/O APIC pin of PCI line 0 */
#define BOARD_PCI_HIGH_LEN	0x800000000ull	/* 64-bit BARs; the window is aligned to it */

/* The compiled board.asl. */
extern const uint8_t acpi_dsdt[];
extern const size_t acpi_dsdt_len;

/* What varies from one board to the next. */
struct acpi_board {
	unsigned int cpus;
	uint64_t low;		/* bytes of RAM from 0 on */
	uint64_t high;		/* and from 4 GiB on */
};

/*
 * Places in the tables that depend on where they lie, for a loader that moves
 * them. A pointer (@len 0) of @size bytes at @at; else a checksum at @at over
 * [@start, @start + @len), to be made after all pointers.
 */
struct acpi_fixup {
	uint32_t at, start, len;
	uint8_t size;
};

#define ACPI_FIXUPS_MAX		32

struct acpi_fixups {
	struct acpi_fixup fixup[ACPI_FIXUPS_MAX];
	unsigned int count;
};

#define ACPI_RSDP_LEN		36

/*
 * Write all tables to @out, which the guest sees at @gpa (64-byte aligned); the
 * RSDP comes first. Returns the bytes used, or 0 if @room is too small.
 * @fixups: filled in unless NULL, pointers before checksums.
 */
size_t acpi_build(uint8_t *out, uint64_t gpa, size_t room, const struct acpi_board *board,
		  struct acpi_fixups *fixups);

/* First address for 32-bit BARs: at or above RAM. */
uint32_t acpi_pci_start(uint64_t low);

#endif /* VMRUN_BOOT_ACPI_H */
