/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * pvpanic, ISA kind: a byte port by which a guest tells that it panicked. It
 * has ACPI device QEMU0001, which common drivers look for.
 */
#ifndef VMRUN_DEV_PVPANIC_H
#define VMRUN_DEV_PVPANIC_H

#include "pio.h"

#define PVPANIC_PORT		0x505
#define PVPANIC_PANICKED	0x01
#define PVPANIC_CRASH_LOADED	0x02	/* a crash kernel takes over */

struct pvpanic {
	/* @events: PVPANIC_*, at least one. A vCPU's thread. */
	void (*tell)(void *ctx, unsigned int events);
	void *ctx;
};

/* The struct's members are filled in by the caller. */
void pvpanic_init(struct pvpanic *pvpanic, struct pio *pio);

#endif /* VMRUN_DEV_PVPANIC_H */
