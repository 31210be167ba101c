/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The MultiProcessor table: processors and interrupt wiring for guests that do
 * not read ACPI.
 */
#ifndef VMRUN_BOOT_MPTABLE_H
#define VMRUN_BOOT_MPTABLE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Write the floating pointer and the table behind it to @out, which the guest
 * sees at @gpa (16-byte aligned). Returns the bytes used; 0 if @room is too
 * small.
 */
size_t mptable_build(uint8_t *out, uint64_t gpa, size_t room, unsigned int cpus);

#endif /* VMRUN_BOOT_MPTABLE_H */
