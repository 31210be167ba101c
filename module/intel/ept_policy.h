/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What guest-physical addresses may be used for, whatever is mapped there: a
 * sorted set of ranges with restricted permissions. Everything outside of them
 * is unrestricted.
 *
 * Pure; part of struct vm_mem and under its lock. The set only answers
 * questions: whoever makes it stricter restricts the tree, too.
 */
#ifndef VMM_INTEL_EPT_POLICY_H
#define VMM_INTEL_EPT_POLICY_H

#include "ept.h"

#define EPT_POLICY_RANGES	256	/* as VMM_MAX_PROTECTS */

struct ept_policy_range {
	u64 gpa;
	u64 end;
	u32 prot;		/* EPT_*, never all of EPT_RWX */
};

/* Sorted, disjoint; neighbours that touch differ. Zero-initialise. */
struct ept_policy {
	u32 count;
	struct ept_policy_range range[EPT_POLICY_RANGES];
};

/*
 * From now on [@gpa, @end) is limited to @prot; EPT_RWX lifts all limits. Both
 * ends are multiples of 4096, @gpa < @end. EPT_NOMEM: too many ranges, and
 * nothing changed.
 */
enum ept_result ept_policy_set(struct ept_policy *policy, u64 gpa, u64 end, u32 prot);

/* The limit at @gpa. */
u32 ept_policy_prot(const struct ept_policy *policy, u64 gpa);

/* The largest level, at most @level, whose block around @gpa is under one limit. */
int ept_policy_level(const struct ept_policy *policy, u64 gpa, int level);

/* The first range that ends behind @gpa; NULL: none. */
const struct ept_policy_range *ept_policy_next(const struct ept_policy *policy, u64 gpa);

#endif /* VMM_INTEL_EPT_POLICY_H */
