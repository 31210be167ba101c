// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * VMM_GLA2GPA: in each paging mode, for each kind of access, with and without
 * consequences for the guest.
 *
 * SDM "Paging", "Access Rights", "Accessed and Dirty Flags".
 */
#define GUEST_NAME	gla
#define GUEST_VCPUS	1

#include <string.h>
#include "guest_fixture.h"

#define TABLES		(GUEST_FREE + 0x10000ULL)
#define TARGET		0x5000ULL

/* The walk's answer: the page's address, or FAULT | vector << 32 | error. */
#define FAULT		(1ULL << 63)
#define PF(error)	(FAULT | 14ULL << 32 | (error))
#define GP		(FAULT | 13ULL << 32)

static uint64_t walk(int vcpu, uint64_t gla, uint32_t access, uint32_t flags)
{
	struct vmm_gla args = {
		.size = sizeof(args), .flags = flags, .gla = gla, .access = access,
	};
	int error = vmm_call(vcpu, VMM_GLA2GPA, &args);

	if (error)
		return (uint64_t)error;
	if (args.fault)
		return FAULT | (uint64_t)args.vector << 32 | args.error_code;
	return args.gpa;
}

#define WALK(gla, access)	walk(self->cpu->fd, gla, access, 0)

static void *table(struct guest *guest, unsigned int n)
{
	return memset(guest->mem + TABLES + n * 4096, 0, 4096);
}

static int set_paging(struct guest_cpu *cpu, uint64_t cr0, uint64_t cr4)
{
	struct vmm_regs regs;
	int error = vmm_get_regs(cpu->fd, VMM_REGS_CR, &regs);

	if (error)
		return error;
	regs.cr0 = cr0;
	regs.cr3 = TABLES;
	regs.cr4 = cr4;
	return vmm_set_regs(cpu->fd, VMM_REGS_CR, &regs);
}

TEST_F(gla, without_paging)
{
	struct vmm_gla args = { .size = sizeof(args), .gla = 0x12345 };

	ASSERT_EQ(0, guest_start32(self->cpu, GUEST_CODE, 0));
	ASSERT_EQ(0, vmm_call(self->cpu->fd, VMM_GLA2GPA, &args));
	EXPECT_EQ(0x12345, args.gpa);
	EXPECT_EQ(4096, args.page_size);
	EXPECT_EQ(0, args.fault);
}

TEST_F(gla, thirty_two_bit)
{
	uint32_t *pd = table(&self->guest, 0), *pt = table(&self->guest, 1);

	pd[1] = TABLES + 4096 + 7;
	pd[2] = 0x00800000 | 0x83;		/* 4 MiB, supervisor */
	pt[0] = TARGET | 7;
	pt[1] = TARGET | 5;			/* read-only */
	ASSERT_EQ(0, guest_start32(self->cpu, GUEST_CODE, 0));
	ASSERT_EQ(0, set_paging(self->cpu, 0x80010031, 0x10));
	EXPECT_EQ(TARGET + 0x123, WALK(0x400123, VMM_GLA_WRITE | VMM_GLA_USER));
	EXPECT_EQ(TARGET + 1, WALK(0x401001, VMM_GLA_READ));
	EXPECT_EQ(PF(3), WALK(0x401001, VMM_GLA_WRITE));
	EXPECT_EQ(PF(7), WALK(0x401001, VMM_GLA_WRITE | VMM_GLA_USER));
	EXPECT_EQ(PF(0), WALK(0x402000, VMM_GLA_READ));
	EXPECT_EQ(0x00a34567, WALK(0x00a34567, VMM_GLA_WRITE));
	EXPECT_EQ(PF(5), WALK(0x00a34567, VMM_GLA_USER));
	EXPECT_EQ(0x00a34567, WALK(0x00a34567, VMM_GLA_IMPLICIT));
	EXPECT_EQ(0, pt[0] & 0x60)
		TH_LOG("A or D set by looking");
	/* CR0.WP off: the supervisor writes everywhere. */
	ASSERT_EQ(0, set_paging(self->cpu, 0x80000031, 0x10));
	EXPECT_EQ(TARGET + 1, WALK(0x401001, VMM_GLA_WRITE));
}

TEST_F(gla, pae)
{
	uint64_t *pdpt = table(&self->guest, 0), *pd = table(&self->guest, 1);
	uint64_t *pt = table(&self->guest, 2);

	pdpt[3] = (TABLES + 4096) | 1;
	pd[511] = (TABLES + 8192) | 7;
	pd[0] = 0x00400000 | 0x83;
	pt[511] = TARGET | 7;
	ASSERT_EQ(0, guest_start32(self->cpu, GUEST_CODE, 0));
	ASSERT_EQ(0, set_paging(self->cpu, 0x80010031, 0x20));
	EXPECT_EQ(TARGET + 0xfff, WALK(0xffffffff, VMM_GLA_USER));
	EXPECT_EQ(0x00512345, WALK(0xc0112345, VMM_GLA_WRITE));
	EXPECT_EQ(PF(0), WALK(0x00001000, VMM_GLA_READ));
	/* The PDPTEs are those that CR3 loaded: a change in memory is not seen. */
	pdpt[3] = 0;
	EXPECT_EQ(TARGET, WALK(0xfffff000, VMM_GLA_READ));
	pd[511] |= 1ULL << 62;			/* reserved */
	EXPECT_EQ(PF(9), WALK(0xfffff000, VMM_GLA_READ));
}

static uint64_t *pte_of(struct guest *guest)
{
	uint64_t *pd = (void *)(guest->mem + GUEST_PD);
	uint64_t *pt = table(guest, 0);

	pd[GUEST_FREE >> 21] = TABLES | 7;
	pt[(GUEST_FREE >> 12 & 511) + 1] = TARGET | 3;
	return &pt[(GUEST_FREE >> 12 & 511) + 1];
}

TEST_F(gla, four_level)
{
	uint64_t gla = GUEST_FREE + 4096, *pte = pte_of(&self->guest);
	struct vmm_regs regs;

	ASSERT_EQ(0, guest_start64(self->cpu, NULL, 0));
	EXPECT_EQ(TARGET + 8, WALK(gla + 8, VMM_GLA_WRITE));
	EXPECT_EQ(GP, WALK(1ULL << 47, VMM_GLA_READ));
	EXPECT_EQ(PF(0), WALK(gla + 4096, VMM_GLA_READ));
	EXPECT_EQ(PF(5), WALK(gla, VMM_GLA_USER));
	/* NX, once EFER has it; without it the bit is reserved. */
	*pte |= 1ULL << 63;
	ASSERT_EQ(0, vmm_get_regs(self->cpu->fd, VMM_REGS_CR, &regs));
	regs.efer &= ~0x800ULL;
	ASSERT_EQ(0, vmm_set_regs(self->cpu->fd, VMM_REGS_CR, &regs));
	EXPECT_EQ(PF(9), WALK(gla, VMM_GLA_READ));
	regs.efer |= 0x800;
	ASSERT_EQ(0, vmm_set_regs(self->cpu->fd, VMM_REGS_CR, &regs));
	EXPECT_EQ(TARGET, WALK(gla, VMM_GLA_READ));
	EXPECT_EQ(PF(0x11), WALK(gla, VMM_GLA_EXEC));
	*pte &= ~(1ULL << 63);
	EXPECT_EQ(TARGET, WALK(gla, VMM_GLA_EXEC));
	EXPECT_EQ(0, *pte & 0x60);
}

static bool cpu_has(uint32_t leaf, unsigned int reg, unsigned int bit)
{
	uint32_t r[4];

	g_cpuid(leaf, 0, r);
	return r[reg] >> bit & 1;
}

/* SDM "Access Rights": SMEP and SMAP against pages of the user's. */
TEST_F(gla, smep_and_smap)
{
	uint64_t gla = GUEST_FREE + 4096, *pte = pte_of(&self->guest);
	struct vmm_regs regs;

	if (!cpu_has(7, 1, 7))
		SKIP(return, "no SMEP");
	*pte |= 4;
	*(uint64_t *)(self->guest.mem + GUEST_PML4) |= 4;
	*(uint64_t *)(self->guest.mem + GUEST_PDPT) |= 4;
	ASSERT_EQ(0, guest_start64(self->cpu, NULL, 0));
	ASSERT_EQ(0, vmm_get_regs(self->cpu->fd, VMM_REGS_CR | VMM_REGS_GPR, &regs));
	EXPECT_EQ(TARGET, WALK(gla, VMM_GLA_USER));
	EXPECT_EQ(TARGET, WALK(gla, VMM_GLA_EXEC));
	regs.cr4 |= 1 << 20;
	ASSERT_EQ(0, vmm_set_regs(self->cpu->fd, VMM_REGS_CR, &regs));
	/* SMEP makes the fetch a bit of the error code, NX or not. */
	EXPECT_EQ(PF(0x11), WALK(gla, VMM_GLA_EXEC));
	EXPECT_EQ(TARGET, WALK(gla, VMM_GLA_EXEC | VMM_GLA_USER));
	if (!cpu_has(7, 1, 20))
		return;
	regs.cr4 |= 1 << 21;
	ASSERT_EQ(0, vmm_set_regs(self->cpu->fd, VMM_REGS_CR, &regs));
	EXPECT_EQ(PF(1), WALK(gla, VMM_GLA_READ));
	EXPECT_EQ(PF(3), WALK(gla, VMM_GLA_WRITE));
	EXPECT_EQ(TARGET, WALK(gla, VMM_GLA_USER));
	/* RFLAGS.AC lifts it for what the program does, not for the processor. */
	regs.rflags |= 1 << 18;
	ASSERT_EQ(0, vmm_set_regs(self->cpu->fd, VMM_REGS_GPR, &regs));
	EXPECT_EQ(TARGET, WALK(gla, VMM_GLA_READ));
	EXPECT_EQ(PF(1), WALK(gla, VMM_GLA_IMPLICIT));
}

static volatile uint64_t seen_cr2, seen_error, faults;

static void g_on_fault(struct guest_frame *frame)
{
	seen_cr2 = read_cr2();
	seen_error = frame->error;
	faults++;
}

static void g_wait(uint64_t arg)
{
	guest_handlers[14] = g_on_fault;
	outb(0x300, 0);
	asm volatile("nop");
	g_value(seen_cr2);
	g_value(seen_error);
	g_done(faults);
}

/* On the guest's behalf: A and D are set, and a fault reaches it. */
TEST_F(gla, for_the_guest)
{
	uint64_t gla = GUEST_FREE + 4096, *pte = pte_of(&self->guest);

	ASSERT_EQ(0, guest_start64(self->cpu, g_wait, 0));
	ASSERT_EXIT(VMM_EXIT_IO);
	EXPECT_EQ(TARGET, walk(self->cpu->fd, gla, VMM_GLA_READ, VMM_GLA_INJECT));
	EXPECT_EQ(0x20, *pte & 0x60);
	EXPECT_EQ(TARGET, walk(self->cpu->fd, gla, VMM_GLA_WRITE, VMM_GLA_INJECT));
	EXPECT_EQ(0x60, *pte & 0x60);
	EXPECT_EQ(PF(2), walk(self->cpu->fd, gla + 4096 + 5, VMM_GLA_WRITE, VMM_GLA_INJECT));
	EXPECT_EQ((uint64_t)-EBUSY, walk(self->cpu->fd, gla + 4096, 0, VMM_GLA_INJECT));
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(1, self->cpu->result);
	EXPECT_EQ(gla + 4096 + 5, self->cpu->value[0]);
	EXPECT_EQ(2, self->cpu->value[1]);
}

TEST_F(gla, refused)
{
	struct vmm_gla args = { .size = sizeof(args), .access = 16 };

	EXPECT_EQ(-EINVAL, vmm_call(self->cpu->fd, VMM_GLA2GPA, &args));
	args.access = VMM_GLA_WRITE | VMM_GLA_EXEC;
	EXPECT_EQ(-EINVAL, vmm_call(self->cpu->fd, VMM_GLA2GPA, &args));
	args.access = 0;
	args.gpa = 1;
	EXPECT_EQ(-EINVAL, vmm_call(self->cpu->fd, VMM_GLA2GPA, &args));
}

TEST_HARNESS_MAIN
