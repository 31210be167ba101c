/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * VMX numbers in words, as the SDM has them. Pure: text from numbers.
 */
#ifndef VMRUN_WORDS_H
#define VMRUN_WORDS_H

#include <stddef.h>
#include <stdint.h>

/* Basic exit reason; "reserved" for numbers the SDM does not assign. */
const char *words_exit_reason(uint32_t reason);

/* Exit qualification of @reason decoded; empty if it has none. Returns @buf. */
char *words_qualification(uint32_t reason, uint64_t qualification, char *buf, size_t len);

/* Interruption-information field: "#PF (hardware exception, error 0x2)". */
char *words_event(uint64_t info, char *buf, size_t len);

/* VM-instruction error number. */
const char *words_instruction_error(uint32_t error);

/* Names of the set bits of CR0, CR4 or EFER, separated by blanks. Returns @buf. */
char *words_cr0(uint64_t value, char *buf, size_t len);
char *words_cr4(uint64_t value, char *buf, size_t len);
char *words_efer(uint64_t value, char *buf, size_t len);
char *words_rflags(uint64_t value, char *buf, size_t len);

#endif /* VMRUN_WORDS_H */
