/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A local APIC with a clock and a recording sink, as its tests drive it.
 */
#ifndef VMM_UNIT_VLAPIC_DRIVER_H
#define VMM_UNIT_VLAPIC_DRIVER_H

#include <stdlib.h>
#include "sink.h"
#include "vlapic.h"

struct apic {
	struct sink sink;
	struct vlapic v;
	struct vlapic_time t;
};

/* TSC of 1 GHz, so that it equals VM time until a test says otherwise. */
static inline void apic_init(struct apic *a, u32 id, bool bsp)
{
	sink_init(&a->sink);
	a->t = (struct vlapic_time) { .ns = 1000000, .tsc = 1000000 };
	vlapic_reset(&a->v, id, bsp, 1000000);
}

static inline void apic_pass(struct apic *a, u64 ns)
{
	a->t.ns += ns;
	a->t.tsc += ns;
}

static inline enum vdev_result mmio(struct apic *a, u32 offset, u32 size, bool write,
				    u64 *value)
{
	return vlapic_mmio(&a->v, &a->t, offset, size, write, value, &a->sink.irq);
}

static inline u32 rd(struct apic *a, u32 offset)
{
	u64 value = ~0ULL;

	if (mmio(a, offset, 4, false, &value) != VDEV_HANDLED || value > U32_MAX)
		abort();
	return value;
}

static inline void wr(struct apic *a, u32 offset, u32 data)
{
	u64 value = data;

	if (mmio(a, offset, 4, true, &value) != VDEV_HANDLED)
		abort();
}

static inline enum vdev_result msr(struct apic *a, u32 index, bool write, u64 *value)
{
	return vlapic_msr(&a->v, &a->t, index, write, value, &a->sink.irq);
}

static inline u64 msr_read(struct apic *a, u32 index)
{
	u64 value = ~0ULL;

	if (msr(a, index, false, &value) != VDEV_HANDLED)
		abort();
	return value;
}

static inline enum vdev_result msr_write(struct apic *a, u32 index, u64 value)
{
	return msr(a, index, true, &value);
}

static inline u64 base_read(struct apic *a)
{
	u64 value = 0;

	if (vlapic_apicbase(&a->v, false, &value) != VDEV_HANDLED)
		abort();
	return value;
}

static inline enum vdev_result base_write(struct apic *a, u64 value)
{
	return vlapic_apicbase(&a->v, true, &value);
}

#endif /* VMM_UNIT_VLAPIC_DRIVER_H */
