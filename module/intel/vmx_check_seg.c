// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * VM-entry checks of the guest's segment registers, as rules.
 *
 * SDM: "Checks on Guest Segment Registers". A rule that holds for several
 * segments has one row for each; its argument is the segment's number in the
 * order ES CS SS DS FS GS LDTR TR, which is that of the VMCS fields.
 */
#include "vmx_check_rules.h"

#define ES	0
#define CS	1
#define SS	2
#define DS	3
#define FS	4
#define GS	5
#define LDTR	6
#define TR	7

#define ACC_TYPE	0xfU
#define ACC_S		BIT(4)
#define ACC_P		BIT(7)
#define ACC_RESERVED	0xfffe0f00UL
#define ACC_DB		BIT(14)
#define ACC_G		BIT(15)
#define ACC_UNUSABLE	BIT(16)
#define ACC_V86		0xf3U

static u64 selector(const struct vmx_state *s, unsigned int seg)
{
	return s->v[VMXF_GUEST_ES_SELECTOR + seg];
}

static u64 base(const struct vmx_state *s, unsigned int seg)
{
	return s->v[VMXF_GUEST_ES_BASE + seg];
}

static u64 limit(const struct vmx_state *s, unsigned int seg)
{
	return s->v[VMXF_GUEST_ES_LIMIT + seg];
}

static u32 access(const struct vmx_state *s, unsigned int seg)
{
	return s->v[VMXF_GUEST_ES_ACCESS + seg];
}

static u32 type(const struct vmx_state *s, unsigned int seg)
{
	return access(s, seg) & ACC_TYPE;
}

static u32 dpl(const struct vmx_state *s, unsigned int seg)
{
	return access(s, seg) >> 5 & 3;
}

static u32 rpl(const struct vmx_state *s, unsigned int seg)
{
	return selector(s, seg) & 3;
}

/* CS and TR are always taken as usable. */
static bool usable(const struct vmx_state *s, unsigned int seg)
{
	return seg == CS || seg == TR || !(access(s, seg) & ACC_UNUSABLE);
}

static bool ti_ok(const struct vmx_state *s, unsigned int arg)
{
	return IMPLIES(usable(s, arg), !(selector(s, arg) & 4));
}

static bool ss_rpl_ok(const struct vmx_state *s)
{
	return vmx_is_v86(s) || vmx_is_unrestricted(s) ||
	       rpl(s, SS) == rpl(s, CS);
}

static bool v86_base_ok(const struct vmx_state *s, unsigned int arg)
{
	return IMPLIES(vmx_is_v86(s), base(s, arg) == selector(s, arg) << 4);
}

static bool v86_limit_ok(const struct vmx_state *s, unsigned int arg)
{
	return IMPLIES(vmx_is_v86(s), limit(s, arg) == 0xffff);
}

static bool v86_access_ok(const struct vmx_state *s, unsigned int arg)
{
	return IMPLIES(vmx_is_v86(s), access(s, arg) == ACC_V86);
}

static bool base_canonical_ok(const struct vmx_state *s, unsigned int arg)
{
	return IMPLIES(usable(s, arg) || arg != LDTR,
		       vmx_is_canonical(s, base(s, arg)));
}

static bool base_32_ok(const struct vmx_state *s, unsigned int arg)
{
	return IMPLIES(usable(s, arg), !(base(s, arg) >> 32));
}

static bool cs_type_ok(const struct vmx_state *s)
{
	return vmx_is_v86(s) || type(s, CS) == 9 || type(s, CS) == 11 ||
	       type(s, CS) == 13 || type(s, CS) == 15 ||
	       (type(s, CS) == 3 && vmx_is_unrestricted(s));
}

static bool ss_type_ok(const struct vmx_state *s)
{
	return vmx_is_v86(s) || !usable(s, SS) || type(s, SS) == 3 ||
	       type(s, SS) == 7;
}

/* Accessed; and readable if code. */
static bool data_type_ok(const struct vmx_state *s, unsigned int arg)
{
	return vmx_is_v86(s) || !usable(s, arg) ||
	       ((type(s, arg) & 1) &&
		IMPLIES(type(s, arg) & 8, type(s, arg) & 2));
}

static bool s_ok(const struct vmx_state *s, unsigned int arg)
{
	return vmx_is_v86(s) || !usable(s, arg) || (access(s, arg) & ACC_S);
}

static bool cs_dpl_ok(const struct vmx_state *s)
{
	if (vmx_is_v86(s))
		return true;
	switch (type(s, CS)) {
	case 3:
		return dpl(s, CS) == 0;
	case 9:
	case 11:
		return dpl(s, CS) == dpl(s, SS);
	default:
		return dpl(s, CS) <= dpl(s, SS);
	}
}

static bool ss_dpl_rpl_ok(const struct vmx_state *s)
{
	return vmx_is_v86(s) || vmx_is_unrestricted(s) ||
	       dpl(s, SS) == rpl(s, SS);
}

static bool ss_dpl_zero_ok(const struct vmx_state *s)
{
	return vmx_is_v86(s) || !dpl(s, SS) ||
	       (type(s, CS) != 3 && (V(GUEST_CR0) & VMX_CR0_PE));
}

static bool data_dpl_ok(const struct vmx_state *s, unsigned int arg)
{
	return vmx_is_v86(s) || vmx_is_unrestricted(s) || !usable(s, arg) ||
	       type(s, arg) > 11 || dpl(s, arg) >= rpl(s, arg);
}

static bool p_ok(const struct vmx_state *s, unsigned int arg)
{
	return vmx_is_v86(s) || !usable(s, arg) || (access(s, arg) & ACC_P);
}

static bool access_reserved_ok(const struct vmx_state *s, unsigned int arg)
{
	return vmx_is_v86(s) || !usable(s, arg) ||
	       !(access(s, arg) & ACC_RESERVED);
}

static bool cs_db_ok(const struct vmx_state *s)
{
	return vmx_is_v86(s) || !vmx_is_64bit(s) || !(access(s, CS) & ACC_DB);
}

static bool g_ok(const struct vmx_state *s, unsigned int seg)
{
	bool g = access(s, seg) & ACC_G;

	if ((vmx_is_v86(s) && seg < LDTR) || !usable(s, seg))
		return true;
	return g ? (limit(s, seg) & 0xfff) == 0xfff : !(limit(s, seg) >> 20);
}

static bool tr_type_ok(const struct vmx_state *s)
{
	return type(s, TR) == 11 || (type(s, TR) == 3 && !vmx_is_ia32e(s));
}

static bool system_s_ok(const struct vmx_state *s, unsigned int arg)
{
	return IMPLIES(usable(s, arg), !(access(s, arg) & ACC_S));
}

static bool system_p_ok(const struct vmx_state *s, unsigned int arg)
{
	return IMPLIES(usable(s, arg), access(s, arg) & ACC_P);
}

static bool system_reserved_ok(const struct vmx_state *s, unsigned int arg)
{
	return IMPLIES(usable(s, arg), !(access(s, arg) & ACC_RESERVED));
}

static bool tr_usable_ok(const struct vmx_state *s)
{
	return !(access(s, TR) & ACC_UNUSABLE);
}

static bool ldtr_type_ok(const struct vmx_state *s)
{
	return IMPLIES(usable(s, LDTR), type(s, LDTR) == 2);
}

#define ROW(fn, field, other, text) { fn, NULL, 0, VMXF_##field, VMXF_##other, text }
#define SEG(fn, seg, part, other, text) \
	{ NULL, fn, seg, VMXF_GUEST_##seg##_##part, VMXF_##other, text }
#define DATA_SEGS(fn, part, text) \
	SEG(fn, DS, part, NONE, text), SEG(fn, ES, part, NONE, text), \
	SEG(fn, FS, part, NONE, text), SEG(fn, GS, part, NONE, text)
#define CODE_DATA_SEGS(fn, part, text) \
	SEG(fn, CS, part, NONE, text), SEG(fn, SS, part, NONE, text), \
	DATA_SEGS(fn, part, text)

/* With the part that the rule compares as the second field. */
#define CODE_DATA_PAIRS(fn, part, part2, text) \
	SEG(fn, CS, part, GUEST_CS_##part2, text), \
	SEG(fn, SS, part, GUEST_SS_##part2, text), \
	SEG(fn, DS, part, GUEST_DS_##part2, text), \
	SEG(fn, ES, part, GUEST_ES_##part2, text), \
	SEG(fn, FS, part, GUEST_FS_##part2, text), \
	SEG(fn, GS, part, GUEST_GS_##part2, text)

static const struct vmx_rule seg_rules[] = {
	SEG(ti_ok, TR, SELECTOR, NONE, "TI must be 0"),
	SEG(ti_ok, LDTR, SELECTOR, NONE, "TI must be 0"),
	ROW(ss_rpl_ok, GUEST_SS_SELECTOR, GUEST_CS_SELECTOR, "RPL must be that of CS"),
	CODE_DATA_PAIRS(v86_base_ok, BASE, SELECTOR, "must be 16 times the selector in virtual-8086 mode"),
	SEG(base_canonical_ok, TR, BASE, NONE, "must be canonical"),
	SEG(base_canonical_ok, FS, BASE, NONE, "must be canonical"),
	SEG(base_canonical_ok, GS, BASE, NONE, "must be canonical"),
	SEG(base_canonical_ok, LDTR, BASE, NONE, "must be canonical"),
	SEG(base_32_ok, CS, BASE, NONE, "bits 63:32 must be 0"),
	SEG(base_32_ok, SS, BASE, NONE, "bits 63:32 must be 0"),
	SEG(base_32_ok, DS, BASE, NONE, "bits 63:32 must be 0"),
	SEG(base_32_ok, ES, BASE, NONE, "bits 63:32 must be 0"),
	CODE_DATA_SEGS(v86_limit_ok, LIMIT, "must be 0xffff in virtual-8086 mode"),
	CODE_DATA_SEGS(v86_access_ok, ACCESS, "must be 0xf3 in virtual-8086 mode"),
	ROW(cs_type_ok, GUEST_CS_ACCESS, NONE, "type must be 9, 11, 13, 15, or 3 for an unrestricted guest"),
	ROW(ss_type_ok, GUEST_SS_ACCESS, NONE, "type must be 3 or 7"),
	DATA_SEGS(data_type_ok, ACCESS, "type must be accessed, and readable if code"),
	CODE_DATA_SEGS(s_ok, ACCESS, "S must be 1"),
	ROW(cs_dpl_ok, GUEST_CS_ACCESS, GUEST_SS_ACCESS, "DPL does not fit its type and the DPL of SS"),
	ROW(ss_dpl_rpl_ok, GUEST_SS_ACCESS, GUEST_SS_SELECTOR, "DPL must equal RPL"),
	ROW(ss_dpl_zero_ok, GUEST_SS_ACCESS, GUEST_CS_ACCESS, "DPL must be 0 in real mode and with CS of type 3"),
	SEG(data_dpl_ok, DS, ACCESS, GUEST_DS_SELECTOR, "DPL must not be below RPL"),
	SEG(data_dpl_ok, ES, ACCESS, GUEST_ES_SELECTOR, "DPL must not be below RPL"),
	SEG(data_dpl_ok, FS, ACCESS, GUEST_FS_SELECTOR, "DPL must not be below RPL"),
	SEG(data_dpl_ok, GS, ACCESS, GUEST_GS_SELECTOR, "DPL must not be below RPL"),
	CODE_DATA_SEGS(p_ok, ACCESS, "P must be 1"),
	CODE_DATA_SEGS(access_reserved_ok, ACCESS, "bits 11:8 and 31:17 must be 0"),
	ROW(cs_db_ok, GUEST_CS_ACCESS, NONE, "D must be 0 in 64-bit mode"),
	CODE_DATA_PAIRS(g_ok, ACCESS, LIMIT, "G does not fit the limit"),
	ROW(tr_type_ok, GUEST_TR_ACCESS, ENTRY_CONTROLS, "type must be 11, or 3 outside IA-32e mode"),
	SEG(system_s_ok, TR, ACCESS, NONE, "S must be 0"),
	SEG(system_p_ok, TR, ACCESS, NONE, "P must be 1"),
	SEG(system_reserved_ok, TR, ACCESS, NONE, "bits 11:8 and 31:17 must be 0"),
	SEG(g_ok, TR, ACCESS, GUEST_TR_LIMIT, "G does not fit the limit"),
	ROW(tr_usable_ok, GUEST_TR_ACCESS, NONE, "must not be unusable"),
	ROW(ldtr_type_ok, GUEST_LDTR_ACCESS, NONE, "type must be 2"),
	SEG(system_s_ok, LDTR, ACCESS, NONE, "S must be 0"),
	SEG(system_p_ok, LDTR, ACCESS, NONE, "P must be 1"),
	SEG(system_reserved_ok, LDTR, ACCESS, NONE, "bits 11:8 and 31:17 must be 0"),
	SEG(g_ok, LDTR, ACCESS, GUEST_LDTR_LIMIT, "G does not fit the limit"),
};

const struct vmx_rule_set vmx_guest_seg_rules = {
	seg_rules, ARRAY_SIZE(seg_rules)
};
