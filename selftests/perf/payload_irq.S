/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The guest's handlers: as short as can be, for they are part of the figures.
 * Offsets into payload_out are checked in payload.c.
 */
	.section .note.GNU-stack, "", @progbits
	.text
	.globl payload_irq_x2apic, payload_irq_xapic, payload_ud

#define OUT_IRQS	24
#define OUT_FIRED_TSC	40

.macro count_and_time
	push %rax
	push %rdx
	incl payload_out + OUT_IRQS
	rdtsc
	shl $32, %rdx
	or %rdx, %rax
	mov %rax, payload_out + OUT_FIRED_TSC
.endm

/* Ends with a WRMSR to the EOI register. */
payload_irq_x2apic:
	count_and_time
	push %rcx
	mov $0x80b, %ecx
	xor %eax, %eax
	xor %edx, %edx
	wrmsr
	pop %rcx
	pop %rdx
	pop %rax
	iretq

/* Ends with a write to the EOI register in memory. */
payload_irq_xapic:
	count_and_time
	mov $0xfee000b0, %eax
	movl $0, (%rax)
	pop %rdx
	pop %rax
	iretq

/* #UD where there are no hypercalls: go on after the three bytes of VMCALL. */
payload_ud:
	addq $3, (%rsp)
	iretq
