// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The real-time clock as a guest reads it: time, update-in-progress, the
 * update and periodic interrupts; and userspace's side of it.
 */
#define GUEST_NAME	rtc
#define GUEST_VCPUS	1

#include "board.h"
#include "guest_fixture.h"

#define V_RTC	0x48

static uint8_t g_cmos(uint8_t index)
{
	outb(0x70, index);
	return inb(0x71);
}

static void g_cmos_write(uint8_t index, uint8_t value)
{
	outb(0x70, index);
	outb(0x71, value);
}

static void g_time(uint64_t arg)
{
	static const uint8_t index[] = { 0, 2, 4, 6, 7, 8, 9, 0x32, 0xa, 0xb, 0xd };
	unsigned int i;

	while (g_cmos(0xa) & 0x80)
		asm volatile("pause");
	for (i = 0; i < ARRAY_SIZE(index); i++)
		g_value(g_cmos(index[i]));
	g_done(0);
}

static int set_time(struct guest *guest, int64_t seconds)
{
	struct vmm_rtc_time args = { .size = sizeof(args), .seconds = seconds };

	return vmm_call(guest->vm, VMM_RTC_SET_TIME, &args);
}

static int64_t get_time(struct guest *guest)
{
	struct vmm_rtc_time args = { .size = sizeof(args) };
	int error = vmm_call(guest->vm, VMM_RTC_GET_TIME, &args);

	return error ? error : args.seconds;
}

TEST_F(rtc, starts_with_the_hosts_time)
{
	EXPECT_LE(llabs(get_time(&self->guest) - time(NULL)), 2);
}

/* 2001-09-09 01:46:40, a Sunday, in BCD. */
TEST_F(rtc, time)
{
	static const uint64_t want[] = { 0x40, 0x46, 0x01, 0x01, 0x09, 0x09, 0x01, 0x20 };
	unsigned int i;

	ASSERT_EQ(0, set_time(&self->guest, 1000000000));
	EXPECT_LE(get_time(&self->guest) - 1000000000, 1);
	ASSERT_GUEST(g_time, 0);
	EXPECT_LE(self->cpu->value[0] - 0x40, 2);
	for (i = 1; i < ARRAY_SIZE(want); i++)
		EXPECT_EQ(want[i], self->cpu->value[i])
			TH_LOG("register %u", i);
	EXPECT_EQ(0x20, self->cpu->value[8] & 0x70);
	EXPECT_EQ(2, self->cpu->value[9] & 2)
		TH_LOG("not in 24-hour format");
	EXPECT_EQ(0x80, self->cpu->value[10]);
	EXPECT_EQ(-EINVAL, set_time(&self->guest, 1LL << 62));
}

/* The guest sets it: binary, then userspace asks. */
static void g_set(uint64_t arg)
{
	g_cmos_write(0xb, 0x86);	/* SET, binary, 24 hours */
	g_cmos_write(0, 30);
	g_cmos_write(2, 59);
	g_cmos_write(4, 23);
	g_cmos_write(7, 31);
	g_cmos_write(8, 12);
	g_cmos_write(9, 99);
	g_cmos_write(0x32, 19);
	g_cmos_write(0xb, 0x06);
	g_done(g_cmos(4));
}

TEST_F(rtc, set_by_the_guest)
{
	int64_t seconds;

	ASSERT_GUEST(g_set, 0);
	EXPECT_EQ(23, self->cpu->result);
	seconds = get_time(&self->guest) - 946684770;	/* 1999-12-31 23:59:30 */
	EXPECT_GE(seconds, 0);
	EXPECT_LE(seconds, 1);
}

static void g_updates(uint64_t arg)
{
	uint64_t seen = 0, second, changes = 0, torn = 0;
	uint64_t begin = rdtsc();

	second = g_cmos(0);
	/* Two seconds' worth at most: until the second update. */
	while (changes < 2) {
		uint8_t a = g_cmos(0xa), now;

		asm volatile("pause");
		if (a & 0x80) {
			seen++;
			continue;
		}
		now = g_cmos(0);
		if (now != second) {
			changes++;
			torn += now != (second & 0xf) + 1 + (second & 0xf0) &&
				(second & 0xf) != 9;
			second = now;
			if (changes == 1)
				begin = rdtsc();
		}
	}
	g_value(rdtsc() - begin);
	g_value(torn);
	g_done(seen);
}

TEST_F(rtc, updates)
{
	struct vmm_info info = { .size = sizeof(info) };
	uint64_t us;

	ASSERT_EQ(0, vmm_call(self->guest.ctl, VMM_GET_INFO, &info));
	ASSERT_GUEST(g_updates, 0);
	us = self->cpu->value[0] * 1000 / info.tsc_khz;
	TH_LOG("a second took %llu us, in progress seen %llu times", (unsigned long long)us,
	       (unsigned long long)self->cpu->result);
	EXPECT_GT(us, 950000);
	EXPECT_LT(us, 1050000);
	EXPECT_EQ(0, self->cpu->value[1]);
}

static volatile uint64_t interrupts, causes;

static void g_on_rtc(struct guest_frame *frame)
{
	interrupts++;
	causes |= g_cmos(0xc);
	lapic_eoi();
}

static void g_interrupts(uint64_t arg)
{
	guest_handlers[V_RTC] = g_on_rtc;
	lapic_on();
	ioapic_route(8, V_RTC);
	g_cmos(0xc);
	/* Periodic, 64 Hz. */
	g_cmos_write(0xa, 0x2a);
	g_cmos_write(0xb, 0x42);
	while (interrupts < 5)
		g_sti_hlt();
	g_value(causes);
	/* At each update. */
	g_cmos_write(0xb, 0x12);
	g_cmos(0xc);
	causes = interrupts = 0;
	while (interrupts < 1)
		g_sti_hlt();
	g_value(causes);
	/* Alarm: any hour, any minute, any second. */
	g_cmos_write(1, 0xff);
	g_cmos_write(3, 0xff);
	g_cmos_write(5, 0xff);
	g_cmos_write(0xb, 0x22);
	g_cmos(0xc);
	causes = interrupts = 0;
	while (interrupts < 1)
		g_sti_hlt();
	g_value(causes);
	g_cmos_write(0xb, 0x02);
	g_done(g_cmos(0xc));
}

TEST_F(rtc, interrupts)
{
	ASSERT_GUEST(g_interrupts, 0);
	EXPECT_EQ(0xc0, self->cpu->value[0] & 0xc0);
	EXPECT_EQ(0x90, self->cpu->value[1] & 0x90);
	EXPECT_EQ(0xa0, self->cpu->value[2] & 0xa0);
}

static void g_nvram(uint64_t arg)
{
	g_value(g_cmos(0x20));
	g_cmos_write(0x21, 0x5a);
	/* Bit 7 of the index is the NMI mask, not the address. */
	g_value(g_cmos(0xa0));
	g_done(g_cmos(0x7f));
}

TEST_F(rtc, nvram)
{
	struct vmm_rtc_nvram args = { .size = sizeof(args), .offset = 0x20, .value = 0x77 };

	ASSERT_EQ(0, vmm_call(self->guest.vm, VMM_RTC_NVRAM_WRITE, &args));
	args.offset = 127;
	args.value = 0x88;
	ASSERT_EQ(0, vmm_call(self->guest.vm, VMM_RTC_NVRAM_WRITE, &args));
	ASSERT_GUEST(g_nvram, 0);
	EXPECT_EQ(0x77, self->cpu->value[0]);
	EXPECT_EQ(0x77, self->cpu->value[1]);
	EXPECT_EQ(0x88, self->cpu->result);
	args = (struct vmm_rtc_nvram) { .size = sizeof(args), .offset = 0x21 };
	ASSERT_EQ(0, vmm_call(self->guest.vm, VMM_RTC_NVRAM_READ, &args));
	EXPECT_EQ(0x5a, args.value);
	/* The clock's own registers, and what is none. */
	for (args.offset = 0; args.offset < 14; args.offset++) {
		args.value = 0;
		EXPECT_EQ(-EINVAL, vmm_call(self->guest.vm, VMM_RTC_NVRAM_READ, &args));
	}
	args.offset = 128;
	EXPECT_EQ(-EINVAL, vmm_call(self->guest.vm, VMM_RTC_NVRAM_READ, &args));
	args.offset = 20;
	args.value = 256;
	EXPECT_EQ(-EINVAL, vmm_call(self->guest.vm, VMM_RTC_NVRAM_WRITE, &args));
}

TEST_HARNESS_MAIN
