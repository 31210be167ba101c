// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * EPT: what happens to ranges of guest-physical addresses.
 *
 * All of it goes through one iterator that visits the leaves of a range in
 * order, skips holes by whole tables, and on leaving a table from which
 * something was removed looks whether it has become empty. There is no count of
 * entries per table: emptiness is found by scanning, which in a table that is
 * still in use ends at the first entries. No recursion; the stack is the five
 * pointers of the iterator.
 *
 * These run inside MMU notifiers, under the tree lock, and cannot fail.
 */
#include "ept.h"
#include "ept_entry.h"

struct ept_iter {
	struct ept *ept;
	struct ept_cache *cache;	/* NULL: never split */
	struct ept_garbage *garbage;
	u64 gpa;
	u64 end;
	u64 *table[EPT_LEVELS + 1];	/* [level], valid from level to top */
	int level;
	int top;
	u32 removed;			/* bit n: something left table[n] */
};

static void iter_init(struct ept_iter *it, struct ept *ept, u64 gpa_start,
		      u64 gpa_end)
{
	*it = (struct ept_iter) {
		.ept = ept,
		.gpa = gpa_start,
		.end = gpa_end < EPT_GPA_END ? gpa_end : EPT_GPA_END,
		.level = EPT_LEVELS,
		.top = EPT_LEVELS,
	};
	it->table[EPT_LEVELS] = ept->root;
}

static bool table_is_empty(const u64 *table)
{
	unsigned int i;

	for (i = 0; i < EPT_ENTRIES; i++)
		if (epte_is_valid(epte_read(&table[i])))
			return false;
	return true;
}

/* Go up from the table that holds it->gpa - 1. */
static void iter_up(struct ept_iter *it)
{
	int level = it->level++;
	u64 *table = it->table[level];

	if (!(it->removed & (1U << level)))
		return;
	it->removed &= ~(1U << level);
	if (!table_is_empty(table))
		return;
	epte_xchg(&it->table[level + 1][ept_index(it->gpa - 1, level + 1)], 0);
	ept_garbage_add(it->ept, it->garbage, table);
	it->ept->tables--;
	it->removed |= 1U << (level + 1);
}

/* Done with the entry at it->gpa: move behind it. */
static void iter_skip(struct ept_iter *it)
{
	it->gpa = (it->gpa | (ept_size(it->level) - 1)) + 1;
	while (it->level < it->top &&
	       !(it->gpa & (ept_size(it->level + 1) - 1)))
		iter_up(it);
}

/* The next leaf at or after it->gpa; NULL when the range is done. */
static u64 *iter_leaf(struct ept_iter *it, u64 *entry)
{
	while (it->gpa < it->end) {
		u64 *slot = &it->table[it->level][ept_index(it->gpa, it->level)];
		u64 e = epte_read(slot);

		if (!epte_is_valid(e)) {
			iter_skip(it);
			continue;
		}
		if (epte_is_leaf(e, it->level)) {
			*entry = e;
			return slot;
		}
		it->level--;
		it->table[it->level] = ept_table(it->ept, e);
	}
	while (it->level < it->top)
		iter_up(it);
	return NULL;
}

/*
 * Does the range cut the leaf at it->gpa, and can it be split? If so it is,
 * and the iterator stands on the first of the pieces.
 */
static bool iter_split(struct ept_iter *it, u64 *slot, u64 e)
{
	u64 size = ept_size(it->level);
	u64 base = it->gpa & ~(size - 1);
	struct ept_cache *cache = it->cache;

	if (it->gpa == base && it->end - base >= size)
		return false;
	if (!cache || !cache->count)
		return false;
	ept_split(it->ept, slot, e, it->level, cache->page[--cache->count]);
	return true;
}

void ept_leaf_left(struct ept *ept, u64 e, int level, u64 gpa)
{
	ept->leaves[level]--;
	if (ept->ops->leaf_gone)
		ept->ops->leaf_gone(ept->ctx, gpa & ~(ept_size(level) - 1),
				    ept_leaf_hpa(e, level), level,
				    epte_accessed(ept->masks, e),
				    epte_dirty(ept->masks, e));
}

static void iter_remove(struct ept_iter *it, u64 *slot)
{
	u64 e = epte_xchg(slot, 0);

	ept_leaf_left(it->ept, e, it->level, it->gpa);
	ept_want_flush(it->ept, it->garbage);
	it->removed |= 1U << it->level;
}

void ept_dismantle(struct ept *ept, struct ept_garbage *garbage, u64 *table,
		   int level, u64 gpa)
{
	struct ept_iter it;
	u64 *slot;
	u64 e;

	iter_init(&it, ept, gpa, gpa + ept_size(level + 1));
	it.garbage = garbage;
	it.top = level;
	it.level = level;
	it.table[level] = table;
	while ((slot = iter_leaf(&it, &e))) {
		iter_remove(&it, slot);
		iter_skip(&it);
	}
	ept_garbage_add(ept, garbage, table);
	ept->tables--;
}

bool ept_unmap(struct ept *ept, struct ept_cache *cache,
	       struct ept_garbage *garbage, u64 gpa_start, u64 gpa_end)
{
	struct ept_iter it;
	bool any = false;
	u64 *slot;
	u64 e;

	ept_join_flush(ept, garbage);
	iter_init(&it, ept, gpa_start, gpa_end);
	it.cache = cache;
	it.garbage = garbage;
	while ((slot = iter_leaf(&it, &e))) {
		if (iter_split(&it, slot, e))
			continue;
		iter_remove(&it, slot);
		any = true;
		iter_skip(&it);
	}
	return any;
}

bool ept_protect(struct ept *ept, struct ept_cache *cache,
		 struct ept_garbage *garbage, u64 gpa_start, u64 gpa_end,
		 u32 prot)
{
	const struct ept_masks *m = ept->masks;
	struct ept_iter it;
	bool any = false;
	u64 *slot;
	u64 e;

	ept_join_flush(ept, garbage);
	iter_init(&it, ept, gpa_start, gpa_end);
	it.cache = cache;
	it.garbage = garbage;
	while ((slot = iter_leaf(&it, &e))) {
		u32 had = epte_prot(m, e);
		u32 keep = had & prot;

		if (!(keep & EPT_R))
			keep &= ~EPT_W;
		if (keep != had) {
			if (iter_split(&it, slot, e))
				continue;
			any = true;
			ept_want_flush(ept, garbage);
			if (!ept_prot_ok(ept, keep))
				iter_remove(&it, slot);
			else
				while (!epte_cmpxchg(slot, &e,
						     epte_recode(m, e, keep,
								 epte_accessed(m, e),
								 epte_dirty(m, e))))
					;
		}
		iter_skip(&it);
	}
	return any;
}

bool ept_age(struct ept *ept, u64 gpa_start, u64 gpa_end, bool clear)
{
	const struct ept_masks *m = ept->masks;
	struct ept_iter it;
	bool young = false;
	u64 *slot;
	u64 e;

	iter_init(&it, ept, gpa_start, gpa_end);
	while ((slot = iter_leaf(&it, &e))) {
		if (epte_accessed(m, e)) {
			young = true;
			if (!clear)
				break;
			while (!epte_cmpxchg(slot, &e,
					     epte_recode(m, e, epte_prot(m, e),
							 false,
							 epte_dirty(m, e))))
				;
		}
		iter_skip(&it);
	}
	return young;
}

u64 ept_clear_accessed(struct ept *ept, struct ept_garbage *garbage,
		       u64 gpa_start, u64 gpa_end,
		       void (*report)(void *ctx, u64 gpa, u64 hpa, int level))
{
	const struct ept_masks *m = ept->masks;
	struct ept_iter it;
	u64 count = 0;
	u64 *slot;
	u64 e;

	iter_init(&it, ept, gpa_start, gpa_end);
	while ((slot = iter_leaf(&it, &e))) {
		if (epte_accessed(m, e)) {
			while (!epte_cmpxchg(slot, &e,
					     epte_recode(m, e, epte_prot(m, e), false,
							 epte_dirty(m, e))))
				;
			count++;
			if (garbage)
				ept_want_flush(ept, garbage);
			if (report)
				report(ept->ctx, it.gpa & ~(ept_size(it.level) - 1),
				       ept_leaf_hpa(e, it.level), it.level);
		}
		iter_skip(&it);
	}
	return count;
}

u64 ept_clear_dirty(struct ept *ept, struct ept_garbage *garbage,
		    u64 gpa_start, u64 gpa_end,
		    void (*report)(void *ctx, u64 gpa, u64 hpa, int level))
{
	const struct ept_masks *m = ept->masks;
	struct ept_iter it;
	u64 count = 0;
	u64 *slot;
	u64 e;

	iter_init(&it, ept, gpa_start, gpa_end);
	while ((slot = iter_leaf(&it, &e))) {
		if (epte_dirty(m, e)) {
			while (!epte_cmpxchg(slot, &e,
					     epte_recode(m, e, epte_prot(m, e),
							 epte_accessed(m, e),
							 false)))
				;
			count++;
			ept_want_flush(ept, garbage);
			if (report)
				report(ept->ctx,
				       it.gpa & ~(ept_size(it.level) - 1),
				       ept_leaf_hpa(e, it.level), it.level);
		}
		iter_skip(&it);
	}
	return count;
}
