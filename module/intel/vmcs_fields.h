/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The numbers of VMX: VMCS field encodings, control bits, exit reasons and the
 * layout of event information. SDM: appendices "Field Encoding in VMCS" and
 * "VMX Basic Exit Reasons", chapters "Virtual Machine Control Structures" and
 * "VM Entries".
 *
 * Plain numbers without any code, shared by pure files and kernel files. Every
 * name starts with VMCS_ or VMX_ and none is used by the kernel's <asm/vmx.h>
 * or <uapi/asm/vmx.h>, which may be included next to this header in either
 * order.
 */
#ifndef VMM_INTEL_VMCS_FIELDS_H
#define VMM_INTEL_VMCS_FIELDS_H

/* 16-bit control fields */
#define VMCS_VPID			0x0000
#define VMCS_POSTED_INTR_VECTOR		0x0002
#define VMCS_EPTP_INDEX			0x0004

/* 16-bit guest-state fields; selectors are 2 apart in the order ES..TR */
#define VMCS_GUEST_ES_SELECTOR		0x0800
#define VMCS_GUEST_CS_SELECTOR		0x0802
#define VMCS_GUEST_SS_SELECTOR		0x0804
#define VMCS_GUEST_DS_SELECTOR		0x0806
#define VMCS_GUEST_FS_SELECTOR		0x0808
#define VMCS_GUEST_GS_SELECTOR		0x080a
#define VMCS_GUEST_LDTR_SELECTOR	0x080c
#define VMCS_GUEST_TR_SELECTOR		0x080e
#define VMCS_GUEST_INTR_STATUS		0x0810
#define VMCS_GUEST_PML_INDEX		0x0812

/* 16-bit host-state fields */
#define VMCS_HOST_ES_SELECTOR		0x0c00
#define VMCS_HOST_CS_SELECTOR		0x0c02
#define VMCS_HOST_SS_SELECTOR		0x0c04
#define VMCS_HOST_DS_SELECTOR		0x0c06
#define VMCS_HOST_FS_SELECTOR		0x0c08
#define VMCS_HOST_GS_SELECTOR		0x0c0a
#define VMCS_HOST_TR_SELECTOR		0x0c0c

/* 64-bit control fields */
#define VMCS_IO_BITMAP_A		0x2000
#define VMCS_IO_BITMAP_B		0x2002
#define VMCS_MSR_BITMAP			0x2004
#define VMCS_EXIT_MSR_STORE_HPA		0x2006
#define VMCS_EXIT_MSR_LOAD_HPA		0x2008
#define VMCS_ENTRY_MSR_LOAD_HPA		0x200a
#define VMCS_EXECUTIVE_VMCS		0x200c
#define VMCS_PML_HPA			0x200e
#define VMCS_TSC_OFFSET			0x2010
#define VMCS_VIRTUAL_APIC_HPA		0x2012
#define VMCS_APIC_ACCESS_HPA		0x2014
#define VMCS_POSTED_INTR_DESC		0x2016
#define VMCS_VMFUNC_CONTROLS		0x2018
#define VMCS_EPTP			0x201a
#define VMCS_EOI_EXIT0			0x201c
#define VMCS_EOI_EXIT1			0x201e
#define VMCS_EOI_EXIT2			0x2020
#define VMCS_EOI_EXIT3			0x2022
#define VMCS_EPTP_LIST			0x2024
#define VMCS_VMREAD_BITMAP		0x2026
#define VMCS_VMWRITE_BITMAP		0x2028
#define VMCS_VE_INFO			0x202a
#define VMCS_XSS_EXITING_BITMAP		0x202c
#define VMCS_ENCLS_EXITING_BITMAP	0x202e
#define VMCS_SPPTP			0x2030
#define VMCS_TSC_MULTIPLIER		0x2032
#define VMCS_PROC3_CONTROLS		0x2034
#define VMCS_ENCLV_EXITING_BITMAP	0x2036

/* 64-bit read-only data field */
#define VMCS_GUEST_PHYSICAL		0x2400	/* GPA of an EPT exit */

/* 64-bit guest-state fields */
#define VMCS_GUEST_LINK_POINTER		0x2800
#define VMCS_GUEST_DEBUGCTL		0x2802
#define VMCS_GUEST_PAT			0x2804
#define VMCS_GUEST_EFER			0x2806
#define VMCS_GUEST_PERF_GLOBAL_CTRL	0x2808
#define VMCS_GUEST_PDPTE0		0x280a
#define VMCS_GUEST_PDPTE1		0x280c
#define VMCS_GUEST_PDPTE2		0x280e
#define VMCS_GUEST_PDPTE3		0x2810
#define VMCS_GUEST_BNDCFGS		0x2812
#define VMCS_GUEST_RTIT_CTL		0x2814
#define VMCS_GUEST_LBR_CTL		0x2816
#define VMCS_GUEST_PKRS			0x2818

/* 64-bit host-state fields */
#define VMCS_HOST_PAT			0x2c00
#define VMCS_HOST_EFER			0x2c02
#define VMCS_HOST_PERF_GLOBAL_CTRL	0x2c04
#define VMCS_HOST_PKRS			0x2c06

/* 32-bit control fields */
#define VMCS_PIN_CONTROLS		0x4000
#define VMCS_PROC_CONTROLS		0x4002
#define VMCS_EXCEPTION_BITMAP		0x4004
#define VMCS_PF_ERROR_MASK		0x4006
#define VMCS_PF_ERROR_MATCH		0x4008
#define VMCS_CR3_TARGET_COUNT		0x400a
#define VMCS_EXIT_CONTROLS		0x400c
#define VMCS_EXIT_MSR_STORE_COUNT	0x400e
#define VMCS_EXIT_MSR_LOAD_COUNT	0x4010
#define VMCS_ENTRY_CONTROLS		0x4012
#define VMCS_ENTRY_MSR_LOAD_COUNT	0x4014
#define VMCS_ENTRY_INTR_INFO		0x4016
#define VMCS_ENTRY_INTR_ERROR		0x4018
#define VMCS_ENTRY_INST_LENGTH		0x401a
#define VMCS_TPR_THRESHOLD		0x401c
#define VMCS_PROC2_CONTROLS		0x401e
#define VMCS_PLE_GAP			0x4020
#define VMCS_PLE_WINDOW			0x4022

/* 32-bit read-only data fields */
#define VMCS_INSTRUCTION_ERROR		0x4400
#define VMCS_EXIT_REASON		0x4402
#define VMCS_EXIT_INTR_INFO		0x4404
#define VMCS_EXIT_INTR_ERROR		0x4406
#define VMCS_IDT_VECTORING_INFO		0x4408
#define VMCS_IDT_VECTORING_ERROR	0x440a
#define VMCS_EXIT_INST_LENGTH		0x440c
#define VMCS_EXIT_INST_INFO		0x440e

/* 32-bit guest-state fields; limits and access rights are 2 apart, ES..TR */
#define VMCS_GUEST_ES_LIMIT		0x4800
#define VMCS_GUEST_CS_LIMIT		0x4802
#define VMCS_GUEST_SS_LIMIT		0x4804
#define VMCS_GUEST_DS_LIMIT		0x4806
#define VMCS_GUEST_FS_LIMIT		0x4808
#define VMCS_GUEST_GS_LIMIT		0x480a
#define VMCS_GUEST_LDTR_LIMIT		0x480c
#define VMCS_GUEST_TR_LIMIT		0x480e
#define VMCS_GUEST_GDTR_LIMIT		0x4810
#define VMCS_GUEST_IDTR_LIMIT		0x4812
#define VMCS_GUEST_ES_ACCESS		0x4814
#define VMCS_GUEST_CS_ACCESS		0x4816
#define VMCS_GUEST_SS_ACCESS		0x4818
#define VMCS_GUEST_DS_ACCESS		0x481a
#define VMCS_GUEST_FS_ACCESS		0x481c
#define VMCS_GUEST_GS_ACCESS		0x481e
#define VMCS_GUEST_LDTR_ACCESS		0x4820
#define VMCS_GUEST_TR_ACCESS		0x4822
#define VMCS_GUEST_INTERRUPTIBILITY	0x4824
#define VMCS_GUEST_ACTIVITY		0x4826
#define VMCS_GUEST_SMBASE		0x4828
#define VMCS_GUEST_SYSENTER_CS		0x482a
#define VMCS_GUEST_PREEMPT_TIMER	0x482e

/* 32-bit host-state field */
#define VMCS_HOST_SYSENTER_CS		0x4c00

/* Natural-width control fields */
#define VMCS_CR0_MASK			0x6000
#define VMCS_CR4_MASK			0x6002
#define VMCS_CR0_SHADOW			0x6004
#define VMCS_CR4_SHADOW			0x6006
#define VMCS_CR3_TARGET0		0x6008
#define VMCS_CR3_TARGET1		0x600a
#define VMCS_CR3_TARGET2		0x600c
#define VMCS_CR3_TARGET3		0x600e

/* Natural-width read-only data fields */
#define VMCS_EXIT_QUALIFICATION		0x6400
#define VMCS_IO_RCX			0x6402
#define VMCS_IO_RSI			0x6404
#define VMCS_IO_RDI			0x6406
#define VMCS_IO_RIP			0x6408
#define VMCS_GUEST_LINEAR		0x640a	/* GLA of an exit */

/* Natural-width guest-state fields; bases are 2 apart, ES..TR */
#define VMCS_GUEST_CR0			0x6800
#define VMCS_GUEST_CR3			0x6802
#define VMCS_GUEST_CR4			0x6804
#define VMCS_GUEST_ES_BASE		0x6806
#define VMCS_GUEST_CS_BASE		0x6808
#define VMCS_GUEST_SS_BASE		0x680a
#define VMCS_GUEST_DS_BASE		0x680c
#define VMCS_GUEST_FS_BASE		0x680e
#define VMCS_GUEST_GS_BASE		0x6810
#define VMCS_GUEST_LDTR_BASE		0x6812
#define VMCS_GUEST_TR_BASE		0x6814
#define VMCS_GUEST_GDTR_BASE		0x6816
#define VMCS_GUEST_IDTR_BASE		0x6818
#define VMCS_GUEST_DR7			0x681a
#define VMCS_GUEST_RSP			0x681c
#define VMCS_GUEST_RIP			0x681e
#define VMCS_GUEST_RFLAGS		0x6820
#define VMCS_GUEST_PENDING_DEBUG	0x6822
#define VMCS_GUEST_SYSENTER_ESP		0x6824
#define VMCS_GUEST_SYSENTER_EIP		0x6826
#define VMCS_GUEST_S_CET		0x6828
#define VMCS_GUEST_SSP			0x682a
#define VMCS_GUEST_INTR_SSP_TABLE	0x682c

/* Natural-width host-state fields */
#define VMCS_HOST_CR0			0x6c00
#define VMCS_HOST_CR3			0x6c02
#define VMCS_HOST_CR4			0x6c04
#define VMCS_HOST_FS_BASE		0x6c06
#define VMCS_HOST_GS_BASE		0x6c08
#define VMCS_HOST_TR_BASE		0x6c0a
#define VMCS_HOST_GDTR_BASE		0x6c0c
#define VMCS_HOST_IDTR_BASE		0x6c0e
#define VMCS_HOST_SYSENTER_ESP		0x6c10
#define VMCS_HOST_SYSENTER_EIP		0x6c12
#define VMCS_HOST_RSP			0x6c14
#define VMCS_HOST_RIP			0x6c16
#define VMCS_HOST_S_CET			0x6c18
#define VMCS_HOST_SSP			0x6c1a
#define VMCS_HOST_INTR_SSP_TABLE	0x6c1c

/* Pin-based VM-execution controls */
#define VMX_PIN_EXT_INTR		(1U << 0)
#define VMX_PIN_NMI			(1U << 3)
#define VMX_PIN_VIRTUAL_NMI		(1U << 5)
#define VMX_PIN_PREEMPT_TIMER		(1U << 6)
#define VMX_PIN_POSTED_INTR		(1U << 7)

/* Primary processor-based VM-execution controls */
#define VMX_PROC_INTR_WINDOW		(1U << 2)
#define VMX_PROC_TSC_OFFSET		(1U << 3)
#define VMX_PROC_HLT			(1U << 7)
#define VMX_PROC_INVLPG			(1U << 9)
#define VMX_PROC_MWAIT			(1U << 10)
#define VMX_PROC_RDPMC			(1U << 11)
#define VMX_PROC_RDTSC			(1U << 12)
#define VMX_PROC_CR3_LOAD		(1U << 15)
#define VMX_PROC_CR3_STORE		(1U << 16)
#define VMX_PROC_TERTIARY		(1U << 17)
#define VMX_PROC_CR8_LOAD		(1U << 19)
#define VMX_PROC_CR8_STORE		(1U << 20)
#define VMX_PROC_TPR_SHADOW		(1U << 21)
#define VMX_PROC_NMI_WINDOW		(1U << 22)
#define VMX_PROC_MOV_DR			(1U << 23)
#define VMX_PROC_IO_ALL			(1U << 24)
#define VMX_PROC_IO_BITMAPS		(1U << 25)
#define VMX_PROC_MTF			(1U << 27)
#define VMX_PROC_MSR_BITMAPS		(1U << 28)
#define VMX_PROC_MONITOR		(1U << 29)
#define VMX_PROC_PAUSE			(1U << 30)
#define VMX_PROC_SECONDARY		(1U << 31)

/* Secondary processor-based VM-execution controls */
#define VMX_PROC2_APIC_ACCESS		(1U << 0)
#define VMX_PROC2_EPT			(1U << 1)
#define VMX_PROC2_DESC_TABLE		(1U << 2)
#define VMX_PROC2_RDTSCP		(1U << 3)
#define VMX_PROC2_X2APIC_MODE		(1U << 4)
#define VMX_PROC2_VPID			(1U << 5)
#define VMX_PROC2_WBINVD		(1U << 6)
#define VMX_PROC2_UNRESTRICTED		(1U << 7)
#define VMX_PROC2_APIC_REG_VIRT		(1U << 8)
#define VMX_PROC2_VID			(1U << 9)
#define VMX_PROC2_PAUSE_LOOP		(1U << 10)
#define VMX_PROC2_RDRAND		(1U << 11)
#define VMX_PROC2_INVPCID		(1U << 12)
#define VMX_PROC2_VMFUNC		(1U << 13)
#define VMX_PROC2_SHADOW_VMCS		(1U << 14)
#define VMX_PROC2_ENCLS			(1U << 15)
#define VMX_PROC2_RDSEED		(1U << 16)
#define VMX_PROC2_PML			(1U << 17)
#define VMX_PROC2_EPT_VE		(1U << 18)
#define VMX_PROC2_PT_CONCEAL		(1U << 19)
#define VMX_PROC2_XSAVES		(1U << 20)
#define VMX_PROC2_MODE_EXEC		(1U << 22)
#define VMX_PROC2_SPP			(1U << 23)
#define VMX_PROC2_PT_GPA		(1U << 24)
#define VMX_PROC2_TSC_SCALING		(1U << 25)
#define VMX_PROC2_USER_WAIT		(1U << 26)
#define VMX_PROC2_ENCLV			(1U << 28)

/* Primary VM-exit controls */
#define VMX_EXIT_SAVE_DEBUG		(1U << 2)
#define VMX_EXIT_HOST_64		(1U << 9)
#define VMX_EXIT_LOAD_PERF_GLOBAL	(1U << 12)
#define VMX_EXIT_ACK_INTR		(1U << 15)
#define VMX_EXIT_SAVE_PAT		(1U << 18)
#define VMX_EXIT_LOAD_PAT		(1U << 19)
#define VMX_EXIT_SAVE_EFER		(1U << 20)
#define VMX_EXIT_LOAD_EFER		(1U << 21)
#define VMX_EXIT_SAVE_PREEMPT_TIMER	(1U << 22)
#define VMX_EXIT_CLEAR_BNDCFGS		(1U << 23)
#define VMX_EXIT_PT_CONCEAL		(1U << 24)
#define VMX_EXIT_CLEAR_RTIT_CTL		(1U << 25)
#define VMX_EXIT_CLEAR_LBR_CTL		(1U << 26)
#define VMX_EXIT_LOAD_CET		(1U << 28)
#define VMX_EXIT_LOAD_PKRS		(1U << 29)

/* VM-entry controls */
#define VMX_ENTRY_LOAD_DEBUG		(1U << 2)
#define VMX_ENTRY_IA32E_GUEST		(1U << 9)
#define VMX_ENTRY_SMM			(1U << 10)
#define VMX_ENTRY_DEACT_DUAL_MONITOR	(1U << 11)
#define VMX_ENTRY_LOAD_PERF_GLOBAL	(1U << 13)
#define VMX_ENTRY_LOAD_PAT		(1U << 14)
#define VMX_ENTRY_LOAD_EFER		(1U << 15)
#define VMX_ENTRY_LOAD_BNDCFGS		(1U << 16)
#define VMX_ENTRY_PT_CONCEAL		(1U << 17)
#define VMX_ENTRY_LOAD_RTIT_CTL		(1U << 18)
#define VMX_ENTRY_LOAD_CET		(1U << 20)
#define VMX_ENTRY_LOAD_LBR_CTL		(1U << 21)
#define VMX_ENTRY_LOAD_PKRS		(1U << 22)

/*
 * Event information: VM-entry and VM-exit interruption information and
 * IDT-vectoring information share this layout.
 */
#define VMX_INFO_VECTOR			0x000000ffU
#define VMX_INFO_TYPE			0x00000700U
#define VMX_INFO_ERROR			(1U << 11)	/* error code valid or wanted */
#define VMX_INFO_NMI_UNBLOCKED		(1U << 12)	/* by IRET; exit info only */
#define VMX_INFO_VALID			(1U << 31)
#define VMX_INFO_RESERVED		0x7ffff000U	/* entry info */

#define VMX_TYPE_EXT_INTR		(0U << 8)
#define VMX_TYPE_NMI			(2U << 8)
#define VMX_TYPE_HW_EXCEPTION		(3U << 8)
#define VMX_TYPE_SW_INTR		(4U << 8)	/* INT n */
#define VMX_TYPE_PRIV_SW_EXCEPTION	(5U << 8)	/* INT1 */
#define VMX_TYPE_SW_EXCEPTION		(6U << 8)	/* INT3, INTO */
#define VMX_TYPE_OTHER			(7U << 8)	/* vector 0: pending MTF */

/* Interruptibility state */
#define VMX_BLOCK_STI			(1U << 0)
#define VMX_BLOCK_MOV_SS		(1U << 1)
#define VMX_BLOCK_SMI			(1U << 2)
#define VMX_BLOCK_NMI			(1U << 3)
#define VMX_BLOCK_ENCLAVE		(1U << 4)

/* Activity state */
#define VMX_ACTIVITY_ACTIVE		0
#define VMX_ACTIVITY_HLT		1
#define VMX_ACTIVITY_SHUTDOWN		2
#define VMX_ACTIVITY_WAIT_SIPI		3

/* Pending debug exceptions */
#define VMX_PENDING_DEBUG_ENABLED_BP	(1ULL << 12)
#define VMX_PENDING_DEBUG_BS		(1ULL << 14)
#define VMX_PENDING_DEBUG_RTM		(1ULL << 16)

/* Exit reason field: bits above the basic exit reason (15:0) */
#define VMX_REASON_BASIC		0x0000ffffU
#define VMX_REASON_ENTRY_FAILED		(1U << 31)

/* Basic exit reasons */
#define VMX_REASON_EXCEPTION		0	/* or NMI */
#define VMX_REASON_EXT_INTR		1
#define VMX_REASON_TRIPLE_FAULT		2
#define VMX_REASON_INIT			3
#define VMX_REASON_SIPI			4
#define VMX_REASON_IO_SMI		5
#define VMX_REASON_OTHER_SMI		6
#define VMX_REASON_INTR_WINDOW		7
#define VMX_REASON_NMI_WINDOW		8
#define VMX_REASON_TASK_SWITCH		9
#define VMX_REASON_CPUID		10
#define VMX_REASON_GETSEC		11
#define VMX_REASON_HLT			12
#define VMX_REASON_INVD			13
#define VMX_REASON_INVLPG		14
#define VMX_REASON_RDPMC		15
#define VMX_REASON_RDTSC		16
#define VMX_REASON_RSM			17
#define VMX_REASON_VMCALL		18
#define VMX_REASON_VMCLEAR		19
#define VMX_REASON_VMLAUNCH		20
#define VMX_REASON_VMPTRLD		21
#define VMX_REASON_VMPTRST		22
#define VMX_REASON_VMREAD		23
#define VMX_REASON_VMRESUME		24
#define VMX_REASON_VMWRITE		25
#define VMX_REASON_VMXOFF		26
#define VMX_REASON_VMXON		27
#define VMX_REASON_CR_ACCESS		28
#define VMX_REASON_MOV_DR		29
#define VMX_REASON_IO			30
#define VMX_REASON_RDMSR		31
#define VMX_REASON_WRMSR		32
#define VMX_REASON_GUEST_STATE		33	/* entry failure: invalid guest state */
#define VMX_REASON_MSR_LOADING		34	/* entry failure: MSR load list */
#define VMX_REASON_MWAIT		36
#define VMX_REASON_MTF			37
#define VMX_REASON_MONITOR		39
#define VMX_REASON_PAUSE		40
#define VMX_REASON_MACHINE_CHECK	41	/* entry failure: machine check */
#define VMX_REASON_TPR_THRESHOLD	43
#define VMX_REASON_APIC_ACCESS		44
#define VMX_REASON_EOI_VIRTUALIZED	45
#define VMX_REASON_GDTR_IDTR		46
#define VMX_REASON_LDTR_TR		47
#define VMX_REASON_EPT_VIOLATION	48
#define VMX_REASON_EPT_MISCONFIG	49
#define VMX_REASON_INVEPT		50
#define VMX_REASON_RDTSCP		51
#define VMX_REASON_PREEMPT_TIMER	52
#define VMX_REASON_INVVPID		53
#define VMX_REASON_WBINVD		54
#define VMX_REASON_XSETBV		55
#define VMX_REASON_APIC_WRITE		56
#define VMX_REASON_RDRAND		57
#define VMX_REASON_INVPCID		58
#define VMX_REASON_VMFUNC		59
#define VMX_REASON_ENCLS		60
#define VMX_REASON_RDSEED		61
#define VMX_REASON_PML_FULL		62
#define VMX_REASON_XSAVES		63
#define VMX_REASON_XRSTORS		64
#define VMX_REASON_PCONFIG		65
#define VMX_REASON_SPP			66
#define VMX_REASON_UMWAIT		67
#define VMX_REASON_TPAUSE		68
#define VMX_REASON_LOADIWKEY		69
#define VMX_REASON_ENCLV		70
#define VMX_REASON_ENQCMD_PASID		72
#define VMX_REASON_ENQCMDS_PASID	73
#define VMX_REASON_BUS_LOCK		74
#define VMX_REASON_NOTIFY		75
#define VMX_REASON_SEAMCALL		76
#define VMX_REASON_TDCALL		77
#define VMX_REASON_COUNT		78

/* Exit qualification of an EPT violation */
#define VMX_EPTQ_READ			(1ULL << 0)	/* attempted */
#define VMX_EPTQ_WRITE			(1ULL << 1)
#define VMX_EPTQ_FETCH			(1ULL << 2)
#define VMX_EPTQ_CAN_READ		(1ULL << 3)	/* allowed by the translation */
#define VMX_EPTQ_CAN_WRITE		(1ULL << 4)
#define VMX_EPTQ_CAN_EXEC		(1ULL << 5)
#define VMX_EPTQ_GLA_VALID		(1ULL << 7)
#define VMX_EPTQ_FINAL			(1ULL << 8)	/* 0: guest page-table access */
#define VMX_EPTQ_NMI_UNBLOCKED		(1ULL << 12)

/* Exit qualification of an I/O instruction */
#define VMX_IOQ_SIZE			0x7ULL		/* bytes less one: 0, 1, 3 */
#define VMX_IOQ_IN			(1ULL << 3)
#define VMX_IOQ_STRING			(1ULL << 4)
#define VMX_IOQ_REP			(1ULL << 5)
#define VMX_IOQ_IMMEDIATE		(1ULL << 6)
#define VMX_IOQ_PORT_SHIFT		16

/* Exit qualification of a control-register access */
#define VMX_CRQ_NUMBER			0xfULL
#define VMX_CRQ_TYPE_SHIFT		4		/* 2 bits */
#define VMX_CRQ_GPR_SHIFT		8		/* 4 bits */
#define VMX_CRQ_LMSW_SHIFT		16		/* 16 bits: source data */
#define VMX_CRQ_TYPE_MOV_TO		0
#define VMX_CRQ_TYPE_MOV_FROM		1
#define VMX_CRQ_TYPE_CLTS		2
#define VMX_CRQ_TYPE_LMSW		3

/* INVEPT and INVVPID types */
#define VMX_INVEPT_SINGLE		1
#define VMX_INVEPT_ALL			2
#define VMX_INVVPID_ADDRESS		0
#define VMX_INVVPID_SINGLE		1
#define VMX_INVVPID_ALL			2
#define VMX_INVVPID_SINGLE_GLOBAL	3	/* single, retaining globals */

#endif /* VMM_INTEL_VMCS_FIELDS_H */
