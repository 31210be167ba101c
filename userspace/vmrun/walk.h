/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Guest-linear memory seen from outside: for reports only, changes nothing in
 * the guest.
 */
#ifndef VMRUN_WALK_H
#define VMRUN_WALK_H

#include <libvmm.h>
#include <stdio.h>

struct walk {
	const struct vmm_ram *ram;
	const struct vmm_regs *regs;
};

/* Copy up to @len bytes at @gla as supervisor; returns how many are mapped RAM. */
size_t walk_read(const struct walk *walk, uint64_t gla, void *out, size_t len);

/* Print the page walk of @gla, one line per level and the result. */
void walk_print(const struct walk *walk, const char *what, uint64_t gla, FILE *out);

/* Linear address of the next instruction. */
uint64_t walk_rip(const struct vmm_regs *regs);

#endif /* VMRUN_WALK_H */
