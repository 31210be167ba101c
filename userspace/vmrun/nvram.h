/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a PC's firmware leaves in the RTC's battery-backed bytes.
 */
#ifndef VMRUN_NVRAM_H
#define VMRUN_NVRAM_H

#include <libvmm.h>

struct nvram_byte {
	uint8_t offset;
	uint8_t value;
};

#define NVRAM_BYTES_MAX	16

/* Returns the number of bytes filled in. Pure. */
unsigned int nvram_build(const struct vmm_ram *ram, unsigned int cpus,
			 struct nvram_byte byte[NVRAM_BYTES_MAX]);

/* 0 or a negative errno. */
int nvram_write(int vm, const struct vmm_ram *ram, unsigned int cpus);

#endif /* VMRUN_NVRAM_H */
