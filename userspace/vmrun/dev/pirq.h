/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The PCI interrupt router of an ISA bridge: eight PIRQ pins, each steered to
 * one of the 8259 pins that permit it. PIRQn is line n of the PCI bus.
 *
 * Intel ICH data sheets, "PIRQx_ROUT".
 */
#ifndef VMRUN_DEV_PIRQ_H
#define VMRUN_DEV_PIRQ_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define PIRQ_PINS		8
#define PIRQ_OFF		0x80	/* register value: not routed */
#define PIRQ_PERMITTED		0xdef8	/* 8259 pins 3-7, 9-12, 14, 15 */

struct pirq {
	pthread_mutex_t lock;		/* a leaf; held when irq is called */
	uint8_t reg[PIRQ_PINS];
	bool level[PIRQ_PINS];		/* of the PCI line */
	void (*irq)(void *ctx, unsigned int irq, bool level);	/* changes only */
	void *ctx;
};

void pirq_init(struct pirq *pirq, void (*irq)(void *ctx, unsigned int irq, bool level),
	       void *ctx);
void pirq_fini(struct pirq *pirq);

/* The board's routing: what firmware would choose. */
void pirq_reset(struct pirq *pirq);

void pirq_set_line(struct pirq *pirq, unsigned int pin, bool level);

/* Write a routing register. An assertion moves along. Returns what it reads as. */
uint8_t pirq_route(struct pirq *pirq, unsigned int pin, uint8_t value);

/* 8259 pin that @reg routes to; 0: none, as pin 0 is not permitted. */
unsigned int pirq_irq(uint8_t reg);

/* pirq_reset()'s routing. */
uint8_t pirq_initial(unsigned int pin);

#endif /* VMRUN_DEV_PIRQ_H */
