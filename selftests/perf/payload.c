// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Guest code of the rows with one vCPU. Runs in the guest, in 64-bit mode at
 * CPL 0, with the rules of guest_code.h.
 *
 * A loop costs two or three instructions per iteration beside its statement;
 * the row "empty loop" shows how many. A first round warms what is looked up
 * once: EPT entries, decoder pages, allocations on the host.
 */
#include "guest_code.h"
#include "machine.h"
#include "payload.h"

struct payload_out payload_out;

#define WARM_UP		4

static inline void finish(uint64_t ticks, uint64_t iterations)
{
	payload_out.ticks = ticks;
	payload_out.iterations = iterations;
	g_done(0);
}

/* What testhost --trace shows lies between two of these; else it does nothing. */
#define MARK()	asm volatile("xchg %%bx, %%bx" : : : "memory")

#define PAYLOAD(name, statement)	PAYLOAD_AFTER(name, {}, statement)
#define PAYLOAD_AFTER(name, setup, statement)					\
void payload_##name(uint64_t iterations)					\
{										\
	uint64_t begin, i;							\
										\
	setup;									\
	for (i = WARM_UP; i; i--) {						\
		statement;							\
	}									\
	begin = rdtsc();							\
	for (i = iterations; i; i--) {						\
		statement;							\
	}									\
	begin = rdtsc() - begin;						\
	MARK();									\
	statement;								\
	MARK();									\
	finish(begin, iterations);						\
}

PAYLOAD(empty, asm volatile("" : : : "memory"))
PAYLOAD_AFTER(cpuid, uint32_t r[4], g_cpuid(0, 0, r); (void)r)
PAYLOAD(vmcall,
	asm volatile("vmcall" : : "a"(0x5eedULL) : "rbx", "rcx", "rdx", "memory"))
PAYLOAD(wbinvd, asm volatile("wbinvd" : : : "memory"))

PAYLOAD(pic_in, inb(0x21))
/* Latched or not, the channel answers; that costs a look at the clock. */
PAYLOAD_AFTER(pit_in, outb(0x43, 0x34); outb(0x40, 0); outb(0x40, 0), inb(0x40))
PAYLOAD(pmtmr_in, inl(PERF_PORT_PMTMR))

PAYLOAD(user_out, outl(PERF_PORT_USER, 1))
PAYLOAD(user_in, inl(PERF_PORT_USER))
PAYLOAD(user_mmio_write, write32(PERF_MMIO_USER, 1))
PAYLOAD(user_mmio_read, read32(PERF_MMIO_USER))
PAYLOAD(event_out, outl(PERF_PORT_EVENT, 1))
PAYLOAD(event_mmio, write32(PERF_MMIO_EVENT, 1))

#define MSR_TSC_ADJUST	0x3b
PAYLOAD(rdmsr_tsc_adjust, rdmsr(MSR_TSC_ADJUST))
PAYLOAD(wrmsr_tsc_adjust, wrmsr(MSR_TSC_ADJUST, 0))
PAYLOAD(rdmsr_apic_base, rdmsr(MSR_APIC_BASE))
PAYLOAD_AFTER(wrmsr_apic_base, uint64_t value = rdmsr(MSR_APIC_BASE), wrmsr(MSR_APIC_BASE, value))

#define CR0_WP	(1ULL << 16)
#define CR0_CD	(1ULL << 30)
#define CR4_PGE	(1ULL << 7)
PAYLOAD_AFTER(cr0_wp, uint64_t cr0 = read_cr0(), write_cr0(cr0 ^= CR0_WP))
PAYLOAD_AFTER(cr0_cd, uint64_t cr0 = read_cr0(), write_cr0(cr0 ^= CR0_CD))
PAYLOAD_AFTER(cr4_pge, uint64_t cr4 = read_cr4(), write_cr4(cr4 ^= CR4_PGE))

/* --- interrupts ------------------------------------------------------------ */

_Static_assert(offsetof(struct payload_out, irqs) == 24, "payload_irq.S");
_Static_assert(offsetof(struct payload_out, fired_tsc) == 40, "payload_irq.S");

#define ICR_SELF	0x40000

static void await(uint32_t irqs)
{
	while (payload_out.irqs == irqs)
		asm volatile("pause" : : : "memory");
}

static void self_ipi_x2apic(void)
{
	uint32_t irqs = payload_out.irqs;

	wrmsr(MSR_X2APIC + (LAPIC_ICR >> 4), ICR_SELF | PAYLOAD_VEC_X2APIC);
	await(irqs);
}

static void self_ipi_xapic(void)
{
	uint32_t irqs = payload_out.irqs;

	lapic_write(LAPIC_ICR, ICR_SELF | PAYLOAD_VEC_XAPIC);
	await(irqs);
}

PAYLOAD_AFTER(self_ipi_x2apic, x2apic_on(); g_sti(), self_ipi_x2apic())
PAYLOAD_AFTER(self_ipi_xapic, lapic_on(); g_sti(), self_ipi_xapic())

#define MSR_TSC_DEADLINE	0x6e0
#define LVT_TSC_DEADLINE	0x40000
/* Far enough that arming is over, near enough that nothing else comes between. */
#define DEADLINE_TICKS		30000

static void deadline_mode(void)
{
	x2apic_on();
	wrmsr(MSR_X2APIC + (LAPIC_LVT_TIMER >> 4), LVT_TSC_DEADLINE | PAYLOAD_VEC_X2APIC);
}

PAYLOAD_AFTER(deadline_arm, deadline_mode(), wrmsr(MSR_TSC_DEADLINE, rdtsc() + (1ULL << 40)))

/* The row is the lateness: from the deadline to the handler. */
static void deadline_round(uint64_t iterations, int halt)
{
	uint64_t deadline, i;
	uint32_t irqs;

	deadline_mode();
	if (!halt)
		g_sti();
	for (i = 0; i < iterations + WARM_UP; i++) {
		if (i == WARM_UP)
			payload_out.late = 0;
		irqs = payload_out.irqs;
		deadline = rdtsc() + DEADLINE_TICKS;
		wrmsr(MSR_TSC_DEADLINE, deadline);
		while (payload_out.irqs == irqs) {
			if (halt)
				g_sti_hlt();
			else
				asm volatile("pause" : : : "memory");
		}
		payload_out.late += payload_out.fired_tsc - deadline;
	}
	finish(payload_out.late, iterations);
}

void payload_deadline_fire(uint64_t iterations)
{
	deadline_round(iterations, 0);
}

void payload_deadline_halt(uint64_t iterations)
{
	deadline_round(iterations, 1);
}

/* Woken by userspace, @iterations times: it sees irqs grow and wakes anew. */
void payload_halt_woken(uint64_t iterations)
{
	uint64_t begin;

	x2apic_on();
	payload_out.ready = 1;
	while (payload_out.irqs < WARM_UP)
		g_sti_hlt();
	begin = rdtsc();
	while (payload_out.irqs < WARM_UP + iterations)
		g_sti_hlt();
	finish(rdtsc() - begin, iterations);
}

/* --- two vCPUs: 0 sends and waits for the answer, 1 answers ----------------- */

static void send(uint32_t target)
{
	wrmsr(MSR_X2APIC + (LAPIC_ICR >> 4), (uint64_t)target << 32 | PAYLOAD_VEC_X2APIC);
}

static void ipi_sender(uint64_t iterations)
{
	uint64_t begin = 0, i;
	uint32_t irqs;

	x2apic_on();
	while (!payload_out.ready)
		asm volatile("pause" : : : "memory");
	for (i = 0; i < iterations + WARM_UP; i++) {
		if (i == WARM_UP)
			begin = rdtsc();
		irqs = payload_out.irqs;
		send(1);
		await(irqs);
	}
	payload_out.stop = 1;
	send(1);
	finish(rdtsc() - begin, iterations);
}

void payload_ipi_running(uint64_t iterations)
{
	ipi_sender(iterations);
}

void payload_ipi_halted(uint64_t iterations)
{
	ipi_sender(iterations);
}

void payload_ipi_running_peer(uint64_t unused)
{
	x2apic_on();
	g_sti();
	payload_out.ready = 1;
	while (!payload_out.stop)
		asm volatile("pause" : : : "memory");
	g_done(0);
}

void payload_ipi_halted_peer(uint64_t unused)
{
	x2apic_on();
	payload_out.ready = 1;
	while (!payload_out.stop)
		g_sti_hlt();
	g_done(0);
}

/* --- memory ----------------------------------------------------------------- */

void payload_touch_write(uint64_t pages)
{
	volatile uint64_t *gla = (volatile uint64_t *)PERF_AREA_GPA;
	uint64_t begin = rdtsc(), i;

	for (i = pages; i; i--) {
		*gla = 1;
		gla += 512;
	}
	finish(rdtsc() - begin, pages);
}

void payload_touch_read(uint64_t pages)
{
	volatile uint64_t *gla = (volatile uint64_t *)PERF_AREA_GPA;
	uint64_t begin = rdtsc(), i;

	for (i = pages; i; i--) {
		(void)*gla;
		gla += 512;
	}
	finish(rdtsc() - begin, pages);
}

void payload_done(uint64_t unused)
{
	g_done(0);
}
