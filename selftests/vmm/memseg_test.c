// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The table of segments: what may be added, removed and listed. What a guest
 * sees of it is in memory_test.c.
 */
#include "kselftest_harness.h"
#include "in_guest.h"

#define RW	(VMM_PROT_READ | VMM_PROT_WRITE)
#define HVA	((void *)0x10000000)	/* need not exist to be named */

FIXTURE(memseg) {
	int ctl, vm;
};

FIXTURE_SETUP(memseg)
{
	self->ctl = vmm_open();
	ASSERT_GE(self->ctl, 0);
	self->vm = vmm_create(self->ctl, "");
	ASSERT_GE(self->vm, 0);
}

FIXTURE_TEARDOWN(memseg)
{
	close(self->vm);
	close(self->ctl);
}

TEST_F(memseg, refused)
{
	static const struct {
		const char *what;
		uint64_t gpa, len, hva;
		uint32_t prot;
		int error;
	} rows[] = {
		{ "no length", 0, 0, 0x10000000, RW, -EINVAL },
		{ "gpa not aligned", 0x800, 0x1000, 0x10000000, RW, -EINVAL },
		{ "length not aligned", 0, 0x1800, 0x10000000, RW, -EINVAL },
		{ "hva not aligned", 0, 0x1000, 0x10000001, RW, -EINVAL },
		{ "gpa wraps", -0x1000ULL, 0x2000, 0x10000000, RW, -EINVAL },
		{ "gpa ends at 2^64", -0x1000ULL, 0x1000, 0x10000000, RW, -EINVAL },
		{ "length wraps", 0x1000, -0x1000ULL, 0x10000000, RW, -EINVAL },
		{ "hva wraps", 0, 0x2000, -0x1000ULL, RW, -EINVAL },
		{ "beyond 2^48", 1ULL << 48, 0x1000, 0x10000000, RW, -ERANGE },
		{ "across 2^52", (1ULL << 52) - 0x1000, 0x2000, 0x10000000, RW, -ERANGE },
		{ "at 2^63", 1ULL << 63, 0x1000, 0x10000000, RW, -ERANGE },
		{ "no access", 0, 0x1000, 0x10000000, 0, -EINVAL },
		{ "W without R", 0, 0x1000, 0x10000000, VMM_PROT_WRITE, -EINVAL },
		{ "WX without R", 0, 0x1000, 0x10000000, VMM_PROT_WRITE | VMM_PROT_EXEC, -EINVAL },
		{ "unknown access", 0, 0x1000, 0x10000000, RW | 8, -EINVAL },
		{ "kernel hva", 0, 0x1000, 0xffff888000000000, RW, -EFAULT },
		{ "hva runs into the kernel", 0, 1ULL << 38, 0x7fffffff0000, RW, -EFAULT },
		{ "hva not canonical", 0, 0x1000, 1ULL << 63, RW, -EFAULT },
	};
	struct vmm_memseg next = { .size = sizeof(next) };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		EXPECT_EQ(rows[i].error,
			  vmm_mem_add(self->vm, rows[i].gpa, (void *)rows[i].hva, rows[i].len,
				      rows[i].prot))
			TH_LOG("%s", rows[i].what);
	EXPECT_EQ(-ENOENT, vmm_call(self->vm, VMM_MEMSEG_NEXT, &next));
}

TEST_F(memseg, execute_only)
{
	struct vmm_info info = { .size = sizeof(info) };
	int want;

	ASSERT_EQ(0, vmm_call(self->ctl, VMM_GET_INFO, &info));
	want = info.caps & VMM_CAP_EPT_EXEC_ONLY ? 0 : -EINVAL;
	EXPECT_EQ(want, vmm_mem_add(self->vm, 0, HVA, 0x1000, VMM_PROT_EXEC));
}

TEST_F(memseg, overlap)
{
	static const struct {
		uint64_t gpa, len;
	} bad[] = {
		{ 0x10000, 0x4000 }, { 0x10000, 0x1000 }, { 0x13000, 0x1000 }, { 0x11000, 0x1000 },
		{ 0xf000, 0x2000 }, { 0x13000, 0x2000 }, { 0, 0x100000 }, { 0xf000, 0x6000 },
	};
	unsigned int i;

	ASSERT_EQ(0, vmm_mem_add(self->vm, 0x10000, HVA, 0x4000, RW));
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_EQ(-EEXIST, vmm_mem_add(self->vm, bad[i].gpa, HVA, bad[i].len, RW))
			TH_LOG("gpa %#llx", (unsigned long long)bad[i].gpa);
	/* Neighbours do not overlap. */
	EXPECT_EQ(0, vmm_mem_add(self->vm, 0xf000, HVA, 0x1000, RW));
	EXPECT_EQ(0, vmm_mem_add(self->vm, 0x14000, HVA, 0x1000, RW));
	EXPECT_EQ(-EEXIST, vmm_mem_add(self->vm, 0xe000, HVA, 0x10000, RW));
}

TEST_F(memseg, exhaustion)
{
	unsigned int i;

	for (i = 0; i < VMM_MAX_MEMSEGS; i++)
		ASSERT_EQ(0, vmm_mem_add(self->vm, i * 0x2000, HVA, 0x1000, RW));
	EXPECT_EQ(-ENOSPC, vmm_mem_add(self->vm, i * 0x2000, HVA, 0x1000, RW));
	EXPECT_EQ(-EEXIST, vmm_mem_add(self->vm, 0, HVA, 0x1000, RW));
	ASSERT_EQ(0, vmm_mem_remove(self->vm, 0x4000, 0x1000));
	EXPECT_EQ(0, vmm_mem_add(self->vm, i * 0x2000, HVA, 0x1000, RW));
	EXPECT_EQ(-ENOSPC, vmm_mem_add(self->vm, 0x4000, HVA, 0x1000, RW));
}

TEST_F(memseg, remove)
{
	struct vmm_memseg args = { .size = sizeof(args), .gpa = 0x10000, .len = 0x4000 };

	ASSERT_EQ(0, vmm_mem_add(self->vm, 0x10000, HVA, 0x4000, RW));
	EXPECT_EQ(-ENOENT, vmm_mem_remove(self->vm, 0x10000, 0x1000));
	EXPECT_EQ(-ENOENT, vmm_mem_remove(self->vm, 0x11000, 0x3000));
	EXPECT_EQ(-ENOENT, vmm_mem_remove(self->vm, 0x10000, 0x5000));
	EXPECT_EQ(-ENOENT, vmm_mem_remove(self->vm, 0xf000, 0x5000));
	EXPECT_EQ(-ENOENT, vmm_mem_remove(self->vm, 0, 0x1000));
	EXPECT_EQ(-ENOENT, vmm_mem_remove(self->vm, ~0ULL, ~0ULL));
	args.hva = 0x10000000;
	EXPECT_EQ(-EINVAL, vmm_call(self->vm, VMM_MEMSEG_REMOVE, &args));
	args.hva = 0;
	EXPECT_EQ(0, vmm_call(self->vm, VMM_MEMSEG_REMOVE, &args));
	EXPECT_EQ(-ENOENT, vmm_call(self->vm, VMM_MEMSEG_REMOVE, &args));
	EXPECT_EQ(0, vmm_mem_add(self->vm, 0x12000, HVA, 0x4000, RW));
}

static int move(int vm, uint64_t gpa, uint64_t len, uint64_t new_gpa)
{
	struct vmm_memseg_move args = {
		.size = sizeof(args), .gpa = gpa, .len = len, .new_gpa = new_gpa,
	};

	return vmm_call(vm, VMM_MEMSEG_MOVE, &args);
}

TEST_F(memseg, move)
{
	struct vmm_memseg seg = { .size = sizeof(seg) };
	unsigned int i;

	ASSERT_EQ(0, vmm_mem_add(self->vm, 0x10000, HVA, 0x4000, RW));
	ASSERT_EQ(0, vmm_mem_add(self->vm, 0x20000, HVA, 0x4000, RW));
	EXPECT_EQ(-ENOENT, move(self->vm, 0x10000, 0x1000, 0x30000));
	EXPECT_EQ(-ENOENT, move(self->vm, 0x11000, 0x3000, 0x30000));
	EXPECT_EQ(-EEXIST, move(self->vm, 0x10000, 0x4000, 0x20000));
	EXPECT_EQ(-EEXIST, move(self->vm, 0x10000, 0x4000, 0x1d000));
	EXPECT_EQ(-EEXIST, move(self->vm, 0x10000, 0x4000, 0x23000));
	EXPECT_EQ(-EINVAL, move(self->vm, 0x10000, 0x4000, 0x30800));
	EXPECT_EQ(-EINVAL, move(self->vm, 0x10000, 0x4000, -0x1000ULL));
	EXPECT_EQ(-EINVAL, move(self->vm, 0x10000, 0, 0x30000));
	EXPECT_EQ(-ERANGE, move(self->vm, 0x10000, 0x4000, 1ULL << 48));
	/* Nothing has moved. */
	ASSERT_EQ(0, vmm_call(self->vm, VMM_MEMSEG_NEXT, &seg));
	EXPECT_EQ(0x10000, seg.gpa);
	/* Over itself, up and down; to where it is; between others. */
	EXPECT_EQ(0, move(self->vm, 0x10000, 0x4000, 0x11000));
	EXPECT_EQ(0, move(self->vm, 0x11000, 0x4000, 0xf000));
	EXPECT_EQ(0, move(self->vm, 0xf000, 0x4000, 0xf000));
	EXPECT_EQ(0, move(self->vm, 0xf000, 0x4000, 0x1c000));
	EXPECT_EQ(0, move(self->vm, 0x1c000, 0x4000, 0x24000));
	seg = (struct vmm_memseg) { .size = sizeof(seg) };
	ASSERT_EQ(0, vmm_call(self->vm, VMM_MEMSEG_NEXT, &seg));
	EXPECT_EQ(0x20000, seg.gpa);
	seg = (struct vmm_memseg) { .size = sizeof(seg), .gpa = 0x20001 };
	ASSERT_EQ(0, vmm_call(self->vm, VMM_MEMSEG_NEXT, &seg));
	EXPECT_EQ(0x24000, seg.gpa);
	EXPECT_EQ(0x10000000, seg.hva);
	/* A full table is no obstacle. */
	for (i = 2; i < VMM_MAX_MEMSEGS; i++)
		ASSERT_EQ(0, vmm_mem_add(self->vm, 0x100000 + i * 0x2000, HVA, 0x1000, RW));
	EXPECT_EQ(0, move(self->vm, 0x24000, 0x4000, 0x10000));
}

/* Added in no order, listed in order. */
TEST_F(memseg, next)
{
	static const uint64_t gpa[] = { 0x50000, 0x10000, 0x70000, 0x30000, 0 };
	struct vmm_memseg seg = { .size = sizeof(seg) };
	unsigned int i, seen = 0;

	for (i = 0; i < ARRAY_SIZE(gpa); i++)
		ASSERT_EQ(0, vmm_mem_add(self->vm, gpa[i], (void *)(0x20000000 + gpa[i]), 0x3000,
					 i & 1 ? VMM_PROT_READ : RW));
	while (!vmm_call(self->vm, VMM_MEMSEG_NEXT, &seg)) {
		ASSERT_LT(seen, ARRAY_SIZE(gpa));
		EXPECT_EQ(seen ? 0x10000 + (seen - 1) * 0x20000 : 0, seg.gpa);
		EXPECT_EQ(0x3000, seg.len);
		EXPECT_EQ(0x20000000 + seg.gpa, seg.hva);
		EXPECT_EQ(seg.gpa == 0x10000 || seg.gpa == 0x30000 ? VMM_PROT_READ : RW, seg.prot);
		seen++;
		seg = (struct vmm_memseg) { .size = sizeof(seg), .gpa = seg.gpa + seg.len };
	}
	EXPECT_EQ(ARRAY_SIZE(gpa), seen);
	/* A gpa inside a segment is behind its beginning. */
	seg = (struct vmm_memseg) { .size = sizeof(seg), .gpa = 0x31000 };
	ASSERT_EQ(0, vmm_call(self->vm, VMM_MEMSEG_NEXT, &seg));
	EXPECT_EQ(0x50000, seg.gpa);
	seg = (struct vmm_memseg) { .size = sizeof(seg), .gpa = ~0ULL };
	EXPECT_EQ(-ENOENT, vmm_call(self->vm, VMM_MEMSEG_NEXT, &seg));
	seg = (struct vmm_memseg) { .size = sizeof(seg), .len = 1 };
	EXPECT_EQ(-EINVAL, vmm_call(self->vm, VMM_MEMSEG_NEXT, &seg));
}

TEST_HARNESS_MAIN
