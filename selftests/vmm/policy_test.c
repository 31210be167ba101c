// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * CPUID and MSRs as userspace makes them: the table, the topology, the filter.
 *
 * SDM "CPUID - CPU Identification", "Hierarchical Mapping of Shared Resources".
 */
#include "guest_fixture.h"

FIXTURE(policy) {
	int ctl;
	int vm;
	struct vmm_cpuid cpuid;
};

FIXTURE_SETUP(policy)
{
	self->ctl = vmm_open();
	ASSERT_LE(0, self->ctl);
	self->vm = vmm_create(self->ctl, "");
	ASSERT_LE(0, self->vm);
	self->cpuid = (struct vmm_cpuid) { .size = sizeof(self->cpuid), .count = VMM_CPUID_MAX };
	ASSERT_EQ(0, vmm_call(self->vm, VMM_GET_CPUID, &self->cpuid));
}

FIXTURE_TEARDOWN(policy)
{
	close(self->vm);
	close(self->ctl);
}

static struct vmm_cpuid_entry *entry_of(struct vmm_cpuid *cpuid, uint32_t leaf, uint32_t subleaf)
{
	unsigned int i;

	for (i = 0; i < cpuid->count; i++)
		if (cpuid->entry[i].leaf == leaf && cpuid->entry[i].subleaf == subleaf)
			return &cpuid->entry[i];
	return NULL;
}

TEST_F(policy, the_first_table_is_accepted)
{
	struct vmm_cpuid again = { .size = sizeof(again), .count = VMM_CPUID_MAX };

	EXPECT_LT(10, self->cpuid.count);
	ASSERT_EQ(0, vmm_call(self->vm, VMM_SET_CPUID, &self->cpuid));
	ASSERT_EQ(0, vmm_call(self->vm, VMM_GET_CPUID, &again));
	again.size = self->cpuid.size;
	EXPECT_EQ(0, memcmp(&again, &self->cpuid, sizeof(again)));
	again.count = 3;
	again.threads = 0;
	EXPECT_EQ(-E2BIG, vmm_call(self->vm, VMM_GET_CPUID, &again));
}

/* Each refused with its own error, and the table stays. */
TEST_F(policy, refused)
{
	struct vmm_cpuid args, seen = { .size = sizeof(seen), .count = VMM_CPUID_MAX };
	struct vmm_cpuid_entry *entry;

#define TRY(error, ...) do {						\
		args = self->cpuid;					\
		__VA_ARGS__;						\
		EXPECT_EQ(error, vmm_call(self->vm, VMM_SET_CPUID, &args))	\
			TH_LOG("%s", #__VA_ARGS__);			\
	} while (0)
	TRY(-EINVAL, args.count = 0);
	TRY(-EINVAL, args.count = VMM_CPUID_MAX + 1);
	TRY(-EINVAL, args.pad = 1);
	TRY(-EINVAL, args.threads = 3);
	TRY(-EINVAL, args.cores = 128);
	TRY(-EINVAL, args.entry[0].pad = 1);
	TRY(-EINVAL, args.entry[0].flags = 2);
	TRY(-EINVAL, args.entry[1] = args.entry[0]);
	TRY(-EINVAL, entry_of(&args, 0, 0)->leaf = 3);
	TRY(-EINVAL, entry_of(&args, 2, 0)->leaf = 0xb);
	TRY(-EINVAL, entry_of(&args, 2, 0)->leaf = 0x20000000);
	TRY(-EINVAL, entry_of(&args, 7, 0)->flags = 0);
	TRY(-EOPNOTSUPP, entry_of(&args, 0, 0)->eax = 0x20);
	TRY(-EOPNOTSUPP, entry_of(&args, 1, 0)->ecx |= 1 << 5);		/* VMX */
	TRY(-EOPNOTSUPP, entry_of(&args, 0x80000001, 0)->ecx |= 1 << 2);	/* SVM */
	TRY(-EOPNOTSUPP, entry_of(&args, 0x80000008, 0)->eax = 52 | 48 << 8);
	TRY(-EOPNOTSUPP, entry_of(&args, 0x80000008, 0)->eax = 31 | 48 << 8);
	TRY(-EOPNOTSUPP, entry_of(&args, 2, 0)->leaf = 0xa);		/* PMU */
	entry = entry_of(&self->cpuid, 0xd, 2);
	if (entry) {
		TRY(-EOPNOTSUPP, entry_of(&args, 0xd, 2)->ebx += 64);
		TRY(-EOPNOTSUPP, entry_of(&args, 0xd, 0)->eax |= 1 << 17);
	}
	ASSERT_EQ(0, vmm_call(self->vm, VMM_GET_CPUID, &seen));
	EXPECT_EQ(0, memcmp(&seen, &self->cpuid, sizeof(seen)));
}

TEST_F(policy, not_once_a_vcpu_is_there)
{
	struct vmm_msr_filter filter = { .size = sizeof(filter) };
	int vcpu = vmm_vcpu(self->vm, 0);

	ASSERT_LE(0, vcpu);
	EXPECT_EQ(-EBUSY, vmm_call(self->vm, VMM_SET_CPUID, &self->cpuid));
	EXPECT_EQ(-EBUSY, vmm_call(self->vm, VMM_SET_MSR_FILTER, &filter));
	close(vcpu);
}

static int set_filter(int vm, uint32_t first, uint32_t last, uint32_t access, uint32_t second)
{
	struct vmm_msr_filter args = {
		.size = sizeof(args), .count = second ? 2 : 1,
		.range = { { .first = first, .last = last, .access = access },
			   { .first = second, .last = second, .access = second ? access : 0 } },
	};

	return vmm_call(vm, VMM_SET_MSR_FILTER, &args);
}

TEST_F(policy, filters_refused)
{
	EXPECT_EQ(-EINVAL, set_filter(self->vm, 2, 1, VMM_MSR_READ, 0));
	EXPECT_EQ(-EINVAL, set_filter(self->vm, 1, 2, 0, 0));
	EXPECT_EQ(-EINVAL, set_filter(self->vm, 1, 2, 4, 0));
	EXPECT_EQ(-EINVAL, set_filter(self->vm, 1, 2, VMM_MSR_READ, 2));
	EXPECT_EQ(-EINVAL, set_filter(self->vm, 0x700, 0x800, VMM_MSR_READ, 0));
	EXPECT_EQ(-EINVAL, set_filter(self->vm, 0xc0000000, 0xc00000ff, VMM_MSR_READ, 0));
	EXPECT_EQ(0, set_filter(self->vm, 1, 2, VMM_MSR_READ, 3));
}

/* --- what a guest sees of it ---------------------------------------------- */

static struct vmm_cpuid made;
static struct vmm_msr_filter filtered;

static int before_vcpus(int vm)
{
	int error = made.size ? vmm_call(vm, VMM_SET_CPUID, &made) : 0;

	return error || !filtered.size ? error : vmm_call(vm, VMM_SET_MSR_FILTER, &filtered);
}

FIXTURE(shown) {
	struct guest guest;
	struct guest_cpu *cpu;
	struct vmm_run *run;
};

FIXTURE_SETUP(shown)
{
	int ctl = vmm_open(), vm = vmm_create(ctl, "");

	made = (struct vmm_cpuid) { .size = sizeof(made), .count = VMM_CPUID_MAX };
	ASSERT_EQ(0, vmm_call(vm, VMM_GET_CPUID, &made));
	close(vm);
	close(ctl);
	filtered.size = 0;
	guest_before_vcpus = before_vcpus;
}

FIXTURE_TEARDOWN(shown)
{
	guest_destroy(&self->guest);
}

#define MAKE_GUEST(cpus) do {						\
		ASSERT_EQ(0, guest_create(&self->guest, cpus));		\
		self->cpu = &self->guest.cpu[0];			\
		self->run = self->cpu->run;				\
	} while (0)

static void g_leaves(uint64_t arg)
{
	uint32_t reg[4];

	g_cpuid(1, 0, reg);
	g_value(reg[1]);
	g_value(reg[2]);
	g_cpuid(0x40000000, 0, reg);
	g_value(reg[1]);
	g_cpuid(0x40000001, 0, reg);
	g_value(reg[0]);
	g_cpuid(0xb, 0, reg);
	g_value(reg[0]);
	g_value(reg[1]);
	g_cpuid(0xb, 1, reg);
	g_value(reg[0]);
	g_value(reg[1]);
	g_value(G_TRY("mov %4, %%cr4", "r"(read_cr4() | 1 << 18)));
	g_value(G_TRY("rdmsr", "c"(0x6e0)));
	g_done(0);
}

/* No XSAVE, no TSC deadline, four threads in two cores, a leaf of our own. */
TEST_F(shown, table)
{
	struct vmm_cpuid_entry *one = entry_of(&made, 1, 0);

	one->ecx &= ~(1U << 26 | 1U << 24 | 1U << 28 | 1U << 12 | 1U << 29);
	entry_of(&made, 0x40000000, 0)->eax = 0x40000010;
	entry_of(&made, 0x40000000, 0)->ebx = 0x12345678;
	ASSERT_GT(VMM_CPUID_MAX, made.count);
	made.entry[made.count++] = (struct vmm_cpuid_entry) { .leaf = 0x40000001, .eax = 77 };
	made.threads = 2;
	made.cores = 2;
	MAKE_GUEST(4);
	ASSERT_GUEST(g_leaves, 0);
	EXPECT_EQ(4, self->cpu->value[0] >> 16 & 0xff);
	EXPECT_EQ(0, self->cpu->value[1] & (1 << 26 | 1 << 24 | 1 << 27));
	EXPECT_EQ(0x12345678, self->cpu->value[2]);
	EXPECT_EQ(77, self->cpu->value[3]);
	EXPECT_EQ(1, self->cpu->value[4]);
	EXPECT_EQ(2, self->cpu->value[5]);
	EXPECT_EQ(2, self->cpu->value[6]);
	EXPECT_EQ(4, self->cpu->value[7]);
	EXPECT_EQ(G_FAULTED | 13, self->cpu->value[8])
		TH_LOG("CR4.OSXSAVE without XSAVE");
	EXPECT_EQ(G_FAULTED | 13, self->cpu->value[9])
		TH_LOG("TSC_DEADLINE without the feature");
}

static void g_filtered(uint64_t arg)
{
	g_value(rdmsr(0x8b));			/* the module's, filtered */
	g_value(rdmsr(0xc0000082));		/* LSTAR: the processor's, filtered */
	wrmsr(0xc0000082, 0x1234);		/* only its reading is */
	g_value(G_TRY("rdmsr", "c"(0x1234)));	/* nobody's */
	g_value(rdmsr(0x5678));			/* nobody's, filtered */
	g_done(0);
}

TEST_F(shown, msr_filter)
{
	filtered = (struct vmm_msr_filter) {
		.size = sizeof(filtered), .count = 3,
		.range = { { .first = 0x8a, .last = 0x8b, .access = 3 },
			   { .first = 0x5000, .last = 0x6000, .access = 1 },
			   { .first = 0xc0000082, .last = 0xc0000082, .access = 1 } },
	};
	MAKE_GUEST(1);
	ASSERT_EQ(0, guest_start64(self->cpu, g_filtered, 0));
	ASSERT_EXIT(VMM_EXIT_RDMSR);
	EXPECT_EQ(0x8b, self->run->msr.index);
	self->run->msr.value = 5;
	ASSERT_EXIT(VMM_EXIT_RDMSR);
	EXPECT_EQ(0xc0000082, self->run->msr.index);
	self->run->msr.value = 6;
	ASSERT_EXIT(VMM_EXIT_RDMSR);
	EXPECT_EQ(0x5678, self->run->msr.index);
	EXPECT_EQ(0x1234, self->run->regs.lstar);
	self->run->msr.value = 7;
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(5, self->cpu->value[0]);
	EXPECT_EQ(6, self->cpu->value[1]);
	EXPECT_EQ(G_FAULTED | 13, self->cpu->value[2]);
	EXPECT_EQ(7, self->cpu->value[3]);
}

TEST_HARNESS_MAIN
