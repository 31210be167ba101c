/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Core structures and the lock table.
 *
 * Acquisition order, outermost first:
 *
 *	vcpu->lock
 *	  vm->lock
 *	    vmm_lock
 *	      mmap_lock of the owner		(the kernel's)
 *	        vm->mem.lock
 *	        an eventfd's wait queue		(the kernel's)
 *	          vm->eventfd.lock
 *	          timers: pit, rtc, hpet lock (struct vdev_timer)
 *	            irqchip pic_lock
 *	              irqchip ioapic_lock
 *
 * vcpu->lock (mutex)
 *	Protects: everything in struct vcpu that is not marked as written by
 *	others; held over the whole of VMM_RUN.
 *	Context: process. One thread at a time may be in VMM_RUN (-EBUSY); other
 *	vCPU ioctls kick it out of its loop first and wait, interruptibly, and
 *	the runner stays out until they are done.
 *
 * vm->lock (mutex)
 *	Protects: creation of vCPUs, vm->vcpu[] against a second writer; the
 *	devmems that the VM knows by name.
 *	Readers of vm->vcpu[] use smp_load_acquire and no lock: an entry, once
 *	there, stays until the VM is freed.
 *	Context: process.
 *
 * vmm_lock (mutex)
 *	Protects: the list of VMs, names, who holds VMX and how often.
 *	Context: process. cpus_read_lock is taken inside it.
 *
 * vm->mem.lock (spinlock)
 *	Protects: segment table, EPT tables, notifier count and sequence.
 *	Context: process; MMU notifier callbacks, which may not sleep; inside a
 *	burst by trylock alone. Waiting for CPUs to leave guest mode (ept_reap)
 *	happens after it is dropped. Held from vm_gpa_hold() to vm_gpa_release().
 *
 * vm->eventfd.lock (spinlock, interrupts off)
 *	Protects: list of irqfds. No eventfd is signalled under it.
 *	Context: any; inside the wait queue lock of an eventfd that is closed.
 *	The tables of ioeventfds: written under vm->lock, read under RCU.
 *
 * node_lock (mutex, vm_node.c)
 *	Protects: opening of /dev/vmm/<name> against the going of what it opens.
 *	Context: process. A leaf.
 *
 * timer locks, pic_lock, ioapic_lock (raw spinlocks, interrupts off)
 *	Protect: one device model each.
 *	Context: any, hard interrupt included. Leaves but for the order above;
 *	below ioapic_lock only atomics and kicks.
 *
 * A local APIC has no lock: its vCPU's thread alone touches it, everyone else
 * posts through the atomics of struct vcpu_irq.
 */
#ifndef VMM_H
#define VMM_H

#include <linux/fs.h>
#include <linux/kref.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/nospec.h>
#include <linux/wait.h>
#include "backend.h"
#include "devmem.h"
#include "eventfd.h"
#include "vcpuid.h"
#include "irqchip.h"
#include "mem.h"
#include "msr_policy.h"

#define VMM_VERSION	"0.1.0"

struct vm_node;

struct vm {
	struct kref ref;
	struct mm_struct *mm;		/* owner; mmgrab()ed */
	struct list_head node;		/* vmm_lock */
	u32 id;
	u64 serial;			/* never given twice */
	char name[VMM_NAME_MAX + 1];
	kuid_t uid;
	pid_t pid;
	u64 created_ns;

	struct mutex lock;
	struct vcpu *vcpu[VMM_MAX_VCPUS];
	u32 vcpu_end;			/* above the largest id; only grows */
	u32 vcpus;

	struct vm_mem mem;
	struct vm_devmems devmems;	/* lock */
	struct vcpu *passing;		/* vcpu_pass.c: has the VM for itself, or NULL */
	struct vm_node *public_node;		/* /dev/vmm/<name>; NULL: no name */
	struct irqchip irqchip;
	struct vm_eventfd eventfd;
	/* vm_policy.c: written under lock before the first vCPU, then constant. */
	struct vcpuid_table cpuid;
	struct vmsr_caps msr_caps;
	bool has_1g;			/* guest pages of 1 GiB; follows cpuid */
	struct vmm_msr_filter msr_filter;
	void *msr_bitmap;		/* with a filter; NULL: the module's */

	u64 tsc_base;			/* vmm_tsc() that is guest TSC 0 */
	u64 time_base;			/* ktime_get_ns() that is VM time 0 */
	struct {
		bool stopped;		/* vm->lock; then @ns and @tsc are the time */
		u64 ns;
		u64 tsc;
	} clock;

	/*
	 * Suspend: @suspend goes from NONE to a reason once, by cmpxchg. The
	 * sets are bitmaps of vCPU ids. A vCPU sets its bit in @suspended
	 * and sleeps on @suspend_wq until it covers @active.
	 */
	atomic_t suspend;
	u32 suspend_by;
	atomic64_t active;
	atomic64_t suspended;
	atomic64_t halted;
	atomic64_t stopped;		/* by VMM_CPU_STOP */
	unsigned long reinit;		/* bit 0: VMM_REINIT under way */
	wait_queue_head_t suspend_wq;
};

extern struct mutex vmm_lock;
extern struct list_head vmm_vms;
extern const struct vmm_ops *vmm_backend;
extern atomic_t vmm_vm_count;
extern atomic_t vmm_vcpu_count;

/* vm.c. vm_create takes VMX; the reference is the caller's. */
struct vm *vm_create(const struct vmm_vm_create *args);
void vm_get(struct vm *vm);
void vm_put(struct vm *vm);
/* Room for a name in the ABI: zero behind the name, which may be empty. */
#define VMM_NAME_ROOM	40
bool vm_name_is_padded(const char name[VMM_NAME_ROOM]);
/* [A-Za-z0-9_-]+ */
bool vm_name_is_good(const char *name);
/* NULL if there is none. No reference: it lives as long as the VM. */
static inline struct vcpu *vm_vcpu(struct vm *vm, u32 id)
{
	if (id >= VMM_MAX_VCPUS)
		return NULL;
	/* Pairs with the release in ioctl_vcpu_create(). */
	return smp_load_acquire(&vm->vcpu[array_index_nospec(id, VMM_MAX_VCPUS)]);
}

/* The vCPU with the smallest id from *@id on, and that id; NULL: no more. */
static inline struct vcpu *vm_vcpu_from(struct vm *vm, u32 *id)
{
	struct vcpu *vcpu = NULL;

	while (*id < READ_ONCE(vm->vcpu_end) && !(vcpu = vm_vcpu(vm, *id)))
		++*id;
	return vcpu;
}

#define for_each_vcpu(vm, i, v) \
	for ((i) = 0; ((v) = vm_vcpu_from((vm), &(i))); (i)++)

/* vm_policy.c */
void vm_policy_init(struct vm *vm);
void vm_policy_fini(struct vm *vm);
/* Any context. @access: VMM_MSR_READ or VMM_MSR_WRITE. */
bool vm_msr_is_filtered(const struct vm *vm, u32 index, u32 access);

/* vm_suspend.c */
int vm_suspend(struct vm *vm, u32 how);
/* Has every active vCPU taken part in a suspend? */
bool vm_is_suspended(struct vm *vm);
/* vcpu->lock held: wait for the quorum. -EINTR on a signal, -EAGAIN on a kick. */
int vm_suspend_wait(struct vcpu *vcpu);
/* vcpu->lock held: all vCPUs halted for good? Then suspend with HALT. */
void vm_check_all_halted(struct vcpu *vcpu);

/* vm_reinit.c; no lock held. */
int vm_reinit(struct vm *vm);

/* vcpu.c */
struct vcpu *vcpu_create(struct vm *vm, u32 id);
void vcpu_destroy(struct vcpu *vcpu);
/* Any context. Make the vCPU notice its requests soon. */
void vcpu_kick(struct vcpu *vcpu);
static inline void vcpu_request(struct vcpu *vcpu, enum vcpu_request req)
{
	/*
	 * Full barrier: pairs with the one between in_guest and requests at
	 * entry. Not preemptible: a bit that is set keeps others from kicking.
	 */
	preempt_disable();
	if (!test_and_set_bit(req, &vcpu->requests))
		vcpu_kick(vcpu);
	preempt_enable();
	/* A bit already set: test_and_set_bit is a full barrier all the same. */
}
/*
 * Take the lock for an ioctl, asking the vCPU out of VMM_RUN; -EINTR. The
 * runner comes back only when no waiter is left. For the runner: -EBUSY if
 * there is one already, -EINTR.
 */
int vcpu_lock_idle(struct vcpu *vcpu);
void vcpu_unlock_idle(struct vcpu *vcpu);
int vcpu_lock_run(struct vcpu *vcpu);
void vcpu_unlock_run(struct vcpu *vcpu);

/* vcpu->lock held. Stop: the vCPU is out of the guest until go, -EBUSY. */
int vcpu_stop(struct vcpu *vcpu);
int vcpu_go(struct vcpu *vcpu);

/* vcpu_run.c: VMM_RUN; vcpu->lock held. */
int vcpu_run(struct vcpu *vcpu);

/* vcpu_regs.c; vcpu->lock held. */
int vcpu_get_regs(struct vcpu *vcpu, struct vmm_regs *regs, u32 groups);
int vcpu_set_regs(struct vcpu *vcpu, const struct vmm_regs *regs, u32 groups);
/* Fill in the run page's register block for userspace. */
int vcpu_fill_run(struct vcpu *vcpu);
/* Load the PDPTEs from CR3 if PAE paging is on; owner's mm. -EINVAL: reserved bits. */
int vcpu_load_pdptes(struct vcpu *vcpu, struct vmm_regs *regs);

/* emulate.c: process context, vcpu->lock held. */
int vcpu_emulate(struct vcpu *vcpu, bool *to_user);
/* guest_gla.c, likewise: vcpu->work.task. */
int vcpu_task_switch(struct vcpu *vcpu, bool *to_user);
/* Take userspace's answer to the last exit out of the run page. */
void vcpu_finish_exit(struct vcpu *vcpu);
/* Forget what is in the middle: register @groups it depends on are replaced. */
void vcpu_abandon(struct vcpu *vcpu, u32 groups);

/*
 * vcpu_pass.c; vcpu->lock held, process context. vcpu_protect_answer: userspace's
 * answer to vcpu->denied, out of the run page; false: the instruction is over.
 * vcpu_pass_begin: before the vCPU does anything: 1 go on, 0 look around again.
 * vcpu_pass_end: others may run; before the thread sleeps or leaves. vcpu_pass_drop:
 * the instruction is complete or forgotten.
 */
bool vcpu_protect_answer(struct vcpu *vcpu);
int vcpu_pass_begin(struct vcpu *vcpu);
void vcpu_pass_end(struct vcpu *vcpu);
void vcpu_pass_drop(struct vcpu *vcpu);

/* exit.c, exit_msr.c: exits that came back from userspace. */
void vcpu_set_io_result(struct vcpu *vcpu, u8 size, u32 value);
void vcpu_finish_msr(struct vcpu *vcpu);
/* Guest TSC now. */
u64 vcpu_tsc(const struct vcpu *vcpu);
/* What its TSC is from now on, whatever TSC_ADJUST says. */
void vcpu_set_tsc(struct vcpu *vcpu, u64 tsc);
/* MSRs with a meaning, for VMM_GET_MSRS and VMM_SET_MSRS. -ENOENT: not a list's. */
int vcpu_get_special(struct vcpu *vcpu, enum vmsr_special special, u64 *value);
void vcpu_set_special(struct vcpu *vcpu, enum vmsr_special special, u64 value);
/* vcpu->lock held: VMM_CLOCK may have moved the VM's clock. */
void vcpu_clock_changed(struct vcpu *vcpu);

/* vmm_dev.c, vmm_ioctl.c */
int vmm_dev_init(void);
void vmm_dev_fini(void);
long vmm_ioctl(struct file *file, unsigned int cmd, unsigned long arg);
extern const struct file_operations vmm_ctl_fops;
extern const struct file_operations vmm_vm_fops;
extern const struct file_operations vmm_vcpu_fops;

/* info.c */
int vmm_get_info(struct vmm_info *info);
void vmm_refuse(u32 refusal, u32 cpu);

/* clock.c: VM time. Any context. */
u64 vm_now(const struct vm *vm);
u64 vm_guest_tsc(const struct vm *vm);
/* The host's TSC, as if the host had never slept. */
u64 vmm_tsc(void);
/* The host falls asleep or wakes up: last and first CPU, interrupts off. */
void vmm_clock_suspend(void);
void vmm_clock_resume(void);
/* At the begin of VMM_RUN: has the host slept since the offset was loaded? */
void vcpu_follow_clock(struct vcpu *vcpu);
/* VMM_CLOCK; vm->lock held. */
int vm_clock(struct vm *vm, struct vmm_clock *args);

/* devstate.c; vm->lock, or vcpu->lock for a local APIC. */
int devstate_get(struct vm *vm, struct vmm_devstate *state);
int devstate_set(struct vm *vm, const struct vmm_devstate *state);
int devstate_get_lapic(struct vcpu *vcpu, struct vmm_lapic_state *state);
int devstate_set_lapic(struct vcpu *vcpu, const struct vmm_lapic_state *state);

/* stats.c */
const char *vcpu_stat_name(u32 index);

#endif /* VMM_H */
