// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Control registers, debug registers, XCR0.
 *
 * The guest owns most bits of CR0 and CR4 and writes them without an exit;
 * trapped are those that VMX fixes, those that CPUID does not offer (a write
 * is #GP), and CR4.OSXSAVE and .PKE, which CPUID reflects. Debug registers are
 * always trapped and live in vcpu->regs.
 *
 * SDM "Guest/Host Masks and Read Shadows for CR0 and CR4", "MOV to/from
 * Control Registers", "Debug Registers".
 */
#include <asm/processor-flags.h>
#include "fpu.h"
#include "vmm.h"
#include "vmx.h"
#include "vmx_insn.h"

#define CR0_DEFINED	(X86_CR0_PE | X86_CR0_MP | X86_CR0_EM | X86_CR0_TS | X86_CR0_ET |	\
			 X86_CR0_NE | X86_CR0_WP | X86_CR0_AM | X86_CR0_NW | X86_CR0_CD |	\
			 X86_CR0_PG)
#define CR4_TRAPPED	(X86_CR4_OSXSAVE | X86_CR4_PKE)
/* Bits whose change flushes linear translations. */
#define CR4_TLB		(X86_CR4_PSE | X86_CR4_PAE | X86_CR4_PGE | X86_CR4_PCIDE |	\
			 X86_CR4_SMEP | X86_CR4_SMAP | X86_CR4_PKE)
/* Bits whose change loads the PDPTEs under PAE paging. */
#define CR0_PDPTE	(X86_CR0_CD | X86_CR0_NW | X86_CR0_PG)
#define CR4_PDPTE	(X86_CR4_PSE | X86_CR4_PAE | X86_CR4_PGE | X86_CR4_SMEP)

#define DR6_FIXED_1	0xffff0ff0ULL
#define DR6_WRITABLE	0x0000e00fULL
#define DR7_GD		BIT_ULL(13)

bool vmx_cr0_valid(struct vcpu *vcpu, u64 cr0)
{
	if (cr0 >> 32)
		return false;
	if ((cr0 & X86_CR0_PG) && !(cr0 & X86_CR0_PE))
		return false;
	return !((cr0 & X86_CR0_NW) && !(cr0 & X86_CR0_CD));
}

bool vmx_cr4_valid(struct vcpu *vcpu, u64 cr4)
{
	return !(cr4 & ~vcpuid_cr4_allowed(&vcpu->vm->cpuid));
}

bool vmx_efer_valid(struct vcpu *vcpu, u64 efer)
{
	return vmsr_value_is_valid(MSR_EFER, efer, &vcpu->vm->msr_caps, false);
}

void vmx_write_cr0(struct vcpu *vcpu, u64 cr0)
{
	u64 mask = vmx_caps.cr0_ones | vmx_caps.cr0_zeros | X86_CR0_CD | X86_CR0_NW |
		   ~(u64)CR0_DEFINED;
	u64 real = (cr0 | vmx_caps.cr0_ones) & ~(vmx_caps.cr0_zeros | X86_CR0_CD | X86_CR0_NW);

	vmwrite(VMCS_CR0_MASK, mask);
	vmwrite(VMCS_CR0_SHADOW, cr0);
	vmwrite(VMCS_GUEST_CR0, real);
	vcpu->regs.cr0 = cr0;
}

void vmx_write_cr4(struct vcpu *vcpu, u64 cr4)
{
	u64 allowed = vcpuid_cr4_allowed(&vcpu->vm->cpuid);
	u64 mask = ~allowed | CR4_TRAPPED | vmx_caps.cr4_ones | vmx_caps.cr4_zeros | X86_CR4_MCE;
	/* A machine check with MCE clear would shut the processor down. */
	u64 real = (cr4 | vmx_caps.cr4_ones | (__read_cr4() & X86_CR4_MCE)) &
		   ~vmx_caps.cr4_zeros;

	vmwrite(VMCS_CR4_MASK, mask);
	vmwrite(VMCS_CR4_SHADOW, cr4);
	vmwrite(VMCS_GUEST_CR4, real);
	vcpu->regs.cr4 = cr4;
	vcpu->cr4_trapped = cr4 & CR4_TRAPPED;
}

/*
 * PAE paging is in force after the write and its PDPTEs must come from guest
 * memory, which may also refuse the write: process context completes it.
 */
static enum exit_action write_with_pdptes(struct vcpu *vcpu, u64 cr0, u64 cr4, u64 efer)
{
	vcpu->work.kind = WORK_PDPTES;
	vcpu->work.cr0 = cr0;
	vcpu->work.cr4 = cr4;
	vcpu->work.value = efer;
	return EXIT_WORK;
}

static bool is_pae(u64 cr0, u64 cr4, u64 efer)
{
	return (cr0 & X86_CR0_PG) && (cr4 & X86_CR4_PAE) && !(efer & EFER_LMA);
}

static enum exit_action after_write(struct vcpu *vcpu, bool flush)
{
	if (flush)
		vcpu->vmx->vpid_cpu = -1;
	vcpu_advance(vcpu);
	return flush ? EXIT_AGAIN : EXIT_RESUME;
}

static enum exit_action mov_to_cr0(struct vcpu *vcpu, u64 cr0)
{
	struct vmm_regs *r = &vcpu->regs;
	u64 changed, efer;

	vmx_regs_read(vcpu, CACHE_CR | CACHE_CODE);
	changed = cr0 ^ r->cr0;
	efer = r->efer & ~(u64)EFER_LMA;
	/* Reserved bits are ignored in the low half and #GP in the high one. */
	cr0 = (cr0 & (CR0_DEFINED | GENMASK_ULL(63, 32))) | X86_CR0_ET;
	if (cr0 & X86_CR0_PG && efer & EFER_LME)
		efer |= EFER_LMA;
	if (!vmx_cr0_valid(vcpu, cr0) ||
	    ((efer & EFER_LMA) && !(r->cr4 & X86_CR4_PAE)) ||
	    ((r->cr4 & X86_CR4_PCIDE) && !(cr0 & X86_CR0_PG)) ||
	    /* IA-32e mode begins and ends in a segment that is not 64-bit. */
	    ((changed & X86_CR0_PG) && (efer & EFER_LME) &&
	     (r->seg[VMM_SEG_CS].access & VMM_SEG_ACC_L))) {
		vcpu_inject_gp(vcpu);
		return EXIT_RESUME;
	}
	if ((changed & CR0_PDPTE) && is_pae(cr0, r->cr4, efer))
		return write_with_pdptes(vcpu, cr0, r->cr4, efer);
	vmx_write_cr0(vcpu, cr0);
	if (efer != r->efer) {
		r->efer = efer;
		vcpu_dirty(vcpu, CACHE_CR);
	}
	return after_write(vcpu, changed & (X86_CR0_PG | X86_CR0_WP | X86_CR0_PE));
}

static enum exit_action mov_to_cr4(struct vcpu *vcpu, u64 cr4)
{
	struct vmm_regs *r = &vcpu->regs;
	u64 changed;

	vmx_regs_read(vcpu, CACHE_CR);
	changed = cr4 ^ r->cr4;
	if (!vmx_cr4_valid(vcpu, cr4) ||
	    ((r->efer & EFER_LMA) && !(cr4 & X86_CR4_PAE)) ||
	    ((changed & cr4 & X86_CR4_PCIDE) &&
	     (!(r->efer & EFER_LMA) || (r->cr3 & 0xfff)))) {
		vcpu_inject_gp(vcpu);
		return EXIT_RESUME;
	}
	if ((changed & CR4_PDPTE) && is_pae(r->cr0, cr4, r->efer))
		return write_with_pdptes(vcpu, r->cr0, cr4, r->efer);
	vmx_write_cr4(vcpu, cr4);
	return after_write(vcpu, changed & CR4_TLB);
}

/* Operand of a MOV: RSP lives in the VMCS. */
static u64 read_gpr(struct vcpu *vcpu, u32 reg)
{
	if (reg == VMM_REG_RSP)
		vmx_regs_read(vcpu, CACHE_RSP);
	return vcpu->regs.gpr[reg];
}

static void write_gpr(struct vcpu *vcpu, u32 reg, u64 value)
{
	vcpu->regs.gpr[reg] = value;
	if (reg == VMM_REG_RSP)
		vcpu_dirty(vcpu, CACHE_RSP);
}

static bool in_64bit_mode(struct vcpu *vcpu)
{
	vmx_regs_read(vcpu, CACHE_CODE | CACHE_CR);
	return (vcpu->regs.efer & EFER_LMA) &&
	       (vcpu->regs.seg[VMM_SEG_CS].access & VMM_SEG_ACC_L);
}

static enum exit_action mov_cr8(struct vcpu *vcpu, u32 reg, bool write)
{
	u64 cr8;

	if (!write) {
		write_gpr(vcpu, reg, vcpu_irq_get_cr8(vcpu));
	} else {
		cr8 = read_gpr(vcpu, reg);
		if (cr8 > 15) {
			vcpu_inject_gp(vcpu);
			return EXIT_RESUME;
		}
		vcpu_irq_set_cr8(vcpu, cr8);
	}
	vcpu_advance(vcpu);
	return EXIT_RESUME;
}

/* LMSW sets bits 3:0 of CR0 but cannot clear PE. */
static enum exit_action lmsw(struct vcpu *vcpu, u16 source)
{
	vmx_regs_read(vcpu, CACHE_CR);
	return mov_to_cr0(vcpu, (vcpu->regs.cr0 & ~0xeULL) | (source & 0xf));
}

enum exit_action vmx_exit_cr(struct vcpu *vcpu)
{
	u64 qual = vcpu->last_qual;
	u32 reg = (qual >> VMX_CRQ_GPR_SHIFT) & 0xf;
	u32 cr = qual & VMX_CRQ_NUMBER;
	u64 value;

	switch ((qual >> VMX_CRQ_TYPE_SHIFT) & 3) {
	case VMX_CRQ_TYPE_MOV_TO:
		if (cr == 8)
			return mov_cr8(vcpu, reg, true);
		value = read_gpr(vcpu, reg);
		if (!in_64bit_mode(vcpu))
			value = (u32)value;
		if (cr == 0)
			return mov_to_cr0(vcpu, value);
		if (cr == 4)
			return mov_to_cr4(vcpu, value);
		break;
	case VMX_CRQ_TYPE_MOV_FROM:
		if (cr == 8)
			return mov_cr8(vcpu, reg, false);
		break;
	case VMX_CRQ_TYPE_CLTS:
		vmx_regs_read(vcpu, CACHE_CR);
		return mov_to_cr0(vcpu, vcpu->regs.cr0 & ~(u64)X86_CR0_TS);
	case VMX_CRQ_TYPE_LMSW:
		return lmsw(vcpu, qual >> VMX_CRQ_LMSW_SHIFT);
	}
	return vmx_exit_unclaimed(vcpu, VMX_REASON_CR_ACCESS);
}

/* Debug-register exit qualification: 2:0 number, 4 direction, 11:8 register. */
enum exit_action vmx_exit_dr(struct vcpu *vcpu)
{
	struct vmm_regs *r = &vcpu->regs;
	u32 dr = vcpu->last_qual & 7;
	u32 reg = (vcpu->last_qual >> 8) & 0xf;
	bool read = vcpu->last_qual & BIT(4);
	u64 value;

	vmx_regs_read(vcpu, CACHE_DR7 | CACHE_CR | CACHE_CODE);
	/* CR4.DE makes 4 and 5 undefined; else they are 6 and 7. */
	if (dr == 4 || dr == 5) {
		if (r->cr4 & X86_CR4_DE) {
			vcpu_inject_ud(vcpu);
			return EXIT_RESUME;
		}
		dr += 2;
	}
	if (((r->seg[VMM_SEG_SS].access >> VMM_SEG_ACC_DPL_SHIFT) & 3) && (r->cr0 & X86_CR0_PE)) {
		vcpu_inject_gp(vcpu);
		return EXIT_RESUME;
	}
	if (r->dr7 & DR7_GD) {
		r->dr6 |= BIT_ULL(13);
		r->dr7 &= ~DR7_GD;
		vcpu_dirty(vcpu, CACHE_DR7);
		vcpu_inject(vcpu, 1, false, 0);
		return EXIT_RESUME;
	}
	if (read) {
		write_gpr(vcpu, reg, dr < 4 ? r->dr[dr] : dr == 6 ? r->dr6 : r->dr7);
		vcpu_advance(vcpu);
		return EXIT_RESUME;
	}
	value = read_gpr(vcpu, reg);
	if (!in_64bit_mode(vcpu))
		value = (u32)value;
	if (dr >= 6 && value >> 32) {
		vcpu_inject_gp(vcpu);
		return EXIT_RESUME;
	}
	if (dr < 4) {
		r->dr[dr] = value;
	} else if (dr == 6) {
		r->dr6 = (value & DR6_WRITABLE) | DR6_FIXED_1;
	} else {
		r->dr7 = (value & 0xffff2fffULL) | 0x400;
		vcpu_dirty(vcpu, CACHE_DR7);
	}
	vcpu_advance(vcpu);
	/* A new burst loads the registers if a breakpoint is armed. */
	return EXIT_AGAIN;
}

enum exit_action vmx_exit_xsetbv(struct vcpu *vcpu)
{
	struct vmm_regs *r = &vcpu->regs;
	u64 value = (r->gpr[VMM_REG_RDX] << 32) | (u32)r->gpr[VMM_REG_RAX];

	/* The processor has checked CPL and CR4.OSXSAVE before the exit. */
	if ((u32)r->gpr[VMM_REG_RCX] || !vcpuid_xcr0_is_valid(value, vcpuid_xcr0_allowed(&vcpu->vm->cpuid))) {
		vcpu_inject_gp(vcpu);
		return EXIT_RESUME;
	}
	r->xcr0 = value;
	vmm_fpu_xcr0_changed(vcpu);
	vcpu_advance(vcpu);
	return EXIT_RESUME;
}
