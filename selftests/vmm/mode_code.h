/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Guest code of mode_test that is not 64-bit C, as one block each, run at
 * GUEST_CODE. All of it reports through the harness's ports with EBX.
 */
#ifndef MODE_CODE_H
#define MODE_CODE_H

#include "guest_layout.h"

#define STR_(x)		#x
#define STR(x)		STR_(x)
#define BLOCK(name, bits, text)							\
	extern const char name##_code[], name##_end[];				\
	asm(".pushsection .rodata\n"						\
	    ".code" bits "\n"							\
	    ".globl " #name "_code, " #name "_end\n"				\
	    #name "_code:\n" text "\n" #name "_end:\n"				\
	    ".code64\n"								\
	    ".popsection")

#define DONE		"out %al, $" STR(GUEST_PORT_DONE) "\n"
#define VALUE		"out %al, $" STR(GUEST_PORT_VALUE) "\n"
/* Where a label of the block @name is when it runs. */
#define AT(name, label)	"(" STR(GUEST_CODE) " + " label " - " #name "_code)"

/* Real mode: ports, strings, an interrupt through the IVT, CPUID, segments. */
BLOCK(real, "16",
	"mov $0x300, %dx\n"
	"mov $0x12345678, %eax\n"
	"out %eax, %dx\n"
	"in %dx, %ax\n"
	"mov %eax, %ebx\n"
	VALUE
	/* REP OUTSB from 5000h:0010h, with a segment override. */
	"mov $0x5000, %ax\n"
	"mov %ax, %fs\n"
	"mov $0x10, %si\n"
	"mov $20, %cx\n"
	"cld\n"
	"rep outsb %fs:(%si), %dx\n"
	"movzx %si, %ebx\n"
	VALUE
	/* REP INSW to ES:DI. */
	"mov %ax, %es\n"
	"mov $0x100, %di\n"
	"mov $6, %cx\n"
	"rep insw %dx, %es:(%di)\n"
	"movzx %di, %ebx\n"
	VALUE
	/* Interrupt 21h, by the vector table. */
	"movw $" AT(real, "10f") ", 0x21 * 4\n"
	"movw $0, 0x21 * 4 + 2\n"
	"xor %ebx, %ebx\n"
	"int $0x21\n"
	VALUE
	/* #UD, handler steps over. */
	"movw $" AT(real, "11f") ", 6 * 4\n"
	"movw $0, 6 * 4 + 2\n"
	"ud2\n"
	VALUE
	"xor %eax, %eax\n"
	"cpuid\n"
	"movzx %al, %ebx\n"
	DONE
	"10:\n"
	"add $0x21, %bx\n"
	"iret\n"
	"11:\n"
	"mov $0x66, %bx\n"
	"push %bp\n"
	"mov %sp, %bp\n"
	"addw $2, 2(%bp)\n"
	"pop %bp\n"
	"iret\n");

/* Flat 32-bit without paging: MMIO at D0000000h, strings, wide ports. */
BLOCK(flat, "32",
	"mov $0xd0000000, %esi\n"
	"movl (%esi), %ebx\n"
	VALUE
	"movl $0xcafef00d, 4(%esi)\n"
	"addl $1, 4(%esi)\n"
	"movl 4(%esi), %ebx\n"
	VALUE
	"mov $0x50010, %esi\n"
	"mov $5, %ecx\n"
	"mov $0x300, %dx\n"
	"rep outsl\n"
	"mov %esi, %ebx\n"
	VALUE
	"mov %cr0, %ebx\n"
	DONE);

/*
 * 32-bit paging, then PAE, both with linear E0000000h at MMIO D0000000h and
 * 00C00000h at 00500000h, by tables that the test has built. EAX: CR3 of the
 * first, CR3 of PAE is 1000h above.
 */
BLOCK(paging, "32",
	"mov %eax, %edi\n"
	"mov %edi, %cr3\n"
	"mov $0x10, %eax\n"		/* PSE */
	"mov %eax, %cr4\n"
	"mov %cr0, %eax\n"
	"or $0x80000000, %eax\n"
	"mov %eax, %cr0\n"
	"movl 0xc00000, %ebx\n"
	VALUE
	"movl 0xe0000010, %ebx\n"
	VALUE
	"movl $0x11223344, 0xe0000020\n"
	/* Paging off, PAE on, paging on. */
	"and $0x7fffffff, %eax\n"
	"mov %eax, %cr0\n"
	"mov $0x20, %edx\n"
	"mov %edx, %cr4\n"
	"add $0x1000, %edi\n"
	"mov %edi, %cr3\n"
	"or $0x80000000, %eax\n"
	"mov %eax, %cr0\n"
	"movl 0xc00000, %ebx\n"
	VALUE
	"movl 0xe0000030, %ebx\n"
	VALUE
	"movl $0x55667788, 0xe0000040\n"
	/* The second set of PDPTEs maps C00000h elsewhere. */
	"lea 0x20(%edi), %edx\n"
	"mov %edx, %cr3\n"
	"movl 0xc00000, %ebx\n"
	VALUE
	DONE);

/*
 * MOV to CR3 with a reserved bit in a PDPTE. EAX: the new CR3. At +20h is the
 * handler of #GP: it reports the error code and the address, and steps over.
 */
#define PDPTE_HANDLER	0x20
BLOCK(pdpte, "32",
	"mov %eax, %cr3\n"
	"mov %cr3, %ebx\n"
	DONE
	".org pdpte_code + " STR(PDPTE_HANDLER) "\n"
	"pop %ebx\n"
	VALUE
	"mov (%esp), %ebx\n"
	VALUE
	"addl $3, (%esp)\n"
	"iret\n");

/* Compatibility mode: 32-bit code in long mode, MMIO and strings. */
BLOCK(compat, "32",
	"movl 0xd0000000, %ebx\n"
	VALUE
	"movl $0x31415926, 0xd0000008\n"
	"movl $0x50010, %esi\n"
	"movl $3, %ecx\n"
	"movl $0x300, %edx\n"
	"rep outsl\n"
	"mov %esi, %ebx\n"
	DONE);

#endif /* MODE_CODE_H */
