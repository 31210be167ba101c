// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Guest FPU state.
 *
 * kernel_fpu_begin() puts the user's registers away and they come back lazily
 * on the way to user mode; between begin and end the registers hold the
 * guest's. XRSTOR and XSAVE run under the host's XCR0, so the guest's value is
 * loaded after the one and unloaded before the other. PKRU is not among the
 * lazily restored components and is swapped by hand.
 *
 * SDM volume 1 "Managing State Using the XSAVE Feature Set".
 */
#include <linux/slab.h>
#include <asm/cpufeature.h>
#include <asm/fpu/api.h>
#include <asm/fpu/xcr.h>
#include <asm/special_insns.h>
#include "../vmm.h"
#include "compat.h"
#include "fpu.h"

#define XCR0_PKRU	BIT_ULL(9)
#define XCR0_AMX	(BIT_ULL(17) | BIT_ULL(18))
#define FXSAVE_SIZE	512
#define FCW_OFFSET	0
#define MXCSR_OFFSET	24

static u64 host_xcr0;
static u64 guest_xcr0_max;
static u32 area_size;

struct guest_fpu {
	u32 pkru;
	u32 host_pkru;
	void *area;		/* 64-byte aligned, standard XSAVE format */
};

int vmm_fpu_init(void)
{
	u32 eax, ebx, ecx, edx;

	area_size = FXSAVE_SIZE;
	if (boot_cpu_has(X86_FEATURE_XSAVE) && boot_cpu_has(X86_FEATURE_OSXSAVE)) {
		host_xcr0 = xgetbv(XCR_XFEATURE_ENABLED_MASK);
		guest_xcr0_max = host_xcr0 & ~(XCR0_PKRU | XCR0_AMX);
		/* EBX: size for the components that XCR0 enables now. */
		cpuid_count(0xd, 0, &eax, &ebx, &ecx, &edx);
		area_size = ebx;
	}
	return 0;
}

void vmm_fpu_fini(void)
{
}

u64 vmm_fpu_xcr0(void)
{
	return guest_xcr0_max;
}

int vmm_fpu_alloc(struct vcpu *vcpu)
{
	struct guest_fpu *fpu = kzalloc(sizeof(*fpu), GFP_KERNEL_ACCOUNT);

	if (!fpu)
		return -ENOMEM;
	/* A power of two: kmalloc aligns those to their size. */
	fpu->area = kzalloc(roundup_pow_of_two(area_size), GFP_KERNEL_ACCOUNT);
	if (!fpu->area) {
		kfree(fpu);
		return -ENOMEM;
	}
	vcpu->fpu = fpu;
	vmm_fpu_reset(vcpu);
	return 0;
}

void vmm_fpu_free(struct vcpu *vcpu)
{
	struct guest_fpu *fpu = vcpu->fpu;

	if (!fpu)
		return;
	kfree(fpu->area);
	kfree(fpu);
	vcpu->fpu = NULL;
}

void vmm_fpu_reset(struct vcpu *vcpu)
{
	struct guest_fpu *fpu = vcpu->fpu;

	/* XSTATE_BV 0: every component in its initial state. */
	memset(fpu->area, 0, area_size);
	*(u16 *)(fpu->area + FCW_OFFSET) = 0x37f;
	*(u32 *)(fpu->area + MXCSR_OFFSET) = 0x1f80;
	fpu->pkru = 0;
}

static void xrstor(void *area, u64 mask)
{
	asm volatile("xrstor64 (%0)"
		     : : "r" (area), "a" ((u32)mask), "d" ((u32)(mask >> 32)) : "memory");
}

static void xsave(void *area, u64 mask)
{
	asm volatile("xsave64 (%0)"
		     : : "r" (area), "a" ((u32)mask), "d" ((u32)(mask >> 32)) : "memory");
}

void vmm_fpu_enter(struct vcpu *vcpu)
{
	struct guest_fpu *fpu = vcpu->fpu;

	kernel_fpu_begin();
	if (!guest_xcr0_max) {
		asm volatile("fxrstor64 (%0)" : : "r" (fpu->area) : "memory");
		return;
	}
	xrstor(fpu->area, guest_xcr0_max);
	if (cpu_feature_enabled(X86_FEATURE_OSPKE)) {
		fpu->host_pkru = rdpkru();
		if (fpu->pkru != fpu->host_pkru)
			wrpkru(fpu->pkru);
	}
	if (vcpu->regs.xcr0 != host_xcr0)
		xsetbv(XCR_XFEATURE_ENABLED_MASK, vcpu->regs.xcr0);
}

void vmm_fpu_leave(struct vcpu *vcpu)
{
	struct guest_fpu *fpu = vcpu->fpu;

	if (!guest_xcr0_max) {
		asm volatile("fxsave64 (%0)" : : "r" (fpu->area) : "memory");
		kernel_fpu_end();
		return;
	}
	if (vcpu->regs.xcr0 != host_xcr0)
		xsetbv(XCR_XFEATURE_ENABLED_MASK, host_xcr0);
	if (cpu_feature_enabled(X86_FEATURE_OSPKE)) {
		fpu->pkru = rdpkru();
		if (fpu->pkru != fpu->host_pkru)
			wrpkru(fpu->host_pkru);
	}
	xsave(fpu->area, guest_xcr0_max);
	kernel_fpu_end();
}

void vmm_fpu_xcr0_changed(struct vcpu *vcpu)
{
	if (guest_xcr0_max)
		xsetbv(XCR_XFEATURE_ENABLED_MASK, vcpu->regs.xcr0);
}
