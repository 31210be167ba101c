// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * PIRQ routing. Several pins may share an 8259 pin: it is high while one of
 * them is.
 *
 * The initial routing agrees with the table that SeaBIOS has built in for a
 * board of this kind: it fills in interrupt-line registers by slot and pin
 * without asking the router.
 */
#include "dev/pirq.h"

#include <string.h>

#define REG_BITS	0x8f

unsigned int pirq_irq(uint8_t reg)
{
	unsigned int irq = reg & 0x0f;

	return !(reg & PIRQ_OFF) && (PIRQ_PERMITTED >> irq & 1) ? irq : 0;
}

uint8_t pirq_initial(unsigned int pin)
{
	return pin % 4 < 2 ? 10 : 11;
}

static bool irq_level(const struct pirq *pirq, unsigned int irq)
{
	for (unsigned int i = 0; i < PIRQ_PINS; i++)
		if (pirq->level[i] && pirq_irq(pirq->reg[i]) == irq)
			return true;
	return false;
}

/* Change one pin and let the 8259 pins that it touches follow. */
static void change(struct pirq *pirq, unsigned int pin, uint8_t reg, bool level)
{
	unsigned int irq[2] = { pirq_irq(pirq->reg[pin]), pirq_irq(reg) };
	bool before[2] = { irq_level(pirq, irq[0]), irq_level(pirq, irq[1]) };

	pirq->reg[pin] = reg;
	pirq->level[pin] = level;
	for (unsigned int i = 0; i < (irq[0] == irq[1] ? 1 : 2); i++)
		if (irq[i] && irq_level(pirq, irq[i]) != before[i])
			pirq->irq(pirq->ctx, irq[i], !before[i]);
}

void pirq_init(struct pirq *pirq, void (*irq)(void *ctx, unsigned int irq, bool level),
	       void *ctx)
{
	*pirq = (struct pirq){ .irq = irq, .ctx = ctx };
	pthread_mutex_init(&pirq->lock, NULL);
	memset(pirq->reg, PIRQ_OFF, sizeof(pirq->reg));
}

void pirq_fini(struct pirq *pirq)
{
	pthread_mutex_destroy(&pirq->lock);
}

void pirq_reset(struct pirq *pirq)
{
	for (unsigned int i = 0; i < PIRQ_PINS; i++)
		pirq_route(pirq, i, pirq_initial(i));
}

void pirq_set_line(struct pirq *pirq, unsigned int pin, bool level)
{
	pthread_mutex_lock(&pirq->lock);
	change(pirq, pin, pirq->reg[pin], level);
	pthread_mutex_unlock(&pirq->lock);
}

uint8_t pirq_route(struct pirq *pirq, unsigned int pin, uint8_t value)
{
	pthread_mutex_lock(&pirq->lock);
	change(pirq, pin, value & REG_BITS, pirq->level[pin]);
	pthread_mutex_unlock(&pirq->lock);
	return value & REG_BITS;
}
