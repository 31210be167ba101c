// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * VMXON and VMXOFF on all CPUs (SDM "Enabling and Entering VMX Operation").
 *
 * CR4.VMXE goes through the kernel's CR4 shadow: the kernel rewrites CR4 from
 * it, and a shadow without VMXE would raise #GP inside VMX operation.
 *
 * vmx_users counts VMs under vmm_lock. The per-CPU flag says that VMXON was
 * done here by us; it is written on its own CPU only.
 */
#include <linux/cpu.h>
#include <linux/gfp.h>
#include <linux/namei.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <asm/tlbflush.h>
#include "../vmm.h"
#include "compat.h"
#include "vmx_insn.h"
#include "vmx_owner.h"

static DEFINE_PER_CPU(bool, vmx_on);
static DEFINE_PER_CPU(void *, vmxon_page);
static u32 vmx_users;			/* vmm_lock */
static bool vmx_wanted;			/* CPUs that come up must do VMXON */
static bool emergency_registered;	/* vmm_lock */
static bool vmx_going_down;		/* reboot: no new VMXON */

struct vmx_result {
	atomic_t refusal;
	atomic_t cpu;
};

static int vmx_on_this_cpu(u32 *refusal)
{
	void *page = this_cpu_read(vmxon_page);
	unsigned long flags;
	u64 basic;
	int error = 0;

	local_irq_save(flags);
	if (this_cpu_read(vmx_on))
		goto out;
	error = -EBUSY;
	if (vmx_going_down) {
		*refusal = VMM_REFUSAL_GOING_DOWN;
		goto out;
	}
	if (__read_cr4() & X86_CR4_VMXE) {
		*refusal = VMM_REFUSAL_VMX_HELD;
		goto out;
	}
	error = -EIO;
	*refusal = VMM_REFUSAL_VMXON;
	if (rdmsrl_safe(MSR_IA32_VMX_BASIC, &basic))
		goto out;
	*(u32 *)page = (u32)basic & GENMASK(30, 0);
	vmm_intel_pt_handle_vmx(1);
	cr4_set_bits(X86_CR4_VMXE);
	error = vmxon(__pa(page));
	if (error) {
		cr4_clear_bits(X86_CR4_VMXE);
		vmm_intel_pt_handle_vmx(0);
		goto out;
	}
	this_cpu_write(vmx_on, true);
	/* Translations of an earlier life of this CPU may be cached. */
	invept(INVEPT_ALL, 0);
	*refusal = VMM_REFUSAL_NONE;
out:
	local_irq_restore(flags);
	return error;
}

static void vmx_off_this_cpu(void *unused)
{
	unsigned long flags;

	local_irq_save(flags);
	if (this_cpu_read(vmx_on)) {
		this_cpu_write(vmx_on, false);
		vmxoff();
		cr4_clear_bits(X86_CR4_VMXE);
		vmm_intel_pt_handle_vmx(0);
	}
	local_irq_restore(flags);
}

static void vmx_on_ipi(void *arg)
{
	struct vmx_result *result = arg;
	u32 refusal = VMM_REFUSAL_NONE;

	if (vmx_on_this_cpu(&refusal)) {
		atomic_set(&result->cpu, smp_processor_id());
		atomic_set(&result->refusal, refusal);
	}
}

/* Crash: NMI context, any state. VMXOFF #UDs outside VMX operation: harmless. */
static void vmx_emergency(void)
{
	if (this_cpu_read(vmx_on)) {
		vmxoff();
		cr4_clear_bits(X86_CR4_VMXE);
	}
}

static bool path_exists(const char *name)
{
	struct path path;

	if (kern_path(name, 0, &path))
		return false;
	path_put(&path);
	return true;
}

/*
 * There is one emergency slot and the kernel WARNs when it is taken. Old
 * kvm_intel takes it when it loads, and its callback does VMXOFF for anyone
 * with CR4.VMXE set; newer, with the parameter, while it holds VMX, which it
 * does not now.
 */
static bool kvm_has_emergency_slot(void)
{
	return path_exists("/sys/module/kvm_intel") &&
	       !path_exists("/sys/module/kvm/parameters/enable_virt_at_load");
}

/* vmm_lock held. */
static void emergency_take(void)
{
	if (!kvm_has_emergency_slot()) {
		vmm_emergency_register(vmx_emergency);
		emergency_registered = true;
	}
}

static void emergency_drop(void)
{
	if (emergency_registered)
		vmm_emergency_unregister(vmx_emergency);
	emergency_registered = false;
}

static void explain(u32 refusal, u32 cpu)
{
	switch (refusal) {
	case VMM_REFUSAL_VMX_HELD:
		pr_err("vmm: CPU %u: another hypervisor holds VMX (probably KVM): stop its VMs; on kernels since 6.12 unload kvm_intel or boot with kvm.enable_virt_at_load=0\n",
		       cpu);
		break;
	case VMM_REFUSAL_VMXON:
		pr_err("vmm: CPU %u: VMXON failed: check that the firmware enables VT-x on every CPU\n",
		       cpu);
		break;
	case VMM_REFUSAL_GOING_DOWN:
		pr_err("vmm: the machine is going down\n");
		break;
	}
}

int vmx_owner_get(void)
{
	struct vmx_result result = { ATOMIC_INIT(0), ATOMIC_INIT(0) };
	u32 refusal;

	lockdep_assert_held(&vmm_lock);
	if (vmx_users++)
		return 0;

	cpus_read_lock();
	vmx_wanted = true;
	on_each_cpu(vmx_on_ipi, &result, 1);
	refusal = atomic_read(&result.refusal);
	if (refusal != VMM_REFUSAL_NONE) {
		vmx_wanted = false;
		on_each_cpu(vmx_off_this_cpu, NULL, 1);
	}
	cpus_read_unlock();

	vmm_refuse(refusal, atomic_read(&result.cpu));
	if (refusal == VMM_REFUSAL_NONE) {
		emergency_take();
		return 0;
	}
	vmx_users--;
	explain(refusal, atomic_read(&result.cpu));
	return refusal == VMM_REFUSAL_VMXON ? -EIO : -EBUSY;
}

void vmx_owner_put(void)
{
	lockdep_assert_held(&vmm_lock);
	if (--vmx_users)
		return;
	emergency_drop();
	cpus_read_lock();
	vmx_wanted = false;
	on_each_cpu(vmx_off_this_cpu, NULL, 1);
	cpus_read_unlock();
}

static void probe_ipi(void *arg)
{
	struct vmx_result *result = arg;

	if (!this_cpu_read(vmx_on) && (__read_cr4() & X86_CR4_VMXE)) {
		atomic_set(&result->cpu, smp_processor_id());
		atomic_set(&result->refusal, VMM_REFUSAL_VMX_HELD);
	}
}

void vmx_owner_probe(void)
{
	struct vmx_result result = { ATOMIC_INIT(0), ATOMIC_INIT(0) };

	mutex_lock(&vmm_lock);
	if (!vmx_users) {
		on_each_cpu(probe_ipi, &result, 1);
		vmm_refuse(atomic_read(&result.refusal), atomic_read(&result.cpu));
	}
	mutex_unlock(&vmm_lock);
}

bool vmx_owner_is_on(void)
{
	return this_cpu_read(vmx_on);
}

bool vmx_owner_is_lost(void)
{
	return READ_ONCE(vmx_going_down);
}

int vmx_owner_cpu_online(void)
{
	u32 refusal = VMM_REFUSAL_NONE;

	/* vmx_wanted changes under cpus_read_lock, which hotplug excludes. */
	if (!vmx_wanted)
		return 0;
	if (!vmx_on_this_cpu(&refusal))
		return 0;
	explain(refusal, smp_processor_id());
	return -EIO;
}

void vmx_owner_cpu_offline(void)
{
	vmx_off_this_cpu(NULL);
}

void vmx_owner_suspend(void)
{
	vmx_off_this_cpu(NULL);
}

void vmx_owner_resume(void)
{
	u32 refusal = VMM_REFUSAL_NONE;

	if (vmx_wanted && vmx_on_this_cpu(&refusal))
		explain(refusal, smp_processor_id());
}

void vmx_owner_shutdown(void)
{
	vmx_going_down = true;
	on_each_cpu(vmx_off_this_cpu, NULL, 1);
}

int vmx_owner_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		void *page = (void *)get_zeroed_page(GFP_KERNEL);

		if (!page) {
			vmx_owner_fini();
			return -ENOMEM;
		}
		per_cpu(vmxon_page, cpu) = page;
	}
	return 0;
}

void vmx_owner_fini(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		free_page((unsigned long)per_cpu(vmxon_page, cpu));
		per_cpu(vmxon_page, cpu) = NULL;
	}
}
