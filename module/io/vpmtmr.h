/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ACPI power management timer (ACPI specification, "Power Management Timer"):
 * a free-running read-only counter of 3.579545 MHz.
 *
 * One per VM. It never changes after reset, so readers need no lock. It raises
 * nothing: the overflow status bit belongs to the runner's ACPI registers, and
 * there is no deadline.
 */
#ifndef VMM_IO_VPMTMR_H
#define VMM_IO_VPMTMR_H

#include "env.h"
#include "vdev.h"

#define VPMTMR_HZ	3579545

/*
 * @base_ns	VM time at which the counter was zero
 * @bits	width of the counter: 24 or 32 (FADT flag TMR_VAL_EXT)
 */
struct vpmtmr {
	u64 base_ns;
	u8  bits;
	u8  pad[7];
};

/* Start from zero; @bits is 24 or 32. */
void vpmtmr_reset(struct vpmtmr *v, u64 now, u8 bits);

/* Is a restored copy in range? */
bool vpmtmr_check(const struct vpmtmr *v);

/*
 * Access to the register block of four bytes, @offset from its first port. Only
 * a dword at 0 is VDEV_HANDLED; writes are ignored.
 */
enum vdev_result vpmtmr_access(const struct vpmtmr *v, u64 now, u32 offset, u32 size,
			       bool write, u64 *value);

#endif /* VMM_IO_VPMTMR_H */
