/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A second opinion on execution: the processor this test runs on. hw_run()
 * loads all sixteen registers and the flags from a register block, executes
 * one instruction from a page of its own, and stores them back; 32-bit code is
 * reached by a far jump to the compatibility segment.
 *
 * 64-bit code runs with null DS and ES; 32-bit code needs the flat ones. RSP is
 * loaded too, so instructions may push and pop within the arena. All
 * memory lies below 4 GiB; one caller at a time.
 */
#ifndef HW_ORACLE_H
#define HW_ORACLE_H

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "vie.h"

#define HW_ARENA	4096
#define HW_CODE		256	/* offset of the instruction in the code page */
#define HW_FLAGS	0xcd5UL	/* CF PF AF ZF SF DF OF */

#define USER_CS32	0x23
#define USER_CS64	0x33

struct hw_regs {
	u64 gpr[16];
	u64 rflags;
};

struct hw_regs hw_regs;
u64 hw_host_rsp;
void *hw_entry;

static u8 *hw_arena;		/* two pages, of which tests use the middle */
static u8 *hw_code;

void hw_enter(void);
extern char hw_leave[];

/*
 * In: hw_regs, hw_entry. Out: hw_regs. Keeps callee-saved registers and RSP;
 * memory operands are RIP-relative, so no register is needed to get there.
 */
asm(".text\n"
	".globl hw_enter\n"
	"hw_enter:\n"
	"	push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\n"
	"	mov %rsp, hw_host_rsp(%rip)\n"
	"	mov $0x2b, %eax; mov %eax, %ds; mov %eax, %es\n"
	"	pushq hw_regs+128(%rip)\n"
	"	popfq\n"
	"	mov hw_regs+0(%rip), %rax;	mov hw_regs+8(%rip), %rcx\n"
	"	mov hw_regs+16(%rip), %rdx;	mov hw_regs+24(%rip), %rbx\n"
	"	mov hw_regs+32(%rip), %rsp;	mov hw_regs+40(%rip), %rbp\n"
	"	mov hw_regs+48(%rip), %rsi;	mov hw_regs+56(%rip), %rdi\n"
	"	mov hw_regs+64(%rip), %r8;	mov hw_regs+72(%rip), %r9\n"
	"	mov hw_regs+80(%rip), %r10;	mov hw_regs+88(%rip), %r11\n"
	"	mov hw_regs+96(%rip), %r12;	mov hw_regs+104(%rip), %r13\n"
	"	mov hw_regs+112(%rip), %r14;	mov hw_regs+120(%rip), %r15\n"
	"	jmp *hw_entry(%rip)\n"
	".globl hw_leave\n"
	"hw_leave:\n"
	"	mov %rax, hw_regs+0(%rip);	mov %rcx, hw_regs+8(%rip)\n"
	"	mov %rdx, hw_regs+16(%rip);	mov %rbx, hw_regs+24(%rip)\n"
	"	mov %rsp, hw_regs+32(%rip);	mov %rbp, hw_regs+40(%rip)\n"
	"	mov %rsi, hw_regs+48(%rip);	mov %rdi, hw_regs+56(%rip)\n"
	"	mov %r8, hw_regs+64(%rip);	mov %r9, hw_regs+72(%rip)\n"
	"	mov %r10, hw_regs+80(%rip);	mov %r11, hw_regs+88(%rip)\n"
	"	mov %r12, hw_regs+96(%rip);	mov %r13, hw_regs+104(%rip)\n"
	"	mov %r14, hw_regs+112(%rip);	mov %r15, hw_regs+120(%rip)\n"
	"	mov hw_host_rsp(%rip), %rsp\n"
	"	pushfq\n"
	"	popq hw_regs+128(%rip)\n"
	"	cld\n"
	"	xor %eax, %eax; mov %eax, %ds; mov %eax, %es\n"
	"	pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n"
	"	ret\n");

static inline void hw_put32(u8 *at, u64 value)
{
	u32 low = value;

	memcpy(at, &low, 4);
}

/* jmp *0(%rip) with the target behind it: 14 bytes, no register used. */
static inline void hw_put_jump64(u8 *at, u64 target)
{
	static const u8 jump[6] = { 0xff, 0x25, 0, 0, 0, 0 };

	memcpy(at, jump, 6);
	memcpy(at + 6, &target, 8);
}

/* ljmp $selector, $target: 7 bytes of 32-bit code. */
static inline void hw_put_jump32(u8 *at, u16 selector, u64 target)
{
	at[0] = 0xea;
	hw_put32(at + 1, target);
	memcpy(at + 5, &selector, 2);
}

static inline void hw_init(void)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT;

	hw_arena = mmap(NULL, 2 * HW_ARENA, PROT_READ | PROT_WRITE, flags, -1, 0);
	hw_code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, flags, -1, 0);
	if (hw_arena == MAP_FAILED || hw_code == MAP_FAILED)
		abort();
}

/* Put @inst at hw_code + HW_CODE, followed by the way back. */
static inline void hw_place(const u8 *inst, unsigned int len, enum vie_mode mode)
{
	u8 *code = hw_code + HW_CODE;

	memcpy(code, inst, len);
	if (mode == VIE_64) {
		hw_put_jump64(code + len, (u64)hw_leave);
		return;
	}
	/* Page layout: 0 far pointer to the code, 16 the 64-bit landing, 32 the
	 * indirect far jump that enters.
	 */
	hw_put32(hw_code, (u64)code);
	hw_code[4] = USER_CS32;
	hw_code[5] = 0;
	hw_put_jump64(hw_code + 16, (u64)hw_leave);
	hw_code[32] = 0xff;			/* ljmp *-38(%rip) */
	hw_code[33] = 0x2d;
	hw_put32(hw_code + 34, (u64)-38);
	hw_put_jump32(code + len, USER_CS64, (u64)hw_code + 16);
}

static inline void hw_run(struct vmm_regs *regs, enum vie_mode mode)
{
	memcpy(hw_regs.gpr, regs->gpr, sizeof(hw_regs.gpr));
	hw_regs.rflags = (regs->rflags & HW_FLAGS) | 0x202;
	hw_entry = mode == VIE_64 ? hw_code + HW_CODE : hw_code + 32;
	hw_enter();
	memcpy(regs->gpr, hw_regs.gpr, sizeof(hw_regs.gpr));
	regs->rflags = (regs->rflags & ~HW_FLAGS) | (hw_regs.rflags & HW_FLAGS);
}

#endif /* HW_ORACLE_H */
