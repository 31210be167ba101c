/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Code that runs in the guest. A payload takes the number of iterations, runs
 * them between two readings of the TSC, leaves the difference in payload_out
 * and ends with a write to GUEST_PORT_DONE.
 *
 * payload_out and payload_in lie at the same address in the program and in the
 * guest's image: IN_GUEST() is the way from one to the other.
 */
#ifndef PERF_PAYLOAD_H
#define PERF_PAYLOAD_H

#include <stdint.h>

#define PAYLOAD_VEC_X2APIC	0x40
#define PAYLOAD_VEC_XAPIC	0x41

struct payload_out {
	volatile uint64_t ticks;
	volatile uint64_t iterations;
	volatile uint64_t late;		/* sum of lateness, where a row has a deadline */
	volatile uint32_t irqs;		/* counted by the two handlers */
	volatile uint32_t ready;	/* a second vCPU has arrived */
	volatile uint32_t stop;
	volatile uint64_t fired_tsc;	/* TSC in the handler */
};

extern struct payload_out payload_out;

#define IN_GUEST(image, object)	\
	((__typeof__(&(object)))((image) + (uintptr_t)&(object)))

typedef void payload_fn(uint64_t iterations);

/* Interrupt handlers: count, note the TSC, EOI by MSR or by MMIO. */
extern const char payload_irq_x2apic[], payload_irq_xapic[];
/* #UD handler of the hypercall row. */
extern const char payload_ud[];

/* One exit each. */
payload_fn payload_empty, payload_cpuid, payload_vmcall, payload_wbinvd;
payload_fn payload_pic_in, payload_pit_in, payload_pmtmr_in;
payload_fn payload_user_out, payload_user_in, payload_user_mmio_write, payload_user_mmio_read;
payload_fn payload_event_out, payload_event_mmio;
payload_fn payload_rdmsr_tsc_adjust, payload_wrmsr_tsc_adjust;
payload_fn payload_rdmsr_apic_base, payload_wrmsr_apic_base;
payload_fn payload_cr0_wp, payload_cr0_cd, payload_cr4_pge;

/* Interrupts. */
payload_fn payload_self_ipi_x2apic, payload_self_ipi_xapic;
payload_fn payload_ipi_running, payload_ipi_halted;	/* vCPU 0 */
payload_fn payload_ipi_running_peer, payload_ipi_halted_peer;	/* vCPU 1 */
payload_fn payload_deadline_arm, payload_deadline_fire, payload_deadline_halt;
payload_fn payload_halt_woken;

/* Memory: one write, or read, per 4 KiB from PERF_AREA_GPA on. */
payload_fn payload_touch_write, payload_touch_read;
payload_fn payload_done;

#endif /* PERF_PAYLOAD_H */
