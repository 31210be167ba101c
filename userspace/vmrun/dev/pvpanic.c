// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * pvpanic. Stateless: reading says which events are understood.
 */
#include "dev/pvpanic.h"

#define UNDERSTOOD	(PVPANIC_PANICKED | PVPANIC_CRASH_LOADED)

static uint32_t read_events(void *ctx, unsigned int offset, unsigned int size)
{
	(void)ctx;
	(void)offset;
	(void)size;
	return UNDERSTOOD;
}

static void write_events(void *ctx, unsigned int offset, unsigned int size, uint32_t value)
{
	struct pvpanic *pvpanic = ctx;

	(void)offset;
	(void)size;
	if (value & UNDERSTOOD)
		pvpanic->tell(pvpanic->ctx, value & UNDERSTOOD);
}

void pvpanic_init(struct pvpanic *pvpanic, struct pio *pio)
{
	struct pio_region region = { "pvpanic", PVPANIC_PORT, 1, 1, true, read_events,
				     write_events, pvpanic };

	pio_add(pio, &region);
}
