// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Finding the instruction to emulate: the guest's page tables, its code, and
 * what is remembered of the last few. Process context, vcpu->lock held.
 */
#include <linux/uaccess.h>
#include "emulate.h"
#include "vmm.h"

/*
 * Reads of code and page tables, up to five per instruction: through the owner's
 * mapping, which costs a third of holding the page. The VM's policy applies as
 * it does to the guest's own accesses. *@from is where it lies there.
 */
static int emu_read_memory(struct vm *vm, u64 gpa, void *buf, u32 len, u64 *from)
{
	const struct memseg *seg;
	bool in_devmem = false;
	int error = -ENOENT;
	u64 hva = 0;
	u32 prot;

	if (current->mm != vm->mm)
		return -EFAULT;
	spin_lock(&vm->mem.lock);
	seg = vm_find_memseg(vm, gpa);
	if (seg && len <= seg->gpa + seg->len - gpa) {
		vm_gpa_limits(vm, seg, gpa, &prot);
		hva = seg->hva + (gpa - seg->gpa);
		in_devmem = seg->devmem;
		error = prot & (VMM_PROT_READ | VMM_PROT_EXEC) ? 0 : -EPERM;
	}
	spin_unlock(&vm->mem.lock);
	if (error)
		return error;
	*from = in_devmem ? 0 : hva;	/* of a devmem: nowhere */
	if (unlikely(in_devmem))
		return vm_read(vm, gpa, buf, len);
	if (len == sizeof(u64))
		return get_user(*(u64 *)buf, (u64 __user *)hva);
	return copy_from_user(buf, (void __user *)hva, len) ? -EFAULT : 0;
}

static enum gla_status read_entry(void *ctx, u64 gpa, u64 *value)
{
	struct emu_ctx *c = ctx;
	int error = emu_read_memory(c->vcpu->vm, gpa, value, 8, &c->from);

	if (c->entries < GLA_LEVELS_MAX)
		c->entry[c->entries] = c->from;
	c->entries++;
	if (error == -ENOENT) {
		*value = ~0ULL;		/* nothing there: an open bus */
		return GLA_OK;
	}
	if (error)
		emu_give_up(c, error, gpa, VMM_PROT_READ, true);
	return error ? GLA_STOP : GLA_OK;
}

static enum gla_status change_entry(void *ctx, u64 gpa, u64 old, u64 new)
{
	struct emu_ctx *c = ctx;
	int error = vm_cmpxchg64(c->vcpu->vm, gpa, old, new);

	if (error == -EAGAIN)
		return GLA_CHANGED;
	if (error == -ENOENT)
		return GLA_OK;		/* read-only memory: the bit stays */
	if (error)
		emu_give_up(c, error, gpa, VMM_PROT_WRITE, true);
	return error ? GLA_STOP : GLA_OK;
}

const struct gla_ops emu_gla_ops = {
	.read64 = read_entry,
	.cmpxchg64 = change_entry,
};

/*
 * The processor has translated the operand's page itself and found that the
 * access is allowed, or it would have raised #PF and no EPT violation.
 */
static bool was_translated(const struct vcpu_work *work, u64 gla, unsigned int access)
{
	if (!work->gla_valid || (gla ^ work->gla) & PAGE_MASK || access & GLA_EXEC)
		return false;
	return !(access & GLA_WRITE) || work->access & VMM_PROT_WRITE;
}

static struct emu_fetch *fetch_of(const struct vcpu *vcpu)
{
	u64 rip = vcpu->regs.rip;

	return &vcpu->emu->fetch[(rip ^ rip >> 3) % EMU_FETCHES];
}

/* Keep the walk to an instruction if a later one can be compared with it. */
static void note_walk(struct emu_ctx *c, const struct gla_result *result)
{
	struct emu_fetch *f = fetch_of(c->vcpu);
	const struct vmm_regs *r = &c->vcpu->regs;
	u32 i;

	f->steps = 0;
	/*
	 * Only of 64-bit code, whose RIP is the linear address: entries of eight
	 * bytes, each read once.
	 */
	if (!(r->efer & EFER_LMA) || !(r->seg[VMM_SEG_CS].access & VMM_SEG_ACC_L) ||
	    c->entries != result->steps ||
	    result->steps > GLA_LEVELS_MAX)
		return;
	for (i = 0; i < result->steps; i++) {
		/* What the walk has read had its A bit, or would read otherwise now. */
		f->entry[i] = c->entry[i];
		f->value[i] = result->step[i].entry;
	}
	f->rip = r->rip;
	f->cr0 = r->cr0;
	f->cr3 = r->cr3;
	f->cr4 = r->cr4;
	f->efer = r->efer;
	f->cs_access = r->seg[VMM_SEG_CS].access;
	f->cpl = vie_cpl(r);
	f->code = 0;
	f->gen = atomic64_read(&c->vcpu->vm->mem.gen);
	f->steps = result->steps;
}

/* The bytes that were decoded, if they can be read again as whole words. */
static void note_code(const struct vcpu *vcpu, u64 hva, u32 have)
{
	struct vcpu_emu *emu = vcpu->emu;
	struct emu_fetch *f = fetch_of(vcpu);
	u32 i;

	if (have < sizeof(f->word) - 1 || (hva & ~PAGE_MASK) > PAGE_SIZE - sizeof(f->word)) {
		f->steps = 0;
		return;
	}
	for (i = 0; i < EMU_FETCH_WORDS; i++)
		if (get_user(f->word[i], (u64 __user *)(hva + 8 * i)))
			f->steps = 0;
	if (memcmp(f->word, emu->inst, have))
		f->steps = 0;
	f->code = hva;
	f->vie = emu->vie;
}

/* Is what was remembered the instruction at RIP? */
static bool same_instruction(const struct vcpu *vcpu)
{
	const struct emu_fetch *f = fetch_of(vcpu);
	const struct vmm_regs *r = &vcpu->regs;
	u64 value;
	u32 i;

	if (!f->steps || !f->code || f->rip != r->rip || f->cr3 != r->cr3 ||
	    f->cr0 != r->cr0 || f->cr4 != r->cr4 || f->efer != r->efer ||
	    f->cs_access != r->seg[VMM_SEG_CS].access || f->cpl != vie_cpl(r) ||
	    f->gen != atomic64_read(&vcpu->vm->mem.gen) || current->mm != vcpu->vm->mm)
		return false;
	for (i = 0; i < f->steps; i++)
		if (get_user(value, (u64 __user *)f->entry[i]) || value != f->value[i])
			return false;
	for (i = 0; i < EMU_FETCH_WORDS; i++)
		if (get_user(value, (u64 __user *)(f->code + 8 * i)) || value != f->word[i])
			return false;
	return true;
}

enum vie_status emu_translate(struct emu_ctx *c, u64 gla, unsigned int access, u64 *gpa,
			      struct vie_fault *fault)
{
	const struct vcpu_work *work = &c->vcpu->work;
	struct gla_result result;

	if (was_translated(work, gla, access)) {
		*gpa = (work->gpa & PAGE_MASK) | (gla & ~PAGE_MASK);
		return VIE_OK;
	}
	if (vie_cpl(&c->vcpu->regs) == 3)
		access |= GLA_USER;
	c->entries = 0;
	switch (gla_walk(&c->gla, gla, access | GLA_SET_AD, &emu_gla_ops, c, &result)) {
	case GLA_OK:
		*gpa = result.gpa;
		if (access & GLA_EXEC)
			note_walk(c, &result);
		return VIE_OK;
	case GLA_FAULT:
		*fault = result.fault;
		return VIE_FAULT;
	case GLA_CHANGED:
		return VIE_USER;	/* run again; nothing waits */
	case GLA_STOP:
		break;
	}
	return VIE_UNKNOWN;
}

/* Up to 15 bytes at CS:RIP, page by page as far as the decoder needs them. */
enum vie_status emu_fetch(struct emu_ctx *c, struct vie *vie, struct vie_fault *fault)
{
	struct vcpu *vcpu = c->vcpu;
	struct vcpu_emu *emu = vcpu->emu;
	enum vie_mode mode = vie_mode(&vcpu->regs);
	enum vie_status status = VIE_TRUNCATED;
	unsigned int room, have = 0, n;
	u64 gla, gpa;
	int error;

	if (same_instruction(vcpu)) {
		*vie = fetch_of(vcpu)->vie;
		memcpy(emu->inst, fetch_of(vcpu)->word, sizeof(emu->inst));
		emu->inst_len = sizeof(emu->inst);
		return VIE_OK;
	}
	emu->inst_len = 0;
	fetch_of(vcpu)->steps = 0;
	gla = vie_fetch_gla(&vcpu->regs, &room);
	while (status == VIE_TRUNCATED && have < room) {
		n = min_t(u64, room - have, PAGE_SIZE - ((gla + have) & ~PAGE_MASK));
		status = emu_translate(c, gla + have, GLA_EXEC, &gpa, fault);
		if (status != VIE_OK)
			return status;
		error = emu_read_memory(vcpu->vm, gpa, emu->inst + have, n, &c->from);
		if (error) {
			if (error == -EPERM)
				emu_give_up(c, error, gpa, VMM_PROT_EXEC, false);
			return VIE_UNKNOWN;
		}
		have += n;
		emu->inst_len = have;
		status = vie_decode(vie, emu->inst, have, mode);
	}
	if (status == VIE_OK && have == n)
		note_code(vcpu, c->from, have);
	else
		fetch_of(vcpu)->steps = 0;
	if (status != VIE_TRUNCATED)
		return status;
	*fault = (struct vie_fault) { .vector = VIE_GP, .has_error = true };
	return room < VIE_INST_MAX ? VIE_FAULT : VIE_UNKNOWN;
}
