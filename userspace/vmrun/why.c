// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Texts of failure. struct why belongs to the caller, usually on its stack;
 * nothing here allocates, so it works when memory has run out.
 */
#include "why.h"

#include <stdarg.h>
#include <stdio.h>

/* Texts that why_size() has handed out. */
static __thread char size_ring[4][32];
static __thread unsigned int size_next;

int why_set(struct why *why, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why->text, sizeof(why->text), format, args);
	va_end(args);
	return -1;
}

const char *why_size(uint64_t bytes)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB" };
	double value = bytes;
	unsigned int unit = 0;
	char *out = size_ring[size_next++ % 4];

	while (value >= 1024 && unit < 4) {
		value /= 1024;
		unit++;
	}
	snprintf(out, sizeof(size_ring[0]), unit && value != (uint64_t)value ? "%.1f %s" : "%.0f %s",
		 value, units[unit]);
	return out;
}
