// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * PVH: an ELF kernel with a note that names its 32-bit entry, started with
 * EBX pointing to a start-info block that has the memory map and modules.
 *
 * Each --initrd becomes one module, in order. Linux takes the first as its
 * initial RAM disk and ignores the rest.
 *
 * Xen public interface, "x86/HVM direct boot ABI", start info version 1.
 */
#include <string.h>

#include "boot/boot.h"
#include "boot/e820.h"
#include "boot/elf.h"
#include "boot/layout.h"
#include "log.h"

#define START_MAGIC	0x336ec578
#define START_VERSION	1
#define MODULES_MAX	16

struct start_module {
	uint64_t gpa;
	uint64_t len;
	uint64_t cmdline_gpa;
	uint64_t reserved;
};

struct start_range {
	uint64_t gpa;
	uint64_t len;
	uint32_t type;
	uint32_t reserved;
};

struct start_info {
	uint32_t magic;
	uint32_t version;
	uint32_t flags;
	uint32_t modules;
	uint64_t modules_gpa;
	uint64_t cmdline_gpa;
	uint64_t rsdp_gpa;
	uint64_t ranges_gpa;
	uint32_t ranges;
	uint32_t reserved;
};

/* What lies at LAYOUT_INFO_GPA. */
struct start_page {
	struct start_info info;
	struct start_module module[MODULES_MAX];
	struct start_range range[E820_MAX];
};

static int load_modules(struct boot *boot, struct start_page *page, struct why *why)
{
	const struct boot_input *in = boot->in;

	if (in->initrds > MODULES_MAX)
		return why_set(why, "--initrd: more than %d modules", MODULES_MAX);
	if (in->initrds > 1)
		log_note("each --initrd is a module of its own for a PVH kernel; Linux uses the first only");
	for (unsigned int i = 0; i < in->initrds; i++) {
		uint64_t gpa;
		void *out = place_top(&boot->place, VMM_LOW_MAX, in->initrd[i].size,
				      "a boot module", &gpa, why);

		if (!out)
			return -1;
		memcpy(out, in->initrd[i].data, in->initrd[i].size);
		page->module[i] = (struct start_module){ .gpa = gpa, .len = in->initrd[i].size };
	}
	page->info.modules = in->initrds;
	if (in->initrds)
		page->info.modules_gpa = LAYOUT_INFO_GPA + offsetof(struct start_page, module);
	return 0;
}

static void write_ranges(const struct boot *boot, struct start_page *page)
{
	struct e820_range range[E820_MAX];

	page->info.ranges = e820_build(boot->in->ram, range);
	page->info.ranges_gpa = LAYOUT_INFO_GPA + offsetof(struct start_page, range);
	for (unsigned int i = 0; i < page->info.ranges; i++)
		page->range[i] = (struct start_range){ range[i].gpa, range[i].len,
						       range[i].type, 0 };
}

int pvh_load(struct boot *boot, struct why *why)
{
	const struct image *image = boot->in->kernel;
	struct elf_kernel kernel;
	struct start_page *page;

	if (elf_parse(image, &kernel, why))
		return -1;
	if (!kernel.has_pvh)
		return why_set(why,
			       "%s is an ELF file with neither a PVH note nor a multiboot header: build a Linux kernel with CONFIG_PVH, or take its bzImage",
			       image->path);
	if (kernel.pvh_entry_gpa > UINT32_MAX)
		return why_set(why, "%s: its PVH entry %#llx is beyond 4 GiB", image->path,
			       (unsigned long long)kernel.pvh_entry_gpa);

	page = place_at(&boot->place, LAYOUT_INFO_GPA, LAYOUT_INFO_LEN, "the start info", why);
	if (!page)
		return -1;
	memset(page, 0, sizeof(*page));
	page->info.magic = START_MAGIC;
	page->info.version = START_VERSION;
	page->info.rsdp_gpa = boot->rsdp_gpa;
	page->info.cmdline_gpa = boot_cmdline(boot, UINT64_MAX, why);
	if (!page->info.cmdline_gpa)
		return -1;
	write_ranges(boot, page);
	if (boot_enter_flat32(boot, kernel.pvh_entry_gpa, why) ||
	    elf_place(image, &kernel, &boot->place, why) || load_modules(boot, page, why))
		return -1;
	boot->regs->gpr[VMM_REG_RBX] = LAYOUT_INFO_GPA;
	return 0;
}

_Static_assert(sizeof(struct start_info) == 56, "start info version 1");
_Static_assert(sizeof(struct start_page) <= LAYOUT_INFO_LEN, "start info fits");
