// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Moves between memory and SSE or AVX registers: what compilers make of
 * memcpy() and of 128-bit fields, in their legacy and VEX forms. The registers
 * are not in struct vmm_regs, so they are reached by callbacks; the rule of
 * vie_exec.c holds: a register is written after the last callback to memory.
 *
 * SDM: "MOVAPS", "MOVUPS", "MOVDQA", "MOVD/MOVQ" and their kin; "Exceptions
 * Type 1" to "Type 5".
 */
#include "vie_impl.h"

#define CR0_PE		BIT(0)
#define CR0_EM		BIT(2)
#define CR0_TS		BIT(3)
#define CR4_OSFXSR	BIT(9)
#define CR4_OSXSAVE	BIT(18)
#define XCR0_AVX_STATE	6		/* SSE and AVX */

/* SDM "SIMD Instruction Exception Conditions", in their order. */
static enum vie_status usable(const struct vie_run *run)
{
	const struct vmm_regs *regs = run->regs;
	bool off;

	if (run->vie->vex)
		off = !(regs->cr0 & CR0_PE) || (regs->rflags & FLAG_VM) ||
		      !(regs->cr4 & CR4_OSXSAVE) ||
		      (regs->xcr0 & XCR0_AVX_STATE) != XCR0_AVX_STATE;
	else
		off = (regs->cr0 & CR0_EM) || !(regs->cr4 & CR4_OSFXSR);
	if (!off && !(regs->cr0 & CR0_TS))
		return VIE_OK;
	*run->fault = (struct vie_fault) { .vector = off ? VIE_UD : VIE_NM };
	return VIE_FAULT;
}

enum vie_status vie_vector(struct vie_run *run)
{
	const struct vie *vie = run->vie;
	unsigned int access = vie->form == FORM_RM ? VIE_ACC_READ : VIE_ACC_WRITE;
	u8 data[VIE_VECTOR_MAX] = { 0 };
	enum vie_status status;
	u64 gla;

	if (!run->ops->get_vector || !run->ops->set_vector)
		return VIE_UNKNOWN;
	status = usable(run);
	if (status == VIE_OK)
		status = vie_operand_gla(vie, run->regs, access, &gla, run->fault);
	if (status != VIE_OK)
		return status;
	if (vie->op == OP_MOVA && (gla & (vie->mem_size - 1)))
		return vie_raise(run->fault, run->regs, VIE_GP);

	if (vie->form == FORM_RM) {
		status = run->ops->read(run->ctx, gla, vie->mem_size, data, access, run->fault);
		if (status != VIE_OK)
			return status;
		/* Behind the operand the register is zeroed: all of it with VEX. */
		run->ops->set_vector(run->ctx, vie->reg, data, vie->vex);
	} else {
		run->ops->get_vector(run->ctx, vie->reg, data);
		status = run->ops->write(run->ctx, gla, vie->mem_size, data, access, run->fault);
		if (status != VIE_OK)
			return status;
	}
	return vie_retire(run, run->regs->rflags);
}
