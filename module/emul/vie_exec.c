// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The executor: one decoded instruction against a register block, all memory
 * through callbacks. One small handler per kind of instruction.
 *
 * The rule every handler keeps: compute into locals, make all callbacks in a
 * fixed order, and only when the last has answered VIE_OK write registers and
 * finish with vie_retire(). That is what lets vie_exec() be restarted.
 *
 * SDM: "Instruction Set Reference".
 */
#include "vie_impl.h"

enum vie_status vie_retire(struct vie_run *run, u64 rflags)
{
	run->regs->rip = run->next_rip;
	run->regs->rflags = rflags & ~FLAG_RF;
	return VIE_OK;
}

u64 vie_gpr_read(const struct vmm_regs *regs, unsigned int reg, unsigned int size, bool high)
{
	if (high)
		return (regs->gpr[reg - 4] >> 8) & 0xff;
	return regs->gpr[reg] & vie_mask(size);
}

void vie_gpr_write(struct vmm_regs *regs, unsigned int reg, unsigned int size, bool high,
		   u64 value)
{
	u64 mask = vie_mask(size);

	if (high)
		regs->gpr[reg - 4] = (regs->gpr[reg - 4] & ~0xff00ULL) | (value & 0xff) << 8;
	else if (size < 4)
		regs->gpr[reg] = (regs->gpr[reg] & ~mask) | (value & mask);
	else
		regs->gpr[reg] = value & mask;
}

enum vie_status vie_mem_read(struct vie_run *run, unsigned int seg, u64 off,
			     unsigned int size, unsigned int access, u64 *value)
{
	enum vie_status status;
	u64 gla;

	*value = 0;
	status = vie_seg_gla(run->regs, run->vie->mode, seg, off, size, size, access, &gla,
			     run->fault);
	if (status == VIE_OK)
		status = run->ops->read(run->ctx, gla, size, value, access, run->fault);
	return status;
}

enum vie_status vie_mem_write(struct vie_run *run, unsigned int seg, u64 off,
			      unsigned int size, unsigned int access, u64 value)
{
	enum vie_status status;
	u64 gla;

	status = vie_seg_gla(run->regs, run->vie->mode, seg, off, size, size, access, &gla,
			     run->fault);
	if (status == VIE_OK)
		status = run->ops->write(run->ctx, gla, size, &value, access, run->fault);
	return status;
}

static u64 sequential_rip(const struct vie *vie, const struct vmm_regs *regs)
{
	u64 rip = regs->rip + vie->len;

	return vie->mode == VIE_64 ? rip : (u32)rip;
}

/* Offset of the ModRM, moffs or XLAT operand within its segment. */
static u64 operand_off(const struct vie *vie, const struct vmm_regs *regs)
{
	u64 off = vie->disp;

	if (vie->base == VIE_REG_RIP)
		off += sequential_rip(vie, regs);
	else if (vie->base != VIE_REG_NONE)
		off += regs->gpr[vie->base];
	if (vie->index != VIE_REG_NONE)
		off += regs->gpr[vie->index] << vie->scale;
	if (vie->form == FORM_XLAT)
		off += regs->gpr[VMM_REG_RAX] & 0xff;
	return off & vie_mask(vie->gla_size);
}

enum vie_status vie_operand_read(struct vie_run *run, unsigned int access, u64 *value)
{
	const struct vie *vie = run->vie;

	return vie_mem_read(run, vie->seg, operand_off(vie, run->regs), vie->mem_size,
			    access, value);
}

enum vie_status vie_operand_write(struct vie_run *run, unsigned int access, u64 value)
{
	const struct vie *vie = run->vie;

	return vie_mem_write(run, vie->seg, operand_off(vie, run->regs), vie->mem_size,
			     access, value & vie_mask(vie->mem_size));
}

/* Access flags of a read-modify-write and of the write that ends it. */
static unsigned int rmw(const struct vie *vie)
{
	return VIE_ACC_READ | VIE_ACC_WRITE | (vie->lock ? VIE_ACC_LOCK : 0);
}

static unsigned int rmw_end(const struct vie *vie)
{
	return VIE_ACC_WRITE | (vie->lock ? VIE_ACC_LOCK : 0);
}

static u64 reg_read(const struct vie_run *run)
{
	return vie_gpr_read(run->regs, run->vie->reg, run->vie->op_size, run->vie->reg_high);
}

static void reg_write(struct vie_run *run, u64 value)
{
	vie_gpr_write(run->regs, run->vie->reg, run->vie->op_size, run->vie->reg_high, value);
}

/* The operand that is neither memory nor implied. */
static u64 source(const struct vie_run *run)
{
	const struct vie *vie = run->vie;

	switch (vie->form) {
	case FORM_MI:
	case FORM_RMI:
		return vie->imm & vie_mask(vie->op_size);
	case FORM_M1:
		return 1;
	case FORM_MC:
		return run->regs->gpr[VMM_REG_RCX] & 0xff;
	case FORM_RMV:
	case FORM_RVM:
		return run->regs->gpr[vie->vvvv] & vie_mask(vie->op_size);
	default:
		return reg_read(run);
	}
}

static u64 byte_swap(u64 value, unsigned int size)
{
	return __builtin_bswap64(value) >> (64 - size * 8);
}

static enum vie_status do_mov(struct vie_run *run)
{
	const struct vie *vie = run->vie;
	enum vie_status status;
	u64 value;

	switch (vie->form) {
	case FORM_RM:
	case FORM_AO:
		status = vie_operand_read(run, VIE_ACC_READ, &value);
		if (status != VIE_OK)
			return status;
		if (vie->op == OP_MOVSX)
			value = vie_sext(value, vie->mem_size);
		else if (vie->op == OP_MOVBE)
			value = byte_swap(value, vie->mem_size);
		reg_write(run, value);
		break;
	default:
		value = source(run);
		if (vie->op == OP_MOVBE)
			value = byte_swap(value, vie->mem_size);
		status = vie_operand_write(run, VIE_ACC_WRITE, value);
		if (status != VIE_OK)
			return status;
		break;
	}
	return vie_retire(run, run->regs->rflags);
}

static enum vie_status do_alu(struct vie_run *run)
{
	const struct vie *vie = run->vie;
	bool to_mem = vie->form != FORM_RM;
	bool writes = vie->op != OP_CMP && vie->op != OP_TEST;
	u64 rflags = run->regs->rflags, mem, res;
	enum vie_status status;

	status = vie_operand_read(run, to_mem && writes ? rmw(vie) : VIE_ACC_READ, &mem);
	if (status != VIE_OK)
		return status;

	if (!to_mem) {
		res = vie_alu_binary(vie->op, vie->op_size, reg_read(run), mem, &rflags);
		if (writes)
			reg_write(run, res);
		return vie_retire(run, rflags);
	}
	res = vie_alu_binary(vie->op, vie->op_size, mem, source(run), &rflags);
	if (writes)
		status = vie_operand_write(run, rmw_end(vie), res);
	return status == VIE_OK ? vie_retire(run, rflags) : status;
}

static enum vie_status do_unary(struct vie_run *run)
{
	const struct vie *vie = run->vie;
	u64 rflags = run->regs->rflags, mem;
	enum vie_status status;

	status = vie_operand_read(run, rmw(vie), &mem);
	if (status != VIE_OK)
		return status;
	mem = vie_alu_unary(vie->op, vie->op_size, mem, &rflags);
	status = vie_operand_write(run, rmw_end(vie), mem);
	return status == VIE_OK ? vie_retire(run, rflags) : status;
}

static enum vie_status do_shift(struct vie_run *run)
{
	const struct vie *vie = run->vie;
	u64 rflags = run->regs->rflags, mem;
	enum vie_status status;

	status = vie_operand_read(run, rmw(vie), &mem);
	if (status != VIE_OK)
		return status;
	mem = vie_alu_shift(vie->op, vie->op_size, mem, source(run), &rflags);
	status = vie_operand_write(run, rmw_end(vie), mem);
	return status == VIE_OK ? vie_retire(run, rflags) : status;
}

static enum vie_status do_double_shift(struct vie_run *run)
{
	const struct vie *vie = run->vie;
	u64 rflags = run->regs->rflags, mem, count;
	enum vie_status status;

	count = vie->form == FORM_MRI ? vie->imm : run->regs->gpr[VMM_REG_RCX];
	status = vie_operand_read(run, rmw(vie), &mem);
	if (status != VIE_OK)
		return status;
	mem = vie_alu_double_shift(vie->op, vie->op_size, mem, reg_read(run), count & 0xff,
				   &rflags);
	status = vie_operand_write(run, rmw_end(vie), mem);
	return status == VIE_OK ? vie_retire(run, rflags) : status;
}

/*
 * A bit offset in a register is signed and reaches beyond the operand: it
 * moves the access by whole operands. One in an immediate wraps instead.
 */
static enum vie_status do_bit(struct vie_run *run)
{
	const struct vie *vie = run->vie;
	unsigned int size = vie->op_size;
	u64 rflags = run->regs->rflags, off, bit, mem;
	unsigned int access;
	enum vie_status status;

	off = operand_off(vie, run->regs);
	if (vie->form == FORM_MR) {
		bit = vie_sext(reg_read(run), size);
		off += (u64)((s64)bit >> (fls64(size) + 2)) * size;
		off &= vie_mask(vie->gla_size);
	} else {
		bit = vie->imm;
	}
	bit &= size * 8 - 1;

	access = vie->op == OP_BT ? VIE_ACC_READ : rmw(vie);
	status = vie_mem_read(run, vie->seg, off, size, access, &mem);
	if (status != VIE_OK)
		return status;
	mem = vie_alu_bit(vie->op, mem, bit, &rflags);
	if (vie->op != OP_BT)
		status = vie_mem_write(run, vie->seg, off, size, rmw_end(vie), mem);
	return status == VIE_OK ? vie_retire(run, rflags) : status;
}

static enum vie_status do_mul(struct vie_run *run)
{
	const struct vie *vie = run->vie;
	unsigned int size = vie->op_size;
	u64 rflags = run->regs->rflags, mem, low, high;
	enum vie_status status;

	status = vie_operand_read(run, VIE_ACC_READ, &mem);
	if (status != VIE_OK)
		return status;
	if (vie->op == OP_IMUL2) {
		low = vie_alu_mul(OP_IMUL, size, mem, source(run), &high, &rflags);
		reg_write(run, low);
		return vie_retire(run, rflags);
	}
	low = vie_gpr_read(run->regs, VMM_REG_RAX, size, false);
	low = vie_alu_mul(vie->op, size, mem, low, &high, &rflags);
	if (size == 1) {
		vie_gpr_write(run->regs, VMM_REG_RAX, 2, false, high << 8 | low);
	} else {
		vie_gpr_write(run->regs, VMM_REG_RAX, size, false, low);
		vie_gpr_write(run->regs, VMM_REG_RDX, size, false, high);
	}
	return vie_retire(run, rflags);
}

static enum vie_status do_scan(struct vie_run *run)
{
	const struct vie *vie = run->vie;
	u64 rflags = run->regs->rflags, mem, res;
	enum vie_status status;

	status = vie_operand_read(run, VIE_ACC_READ, &mem);
	if (status != VIE_OK)
		return status;
	res = vie_alu_scan(vie->op, vie->op_size, reg_read(run), mem, &rflags);
	/* BSF and BSR of zero leave the whole register, upper half included. */
	if (mem || (vie->op != OP_BSF && vie->op != OP_BSR))
		reg_write(run, res);
	return vie_retire(run, rflags);
}

static enum vie_status do_bmi(struct vie_run *run)
{
	const struct vie *vie = run->vie;
	u64 rflags = run->regs->rflags, mem, res;
	enum vie_status status;

	status = vie_operand_read(run, VIE_ACC_READ, &mem);
	if (status != VIE_OK)
		return status;
	res = vie_alu_bmi(vie->op, vie->op_size, mem, source(run), &rflags);
	vie_gpr_write(run->regs, vie->form == FORM_VM ? vie->vvvv : vie->reg, vie->op_size,
		      false, res);
	return vie_retire(run, rflags);
}

/* XCHG and XADD: the register gets the old memory. */
static enum vie_status do_exchange(struct vie_run *run)
{
	const struct vie *vie = run->vie;
	u64 rflags = run->regs->rflags, mem, res;
	enum vie_status status;

	status = vie_operand_read(run, rmw(vie), &mem);
	if (status != VIE_OK)
		return status;
	res = reg_read(run);
	if (vie->op == OP_XADD)
		res = vie_alu_binary(OP_ADD, vie->op_size, mem, res, &rflags);
	status = vie_operand_write(run, rmw_end(vie), res);
	if (status != VIE_OK)
		return status;
	reg_write(run, mem);
	return vie_retire(run, rflags);
}

/* Memory gets a write cycle even when the comparison fails. */
static enum vie_status do_cmpxchg(struct vie_run *run)
{
	const struct vie *vie = run->vie;
	u64 rflags = run->regs->rflags, mem, acc;
	enum vie_status status;
	bool equal;

	status = vie_operand_read(run, rmw(vie), &mem);
	if (status != VIE_OK)
		return status;
	acc = vie_gpr_read(run->regs, VMM_REG_RAX, vie->op_size, false);
	vie_alu_binary(OP_CMP, vie->op_size, acc, mem, &rflags);
	equal = acc == mem;
	status = vie_operand_write(run, rmw_end(vie), equal ? reg_read(run) : mem);
	if (status != VIE_OK)
		return status;
	if (!equal)
		vie_gpr_write(run->regs, VMM_REG_RAX, vie->op_size, false, mem);
	return vie_retire(run, rflags);
}

static enum vie_status do_cmpxchg8b(struct vie_run *run)
{
	const struct vie *vie = run->vie;
	struct vmm_regs *regs = run->regs;
	unsigned int half = vie->op_size;
	u64 rflags = regs->rflags, low = 0, high = 0, gla;
	u8 old[16], new[16];
	enum vie_status status;

	status = vie_seg_gla(regs, vie->mode, vie->seg, operand_off(vie, regs), vie->mem_size,
			     half == 4 ? 8 : 1, rmw(vie), &gla, run->fault);
	if (status != VIE_OK)
		return status;
	if (half == 8 && (gla & 15))
		return vie_raise(run->fault, regs, VIE_GP);
	status = run->ops->read(run->ctx, gla, vie->mem_size, old, rmw(vie), run->fault);
	if (status != VIE_OK)
		return status;

	memcpy(&low, old, half);
	memcpy(&high, old + half, half);
	rflags &= ~FLAG_ZF;
	if (low == vie_gpr_read(regs, VMM_REG_RAX, half, false) &&
	    high == vie_gpr_read(regs, VMM_REG_RDX, half, false)) {
		rflags |= FLAG_ZF;
		memcpy(new, &regs->gpr[VMM_REG_RBX], half);
		memcpy(new + half, &regs->gpr[VMM_REG_RCX], half);
	} else {
		memcpy(new, old, vie->mem_size);
	}
	status = run->ops->write(run->ctx, gla, vie->mem_size, new, rmw_end(vie), run->fault);
	if (status != VIE_OK)
		return status;
	if (!(rflags & FLAG_ZF)) {
		vie_gpr_write(regs, VMM_REG_RAX, half, false, low);
		vie_gpr_write(regs, VMM_REG_RDX, half, false, high);
	}
	return vie_retire(run, rflags);
}

static enum vie_status do_cond(struct vie_run *run)
{
	const struct vie *vie = run->vie;
	bool holds = vie_alu_cond(vie->cond, run->regs->rflags);
	enum vie_status status;
	u64 mem;

	if (vie->op == OP_SETCC) {
		status = vie_operand_write(run, VIE_ACC_WRITE, holds);
	} else {
		/* The load happens, and a 32-bit one clears the upper half, anyhow. */
		status = vie_operand_read(run, VIE_ACC_READ, &mem);
		if (status == VIE_OK)
			reg_write(run, holds ? mem : reg_read(run));
	}
	return status == VIE_OK ? vie_retire(run, run->regs->rflags) : status;
}

static enum vie_status do_xlat(struct vie_run *run)
{
	enum vie_status status;
	u64 mem;

	status = vie_operand_read(run, VIE_ACC_READ, &mem);
	if (status != VIE_OK)
		return status;
	vie_gpr_write(run->regs, VMM_REG_RAX, 1, false, mem);
	return vie_retire(run, run->regs->rflags);
}

/* Emulated accesses are ordered and uncached: fences and flushes are done. */
static enum vie_status do_nop(struct vie_run *run)
{
	const struct vie *vie = run->vie;
	enum vie_status status = VIE_OK;
	u64 gla;

	if (vie->op == OP_FLUSH) {
		status = vie_operand_gla(vie, run->regs, VIE_ACC_READ, &gla, run->fault);
		if (status == VIE_OK)
			status = run->ops->probe(run->ctx, gla, 1, VIE_ACC_READ, run->fault);
	}
	return status == VIE_OK ? vie_retire(run, run->regs->rflags) : status;
}

static enum vie_status (*const handler[OP_COUNT])(struct vie_run *run) = {
	[OP_ADD ... OP_CMP] = do_alu,
	[OP_ROL ... OP_SAR] = do_shift,
	[OP_TEST] = do_alu,
	[OP_NOT ... OP_NEG] = do_unary,
	[OP_MUL ... OP_IMUL] = do_mul,
	[OP_INC ... OP_DEC] = do_unary,
	[OP_BT ... OP_BTC] = do_bit,
	[OP_MOV ... OP_MOVBE] = do_mov,
	[OP_XCHG ... OP_XADD] = do_exchange,
	[OP_CMPXCHG] = do_cmpxchg,
	[OP_CMPXCHG8B] = do_cmpxchg8b,
	[OP_IMUL2] = do_mul,
	[OP_SHLD ... OP_SHRD] = do_double_shift,
	[OP_BSF ... OP_POPCNT] = do_scan,
	[OP_SETCC ... OP_CMOVCC] = do_cond,
	[OP_PUSH] = vie_push,
	[OP_POP] = vie_pop,
	[OP_CALL ... OP_JMP] = vie_branch,
	[OP_XLAT] = do_xlat,
	[OP_NOP ... OP_FLUSH] = do_nop,
	[OP_MOVS ... OP_OUTS] = vie_string,
	[OP_ANDN ... OP_RORX] = do_bmi,
	[OP_MOVU ... OP_MOVA] = vie_vector,
};

enum vie_status vie_exec(const struct vie *vie, struct vmm_regs *regs,
			 const struct vie_ops *ops, void *ctx, struct vie_fault *fault)
{
	struct vie_run run = {
		.vie = vie,
		.regs = regs,
		.ops = ops,
		.ctx = ctx,
		.fault = fault,
		.next_rip = sequential_rip(vie, regs),
	};

	return vie->op < OP_COUNT ? handler[vie->op](&run) : VIE_UNKNOWN;
}

enum vie_status vie_operand_gla(const struct vie *vie, const struct vmm_regs *regs,
				unsigned int access, u64 *gla, struct vie_fault *fault)
{
	unsigned int seg = vie->seg, reg = VMM_REG_RSI;
	u64 off;

	switch (vie->form) {
	case FORM_R:
		return VIE_UNKNOWN;
	case FORM_STRING:
		if (vie->op == OP_STOS || vie->op == OP_SCAS || vie->op == OP_INS) {
			seg = VMM_SEG_ES;
			reg = VMM_REG_RDI;
		}
		off = vie_gpr_read(regs, reg, vie->gla_size, false);
		break;
	default:
		off = operand_off(vie, regs);
		break;
	}
	return vie_seg_gla(regs, vie->mode, seg, off, vie->mem_size, 1, access, gla, fault);
}
