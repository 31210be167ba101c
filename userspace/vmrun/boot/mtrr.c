// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The list of MTRR values that a direct boot gives to every vCPU. Pure.
 */
#include "mtrr.h"

#include <string.h>

#define WB			6ULL
#define UC			0ULL
#define ALL_WB			(WB * 0x0101010101010101ULL)
#define ALL_UC			(UC * 0x0101010101010101ULL)
#define MSR_PHYSBASE0		0x200
#define MSR_PHYSMASK0		0x201
#define MSR_FIX64K		0x250	/* 0 to 7ffffh */
#define MSR_FIX16K_80000	0x258
#define MSR_FIX16K_A0000	0x259	/* the video window */
#define MSR_FIX4K_C0000		0x268	/* the first of eight, up to 1 MiB */
#define MSR_DEF_TYPE		0x2ff
#define MASK_VALID		(1ULL << 11)
#define DEF_ENABLE		(1ULL << 11)
#define DEF_FIXED		(1ULL << 10)

static void add(struct vmm_msrs *msrs, uint32_t index, uint64_t value)
{
	msrs->msr[msrs->count++] = (struct vmm_msr) { .index = index, .value = value };
}

void boot_mtrrs(struct vmm_msrs *msrs, unsigned int gpa_width)
{
	uint64_t hole = VMM_HIGH_GPA - VMM_LOW_MAX;

	memset(msrs, 0, sizeof(*msrs));
	add(msrs, MSR_FIX64K, ALL_WB);
	add(msrs, MSR_FIX16K_80000, ALL_WB);
	add(msrs, MSR_FIX16K_A0000, ALL_UC);
	for (unsigned int i = 0; i < 8; i++)
		add(msrs, MSR_FIX4K_C0000 + i, ALL_WB);
	add(msrs, MSR_PHYSBASE0, VMM_LOW_MAX | UC);
	add(msrs, MSR_PHYSMASK0, (((1ULL << gpa_width) - 1) & ~(hole - 1)) | MASK_VALID);
	add(msrs, MSR_DEF_TYPE, WB | DEF_ENABLE | DEF_FIXED);
}

unsigned int boot_gpa_width(const struct vmm_cpuid *cpuid)
{
	for (unsigned int i = 0; i < cpuid->count && i < VMM_CPUID_MAX; i++)
		if (cpuid->entry[i].leaf == 0x80000008 && (cpuid->entry[i].eax & 0xff) >= 32 &&
		    (cpuid->entry[i].eax & 0xff) <= 52)
			return cpuid->entry[i].eax & 0xff;
	return 36;
}
