/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One EPT entry: bits, the two ways to keep accessed and dirty, atomics. For
 * the files ept*.c alone.
 *
 * A leaf has three properties beside its page and memory type: permissions,
 * accessed, dirty. Where they are kept depends on the tree:
 *
 *	hardware A/D	R W X in bits 0-2, accessed bit 8, dirty bit 9
 *	software A/D	R W X in bits 55 53 54; bits 0-2 hold as much of it as
 *			may be used without telling us: nothing while not
 *			accessed, R and X once accessed, W too once dirty.
 *			Bit 56 remembers dirty where bit 1 cannot say it
 *
 * So software "accessed" is bit 0 or bit 2, and "dirty" bit 1 or bit 56. Every
 * change decodes the three properties, alters one and encodes anew, in one
 * compare-and-exchange: W without R, or X without R where the processor
 * refuses it, cannot arise. SDM: "EPT Translation Mechanism", the tables of
 * entry formats; bits 52-56 are ignored by the processor.
 *
 * Bit 52 marks every entry in use, leaf or not, in both modes.
 */
#ifndef VMM_INTEL_EPT_ENTRY_H
#define VMM_INTEL_EPT_ENTRY_H

#include "env.h"
#include "ept.h"

#define EPTE_R		BIT_ULL(0)
#define EPTE_W		BIT_ULL(1)
#define EPTE_X		BIT_ULL(2)
#define EPTE_MT_SHIFT	3
#define EPTE_MT		GENMASK_ULL(6, 3)	/* memory type and IPAT */
#define EPTE_LEAF	BIT_ULL(7)		/* levels 2 and 3 */
#define EPTE_A		BIT_ULL(8)
#define EPTE_D		BIT_ULL(9)
#define EPTE_HPA	GENMASK_ULL(51, 12)
#define EPTE_V		BIT_ULL(52)
#define EPTE_SW_W	BIT_ULL(53)
#define EPTE_SW_X	BIT_ULL(54)
#define EPTE_SW_R	BIT_ULL(55)
#define EPTE_SW_D	BIT_ULL(56)

#define EPTE_TABLE	(EPTE_V | EPTE_R | EPTE_W | EPTE_X)

struct ept_masks {
	u64 r;
	u64 w;
	u64 x;
	u64 accessed;		/* any of these set: accessed */
	u64 dirty;		/* any of these set: dirty */
	u64 all;		/* every bit that encodes the three properties */
	bool soft;
};

static inline unsigned int ept_index(u64 gpa, int level)
{
	return (gpa >> (12 + 9 * (level - 1))) & (EPT_ENTRIES - 1);
}

static inline bool epte_is_valid(u64 e)
{
	return e & EPTE_V;
}

/* Of a valid entry. */
static inline bool epte_is_leaf(u64 e, int level)
{
	return level == 1 || (e & EPTE_LEAF);
}

static inline u64 epte_read(const u64 *slot)
{
	return READ_ONCE(*slot);
}

/* Publishes an entry after the table it points to has been filled. */
static inline void epte_store(u64 *slot, u64 e)
{
	__atomic_store_n(slot, e, __ATOMIC_RELEASE);
}

/* Removal: nothing that the processor has set before is lost. */
static inline u64 epte_xchg(u64 *slot, u64 e)
{
	return __atomic_exchange_n(slot, e, __ATOMIC_ACQ_REL);
}

/*
 * Fails only when the processor has set A or D meanwhile; *@old is then the
 * new value. As nobody clears these without the tree lock, a retry loop ends
 * after two rounds.
 */
static inline bool epte_cmpxchg(u64 *slot, u64 *old, u64 e)
{
	return __atomic_compare_exchange_n(slot, old, e, false,
					   __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

static inline u32 epte_prot(const struct ept_masks *m, u64 e)
{
	return ((e & m->r) ? EPT_R : 0) | ((e & m->w) ? EPT_W : 0) |
	       ((e & m->x) ? EPT_X : 0);
}

static inline bool epte_accessed(const struct ept_masks *m, u64 e)
{
	return e & m->accessed;
}

static inline bool epte_dirty(const struct ept_masks *m, u64 e)
{
	return e & m->dirty;
}

/* @prot satisfies ept_prot_ok(). */
static inline u64 epte_encode(const struct ept_masks *m, u32 prot,
			      bool accessed, bool dirty)
{
	u64 e = ((prot & EPT_R) ? m->r : 0) | ((prot & EPT_W) ? m->w : 0) |
		((prot & EPT_X) ? m->x : 0);

	if (!m->soft)
		return e | (accessed ? EPTE_A : 0) | (dirty ? EPTE_D : 0);
	if (accessed)
		e |= ((prot & EPT_R) ? EPTE_R : 0) |
		     ((prot & EPT_X) ? EPTE_X : 0);
	if (dirty)
		e |= (accessed && (prot & EPT_W)) ? EPTE_W : EPTE_SW_D;
	return e;
}

static inline u64 epte_recode(const struct ept_masks *m, u64 e, u32 prot,
			      bool accessed, bool dirty)
{
	return (e & ~m->all) | epte_encode(m, prot, accessed, dirty);
}

static inline u64 *ept_table(const struct ept *ept, u64 e)
{
	return ept->ops->virt(ept->ctx, e & EPTE_HPA);
}

/* Under the tree lock; ept_reap() takes it back without. */
static inline void ept_want_flush(struct ept *ept, struct ept_garbage *g)
{
	if (g->flush)
		return;
	g->flush = true;
	__atomic_fetch_add(&ept->unflushed, 1, __ATOMIC_RELAXED);
}

/* Whoever relies on the range being gone waits for earlier flushes too. */
static inline void ept_join_flush(struct ept *ept, struct ept_garbage *g)
{
	if (__atomic_load_n(&ept->unflushed, __ATOMIC_ACQUIRE))
		ept_want_flush(ept, g);
}

/* A dead table, all entries zero, joins the chain. */
static inline void ept_garbage_add(struct ept *ept, struct ept_garbage *g,
				   u64 *table)
{
	epte_store(table, (u64)(uintptr_t)g->pages);
	g->pages = table;
	ept_want_flush(ept, g);
}

/*
 * ept_split: the huge leaf *@slot (entry value @e, at @level > 1) becomes a
 * table of 512 leaves that say the same, in @page. No flush: the translations
 * are the same, and leaves inherit dirty, so a processor that still uses the
 * cached huge one has nothing to report. Returns the table.
 */
u64 *ept_split(struct ept *ept, u64 *slot, u64 e, int level, u64 *page);

/*
 * ept_dismantle: @table, at @level and for the range at @gpa, is out of the
 * tree: report its leaves, collect it and all tables below it.
 */
void ept_dismantle(struct ept *ept, struct ept_garbage *garbage, u64 *table,
		   int level, u64 gpa);

/* Reports a leaf that was replaced by exchange and returned @e. */
void ept_leaf_left(struct ept *ept, u64 e, int level, u64 gpa);

#endif /* VMM_INTEL_EPT_ENTRY_H */
