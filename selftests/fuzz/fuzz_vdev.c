// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Device models as streams of operations: let time pass, access a register,
 * drive a pin, replace the state by a restored copy. The first byte picks the
 * device. After each operation:
 *
 *  - the state passes its own check, so a copy of it could be restored;
 *  - the deadline is later than now, and an expire before it changes nothing;
 *  - a line held up has somebody who will let it go, and a level-triggered
 *    request is not lost.
 *
 * A restored copy comes from the input, too: what check() lets pass must be
 * harmless.
 */
#include "fuzz_input.h"
#include "vatpic.h"
#include "vatpit.h"
#include "vhpet.h"
#include "vioapic.h"
#include "vpmtmr.h"
#include "vrtc.h"

#define TIME_MAX	BIT_ULL(62)
#define MAX_EVENTS	64	/* of one operation */

static union {
	struct vatpic pic;
	struct vatpit pit;
	struct vhpet hpet;
	struct vioapic ioapic;
	struct vpmtmr pmtmr;
	struct vrtc rtc;
} dev;

static u64 now;
static unsigned int events;
static int ioapic_up[32];
static bool intr;

/* --- sink ----------------------------------------------------------------- */

static void on_isa(void *ctx, unsigned int irq, enum irq_op op)
{
	(void)ctx;
	FUZZ_CHECK(irq == 0 || irq == 8);
	FUZZ_CHECK(op == IRQ_PULSE);
	events++;
}

static void on_ioapic(void *ctx, unsigned int pin, enum irq_op op)
{
	(void)ctx;
	FUZZ_CHECK(VHPET_ROUTES >> pin & 1);
	ioapic_up[pin] += op == IRQ_ASSERT ? 1 : op == IRQ_DEASSERT ? -1 : 0;
	FUZZ_CHECK(ioapic_up[pin] >= 0 && ioapic_up[pin] <= VHPET_TIMERS);
	events++;
}

static void on_msg(void *ctx, const struct lapic_msg *msg)
{
	(void)ctx;
	FUZZ_CHECK(msg->delivery < 8 && msg->shorthand == LAPIC_DEST && !msg->x2apic);
	FUZZ_CHECK(!msg->level || msg->delivery <= LAPIC_LOWEST);
	events++;
}

static void on_intr(void *ctx, bool level)
{
	(void)ctx;
	FUZZ_CHECK(level != intr);
	intr = level;
	events++;
}

/* Somebody holds the pins up until their interrupt ends, every second time. */
static u32 on_ended(void *ctx, u32 pins)
{
	(void)ctx;
	FUZZ_CHECK(pins);
	return events++ & 1 ? pins : 0;
}

static const struct irq_sink sink = {
	.isa = on_isa,
	.ioapic = on_ioapic,
	.msg = on_msg,
	.intr = on_intr,
	.ended = on_ended,
	.isa_ended = on_ended,
};

/* --- devices -------------------------------------------------------------- */

struct model {
	size_t size;
	void (*reset)(void);
	bool (*check)(void);
	enum vdev_result (*access)(u32 where, u32 size, bool write, u64 *value);
	u64 (*deadline)(void);
	void (*expire)(void);
	void (*other)(struct input *in);	/* pins, acknowledgements */
	void (*claims)(void);			/* what must hold besides */
	void (*restored)(void);			/* the copy was taken over */
};

static const u32 pic_ports[] = { 0x20, 0x21, 0xa0, 0xa1, 0x4d0, 0x4d1, 0x22, 0x4d2 };

static void pic_reset(void)
{
	vatpic_reset(&dev.pic);
	intr = false;
}

static bool pic_check(void)
{
	return vatpic_check(&dev.pic);
}

static enum vdev_result pic_access(u32 where, u32 size, bool write, u64 *value)
{
	return vatpic_access(&dev.pic, pic_ports[where % 8], size, write, value, &sink);
}

static void pic_other(struct input *in)
{
	u8 what = take(in, 1);
	int vector;

	if (what < 0xc0) {
		vatpic_pin(&dev.pic, what & 0x1f, what >> 6, &sink);
	} else if (what < 0xe0) {
		vatpic_set_trigger(&dev.pic, what & 0x1f, what & 1, &sink);
	} else {
		vector = vatpic_ack(&dev.pic, &sink);
		FUZZ_CHECK(vector >= 0 && vector < 256);
	}
}

static void pic_claims(void)
{
	FUZZ_CHECK(vatpic_intr(&dev.pic) == intr);
}

static void pic_restored(void)
{
	intr = vatpic_intr(&dev.pic);
}

static void ioapic_reset(void)
{
	vioapic_reset(&dev.ioapic);
}

static bool ioapic_check(void)
{
	/* Holds that no level is left without a message on its way. */
	return vioapic_check(&dev.ioapic);
}

static enum vdev_result ioapic_access(u32 where, u32 size, bool write, u64 *value)
{
	static const u32 offset[] = { 0, 0x10, 0x40, 0x44 };

	return vioapic_access(&dev.ioapic, offset[where % 4] + (where >> 6), size, write,
			      value, &sink);
}

static void ioapic_other(struct input *in)
{
	u8 what = take(in, 1);

	if (what < 0xc0)
		vioapic_pin(&dev.ioapic, what & 0x3f, what >> 6, &sink);
	else
		vioapic_eoi(&dev.ioapic, take(in, 1), &sink);
}

static void pit_reset(void)
{
	vatpit_reset(&dev.pit, now);
}

static bool pit_check(void)
{
	return vatpit_check(&dev.pit);
}

static enum vdev_result pit_access(u32 where, u32 size, bool write, u64 *value)
{
	static const u32 ports[] = { 0x40, 0x41, 0x42, 0x43, 0x61, 0x43, 0x40, 0x44 };

	return vatpit_access(&dev.pit, now, ports[where % 8], size, write, value, &sink);
}

static u64 pit_deadline(void)
{
	return vatpit_deadline(&dev.pit);
}

static void pit_expire(void)
{
	vatpit_expire(&dev.pit, now, &sink);
}

static void hpet_reset(void)
{
	vhpet_reset(&dev.hpet, now);
	memset(ioapic_up, 0, sizeof(ioapic_up));
}

static bool hpet_check(void)
{
	return vhpet_check(&dev.hpet);
}

static enum vdev_result hpet_access(u32 where, u32 size, bool write, u64 *value)
{
	return vhpet_access(&dev.hpet, now, where * 4 % 0x404, size, write, value, &sink);
}

static u64 hpet_deadline(void)
{
	return vhpet_deadline(&dev.hpet);
}

static void hpet_expire(void)
{
	vhpet_expire(&dev.hpet, now, &sink);
}

static void hpet_held(int *held)
{
	unsigned int n;

	memset(held, 0, 32 * sizeof(*held));
	for (n = 0; n < VHPET_TIMERS; n++)
		if (dev.hpet.status >> n & 1)
			held[dev.hpet.timer[n].config >> VHPET_T_ROUTE_SHIFT & 31]++;
}

static void hpet_claims(void)
{
	int held[32];

	hpet_held(held);
	FUZZ_CHECK(!memcmp(held, ioapic_up, sizeof(held)));
}

static void hpet_restored(void)
{
	hpet_held(ioapic_up);
}

static void rtc_reset(void)
{
	vrtc_reset(&dev.rtc, now, 1700000000);
}

static bool rtc_check(void)
{
	return vrtc_check(&dev.rtc);
}

static enum vdev_result rtc_access(u32 where, u32 size, bool write, u64 *value)
{
	/* Mostly select and use a register at one stroke. */
	if (where & 0x80) {
		u64 index = where & 0x3f;

		vrtc_access(&dev.rtc, now, 0x70, 1, true, &index, &sink);
	}
	return vrtc_access(&dev.rtc, now, 0x70 + (where & 0x80 ? 1 : where % 3), size,
			   write, value, &sink);
}

static u64 rtc_deadline(void)
{
	return vrtc_deadline(&dev.rtc);
}

static void rtc_expire(void)
{
	vrtc_expire(&dev.rtc, now, &sink);
}

static void rtc_other(struct input *in)
{
	s64 seconds = (s64)take(in, 8) >> 24;
	u8 byte = seconds & 0xff;

	switch (take(in, 1) & 3) {
	case 0:
		if (vrtc_set_time(&dev.rtc, now, seconds))
			FUZZ_CHECK(vrtc_get_time(&dev.rtc, now) == seconds);
		break;
	case 1:
		if (vrtc_nvram_write(&dev.rtc, now, byte / 2, (u8)(seconds >> 8)))
			FUZZ_CHECK(vrtc_nvram_read(&dev.rtc, now, byte / 2, &byte));
		break;
	case 2:
		vrtc_warm_reset(&dev.rtc, now);
		break;
	}
}

static void pmtmr_reset(void)
{
	vpmtmr_reset(&dev.pmtmr, now, 32);
}

static bool pmtmr_check(void)
{
	return vpmtmr_check(&dev.pmtmr);
}

static enum vdev_result pmtmr_access(u32 where, u32 size, bool write, u64 *value)
{
	return vpmtmr_access(&dev.pmtmr, now, where % 4, size, write, value);
}

static const struct model models[] = {
	{
		.size = sizeof(dev.pic), .reset = pic_reset, .check = pic_check,
		.access = pic_access, .other = pic_other, .claims = pic_claims,
		.restored = pic_restored,
	}, {
		.size = sizeof(dev.ioapic), .reset = ioapic_reset, .check = ioapic_check,
		.access = ioapic_access, .other = ioapic_other,
	}, {
		.size = sizeof(dev.pit), .reset = pit_reset, .check = pit_check,
		.access = pit_access, .deadline = pit_deadline, .expire = pit_expire,
	}, {
		.size = sizeof(dev.hpet), .reset = hpet_reset, .check = hpet_check,
		.access = hpet_access, .deadline = hpet_deadline, .expire = hpet_expire,
		.claims = hpet_claims, .restored = hpet_restored,
	}, {
		.size = sizeof(dev.rtc), .reset = rtc_reset, .check = rtc_check,
		.access = rtc_access, .deadline = rtc_deadline, .expire = rtc_expire,
		.other = rtc_other,
	}, {
		.size = sizeof(dev.pmtmr), .reset = pmtmr_reset, .check = pmtmr_check,
		.access = pmtmr_access,
	},
};

/* --- driving -------------------------------------------------------------- */

static void expire(const struct model *m)
{
	if (!m->expire)
		return;
	m->expire();
	FUZZ_CHECK(m->deadline() > now);
}

static void advance(const struct model *m, struct input *in)
{
	u64 span = take_span(in);

	/* Every other time to the deadline itself or just before it. */
	if (m->deadline && (span & 1) && m->deadline() < TIME_MAX) {
		u64 due = m->deadline();

		if (span & 2 && due - 1 > now) {
			unsigned int before = events;

			now = due - 1;
			m->expire();
			FUZZ_CHECK(events == before);
			FUZZ_CHECK(m->deadline() == due);
		}
		now = due > now ? due : now;
	} else if (now + span < TIME_MAX) {
		now += span;
	}
	expire(m);
}

static void access(const struct model *m, struct input *in)
{
	u8 how = take(in, 1);
	u32 where = take(in, 1);
	u32 size = how & 0x70 ? 1U << (how & 3) : 1;
	bool write = how & 0x80;
	u64 value = write ? take(in, size) : 0;
	u64 mask = size == 8 ? U64_MAX : (1ULL << (size * 8)) - 1;
	enum vdev_result result;

	/* The HPET and the I/O APIC are made of dwords, the PM timer is one. */
	if (m->size == sizeof(dev.hpet) || m->size == sizeof(dev.ioapic) ||
	    m->size == sizeof(dev.pmtmr))
		if (!(how & 0x0c))
			size = 4, mask = U32_MAX;

	result = m->access(where, size, write, &value);
	FUZZ_CHECK(result == VDEV_HANDLED || result == VDEV_UNHANDLED);
	if (result == VDEV_HANDLED && !write && value != U64_MAX)
		FUZZ_CHECK(!(value & ~mask));
	if (m->deadline)
		FUZZ_CHECK(m->deadline() > now);
}

/* The copy that is out of range is refused, and what was stays. */
static void restore(const struct model *m, struct input *in)
{
	u8 saved[sizeof(dev)];
	u8 flips = take(in, 1) % 8;

	memcpy(saved, &dev, sizeof(dev));
	while (flips--)
		((u8 *)&dev)[take(in, 2) % m->size] = take(in, 1);
	if (!m->check()) {
		memcpy(&dev, saved, sizeof(dev));
		return;
	}
	if (m->restored)
		m->restored();
	expire(m);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	const struct model *m = &models[take(&in, 1) % ARRAY_SIZE(models)];

	memset(&dev, 0, sizeof(dev));
	now = take_span(&in) % TIME_MAX;
	m->reset();
	FUZZ_CHECK(m->check());

	while (in.left) {
		u8 what = take(&in, 1);

		events = 0;
		if (what < 0x40)
			advance(m, &in);
		else if (what < 0xc0 || (!m->other && what < 0xf0))
			access(m, &in);
		else if (what < 0xf0)
			m->other(&in);
		else
			restore(m, &in);
		FUZZ_CHECK(events <= MAX_EVENTS);
		FUZZ_CHECK(m->check());
		if (m->claims)
			m->claims();
	}
	return 0;
}
