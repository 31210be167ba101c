// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Mode, privilege and segmentation, as a register block says they are. Reads
 * the block, keeps nothing.
 *
 * Two things surprise. The mode follows CS.L and CS.D even in real mode,
 * because the processor keeps the cached descriptor there too. And CPL is the
 * DPL of SS, which VMX defines to be so in every mode.
 *
 * SDM: "Segmentation", "Limit Checking", "Type Checking", "Canonical
 * Addressing", "Interrupt 17 - Alignment Check Exception".
 */
#include "vie_impl.h"

#define CR0_PE		BIT(0)
#define CR0_AM		BIT(18)
#define CR4_LA57	BIT(12)
#define EFER_LMA	BIT(10)

#define SEG_TYPE_RW	BIT(1)	/* data: writable; code: readable */
#define SEG_TYPE_DOWN	BIT(2)	/* data: expands down */
#define SEG_TYPE_CODE	BIT(3)

enum vie_mode vie_mode(const struct vmm_regs *regs)
{
	u32 access = regs->seg[VMM_SEG_CS].access;

	if ((regs->efer & EFER_LMA) && (access & VMM_SEG_ACC_L))
		return VIE_64;
	return access & VMM_SEG_ACC_DB ? VIE_32 : VIE_16;
}

unsigned int vie_cpl(const struct vmm_regs *regs)
{
	return (regs->seg[VMM_SEG_SS].access >> VMM_SEG_ACC_DPL_SHIFT) & 3;
}

enum vie_status vie_raise(struct vie_fault *fault, const struct vmm_regs *regs, u8 vector)
{
	fault->vector = vector;
	fault->has_error = regs->cr0 & CR0_PE;
	fault->error = 0;
	fault->cr2 = 0;
	return VIE_FAULT;
}

bool vie_is_canonical(const struct vmm_regs *regs, u64 gla)
{
	unsigned int shift = regs->cr4 & CR4_LA57 ? 64 - 57 : 64 - 48;

	return (u64)((s64)(gla << shift) >> shift) == gla;
}

u64 vie_fetch_gla(const struct vmm_regs *regs, unsigned int *room)
{
	const struct vmm_seg *cs = &regs->seg[VMM_SEG_CS];
	u32 eip = regs->rip;

	if (vie_mode(regs) == VIE_64) {
		*room = vie_is_canonical(regs, regs->rip) ? VIE_INST_MAX : 0;
		return regs->rip;
	}
	*room = 0;
	if (eip <= cs->limit)
		*room = min_t(u64, VIE_INST_MAX, (u64)cs->limit - eip + 1);
	return (u32)(cs->base + eip);
}

/* Limit and type outside 64-bit code. */
static bool seg_allows(const struct vmm_regs *regs, const struct vmm_seg *seg,
		       u64 off, unsigned int size, unsigned int access)
{
	u64 last = off + size - 1;

	if (!(regs->cr0 & CR0_PE) || (regs->rflags & FLAG_VM))
		return last <= seg->limit;

	if ((seg->access & VMM_SEG_ACC_UNUSABLE) || !(seg->access & VMM_SEG_ACC_P))
		return false;
	if (seg->access & SEG_TYPE_CODE) {
		if ((access & VIE_ACC_WRITE) || !(seg->access & SEG_TYPE_RW))
			return false;
	} else {
		if ((access & VIE_ACC_WRITE) && !(seg->access & SEG_TYPE_RW))
			return false;
		if (seg->access & SEG_TYPE_DOWN)
			return off > seg->limit &&
			       last <= (seg->access & VMM_SEG_ACC_DB ? 0xffffffff : 0xffff);
	}
	return last <= seg->limit;
}

enum vie_status vie_seg_gla(const struct vmm_regs *regs, enum vie_mode mode, unsigned int seg,
			    u64 off, unsigned int size, unsigned int unit,
			    unsigned int access, u64 *gla, struct vie_fault *fault)
{
	u8 vector = seg == VMM_SEG_SS ? VIE_SS : VIE_GP;

	if (mode == VIE_64) {
		*gla = off;
		if (seg == VMM_SEG_FS || seg == VMM_SEG_GS)
			*gla += regs->seg[seg].base;
		if (!vie_is_canonical(regs, *gla) || !vie_is_canonical(regs, *gla + size - 1))
			return vie_raise(fault, regs, vector);
	} else {
		*gla = (u32)(regs->seg[seg].base + off);
		if (!seg_allows(regs, &regs->seg[seg], off, size, access))
			return vie_raise(fault, regs, vector);
	}

	if ((*gla & (unit - 1)) && (regs->cr0 & CR0_AM) && (regs->rflags & FLAG_AC) &&
	    vie_cpl(regs) == 3)
		return vie_raise(fault, regs, VIE_AC);
	return VIE_OK;
}
