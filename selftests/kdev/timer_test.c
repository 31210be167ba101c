// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Rates of the timers that a guest calibrates by: 8254 channel 2 through port
 * 61h, ACPI PM timer, HPET, local APIC timer; each against the TSC, over a time
 * that the guest measures itself.
 */
#include "clock.h"
#include "guest_fixture.h"

#define PMTMR_PORT	0x608
#define HPET		0xfed00000ULL
#define TOLERANCE	2	/* per cent */

FIXTURE(timer) {
	struct guest guest;
	struct guest_cpu *cpu;
	struct vmm_run *run;
	uint64_t tsc_hz;
};

FIXTURE_SETUP(timer)
{
	struct vmm_info info = { .size = sizeof(info) };

	ASSERT_EQ(0, guest_create(&self->guest, 1));
	self->cpu = &self->guest.cpu[0];
	self->run = self->cpu->run;
	ASSERT_EQ(0, vmm_call(self->guest.ctl, VMM_GET_INFO, &info));
	self->tsc_hz = info.tsc_khz * 1000ULL;
}

FIXTURE_TEARDOWN(timer)
{
	guest_destroy(&self->guest);
}

/* value[]: TSC and device ticks that passed. */
#define EXPECT_RATE(hz) do {							\
	uint64_t _seen = self->cpu->value[0] ?					\
		self->cpu->value[1] * self->tsc_hz / self->cpu->value[0] : 0;	\
										\
	TH_LOG("%llu Hz in %llu us", (unsigned long long)_seen,			\
	       (unsigned long long)(self->cpu->value[0] * 1000000 / self->tsc_hz)); \
	EXPECT_GT(_seen, (hz) * (100ULL - TOLERANCE) / 100);			\
	EXPECT_LT(_seen, (hz) * (100ULL + TOLERANCE) / 100);			\
} while (0)

static uint64_t g_pit_count(void)
{
	uint8_t low;

	outb(0x43, 0x80);	/* latch counter 2 */
	low = inb(0x42);
	return 0xffff - (low | inb(0x42) << 8);
}

static void g_pit(uint64_t tsc_hz)
{
	struct reading a, b;

	outb(0x61, (inb(0x61) & ~2) | 1);
	outb(0x43, 0xb0);	/* counter 2, both bytes, mode 0 */
	outb(0x42, 0xff);
	outb(0x42, 0xff);
	g_value(inb(0x61) & 0x20);
	a = G_READ(g_pit_count());
	g_tsc_wait(tsc_hz / 50);
	b = G_READ(g_pit_count());
	/* 65536 ticks are 55 ms; on a slow host it may have come round. */
	g_value(b.tsc - a.tsc);
	g_value(b.device - a.device);
	while (!(inb(0x61) & 0x20))
		asm volatile("pause");
	g_done(rdtsc() - a.tsc);
}

TEST_F(timer, pit_channel_2)
{
	uint64_t whole;

	ASSERT_GUEST(g_pit, self->tsc_hz);
	EXPECT_EQ(0, self->cpu->value[0])
		TH_LOG("OUT was high from the start");
	self->cpu->value[0] = self->cpu->value[1];
	self->cpu->value[1] = self->cpu->value[2];
	EXPECT_RATE(1193182);
	/* OUT rises when the count ends, 54.9 ms after the start. */
	whole = self->cpu->result * 1000000 / self->tsc_hz;
	EXPECT_GT(whole, 50000);
	EXPECT_LT(whole, 70000);
}

/* The way Linux does it: mode 0 with a count, gate up, wait for OUT. */
static void g_pit_gate(uint64_t arg)
{
	uint64_t begin;

	outb(0x61, inb(0x61) & ~3);
	outb(0x43, 0xb0);
	outb(0x42, 11932 & 0xff);	/* 10 ms */
	outb(0x42, 11932 >> 8);
	g_value(inb(0x61) & 0x20);
	outb(0x61, inb(0x61) | 1);
	begin = rdtsc();
	while (!(inb(0x61) & 0x20))
		asm volatile("pause");
	g_done(rdtsc() - begin);
}

TEST_F(timer, pit_gate)
{
	uint64_t us;

	ASSERT_GUEST(g_pit_gate, 0);
	us = self->cpu->result * 1000000 / self->tsc_hz;
	TH_LOG("10 ms took %llu us", (unsigned long long)us);
	EXPECT_EQ(0, self->cpu->value[0]);
	EXPECT_GT(us, 9500);
	/* Late is the host's doing; much too late is not. */
	EXPECT_LT(us, 16000);
}

static void g_pmtmr(uint64_t tsc_hz)
{
	uint64_t last = 0, now, back = 0;
	struct reading a, b;
	unsigned int i;

	a = G_READ(inl(PMTMR_PORT));
	for (i = 0; i < 200; i++) {
		now = inl(PMTMR_PORT);
		back += i && (uint32_t)(now - last) > 0x80000000;
		last = now;
	}
	g_tsc_wait(tsc_hz / 20);
	b = G_READ(inl(PMTMR_PORT));
	g_value(b.tsc - a.tsc);
	g_value((uint32_t)(b.device - a.device));
	g_done(back);
}

TEST_F(timer, pm_timer)
{
	struct vmm_pmtmr args = { .size = sizeof(args), .port = PMTMR_PORT };

	ASSERT_EQ(0, vmm_call(self->guest.vm, VMM_PMTMR_LOCATE, &args));
	ASSERT_GUEST(g_pmtmr, self->tsc_hz);
	EXPECT_RATE(3579545);
	EXPECT_EQ(0, self->cpu->result)
		TH_LOG("went backwards");
	/* Moved away the port is nobody's. */
	args.port = 0;
	ASSERT_EQ(0, vmm_call(self->guest.vm, VMM_PMTMR_LOCATE, &args));
	ASSERT_EQ(0, guest_start64(self->cpu, g_pmtmr, self->tsc_hz));
	ASSERT_EXIT(VMM_EXIT_IO);
	EXPECT_EQ(PMTMR_PORT, self->run->io.port);
	args.port = 0x609;
	EXPECT_EQ(-EINVAL, vmm_call(self->guest.vm, VMM_PMTMR_LOCATE, &args));
	args.port = 0x10000;
	EXPECT_EQ(-EINVAL, vmm_call(self->guest.vm, VMM_PMTMR_LOCATE, &args));
}

static void g_hpet(uint64_t tsc_hz)
{
	struct reading a, b;

	g_value(read32(HPET + 4));	/* femtoseconds */
	write32(HPET + 0x10, 1);
	a = G_READ(read32(HPET + 0xf0));
	g_tsc_wait(tsc_hz / 20);
	b = G_READ(read32(HPET + 0xf0));
	write32(HPET + 0x10, 0);
	g_value(b.tsc - a.tsc);
	g_value((uint32_t)(b.device - a.device));
	/* It stands. */
	a.device = read32(HPET + 0xf0);
	g_tsc_wait(tsc_hz / 1000);
	g_done(read32(HPET + 0xf0) - a.device);
}

TEST_F(timer, hpet)
{
	uint64_t hz;

	ASSERT_GUEST(g_hpet, self->tsc_hz);
	ASSERT_GT(self->cpu->value[0], 1000);
	ASSERT_LT(self->cpu->value[0], 100000001);
	hz = 1000000000000000ULL / self->cpu->value[0];
	self->cpu->value[0] = self->cpu->value[1];
	self->cpu->value[1] = self->cpu->value[2];
	EXPECT_RATE(hz);
	EXPECT_EQ(0, self->cpu->result);
}

#define LAPIC_HZ	1000000000ULL

static void g_lapic(uint64_t tsc_hz)
{
	struct reading a, b;

	lapic_on();
	lapic_write(LAPIC_TIMER_DCR, 0x3);	/* by 16 */
	lapic_write(LAPIC_LVT_TIMER, 0x10040);	/* masked, one shot */
	lapic_write(LAPIC_TIMER_ICR, 0xffffffff);
	a = G_READ(0xffffffff - lapic_read(LAPIC_TIMER_CCR));
	g_tsc_wait(tsc_hz / 20);
	b = G_READ(0xffffffff - lapic_read(LAPIC_TIMER_CCR));
	lapic_write(LAPIC_TIMER_ICR, 0);
	g_value(b.tsc - a.tsc);
	g_value(b.device - a.device);
	g_done(lapic_read(LAPIC_TIMER_CCR));
}

TEST_F(timer, lapic)
{
	ASSERT_GUEST(g_lapic, self->tsc_hz);
	EXPECT_RATE(LAPIC_HZ / 16);
	EXPECT_EQ(0, self->cpu->result);
}

static volatile uint64_t ticks;

static void g_tick(struct guest_frame *frame)
{
	ticks++;
	lapic_eoi();
}

#define PERIOD_MS	5

static void g_lapic_periodic(uint64_t tsc_hz)
{
	uint64_t begin;

	guest_handlers[0x40] = g_tick;
	lapic_on();
	lapic_write(LAPIC_TIMER_DCR, 0xb);
	lapic_write(LAPIC_LVT_TIMER, 0x20040);
	begin = rdtsc();
	lapic_write(LAPIC_TIMER_ICR, PERIOD_MS * (LAPIC_HZ / 1000));
	while (ticks < 20)
		g_sti_hlt();
	g_value(rdtsc() - begin);
	lapic_write(LAPIC_TIMER_ICR, 0);
	/* It is over. */
	ticks = 0;
	g_sti();
	g_tsc_wait(tsc_hz / 50);
	g_cli();
	g_done(ticks);
}

/* No tick early, and on the whole none lost. */
TEST_F(timer, lapic_periodic)
{
	uint64_t us;

	ASSERT_GUEST(g_lapic_periodic, self->tsc_hz);
	us = self->cpu->value[0] * 1000000 / self->tsc_hz;
	TH_LOG("20 periods took %llu us", (unsigned long long)us);
	EXPECT_GE(us, 19 * PERIOD_MS * 1000);
	EXPECT_LT(us, 26 * PERIOD_MS * 1000);
	/* One may have been on its way. */
	EXPECT_LE(self->cpu->result, 1);
}

static void g_deadline(uint64_t tsc_hz)
{
	uint64_t i, deadline, early = 0, late, worst = 0;

	guest_handlers[0x40] = g_tick;
	lapic_on();
	lapic_write(LAPIC_LVT_TIMER, 0x40040);
	for (i = 0; i < 10; i++) {
		deadline = rdtsc() + tsc_hz / 200;
		wrmsr(0x6e0, deadline);
		while (ticks == i)
			g_sti_hlt();
		late = rdtsc() - deadline;
		early += late >> 63;
		if (late > worst)
			worst = late;
	}
	g_value(early);
	g_value(worst);
	/* Disarmed by 0. */
	wrmsr(0x6e0, rdtsc() + tsc_hz / 100);
	wrmsr(0x6e0, 0);
	g_sti();
	g_tsc_wait(tsc_hz / 50);
	g_cli();
	g_done(ticks);
}

TEST_F(timer, tsc_deadline)
{
	ASSERT_GUEST(g_deadline, self->tsc_hz);
	TH_LOG("at worst %llu us late",
	       (unsigned long long)(self->cpu->value[1] * 1000000 / self->tsc_hz));
	EXPECT_EQ(0, self->cpu->value[0])
		TH_LOG("before its time");
	EXPECT_LT(self->cpu->value[1], self->tsc_hz / 50);
	EXPECT_EQ(10, self->cpu->result);
}

TEST_HARNESS_MAIN
