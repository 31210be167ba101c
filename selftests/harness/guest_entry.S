/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a test guest needs that is not C: interrupt stubs and the way of an
 * application processor from real mode to long mode.
 */
#include "guest_layout.h"

	.section .note.GNU-stack, "", @progbits
	.text

/*
 * 256 stubs of 16 bytes. Each leaves error code (0 where the processor pushes
 * none) and vector on the stack and goes on to common.
 */
	.globl guest_stubs
	.balign 16
guest_stubs:
	.set vector, 0
	.rept 256
	.balign 16
	.if !(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21)
	push $0
	.endif
	.byte 0x68
	.long vector
	jmp common
	.set vector, vector + 1
	.endr

/* The frame is struct guest_frame. The processor aligned RSP; 22 words keep it so. */
common:
	push %rax
	push %rcx
	push %rdx
	push %rbx
	push %rbp
	push %rsi
	push %rdi
	push %r8
	push %r9
	push %r10
	push %r11
	push %r12
	push %r13
	push %r14
	push %r15
	mov %rsp, %rdi
	cld
	call guest_trap
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %r11
	pop %r10
	pop %r9
	pop %r8
	pop %rdi
	pop %rsi
	pop %rbp
	pop %rbx
	pop %rdx
	pop %rcx
	pop %rax
	add $16, %rsp
	iretq

/*
 * Copied to GUEST_AP_START. In: real mode, CS:IP = 0900:0000. Out: calls the
 * function at GUEST_AP_ENTRY in long mode with the APIC ID in RDI, on the stack
 * of that number.
 */
	.globl guest_ap_start, guest_ap_end
	.code16
guest_ap_start:
	cli
	xor %ax, %ax
	mov %ax, %ds
	lgdtl GUEST_AP_START + (ap_gdtr - guest_ap_start)
	lidtl GUEST_AP_START + (ap_idtr - guest_ap_start)
	mov $0x20, %eax
	mov %eax, %cr4
	mov $GUEST_PML4, %eax
	mov %eax, %cr3
	mov $0xc0000080, %ecx
	rdmsr
	or $0x100, %eax
	wrmsr
	mov $0x80000031, %eax
	mov %eax, %cr0
	ljmpl $GUEST_CS64, $(GUEST_AP_START + (ap_long - guest_ap_start))
	.code64
ap_long:
	mov $GUEST_DS, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	mov $1, %eax
	cpuid
	shr $24, %ebx
	mov %ebx, %edi
	imul $GUEST_STACK, %ebx, %eax
	lea GUEST_STACKS + GUEST_STACK(%rax), %rsp
	mov GUEST_AP_ENTRY, %rax
	call *%rax
1:	hlt
	jmp 1b
	.balign 4
ap_gdtr:
	.word 0x3f
	.long GUEST_GDT
	.balign 4
ap_idtr:
	.word 0xfff
	.long GUEST_IDT
guest_ap_end:
