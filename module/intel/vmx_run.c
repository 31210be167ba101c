// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * One burst: from VMPTRLD to VMCLEAR, with preemption off.
 *
 * Why checks come after interrupts are off, and in this order: a vCPU first
 * says that it is in guest mode (in_guest), then looks for requests. Whoever
 * makes a request sets it first and then looks at in_guest. One of the two
 * sees the other; and an IPI sent meanwhile stays pending and ends the guest
 * right after it was entered. The same holds for EPT invalidations.
 *
 * SDM "VM Entries", "VM Exits".
 */
#include <linux/context_tracking.h>
#include <linux/interrupt.h>
#include <linux/sched/signal.h>
#include <linux/vtime.h>
#include <asm/debugreg.h>
#include <asm/special_insns.h>
#include "compat.h"
#include "fpu.h"
#include "mitigation.h"
#include "vmm.h"
#include "vmx.h"
#include "vmx_insn.h"
#include "vmx_owner.h"

/* Requests served in a row with interrupts off. */
#define REQUEST_ROUNDS	4

/* Handled exits between two moments with interrupts on. */
#define IRQ_BREATH	64

#define REQ_LEAVE	(BIT(REQ_INIT) | BIT(REQ_SIPI) | BIT(REQ_SUSPEND) | BIT(REQ_KICK))

struct vmx_switch_result {
	int error;		/* vmx_enter */
	u32 reason;
};

/* No instrumentation between telling RCU and the guest, and on the way back. */
static noinstr void world_switch(struct vmx_vcpu *vmx, struct vmx_switch_result *result)
{
	u32 info;

	if (!context_tracking_guest_enter()) {
		instrumentation_begin();
		vmm_rcu_note_guest();
		instrumentation_end();
	}
	result->error = vmx_enter(&vmx->sw);
	if (likely(!result->error)) {
		result->reason = vmread(VMCS_EXIT_REASON);
		if (unlikely(result->reason == VMX_REASON_EXCEPTION)) {
			info = vmread(VMCS_EXIT_INTR_INFO);
			/* NMIs are blocked until the host's handler has run. */
			if ((info & (VMX_INFO_VALID | VMX_INFO_TYPE)) ==
			    (VMX_INFO_VALID | VMX_TYPE_NMI))
				asm volatile("int $2");
		}
	}
	context_tracking_guest_exit();
}

static void enter_guest(struct vcpu *vcpu, struct vmx_switch_result *result)
{
	struct vmx_vcpu *vmx = vcpu->vmx;

	vmx_host_refresh(vmx);
	if (unlikely(native_read_cr2() != vcpu->regs.cr2))
		native_write_cr2(vcpu->regs.cr2);
	vtime_account_guest_enter();
	world_switch(vmx, result);
	vcpu->regs.cr2 = native_read_cr2();
	vtime_account_guest_exit();
}

static void log_exit(struct vcpu *vcpu, u32 reason, u64 rip)
{
	struct vmm_exit_rec *rec = &vcpu->log[vcpu->log_next++ % VMM_EXIT_LOG_MAX];

	rec->reason = reason;
	rec->qualification = vcpu->last_qual;
	rec->rip = rip;
	rec->tsc = rdtsc();
}

/*
 * Anything that wants this thread out of the kernel, or another one in. Softirqs
 * count where the FPU section holds them off; elsewhere ksoftirqd has them.
 */
static bool must_leave(void)
{
	return need_resched() || signal_pending(current) ||
	       test_thread_flag(TIF_NOTIFY_RESUME) ||
	       (softirq_count() && local_softirq_pending());
}

/*
 * Let the host take what waits. Not back to back: interrupts are recognised
 * only after the instruction that follows STI.
 */
static void open_interrupts(void)
{
	local_irq_enable();
	asm volatile("nop" : : : "memory");
	local_irq_disable();
}

/* Interrupts off; true: enter, false: *@action says why not. */
static bool prepare_entry(struct vcpu *vcpu, enum exit_action *action)
{
	unsigned int rounds;

	for (rounds = 0; ; rounds++) {
		WRITE_ONCE(vcpu->in_guest, smp_processor_id());
		/* Pairs with vcpu_request() and vm_ept_flush(). */
		smp_mb();
		if (likely(!READ_ONCE(vcpu->requests)))
			break;
		WRITE_ONCE(vcpu->in_guest, -1);
		/* Others can make requests faster than interrupts off allows. */
		if (rounds == REQUEST_ROUNDS || (READ_ONCE(vcpu->requests) & REQ_LEAVE)) {
			*action = EXIT_AGAIN;
			return false;
		}
		vcpu_irq_sync(vcpu);
	}
	if (unlikely(must_leave()) || unlikely(!vmx_inject_events(vcpu))) {
		WRITE_ONCE(vcpu->in_guest, -1);
		*action = EXIT_AGAIN;
		return false;
	}
	ept_enter(vcpu);
	return true;
}

/*
 * The host takes its interrupt by itself, here. perf works through such
 * interrupts: what it has armed must be back first, and what it arms must not
 * stay in force in the guest.
 */
static enum exit_action take_interrupt(struct vmx_vcpu *vmx)
{
	if (unlikely(!vmx_host_is_quiet(vmx)))
		return EXIT_AGAIN;
	open_interrupts();
	vmm_mitigation_after_interrupt();
	return unlikely(vmx_host_perf_armed()) ? EXIT_AGAIN : EXIT_RESUME;
}

static enum exit_action after_exit(struct vcpu *vcpu, u32 reason)
{
	enum exit_action action = EXIT_RESUME;
	u32 basic = reason & VMX_REASON_BASIC;
	u64 rip;

	vcpu->cached = 0;
	vcpu->last_reason = basic;
	vcpu->last_qual = 0;
	vmx_regs_read(vcpu, CACHE_RIP);
	rip = vcpu->regs.rip;
	vcpu_stat(vcpu, STAT_EXITS);
	if (likely(basic < STAT_REASONS))
		vcpu->stats[STAT_REASON0 + basic]++;
	if (unlikely(reason & VMX_REASON_ENTRY_FAILED)) {
		action = vmx_entry_failed(vcpu, reason, 0);
	} else if (basic == VMX_REASON_EXT_INTR) {
		vcpu->vmx->sw.flags |= SWITCH_F_RESUME;
		action = take_interrupt(vcpu->vmx);
	} else {
		vcpu->vmx->sw.flags |= SWITCH_F_RESUME;
		action = vmx_handle_exit(vcpu, reason);
	}
	log_exit(vcpu, reason, rip);
	return action;
}

static int run_inner(struct vcpu *vcpu, enum exit_action *action)
{
	struct vmx_switch_result result = {};

	do {
		if (!prepare_entry(vcpu, action))
			return 0;
		vmx_regs_flush(vcpu);
		vcpu_stat(vcpu, STAT_ENTRIES);
		enter_guest(vcpu, &result);
		WRITE_ONCE(vcpu->in_guest, -1);
		if (unlikely(result.error)) {
			/* 2: #UD, somebody turned VMX off: going down. */
			if (result.error == 2 || !vmx_owner_is_on())
				return -EIO;
			*action = vmx_entry_failed(vcpu, 0, vmread(VMCS_INSTRUCTION_ERROR));
			return 0;
		}
		*action = after_exit(vcpu, result.reason);
		/*
		 * A processor exits for a pending interrupt at the next entry.
		 * An emulated one may hold it back while the guest has IF clear.
		 */
		if (unlikely(!(vcpu->stats[STAT_EXITS] % IRQ_BREATH)) &&
		    *action == EXIT_RESUME)
			*action = take_interrupt(vcpu->vmx);
	} while (*action == EXIT_RESUME);
	return 0;
}

/* The VMCS becomes current; interrupts off. */
static int load_vmcs(struct vcpu *vcpu)
{
	struct vmx_vcpu *vmx = vcpu->vmx;
	int cpu = smp_processor_id();

	if (!vmx->initialised && vmclear(vmx->vmcs_hpa))
		return -EIO;
	if (vmptrld(vmx->vmcs_hpa))
		return -EIO;
	vmx->sw.flags &= ~SWITCH_F_RESUME;
	if (unlikely(!vmx->initialised))
		vmx_vcpu_setup(vcpu);
	if (vmx->host.cpu != cpu && vmx->host.cpu >= 0)
		vcpu_stat(vcpu, STAT_MIGRATIONS);
	return 0;
}

int vmx_visit(struct vcpu *vcpu)
{
	int error;

	preempt_disable();
	/* On a CPU that is going offline: it will not be for long. */
	while (!vmx_owner_is_on()) {
		preempt_enable();
		if (vmx_owner_is_lost() || fatal_signal_pending(current))
			return -EIO;
		schedule_timeout_uninterruptible(1);
		preempt_disable();
	}
	error = load_vmcs(vcpu);
	if (error)
		preempt_enable();
	return error;
}

void vmx_leave(struct vcpu *vcpu)
{
	vmclear(vcpu->vmx->vmcs_hpa);
	preempt_enable();
}

/* Parts that process context will want, read while the VMCS is at hand. */
static void read_for_work(struct vcpu *vcpu, enum exit_action action)
{
	if (action == EXIT_USER)
		vmx_regs_read(vcpu, CACHE_RIP | CACHE_RSP | CACHE_RFLAGS);
	else if (action == EXIT_WORK && vcpu->work.kind != WORK_PAGING)
		vmx_regs_read(vcpu, CACHE_RIP | CACHE_RSP | CACHE_RFLAGS);
	if (action == EXIT_WORK && vcpu->work.kind == WORK_EMULATE)
		vmx_regs_read(vcpu, CACHE_SEG | CACHE_CR | CACHE_EVENT);
}

static int burst(struct vcpu *vcpu, enum exit_action *action)
{
	struct vmx_vcpu *vmx = vcpu->vmx;
	int error = load_vmcs(vcpu);

	if (error)
		return error;
	vmm_mitigation_burst(vcpu->vm);
	vmx_host_save(vcpu);
	vmx_regs_flush(vcpu);
	if (vmx->vpid && vmx->vpid_cpu != smp_processor_id()) {
		invvpid(VMX_INVVPID_SINGLE, vmx->vpid);
		vmx->vpid_cpu = smp_processor_id();
		vcpu_stat(vcpu, STAT_INVVPID);
	}
	error = run_inner(vcpu, action);
	if (!error)
		read_for_work(vcpu, *action);
	vmclear(vmx->vmcs_hpa);
	vmx_host_restore(vcpu);
	vmm_mitigation_after_burst();
	return error;
}

int vmx_run(struct vcpu *vcpu, enum exit_action *action)
{
	int error = 0;

	/* Begin and end with interrupts on: the FPU section counts on it. */
	preempt_disable();
	vmm_fpu_enter(vcpu);
	local_irq_disable();
	vcpu_stat(vcpu, STAT_BURSTS);
	vcpu->vmx->explain = false;
	if (likely(vmx_owner_is_on())) {
		error = burst(vcpu, action);
	} else {
		/* This CPU is on its way down: run elsewhere. */
		*action = EXIT_AGAIN;
		if (vmx_owner_is_lost())
			error = -EIO;
	}
	local_irq_enable();
	vmm_fpu_leave(vcpu);
	preempt_enable();
	if (unlikely(vcpu->vmx->explain) && !error)
		vmx_explain_failure(vcpu);
	return error;
}
