/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Random operations on an EPT tree and on its oracle (ept_model.h).
 *
 * Every decision comes from a stream of bytes, so that the unit test feeds it
 * from a generator and the fuzzer from its input.
 */
#ifndef SELFTESTS_EPT_DRIVER_H
#define SELFTESTS_EPT_DRIVER_H

#include "ept_model.h"

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
		case 0:
			map.prot = prots[pick(m, 4)];
			break;
		case 1:
			map.gpa += 0x800;
			break;
		case 2:
			map.hpa |= 1ULL << 52;
			break;
		case 3:
			map.gpa |= EPT_GPA_END;
			break;
		case 4:
			map.memtype = 2;
			break;
		default:
			map.level = pick(m, 2) ? 0 : 4;
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

/* Pages mapped ahead fill holes below a table that is there, and nothing else. */
static void step_ahead(struct model *m)
{
	struct ept_ahead ahead[16];
	u64 gpa = pick_gpa(m), block = gpa & ~(lsize(2) - 1);
	u32 i, got, want = 0, count = 1 + pick(m, ARRAY_SIZE(ahead));
	bool table = false;

	for (i = run_at(m, block); (int)i < m->runs && m->run[i].gpa < block + lsize(2); i++)
		table |= m->run[i].level == 1;
	for (i = 0; i < count; i++)
		ahead[i] = (struct ept_ahead) {
			.hpa = gpa + i * 4096ULL + (1ULL << 49),
			.prot = pick(m, 8) ? pick_prot(m) : pick(m, 8),
			.memtype = pick(m, 16) ? EPT_MT_WB : 2,
		};
	got = ept_map_ahead(&m->ept, gpa, ahead, count);
	if (gpa + count * 4096ULL > block + lsize(2))
		table = false;
	for (i = 0; i < count; i++) {
		u64 at = gpa + i * 4096ULL;

		if (table && !run_find(m, at) && ahead[i].memtype == EPT_MT_WB &&
		    ((ahead[i].prot & EPT_R) || (ahead[i].prot == EPT_X && m->caps.exec_only))) {
			run_insert(m, run_at(m, at), (struct run) {
				.gpa = at, .end = at + 4096, .hpa = ahead[i].hpa, .level = 1,
				.prot = ahead[i].prot, .memtype = EPT_MT_WB,
			});
			want++;
		}
		if (at < EPT_GPA_END)
			model_probe(m, at);
	}
	MODEL_ASSERT(got == want && !m->gone_bytes);
	MODEL_ASSERT(!ept_map_ahead(&m->ept, gpa + 0x800, ahead, count));
}

/* Nothing is mapped between @gpa and what ept_next() says. */
static void step_next(struct model *m)
{
	u64 gpa = pick_gpa(m), next = ept_next(&m->ept, gpa);

	MODEL_ASSERT(next >= gpa && next <= EPT_GPA_END);
	MODEL_ASSERT(next == gpa || !(next & (lsize(3) - 1)));
	MODEL_ASSERT(!run_bytes(m, gpa, next));
	if (next < EPT_GPA_END)
		MODEL_ASSERT(run_bytes(m, next & ~(lsize(3) - 1), (next | (lsize(3) - 1)) + 1));
}

/*
 * Someone else's change: its own garbage, reaped at once, while that of earlier
 * steps may still wait. It must be able to rely on its own range all the same.
 */
static void reap_other(struct model *m, struct ept_garbage *other, u64 gpa,
		       u64 end)
{
	bool flush = other->flush;
	u64 before = m->flushes;

	ept_reap(&m->ept, other);
	MODEL_ASSERT(m->flushes == before + flush);
	model_tlb_check(m, gpa, end);
}

static void step_unmap(struct model *m)
{
	struct ept_garbage other = { 0 };
	bool is_other = !pick(m, 3);
	int budget = pick(m, 2) ? EPT_CACHE_PAGES : (int)pick(m, 3);
	struct ept_cache cache;
	u64 gpa, end;
	bool any;

	pick_range(m, &gpa, &end);
	if (end == EPT_GPA_END && pick(m, 8))
		end = gpa + 0x1000;
	model_cache(m, &cache, budget);
	any = ept_unmap(&m->ept, budget || pick(m, 2) ? &cache : NULL,
			is_other ? &other : &m->garbage, gpa, end);
	ept_cache_drain(&m->ept, &cache);

	MODEL_ASSERT(any == !!run_bytes(m, gpa, end));
	gpa = run_split(m, gpa, &budget, -1);
	end = run_split(m, end, &budget, 1);
	MODEL_ASSERT(m->gone_bytes == run_bytes(m, gpa, end));
	run_remove(m, gpa, end);
	model_probe(m, gpa);
	model_probe(m, end - 1);
	if (is_other)
		reap_other(m, &other, gpa, end);
}

static u32 kept(const struct run *r, u32 prot)
{
	u32 keep = r->prot & prot;

	return keep & EPT_R ? keep : keep & ~EPT_W;
}

static void step_protect(struct model *m)
{
	struct ept_garbage other = { 0 };
	bool is_other = !pick(m, 3);
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
			  is_other ? &other : &m->garbage, gpa, end, prot);
	ept_cache_drain(&m->ept, &cache);

	/* Only leaves that change are split. */
	at = gpa;
	r = run_find(m, gpa);
	if (r && kept(r, prot) != r->prot)
		at = run_split(m, gpa, &budget, -1);
	else if (r)
		run_leaf(m, gpa);
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
	if (is_other)
		reap_other(m, &other, gpa, end);
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
		step_unmap, step_protect, step_age, step_clean, step_ahead, step_next,
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

#endif /* SELFTESTS_EPT_DRIVER_H */
