// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Loading, the part all protocols share: ACPI tables, the choice of protocol,
 * the command line.
 *
 * struct boot lives on the stack of one boot_load() call. The image and the
 * memory are the caller's; nothing refers to them afterwards.
 */
#include "boot/boot.h"

#include <string.h>

#include "boot/acpi.h"
#include "boot/elf.h"
#include "boot/layout.h"
#include "boot/mptable.h"
#include "boot/smbios.h"

uint64_t boot_cmdline(struct boot *boot, uint64_t max, struct why *why)
{
	const char *text = boot->in->cmdline;
	size_t len = strlen(text);
	char *out;

	if (max > LAYOUT_CMDLINE_LEN - 1)
		max = LAYOUT_CMDLINE_LEN - 1;
	if (len > max) {
		why_set(why,
			"--append: the command line has %zu characters, this kernel takes %llu: shorten it",
			len, (unsigned long long)max);
		return 0;
	}
	out = place_at(&boot->place, LAYOUT_CMDLINE_GPA, LAYOUT_CMDLINE_LEN, "the command line",
		       why);
	if (!out)
		return 0;
	memcpy(out, text, len + 1);
	return LAYOUT_CMDLINE_GPA;
}

static int load_tables(struct boot *boot, struct why *why)
{
	const struct vmm_ram *ram = boot->in->ram;
	struct acpi_board board = { boot->in->cpus, ram->low, ram->high };
	struct smbios_board smbios = { boot->in->cpus, ram->low + ram->high };
	void *rom = place_at(&boot->place, LAYOUT_ROM_GPA, LAYOUT_ROM_LEN, "the firmware tables",
			     why);

	if (!rom)
		return -1;
	if (!acpi_build(rom, LAYOUT_ROM_GPA, LAYOUT_MP_GPA - LAYOUT_ROM_GPA, &board, NULL) ||
	    !mptable_build((uint8_t *)rom + (LAYOUT_MP_GPA - LAYOUT_ROM_GPA), LAYOUT_MP_GPA,
			   LAYOUT_SMBIOS_GPA - LAYOUT_MP_GPA, boot->in->cpus) ||
	    !smbios_build((uint8_t *)rom + (LAYOUT_SMBIOS_GPA - LAYOUT_ROM_GPA),
			  LAYOUT_SMBIOS_GPA, LAYOUT_ROM_GPA + LAYOUT_ROM_LEN - LAYOUT_SMBIOS_GPA,
			  &smbios))
		return why_set(why, "the tables for %u vCPUs do not fit", boot->in->cpus);
	boot->rsdp_gpa = LAYOUT_ROM_GPA;
	return 0;
}

int boot_load(const struct boot_input *in, struct vmm_regs *regs, struct why *why)
{
	const struct image *kernel = in->kernel;
	struct image_verdict verdict = image_recognise(kernel->data, kernel->size);
	struct boot boot = { .in = in, .regs = regs };

	place_init(&boot.place, in->ram);
	if (load_tables(&boot, why))
		return -1;

	switch (verdict.kind) {
	case IMAGE_DISK:
		return why_set(why, "%s is %s, not a kernel: give it with --disk", kernel->path,
			       verdict.name);
	case IMAGE_BZIMAGE:
		return linux_load(&boot, why);
	case IMAGE_MULTIBOOT:
		return multiboot_load(&boot, why);
	case IMAGE_ELF:
		if (elf_has_pvh(kernel))
			return pvh_load(&boot, why);
		if (image_multiboot(kernel->data, kernel->size) >= 0)
			return multiboot_load(&boot, why);
		/* No way in: the PVH loader finds out whether the file is even sound. */
		return pvh_load(&boot, why);
	default:
		return why_set(why, "%s is %s: %s", kernel->path, verdict.name, verdict.remedy);
	}
}
