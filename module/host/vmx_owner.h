/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Who holds VMX, and the count of VMs that need it.
 *
 * One owner so far, "own": VMXON on every CPU with the first VM, VMXOFF with
 * the last; CPUs that come and go in between follow (cpu.c). If another
 * hypervisor has CR4.VMXE set anywhere, the first VM is refused.
 */
#ifndef VMM_HOST_VMX_OWNER_H
#define VMM_HOST_VMX_OWNER_H

#include <linux/types.h>

/* vmm_lock held. -EBUSY another holder, -EIO VMXON failed; vmm_refuse()d. */
int vmx_owner_get(void);
void vmx_owner_put(void);

/* Refresh the refusal that VMM_GET_INFO reports; takes vmm_lock. */
void vmx_owner_probe(void);

/* On this CPU, interrupts off: may VMX instructions be used? */
bool vmx_owner_is_on(void);
/* VMX will not come back: the machine is going down. */
bool vmx_owner_is_lost(void);

/* cpu.c: a CPU arrives or leaves; on that CPU, interrupts on, no migration. */
int vmx_owner_cpu_online(void);
void vmx_owner_cpu_offline(void);

/* cpu.c: suspend, resume and reboot; interrupts off on the calling CPU. */
void vmx_owner_suspend(void);
void vmx_owner_resume(void);
void vmx_owner_shutdown(void);

int vmx_owner_init(void);
void vmx_owner_fini(void);

#endif /* VMM_HOST_VMX_OWNER_H */
