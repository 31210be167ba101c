// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Addressing of local APICs: the interrupt command register, which APICs a
 * message reaches, and who wins a lowest-priority one (SDM "Issuing
 * Interprocessor Interrupts", "Determining IPI Destination", "Message
 * Signalled Interrupts").
 *
 * Matching and arbitration work on published copies (struct vlapic_route) and
 * touch no local APIC, so any thread may run them.
 */
#include "vlapic_internal.h"

#define MSI_BASE_GPA		0xfee00000ULL
#define MSI_BASE_MASK		(~0xfffffULL)
#define MSI_DEST_SHIFT		12
#define MSI_REDIRECTION_HINT	0x8
#define MSI_LOGICAL		0x4

#define XAPIC_BROADCAST		0xffU
#define X2APIC_BROADCAST	0xffffffffU
#define DFR_FLAT		0xfU

u32 vlapic_x2apic_ldr(u32 apic_id)
{
	return (apic_id >> 4) << 16 | 1U << (apic_id & 0xf);
}

void vlapic_send_self(struct vlapic *v, u8 vector, const struct irq_sink *irq)
{
	struct lapic_msg msg = {
		.dest = v->apic_id,
		.vector = vector,
		.delivery = LAPIC_FIXED,
		.shorthand = LAPIC_SELF,
		.x2apic = true,
	};

	if (vector < 16) {
		vlapic_error(v, VLAPIC_ESR_SEND_VECTOR | VLAPIC_ESR_RECV_VECTOR, irq);
		return;
	}
	irq->msg(irq->ctx, &msg);
}

void vlapic_send(struct vlapic *v, u64 icr, const struct irq_sink *irq)
{
	bool x2apic = vlapic_mode(v) == VLAPIC_X2APIC;
	u32 low = (u32)icr;
	u32 high = icr >> 32;
	struct lapic_msg msg = {
		.dest = x2apic ? high : high >> 24,
		.vector = low & 0xff,
		.delivery = (low >> 8) & 7,
		.shorthand = (low >> VLAPIC_ICR_SHORT_SHIFT) & 3,
		.logical = low & VLAPIC_ICR_LOGICAL,
		.x2apic = x2apic,
	};
	bool to_self = msg.shorthand == LAPIC_SELF || msg.shorthand == LAPIC_ALL;

	switch (msg.delivery) {
	case LAPIC_FIXED:
		break;
	case LAPIC_INIT:
		/* "INIT level de-assert" only ever synchronised arbitration ids. */
		if ((low & VLAPIC_ICR_LEVEL) && !(low & VLAPIC_ICR_ASSERT))
			return;
		fallthrough;
	case LAPIC_LOWEST:
	case LAPIC_SMI:
	case LAPIC_NMI:
	case LAPIC_SIPI:
		if (to_self)
			return;
		break;
	default:
		return;
	}
	if (msg.delivery <= LAPIC_LOWEST && msg.vector < 16) {
		vlapic_error(v, VLAPIC_ESR_SEND_VECTOR, irq);
		return;
	}
	irq->msg(irq->ctx, &msg);
}

void vlapic_route(const struct vlapic *v, struct vlapic_route *out)
{
	*out = (struct vlapic_route) {
		.apic_id = v->apic_id,
		.ldr = vlapic_get(v, VLAPIC_LDR),
		.dfr = vlapic_get(v, VLAPIC_DFR),
		.mode = vlapic_mode(v),
		.enabled = vlapic_is_enabled(v),
	};
}

static bool match_xapic(const struct vlapic_route *route, const struct lapic_msg *msg)
{
	u32 dest = msg->dest;
	u32 ldr = route->ldr >> 24;

	if (dest == XAPIC_BROADCAST && !msg->x2apic)
		return true;
	if (!msg->logical)
		return dest == (route->apic_id & 0xff);
	if (dest > 0xff)
		return false;
	if (route->dfr >> 28 == DFR_FLAT)
		return dest & ldr;
	return dest >> 4 == ldr >> 4 && (dest & ldr & 0xf);
}

/*
 * An 8-bit destination reaches an x2APIC too: as a small ID, or as a member
 * mask of cluster 0.
 */
static bool match_x2apic(const struct vlapic_route *route, const struct lapic_msg *msg)
{
	u32 dest = msg->dest;

	if (dest == XAPIC_BROADCAST && !msg->x2apic)
		return true;
	if (!msg->logical)
		return dest == route->apic_id;
	return dest >> 16 == route->ldr >> 16 && (dest & route->ldr & 0xffff);
}

bool vlapic_match(const struct vlapic_route *route, const struct lapic_msg *msg,
		  u32 self_id)
{
	if (route->mode == VLAPIC_DISABLED)
		return false;

	switch (msg->shorthand) {
	case LAPIC_SELF:
		return route->apic_id == self_id;
	case LAPIC_ALL:
		return true;
	case LAPIC_OTHERS:
		return route->apic_id != self_id;
	}

	if (msg->x2apic && msg->dest == X2APIC_BROADCAST)
		return true;
	if (route->mode == VLAPIC_X2APIC)
		return match_x2apic(route, msg);
	return match_xapic(route, msg);
}

void vlapic_contest_begin(struct vlapic_contest *c, u32 last)
{
	*c = (struct vlapic_contest) { .winner = -1, .last = last };
}

void vlapic_contest_add(struct vlapic_contest *c, u32 index,
			const struct vlapic_route *route, u8 ppr)
{
	/* Wraps, so that indices up to @last rank behind those above it. */
	u32 distance = index - c->last - 1;

	if (!route->enabled)
		return;
	if (c->winner >= 0 &&
	    (ppr > c->ppr || (ppr == c->ppr && distance > c->distance)))
		return;
	c->winner = (s32)index;
	c->distance = distance;
	c->ppr = ppr;
}

bool vlapic_msi(u64 msi_gpa, u32 data, struct lapic_msg *out)
{
	u8 delivery = (data >> 8) & 7;

	if ((msi_gpa & MSI_BASE_MASK) != MSI_BASE_GPA)
		return false;
	if (delivery == 3 || delivery == LAPIC_SIPI)
		return false;
	/* The hint asks for one of the addressed, which is what lowest means. */
	if (delivery == LAPIC_FIXED && (msi_gpa & MSI_REDIRECTION_HINT))
		delivery = LAPIC_LOWEST;

	/*
	 * The mode bit counts without the hint too: so do processors, and
	 * guests set it alone.
	 */
	*out = (struct lapic_msg) {
		.dest = (msi_gpa >> MSI_DEST_SHIFT) & 0xff,
		.vector = data & 0xff,
		.delivery = delivery,
		.logical = msi_gpa & MSI_LOGICAL,
	};
	return true;
}
