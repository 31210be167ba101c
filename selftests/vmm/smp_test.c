// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Several vCPUs: start by INIT and SIPI, and interprocessor interrupts in all
 * destination modes, xAPIC and x2APIC. Sender and receivers count; the counts
 * must agree exactly.
 */
#define GUEST_NAME	smp
#define GUEST_VCPUS	4

#include "guest_fixture.h"

#define CPUS		GUEST_VCPUS
#define ALL		((1U << CPUS) - 1)
#define APS		(ALL & ~1U)
#define TURNS		20

#define V_COUNT		0x60	/* count it and answer vCPU 0 with V_ECHO + own number */
#define V_SETUP		0x61	/* set LDR and DFR for @logical */
#define V_ECHO		0x68	/* one each: the same vector twice may become one */

#define ICR_PHYSICAL	0x4000
#define ICR_LOGICAL	0x4800
#define ICR_LOWEST	0x0100
#define ICR_NMI		0x0400
#define ICR_INIT	0x4500
#define ICR_SIPI	0x4600
#define ICR_SELF	0x44000
#define ICR_ALL		0x84000
#define ICR_OTHERS	0xc4000

static volatile uint32_t online, echoes, set_up, x2apic;
static volatile uint32_t counted[CPUS], nmis[CPUS];
static volatile enum { FLAT, CLUSTER } logical;

static unsigned int g_self(void)
{
	uint64_t rsp;

	asm volatile("mov %%rsp, %0" : "=r"(rsp));
	return (rsp - GUEST_STACKS) / GUEST_STACK;
}

static void g_eoi(void)
{
	if (x2apic)
		x2apic_eoi();
	else
		lapic_eoi();
}

static void g_send(uint32_t destination, uint32_t icr)
{
	if (x2apic) {
		wrmsr(MSR_X2APIC + (LAPIC_ICR >> 4), (uint64_t)destination << 32 | icr);
	} else {
		lapic_write(LAPIC_ICR2, destination << 24);
		lapic_write(LAPIC_ICR, icr);
	}
}

static void g_on_count(struct guest_frame *frame)
{
	__atomic_fetch_add(&counted[g_self()], 1, __ATOMIC_SEQ_CST);
	g_eoi();
	g_send(0, ICR_PHYSICAL | (V_ECHO + g_self()));
}

static void g_on_echo(struct guest_frame *frame)
{
	echoes++;
	g_eoi();
}

static void g_on_nmi(struct guest_frame *frame)
{
	__atomic_fetch_add(&nmis[g_self()], 1, __ATOMIC_SEQ_CST);
}

static void g_set_logical(void)
{
	unsigned int id = g_self();

	if (!x2apic && logical == FLAT) {
		lapic_write(LAPIC_DFR, 0xffffffff);
		lapic_write(LAPIC_LDR, 1U << (24 + id));
	} else if (!x2apic) {
		/* Clusters 0 and 1, two members each. */
		lapic_write(LAPIC_DFR, 0x0fffffff);
		lapic_write(LAPIC_LDR, (id / 2) << 28 | 1U << (24 + id % 2));
	}
}

static void g_on_setup(struct guest_frame *frame)
{
	g_set_logical();
	g_eoi();
	__atomic_fetch_add(&set_up, 1, __ATOMIC_SEQ_CST);
}

static void g_ap(uint64_t id)
{
	if (x2apic)
		x2apic_on();
	else
		lapic_on();
	__atomic_fetch_or(&online, 1U << id, __ATOMIC_SEQ_CST);
	for (;;)
		g_sti_hlt();
}

/* Interrupts on, so that echoes arrive; PAUSE so that others get the CPU. */
#define G_WAIT(condition) do {			\
	g_sti();				\
	while (!(condition))			\
		asm volatile("pause");		\
	g_cli();				\
} while (0)

static void g_start_aps(void)
{
	unsigned int id;

	guest_handlers[2] = g_on_nmi;
	guest_handlers[V_COUNT] = g_on_count;
	for (id = 0; id < CPUS; id++)
		guest_handlers[V_ECHO + id] = g_on_echo;
	guest_handlers[V_SETUP] = g_on_setup;
	if (x2apic)
		x2apic_on();
	else
		lapic_on();
	for (id = 1; id < CPUS; id++) {
		g_send(id, ICR_INIT);
		g_send(id, ICR_SIPI | GUEST_AP_START >> 12);
		g_send(id, ICR_SIPI | GUEST_AP_START >> 12);
	}
	G_WAIT(online == APS);
}

static uint32_t g_sum(volatile uint32_t *count)
{
	uint32_t i, sum = 0;

	for (i = 0; i < CPUS; i++)
		sum += count[i];
	return sum;
}

/*
 * Sends TURNS times and waits for all @expected each time. Reports, in one
 * value each: how many came to CPUs that were not meant, and echoes missing.
 */
static void g_phase(uint32_t destination, uint32_t icr, uint32_t expected)
{
	uint32_t before[CPUS], want = 0, turn, i, wrong = 0;
	uint32_t echo = echoes;

	for (i = 0; i < CPUS; i++) {
		before[i] = counted[i];
		want += expected >> i & 1;
	}
	for (turn = 1; turn <= TURNS; turn++) {
		g_send(destination, icr | V_COUNT);
		G_WAIT(echoes - echo == turn * want);
	}
	for (i = 0; i < CPUS; i++)
		if (counted[i] - before[i] != (expected >> i & 1 ? TURNS : 0))
			wrong++;
	g_value(wrong);
}

static void g_logical(uint32_t mode)
{
	uint32_t done = set_up;

	logical = mode;
	g_send(0, ICR_ALL | V_SETUP);
	G_WAIT(set_up == done + CPUS);
}

static void g_bsp(uint64_t arg)
{
	uint32_t i, sum;

	x2apic = arg;
	g_start_aps();
	for (i = 1; i < CPUS; i++)
		g_phase(i, ICR_PHYSICAL, 1U << i);
	g_phase(0, ICR_PHYSICAL, 1);
	g_phase(0, ICR_SELF, 1);
	g_phase(0, ICR_ALL, ALL);
	g_phase(0, ICR_OTHERS, APS);
	g_phase(x2apic ? 0xffffffff : 0xff, ICR_PHYSICAL, ALL);
	if (x2apic) {
		/* Cluster 0 has all of them. */
		for (i = 0; i < CPUS; i++)
			g_phase(1U << i, ICR_LOGICAL, 1U << i);
		g_phase(0xa, ICR_LOGICAL, 0xa);
		g_phase(0xf, ICR_LOGICAL, ALL);
	} else {
		g_logical(FLAT);
		for (i = 0; i < CPUS; i++)
			g_phase(1U << i, ICR_LOGICAL, 1U << i);
		g_phase(0xa, ICR_LOGICAL, 0xa);
		g_phase(0xff, ICR_LOGICAL, ALL);
		g_logical(CLUSTER);
		g_phase(0x01, ICR_LOGICAL, 0x1);
		g_phase(0x02, ICR_LOGICAL, 0x2);
		g_phase(0x13, ICR_LOGICAL, 0xc);
		g_phase(0xff, ICR_LOGICAL, ALL);
		g_logical(FLAT);
	}
	/* Lowest priority: one of them, whoever. */
	sum = g_sum(counted);
	for (i = 1; i <= TURNS; i++) {
		g_send(0xf, ICR_LOGICAL | ICR_LOWEST | V_COUNT);
		G_WAIT(g_sum(counted) == sum + i && echoes == sum + i);
	}
	for (i = 0; i < 20; i++)
		asm volatile("pause");
	g_value(g_sum(counted) - sum - TURNS);
	/* NMIs do not queue: one at a time. */
	for (i = 1; i <= TURNS; i++) {
		g_send(0, ICR_OTHERS | ICR_NMI);
		G_WAIT(nmis[1] == i && nmis[2] == i && nmis[3] == i);
	}
	g_value(nmis[0]);
	/* Both ends have counted the same. */
	g_value(echoes - g_sum(counted));
	g_done(echoes);
}

/* Ends the vCPUs that sleep in HLT. */
static int stop(struct guest *guest)
{
	unsigned int i;
	int bad = 0;

	bad |= vmm_suspend_vm(guest->vm, VMM_SUSPEND_POWEROFF) != 0;
	bad |= guest_run(&guest->cpu[0]) != VMM_EXIT_SUSPENDED;
	for (i = 1; i < guest->cpus; i++)
		bad |= guest_join(&guest->cpu[i]) != VMM_EXIT_SUSPENDED;
	return bad;
}

static int begin(struct guest *guest, void *entry, uint64_t arg)
{
	unsigned int i;
	int error;

	guest_timeout_ms = 60000;
	guest_ap_entry(guest, g_ap);
	error = guest_start64(&guest->cpu[0], entry, arg);
	for (i = 1; i < guest->cpus && !error; i++)
		error = guest_spawn(&guest->cpu[i]);
	return error;
}

#define EXPECT_NO_WRONG() do {						\
	unsigned int _i;						\
									\
	for (_i = 0; _i < self->cpu->values; _i++)			\
		EXPECT_EQ(0, self->cpu->value[_i])			\
			TH_LOG("phase %u", _i);				\
} while (0)

TEST_F_TIMEOUT(smp, xapic, 90)
{
	ASSERT_EQ(0, begin(&self->guest, g_bsp, 0));
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(21, self->cpu->values);
	EXPECT_NO_WRONG();
	EXPECT_GT(self->cpu->result, 20 * TURNS);
	EXPECT_EQ(0, stop(&self->guest));
}

TEST_F_TIMEOUT(smp, x2apic, 90)
{
	ASSERT_EQ(0, begin(&self->guest, g_bsp, 1));
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(17, self->cpu->values);
	EXPECT_NO_WRONG();
	EXPECT_EQ(0, stop(&self->guest));
}

static volatile uint32_t starts;

static void g_count_start(uint64_t id)
{
	__atomic_fetch_add(&starts, 1, __ATOMIC_SEQ_CST);
	for (;;)
		asm volatile("cli\n hlt");
}

static void g_restart(uint64_t arg)
{
	uint32_t i, id;

	lapic_on();
	for (i = 1; i <= 5; i++)
		for (id = 1; id < CPUS; id++) {
			uint32_t before = starts;

			g_send(id, ICR_INIT);
			g_send(id, ICR_SIPI | GUEST_AP_START >> 12);
			G_WAIT(starts == before + 1);
			/* It runs: a second SIPI is nothing to it. */
			g_send(id, ICR_SIPI | GUEST_AP_START >> 12);
		}
	for (i = 0; i < 50; i++)
		asm volatile("pause");
	g_done(starts);
}

/* INIT brings a running or halted vCPU back to waiting for SIPI. */
TEST_F_TIMEOUT(smp, restart, 90)
{
	struct vmm_cpus cpus = { .size = sizeof(cpus), .which = VMM_CPUS_ACTIVE };

	ASSERT_EQ(0, begin(&self->guest, g_restart, 0));
	guest_ap_entry(&self->guest, g_count_start);
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(15, self->cpu->result);
	ASSERT_EQ(0, vmm_call(self->guest.vm, VMM_GET_CPUS, &cpus));
	EXPECT_EQ(ALL, cpus.mask);
	EXPECT_EQ(0, stop(&self->guest));
}

static volatile uint64_t shared;

static void g_add(uint64_t id)
{
	unsigned int i;

	for (i = 0; i < 2000; i++) {
		__atomic_fetch_add(&shared, 1, __ATOMIC_SEQ_CST);
		if (!(i % 100))
			inb(0x61);
	}
	__atomic_fetch_or(&online, 1U << id, __ATOMIC_SEQ_CST);
	for (;;)
		g_sti_hlt();
}

static void g_add_all(uint64_t arg)
{
	uint32_t id;

	lapic_on();
	for (id = 1; id < CPUS; id++) {
		g_send(id, ICR_INIT);
		g_send(id, ICR_SIPI | GUEST_AP_START >> 12);
	}
	for (id = 0; id < 2000; id++)
		__atomic_fetch_add(&shared, 1, __ATOMIC_SEQ_CST);
	G_WAIT(online == APS);
	g_done(shared);
}

TEST_F_TIMEOUT(smp, memory_is_shared, 90)
{
	ASSERT_EQ(0, begin(&self->guest, g_add_all, 0));
	guest_ap_entry(&self->guest, g_add);
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(2000 * CPUS, self->cpu->result);
	EXPECT_EQ(0, stop(&self->guest));
}

TEST_HARNESS_MAIN
