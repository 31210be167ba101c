// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Memory sizes and the number of processors in RTC memory, for guests that ask
 * there instead of reading a memory map.
 *
 * Sizes saturate: a 16-bit field of 64 KiB units ends at 4 GiB.
 *
 * Offsets: IBM PC AT Technical Reference, "Real-Time Clock/CMOS RAM", and the
 * extensions that SeaBIOS and OVMF read.
 */
#include "nvram.h"

#define EQUIPMENT	0x14
#define BASE_KIB	0x15	/* 2 bytes */
#define EXTENDED_KIB	0x17	/* 2 bytes, from 1 MiB; again at 0x30 */
#define EXTENDED_AGAIN	0x30
#define ABOVE_16M	0x34	/* 2 bytes, in 64 KiB */
#define ABOVE_4G	0x5b	/* 3 bytes, in 64 KiB */
#define CPUS_LESS_ONE	0x5f

static uint64_t at_most(uint64_t value, uint64_t max)
{
	return value < max ? value : max;
}

static unsigned int put(struct nvram_byte *byte, unsigned int count, uint8_t offset,
			uint64_t value, unsigned int len)
{
	for (unsigned int i = 0; i < len; i++)
		byte[count++] = (struct nvram_byte){ offset + i, value >> 8 * i };
	return count;
}

unsigned int nvram_build(const struct vmm_ram *ram, unsigned int cpus,
			 struct nvram_byte byte[NVRAM_BYTES_MAX])
{
	uint64_t extended = at_most((ram->low >> 10) - 1024, 0xffff);
	uint64_t above_16m = ram->low > 16 << 20 ? (ram->low - (16 << 20)) >> 16 : 0;
	unsigned int count = 0;

	count = put(byte, count, EQUIPMENT, 0x02, 1);	/* a numeric co-processor */
	count = put(byte, count, BASE_KIB, 640, 2);
	count = put(byte, count, EXTENDED_KIB, extended, 2);
	count = put(byte, count, EXTENDED_AGAIN, extended, 2);
	count = put(byte, count, ABOVE_16M, at_most(above_16m, 0xffff), 2);
	count = put(byte, count, ABOVE_4G, at_most(ram->high >> 16, 0xffffff), 3);
	count = put(byte, count, CPUS_LESS_ONE, cpus - 1, 1);
	return count;
}

int nvram_write(int vm, const struct vmm_ram *ram, unsigned int cpus)
{
	struct nvram_byte byte[NVRAM_BYTES_MAX];
	unsigned int count = nvram_build(ram, cpus, byte);
	int error = 0;

	for (unsigned int i = 0; i < count && !error; i++)
		error = vmm_rtc_nvram_write(vm, byte[i].offset, byte[i].value);
	return error;
}
