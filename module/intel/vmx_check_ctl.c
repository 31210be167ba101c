// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * VM-entry checks of the controls and of the host state, as rules.
 *
 * SDM: "Checks on VMX Controls", "Checks on Host Control Registers, MSRs, and
 * SSP", "Checks on Host Segment and Descriptor-Table Registers", "Checks
 * Related to Address-Space Size". These fail VMLAUNCH itself, with
 * VM-instruction error 7 or 8.
 */
#include "vmx_check_rules.h"

#define EPTP_MT		0x7ULL
#define EPTP_WALK	0x38ULL
#define EPTP_AD		BIT_ULL(6)
#define EPTP_RESERVED	0xf80ULL

static u64 capability(const struct vmx_state *s, enum vmx_field field)
{
	const struct vmx_msrs *m = s->msrs;
	bool has_true = vmx_msrs_has_true(m->basic);

	switch (field) {
	case VMXF_PIN_CONTROLS:
		return has_true ? m->true_pin : m->pin;
	case VMXF_PROC_CONTROLS:
		return has_true ? m->true_proc : m->proc;
	case VMXF_PROC2_CONTROLS:
		return m->proc2;
	case VMXF_EXIT_CONTROLS:
		return has_true ? m->true_exit : m->exit;
	default:
		return has_true ? m->true_entry : m->entry;
	}
}

static bool word_allowed(const struct vmx_state *s, unsigned int field)
{
	u64 cap = capability(s, field);
	u32 word = s->v[field];

	if (field == VMXF_PROC2_CONTROLS &&
	    !(V(PROC_CONTROLS) & VMX_PROC_SECONDARY))
		return true;
	return (word & (u32)cap) == (u32)cap && !(word & ~(u32)(cap >> 32));
}

static bool bitmap_ok(const struct vmx_state *s, unsigned int field)
{
	u32 use = field == VMXF_MSR_BITMAP ? VMX_PROC_MSR_BITMAPS
					   : VMX_PROC_IO_BITMAPS;

	return !(V(PROC_CONTROLS) & use) || vmx_is_page(s, s->v[field]);
}

/* arg: the field with the address; the count precedes it. */
static bool msr_area_ok(const struct vmx_state *s, unsigned int field)
{
	u64 count = s->v[field - 1], hpa = s->v[field];

	return !count || (!(hpa & 15) && vmx_is_hpa(s, hpa + count * 16 - 1));
}

static bool eptp_memtype_ok(const struct vmx_state *s)
{
	u64 mt = V(EPTP) & EPTP_MT, cap = s->msrs->ept_vpid;

	if (!vmx_proc2_on(s, VMX_PROC2_EPT))
		return true;
	return (mt == 0 && (cap & VMX_EPTCAP_UC)) ||
	       (mt == 6 && (cap & VMX_EPTCAP_WB));
}

static u32 info_type(const struct vmx_state *s)
{
	return V(ENTRY_INTR_INFO) & VMX_INFO_TYPE;
}

static u32 info_vector(const struct vmx_state *s)
{
	return V(ENTRY_INTR_INFO) & VMX_INFO_VECTOR;
}

static bool injecting(const struct vmx_state *s)
{
	return V(ENTRY_INTR_INFO) & VMX_INFO_VALID;
}

static bool vector_ok(const struct vmx_state *s)
{
	if (!injecting(s))
		return true;
	switch (info_type(s)) {
	case VMX_TYPE_NMI:
		return info_vector(s) == 2;
	case VMX_TYPE_HW_EXCEPTION:
		return info_vector(s) < 32;
	case VMX_TYPE_OTHER:
		return info_vector(s) == 0;
	default:
		return true;
	}
}

static bool error_bit_ok(const struct vmx_state *s)
{
	const u32 with = 0x27d00; /* 8, 10-14, 17 */
	bool deliver = V(ENTRY_INTR_INFO) & VMX_INFO_ERROR;
	bool pe = V(GUEST_CR0) & VMX_CR0_PE;

	if (!injecting(s))
		return true;
	if (info_type(s) != VMX_TYPE_HW_EXCEPTION || !pe)
		return !deliver;
	if (s->msrs->basic & BIT_ULL(56))
		return true;
	return deliver == !!(with >> info_vector(s) & 1);
}

static bool inst_length_ok(const struct vmx_state *s)
{
	u64 length = V(ENTRY_INST_LENGTH);

	if (!injecting(s) || info_type(s) < VMX_TYPE_SW_INTR ||
	    info_type(s) > VMX_TYPE_SW_EXCEPTION)
		return true;
	return length <= 15 && (length || (s->msrs->misc & BIT_ULL(30)));
}

static bool cr3_targets_ok(const struct vmx_state *s)
{
	return V(CR3_TARGET_COUNT) <= 4 &&
	       V(CR3_TARGET_COUNT) <= (s->msrs->misc >> 16 & 0x1ff);
}

static bool nmi_virtual_ok(const struct vmx_state *s)
{
	return IMPLIES(V(PIN_CONTROLS) & VMX_PIN_VIRTUAL_NMI,
		       V(PIN_CONTROLS) & VMX_PIN_NMI);
}

static bool nmi_window_ok(const struct vmx_state *s)
{
	return IMPLIES(V(PROC_CONTROLS) & VMX_PROC_NMI_WINDOW,
		       V(PIN_CONTROLS) & VMX_PIN_VIRTUAL_NMI);
}

static bool virtual_apic_ok(const struct vmx_state *s)
{
	return IMPLIES(V(PROC_CONTROLS) & VMX_PROC_TPR_SHADOW,
		       vmx_is_page(s, V(VIRTUAL_APIC_HPA)));
}

static bool tpr_threshold_ok(const struct vmx_state *s)
{
	return IMPLIES((V(PROC_CONTROLS) & VMX_PROC_TPR_SHADOW) &&
			       !vmx_proc2_on(s, VMX_PROC2_VID),
		       !(V(TPR_THRESHOLD) & ~15ULL));
}

static bool needs_tpr_shadow_ok(const struct vmx_state *s)
{
	return (V(PROC_CONTROLS) & VMX_PROC_TPR_SHADOW) ||
	       !(vmx_proc2_on(s, VMX_PROC2_X2APIC_MODE) ||
		 vmx_proc2_on(s, VMX_PROC2_APIC_REG_VIRT) ||
		 vmx_proc2_on(s, VMX_PROC2_VID));
}

static bool apic_access_ok(const struct vmx_state *s)
{
	return IMPLIES(vmx_proc2_on(s, VMX_PROC2_APIC_ACCESS),
		       vmx_is_page(s, V(APIC_ACCESS_HPA)));
}

static bool x2apic_mode_ok(const struct vmx_state *s)
{
	return !vmx_proc2_on(s, VMX_PROC2_X2APIC_MODE | VMX_PROC2_APIC_ACCESS);
}

static bool vid_ok(const struct vmx_state *s)
{
	return IMPLIES(vmx_proc2_on(s, VMX_PROC2_VID),
		       V(PIN_CONTROLS) & VMX_PIN_EXT_INTR);
}

static bool posted_ok(const struct vmx_state *s)
{
	return IMPLIES(V(PIN_CONTROLS) & VMX_PIN_POSTED_INTR,
		       vmx_proc2_on(s, VMX_PROC2_VID) &&
			       (V(EXIT_CONTROLS) & VMX_EXIT_ACK_INTR));
}

static bool vpid_ok(const struct vmx_state *s)
{
	return IMPLIES(vmx_proc2_on(s, VMX_PROC2_VPID), V(VPID));
}

static bool eptp_walk_ok(const struct vmx_state *s)
{
	return IMPLIES(vmx_proc2_on(s, VMX_PROC2_EPT),
		       (V(EPTP) & EPTP_WALK) == 3 << 3 &&
			       (s->msrs->ept_vpid & VMX_EPTCAP_WALK_4));
}

static bool eptp_ad_ok(const struct vmx_state *s)
{
	return IMPLIES(vmx_proc2_on(s, VMX_PROC2_EPT) && (V(EPTP) & EPTP_AD),
		       s->msrs->ept_vpid & VMX_EPTCAP_AD);
}

static bool eptp_hpa_ok(const struct vmx_state *s)
{
	return IMPLIES(vmx_proc2_on(s, VMX_PROC2_EPT),
		       !(V(EPTP) & EPTP_RESERVED) && vmx_is_hpa(s, V(EPTP)));
}

static bool unrestricted_ok(const struct vmx_state *s)
{
	return IMPLIES(vmx_proc2_on(s, VMX_PROC2_UNRESTRICTED),
		       vmx_proc2_on(s, VMX_PROC2_EPT));
}

static bool pml_ok(const struct vmx_state *s)
{
	return IMPLIES(vmx_proc2_on(s, VMX_PROC2_PML),
		       vmx_proc2_on(s, VMX_PROC2_EPT) &&
			       vmx_is_page(s, V(PML_HPA)));
}

static bool save_timer_ok(const struct vmx_state *s)
{
	return IMPLIES(V(EXIT_CONTROLS) & VMX_EXIT_SAVE_PREEMPT_TIMER,
		       V(PIN_CONTROLS) & VMX_PIN_PREEMPT_TIMER);
}

static bool no_smm_ok(const struct vmx_state *s)
{
	return !(V(ENTRY_CONTROLS) &
		 (VMX_ENTRY_SMM | VMX_ENTRY_DEACT_DUAL_MONITOR));
}

static bool info_type_ok(const struct vmx_state *s)
{
	return IMPLIES(injecting(s), info_type(s) != 1U << 8);
}

static bool info_mtf_ok(const struct vmx_state *s)
{
	return IMPLIES(injecting(s) && info_type(s) == VMX_TYPE_OTHER,
		       capability(s, VMXF_PROC_CONTROLS) >> 32 & VMX_PROC_MTF);
}

static bool info_reserved_ok(const struct vmx_state *s)
{
	return IMPLIES(injecting(s), !(V(ENTRY_INTR_INFO) & VMX_INFO_RESERVED));
}

static bool info_error_ok(const struct vmx_state *s)
{
	return IMPLIES(injecting(s) && (V(ENTRY_INTR_INFO) & VMX_INFO_ERROR),
		       !(V(ENTRY_INTR_ERROR) & ~0xffffULL));
}

#define ROW(fn, field, other, text) { fn, NULL, 0, VMXF_##field, VMXF_##other, text }
#define OWN(fn, field, other, text) { NULL, fn, VMXF_##field, VMXF_##field, VMXF_##other, text }

static const struct vmx_rule control_rules[] = {
	OWN(word_allowed, PIN_CONTROLS, NONE, "bits must be as the capability MSRs allow"),
	OWN(word_allowed, PROC_CONTROLS, NONE, "bits must be as the capability MSRs allow"),
	OWN(word_allowed, PROC2_CONTROLS, NONE, "bits must be as the capability MSRs allow"),
	ROW(cr3_targets_ok, CR3_TARGET_COUNT, NONE, "at most 4, and no more than IA32_VMX_MISC says"),
	OWN(bitmap_ok, IO_BITMAP_A, NONE, "must be a page-aligned physical address"),
	OWN(bitmap_ok, IO_BITMAP_B, NONE, "must be a page-aligned physical address"),
	OWN(bitmap_ok, MSR_BITMAP, NONE, "must be a page-aligned physical address"),
	ROW(virtual_apic_ok, VIRTUAL_APIC_HPA, NONE, "must be a page-aligned physical address"),
	ROW(tpr_threshold_ok, TPR_THRESHOLD, NONE, "bits 31:4 must be 0"),
	ROW(nmi_virtual_ok, PIN_CONTROLS, NONE, "virtual NMIs need NMI exiting"),
	ROW(nmi_window_ok, PROC_CONTROLS, PIN_CONTROLS, "NMI-window exiting needs virtual NMIs"),
	ROW(apic_access_ok, APIC_ACCESS_HPA, NONE, "must be a page-aligned physical address"),
	ROW(needs_tpr_shadow_ok, PROC2_CONTROLS, PROC_CONTROLS, "APIC virtualisation needs the TPR shadow"),
	ROW(x2apic_mode_ok, PROC2_CONTROLS, NONE, "x2APIC mode excludes APIC accesses"),
	ROW(vid_ok, PROC2_CONTROLS, PIN_CONTROLS, "virtual-interrupt delivery needs external-interrupt exiting"),
	ROW(posted_ok, PIN_CONTROLS, EXIT_CONTROLS, "posted interrupts need virtual-interrupt delivery and acknowledge on exit"),
	ROW(vpid_ok, VPID, NONE, "must not be 0 while VPID is enabled"),
	ROW(eptp_memtype_ok, EPTP, NONE, "memory type in bits 2:0 must be one the processor supports"),
	ROW(eptp_walk_ok, EPTP, NONE, "bits 5:3 must be 3 for four levels"),
	ROW(eptp_ad_ok, EPTP, NONE, "bit 6 needs accessed and dirty flags of the processor"),
	ROW(eptp_hpa_ok, EPTP, NONE, "bits 11:7 and those above the physical-address width must be 0"),
	ROW(unrestricted_ok, PROC2_CONTROLS, NONE, "unrestricted guest needs EPT"),
	ROW(pml_ok, PML_HPA, PROC2_CONTROLS, "PML needs EPT and a page-aligned physical address"),
	OWN(word_allowed, EXIT_CONTROLS, NONE, "bits must be as the capability MSRs allow"),
	ROW(save_timer_ok, EXIT_CONTROLS, PIN_CONTROLS, "saving the preemption timer needs the timer"),
	OWN(msr_area_ok, EXIT_MSR_STORE_HPA, EXIT_MSR_STORE_COUNT, "must be a 16-byte aligned physical address"),
	OWN(msr_area_ok, EXIT_MSR_LOAD_HPA, EXIT_MSR_LOAD_COUNT, "must be a 16-byte aligned physical address"),
	OWN(word_allowed, ENTRY_CONTROLS, NONE, "bits must be as the capability MSRs allow"),
	ROW(no_smm_ok, ENTRY_CONTROLS, NONE, "SMM controls must be 0 outside SMM"),
	OWN(msr_area_ok, ENTRY_MSR_LOAD_HPA, ENTRY_MSR_LOAD_COUNT, "must be a 16-byte aligned physical address"),
	ROW(info_type_ok, ENTRY_INTR_INFO, NONE, "interruption type 1 is reserved"),
	ROW(info_mtf_ok, ENTRY_INTR_INFO, NONE, "interruption type 7 needs the monitor trap flag"),
	ROW(vector_ok, ENTRY_INTR_INFO, NONE, "vector does not fit the interruption type"),
	ROW(error_bit_ok, ENTRY_INTR_INFO, GUEST_CR0, "deliver-error-code bit does not fit type, vector and CR0.PE"),
	ROW(info_reserved_ok, ENTRY_INTR_INFO, NONE, "bits 30:12 must be 0"),
	ROW(info_error_ok, ENTRY_INTR_ERROR, ENTRY_INTR_INFO, "bits 31:16 must be 0"),
	ROW(inst_length_ok, ENTRY_INST_LENGTH, ENTRY_INTR_INFO, "must be 1 to 15 for a software event"),
};

const struct vmx_rule_set vmx_control_rules = {
	control_rules, ARRAY_SIZE(control_rules)
};

static bool host_cr0_ok(const struct vmx_state *s)
{
	return vmx_is_fixed(V(HOST_CR0) & ~VMX_CR0_FREE,
			    s->msrs->cr0_fixed0 & ~VMX_CR0_FREE,
			    s->msrs->cr0_fixed1 | VMX_CR0_FREE);
}

static bool host_cr4_ok(const struct vmx_state *s)
{
	return vmx_is_fixed(V(HOST_CR4), s->msrs->cr4_fixed0,
			    s->msrs->cr4_fixed1);
}

static bool host_cet_ok(const struct vmx_state *s)
{
	return IMPLIES(V(HOST_CR4) & VMX_CR4_CET, V(HOST_CR0) & VMX_CR0_WP);
}

static bool host_cr3_ok(const struct vmx_state *s)
{
	return vmx_is_hpa(s, V(HOST_CR3));
}

static bool host_pat_ok(const struct vmx_state *s)
{
	return IMPLIES(V(EXIT_CONTROLS) & VMX_EXIT_LOAD_PAT,
		       vmx_is_pat(V(HOST_PAT)));
}

static bool host_efer_known_ok(const struct vmx_state *s)
{
	return IMPLIES(V(EXIT_CONTROLS) & VMX_EXIT_LOAD_EFER,
		       !(V(HOST_EFER) & ~VMX_EFER_KNOWN));
}

static bool host_efer_lma_ok(const struct vmx_state *s)
{
	return IMPLIES(V(EXIT_CONTROLS) & VMX_EXIT_LOAD_EFER,
		       (V(HOST_EFER) & VMX_EFER_LMA) &&
			       (V(HOST_EFER) & VMX_EFER_LME));
}

static bool host_64_ok(const struct vmx_state *s)
{
	return V(EXIT_CONTROLS) & VMX_EXIT_HOST_64;
}

static bool host_pae_ok(const struct vmx_state *s)
{
	return V(HOST_CR4) & VMX_CR4_PAE;
}

static bool canonical_ok(const struct vmx_state *s, unsigned int arg)
{
	return vmx_is_canonical(s, s->v[arg]);
}

static bool host_selector_ok(const struct vmx_state *s, unsigned int arg)
{
	return !(s->v[arg] & 7);
}

static bool not_zero_ok(const struct vmx_state *s, unsigned int arg)
{
	return s->v[arg];
}

static const struct vmx_rule host_rules[] = {
	ROW(host_cr0_ok, HOST_CR0, NONE, "fixed bits must be as IA32_VMX_CR0_FIXED0 and 1 say"),
	ROW(host_cr4_ok, HOST_CR4, NONE, "fixed bits must be as IA32_VMX_CR4_FIXED0 and 1 say"),
	ROW(host_cet_ok, HOST_CR4, HOST_CR0, "CET needs CR0.WP"),
	ROW(host_cr3_ok, HOST_CR3, NONE, "bits above the physical-address width must be 0"),
	OWN(canonical_ok, HOST_SYSENTER_ESP, NONE, "must be canonical"),
	OWN(canonical_ok, HOST_SYSENTER_EIP, NONE, "must be canonical"),
	ROW(host_pat_ok, HOST_PAT, NONE, "every byte must be a memory type: 0, 1, 4, 5, 6 or 7"),
	ROW(host_efer_known_ok, HOST_EFER, NONE, "reserved bits must be 0"),
	ROW(host_efer_lma_ok, HOST_EFER, NONE, "LMA and LME must be 1 for a 64-bit host"),
	OWN(host_selector_ok, HOST_ES_SELECTOR, NONE, "RPL and TI must be 0"),
	OWN(host_selector_ok, HOST_CS_SELECTOR, NONE, "RPL and TI must be 0"),
	OWN(host_selector_ok, HOST_SS_SELECTOR, NONE, "RPL and TI must be 0"),
	OWN(host_selector_ok, HOST_DS_SELECTOR, NONE, "RPL and TI must be 0"),
	OWN(host_selector_ok, HOST_FS_SELECTOR, NONE, "RPL and TI must be 0"),
	OWN(host_selector_ok, HOST_GS_SELECTOR, NONE, "RPL and TI must be 0"),
	OWN(host_selector_ok, HOST_TR_SELECTOR, NONE, "RPL and TI must be 0"),
	OWN(not_zero_ok, HOST_CS_SELECTOR, NONE, "must not be 0"),
	OWN(not_zero_ok, HOST_TR_SELECTOR, NONE, "must not be 0"),
	OWN(canonical_ok, HOST_FS_BASE, NONE, "must be canonical"),
	OWN(canonical_ok, HOST_GS_BASE, NONE, "must be canonical"),
	OWN(canonical_ok, HOST_GDTR_BASE, NONE, "must be canonical"),
	OWN(canonical_ok, HOST_IDTR_BASE, NONE, "must be canonical"),
	OWN(canonical_ok, HOST_TR_BASE, NONE, "must be canonical"),
	ROW(host_64_ok, EXIT_CONTROLS, NONE, "host address-space size must be 1 on a 64-bit host"),
	ROW(host_pae_ok, HOST_CR4, NONE, "PAE must be 1 for a 64-bit host"),
	OWN(canonical_ok, HOST_RIP, NONE, "must be canonical"),
};

const struct vmx_rule_set vmx_host_rules = {
	host_rules, ARRAY_SIZE(host_rules)
};
