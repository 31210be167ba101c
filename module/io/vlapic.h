/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Local APIC: registers, timer, priority arithmetic and the sending half of
 * interprocessor interrupts (SDM chapter "Advanced Programmable Interrupt
 * Controller").
 *
 * An instance belongs to the thread that runs its vCPU: no lock, and nobody
 * else reads or writes it. Interrupts from elsewhere are handed over by the
 * core, and the owner calls vlapic_accept(). What others must know to address
 * it is the copy made by vlapic_route().
 *
 * Surprise: while the timer's LVT entry is masked, vlapic_deadline() says
 * VDEV_NEVER although the timer counts; the next access catches up.
 *
 * Left out: relocation of the page, SMI and INIT through the local vector table,
 * focus-processor checking (the bit is stored), bus errors in ESR bits 4:0, APR and
 * RRD (read zero), arbitration ids.
 *
 * Of the sink, msg, eoi and local are used; none may call back into the model.
 */
#ifndef VMM_IO_VLAPIC_H
#define VMM_IO_VLAPIC_H

#include "env.h"
#include "irq.h"
#include "vdev.h"

#define VLAPIC_BASE_GPA		0xfee00000UL
#define VLAPIC_WINDOW		0x1000
#define VLAPIC_TIMER_HZ		1000000000UL	/* one tick is one nanosecond */
#define VLAPIC_TIMER_TICK_NS	1

#define VLAPIC_MSR_APIC_BASE	0x01b
#define VLAPIC_MSR_TSC_DEADLINE	0x6e0
#define VLAPIC_MSR_X2APIC_FIRST	0x800
#define VLAPIC_MSR_X2APIC_LAST	0x8ff

#define VLAPIC_BASE_BSP		BIT_ULL(8)
#define VLAPIC_BASE_X2APIC	BIT_ULL(10)
#define VLAPIC_BASE_ENABLE	BIT_ULL(11)

/* Byte offsets of registers in the page; x2APIC MSR = 0x800 + (offset >> 4). */
enum vlapic_reg {
	VLAPIC_ID	= 0x020,
	VLAPIC_VERSION	= 0x030,
	VLAPIC_TPR	= 0x080,
	VLAPIC_APR	= 0x090,
	VLAPIC_PPR	= 0x0a0,
	VLAPIC_EOI	= 0x0b0,
	VLAPIC_RRD	= 0x0c0,
	VLAPIC_LDR	= 0x0d0,
	VLAPIC_DFR	= 0x0e0,
	VLAPIC_SVR	= 0x0f0,
	VLAPIC_ISR	= 0x100,	/* 8 registers */
	VLAPIC_TMR	= 0x180,	/* 8 registers */
	VLAPIC_IRR	= 0x200,	/* 8 registers */
	VLAPIC_ESR	= 0x280,
	VLAPIC_CMCI	= 0x2f0,
	VLAPIC_ICR_LOW	= 0x300,
	VLAPIC_ICR_HIGH	= 0x310,
	VLAPIC_LVT	= 0x320,	/* timer; entry n follows at n * 0x10 */
	VLAPIC_LVT_LAST	= 0x370,
	VLAPIC_INITIAL	= 0x380,
	VLAPIC_CURRENT	= 0x390,
	VLAPIC_DIVIDE	= 0x3e0,
	VLAPIC_SELF_IPI	= 0x3f0,
};

/* Indices of the local vector table: the numbers of VMM_LVT_* in the ABI. */
enum vlapic_lvt {
	VLAPIC_LVT_TIMER,
	VLAPIC_LVT_THERMAL,
	VLAPIC_LVT_PERF,
	VLAPIC_LVT_LINT0,
	VLAPIC_LVT_LINT1,
	VLAPIC_LVT_ERROR,
	VLAPIC_LVT_CMCI,
	VLAPIC_LVT_COUNT,
};

#define VLAPIC_SVR_ENABLE	0x0100
#define VLAPIC_SVR_FOCUS	0x0200
#define VLAPIC_SVR_NO_EOI_BCAST	0x1000

#define VLAPIC_LVT_VECTOR	0x000ff
#define VLAPIC_LVT_MODE_SHIFT	8
#define VLAPIC_LVT_MODE		0x00700
#define VLAPIC_LVT_MASKED	0x10000
#define VLAPIC_LVT_PERIODIC	0x20000
#define VLAPIC_LVT_DEADLINE	0x40000
#define VLAPIC_LVT_TIMER_MODE	0x60000

#define VLAPIC_ESR_SEND_VECTOR	0x20
#define VLAPIC_ESR_RECV_VECTOR	0x40
#define VLAPIC_ESR_REGISTER	0x80

enum vlapic_mode {
	VLAPIC_DISABLED,
	VLAPIC_XAPIC,
	VLAPIC_X2APIC,
};

/* The two clocks of a vCPU at one moment: VM time and what RDTSC would say. */
struct vlapic_time {
	u64 ns;
	u64 tsc;
};

/*
 * @page	register at byte offset n is page[n / 4]. First, so that a
 *		page-aligned struct can serve as virtual-APIC page; whoever lets
 *		the processor write it calls vlapic_resync() afterwards.
 * @irr_words	bit n: IRR register n is not zero; @isr_words likewise
 * @esr_pending	errors since the last write of ESR
 * @route_dirty	vlapic_route() would answer differently; the owner clears it
 * @deadline_ns	next end of the timer's count, masked or not; VDEV_NEVER: stopped
 * @tsc_deadline IA32_TSC_DEADLINE, 0: disarmed
 */
struct vlapic {
	u32 page[256];

	u64 apic_base;
	u64 deadline_ns;
	u64 tsc_deadline;
	u32 tsc_khz;
	u32 apic_id;
	u32 esr_pending;
	u8  irr_words;
	u8  isr_words;
	u8  route_dirty;
	u8  pad[1];
};

/* --- lifetime ------------------------------------------------------------ */

/*
 * Power-on state: xAPIC mode, software-disabled. @bsp sets the bootstrap flag
 * of IA32_APIC_BASE. @tsc_khz is the guest's TSC frequency, not 0.
 */
void vlapic_reset(struct vlapic *v, u32 apic_id, bool bsp, u32 tsc_khz);

/* INIT: as power-on, but the ID and IA32_APIC_BASE (so the mode) stay. */
void vlapic_init_reset(struct vlapic *v);

/* Is a restored copy in range? */
bool vlapic_check(const struct vlapic *v);

/* The register page was written from outside: recompute what follows from it. */
void vlapic_resync(struct vlapic *v);

/* --- register access ----------------------------------------------------- */

/*
 * Access at @offset 0..0xfff of the APIC page. VDEV_UNHANDLED unless in xAPIC
 * mode. @size 1..8; a write that is not an aligned dword is ignored.
 */
enum vdev_result vlapic_mmio(struct vlapic *v, const struct vlapic_time *t, u32 offset,
			     u32 size, bool write, u64 *value,
			     const struct irq_sink *irq);

/*
 * MSRs 0x800-0x8ff (VDEV_GP unless in x2APIC mode) and IA32_TSC_DEADLINE.
 * VDEV_UNHANDLED for any other.
 */
enum vdev_result vlapic_msr(struct vlapic *v, const struct vlapic_time *t, u32 msr,
			    bool write, u64 *value, const struct irq_sink *irq);

/*
 * IA32_APIC_BASE. A write that relocates the page, sets a reserved bit or makes
 * an illegal mode transition is VDEV_GP and changes nothing. The bootstrap flag
 * does not change.
 */
enum vdev_result vlapic_apicbase(struct vlapic *v, bool write, u64 *value);

/* TPR was written in @page by the processor. */
void vlapic_tpr_changed(struct vlapic *v);

/*
 * The priority class of TPR below which an interrupt that it holds back now
 * could be taken; 0: none is held back by TPR.
 */
u32 vlapic_tpr_threshold(const struct vlapic *v);

/* CR8, 0..15. Refusing larger values with #GP is the caller's. */
void vlapic_set_cr8(struct vlapic *v, u8 cr8);

static inline u8 vlapic_get_cr8(const struct vlapic *v)
{
	return (v->page[VLAPIC_TPR / 4] >> 4) & 0xf;
}

static inline enum vlapic_mode vlapic_mode(const struct vlapic *v)
{
	if (!(v->apic_base & VLAPIC_BASE_ENABLE))
		return VLAPIC_DISABLED;
	return v->apic_base & VLAPIC_BASE_X2APIC ? VLAPIC_X2APIC : VLAPIC_XAPIC;
}

/* Enabled globally and by software. */
static inline bool vlapic_is_enabled(const struct vlapic *v)
{
	return vlapic_mode(v) != VLAPIC_DISABLED &&
	       (v->page[VLAPIC_SVR / 4] & VLAPIC_SVR_ENABLE);
}

/* --- interrupts in ------------------------------------------------------- */

/*
 * A fixed (or won lowest-priority) interrupt arrives: IRR, TMR, ESR rules. A
 * disabled APIC drops it.
 */
void vlapic_accept(struct vlapic *v, u8 vector, bool level,
		   const struct irq_sink *irq);

/*
 * The source of local vector table entry @lvt (enum vlapic_lvt; others are
 * ignored) fires once; every such interrupt counts as edge-triggered. On a
 * disabled APIC LINT1 is NMI, and LINT0 is INTR if this is the bootstrap
 * processor.
 */
void vlapic_lvt_fire(struct vlapic *v, unsigned int lvt, const struct irq_sink *irq);

/*
 * Does the 8259 pair's INTR reach this vCPU: LINT0 unmasked in ExtINT mode, or
 * a disabled APIC of the bootstrap processor?
 */
bool vlapic_accepts_extint(const struct vlapic *v);

/* --- interrupts out to the vCPU ------------------------------------------ */

/* Highest requested vector if above the processor priority, else -1. */
int vlapic_pending_slow(const struct vlapic *v);

/* The same; on the entry path, where nothing is requested mostly. */
static inline int vlapic_pending(const struct vlapic *v)
{
	return likely(!v->irr_words) ? -1 : vlapic_pending_slow(v);
}

/* The vCPU takes @vector, which vlapic_pending() just named: IRR to ISR. */
void vlapic_ack(struct vlapic *v, u8 vector);

/*
 * End of interrupt, by register or by virtualised EOI. False: nothing was in
 * service.
 */
bool vlapic_eoi(struct vlapic *v, const struct irq_sink *irq);

/* --- timer (vlapic_timer.c) ---------------------------------------------- */

/* VM time of the next timer interrupt, or VDEV_NEVER. */
u64 vlapic_deadline(const struct vlapic *v);

/* Deliver the timer interrupt if due at @t; afterwards the deadline is later. */
void vlapic_expire(struct vlapic *v, const struct vlapic_time *t,
		   const struct irq_sink *irq);

/* The guest's TSC jumped (written, or its offset changed); @t is after it. */
void vlapic_tsc_changed(struct vlapic *v, const struct vlapic_time *t);

/* --- addressing (vlapic_ipi.c) ------------------------------------------- */

/* What a sender must know of a local APIC; published by the core. */
struct vlapic_route {
	u32 apic_id;
	u32 ldr;
	u32 dfr;
	u8  mode;		/* enum vlapic_mode */
	u8  enabled;		/* by software too: takes fixed interrupts */
	u8  pad[2];
};

void vlapic_route(const struct vlapic *v, struct vlapic_route *out);

/*
 * Is the APIC described by @route a destination of @msg? @self_id is the
 * sender's APIC ID and matters only for a shorthand. Being addressed is not
 * yet taking it: see @enabled.
 */
bool vlapic_match(const struct vlapic_route *route, const struct lapic_msg *msg,
		  u32 self_id);

/*
 * Lowest-priority arbitration, one candidate at a time: begin, add each vCPU
 * that vlapic_match()es, read @winner (-1: none). The lowest processor priority
 * wins; among equals the next after @last in cyclic order of @index, so pass
 * the previous winner of the VM. Candidates that are not enabled are ignored.
 */
struct vlapic_contest {
	s32 winner;
	u32 last;
	u32 distance;
	u32 ppr;
};

void vlapic_contest_begin(struct vlapic_contest *c, u32 last);
void vlapic_contest_add(struct vlapic_contest *c, u32 index,
			const struct vlapic_route *route, u8 ppr);

/*
 * Message-signalled interrupt to message. False: @msi_gpa is not 0xfeexxxxx, or
 * the delivery mode is reserved. The vector is not looked at.
 */
bool vlapic_msi(u64 msi_gpa, u32 data, struct lapic_msg *out);

#endif /* VMM_IO_VLAPIC_H */
