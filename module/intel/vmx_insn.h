/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The VMX instructions as inline functions (SDM "VMX Instruction Reference").
 *
 * Each carries an exception-table entry: after an emergency VMXOFF, or when
 * another owner turned VMX off behind our back, they raise #UD, and the
 * machine must not die of it. All return 0, -EIO for VMfail and #UD alike.
 * Interrupts or at least preemption must be off.
 */
#ifndef VMM_INTEL_VMX_INSN_H
#define VMM_INTEL_VMX_INSN_H

#include <linux/errno.h>
#include <linux/types.h>
#include <asm/asm.h>

struct vmx_inv_desc {
	u64 id;			/* EPTP, or VPID in 15:0 */
	u64 gla;
};

#define INVEPT_ALL		2

/* VMfail sets CF or ZF; an exception goes to 2. */
#define VMX_TRY(insn, ...)							\
({										\
	u8 __failed;								\
										\
	asm volatile("1: " insn "\n\t"						\
		     "setbe %[failed]\n\t"					\
		     "jmp 3f\n"							\
		     "2: movb $1, %[failed]\n"					\
		     "3:\n"							\
		     _ASM_EXTABLE(1b, 2b)					\
		     : [failed] "=q" (__failed)					\
		     : __VA_ARGS__						\
		     : "cc", "memory");						\
	__failed ? -EIO : 0;							\
})

static __always_inline int vmxon(u64 hpa)
{
	return VMX_TRY("vmxon %[hpa]", [hpa] "m" (hpa));
}

static __always_inline int vmxoff(void)
{
	return VMX_TRY("vmxoff", "i" (0));
}

static __always_inline int vmclear(u64 hpa)
{
	return VMX_TRY("vmclear %[hpa]", [hpa] "m" (hpa));
}

static __always_inline int vmptrld(u64 hpa)
{
	return VMX_TRY("vmptrld %[hpa]", [hpa] "m" (hpa));
}

static __always_inline int invept(u64 type, u64 eptp)
{
	struct vmx_inv_desc desc = { .id = eptp };

	return VMX_TRY("invept %[desc], %[type]", [desc] "m" (desc), [type] "r" (type));
}

static __always_inline int invvpid(u64 type, u16 vpid)
{
	struct vmx_inv_desc desc = { .id = vpid };

	return VMX_TRY("invvpid %[desc], %[type]", [desc] "m" (desc), [type] "r" (type));
}

/*
 * A read of a field that every processor we accept has. When VMX is gone the
 * answer is 0; the burst notices at its next VM entry, which cannot succeed.
 */
static __always_inline u64 vmread(u64 field)
{
	u64 value = 0;

	asm volatile("1: vmread %[field], %[value]\n"
		     "2:\n"
		     _ASM_EXTABLE(1b, 2b)
		     : [value] "+r" (value) : [field] "r" (field) : "cc");
	return value;
}

/* A read of a field that may not exist. */
static __always_inline int vmread_safe(u64 field, u64 *value)
{
	u64 v = 0;
	u8 failed;

	asm volatile("1: vmread %[field], %[value]\n\t"
		     "setbe %[failed]\n\t"
		     "jmp 3f\n"
		     "2: movb $1, %[failed]\n"
		     "3:\n"
		     _ASM_EXTABLE(1b, 2b)
		     : [value] "+r" (v), [failed] "=&q" (failed)
		     : [field] "r" (field) : "cc");
	*value = v;
	return failed ? -EINVAL : 0;
}

static __always_inline void vmwrite(u64 field, u64 value)
{
	asm volatile("1: vmwrite %[value], %[field]\n"
		     "2:\n"
		     _ASM_EXTABLE(1b, 2b)
		     : : [field] "r" (field), [value] "r" (value) : "cc", "memory");
}

/*
 * MSRs that are known to be there, without the detour that a kernel for
 * paravirtual machines takes: where VMX is there is no such machine's owner to
 * be asked.
 */
static __always_inline u64 msr_get(u32 index)
{
	u32 low, high;

	asm volatile("rdmsr" : "=a" (low), "=d" (high) : "c" (index));
	return (u64)high << 32 | low;
}

static __always_inline void msr_put(u32 index, u64 value)
{
	asm volatile("wrmsr"
		     : : "c" (index), "a" ((u32)value), "d" ((u32)(value >> 32)) : "memory");
}

#endif /* VMM_INTEL_VMX_INSN_H */
