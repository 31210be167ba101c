/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ACPI PM block: power button, power-off, general-purpose events. The PM timer
 * in its middle is the kernel's.
 */
#ifndef VMRUN_DEV_ACPI_PM_H
#define VMRUN_DEV_ACPI_PM_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "pio.h"

struct acpi_pm_sink {
	void (*power_off)(void *ctx);
	void (*sci)(void *ctx, bool level);	/* changes only */
	void *ctx;
};

struct acpi_pm {
	pthread_mutex_t lock;
	uint16_t status, enable, control;
	uint16_t gpe_status, gpe_enable;
	bool sci;
	struct acpi_pm_sink sink;
};

void acpi_pm_init(struct acpi_pm *pm, struct pio *pio, const struct acpi_pm_sink *sink);
void acpi_pm_fini(struct acpi_pm *pm);

/* Press the button. False if the guest has not enabled it and will not notice. */
bool acpi_pm_press(struct acpi_pm *pm);

/* General-purpose event @event, 0..15, as a device of the board raises it. */
void acpi_pm_event(struct acpi_pm *pm, unsigned int event);

#endif /* VMRUN_DEV_ACPI_PM_H */
