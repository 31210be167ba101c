// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Multiboot 1: 32-bit kernels, as 32-bit ELF or with load addresses in their
 * header. Each --initrd becomes a module whose string is its file name.
 *
 * The header is found in the first 8 KiB of the file; nothing else about the
 * file is assumed. Requests for a video mode are not granted, which the
 * specification leaves to the kernel to notice.
 *
 * Multiboot Specification 0.6.96, "OS image format", "Boot information
 * format".
 */
#include <string.h>

#include "boot/boot.h"
#include "boot/e820.h"
#include "boot/elf.h"
#include "boot/layout.h"

#define BOOTED_MAGIC	0x2badb002
#define HEADER_KNOWN	0x00010007u	/* page-aligned modules, memory, video, addresses */
#define HEADER_REQUIRED	0x0000ffffu	/* of these, unknown ones are fatal */
#define HEADER_ADDRESSES 0x00010000u

#define INFO_MEMORY	(1u << 0)
#define INFO_CMDLINE	(1u << 2)
#define INFO_MODULES	(1u << 3)
#define INFO_MEMMAP	(1u << 6)
#define INFO_LOADER	(1u << 9)

#define MODULES_MAX	16
#define STRING_MAX	128

struct multiboot_info {
	uint32_t flags;
	uint32_t mem_lower;	/* KiB below 640 KiB */
	uint32_t mem_upper;	/* KiB from 1 MiB on */
	uint32_t boot_device;
	uint32_t cmdline;
	uint32_t mods_count;
	uint32_t mods;
	uint32_t syms[4];
	uint32_t mmap_length;
	uint32_t mmap;
	uint32_t drives_length;
	uint32_t drives;
	uint32_t config_table;
	uint32_t loader_name;
	uint32_t apm_table;
	uint32_t vbe[4];
};

struct multiboot_module {
	uint32_t start;
	uint32_t end;
	uint32_t string;
	uint32_t reserved;
};

/* @size does not count itself. */
struct multiboot_range {
	uint32_t size;
	uint64_t gpa;
	uint64_t len;
	uint32_t type;
} __attribute__((packed));

/* What lies at LAYOUT_INFO_GPA. */
struct multiboot_page {
	struct multiboot_info info;
	struct multiboot_module module[MODULES_MAX];
	struct multiboot_range range[E820_MAX];
	char loader[8];
	char string[MODULES_MAX][STRING_MAX];
};

#define IN_PAGE(member)	((uint32_t)(LAYOUT_INFO_GPA + offsetof(struct multiboot_page, member)))

/* The header has the addresses, as for an a.out kernel. */
static int load_by_header(struct boot *boot, long header, uint32_t *entry, struct why *why)
{
	const struct image *image = boot->in->kernel;
	uint64_t header_gpa = image_u32(image, header + 12);
	uint64_t load_gpa = image_u32(image, header + 16);
	uint64_t load_end = image_u32(image, header + 20);
	uint64_t bss_end = image_u32(image, header + 24);
	uint64_t offset, len;
	void *out;

	if (load_gpa > header_gpa || header_gpa - load_gpa > (uint64_t)header)
		return why_set(why,
			       "%s: its multiboot header lies about addresses (loaded at %#llx, header at %#llx)",
			       image->path, (unsigned long long)load_gpa,
			       (unsigned long long)header_gpa);
	offset = header - (header_gpa - load_gpa);
	if (!load_end)
		load_end = load_gpa + (image->size - offset);
	if (load_end < load_gpa || load_end - load_gpa > image->size - offset)
		return why_set(why, "%s is cut short: its header promises %s, the file has %s: copy it again",
			       image->path, why_size(offset + load_end - load_gpa),
			       why_size(image->size));
	len = load_end - load_gpa;
	if (bss_end < load_end)
		bss_end = load_end;

	out = place_at(&boot->place, load_gpa, bss_end - load_gpa, "the kernel", why);
	if (!out)
		return -1;
	memcpy(out, image->data + offset, len);
	*entry = image_u32(image, header + 28);
	return 0;
}

static int load_by_elf(struct boot *boot, uint32_t *entry, struct why *why)
{
	const struct image *image = boot->in->kernel;
	struct elf_kernel kernel;

	if (elf_parse(image, &kernel, why))
		return -1;
	if (kernel.is_64)
		return why_set(why,
			       "%s is a multiboot kernel as 64-bit ELF, and multiboot 1 starts 32-bit code: objcopy -O elf32-i386 makes a copy that loads",
			       image->path);
	*entry = kernel.entry;
	return elf_place(image, &kernel, &boot->place, why);
}

static int load_modules(struct boot *boot, struct multiboot_page *page, struct why *why)
{
	const struct boot_input *in = boot->in;

	if (in->initrds > MODULES_MAX)
		return why_set(why, "--initrd: more than %d modules", MODULES_MAX);
	for (unsigned int i = 0; i < in->initrds; i++) {
		const struct image *file = &in->initrd[i];
		uint64_t gpa;
		void *out = place_top(&boot->place, VMM_LOW_MAX, file->size, "a boot module",
				      &gpa, why);

		if (!out)
			return -1;
		memcpy(out, file->data, file->size);
		strncpy(page->string[i], file->path, STRING_MAX - 1);
		page->module[i] = (struct multiboot_module){
			.start = gpa,
			.end = gpa + file->size,
			.string = IN_PAGE(string) + i * STRING_MAX,
		};
	}
	if (in->initrds) {
		page->info.flags |= INFO_MODULES;
		page->info.mods_count = in->initrds;
		page->info.mods = IN_PAGE(module);
	}
	return 0;
}

static void write_memory(const struct boot *boot, struct multiboot_page *page)
{
	struct e820_range range[E820_MAX];
	unsigned int count = e820_build(boot->in->ram, range);

	for (unsigned int i = 0; i < count; i++)
		page->range[i] = (struct multiboot_range){
			.size = sizeof(page->range[i]) - sizeof(page->range[i].size),
			.gpa = range[i].gpa,
			.len = range[i].len,
			.type = range[i].type,
		};
	page->info.flags |= INFO_MEMORY | INFO_MEMMAP;
	page->info.mem_lower = LAYOUT_EBDA_GPA / 1024;
	page->info.mem_upper = (boot->in->ram->low - LAYOUT_HIGH_GPA) / 1024;
	page->info.mmap = IN_PAGE(range);
	page->info.mmap_length = count * sizeof(page->range[0]);
}

int multiboot_load(struct boot *boot, struct why *why)
{
	const struct image *image = boot->in->kernel;
	long header = image_multiboot(image->data, image->size);
	uint32_t flags = image_u32(image, header + 4);
	struct multiboot_page *page;
	uint32_t entry;
	int result;

	if (flags & HEADER_REQUIRED & ~HEADER_KNOWN)
		return why_set(why, "%s requires multiboot features that do not exist here (flags %#x)",
			       image->path, flags);
	page = place_at(&boot->place, LAYOUT_INFO_GPA, LAYOUT_INFO_LEN, "the multiboot info", why);
	if (!page)
		return -1;
	memset(page, 0, sizeof(*page));

	if (flags & HEADER_ADDRESSES)
		result = load_by_header(boot, header, &entry, why);
	else
		result = load_by_elf(boot, &entry, why);
	if (result || boot_enter_flat32(boot, entry, why) || load_modules(boot, page, why))
		return -1;

	write_memory(boot, page);
	page->info.cmdline = boot_cmdline(boot, UINT64_MAX, why);
	if (!page->info.cmdline)
		return -1;
	strcpy(page->loader, "vmrun");
	page->info.loader_name = IN_PAGE(loader);
	page->info.flags |= INFO_CMDLINE | INFO_LOADER;
	boot->regs->gpr[VMM_REG_RAX] = BOOTED_MAGIC;
	boot->regs->gpr[VMM_REG_RBX] = LAYOUT_INFO_GPA;
	return 0;
}

_Static_assert(sizeof(struct multiboot_page) <= LAYOUT_INFO_LEN, "multiboot info fits");
_Static_assert(sizeof(struct multiboot_info) == 88, "multiboot information up to VBE");
