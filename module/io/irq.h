/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Interrupt sink: the way an interrupt leaves a device model.
 *
 * A model calls the sink while its caller holds the model's lock, so a sink
 * may take only locks that come later in the lock table (module/vmm.h):
 * timers before the 8259 pair before the I/O APIC before nothing. In tests a
 * sink records.
 */
#ifndef VMM_IO_IRQ_H
#define VMM_IO_IRQ_H

#include "env.h"

enum irq_op {
	IRQ_DEASSERT,
	IRQ_ASSERT,
	IRQ_PULSE,
};

/* Delivery modes as ICR, MSI data and I/O APIC entries spell them (bits 10:8). */
enum lapic_delivery {
	LAPIC_FIXED	= 0,
	LAPIC_LOWEST	= 1,
	LAPIC_SMI	= 2,
	LAPIC_NMI	= 4,
	LAPIC_INIT	= 5,
	LAPIC_SIPI	= 6,
	LAPIC_EXTINT	= 7,
};

/* Destination shorthand of the ICR (bits 19:18). */
enum lapic_shorthand {
	LAPIC_DEST	= 0,
	LAPIC_SELF	= 1,
	LAPIC_ALL	= 2,
	LAPIC_OTHERS	= 3,
};

/* An interrupt message on its way to one or more local APICs. */
struct lapic_msg {
	u32  dest;		/* APIC id or logical id; xAPIC ids in 7:0 */
	u8   vector;
	u8   delivery;		/* enum lapic_delivery */
	u8   shorthand;		/* enum lapic_shorthand, IPIs only */
	bool logical;
	bool level;
	bool x2apic;		/* dest is 32 bits wide, broadcast is ffffffff */
};

struct irq_sink {
	/* ISA line @irq 0-15: its 8259 pin and its I/O APIC pin (0 goes to 2). */
	void (*isa)(void *ctx, unsigned int irq, enum irq_op op);
	/* I/O APIC pin alone. */
	void (*ioapic)(void *ctx, unsigned int pin, enum irq_op op);
	/* Message to the local APICs: I/O APIC, MSI, IPI. */
	void (*msg)(void *ctx, const struct lapic_msg *msg);
	/* The 8259 pair's INTR output changed to @level. */
	void (*intr)(void *ctx, bool level);
	/* A local APIC broadcasts the end of a level-triggered interrupt. */
	void (*eoi)(void *ctx, u8 vector);
	/*
	 * The guest has ended interrupts: @pins of the I/O APIC (level ones), or
	 * of the 8259 pair. Answers the pins that the model is to let go of by one
	 * assert before it looks at their levels again. May be NULL.
	 */
	u32 (*ended)(void *ctx, u32 pins);
	u32 (*isa_ended)(void *ctx, u32 pins);
	/* A local APIC asks its own vCPU for an NMI or an ExtINT cycle. */
	void (*local)(void *ctx, enum lapic_delivery delivery);
	void *ctx;
};

#endif /* VMM_IO_IRQ_H */
