// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Instructions that move a memory operand through the stack or into RIP: near
 * PUSH, POP, CALL and JMP. They obey the rule of vie_exec.c.
 *
 * The width of the stack pointer is not that of the instruction: outside
 * 64-bit code it is the B flag of SS, and bits beyond it stay as they are.
 *
 * SDM: "Procedure Calls, Interrupts, and Exceptions", "Stack Behavior".
 */
#include "vie_impl.h"

static unsigned int stack_size(const struct vie_run *run)
{
	if (run->vie->mode == VIE_64)
		return 8;
	return run->regs->seg[VMM_SEG_SS].access & VMM_SEG_ACC_DB ? 4 : 2;
}

/* Push @value; the new RSP goes to *@rsp, not to the register block. */
static enum vie_status push(struct vie_run *run, unsigned int size, u64 value, u64 *rsp)
{
	*rsp = (run->regs->gpr[VMM_REG_RSP] - size) & vie_mask(stack_size(run));
	return vie_mem_write(run, VMM_SEG_SS, *rsp, size, VIE_ACC_WRITE, value);
}

enum vie_status vie_push(struct vie_run *run)
{
	enum vie_status status;
	u64 mem, rsp;

	status = vie_operand_read(run, VIE_ACC_READ, &mem);
	if (status == VIE_OK)
		status = push(run, run->vie->mem_size, mem, &rsp);
	if (status != VIE_OK)
		return status;
	vie_gpr_write(run->regs, VMM_REG_RSP, stack_size(run), false, rsp);
	return vie_retire(run, run->regs->rflags);
}

/* An operand based on RSP is addressed with RSP as it is after the pop. */
enum vie_status vie_pop(struct vie_run *run)
{
	struct vmm_regs *regs = run->regs;
	unsigned int size = run->vie->mem_size;
	u64 old_rsp = regs->gpr[VMM_REG_RSP], value;
	enum vie_status status;

	status = vie_mem_read(run, VMM_SEG_SS, old_rsp & vie_mask(stack_size(run)), size,
			      VIE_ACC_READ, &value);
	if (status != VIE_OK)
		return status;
	vie_gpr_write(regs, VMM_REG_RSP, stack_size(run), false, old_rsp + size);
	status = vie_operand_write(run, VIE_ACC_WRITE, value);
	if (status != VIE_OK) {
		regs->gpr[VMM_REG_RSP] = old_rsp;
		return status;
	}
	return vie_retire(run, regs->rflags);
}

/* Near CALL and JMP through memory. */
enum vie_status vie_branch(struct vie_run *run)
{
	const struct vie *vie = run->vie;
	struct vmm_regs *regs = run->regs;
	enum vie_status status;
	u64 target, rsp = 0;

	status = vie_operand_read(run, VIE_ACC_READ, &target);
	if (status != VIE_OK)
		return status;
	if (vie->mode == VIE_64 ? !vie_is_canonical(regs, target) :
				  target > regs->seg[VMM_SEG_CS].limit)
		return vie_raise(run->fault, regs, VIE_GP);
	if (vie->op == OP_CALL) {
		status = push(run, vie->mem_size, run->next_rip & vie_mask(vie->mem_size), &rsp);
		if (status != VIE_OK)
			return status;
		vie_gpr_write(regs, VMM_REG_RSP, stack_size(run), false, rsp);
	}
	run->next_rip = target;
	return vie_retire(run, regs->rflags);
}
