/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The I/O port bus: which device answers at which port. Filled in before the
 * vCPUs start and constant from then on, so lookups take no lock; devices lock
 * themselves.
 */
#ifndef VMRUN_PIO_H
#define VMRUN_PIO_H

#include <stdbool.h>
#include <stdint.h>

#define PIO_REGIONS_MAX	32

/*
 * @sizes	access sizes the device takes at once, as a bit mask: 1 | 2 | 4
 * @split	wider accesses that touch it come byte by byte, as on an ISA bus
 * @read	@offset from @port, @size bytes
 */
struct pio_region {
	const char *name;
	uint16_t port;
	uint16_t len;
	uint8_t sizes;
	bool split;
	uint32_t (*read)(void *ctx, unsigned int offset, unsigned int size);
	void (*write)(void *ctx, unsigned int offset, unsigned int size, uint32_t value);
	void *ctx;
};

/* Asked for what no region claims: a bus behind this one. Both or neither. */
struct pio_rest {
	bool (*read)(void *ctx, uint16_t port, unsigned int size, uint32_t *value);
	bool (*write)(void *ctx, uint16_t port, unsigned int size, uint32_t value);
	void *ctx;
};

struct pio {
	struct pio_region region[PIO_REGIONS_MAX];
	unsigned int count;
	struct pio_rest rest;
};

void pio_add(struct pio *pio, const struct pio_region *region);

/* Return whether a device claimed the access; an unclaimed read is all ones. */
bool pio_read(const struct pio *pio, uint16_t port, unsigned int size, uint32_t *value);
bool pio_write(const struct pio *pio, uint16_t port, unsigned int size, uint32_t value);

#endif /* VMRUN_PIO_H */
