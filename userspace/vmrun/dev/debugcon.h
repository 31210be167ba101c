/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Debug console at port 0xe9, the same for firmware at 0x402, and test device at
 * port 0xf4: what small kernels and their test runners use where they have no
 * driver yet.
 */
#ifndef VMRUN_DEV_DEBUGCON_H
#define VMRUN_DEV_DEBUGCON_H

#include <stdint.h>

#include "pio.h"

struct debugcon {
	void (*put)(void *ctx, uint8_t byte);
	void (*code)(void *ctx, uint32_t value);	/* the guest ends the run */
	void *ctx;
};

void debugcon_init(struct debugcon *debugcon, struct pio *pio);

#endif /* VMRUN_DEV_DEBUGCON_H */
