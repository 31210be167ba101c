// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The processor's modes: real, 32-bit without paging, 32-bit paging, PAE,
 * compatibility. In each the guest does something that the kernel must emulate,
 * so that the emulator's idea of the mode is tested together with the run.
 */
#define GUEST_NAME	mode
#define GUEST_VCPUS	1

#include "guest_fixture.h"
#include "mode_code.h"

#define MMIO		0xd0000000ULL
#define TABLES		(GUEST_SCRATCH + 0x10000)

#define LOAD(name)	guest_load(&self->guest, name##_code, name##_end)

static void put(struct guest *guest, uint64_t gpa, const void *data, size_t len)
{
	memcpy(guest->mem + gpa, data, len);
}

TEST_F(mode, real)
{
	LOAD(real);
	put(&self->guest, 0x50010, "the quick brown fox jumps", 25);
	ASSERT_EQ(0, guest_start16(self->cpu, GUEST_CODE, 0));
	ASSERT_EXIT(VMM_EXIT_IO);
	EXPECT_EQ(4, self->run->io.size);
	EXPECT_EQ(0, memcmp(self->run->data, "\x78\x56\x34\x12", 4));
	ASSERT_EXIT(VMM_EXIT_IO);
	EXPECT_EQ(2, self->run->io.size);
	memcpy(self->run->data, "\xcd\xab", 2);
	ASSERT_EXIT(VMM_EXIT_IO);
	EXPECT_EQ(0x1234abcd, self->cpu->value[0]);
	EXPECT_EQ(20, self->run->io.count);
	EXPECT_EQ(0, memcmp(self->run->data, "the quick brown fox ", 20));
	ASSERT_EXIT(VMM_EXIT_IO);
	EXPECT_EQ(0x24, self->cpu->value[1]);
	EXPECT_EQ(6, self->run->io.count);
	EXPECT_EQ(1, self->run->io.in);
	memcpy(self->run->data, "hello, world", 12);
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(0x10c, self->cpu->value[2]);
	EXPECT_EQ(0, memcmp(self->guest.mem + 0x50100, "hello, world", 12));
	EXPECT_EQ(0x21, self->cpu->value[3]);
	EXPECT_EQ(0x66, self->cpu->value[4]);
	EXPECT_GE(self->cpu->result, 1);
}

TEST_F(mode, flat)
{
	uint32_t stored = 0;
	int exit;

	LOAD(flat);
	put(&self->guest, 0x50010, "the quick brown fox jumps", 25);
	ASSERT_EQ(0, guest_start32(self->cpu, GUEST_CODE, 0));
	ASSERT_EXIT(VMM_EXIT_MMIO);
	EXPECT_EQ(MMIO, self->run->mmio.gpa);
	memcpy(self->run->data, "\x01\x02\x03\x04", 4);
	while ((exit = guest_run(self->cpu)) == VMM_EXIT_MMIO) {
		ASSERT_EQ(MMIO + 4, self->run->mmio.gpa);
		ASSERT_EQ(4, self->run->mmio.size);
		if (self->run->mmio.write)
			memcpy(&stored, self->run->data, 4);
		else
			memcpy(self->run->data, &stored, 4);
	}
	ASSERT_EQ(VMM_EXIT_IO, exit);
	EXPECT_EQ(0x04030201, self->cpu->value[0]);
	EXPECT_EQ(0xcafef00e, self->cpu->value[1]);
	EXPECT_EQ(4, self->run->io.size);
	EXPECT_EQ(5, self->run->io.count);
	EXPECT_EQ(0, memcmp(self->run->data, "the quick brown fox ", 20));
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(0x50024, self->cpu->value[2]);
	EXPECT_EQ(0x31, self->cpu->result);
}

static void put32(struct guest *guest, uint64_t gpa, uint32_t value)
{
	put(guest, gpa, &value, 4);
}

static void put64(struct guest *guest, uint64_t gpa, uint64_t value)
{
	put(guest, gpa, &value, 8);
}

/*
 * TABLES: a page directory; TABLES + 1000h: two sets of PDPTEs; +2000h on: page
 * directories of PAE. Low memory and the program are mapped to themselves.
 */
static void build_tables(struct guest *guest)
{
	const uint64_t pae = TABLES + 0x1000;
	unsigned int i;

	/* 32-bit: 4 MiB pages, but C00000h through a page table to 500000h. */
	put32(guest, TABLES, 0x00000083);
	put32(guest, TABLES + 4, 0x00400083);
	put32(guest, TABLES + 4 * 3, (TABLES + 0x6000) | 3);
	put32(guest, TABLES + 0x6000, 0x500003);
	put32(guest, TABLES + 4 * (0xe0000000 >> 22), (uint32_t)MMIO | 0x83);
	/* PAE: 2 MiB pages, C00000h to 500000h by a page table. */
	put64(guest, pae, (TABLES + 0x2000) | 1);
	put64(guest, pae + 8 * 3, (TABLES + 0x3000) | 1);
	for (i = 0; i < 4; i++)
		put64(guest, TABLES + 0x2000 + 8 * i, i << 21 | 0x83);
	put64(guest, TABLES + 0x2000 + 8 * 6, (TABLES + 0x7000) | 3);
	put64(guest, TABLES + 0x7000, 0x500003);
	put64(guest, TABLES + 0x3000 + 8 * ((0xe0000000 >> 21) & 0x1ff), MMIO | 0x83);
	/* The second set: C00000h to 501000h. */
	put64(guest, pae + 0x20, (TABLES + 0x4000) | 1);
	put64(guest, pae + 0x20 + 8 * 3, (TABLES + 0x3000) | 1);
	for (i = 0; i < 4; i++)
		put64(guest, TABLES + 0x4000 + 8 * i, i << 21 | 0x83);
	put64(guest, TABLES + 0x4000 + 8 * 6, (TABLES + 0x8000) | 3);
	put64(guest, TABLES + 0x8000, 0x501003);
	put32(guest, 0x500000, 0x600dcafe);
	put32(guest, 0x501000, 0x0ddba11);
}

TEST_F(mode, paging)
{
	LOAD(paging);
	build_tables(&self->guest);
	ASSERT_EQ(0, guest_start32(self->cpu, GUEST_CODE, TABLES));
	ASSERT_EXIT(VMM_EXIT_MMIO);
	EXPECT_EQ(MMIO + 0x10, self->run->mmio.gpa);
	memcpy(self->run->data, "\x01\x02\x03\x04", 4);
	ASSERT_EXIT(VMM_EXIT_MMIO);
	EXPECT_EQ(MMIO + 0x20, self->run->mmio.gpa);
	EXPECT_EQ(1, self->run->mmio.write);
	EXPECT_EQ(0, memcmp(self->run->data, "\x44\x33\x22\x11", 4));
	ASSERT_EXIT(VMM_EXIT_MMIO);
	EXPECT_EQ(MMIO + 0x30, self->run->mmio.gpa);
	EXPECT_EQ((TABLES + 0x2000) | 1, self->run->regs.pdpte[0]);
	memcpy(self->run->data, "\x05\x06\x07\x08", 4);
	ASSERT_EXIT(VMM_EXIT_MMIO);
	EXPECT_EQ(MMIO + 0x40, self->run->mmio.gpa);
	EXPECT_EQ(0, memcmp(self->run->data, "\x88\x77\x66\x55", 4));
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(0x600dcafe, self->cpu->value[0]);
	EXPECT_EQ(0x04030201, self->cpu->value[1]);
	EXPECT_EQ(0x600dcafe, self->cpu->value[2]);
	EXPECT_EQ(0x08070605, self->cpu->value[3]);
	EXPECT_EQ(0x0ddba11, self->cpu->value[4]);
	EXPECT_EQ((TABLES + 0x4000) | 1, self->run->regs.pdpte[0]);
}

/* PAE paging set by userspace: the PDPTEs are loaded and judged. */
TEST_F(mode, pae_by_userspace)
{
	const uint64_t handler = GUEST_CODE + PDPTE_HANDLER;
	struct vmm_regs regs;

	LOAD(pdpte);
	build_tables(&self->guest);
	ASSERT_EQ(0, guest_start32(self->cpu, GUEST_CODE, TABLES + 0x1080));
	ASSERT_EQ(0, vmm_get_regs(self->cpu->fd, VMM_REGS_ALL, &regs));
	regs.cr0 |= 0x80000000;
	regs.cr4 = 0x20;
	/* Present with reserved bits. */
	put64(&self->guest, TABLES + 0x1080, (TABLES + 0x2000) | 0x1e7);
	regs.cr3 = TABLES + 0x1080;
	EXPECT_EQ(-EINVAL, vmm_set_regs(self->cpu->fd, VMM_REGS_CR, &regs));
	regs.cr3 = TABLES + 0x1000;
	ASSERT_EQ(0, vmm_set_regs(self->cpu->fd, VMM_REGS_CR, &regs));
	ASSERT_EQ(0, vmm_get_regs(self->cpu->fd, VMM_REGS_CR, &regs));
	EXPECT_EQ((TABLES + 0x2000) | 1, regs.pdpte[0]);

	/* The guest loads the bad ones itself: #GP, CR3 unchanged. */
	put64(&self->guest, GUEST_IDT + 8 * 13, (handler & 0xffff) | GUEST_CS32 << 16 |
	      0x8e0000000000ULL | (handler >> 16) << 48);
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(2, self->cpu->values);
	EXPECT_EQ(0, self->cpu->value[0]);
	EXPECT_EQ(GUEST_CODE, self->cpu->value[1]);
	EXPECT_EQ(TABLES + 0x1000, self->cpu->result);
}

static void g_to_compat(uint64_t eip)
{
	asm volatile("push %0\n push %1\n lretq" : : "r"((uint64_t)GUEST_CS32), "r"(eip));
}

TEST_F(mode, compatibility)
{
	LOAD(compat);
	put(&self->guest, 0x50010, "the quick brown fox jumps", 25);
	ASSERT_EQ(0, guest_start64(self->cpu, g_to_compat, GUEST_CODE));
	ASSERT_EXIT(VMM_EXIT_MMIO);
	memcpy(self->run->data, "\x01\x02\x03\x04", 4);
	ASSERT_EXIT(VMM_EXIT_MMIO);
	EXPECT_EQ(MMIO + 8, self->run->mmio.gpa);
	EXPECT_EQ(0, memcmp(self->run->data, "\x26\x59\x41\x31", 4));
	ASSERT_EXIT(VMM_EXIT_IO);
	EXPECT_EQ(3, self->run->io.count);
	EXPECT_EQ(0, memcmp(self->run->data, "the quick br", 12));
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(0x04030201, self->cpu->value[0]);
	EXPECT_EQ(0x5001c, self->cpu->result & 0xffffffff);
}

/* Power-on: the reset vector, its state, and code that is there. */
TEST_F(mode, reset_state)
{
	struct vmm_regs regs;
	uint8_t *rom;
	int vm, vcpu;
	struct vmm_run *run;

	vm = vmm_create(self->guest.ctl, "");
	vcpu = vmm_vcpu(vm, 0);
	ASSERT_GE(vcpu, 0);
	ASSERT_EQ(0, vmm_activate(vcpu));
	ASSERT_EQ(0, vmm_get_regs(vcpu, VMM_REGS_ALL, &regs));
	EXPECT_EQ(0xfff0, regs.rip);
	EXPECT_EQ(2, regs.rflags);
	EXPECT_EQ(0xf000, regs.seg[VMM_SEG_CS].selector);
	EXPECT_EQ(0xffff0000, regs.seg[VMM_SEG_CS].base);
	EXPECT_EQ(0xffff, regs.seg[VMM_SEG_CS].limit);
	EXPECT_EQ(0x60000010, regs.cr0);
	EXPECT_EQ(0, regs.cr3 | regs.cr4 | regs.efer);
	EXPECT_EQ(1, regs.xcr0);
	EXPECT_EQ(0xffff0ff0, regs.dr6);
	EXPECT_EQ(0x400, regs.dr7);
	EXPECT_EQ(0xffff, regs.gdtr_limit);
	EXPECT_EQ(0x0007040600070406, regs.pat);
	EXPECT_EQ(0xfee00900, regs.apic_base);
	EXPECT_NE(0, regs.gpr[VMM_REG_RDX]);
	EXPECT_EQ(0, regs.gpr[VMM_REG_RAX]);

	rom = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	run = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	ASSERT_NE(MAP_FAILED, rom);
	ASSERT_NE(MAP_FAILED, run);
	memcpy(rom + 0xfff0, "\xe6\xf0", 2);		/* out %al, $0xf0 */
	ASSERT_EQ(0, vmm_mem_add(vm, 0xffff0000, rom, 65536, VMM_PROT_READ | VMM_PROT_EXEC));
	while (!vmm_run_once(vcpu) && run->exit == VMM_EXIT_NONE)
		;
	EXPECT_EQ(VMM_EXIT_IO, run->exit);
	EXPECT_EQ(0xf0, run->io.port);
	EXPECT_EQ(0xfff2, run->regs.rip);
}

TEST_HARNESS_MAIN
