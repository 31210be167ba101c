// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Instruction emulation: fetch, decode and execute in process context, with
 * the vCPU's registers in vcpu->regs and guest memory through mem_access.c.
 *
 * Every byte range is translated by the guest's page tables, page by page,
 * then goes to memory or to a device. A device in userspace ends the attempt;
 * its answer is recorded and the instruction is run again.
 */
#include <linux/sched/signal.h>
#include "emulate.h"
#include "fpu.h"
#include "gla.h"
#include "vmm.h"

/* REP iterations done before the run loop looks around. */
#define EMU_BUDGET	64

void emu_give_up(struct emu_ctx *c, int error, u64 gpa, u32 access, bool walk)
{
	if (error != -EPERM) {
		c->host_fault = true;
		return;
	}
	c->denied = true;
	c->denied_walk = walk;
	c->denied_access = access;
	c->denied_gpa = gpa;
}

/* The access is not in memory: a device in the kernel, or userspace. */
static enum vie_status device(struct emu_ctx *c, u64 gpa, u32 size, bool write, void *data)
{
	struct vcpu *vcpu = c->vcpu;
	struct vcpu_emu *emu = vcpu->emu;
	struct emu_record *rec;
	u64 value = 0;

	if (size > EMU_DATA || emu->next >= EMU_RECORDS)
		return VIE_UNKNOWN;
	rec = &emu->record[emu->next];
	/* Another vCPU may have changed page tables or code meanwhile. */
	if (emu->next < emu->records &&
	    (rec->gpa != gpa || rec->size != size || rec->write != write))
		emu->records = emu->next;
	if (emu->next < emu->records) {
		emu->next++;
		if (!write)
			memcpy(data, rec->data, size);
		return VIE_OK;
	}
	rec->gpa = gpa;
	rec->size = size;
	rec->write = write;
	memset(rec->data, 0, sizeof(rec->data));
	if (write)
		memcpy(rec->data, data, size);
	if (size <= 8 && irqchip_owns_gpa(vcpu, gpa)) {
		if (write)
			memcpy(&value, data, size);
		if (irqchip_mmio(vcpu, gpa, size, write, &value) != VDEV_HANDLED)
			value = ~0ULL;
		if (!write) {
			memcpy(rec->data, &value, size);
			memcpy(data, &value, size);
		}
		emu->records++;
		emu->next++;
		return VIE_OK;
	}
	if (write && size <= 8) {
		memcpy(&value, data, size);
		if (ioeventfd_mmio(vcpu->vm, gpa, size, value)) {
			emu->records++;
			emu->next++;
			return VIE_OK;
		}
	}
	emu->waiting = EMU_MMIO;
	return VIE_USER;
}

static enum vie_status touch(struct emu_ctx *c, u64 gpa, u32 size, bool write, void *data)
{
	const struct vcpu_work *work = &c->vcpu->work;
	struct vm *vm = c->vcpu->vm;
	int error;

	/* The exit that led here was such an access, and found no memory. */
	if (work->gla_valid && !((gpa ^ work->gpa) & PAGE_MASK) &&
	    write == !!(work->access & VMM_PROT_WRITE))
		return device(c, gpa, size, write, data);
	error = write ? vm_write(vm, gpa, data, size) : vm_read(vm, gpa, data, size);
	if (!error)
		return VIE_OK;
	if (error == -ENOENT)
		return device(c, gpa, size, write, data);
	emu_give_up(c, error, gpa, write ? VMM_PROT_WRITE : VMM_PROT_READ, false);
	return VIE_UNKNOWN;
}

/* Both pages of a straddling access are translated before either is touched. */
static enum vie_status access_gla(struct emu_ctx *c, u64 gla, unsigned int size, void *data,
				  unsigned int access, bool write, struct vie_fault *fault)
{
	unsigned int gla_access = access & VIE_ACC_WRITE ? GLA_WRITE : GLA_READ;
	unsigned int first = min_t(u64, size, PAGE_SIZE - (gla & ~PAGE_MASK));
	enum vie_status status;
	u64 gpa, gpa2 = 0;

	status = emu_translate(c, gla, gla_access, &gpa, fault);
	if (status == VIE_OK && first < size)
		status = emu_translate(c, gla + first, gla_access, &gpa2, fault);
	if (status != VIE_OK || !data)
		return status;
	status = touch(c, gpa, first, write, data);
	if (status == VIE_OK && first < size)
		status = touch(c, gpa2, size - first, write, data + first);
	return status;
}

static enum vie_status emu_read(void *ctx, u64 gla, unsigned int size, void *buf,
				unsigned int access, struct vie_fault *fault)
{
	return access_gla(ctx, gla, size, buf, access, false, fault);
}

static enum vie_status emu_write(void *ctx, u64 gla, unsigned int size, const void *buf,
				 unsigned int access, struct vie_fault *fault)
{
	return access_gla(ctx, gla, size, (void *)buf, access | VIE_ACC_WRITE, true, fault);
}

static enum vie_status emu_probe(void *ctx, u64 gla, unsigned int size, unsigned int access,
				 struct vie_fault *fault)
{
	return access_gla(ctx, gla, size, NULL, access, false, fault);
}

static enum vie_status emu_io(void *ctx, u16 port, unsigned int size, unsigned int count,
			      bool in, void *data, struct vie_fault *fault)
{
	struct emu_ctx *c = ctx;
	struct vcpu_emu *emu = c->vcpu->emu;
	enum vdev_result result = VDEV_HANDLED;
	unsigned int i;

	/*
	 * The processor has checked the privilege for what it exited for, and
	 * nothing else: another vCPU may have changed the code since.
	 */
	if (!c->vcpu->work.string_io || port != c->vcpu->work.port ||
	    size != c->vcpu->work.size || in != c->vcpu->work.in)
		return VIE_UNKNOWN;
	if (size * count > sizeof(emu->string))
		return VIE_UNKNOWN;
	if (emu->string_answered) {
		if (in)
			memcpy(data, emu->string, size * count);
		return VIE_OK;
	}
	for (i = 0; i < count && result == VDEV_HANDLED; i++) {
		u64 value = 0;

		if (!in)
			memcpy(&value, data + i * size, size);
		result = irqchip_port(c->vcpu, port, size, !in, &value);
		if (in)
			memcpy(data + i * size, &value, size);
	}
	if (result == VDEV_HANDLED)
		return VIE_OK;
	emu->waiting = EMU_IO_STRING;
	emu->port = port;
	emu->size = size;
	emu->count = count;
	emu->in = in;
	if (!in)
		memcpy(emu->string, data, size * count);
	return VIE_USER;
}

static void emu_get_vector(void *ctx, unsigned int reg, u8 data[VIE_VECTOR_MAX])
{
	struct emu_ctx *c = ctx;

	vmm_fpu_get_vector(c->vcpu, reg, data);
}

static void emu_set_vector(void *ctx, unsigned int reg, const u8 data[VIE_VECTOR_MAX], bool whole)
{
	struct emu_ctx *c = ctx;

	vmm_fpu_set_vector(c->vcpu, reg, data, whole);
}

static const struct vie_ops emu_ops = {
	.read = emu_read,
	.write = emu_write,
	.probe = emu_probe,
	.io = emu_io,
	.get_vector = emu_get_vector,
	.set_vector = emu_set_vector,
};

static void exit_to_user(struct vcpu *vcpu)
{
	struct vcpu_emu *emu = vcpu->emu;
	struct vmm_run *run = vcpu->run;
	const struct emu_record *rec = &emu->record[emu->records];

	if (emu->waiting == EMU_MMIO) {
		run->exit = VMM_EXIT_MMIO;
		run->mmio = (struct vmm_exit_mmio) {
			.gpa = rec->gpa, .size = rec->size, .write = rec->write,
		};
		memcpy(run->data, rec->data, rec->size);
	} else {
		run->exit = VMM_EXIT_IO;
		run->io = (struct vmm_exit_io) {
			.port = emu->port, .size = emu->size, .in = emu->in, .count = emu->count,
		};
		if (!emu->in)
			memcpy(run->data, emu->string, emu->size * emu->count);
	}
}

/* A new RIP, or new registers: what was decoded is not the next instruction. */
static void forget_answers(struct vcpu_emu *emu)
{
	emu->records = 0;
	emu->string_answered = false;
}

/* What the instruction has been answered so far is kept: it goes on from there. */
static void ask_for_pass(struct emu_ctx *c)
{
	struct vcpu *vcpu = c->vcpu;
	const struct vcpu_work *work = &vcpu->work;
	bool known = work->gla_valid && !((work->gpa ^ c->denied_gpa) & PAGE_MASK);

	vcpu->denied = (struct vmm_exit_protect) {
		.gpa = c->denied_gpa,
		.gla = known ? work->gla : 0,
		.rip = vcpu->regs.rip,
		.access = c->denied_access,
		.flags = VMM_PROTECT_EMULATED | (known ? VMM_PROTECT_GLA : 0) |
			 (c->denied_walk ? VMM_PROTECT_WALK : 0),
	};
	vcpu->emu->waiting = EMU_PROTECT;
	vcpu->run->exit = VMM_EXIT_PROTECT;
	vcpu->run->protect = vcpu->denied;
}

static void refuse(struct emu_ctx *c)
{
	struct vcpu *vcpu = c->vcpu;
	struct vmm_exit_emulation e = {
		.gpa = vcpu->work.gpa, .gla = vcpu->work.gla, .inst_len = vcpu->emu->inst_len,
	};

	if (c->denied) {
		ask_for_pass(c);
		return;
	}
	forget_answers(vcpu->emu);
	if (c->host_fault) {
		vcpu->run->exit = VMM_EXIT_MEMORY;
		vcpu->run->memory = (struct vmm_exit_memory) {
			.gpa = vcpu->work.gpa, .access = vcpu->work.access, .error = -EFAULT,
		};
		return;
	}
	memcpy(e.inst, vcpu->emu->inst, vcpu->emu->inst_len);
	vcpu->run->exit = VMM_EXIT_EMULATION;
	vcpu->run->emulation = e;
}

/* Flat in 64-bit mode but for FS and GS: seldom needed, and many fields of the VMCS. */
static int load_data_segments(struct vcpu *vcpu, u8 seg)
{
	if (vie_mode(&vcpu->regs) == VIE_64 && seg != VMM_SEG_FS && seg != VMM_SEG_GS)
		return 0;
	return vmm_backend->load_regs(vcpu, CACHE_SEG);
}

/* One attempt at one instruction or one REP iteration. */
static enum vie_status attempt(struct emu_ctx *c, struct vie_fault *fault)
{
	struct vcpu *vcpu = c->vcpu;
	struct vcpu_emu *emu = vcpu->emu;
	enum vie_status status;

	emu->next = 0;
	emu->waiting = EMU_NOTHING;
	/* With an answer on record it is the instruction that asked. */
	status = emu->records || emu->string_answered ? VIE_OK :
		 emu_fetch(c, &emu->vie, fault);
	if (status == VIE_OK)
		status = load_data_segments(vcpu, emu->vie.seg) ? VIE_UNKNOWN :
			 vie_exec(&emu->vie, &vcpu->regs, &emu_ops, c, fault);
	if (status == VIE_OK || status == VIE_AGAIN || status == VIE_FAULT)
		forget_answers(emu);
	return status;
}

/* The registers have moved on; end the interrupt shadow, trap if stepping. */
static void finish_step(struct vcpu *vcpu)
{
	vcpu->inst_len = 0;
	vcpu_dirty(vcpu, CACHE_RIP | CACHE_RSP | CACHE_RFLAGS);
	vcpu_advance(vcpu);
}

/* CACHE_CR, CACHE_RFLAGS and CACHE_SEG are loaded. */
static void begin(struct emu_ctx *c)
{
	struct vcpu *vcpu = c->vcpu;

	gla_ctx_init(&c->gla, &vcpu->regs);
	c->gla.gpa_width = vcpu->vm->msr_caps.gpa_width;
	c->gla.has_1g = vcpu->vm->has_1g;
	c->gla.pkru = vmm_fpu_pkru(vcpu);
}

int vcpu_emulate(struct vcpu *vcpu, bool *to_user)
{
	struct emu_ctx c;
	enum vie_status status;
	struct vie_fault fault;
	unsigned int budget;
	int error;

	c.vcpu = vcpu;
	c.host_fault = false;
	c.denied = false;
	*to_user = false;
	vcpu->work.kind = WORK_EMULATE;
	error = vmm_backend->load_regs(vcpu, CACHE_EMULATE);
	if (error)
		return error;
	begin(&c);
	vcpu_stat(vcpu, STAT_EMULATED);

	for (budget = EMU_BUDGET; budget; budget--) {
		status = attempt(&c, &fault);
		if (status != VIE_AGAIN)
			break;
		finish_step(vcpu);
		/* The trap comes after each iteration. */
		if (vcpu->step || vcpu->regs.rflags & X86_EFLAGS_TF)
			break;
	}
	switch (status) {
	case VIE_OK:
		finish_step(vcpu);
		break;
	case VIE_AGAIN:
		break;
	case VIE_FAULT:
		if (fault.vector == VIE_PF)
			vcpu->regs.cr2 = fault.cr2;
		vcpu_inject(vcpu, fault.vector, fault.has_error, fault.error);
		break;
	case VIE_USER:
		if (vcpu->emu->waiting == EMU_NOTHING)
			return 0;	/* page tables changed under us: once more */
		exit_to_user(vcpu);
		*to_user = true;
		break;
	case VIE_TRUNCATED:
	case VIE_UNKNOWN:
		refuse(&c);
		*to_user = true;
		break;
	}
	vcpu->work.kind = WORK_NONE;
	return 0;
}

void vcpu_abandon(struct vcpu *vcpu, u32 groups)
{
	struct vcpu_emu *emu = vcpu->emu;

	if (groups & VMM_REGS_CR && vcpu->work.kind == WORK_PDPTES)
		vcpu->work.kind = WORK_NONE;
	if (groups & VMM_REGS_GPR)
		emu->waiting = EMU_NOTHING;
	if (!(groups & (VMM_REGS_GPR | VMM_REGS_SEG | VMM_REGS_CR)))
		return;
	vcpu_pass_drop(vcpu);
	if (emu->waiting == EMU_MMIO || emu->waiting == EMU_IO_STRING ||
	    emu->waiting == EMU_PROTECT)
		emu->waiting = EMU_NOTHING;
	if (vcpu->work.kind == WORK_EMULATE || vcpu->work.kind == WORK_PAGING)
		vcpu->work.kind = WORK_NONE;
	forget_answers(emu);
}

/* Userspace may scribble on the page at any time: every value is read once. */
void vcpu_finish_exit(struct vcpu *vcpu)
{
	struct vcpu_emu *emu = vcpu->emu;
	struct emu_record *rec;
	u32 value;

	switch (emu->waiting) {
	case EMU_NOTHING:
		break;
	case EMU_MMIO:
		rec = &emu->record[emu->records++];
		if (!rec->write)
			memcpy(rec->data, vcpu->run->data, rec->size);
		vcpu->work.kind = WORK_EMULATE;
		break;
	case EMU_IO_STRING:
		if (emu->in)
			memcpy(emu->string, vcpu->run->data, emu->size * emu->count);
		emu->string_answered = true;
		vcpu->work.kind = WORK_EMULATE;
		break;
	case EMU_IO:
		if (!emu->in)
			break;
		memcpy(&value, vcpu->run->data, sizeof(value));
		vcpu_set_io_result(vcpu, emu->size, value);
		break;
	case EMU_PROTECT:
		if (vcpu_protect_answer(vcpu))
			break;
		forget_answers(emu);
		vcpu->work.kind = WORK_NONE;
		break;
	case EMU_RDMSR:
	case EMU_WRMSR:
		vcpu_finish_msr(vcpu);
		break;
	}
	emu->waiting = EMU_NOTHING;
}
