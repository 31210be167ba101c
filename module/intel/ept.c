// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * EPT: life of a tree, and installing leaves.
 *
 * Contracts are in ept.h, entry formats in ept_entry.h; ranges are in
 * ept_range.c, faults and questions in ept_query.c. Installing is the hot path
 * of a guest that touches memory for the first time: one walk, no allocation,
 * and all that can fail is decided before the first store.
 *
 * SDM: "The Extended Page-Table Mechanism (EPT)".
 */
#include "ept.h"
#include "ept_entry.h"

#define EPTP_WB			6ULL
#define EPTP_WALK_4		(3ULL << 3)
#define EPTP_AD			BIT_ULL(6)

static const struct ept_masks ept_hw_ad = {
	.r = EPTE_R,
	.w = EPTE_W,
	.x = EPTE_X,
	.accessed = EPTE_A,
	.dirty = EPTE_D,
	.all = EPTE_R | EPTE_W | EPTE_X | EPTE_A | EPTE_D,
};

static const struct ept_masks ept_sw_ad = {
	.r = EPTE_SW_R,
	.w = EPTE_SW_W,
	.x = EPTE_SW_X,
	.accessed = EPTE_R | EPTE_X,
	.dirty = EPTE_W | EPTE_SW_D,
	.all = EPTE_SW_R | EPTE_SW_W | EPTE_SW_X | EPTE_SW_D |
	       EPTE_R | EPTE_W | EPTE_X,
	.soft = true,
};

enum ept_result ept_init(struct ept *ept, const struct ept_ops *ops, void *ctx,
			 const struct ept_caps *caps)
{
	u64 *root = ops->alloc(ctx);

	if (!root)
		return EPT_NOMEM;
	*ept = (struct ept) {
		.ops = ops,
		.ctx = ctx,
		.masks = caps->hw_ad ? &ept_hw_ad : &ept_sw_ad,
		.caps = *caps,
		.root = root,
		.tables = 1,
	};
	/* A 1 GiB leaf is split into 2 MiB leaves. */
	ept->caps.has_1g = caps->has_1g && caps->has_2m;
	return EPT_OK;
}

static void free_chain(struct ept *ept, void *pages)
{
	while (pages) {
		void *next = (void *)(uintptr_t)epte_read(pages);

		ept->ops->free(ept->ctx, pages);
		pages = next;
	}
}

void ept_fini(struct ept *ept)
{
	struct ept_garbage garbage = { 0 };

	ept_unmap(ept, NULL, &garbage, 0, EPT_GPA_END);
	free_chain(ept, garbage.pages);
	ept->ops->free(ept->ctx, ept->root);
	ept->root = NULL;
	ept->tables = 0;
}

void ept_reap(struct ept *ept, struct ept_garbage *garbage)
{
	void *pages = garbage->pages;

	if (garbage->flush) {
		if (ept->ops->flush)
			ept->ops->flush(ept->ctx);
		__atomic_fetch_sub(&ept->unflushed, 1, __ATOMIC_RELEASE);
	}
	*garbage = (struct ept_garbage) { 0 };
	free_chain(ept, pages);
}

u64 ept_eptp(const struct ept *ept)
{
	return ept->ops->hpa(ept->ctx, ept->root) | EPTP_WB | EPTP_WALK_4 |
	       (ept->caps.hw_ad ? EPTP_AD : 0);
}

enum ept_result ept_cache_fill(struct ept *ept, struct ept_cache *cache)
{
	while (cache->count < EPT_CACHE_PAGES) {
		void *page = ept->ops->alloc(ept->ctx);

		if (!page)
			return EPT_NOMEM;
		cache->page[cache->count++] = page;
	}
	return EPT_OK;
}

void ept_cache_drain(struct ept *ept, struct ept_cache *cache)
{
	while (cache->count)
		ept->ops->free(ept->ctx, cache->page[--cache->count]);
}

bool ept_prot_ok(const struct ept *ept, u32 prot)
{
	if (!prot || (prot & ~EPT_RWX))
		return false;
	if (prot & EPT_R)
		return true;
	return prot == EPT_X && ept->caps.exec_only;
}

bool ept_has_level(const struct ept *ept, int level)
{
	switch (level) {
	case 1:
		return true;
	case 2:
		return ept->caps.has_2m;
	case 3:
		return ept->caps.has_1g;
	default:
		return false;
	}
}

static bool memtype_ok(u32 memtype)
{
	switch (memtype & ~EPT_MT_IPAT) {
	case EPT_MT_UC:
	case EPT_MT_WC:
	case EPT_MT_WT:
	case EPT_MT_WP:
	case EPT_MT_WB:
		return true;
	default:
		return false;
	}
}

static bool mapping_ok(const struct ept *ept, const struct ept_mapping *m)
{
	return ept_has_level(ept, m->level) && m->gpa < EPT_GPA_END &&
	       !((m->gpa | m->hpa) & (ept_size(m->level) - 1)) &&
	       !(m->hpa & ~EPTE_HPA) && ept_prot_ok(ept, m->prot) &&
	       memtype_ok(m->memtype) && !(m->access & ~EPT_RWX);
}

u64 *ept_split(struct ept *ept, u64 *slot, u64 e, int level, u64 *page)
{
	u64 size = ept_size(level - 1);
	u64 table = ept->ops->hpa(ept->ctx, page) | EPTE_TABLE;
	unsigned int i;

	do {
		u64 child = level - 1 > 1 ? e : e & ~EPTE_LEAF;

		for (i = 0; i < EPT_ENTRIES; i++)
			WRITE_ONCE(page[i], child + i * size);
	} while (!epte_cmpxchg(slot, &e, table));

	ept->tables++;
	ept->leaves[level]--;
	ept->leaves[level - 1] += EPT_ENTRIES;
	return page;
}

/* An access that the new leaf still refuses has not happened. */
static u32 granted(const struct ept_mapping *m)
{
	return m->access & m->prot;
}

/* Does the huge leaf @e at @level already say what @m wants? */
static bool leaf_covers(const struct ept *ept, u64 e, int level,
			const struct ept_mapping *m)
{
	const struct ept_masks *k = ept->masks;

	if (ept_leaf_hpa(e, level) + (m->gpa & (ept_size(level) - 1)) != m->hpa)
		return false;
	if (epte_prot(k, e) != m->prot || ept_leaf_memtype(e) != m->memtype)
		return false;
	return !k->soft || !(granted(m) & EPT_W) || epte_dirty(k, e);
}

/*
 * The same page as before, at @slot: A/D collected so far stay. Losing a
 * permission or changing the memory type contradicts cached translations.
 */
static void leaf_update(struct ept *ept, struct ept_garbage *garbage, u64 *slot,
			u64 old, const struct ept_mapping *m)
{
	const struct ept_masks *k = ept->masks;
	u64 e;

	do {
		e = (old & ~EPTE_MT) | (u64)m->memtype << EPTE_MT_SHIFT;
		e = epte_recode(k, e, m->prot,
				granted(m) || epte_accessed(k, old),
				(granted(m) & EPT_W) || epte_dirty(k, old));
	} while (!epte_cmpxchg(slot, &old, e));

	if ((epte_prot(k, old) & ~m->prot) || ((old ^ e) & EPTE_MT))
		ept_want_flush(ept, garbage);
}

static void leaf_install(struct ept *ept, struct ept_garbage *garbage,
			 u64 *slot, const struct ept_mapping *m)
{
	u64 old = epte_read(slot);
	u64 e;

	if (epte_is_valid(old) && epte_is_leaf(old, m->level) &&
	    ept_leaf_hpa(old, m->level) == m->hpa) {
		leaf_update(ept, garbage, slot, old, m);
		return;
	}

	e = m->hpa | EPTE_V | (u64)m->memtype << EPTE_MT_SHIFT |
	    (m->level > 1 ? EPTE_LEAF : 0) |
	    epte_encode(ept->masks, m->prot, granted(m),
			granted(m) & EPT_W);
	old = epte_xchg(slot, e);
	ept->leaves[m->level]++;
	if (!epte_is_valid(old))
		return;

	ept_want_flush(ept, garbage);
	if (epte_is_leaf(old, m->level))
		ept_leaf_left(ept, old, m->level, m->gpa);
	else
		ept_dismantle(ept, garbage, ept_table(ept, old), m->level - 1,
			      m->gpa);
}

enum ept_result ept_map(struct ept *ept, struct ept_cache *cache,
			struct ept_garbage *garbage,
			const struct ept_mapping *m)
{
	u64 *table = ept->root;
	u64 *slot, *page;
	int level;
	u64 e;

	if (!mapping_ok(ept, m))
		return EPT_INVAL;

	for (level = EPT_LEVELS; level > m->level; level--) {
		slot = &table[ept_index(m->gpa, level)];
		e = epte_read(slot);
		if (!epte_is_valid(e))
			break;
		if (epte_is_leaf(e, level)) {
			if (!leaf_covers(ept, e, level, m))
				break;
			ept_fault_ad(ept, m->gpa, granted(m));
			return EPT_OK;
		}
		table = ept_table(ept, e);
	}

	/* Below @level the tree has to grow by a table per level. */
	if (cache->count < (unsigned int)(level - m->level))
		return EPT_NOMEM;

	for (; level > m->level; level--) {
		slot = &table[ept_index(m->gpa, level)];
		e = epte_read(slot);
		page = cache->page[--cache->count];
		if (epte_is_valid(e)) {
			table = ept_split(ept, slot, e, level, page);
			continue;
		}
		epte_store(slot, ept->ops->hpa(ept->ctx, page) | EPTE_TABLE);
		ept->tables++;
		table = page;
	}

	leaf_install(ept, garbage, &table[ept_index(m->gpa, level)], m);
	return EPT_OK;
}

/* All of the entry but the address; 0 if it cannot be made. */
static u64 ahead_bits(const struct ept *ept, const struct ept_ahead *ahead)
{
	if (!ept_prot_ok(ept, ahead->prot) || !memtype_ok(ahead->memtype))
		return 0;
	return EPTE_V | (u64)ahead->memtype << EPTE_MT_SHIFT |
	       epte_encode(ept->masks, ahead->prot, false, false);
}

u32 ept_map_ahead(struct ept *ept, u64 gpa, const struct ept_ahead *ahead, u32 count)
{
	const struct ept_ahead *like = NULL;
	u64 *table = ept->root;
	u32 i, entered = 0;
	u64 e, bits = 0;
	int level;

	if (!count || (gpa & (ept_size(1) - 1)) || gpa >= EPT_GPA_END ||
	    count > EPT_ENTRIES - ept_index(gpa, 1))
		return 0;
	for (level = EPT_LEVELS; level > 1; level--) {
		e = epte_read(&table[ept_index(gpa, level)]);
		if (!epte_is_valid(e) || epte_is_leaf(e, level))
			return 0;
		table = ept_table(ept, e);
	}
	table += ept_index(gpa, 1);
	for (i = 0; i < count; i++) {
		const struct ept_ahead *a = &ahead[i];

		if (epte_is_valid(epte_read(&table[i])))
			continue;
		/* Neighbours are mostly alike. */
		if (!like || a->prot != like->prot || a->memtype != like->memtype)
			bits = ahead_bits(ept, a);
		like = a;
		if (!bits || (a->hpa & ~EPTE_HPA))
			continue;
		epte_store(&table[i], a->hpa | bits);
		entered++;
	}
	ept->leaves[1] += entered;
	return entered;
}
