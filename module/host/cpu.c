// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * CPU hotplug, suspend/resume, reboot and kexec. (Crash: vmx_owner.c.)
 *
 * A CPU must not go offline, to sleep or to another kernel inside VMX
 * operation: INIT is blocked there. Secondary CPUs come and go through
 * hotplug, also at suspend; the boot CPU through syscore. No VMCS is active
 * outside a burst, so there is nothing else to save.
 */
#include <linux/cpuhotplug.h>
#include <linux/reboot.h>
#include <linux/smp.h>
#include "../vmm.h"
#include "compat.h"
#include "cpu.h"
#include "vmx_owner.h"

static int hotplug_state;

static int host_online(unsigned int cpu)
{
	return vmx_owner_cpu_online();
}

static int host_offline(unsigned int cpu)
{
	vmx_owner_cpu_offline();
	return 0;
}

static int host_suspend(void *data)
{
	vmm_clock_suspend();
	vmx_owner_suspend();
	return 0;
}

/* Timekeeping is older than we are: it stops after us and goes on before us. */
static void host_resume(void *data)
{
	vmm_clock_resume();
	vmx_owner_resume();
}

/* syscore shutdown runs late, on one CPU; the reboot notifier has done the work. */
static void host_shutdown(void *data)
{
	vmx_owner_suspend();
}

VMM_SYSCORE_DEFINE(vmm_syscore, host_suspend, host_resume, host_shutdown);

static int host_reboot(struct notifier_block *nb, unsigned long action, void *data)
{
	vmx_owner_shutdown();
	return NOTIFY_OK;
}

static struct notifier_block reboot_notifier = {
	.notifier_call = host_reboot,
};

int vmm_cpu_init(void)
{
	int error = vmx_owner_init();

	if (error)
		return error;
	error = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "virt/vmm:online", host_online, host_offline);
	if (error < 0)
		goto err_hotplug;
	hotplug_state = error;
	vmm_register_syscore(&vmm_syscore);
	error = register_reboot_notifier(&reboot_notifier);
	if (error)
		goto err_reboot;
	return 0;

err_reboot:
	vmm_unregister_syscore(&vmm_syscore);
	cpuhp_remove_state(hotplug_state);
err_hotplug:
	vmx_owner_fini();
	return error;
}

void vmm_cpu_fini(void)
{
	unregister_reboot_notifier(&reboot_notifier);
	vmm_unregister_syscore(&vmm_syscore);
	cpuhp_remove_state(hotplug_state);
	vmx_owner_fini();
}
