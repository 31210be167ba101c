// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The local APIC as a stream of operations: register accesses in both modes,
 * mode changes, accepted interrupts, acknowledgements, time. After each:
 *
 *  - the state passes its own check;
 *  - the deadline is later than now;
 *  - the pending vector is what a look at every bit of IRR and ISR gives;
 *  - each accepted request is delivered or still there;
 *  - what leaves is a message that an APIC may send.
 */
#include "fuzz_input.h"
#include "vlapic.h"

#define TIME_MAX	BIT_ULL(62)

static struct vlapic apic;
static struct vlapic_time t;
static u32 offset_of_tsc;
static unsigned int messages;

/* --- sink ----------------------------------------------------------------- */

static void on_msg(void *ctx, const struct lapic_msg *msg)
{
	(void)ctx;
	FUZZ_CHECK(msg->delivery != 3 && msg->delivery <= LAPIC_SIPI);
	FUZZ_CHECK(msg->delivery > LAPIC_LOWEST || msg->vector >= 16);
	FUZZ_CHECK(msg->delivery == LAPIC_FIXED || msg->shorthand == LAPIC_DEST ||
		   msg->shorthand == LAPIC_OTHERS);
	FUZZ_CHECK(msg->x2apic || msg->dest <= 0xff);
	FUZZ_CHECK(!msg->level);
	messages++;
}

static void on_eoi(void *ctx, u8 vector)
{
	(void)ctx;
	FUZZ_CHECK(vector >= 16);
	FUZZ_CHECK(apic.page[(VLAPIC_TMR + vector / 32 * 16) / 4] >> (vector % 32) & 1);
	messages++;
}

static void on_local(void *ctx, enum lapic_delivery delivery)
{
	(void)ctx;
	FUZZ_CHECK(delivery == LAPIC_NMI || delivery == LAPIC_EXTINT);
	messages++;
}

static const struct irq_sink sink = {
	.msg = on_msg,
	.eoi = on_eoi,
	.local = on_local,
};

/* --- the slow and obvious view -------------------------------------------- */

static bool is_set(u32 base, int vector)
{
	return apic.page[(base + vector / 32 * 16) / 4] >> (vector % 32) & 1;
}

static int highest(u32 base)
{
	int vector;

	for (vector = 255; vector >= 0; vector--)
		if (is_set(base, vector))
			return vector;
	return -1;
}

static int expected_pending(void)
{
	int isrv = highest(VLAPIC_ISR), irrv = highest(VLAPIC_IRR);
	int class = vlapic_get_cr8(&apic);

	if (isrv >= 0 && isrv / 16 > class)
		class = isrv / 16;
	return irrv >= 0 && irrv / 16 > class ? irrv : -1;
}

static void check(void)
{
	FUZZ_CHECK(vlapic_check(&apic));
	FUZZ_CHECK(vlapic_pending(&apic) == expected_pending());
	FUZZ_CHECK(highest(VLAPIC_IRR) < 0 || highest(VLAPIC_IRR) >= 16);
	FUZZ_CHECK(vlapic_deadline(&apic) > t.ns);
	/* At most one message for each operation, and an error interrupt. */
	FUZZ_CHECK(messages <= 3);
}

/* --- operations ----------------------------------------------------------- */

static void advance(struct input *in)
{
	u64 span = take_span(in);
	u64 due = vlapic_deadline(&apic);

	if ((span & 1) && due < TIME_MAX)
		span = due - t.ns;
	if (t.ns + span >= TIME_MAX)
		return;
	t.ns += span;
	t.tsc = offset_of_tsc + mul_u64_u64_div_u64(t.ns, apic.tsc_khz, 1000000);
	vlapic_expire(&apic, &t, &sink);
}

static void mmio(struct input *in)
{
	u8 how = take(in, 1);
	u32 offset = (take(in, 1) << 4) | (how & 0x40 ? how & 0xf : 0);
	u32 size = how & 0x40 ? 1U << (how >> 4 & 3) : 4;
	bool write = how & 0x80;
	u64 value = write ? take(in, 4) : ~0ULL;
	enum vdev_result result;

	result = vlapic_mmio(&apic, &t, offset, size, write, &value, &sink);
	FUZZ_CHECK((result == VDEV_HANDLED) == (vlapic_mode(&apic) == VLAPIC_XAPIC));
	if (result == VDEV_HANDLED && !write)
		FUZZ_CHECK(value <= U32_MAX && (size >= 4 || value < 1ULL << size * 8));
}

static void msr(struct input *in)
{
	u8 how = take(in, 1);
	u32 index = how & 0x40 ? VLAPIC_MSR_TSC_DEADLINE : 0x800 + take(in, 1);
	bool write = how & 0x80;
	u64 value = write ? take(in, how & 0x20 ? 8 : 4) : 0;
	struct vlapic before = apic;
	enum vdev_result result;

	/* Deadlines near the present are the interesting ones. */
	if (index == VLAPIC_MSR_TSC_DEADLINE && (how & 0x10))
		value += t.tsc;
	result = vlapic_msr(&apic, &t, index, write, &value, &sink);
	FUZZ_CHECK(result != VDEV_UNHANDLED);
	if (result == VDEV_GP)
		FUZZ_CHECK(!memcmp(&before, &apic, sizeof(apic)) && !messages);
}

static void accept(struct input *in)
{
	u8 vector = take(in, 1);
	bool enabled = vlapic_is_enabled(&apic);

	vlapic_accept(&apic, vector, take(in, 1) & 1, &sink);
	if (enabled && vector >= 16)
		FUZZ_CHECK(is_set(VLAPIC_IRR, vector));
}

static void deliver(void)
{
	int vector = vlapic_pending(&apic);

	if (vector < 0)
		return;
	vlapic_ack(&apic, vector);
	FUZZ_CHECK(is_set(VLAPIC_ISR, vector) && !is_set(VLAPIC_IRR, vector));
	FUZZ_CHECK(highest(VLAPIC_ISR) == vector);
}

static void base(struct input *in)
{
	u64 value = VLAPIC_BASE_GPA | take(in, 2) % 16 << 8;
	u64 before = apic.apic_base;

	if (vlapic_apicbase(&apic, true, &value) == VDEV_GP)
		FUZZ_CHECK(apic.apic_base == before);
}

static void match(struct input *in)
{
	struct lapic_msg message = {
		.dest = take(in, 4),
		.shorthand = take(in, 1) & 3,
		.logical = take(in, 1) & 1,
		.x2apic = take(in, 1) & 1,
	};
	struct vlapic_route route;

	vlapic_route(&apic, &route);
	if (vlapic_match(&route, &message, take(in, 1)))
		FUZZ_CHECK(route.mode != VLAPIC_DISABLED);
	if (vlapic_msi(take(in, 5), take(in, 4), &message))
		FUZZ_CHECK(message.dest <= 0xff && message.delivery < 8);
}

static void restore(struct input *in)
{
	struct vlapic saved = apic;
	u8 flips = take(in, 1) % 8;

	while (flips--)
		((u8 *)&apic)[take(in, 2) % sizeof(apic)] = take(in, 1);
	if (!vlapic_check(&apic))
		apic = saved;
	/* The TSC of a restored vCPU is set anew. */
	t.tsc = offset_of_tsc + mul_u64_u64_div_u64(t.ns, apic.tsc_khz, 1000000);
	vlapic_tsc_changed(&apic, &t);
	vlapic_expire(&apic, &t, &sink);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	u8 how = take(&in, 1);

	offset_of_tsc = take(&in, 4);
	t.ns = 1000;
	vlapic_reset(&apic, take(&in, 1), how & 1, (u32)take(&in, 3) + 1);
	t.tsc = offset_of_tsc + mul_u64_u64_div_u64(t.ns, apic.tsc_khz, 1000000);
	if (how & 2) {
		u64 value = VLAPIC_BASE_GPA | VLAPIC_BASE_ENABLE | VLAPIC_BASE_X2APIC;

		vlapic_apicbase(&apic, true, &value);
	}

	while (in.left) {
		u8 what = take(&in, 1);

		messages = 0;
		switch (what >> 4) {
		case 0 ... 2:
			advance(&in);
			break;
		case 3 ... 5:
			mmio(&in);
			break;
		case 6 ... 8:
			msr(&in);
			break;
		case 9 ... 10:
			accept(&in);
			break;
		case 11:
			deliver();
			break;
		case 12:
			vlapic_eoi(&apic, &sink);
			break;
		case 13:
			vlapic_lvt_fire(&apic, what & 15, &sink);
			vlapic_set_cr8(&apic, take(&in, 1) & 15);
			break;
		case 14:
			if (what & 8)
				base(&in);
			else
				match(&in);
			break;
		default:
			if (what & 15)
				restore(&in);
			else
				vlapic_init_reset(&apic);
			break;
		}
		check();
	}
	return 0;
}
