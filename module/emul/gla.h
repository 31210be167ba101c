/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Guest page walk: linear to guest-physical address, in every paging mode.
 * Pure and stateless: nothing is cached, the caller owns the result, and the
 * tables are reached through two callbacks only.
 *
 * The surprising thing: accessed and dirty flags are written after the whole
 * walk has passed its checks, never on the way down, so a walk that faults
 * changes nothing (unless entries changed under it). A processor may have set
 * A in upper entries by then; no guest can tell that from a later walk.
 *
 * SDM: "Paging", "Access Rights", "Page-Fault Exceptions", "Accessed and
 * Dirty Flags". Left out because no guest of ours is shown them: shadow
 * stacks, supervisor protection keys, HLAT, LAM.
 */
#ifndef VMM_EMUL_GLA_H
#define VMM_EMUL_GLA_H

#include "env.h"
#include "vie.h"

#define GLA_LEVELS_MAX	5

enum gla_status {
	GLA_OK,
	GLA_FAULT,	/* exception in the result: #PF, or #GP for a non-canonical address */
	GLA_STOP,	/* a callback refused, and knows why */
	GLA_CHANGED,	/* entries kept changing under the walk: let the guest retry */
};

/* Access: GLA_READ is the absence of WRITE and EXEC. */
#define GLA_READ	0
#define GLA_WRITE	BIT(0)
#define GLA_EXEC	BIT(1)
#define GLA_USER	BIT(2)	/* CPL 3 */
#define GLA_IMPLICIT	BIT(3)	/* descriptor tables, TSS: supervisor at any CPL */
#define GLA_SET_AD	BIT(4)	/* on the guest's behalf: set A and D as a processor would */

struct gla_ctx {
	u64  cr0;
	u64  cr3;
	u64  cr4;
	u64  efer;
	u64  rflags;		/* AC only */
	u64  pdpte[4];		/* PAE: as loaded from CR3, checked when loaded */
	u32  pkru;
	u8   gpa_width;		/* MAXPHYADDR of the guest, 32..52 */
	bool has_1g;		/* CPUID.80000001H:EDX.Page1GB of the guest */
};

/*
 * @read64	value at @gpa, 8-aligned. GLA_OK or GLA_STOP.
 * @cmpxchg64	atomically replace @old by @new at @gpa, 8-aligned. GLA_OK,
 *		GLA_CHANGED if it was not @old, or GLA_STOP.
 */
struct gla_ops {
	enum gla_status (*read64)(void *ctx, u64 gpa, u64 *value);
	enum gla_status (*cmpxchg64)(void *ctx, u64 gpa, u64 old, u64 new);
};

/* One step of a walk, for reports: the entry as read. @level 1 is the PTE. */
struct gla_step {
	u64 gpa;		/* of the entry; 0 for a PDPTE held in a register */
	u64 entry;
	u8  level;
	u8  size;		/* bytes of the entry, 4 or 8 */
	u8  pad[6];
};

struct gla_result {
	u64 gpa;		/* GLA_OK only */
	u64 page_size;		/* GLA_OK only; 4096 without paging */
	struct vie_fault fault;	/* GLA_FAULT only */
	u32 steps;		/* filled in whatever the status */
	struct gla_step step[GLA_LEVELS_MAX];
};

/* All but pkru, gpa_width and has_1g, from a register block (CR, GPR groups). */
void gla_ctx_init(struct gla_ctx *gla, const struct vmm_regs *regs);

/*
 * Translate @gla for @access (GLA_*). Context: whatever the callbacks need.
 * Without GLA_SET_AD cmpxchg64 is not called and may be NULL. Reads at most
 * GLA_LEVELS_MAX entries per attempt, and makes a bounded number of attempts.
 * On #GP callers turn it into #SS(0) where the access was to the stack.
 */
enum gla_status gla_walk(const struct gla_ctx *ctx, u64 gla, unsigned int access,
			 const struct gla_ops *ops, void *ops_ctx, struct gla_result *result);

/* May CR3 be loaded with this PDPTE under PAE paging? (reserved bits) */
bool gla_pdpte_is_valid(u64 pdpte, u8 gpa_width);

#endif /* VMM_EMUL_GLA_H */
