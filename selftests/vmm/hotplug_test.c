// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A host CPU goes off line and comes back while guests count: they go on, on
 * another CPU meanwhile, and lose nothing. Wants root and a second CPU.
 */
#define GUEST_NAME	hotplug
#define GUEST_VCPUS	2

#include <fcntl.h>
#include "guest_fixture.h"

#define ONLINE	"/sys/devices/system/cpu/cpu1/online"
#define TURNS	4

static volatile uint64_t count[2], lost;

static void g_count(uint64_t id)
{
	uint64_t last = rdtsc(), now;
	uint32_t reg[4];

	g_sti();
	for (;;) {
		count[id]++;
		now = rdtsc();
		if (now < last)
			lost++;
		last = now;
		g_cpuid(1, 0, reg);
		if (reg[1] >> 24 != id)
			lost++;
	}
}

static int set_online(bool on)
{
	int fd = open(ONLINE, O_WRONLY);
	int bad;

	if (fd < 0)
		return -errno;
	bad = write(fd, on ? "1" : "0", 1) != 1 ? -errno : 0;
	close(fd);
	return bad;
}

/* Both guests count further, soon: a second of the emulated host is short. */
static bool goes_on(struct guest *guest)
{
	volatile uint64_t *now = guest_at(guest, count);
	uint64_t before[2] = { now[0], now[1] }, end = now_ms() + 8000;

	while (now_ms() < end) {
		if (now[0] > before[0] + 10 && now[1] > before[1] + 10)
			return true;
		usleep(10000);
	}
	return false;
}

TEST_F_TIMEOUT(hotplug, guests_go_on, 300)
{
	unsigned int i;
	int error;

	if (access(ONLINE, W_OK))
		SKIP(return, "CPU 1 is not there or cannot be taken off line");
	guest_timeout_ms = 280000;
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, guest_start64(&self->guest.cpu[i], g_count, i));
		ASSERT_EQ(0, guest_spawn(&self->guest.cpu[i]));
	}
	ASSERT_TRUE(goes_on(&self->guest));
	for (i = 0; i < TURNS; i++) {
		error = set_online(false);
		ASSERT_EQ(0, error);
		EXPECT_TRUE(goes_on(&self->guest))
			TH_LOG("turn %u, without CPU 1", i);
		error = set_online(true);
		ASSERT_EQ(0, error);
		EXPECT_TRUE(goes_on(&self->guest))
			TH_LOG("turn %u, CPU 1 back", i);
	}
	EXPECT_EQ(0, *guest_at(&self->guest, &lost))
		TH_LOG("the TSC went back, or a vCPU became the other");
	ASSERT_EQ(0, vmm_suspend_vm(self->guest.vm, VMM_SUSPEND_POWEROFF));
	for (i = 0; i < 2; i++)
		EXPECT_EQ(VMM_EXIT_SUSPENDED, guest_join(&self->guest.cpu[i]));
}

/* A VM made while the CPU is away runs there when it is back. */
TEST_F_TIMEOUT(hotplug, created_meanwhile, 60)
{
	struct guest guest;

	if (access(ONLINE, W_OK))
		SKIP(return, "CPU 1 is not there or cannot be taken off line");
	guest_destroy(&self->guest);
	ASSERT_TRUE(vmm_objects_gone(2000));
	ASSERT_EQ(0, set_online(false));
	ASSERT_EQ(0, guest_create(&guest, 2));
	ASSERT_EQ(0, guest_start64(&guest.cpu[0], g_count, 0));
	ASSERT_EQ(0, guest_start64(&guest.cpu[1], g_count, 1));
	ASSERT_EQ(0, guest_spawn(&guest.cpu[0]));
	ASSERT_EQ(0, guest_spawn(&guest.cpu[1]));
	EXPECT_TRUE(goes_on(&guest));
	ASSERT_EQ(0, set_online(true));
	EXPECT_TRUE(goes_on(&guest));
	ASSERT_EQ(0, vmm_suspend_vm(guest.vm, VMM_SUSPEND_POWEROFF));
	EXPECT_EQ(VMM_EXIT_SUSPENDED, guest_join(&guest.cpu[0]));
	EXPECT_EQ(VMM_EXIT_SUSPENDED, guest_join(&guest.cpu[1]));
	guest_destroy(&guest);
	ASSERT_EQ(0, guest_create(&self->guest, 1));
}

TEST_HARNESS_MAIN
