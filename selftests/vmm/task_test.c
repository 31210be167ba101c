// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Hardware task switches in 32-bit code: JMP, CALL with IRET, and an exception
 * through a task gate.
 *
 * SDM volume 3 "Task Switching", "Task Linking", "Task-Gate Descriptor".
 */
#define GUEST_NAME	task
#define GUEST_VCPUS	1

#include <string.h>
#include "guest_fixture.h"

#define GDT	(GUEST_SCRATCH + 0x0000U)
#define IDT	(GUEST_SCRATCH + 0x1000U)
#define TSS_A	(GUEST_SCRATCH + 0x2000U)
#define TSS_B	(GUEST_SCRATCH + 0x2100U)
#define STACK_B	(GUEST_SCRATCH + 0x4000U)
#define CODE_B	(GUEST_CODE + 0x100U)
#define SEL_A	0x18
#define SEL_B	0x20

struct tss32 {
	uint32_t link, esp0, ss0, esp1, ss1, esp2, ss2, cr3, eip, eflags;
	uint32_t gpr[8];
	uint32_t seg[6];
	uint32_t ldt;
	uint16_t trap, iomap;
};

static uint64_t descriptor(uint32_t base, uint32_t limit, uint32_t access)
{
	return (limit & 0xffff) | (uint64_t)(base & 0xffffff) << 16 | (uint64_t)access << 40 |
	       (uint64_t)(limit & 0xf0000) << 32 | (uint64_t)(base >> 24) << 56;
}

static struct tss32 *tss(struct guest *guest, uint32_t gpa)
{
	return (struct tss32 *)(guest->mem + gpa);
}

static uint64_t *gdt(struct guest *guest)
{
	return (uint64_t *)(guest->mem + GDT);
}

/* Task A is @a at GUEST_CODE, task B @b at CODE_B. */
static int set_up(struct guest *guest, const void *a, size_t a_len, const void *b, size_t b_len)
{
	struct guest_cpu *cpu = &guest->cpu[0];
	struct tss32 *to = tss(guest, TSS_B);
	struct vmm_regs regs;
	unsigned int i;
	int error;

	memset(guest->mem + GDT, 0, 0x3000);
	gdt(guest)[1] = descriptor(0, 0xfffff, 0xc09b);
	gdt(guest)[2] = descriptor(0, 0xfffff, 0xc093);
	gdt(guest)[SEL_A / 8] = descriptor(TSS_A, 0x67, 0x8b);
	gdt(guest)[SEL_B / 8] = descriptor(TSS_B, 0x67, 0x89);
	/* Vector 13 through a task gate. */
	((uint64_t *)(guest->mem + IDT))[13] = (uint64_t)0x8500 << 32 | SEL_B << 16;
	memcpy(guest->mem + GUEST_CODE, a, a_len);
	memcpy(guest->mem + CODE_B, b, b_len);
	to->eip = CODE_B;
	to->eflags = 2;
	to->gpr[VMM_REG_RSP] = STACK_B;
	to->gpr[VMM_REG_RBP] = 0x12345678;
	for (i = 0; i < 6; i++)
		to->seg[i] = i == VMM_SEG_CS ? 8 : 16;

	error = guest_start32(cpu, GUEST_CODE, 0);
	if (!error)
		error = vmm_get_regs(cpu->fd, VMM_REGS_SEG, &regs);
	if (error)
		return error;
	regs.gdtr_base = GDT;
	regs.gdtr_limit = 0x2f;
	regs.idtr_base = IDT;
	regs.idtr_limit = 0x7f;
	for (i = 0; i < 6; i++)
		regs.seg[i].selector = i == VMM_SEG_CS ? 8 : 16;
	regs.seg[VMM_SEG_TR] = (struct vmm_seg) {
		.base = TSS_A, .limit = 0x67, .access = 0x8b, .selector = SEL_A,
	};
	return vmm_set_regs(cpu->fd, VMM_REGS_SEG, &regs);
}

#define FAR(op, sel)	op, 0, 0, 0, 0, sel, 0
#define VALUE		0xe6, GUEST_PORT_VALUE
#define DONE		0xe6, GUEST_PORT_DONE
#define LJMP		0xea
#define LCALL		0x9a

TEST_F(task, jump)
{
	static const uint8_t a[] = { 0xbb, 7, 0, 0, 0, FAR(LJMP, SEL_B), VALUE, DONE };
	static const uint8_t b[] = { 0x89, 0xeb, VALUE, FAR(LJMP, SEL_A) };	/* EBP to EBX */
	struct tss32 *from = tss(&self->guest, TSS_A);

	ASSERT_EQ(0, set_up(&self->guest, a, sizeof(a), b, sizeof(b)));
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(0x12345678, self->cpu->value[0]);
	EXPECT_EQ(7, self->cpu->value[1]);
	EXPECT_EQ(7, self->cpu->result);
	EXPECT_EQ(GUEST_CODE + 12, from->eip);
	EXPECT_EQ(16, from->seg[VMM_SEG_DS]);
	/* A is the task again, and B available. */
	EXPECT_EQ(0x8b, gdt(&self->guest)[SEL_A / 8] >> 40 & 0xff);
	EXPECT_EQ(0x89, gdt(&self->guest)[SEL_B / 8] >> 40 & 0xff);
	EXPECT_EQ(SEL_A, self->run->regs.seg[VMM_SEG_TR].selector);
	EXPECT_EQ(8, self->run->regs.cr0 & 8);
}

TEST_F(task, call_and_return)
{
	static const uint8_t a[] = { FAR(LCALL, SEL_B), VALUE, DONE };
	static const uint8_t b[] = { 0x9c, 0x5b, VALUE, 0xcf };	/* PUSHF, POP EBX, IRET */

	ASSERT_EQ(0, set_up(&self->guest, a, sizeof(a), b, sizeof(b)));
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(0x4000, self->cpu->value[0] & 0x4000)
		TH_LOG("no NT in the nested task");
	EXPECT_EQ(SEL_A, tss(&self->guest, TSS_B)->link & 0xffff);
	EXPECT_EQ(0, tss(&self->guest, TSS_B)->eflags & 0x4000)
		TH_LOG("IRET saves NT clear");
	EXPECT_EQ(0x89, gdt(&self->guest)[SEL_B / 8] >> 40 & 0xff);
	EXPECT_EQ(0, self->run->regs.rflags & 0x4000);
}

/* #GP(0x50) through a task gate: the error code is on the new stack. */
TEST_F(task, gate)
{
	static const uint8_t a[] = { 0xb8, 0x50, 0, 0, 0, 0x8e, 0xd8 };	/* MOV DS, 50h */
	static const uint8_t b[] = { 0x5b, VALUE, DONE };		/* POP EBX */

	ASSERT_EQ(0, set_up(&self->guest, a, sizeof(a), b, sizeof(b)));
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(0x50, self->cpu->value[0]);
	EXPECT_EQ(GUEST_CODE + 5, tss(&self->guest, TSS_A)->eip);
	EXPECT_EQ(STACK_B, self->run->regs.gpr[VMM_REG_RSP]);
	EXPECT_EQ(0x8b, gdt(&self->guest)[SEL_A / 8] >> 40 & 0xff);
}

TEST_HARNESS_MAIN
