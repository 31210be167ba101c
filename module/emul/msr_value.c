// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Which values a guest may write to an MSR: reserved bits, memory types and
 * canonical addresses. Arithmetic only; what depends on other registers than
 * the one written is the core's to check.
 *
 * SDM volume 3: "Memory Type Range Registers", "Page Attribute Table",
 * "Local APIC State and Location"; volume 4: "Model-Specific Registers".
 */
#include "msr_policy.h"

#define EFER_SCE	BIT(0)
#define EFER_LME	BIT(8)
#define EFER_LMA	BIT(10)
#define EFER_NXE	BIT(11)

#define APIC_BASE_EXTD	BIT(10)
#define APIC_BASE_EN	BIT(11)
#define APIC_BASE_LOW	(GENMASK_ULL(7, 0) | BIT(9))

/* Fast strings, TCC, prefetch disables, EIST, limit CPUID, xTPR disable. */
#define MISC_ENABLE_FIXED	(BIT(11) | BIT(12))	/* no BTS, no PEBS */
#define MISC_ENABLE_FREE	(BIT(0) | BIT(3) | BIT(9) | BIT(16) | BIT(19) | BIT(22) | BIT(23))

/* Memory types by number: UC, WC, WT, WP, WB; PAT knows UC- as well. */
#define MTRR_TYPES	(BIT(0) | BIT(1) | BIT(4) | BIT(5) | BIT(6))
#define PAT_TYPES	(MTRR_TYPES | BIT(7))

#define MTRR_DEF_FLAGS	(BIT(10) | BIT(11))

static bool is_canonical(u64 gla, bool la57)
{
	unsigned int shift = la57 ? 64 - 57 : 64 - 48;

	return (u64)((s64)(gla << shift) >> shift) == gla;
}

static bool types_are_valid(u64 value, u32 types)
{
	unsigned int i;

	for (i = 0; i < 8; i++) {
		u8 type = value >> (i * 8);

		if (type > 7 || !(types & BIT(type)))
			return false;
	}
	return true;
}

static bool mtrr_var_is_valid(u32 index, u64 value, u8 gpa_width)
{
	u64 reserved = ~0ULL << gpa_width;

	if (index & 1)		/* mask */
		return !(value & (reserved | GENMASK_ULL(10, 0)));
	reserved |= GENMASK_ULL(11, 8);
	return !(value & reserved) && (value & 0xff) <= 7 && (MTRR_TYPES & BIT(value & 7));
}

static bool apic_base_is_valid(u64 value, u8 gpa_width)
{
	if (value & (APIC_BASE_LOW | ~0ULL << gpa_width))
		return false;
	return !(value & APIC_BASE_EXTD) || (value & APIC_BASE_EN);
}

static bool efer_is_valid(u64 value, const struct vmsr_caps *caps)
{
	u64 allowed = caps->no_execute ? EFER_NXE : 0;

	if (caps->long_mode)
		allowed |= EFER_SCE | EFER_LME | EFER_LMA;
	return !(value & ~allowed);
}

bool vmsr_value_is_valid(u32 index, u64 value, const struct vmsr_caps *caps, bool la57)
{
	u32 high = value >> 32;

	switch (index) {
	case 0x01b:
		return apic_base_is_valid(value, caps->gpa_width);
	case 0x048:
		return !(value & ~caps->spec_ctrl);
	case 0x049:	/* PRED_CMD: IBPB; FLUSH_CMD: L1D */
	case 0x10b:
		return value <= 1;
	case 0x0e1:
		return !high && !(value & BIT(1));
	case 0x10a:
		return false;
	case 0x17a:
		return value <= 7;
	case 0x1a0:
		return (value & ~(u64)MISC_ENABLE_FREE) == MISC_ENABLE_FIXED;
	case 0x250:
	case 0x258 ... 0x259:
	case 0x268 ... 0x26f:
		return types_are_valid(value, MTRR_TYPES);
	case 0x200 ... 0x200 + 2 * VMSR_MTRR_VAR_COUNT - 1:
		return mtrr_var_is_valid(index, value, caps->gpa_width);
	case 0x277:
		return types_are_valid(value, PAT_TYPES);
	case 0x2ff:
		return !(value & ~(u64)(MTRR_DEF_FLAGS | 7)) && (MTRR_TYPES & BIT(value & 7));
	case 0xc0000080:
		return efer_is_valid(value, caps);
	case 0x175 ... 0x176:		/* SYSENTER_ESP, SYSENTER_EIP */
	case 0xc0000082 ... 0xc0000083:	/* LSTAR, CSTAR */
	case 0xc0000100 ... 0xc0000102:
		return is_canonical(value, la57);
	case 0xc0000084:		/* SFMASK */
	case 0xc0000103:		/* TSC_AUX */
		return !high;
	default:
		return true;
	}
}

void vmsr_reset(u64 msr[VMSR_SLOTS])
{
	memset(msr, 0, VMSR_SLOTS * sizeof(msr[0]));
	msr[VMSR_SLOT_MISC_ENABLE] = MISC_ENABLE_FIXED | BIT(0);
}

u64 vmsr_arch_caps(u64 host)
{
	const u64 pass =
		BIT(0) | BIT(1) | BIT(2) | BIT(3) |	/* RDCL_NO IBRS_ALL RSBA SKIP_L1DFL */
		BIT(4) | BIT(5) | BIT(6) | BIT(8) |	/* SSB_NO MDS_NO IF_PSCHANGE_MC_NO TAA_NO */
		BIT(13) | BIT(14) | BIT(15) |		/* SBDR_SSDP_NO FBSDP_NO PSDP_NO */
		BIT(17) | BIT(19) | BIT(20) |		/* FB_CLEAR RRSBA BHI_NO */
		BIT(24) | BIT(26) | BIT(27) | BIT(28) |	/* PBRSB_NO GDS_NO RFDS_NO RFDS_CLEAR */
		BIT_ULL(62);				/* ITS_NO */

	/* Page size change machine checks are the host's to prevent. */
	return (host & pass) | BIT(6) | BIT(8);
}
