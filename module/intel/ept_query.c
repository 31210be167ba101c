// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * EPT: what a violation amounts to, and what the tree says.
 *
 * The fault half is on the path of every first access to a page under software
 * accessed and dirty: one walk and one compare-and-exchange. Setting bits needs
 * no flush, since the violation itself has dropped the cached translation of
 * its address on its processor, and any other processor comes here in turn and
 * finds nothing left to do. SDM: "Operations that Invalidate Cached Mappings".
 */
#include "ept.h"
#include "ept_entry.h"

/* The slot where the walk for @gpa ends, and its level. */
static u64 *walk(const struct ept *ept, u64 gpa, int *level)
{
	u64 *table = ept->root;
	int l;

	for (l = EPT_LEVELS; ; l--) {
		u64 *slot = &table[ept_index(gpa, l)];
		u64 e = epte_read(slot);

		if (!epte_is_valid(e) || epte_is_leaf(e, l)) {
			*level = l;
			return slot;
		}
		table = ept_table(ept, e);
	}
}

enum ept_fault ept_fault_ad(struct ept *ept, u64 gpa, u32 access)
{
	const struct ept_masks *m = ept->masks;
	int level;
	u64 *slot;
	u64 e;

	if (gpa >= EPT_GPA_END)
		return EPT_MISSING;
	slot = walk(ept, gpa, &level);
	e = epte_read(slot);
	if (!epte_is_valid(e))
		return EPT_MISSING;
	if (access & ~epte_prot(m, e))
		return EPT_PROT;
	if (!m->soft || !access)
		return EPT_SETTLED;
	if (level > 1 && (access & EPT_W) && !epte_dirty(m, e))
		return EPT_HUGE;
	while (!epte_cmpxchg(slot, &e,
			     epte_recode(m, e, epte_prot(m, e), true,
					 (access & EPT_W) || epte_dirty(m, e))))
		;
	return EPT_SETTLED;
}

bool ept_lookup(const struct ept *ept, u64 gpa, u64 *entry, int *level)
{
	if (gpa >= EPT_GPA_END)
		return false;
	*entry = epte_read(walk(ept, gpa, level));
	return epte_is_valid(*entry);
}

int ept_walk(const struct ept *ept, u64 gpa, u64 entries[EPT_LEVELS])
{
	u64 *table = ept->root;
	int level, n = 0;

	if (gpa >= EPT_GPA_END)
		return 0;
	for (level = EPT_LEVELS; level; level--) {
		u64 e = epte_read(&table[ept_index(gpa, level)]);

		entries[n++] = e;
		if (!epte_is_valid(e) || epte_is_leaf(e, level))
			break;
		table = ept_table(ept, e);
	}
	return n;
}

u64 ept_next(const struct ept *ept, u64 gpa)
{
	u64 e;

	while (gpa < EPT_GPA_END) {
		int level = EPT_LEVELS;

		e = epte_read(&ept->root[ept_index(gpa, level)]);
		if (epte_is_valid(e)) {
			level--;
			e = epte_read(&ept_table(ept, e)[ept_index(gpa, level)]);
			if (epte_is_valid(e))
				return gpa;
		}
		gpa = (gpa | (ept_size(level) - 1)) + 1;
	}
	return EPT_GPA_END;
}

u32 ept_leaf_prot(const struct ept *ept, u64 entry)
{
	return epte_prot(ept->masks, entry);
}

u64 ept_leaf_hpa(u64 entry, int level)
{
	return entry & EPTE_HPA & ~(ept_size(level) - 1);
}

u32 ept_leaf_memtype(u64 entry)
{
	return (entry & EPTE_MT) >> EPTE_MT_SHIFT;
}

bool ept_leaf_accessed(const struct ept *ept, u64 entry)
{
	return epte_accessed(ept->masks, entry);
}

bool ept_leaf_dirty(const struct ept *ept, u64 entry)
{
	return epte_dirty(ept->masks, entry);
}
