/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Multiboot 1 entry of the test guest. In: EAX magic, EBX multiboot
 * information, flat 32-bit segments, interrupts off. Clobbers everything.
 * Calls guest_main(magic, info) on a stack of its own; does not return.
 */
#define MULTIBOOT_MAGIC	0x1badb002
#define MULTIBOOT_FLAGS	0x3

	.section .multiboot, "a"
	.balign 4
	.long MULTIBOOT_MAGIC
	.long MULTIBOOT_FLAGS
	.long -(MULTIBOOT_MAGIC + MULTIBOOT_FLAGS)

	.text
	.globl _start
_start:
	mov	$stack_top, %esp
	push	%ebx
	push	%eax
	call	guest_main
1:	cli
	hlt
	jmp	1b

	.bss
	.balign 16
	.skip 16384
stack_top:

	.section .note.GNU-stack, "", @progbits
