// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Image recognition and all loaders on arbitrary bytes. The first byte chooses
 * a prefix that gets past recognition, so that no loader starves. Whatever the
 * bytes: no access outside of image and guest memory, and either an error with
 * a text or an entry point.
 */
#include "boot/boot.h"

#include <stdlib.h>
#include <string.h>

#define MEMORY	(32ULL << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void force_kind(uint8_t *bytes, size_t size, unsigned int kind)
{
	uint32_t flags, magic = 0x1badb002, checksum;

	switch (kind % 4) {
	case 1:
		if (size > 0x206)
			memcpy(bytes + 0x202, "HdrS", 4);
		break;
	case 2:
		if (size > 7)
			memcpy(bytes, "\177ELF\002\001\001", 7);
		break;
	case 3:
		if (size < 12)
			break;
		memcpy(&flags, bytes + 4, 4);
		flags &= 0x10007;
		checksum = -(magic + flags);
		memcpy(bytes, &magic, 4);
		memcpy(bytes + 4, &flags, 4);
		memcpy(bytes + 8, &checksum, 4);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image kernel = { "fuzz", NULL, size - 1 };
	struct image initrd = { "initrd", (uint8_t *)"initrd", 6 };
	struct vmm_regs regs = { 0 };
	struct vmm_ram ram;
	struct boot_input in = { &kernel, &initrd, 1, "console=ttyS0", 1, &ram };
	struct why why = { "" };

	if (size < 2 || vmm_ram_create(&ram, MEMORY))
		return 0;
	kernel.data = malloc(kernel.size);
	memcpy(kernel.data, data + 1, kernel.size);
	force_kind(kernel.data, kernel.size, data[0]);

	if (boot_load(&in, &regs, &why)) {
		if (!why.text[0])
			abort();
	} else if (!regs.rflags) {
		abort();
	}
	image_free(&kernel);
	vmm_ram_destroy(&ram);
	return 0;
}
