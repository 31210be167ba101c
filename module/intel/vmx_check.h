/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Why a VM entry failed: the processor's checks of the VMCS, done over in
 * software so that the first broken rule can be named.
 *
 * Pure and cold: runs only after a failed entry. The caller reads the fields
 * listed in vmx_check_field[] into a struct vmx_state, which it owns; about
 * 1 KiB, so not on a stack that is already deep. SDM: "Checks on VMX Controls",
 * "Checks on Host-State Area", "Checks on the Guest State Area".
 *
 * The processor may check in another order than ours and knows rules for
 * features that we never turn on: no violation found means only that the rule
 * is not among ours.
 */
#ifndef VMM_INTEL_VMX_CHECK_H
#define VMM_INTEL_VMX_CHECK_H

#include "env.h"
#include "vmcs_fields.h"
#include "vmx_caps.h"

/* Every field that a rule reads: our index, VMCS_ encoding. */
#define VMX_CHECK_FIELDS(F) \
	F(VPID) F(PIN_CONTROLS) F(PROC_CONTROLS) F(PROC2_CONTROLS) \
	F(EXIT_CONTROLS) F(ENTRY_CONTROLS) F(CR3_TARGET_COUNT) \
	F(IO_BITMAP_A) F(IO_BITMAP_B) F(MSR_BITMAP) F(EPTP) F(PML_HPA) \
	F(VIRTUAL_APIC_HPA) F(APIC_ACCESS_HPA) F(TPR_THRESHOLD) \
	F(EXIT_MSR_STORE_COUNT) F(EXIT_MSR_STORE_HPA) \
	F(EXIT_MSR_LOAD_COUNT) F(EXIT_MSR_LOAD_HPA) \
	F(ENTRY_MSR_LOAD_COUNT) F(ENTRY_MSR_LOAD_HPA) \
	F(ENTRY_INTR_INFO) F(ENTRY_INTR_ERROR) F(ENTRY_INST_LENGTH) \
	F(HOST_CR0) F(HOST_CR3) F(HOST_CR4) F(HOST_PAT) F(HOST_EFER) \
	F(HOST_SYSENTER_ESP) F(HOST_SYSENTER_EIP) \
	F(HOST_ES_SELECTOR) F(HOST_CS_SELECTOR) F(HOST_SS_SELECTOR) \
	F(HOST_DS_SELECTOR) F(HOST_FS_SELECTOR) F(HOST_GS_SELECTOR) \
	F(HOST_TR_SELECTOR) F(HOST_FS_BASE) F(HOST_GS_BASE) F(HOST_TR_BASE) \
	F(HOST_GDTR_BASE) F(HOST_IDTR_BASE) F(HOST_RIP) \
	F(GUEST_CR0) F(GUEST_CR3) F(GUEST_CR4) F(GUEST_DR7) F(GUEST_DEBUGCTL) \
	F(GUEST_PAT) F(GUEST_EFER) F(GUEST_SYSENTER_ESP) F(GUEST_SYSENTER_EIP) \
	F(GUEST_ES_SELECTOR) F(GUEST_CS_SELECTOR) F(GUEST_SS_SELECTOR) \
	F(GUEST_DS_SELECTOR) F(GUEST_FS_SELECTOR) F(GUEST_GS_SELECTOR) \
	F(GUEST_LDTR_SELECTOR) F(GUEST_TR_SELECTOR) \
	F(GUEST_ES_BASE) F(GUEST_CS_BASE) F(GUEST_SS_BASE) F(GUEST_DS_BASE) \
	F(GUEST_FS_BASE) F(GUEST_GS_BASE) F(GUEST_LDTR_BASE) F(GUEST_TR_BASE) \
	F(GUEST_ES_LIMIT) F(GUEST_CS_LIMIT) F(GUEST_SS_LIMIT) F(GUEST_DS_LIMIT) \
	F(GUEST_FS_LIMIT) F(GUEST_GS_LIMIT) F(GUEST_LDTR_LIMIT) F(GUEST_TR_LIMIT) \
	F(GUEST_ES_ACCESS) F(GUEST_CS_ACCESS) F(GUEST_SS_ACCESS) \
	F(GUEST_DS_ACCESS) F(GUEST_FS_ACCESS) F(GUEST_GS_ACCESS) \
	F(GUEST_LDTR_ACCESS) F(GUEST_TR_ACCESS) \
	F(GUEST_GDTR_BASE) F(GUEST_IDTR_BASE) F(GUEST_GDTR_LIMIT) \
	F(GUEST_IDTR_LIMIT) F(GUEST_RIP) F(GUEST_RFLAGS) F(GUEST_ACTIVITY) \
	F(GUEST_INTERRUPTIBILITY) F(GUEST_PENDING_DEBUG) F(GUEST_LINK_POINTER) \
	F(GUEST_PDPTE0) F(GUEST_PDPTE1) F(GUEST_PDPTE2) F(GUEST_PDPTE3)

#define VMX_CHECK_INDEX(name) VMXF_##name,
enum vmx_field { VMX_CHECK_FIELDS(VMX_CHECK_INDEX) VMXF_COUNT };
#undef VMX_CHECK_INDEX

/* The fields to read: v[i] is the VMREAD of vmx_check_field[i].encoding. */
struct vmx_check_field {
	u32 encoding;
	const char *name;
};

extern const struct vmx_check_field vmx_check_field[VMXF_COUNT];

/*
 * @v		field values; 0 for a field that this processor does not have
 * @msrs	capability MSRs of the processor that failed
 * @maxphyaddr	its physical-address width, CPUID.80000008H:EAX[7:0]
 */
struct vmx_state {
	u64 v[VMXF_COUNT];
	const struct vmx_msrs *msrs;
	u32 maxphyaddr;
};

/*
 * @field	the field at fault; @value its value
 * @other	a second field that the rule looks at, or NULL; @other_value
 * @text	the rule, as it should be
 * @rule	index below vmx_check_rules(), for tests
 */
struct vmx_violation {
	const char *field;
	const char *other;
	const char *text;
	u64 value;
	u64 other_value;
	unsigned int rule;
};

/*
 * vmx_check: controls, then host state, then guest state. True and the first
 * violation, or false if no rule is broken.
 */
bool vmx_check(const struct vmx_state *s, struct vmx_violation *violation);

/* Number of rules. */
unsigned int vmx_check_rules(void);

/*
 * vmx_violation_format: one sentence, always NUL-terminated, cut at @size
 * (192 suffices). Returns its length.
 */
size_t vmx_violation_format(const struct vmx_violation *violation, char *buf,
			    size_t size);

#endif /* VMM_INTEL_VMX_CHECK_H */
