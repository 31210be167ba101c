// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Module init and exit. Loading judges the processor and creates the control
 * node; it does not touch VMX, which is taken with the first VM.
 */
#include <linux/module.h>
#include "cpu.h"
#include "fpu.h"
#include "mitigation.h"
#include "vm_node.h"
#include "vmm.h"

const struct vmm_ops *vmm_backend = &vmx_ops;

static int __init vmm_init(void)
{
	int error = vmm_backend->init();

	if (error)
		return error;
	error = vmm_fpu_init();
	if (error)
		goto err_fpu;
	vmm_mitigation_init();
	error = vmm_cpu_init();
	if (error)
		goto err_cpu;
	error = irqfd_module_init();
	if (error)
		goto err_irqfd;
	error = vm_node_init();
	if (error)
		goto err_node;
	error = vmm_dev_init();
	if (error)
		goto err_dev;
	return 0;

err_dev:
	vm_node_fini();
err_node:
	irqfd_module_fini();
err_irqfd:
	vmm_cpu_fini();
err_cpu:
	vmm_fpu_fini();
err_fpu:
	vmm_backend->fini();
	return error;
}

static void __exit vmm_exit(void)
{
	vmm_dev_fini();
	vm_node_fini();
	irqfd_module_fini();
	vmm_cpu_fini();
	vmm_fpu_fini();
	vmm_backend->fini();
}

module_init(vmm_init);
module_exit(vmm_exit);
MODULE_DESCRIPTION("Virtual machine monitor for Intel VT-x");
MODULE_VERSION(VMM_VERSION);
MODULE_LICENSE("Dual BSD/GPL");
