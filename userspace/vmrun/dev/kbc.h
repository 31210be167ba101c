/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * An i8042 keyboard controller with nothing plugged in: for guests that reset
 * the machine or open the A20 gate through it.
 */
#ifndef VMRUN_DEV_KBC_H
#define VMRUN_DEV_KBC_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "pio.h"

struct kbc {
	pthread_mutex_t lock;
	uint8_t mode;		/* command byte */
	uint8_t command;	/* waits for its data byte at 0x60; 0: none */
	uint8_t output;
	bool output_full;
	void (*reset)(void *ctx);
	void *ctx;
};

void kbc_init(struct kbc *kbc, struct pio *pio, void (*reset)(void *ctx), void *ctx);
void kbc_fini(struct kbc *kbc);

#endif /* VMRUN_DEV_KBC_H */
