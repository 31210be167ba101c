// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Is a restored local APIC one that the model itself could have got to?
 */
#include "vlapic_internal.h"

#define ESR_BITS	(VLAPIC_ESR_SEND_VECTOR | VLAPIC_ESR_RECV_VECTOR | VLAPIC_ESR_REGISTER)

/* Bits that the register at @offset can have, but for those that are constant. */
static u32 reg_bits(u32 offset, bool x2apic)
{
	switch (offset) {
	case VLAPIC_TPR:
	case VLAPIC_PPR:
		return 0xff;
	case VLAPIC_LDR:
	case VLAPIC_ICR_HIGH:
		return x2apic ? U32_MAX : 0xff000000;
	case VLAPIC_SVR:
		return VLAPIC_SVR_BITS;
	case VLAPIC_ISR:
	case VLAPIC_TMR:
	case VLAPIC_IRR:
		return 0xffff0000;	/* vectors below 16 are never set */
	case VLAPIC_ISR + 0x10 ... VLAPIC_ISR + 0x70:
	case VLAPIC_TMR + 0x10 ... VLAPIC_TMR + 0x70:
	case VLAPIC_IRR + 0x10 ... VLAPIC_IRR + 0x70:
	case VLAPIC_INITIAL:
		return U32_MAX;
	case VLAPIC_ESR:
		return ESR_BITS;
	case VLAPIC_ICR_LOW:
		return VLAPIC_ICR_LOW_BITS;
	case VLAPIC_CMCI:
	case VLAPIC_LVT ... VLAPIC_LVT_LAST:
		return vlapic_lvt_bits(offset);
	case VLAPIC_DIVIDE:
		return 0xb;
	default:
		return 0;
	}
}

static bool page_is_good(const struct vlapic *v)
{
	bool x2apic = vlapic_mode(v) == VLAPIC_X2APIC;
	u32 offset, value;

	for (offset = 0; offset < sizeof(v->page); offset += 4) {
		value = vlapic_get(v, offset);
		if (offset == VLAPIC_ID) {
			if (value != (x2apic ? v->apic_id : v->apic_id << 24))
				return false;
		} else if (offset == VLAPIC_VERSION) {
			if (value != VLAPIC_VERSION_VALUE)
				return false;
		} else if (offset == VLAPIC_DFR) {
			if (~value & 0x0fffffff)
				return false;
		} else if (value & ~(offset & 0xf ? 0 : reg_bits(offset, x2apic))) {
			return false;
		}
	}
	return !x2apic || vlapic_get(v, VLAPIC_LDR) == vlapic_x2apic_ldr(v->apic_id);
}

/* What follows from the registers: summaries and the processor priority. */
static bool derived_is_good(const struct vlapic *v)
{
	struct vlapic copy = *v;

	vlapic_resync(&copy);
	return v->irr_words == copy.irr_words && v->isr_words == copy.isr_words &&
	       vlapic_get(v, VLAPIC_PPR) == vlapic_get(&copy, VLAPIC_PPR);
}

bool vlapic_check(const struct vlapic *v)
{
	u64 base = v->apic_base & ~(u64)VLAPIC_BASE_BSP;
	unsigned int lvt;

	if (base != VLAPIC_BASE_GPA && base != (VLAPIC_BASE_GPA | VLAPIC_BASE_ENABLE) &&
	    base != (VLAPIC_BASE_GPA | VLAPIC_BASE_ENABLE | VLAPIC_BASE_X2APIC))
		return false;
	if (!v->tsc_khz || (v->esr_pending & ~ESR_BITS))
		return false;
	if (!page_is_good(v) || !derived_is_good(v))
		return false;
	for (lvt = 0; lvt < VLAPIC_LVT_COUNT; lvt++)
		if (!(vlapic_get(v, VLAPIC_SVR) & VLAPIC_SVR_ENABLE) &&
		    !(vlapic_get(v, vlapic_lvt_offset(lvt)) & VLAPIC_LVT_MASKED))
			return false;
	return vlapic_timer_check(v);
}
