/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the files of the local APIC share: vlapic.c (registers and
 * priority), vlapic_timer.c, vlapic_ipi.c, vlapic_check.c. Nobody else includes this.
 */
#ifndef VMM_IO_VLAPIC_INTERNAL_H
#define VMM_IO_VLAPIC_INTERNAL_H

#include "vlapic.h"

/* ICR bits software can write; 12 (delivery status) always reads as idle. */
#define VLAPIC_ICR_LOW_BITS	0xccfffU
#define VLAPIC_ICR_LOGICAL	0x00800U
#define VLAPIC_ICR_ASSERT	0x04000U
#define VLAPIC_ICR_LEVEL	0x08000U
#define VLAPIC_ICR_SHORT_SHIFT	18

/* Version 14h, seven LVT entries, EOI-broadcast suppression. */
#define VLAPIC_VERSION_VALUE	0x01060014U

#define VLAPIC_SVR_BITS		0x13ffU

static inline u32 vlapic_lvt_offset(unsigned int lvt)
{
	return lvt == VLAPIC_LVT_CMCI ? VLAPIC_CMCI : VLAPIC_LVT + lvt * 0x10;
}

/* Bits that can be written in the entry at @offset. */
u32 vlapic_lvt_bits(u32 offset);

static inline u32 vlapic_get(const struct vlapic *v, u32 offset)
{
	return v->page[offset / 4];
}

static inline void vlapic_put(struct vlapic *v, u32 offset, u32 value)
{
	v->page[offset / 4] = value;
}

/* Log an error; the error LVT fires once between two writes of ESR. */
void vlapic_error(struct vlapic *v, u32 esr, const struct irq_sink *irq);

/* Send what @icr (bits 31:0 command, 63:32 destination) asks for. */
void vlapic_send(struct vlapic *v, u64 icr, const struct irq_sink *irq);
void vlapic_send_self(struct vlapic *v, u8 vector, const struct irq_sink *irq);

/* x2APIC LDR that follows from an APIC ID. */
u32 vlapic_x2apic_ldr(u32 apic_id);

/* Timer registers. Each first runs what is due at @t. */
void vlapic_timer_reset(struct vlapic *v);
u32 vlapic_timer_count(struct vlapic *v, const struct vlapic_time *t,
		       const struct irq_sink *irq);
void vlapic_timer_set_initial(struct vlapic *v, const struct vlapic_time *t, u32 value,
			      const struct irq_sink *irq);
void vlapic_timer_set_divide(struct vlapic *v, const struct vlapic_time *t, u32 value,
			     const struct irq_sink *irq);
void vlapic_timer_set_lvt(struct vlapic *v, const struct vlapic_time *t, u32 value,
			  const struct irq_sink *irq);
void vlapic_timer_msr(struct vlapic *v, const struct vlapic_time *t, bool write,
		      u64 *value, const struct irq_sink *irq);
bool vlapic_timer_check(const struct vlapic *v);

#endif /* VMM_IO_VLAPIC_INTERNAL_H */
