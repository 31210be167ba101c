/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * From files to a guest that is ready for its first instruction: memory
 * filled in, registers of vCPU 0 known. One file per boot protocol.
 */
#ifndef VMRUN_BOOT_BOOT_H
#define VMRUN_BOOT_BOOT_H

#include <libvmm.h>

#include "boot/image.h"
#include "boot/place.h"
#include "why.h"

/* Groups of the register block that a loader changes. */
#define BOOT_REGS	(VMM_REGS_GPR | VMM_REGS_SEG | VMM_REGS_CR)

struct boot_input {
	const struct image *kernel;
	const struct image *initrd;	/* @initrds of them, in order */
	unsigned int initrds;
	const char *cmdline;
	unsigned int cpus;
	const struct vmm_ram *ram;	/* zeroed */
};

struct boot {
	const struct boot_input *in;
	struct place place;
	struct vmm_regs *regs;
	uint64_t rsdp_gpa;
};

/*
 * Load everything. @regs holds the reset state on entry and the start state on
 * success. 0, or -1 with @why; guest memory is undefined then.
 */
int boot_load(const struct boot_input *in, struct vmm_regs *regs, struct why *why);

/* Like boot_load(), for one protocol; ACPI tables are in place already. */
int linux_load(struct boot *boot, struct why *why);
int pvh_load(struct boot *boot, struct why *why);
int multiboot_load(struct boot *boot, struct why *why);

/*
 * Copy the command line to its place. @max: longest the kernel takes, without
 * the final NUL. Returns its address, or 0 with @why.
 */
uint64_t boot_cmdline(struct boot *boot, uint64_t max, struct why *why);

/*
 * Start states. Both write the GDT that the selectors refer to; the 64-bit one
 * also the page tables, an identity map of the first 4 GiB.
 */
int boot_enter_flat32(struct boot *boot, uint64_t entry_gpa, struct why *why);
int boot_enter_long64(struct boot *boot, uint64_t entry_gpa, struct why *why);

#endif /* VMRUN_BOOT_BOOT_H */
