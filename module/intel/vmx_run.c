// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * One burst: from VMPTRLD to VMCLEAR, with preemption off.
 *
 * Interrupts are off from its beginning to its end but for the *windows* in
 * which the host takes what ended the guest. What others or interrupts can
 * change is looked at when the burst begins and after each window, and at no
 * other entry; between two windows one entry differs from the next only by what
 * our own thread has done.
 *
 * Why nothing is lost: a vCPU first says that it is here (in_guest, for the
 * whole burst), then looks for requests. Whoever makes a request sets it first
 * and then looks at in_guest. One of the two sees the other; and an IPI that
 * comes while interrupts are off stays pending and ends the guest right after
 * it was entered, which opens a window. The same holds for EPT invalidations,
 * and for whatever the host wants of the thread, which comes with an IPI too.
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

#define REQ_LEAVE	(BIT(REQ_INIT) | BIT(REQ_SIPI) | BIT(REQ_SUSPEND) | BIT(REQ_KICK) | \
			 BIT(REQ_STEP) | BIT(REQ_PASSING) | BIT(REQ_APIC_PAGE))

struct vmx_switch_result {
	int error;		/* vmx_enter */
	u32 reason;
};

/* No instrumentation between telling context tracking and the guest, and on the way back. */
static __always_inline void world_switch(struct vmx_vcpu *vmx, struct vmx_switch_result *result)
{
	u32 info;

	context_tracking_guest_enter();
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

static noinstr void enter_guest(struct vcpu *vcpu, struct vmx_switch_result *result)
{
	world_switch(vcpu->vmx, result);
	vcpu->regs.cr2 = native_read_cr2();
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
 * Anything that wants this thread out of the kernel, or another one in. Our own
 * exits can make another thread ready, so this is looked at before each entry.
 */
static __always_inline bool must_leave(void)
{
	return need_resched() || (read_thread_flags() & (_TIF_SIGPENDING | _TIF_NOTIFY_SIGNAL |
							  _TIF_NOTIFY_RESUME));
}

/*
 * Softirqs count where the FPU section holds them off; elsewhere ksoftirqd has
 * them. Only an interrupt makes them pending.
 */
static bool softirqs_wait(void)
{
	return softirq_count() && local_softirq_pending();
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

/* The burst begins, or a window is over. */
static void resync(struct vcpu *vcpu)
{
	vmx_host_refresh(vcpu->vmx);
	if (native_read_cr2() != vcpu->regs.cr2)
		native_write_cr2(vcpu->regs.cr2);
	ept_enter(vcpu);
}

/* False: requests that end the burst, or that come faster than they can be served. */
static noinline bool serve_requests(struct vcpu *vcpu)
{
	unsigned int rounds;

	for (rounds = 0; rounds < REQUEST_ROUNDS; rounds++) {
		if (!READ_ONCE(vcpu->requests))
			return true;
		if (READ_ONCE(vcpu->requests) & REQ_LEAVE)
			return false;
		vcpu_irq_sync(vcpu);
	}
	return !READ_ONCE(vcpu->requests);
}

/* Interrupts off; true: enter, false: leave the burst and look around. */
static __always_inline bool prepare_entry(struct vcpu *vcpu)
{
	if (unlikely(READ_ONCE(vcpu->requests)) && !serve_requests(vcpu))
		return false;
	if (unlikely(must_leave()))
		return false;
	if (likely(!vmx_has_events(vcpu)))
		return true;
	if (!vmx_inject_events(vcpu))
		return false;
	/* Made by the injection itself, which is under way: look after this entry. */
	if (unlikely(READ_ONCE(vcpu->requests)))
		smp_send_reschedule(smp_processor_id());
	return true;
}

/*
 * A window: the host takes its interrupt by itself. perf works through such
 * interrupts: what it has armed must be back first, and what it arms must not
 * stay in force in the guest.
 */
enum exit_action vmx_take_interrupt(struct vcpu *vcpu)
{
	if (unlikely(!vmx_host_is_quiet(vcpu->vmx)))
		return EXIT_AGAIN;
	open_interrupts();
	vmm_mitigation_after_interrupt();
	if (unlikely(vmx_host_perf_armed()) || softirqs_wait())
		return EXIT_AGAIN;
	/*
	 * A burst can be long, and the tick in its windows sees a kernel that
	 * is not to be interrupted: tell RCU that nothing of it is held.
	 */
	vmm_rcu_note_guest();
	resync(vcpu);
	return EXIT_RESUME;
}

static enum exit_action after_exit(struct vcpu *vcpu, u32 reason)
{
	enum exit_action action = EXIT_RESUME;
	u32 basic = reason & VMX_REASON_BASIC;
	u64 rip;

	vcpu->cached = CACHE_RIP;
	vcpu->last_reason = basic;
	vcpu->last_qual = 0;
	rip = vmread(VMCS_GUEST_RIP);
	vcpu->regs.rip = rip;
	if (unlikely(vcpu->vmx->step_trap))
		vmx_step_disarm(vcpu, basic);
	vcpu_stat(vcpu, STAT_EXITS);
	if (likely(basic < STAT_REASONS))
		vcpu->stats[STAT_REASON0 + basic]++;
	if (unlikely(reason & VMX_REASON_ENTRY_FAILED)) {
		action = vmx_entry_failed(vcpu, reason, 0);
	} else if (basic == VMX_REASON_EXT_INTR) {
		vcpu->vmx->sw.flags |= SWITCH_F_RESUME;
		action = vmx_take_interrupt(vcpu);
	} else {
		vcpu->vmx->sw.flags |= SWITCH_F_RESUME;
		action = vmx_handle_exit(vcpu, reason);
	}
	log_exit(vcpu, reason, rip);
	return action;
}

/* Preemption and interrupts off, in_guest set and requests not yet looked at. */
static int run_inner(struct vcpu *vcpu, enum exit_action *action)
{
	struct vmx_switch_result result = {};

	resync(vcpu);
	do {
		*action = EXIT_AGAIN;
		if (!prepare_entry(vcpu))
			return 0;
		vmx_regs_flush(vcpu);
		vcpu_stat(vcpu, STAT_ENTRIES);
		enter_guest(vcpu, &result);
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
			*action = vmx_take_interrupt(vcpu);
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
		vmx_regs_read(vcpu, CACHE_EMULATE);
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
	/* As guest time even while we handle an exit: the tick cannot tell them apart. */
	vtime_account_guest_enter();
	WRITE_ONCE(vcpu->in_guest, smp_processor_id());
	/* Pairs with vcpu_request() and vm_ept_flush(). */
	smp_mb();
	error = run_inner(vcpu, action);
	WRITE_ONCE(vcpu->in_guest, -1);
	vtime_account_guest_exit();
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
