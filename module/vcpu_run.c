// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * VMM_RUN: the loop around bursts, in process context under vcpu->lock.
 *
 * Each turn first serves requests that change the vCPU as a whole (INIT, SIPI,
 * suspend), sleeps if the vCPU is halted, finishes the work that the last
 * burst left, and only then runs the next one.
 */
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include "compat.h"
#include "emulate.h"
#include "fpu.h"
#include "vmm.h"

/* > 0: return to userspace with the run page filled in. */
#define TO_USER 1

static bool signal_waits(struct vcpu *vcpu)
{
	return signal_pending(current) || READ_ONCE(vcpu->run->immediate_exit);
}

static int do_init(struct vcpu *vcpu)
{
	int error = vmm_backend->load_regs(vcpu, CACHE_ALL);

	if (error)
		return error;
	vcpu_abandon(vcpu, VMM_REGS_ALL);
	vcpu_irq_reset(vcpu, true);
	vmm_backend->vcpu_reset(vcpu, true);
	vcpu->work.kind = WORK_NONE;
	vcpu->activity = vcpu->id ? VMM_ACTIVITY_WAIT_SIPI : VMM_ACTIVITY_RUNNING;
	return 0;
}

/* SDM "MP Initialization Protocol Algorithm": CS = vv00h, base vv000h, IP 0. */
static int do_sipi(struct vcpu *vcpu)
{
	u32 vector = READ_ONCE(vcpu->irq->sipi_vector) & 0xff;
	struct vmm_seg *cs = &vcpu->regs.seg[VMM_SEG_CS];

	int error;

	if (vcpu->activity != VMM_ACTIVITY_WAIT_SIPI)
		return 0;
	error = vmm_backend->load_regs(vcpu, CACHE_CODE | CACHE_RIP);
	if (error)
		return error;
	cs->selector = vector << 8;
	cs->base = vector << 12;
	vcpu->regs.rip = 0;
	vcpu_dirty(vcpu, CACHE_CODE | CACHE_RIP);
	vcpu->activity = VMM_ACTIVITY_RUNNING;
	return 0;
}

/*
 * INIT and SIPI, taken in one go: a SIPI seen alone would be dropped if the
 * INIT before it came after the look. The vCPU stops counting as halted before
 * the request disappears, or the others could find all halted in between.
 */
static int serve_startup(struct vcpu *vcpu)
{
	unsigned long mask = BIT(REQ_INIT) | BIT(REQ_SIPI), old;
	int error = 0;

	if (likely(!(READ_ONCE(vcpu->requests) & mask)))
		return 0;
	atomic64_andnot(BIT_ULL(vcpu->id), &vcpu->vm->halted);
	do {
		old = READ_ONCE(vcpu->requests);
	} while (cmpxchg(&vcpu->requests, old, old & ~mask) != old);
	if (old & BIT(REQ_INIT))
		error = do_init(vcpu);
	if (!error && (old & BIT(REQ_SIPI)))
		error = do_sipi(vcpu);
	return error;
}

static int do_suspend(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;
	int error;

	vcpu_pass_end(vcpu);
	error = vm_suspend_wait(vcpu);
	if (error)
		return error == -EAGAIN ? 0 : error;
	vcpu->run->exit = VMM_EXIT_SUSPENDED;
	vcpu->run->suspended = (struct vmm_exit_suspended) {
		.how = atomic_read(&vm->suspend), .vcpu = READ_ONCE(vm->suspend_by),
	};
	return TO_USER;
}

/* Until somebody wants the lock, perhaps to let the vCPU go, or a suspend. */
static int wait_stopped(struct vcpu *vcpu)
{
	int error;

	WRITE_ONCE(vcpu->asleep, true);
	error = rcuwait_wait_event(&vcpu->wait, test_bit(REQ_KICK, &vcpu->requests) ||
				   atomic_read(&vcpu->vm->suspend) != VMM_SUSPEND_NONE ||
				   signal_waits(vcpu) || test_thread_flag(TIF_NOTIFY_RESUME),
				   TASK_INTERRUPTIBLE);
	WRITE_ONCE(vcpu->asleep, false);
	return error == -EINTR ? -EINTR : 0;
}

static int serve_requests(struct vcpu *vcpu)
{
	/* Somebody else wants the lock: out, and in again after them. */
	if (unlikely(test_and_clear_bit(REQ_KICK, &vcpu->requests)) &&
	    atomic_read(&vcpu->waiters))
		return TO_USER;
	if (unlikely(atomic_read(&vcpu->vm->suspend) != VMM_SUSPEND_NONE)) {
		clear_bit(REQ_SUSPEND, &vcpu->requests);
		return do_suspend(vcpu);
	}
	if (unlikely(test_and_clear_bit(REQ_APIC_PAGE, &vcpu->requests)))
		irqchip_unmap_apic(vcpu->vm);
	if (unlikely(test_and_clear_bit(REQ_STEP, &vcpu->requests)) && vcpu->step &&
	    vcpu_exit_step(vcpu) == EXIT_USER)
		return TO_USER;
	/* A full barrier, then one_turn() looks at vm->passing: pairs with begin(). */
	if (unlikely(READ_ONCE(vcpu->requests) & BIT(REQ_PASSING)))
		test_and_clear_bit(REQ_PASSING, &vcpu->requests);
	if (unlikely(vcpu->stopped))
		return wait_stopped(vcpu);
	return serve_startup(vcpu);
}

/*
 * Is there a reason not to sleep? Any request is: it is served and the vCPU
 * looks again.
 */
static bool must_wake(struct vcpu *vcpu)
{
	return READ_ONCE(vcpu->requests) ||
	       atomic_read(&vcpu->vm->suspend) != VMM_SUSPEND_NONE;
}

/* HLT or wait-for-SIPI. Returns with the activity changed, or to look again. */
static int sleep_halted(struct vcpu *vcpu)
{
	u64 bit = BIT_ULL(vcpu->id);
	bool for_good;
	int error;

	vcpu_irq_sync(vcpu);
	if (vcpu->activity == VMM_ACTIVITY_HALTED && vcpu_irq_wakes(vcpu)) {
		vcpu->activity = VMM_ACTIVITY_RUNNING;
		vcpu->work.kind = WORK_NONE;
		return 0;
	}
	/* Only an NMI, INIT or SIPI could wake it: it counts as halted for good. */
	for_good = vcpu->activity == VMM_ACTIVITY_WAIT_SIPI ||
		   !(vcpu->regs.rflags & X86_EFLAGS_IF);
	if (for_good) {
		atomic64_or(bit, &vcpu->vm->halted);
		vm_check_all_halted(vcpu);
	}
	WRITE_ONCE(vcpu->asleep, true);
	error = rcuwait_wait_event(&vcpu->wait, must_wake(vcpu) || signal_waits(vcpu) ||
				   test_thread_flag(TIF_NOTIFY_RESUME),
				   TASK_INTERRUPTIBLE);
	WRITE_ONCE(vcpu->asleep, false);
	if (for_good && vcpu->activity != VMM_ACTIVITY_WAIT_SIPI)
		atomic64_andnot(bit, &vcpu->vm->halted);
	return error == -EINTR ? -EINTR : 0;
}

/* The work stays: unless userspace says otherwise it is tried again. */
static void tell_denied(struct vcpu *vcpu)
{
	const struct vcpu_work *work = &vcpu->work;

	vcpu->denied = (struct vmm_exit_protect) {
		.gpa = work->gpa, .gla = work->gla, .rip = vcpu->regs.rip, .access = work->access,
		.flags = (work->gla_known ? VMM_PROTECT_GLA : 0) |
			 (work->gla_known && !work->gla_valid ? VMM_PROTECT_WALK : 0),
	};
	vcpu->emu->waiting = EMU_PROTECT;
	vcpu->run->exit = VMM_EXIT_PROTECT;
	vcpu->run->inst_length = 0;
	vcpu->run->protect = vcpu->denied;
}

static int do_paging(struct vcpu *vcpu, bool *emulate)
{
	struct vcpu_work *work = &vcpu->work;
	u64 hva = 0;
	int error;

	vcpu_stat(vcpu, STAT_PAGE_FAULTS);
	error = vm_fault(vcpu->vm, work->gpa, work->access, &hva);
	if (!error) {
		work->kind = WORK_NONE;
		return 0;
	}
	if (error == -ENOENT && work->gla_valid && !(work->access & VMM_PROT_EXEC) &&
	    !vcpu->exit_intinfo) {
		if (irqchip_map_apic(vcpu, work->gpa)) {
			work->kind = WORK_NONE;
			return 0;
		}
		vcpu->mmio_page = work->gpa & PAGE_MASK;
		*emulate = true;
		return 0;
	}
	if (error == -EPERM) {
		tell_denied(vcpu);
		return TO_USER;
	}
	vcpu->run->exit = VMM_EXIT_MEMORY;
	vcpu->run->inst_length = 0;
	vcpu->run->memory = (struct vmm_exit_memory) {
		.gpa = work->gpa, .hva = hva, .access = work->access, .error = error,
	};
	return TO_USER;
}

/* The write to CR0 or CR4 happens only if the PDPTEs are good. */
static int do_pdptes(struct vcpu *vcpu)
{
	struct vmm_regs *r = &vcpu->regs;
	struct vmm_regs new;
	int error = vmm_backend->load_regs(vcpu, CACHE_CR | CACHE_ADVANCE);

	if (error)
		return error;
	new = *r;
	new.cr0 = vcpu->work.cr0;
	new.cr4 = vcpu->work.cr4;
	new.efer = vcpu->work.value;
	vcpu->work.kind = WORK_NONE;
	if (vcpu_load_pdptes(vcpu, &new)) {
		vcpu_inject_gp(vcpu);
		return 0;
	}
	r->cr0 = new.cr0;
	r->cr4 = new.cr4;
	r->efer = new.efer;
	memcpy(r->pdpte, new.pdpte, sizeof(r->pdpte));
	vcpu_dirty(vcpu, CACHE_CR);
	vcpu_advance(vcpu);
	return 0;
}

static int do_work(struct vcpu *vcpu)
{
	bool to_user = false, emulate = false;
	int error = 0;

	switch (vcpu->work.kind) {
	case WORK_PAGING:
		error = do_paging(vcpu, &emulate);
		if (error || !emulate)
			break;
		vcpu->work.kind = WORK_EMULATE;
		fallthrough;
	case WORK_EMULATE:
		vcpu->run->inst_length = 0;
		error = vcpu_emulate(vcpu, &to_user);
		if (!error && to_user)
			error = TO_USER;
		break;
	case WORK_TASK:
		vcpu->run->inst_length = 0;
		error = vcpu_task_switch(vcpu, &to_user);
		if (!error && to_user)
			error = TO_USER;
		break;
	case WORK_PDPTES:
		error = do_pdptes(vcpu);
		break;
	case WORK_IOEVENT:
		/* Removed meanwhile: then the write came before the removal. */
		ioeventfd_port(vcpu->vm, vcpu->work.port, vcpu->work.size, vcpu->work.value, true);
		vcpu->work.kind = WORK_NONE;
		break;
	case WORK_SPLIT_LOCK:
		vcpu->work.kind = WORK_NONE;
		if (!vmm_guest_split_lock(vcpu->regs.rip))
			vcpu_inject(vcpu, 17, true, 0);
		break;
	default:
		vcpu->work.kind = WORK_NONE;
	}
	return error;
}

static int one_turn(struct vcpu *vcpu)
{
	enum exit_action action;
	int error;

	cond_resched();
	if (signal_waits(vcpu))
		return -EINTR;
	/* Work for the way to user mode (rseq, task work): go there and back. */
	if (test_thread_flag(TIF_NOTIFY_RESUME))
		return TO_USER;
	error = serve_requests(vcpu);
	if (unlikely(vcpu->pass.done))
		vcpu_pass_drop(vcpu);
	if (error)
		return error;
	if (vcpu->activity != VMM_ACTIVITY_RUNNING) {
		vcpu_pass_end(vcpu);
		return sleep_halted(vcpu);
	}
	if (unlikely(vcpu->pass.count || READ_ONCE(vcpu->vm->passing)) && !vcpu_pass_begin(vcpu))
		return 0;
	if (vcpu->work.kind != WORK_NONE)
		return do_work(vcpu);
	error = vmm_backend->run(vcpu, &action);
	if (error)
		return error;
	return action == EXIT_USER ? TO_USER : 0;
}

static int load_dirty(struct vcpu *vcpu)
{
	struct vmm_run *run = vcpu->run;
	u32 groups = READ_ONCE(run->regs_dirty);
	struct vmm_vcpu_regs *copy;
	int error;

	if (likely(!groups))
		return 0;
	copy = kmalloc(sizeof(*copy), GFP_KERNEL_ACCOUNT);
	if (!copy)
		return -ENOMEM;
	/* A private copy: userspace may change the page while we check it. */
	copy->regs = run->regs;
	error = vcpu_set_regs(vcpu, &copy->regs, groups);
	kfree(copy);
	if (!error)
		run->regs_dirty = 0;
	return error;
}

int vcpu_run(struct vcpu *vcpu)
{
	int result, error;
	bool waits;

	lockdep_assert_held(&vcpu->lock);
	if (!vcpu->active)
		return -EINVAL;
	vcpu_follow_clock(vcpu);
	vcpu_finish_exit(vcpu);
	vcpu->run->exit = VMM_EXIT_NONE;
	/*
	 * The instruction that userspace has answered comes first, before new
	 * registers and signals. Should it need another answer, new registers
	 * put an end to it.
	 */
	result = vcpu->work.kind == WORK_EMULATE && !vcpu->pass.count ? do_work(vcpu) : 0;
	if (result >= 0) {
		waits = vcpu->emu->waiting != EMU_NOTHING;
		error = load_dirty(vcpu);
		if (error) {
			/* Userspace does not see the new question: ask again. */
			if (waits)
				vcpu_abandon(vcpu, VMM_REGS_ALL);
			return error;
		}
		if (waits && vcpu->emu->waiting == EMU_NOTHING) {
			vcpu->run->exit = VMM_EXIT_NONE;
			result = 0;
		}
	}
	while (!result)
		result = one_turn(vcpu);
	vcpu_pass_end(vcpu);

	if (result == TO_USER) {
		vcpu_stat(vcpu, STAT_USER_EXITS);
		result = 0;
	}
	if (vcpu_fill_run(vcpu) && !result)
		result = -EIO;
	return result;
}
