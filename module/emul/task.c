// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * One task switch, in the order of the SDM: all that can fault in the old task
 * comes before the first register changes.
 *
 * SDM volume 3 "Task Switching", "Exception Conditions Checked During a Task
 * Switch".
 */
#include "task.h"

#define CR0_TS		BIT(3)
#define CR0_PG		BIT_ULL(31)
#define FLAGS_NT	BIT(14)
#define FLAGS_VM	BIT(17)
#define FLAGS_ONE	BIT(1)
#define FLAGS_VALID	0x3f7fd7U
#define DR6_BT		BIT(15)
#define DR7_LOCAL	0x155ULL	/* L0 to L3, LE */
#define VEC_DB		1
#define VEC_TS		10
#define VEC_NP		11

#define TYPE_LDT	2
#define TYPE_BUSY	BIT(1)
#define TYPE_32		BIT(3)		/* of a TSS */
#define TYPE_CODE	BIT(3)
#define TYPE_CONFORMING	BIT(2)
#define TYPE_RW		BIT(1)		/* data: writable; code: readable */

/* Where a TSS has what; all registers lie in one piece. */
struct layout {
	u8 len;			/* read from the new one */
	u8 first;		/* EIP, EFLAGS, eight registers, segments */
	u8 width;
	u8 segs;
	u8 ldt;
};

static const struct layout layout32 = { 0x68, 0x20, 4, 6, 0x60 };
static const struct layout layout16 = { 0x2c, 0x0e, 2, 4, 0x2a };

/* In the order of the TSS. */
static const u8 seg_order[6] = {
	VMM_SEG_ES, VMM_SEG_CS, VMM_SEG_SS, VMM_SEG_DS, VMM_SEG_FS, VMM_SEG_GS,
};

struct task {
	struct vmm_regs *regs;
	const struct task_switch *sw;
	const struct task_ops *ops;
	void *ctx;
	struct vie_fault *fault;
};

static enum vie_status raise(struct task *t, u8 vector, u32 error)
{
	*t->fault = (struct vie_fault) {
		.vector = vector, .has_error = true, .error = error | t->sw->external,
	};
	return VIE_FAULT;
}

static u32 selector_error(u16 selector)
{
	return selector & 0xfffc;
}

static u32 get(const u8 *image, unsigned int offset, unsigned int width)
{
	u32 value = 0;

	memcpy(&value, image + offset, width);
	return value;
}

static u32 register_at(const u8 *image, const struct layout *l, unsigned int n)
{
	return get(image, l->first + n * l->width, l->width);
}

static void unpack(struct vmm_seg *seg, u16 selector, u64 raw)
{
	u32 low = raw, high = raw >> 32, limit = (low & 0xffff) | (high & 0xf0000);

	*seg = (struct vmm_seg) {
		.selector = selector,
		.base = (low >> 16) | (high & 0xff) << 16 | (high & 0xff000000),
		.limit = high & BIT(23) ? limit << 12 | 0xfff : limit,
		.access = (high >> 8) & 0xf0ff,
	};
}

static u64 descriptor_gla(const struct vmm_regs *regs, u16 selector)
{
	u64 base = selector & 4 ? regs->seg[VMM_SEG_LDTR].base : regs->gdtr_base;

	return (u32)(base + (selector & 0xfff8));
}

static bool in_table(const struct vmm_regs *regs, u16 selector)
{
	const struct vmm_seg *ldt = &regs->seg[VMM_SEG_LDTR];

	if (!(selector & 4))
		return (selector | 7) <= regs->gdtr_limit;
	return !(ldt->access & VMM_SEG_ACC_UNUSABLE) && (selector | 7U) <= ldt->limit;
}

static enum vie_status read_descriptor(struct task *t, u16 selector, u64 *raw)
{
	return t->ops->read(t->ctx, t->regs, descriptor_gla(t->regs, selector), 8, raw, t->fault);
}

/* The busy bit of a TSS descriptor in the GDT. */
static enum vie_status set_busy(struct task *t, u16 selector, bool busy)
{
	u64 gla = descriptor_gla(t->regs, selector) + 5;
	enum vie_status status;
	u8 type;

	status = t->ops->read(t->ctx, t->regs, gla, 1, &type, t->fault);
	if (status != VIE_OK)
		return status;
	type = busy ? type | TYPE_BUSY : type & ~TYPE_BUSY;
	return t->ops->write(t->ctx, t->regs, gla, 1, &type, t->fault);
}

static enum vie_status save_old(struct task *t)
{
	const struct vmm_regs *r = t->regs;
	const struct vmm_seg *tr = &r->seg[VMM_SEG_TR];
	const struct layout *l = tr->access & TYPE_32 ? &layout32 : &layout16;
	u32 value[16], flags = r->rflags;
	u8 image[64];
	unsigned int i;

	if (t->sw->source == TASK_IRET)
		flags &= ~FLAGS_NT;
	value[0] = t->sw->return_rip;
	value[1] = flags;
	for (i = 0; i < 8; i++)
		value[2 + i] = r->gpr[i];
	for (i = 0; i < l->segs; i++)
		value[10 + i] = r->seg[seg_order[i]].selector;
	for (i = 0; i < 10u + l->segs; i++)
		memcpy(image + i * l->width, &value[i], l->width);
	return t->ops->write(t->ctx, r, (u32)(tr->base + l->first), (10 + l->segs) * l->width,
			     image, t->fault);
}

/* Before the registers change: descriptors, the link, the old task's state. */
static enum vie_status prepare(struct task *t, struct vmm_seg *tss, u8 *image,
			       const struct layout **layout)
{
	u16 old = t->regs->seg[VMM_SEG_TR].selector;
	u8 source = t->sw->source;
	enum vie_status status;
	u64 raw;

	if ((t->sw->selector & 4) || !in_table(t->regs, t->sw->selector))
		return VIE_UNKNOWN;
	status = read_descriptor(t, t->sw->selector, &raw);
	if (status != VIE_OK)
		return status;
	unpack(tss, t->sw->selector, raw);
	*layout = tss->access & TYPE_32 ? &layout32 : &layout16;
	if (tss->limit < (*layout)->len - 1u)
		return raise(t, VEC_TS, selector_error(t->sw->selector));
	status = t->ops->read(t->ctx, t->regs, tss->base, (*layout)->len, image, t->fault);
	if (status == VIE_OK)
		status = save_old(t);
	if (status == VIE_OK && (source == TASK_JMP || source == TASK_IRET))
		status = set_busy(t, old, false);
	if (status == VIE_OK && source != TASK_IRET)
		status = set_busy(t, t->sw->selector, true);
	if (status == VIE_OK && (source == TASK_CALL || source == TASK_GATE))
		status = t->ops->write(t->ctx, t->regs, tss->base, 2, &old, t->fault);
	return status;
}

static void load_registers(struct task *t, const struct vmm_seg *tss, const u8 *image,
			   const struct layout *l)
{
	struct vmm_regs *r = t->regs;
	u32 flags = register_at(image, l, 1);
	unsigned int i;

	if (t->sw->source == TASK_CALL || t->sw->source == TASK_GATE)
		flags |= FLAGS_NT;
	r->rip = register_at(image, l, 0);
	r->rflags = (flags & FLAGS_VALID) | FLAGS_ONE;
	for (i = 0; i < 8; i++)
		r->gpr[i] = l->width == 4 ? register_at(image, l, 2 + i) :
			    (r->gpr[i] & 0xffff0000) | register_at(image, l, 2 + i);
	r->seg[VMM_SEG_TR] = *tss;
	r->seg[VMM_SEG_TR].access |= TYPE_BUSY;
	r->cr0 |= CR0_TS;
	r->dr7 &= ~DR7_LOCAL;
}

static enum vie_status load_ldt(struct task *t, u16 selector)
{
	struct vmm_seg *ldt = &t->regs->seg[VMM_SEG_LDTR];
	enum vie_status status;
	struct vmm_seg seg;
	u64 raw;

	*ldt = (struct vmm_seg) { .selector = selector, .access = VMM_SEG_ACC_UNUSABLE };
	if (!selector_error(selector))
		return VIE_OK;
	if ((selector & 4) || !in_table(t->regs, selector))
		return raise(t, VEC_TS, selector_error(selector));
	status = read_descriptor(t, selector, &raw);
	if (status != VIE_OK)
		return status;
	unpack(&seg, selector, raw);
	if ((seg.access & 0x1f) != TYPE_LDT || !(seg.access & VMM_SEG_ACC_P))
		return raise(t, VEC_TS, selector_error(selector));
	*ldt = seg;
	return VIE_OK;
}

/* May @seg be loaded into @which at @cpl? 0, or the vector of the exception. */
static u8 judge(const struct vmm_seg *seg, unsigned int which, unsigned int cpl)
{
	unsigned int rpl = seg->selector & 3, dpl = (seg->access >> VMM_SEG_ACC_DPL_SHIFT) & 3;
	bool code = seg->access & TYPE_CODE, conforming = code && (seg->access & TYPE_CONFORMING);

	if (!(seg->access & VMM_SEG_ACC_S))
		return VEC_TS;
	switch (which) {
	case VMM_SEG_CS:
		if (!code || (conforming ? dpl > rpl : dpl != rpl))
			return VEC_TS;
		break;
	case VMM_SEG_SS:
		if (code || !(seg->access & TYPE_RW) || dpl != cpl || rpl != cpl)
			return VEC_TS;
		return seg->access & VMM_SEG_ACC_P ? 0 : VIE_SS;
	default:
		if (code && !(seg->access & TYPE_RW))
			return VEC_TS;
		if (!conforming && (dpl < cpl || dpl < rpl))
			return VEC_TS;
	}
	return seg->access & VMM_SEG_ACC_P ? 0 : VEC_NP;
}

static enum vie_status load_segment(struct task *t, unsigned int which, u16 selector,
				    unsigned int cpl)
{
	struct vmm_seg *seg = &t->regs->seg[which], new;
	enum vie_status status;
	u8 vector;
	u64 raw;

	if (t->regs->rflags & FLAGS_VM) {
		*seg = (struct vmm_seg) {
			.selector = selector, .base = selector << 4, .limit = 0xffff, .access = 0xf3,
		};
		return VIE_OK;
	}
	if (!selector_error(selector)) {
		if (which == VMM_SEG_CS || which == VMM_SEG_SS)
			return raise(t, VEC_TS, 0);
		*seg = (struct vmm_seg) { .selector = selector, .access = VMM_SEG_ACC_UNUSABLE };
		return VIE_OK;
	}
	if (!in_table(t->regs, selector))
		return raise(t, VEC_TS, selector_error(selector));
	status = read_descriptor(t, selector, &raw);
	if (status != VIE_OK)
		return status;
	unpack(&new, selector, raw);
	vector = judge(&new, which, cpl);
	if (vector)
		return raise(t, vector, selector_error(selector));
	/* The processor marks it accessed, here in the cache alone. */
	new.access |= 1;
	*seg = new;
	return VIE_OK;
}

/* CS and SS together: VM entry wants their privilege to agree. */
static enum vie_status load_segments(struct task *t, const u8 *image, const struct layout *l)
{
	struct vmm_seg old_cs = t->regs->seg[VMM_SEG_CS];
	u16 cs = register_at(image, l, 11), ss = register_at(image, l, 12);
	unsigned int i, cpl = t->regs->rflags & FLAGS_VM ? 3 : cs & 3;
	enum vie_status status;

	status = load_segment(t, VMM_SEG_CS, cs, cpl);
	if (status != VIE_OK)
		return status;
	status = load_segment(t, VMM_SEG_SS, ss, cpl);
	if (status != VIE_OK) {
		t->regs->seg[VMM_SEG_CS] = old_cs;
		return status;
	}
	for (i = 0; i < 6; i++) {
		if (seg_order[i] == VMM_SEG_CS || seg_order[i] == VMM_SEG_SS)
			continue;
		status = load_segment(t, seg_order[i], i < l->segs ? register_at(image, l, 10 + i) : 0,
				      cpl);
		if (status != VIE_OK)
			return status;
	}
	return VIE_OK;
}

static enum vie_status push_error(struct task *t, const struct layout *l)
{
	struct vmm_regs *r = t->regs;
	const struct vmm_seg *ss = &r->seg[VMM_SEG_SS];
	u64 mask = ss->access & VMM_SEG_ACC_DB ? 0xffffffff : 0xffff;
	u64 rsp = (r->gpr[VMM_REG_RSP] - l->width) & mask;
	enum vie_status status;

	status = t->ops->write(t->ctx, r, (u32)(ss->base + rsp), l->width, &t->sw->error, t->fault);
	if (status == VIE_OK)
		r->gpr[VMM_REG_RSP] = (r->gpr[VMM_REG_RSP] & ~mask) | rsp;
	return status;
}

enum vie_status task_switch(struct vmm_regs *regs, const struct task_switch *sw,
			    const struct task_ops *ops, void *ctx, struct vie_fault *fault)
{
	struct task t = { .regs = regs, .sw = sw, .ops = ops, .ctx = ctx, .fault = fault };
	const struct layout *l;
	enum vie_status status;
	struct vmm_seg tss;
	u8 image[0x68];

	status = prepare(&t, &tss, image, &l);
	if (status != VIE_OK)
		return status;
	load_registers(&t, &tss, image, l);
	if (l->width == 4 && (regs->cr0 & CR0_PG)) {
		regs->cr3 = get(image, 0x1c, 4);
		status = ops->load_cr3(ctx, regs, fault);
	}
	if (status == VIE_OK)
		status = load_ldt(&t, get(image, l->ldt, 2));
	if (status == VIE_OK)
		status = load_segments(&t, image, l);
	if (status == VIE_OK && sw->has_error)
		status = push_error(&t, l);
	if (status == VIE_OK && regs->rip > regs->seg[VMM_SEG_CS].limit)
		status = raise(&t, VIE_GP, 0);
	if (status == VIE_OK && l->width == 4 && (image[0x64] & 1)) {
		regs->dr6 |= DR6_BT;
		*fault = (struct vie_fault) { .vector = VEC_DB };
		status = VIE_FAULT;
	}
	return status;
}
