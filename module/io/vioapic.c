// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * I/O APIC (82093AA data sheet, "I/O APIC Registers"; MP specification, "I/O
 * APIC"). See vioapic.h for who serialises.
 *
 * An edge is sent when it happens or is lost; a level is sent whenever pin,
 * mask and remote IRR allow, which is looked at after every change of one of
 * the three.
 */
#include "vioapic.h"

#define RTE_WRITABLE	(VIOAPIC_RTE_VECTOR | VIOAPIC_RTE_MODE | \
			 VIOAPIC_RTE_LOGICAL | VIOAPIC_RTE_LOW | \
			 VIOAPIC_RTE_LEVEL | VIOAPIC_RTE_MASKED | \
			 0xffULL << VIOAPIC_RTE_DEST_SHIFT)
#define ID_BITS		0x0f000000U

static u8 rte_mode(u64 rte)
{
	return (rte & VIOAPIC_RTE_MODE) >> VIOAPIC_RTE_MODE_SHIFT;
}

/* Level-triggered with an EOI to come. */
static bool rte_is_level(u64 rte)
{
	return (rte & VIOAPIC_RTE_LEVEL) && rte_mode(rte) <= LAPIC_LOWEST;
}

static void send(struct vioapic *v, unsigned int pin, const struct irq_sink *irq)
{
	u64 rte = v->rte[pin];
	struct lapic_msg msg = {
		.dest = rte >> VIOAPIC_RTE_DEST_SHIFT,
		.vector = rte & VIOAPIC_RTE_VECTOR,
		.delivery = rte_mode(rte),
		.logical = rte & VIOAPIC_RTE_LOGICAL,
		.level = rte_is_level(rte),
	};

	if (msg.level)
		v->rte[pin] |= VIOAPIC_RTE_REMOTE_IRR;
	irq->msg(irq->ctx, &msg);
}

static void send_level(struct vioapic *v, unsigned int pin, const struct irq_sink *irq)
{
	u64 rte = v->rte[pin];

	if (v->asserts[pin] && rte_is_level(rte) &&
	    !(rte & (VIOAPIC_RTE_MASKED | VIOAPIC_RTE_REMOTE_IRR)))
		send(v, pin, irq);
}

static void pin_rise(struct vioapic *v, unsigned int pin, const struct irq_sink *irq)
{
	if (rte_is_level(v->rte[pin]))
		send_level(v, pin, irq);
	else if (!(v->rte[pin] & VIOAPIC_RTE_MASKED))
		send(v, pin, irq);
}

void vioapic_pin(struct vioapic *v, unsigned int pin, enum irq_op op,
		 const struct irq_sink *irq)
{
	if (pin >= VIOAPIC_PINS)
		return;

	switch (op) {
	case IRQ_ASSERT:
		if (v->asserts[pin] == U32_MAX)
			break;
		if (!v->asserts[pin]++)
			pin_rise(v, pin, irq);
		break;
	case IRQ_DEASSERT:
		if (v->asserts[pin])
			v->asserts[pin]--;
		break;
	case IRQ_PULSE:
		/* Between other sources' asserts the pin does not move. */
		if (v->asserts[pin])
			break;
		v->asserts[pin] = 1;
		pin_rise(v, pin, irq);
		v->asserts[pin] = 0;
		break;
	}
}

void vioapic_eoi(struct vioapic *v, u8 vector, const struct irq_sink *irq)
{
	const u64 remote_irr = VIOAPIC_RTE_REMOTE_IRR;
	u32 ended = 0, let_go;
	unsigned int pin;

	for (pin = 0; pin < VIOAPIC_PINS; pin++)
		if ((v->rte[pin] & remote_irr) &&
		    (v->rte[pin] & VIOAPIC_RTE_VECTOR) == vector)
			ended |= 1U << pin;
	if (!ended)
		return;
	let_go = irq->ended ? irq->ended(irq->ctx, ended) : 0;
	for (pin = 0; pin < VIOAPIC_PINS; pin++) {
		if (!(ended >> pin & 1))
			continue;
		v->rte[pin] &= ~remote_irr;
		if ((let_go >> pin & 1) && v->asserts[pin])
			v->asserts[pin]--;
		send_level(v, pin, irq);
	}
}

static u32 indirect_read(const struct vioapic *v)
{
	unsigned int index = v->select - VIOAPIC_REDTBL;

	switch (v->select) {
	case VIOAPIC_ID:
	case VIOAPIC_ARB:
		return v->id;
	case VIOAPIC_VER:
		return VIOAPIC_VERSION | (VIOAPIC_PINS - 1) << 16;
	}
	if (v->select < VIOAPIC_REDTBL || index >= 2 * VIOAPIC_PINS)
		return 0;
	return (u32)(v->rte[index / 2] >> (index % 2 * 32));
}

static void indirect_write(struct vioapic *v, u32 value, const struct irq_sink *irq)
{
	unsigned int index = v->select - VIOAPIC_REDTBL;
	unsigned int shift = index % 2 * 32;
	unsigned int pin = index / 2;
	u64 bits, rte;

	if (v->select == VIOAPIC_ID) {
		v->id = value & ID_BITS;
		return;
	}
	if (v->select < VIOAPIC_REDTBL || pin >= VIOAPIC_PINS)
		return;

	bits = RTE_WRITABLE & ((u64)U32_MAX << shift);
	rte = (v->rte[pin] & ~bits) | ((u64)value << shift & bits);
	if (!rte_is_level(rte))
		rte &= ~(u64)VIOAPIC_RTE_REMOTE_IRR;
	v->rte[pin] = rte;
	send_level(v, pin, irq);
}

enum vdev_result vioapic_access(struct vioapic *v, u32 offset, u32 size, bool write,
				u64 *value, const struct irq_sink *irq)
{
	if (!write)
		*value = 0;

	if (offset == VIOAPIC_IOREGSEL) {
		if (write)
			v->select = (u8)*value;
		else
			*value = v->select;
		return VDEV_HANDLED;
	}
	if (size != 4)
		return VDEV_HANDLED;

	if (offset == VIOAPIC_IOWIN) {
		if (write)
			indirect_write(v, (u32)*value, irq);
		else
			*value = indirect_read(v);
	} else if (offset == VIOAPIC_EOIR && write) {
		vioapic_eoi(v, (u8)*value, irq);
	}
	return VDEV_HANDLED;
}

void vioapic_reset(struct vioapic *v)
{
	unsigned int pin;

	memset(v, 0, sizeof(*v));
	for (pin = 0; pin < VIOAPIC_PINS; pin++)
		v->rte[pin] = VIOAPIC_RTE_MASKED;
}

bool vioapic_check(const struct vioapic *v)
{
	unsigned int pin;

	for (pin = 0; pin < VIOAPIC_PINS; pin++) {
		u64 rte = v->rte[pin];

		if (rte & ~(RTE_WRITABLE | VIOAPIC_RTE_REMOTE_IRR))
			return false;
		if ((rte & VIOAPIC_RTE_REMOTE_IRR) && !rte_is_level(rte))
			return false;
		/* A level that nobody will ever send again would be lost. */
		if (v->asserts[pin] && rte_is_level(rte) &&
		    !(rte & (VIOAPIC_RTE_MASKED | VIOAPIC_RTE_REMOTE_IRR)))
			return false;
	}
	return !(v->id & ~ID_BITS);
}
