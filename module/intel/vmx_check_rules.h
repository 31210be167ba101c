/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How a rule of the VM-entry checks is written. For the files vmx_check*.c
 * alone.
 *
 * A rule is a predicate over the state that is true when the rule is kept, a
 * field to blame, perhaps a second one it looks at, and a text that completes
 * "<field> is <value>: ". One of two predicates is set; that with an argument
 * serves several rows.
 */
#ifndef VMM_INTEL_VMX_CHECK_RULES_H
#define VMM_INTEL_VMX_CHECK_RULES_H

#include "vmx_check.h"

#define VMXF_NONE	VMXF_COUNT

struct vmx_rule {
	bool (*kept)(const struct vmx_state *s);
	bool (*kept_for)(const struct vmx_state *s, unsigned int arg);
	u16 arg;
	u16 field;
	u16 other;
	const char *text;
};

struct vmx_rule_set {
	const struct vmx_rule *rule;
	unsigned int count;
};

extern const struct vmx_rule_set vmx_control_rules;
extern const struct vmx_rule_set vmx_host_rules;
extern const struct vmx_rule_set vmx_guest_cr_rules;
extern const struct vmx_rule_set vmx_guest_seg_rules;
extern const struct vmx_rule_set vmx_guest_rules;

#define V(name)		(s->v[VMXF_##name])
#define IMPLIES(a, b)	(!(a) || (b))

#define VMX_CR0_PE	BIT_ULL(0)
#define VMX_CR0_WP	BIT_ULL(16)
#define VMX_CR0_PG	BIT_ULL(31)
#define VMX_CR0_FREE	(BIT_ULL(29) | BIT_ULL(30))	/* NW, CD: not checked */
#define VMX_CR4_PAE	BIT_ULL(5)
#define VMX_CR4_LA57	BIT_ULL(12)
#define VMX_CR4_PCIDE	BIT_ULL(17)
#define VMX_CR4_CET	BIT_ULL(23)
#define VMX_EFER_LME	BIT_ULL(8)
#define VMX_EFER_LMA	BIT_ULL(10)
#define VMX_EFER_KNOWN	(BIT_ULL(0) | VMX_EFER_LME | VMX_EFER_LMA | BIT_ULL(11))
#define VMX_FLAG_TF	BIT_ULL(8)
#define VMX_FLAG_IF	BIT_ULL(9)
#define VMX_FLAG_VM	BIT_ULL(17)
#define VMX_DEBUGCTL_BTF	BIT_ULL(1)
#define VMX_ACC_DPL	(3U << 5)
#define VMX_ACC_L	BIT(13)

static inline bool vmx_proc2_on(const struct vmx_state *s, u32 bits)
{
	return (V(PROC_CONTROLS) & VMX_PROC_SECONDARY) &&
	       (V(PROC2_CONTROLS) & bits) == bits;
}

static inline bool vmx_is_unrestricted(const struct vmx_state *s)
{
	return vmx_proc2_on(s, VMX_PROC2_UNRESTRICTED);
}

static inline bool vmx_is_ia32e(const struct vmx_state *s)
{
	return V(ENTRY_CONTROLS) & VMX_ENTRY_IA32E_GUEST;
}

static inline bool vmx_is_v86(const struct vmx_state *s)
{
	return V(GUEST_RFLAGS) & VMX_FLAG_VM;
}

static inline bool vmx_is_64bit(const struct vmx_state *s)
{
	return vmx_is_ia32e(s) && (V(GUEST_CS_ACCESS) & VMX_ACC_L);
}

static inline bool vmx_is_hpa(const struct vmx_state *s, u64 hpa)
{
	return s->maxphyaddr >= 64 || !(hpa >> s->maxphyaddr);
}

static inline bool vmx_is_page(const struct vmx_state *s, u64 hpa)
{
	return !(hpa & 0xfff) && vmx_is_hpa(s, hpa);
}

/* As wide as the processor can, whatever CR4 says: SDM "Canonicality Checking". */
static inline bool vmx_is_canonical(const struct vmx_state *s, u64 gla)
{
	int spare = (s->msrs->cr4_fixed1 & VMX_CR4_LA57) ? 64 - 57 : 64 - 48;

	return (u64)((s64)(gla << spare) >> spare) == gla;
}

static inline bool vmx_is_pat(u64 pat)
{
	int i;

	for (i = 0; i < 8; i++, pat >>= 8)
		if ((pat & 0xff) > 7 || (pat & 0xff) == 2 || (pat & 0xff) == 3)
			return false;
	return true;
}

static inline bool vmx_is_fixed(u64 cr, u64 fixed0, u64 fixed1)
{
	return (cr & fixed0) == fixed0 && !(cr & ~fixed1);
}

#endif /* VMM_INTEL_VMX_CHECK_RULES_H */
