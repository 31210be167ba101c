/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * For functions of a test that run inside the guest.
 *
 * The guest has a copy of the whole test program at the same addresses, taken
 * when the guest was created, so such a function may use the program's code
 * and variables; changes are seen on its own side only (guest_at() is the way
 * across). It must not call the C library. By convention its name begins with
 * g_ and it is given to guest_start64().
 */
#ifndef GUEST_CODE_H
#define GUEST_CODE_H

#include <stdbool.h>
#include <stdint.h>
#include "guest_layout.h"

#define GUEST_STR_(x)	#x
#define GUEST_STR(x)	GUEST_STR_(x)

/* Ends the run: guest_run() returns GUEST_DONE, @value is cpu->result. */
static inline void g_done(uint64_t value)
{
	asm volatile("out %%al, $" GUEST_STR(GUEST_PORT_DONE) : : "b"(value) : "memory");
}

/* Appends to cpu->value[]. */
static inline void g_value(uint64_t value)
{
	asm volatile("out %%al, $" GUEST_STR(GUEST_PORT_VALUE) : : "b"(value) : "memory");
}

static inline void g_print(const char *s)
{
	for (; *s; s++)
		asm volatile("out %%al, $" GUEST_STR(GUEST_PORT_CHAR) : : "b"((uint64_t)*s));
}

static inline void outb(uint16_t port, uint8_t value)
{
	asm volatile("outb %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static inline void outw(uint16_t port, uint16_t value)
{
	asm volatile("outw %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static inline void outl(uint16_t port, uint32_t value)
{
	asm volatile("outl %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

static inline uint8_t inb(uint16_t port)
{
	uint8_t value;

	asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port) : "memory");
	return value;
}

static inline uint32_t inl(uint16_t port)
{
	uint32_t value;

	asm volatile("inl %1, %0" : "=a"(value) : "Nd"(port) : "memory");
	return value;
}

static inline uint64_t rdtsc(void)
{
	uint32_t low, high;

	asm volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return (uint64_t)high << 32 | low;
}

static inline uint64_t rdmsr(uint32_t index)
{
	uint32_t low, high;

	asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(index) : "memory");
	return (uint64_t)high << 32 | low;
}

static inline void wrmsr(uint32_t index, uint64_t value)
{
	asm volatile("wrmsr" : : "c"(index), "a"((uint32_t)value), "d"((uint32_t)(value >> 32))
		     : "memory");
}

static inline void g_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t reg[4])
{
	asm volatile("cpuid" : "=a"(reg[0]), "=b"(reg[1]), "=c"(reg[2]), "=d"(reg[3])
		     : "0"(leaf), "2"(subleaf));
}

#define G_CR(n)									\
static inline uint64_t read_cr##n(void)						\
{										\
	uint64_t value;								\
										\
	asm volatile("mov %%cr" #n ", %0" : "=r"(value) : : "memory");		\
	return value;								\
}										\
static inline void write_cr##n(uint64_t value)					\
{										\
	asm volatile("mov %0, %%cr" #n : : "r"(value) : "memory");		\
}
G_CR(0)
G_CR(2)
G_CR(3)
G_CR(4)
G_CR(8)

static inline uint32_t read32(uint64_t gla)
{
	uint32_t value;

	asm volatile("movl (%1), %0" : "=r"(value) : "r"(gla) : "memory");
	return value;
}

static inline void write32(uint64_t gla, uint32_t value)
{
	asm volatile("movl %0, (%1)" : : "r"(value), "r"(gla) : "memory");
}

static inline void g_sti(void) { asm volatile("sti" : : : "memory"); }
static inline void g_cli(void) { asm volatile("cli" : : : "memory"); }
/* Sleeps until an interrupt: nothing can come between STI and HLT. */
static inline void g_sti_hlt(void) { asm volatile("sti; hlt; cli" : : : "memory"); }

/* --- exceptions and interrupts ------------------------------------------- */

struct guest_frame {
	uint64_t r15, r14, r13, r12, r11, r10, r9, r8;
	uint64_t rdi, rsi, rbp, rbx, rdx, rcx, rax;
	uint64_t vector, error;
	uint64_t rip, cs, rflags, rsp, ss;
};

typedef void (*guest_handler)(struct guest_frame *frame);

/* Handlers by vector; without one, what is not a G_TRY() ends the guest. */
extern guest_handler guest_handlers[256];
/* How often each vector came, on all vCPUs. */
extern volatile uint32_t guest_counts[256];

#define G_FAULTED	0x100	/* G_TRY: an exception; bits 7:0 its vector */

/*
 * G_TRY(instruction, inputs...): runs one instruction. 0 if it went through,
 * else G_FAULTED | vector, with the error code in guest_error. RAX, RCX and RDX
 * are lost.
 */
extern volatile uint64_t guest_error;

#define G_TRY(insn, ...) ({							\
	register uint64_t _fault asm("r11");					\
	uint64_t _a, _c, _d;							\
	asm volatile("xor %%r11d, %%r11d\n"					\
		     "1:	" insn "\n"					\
		     "2:\n"							\
		     "	.pushsection guest_fixups, \"a\"\n"			\
		     "	.quad 1b, 2b\n"						\
		     "	.popsection"						\
		     : "=&r"(_fault), "=a"(_a), "=c"(_c), "=d"(_d)		\
		     : __VA_ARGS__						\
		     : "memory", "cc");						\
	_fault;									\
})

/* --- local APIC, xAPIC and x2APIC ----------------------------------------- */

#define LAPIC_GPA	0xfee00000ULL
#define LAPIC_ID	0x020
#define LAPIC_TPR	0x080
#define LAPIC_EOI	0x0b0
#define LAPIC_LDR	0x0d0
#define LAPIC_DFR	0x0e0
#define LAPIC_SVR	0x0f0
#define LAPIC_ISR	0x100
#define LAPIC_IRR	0x200
#define LAPIC_ICR	0x300
#define LAPIC_ICR2	0x310
#define LAPIC_LVT_TIMER	0x320
#define LAPIC_LVT_LINT0	0x350
#define LAPIC_LVT_LINT1	0x360
#define LAPIC_TIMER_ICR	0x380
#define LAPIC_TIMER_CCR	0x390
#define LAPIC_TIMER_DCR	0x3e0

#define MSR_APIC_BASE		0x1b
#define APIC_BASE_X2APIC	0x400
#define APIC_BASE_ENABLE	0x800
#define MSR_X2APIC		0x800

static inline uint32_t lapic_read(uint32_t offset)
{
	return read32(LAPIC_GPA + offset);
}

static inline void lapic_write(uint32_t offset, uint32_t value)
{
	write32(LAPIC_GPA + offset, value);
}

static inline void lapic_on(void)
{
	lapic_write(LAPIC_SVR, 0x1ff);
}

static inline void lapic_eoi(void)
{
	lapic_write(LAPIC_EOI, 0);
}

static inline void x2apic_on(void)
{
	wrmsr(MSR_APIC_BASE, rdmsr(MSR_APIC_BASE) | APIC_BASE_ENABLE | APIC_BASE_X2APIC);
	wrmsr(MSR_X2APIC + (LAPIC_SVR >> 4), 0x1ff);
}

static inline void x2apic_eoi(void)
{
	wrmsr(MSR_X2APIC + (LAPIC_EOI >> 4), 0);
}

#endif /* GUEST_CODE_H */
