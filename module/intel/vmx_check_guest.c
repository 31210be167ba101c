// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * VM-entry checks of the guest state, as rules.
 *
 * SDM: "Checks on the Guest State Area", section by section. These let
 * VMLAUNCH succeed and give a VM exit with reason 33 ("invalid guest state")
 * and the entry-failure bit. Segment rules have one row per segment; their
 * argument is the segment's number in the order ES CS SS DS FS GS LDTR TR.
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
#define ACC_L		BIT(13)
#define ACC_DB		BIT(14)
#define ACC_G		BIT(15)
#define ACC_UNUSABLE	BIT(16)
#define ACC_V86		0xf3U

#define DEBUGCTL_RESERVED	0xffffffffffff0038ULL	/* 63:16, 5:3 */
#define RFLAGS_RESERVED		0xffffffffffc08028ULL
#define PENDING_RESERVED	0xfffffffffffeaff0ULL
#define INTERRUPT_RESERVED	0xffffffe0U
#define PDPTE_RESERVED		0x1e6ULL
#define NO_LINK			(~0ULL)

/* --- questions about the state --- */

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

static bool is_unrestricted(const struct vmx_state *s)
{
	return vmx_proc2_on(s, VMX_PROC2_UNRESTRICTED);
}

static bool is_ia32e(const struct vmx_state *s)
{
	return V(ENTRY_CONTROLS) & VMX_ENTRY_IA32E_GUEST;
}

static bool is_v86(const struct vmx_state *s)
{
	return V(GUEST_RFLAGS) & VMX_FLAG_VM;
}

static bool is_64bit(const struct vmx_state *s)
{
	return is_ia32e(s) && (access(s, CS) & ACC_L);
}

static bool has_pdptes(const struct vmx_state *s)
{
	return (V(GUEST_CR0) & VMX_CR0_PG) && (V(GUEST_CR4) & VMX_CR4_PAE) &&
	       !is_ia32e(s) && vmx_proc2_on(s, VMX_PROC2_EPT);
}

static bool loads_debug(const struct vmx_state *s)
{
	return V(ENTRY_CONTROLS) & VMX_ENTRY_LOAD_DEBUG;
}

static bool loads_efer(const struct vmx_state *s)
{
	return V(ENTRY_CONTROLS) & VMX_ENTRY_LOAD_EFER;
}

static bool in_shadow(const struct vmx_state *s)
{
	return V(GUEST_INTERRUPTIBILITY) & (VMX_BLOCK_STI | VMX_BLOCK_MOV_SS);
}

static bool injects(const struct vmx_state *s, u32 event_type)
{
	return (V(ENTRY_INTR_INFO) & VMX_INFO_VALID) &&
	       (V(ENTRY_INTR_INFO) & VMX_INFO_TYPE) == event_type;
}

static bool injects_vector(const struct vmx_state *s, u32 event_type, u32 vector)
{
	return injects(s, event_type) &&
	       (V(ENTRY_INTR_INFO) & VMX_INFO_VECTOR) == vector;
}

/* --- control registers, debug registers, MSRs --- */

static bool cr0_fixed_ok(const struct vmx_state *s, unsigned int arg)
{
	u64 free = VMX_CR0_FREE |
		   (is_unrestricted(s) ? VMX_CR0_PE | VMX_CR0_PG : 0);

	(void)arg;
	return vmx_is_fixed(V(GUEST_CR0) & ~free, s->msrs->cr0_fixed0 & ~free,
			    s->msrs->cr0_fixed1 | free);
}

RULE(cr0_pg_ok, IMPLIES(V(GUEST_CR0) & VMX_CR0_PG, V(GUEST_CR0) & VMX_CR0_PE))
RULE(cr4_fixed_ok, vmx_is_fixed(V(GUEST_CR4), s->msrs->cr4_fixed0,
				s->msrs->cr4_fixed1))
RULE(cet_ok, IMPLIES(V(GUEST_CR4) & VMX_CR4_CET, V(GUEST_CR0) & VMX_CR0_WP))
RULE(debugctl_ok, IMPLIES(loads_debug(s), !(V(GUEST_DEBUGCTL) & DEBUGCTL_RESERVED)))
RULE(ia32e_pg_ok, IMPLIES(is_ia32e(s), V(GUEST_CR0) & VMX_CR0_PG))
RULE(ia32e_pae_ok, IMPLIES(is_ia32e(s), V(GUEST_CR4) & VMX_CR4_PAE))
RULE(pcide_ok, IMPLIES(!is_ia32e(s), !(V(GUEST_CR4) & VMX_CR4_PCIDE)))
RULE(cr3_ok, vmx_is_hpa(s, V(GUEST_CR3)))
RULE(dr7_ok, IMPLIES(loads_debug(s), !(V(GUEST_DR7) >> 32)))
RULE(canonical_ok, vmx_is_canonical(s, s->v[arg]))
RULE(pat_ok, IMPLIES(V(ENTRY_CONTROLS) & VMX_ENTRY_LOAD_PAT,
		     vmx_is_pat(V(GUEST_PAT))))
RULE(efer_known_ok, IMPLIES(loads_efer(s), !(V(GUEST_EFER) & ~VMX_EFER_KNOWN)))
RULE(efer_lma_ok, IMPLIES(loads_efer(s),
			  !!(V(GUEST_EFER) & VMX_EFER_LMA) == is_ia32e(s)))
RULE(efer_lme_ok, IMPLIES(loads_efer(s) && (V(GUEST_CR0) & VMX_CR0_PG),
			  !!(V(GUEST_EFER) & VMX_EFER_LMA) ==
			  !!(V(GUEST_EFER) & VMX_EFER_LME)))

/* --- segment registers --- */

RULE(ti_ok, IMPLIES(usable(s, arg), !(selector(s, arg) & 4)))
RULE(ss_rpl_ok, is_v86(s) || is_unrestricted(s) || rpl(s, SS) == rpl(s, CS))
RULE(v86_base_ok, IMPLIES(is_v86(s), base(s, arg) == selector(s, arg) << 4))
RULE(v86_limit_ok, IMPLIES(is_v86(s), limit(s, arg) == 0xffff))
RULE(v86_access_ok, IMPLIES(is_v86(s), access(s, arg) == ACC_V86))
RULE(base_canonical_ok, IMPLIES(usable(s, arg) || arg != LDTR,
				vmx_is_canonical(s, base(s, arg))))
RULE(base_32_ok, IMPLIES(usable(s, arg), !(base(s, arg) >> 32)))

RULE(cs_type_ok, is_v86(s) || type(s, CS) == 9 || type(s, CS) == 11 ||
     type(s, CS) == 13 || type(s, CS) == 15 ||
     (type(s, CS) == 3 && is_unrestricted(s)))
RULE(ss_type_ok, is_v86(s) || !usable(s, SS) || type(s, SS) == 3 ||
     type(s, SS) == 7)
/* Accessed; and readable if code. */
RULE(data_type_ok, is_v86(s) || !usable(s, arg) ||
     ((type(s, arg) & 1) && IMPLIES(type(s, arg) & 8, type(s, arg) & 2)))
RULE(s_ok, is_v86(s) || !usable(s, arg) || (access(s, arg) & ACC_S))

static bool cs_dpl_ok(const struct vmx_state *s, unsigned int arg)
{
	(void)arg;
	if (is_v86(s))
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

RULE(ss_dpl_rpl_ok, is_v86(s) || is_unrestricted(s) || dpl(s, SS) == rpl(s, SS))
RULE(ss_dpl_zero_ok, is_v86(s) || !dpl(s, SS) ||
     (type(s, CS) != 3 && (V(GUEST_CR0) & VMX_CR0_PE)))
RULE(data_dpl_ok, is_v86(s) || is_unrestricted(s) || !usable(s, arg) ||
     type(s, arg) > 11 || dpl(s, arg) >= rpl(s, arg))
RULE(p_ok, is_v86(s) || !usable(s, arg) || (access(s, arg) & ACC_P))
RULE(access_reserved_ok, is_v86(s) || !usable(s, arg) ||
     !(access(s, arg) & ACC_RESERVED))
RULE(cs_db_ok, is_v86(s) || !is_64bit(s) || !(access(s, CS) & ACC_DB))

static bool g_ok(const struct vmx_state *s, unsigned int seg)
{
	bool g = access(s, seg) & ACC_G;

	if ((is_v86(s) && seg < LDTR) || !usable(s, seg))
		return true;
	return g ? (limit(s, seg) & 0xfff) == 0xfff : !(limit(s, seg) >> 20);
}

RULE(tr_type_ok, type(s, TR) == 11 || (type(s, TR) == 3 && !is_ia32e(s)))
RULE(system_s_ok, IMPLIES(usable(s, arg), !(access(s, arg) & ACC_S)))
RULE(system_p_ok, IMPLIES(usable(s, arg), access(s, arg) & ACC_P))
RULE(system_reserved_ok, IMPLIES(usable(s, arg), !(access(s, arg) & ACC_RESERVED)))
RULE(tr_usable_ok, !(access(s, TR) & ACC_UNUSABLE))
RULE(ldtr_type_ok, IMPLIES(usable(s, LDTR), type(s, LDTR) == 2))

/* --- descriptor tables, RIP, RFLAGS --- */

RULE(table_limit_ok, !(s->v[arg] >> 16))
RULE(rip_32_ok, is_64bit(s) || !(V(GUEST_RIP) >> 32))
RULE(rip_64_ok, !is_64bit(s) || vmx_is_canonical(s, V(GUEST_RIP)))
RULE(rflags_reserved_ok, !(V(GUEST_RFLAGS) & RFLAGS_RESERVED) &&
     (V(GUEST_RFLAGS) & 2))
RULE(rflags_vm_ok, !is_v86(s) || (!is_ia32e(s) && (V(GUEST_CR0) & VMX_CR0_PE)))
RULE(rflags_if_ok, IMPLIES(injects(s, VMX_TYPE_EXT_INTR),
			   V(GUEST_RFLAGS) & VMX_FLAG_IF))

/* --- non-register state --- */

static bool activity_known(const struct vmx_state *s, unsigned int arg)
{
	u64 a = V(GUEST_ACTIVITY);

	(void)arg;
	return !a || (a <= 3 && (s->msrs->misc >> (5 + a) & 1));
}

/* What may be injected while not active; SDM lists it per activity state. */
static bool activity_event_ok(const struct vmx_state *s, unsigned int arg)
{
	(void)arg;
	if (!(V(ENTRY_INTR_INFO) & VMX_INFO_VALID))
		return true;
	switch (V(GUEST_ACTIVITY)) {
	case VMX_ACTIVITY_ACTIVE:
		return true;
	case VMX_ACTIVITY_HLT:
		return injects(s, VMX_TYPE_EXT_INTR) || injects(s, VMX_TYPE_NMI) ||
		       injects_vector(s, VMX_TYPE_HW_EXCEPTION, 1) ||
		       injects_vector(s, VMX_TYPE_HW_EXCEPTION, 18) ||
		       injects(s, VMX_TYPE_OTHER);
	case VMX_ACTIVITY_SHUTDOWN:
		return injects(s, VMX_TYPE_NMI) ||
		       injects_vector(s, VMX_TYPE_HW_EXCEPTION, 18);
	default:
		return false;
	}
}

static bool pending_bs_ok(const struct vmx_state *s, unsigned int arg)
{
	bool stepping = (V(GUEST_RFLAGS) & VMX_FLAG_TF) &&
			!(V(GUEST_DEBUGCTL) & VMX_DEBUGCTL_BTF);

	(void)arg;
	if (!in_shadow(s) && V(GUEST_ACTIVITY) != VMX_ACTIVITY_HLT)
		return true;
	return stepping == !!(V(GUEST_PENDING_DEBUG) & VMX_PENDING_DEBUG_BS);
}

RULE(hlt_dpl_ok, V(GUEST_ACTIVITY) != VMX_ACTIVITY_HLT || !dpl(s, SS))
RULE(activity_shadow_ok, !in_shadow(s) || !V(GUEST_ACTIVITY))
RULE(intr_reserved_ok, !(V(GUEST_INTERRUPTIBILITY) & INTERRUPT_RESERVED))
RULE(sti_mov_ss_ok, (V(GUEST_INTERRUPTIBILITY) &
		     (VMX_BLOCK_STI | VMX_BLOCK_MOV_SS)) !=
		    (VMX_BLOCK_STI | VMX_BLOCK_MOV_SS))
RULE(sti_if_ok, IMPLIES(V(GUEST_INTERRUPTIBILITY) & VMX_BLOCK_STI,
			V(GUEST_RFLAGS) & VMX_FLAG_IF))
RULE(ext_intr_shadow_ok, !injects(s, VMX_TYPE_EXT_INTR) || !in_shadow(s))
RULE(nmi_shadow_ok, !injects(s, VMX_TYPE_NMI) || !in_shadow(s))
RULE(smi_ok, !(V(GUEST_INTERRUPTIBILITY) & VMX_BLOCK_SMI))
RULE(nmi_blocked_ok, !injects(s, VMX_TYPE_NMI) ||
     !(V(PIN_CONTROLS) & VMX_PIN_VIRTUAL_NMI) ||
     !(V(GUEST_INTERRUPTIBILITY) & VMX_BLOCK_NMI))
RULE(pending_reserved_ok, !(V(GUEST_PENDING_DEBUG) & PENDING_RESERVED))
RULE(link_ok, V(GUEST_LINK_POINTER) == NO_LINK ||
     vmx_is_page(s, V(GUEST_LINK_POINTER)))
RULE(pdpte_ok, !has_pdptes(s) || !(s->v[arg] & 1) ||
     (!(s->v[arg] & PDPTE_RESERVED) && vmx_is_hpa(s, s->v[arg])))

#define ROW(fn, field, other, text) { fn, 0, VMXF_##field, VMXF_##other, text }
#define OWN(fn, field, text) { fn, VMXF_##field, VMXF_##field, VMXF_NONE, text }
#define SEG(fn, seg, part, other, text) \
	{ fn, seg, VMXF_GUEST_##seg##_##part, VMXF_##other, text }
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

static const struct vmx_rule guest_rules[] = {
	ROW(cr0_fixed_ok, GUEST_CR0, NONE, "fixed bits must be as IA32_VMX_CR0_FIXED0 and 1 say"),
	ROW(cr0_pg_ok, GUEST_CR0, NONE, "PG needs PE"),
	ROW(cr4_fixed_ok, GUEST_CR4, NONE, "fixed bits must be as IA32_VMX_CR4_FIXED0 and 1 say"),
	ROW(cet_ok, GUEST_CR4, GUEST_CR0, "CET needs CR0.WP"),
	ROW(debugctl_ok, GUEST_DEBUGCTL, NONE, "reserved bits must be 0"),
	ROW(ia32e_pg_ok, GUEST_CR0, ENTRY_CONTROLS, "an IA-32e mode guest needs PG"),
	ROW(ia32e_pae_ok, GUEST_CR4, ENTRY_CONTROLS, "an IA-32e mode guest needs PAE"),
	ROW(pcide_ok, GUEST_CR4, ENTRY_CONTROLS, "PCIDE needs an IA-32e mode guest"),
	ROW(cr3_ok, GUEST_CR3, NONE, "bits above the physical-address width must be 0"),
	ROW(dr7_ok, GUEST_DR7, NONE, "bits 63:32 must be 0"),
	OWN(canonical_ok, GUEST_SYSENTER_ESP, "must be canonical"),
	OWN(canonical_ok, GUEST_SYSENTER_EIP, "must be canonical"),
	ROW(pat_ok, GUEST_PAT, NONE, "every byte must be a memory type: 0, 1, 4, 5, 6 or 7"),
	ROW(efer_known_ok, GUEST_EFER, NONE, "reserved bits must be 0"),
	ROW(efer_lma_ok, GUEST_EFER, ENTRY_CONTROLS, "LMA must equal the IA-32e mode guest control (bit 9)"),
	ROW(efer_lme_ok, GUEST_EFER, GUEST_CR0, "LMA must equal LME while paging is on"),

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

	SEG(cs_type_ok, CS, ACCESS, NONE, "type must be 9, 11, 13, 15, or 3 for an unrestricted guest"),
	SEG(ss_type_ok, SS, ACCESS, NONE, "type must be 3 or 7"),
	DATA_SEGS(data_type_ok, ACCESS, "type must be accessed, and readable if code"),
	CODE_DATA_SEGS(s_ok, ACCESS, "S must be 1"),
	SEG(cs_dpl_ok, CS, ACCESS, GUEST_SS_ACCESS, "DPL does not fit its type and the DPL of SS"),
	SEG(ss_dpl_rpl_ok, SS, ACCESS, GUEST_SS_SELECTOR, "DPL must equal RPL"),
	SEG(ss_dpl_zero_ok, SS, ACCESS, GUEST_CS_ACCESS, "DPL must be 0 in real mode and with CS of type 3"),
	SEG(data_dpl_ok, DS, ACCESS, GUEST_DS_SELECTOR, "DPL must not be below RPL"),
	SEG(data_dpl_ok, ES, ACCESS, GUEST_ES_SELECTOR, "DPL must not be below RPL"),
	SEG(data_dpl_ok, FS, ACCESS, GUEST_FS_SELECTOR, "DPL must not be below RPL"),
	SEG(data_dpl_ok, GS, ACCESS, GUEST_GS_SELECTOR, "DPL must not be below RPL"),
	CODE_DATA_SEGS(p_ok, ACCESS, "P must be 1"),
	CODE_DATA_SEGS(access_reserved_ok, ACCESS, "bits 11:8 and 31:17 must be 0"),
	SEG(cs_db_ok, CS, ACCESS, NONE, "D must be 0 in 64-bit mode"),
	CODE_DATA_PAIRS(g_ok, ACCESS, LIMIT, "G does not fit the limit"),
	SEG(tr_type_ok, TR, ACCESS, ENTRY_CONTROLS, "type must be 11, or 3 outside IA-32e mode"),
	SEG(system_s_ok, TR, ACCESS, NONE, "S must be 0"),
	SEG(system_p_ok, TR, ACCESS, NONE, "P must be 1"),
	SEG(system_reserved_ok, TR, ACCESS, NONE, "bits 11:8 and 31:17 must be 0"),
	SEG(g_ok, TR, ACCESS, GUEST_TR_LIMIT, "G does not fit the limit"),
	SEG(tr_usable_ok, TR, ACCESS, NONE, "must not be unusable"),
	SEG(ldtr_type_ok, LDTR, ACCESS, NONE, "type must be 2"),
	SEG(system_s_ok, LDTR, ACCESS, NONE, "S must be 0"),
	SEG(system_p_ok, LDTR, ACCESS, NONE, "P must be 1"),
	SEG(system_reserved_ok, LDTR, ACCESS, NONE, "bits 11:8 and 31:17 must be 0"),
	SEG(g_ok, LDTR, ACCESS, GUEST_LDTR_LIMIT, "G does not fit the limit"),

	OWN(canonical_ok, GUEST_GDTR_BASE, "must be canonical"),
	OWN(canonical_ok, GUEST_IDTR_BASE, "must be canonical"),
	OWN(table_limit_ok, GUEST_GDTR_LIMIT, "bits 31:16 must be 0"),
	OWN(table_limit_ok, GUEST_IDTR_LIMIT, "bits 31:16 must be 0"),
	ROW(rip_32_ok, GUEST_RIP, GUEST_CS_ACCESS, "bits 63:32 must be 0 outside 64-bit mode"),
	ROW(rip_64_ok, GUEST_RIP, NONE, "must be canonical"),
	ROW(rflags_reserved_ok, GUEST_RFLAGS, NONE, "reserved bits must be 0, bit 1 must be 1"),
	ROW(rflags_vm_ok, GUEST_RFLAGS, GUEST_CR0, "VM needs PE and excludes IA-32e mode"),
	ROW(rflags_if_ok, GUEST_RFLAGS, ENTRY_INTR_INFO, "IF must be 1 to inject an external interrupt"),

	ROW(activity_known, GUEST_ACTIVITY, NONE, "must be a state that IA32_VMX_MISC lists"),
	ROW(hlt_dpl_ok, GUEST_ACTIVITY, GUEST_SS_ACCESS, "HLT needs DPL of SS to be 0"),
	ROW(activity_shadow_ok, GUEST_ACTIVITY, GUEST_INTERRUPTIBILITY, "must be active while STI or MOV-SS blocks"),
	ROW(activity_event_ok, GUEST_ACTIVITY, ENTRY_INTR_INFO, "the injected event is not allowed in this state"),
	ROW(intr_reserved_ok, GUEST_INTERRUPTIBILITY, NONE, "bits 31:5 must be 0"),
	ROW(sti_mov_ss_ok, GUEST_INTERRUPTIBILITY, NONE, "STI and MOV-SS blocking exclude each other"),
	ROW(sti_if_ok, GUEST_INTERRUPTIBILITY, GUEST_RFLAGS, "blocking by STI needs RFLAGS.IF"),
	ROW(ext_intr_shadow_ok, GUEST_INTERRUPTIBILITY, ENTRY_INTR_INFO, "STI or MOV-SS blocks the injected interrupt"),
	ROW(nmi_shadow_ok, GUEST_INTERRUPTIBILITY, ENTRY_INTR_INFO, "STI or MOV-SS blocks the injected NMI"),
	ROW(smi_ok, GUEST_INTERRUPTIBILITY, NONE, "blocking by SMI must be 0 outside SMM"),
	ROW(nmi_blocked_ok, GUEST_INTERRUPTIBILITY, ENTRY_INTR_INFO, "NMI blocking must be 0 to inject an NMI"),
	ROW(pending_reserved_ok, GUEST_PENDING_DEBUG, NONE, "reserved bits must be 0"),
	ROW(pending_bs_ok, GUEST_PENDING_DEBUG, GUEST_RFLAGS, "BS must tell whether TF single-steps"),
	ROW(link_ok, GUEST_LINK_POINTER, NONE, "must be all ones or a page-aligned physical address"),
	OWN(pdpte_ok, GUEST_PDPTE0, "reserved bits must be 0 in a present entry"),
	OWN(pdpte_ok, GUEST_PDPTE1, "reserved bits must be 0 in a present entry"),
	OWN(pdpte_ok, GUEST_PDPTE2, "reserved bits must be 0 in a present entry"),
	OWN(pdpte_ok, GUEST_PDPTE3, "reserved bits must be 0 in a present entry"),
};

const struct vmx_rule_set vmx_guest_rules = {
	guest_rules, ARRAY_SIZE(guest_rules)
};
