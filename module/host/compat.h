/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * All differences between kernels. The rest of the module is written for the
 * newest; here older ones are made to look like it. config.h is made by
 * scripts/kernel-config from the headers and symbol list of the kernel that
 * the module is built for.
 *
 * Symbols of the kernel that the module needs, beyond what every driver uses:
 *	cr4_update_irqsoff cr4_read_shadow		VMX ownership
 *	cpu_emergency_register_virt_callback		crash
 *	register_syscore(_ops) register_reboot_notifier	suspend, kexec
 *	intel_pt_handle_vmx				Intel PT and VMXON
 *	kernel_fpu_begin_mask kernel_fpu_end		guest FPU
 *	load_fixmap_gdt get_cpu_entry_area cpu_tss_rw	host state
 *	x86_spec_ctrl_current clear_bhb_loop		mitigations
 *	x86_ibpb_exit_to_user irq_stat			mitigations
 *	eventfd_ctx_* (fileget, fdget, do_read, remove_wait_queue), eventfd_signal
 *	mmu_notifier_* fixup_user_fault			guest memory
 *	page_is_ram lookup_address			guest memory
 *	do_machine_check handle_guest_split_lock	exceptions of the guest
 *	shmem_file_setup shmem_read_mapping_page_gfp	devmem
 */
#ifndef VMM_HOST_COMPAT_H
#define VMM_HOST_COMPAT_H

#include <linux/eventfd.h>
#include <linux/hrtimer.h>
#include <linux/rcupdate.h>
#include <linux/smp.h>
#include <linux/syscore_ops.h>
#include <linux/version.h>
#include <asm/cpu.h>
#include <asm/cpufeature.h>
#include <asm/debugreg.h>
#include <asm/intel_pt.h>
#include <asm/mce.h>
#include <asm/msr.h>
#include <asm/nospec-branch.h>
#include <asm/perf_event.h>
#include <asm/reboot.h>
#include "config.h"

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#error "vmm needs Linux 6.1 or newer"
#endif

#ifdef HAVE_IPI_TRACEPOINT
#include <trace/events/ipi.h>
#endif

#ifdef HAVE_RDMSRQ
#define rdmsrl_safe	rdmsrq_safe
#define rdmsrl		rdmsrq
#define wrmsrl		wrmsrq
#endif

/* One callback form for syscore operations: (void *data). */
#ifdef HAVE_REGISTER_SYSCORE
#define VMM_SYSCORE_DEFINE(_name, _suspend, _resume, _shutdown)			\
	static const struct syscore_ops _name##_ops = {				\
		.suspend = _suspend, .resume = _resume, .shutdown = _shutdown,	\
	};									\
	static struct syscore _name = { .ops = &_name##_ops }
#define vmm_register_syscore(s)		register_syscore(s)
#define vmm_unregister_syscore(s)	unregister_syscore(s)
#else
#define VMM_SYSCORE_DEFINE(_name, _suspend, _resume, _shutdown)			\
	static int _name##_suspend(void) { return _suspend(NULL); }		\
	static void _name##_resume(void) { _resume(NULL); }			\
	static void _name##_shutdown(void) { _shutdown(NULL); }			\
	static struct syscore_ops _name = {					\
		.suspend = _name##_suspend, .resume = _name##_resume,		\
		.shutdown = _name##_shutdown,					\
	}
#define vmm_register_syscore(s)		register_syscore_ops(s)
#define vmm_unregister_syscore(s)	unregister_syscore_ops(s)
#endif

#ifndef HAVE_HRTIMER_SETUP
static inline void hrtimer_setup(struct hrtimer *timer,
				 enum hrtimer_restart (*function)(struct hrtimer *),
				 clockid_t clock_id, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock_id, mode);
	timer->function = function;
}
#endif

static inline void vmm_eventfd_signal(struct eventfd_ctx *ctx)
{
#ifdef HAVE_EVENTFD_SIGNAL_ONE
	eventfd_signal(ctx);
#else
	eventfd_signal(ctx, 1);
#endif
}

static inline void vmm_rcu_note_guest(void)
{
#ifdef HAVE_RCU_VIRT_NOTE_CPU
	rcu_virt_note_context_switch(raw_smp_processor_id());
#else
	rcu_virt_note_context_switch();
#endif
}

/* Sparse does not notice when a spinlock of an -rt kernel is taken. */
#ifdef CONFIG_PREEMPT_RT
#define __acquires_spinlock(lock)
#define __releases_spinlock(lock)
#else
#define __acquires_spinlock(lock)	__acquires(lock)
#define __releases_spinlock(lock)	__releases(lock)
#endif

#ifdef HAVE_YOUNG_BOOL
typedef bool vmm_young_t;
#else
typedef int vmm_young_t;
#endif

#ifdef HAVE_CONST_DEVNODE
typedef const struct device *vmm_devnode_t;
#else
typedef struct device *vmm_devnode_t;
#endif

/* Emergency callback: one slot in the whole kernel, which WARNs when taken. */
static inline void vmm_emergency_register(void (*callback)(void))
{
#ifdef HAVE_EMERGENCY_CALLBACK
	cpu_emergency_register_virt_callback(callback);
#endif
}

static inline void vmm_emergency_unregister(void (*callback)(void))
{
#ifdef HAVE_EMERGENCY_CALLBACK
	cpu_emergency_unregister_virt_callback(callback);
#endif
}

static inline void vmm_intel_pt_handle_vmx(int on)
{
#ifdef HAVE_INTEL_PT_HANDLE_VMX
	intel_pt_handle_vmx(on);
#endif
}

/* The guest took a machine check: hand it to the host as if from user mode. */
static inline void vmm_machine_check(void)
{
#ifdef HAVE_DO_MACHINE_CHECK
	struct pt_regs regs = { .cs = 3, .flags = X86_EFLAGS_IF };

	do_machine_check(&regs);
#else
	asm volatile("int $18");
#endif
}

/* True: the host has dealt with it, the guest may go on. May sleep. */
static inline bool vmm_guest_split_lock(unsigned long rip)
{
#ifdef HAVE_SPLIT_LOCK
	return handle_guest_split_lock(rip);
#else
	return false;
#endif
}

/* With FRED an NMI cannot be handed to the host by INT 2. */
static inline bool vmm_host_has_fred(void)
{
	return __read_cr4() & BIT_ULL(32);
}

static inline void vmm_hw_breakpoint_restore(void)
{
#ifdef HAVE_HW_BREAKPOINT_RESTORE
	hw_breakpoint_restore();
#endif
}

#ifndef X86_FEATURE_CLEAR_CPU_BUF_VM
#define X86_FEATURE_CLEAR_CPU_BUF_VM	X86_FEATURE_CLEAR_CPU_BUF
#endif

#ifndef X86_FEATURE_USE_IBPB
#define X86_FEATURE_USE_IBPB		X86_FEATURE_IBPB
#endif

#ifdef HAVE_CLEAR_BHB_LOOP
#define VMM_HAVE_BHB_LOOP	1
#else
#define VMM_HAVE_BHB_LOOP	0
#endif

/* Must the branch history be cleared after a VM exit, and can we? */
static inline bool vmm_bhb_wanted(void)
{
#if !VMM_HAVE_BHB_LOOP
	return false;
#elif defined(X86_FEATURE_CLEAR_BHB_LOOP_ON_VMEXIT)
	return boot_cpu_has(X86_FEATURE_CLEAR_BHB_LOOP_ON_VMEXIT);
#elif defined(X86_FEATURE_CLEAR_BHB_VMEXIT)
	return boot_cpu_has(X86_FEATURE_CLEAR_BHB_VMEXIT);
#else
	return false;
#endif
}

/* VMSCAPE: must the kernel issue IBPB before it returns to the VMM's user code? */
static inline bool vmm_ibpb_user_wanted(void)
{
#if defined(HAVE_IBPB_EXIT_TO_USER) && defined(X86_FEATURE_IBPB_EXIT_TO_USER)
	return boot_cpu_has(X86_FEATURE_IBPB_EXIT_TO_USER);
#else
	return false;
#endif
}

static inline void vmm_ibpb_user(void)
{
#if defined(HAVE_IBPB_EXIT_TO_USER) && defined(X86_FEATURE_IBPB_EXIT_TO_USER)
	this_cpu_write(x86_ibpb_exit_to_user, true);
#endif
}

#endif /* VMM_HOST_COMPAT_H */
