// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * VM-entry checks of the guest state without its segments, as rules.
 *
 * SDM: "Checks on the Guest State Area", its sections on control registers,
 * descriptor-table registers, RIP and RFLAGS, non-register state and PDPTEs.
 * A broken rule lets VMLAUNCH succeed and gives a VM exit with reason 33
 * ("invalid guest state") and the entry-failure bit. The segments come between
 * the two sets of this file, in vmx_check_seg.c.
 */
#include "vmx_check_rules.h"

#define DEBUGCTL_RESERVED	0xffffffffffff0038ULL	/* 63:16, 5:3 */
#define RFLAGS_RESERVED		0xffffffffffc08028ULL
#define PENDING_RESERVED	0xfffffffffffeaff0ULL
#define INTERRUPT_RESERVED	0xffffffe0U
#define PDPTE_RESERVED		0x1e6ULL
#define NO_LINK			(~0ULL)

static bool has_pdptes(const struct vmx_state *s)
{
	return (V(GUEST_CR0) & VMX_CR0_PG) && (V(GUEST_CR4) & VMX_CR4_PAE) &&
	       !vmx_is_ia32e(s) && vmx_proc2_on(s, VMX_PROC2_EPT);
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

static bool injects_vector(const struct vmx_state *s, u32 event_type,
			   u32 vector)
{
	return injects(s, event_type) &&
	       (V(ENTRY_INTR_INFO) & VMX_INFO_VECTOR) == vector;
}

/* --- control registers, debug registers, MSRs --- */

static bool cr0_fixed_ok(const struct vmx_state *s)
{
	u64 free = VMX_CR0_FREE |
		   (vmx_is_unrestricted(s) ? VMX_CR0_PE | VMX_CR0_PG : 0);

	return vmx_is_fixed(V(GUEST_CR0) & ~free, s->msrs->cr0_fixed0 & ~free,
			    s->msrs->cr0_fixed1 | free);
}

static bool cr0_pg_ok(const struct vmx_state *s)
{
	return IMPLIES(V(GUEST_CR0) & VMX_CR0_PG, V(GUEST_CR0) & VMX_CR0_PE);
}

static bool cr4_fixed_ok(const struct vmx_state *s)
{
	return vmx_is_fixed(V(GUEST_CR4), s->msrs->cr4_fixed0,
			    s->msrs->cr4_fixed1);
}

static bool cet_ok(const struct vmx_state *s)
{
	return IMPLIES(V(GUEST_CR4) & VMX_CR4_CET, V(GUEST_CR0) & VMX_CR0_WP);
}

static bool debugctl_ok(const struct vmx_state *s)
{
	return IMPLIES(loads_debug(s),
		       !(V(GUEST_DEBUGCTL) & DEBUGCTL_RESERVED));
}

static bool ia32e_pg_ok(const struct vmx_state *s)
{
	return IMPLIES(vmx_is_ia32e(s), V(GUEST_CR0) & VMX_CR0_PG);
}

static bool ia32e_pae_ok(const struct vmx_state *s)
{
	return IMPLIES(vmx_is_ia32e(s), V(GUEST_CR4) & VMX_CR4_PAE);
}

static bool pcide_ok(const struct vmx_state *s)
{
	return IMPLIES(!vmx_is_ia32e(s), !(V(GUEST_CR4) & VMX_CR4_PCIDE));
}

static bool cr3_ok(const struct vmx_state *s)
{
	return vmx_is_hpa(s, V(GUEST_CR3));
}

static bool dr7_ok(const struct vmx_state *s)
{
	return IMPLIES(loads_debug(s), !(V(GUEST_DR7) >> 32));
}

static bool canonical_ok(const struct vmx_state *s, unsigned int arg)
{
	return vmx_is_canonical(s, s->v[arg]);
}

static bool pat_ok(const struct vmx_state *s)
{
	return IMPLIES(V(ENTRY_CONTROLS) & VMX_ENTRY_LOAD_PAT,
		       vmx_is_pat(V(GUEST_PAT)));
}

static bool efer_known_ok(const struct vmx_state *s)
{
	return IMPLIES(loads_efer(s), !(V(GUEST_EFER) & ~VMX_EFER_KNOWN));
}

static bool efer_lma_ok(const struct vmx_state *s)
{
	return IMPLIES(loads_efer(s),
		       !!(V(GUEST_EFER) & VMX_EFER_LMA) == vmx_is_ia32e(s));
}

static bool efer_lme_ok(const struct vmx_state *s)
{
	return IMPLIES(loads_efer(s) && (V(GUEST_CR0) & VMX_CR0_PG),
		       !!(V(GUEST_EFER) & VMX_EFER_LMA) ==
			       !!(V(GUEST_EFER) & VMX_EFER_LME));
}

/* --- descriptor tables, RIP, RFLAGS --- */

static bool table_limit_ok(const struct vmx_state *s, unsigned int arg)
{
	return !(s->v[arg] >> 16);
}

static bool rip_32_ok(const struct vmx_state *s)
{
	return vmx_is_64bit(s) || !(V(GUEST_RIP) >> 32);
}

static bool rip_64_ok(const struct vmx_state *s)
{
	return !vmx_is_64bit(s) || vmx_is_canonical(s, V(GUEST_RIP));
}

static bool rflags_reserved_ok(const struct vmx_state *s)
{
	return !(V(GUEST_RFLAGS) & RFLAGS_RESERVED) && (V(GUEST_RFLAGS) & 2);
}

static bool rflags_vm_ok(const struct vmx_state *s)
{
	return !vmx_is_v86(s) ||
	       (!vmx_is_ia32e(s) && (V(GUEST_CR0) & VMX_CR0_PE));
}

static bool rflags_if_ok(const struct vmx_state *s)
{
	return IMPLIES(injects(s, VMX_TYPE_EXT_INTR),
		       V(GUEST_RFLAGS) & VMX_FLAG_IF);
}

/* --- non-register state --- */

static bool activity_known(const struct vmx_state *s)
{
	u64 a = V(GUEST_ACTIVITY);

	return !a || (a <= 3 && (s->msrs->misc >> (5 + a) & 1));
}

/* What may be injected while not active; SDM lists it per activity state. */
static bool activity_event_ok(const struct vmx_state *s)
{
	if (!(V(ENTRY_INTR_INFO) & VMX_INFO_VALID))
		return true;
	switch (V(GUEST_ACTIVITY)) {
	case VMX_ACTIVITY_ACTIVE:
		return true;
	case VMX_ACTIVITY_HLT:
		return injects(s, VMX_TYPE_EXT_INTR) ||
		       injects(s, VMX_TYPE_NMI) ||
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

static bool pending_bs_ok(const struct vmx_state *s)
{
	bool stepping = (V(GUEST_RFLAGS) & VMX_FLAG_TF) &&
			!(V(GUEST_DEBUGCTL) & VMX_DEBUGCTL_BTF);

	if (!in_shadow(s) && V(GUEST_ACTIVITY) != VMX_ACTIVITY_HLT)
		return true;
	return stepping == !!(V(GUEST_PENDING_DEBUG) & VMX_PENDING_DEBUG_BS);
}

static bool hlt_dpl_ok(const struct vmx_state *s)
{
	return V(GUEST_ACTIVITY) != VMX_ACTIVITY_HLT ||
	       !(V(GUEST_SS_ACCESS) & VMX_ACC_DPL);
}

static bool activity_shadow_ok(const struct vmx_state *s)
{
	return !in_shadow(s) || !V(GUEST_ACTIVITY);
}

static bool intr_reserved_ok(const struct vmx_state *s)
{
	return !(V(GUEST_INTERRUPTIBILITY) & INTERRUPT_RESERVED);
}

static bool sti_mov_ss_ok(const struct vmx_state *s)
{
	const u32 both = VMX_BLOCK_STI | VMX_BLOCK_MOV_SS;

	return (V(GUEST_INTERRUPTIBILITY) & both) != both;
}

static bool sti_if_ok(const struct vmx_state *s)
{
	return IMPLIES(V(GUEST_INTERRUPTIBILITY) & VMX_BLOCK_STI,
		       V(GUEST_RFLAGS) & VMX_FLAG_IF);
}

static bool ext_intr_shadow_ok(const struct vmx_state *s)
{
	return !injects(s, VMX_TYPE_EXT_INTR) || !in_shadow(s);
}

static bool nmi_shadow_ok(const struct vmx_state *s)
{
	return !injects(s, VMX_TYPE_NMI) || !in_shadow(s);
}

static bool smi_ok(const struct vmx_state *s)
{
	return !(V(GUEST_INTERRUPTIBILITY) & VMX_BLOCK_SMI);
}

static bool nmi_blocked_ok(const struct vmx_state *s)
{
	return !injects(s, VMX_TYPE_NMI) ||
	       !(V(PIN_CONTROLS) & VMX_PIN_VIRTUAL_NMI) ||
	       !(V(GUEST_INTERRUPTIBILITY) & VMX_BLOCK_NMI);
}

static bool pending_reserved_ok(const struct vmx_state *s)
{
	return !(V(GUEST_PENDING_DEBUG) & PENDING_RESERVED);
}

static bool link_ok(const struct vmx_state *s)
{
	return V(GUEST_LINK_POINTER) == NO_LINK ||
	       vmx_is_page(s, V(GUEST_LINK_POINTER));
}

static bool pdpte_ok(const struct vmx_state *s, unsigned int arg)
{
	return !has_pdptes(s) || !(s->v[arg] & 1) ||
	       (!(s->v[arg] & PDPTE_RESERVED) && vmx_is_hpa(s, s->v[arg]));
}

#define ROW(fn, field, other, text) { fn, NULL, 0, VMXF_##field, VMXF_##other, text }
#define OWN(fn, field, text) { NULL, fn, VMXF_##field, VMXF_##field, VMXF_NONE, text }

static const struct vmx_rule guest_cr_rules[] = {
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
};

const struct vmx_rule_set vmx_guest_cr_rules = {
	guest_cr_rules, ARRAY_SIZE(guest_cr_rules)
};

static const struct vmx_rule guest_rules[] = {
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
