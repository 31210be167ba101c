// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * String instructions, one iteration per call: the registers after it are
 * those a processor would save if interrupted there, so a REP instruction can
 * be left and resumed at any iteration.
 *
 * INS and OUTS take as many items at once as lie ascending in one page and in
 * VIE_IO_MAX bytes, unless single-stepped: to the device that is the same
 * sequence, to userspace one exit instead of hundreds. The destination of MOVS
 * and INS is probed before the source is read, so that a page fault cannot
 * lose what a device said.
 *
 * SDM: "REP/REPE/REPZ/REPNE/REPNZ", "Fast-String Operation".
 */
#include "vie_impl.h"

struct string {
	u64 step;		/* added to an index register per item */
	u64 count;		/* items left, 1 without REP */
	u64 mask;		/* of index and count registers */
	bool repeats;
};

static u64 index_of(const struct vie_run *run, unsigned int reg)
{
	return vie_gpr_read(run->regs, reg, run->vie->gla_size, false);
}

static void advance(struct vie_run *run, unsigned int reg, u64 by)
{
	vie_gpr_write(run->regs, reg, run->vie->gla_size, false, index_of(run, reg) + by);
}

/*
 * Count @items and either go on (VIE_AGAIN) or retire. @stop: the condition of
 * REPE or REPNE ends the instruction here.
 */
static enum vie_status finish(struct vie_run *run, const struct string *str, u64 items,
			      bool stop, u64 rflags)
{
	if (str->repeats) {
		advance(run, VMM_REG_RCX, -items);
		if (str->count > items && !stop) {
			run->regs->rflags = rflags;
			return VIE_AGAIN;
		}
	}
	return vie_retire(run, rflags);
}

static enum vie_status do_movs(struct vie_run *run, const struct string *str)
{
	const struct vie *vie = run->vie;
	unsigned int size = vie->op_size;
	u64 dst = index_of(run, VMM_REG_RDI), gla, value;
	enum vie_status status;

	status = vie_seg_gla(run->regs, vie->mode, VMM_SEG_ES, dst, size, size, VIE_ACC_WRITE,
			     &gla, run->fault);
	if (status == VIE_OK)
		status = run->ops->probe(run->ctx, gla, size, VIE_ACC_WRITE, run->fault);
	if (status == VIE_OK)
		status = vie_mem_read(run, vie->seg, index_of(run, VMM_REG_RSI), size,
				      VIE_ACC_READ, &value);
	if (status == VIE_OK)
		status = vie_mem_write(run, VMM_SEG_ES, dst, size, VIE_ACC_WRITE, value);
	if (status != VIE_OK)
		return status;
	advance(run, VMM_REG_RSI, str->step);
	advance(run, VMM_REG_RDI, str->step);
	return finish(run, str, 1, false, run->regs->rflags);
}

static enum vie_status do_stos(struct vie_run *run, const struct string *str)
{
	unsigned int size = run->vie->op_size;
	enum vie_status status;

	status = vie_mem_write(run, VMM_SEG_ES, index_of(run, VMM_REG_RDI), size, VIE_ACC_WRITE,
			       vie_gpr_read(run->regs, VMM_REG_RAX, size, false));
	if (status != VIE_OK)
		return status;
	advance(run, VMM_REG_RDI, str->step);
	return finish(run, str, 1, false, run->regs->rflags);
}

static enum vie_status do_lods(struct vie_run *run, const struct string *str)
{
	const struct vie *vie = run->vie;
	enum vie_status status;
	u64 value;

	status = vie_mem_read(run, vie->seg, index_of(run, VMM_REG_RSI), vie->op_size,
			      VIE_ACC_READ, &value);
	if (status != VIE_OK)
		return status;
	vie_gpr_write(run->regs, VMM_REG_RAX, vie->op_size, false, value);
	advance(run, VMM_REG_RSI, str->step);
	return finish(run, str, 1, false, run->regs->rflags);
}

/* CMPS compares two strings, SCAS the accumulator with one. */
static enum vie_status do_compare(struct vie_run *run, const struct string *str)
{
	const struct vie *vie = run->vie;
	unsigned int size = vie->op_size;
	u64 rflags = run->regs->rflags, left, right;
	enum vie_status status = VIE_OK;
	bool zero;

	if (vie->op == OP_CMPS)
		status = vie_mem_read(run, vie->seg, index_of(run, VMM_REG_RSI), size,
				      VIE_ACC_READ, &left);
	else
		left = vie_gpr_read(run->regs, VMM_REG_RAX, size, false);
	if (status == VIE_OK)
		status = vie_mem_read(run, VMM_SEG_ES, index_of(run, VMM_REG_RDI), size,
				      VIE_ACC_READ, &right);
	if (status != VIE_OK)
		return status;

	vie_alu_binary(OP_CMP, size, left, right, &rflags);
	zero = rflags & FLAG_ZF;
	if (vie->op == OP_CMPS)
		advance(run, VMM_REG_RSI, str->step);
	advance(run, VMM_REG_RDI, str->step);
	return finish(run, str, 1, vie->rep ? !zero : zero, rflags);
}

/*
 * How many items one io() may move, and the linear address of the first.
 * Where several do not all pass the segment's checks it is one, which then
 * passes or faults for itself.
 */
static enum vie_status io_span(struct vie_run *run, const struct string *str, unsigned int seg,
			       u64 off, unsigned int access, unsigned int *items, u64 *gla)
{
	const struct vie *vie = run->vie;
	unsigned int size = vie->op_size;
	enum vie_status status;
	u64 max;

	status = vie_seg_gla(run->regs, vie->mode, seg, off, size, size, access, gla, run->fault);
	if (status != VIE_OK)
		return status;

	max = min_t(u64, VIE_IO_MAX, 0x1000 - (*gla & 0xfff)) / size;
	max = min_t(u64, max, str->count);
	if (max < 2 || (run->regs->rflags & (FLAG_DF | FLAG_TF)) || off + max * size - 1 > str->mask) {
		*items = 1;
		return VIE_OK;
	}
	status = vie_seg_gla(run->regs, vie->mode, seg, off, max * size, size, access, gla,
			     run->fault);
	*items = status == VIE_OK ? max : 1;
	return VIE_OK;
}

static enum vie_status do_io(struct vie_run *run, const struct string *str)
{
	const struct vie *vie = run->vie;
	bool in = vie->op == OP_INS;
	unsigned int seg = in ? VMM_SEG_ES : vie->seg;
	unsigned int reg = in ? VMM_REG_RDI : VMM_REG_RSI;
	unsigned int access = in ? VIE_ACC_WRITE : VIE_ACC_READ;
	unsigned int size = vie->op_size, items;
	u16 port = run->regs->gpr[VMM_REG_RDX];
	u8 data[VIE_IO_MAX];
	enum vie_status status;
	u64 gla;

	if (!run->ops->io)
		return VIE_UNKNOWN;
	status = io_span(run, str, seg, index_of(run, reg), access, &items, &gla);
	if (status != VIE_OK)
		return status;

	if (in)
		status = run->ops->probe(run->ctx, gla, items * size, access, run->fault);
	else
		status = run->ops->read(run->ctx, gla, items * size, data, access, run->fault);
	if (status == VIE_OK)
		status = run->ops->io(run->ctx, port, size, items, in, data, run->fault);
	if (status == VIE_OK && in)
		status = run->ops->write(run->ctx, gla, items * size, data, access, run->fault);
	if (status != VIE_OK)
		return status;
	advance(run, reg, str->step * items);
	return finish(run, str, items, false, run->regs->rflags);
}

enum vie_status vie_string(struct vie_run *run)
{
	const struct vie *vie = run->vie;
	struct string str = {
		.step = run->regs->rflags & FLAG_DF ? -(u64)vie->op_size : vie->op_size,
		.count = 1,
		.mask = vie_mask(vie->gla_size),
		.repeats = vie->rep || vie->repne,
	};

	if (str.repeats) {
		str.count = index_of(run, VMM_REG_RCX);
		if (!str.count)
			return vie_retire(run, run->regs->rflags);
	}

	switch (vie->op) {
	case OP_MOVS:
		return do_movs(run, &str);
	case OP_STOS:
		return do_stos(run, &str);
	case OP_LODS:
		return do_lods(run, &str);
	case OP_CMPS:
	case OP_SCAS:
		return do_compare(run, &str);
	default:
		return do_io(run, &str);
	}
}
