/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The world switch: the only assembly of the module.
 *
 * Everything here must stay in the order that the mitigations need: after the
 * last guest-controlled register is gone and before the first RET, the return
 * stack is refilled and the host's SPEC_CTRL comes back; VERW is the last
 * instruction before VM entry that may leave data in a buffer.
 */
#include <linux/linkage.h>
#include <asm/alternative.h>
#include <asm/asm.h>
#include <asm/nospec-branch.h>
#include <asm/segment.h>
#include <asm/unwind_hints.h>
#include "vmcs_fields.h"
#include "vmx_offsets.h"

/* Offset in the register array: encoding order. */
#define GPR(n)	((n) * 8)

/* All guest registers but RSP; %rdi points to the switch. */
.macro LOAD_GUEST_GPRS
	mov	SWITCH_GPRS(%rdi), %rdi
	mov	GPR(0)(%rdi), %rax
	mov	GPR(1)(%rdi), %rcx
	mov	GPR(2)(%rdi), %rdx
	mov	GPR(3)(%rdi), %rbx
	mov	GPR(5)(%rdi), %rbp
	mov	GPR(6)(%rdi), %rsi
	mov	GPR(8)(%rdi), %r8
	mov	GPR(9)(%rdi), %r9
	mov	GPR(10)(%rdi), %r10
	mov	GPR(11)(%rdi), %r11
	mov	GPR(12)(%rdi), %r12
	mov	GPR(13)(%rdi), %r13
	mov	GPR(14)(%rdi), %r14
	mov	GPR(15)(%rdi), %r15
	mov	GPR(7)(%rdi), %rdi
.endm

.section .noinstr.text, "ax"

/*
 * int vmx_enter(struct vmx_switch *sw)
 *
 * In:	%rdi = sw; the VMCS is current; interrupts off; no kernel FPU state
 *	of ours is live in registers.
 * Out:	%eax = 0 after a VM exit, 1 if VMLAUNCH/VMRESUME reported VMfail,
 *	2 if it raised #UD (VMX is off). *sw->gpr holds the guest's registers.
 * Clobbers: all caller-saved registers, flags. Stack: 8 words.
 */
SYM_FUNC_START(vmx_enter)
	push	%rbp
	mov	%rsp, %rbp
	push	%r15
	push	%r14
	push	%r13
	push	%r12
	push	%rbx
	push	%rdi

	/* HOST_RSP changes only with the depth of the caller's stack. */
	cmp	%rsp, SWITCH_HOST_RSP(%rdi)
	je	.Lrsp_current
	mov	%rsp, SWITCH_HOST_RSP(%rdi)
	mov	$VMCS_HOST_RSP, %eax
	vmwrite	%rsp, %rax
.Lrsp_current:
	UNWIND_HINT_SAVE

	/* The guest's SPEC_CTRL: from here to the entry there is no RET. */
	testl	$SWITCH_F_GUEST_SPEC, SWITCH_FLAGS(%rdi)
	jz	.Lhost_spec
	mov	$0x48, %ecx		/* IA32_SPEC_CTRL */
	mov	SWITCH_GUEST_SPEC(%rdi), %eax
	mov	SWITCH_GUEST_SPEC+4(%rdi), %edx
	wrmsr
.Lhost_spec:

	/* CF = resume; MOV and VERW leave it alone. */
	mov	SWITCH_FLAGS(%rdi), %esi
	testl	$SWITCH_F_VERW, %esi
	jz	.Lno_verw
	btl	$SWITCH_B_RESUME, %esi
	LOAD_GUEST_GPRS
	verw	vmx_verw_selector(%rip)
	jc	.Lresume
	jmp	.Llaunch
.Lno_verw:
	btl	$SWITCH_B_RESUME, %esi
	LOAD_GUEST_GPRS
	jnc	.Llaunch
.Lresume:
	vmresume
	jmp	.Lvmfail
.Llaunch:
	vmlaunch
	jmp	.Lvmfail
	_ASM_EXTABLE(.Lresume, .Lfault)
	_ASM_EXTABLE(.Llaunch, .Lfault)

/*
 * VM exit: HOST_RIP of every VMCS. In: %rsp = HOST_RSP, all other general
 * registers are the guest's, the host's segments and control registers are
 * back, flags are 2.
 */
SYM_INNER_LABEL(vmx_exit_point, SYM_L_GLOBAL)
	UNWIND_HINT_RESTORE
	ENDBR
	push	%rdi
	mov	8(%rsp), %rdi
	mov	SWITCH_GPRS(%rdi), %rdi
	mov	%rax, GPR(0)(%rdi)
	mov	%rcx, GPR(1)(%rdi)
	mov	%rdx, GPR(2)(%rdi)
	mov	%rbx, GPR(3)(%rdi)
	mov	%rbp, GPR(5)(%rdi)
	mov	%rsi, GPR(6)(%rdi)
	mov	%r8,  GPR(8)(%rdi)
	mov	%r9,  GPR(9)(%rdi)
	mov	%r10, GPR(10)(%rdi)
	mov	%r11, GPR(11)(%rdi)
	mov	%r12, GPR(12)(%rdi)
	mov	%r13, GPR(13)(%rdi)
	mov	%r14, GPR(14)(%rdi)
	mov	%r15, GPR(15)(%rdi)
	pop	GPR(7)(%rdi)
	mov	(%rsp), %rdi
	xor	%ebx, %ebx

.Lhost:
	/* No guest value stays in a register that speculation could use. */
	xor	%eax, %eax
	xor	%ecx, %ecx
	xor	%edx, %edx
	xor	%ebp, %ebp
	xor	%esi, %esi
	xor	%r8d, %r8d
	xor	%r9d, %r9d
	xor	%r10d, %r10d
	xor	%r11d, %r11d
	xor	%r12d, %r12d
	xor	%r13d, %r13d
	xor	%r14d, %r14d
	xor	%r15d, %r15d

	FILL_RETURN_BUFFER %rcx, RSB_CLEAR_LOOPS, X86_FEATURE_RSB_VMEXIT, X86_FEATURE_RSB_VMEXIT_LITE

	/* KERNEL_IBRS takes effect for what follows only when written anew. */
	testl	$(SWITCH_F_SPEC_CTRL | SWITCH_F_GUEST_SPEC), SWITCH_FLAGS(%rdi)
	jz	.Lspec_done
	mov	$0x48, %ecx		/* IA32_SPEC_CTRL */
	mov	SWITCH_HOST_SPEC(%rdi), %eax
	mov	SWITCH_HOST_SPEC+4(%rdi), %edx
	wrmsr
.Lspec_done:
	lfence

#if VMM_HAVE_BHB_LOOP
	testl	$SWITCH_F_BHB, SWITCH_FLAGS(%rdi)
	jz	.Lbhb_done
	call	clear_bhb_loop
.Lbhb_done:
#endif

	mov	%ebx, %eax
	add	$8, %rsp
	pop	%rbx
	pop	%r12
	pop	%r13
	pop	%r14
	pop	%r15
	pop	%rbp
	RET

.Lfault:
	mov	$2, %ebx
	jmp	.Lnot_entered
.Lvmfail:
	mov	$1, %ebx
.Lnot_entered:
	/* %rdi holds the guest's value, the stack is as before entry. */
	mov	(%rsp), %rdi
	jmp	.Lhost
SYM_FUNC_END(vmx_enter)

.section .rodata
/* Any selector will do for VERW as long as it is a writable data segment. */
	.balign 2
SYM_DATA(vmx_verw_selector, .word __KERNEL_DS)
