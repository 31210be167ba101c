/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The border between the core and the processor back end (module/intel).
 *
 * Three parts: the vCPU state both sides work on, what the back end provides
 * (struct vmm_ops), and what it may call. The back end never sees a device
 * model: all it learns of interrupts comes through the vcpu_irq_* calls.
 *
 * A *burst* is one non-preemptible stretch between loading the VMCS and
 * clearing it again. Fields marked [burst] may be touched only inside one, or
 * by the owner of vcpu->lock while none is under way.
 */
#ifndef VMM_BACKEND_H
#define VMM_BACKEND_H

#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/mutex.h>
#include <linux/rcuwait.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <uapi/vmm.h>
#include "task.h"

/*
 * Pages that protection would refuse and that the next instruction of a vCPU may
 * use all the same: userspace has said so. vcpu->lock; while open, mem.lock, too.
 */
#define VCPU_PASS_PAGES		32

struct vcpu_pass {
	u32 count;
	bool done;		/* the instruction is complete */
	struct {
		u64 gpa;
		u32 prot;
	} page[VCPU_PASS_PAGES];
};

struct vm;
struct vcpu;
struct vcpu_irq;

/*
 * Parts of vcpu->regs that mirror the VMCS. A part in neither mask of
 * vcpu->{cached,dirty} has its truth in the VMCS alone; dirty implies cached.
 * gpr[] (less RSP), cr2, cr8, xcr0, the debug registers and the syscall MSRs
 * always live in vcpu->regs; dr7 goes to the VMCS when dirty.
 */
#define CACHE_RIP	(1U << 0)
#define CACHE_RSP	(1U << 1)
#define CACHE_RFLAGS	(1U << 2)
#define CACHE_CODE	(1U << 3)	/* seg[CS], seg[SS] */
#define CACHE_DATA	(1U << 12)	/* the other segments, gdtr, idtr */
#define CACHE_SEG	(CACHE_CODE | CACHE_DATA)
#define CACHE_CR	(1U << 4)	/* cr0, cr3, cr4, efer, pdpte */
#define CACHE_DR7	(1U << 5)
#define CACHE_MSR	(1U << 6)	/* sysenter, pat */
#define CACHE_EVENT	(1U << 7)	/* interruptibility */
#define CACHE_PENDING	(1U << 8)	/* pending_debug */
#define CACHE_ALL	(0x1ffU | CACHE_DATA)
#define CACHE_ADVANCE	(CACHE_RIP | CACHE_RFLAGS | CACHE_EVENT | CACHE_PENDING | CACHE_CODE)
/* What the emulator needs of an instruction in 64-bit mode. */
#define CACHE_EMULATE	(CACHE_RIP | CACHE_RSP | CACHE_RFLAGS | CACHE_CODE | CACHE_CR | CACHE_EVENT)
#define CACHE_TSC	(1U << 9)	/* tsc_adjust, tsc_offset; only ever dirty */
#define CACHE_DEBUG	(1U << 10)	/* debug, step; only ever dirty */
#define CACHE_SPEC_CTRL	(1U << 11)	/* its slot in msr; only ever dirty */

/* What to do after an exit. */
enum exit_action {
	EXIT_RESUME,		/* handled: enter again, same burst */
	EXIT_AGAIN,		/* handled: leave the burst, then run again */
	EXIT_WORK,		/* vcpu->work says what process context must do */
	EXIT_USER,		/* the run page is filled in: return to userspace */
};

/* Work that needs process context: it may sleep or touch guest memory. */
enum vcpu_work_kind {
	WORK_NONE,
	WORK_PAGING,		/* EPT violation on real memory */
	WORK_EMULATE,		/* instruction that touches a device or guest memory */
	WORK_HALT,		/* HLT with nothing to wake for */
	WORK_SPLIT_LOCK,	/* #AC that the host's split-lock detection caused */
	WORK_IOEVENT,		/* write to a port that an eventfd listens to */
	WORK_TASK,		/* hardware task switch: @task */
	WORK_PDPTES,		/* MOV CR0 or CR4 that loads the PDPTEs from CR3 */
};

struct vcpu_work {
	enum vcpu_work_kind kind;
	u32 access;		/* PAGING, EMULATE: VMM_PROT_* attempted */
	u64 gpa;		/* PAGING, EMULATE */
	u64 gla;		/* EMULATE: valid if gla_valid */
	bool gla_valid;
	bool gla_known;		/* PAGING: gla is good, if only for the walk that failed */
	bool string_io;		/* EMULATE: of INS or OUTS, as below */
	bool in;
	u8 size;
	u16 port;
	struct task_switch task;
	u64 cr0, cr4;		/* PDPTES: what is being written */
	u64 value;		/* PDPTES: EFER with it; IOEVENT */
};

/* Requests to a vCPU, set by anyone, served by its thread before entry. */
enum vcpu_request {
	REQ_IRQ,		/* something in vcpu_irq.pir */
	REQ_TIMER,		/* local APIC timer deadline */
	REQ_NMI,
	REQ_EXTINT,		/* the 8259 pair raised INTR */
	REQ_INIT,
	REQ_SIPI,
	REQ_SUSPEND,		/* vm->suspend was set */
	REQ_APIC_PAGE,		/* take the APIC-access page out of the guest's memory */
	REQ_KICK,		/* leave VMM_RUN's inner loop and look around */
	REQ_STEP,		/* by itself: an instruction is complete, and step is set */
	REQ_PASSING,		/* vm->passing was set: keep out of the guest */
	REQ_COUNT
};

/* Who wants to know when the next instruction is complete: vcpu->step. */
#define STEP_USER	(1U << 0)	/* VMM_SET_DEBUG */
#define STEP_PROT	(1U << 1)	/* memory protection: one access let through */
#define STEP_HOLD	(1U << 2)	/* not a who: interrupts and NMIs wait */

/* What userspace has asked for with VMM_SET_DEBUG. */
struct vcpu_debug {
	u32 control;		/* VMM_DEBUG_* */
	u64 dr[4];
	u64 dr7;
};

/* Per-vCPU counters, in the order VMM_GET_STATS reports them. */
enum vcpu_stat {
	STAT_EXITS,
	STAT_ENTRIES,
	STAT_BURSTS,
	STAT_USER_EXITS,
	STAT_PAGE_FAULTS,
	STAT_EMULATED,
	STAT_HALTS,
	STAT_IRQS,
	STAT_NMIS,
	STAT_EXCEPTIONS,
	STAT_MIGRATIONS,
	STAT_INVEPT,
	STAT_INVVPID,
	STAT_KICKS,
	STAT_REASON0,		/* then one per VMX basic exit reason */
};

#define STAT_REASONS	78
#define STAT_COUNT	(STAT_REASON0 + STAT_REASONS)

struct vmx_vcpu;

struct vcpu {
	/* Owner's thread only, or under vcpu->lock while it is not running. */
	struct vmm_regs regs;
	u32 cached;
	u32 dirty;
	struct vmx_vcpu *vmx;
	struct vcpu_irq *irq;		/* irqchip.h */
	struct vm *vm;
	u32 id;
	u32 activity;			/* VMM_ACTIVITY_* */
	u64 cr4_trapped;		/* CR4.OSXSAVE and .PKE, which always exit */
	s64 tsc_adjust;			/* IA32_TSC_ADJUST; part of the guest's TSC */
	s64 tsc_offset;			/* the rest of it, beside the VM's */
	u64 tsc_shift;			/* clock.c: as of the last TSC offset */
	void *fpu;			/* host/fpu.h */
	u64 *msr;			/* VMSR_SLOTS stored registers */
	u32 inst_len;			/* of the exiting instruction, 0: none */
	u32 last_reason;		/* basic exit reason */
	u64 last_qual;
	bool nmi_pending;
	bool active;			/* VMM_ACTIVATE_CPU done */
	/*
	 * Before the next entry vcpu_irq_next() must be asked anew: set by
	 * whatever may change its answer. An answer that could not be taken
	 * leaves an interrupt window open, and the question with it.
	 */
	bool irq_look;
	bool stopped;			/* VMM_CPU_STOP */
	bool asleep;			/* read by others, who want to know only */
	u64 exit_intinfo;		/* vmx_intinfo.h; 0: none */
	u64 entry_intinfo;		/* exception queued for the next entry */
	u32 event_len;			/* instruction length, exit_intinfo a software event */
	u32 step;			/* STEP_* */
	struct vcpu_debug debug;
	struct vcpu_work work;
	struct vmm_exit_protect denied;	/* as userspace was told */
	struct vcpu_pass pass;
	u64 mmio_page;			/* gpa that last turned out to be no memory: a hint */
	struct vmm_run *run;
	struct vcpu_emu *emu;		/* emulate.c: accesses already answered */
	struct vmm_exit_rec log[VMM_EXIT_LOG_MAX];
	u32 log_next;
	u64 stats[STAT_COUNT];

	struct mutex lock ____cacheline_aligned;	/* see vmm.h */
	unsigned long running;		/* bit 0: a thread is in VMM_RUN */
	atomic_t waiters;		/* who want the lock while one is */
	wait_queue_head_t idle_wq;	/* for the runner: no waiters left */

	/* Written by other CPUs. */
	unsigned long requests ____cacheline_aligned;
	struct rcuwait wait;

	/*
	 * Host CPU that this vCPU's burst is on, or -1. Written by the owner
	 * before it looks at ->requests and at the EPT generation; read by
	 * whoever sets those first (pairs: vcpu_kick, vm_ept_flush). Stays set
	 * over exits that are handled with interrupts off: an IPI waits.
	 */
	int in_guest ____cacheline_aligned;
};

/* What a back end provides. All may be called with preemption enabled. */
struct vmm_ops {
	/* Judge the processor. -ENODEV with a line in the log that says why. */
	int (*init)(void);
	void (*fini)(void);
	/* Per-vCPU state; may sleep. */
	int (*vcpu_init)(struct vcpu *vcpu);
	void (*vcpu_fini)(struct vcpu *vcpu);
	/* vcpu->lock held: architectural reset or INIT. */
	void (*vcpu_reset)(struct vcpu *vcpu, bool init);
	/*
	 * One burst: enter the guest until something needs process context.
	 * vcpu->lock held, preemption enabled. A negative errno means the
	 * processor's VMX state was lost (machine going down).
	 */
	int (*run)(struct vcpu *vcpu, enum exit_action *action);
	/* vcpu->lock held: make the parts (CACHE_*) of vcpu->regs valid. */
	int (*load_regs)(struct vcpu *vcpu, u32 parts);
	/* The same, inside a burst; cannot fail. */
	void (*mirror)(struct vcpu *vcpu, u32 parts);
	/* Refuse values that no VM entry could accept; nothing is changed. */
	int (*check_regs)(struct vcpu *vcpu, const struct vmm_regs *regs, u32 groups);
	int (*read_vmcs)(struct vcpu *vcpu, u32 encoding, u64 *value);
	void (*describe)(struct vmm_info *info);
	/* Fill vm->msr_bitmap in, from the policy and vm->msr_filter. */
	void (*build_msr_bitmap)(struct vm *vm);
};

extern const struct vmm_ops vmx_ops;

/*
 * Queue an exception for the next entry. A second one while one is queued is
 * merged by the SDM's rules: contributory pairs become #DF, then shutdown.
 * vcpu->lock held; any context.
 */
void vcpu_inject(struct vcpu *vcpu, u8 vector, bool has_error, u32 error);
/* For userspace's events: -EINVAL, -EBUSY; see VMM_INJECT_EXCEPTION. */
int vcpu_queue_exception(struct vcpu *vcpu, u32 vector, bool has_error, u32 error);
/*
 * The exiting instruction is complete: RIP, interrupt shadow, TF trap. Inside
 * a burst, or with CACHE_ADVANCE loaded.
 */
void vcpu_advance(struct vcpu *vcpu);

static inline void vcpu_inject_gp(struct vcpu *vcpu)
{
	vcpu_inject(vcpu, 13, true, 0);
}

static inline void vcpu_inject_ud(struct vcpu *vcpu)
{
	vcpu_inject(vcpu, 6, false, 0);
}

/* A part of vcpu->regs (CACHE_*) was changed and must reach the VMCS. */
static inline void vcpu_dirty(struct vcpu *vcpu, u32 parts)
{
	vcpu->cached |= parts;
	vcpu->dirty |= parts;
}

/*
 * Single step: with any of @who (STEP_*) armed vcpu_exit_step() is called after
 * each instruction of the guest and each delivery of an event, whether the
 * processor completes it or we do. Stays armed until disarmed. vcpu->lock held;
 * any context.
 */
static inline void vcpu_step_arm(struct vcpu *vcpu, u32 who)
{
	vcpu->step |= who;
	vcpu_dirty(vcpu, CACHE_DEBUG);
}

static inline void vcpu_step_disarm(struct vcpu *vcpu, u32 who)
{
	vcpu->step &= ~who;
	vcpu->irq_look = true;		/* for what has been held */
	vcpu_dirty(vcpu, CACHE_DEBUG);
}

/* --- offered to the back end -------------------------------------------- */

/*
 * Local interrupts of a vCPU. Its own thread, inside a burst, interrupts off.
 * vcpu_irq_sync() moves what others posted into the local APIC;
 * vcpu_irq_next() is the vector that would be taken now (-1: none), without
 * side effects; vcpu_irq_ack() takes it: for an ExtINT it runs the 8259 cycle,
 * which may answer another vector.
 */
void vcpu_irq_sync(struct vcpu *vcpu);
int vcpu_irq_next(struct vcpu *vcpu, bool *extint);
int vcpu_irq_ack(struct vcpu *vcpu, int vector, bool extint);
/* Have the next entry end at once, so that events are looked at anew. */
void vcpu_look_again(struct vcpu *vcpu);
u64 vcpu_irq_get_cr8(struct vcpu *vcpu);
void vcpu_irq_set_cr8(struct vcpu *vcpu, u64 cr8);

/* What VMCS TSC_OFFSET must be; from now on vcpu_follow_clock() watches over it. */
u64 vcpu_tsc_offset(struct vcpu *vcpu);

/*
 * APIC virtualization, if vm_apic_access_hpa() is not 0: addresses of the two
 * pages, and the TPR threshold for the next entry, which may be asked for after
 * vcpu_irq_next() inside a burst.
 */
u64 vm_apic_access_hpa(struct vm *vm);
u64 vcpu_apic_page_hpa(struct vcpu *vcpu);
u32 vcpu_irq_threshold(struct vcpu *vcpu);

/* Exits that the core decides. Burst, interrupts off. */
/* The processor has written the register at @offset; the instruction is over. */
enum exit_action vcpu_exit_apic_write(struct vcpu *vcpu, u32 offset);
/* It would not, or not read. */
enum exit_action vcpu_exit_apic_access(struct vcpu *vcpu, u32 offset, bool write);
enum exit_action vcpu_exit_cpuid(struct vcpu *vcpu);
enum exit_action vcpu_exit_rdmsr(struct vcpu *vcpu);
enum exit_action vcpu_exit_wrmsr(struct vcpu *vcpu);
enum exit_action vcpu_exit_io(struct vcpu *vcpu, u16 port, u8 size, bool in);
enum exit_action vcpu_exit_hlt(struct vcpu *vcpu);
/* vcpu->work describes an EPT violation. */
enum exit_action vcpu_exit_paging(struct vcpu *vcpu);
/*
 * An instruction is complete and vcpu->step is set. Called in a burst after the
 * processor has trapped, or outside one, in process context, after an
 * instruction that the module has completed: what it does must fit both.
 */
enum exit_action vcpu_exit_step(struct vcpu *vcpu);
/* A debug event that is userspace's: @cause VMM_DEBUG_*. */
enum exit_action vcpu_exit_debug(struct vcpu *vcpu, u32 cause, u32 length, u64 dr6);

/* The VM stops: triple fault and the like. Any context. */
void vm_suspend_by(struct vm *vm, u32 how, u32 vcpu_id);

static inline void vcpu_stat(struct vcpu *vcpu, enum vcpu_stat stat)
{
	vcpu->stats[stat]++;
}

#endif /* VMM_BACKEND_H */
