// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Port dispatch. The table is small enough for a linear search; an access
 * costs a VM exit to this process anyway.
 *
 * The surprising thing is what is not split: a 32-bit write to 0xcf8 is a PCI
 * configuration address, and its second byte must never reach the reset
 * register at 0xcf9.
 */
#include "pio.h"

#include <assert.h>
#include <stddef.h>

void pio_add(struct pio *pio, const struct pio_region *region)
{
	assert(pio->count < PIO_REGIONS_MAX);
	pio->region[pio->count++] = *region;
}

/* The device that takes the access in one piece. */
static const struct pio_region *find(const struct pio *pio, uint32_t port, unsigned int size)
{
	for (unsigned int i = 0; i < pio->count; i++) {
		const struct pio_region *region = &pio->region[i];

		if (port >= region->port && port + size <= (uint32_t)region->port + region->len &&
		    (region->sizes & size))
			return region;
	}
	return NULL;
}

/* The device that takes a byte out of a wider access. */
static const struct pio_region *find_byte(const struct pio *pio, uint32_t port)
{
	for (unsigned int i = 0; i < pio->count; i++) {
		const struct pio_region *region = &pio->region[i];

		if (port >= region->port && port < (uint32_t)region->port + region->len &&
		    region->split)
			return region;
	}
	return NULL;
}

static uint32_t all_ones(unsigned int size)
{
	return size == 4 ? UINT32_MAX : (1U << size * 8) - 1;
}

bool pio_read(const struct pio *pio, uint16_t port, unsigned int size, uint32_t *value)
{
	const struct pio_region *region = find(pio, port, size);
	bool claimed = false;

	*value = all_ones(size);
	if (region) {
		*value = region->read(region->ctx, port - region->port, size) & all_ones(size);
		return true;
	}
	for (unsigned int i = 0; i < size; i++) {
		region = find_byte(pio, (uint32_t)port + i);
		if (!region)
			continue;
		*value &= ~(0xffU << 8 * i);
		*value |= (region->read(region->ctx, port + i - region->port, 1) & 0xff) << 8 * i;
		claimed = true;
	}
	if (!claimed && pio->rest.read)
		claimed = pio->rest.read(pio->rest.ctx, port, size, value);
	return claimed;
}

bool pio_write(const struct pio *pio, uint16_t port, unsigned int size, uint32_t value)
{
	const struct pio_region *region = find(pio, port, size);
	bool claimed = false;

	if (region) {
		region->write(region->ctx, port - region->port, size, value & all_ones(size));
		return true;
	}
	for (unsigned int i = 0; i < size; i++) {
		region = find_byte(pio, (uint32_t)port + i);
		if (!region)
			continue;
		region->write(region->ctx, port + i - region->port, 1, value >> 8 * i & 0xff);
		claimed = true;
	}
	if (!claimed && pio->rest.write)
		claimed = pio->rest.write(pio->rest.ctx, port, size, value);
	return claimed;
}
