/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * An oracle for the EPT code: an interval map, a processor, and a driver.
 *
 * The interval map (struct run) says what must be mapped; it knows nothing of
 * tables. The processor walks the raw entries as the SDM describes them, sets A
 * and D when the tree uses the hardware's, and keeps a TLB and a list of tables
 * it has seen, both emptied only by flush(). After every step probes must
 * agree; after every reap the TLB must not contradict the map; a table that the
 * processor has seen since the last flush must not be freed.
 *
 * The driver takes its decisions from a stream of bytes, so that the unit test
 * feeds it from a generator and the fuzzer from its input. A disagreement
 * aborts.
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
static u64 run_split(struct model *m, u64 gpa, int *budget, int dir)
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
static void run_merge(struct model *m)
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

static u64 run_bytes(struct model *m, u64 gpa, u64 end)
{
	u64 sum = 0;
	int i;

	for (i = run_at(m, gpa); i < m->runs && m->run[i].gpa < end; i++)
		sum += min_t(u64, end, m->run[i].end) -
		       max_t(u64, gpa, m->run[i].gpa);
	return sum;
}

static void run_remove(struct model *m, u64 gpa, u64 end)
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

static void model_report(void *ctx, u64 gpa, u64 hpa, int level)
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
static bool model_access(struct model *m, u64 gpa, u32 access)
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
static void model_tlb_check(struct model *m)
{
	int i;

	for (i = 0; i < TLB_MAX; i++) {
		struct tlb *t = &m->tlb[i];
		struct run *r;

		if (!t->valid)
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

/* --- the driver --- */

static u32 pick(struct model *m, u32 n)
{
	return (m->next(m->src) << 8 | m->next(m->src)) % n;
}

/* Few places, but every boundary between tables of every level among them. */
static u64 pick_gpa(struct model *m)
{
	static const u64 gib[] = { 0, 1, 511, 512, (1 << 18) - 1 };
	static const u16 low[] = { 0, 1, 2, 7, 255, 510, 511 };
	u64 g = gib[pick(m, ARRAY_SIZE(gib))] << 30;

	g |= (u64)low[pick(m, ARRAY_SIZE(low))] << 21;
	return g | (u64)low[pick(m, ARRAY_SIZE(low))] << 12;
}

static u32 pick_prot(struct model *m)
{
	static const u8 often[] = { 7, 7, 3, 5, 1, 4 };

	return often[pick(m, ARRAY_SIZE(often))];
}

static void pick_range(struct model *m, u64 *gpa, u64 *end)
{
	static const u64 len[] = {
		0x1000, 0x1000, 0x2000, 0x1ff000, 0x200000, 0x201000, 0x400000,
		0x3fe00000, 0x40000000, 0x40200000, 0x80000000, EPT_GPA_END,
	};

	*gpa = pick_gpa(m);
	*end = *gpa + len[pick(m, ARRAY_SIZE(len))];
	if (*end > EPT_GPA_END)
		*end = EPT_GPA_END;
}

static void model_reap(struct model *m)
{
	bool flush = m->garbage.flush;
	u64 before = m->flushes;

	ept_reap(&m->ept, &m->garbage);
	MODEL_ASSERT(m->flushes == before + flush);
	MODEL_ASSERT(!m->garbage.pages && !m->garbage.flush);
	model_tlb_check(m);
}

static void model_cache(struct model *m, struct ept_cache *cache, u32 n)
{
	*cache = (struct ept_cache) { 0 };
	MODEL_ASSERT(ept_cache_fill(&m->ept, cache) == EPT_OK);
	MODEL_ASSERT(cache->count == EPT_CACHE_PAGES);
	while (cache->count > n)
		model_free(m, cache->page[--cache->count]);
}

/* Tables that a new leaf needs: levels with no smaller leaf around it. */
static u32 model_need(struct model *m, const struct ept_mapping *map)
{
	u32 need = 0;
	int l;

	for (l = map->level; l < EPT_LEVELS; l++) {
		u64 base = map->gpa & ~(lsize(l + 1) - 1);
		int i = run_at(m, base);
		bool table = false;

		for (; i < m->runs && m->run[i].gpa < base + lsize(l + 1); i++)
			table |= m->run[i].level <= l;
		need += !table;
	}
	return need;
}

static void step_map(struct model *m)
{
	struct ept_mapping map = {
		.level = 1 + pick(m, 3),
		.prot = pick_prot(m),
		.memtype = pick(m, 8) ? EPT_MT_WB : EPT_MT_UC | EPT_MT_IPAT,
		.access = pick(m, 3) ? pick(m, 8) : 0,
	};
	u64 size = lsize(map.level);
	u32 granted;
	u32 pages = pick(m, 4) ? EPT_CACHE_PAGES : pick(m, EPT_CACHE_PAGES);
	bool same = false, bad;
	struct ept_cache cache;
	enum ept_result got;
	u64 replaced = 0;
	struct run *r;
	u32 need;
	int budget = 2;

	map.gpa = pick_gpa(m) & ~(size - 1);
	map.hpa = map.gpa + ((u64)(pick(m, 4) ? 1 : 2) << 49);
	bad = (map.prot == EPT_X && !m->caps.exec_only) ||
	      (map.level == 2 && !m->caps.has_2m) ||
	      (map.level == 3 && !m->caps.has_1g);
	if (!pick(m, 32)) {
		static const u8 prots[] = { 0, 2, 6, 8 };

		bad = true;
		switch (pick(m, 6)) {
		case 0: map.prot = prots[pick(m, 4)]; break;
		case 1: map.gpa += 0x800; break;
		case 2: map.hpa |= 1ULL << 52; break;
		case 3: map.gpa |= EPT_GPA_END; break;
		case 4: map.memtype = 2; break;
		case 5: map.level = pick(m, 2) ? 0 : 4; break;
		}
	}

	granted = map.access & map.prot;
	r = bad ? NULL : run_find(m, map.gpa);
	need = bad ? 0 : model_need(m, &map);
	if (r && r->level > map.level) {
		/* Nothing to do if the huge leaf says the same. */
		if (r->hpa + (map.gpa - r->gpa) == map.hpa &&
		    r->prot == map.prot && r->memtype == map.memtype &&
		    (m->caps.hw_ad || !(granted & EPT_W) || r->d))
			same = true;
	}
	if (!bad && !same)
		replaced = run_bytes(m, map.gpa, map.gpa + size);
	if (r && !same && r->hpa + (map.gpa - r->gpa) == map.hpa &&
	    r->level >= map.level)
		replaced = 0;

	model_cache(m, &cache, pages);
	got = ept_map(&m->ept, &cache, &m->garbage, &map);
	ept_cache_drain(&m->ept, &cache);

	if (bad) {
		MODEL_ASSERT(got == EPT_INVAL && !m->gone_bytes);
		return;
	}
	if (!same && need > pages) {
		MODEL_ASSERT(got == EPT_NOMEM && !m->gone_bytes);
		model_probe(m, map.gpa);
		return;
	}
	MODEL_ASSERT(got == EPT_OK);
	MODEL_ASSERT(m->gone_bytes == replaced);
	if (same) {
		if (!m->caps.hw_ad && granted)
			run_leaf(m, map.gpa)->a = true;
		model_probe(m, map.gpa);
		return;
	}

	run_split(m, map.gpa, &budget, -1);
	budget = 2;
	run_split(m, map.gpa + size, &budget, 1);
	r = run_find(m, map.gpa);
	if (r && r->level == map.level && r->hpa + (map.gpa - r->gpa) == map.hpa) {
		r = run_leaf(m, map.gpa);
		r->a |= !!granted;
		r->d |= !!(granted & EPT_W);
		r->prot = map.prot;
		r->memtype = map.memtype;
	} else {
		run_remove(m, map.gpa, map.gpa + size);
		run_insert(m, run_at(m, map.gpa), (struct run) {
			.gpa = map.gpa, .end = map.gpa + size, .hpa = map.hpa,
			.level = map.level, .prot = map.prot,
			.memtype = map.memtype, .a = granted,
			.d = granted & EPT_W,
		});
	}
	model_probe(m, map.gpa);
	model_probe(m, map.gpa + size - 1);
}

static void step_unmap(struct model *m)
{
	int budget = pick(m, 2) ? EPT_CACHE_PAGES : (int)pick(m, 3);
	struct ept_cache cache;
	u64 gpa, end;
	bool any;

	pick_range(m, &gpa, &end);
	if (end == EPT_GPA_END && pick(m, 8))
		end = gpa + 0x1000;
	model_cache(m, &cache, budget);
	any = ept_unmap(&m->ept, budget || pick(m, 2) ? &cache : NULL,
			&m->garbage, gpa, end);
	ept_cache_drain(&m->ept, &cache);

	MODEL_ASSERT(any == !!run_bytes(m, gpa, end));
	gpa = run_split(m, gpa, &budget, -1);
	end = run_split(m, end, &budget, 1);
	MODEL_ASSERT(m->gone_bytes == run_bytes(m, gpa, end));
	run_remove(m, gpa, end);
	model_probe(m, gpa);
	model_probe(m, end - 1);
}

static u32 kept(const struct run *r, u32 prot)
{
	u32 keep = r->prot & prot;

	return keep & EPT_R ? keep : keep & ~EPT_W;
}

static void step_protect(struct model *m)
{
	int i, budget = pick(m, 2) ? EPT_CACHE_PAGES : (int)pick(m, 3);
	u64 gpa, end, at, gone = 0;
	u32 prot = pick(m, 8);
	struct ept_cache cache;
	bool any, want = false;
	struct run *r;

	pick_range(m, &gpa, &end);
	if (pick(m, 4))
		prot |= EPT_R;
	model_cache(m, &cache, budget);
	any = ept_protect(&m->ept, budget || pick(m, 2) ? &cache : NULL,
			  &m->garbage, gpa, end, prot);
	ept_cache_drain(&m->ept, &cache);

	/* Only leaves that change are split. */
	at = gpa;
	r = run_find(m, gpa);
	if (r && kept(r, prot) != r->prot) {
		at = run_split(m, gpa, &budget, -1);
	} else if (r) {
		run_leaf(m, gpa);
	}
	r = run_find(m, end - 1);
	if (r && kept(r, prot) != r->prot)
		end = run_split(m, end, &budget, 1);
	for (i = run_at(m, at); i < m->runs && m->run[i].gpa < end; i++) {
		u32 keep;

		r = &m->run[i];
		keep = kept(r, prot);
		if (keep == r->prot)
			continue;
		want = true;
		if ((keep & EPT_R) || (keep == EPT_X && m->caps.exec_only)) {
			r->prot = keep;
		} else {
			gone += r->end - r->gpa;
			run_delete(m, i--, 1);
		}
	}
	MODEL_ASSERT(any == want && m->gone_bytes == gone);
	model_probe(m, gpa);
	model_probe(m, end - 1);
}

/* Leaves that touch the range become runs of their own. */
static void isolate(struct model *m, u64 gpa, u64 end)
{
	run_leaf(m, gpa);
	run_leaf(m, end - 1);
}

static void step_age(struct model *m)
{
	bool young, want = false, clear = pick(m, 2);
	u64 gpa, end;
	int i;

	pick_range(m, &gpa, &end);
	young = ept_age(&m->ept, gpa, end, clear);
	isolate(m, gpa, end);
	for (i = run_at(m, gpa); i < m->runs && m->run[i].gpa < end; i++) {
		want |= m->run[i].a;
		if (clear)
			m->run[i].a = false;
	}
	MODEL_ASSERT(young == want);
	model_probe(m, gpa);
}

static void step_clean(struct model *m)
{
	u64 gpa, end, count, want = 0, bytes = 0;
	int i;

	pick_range(m, &gpa, &end);
	count = ept_clear_dirty(&m->ept, &m->garbage, gpa, end, model_report);
	isolate(m, gpa, end);
	for (i = run_at(m, gpa); i < m->runs && m->run[i].gpa < end; i++) {
		struct run *r = &m->run[i];

		if (!r->d)
			continue;
		r->d = false;
		want += (r->end - r->gpa) / lsize(r->level);
		bytes += r->end - r->gpa;
	}
	MODEL_ASSERT(count == want && m->dirty_bytes == bytes);
	model_probe(m, gpa);
}

/* The guest touches memory; a violation goes where the module would send it. */
static void step_touch(struct model *m)
{
	static const u8 kinds[] = { EPT_R, EPT_W, EPT_X, EPT_R | EPT_W };
	u32 access = kinds[pick(m, ARRAY_SIZE(kinds))];
	struct tlb *t;
	u64 gpa = pick_gpa(m);
	enum ept_fault fault;
	struct run *r;
	bool cached;

	t = &m->tlb[(gpa >> 12) % TLB_MAX];
	cached = t->valid && t->gpa == gpa && !(access & ~t->prot);
	r = run_leaf(m, gpa);
	if (model_access(m, gpa, access)) {
		if (cached)
			return;		/* stale ones are model_tlb_check()'s */
		MODEL_ASSERT(r && !(access & ~r->prot));
		if (m->caps.hw_ad) {
			r->a = true;
			r->d |= !!(access & EPT_W);
		} else {
			MODEL_ASSERT(r->a && (r->d || !(access & EPT_W)));
		}
		model_probe(m, gpa);
		return;
	}
	fault = ept_fault_ad(&m->ept, gpa, access);
	if (!r) {
		MODEL_ASSERT(fault == EPT_MISSING);
	} else if (access & ~r->prot) {
		MODEL_ASSERT(fault == EPT_PROT);
	} else if (r->level > 1 && (access & EPT_W) && !r->d) {
		MODEL_ASSERT(!m->caps.hw_ad && fault == EPT_HUGE);
	} else {
		MODEL_ASSERT(!m->caps.hw_ad && fault == EPT_SETTLED);
		r->a = true;
		r->d |= !!(access & EPT_W);
		MODEL_ASSERT(model_access(m, gpa, access));
		MODEL_ASSERT(ept_fault_ad(&m->ept, gpa, access) == EPT_SETTLED);
	}
	model_probe(m, gpa);
}

static inline void model_step(struct model *m)
{
	static void (*const step[])(struct model *) = {
		step_map, step_map, step_map, step_touch, step_touch, step_touch,
		step_unmap, step_protect, step_age, step_clean,
	};

	m->gone_bytes = 0;
	m->dirty_bytes = 0;
	step[pick(m, ARRAY_SIZE(step))](m);
	run_merge(m);
	/* Garbage may wait for several operations; freed only by the reap. */
	if (pick(m, 4))
		model_reap(m);
	model_probe(m, pick_gpa(m));
}

static void model_init(struct model *m, const struct ept_caps *caps,
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
