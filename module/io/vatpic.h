/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The PC's pair of 8259A interrupt controllers with edge/level control
 * registers (8259A data sheet; ELCR as in the ICH data sheets).
 *
 * One per VM; the caller's 8259 lock serialises. A pin counts its asserts. The
 * slave's output is not latched in the master: master pin 2 is high exactly
 * while the slave has something to offer.
 *
 * Surprise: like the part, INTR drops during an INTA cycle even if more waits,
 * so the sink may see intr(false) and intr(true) within one vatpic_ack().
 *
 * Left out: MCS-80 mode, single and buffered mode, ICW3 (the cascade is wired),
 * ICW1's request for level triggering (ELCR rules).
 *
 * Of the sink, intr and isa_ended are used. No time passes here: there is no deadline.
 */
#ifndef VMM_IO_VATPIC_H
#define VMM_IO_VATPIC_H

#include "env.h"
#include "irq.h"
#include "vdev.h"

#define VATPIC_PINS		16

#define VATPIC_PORT_MASTER	0x20		/* and 0x21 */
#define VATPIC_PORT_SLAVE	0xa0		/* and 0xa1 */
#define VATPIC_PORT_ELCR	0x4d0		/* and 0x4d1 */

/*
 * One 8259A.
 * @asserts	sources holding the pin up, saturating
 * @request	IRR; bit 2 of the master is computed when needed
 * @service	ISR
 * @mask	IMR
 * @elcr	bit n: pin n is level-triggered
 * @base	vector of pin 0
 * @lowest	pin of lowest priority, 0..7
 * @init	next initialisation word expected, 2..4; 0: initialised
 * @flags	VATPIC_*
 */
struct vatpic_chip {
	u32 asserts[8];
	u8  request;
	u8  service;
	u8  mask;
	u8  elcr;
	u8  base;
	u8  lowest;
	u8  init;
	u8  flags;
};

#define VATPIC_READY		0x01	/* initialised once: pins are heard */
#define VATPIC_AEOI		0x02
#define VATPIC_ROTATE_AEOI	0x04
#define VATPIC_SFNM		0x08
#define VATPIC_SMM		0x10	/* special mask mode */
#define VATPIC_READ_ISR		0x20
#define VATPIC_POLL		0x40	/* next read is a poll */

struct vatpic {
	struct vatpic_chip chip[2];	/* master, slave */
	u8 intr;			/* level of the master's output */
	u8 pad[3];
};

/* Power-on: not initialised, pins ignored, all edge-triggered. */
void vatpic_reset(struct vatpic *v);

/* Is a restored copy in range? */
bool vatpic_check(const struct vatpic *v);

/* Ports 20, 21, a0, a1, 4d0, 4d1; VDEV_UNHANDLED for others and if @size != 1. */
enum vdev_result vatpic_access(struct vatpic *v, u32 port, u32 size, bool write,
			       u64 *value, const struct irq_sink *irq);

/* Drive pin 0..15 except 2; others are ignored. */
void vatpic_pin(struct vatpic *v, unsigned int pin, enum irq_op op,
		const struct irq_sink *irq);

/* ELCR bit of a pin. False: no such pin, or level on 0, 1, 2, 8, 13. */
bool vatpic_set_trigger(struct vatpic *v, unsigned int pin, bool level,
			const struct irq_sink *irq);

/* Level of INTR. */
static inline bool vatpic_intr(const struct vatpic *v)
{
	return v->intr;
}

/*
 * INTA cycle: take the highest request and return its vector 0..255. With
 * nothing left to take it is spurious: base + 7, not in service.
 */
int vatpic_ack(struct vatpic *v, const struct irq_sink *irq);

#endif /* VMM_IO_VATPIC_H */
