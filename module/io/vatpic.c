// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * 8259A pair (8259A data sheet: "Initialization Command Words", "Operation
 * Command Words", "Fully Nested Mode" and its variants; ICH data sheet: ELCR).
 * See vatpic.h for who serialises.
 *
 * Every entry point changes state and then calls update(), which works out the
 * one thing the outside sees: the level of INTR.
 */
#include "vatpic.h"

#define MASTER			0
#define SLAVE			1
#define CASCADE			2		/* master pin of the slave */
#define CASCADE_BIT		(1U << CASCADE)

#define ICW1			0x10
#define ICW4_AEOI		0x02
#define ICW4_SFNM		0x10

#define OCW2_EOI		0x20
#define OCW2_SPECIFIC		0x40
#define OCW2_ROTATE		0x80
#define OCW3			0x08
#define OCW3_READ_ISR		0x01
#define OCW3_READ		0x02
#define OCW3_POLL		0x04
#define OCW3_SMM		0x20
#define OCW3_SMM_CHANGE		0x40

#define SPURIOUS		7

static const u8 elcr_writable[2] = { 0xf8, 0xde };

static bool has(const struct vatpic_chip *c, u8 flag)
{
	return c->flags & flag;
}

static void assign(struct vatpic_chip *c, u8 flag, bool on)
{
	c->flags = on ? c->flags | flag : c->flags & ~flag;
}

/* The pin that would be taken now, from @request; -1: none. */
static int chip_winner(const struct vatpic_chip *c, u8 request, u8 blocking)
{
	int i;

	if (c->init || !has(c, VATPIC_READY))
		return -1;
	request &= ~c->mask;
	if (!request)
		return -1;
	for (i = 1; i <= 8; i++) {
		int pin = (c->lowest + i) & 7;

		if (blocking >> pin & 1)
			return -1;
		if (request >> pin & 1)
			return pin;
	}
	return -1;
}

/* In-service pins that hold back themselves and what is below them. */
static u8 chip_blocking(const struct vatpic_chip *c)
{
	return has(c, VATPIC_SMM) ? c->service & ~c->mask : c->service;
}

static int slave_winner(const struct vatpic *v)
{
	const struct vatpic_chip *c = &v->chip[SLAVE];

	return chip_winner(c, c->request, chip_blocking(c));
}

/* Master's request register as it is: pin 2 is the slave's output. */
static u8 master_request(const struct vatpic *v)
{
	u8 request = v->chip[MASTER].request & ~CASCADE_BIT;

	return slave_winner(v) >= 0 ? request | CASCADE_BIT : request;
}

static int master_winner(const struct vatpic *v)
{
	const struct vatpic_chip *c = &v->chip[MASTER];
	u8 blocking = chip_blocking(c);

	if (has(c, VATPIC_SFNM))
		blocking &= ~CASCADE_BIT;
	return chip_winner(c, master_request(v), blocking);
}

static void set_intr(struct vatpic *v, bool level, const struct irq_sink *irq)
{
	if (v->intr == level)
		return;
	v->intr = level;
	irq->intr(irq->ctx, level);
}

static void update(struct vatpic *v, const struct irq_sink *irq)
{
	set_intr(v, master_winner(v) >= 0, irq);
}

/* --- pins ----------------------------------------------------------------- */

static void pin_level(struct vatpic_chip *c, unsigned int pin, bool rise)
{
	u8 bit = 1U << pin;

	if (c->init || !has(c, VATPIC_READY))
		return;
	if (c->elcr & bit)
		c->request = c->asserts[pin] ? c->request | bit : c->request & ~bit;
	else if (rise)
		c->request |= bit;
}

void vatpic_pin(struct vatpic *v, unsigned int pin, enum irq_op op,
		const struct irq_sink *irq)
{
	struct vatpic_chip *c = &v->chip[pin / 8 & 1];
	u32 *asserts = &c->asserts[pin % 8];

	if (pin >= VATPIC_PINS || pin == CASCADE)
		return;

	switch (op) {
	case IRQ_ASSERT:
		if (*asserts == U32_MAX)
			break;
		pin_level(c, pin % 8, !(*asserts)++);
		break;
	case IRQ_DEASSERT:
		if (*asserts)
			(*asserts)--;
		pin_level(c, pin % 8, false);
		break;
	case IRQ_PULSE:
		/* An edge is remembered; a level is over when the pulse is. */
		pin_level(c, pin % 8, !*asserts);
		break;
	}
	update(v, irq);
}

static void elcr_write(struct vatpic_chip *c, u8 elcr)
{
	u8 changed = c->elcr ^ elcr;
	unsigned int pin;

	c->elcr = elcr;
	for (pin = 0; pin < 8; pin++)
		if (changed >> pin & 1)
			pin_level(c, pin, false);
}

bool vatpic_set_trigger(struct vatpic *v, unsigned int pin, bool level,
			const struct irq_sink *irq)
{
	unsigned int chip = pin / 8;
	u8 bit = 1U << (pin % 8);

	if (pin >= VATPIC_PINS || (level && !(elcr_writable[chip] & bit)))
		return false;
	elcr_write(&v->chip[chip],
		   level ? v->chip[chip].elcr | bit : v->chip[chip].elcr & ~bit);
	update(v, irq);
	return true;
}

/* --- taking and ending interrupts ----------------------------------------- */

/* The guest is through with @pin of @chip: a source may let go of it. */
static void chip_ended(struct vatpic *v, unsigned int chip, int pin,
		       const struct irq_sink *irq)
{
	struct vatpic_chip *c = &v->chip[chip];
	u32 bit = 1U << (chip * 8 + pin);

	if (!irq->isa_ended || !(irq->isa_ended(irq->ctx, bit) & bit) || !c->asserts[pin])
		return;
	c->asserts[pin]--;
	pin_level(c, pin, false);
}

static void chip_accept(struct vatpic *v, unsigned int chip, int pin,
			const struct irq_sink *irq)
{
	struct vatpic_chip *c = &v->chip[chip];
	u8 bit = 1U << pin;

	if (!(c->elcr & bit))
		c->request &= ~bit;
	if (!has(c, VATPIC_AEOI)) {
		c->service |= bit;
		return;
	}
	if (has(c, VATPIC_ROTATE_AEOI))
		c->lowest = pin;
	chip_ended(v, chip, pin, irq);
}

int vatpic_ack(struct vatpic *v, const struct irq_sink *irq)
{
	struct vatpic_chip *master = &v->chip[MASTER];
	struct vatpic_chip *slave = &v->chip[SLAVE];
	int pin = master_winner(v);
	int vector;

	if (pin < 0) {
		vector = master->base + SPURIOUS;
	} else if (pin == CASCADE) {
		/* Pin 2 is up only while the slave has a winner. */
		int slave_pin = slave_winner(v);

		vector = slave->base + slave_pin;
		chip_accept(v, SLAVE, slave_pin, irq);
		chip_accept(v, MASTER, CASCADE, irq);
	} else {
		vector = master->base + pin;
		chip_accept(v, MASTER, pin, irq);
	}
	set_intr(v, false, irq);
	update(v, irq);
	return vector;
}

/* Highest in-service pin that a non-specific EOI ends, or -1. */
static int chip_serviced(const struct vatpic_chip *c)
{
	u8 service = chip_blocking(c);
	int i;

	for (i = 1; i <= 8; i++) {
		int pin = (c->lowest + i) & 7;

		if (service >> pin & 1)
			return pin;
	}
	return -1;
}

static void ocw2_write(struct vatpic *v, unsigned int chip, u8 value,
		       const struct irq_sink *irq)
{
	struct vatpic_chip *c = &v->chip[chip];
	int pin = value & 7;

	if (value & OCW2_EOI) {
		if (!(value & OCW2_SPECIFIC))
			pin = chip_serviced(c);
		if (pin < 0)
			return;
		if (value & OCW2_ROTATE)
			c->lowest = pin;
		if (!(c->service >> pin & 1))
			return;
		c->service &= ~(1U << pin);
		chip_ended(v, chip, pin, irq);
	} else if (!(value & OCW2_SPECIFIC)) {
		assign(c, VATPIC_ROTATE_AEOI, value & OCW2_ROTATE);
	} else if (value & OCW2_ROTATE) {
		c->lowest = pin;
	}
}

static void ocw3_write(struct vatpic_chip *c, u8 value)
{
	if (value & OCW3_SMM_CHANGE)
		assign(c, VATPIC_SMM, value & OCW3_SMM);
	assign(c, VATPIC_POLL, value & OCW3_POLL);
	if (value & OCW3_READ)
		assign(c, VATPIC_READ_ISR, value & OCW3_READ_ISR);
}

/* --- initialisation ------------------------------------------------------- */

/* A PC's pair is cascaded and in x86 mode: ICW3 and ICW4 always follow. */
static void icw1_write(struct vatpic_chip *c)
{
	c->request = 0;
	c->service = 0;
	c->mask = 0;
	c->lowest = 7;
	c->flags = 0;
	c->init = 2;
}

/* ICW2..ICW4. ICW3 says nothing new: the cascade is wired. */
static void icw_write(struct vatpic_chip *c, u8 value)
{
	unsigned int pin;

	switch (c->init) {
	case 2:
		c->base = value & 0xf8;
		c->init = 3;
		return;
	case 3:
		c->init = 4;
		return;
	}
	assign(c, VATPIC_AEOI, value & ICW4_AEOI);
	assign(c, VATPIC_SFNM, value & ICW4_SFNM);
	assign(c, VATPIC_READY, true);
	c->init = 0;
	/* Levels that were up meanwhile count; edges are gone. */
	for (pin = 0; pin < 8; pin++)
		pin_level(c, pin, false);
}

/* --- ports ---------------------------------------------------------------- */

static void chip_write(struct vatpic *v, unsigned int chip, bool odd, u8 value,
		       const struct irq_sink *irq)
{
	struct vatpic_chip *c = &v->chip[chip];

	if (odd) {
		if (c->init)
			icw_write(c, value);
		else
			c->mask = value;
	} else if (value & ICW1) {
		icw1_write(c);
	} else if (value & OCW3) {
		ocw3_write(c, value);
	} else {
		ocw2_write(v, chip, value, irq);
	}
}

static u8 poll_read(struct vatpic *v, unsigned int chip, const struct irq_sink *irq)
{
	struct vatpic_chip *c = &v->chip[chip];
	int pin = chip == MASTER ? master_winner(v) : slave_winner(v);

	assign(c, VATPIC_POLL, false);
	if (pin < 0)
		return 0;
	chip_accept(v, chip, pin, irq);
	return 0x80 | pin;
}

static u8 chip_read(struct vatpic *v, unsigned int chip, bool odd, const struct irq_sink *irq)
{
	struct vatpic_chip *c = &v->chip[chip];

	if (has(c, VATPIC_POLL))
		return poll_read(v, chip, irq);
	if (odd)
		return c->mask;
	if (has(c, VATPIC_READ_ISR))
		return c->service;
	return chip == MASTER ? master_request(v) : c->request;
}

enum vdev_result vatpic_access(struct vatpic *v, u32 port, u32 size, bool write,
			       u64 *value, const struct irq_sink *irq)
{
	unsigned int chip;

	if (size != 1)
		return VDEV_UNHANDLED;

	switch (port & ~1U) {
	case VATPIC_PORT_ELCR:
		chip = port & 1;
		if (write)
			elcr_write(&v->chip[chip], *value & elcr_writable[chip]);
		else
			*value = v->chip[chip].elcr;
		break;
	case VATPIC_PORT_MASTER:
	case VATPIC_PORT_SLAVE:
		chip = (port & ~1U) == VATPIC_PORT_SLAVE ? SLAVE : MASTER;
		if (write)
			chip_write(v, chip, port & 1, (u8)*value, irq);
		else
			*value = chip_read(v, chip, port & 1, irq);
		break;
	default:
		return VDEV_UNHANDLED;
	}
	update(v, irq);
	return VDEV_HANDLED;
}

void vatpic_reset(struct vatpic *v)
{
	memset(v, 0, sizeof(*v));
	v->chip[MASTER].lowest = 7;
	v->chip[SLAVE].lowest = 7;
}

bool vatpic_check(const struct vatpic *v)
{
	unsigned int chip, pin;

	for (chip = 0; chip < 2; chip++) {
		const struct vatpic_chip *c = &v->chip[chip];

		if (c->lowest > 7 || (c->base & 7) || c->init == 1 || c->init > 4 ||
		    (c->elcr & ~elcr_writable[chip]) || (c->flags & 0x80))
			return false;
		if (c->init || !has(c, VATPIC_READY))
			continue;
		/* A level request follows its pin. */
		for (pin = 0; pin < 8; pin++)
			if (c->elcr >> pin & 1 &&
			    (c->request >> pin & 1) != !!c->asserts[pin])
				return false;
	}
	return v->intr == (master_winner(v) >= 0);
}
