// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Guest linear addresses outside the emulation of an instruction: userspace's
 * question (VMM_GLA2GPA), and task switches. Process context, in the owner's
 * mm, vcpu->lock held.
 */
#include "fpu.h"
#include "gla.h"
#include "vmm.h"
#include "vmm_ioctl.h"

struct walk {
	struct vcpu *vcpu;
	struct gla_ctx gla;
};

static enum gla_status read_entry(void *ctx, u64 gpa, u64 *value)
{
	struct walk *w = ctx;
	int error = vm_read(w->vcpu->vm, gpa, value, 8);

	if (error == -ENOENT) {
		*value = ~0ULL;		/* nothing there: an open bus */
		return GLA_OK;
	}
	return error ? GLA_STOP : GLA_OK;
}

static enum gla_status change_entry(void *ctx, u64 gpa, u64 old, u64 new)
{
	struct walk *w = ctx;
	int error = vm_cmpxchg64(w->vcpu->vm, gpa, old, new);

	if (error == -EAGAIN)
		return GLA_CHANGED;
	/* Read-only memory: the bit stays. */
	return error && error != -ENOENT ? GLA_STOP : GLA_OK;
}

static const struct gla_ops gla_ops = {
	.read64 = read_entry,
	.cmpxchg64 = change_entry,
};

/* CACHE_CR, CACHE_RFLAGS and CACHE_SEG are loaded. */
static void begin(struct walk *w)
{
	gla_ctx_init(&w->gla, &w->vcpu->regs);
	w->gla.gpa_width = vcpuid_gpa_width(&w->vcpu->vm->cpuid);
	w->gla.has_1g = vcpuid_has_1g(&w->vcpu->vm->cpuid);
	w->gla.pkru = vmm_fpu_pkru(w->vcpu);
}

static long report_fault(struct vcpu *vcpu, struct vmm_gla *args, const struct vie_fault *fault)
{
	int error;

	args->fault = 1;
	args->vector = fault->vector;
	args->error_code = fault->has_error ? fault->error : 0;
	args->cr2 = fault->cr2;
	if (!(args->flags & VMM_GLA_INJECT))
		return 0;
	error = vcpu_queue_exception(vcpu, fault->vector, fault->has_error, fault->error);
	if (!error && fault->vector == VIE_PF)
		vcpu->regs.cr2 = fault->cr2;
	return error;
}

long ioctl_gla2gpa(void *object, void *arg)
{
	const u32 all = VMM_GLA_WRITE | VMM_GLA_EXEC | VMM_GLA_USER | VMM_GLA_IMPLICIT;
	struct vcpu *vcpu = object;
	struct walk w = { .vcpu = vcpu };
	struct vmm_gla *args = arg;
	struct gla_result result;
	unsigned int access;
	int error;

	static_assert(VMM_GLA_WRITE == GLA_WRITE && VMM_GLA_EXEC == GLA_EXEC &&
		      VMM_GLA_USER == GLA_USER && VMM_GLA_IMPLICIT == GLA_IMPLICIT);
	if (args->access & ~all || args->fault || args->gpa || args->page_size || args->vector ||
	    args->error_code || args->cr2 || args->reserved[0] || args->reserved[1] ||
	    (args->access & (GLA_WRITE | GLA_EXEC)) == (GLA_WRITE | GLA_EXEC))
		return -EINVAL;
	if (current->mm != vcpu->vm->mm)
		return -EIO;
	error = vmm_backend->load_regs(vcpu, CACHE_CR | CACHE_RFLAGS | CACHE_SEG);
	if (error)
		return error;
	begin(&w);
	access = args->access | (args->flags & VMM_GLA_INJECT ? GLA_SET_AD : 0);
	switch (gla_walk(&w.gla, args->gla, access, &gla_ops, &w, &result)) {
	case GLA_OK:
		args->gpa = result.gpa;
		args->page_size = result.page_size;
		return 0;
	case GLA_FAULT:
		return report_fault(vcpu, args, &result.fault);
	case GLA_CHANGED:
		return -EAGAIN;
	case GLA_STOP:
		break;
	}
	return -EFAULT;
}

static enum vie_status task_access(struct walk *w, const struct vmm_regs *regs, u64 gla,
				   unsigned int size, void *buf, bool write,
				   struct vie_fault *fault)
{
	unsigned int access = GLA_IMPLICIT | GLA_SET_AD | (write ? GLA_WRITE : 0), n;
	struct vm *vm = w->vcpu->vm;
	struct gla_result result;
	int error;

	/* Paging changes on the way. */
	gla_ctx_init(&w->gla, regs);
	for (; size; size -= n, gla += n, buf += n) {
		n = min_t(u64, size, PAGE_SIZE - (gla & ~PAGE_MASK));
		switch (gla_walk(&w->gla, gla, access, &gla_ops, w, &result)) {
		case GLA_OK:
			break;
		case GLA_FAULT:
			*fault = result.fault;
			return VIE_FAULT;
		default:
			return VIE_UNKNOWN;
		}
		error = write ? vm_write(vm, result.gpa, buf, n) : vm_read(vm, result.gpa, buf, n);
		if (error)
			return VIE_UNKNOWN;
	}
	return VIE_OK;
}

static enum vie_status task_read(void *ctx, const struct vmm_regs *regs, u64 gla,
				 unsigned int size, void *buf, struct vie_fault *fault)
{
	return task_access(ctx, regs, gla, size, buf, false, fault);
}

static enum vie_status task_write(void *ctx, const struct vmm_regs *regs, u64 gla,
				  unsigned int size, const void *buf, struct vie_fault *fault)
{
	return task_access(ctx, regs, gla, size, (void *)buf, true, fault);
}

static enum vie_status task_load_cr3(void *ctx, struct vmm_regs *regs, struct vie_fault *fault)
{
	struct walk *w = ctx;

	if (!vcpu_load_pdptes(w->vcpu, regs))
		return VIE_OK;
	*fault = (struct vie_fault) { .vector = VIE_GP, .has_error = true };
	return VIE_FAULT;
}

static const struct task_ops task_ops = {
	.read = task_read,
	.write = task_write,
	.load_cr3 = task_load_cr3,
};

int vcpu_task_switch(struct vcpu *vcpu, bool *to_user)
{
	const u32 parts = CACHE_RIP | CACHE_RSP | CACHE_RFLAGS | CACHE_SEG | CACHE_CR;
	struct walk w = { .vcpu = vcpu };
	struct vie_fault fault;
	struct vmm_regs regs;
	enum vie_status status;
	int error;

	*to_user = false;
	vcpu->work.kind = WORK_NONE;
	error = vmm_backend->load_regs(vcpu, parts | CACHE_EVENT);
	if (error)
		return error;
	begin(&w);
	regs = vcpu->regs;
	status = task_switch(&regs, &vcpu->work.task, &task_ops, &w, &fault);
	if (status == VIE_UNKNOWN) {
		vcpu->run->exit = VMM_EXIT_EMULATION;
		vcpu->run->emulation = (struct vmm_exit_emulation) {
			.gla = vcpu->regs.rip,
		};
		*to_user = true;
		return 0;
	}
	vcpu->regs = regs;
	/* A delivery ends blocking; so does the end of the instruction. */
	vcpu->regs.interruptibility &= ~3U;
	vcpu_dirty(vcpu, parts | CACHE_DR7 | CACHE_EVENT);
	vcpu->inst_len = 0;
	if (vcpu->step)
		set_bit(REQ_STEP, &vcpu->requests);
	if (status == VIE_FAULT) {
		if (fault.vector == VIE_PF)
			vcpu->regs.cr2 = fault.cr2;
		vcpu_inject(vcpu, fault.vector, fault.has_error, fault.error);
	}
	return 0;
}
