// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Registers from outside: get and set by group, through the ioctls and through
 * the run page; values that are refused; and state that the processor refuses
 * at entry, which must be explained in words.
 */
#define GUEST_NAME	regs
#define GUEST_VCPUS	1

#include <stddef.h>
#include "guest_fixture.h"

static void fill(struct vmm_regs *regs)
{
	unsigned int i;

	for (i = 0; i < 16; i++)
		regs->gpr[i] = 0x1111111111111111ULL * i + 1;
	regs->rip = 0x400123;
	regs->rflags = 0x246;
	for (i = VMM_SEG_ES; i <= VMM_SEG_GS; i++)
		if (i != VMM_SEG_CS)
			regs->seg[i].base = 0x10000 * i;
	regs->gdtr_base = 0xffff800000001000;
	regs->gdtr_limit = 0x7f;
	regs->idtr_base = 0xffff800000002000;
	regs->idtr_limit = 0x7ff;
	regs->cr2 = 0xdeadbeef;
	regs->cr8 = 7;
	regs->cr3 = 0x5000;
	for (i = 0; i < 4; i++)
		regs->dr[i] = 0x1000 * (i + 1);
	regs->dr6 = 0xffff0ff1;
	regs->dr7 = 0x401;
	regs->star = 0x0023001000000000;
	regs->lstar = 0xffffffff81000000;
	regs->cstar = 0xffffffff81000100;
	regs->sfmask = 0x700;
	regs->kernel_gs_base = 0xffff888000000000;
	regs->sysenter_cs = 0x10;
	regs->sysenter_esp = 0xffff888000001000;
	regs->sysenter_eip = 0xffffffff81000200;
	regs->pat = 0x0007010600070406;
	regs->tsc_aux = 5;
}

/* First and last byte of each group, in order of the bits. */
static const struct {
	size_t first, last;
} group[] = {
	{ offsetof(struct vmm_regs, gpr), offsetof(struct vmm_regs, seg) },
	{ offsetof(struct vmm_regs, seg), offsetof(struct vmm_regs, cr0) },
	{ offsetof(struct vmm_regs, cr0), offsetof(struct vmm_regs, dr) },
	{ offsetof(struct vmm_regs, dr), offsetof(struct vmm_regs, star) },
	{ offsetof(struct vmm_regs, star), offsetof(struct vmm_regs, interruptibility) },
	{ offsetof(struct vmm_regs, interruptibility), sizeof(struct vmm_regs) },
};

/* Equal but for the TSC, which goes on. */
static bool same(const struct vmm_regs *a, const struct vmm_regs *b)
{
	struct vmm_regs x = *a, y = *b;

	x.tsc = y.tsc = 0;
	return !memcmp(&x, &y, sizeof(x));
}

TEST_F(regs, round_trip)
{
	struct vmm_regs want, seen;

	ASSERT_EQ(0, guest_start64(self->cpu, NULL, 0));
	ASSERT_EQ(0, vmm_get_regs(self->cpu->fd, VMM_REGS_ALL, &want));
	fill(&want);
	ASSERT_EQ(0, vmm_set_regs(self->cpu->fd, VMM_REGS_ALL, &want));
	ASSERT_EQ(0, vmm_get_regs(self->cpu->fd, VMM_REGS_ALL, &seen));
	EXPECT_TRUE(same(&want, &seen));
	EXPECT_GE(seen.tsc, want.tsc);
	EXPECT_LT(seen.tsc - want.tsc, 100000000);
}

TEST_F(regs, only_the_groups_asked_for)
{
	struct vmm_regs before, other, seen;
	uint8_t *bytes = (uint8_t *)&seen;
	unsigned int i, g;

	ASSERT_EQ(0, guest_start64(self->cpu, NULL, 0));
	ASSERT_EQ(0, vmm_get_regs(self->cpu->fd, VMM_REGS_ALL, &before));
	for (g = 0; g < ARRAY_SIZE(group); g++) {
		/* What is not asked for comes back as it went. */
		struct vmm_vcpu_regs args = { .size = sizeof(args), .groups = 1U << g };

		memset(&args.regs, 0xee, sizeof(args.regs));
		ASSERT_EQ(0, vmm_call(self->cpu->fd, VMM_GET_REGS, &args));
		seen = args.regs;
		for (i = 0; i < sizeof(seen); i++)
			if (i < group[g].first || i >= group[g].last)
				ASSERT_EQ(0xee, bytes[i]) TH_LOG("group %u byte %u", g, i);
		/* What is set is the group alone. */
		other = before;
		fill(&other);
		ASSERT_EQ(0, vmm_set_regs(self->cpu->fd, 1U << g, &other));
		ASSERT_EQ(0, vmm_get_regs(self->cpu->fd, VMM_REGS_ALL, &seen));
		seen.tsc = before.tsc = other.tsc;
		for (i = 0; i < sizeof(seen); i++) {
			bool inside = i >= group[g].first && i < group[g].last;

			if (bytes[i] != ((uint8_t *)(inside ? &other : &before))[i])
				break;
		}
		EXPECT_EQ(sizeof(seen), i) TH_LOG("group %u", g);
		ASSERT_EQ(0, vmm_set_regs(self->cpu->fd, VMM_REGS_ALL, &before));
	}
	EXPECT_EQ(-EINVAL, vmm_get_regs(self->cpu->fd, VMM_REGS_ALL + 1, &seen));
	EXPECT_EQ(-EINVAL, vmm_set_regs(self->cpu->fd, 1U << 31, &before));
}

#define BAD(g, member, v)	\
	{ #member " = " #v, VMM_REGS_##g, offsetof(struct vmm_regs, member), v, \
	  sizeof(((struct vmm_regs *)0)->member) }

static const struct bad_value {
	const char *what;
	uint32_t group;
	size_t offset;
	uint64_t value;
	size_t size;
} bad_values[] = {
	BAD(GPR, rflags, 0),
	BAD(GPR, rflags, 0x8002),
	BAD(GPR, rflags, 0x100000002),
	BAD(SEG, seg[VMM_SEG_DS].base, 0x0000800000000000),
	BAD(SEG, seg[VMM_SEG_CS].access, 0x2a09b),
	BAD(SEG, seg[VMM_SEG_CS].access, 0xaf9b),
	BAD(SEG, seg[VMM_SEG_TR].pad[1], 1),
	BAD(SEG, gdtr_base, 0x8000000000000000),
	BAD(SEG, idtr_limit, 0x10000),
	BAD(CR, cr0, 0x180000031),
	BAD(CR, cr0, 0x80000030),
	BAD(CR, cr0, 0xa0000031),
	BAD(CR, cr4, 0x2020),
	BAD(CR, cr4, 0x100000020),
	BAD(CR, cr4, 0),
	BAD(CR, cr8, 16),
	BAD(CR, efer, 0x502),
	BAD(CR, efer, 0x100),
	BAD(CR, efer, 0x400),
	BAD(CR, xcr0, 0),
	BAD(CR, xcr0, 4),
	BAD(CR, xcr0, 1ULL << 62),
	BAD(DR, dr6, 0x1ffff0ff0),
	BAD(DR, dr7, 0x100000400),
	BAD(MSR, lstar, 0x0000800000000000),
	BAD(MSR, sfmask, 1ULL << 32),
	BAD(MSR, kernel_gs_base, 1ULL << 63),
	BAD(MSR, sysenter_eip, 0xff00000000000000),
	BAD(MSR, pat, 0x0007040600070402),
	BAD(MSR, apic_base, 0xfee00d01),
	BAD(MSR, apic_base, 0x1fee00900),
	BAD(EVENT, interruptibility, 0x10),
	BAD(EVENT, interruptibility, 1U << 31),
	BAD(EVENT, activity, 3),
	BAD(EVENT, nmi_pending, 2),
	BAD(EVENT, event_length, 1),
	BAD(EVENT, exit_intinfo, 0x80000320),	/* exception 32 */
	BAD(EVENT, exit_intinfo, 0x80000480),	/* INT 80h without a length */
	BAD(EVENT, entry_intinfo, 0x80000480),	/* not a hardware exception */
	BAD(EVENT, entry_intinfo, 0x80000203),	/* an NMI of vector 3 */
	BAD(EVENT, entry_intinfo, 0x80001b0d),	/* reserved bit 12 */
};

/* One bad value in one group: nothing changes, not even in good groups. */
TEST_F(regs, refused)
{
	struct vmm_regs before, args, seen;
	const struct bad_value *bad;

	ASSERT_EQ(0, guest_start64(self->cpu, NULL, 0));
	ASSERT_EQ(0, vmm_get_regs(self->cpu->fd, VMM_REGS_ALL, &before));
	for (bad = bad_values; bad < bad_values + ARRAY_SIZE(bad_values); bad++) {
		args = before;
		fill(&args);
		memcpy((uint8_t *)&args + bad->offset, &bad->value, bad->size);
		EXPECT_EQ(-EINVAL, vmm_set_regs(self->cpu->fd, VMM_REGS_ALL, &args))
			TH_LOG("%s", bad->what);
		ASSERT_EQ(0, vmm_get_regs(self->cpu->fd, VMM_REGS_ALL, &seen));
		EXPECT_TRUE(same(&before, &seen))
			TH_LOG("%s changed something", bad->what);
		/* In a group that is not set it does not matter. */
		args = before;
		memcpy((uint8_t *)&args + bad->offset, &bad->value, bad->size);
		EXPECT_EQ(0, vmm_set_regs(self->cpu->fd, VMM_REGS_ALL & ~bad->group, &args))
			TH_LOG("%s in a group not set", bad->what);
	}
}

static void g_turns(uint64_t arg)
{
	for (;;) {
		outb(0x300, arg);
		arg++;
	}
}

TEST_F(regs, run_page_wants)
{
	uint32_t groups;

	ASSERT_EQ(0, guest_start64(self->cpu, g_turns, 0));
	for (groups = 0; groups <= VMM_REGS_ALL; groups++) {
		memset(&self->run->regs, 0xee, sizeof(self->run->regs));
		self->run->regs_want = groups;
		ASSERT_EXIT(VMM_EXIT_IO);
		ASSERT_EQ(groups | VMM_REGS_GPR, self->run->regs_valid);
		EXPECT_NE(0xeeeeeeeeeeeeeeee, self->run->regs.rip);
		EXPECT_EQ(!(groups & VMM_REGS_CR), self->run->regs.cr3 == 0xeeeeeeeeeeeeeeee);
		EXPECT_EQ(!(groups & VMM_REGS_DR), self->run->regs.dr7 == 0xeeeeeeeeeeeeeeee);
		EXPECT_EQ(!(groups & VMM_REGS_MSR), self->run->regs.pat == 0xeeeeeeeeeeeeeeee);
		EXPECT_EQ(!(groups & VMM_REGS_SEG), self->run->regs.gdtr_limit == 0xeeeeeeee);
		EXPECT_EQ(!(groups & VMM_REGS_EVENT), self->run->regs.activity == 0xeeeeeeee);
	}
	/* Bits that are none. */
	self->run->regs_want = ~0U;
	ASSERT_EXIT(VMM_EXIT_IO);
	EXPECT_EQ(VMM_REGS_ALL, self->run->regs_valid);
}

static void g_elsewhere(uint64_t arg)
{
	g_done(arg);
}

TEST_F(regs, run_page_sets)
{
	ASSERT_EQ(0, guest_start64(self->cpu, g_turns, 0));
	ASSERT_EXIT(VMM_EXIT_IO);
	self->run->regs.rip = (uintptr_t)g_elsewhere;
	self->run->regs.gpr[VMM_REG_RDI] = 0x5a5a;
	self->run->regs.gpr[VMM_REG_RSP] -= 64;
	self->run->regs_dirty = VMM_REGS_GPR;
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(0x5a5a, self->cpu->result);
	EXPECT_EQ(0, self->run->regs_dirty);
}

TEST_F(regs, run_page_refused)
{
	struct vmm_regs regs;

	ASSERT_EQ(0, guest_start64(self->cpu, g_turns, 7));
	ASSERT_EXIT(VMM_EXIT_IO);
	self->run->regs.cr4 = 1ULL << 40;
	self->run->regs.rip = 0x1234;
	self->run->regs_dirty = VMM_REGS_GPR | VMM_REGS_CR;
	EXPECT_EQ(-EINVAL, vmm_run_once(self->cpu->fd));
	EXPECT_EQ(-EINVAL, vmm_run_once(self->cpu->fd));
	EXPECT_EQ(VMM_REGS_GPR | VMM_REGS_CR, self->run->regs_dirty);
	self->run->regs_dirty = 0x40;
	EXPECT_EQ(-EINVAL, vmm_run_once(self->cpu->fd));
	ASSERT_EQ(0, vmm_get_regs(self->cpu->fd, VMM_REGS_GPR, &regs));
	EXPECT_NE(0x1234, regs.rip);
	self->run->regs_dirty = 0;
	ASSERT_EXIT(VMM_EXIT_IO);
	EXPECT_EQ(8, self->run->data[0]);
}

TEST_F(regs, tsc_is_set)
{
	struct vmm_regs regs;

	ASSERT_EQ(0, vmm_get_regs(self->cpu->fd, VMM_REGS_ALL, &regs));
	regs.tsc = 1ULL << 50;
	ASSERT_EQ(0, vmm_set_regs(self->cpu->fd, VMM_REGS_MSR, &regs));
	ASSERT_EQ(0, vmm_get_regs(self->cpu->fd, VMM_REGS_MSR, &regs));
	EXPECT_GE(regs.tsc, 1ULL << 50);
	EXPECT_LT(regs.tsc, (1ULL << 50) + 100000000);
}

/* State that SET_REGS takes and the processor does not. */
TEST_F(regs, entry_failure_is_explained)
{
	static const struct {
		const char *what;
		uint32_t group;
		size_t offset;
		uint64_t value;
		size_t size;
	} rows[] = {
		BAD(SEG, seg[VMM_SEG_CS].access, 0xa092),	/* a data segment */
		BAD(SEG, seg[VMM_SEG_CS].access, 0xe09b),	/* L and D */
		BAD(SEG, seg[VMM_SEG_TR].access, 0x89),		/* not busy */
		BAD(GPR, rflags, 0x20002),			/* VM in long mode */
		BAD(EVENT, interruptibility, 3),
		BAD(EVENT, interruptibility, 1),		/* STI without IF */
	};
	struct vmm_regs good, args;
	unsigned int i;

	ASSERT_EQ(0, guest_start64(self->cpu, g_elsewhere, 1));
	ASSERT_EQ(0, vmm_get_regs(self->cpu->fd, VMM_REGS_ALL, &good));
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		args = good;
		memcpy((uint8_t *)&args + rows[i].offset, &rows[i].value, rows[i].size);
		ASSERT_EQ(0, vmm_set_regs(self->cpu->fd, VMM_REGS_ALL, &args))
			TH_LOG("%s", rows[i].what);
		EXPECT_EQ(VMM_EXIT_ENTRY_FAILED, guest_run(self->cpu)) {
			TH_LOG("%s", rows[i].what);
			continue;
		}
		EXPECT_EQ(0x80000021, self->run->vmx.reason);
		EXPECT_EQ(0, self->run->vmx.instruction_error);
		EXPECT_NE(0, self->run->vmx.rule[0])
			TH_LOG("%s: no explanation", rows[i].what);
		TH_LOG("%s: %.180s", rows[i].what, self->run->vmx.rule);
		EXPECT_EQ(0, self->run->vmx.rule[sizeof(self->run->vmx.rule) - 1]);
	}
	/* And back: the vCPU is none the worse. */
	ASSERT_EQ(0, vmm_set_regs(self->cpu->fd, VMM_REGS_ALL, &good));
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(1, self->cpu->result);
}

static int vmcs(int vcpu, uint32_t encoding, uint64_t *value)
{
	struct vmm_vmcs_field args = { .size = sizeof(args), .encoding = encoding };
	int error = vmm_call(vcpu, VMM_GET_VMCS, &args);

	*value = args.value;
	return error;
}

#define VMCS_GUEST_RIP		0x681e
#define VMCS_GUEST_CR3		0x6802
#define VMCS_HOST_CR3		0x6c02
#define VMCS_HOST_RIP		0x6c16
#define VMCS_EPT_POINTER	0x201a
#define VMCS_MSR_BITMAP		0x2004

TEST_F(regs, vmcs)
{
	static const uint32_t none[] = { 0x7fff, 0xffff, 0x12345678, ~0U, 0x6c7e, 0x8000 };
	static const uint32_t secret[] = {
		VMCS_HOST_CR3, VMCS_HOST_RIP, VMCS_EPT_POINTER, VMCS_MSR_BITMAP,
	};
	uint64_t value;
	unsigned int i;

	ASSERT_EQ(0, guest_start64(self->cpu, g_turns, 0));
	ASSERT_EQ(0, vmcs(self->cpu->fd, VMCS_GUEST_RIP, &value));
	EXPECT_EQ((uintptr_t)g_turns, value)
		TH_LOG("before the first run");
	ASSERT_EXIT(VMM_EXIT_IO);
	ASSERT_EQ(0, vmcs(self->cpu->fd, VMCS_GUEST_RIP, &value));
	EXPECT_EQ(self->run->regs.rip, value);
	ASSERT_EQ(0, vmcs(self->cpu->fd, VMCS_GUEST_CR3, &value));
	EXPECT_EQ(GUEST_PML4, value);
	for (i = 0; i < ARRAY_SIZE(none); i++)
		EXPECT_EQ(-EINVAL, vmcs(self->cpu->fd, none[i], &value))
			TH_LOG("encoding %#x", none[i]);
	if (geteuid())
		return;
	for (i = 0; i < ARRAY_SIZE(secret); i++) {
		ASSERT_EQ(0, vmcs(self->cpu->fd, secret[i], &value));
		EXPECT_NE(0, value);
	}
	ASSERT_EQ(0, setresuid(1234, 1234, 1234));
	for (i = 0; i < ARRAY_SIZE(secret); i++) {
		ASSERT_EQ(0, vmcs(self->cpu->fd, secret[i], &value));
		EXPECT_EQ(0, value)
			TH_LOG("field %#x is shown to a user", secret[i]);
	}
	ASSERT_EQ(0, vmcs(self->cpu->fd, VMCS_GUEST_CR3, &value));
	EXPECT_EQ(GUEST_PML4, value);
}

static void g_exits(uint64_t arg)
{
	uint32_t reg[4];

	for (;;) {
		g_cpuid(0, 0, reg);
		g_cpuid(0, 0, reg);
		outb(0x301, 0);
	}
}

TEST_F(regs, exit_log)
{
	struct vmm_exit_log log = { .size = sizeof(log), .count = 3 };
	unsigned int i;

	ASSERT_EQ(0, guest_start64(self->cpu, g_exits, 0));
	for (i = 0; i < 20; i++)
		ASSERT_EXIT(VMM_EXIT_IO);
	ASSERT_EQ(0, vmm_call(self->cpu->fd, VMM_GET_EXITS, &log));
	ASSERT_EQ(3, log.count);
	EXPECT_EQ(30, log.rec[0].reason);
	EXPECT_EQ(0x301, log.rec[0].qualification >> 16);
	EXPECT_EQ(self->run->regs.rip - self->run->inst_length, log.rec[0].rip);
	EXPECT_LE(log.rec[1].tsc, log.rec[0].tsc);
	EXPECT_LE(log.rec[2].tsc, log.rec[1].tsc);
	EXPECT_EQ(0, log.rec[3].reason);
	log.count = ~0U;
	ASSERT_EQ(0, vmm_call(self->cpu->fd, VMM_GET_EXITS, &log));
	EXPECT_EQ(VMM_EXIT_LOG_MAX, log.count);
	log.count = 0;
	ASSERT_EQ(0, vmm_call(self->cpu->fd, VMM_GET_EXITS, &log));
	EXPECT_EQ(0, log.count);
}

static int64_t stat_of(struct guest_cpu *cpu, const char *name)
{
	struct vmm_stat_name n = { .size = sizeof(n) };
	struct vmm_stats s;

	for (n.index = 0; !vmm_call(cpu->guest->ctl, VMM_STAT_NAME, &n); n.index++) {
		if (strcmp(n.name, name))
			continue;
		s = (struct vmm_stats) { .size = sizeof(s), .first = n.index, .count = 1 };
		if (vmm_call(cpu->fd, VMM_GET_STATS, &s) || s.count != 1)
			return -1;
		return s.value[0];
	}
	return -1;
}

TEST_F(regs, statistics)
{
	struct vmm_stats all = { .size = sizeof(all), .first = 0, .count = VMM_STATS_MAX };
	struct vmm_stat_name name = { .size = sizeof(name) };
	int64_t cpuid, io, exits, entries;
	unsigned int i, names = 0;

	ASSERT_EQ(0, guest_start64(self->cpu, g_exits, 0));
	cpuid = stat_of(self->cpu, "exit: CPUID");
	io = stat_of(self->cpu, "exit: I/O instruction");
	ASSERT_EQ(0, cpuid);
	ASSERT_EQ(0, io);
	for (i = 0; i < 20; i++)
		ASSERT_EXIT(VMM_EXIT_IO);
	EXPECT_EQ(40, stat_of(self->cpu, "exit: CPUID"));
	EXPECT_EQ(20, stat_of(self->cpu, "exit: I/O instruction"));
	exits = stat_of(self->cpu, "VM exits");
	entries = stat_of(self->cpu, "VM entries");
	EXPECT_GE(exits, 60);
	EXPECT_EQ(entries, exits);
	/* More if there was work for the way to user mode. */
	EXPECT_GE(stat_of(self->cpu, "exits to userspace"), 20);
	EXPECT_LT(stat_of(self->cpu, "exits to userspace"), 40);

	for (name.index = 0; !vmm_call(self->guest.ctl, VMM_STAT_NAME, &name); name.index++, names++)
		EXPECT_NE(0, name.name[0]);
	EXPECT_EQ(-ENOENT, vmm_call(self->guest.ctl, VMM_STAT_NAME, &name));
	name.index = ~0U;
	EXPECT_EQ(-ENOENT, vmm_call(self->guest.ctl, VMM_STAT_NAME, &name));
	for (i = 0;; i += all.count) {
		all.first = i;
		all.count = VMM_STATS_MAX;
		ASSERT_EQ(0, vmm_call(self->cpu->fd, VMM_GET_STATS, &all));
		if (!all.count)
			break;
		ASSERT_LE(all.count, VMM_STATS_MAX);
	}
	EXPECT_EQ(names, i)
		TH_LOG("as many names as counters");
	all.first = ~0U;
	all.count = ~0U;
	ASSERT_EQ(0, vmm_call(self->cpu->fd, VMM_GET_STATS, &all));
	EXPECT_EQ(0, all.count);
}

TEST_HARNESS_MAIN
