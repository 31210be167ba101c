// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The processor state at the first instruction: flat 32-bit protected mode, or
 * 64-bit mode with an identity map.
 *
 * The segment registers are loaded directly, so the GDT is read only when the
 * guest reloads one of them; it must agree with them all the same.
 *
 * SDM: "Protected-Mode Memory Management", "IA-32e Mode"; the Linux/x86 boot
 * protocol, "64-bit Boot Protocol".
 */
#include "boot/boot.h"
#include "boot/layout.h"

#define CR0_PE		(1ULL << 0)
#define CR0_ET		(1ULL << 4)
#define CR0_NE		(1ULL << 5)
#define CR0_PG		(1ULL << 31)
#define CR4_PAE		(1ULL << 5)
#define EFER_LME	(1ULL << 8)
#define EFER_LMA	(1ULL << 10)
#define RFLAGS_FIXED	2ULL

#define PTE_P		(1ULL << 0)
#define PTE_W		(1ULL << 1)
#define PTE_PS		(1ULL << 7)

/* Access rights as VMX has them: present, type, and for code and data S. */
#define ACC_CODE32	(VMM_SEG_ACC_G | VMM_SEG_ACC_DB | VMM_SEG_ACC_P | VMM_SEG_ACC_S | 0xb)
#define ACC_CODE64	(VMM_SEG_ACC_G | VMM_SEG_ACC_L | VMM_SEG_ACC_P | VMM_SEG_ACC_S | 0xb)
#define ACC_DATA	(VMM_SEG_ACC_G | VMM_SEG_ACC_DB | VMM_SEG_ACC_P | VMM_SEG_ACC_S | 0x3)
#define ACC_TSS		(VMM_SEG_ACC_P | 0xb)
#define TSS_LIMIT	0x67

#define GDT_ENTRIES	6

/* A flat descriptor of base 0 with the given access rights. */
static uint64_t descriptor(uint32_t access, uint32_t limit)
{
	uint64_t raw = access & VMM_SEG_ACC_G ? limit >> 12 : limit;

	return (raw & 0xffff) | (uint64_t)(access & 0xff) << 40 | (raw >> 16 & 0xf) << 48 |
	       (uint64_t)(access >> 12 & 0xf) << 52;
}

static void set_segment(struct vmm_seg *seg, uint16_t selector, uint32_t access, uint32_t limit)
{
	*seg = (struct vmm_seg){ .limit = limit, .access = access, .selector = selector };
}

static int set_segments(struct boot *boot, uint32_t code_access, struct why *why)
{
	struct vmm_regs *regs = boot->regs;
	uint64_t *gdt = place_at(&boot->place, LAYOUT_GDT_GPA, GDT_ENTRIES * sizeof(*gdt),
				 "the GDT", why);

	if (!gdt)
		return -1;
	gdt[LAYOUT_CS / 8] = descriptor(code_access, 0xffffffff);
	gdt[LAYOUT_DS / 8] = descriptor(ACC_DATA, 0xffffffff);
	gdt[LAYOUT_TR / 8] = descriptor(ACC_TSS, TSS_LIMIT);

	for (unsigned int i = VMM_SEG_ES; i <= VMM_SEG_GS; i++)
		set_segment(&regs->seg[i], LAYOUT_DS, ACC_DATA, 0xffffffff);
	set_segment(&regs->seg[VMM_SEG_CS], LAYOUT_CS, code_access, 0xffffffff);
	set_segment(&regs->seg[VMM_SEG_TR], LAYOUT_TR, ACC_TSS, TSS_LIMIT);
	set_segment(&regs->seg[VMM_SEG_LDTR], 0, VMM_SEG_ACC_UNUSABLE, 0);
	regs->gdtr_base = LAYOUT_GDT_GPA;
	regs->gdtr_limit = GDT_ENTRIES * sizeof(*gdt) - 1;
	regs->idtr_base = 0;
	regs->idtr_limit = 0;
	return 0;
}

static void clear_general(struct vmm_regs *regs, uint64_t entry_gpa)
{
	for (unsigned int i = 0; i < 16; i++)
		regs->gpr[i] = 0;
	regs->rip = entry_gpa;
	regs->rflags = RFLAGS_FIXED;
}

int boot_enter_flat32(struct boot *boot, uint64_t entry_gpa, struct why *why)
{
	struct vmm_regs *regs = boot->regs;

	clear_general(regs, entry_gpa);
	regs->cr0 = CR0_PE | CR0_ET | CR0_NE;
	regs->cr3 = 0;
	regs->cr4 = 0;
	regs->efer = 0;
	return set_segments(boot, ACC_CODE32, why);
}

/* One PML4, one PDPT, four page directories of 2 MiB pages. */
static int write_tables(struct boot *boot, struct why *why)
{
	uint64_t *table = place_at(&boot->place, LAYOUT_TABLES_GPA, LAYOUT_TABLES_LEN,
				   "the page tables", why);

	if (!table)
		return -1;
	table[0] = (LAYOUT_TABLES_GPA + 0x1000) | PTE_P | PTE_W;
	for (uint64_t i = 0; i < 4; i++)
		table[512 + i] = (LAYOUT_TABLES_GPA + 0x2000 + i * 0x1000) | PTE_P | PTE_W;
	for (uint64_t i = 0; i < 4 * 512; i++)
		table[2 * 512 + i] = i << 21 | PTE_P | PTE_W | PTE_PS;
	return 0;
}

int boot_enter_long64(struct boot *boot, uint64_t entry_gpa, struct why *why)
{
	struct vmm_regs *regs = boot->regs;

	if (write_tables(boot, why))
		return -1;
	clear_general(regs, entry_gpa);
	regs->cr0 = CR0_PE | CR0_ET | CR0_NE | CR0_PG;
	regs->cr3 = LAYOUT_TABLES_GPA;
	regs->cr4 = CR4_PAE;
	regs->efer = EFER_LME | EFER_LMA;
	return set_segments(boot, ACC_CODE64, why);
}
