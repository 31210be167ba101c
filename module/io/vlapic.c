// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Local APIC registers, priority and the local vector table (SDM "Local APIC",
 * "Extended XAPIC (x2APIC)", "Interrupt, Task, and Processor Priority",
 * "Local Vector Table", "Error Handling").
 *
 * Both access modes meet in reg_read() and reg_write(); what differs is which
 * registers exist and what a bad access costs: an ESR bit in xAPIC mode, #GP in
 * x2APIC mode.
 */
#include "vlapic_internal.h"

#define LVT_RO_BITS		0x05000U	/* delivery status, remote IRR */
#define LVT_LINT_BITS		0x0a000U	/* polarity, trigger mode */

#define ACCESS_READ		1
#define ACCESS_WRITE		2
#define ACCESS_BOTH		3

u32 vlapic_lvt_bits(u32 offset)
{
	u32 bits = VLAPIC_LVT_VECTOR | VLAPIC_LVT_MASKED;

	switch (offset) {
	case VLAPIC_LVT:
		return bits | VLAPIC_LVT_TIMER_MODE;
	case VLAPIC_LVT + VLAPIC_LVT_ERROR * 0x10:
		return bits;
	case VLAPIC_LVT + VLAPIC_LVT_LINT0 * 0x10:
	case VLAPIC_LVT + VLAPIC_LVT_LINT1 * 0x10:
		return bits | VLAPIC_LVT_MODE | LVT_LINT_BITS;
	default:
		return bits | VLAPIC_LVT_MODE;
	}
}

/* --- vectors and priority ------------------------------------------------- */

static bool bit_test(const struct vlapic *v, u32 base, u8 vector)
{
	return vlapic_get(v, base + vector / 32 * 0x10) >> (vector % 32) & 1;
}

static void bit_assign(struct vlapic *v, u32 base, u8 vector, bool set)
{
	u32 bit = 1U << (vector % 32);
	u32 *reg = &v->page[(base + vector / 32 * 0x10) / 4];

	*reg = set ? *reg | bit : *reg & ~bit;
}

/* Highest bit of a 256-bit register whose non-zero words are @words, or -1. */
static int bit_highest(const struct vlapic *v, u32 base, u8 words)
{
	int word = fls64(words) - 1;

	if (word < 0)
		return -1;
	return word * 32 + fls64(vlapic_get(v, base + word * 0x10)) - 1;
}

static u8 words_used(const struct vlapic *v, u32 base)
{
	u8 words = 0;
	int i;

	for (i = 0; i < 8; i++)
		if (vlapic_get(v, base + i * 0x10))
			words |= 1U << i;
	return words;
}

static void word_update(const struct vlapic *v, u32 base, u8 vector, u8 *words)
{
	u8 bit = 1U << (vector / 32);

	if (vlapic_get(v, base + vector / 32 * 0x10))
		*words |= bit;
	else
		*words &= ~bit;
}

static void ppr_update(struct vlapic *v)
{
	int isrv = bit_highest(v, VLAPIC_ISR, v->isr_words);
	u32 tpr = vlapic_get(v, VLAPIC_TPR);

	if (isrv < 0 || tpr >> 4 >= (u32)isrv >> 4)
		vlapic_put(v, VLAPIC_PPR, tpr);
	else
		vlapic_put(v, VLAPIC_PPR, isrv & 0xf0);
}

void vlapic_resync(struct vlapic *v)
{
	v->irr_words = words_used(v, VLAPIC_IRR);
	v->isr_words = words_used(v, VLAPIC_ISR);
	ppr_update(v);
}

int vlapic_pending_slow(const struct vlapic *v)
{
	int irrv = bit_highest(v, VLAPIC_IRR, v->irr_words);

	if (irrv < 0 || (u32)irrv >> 4 <= vlapic_get(v, VLAPIC_PPR) >> 4)
		return -1;
	return irrv;
}

void vlapic_ack(struct vlapic *v, u8 vector)
{
	bit_assign(v, VLAPIC_IRR, vector, false);
	word_update(v, VLAPIC_IRR, vector, &v->irr_words);
	bit_assign(v, VLAPIC_ISR, vector, true);
	v->isr_words |= 1U << (vector / 32);
	ppr_update(v);
}

bool vlapic_eoi(struct vlapic *v, const struct irq_sink *irq)
{
	int vector = bit_highest(v, VLAPIC_ISR, v->isr_words);

	if (vector < 0)
		return false;
	bit_assign(v, VLAPIC_ISR, vector, false);
	word_update(v, VLAPIC_ISR, vector, &v->isr_words);
	ppr_update(v);
	if (bit_test(v, VLAPIC_TMR, vector) &&
	    !(vlapic_get(v, VLAPIC_SVR) & VLAPIC_SVR_NO_EOI_BCAST))
		irq->eoi(irq->ctx, vector);
	return true;
}

void vlapic_tpr_changed(struct vlapic *v)
{
	ppr_update(v);
}

u32 vlapic_tpr_threshold(const struct vlapic *v)
{
	int irrv = bit_highest(v, VLAPIC_IRR, v->irr_words);

	if (irrv < 0 || (u32)irrv >> 4 > vlapic_get(v, VLAPIC_TPR) >> 4)
		return 0;
	return (u32)irrv >> 4;
}

void vlapic_set_cr8(struct vlapic *v, u8 cr8)
{
	vlapic_put(v, VLAPIC_TPR, (cr8 & 0xf) << 4);
	ppr_update(v);
}

/* --- interrupts in -------------------------------------------------------- */

void vlapic_error(struct vlapic *v, u32 esr, const struct irq_sink *irq)
{
	bool first = !v->esr_pending;

	v->esr_pending |= esr;
	if (first)
		vlapic_lvt_fire(v, VLAPIC_LVT_ERROR, irq);
}

void vlapic_accept(struct vlapic *v, u8 vector, bool level,
		   const struct irq_sink *irq)
{
	if (!vlapic_is_enabled(v))
		return;
	if (vector < 16) {
		vlapic_error(v, VLAPIC_ESR_RECV_VECTOR, irq);
		return;
	}
	bit_assign(v, VLAPIC_IRR, vector, true);
	v->irr_words |= 1U << (vector / 32);
	bit_assign(v, VLAPIC_TMR, vector, level);
}

static bool is_bsp(const struct vlapic *v)
{
	return v->apic_base & VLAPIC_BASE_BSP;
}

static void lvt_fire_disabled(const struct vlapic *v, unsigned int lvt,
			      const struct irq_sink *irq)
{
	if (lvt == VLAPIC_LVT_LINT0 && is_bsp(v))
		irq->local(irq->ctx, LAPIC_EXTINT);
	else if (lvt == VLAPIC_LVT_LINT1)
		irq->local(irq->ctx, LAPIC_NMI);
}

void vlapic_lvt_fire(struct vlapic *v, unsigned int lvt, const struct irq_sink *irq)
{
	u32 entry;
	u8 vector;

	if (lvt >= VLAPIC_LVT_COUNT)
		return;
	if (!vlapic_is_enabled(v)) {
		lvt_fire_disabled(v, lvt, irq);
		return;
	}
	entry = vlapic_get(v, vlapic_lvt_offset(lvt));
	if (entry & VLAPIC_LVT_MASKED)
		return;

	switch ((entry & VLAPIC_LVT_MODE) >> VLAPIC_LVT_MODE_SHIFT) {
	case LAPIC_FIXED:
		vector = entry & VLAPIC_LVT_VECTOR;
		/* The error entry's own bad vector must not raise it again. */
		if (vector < 16 && lvt == VLAPIC_LVT_ERROR)
			v->esr_pending |= VLAPIC_ESR_RECV_VECTOR;
		else
			vlapic_accept(v, vector, false, irq);
		break;
	case LAPIC_NMI:
		irq->local(irq->ctx, LAPIC_NMI);
		break;
	case LAPIC_EXTINT:
		irq->local(irq->ctx, LAPIC_EXTINT);
		break;
	}
}

bool vlapic_accepts_extint(const struct vlapic *v)
{
	u32 entry = vlapic_get(v, vlapic_lvt_offset(VLAPIC_LVT_LINT0));

	if (!vlapic_is_enabled(v))
		return is_bsp(v);
	return !(entry & VLAPIC_LVT_MASKED) &&
	       (entry & VLAPIC_LVT_MODE) == LAPIC_EXTINT << VLAPIC_LVT_MODE_SHIFT;
}

/* --- registers ------------------------------------------------------------ */

/* What may be done with the register at @offset; 0: there is none. */
static int reg_access(u32 offset, bool x2apic)
{
	switch (offset) {
	case VLAPIC_TPR:
	case VLAPIC_SVR:
	case VLAPIC_ESR:
	case VLAPIC_CMCI:
	case VLAPIC_ICR_LOW:
	case VLAPIC_LVT ... VLAPIC_LVT_LAST:
	case VLAPIC_INITIAL:
	case VLAPIC_DIVIDE:
		return ACCESS_BOTH;
	case VLAPIC_ID:
	case VLAPIC_VERSION:
	case VLAPIC_PPR:
	case VLAPIC_ISR ... VLAPIC_IRR + 0x70:
	case VLAPIC_CURRENT:
		return ACCESS_READ;
	case VLAPIC_EOI:
		return ACCESS_WRITE;
	case VLAPIC_LDR:
		return x2apic ? ACCESS_READ : ACCESS_BOTH;
	case VLAPIC_DFR:
	case VLAPIC_ICR_HIGH:
		return x2apic ? 0 : ACCESS_BOTH;
	case VLAPIC_APR:
	case VLAPIC_RRD:
		return x2apic ? 0 : ACCESS_READ;
	case VLAPIC_SELF_IPI:
		return x2apic ? ACCESS_WRITE : 0;
	default:
		return 0;
	}
}

static u32 reg_read(struct vlapic *v, const struct vlapic_time *t, u32 offset,
		    const struct irq_sink *irq)
{
	if (offset == VLAPIC_CURRENT)
		return vlapic_timer_count(v, t, irq);
	return vlapic_get(v, offset);
}

static void svr_write(struct vlapic *v, const struct vlapic_time *t, u32 value,
		      const struct irq_sink *irq)
{
	unsigned int lvt;

	/* What the timer owed must be delivered before its entry is masked. */
	vlapic_expire(v, t, irq);
	vlapic_put(v, VLAPIC_SVR, value & VLAPIC_SVR_BITS);
	if (!(value & VLAPIC_SVR_ENABLE))
		for (lvt = 0; lvt < VLAPIC_LVT_COUNT; lvt++)
			v->page[vlapic_lvt_offset(lvt) / 4] |= VLAPIC_LVT_MASKED;
	v->route_dirty = 1;
}

static void lvt_write(struct vlapic *v, const struct vlapic_time *t, u32 offset, u32 value,
		      const struct irq_sink *irq)
{
	value &= vlapic_lvt_bits(offset);
	if (!(vlapic_get(v, VLAPIC_SVR) & VLAPIC_SVR_ENABLE))
		value |= VLAPIC_LVT_MASKED;
	if (offset == VLAPIC_LVT)
		vlapic_timer_set_lvt(v, t, value, irq);
	else
		vlapic_put(v, offset, value);
}

static void icr_write(struct vlapic *v, u32 low, u32 high, const struct irq_sink *irq)
{
	low &= VLAPIC_ICR_LOW_BITS;
	vlapic_put(v, VLAPIC_ICR_LOW, low);
	vlapic_put(v, VLAPIC_ICR_HIGH, high);
	vlapic_send(v, (u64)high << 32 | low, irq);
}

/* @offset is writable and not an x2APIC ICR. */
static void reg_write(struct vlapic *v, const struct vlapic_time *t, u32 offset, u32 value,
		      const struct irq_sink *irq)
{
	switch (offset) {
	case VLAPIC_TPR:
		vlapic_put(v, VLAPIC_TPR, value & 0xff);
		ppr_update(v);
		break;
	case VLAPIC_EOI:
		vlapic_eoi(v, irq);
		break;
	case VLAPIC_LDR:
		vlapic_put(v, VLAPIC_LDR, value & 0xff000000);
		v->route_dirty = 1;
		break;
	case VLAPIC_DFR:
		vlapic_put(v, VLAPIC_DFR, value | 0x0fffffff);
		v->route_dirty = 1;
		break;
	case VLAPIC_SVR:
		svr_write(v, t, value, irq);
		break;
	case VLAPIC_ESR:
		vlapic_put(v, VLAPIC_ESR, v->esr_pending);
		v->esr_pending = 0;
		break;
	case VLAPIC_ICR_LOW:
		icr_write(v, value, vlapic_get(v, VLAPIC_ICR_HIGH), irq);
		break;
	case VLAPIC_ICR_HIGH:
		vlapic_put(v, VLAPIC_ICR_HIGH, value & 0xff000000);
		break;
	case VLAPIC_CMCI:
	case VLAPIC_LVT ... VLAPIC_LVT_LAST:
		lvt_write(v, t, offset, value, irq);
		break;
	case VLAPIC_INITIAL:
		vlapic_timer_set_initial(v, t, value, irq);
		break;
	case VLAPIC_DIVIDE:
		vlapic_timer_set_divide(v, t, value, irq);
		break;
	case VLAPIC_SELF_IPI:
		vlapic_send_self(v, value & 0xff, irq);
		break;
	}
}

enum vdev_result vlapic_mmio(struct vlapic *v, const struct vlapic_time *t, u32 offset,
			     u32 size, bool write, u64 *value,
			     const struct irq_sink *irq)
{
	u32 reg = offset & ~0xfU;
	u32 byte = offset & 0xf;
	int access = reg_access(reg, false);

	if (vlapic_mode(v) != VLAPIC_XAPIC || offset >= VLAPIC_WINDOW)
		return VDEV_UNHANDLED;

	if (!write)
		*value = 0;
	if (!access) {
		vlapic_error(v, VLAPIC_ESR_REGISTER, irq);
	} else if (write) {
		if ((access & ACCESS_WRITE) && !byte && size == 4)
			reg_write(v, t, reg, (u32)*value, irq);
	} else if ((access & ACCESS_READ) && byte < 4) {
		*value = reg_read(v, t, reg, irq) >> (byte * 8);
		if (size < 4)
			*value &= (1U << (size * 8)) - 1;
	}
	return VDEV_HANDLED;
}

/* Bits that an x2APIC write of the register at @offset must leave zero. */
static u64 x2apic_reserved(u32 offset)
{
	switch (offset) {
	case VLAPIC_ICR_LOW:
		return (u32)~VLAPIC_ICR_LOW_BITS;
	case VLAPIC_TPR:
	case VLAPIC_SELF_IPI:
		return ~0xffULL;
	case VLAPIC_SVR:
		return ~(u64)VLAPIC_SVR_BITS;
	case VLAPIC_EOI:
	case VLAPIC_ESR:
		return U64_MAX;
	case VLAPIC_CMCI:
	case VLAPIC_LVT ... VLAPIC_LVT_LAST:
		return ~(u64)(vlapic_lvt_bits(offset) | LVT_RO_BITS);
	case VLAPIC_DIVIDE:
		return ~0xbULL;
	default:
		return ~(u64)U32_MAX;
	}
}

enum vdev_result vlapic_msr(struct vlapic *v, const struct vlapic_time *t, u32 msr,
			    bool write, u64 *value, const struct irq_sink *irq)
{
	u32 offset;
	int access;

	if (msr == VLAPIC_MSR_TSC_DEADLINE) {
		vlapic_timer_msr(v, t, write, value, irq);
		return VDEV_HANDLED;
	}
	if (msr < VLAPIC_MSR_X2APIC_FIRST || msr > VLAPIC_MSR_X2APIC_LAST)
		return VDEV_UNHANDLED;

	offset = (msr - VLAPIC_MSR_X2APIC_FIRST) << 4;
	access = reg_access(offset, true);
	if (vlapic_mode(v) != VLAPIC_X2APIC)
		return VDEV_GP;

	if (write) {
		if (!(access & ACCESS_WRITE) || (*value & x2apic_reserved(offset)))
			return VDEV_GP;
		if (offset == VLAPIC_ICR_LOW)
			icr_write(v, (u32)*value, *value >> 32, irq);
		else
			reg_write(v, t, offset, (u32)*value, irq);
		return VDEV_HANDLED;
	}

	if (!(access & ACCESS_READ))
		return VDEV_GP;
	*value = reg_read(v, t, offset, irq);
	if (offset == VLAPIC_ICR_LOW)
		*value |= (u64)vlapic_get(v, VLAPIC_ICR_HIGH) << 32;
	return VDEV_HANDLED;
}

/* --- lifetime and mode ---------------------------------------------------- */

static void id_update(struct vlapic *v)
{
	if (vlapic_mode(v) == VLAPIC_X2APIC) {
		vlapic_put(v, VLAPIC_ID, v->apic_id);
		vlapic_put(v, VLAPIC_LDR, vlapic_x2apic_ldr(v->apic_id));
		vlapic_put(v, VLAPIC_ICR_HIGH, 0);
	} else {
		vlapic_put(v, VLAPIC_ID, v->apic_id << 24);
	}
	v->route_dirty = 1;
}

void vlapic_init_reset(struct vlapic *v)
{
	unsigned int lvt;

	memset(v->page, 0, sizeof(v->page));
	vlapic_put(v, VLAPIC_VERSION, VLAPIC_VERSION_VALUE);
	vlapic_put(v, VLAPIC_DFR, U32_MAX);
	vlapic_put(v, VLAPIC_SVR, 0xff);
	for (lvt = 0; lvt < VLAPIC_LVT_COUNT; lvt++)
		vlapic_put(v, vlapic_lvt_offset(lvt), VLAPIC_LVT_MASKED);
	v->esr_pending = 0;
	v->irr_words = 0;
	v->isr_words = 0;
	vlapic_timer_reset(v);
	id_update(v);
}

void vlapic_reset(struct vlapic *v, u32 apic_id, bool bsp, u32 tsc_khz)
{
	memset(v, 0, sizeof(*v));
	v->apic_base = VLAPIC_BASE_GPA | VLAPIC_BASE_ENABLE |
		       (bsp ? VLAPIC_BASE_BSP : 0);
	v->apic_id = apic_id;
	v->tsc_khz = tsc_khz;
	vlapic_init_reset(v);
}

enum vdev_result vlapic_apicbase(struct vlapic *v, bool write, u64 *value)
{
	const u64 switches = VLAPIC_BASE_ENABLE | VLAPIC_BASE_X2APIC;
	u64 was = v->apic_base & switches;
	u64 is;

	if (!write) {
		*value = v->apic_base;
		return VDEV_HANDLED;
	}
	is = *value & switches;
	if ((*value ^ VLAPIC_BASE_GPA) & ~(switches | VLAPIC_BASE_BSP))
		return VDEV_GP;
	if (is == was)
		return VDEV_HANDLED;
	/* Out of x2APIC mode only through disabled, into it only from xAPIC mode. */
	if (is == VLAPIC_BASE_X2APIC || (is == switches && !was) ||
	    (is == VLAPIC_BASE_ENABLE && was == switches))
		return VDEV_GP;

	v->apic_base = (v->apic_base & ~switches) | is;
	if (is == switches)
		id_update(v);
	else
		vlapic_init_reset(v);
	return VDEV_HANDLED;
}
