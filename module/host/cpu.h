/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* CPU hotplug, suspend, reboot and crash: where VMX goes on and off. */
#ifndef VMM_HOST_CPU_H
#define VMM_HOST_CPU_H

/* Module init and exit; may sleep. */
int vmm_cpu_init(void);
void vmm_cpu_fini(void);

#endif /* VMM_HOST_CPU_H */
