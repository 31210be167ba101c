/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Memory types as a PC's firmware leaves them: RAM is write-back, the legacy
 * video window and the hole below 4 GiB are uncached. A kernel that finds the
 * MTRRs off thinks that its firmware is broken and does without PAT.
 *
 * SDM "Memory Type Range Registers".
 */
#ifndef VMRUN_BOOT_MTRR_H
#define VMRUN_BOOT_MTRR_H

#include <libvmm.h>

/* Fills @msrs in for vmm_set_msrs(); @gpa_width is the guest's MAXPHYADDR. */
void boot_mtrrs(struct vmm_msrs *msrs, unsigned int gpa_width);

/* MAXPHYADDR in a VM's CPUID table. */
unsigned int boot_gpa_width(const struct vmm_cpuid *cpuid);

#endif /* VMRUN_BOOT_MTRR_H */
