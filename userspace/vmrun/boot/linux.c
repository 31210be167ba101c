// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Linux bzImage by the 64-bit boot protocol: the protected-mode part goes to
 * its preferred address, the zero page says the rest.
 *
 * The file belongs to the caller and is trusted in nothing: each field that
 * becomes a size or an address is checked against file and memory. The kernel
 * needs init_size bytes from its load address on, far more than the file, for
 * it unpacks itself in place.
 *
 * The Linux/x86 Boot Protocol, "The Real-Mode Kernel Header", "64-bit Boot
 * Protocol".
 */
#include <asm/bootparam.h>
#include <string.h>

#include "boot/boot.h"
#include "boot/e820.h"
#include "boot/layout.h"

#define HEADER_OFFSET		0x1f1
#define VERSION_MIN		0x020c	/* first with xloadflags */
#define ENTRY_64		0x200	/* from the load address */
#define LOADER_UNDEFINED	0xff
#define CMDLINE_DEFAULT		255

static int read_header(const struct image *kernel, struct setup_header *hdr, struct why *why)
{
	size_t len = sizeof(*hdr);
	size_t promised;

	/* The byte behind the jump instruction's opcode says where the header ends. */
	promised = 0x202 + kernel->data[0x201] - HEADER_OFFSET;
	if (len > promised)
		len = promised;
	if (kernel->size < HEADER_OFFSET + len)
		return why_set(why, "%s is cut short in its header: copy it again", kernel->path);
	memset(hdr, 0, sizeof(*hdr));
	memcpy(hdr, kernel->data + HEADER_OFFSET, len);

	if (hdr->version < VERSION_MIN)
		return why_set(why,
			       "%s speaks boot protocol %u.%02u; vmrun needs 2.12 (Linux 3.8) or later",
			       kernel->path, hdr->version >> 8, hdr->version & 0xff);
	if (!(hdr->xloadflags & XLF_KERNEL_64))
		return why_set(why,
			       "%s is a 32-bit kernel (no XLF_KERNEL_64): take a 64-bit one, built with CONFIG_X86_64",
			       kernel->path);
	if (!(hdr->loadflags & LOADED_HIGH))
		return why_set(why, "%s is a zImage: take a bzImage", kernel->path);
	return 0;
}

static int load_kernel(struct boot *boot, const struct setup_header *hdr, struct why *why)
{
	const struct image *kernel = boot->in->kernel;
	uint64_t setup = (hdr->setup_sects ? hdr->setup_sects + 1ULL : 5ULL) * 512;
	uint64_t payload = (uint64_t)hdr->syssize * 16;
	uint64_t need = hdr->init_size > payload ? hdr->init_size : payload;
	uint64_t load_gpa = hdr->pref_address;
	void *out;

	if (!payload || payload > kernel->size || setup > kernel->size - payload)
		return why_set(why,
			       "%s is cut short: its header promises %s, the file has %s: copy it again",
			       kernel->path, why_size(setup + payload), why_size(kernel->size));
	if (load_gpa < LAYOUT_HIGH_GPA || load_gpa > UINT64_MAX - need)
		return why_set(why, "%s is damaged: its preferred address is %#llx", kernel->path,
			       (unsigned long long)load_gpa);
	if (load_gpa + need > boot->in->ram->low)
		return why_set(why,
			       "%s needs memory up to %s to unpack itself (%s at %#llx), and the guest has %s%s: give it more with -m",
			       kernel->path, why_size(load_gpa + need), why_size(need),
			       (unsigned long long)load_gpa, why_size(boot->in->ram->low),
			       boot->in->ram->high ? " below 4 GiB" : "");

	out = place_at(&boot->place, load_gpa, need, "the kernel", why);
	if (!out)
		return -1;
	memcpy(out, kernel->data + setup, payload);
	return boot_enter_long64(boot, load_gpa + ENTRY_64, why);
}

/* Several initrds become one: the kernel unpacks a sequence of archives. */
static int load_initrd(struct boot *boot, struct setup_header *hdr, struct why *why)
{
	const struct boot_input *in = boot->in;
	uint64_t limit = hdr->initrd_addr_max ? hdr->initrd_addr_max + 1ULL : 0x38000000;
	uint64_t len = 0, gpa;
	uint8_t *out;

	for (unsigned int i = 0; i < in->initrds; i++)
		len += (in->initrd[i].size + 3) & ~3ULL;
	if (!len)
		return 0;
	if (len > UINT32_MAX)
		return why_set(why, "--initrd: %s in all; Linux takes less than 4 GiB",
			       why_size(len));
	out = place_top(&boot->place, limit, len, "the initial RAM disk", &gpa, why);
	if (!out)
		return -1;

	for (unsigned int i = 0; i < in->initrds; i++) {
		memcpy(out, in->initrd[i].data, in->initrd[i].size);
		out += (in->initrd[i].size + 3) & ~3ULL;
	}
	hdr->ramdisk_image = gpa;
	hdr->ramdisk_size = len;
	return 0;
}

static void write_e820(const struct boot *boot, struct boot_params *params)
{
	struct e820_range range[E820_MAX];
	unsigned int count = e820_build(boot->in->ram, range);

	for (unsigned int i = 0; i < count; i++) {
		params->e820_table[i].addr = range[i].gpa;
		params->e820_table[i].size = range[i].len;
		params->e820_table[i].type = range[i].type;
	}
	params->e820_entries = count;
}

int linux_load(struct boot *boot, struct why *why)
{
	struct boot_params *params;
	struct setup_header hdr;
	uint64_t cmdline_gpa;

	if (read_header(boot->in->kernel, &hdr, why))
		return -1;
	params = place_at(&boot->place, LAYOUT_INFO_GPA, LAYOUT_INFO_LEN, "the zero page", why);
	if (!params || load_kernel(boot, &hdr, why) || load_initrd(boot, &hdr, why))
		return -1;
	cmdline_gpa = boot_cmdline(boot, hdr.cmdline_size ? hdr.cmdline_size : CMDLINE_DEFAULT,
				   why);
	if (!cmdline_gpa)
		return -1;

	hdr.type_of_loader = LOADER_UNDEFINED;
	hdr.cmd_line_ptr = cmdline_gpa;
	hdr.vid_mode = 0xffff;
	memset(params, 0, sizeof(*params));
	params->hdr = hdr;
	params->acpi_rsdp_addr = boot->rsdp_gpa;
	write_e820(boot, params);

	boot->regs->gpr[VMM_REG_RSI] = LAYOUT_INFO_GPA;
	return 0;
}
