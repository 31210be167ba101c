// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Guest page walk. One loop serves all paging modes; a mode is a row of
 * numbers (levels, bits per level, entry size). Memory belongs to the guest
 * and is reached by callbacks; other vCPUs may change it at any moment, which
 * is why flags are set by compare-and-exchange and a walk may start over.
 *
 * Every rule that depends on more than one entry (user, write, execute) is the
 * AND over all levels, gathered on the way down and judged at the end.
 *
 * SDM: "Paging", "Access Rights", "Page-Fault Exceptions", "Protection Keys".
 */
#include "gla.h"
#include "vie_impl.h"

#define CR0_WP		BIT(16)
#define CR0_PG		BIT_ULL(31)
#define CR4_PSE		BIT(4)
#define CR4_PAE		BIT(5)
#define CR4_LA57	BIT(12)
#define CR4_SMEP	BIT(20)
#define CR4_SMAP	BIT(21)
#define CR4_PKE		BIT(22)
#define EFER_LMA	BIT(10)
#define EFER_NXE	BIT(11)

#define PTE_P		BIT(0)
#define PTE_W		BIT(1)
#define PTE_U		BIT(2)
#define PTE_A		BIT(5)
#define PTE_D		BIT(6)
#define PTE_PS		BIT(7)
#define PTE_XD		BIT_ULL(63)
#define PTE_KEY_SHIFT	59

#define ERR_P		BIT(0)
#define ERR_W		BIT(1)
#define ERR_U		BIT(2)
#define ERR_RSVD	BIT(3)
#define ERR_FETCH	BIT(4)
#define ERR_KEY		BIT(5)

#define ATTEMPTS	8

struct walk {
	const struct gla_ctx *ctx;
	const struct gla_ops *ops;
	void *ops_ctx;
	struct gla_result *res;
	u64 gla;
	unsigned int access;

	bool is_long;
	bool is_pae;		/* 8-byte entries, and not long mode */
	u8   top;		/* level of the first entry, 1 = PTE */
	u8   bits;		/* of the linear address per level */
	u8   entry_size;
	u64  rights;		/* PTE_W, PTE_U ANDed; PTE_XD ORed */
};

void gla_ctx_init(struct gla_ctx *gla, const struct vmm_regs *regs)
{
	gla->cr0 = regs->cr0;
	gla->cr3 = regs->cr3;
	gla->cr4 = regs->cr4;
	gla->efer = regs->efer;
	gla->rflags = regs->rflags;
	memcpy(gla->pdpte, regs->pdpte, sizeof(gla->pdpte));
}

bool gla_pdpte_is_valid(u64 pdpte, u8 gpa_width)
{
	u64 reserved = GENMASK_ULL(2, 1) | GENMASK_ULL(8, 5) | ~vie_mask(8);

	reserved |= ~0ULL << gpa_width;
	return !(pdpte & PTE_P) || !(pdpte & reserved);
}

static enum gla_status page_fault(struct walk *w, u32 error)
{
	struct vie_fault *fault = &w->res->fault;
	const struct gla_ctx *ctx = w->ctx;

	if (w->access & GLA_WRITE)
		error |= ERR_W;
	if ((w->access & GLA_USER) && !(w->access & GLA_IMPLICIT))
		error |= ERR_U;
	if ((w->access & GLA_EXEC) &&
	    ((ctx->cr4 & CR4_SMEP) || ((ctx->cr4 & CR4_PAE) && (ctx->efer & EFER_NXE))))
		error |= ERR_FETCH;
	fault->vector = VIE_PF;
	fault->has_error = true;
	fault->error = error;
	fault->cr2 = w->gla;
	return GLA_FAULT;
}

static enum gla_status not_canonical(struct walk *w)
{
	w->res->fault.vector = VIE_GP;
	w->res->fault.has_error = true;
	w->res->fault.error = 0;
	w->res->fault.cr2 = 0;
	return GLA_FAULT;
}

/* An entry of 4 bytes is half of an aligned word of 8. */
static u64 entry_of_word(const struct walk *w, u64 gpa, u64 word)
{
	if (w->entry_size == 8)
		return word;
	return (u32)(word >> (gpa & 4 ? 32 : 0));
}

static bool is_leaf(const struct walk *w, unsigned int level, u64 entry)
{
	if (level == 1)
		return true;
	if (!(entry & PTE_PS) || level > 3)
		return false;
	if (w->is_long || w->is_pae)
		return level == 2 || w->is_long;
	return w->ctx->cr4 & CR4_PSE;
}

/* Bits that must be zero in a present entry. */
static u64 reserved_bits(const struct walk *w, unsigned int level, bool leaf)
{
	u64 above = ~0ULL << w->ctx->gpa_width;
	u64 reserved;

	if (w->entry_size == 4) {
		if (!leaf || level == 1)
			return 0;
		/* PSE-36: bits 20:13 are physical address bits 39:32. */
		return BIT(21) | ((above >> 32 << 13) & GENMASK_ULL(20, 13));
	}

	reserved = above & GENMASK_ULL(51, 12);
	if (w->is_pae)
		reserved |= GENMASK_ULL(62, 52);
	if (!(w->ctx->efer & EFER_NXE))
		reserved |= PTE_XD;
	if (w->is_long && (level >= 4 || (level == 3 && !w->ctx->has_1g)))
		reserved |= PTE_PS;
	if (leaf && level == 2)
		reserved |= GENMASK_ULL(20, 13);
	if (leaf && level == 3)
		reserved |= GENMASK_ULL(29, 13);
	return reserved;
}

static u64 table_gpa(const struct walk *w, u64 entry)
{
	if (w->entry_size == 4)
		return entry & GENMASK_ULL(31, 12);
	return entry & GENMASK_ULL(51, 12);
}

static u64 leaf_gpa(const struct walk *w, unsigned int level, u64 entry)
{
	unsigned int shift = 12 + (level - 1) * w->bits;
	u64 inside = (1ULL << shift) - 1;
	u64 frame = table_gpa(w, entry) & ~inside;

	if (w->entry_size == 4 && level == 2)
		frame |= (entry & GENMASK_ULL(20, 13)) << (32 - 13);
	w->res->page_size = inside + 1;
	return frame | (w->gla & inside);
}

/* Protection keys: of user pages, for data accesses, in long mode. */
static bool key_forbids(const struct walk *w, u64 leaf, bool user)
{
	unsigned int shift = ((leaf >> PTE_KEY_SHIFT) & 15) * 2;
	u32 key = w->ctx->pkru >> shift;

	if (!w->is_long || !(w->ctx->cr4 & CR4_PKE) || (w->access & GLA_EXEC) ||
	    !(w->rights & PTE_U))
		return false;
	if (key & 1)
		return true;
	return (key & 2) && (w->access & GLA_WRITE) && (user || (w->ctx->cr0 & CR0_WP));
}

static enum gla_status judge(struct walk *w, u64 leaf)
{
	const struct gla_ctx *ctx = w->ctx;
	bool implicit = w->access & GLA_IMPLICIT;
	bool user = (w->access & GLA_USER) && !implicit;
	bool user_page = w->rights & PTE_U;
	bool denied = false;

	if (user && !user_page)
		denied = true;
	if ((w->access & GLA_WRITE) && !(w->rights & PTE_W) && (user || (ctx->cr0 & CR0_WP)))
		denied = true;
	if (w->access & GLA_EXEC) {
		if (w->rights & PTE_XD)
			denied = true;
		if (!user && user_page && (ctx->cr4 & CR4_SMEP))
			denied = true;
	} else if (!user && user_page && (ctx->cr4 & CR4_SMAP) &&
		   (implicit || !(ctx->rflags & FLAG_AC))) {
		denied = true;
	}

	if (key_forbids(w, leaf, user))
		return page_fault(w, ERR_P | ERR_KEY);
	return denied ? page_fault(w, ERR_P) : GLA_OK;
}

static void record(struct walk *w, unsigned int level, u64 gpa, u64 entry)
{
	struct gla_step *step = &w->res->step[w->res->steps++];

	step->gpa = gpa;
	step->entry = entry;
	step->level = level;
	step->size = w->entry_size;
}

/*
 * Down from the entry table at @gpa to the leaf, recording the entries. All
 * reserved bits are checked before any right is judged.
 */
static enum gla_status descend(struct walk *w, u64 gpa)
{
	unsigned int level, shift;
	u64 entry = 0, word, at;
	enum gla_status status;
	bool leaf = false;

	for (level = w->top; level; level--) {
		shift = 12 + (level - 1) * w->bits;
		at = gpa + ((w->gla >> shift) & ((1U << w->bits) - 1)) * w->entry_size;
		status = w->ops->read64(w->ops_ctx, at & ~7ULL, &word);
		if (status != GLA_OK)
			return status;
		entry = entry_of_word(w, at, word);
		record(w, level, at, entry);
		if (!(entry & PTE_P))
			return page_fault(w, 0);
		leaf = is_leaf(w, level, entry);
		if (entry & reserved_bits(w, level, leaf))
			return page_fault(w, ERR_P | ERR_RSVD);
		w->rights = (w->rights & entry & (PTE_W | PTE_U)) |
			    ((w->rights | entry) & PTE_XD);
		if (leaf)
			break;
		gpa = table_gpa(w, entry);
	}
	if (w->entry_size == 4)
		w->rights &= ~PTE_XD;

	status = judge(w, entry);
	if (status == GLA_OK)
		w->res->gpa = leaf_gpa(w, level, entry);
	return status;
}

static enum gla_status set_flag(struct walk *w, const struct gla_step *step, u64 flags)
{
	u64 word = step->entry, other;
	unsigned int shift = 0;
	enum gla_status status;

	if ((step->entry & flags) == flags)
		return GLA_OK;
	if (step->size == 4) {
		/* The neighbour is re-read: only its change between here and the
		 * exchange, or one of our own entry, counts as a collision.
		 */
		shift = step->gpa & 4 ? 32 : 0;
		status = w->ops->read64(w->ops_ctx, step->gpa & ~7ULL, &other);
		if (status != GLA_OK)
			return status;
		if ((u32)(other >> shift) != (u32)step->entry)
			return GLA_CHANGED;
		word = other;
	}
	/* In brackets: in some kernels cmpxchg64 is a macro. */
	return (w->ops->cmpxchg64)(w->ops_ctx, step->gpa & ~7ULL, word, word | flags << shift);
}

/* A in every entry in memory, D in the leaf of a write. */
static enum gla_status set_flags(struct walk *w, unsigned int first)
{
	enum gla_status status = GLA_OK;
	unsigned int i;

	for (i = first; i < w->res->steps && status == GLA_OK; i++) {
		bool leaf = i + 1 == w->res->steps;

		status = set_flag(w, &w->res->step[i],
				  PTE_A | (leaf && (w->access & GLA_WRITE) ? PTE_D : 0));
	}
	return status;
}

static enum gla_status attempt(struct walk *w)
{
	const struct gla_ctx *ctx = w->ctx;
	unsigned int first = 0;
	enum gla_status status;
	u64 gpa;

	w->res->steps = 0;
	w->rights = PTE_W | PTE_U;
	if (w->is_pae) {
		gpa = ctx->pdpte[(w->gla >> 30) & 3];
		record(w, 3, 0, gpa);
		if (!(gpa & PTE_P))
			return page_fault(w, 0);
		gpa = table_gpa(w, gpa);
		first = 1;
	} else {
		gpa = w->is_long ? table_gpa(w, ctx->cr3) : ctx->cr3 & GENMASK_ULL(31, 12);
	}

	status = descend(w, gpa);
	if (status == GLA_OK && (w->access & GLA_SET_AD))
		status = set_flags(w, first);
	return status;
}

static bool is_canonical(const struct gla_ctx *ctx, u64 gla)
{
	unsigned int shift = ctx->cr4 & CR4_LA57 ? 64 - 57 : 64 - 48;

	return (u64)((s64)(gla << shift) >> shift) == gla;
}

enum gla_status gla_walk(const struct gla_ctx *ctx, u64 gla, unsigned int access,
			 const struct gla_ops *ops, void *ops_ctx, struct gla_result *result)
{
	struct walk w = {
		.ctx = ctx,
		.ops = ops,
		.ops_ctx = ops_ctx,
		.res = result,
		.gla = gla,
		.access = access,
	};
	enum gla_status status;
	unsigned int tries;

	result->steps = 0;
	w.is_long = (ctx->cr0 & CR0_PG) && (ctx->efer & EFER_LMA);
	if (w.is_long && !is_canonical(ctx, gla))
		return not_canonical(&w);
	if (!w.is_long)
		w.gla = (u32)gla;
	if (!(ctx->cr0 & CR0_PG)) {
		result->gpa = w.gla;
		result->page_size = 4096;
		return GLA_OK;
	}

	w.is_pae = !w.is_long && (ctx->cr4 & CR4_PAE);
	w.entry_size = w.is_long || w.is_pae ? 8 : 4;
	w.bits = w.entry_size == 8 ? 9 : 10;
	w.top = w.is_long ? (ctx->cr4 & CR4_LA57 ? 5 : 4) : 2;

	for (tries = 0; tries < ATTEMPTS; tries++) {
		status = attempt(&w);
		if (status != GLA_CHANGED)
			return status;
	}
	return GLA_CHANGED;
}
