/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Guest-side clocks for tests of timers: all are measured against the TSC,
 * whose frequency the host tells.
 *
 * An emulated or loaded host runs the guest in fits and starts. A rate is
 * therefore measured over the time between two readings, and each reading is
 * the shortest of several: TSC, device, TSC.
 */
#ifndef KDEV_CLOCK_H
#define KDEV_CLOCK_H

#include "guest_code.h"

struct reading {
	uint64_t tsc;
	uint64_t device;
};

#define G_READ(device_value) ({							\
	uint64_t _best = ~0ULL, _before, _after, _value;			\
	struct reading _reading = {};						\
	int _try;								\
										\
	for (_try = 0; _try < 8; _try++) {					\
		_before = rdtsc();						\
		_value = (device_value);					\
		_after = rdtsc();						\
		if (_after - _before >= _best)					\
			continue;						\
		_best = _after - _before;					\
		_reading = (struct reading) { _before + _best / 2, _value };	\
	}									\
	_reading;								\
})

static inline void g_tsc_wait(uint64_t ticks)
{
	uint64_t end = rdtsc() + ticks;

	while (rdtsc() < end)
		asm volatile("pause");
}

#endif /* KDEV_CLOCK_H */
