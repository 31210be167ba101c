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

static const struct pio_region *find(const struct pio *pio, uint32_t port, unsigned int size)
{
	for (unsigned int i = 0; i < pio->count; i++) {
		const struct pio_region *region = &pio->region[i];

		if (port >= region->port && port + size <= (uint32_t)region->port + region->len)
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
	if (region && (region->sizes & size)) {
		*value = region->read(region->ctx, port - region->port, size) & all_ones(size);
		return true;
	}
	for (unsigned int i = 0; i < size; i++) {
		region = find(pio, (uint32_t)port + i, 1);
		if (!region || !region->split)
			continue;
		*value &= ~(0xffU << 8 * i);
		*value |= (region->read(region->ctx, port + i - region->port, 1) & 0xff) << 8 * i;
		claimed = true;
	}
	return claimed;
}

bool pio_write(const struct pio *pio, uint16_t port, unsigned int size, uint32_t value)
{
	const struct pio_region *region = find(pio, port, size);
	bool claimed = false;

	if (region && (region->sizes & size)) {
		region->write(region->ctx, port - region->port, size, value & all_ones(size));
		return true;
	}
	for (unsigned int i = 0; i < size; i++) {
		region = find(pio, (uint32_t)port + i, 1);
		if (!region || !region->split)
			continue;
		region->write(region->ctx, port + i - region->port, 1, value >> 8 * i & 0xff);
		claimed = true;
	}
	return claimed;
}
