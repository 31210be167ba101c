/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Guest FPU, SSE and AVX state, XCR0 and PKRU, switched by our own code inside
 * the kernel's FPU section.
 */
#ifndef VMM_HOST_FPU_H
#define VMM_HOST_FPU_H

#include <linux/types.h>

struct vcpu;
struct vmm_xsave;

int vmm_fpu_init(void);
void vmm_fpu_fini(void);

/* Components of XCR0 that a guest may use; 0 without XSAVE. */
u64 vmm_fpu_xcr0(void);

/* The guest's PKRU as its last burst left it. vcpu->lock held. */
u32 vmm_fpu_pkru(const struct vcpu *vcpu);

/*
 * The emulator's view of vector registers, as vie.h has it. vcpu->lock held, no
 * burst under way.
 */
void vmm_fpu_get_vector(const struct vcpu *vcpu, unsigned int reg, u8 data[32]);
void vmm_fpu_set_vector(struct vcpu *vcpu, unsigned int reg, const u8 data[32], bool whole);

/* Process context. The state is that after FNINIT, MXCSR 1f80h. */
int vmm_fpu_alloc(struct vcpu *vcpu);
void vmm_fpu_free(struct vcpu *vcpu);
void vmm_fpu_reset(struct vcpu *vcpu);

/*
 * VMM_GET_XSAVE, VMM_SET_XSAVE: vcpu->lock held, no burst under way. -EINVAL and
 * -EOPNOTSUPP as the ABI says; nothing is changed then.
 */
int vmm_fpu_get(struct vcpu *vcpu, struct vmm_xsave *args);
int vmm_fpu_set(struct vcpu *vcpu, const struct vmm_xsave *args);

/*
 * Around a burst; preemption off, interrupts on at both calls. In between the
 * registers are the guest's and no kernel code may use the FPU.
 */
void vmm_fpu_enter(struct vcpu *vcpu);
void vmm_fpu_leave(struct vcpu *vcpu);

/* Inside: the guest loaded XCR0 (vcpu->regs.xcr0). */
void vmm_fpu_xcr0_changed(struct vcpu *vcpu);

#endif /* VMM_HOST_FPU_H */
