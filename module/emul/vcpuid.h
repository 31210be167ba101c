/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What CPUID tells the guest. vcpuid_build() makes one table per VM from what
 * the host has and what the module carries through; vcpuid_query() answers one
 * vCPU from it. The table is the caller's memory, constant once built, and so
 * needs no lock; what differs between vCPUs or changes at run time (APIC id,
 * OSXSAVE, OSPKE, XCR0-dependent sizes) is an argument of the query.
 *
 * The surprising thing: a feature is shown only if a mask in vcpuid.c names it.
 * What is new in a processor stays hidden until somebody has thought about it.
 *
 * SDM: "CPUID - CPU Identification".
 */
#ifndef VMM_EMUL_VCPUID_H
#define VMM_EMUL_VCPUID_H

#include "env.h"

#define VCPUID_TABLE_MAX		96
#define VCPUID_HV_BASE		0x40000000u
#define VCPUID_HV_TIMING		0x40000010u	/* EAX TSC kHz, EBX APIC timer kHz */
#define VCPUID_HV_SIGNATURE	"vmm on Linux"	/* EBX, ECX, EDX of VCPUID_HV_BASE */

struct vcpuid_entry {
	u32 leaf;
	u32 subleaf;		/* 0 unless has_subleaf */
	u32 reg[4];		/* EAX, EBX, ECX, EDX */
	u32 has_subleaf;	/* 1: ECX selects among entries of this leaf */
};

struct vcpuid_table {
	u32 count;
	u32 max_basic;
	u32 max_extended;
	u32 vcpus;
	u32 threads;		/* per core, a power of two; 0: 1 */
	u32 cores;		/* per package, a power of two; 0: all in one */
	struct vcpuid_entry entry[VCPUID_TABLE_MAX];
};

/* Feature words a caller may take bits out of, beyond the policy. */
enum vcpuid_word {
	VCPUID_1_ECX,
	VCPUID_1_EDX,
	VCPUID_7_EBX,
	VCPUID_7_ECX,
	VCPUID_7_EDX,
	VCPUID_7_1_EAX,
	VCPUID_7_1_EDX,
	VCPUID_7_2_EDX,
	VCPUID_D_1_EAX,
	VCPUID_80000001_ECX,
	VCPUID_80000001_EDX,
	VCPUID_WORDS,
};

/*
 * What module, machine and VM can do.
 *
 * @xcr0	state components the FPU switch carries; 0: no XSAVE
 * @tsc_khz	of the guest; 0: unknown, timing leaves stay zero
 * @apic_khz	APIC timer input, the "core crystal" the guest computes with; the
 *		ratio in leaf 15H is the closest that lets a guest multiply in
 *		32 bits, as Linux does (exact where that allows)
 * @vcpus	cores in the one socket if the query does not say; at least 1
 * @hide	bits to clear, by enum vcpuid_word
 */
struct vcpuid_caps {
	u64  xcr0;
	u32  tsc_khz;
	u32  apic_khz;
	u32  vcpus;
	bool x2apic;
	bool tsc_deadline;
	bool invariant_tsc;	/* guest TSC never changes rate */
	bool invpcid;		/* "enable INVPCID" is on */
	bool rdtscp;		/* "enable RDTSCP" is on, TSC_AUX is switched */
	bool spec_ctrl;		/* IA32_SPEC_CTRL is switched at entry and exit */
	bool pred_cmd;		/* guest IBPB is carried out */
	bool flush_cmd;		/* guest L1D flush is carried out */
	bool arch_caps;		/* IA32_ARCH_CAPABILITIES is answered */
	bool user_wait;		/* "enable user wait and pause" is on */
	u32  hide[VCPUID_WORDS];
};

/* One CPUID of the host: EAX, EBX, ECX, EDX into @reg. */
typedef void (*vcpuid_host_fn)(void *ctx, u32 leaf, u32 subleaf, u32 reg[4]);

/*
 * Fill @table in. Asks @host for some 60 leaves; never fails: a host that
 * reports more subleaves than fit loses the last of them.
 */
void vcpuid_build(struct vcpuid_table *table, const struct vcpuid_caps *caps,
		  vcpuid_host_fn host, void *ctx);

/* One vCPU at the moment it executes CPUID. */
struct vcpuid_dyn {
	u32  apic_id;
	u32  vcpus;
	u64  cr4;
	u64  xcr0;
	u64  misc_enable;	/* LIMIT_CPUID (bit 22) only */
	bool apic_enabled;	/* IA32_APIC_BASE.EN */
};

/*
 * The answer to CPUID(@leaf, @subleaf). Preemption may be off; no allocation.
 * A leaf beyond the highest basic or extended one answers as the highest basic
 * leaf does, which is Intel's rule; an unknown leaf below it, zero.
 */
void vcpuid_query(const struct vcpuid_table *table, const struct vcpuid_dyn *dyn,
		  u32 leaf, u32 subleaf, u32 reg[4]);

/*
 * The stored entry, before dynamic bits; NULL if there is none. Topology
 * leaves (0BH, 1FH) are made by the query and never stored.
 */
const struct vcpuid_entry *vcpuid_find(const struct vcpuid_table *table, u32 leaf, u32 subleaf);

enum vcpuid_verdict {
	VCPUID_OK,
	VCPUID_MALFORMED,	/* contradicts itself */
	VCPUID_UNSUPPORTED,	/* asks for what @supported has not */
};

/*
 * Judge a table from outside, of which count, threads, cores and entry[] are
 * filled in; sets max_basic and max_extended. @supported is vcpuid_build()'s.
 */
enum vcpuid_verdict vcpuid_check(struct vcpuid_table *table,
				 const struct vcpuid_table *supported);

/* Does leaf @leaf, subleaf 0, register @reg (EAX is 0) have bit @bit? */
bool vcpuid_has(const struct vcpuid_table *table, u32 leaf, unsigned int reg, unsigned int bit);

/* Components that XCR0 may have; 1 (x87 alone) without XSAVE. */
u64 vcpuid_xcr0_allowed(const struct vcpuid_table *table);

/* MAXPHYADDR and 1G pages as the guest sees them (for gla.h). */
u8 vcpuid_gpa_width(const struct vcpuid_table *table);
bool vcpuid_has_1g(const struct vcpuid_table *table);

/* CR4 bits that this table lets the guest set; all others are #GP. */
u64 vcpuid_cr4_allowed(const struct vcpuid_table *table);

/* IA32_SPEC_CTRL bits that this table lets the guest set; 0: no such register. */
u64 vcpuid_spec_ctrl_allowed(const struct vcpuid_table *table);

/*
 * May the guest load XCR0 with @value, given the components it may use? SDM
 * "Enabling the XSAVE Feature Set": x87 always, AVX needs SSE, AVX-512 needs
 * AVX and comes whole, MPX comes as a pair.
 */
bool vcpuid_xcr0_is_valid(u64 value, u64 allowed);

#endif /* VMM_EMUL_VCPUID_H */
