// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The sorted set of ranges with restricted permissions.
 *
 * Setting a range cuts what it overlaps and then joins equal neighbours. There
 * is one new range at most, and one more when it falls into the middle of an
 * old one, hence the room that is asked for before anything changes.
 */
#include "ept_policy.h"

/* Index of the first range that ends behind @gpa. */
static u32 index_at(const struct ept_policy *policy, u64 gpa)
{
	u32 low = 0, high = policy->count;

	while (low < high) {
		u32 mid = (low + high) / 2;

		if (policy->range[mid].end <= gpa)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The @old ranges from @at on give way to @new ones, whose content is undefined. */
static void make_room(struct ept_policy *policy, u32 at, u32 old, u32 new)
{
	struct ept_policy_range *range = policy->range;
	u32 i, tail = policy->count - at - old;

	if (new > old)
		for (i = tail; i--; )
			range[at + new + i] = range[at + old + i];
	else
		for (i = 0; i < tail; i++)
			range[at + new + i] = range[at + old + i];
	policy->count = policy->count - old + new;
}

enum ept_result ept_policy_set(struct ept_policy *policy, u64 gpa, u64 end, u32 prot)
{
	struct ept_policy_range *range = policy->range;
	struct ept_policy_range piece[3];
	u32 first = index_at(policy, gpa), last = first, n = 0, i;

	/* A neighbour that touches and says the same becomes part of it. */
	if (first && range[first - 1].end == gpa && range[first - 1].prot == prot)
		gpa = range[--first].gpa;
	while (last < policy->count && range[last].gpa < end)
		last++;
	if (last < policy->count && range[last].gpa == end && range[last].prot == prot)
		end = range[last++].end;

	/* What is left of the first and the last overlapped one. */
	if (first < last && range[first].gpa < gpa) {
		piece[n] = range[first];
		if (range[first].prot == prot)
			gpa = range[first].gpa;
		else
			piece[n++].end = gpa;
	}
	if (first < last && range[last - 1].end > end && range[last - 1].prot == prot)
		end = range[last - 1].end;
	if (prot != EPT_RWX)
		piece[n++] = (struct ept_policy_range) { .gpa = gpa, .end = end, .prot = prot };
	if (first < last && range[last - 1].end > end) {
		piece[n] = range[last - 1];
		piece[n++].gpa = end;
	}
	if (policy->count - (last - first) + n > EPT_POLICY_RANGES)
		return EPT_NOMEM;
	make_room(policy, first, last - first, n);
	for (i = 0; i < n; i++)
		range[first + i] = piece[i];
	return EPT_OK;
}

const struct ept_policy_range *ept_policy_next(const struct ept_policy *policy, u64 gpa)
{
	u32 i = index_at(policy, gpa);

	return i < policy->count ? &policy->range[i] : NULL;
}

u32 ept_policy_prot(const struct ept_policy *policy, u64 gpa)
{
	const struct ept_policy_range *range = ept_policy_next(policy, gpa);

	return range && range->gpa <= gpa ? range->prot : EPT_RWX;
}

int ept_policy_level(const struct ept_policy *policy, u64 gpa, int level)
{
	const struct ept_policy_range *range;

	for (; level > 1; level--) {
		u64 size = 1ULL << (12 + 9 * (level - 1));
		u64 base = gpa & ~(size - 1);

		/* One range that holds the block, or none that touches it. */
		range = ept_policy_next(policy, base);
		if (!range || range->gpa >= base + size ||
		    (range->gpa <= base && range->end >= base + size))
			break;
	}
	return level;
}
