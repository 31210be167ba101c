/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * I/O APIC with 32 pins (82093AA data sheet; the EOI register of later parts).
 *
 * One per VM; the caller's I/O APIC lock serialises. Pins are logical levels:
 * polarity is stored but never inverts. A pin counts its asserts, so several
 * sources may share it.
 *
 * Surprise: a level entry in any delivery mode but fixed and lowest priority
 * behaves as edge, for no EOI would ever come back for it.
 *
 * Left out: delivery status (always idle), SMI delivery, relocation.
 *
 * Of the sink, msg and ended are used. No time passes here: there is no deadline.
 */
#ifndef VMM_IO_VIOAPIC_H
#define VMM_IO_VIOAPIC_H

#include "env.h"
#include "irq.h"
#include "vdev.h"

#define VIOAPIC_BASE_GPA	0xfec00000UL
#define VIOAPIC_WINDOW		0x1000
#define VIOAPIC_PINS		32
#define VIOAPIC_VERSION		0x20		/* has the EOI register */

/* Window offsets. */
#define VIOAPIC_IOREGSEL	0x00
#define VIOAPIC_IOWIN		0x10
#define VIOAPIC_EOIR		0x40

/* Indirect registers. */
#define VIOAPIC_ID		0x00
#define VIOAPIC_VER		0x01
#define VIOAPIC_ARB		0x02
#define VIOAPIC_REDTBL		0x10		/* 2n low, 2n + 1 high */

/* Redirection entry. */
#define VIOAPIC_RTE_VECTOR	0xffULL
#define VIOAPIC_RTE_MODE_SHIFT	8
#define VIOAPIC_RTE_MODE	(7ULL << 8)
#define VIOAPIC_RTE_LOGICAL	BIT_ULL(11)
#define VIOAPIC_RTE_STATUS	BIT_ULL(12)
#define VIOAPIC_RTE_LOW		BIT_ULL(13)
#define VIOAPIC_RTE_REMOTE_IRR	BIT_ULL(14)
#define VIOAPIC_RTE_LEVEL	BIT_ULL(15)
#define VIOAPIC_RTE_MASKED	BIT_ULL(16)
#define VIOAPIC_RTE_DEST_SHIFT	56

/*
 * @rte		redirection table
 * @asserts	sources holding the pin up, saturating
 */
struct vioapic {
	u64 rte[VIOAPIC_PINS];
	u32 asserts[VIOAPIC_PINS];
	u32 id;
	u8  select;
	u8  pad[3];
};

/* Power-on: all entries masked, all pins low. */
void vioapic_reset(struct vioapic *v);

/* Is a restored copy in range? */
bool vioapic_check(const struct vioapic *v);

/*
 * Access at @offset of the 4 KiB window. IOREGSEL takes any size, the other
 * registers aligned dwords only; anything else reads zero and ignores writes.
 */
enum vdev_result vioapic_access(struct vioapic *v, u32 offset, u32 size, bool write,
				u64 *value, const struct irq_sink *irq);

/* Drive a pin; @pin >= VIOAPIC_PINS is ignored. */
void vioapic_pin(struct vioapic *v, unsigned int pin, enum irq_op op,
		 const struct irq_sink *irq);

/* A local APIC (or the EOI register) ended level-triggered @vector. */
void vioapic_eoi(struct vioapic *v, u8 vector, const struct irq_sink *irq);

#endif /* VMM_IO_VIOAPIC_H */
