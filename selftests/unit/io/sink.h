/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * An interrupt sink that records, for tests of device models.
 */
#ifndef VMM_UNIT_SINK_H
#define VMM_UNIT_SINK_H

#include "irq.h"

#define SINK_LOG	64

enum sink_kind {
	SINK_ISA,
	SINK_IOAPIC,
	SINK_MSG,
	SINK_INTR,
	SINK_EOI,
	SINK_LOCAL,
};

/*
 * @count	events of each kind since the start
 * @msg		the last messages, @count[SINK_MSG] % SINK_LOG is the next slot
 * @arg, @op	of the last event of each kind: line, vector, level, delivery
 * @ended, @isa_ended	pins ended since the test last looked
 * @let_go	pins that the model is told to let go of when they end
 * @up		asserts less deasserts of each line
 */
struct sink {
	struct irq_sink irq;
	unsigned int count[6];
	unsigned int arg[6];
	enum irq_op op[6];
	struct lapic_msg msg[SINK_LOG];
	u32 ended;
	u32 isa_ended;
	u32 let_go;
	int isa_up[16];
	int ioapic_up[32];
};

static inline void sink_note(struct sink *s, enum sink_kind kind, unsigned int arg,
			     enum irq_op op)
{
	s->count[kind]++;
	s->arg[kind] = arg;
	s->op[kind] = op;
}

static inline void sink_isa(void *ctx, unsigned int line, enum irq_op op)
{
	struct sink *s = ctx;

	sink_note(s, SINK_ISA, line, op);
	s->isa_up[line] += op == IRQ_ASSERT ? 1 : op == IRQ_DEASSERT ? -1 : 0;
}

static inline void sink_ioapic(void *ctx, unsigned int pin, enum irq_op op)
{
	struct sink *s = ctx;

	sink_note(s, SINK_IOAPIC, pin, op);
	s->ioapic_up[pin] += op == IRQ_ASSERT ? 1 : op == IRQ_DEASSERT ? -1 : 0;
}

static inline void sink_msg(void *ctx, const struct lapic_msg *msg)
{
	struct sink *s = ctx;

	s->msg[s->count[SINK_MSG] % SINK_LOG] = *msg;
	sink_note(s, SINK_MSG, msg->vector, IRQ_PULSE);
}

static inline void sink_intr(void *ctx, bool level)
{
	sink_note(ctx, SINK_INTR, level, IRQ_PULSE);
}

static inline void sink_eoi(void *ctx, u8 vector)
{
	sink_note(ctx, SINK_EOI, vector, IRQ_PULSE);
}

static inline void sink_local(void *ctx, enum lapic_delivery delivery)
{
	sink_note(ctx, SINK_LOCAL, delivery, IRQ_PULSE);
}

static inline u32 sink_ended(void *ctx, u32 pins)
{
	struct sink *s = ctx;

	s->ended |= pins;
	return s->let_go;
}

static inline u32 sink_isa_ended(void *ctx, u32 pins)
{
	struct sink *s = ctx;

	s->isa_ended |= pins;
	return s->let_go;
}

static inline void sink_init(struct sink *s)
{
	memset(s, 0, sizeof(*s));
	s->irq = (struct irq_sink) {
		.isa = sink_isa,
		.ioapic = sink_ioapic,
		.msg = sink_msg,
		.intr = sink_intr,
		.eoi = sink_eoi,
		.ended = sink_ended,
		.isa_ended = sink_isa_ended,
		.local = sink_local,
		.ctx = s,
	};
}

/* The last message. */
static inline const struct lapic_msg *sink_last(const struct sink *s)
{
	return &s->msg[(s->count[SINK_MSG] + SINK_LOG - 1) % SINK_LOG];
}

#endif /* VMM_UNIT_SINK_H */
