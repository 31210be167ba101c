/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The two other ways a PC is reset: the reset control register at 0xcf9, which
 * the FADT names, and system control port A at 0x92.
 */
#ifndef VMRUN_DEV_RESET_H
#define VMRUN_DEV_RESET_H

#include <stdatomic.h>

#include "pio.h"

struct reset {
	atomic_uchar control;	/* as last written to 0xcf9 */
	void (*reset)(void *ctx);
	void *ctx;
};

void reset_init(struct reset *reset, struct pio *pio, void (*handler)(void *ctx), void *ctx);

#endif /* VMRUN_DEV_RESET_H */
