// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Instructions that exit and that the kernel settles alone, and what the guest
 * may learn and do through them.
 */
#define GUEST_NAME	misc
#define GUEST_VCPUS	1

#include "guest_fixture.h"

#define UD	(G_FAULTED | 6)
#define GP	(G_FAULTED | 13)

static void g_cpuid_leaves(uint64_t arg)
{
	uint32_t reg[4];

	g_cpuid(1, 0, reg);
	g_value(reg[2]);
	g_value(reg[3]);
	g_value(reg[1] >> 24);
	g_cpuid(0x40000000, 0, reg);
	g_value(reg[0]);
	g_value(reg[1]);
	g_cpuid(0, 0, reg);
	g_value(reg[0]);
	g_cpuid(0xb, 0, reg);
	g_value(reg[3]);
	g_done(0);
}

TEST_F(misc, cpuid)
{
	const uint64_t *v = self->cpu->value;
	struct guest_cpu *last;
	struct guest many;

	ASSERT_GUEST(g_cpuid_leaves, 0);
	EXPECT_EQ(1, v[0] >> 31 & 1) TH_LOG("no hypervisor bit");
	EXPECT_EQ(0, v[0] >> 5 & 1) TH_LOG("VMX offered");
	EXPECT_EQ(0, v[0] >> 6 & 1) TH_LOG("SMX offered");
	EXPECT_EQ(0, v[0] >> 3 & 1) TH_LOG("MONITOR offered");
	EXPECT_EQ(0, v[0] >> 27 & 1) TH_LOG("OSXSAVE set");
	EXPECT_EQ(1, v[0] >> 21 & 1) TH_LOG("no x2APIC");
	EXPECT_EQ(1, v[0] >> 24 & 1) TH_LOG("no TSC deadline");
	EXPECT_EQ(1, v[1] >> 9 & 1) TH_LOG("no APIC");
	EXPECT_EQ(0, v[2]);
	EXPECT_GE(v[3], 0x40000000);
	EXPECT_LT(v[3], 0x40000100);
	EXPECT_NE(0, v[4]);
	EXPECT_GE(v[5], 1);

	/* The APIC ID is the vCPU's. */
	ASSERT_EQ(0, guest_create(&many, 3));
	last = &many.cpu[2];
	ASSERT_EQ(0, guest_start64(last, g_cpuid_leaves, 0));
	ASSERT_EQ(GUEST_DONE, guest_run(last));
	EXPECT_EQ(2, last->value[2]);
	if (last->value[5] >= 0xb)
		EXPECT_EQ(2, last->value[6]);
	guest_destroy(&many);
}

static void g_cpuid_clears(uint64_t arg)
{
	uint64_t a = 0xffffffff00000000, b = ~0ULL, c = 0xffffffff00000000, d = ~0ULL;

	asm volatile("cpuid" : "+a"(a), "+b"(b), "+c"(c), "+d"(d));
	g_done((a | b | c | d) >> 32);
}

TEST_F(misc, cpuid_clears_upper_halves)
{
	ASSERT_GUEST(g_cpuid_clears, 0);
	EXPECT_EQ(0, self->cpu->result);
}

static void g_nothing(uint64_t arg)
{
	asm volatile("wbinvd");
	asm volatile("invd");
	asm volatile("pause");
	asm volatile("invlpg (%0)" : : "r"(0x1000));
	asm volatile("mfence");
	g_done(42);
}

TEST_F(misc, no_effect)
{
	ASSERT_GUEST(g_nothing, 0);
	EXPECT_EQ(42, self->cpu->result);
}

static void g_undefined(uint64_t arg)
{
	uint64_t m = 0;

	g_value(G_TRY("vmcall"));
	g_value(G_TRY("vmlaunch"));
	g_value(G_TRY("vmresume"));
	g_value(G_TRY("vmxoff"));
	g_value(G_TRY("vmread %%rax, %%rcx", "a"(0x681e)));
	g_value(G_TRY("vmwrite %%rax, %%rcx", "a"(0), "c"(0x681e)));
	g_value(G_TRY("vmclear (%4)", "r"(&m)));
	g_value(G_TRY("vmptrld (%4)", "r"(&m)));
	g_value(G_TRY("vmptrst (%4)", "r"(&m)));
	g_value(G_TRY("vmxon (%4)", "r"(&m)));
	g_value(G_TRY("invept (%4), %%rax", "r"(&m)));
	g_value(G_TRY("invvpid (%4), %%rax", "r"(&m)));
	g_value(G_TRY("vmfunc", "a"(0)));
	g_value(G_TRY("monitor", "a"(&m), "c"(0), "d"(0)));
	g_value(G_TRY("mwait", "a"(0), "c"(0)));
	g_value(G_TRY("getsec", "a"(0)));
	g_value(G_TRY("rsm"));
	g_value(G_TRY("ud2"));
	g_done(0);
}

TEST_F(misc, undefined)
{
	unsigned int i;

	ASSERT_GUEST(g_undefined, 0);
	ASSERT_EQ(18, self->cpu->values);
	for (i = 0; i < self->cpu->values; i++)
		EXPECT_EQ(UD, self->cpu->value[i])
			TH_LOG("instruction %u", i);
}

static void g_rdpmc(uint64_t arg)
{
	g_done(G_TRY("rdpmc", "c"(0)));
}

TEST_F(misc, rdpmc)
{
	ASSERT_GUEST(g_rdpmc, 0);
	EXPECT_EQ(GP, self->cpu->result);
}

static void g_tsc(uint64_t arg)
{
	uint64_t now, last = rdtsc(), back = 0;
	unsigned int i;

	for (i = 0; i < 500; i++) {
		now = rdtsc();
		back += now <= last;
		last = now;
		if (!(i % 50))
			outb(0x300, 0);
	}
	g_done(back);
}

TEST_F(misc, tsc_goes_on)
{
	unsigned int exits = 0;
	int exit;

	ASSERT_EQ(0, guest_start64(self->cpu, g_tsc, 0));
	while ((exit = guest_run(self->cpu)) == VMM_EXIT_IO)
		exits++;
	ASSERT_EQ(GUEST_DONE, exit);
	EXPECT_EQ(10, exits);
	EXPECT_EQ(0, self->cpu->result);
}

static void g_triple(uint64_t arg)
{
	uint16_t idtr[5] = {};	/* limit and base */

	asm volatile("lidt %0\n ud2" : : "m"(idtr));
	g_done(0);
}

TEST_F(misc, triple_fault)
{
	ASSERT_EQ(0, guest_start64(self->cpu, g_triple, 0));
	ASSERT_EXIT(VMM_EXIT_SUSPENDED);
	EXPECT_EQ(VMM_SUSPEND_TRIPLEFAULT, self->run->suspended.how);
	EXPECT_EQ(0, self->run->suspended.vcpu);
	/* It stays so. */
	ASSERT_EXIT(VMM_EXIT_SUSPENDED);
	EXPECT_EQ(VMM_SUSPEND_TRIPLEFAULT, self->run->suspended.how);
	EXPECT_EQ(-EALREADY, vmm_suspend_vm(self->guest.vm, VMM_SUSPEND_RESET));
}

TEST_F(misc, suspend)
{
	static const uint32_t how[] = {
		VMM_SUSPEND_RESET, VMM_SUSPEND_POWEROFF, VMM_SUSPEND_HALT, VMM_SUSPEND_TRIPLEFAULT,
	};
	struct guest guest;
	unsigned int i;

	EXPECT_EQ(-EINVAL, vmm_suspend_vm(self->guest.vm, VMM_SUSPEND_NONE));
	EXPECT_EQ(-EINVAL, vmm_suspend_vm(self->guest.vm, 5));
	for (i = 0; i < ARRAY_SIZE(how); i++) {
		ASSERT_EQ(0, guest_create(&guest, 1));
		ASSERT_EQ(0, vmm_suspend_vm(guest.vm, how[i]));
		EXPECT_EQ(-EALREADY, vmm_suspend_vm(guest.vm, how[i]));
		ASSERT_EQ(0, guest_start64(&guest.cpu[0], g_nothing, 0));
		ASSERT_EQ(VMM_EXIT_SUSPENDED, guest_run(&guest.cpu[0]));
		EXPECT_EQ(how[i], guest.cpu[0].run->suspended.how);
		EXPECT_EQ(VMM_VCPU_ALL, guest.cpu[0].run->suspended.vcpu);
		EXPECT_EQ(-EBUSY, vmm_vcpu(guest.vm, 9));
		guest_destroy(&guest);
	}
}

TEST_HARNESS_MAIN
