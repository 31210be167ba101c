/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * An oracle for the EPT code: an interval map and a processor.
 *
 * The interval map (struct run) says what must be mapped; it knows nothing of
 * tables. The processor walks the raw entries as the SDM describes them, sets A
 * and D when the tree uses the hardware's, and keeps a TLB and a list of tables
 * it has seen, both emptied only by flush(). After every step probes must
 * agree; after every reap the TLB must not contradict the map; a table that the
 * processor has seen since the last flush must not be freed.
 * A disagreement aborts. ept_driver.h decides what happens.
 */
#ifndef SELFTESTS_EPT_MODEL_H
#define SELFTESTS_EPT_MODEL_H

#include <stdio.h>
#include <stdlib.h>
#include "env.h"
#include "ept.h"

#define MODEL_ASSERT(cond) do {						\
	if (!(cond)) {							\
		fprintf(stderr, "# %s:%d: %s\n", __FILE__, __LINE__, #cond); \
		abort();						\
	}								\
} while (0)

#define RUNS_MAX	4096
#define TLB_MAX		64
#define SEEN_MAX	1024

/* Leaves of one level, adjacent in both address spaces, alike in all else. */
struct run {
	u64 gpa;
	u64 end;
	u64 hpa;
	u8 level;
	u8 prot;
	u8 memtype;
	bool a;
	bool d;
};

struct tlb {
	bool valid;
	u64 gpa;
	u64 hpa;
	u32 prot;
	u32 memtype;
};

struct model {
	struct ept ept;
	struct ept_caps caps;
	struct ept_garbage garbage;
	struct run run[RUNS_MAX];
	int runs;
	struct tlb tlb[TLB_MAX];
	void *seen[SEEN_MAX];
	int nseen;
	long pages;		/* allocated */
	long fail_after;	/* alloc() fails when it reaches 0; -1 never */
	u64 flushes;
	u64 gone_bytes;		/* reported by leaf_gone in this step */
	u64 dirty_bytes;	/* reported by clear_dirty in this step */
	bool dying;
	u8 (*next)(void *src);
	void *src;
};

static u64 lsize(int level)
{
	return 1ULL << (3 + 9 * level);
}

/* --- the interval map --- */

static int run_at(const struct model *m, u64 gpa)
{
	int lo = 0, hi = m->runs;

	while (lo < hi) {
		int mid = (lo + hi) / 2;

		if (m->run[mid].end <= gpa)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;	/* first run that ends above gpa */
}

static struct run *run_find(struct model *m, u64 gpa)
{
	int i = run_at(m, gpa);

	return i < m->runs && m->run[i].gpa <= gpa ? &m->run[i] : NULL;
}

static void run_insert(struct model *m, int i, struct run r)
{
	MODEL_ASSERT(m->runs < RUNS_MAX);
	memmove(&m->run[i + 1], &m->run[i], (m->runs - i) * sizeof(r));
	m->run[i] = r;
	m->runs++;
}

static void run_delete(struct model *m, int i, int n)
{
	memmove(&m->run[i], &m->run[i + n], (m->runs - i - n) * sizeof(struct run));
	m->runs -= n;
}

/* A boundary at @gpa, a multiple of the run's leaf size. */
static void run_cut(struct model *m, u64 gpa)
{
	struct run *r = run_find(m, gpa);
	struct run upper;

	if (!r || r->gpa == gpa)
		return;
	upper = *r;
	upper.hpa += gpa - r->gpa;
	upper.gpa = gpa;
	r->end = gpa;
	run_insert(m, r - m->run + 1, upper);
}

/* Isolate the leaf that holds @gpa. */
static struct run *run_leaf(struct model *m, u64 gpa)
{
	struct run *r = run_find(m, gpa);
	u64 base, size;

	if (!r)
		return NULL;
	size = lsize(r->level);
	base = gpa & ~(size - 1);
	run_cut(m, base);
	run_cut(m, base + size);
	return run_find(m, gpa);
}

/*
 * A leaf boundary at @gpa: split the huge leaves that straddle it as long as
 * pages last. Returns where the boundary came to lie: @gpa or, out of pages,
 * the edge of the leaf in direction @dir.
 */
static inline u64 run_split(struct model *m, u64 gpa, int *budget, int dir)
{
	for (;;) {
		struct run *r = run_find(m, gpa);

		if (!r || !(gpa & (lsize(r->level) - 1))) {
			run_cut(m, gpa);
			return gpa;
		}
		r = run_leaf(m, gpa);
		if (!*budget)
			return dir < 0 ? r->gpa : r->end;
		--*budget;
		r->level--;
	}
}

/* Neighbours that say the same become one run: keeps the map small. */
static inline void run_merge(struct model *m)
{
	int i, j = 0;

	for (i = 1; i < m->runs; i++) {
		struct run *p = &m->run[j], *q = &m->run[i];

		if (p->end == q->gpa && p->hpa + (p->end - p->gpa) == q->hpa &&
		    p->level == q->level && p->prot == q->prot &&
		    p->memtype == q->memtype && p->a == q->a && p->d == q->d)
			p->end = q->end;
		else
			m->run[++j] = *q;
	}
	if (m->runs)
		m->runs = j + 1;
}

static inline u64 run_bytes(struct model *m, u64 gpa, u64 end)
{
	u64 sum = 0;
	int i;

	for (i = run_at(m, gpa); i < m->runs && m->run[i].gpa < end; i++)
		sum += min_t(u64, end, m->run[i].end) -
		       max_t(u64, gpa, m->run[i].gpa);
	return sum;
}

static inline void run_remove(struct model *m, u64 gpa, u64 end)
{
	int i = run_at(m, gpa), j = run_at(m, end);

	run_delete(m, i, j - i);
}

/* --- what the tree calls --- */

static void *model_alloc(void *ctx)
{
	struct model *m = ctx;
	void *page;

	if (!m->fail_after)
		return NULL;
	if (m->fail_after > 0)
		m->fail_after--;
	page = aligned_alloc(4096, 4096);
	MODEL_ASSERT(page);
	memset(page, 0, 4096);
	m->pages++;
	return page;
}

static void model_free(void *ctx, void *page)
{
	struct model *m = ctx;
	int i;

	for (i = 0; i < m->nseen && !m->dying; i++)
		MODEL_ASSERT(m->seen[i] != page);
	m->pages--;
	free(page);
}

static u64 model_hpa(void *ctx, const void *page)
{
	(void)ctx;
	return (u64)(uintptr_t)page;
}

static void *model_virt(void *ctx, u64 hpa)
{
	(void)ctx;
	return (void *)(uintptr_t)hpa;
}

static void model_flush(void *ctx)
{
	struct model *m = ctx;

	m->flushes++;
	m->nseen = 0;
	memset(m->tlb, 0, sizeof(m->tlb));
}

/* Runs before the map follows: it must know what the tree lets go. */
static void model_gone(void *ctx, u64 gpa, u64 hpa, int level, bool accessed,
		       bool dirty)
{
	struct model *m = ctx;
	struct run *r = run_find(m, gpa);

	MODEL_ASSERT(r && r->hpa + (gpa - r->gpa) == hpa);
	MODEL_ASSERT(r->level >= level && r->a == accessed && r->d == dirty);
	m->gone_bytes += lsize(level);
}

static inline void model_report(void *ctx, u64 gpa, u64 hpa, int level)
{
	struct model *m = ctx;
	struct run *r = run_find(m, gpa);

	MODEL_ASSERT(r && r->hpa + (gpa - r->gpa) == hpa);
	MODEL_ASSERT(r->level == level && r->d);
	m->dirty_bytes += lsize(level);
}

static const struct ept_ops model_ops = {
	.alloc = model_alloc,
	.free = model_free,
	.hpa = model_hpa,
	.virt = model_virt,
	.flush = model_flush,
	.leaf_gone = model_gone,
};

/* --- the processor --- */

static void model_seen(struct model *m, void *table)
{
	int i;

	for (i = 0; i < m->nseen; i++)
		if (m->seen[i] == table)
			return;
	if (m->nseen < SEEN_MAX)
		m->seen[m->nseen++] = table;
}

/* What the SDM forbids in an entry. */
static void model_entry_ok(struct model *m, u64 e, int level)
{
	u64 low = e & 7;

	MODEL_ASSERT(!(e >> 57));
	if (!low)
		return;
	MODEL_ASSERT(low != 2 && low != 6);
	MODEL_ASSERT(low != 4 || m->caps.exec_only);
	if (level == 1 || (level < 4 && (e & 0x80))) {
		u64 mt = e >> 3 & 7;

		MODEL_ASSERT(mt == 0 || mt == 1 || (mt >= 4 && mt <= 6));
		MODEL_ASSERT(!(e & 0xffffffffff000ULL & (lsize(level) - 1)));
		MODEL_ASSERT(level > 1 || !(e & 0x80));
		MODEL_ASSERT(level != 2 || m->caps.has_2m);
		MODEL_ASSERT(level != 3 || m->caps.has_1g);
	} else {
		MODEL_ASSERT(!(e & 0xf8));
	}
}

/* Translate one access. False: EPT violation. */
static inline bool model_access(struct model *m, u64 gpa, u32 access)
{
	struct tlb *t = &m->tlb[(gpa >> 12) % TLB_MAX];
	u64 *table = m->ept.root;
	u32 prot = 7;
	u64 *slot, e;
	int level;

	gpa &= ~0xfffULL;
	if (t->valid && t->gpa == gpa && !(access & ~t->prot))
		return true;
	for (level = 4; ; level--) {
		model_seen(m, table);
		slot = &table[gpa >> (3 + 9 * level) & 511];
		e = *slot;
		model_entry_ok(m, e, level);
		prot &= e & 7;
		if (!(e & 7) || (access & ~prot)) {
			if (t->gpa == gpa)
				t->valid = false;
			return false;
		}
		if (level == 1 || (e & 0x80))
			break;
		table = (u64 *)(uintptr_t)(e & 0xffffffffff000ULL);
	}
	if (m->caps.hw_ad) {
		*slot |= 0x100;
		if (access & EPT_W)
			*slot |= 0x200;
		/* Without D the processor must walk again before a write. */
		if (!(*slot & 0x200))
			prot &= ~EPT_W;
	}
	*t = (struct tlb) {
		.valid = true,
		.gpa = gpa,
		.hpa = (e & 0xffffffffff000ULL & ~(lsize(level) - 1)) +
		       (gpa & (lsize(level) - 1)),
		.prot = prot,
		.memtype = e >> 3 & 15,
	};
	return true;
}

/* --- comparing --- */

static void model_probe(struct model *m, u64 gpa)
{
	struct run *r = run_find(m, gpa);
	u64 entries[EPT_LEVELS];
	int level, n;
	u64 e;

	gpa &= ~0xfffULL;
	n = ept_walk(&m->ept, gpa, entries);
	if (!r) {
		MODEL_ASSERT(!ept_lookup(&m->ept, gpa, &e, &level));
		MODEL_ASSERT(n >= 1 && n <= 4);
		MODEL_ASSERT(!entries[n - 1]);
		return;
	}
	MODEL_ASSERT(ept_lookup(&m->ept, gpa, &e, &level));
	MODEL_ASSERT(n == 5 - level && entries[n - 1] == e);
	MODEL_ASSERT(level == r->level);
	MODEL_ASSERT(ept_leaf_hpa(e, level) + (gpa & (lsize(level) - 1)) ==
		     r->hpa + (gpa - r->gpa));
	MODEL_ASSERT(ept_leaf_prot(&m->ept, e) == r->prot);
	MODEL_ASSERT(ept_leaf_memtype(e) == r->memtype);
	MODEL_ASSERT(ept_leaf_accessed(&m->ept, e) == r->a);
	MODEL_ASSERT(ept_leaf_dirty(&m->ept, e) == r->d);
	model_entry_ok(m, e, level);
}

/* After a flush, or where none was asked for: no stale translation. */
static inline void model_tlb_check(struct model *m, u64 gpa, u64 end)
{
	int i;

	for (i = 0; i < TLB_MAX; i++) {
		struct tlb *t = &m->tlb[i];
		struct run *r;

		if (!t->valid || t->gpa < gpa || t->gpa >= end)
			continue;
		r = run_find(m, t->gpa);
		MODEL_ASSERT(r && r->hpa + (t->gpa - r->gpa) == t->hpa);
		MODEL_ASSERT(!(t->prot & ~r->prot));
		MODEL_ASSERT(t->memtype == r->memtype);
		MODEL_ASSERT(!(t->prot & EPT_W) || r->d);
	}
}

/* Counts tables and leaves below @table; no table but the root is empty. */
static u64 model_count(struct model *m, u64 *table, int level, u64 *leaves)
{
	u64 tables = 1;
	bool any = false;
	int i;

	for (i = 0; i < 512; i++) {
		u64 e = table[i];

		if (!e)
			continue;
		any = true;
		model_entry_ok(m, e, level);
		if (level == 1 || (e & 0x80))
			leaves[level]++;
		else
			tables += model_count(m,
				(u64 *)(uintptr_t)(e & 0xffffffffff000ULL),
				level - 1, leaves);
	}
	MODEL_ASSERT(any || level == 4);
	return tables;
}

static inline void model_check_all(struct model *m)
{
	u64 want[EPT_LEVELS] = { 0 }, have[EPT_LEVELS] = { 0 };
	int i;

	for (i = 0; i < m->runs; i++) {
		struct run *r = &m->run[i];

		MODEL_ASSERT(r->gpa < r->end);
		want[r->level] += (r->end - r->gpa) / lsize(r->level);
		model_probe(m, r->gpa);
		model_probe(m, r->end - 1);
		model_probe(m, r->gpa + (r->end - r->gpa) / 2);
		if (r->end < EPT_GPA_END)
			model_probe(m, r->end);
		if (r->gpa)
			model_probe(m, r->gpa - 1);
	}
	MODEL_ASSERT(model_count(m, m->ept.root, 4, have) == m->ept.tables);
	for (i = 1; i < EPT_LEVELS; i++)
		MODEL_ASSERT(want[i] == have[i] && want[i] == m->ept.leaves[i]);
}

/* --- life --- */

static inline void model_reap(struct model *m)
{
	bool flush = m->garbage.flush;
	u64 before = m->flushes;

	ept_reap(&m->ept, &m->garbage);
	MODEL_ASSERT(m->flushes == before + flush);
	MODEL_ASSERT(!m->garbage.pages && !m->garbage.flush);
	MODEL_ASSERT(!m->ept.unflushed);
	model_tlb_check(m, 0, EPT_GPA_END);
}

static inline void model_cache(struct model *m, struct ept_cache *cache, u32 n)
{
	*cache = (struct ept_cache) { 0 };
	MODEL_ASSERT(ept_cache_fill(&m->ept, cache) == EPT_OK);
	MODEL_ASSERT(cache->count == EPT_CACHE_PAGES);
	while (cache->count > n)
		model_free(m, cache->page[--cache->count]);
}

static inline void model_init(struct model *m, const struct ept_caps *caps,
		       u8 (*next)(void *src), void *src)
{
	memset(m, 0, sizeof(*m));
	m->caps = *caps;
	m->caps.has_1g &= caps->has_2m;
	m->fail_after = -1;
	m->next = next;
	m->src = src;
	MODEL_ASSERT(ept_init(&m->ept, &model_ops, m, caps) == EPT_OK);
}

static inline void model_fini(struct model *m)
{
	int i;
	u64 left = 0;

	model_reap(m);
	model_flush(m);
	for (i = 0; i < m->runs; i++)
		left += m->run[i].end - m->run[i].gpa;
	m->gone_bytes = 0;
	m->dying = true;
	ept_fini(&m->ept);
	MODEL_ASSERT(m->gone_bytes == left && !m->pages);
}

#endif /* SELFTESTS_EPT_MODEL_H */
