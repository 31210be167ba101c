/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * EPT: the tables that translate guest-physical to host-physical addresses.
 *
 * A pure tree of four levels over pages that the caller supplies. The caller
 * also serialises: every function that takes a struct ept * and a range or a
 * gpa runs under the VM's tree lock, except those marked "no lock". Processors
 * in the guest walk the tables at the same time without that lock, so entries
 * are stored whole and changed atomically; a table page that leaves the tree is
 * only collected, and freed by ept_reap() after the flush.
 *
 * SDM: "The Extended Page-Table Mechanism (EPT)", "Caching Translation
 * Information". The tree is a cache of the owner's address space: removing more
 * than was asked is always correct, and ept_unmap() uses that when it cannot
 * split a huge leaf.
 */
#ifndef VMM_INTEL_EPT_H
#define VMM_INTEL_EPT_H

#include "env.h"

#define EPT_LEVELS	4	/* level 1 maps 4 KiB, 2 2 MiB, 3 1 GiB */
#define EPT_GPA_BITS	48
#define EPT_GPA_END	(1ULL << EPT_GPA_BITS)
#define EPT_ENTRIES	512
#define EPT_CACHE_PAGES	4

/* Bytes that one entry of this level translates. */
static inline u64 ept_size(int level)
{
	return 1ULL << (12 + 9 * (level - 1));
}

/*
 * Permissions and kinds of access: the same bits as VMM_PROT_*, as bits 2:0 of
 * an entry and as bits 2:0 of an EPT violation's qualification.
 */
#define EPT_R		(1U << 0)
#define EPT_W		(1U << 1)
#define EPT_X		(1U << 2)
#define EPT_RWX		(EPT_R | EPT_W | EPT_X)

/* Memory types; EPT_MT_IPAT added makes the guest's PAT irrelevant. */
#define EPT_MT_UC	0U
#define EPT_MT_WC	1U
#define EPT_MT_WT	4U
#define EPT_MT_WP	5U
#define EPT_MT_WB	6U
#define EPT_MT_IPAT	8U

enum ept_result {
	EPT_OK,
	EPT_NOMEM,	/* cache too small, or alloc() failed; nothing changed */
	EPT_INVAL,	/* alignment, range, level, permission or memory type */
};

/* What ept_fault_ad() found. */
enum ept_fault {
	EPT_SETTLED,	/* enter the guest again */
	EPT_MISSING,	/* nothing mapped: go to the host */
	EPT_PROT,	/* mapped without that permission: go to the host */
	EPT_HUGE,	/* first write to a huge leaf under software A/D: go to the
			 * host and ept_map() again, at the same or a smaller level
			 */
};

/*
 * What the tree needs from outside.
 *
 * @alloc	a zeroed, 4 KiB aligned page or NULL; called only from ept_init()
 *		and ept_cache_fill(), never under the tree lock
 * @free	give a page back; called from ept_reap(), ept_cache_drain() and
 *		ept_fini(), never under the tree lock
 * @hpa, @virt	between a page's pointer and its host-physical address
 * @flush	returns when no processor uses a translation older than the call;
 *		called from ept_reap() only. May be NULL where nothing runs
 * @leaf_gone	a leaf has left the tree, under the tree lock (from ept_fini():
 *		without); @dirty and @accessed are what it had collected. Other
 *		processors may use the page until the flush. May be NULL
 */
struct ept_ops {
	void *(*alloc)(void *ctx);
	void (*free)(void *ctx, void *page);
	u64 (*hpa)(void *ctx, const void *page);
	void *(*virt)(void *ctx, u64 hpa);
	void (*flush)(void *ctx);
	void (*leaf_gone)(void *ctx, u64 gpa, u64 hpa, int level,
			  bool accessed, bool dirty);
};

/* What the processor can do and policy allows; fixed for the tree's life. */
struct ept_caps {
	bool hw_ad;	/* else accessed and dirty are kept by software */
	bool exec_only;
	bool has_2m;
	bool has_1g;	/* counts only together with @has_2m */
};

struct ept_masks;	/* ept_entry.h */

struct ept {
	const struct ept_ops *ops;
	void *ctx;
	const struct ept_masks *masks;
	struct ept_caps caps;
	u64 *root;
	unsigned int unflushed;		/* garbage that awaits its flush; atomic */
	u64 tables;			/* table pages in the tree, root included */
	u64 leaves[EPT_LEVELS];		/* [1..3]: leaves by level */
};

/* Pages for new tables, taken before the tree lock. Zero-initialise. */
struct ept_cache {
	unsigned int count;
	void *page[EPT_CACHE_PAGES];
};

/*
 * What changes have left behind: table pages out of the tree, and whether a
 * flush must come before they (and the pages the leaves mapped) are reused.
 * Zero-initialise; may collect over any number of calls on one tree, and must
 * go through ept_reap() even if it seems empty.
 *
 * Two callers may hold garbage of one tree at a time. The second to unmap a
 * page finds nothing, but must not return before the first one's flush: while
 * any garbage awaits its flush, ept_unmap() and ept_protect() ask for another.
 *
 * @pages is a chain through the first entry of each dead table. A processor may
 * still walk such a page, therefore the link must read as "not present": it is
 * the page-aligned pointer itself, whose low twelve bits are zero.
 */
struct ept_garbage {
	void *pages;
	bool flush;
};

/* One leaf to be installed. */
struct ept_mapping {
	u64 gpa;		/* both aligned to the level's size */
	u64 hpa;
	u8 level;		/* 1..3 */
	u8 prot;		/* EPT_R | ... */
	u8 memtype;		/* EPT_MT_* */
	u8 access;		/* the access that faulted, 0 for mapping ahead;
				 * what @prot refuses of it is ignored
				 */
};

/* A 4 KiB leaf that nobody has asked for yet. */
struct ept_ahead {
	u64 hpa;
	u8 prot;		/* EPT_R | ...; 0: none here */
	u8 memtype;		/* EPT_MT_* */
};

/*
 * ept_init: an empty tree. No lock. EPT_NOMEM leaves nothing behind. The
 * caller must flush before the first entry into the guest: the root page may
 * have stale translations on any processor.
 *
 * ept_fini: reports and frees everything. No lock; no processor may have the
 * tree loaded, and the last flush must lie behind.
 */
enum ept_result ept_init(struct ept *ept, const struct ept_ops *ops, void *ctx,
			 const struct ept_caps *caps);
void ept_fini(struct ept *ept);

/* The EPTP value for the VMCS. No lock. */
u64 ept_eptp(const struct ept *ept);

/*
 * ept_prot_ok: can these permissions be expressed at all? Not empty, no W
 * without R, and X without R only if the processor has execute-only.
 * ept_has_level: may leaves of this level be installed? No lock for both.
 */
bool ept_prot_ok(const struct ept *ept, u32 prot);
bool ept_has_level(const struct ept *ept, int level);

/*
 * ept_cache_fill: tops the cache up to EPT_CACHE_PAGES, enough for any one call
 * below. No lock; may sleep as far as alloc() does.
 * ept_cache_drain: frees what is left. No lock.
 */
enum ept_result ept_cache_fill(struct ept *ept, struct ept_cache *cache);
void ept_cache_drain(struct ept *ept, struct ept_cache *cache);

/*
 * ept_reap: flush if any change asked for it, then free the dead tables. No
 * lock; context as flush() requires. Empties @garbage.
 */
void ept_reap(struct ept *ept, struct ept_garbage *garbage);

/*
 * ept_map: install one leaf. Under software A/D @access decides the first
 * state: a write gives accessed and dirty, read and fetch accessed.
 *
 * Whatever stood there is replaced. The same page at the same level keeps what
 * A/D it had collected, a table below a new huge leaf is dismantled, a huge leaf
 * above a new small one is split, unless it already says the same. A first
 * mapping and an added permission need no flush; everything else sets
 * @garbage->flush.
 *
 * EPT_NOMEM: fill the cache and call again. At most three pages are used.
 */
enum ept_result ept_map(struct ept *ept, struct ept_cache *cache,
			struct ept_garbage *garbage,
			const struct ept_mapping *m);

/*
 * ept_map_ahead: @ahead[0] to @ahead[count - 1] are entered at @gpa and the
 * pages after it, not accessed and clean, as far as the table for them exists
 * and nothing is there yet. What ept_map() would refuse is left out. Needs no
 * page and no flush. The range lies in one 2 MiB block. Returns how many.
 */
u32 ept_map_ahead(struct ept *ept, u64 gpa, const struct ept_ahead *ahead, u32 count);

/*
 * ept_unmap: nothing in [@gpa_start, @gpa_end) is mapped on return; true if
 * there was something. Both ends are multiples of 4096, the end is at most
 * EPT_GPA_END. A huge leaf that the range cuts is split with pages from
 * @cache, or removed whole once they are used up or @cache is NULL.
 * Time is linear in the tables present in the range.
 */
bool ept_unmap(struct ept *ept, struct ept_cache *cache,
	       struct ept_garbage *garbage, u64 gpa_start, u64 gpa_end);

/*
 * ept_protect: takes away every permission not in @prot; adds none. A leaf
 * that would keep none that can be expressed is removed. A huge leaf that the
 * range cuts is split, or changed whole without pages. Dirty state is kept.
 * True if anything changed.
 */
bool ept_protect(struct ept *ept, struct ept_cache *cache,
		 struct ept_garbage *garbage, u64 gpa_start, u64 gpa_end,
		 u32 prot);

/*
 * ept_age: was any leaf in the range accessed? With @clear it is not, from now
 * on; dirty state is kept. Safe without a flush: until one happens, accesses
 * through cached translations go unnoticed.
 */
bool ept_age(struct ept *ept, u64 gpa_start, u64 gpa_end, bool clear);

/*
 * ept_clear_accessed: ept_age() with @clear over the whole range, and @report
 * (may be NULL) is called for each leaf that was, under the tree lock. With
 * @garbage no access goes unnoticed once ept_reap() has returned; it may be NULL.
 * Returns how many.
 */
u64 ept_clear_accessed(struct ept *ept, struct ept_garbage *garbage,
		       u64 gpa_start, u64 gpa_end,
		       void (*report)(void *ctx, u64 gpa, u64 hpa, int level));

/*
 * ept_clear_dirty: all leaves in the range become clean; @report (may be NULL)
 * is called for each that was dirty, under the tree lock. Sets
 * @garbage->flush if there was one: until ept_reap() has returned, the
 * page may be written without becoming dirty again. Returns how many.
 */
u64 ept_clear_dirty(struct ept *ept, struct ept_garbage *garbage,
		    u64 gpa_start, u64 gpa_end,
		    void (*report)(void *ctx, u64 gpa, u64 hpa, int level));

/*
 * ept_fault_ad: what an EPT violation at @gpa for @access (EPT_R, EPT_W or
 * EPT_X, or several) amounts to. Under software A/D this is where accessed
 * and dirty are set; under hardware A/D only spurious violations are settled.
 * Never needs a flush.
 */
enum ept_fault ept_fault_ad(struct ept *ept, u64 gpa, u32 access);

/*
 * ept_lookup: the leaf that translates @gpa. False if there is none.
 * ept_walk: the entries on the way, level 4 first; returns how many, the last
 * being the leaf or the entry where the walk ended.
 */
bool ept_lookup(const struct ept *ept, u64 gpa, u64 *entry, int *level);
int ept_walk(const struct ept *ept, u64 gpa, u64 entries[EPT_LEVELS]);

/*
 * ept_next: from @gpa on, the first address in a 1 GiB block that has a table or a
 * leaf; EPT_GPA_END if there is none. For going over a large range in steps.
 */
u64 ept_next(const struct ept *ept, u64 gpa);

/* What a leaf entry says. */
u32 ept_leaf_prot(const struct ept *ept, u64 entry);
u64 ept_leaf_hpa(u64 entry, int level);
u32 ept_leaf_memtype(u64 entry);
bool ept_leaf_accessed(const struct ept *ept, u64 entry);
bool ept_leaf_dirty(const struct ept *ept, u64 entry);

#endif /* VMM_INTEL_EPT_H */
