/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Wires the interrupt controllers and timers of a VM together: the only place
 * that knows the routing.
 *
 * The board's devices (struct irqchip) belong to the VM, each behind its own
 * raw spinlock, in the order timers, 8259 pair, I/O APIC. The local APIC
 * (struct vcpu_irq) belongs to its vCPU's thread and has no lock: whoever
 * wants to interrupt a vCPU sets bits here and kicks.
 */
#ifndef VMM_IRQCHIP_H
#define VMM_IRQCHIP_H

#include <linux/atomic.h>
#include <linux/hrtimer.h>
#include <linux/spinlock.h>
#include "irq.h"
#include "timer.h"
#include "vatpic.h"
#include "vatpit.h"
#include "vhpet.h"
#include "vioapic.h"
#include "vlapic.h"
#include "vpmtmr.h"
#include "vrtc.h"

struct vm;
struct vcpu;
struct vmm_local_irq;
struct vmm_irq;

struct irqchip {
	struct vm *vm;

	raw_spinlock_t pic_lock;
	struct vatpic pic;
	bool pic_intr;			/* INTR level; read without the lock */
	u32 isa_held;			/* pins that irqfds hold up */

	raw_spinlock_t ioapic_lock;
	struct vioapic ioapic;
	u32 ioapic_held;

	atomic_t isa_ended;		/* held pins let go by the guest's EOI, */
	atomic_t ioapic_ended;		/* irqfd_resample() to be told of them */

	struct vdev_timer pit_timer;	/* its lock protects pit */
	struct vatpit pit;
	struct vdev_timer rtc_timer;
	struct vrtc rtc;
	struct vdev_timer hpet_timer;
	struct vhpet hpet;

	void *apic_page;		/* APIC-access page; NULL: not used */
	bool apic_page_off;		/* vm->mem.lock; a vCPU left xAPIC mode */

	struct vpmtmr pmtmr;		/* constant after creation */
	u32 pmtmr_port;			/* 0: absent */

	struct irq_sink sink;		/* of the board's devices; ctx is this */
	struct irq_sink legacy_sink;	/* of 8254 and RTC, which the HPET may cut off */
	atomic_t last_lowest;		/* winner of the last arbitration */
};

struct vcpu_irq {
	/* Owner's thread only. First: page-aligned, see vlapic.h. */
	struct vlapic lapic;
	struct irq_sink sink;
	struct hrtimer timer;
	u32 seen[64];			/* APIC virtualization: registers as last seen */
	u64 armed;			/* deadline the hrtimer is set to */
	u64 earliest;			/* VM time before which it does not fire again */

	/*
	 * Posted by others, consumed by vcpu_irq_sync(). A poster sets or
	 * clears the bit in @level before it sets the one in @pir; the
	 * consumer takes @pir first.
	 */
	atomic64_t pir[4] ____cacheline_aligned;
	atomic64_t level[4];
	atomic_t lvt;		/* LVT entries to fire, by VMM_LVT_* */
	u32 sipi_vector;

	/* Published by the owner for senders; a torn read misroutes one message. */
	struct vlapic_route route ____cacheline_aligned;
	u8 ppr;
};

/* Board. irqchip_init arms nothing; fini stops all timers and may sleep. */
void irqchip_init(struct vm *vm);
void irqchip_fini(struct vm *vm);

/*
 * reset: the RESET pin, what VMM_REINIT wants; the RTC keeps time and memory.
 * power_on: at the VM's present time. No vCPU is active.
 */
void irqchip_reset(struct vm *vm);
void irqchip_power_on(struct vm *vm);
/* VM time stands still, or goes on from vm->time_base. */
void irqchip_stop_timers(struct vm *vm);
void irqchip_go_timers(struct vm *vm);
/* The 8259 pair's output was set by other means than its sink. */
void irqchip_intr_changed(struct irqchip *chip);

/* ioctls; process context, no lock held. */
int irqchip_ioapic_irq(struct vm *vm, const struct vmm_irq *irq);
int irqchip_isa_irq(struct vm *vm, const struct vmm_irq *irq);
int irqchip_set_trigger(struct vm *vm, u32 pin, bool level);
int irqchip_msi(struct vm *vm, u64 msi_gpa, u32 data);
int irqchip_local_irq(struct vm *vm, const struct vmm_local_irq *irq);
int irqchip_rtc_set_time(struct vm *vm, s64 seconds);
s64 irqchip_rtc_get_time(struct vm *vm);
int irqchip_nvram(struct vm *vm, u32 offset, bool write, u8 *byte);
int irqchip_pmtmr_locate(struct vm *vm, u32 port);

/*
 * Lines driven by irqfds; any context but NMI, no lock of the chip held.
 * Either pin may be VMM_NO_PIN. hold: up, if not held yet, until the guest
 * ends the interrupt. release: down, if held. end_hold: the same, as if the
 * guest had ended it.
 */
void irqchip_pulse(struct irqchip *chip, u32 isa_pin, u32 ioapic_pin);
void irqchip_hold(struct irqchip *chip, u32 isa_pin, u32 ioapic_pin);
void irqchip_release(struct irqchip *chip, u32 isa_pin, u32 ioapic_pin);
void irqchip_end_hold(struct irqchip *chip, u32 isa_pin, u32 ioapic_pin);

/* irqchip_bus.c. Guest accesses; any context but hard interrupt. */
enum vdev_result irqchip_port(struct vcpu *vcpu, u16 port, u32 size, bool write, u64 *value);
enum vdev_result irqchip_mmio(struct vcpu *vcpu, u64 gpa, u32 size, bool write, u64 *value);
bool irqchip_owns_gpa(struct vcpu *vcpu, u64 gpa);

/*
 * irqchip_apicv.c. init: -ENOMEM. map: process context, owner's thread; the
 * page at @gpa is the APIC-access page and is mapped now. unmap: for good.
 */
int irqchip_apicv_init(struct vm *vm, bool wanted);
void irqchip_apicv_fini(struct vm *vm);
bool irqchip_map_apic(struct vcpu *vcpu, u64 gpa);
void irqchip_unmap_apic(struct vm *vm);
/* Owner only: registers are as the model left them; TPR may have been written. */
void vcpu_apicv_seen(struct vcpu *vcpu);
void vcpu_apicv_tpr(struct vcpu *vcpu);

/* irqchip_lapic.c. */
int vcpu_irq_init(struct vcpu *vcpu);
void vcpu_irq_fini(struct vcpu *vcpu);
/* vcpu->lock held: RESET (@init false) or INIT. */
void vcpu_irq_reset(struct vcpu *vcpu, bool init);
/* vcpu->lock held: a new local APIC is in place; what was posted to the old is void. */
void vcpu_irq_forget(struct vcpu *vcpu);
/* After any access that may have moved the timer or the route; owner only. */
void vcpu_irq_update(struct vcpu *vcpu);
enum vdev_result vcpu_irq_msr(struct vcpu *vcpu, u32 msr, bool write, u64 *value);
enum vdev_result vcpu_irq_apicbase(struct vcpu *vcpu, bool write, u64 *value);
void vcpu_irq_tsc_changed(struct vcpu *vcpu);
/* Would an interrupt or NMI end HLT now? Owner only. */
bool vcpu_irq_wakes(struct vcpu *vcpu);
/* Deliver a message to the local APICs. Any context, ioapic_lock may be held. */
void irqchip_deliver(struct irqchip *chip, const struct lapic_msg *msg, u32 self_id);

#endif /* VMM_IRQCHIP_H */
