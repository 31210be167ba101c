// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * ACPI power management timer. See vpmtmr.h; each read computes the count from
 * the time passed since zero, so no rounding error ever adds up.
 */
#include "vpmtmr.h"

#define NS_PER_SECOND	1000000000UL

void vpmtmr_reset(struct vpmtmr *v, u64 now, u8 bits)
{
	*v = (struct vpmtmr) { .base_ns = now, .bits = bits };
}

bool vpmtmr_check(const struct vpmtmr *v)
{
	return v->bits == 24 || v->bits == 32;
}

enum vdev_result vpmtmr_access(const struct vpmtmr *v, u64 now, u32 offset, u32 size,
			       bool write, u64 *value)
{
	u64 ticks;

	if (offset || size != 4)
		return VDEV_UNHANDLED;
	if (!write) {
		/* Unsigned difference: a copy restored with an earlier @now wraps. */
		ticks = mul_u64_u64_div_u64(now - v->base_ns, VPMTMR_HZ, NS_PER_SECOND);
		*value = ticks & (BIT_ULL(v->bits) - 1);
	}
	return VDEV_HANDLED;
}
