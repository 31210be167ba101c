// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Memory map. The hole from 640 KiB to 1 MiB is RAM in fact, but no guest
 * expects it there: it is not listed, but for the part with ACPI tables.
 */
#include "boot/e820.h"

#include "boot/layout.h"

unsigned int e820_build(const struct vmm_ram *ram, struct e820_range range[E820_MAX])
{
	unsigned int count = 0;

	range[count++] = (struct e820_range){ 0, LAYOUT_EBDA_GPA, E820_USABLE };
	range[count++] = (struct e820_range){ LAYOUT_EBDA_GPA, 0xa0000 - LAYOUT_EBDA_GPA,
					      E820_RESERVED };
	range[count++] = (struct e820_range){ LAYOUT_ROM_GPA, LAYOUT_ROM_LEN, E820_RESERVED };
	range[count++] = (struct e820_range){ LAYOUT_HIGH_GPA, ram->low - LAYOUT_HIGH_GPA,
					      E820_USABLE };
	if (ram->high)
		range[count++] = (struct e820_range){ VMM_HIGH_GPA, ram->high, E820_USABLE };
	return count;
}
