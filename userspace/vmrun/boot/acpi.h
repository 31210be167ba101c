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
#define BOARD_PM1_EVENT_PORT	0x400	/* status, then enable: 2 bytes each */
#define BOARD_PM1_CONTROL_PORT	0x404	/* 2 bytes */
#define BOARD_PM_TIMER_PORT	0x408	/* in the kernel */
#define BOARD_RESET_PORT	0xcf9
#define BOARD_RESET_VALUE	0x06
#define BOARD_S5_TYPE		5	/* SLP_TYP that powers off */
#define BOARD_COM1_PORT		0x3f8
#define BOARD_COM1_IRQ		4
#define BOARD_IOAPIC_GPA	0xfec00000u
#define BOARD_LAPIC_GPA		0xfee00000u

/* The compiled board.asl. */
extern const uint8_t acpi_dsdt[];
extern const size_t acpi_dsdt_len;

/*
 * Write all tables to @out, which the guest sees at @gpa (16-byte aligned); the
 * RSDP comes first. Returns the bytes used, or 0 if @room is too small.
 */
size_t acpi_build(uint8_t *out, uint64_t gpa, size_t room, unsigned int cpus);

#endif /* VMRUN_BOOT_ACPI_H */
