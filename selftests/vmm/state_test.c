// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A vCPU's state beyond its register block: MSR lists and the FPU, read out of
 * one VM and written into another.
 *
 * SDM volume 1 "Standard Format of XSAVE Area", volume 4 "Model-Specific
 * Registers".
 */
#define GUEST_NAME	state
#define GUEST_VCPUS	1

#include "guest_fixture.h"

static int get_msrs(int vcpu, struct vmm_msrs *args, uint32_t flags)
{
	args->size = sizeof(*args);
	args->flags = flags;
	return vmm_call(vcpu, VMM_GET_MSRS, args);
}

static int set_msr(int vcpu, uint32_t index, uint64_t value)
{
	struct vmm_msrs args = { .size = sizeof(args), .count = 1, .msr[0] = { index, 0, value } };

	return vmm_call(vcpu, VMM_SET_MSRS, &args);
}

static uint64_t get_msr(int vcpu, uint32_t index)
{
	struct vmm_msrs args = { .count = 1, .msr[0].index = index };
	int error = get_msrs(vcpu, &args, 0);

	return error ? (uint64_t)error : args.msr[0].value;
}

static void g_read(uint64_t arg)
{
	g_value(rdmsr(0x2ff));
	g_value(rdmsr(0x200));
	g_value(rdmsr(0xc0000082));
	g_value(rdmsr(0x3b));
	g_value(rdmsr(0x277));
	g_done(0);
}

TEST_F(state, msrs)
{
	int fd = self->cpu->fd;
	struct vmm_regs before, after;

	ASSERT_EQ(0, guest_start64(self->cpu, g_read, 0));
	EXPECT_EQ(0, set_msr(fd, 0x2ff, 0xc06));
	EXPECT_EQ(0, set_msr(fd, 0x200, 0xc0000000));
	EXPECT_EQ(0, set_msr(fd, 0xc0000082, 0xffffffff81000000));
	EXPECT_EQ(0, set_msr(fd, 0x277, 0x0007010600070406));
	ASSERT_EQ(0, vmm_get_regs(fd, VMM_REGS_MSR, &before));
	EXPECT_EQ(0, set_msr(fd, 0x3b, 1ULL << 50));
	ASSERT_EQ(0, vmm_get_regs(fd, VMM_REGS_MSR, &after));
	EXPECT_GT(1ULL << 40, after.tsc - before.tsc)
		TH_LOG("TSC_ADJUST moved the TSC");
	EXPECT_EQ(0xc06, get_msr(fd, 0x2ff));
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(0xc06, self->cpu->value[0]);
	EXPECT_EQ(0xc0000000, self->cpu->value[1]);
	EXPECT_EQ(0xffffffff81000000, self->cpu->value[2]);
	EXPECT_EQ(1ULL << 50, self->cpu->value[3]);
	EXPECT_EQ(0x0007010600070406, self->cpu->value[4]);
	EXPECT_EQ(0xffffffff81000000, self->run->regs.lstar);
}

TEST_F(state, msrs_refused)
{
	int fd = self->cpu->fd;
	struct vmm_msrs args = { .size = sizeof(args), .count = VMM_MSRS_MAX + 1 };

	EXPECT_EQ(-EINVAL, vmm_call(fd, VMM_SET_MSRS, &args));
	EXPECT_EQ(-EINVAL, vmm_call(fd, VMM_GET_MSRS, &args));
	EXPECT_EQ(-ENOENT, set_msr(fd, 0x1234, 0));
	EXPECT_EQ(-ENOENT, set_msr(fd, 0x10, 0));		/* TSC: in the registers */
	EXPECT_EQ(-ENOENT, set_msr(fd, 0x808, 0));		/* x2APIC: a device */
	EXPECT_EQ(-ENOENT, set_msr(fd, 0xc0000080, 0));		/* EFER */
	EXPECT_EQ(-EINVAL, set_msr(fd, 0x2ff, 0xff));
	EXPECT_EQ(-EINVAL, set_msr(fd, 0xc0000082, 1ULL << 63));
	EXPECT_EQ(-EPERM, set_msr(fd, 0x8b, 7));
	EXPECT_EQ(0, set_msr(fd, 0x8b, get_msr(fd, 0x8b)));
	EXPECT_EQ((uint64_t)-ENOENT, get_msr(fd, 0x1234));
	/* The first is good, the second bad: neither is written. */
	args = (struct vmm_msrs) {
		.size = sizeof(args), .count = 2,
		.msr = { { 0x2ff, 0, 0xc06 }, { 0x250, 0, 2 } },
	};
	EXPECT_EQ(-EINVAL, vmm_call(fd, VMM_SET_MSRS, &args));
	EXPECT_EQ(0, get_msr(fd, 0x2ff));
	args.msr[1].value = 0;
	args.msr[1].pad = 1;
	EXPECT_EQ(-EINVAL, vmm_call(fd, VMM_SET_MSRS, &args));
}

TEST_F(state, all_msrs_go_into_another_vm)
{
	struct vmm_msrs args = { .count = VMM_MSRS_MAX }, seen = { .count = VMM_MSRS_MAX };
	struct guest other;
	unsigned int i;

	ASSERT_EQ(0, set_msr(self->cpu->fd, 0x2ff, 0xc06));
	ASSERT_EQ(0, set_msr(self->cpu->fd, 0x26f, 0x0505050505050505));
	ASSERT_EQ(0, get_msrs(self->cpu->fd, &args, VMM_MSRS_ALL));
	EXPECT_LT(20, args.count);
	for (i = 1; i < args.count; i++)
		EXPECT_NE(args.msr[i - 1].index, args.msr[i].index);
	ASSERT_EQ(0, guest_create(&other, 1));
	args.flags = 0;
	EXPECT_EQ(0, vmm_call(other.cpu[0].fd, VMM_SET_MSRS, &args));
	ASSERT_EQ(0, get_msrs(other.cpu[0].fd, &seen, VMM_MSRS_ALL));
	args.flags = VMM_MSRS_ALL;
	EXPECT_EQ(0, memcmp(&args, &seen, sizeof(args)));
	seen.count = 1;
	EXPECT_EQ(-E2BIG, get_msrs(other.cpu[0].fd, &seen, VMM_MSRS_ALL));
	guest_destroy(&other);
}

/* XMM3 and MXCSR live on both sides of an exit. */
static void g_sse(uint64_t arg)
{
	uint64_t value = arg;
	uint32_t mxcsr = 0x9fc0;

	write_cr0(read_cr0() & ~0xcULL);
	write_cr4(read_cr4() | 0x600);
	asm volatile("movq %0, %%xmm3\n ldmxcsr %1" : : "r"(value), "m"(mxcsr));
	outb(0x300, 0);
	asm volatile("movq %%xmm3, %0\n stmxcsr %1" : "=r"(value), "=m"(mxcsr));
	g_value(value);
	g_value(mxcsr);
	g_done(0);
}

#define XMM3	(160 + 3 * 16)
#define XSTATE_BV 512

TEST_F(state, xsave)
{
	struct vmm_xsave xsave = { .size = sizeof(xsave) }, bad;
	uint64_t value = 0, all;
	uint32_t mxcsr;

	ASSERT_EQ(0, guest_start64(self->cpu, g_sse, 0x1122334455667788));
	ASSERT_EXIT(VMM_EXIT_IO);
	ASSERT_EQ(0, vmm_call(self->cpu->fd, VMM_GET_XSAVE, &xsave));
	EXPECT_EQ(3, xsave.components & 3);
	EXPECT_LE(576, xsave.area_size);
	memcpy(&value, xsave.area + XMM3, 8);
	EXPECT_EQ(0x1122334455667788, value);
	memcpy(&mxcsr, xsave.area + 24, 4);
	EXPECT_EQ(0x9fc0, mxcsr);

#define TRY(error, ...) do {						\
		bad = xsave;						\
		__VA_ARGS__;						\
		EXPECT_EQ(error, vmm_call(self->cpu->fd, VMM_SET_XSAVE, &bad))	\
			TH_LOG("%s", #__VA_ARGS__);			\
	} while (0)
	all = xsave.components;
	TRY(-EINVAL, bad.reserved[12] = 1);
	TRY(-EINVAL, bad.area[XSTATE_BV + 8] = 1);		/* XCOMP_BV */
	TRY(-EINVAL, bad.area[XSTATE_BV + 16] = 1);
	TRY(-EINVAL, bad.area[XSTATE_BV + 7] = 0x40);
	TRY(-EINVAL, bad.components = 1);
	TRY(-EINVAL, bad.area[26] = 1);				/* MXCSR */
	TRY(-EOPNOTSUPP, bad.components = all | 1ULL << 18);
	value = 42;
	TRY(0, memcpy(bad.area + XMM3, &value, 8));
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(42, self->cpu->value[0]);
	EXPECT_EQ(0x9fc0, self->cpu->value[1]);

	/* Nothing in XSTATE_BV: the initial state. */
	ASSERT_EQ(0, guest_start64(self->cpu, g_sse, 5));
	ASSERT_EXIT(VMM_EXIT_IO);
	TRY(0, memset(bad.area + XSTATE_BV, 0, 8));
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(0, self->cpu->value[0]);
	EXPECT_EQ(0x1f80, self->cpu->value[1]);
}

TEST_HARNESS_MAIN
