// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A guest that drives fw_cfg and the flash with random port accesses, DMA
 * structures and commands. What must hold: nothing outside of its RAM and of
 * the flash is touched, items never change.
 */
#include "dev/fwcfg.h"
#include "dev/pflash.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#define RAM_LEN		4096
#define FLASH_LEN	8192
#define FLASH_GPA	0xffc00000ULL

static uint8_t *ram;

static void *hva(void *ctx, uint64_t gpa, uint64_t len)
{
	(void)ctx;
	if (len > RAM_LEN || gpa > RAM_LEN - len)
		return NULL;
	return ram + gpa;
}

static int show(void *ctx, bool on)
{
	bool *shown = ctx;

	if (*shown == on)
		abort();
	*shown = on;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
	struct fwcfg fwcfg;
	struct pflash pflash;
	struct pio pio = { 0 };
	uint8_t *flash = malloc(FLASH_LEN);
	bool shown = false;

	/* On the heap, so that a byte beyond is noticed. */
	ram = calloc(1, RAM_LEN);
	memset(flash, 0xff, FLASH_LEN);
	fwcfg_init(&fwcfg, &pio, hva, NULL);
	if (!fwcfg_add_file(&fwcfg, "a", "0123456789", 10) ||
	    !fwcfg_add_number(&fwcfg, FWCFG_CPUS, 2, 2))
		abort();
	pflash_init(&pflash, flash, FLASH_LEN, FLASH_GPA, show, &shown);
	pflash_reset(&pflash);

	for (; len >= 8; input += 8, len -= 8) {
		unsigned int size = 1U << (input[1] & 3);
		uint32_t value, out;
		uint64_t data;
		uint16_t at;

		memcpy(&at, input + 2, 2);
		memcpy(&value, input + 4, 4);
		data = value;
		switch (input[0] % 6) {
		case 0:
			if (size <= 4)
				pio_write(&pio, 0x510 + (at & 15), size, value);
			break;
		case 1:
			if (size <= 4)
				pio_read(&pio, 0x510 + (at & 15), size, &out);
			break;
		case 2:
			memcpy(ram + at % (RAM_LEN - 4), &value, 4);
			break;
		case 3:		/* a DMA structure that is likely to do something */
			out = htobe32((input[4] & 1 ? 0x20u : value) << 16 | (input[5] & 0x1f));
			memcpy(ram + at % (RAM_LEN - 16), &out, 4);
			pio_write(&pio, 0x518, 4, htobe32(at % (RAM_LEN - 16)));
			break;
		case 4:
			pflash_write(&pflash, FLASH_GPA + at % (FLASH_LEN + 8), &data, size);
			break;
		case 5:
			pflash_read(&pflash, FLASH_GPA + at % (FLASH_LEN + 8), &data, size);
			break;
		}
		if (memcmp(fwcfg_find(&fwcfg, "a")->data, "0123456789", 10) ||
		    pflash.shown != shown || shown != (pflash.mode == 0xff))
			abort();
	}
	pflash_fini(&pflash);
	fwcfg_fini(&fwcfg);
	free(ram);
	free(flash);
	return 0;
}
