/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Measures against speculative-execution attacks around VM entry and exit, as
 * far as a module can take them. All follow the kernel's own decisions
 * (mitigations= and friends), which arrive as CPU feature and bug bits.
 */
#ifndef VMM_HOST_MITIGATION_H
#define VMM_HOST_MITIGATION_H

#include <linux/types.h>

struct vm;

void vmm_mitigation_init(void);

/* VMM_MITIG_*: those in force. */
u64 vmm_mitigations(void);

bool vmm_mitigation_verw(void);
bool vmm_mitigation_bhb(void);
bool vmm_mitigation_spec_ctrl(void);
/* Preemption off: SPEC_CTRL as the kernel has it on this CPU, 0 without it. */
u64 vmm_mitigation_host_spec_ctrl(void);
/* IA32_ARCH_CAPABILITIES of the host, 0 without it. */
u64 vmm_host_arch_caps(void);

/* Interrupts off. Before a burst: predictor barrier, L1D flush. */
void vmm_mitigation_burst(const struct vm *vm);
/* Interrupts off. The host ran in the middle of a burst: flush again. */
void vmm_mitigation_after_interrupt(void);
/* Interrupts off. After one: let the kernel flush before it leaves to user mode. */
void vmm_mitigation_after_burst(void);

#endif /* VMM_HOST_MITIGATION_H */
