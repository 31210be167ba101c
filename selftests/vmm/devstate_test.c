// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The clock and the state of kernel devices: read out of one VM and written
 * into another, in the middle of everything, and refused when malformed.
 */
#define GUEST_NAME	devstate
#define GUEST_VCPUS	2

#include <signal.h>
#include <sys/mman.h>
#include "../kdev/board.h"
#include "guest_fixture.h"

#define V_PING		0x60
#define V_PONG		0x61
#define V_TICK		0x70
#define V_PIT		0x50
#define MOVES		200
#define TICK_HZ		50	/* an emulated host is slow for its clock */
#define DEVICES		(VMM_DEV_PMTMR + 1)

static int simple(int fd, unsigned long request)
{
	struct vmm_simple args = { .size = sizeof(args) };

	return vmm_call(fd, request, &args);
}

static int clock_op(struct guest *guest, uint32_t op, uint64_t ns, uint64_t tsc,
		    struct vmm_clock *out)
{
	struct vmm_clock args = { .size = sizeof(args), .op = op, .ns = ns, .tsc = tsc };
	int error = vmm_call(guest->vm, VMM_CLOCK, &args);

	if (out)
		*out = args;
	return error;
}

/* --- a whole VM out and in ------------------------------------------------- */

struct image {
	struct vmm_clock clock;
	struct vmm_devstate dev[DEVICES];
	struct vmm_lapic_state lapic[GUEST_VCPUS];
	struct vmm_regs regs[GUEST_VCPUS];
};

static int read_out(struct guest *guest, struct image *image)
{
	unsigned int i;
	int error = clock_op(guest, VMM_CLOCK_STOP, 0, 0, &image->clock);

	for (i = 0; i < DEVICES && !error; i++) {
		image->dev[i] = (struct vmm_devstate) { .size = sizeof(image->dev[i]), .device = i };
		error = vmm_call(guest->vm, VMM_GET_DEVSTATE, &image->dev[i]);
	}
	for (i = 0; i < GUEST_VCPUS && !error; i++) {
		image->lapic[i] = (struct vmm_lapic_state) { .size = sizeof(image->lapic[i]) };
		error = vmm_call(guest->cpu[i].fd, VMM_GET_LAPIC, &image->lapic[i]);
		if (!error)
			error = vmm_get_regs(guest->cpu[i].fd, VMM_REGS_ALL, &image->regs[i]);
	}
	return error;
}

/* A new VM around the same memory; the old one goes. */
static int replace(struct guest *guest)
{
	unsigned int i;
	int error;

	for (i = 0; i < GUEST_VCPUS; i++) {
		munmap(guest->cpu[i].run, VMM_RUN_SIZE);
		close(guest->cpu[i].fd);
	}
	close(guest->vm);
	guest->vm = vmm_create(guest->ctl, "");
	if (guest->vm < 0)
		return guest->vm;
	error = vmm_mem_add(guest->vm, 0, guest->mem, GUEST_MEM,
			    VMM_PROT_READ | VMM_PROT_WRITE | VMM_PROT_EXEC);
	for (i = 0; i < GUEST_VCPUS && !error; i++) {
		guest->cpu[i].fd = vmm_vcpu(guest->vm, i);
		if (guest->cpu[i].fd < 0)
			return guest->cpu[i].fd;
		guest->cpu[i].run = mmap(NULL, VMM_RUN_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
					 guest->cpu[i].fd, 0);
		guest->cpu[i].run->regs_want = VMM_REGS_ALL;
	}
	return error;
}

static int write_in(struct guest *guest, const struct image *image)
{
	unsigned int i;
	int error = clock_op(guest, VMM_CLOCK_STOP, 0, 0, NULL);

	if (!error)
		error = clock_op(guest, VMM_CLOCK_SET, image->clock.ns, image->clock.tsc, NULL);
	for (i = 0; i < DEVICES && !error; i++)
		error = vmm_call(guest->vm, VMM_SET_DEVSTATE, (void *)&image->dev[i]);
	for (i = 0; i < GUEST_VCPUS && !error; i++) {
		error = vmm_set_regs(guest->cpu[i].fd, VMM_REGS_ALL, &image->regs[i]);
		if (!error)
			error = vmm_call(guest->cpu[i].fd, VMM_SET_LAPIC, (void *)&image->lapic[i]);
	}
	return error;
}

/* --- the storm ------------------------------------------------------------- */

/* Shared by the guest and, through guest_at(), by the test. */
static volatile uint64_t rounds, pings, pongs, ticks, pit_ticks, wrong, hurry, stop_all;
static volatile uint64_t partner_listens;
static volatile uint64_t tsc_limit;

static void g_on_ping(struct guest_frame *frame)
{
	pings++;
	lapic_eoi();
	/* Answer each with exactly one. */
	lapic_write(LAPIC_ICR2, 0);
	lapic_write(LAPIC_ICR, 0x4000 | V_PONG);
}

static void g_on_pong(struct guest_frame *frame)
{
	pongs++;
	lapic_eoi();
}

static void g_on_tick(struct guest_frame *frame)
{
	ticks++;
	/* One that is lost would be the last. */
	wrmsr(0x6e0, rdtsc() + tsc_limit / TICK_HZ);
	lapic_eoi();
}

static void g_on_pit(struct guest_frame *frame)
{
	pit_ticks++;
	lapic_eoi();
}

static void g_partner(uint64_t arg)
{
	guest_handlers[V_PING] = g_on_ping;
	lapic_on();
	partner_listens = 1;
	while (!stop_all)
		g_sti_hlt();
	g_done(pings);
}

static uint32_t g_pm_time(void)
{
	return inl(0x408);
}

static void g_check_time(uint64_t *tsc, uint32_t *pm)
{
	uint64_t now = rdtsc();
	uint32_t pm_now = g_pm_time();

	/* Two seconds of either clock at once are a jump, and back is one. */
	if (now - *tsc > tsc_limit * 2 || pm_now - *pm > 2 * 3579545)
		wrong |= 4;
	*tsc = now;
	*pm = pm_now;
}

static void g_storm(uint64_t arg)
{
	uint64_t sent = 0, tsc, since_tick, last_ticks = 0, last_pit = 0, since_pit;
	uint32_t pm;

	tsc_limit = arg;
	guest_handlers[V_PONG] = g_on_pong;
	guest_handlers[V_TICK] = g_on_tick;
	guest_handlers[V_PIT] = g_on_pit;
	lapic_on();
	/* A local APIC that is off drops what is sent to it. */
	g_sti();
	while (!partner_listens)
		asm volatile("pause");
	ioapic_route(2, V_PIT);
	outb(0x43, 0x34);
	outb(0x40, 0x00);
	outb(0x40, 0x80);
	lapic_write(LAPIC_LVT_TIMER, 0x40000 | V_TICK);
	wrmsr(0x6e0, rdtsc() + 1000);
	tsc = since_tick = since_pit = rdtsc();
	pm = g_pm_time();
	while (!hurry) {
		sent++;
		lapic_write(LAPIC_ICR2, 1 << 24);
		lapic_write(LAPIC_ICR, 0x4000 | V_PING);
		while (pongs < sent) {
			g_check_time(&tsc, &pm);
			if (ticks != last_ticks) {
				last_ticks = ticks;
				since_tick = tsc;
			}
			if (pit_ticks != last_pit) {
				last_pit = pit_ticks;
				since_pit = tsc;
			}
			/* Five seconds without a tick. */
			if (tsc - since_tick > tsc_limit * 5)
				wrong |= 8;
			if (tsc - since_pit > tsc_limit * 5)
				wrong |= 16;
			if (wrong || hurry)
				break;
		}
		if (pings != sent || pongs != sent)
			wrong |= hurry ? 0 : 1;
		if (wrong)
			break;
		rounds++;
	}
	stop_all = 1;
	lapic_write(LAPIC_ICR2, 1 << 24);
	lapic_write(LAPIC_ICR, 0x4000 | V_PING);
	g_done(wrong);
}

static void interrupt_threads(struct guest *guest)
{
	unsigned int i;

	for (i = 0; i < GUEST_VCPUS; i++) {
		guest->cpu[i].run->immediate_exit = 1;
		pthread_kill(guest->cpu[i].thread, SIGUSR2);
	}
}

static void show_all(struct guest *guest)
{
	unsigned int i;

	for (i = 0; i < GUEST_VCPUS; i++) {
		fprintf(stderr, "# vCPU %u: thread returned %d\n", i, guest->cpu[i].returned);
		guest_show(&guest->cpu[i]);
	}
}

/*
 * Two vCPUs play ping-pong, with the TSC-deadline timer, the 8254 and the PM
 * timer going: each ping is answered once, no timer stops, no clock jumps.
 */
TEST_F_TIMEOUT(devstate, moved_in_a_storm, 300)
{
	struct vmm_pmtmr pmtmr = { .size = sizeof(pmtmr), .port = 0x408 };
	volatile uint64_t *played, *bad;
	static struct image image;
	struct vmm_clock clock;
	unsigned int move, i;
	uint64_t last = 0, end;

	guest_timeout_ms = 120000;
	played = guest_at(&self->guest, &rounds);
	bad = guest_at(&self->guest, &wrong);
	ASSERT_EQ(0, vmm_call(self->guest.vm, VMM_PMTMR_LOCATE, &pmtmr));
	ASSERT_EQ(0, clock_op(&self->guest, VMM_CLOCK_GET, 0, 0, &clock));
	ASSERT_EQ(0, guest_start64(self->cpu, g_storm, clock.tsc_khz * 1000ULL));
	ASSERT_EQ(0, guest_start64(self->cpu + 1, g_partner, 0));
	for (move = 0; move < MOVES; move++) {
		for (i = 0; i < GUEST_VCPUS; i++)
			ASSERT_EQ(0, guest_spawn(self->cpu + i));
		/* At least one round each, and then some time. */
		end = now_ms() + 10000;
		while (*played == last && !*bad && now_ms() < end)
			usleep(1000);
		if (*played == last) {
			show_all(&self->guest);
			TH_LOG("move %u: no progress, %llx", move, (unsigned long long)*bad);
			/* Their threads cannot be joined. */
			exit(1);
		}
		last = *played;
		usleep(move * 37 % 1000);
		ASSERT_EQ(0, *bad)
			TH_LOG("move %u: %llx", move, (unsigned long long)*bad);
		for (i = 0; i < GUEST_VCPUS; i++)
			ASSERT_EQ(0, simple(self->cpu[i].fd, VMM_CPU_STOP));
		interrupt_threads(&self->guest);
		for (i = 0; i < GUEST_VCPUS; i++) {
			ASSERT_EQ(-EINTR, guest_join(self->cpu + i));
			self->cpu[i].run->immediate_exit = 0;
		}
		ASSERT_EQ(0, read_out(&self->guest, &image));
		ASSERT_EQ(0, replace(&self->guest));
		ASSERT_EQ(0, write_in(&self->guest, &image))
			TH_LOG("move %u", move);
		EXPECT_EQ(-EBUSY, vmm_activate(self->cpu->fd));
		ASSERT_EQ(0, clock_op(&self->guest, VMM_CLOCK_GO, 0, 0, NULL));
		for (i = 0; i < GUEST_VCPUS; i++)
			ASSERT_EQ(0, vmm_activate(self->cpu[i].fd));
	}
	*guest_at(&self->guest, &hurry) = 1;
	for (i = 0; i < GUEST_VCPUS; i++)
		ASSERT_EQ(0, guest_spawn(self->cpu + i));
	EXPECT_EQ(GUEST_DONE, guest_join(self->cpu));
	EXPECT_EQ(GUEST_DONE, guest_join(self->cpu + 1));
	EXPECT_EQ(0, self->cpu->result);
	TH_LOG("%llu rounds, %llu ticks, %llu of the 8254", (unsigned long long)*played,
	       (unsigned long long)*guest_at(&self->guest, &ticks),
	       (unsigned long long)*guest_at(&self->guest, &pit_ticks));
}

/* --- the clock -------------------------------------------------------------- */

TEST_F(devstate, clock)
{
	struct vmm_clock a, b;

	ASSERT_EQ(0, clock_op(&self->guest, VMM_CLOCK_GET, 0, 0, &a));
	usleep(2000);
	ASSERT_EQ(0, clock_op(&self->guest, VMM_CLOCK_GET, 0, 0, &b));
	EXPECT_GE(b.ns, a.ns + 1000000);
	EXPECT_GT(b.tsc, a.tsc);
	/* Active vCPUs that are not stopped. */
	EXPECT_EQ(-EBUSY, clock_op(&self->guest, VMM_CLOCK_STOP, 0, 0, NULL));
	ASSERT_EQ(0, simple(self->cpu->fd, VMM_CPU_STOP));
	EXPECT_EQ(-EBUSY, clock_op(&self->guest, VMM_CLOCK_STOP, 0, 0, NULL));
	ASSERT_EQ(0, simple(self->cpu[1].fd, VMM_CPU_STOP));
	ASSERT_EQ(0, clock_op(&self->guest, VMM_CLOCK_STOP, 0, 0, &a));
	usleep(2000);
	ASSERT_EQ(0, clock_op(&self->guest, VMM_CLOCK_STOP, 0, 0, &b));
	EXPECT_EQ(a.ns, b.ns);
	EXPECT_EQ(a.tsc, b.tsc);
	EXPECT_EQ(-EBUSY, simple(self->cpu->fd, VMM_CPU_GO));
	EXPECT_EQ(-EBUSY, clock_op(&self->guest, VMM_CLOCK_SET, 1, 1, NULL));
	EXPECT_EQ(-EINVAL, clock_op(&self->guest, VMM_CLOCK_GO, 1, 0, NULL));
	EXPECT_EQ(-EINVAL, clock_op(&self->guest, 4, 0, 0, NULL));
	ASSERT_EQ(0, clock_op(&self->guest, VMM_CLOCK_GO, 0, 0, &b));
	EXPECT_LT(b.ns, a.ns + 1000000000);
	ASSERT_EQ(0, simple(self->cpu->fd, VMM_CPU_GO));
}

static void g_read_tsc(uint64_t arg)
{
	g_done(rdtsc());
}

TEST_F(devstate, clock_is_set)
{
	const uint64_t far = 1ULL << 50;
	struct vmm_clock a;
	int vm = vmm_create(self->guest.ctl, ""), was = self->guest.vm;

	ASSERT_GE(vm, 0);
	self->guest.vm = vm;
	EXPECT_EQ(-EBUSY, clock_op(&self->guest, VMM_CLOCK_SET, 5, 5, NULL));
	ASSERT_EQ(0, clock_op(&self->guest, VMM_CLOCK_STOP, 0, 0, NULL));
	EXPECT_EQ(-EINVAL, clock_op(&self->guest, VMM_CLOCK_SET, 1ULL << 63, 5, NULL));
	ASSERT_EQ(0, clock_op(&self->guest, VMM_CLOCK_SET, 5, far, &a));
	EXPECT_EQ(5, a.ns);
	EXPECT_EQ(far, a.tsc);
	self->guest.vm = was;
	close(vm);
	ASSERT_EQ(0, replace(&self->guest));
	ASSERT_EQ(0, clock_op(&self->guest, VMM_CLOCK_STOP, 0, 0, NULL));
	ASSERT_EQ(0, clock_op(&self->guest, VMM_CLOCK_SET, 5, far, NULL));
	ASSERT_EQ(0, clock_op(&self->guest, VMM_CLOCK_GO, 0, 0, &a));
	ASSERT_EQ(0, vmm_activate(self->cpu->fd));
	ASSERT_GUEST(g_read_tsc, 0);
	EXPECT_GE(self->cpu->result, far);
	EXPECT_LT(self->cpu->result, far + a.tsc_khz * 5000ULL);
}

/* --- refusals ---------------------------------------------------------------- */

static int get(struct guest *guest, uint32_t device, struct vmm_devstate *s)
{
	*s = (struct vmm_devstate) { .size = sizeof(*s), .device = device };
	return vmm_call(guest->vm, VMM_GET_DEVSTATE, s);
}

/* One word of each device changed to what cannot be. */
TEST_F(devstate, malformed)
{
	static const struct {
		uint32_t device, at;
		uint64_t value;
	} bad[] = {
		{ VMM_DEV_PIC, offsetof(struct vmm_pic_state, pad) - 1, ~0ULL },
		{ VMM_DEV_PIC, offsetof(struct vmm_pic_state, held), 1 },
		{ VMM_DEV_IOAPIC, 0, 1ULL << 20 },
		{ VMM_DEV_IOAPIC, offsetof(struct vmm_ioapic_state, held), 1 },
		{ VMM_DEV_PIT, offsetof(struct vmm_pit_counter, mode) - 3, ~0ULL },
		{ VMM_DEV_PIT, 0, ~0ULL },
		{ VMM_DEV_HPET, offsetof(struct vmm_hpet_state, base_ns), 1ULL << 61 },
		{ VMM_DEV_HPET, offsetof(struct vmm_hpet_state, config), 4 },
		{ VMM_DEV_RTC, 0, 1ULL << 62 },
		{ VMM_DEV_RTC, offsetof(struct vmm_rtc_state, divider_ns), 1ULL << 61 },
		{ VMM_DEV_PMTMR, 0, 1ULL << 61 },
		{ VMM_DEV_PMTMR, 8, 16 },
		{ VMM_DEV_PMTMR, 8, 32 | 3ULL << 32 },
		{ VMM_DEV_RTC, 500, 1 },
	};
	struct vmm_lapic_state l = { .size = sizeof(l) }, l2;
	struct vmm_devstate s, before, after;
	unsigned int i;

	ASSERT_EQ(0, get(&self->guest, VMM_DEV_PIC, &s));
	EXPECT_EQ(-EBUSY, vmm_call(self->guest.vm, VMM_SET_DEVSTATE, &s));
	ASSERT_EQ(0, vmm_call(self->cpu->fd, VMM_GET_LAPIC, &l));
	EXPECT_EQ(-EBUSY, vmm_call(self->cpu->fd, VMM_SET_LAPIC, &l));
	for (i = 0; i < GUEST_VCPUS; i++)
		ASSERT_EQ(0, simple(self->cpu[i].fd, VMM_CPU_STOP));
	ASSERT_EQ(0, clock_op(&self->guest, VMM_CLOCK_STOP, 0, 0, NULL));
	EXPECT_EQ(-ENOENT, get(&self->guest, DEVICES, &s));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ASSERT_EQ(0, get(&self->guest, bad[i].device, &before));
		s = before;
		EXPECT_EQ(0, vmm_call(self->guest.vm, VMM_SET_DEVSTATE, &s))
			TH_LOG("device %u refuses its own state", s.device);
		s.version++;
		EXPECT_EQ(-EOPNOTSUPP, vmm_call(self->guest.vm, VMM_SET_DEVSTATE, &s));
		s.version--;
		memcpy(s.bytes + bad[i].at, &bad[i].value, 8);
		EXPECT_EQ(-EINVAL, vmm_call(self->guest.vm, VMM_SET_DEVSTATE, &s))
			TH_LOG("case %u of device %u", i, s.device);
		ASSERT_EQ(0, get(&self->guest, bad[i].device, &after));
		EXPECT_EQ(0, memcmp(&before, &after, sizeof(before)))
			TH_LOG("case %u changed device %u", i, s.device);
	}
	EXPECT_EQ(0, vmm_call(self->cpu->fd, VMM_SET_LAPIC, &l));
	/* Not this vCPU's ID, a vector below 16, an unmasked entry of a disabled APIC. */
	l2 = l;
	l2.page[0x20 / 4] = 1 << 24;
	EXPECT_EQ(-EINVAL, vmm_call(self->cpu->fd, VMM_SET_LAPIC, &l2));
	l2 = l;
	l2.page[0x200 / 4] = 2;
	EXPECT_EQ(-EINVAL, vmm_call(self->cpu->fd, VMM_SET_LAPIC, &l2));
	l2 = l;
	l2.page[0x320 / 4] = V_TICK;
	EXPECT_EQ(-EINVAL, vmm_call(self->cpu->fd, VMM_SET_LAPIC, &l2));
	l2 = l;
	l2.apic_base ^= 0x100;
	EXPECT_EQ(-EINVAL, vmm_call(self->cpu->fd, VMM_SET_LAPIC, &l2));
	l2 = l;
	l2.version = 9;
	EXPECT_EQ(-EOPNOTSUPP, vmm_call(self->cpu->fd, VMM_SET_LAPIC, &l2));
}

TEST_HARNESS_MAIN
