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
static u64 pkru_component;
static u32 area_size;
static u32 offset_of[8];	/* of components, standard form */

struct guest_fpu {
	u32 pkru;
	u32 host_pkru;
	void *area;		/* 64-byte aligned, standard XSAVE format */
};

int vmm_fpu_init(void)
{
	u32 eax, ebx, ecx, edx;
	unsigned int i;

	area_size = FXSAVE_SIZE;
	if (boot_cpu_has(X86_FEATURE_XSAVE) && boot_cpu_has(X86_FEATURE_OSXSAVE)) {
		host_xcr0 = xgetbv(XCR_XFEATURE_ENABLED_MASK);
		guest_xcr0_max = host_xcr0 & ~(XCR0_PKRU | XCR0_AMX);
		if (cpu_feature_enabled(X86_FEATURE_OSPKE))
			pkru_component = host_xcr0 & XCR0_PKRU;
		/* EBX: size for the components that XCR0 enables now. */
		cpuid_count(0xd, 0, &eax, &ebx, &ecx, &edx);
		area_size = ebx;
		for (i = 2; i < ARRAY_SIZE(offset_of); i++)
			cpuid_count(0xd, i, &eax, &offset_of[i], &ecx, &edx);
	}
	/* What userspace can carry away; no such processor yet. */
	return area_size > VMM_XSAVE_AREA ? -ENODEV : 0;
}

void vmm_fpu_fini(void)
{
}

u64 vmm_fpu_xcr0(void)
{
	/* PKRU is switched, though not by XRSTOR and XSAVE. */
	return guest_xcr0_max ? guest_xcr0_max | pkru_component : 0;
}

u32 vmm_fpu_pkru(const struct vcpu *vcpu)
{
	const struct guest_fpu *fpu = vcpu->fpu;

	return fpu->pkru;
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

#define X87_FIRST	0	/* FCW to FDP */
#define X87_LEN		24
#define ST_FIRST	32
#define ST_LEN		128
#define SSE_FIRST	160
#define SSE_LEN		256
#define HEADER_FIRST	512
#define HEADER_LEN	64
#define MXCSR_VALID	0xffffU
#define XFEATURES_LEGACY 3ULL

static u64 components(void)
{
	return guest_xcr0_max ? guest_xcr0_max : XFEATURES_LEGACY;
}

int vmm_fpu_get(struct vcpu *vcpu, struct vmm_xsave *args)
{
	const struct guest_fpu *fpu = vcpu->fpu;
	u64 xstate_bv = XFEATURES_LEGACY;

	lockdep_assert_held(&vcpu->lock);
	args->components = components();
	args->area_size = max_t(u32, area_size, HEADER_FIRST + HEADER_LEN);
	args->pkru = fpu->pkru;
	memset(args->area, 0, sizeof(args->area));
	memcpy(args->area, fpu->area, area_size);
	/* FXSAVE has no header. */
	if (!guest_xcr0_max)
		memcpy(args->area + HEADER_FIRST, &xstate_bv, sizeof(xstate_bv));
	return 0;
}

static void copy_part(struct guest_fpu *fpu, const struct vmm_xsave *args, u32 first, u32 len)
{
	memcpy(fpu->area + first, args->area + first, len);
}

int vmm_fpu_set(struct vcpu *vcpu, const struct vmm_xsave *args)
{
	u32 mxcsr = *(const u32 *)(args->area + MXCSR_OFFSET), size, offset, ecx, edx;
	const u64 *header = (const void *)(args->area + HEADER_FIRST);
	struct guest_fpu *fpu = vcpu->fpu;
	u64 xstate_bv = header[0];
	unsigned int i;

	lockdep_assert_held(&vcpu->lock);
	if (args->components & ~components())
		return -EOPNOTSUPP;
	if (xstate_bv & ~args->components ||
	    memchr_inv(&header[1], 0, HEADER_LEN - sizeof(*header)) ||
	    ((xstate_bv & 6) && mxcsr & ~MXCSR_VALID))
		return -EINVAL;

	vmm_fpu_reset(vcpu);
	fpu->pkru = args->pkru;
	if (xstate_bv & 1) {
		copy_part(fpu, args, X87_FIRST, X87_LEN);
		copy_part(fpu, args, ST_FIRST, ST_LEN);
	}
	if (xstate_bv & 2)
		copy_part(fpu, args, SSE_FIRST, SSE_LEN);
	/* MXCSR comes with SSE or AVX. */
	if (xstate_bv & 6)
		copy_part(fpu, args, MXCSR_OFFSET, sizeof(mxcsr));
	for (i = 2; i < 63; i++) {
		if (!(xstate_bv & BIT_ULL(i)))
			continue;
		cpuid_count(0xd, i, &size, &offset, &ecx, &edx);
		copy_part(fpu, args, offset, size);
	}
	if (guest_xcr0_max)
		copy_part(fpu, args, HEADER_FIRST, sizeof(xstate_bv));
	return 0;
}

#define XMM_LEN		16
#define YMM_HIGH	2	/* component: upper halves of YMM0 to YMM15 */
#define ZMM_HIGH	6	/* component: upper halves of ZMM0 to ZMM15 */

/* Where component @i has the part of register @reg, @len bytes each; NULL: nowhere. */
static void *vector_part(const struct guest_fpu *fpu, unsigned int i, unsigned int reg, u32 len)
{
	return guest_xcr0_max & BIT_ULL(i) ? fpu->area + offset_of[i] + reg * len : NULL;
}

/* XSAVE writes a component out even in its initial state: the bytes are true. */
void vmm_fpu_get_vector(const struct vcpu *vcpu, unsigned int reg, u8 data[32])
{
	const struct guest_fpu *fpu = vcpu->fpu;
	const void *high = vector_part(fpu, YMM_HIGH, reg, XMM_LEN);

	memcpy(data, fpu->area + SSE_FIRST + reg * XMM_LEN, XMM_LEN);
	if (high)
		memcpy(data + XMM_LEN, high, XMM_LEN);
	else
		memset(data + XMM_LEN, 0, XMM_LEN);
}

void vmm_fpu_set_vector(struct vcpu *vcpu, unsigned int reg, const u8 data[32], bool whole)
{
	struct guest_fpu *fpu = vcpu->fpu;
	void *high = vector_part(fpu, YMM_HIGH, reg, XMM_LEN);
	void *zmm = vector_part(fpu, ZMM_HIGH, reg, 2 * XMM_LEN);
	u64 *xstate_bv = fpu->area + HEADER_FIRST;

	memcpy(fpu->area + SSE_FIRST + reg * XMM_LEN, data, XMM_LEN);
	if (!guest_xcr0_max)
		return;
	*xstate_bv |= BIT_ULL(1);
	if (!whole || !high)
		return;
	memcpy(high, data + XMM_LEN, XMM_LEN);
	*xstate_bv |= BIT_ULL(YMM_HIGH);
	if (zmm)
		memset(zmm, 0, 2 * XMM_LEN);
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
