/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The contract of a device model.
 *
 * A model is a plain struct without pointers: copying it is the snapshot. It
 * takes no lock, allocates nothing, reads no clock and prints nothing; its
 * caller serialises all calls on one instance. Time is an argument: @now is
 * VM time in nanoseconds and never runs backwards for one instance. Interrupts
 * leave through a sink (irq.h), never through a return value.
 *
 * Each model <dev> provides, with its own prefix:
 *
 *	void <dev>_reset(dev, now, ...)	power-on state
 *	enum vdev_result <dev>_access(dev, now, offset, size, write, value, irq)
 *					one guest access; @value is in for a write,
 *					out (zero-extended) for a read
 *	u64 <dev>_deadline(dev)		time of the next event, or VDEV_NEVER
 *	void <dev>_expire(dev, now, irq) run all events due at @now
 *	bool <dev>_check(dev)		is a restored copy in range? A copy that
 *					passes can be used without any fault
 *
 * After reset, access or expire the caller asks deadline() and arms one timer.
 * expire() before the deadline does nothing; expire() long after it runs the
 * missed events in bounded time and leaves deadline() > @now.
 */
#ifndef VMM_IO_VDEV_H
#define VMM_IO_VDEV_H

#include "env.h"

#define VDEV_NEVER	U64_MAX

enum vdev_result {
	VDEV_HANDLED,
	VDEV_UNHANDLED,		/* not this device's: the bus answers */
	VDEV_GP,		/* architectural refusal: inject #GP(0) */
};

#endif /* VMM_IO_VDEV_H */
