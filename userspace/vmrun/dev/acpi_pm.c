// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * PM1 event and control registers, GPE registers. The lock is the device's own; the sink is
 * called with it held.
 *
 * There is no SMI and hence no switch to ACPI mode: SCI_EN reads as one, and
 * the SCI follows status and enable alone.
 *
 * ACPI Specification, "PM1 Event Grouping", "PM1 Control Grouping".
 */
#include "dev/acpi_pm.h"

#include "boot/acpi.h"

#define PM1_POWER_BUTTON	(1u << 8)
#define PM1_STATUS_BITS		0x8731u	/* those the specification defines */
#define PM1_ENABLE_BITS		0x0721u
#define CONTROL_SCI_EN		(1u << 0)
#define CONTROL_SLEEP_EN	(1u << 13)
#define CONTROL_SLEEP_TYPE(c)	((c) >> 10 & 7)
#define CONTROL_KEPT		0x1c03u	/* SCI_EN, bus-master reload, SLP_TYP */

static void update(struct acpi_pm *pm)
{
	bool level = (pm->status & pm->enable) | (pm->gpe_status & pm->gpe_enable);

	if (level == pm->sci)
		return;
	pm->sci = level;
	pm->sink.sci(pm->sink.ctx, level);
}

static uint32_t read_event(void *ctx, unsigned int offset, unsigned int size)
{
	struct acpi_pm *pm = ctx;
	uint32_t both;

	(void)size;
	pthread_mutex_lock(&pm->lock);
	both = pm->status | (uint32_t)pm->enable << 16;
	pthread_mutex_unlock(&pm->lock);
	return both >> 8 * offset;
}

static void write_event(void *ctx, unsigned int offset, unsigned int size, uint32_t value)
{
	struct acpi_pm *pm = ctx;
	uint64_t mask = ((1ULL << 8 * size) - 1) << 8 * offset;
	uint64_t bits = (uint64_t)value << 8 * offset;
	uint16_t enable_mask = mask >> 16;

	pthread_mutex_lock(&pm->lock);
	pm->status &= ~(bits & PM1_STATUS_BITS);
	pm->enable = (pm->enable & ~enable_mask) | (bits >> 16 & enable_mask & PM1_ENABLE_BITS);
	update(pm);
	pthread_mutex_unlock(&pm->lock);
}

static uint32_t read_control(void *ctx, unsigned int offset, unsigned int size)
{
	struct acpi_pm *pm = ctx;
	uint32_t value;

	(void)size;
	pthread_mutex_lock(&pm->lock);
	value = (pm->control | CONTROL_SCI_EN) >> 8 * offset;
	pthread_mutex_unlock(&pm->lock);
	return value;
}

static void write_control(void *ctx, unsigned int offset, unsigned int size, uint32_t value)
{
	struct acpi_pm *pm = ctx;
	uint32_t mask = ((1u << 8 * size) - 1) << 8 * offset;
	uint32_t bits = value << 8 * offset;

	pthread_mutex_lock(&pm->lock);
	pm->control = (pm->control & ~mask) | (bits & mask & CONTROL_KEPT);
	if ((bits & CONTROL_SLEEP_EN) && CONTROL_SLEEP_TYPE(pm->control) == BOARD_S5_TYPE)
		pm->sink.power_off(pm->sink.ctx);
	pthread_mutex_unlock(&pm->lock);
}

static uint32_t read_gpe(void *ctx, unsigned int offset, unsigned int size)
{
	struct acpi_pm *pm = ctx;
	uint32_t both;

	(void)size;
	pthread_mutex_lock(&pm->lock);
	both = pm->gpe_status | (uint32_t)pm->gpe_enable << 16;
	pthread_mutex_unlock(&pm->lock);
	return both >> 8 * offset;
}

static void write_gpe(void *ctx, unsigned int offset, unsigned int size, uint32_t value)
{
	struct acpi_pm *pm = ctx;
	uint64_t mask = ((1ULL << 8 * size) - 1) << 8 * offset;
	uint64_t bits = (uint64_t)value << 8 * offset;
	uint16_t enable_mask = mask >> 16;

	pthread_mutex_lock(&pm->lock);
	pm->gpe_status &= ~bits;
	pm->gpe_enable = (pm->gpe_enable & ~enable_mask) | (bits >> 16 & enable_mask);
	update(pm);
	pthread_mutex_unlock(&pm->lock);
}

void acpi_pm_event(struct acpi_pm *pm, unsigned int event)
{
	pthread_mutex_lock(&pm->lock);
	pm->gpe_status |= 1u << event;
	update(pm);
	pthread_mutex_unlock(&pm->lock);
}

bool acpi_pm_press(struct acpi_pm *pm)
{
	bool enabled;

	pthread_mutex_lock(&pm->lock);
	enabled = pm->enable & PM1_POWER_BUTTON;
	pm->status |= PM1_POWER_BUTTON;
	update(pm);
	pthread_mutex_unlock(&pm->lock);
	return enabled;
}

void acpi_pm_init(struct acpi_pm *pm, struct pio *pio, const struct acpi_pm_sink *sink)
{
	struct pio_region region = {
		.name = "pm1 event",
		.port = BOARD_PM1_EVENT_PORT,
		.len = 4,
		.sizes = 1 | 2 | 4,
		.read = read_event,
		.write = write_event,
		.ctx = pm,
	};

	*pm = (struct acpi_pm){ .sink = *sink };
	pthread_mutex_init(&pm->lock, NULL);
	pio_add(pio, &region);

	region.name = "gpe";
	region.port = BOARD_GPE_PORT;
	region.read = read_gpe;
	region.write = write_gpe;
	pio_add(pio, &region);

	region.name = "pm1 control";
	region.port = BOARD_PM1_CONTROL_PORT;
	region.len = 2;
	region.sizes = 1 | 2;
	region.read = read_control;
	region.write = write_control;
	pio_add(pio, &region);
}

void acpi_pm_fini(struct acpi_pm *pm)
{
	pthread_mutex_destroy(&pm->lock);
}
