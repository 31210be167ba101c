/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Machine code as text, where the build has Zydis; bytes where it has not.
 */
#ifndef VMRUN_DISASM_H
#define VMRUN_DISASM_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* @bits: 16, 32 or 64. Prints at most @lines instructions of @code, seen at @gla. */
void disasm_print(const uint8_t *code, size_t len, uint64_t gla, unsigned int bits,
		  unsigned int lines, FILE *out);

#endif /* VMRUN_DISASM_H */
