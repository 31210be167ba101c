// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// LDLIBS: -lZydis
/*
 * Any bytes as an instruction, any registers, any memory. The decoder is given
 * a buffer of exactly the bytes it may read and is judged by Zydis; the
 * executor is run, cut short at every callback, and run again. Asserted:
 *
 *  - a claimed instruction has at most 15 bytes, all within the buffer
 *  - callbacks are few, within their size limits, and canonical
 *  - a run that does not succeed changes no register
 *  - a run after VIE_USER makes the same callbacks and has the same outcome
 *  - REP makes progress
 *
 * Input: mode, status of a callback, its number, length, 15 bytes, registers;
 * the rest feeds the reads.
 */
#include <stdio.h>
#include <stdlib.h>
#include "env.h"
#include "emul/zydis_oracle.h"

#define CALLS_MAX	8
#define STATUS_BITS	(FLAG_CF | FLAG_PF | FLAG_AF | FLAG_ZF | FLAG_SF | FLAG_OF)

#define CHECK(claim) do {						\
	if (!(claim)) {							\
		fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #claim);	\
		abort();						\
	}								\
} while (0)

struct input {
	const u8 *data;
	size_t left;
};

struct call {
	int kind;
	u64 gla;
	unsigned int size, count, access;
	u8  data[VIE_IO_MAX];
};

/* One execution: what the callbacks answer and what they were asked. */
struct trial {
	struct input feed;
	const struct vmm_regs *regs;
	enum vie_mode mode;
	int odd_call;			/* callback that answers @odd_status */
	enum vie_status odd_status;
	int calls;
	struct call call[CALLS_MAX];
};

static void take(struct input *in, void *to, size_t size)
{
	size_t n = size < in->left ? size : in->left;

	memset(to, 0, size);
	memcpy(to, in->data, n);
	in->data += n;
	in->left -= n;
}

static struct call *log_call(struct trial *t, int kind, u64 gla, unsigned int size,
			     unsigned int access)
{
	struct call *call;

	CHECK(t->calls < CALLS_MAX);
	call = &t->call[t->calls++];
	memset(call, 0, sizeof(*call));
	call->kind = kind;
	call->gla = gla;
	call->size = size;
	call->access = access;
	return call;
}

static void check_memory(const struct trial *t, u64 gla, unsigned int size, unsigned int access)
{
	CHECK(size >= 1 && size <= VIE_IO_MAX);
	CHECK(access & (VIE_ACC_READ | VIE_ACC_WRITE));
	if (t->mode == VIE_64)
		CHECK(vie_is_canonical(t->regs, gla) && vie_is_canonical(t->regs, gla + size - 1));
	else
		CHECK(gla <= 0xffffffff);
}

static enum vie_status answer(struct trial *t, struct vie_fault *fault)
{
	if (t->calls - 1 != t->odd_call)
		return VIE_OK;
	if (t->odd_status == VIE_FAULT)
		*fault = (struct vie_fault){ VIE_PF, true, 2, 0x1234 };
	return t->odd_status;
}

static enum vie_status fuzz_read(void *ctx, u64 gla, unsigned int size, void *buf,
				 unsigned int access, struct vie_fault *fault)
{
	struct trial *t = ctx;
	enum vie_status status;

	check_memory(t, gla, size, access);
	CHECK(access & VIE_ACC_READ);
	log_call(t, 'r', gla, size, access);
	status = answer(t, fault);
	if (status == VIE_OK)
		take(&t->feed, buf, size);
	return status;
}

static enum vie_status fuzz_write(void *ctx, u64 gla, unsigned int size, const void *buf,
				  unsigned int access, struct vie_fault *fault)
{
	struct trial *t = ctx;

	check_memory(t, gla, size, access);
	CHECK(access & VIE_ACC_WRITE);
	memcpy(log_call(t, 'w', gla, size, access)->data, buf, size);
	return answer(t, fault);
}

static enum vie_status fuzz_probe(void *ctx, u64 gla, unsigned int size, unsigned int access,
				  struct vie_fault *fault)
{
	struct trial *t = ctx;
	enum vie_status status;

	check_memory(t, gla, size, access);
	log_call(t, 'p', gla, size, access);
	status = answer(t, fault);
	return status == VIE_USER ? VIE_OK : status;
}

static enum vie_status fuzz_io(void *ctx, u16 port, unsigned int size, unsigned int count,
			       bool in, void *data, struct vie_fault *fault)
{
	struct trial *t = ctx;
	struct call *call = log_call(t, in ? 'i' : 'o', port, size, 0);
	enum vie_status status;

	CHECK(size == 1 || size == 2 || size == 4);
	CHECK(count >= 1 && count <= VIE_IO_MAX / size);
	call->count = count;
	if (!in)
		memcpy(call->data, data, size * count);
	status = answer(t, fault);
	if (status == VIE_OK && in)
		take(&t->feed, data, size * count);
	return status;
}

static void fuzz_get_vector(void *ctx, unsigned int reg, u8 data[VIE_VECTOR_MAX])
{
	(void)ctx;
	if (reg > 15)
		abort();
	memset(data, 0x50 + reg, VIE_VECTOR_MAX);
}

static void fuzz_set_vector(void *ctx, unsigned int reg, const u8 data[VIE_VECTOR_MAX],
			    bool whole)
{
	(void)ctx, (void)data, (void)whole;
	if (reg > 15)
		abort();
}

static const struct vie_ops ops = {
	.read = fuzz_read, .write = fuzz_write, .probe = fuzz_probe, .io = fuzz_io,
	.get_vector = fuzz_get_vector, .set_vector = fuzz_set_vector,
};

static enum vie_status try(struct trial *t, const struct vie *vie, struct vmm_regs *regs,
			   struct input feed, int odd_call, enum vie_status odd_status)
{
	struct vmm_regs before = *regs;
	struct vie_fault fault;
	enum vie_status status;
	u64 mask = vie_mask(vie->gla_size);

	t->feed = feed;
	t->regs = &before;
	t->mode = vie->mode;
	t->odd_call = odd_call;
	t->odd_status = odd_status;
	t->calls = 0;
	memset(&fault, 0, sizeof(fault));
	status = vie_exec(vie, regs, &ops, t, &fault);

	CHECK(t->calls <= 5);
	switch (status) {
	case VIE_AGAIN:
		CHECK(regs->rip == before.rip);
		CHECK((regs->gpr[VMM_REG_RCX] & mask) < (before.gpr[VMM_REG_RCX] & mask));
		fallthrough;
	case VIE_OK:
		CHECK(!((regs->rflags ^ before.rflags) & ~(STATUS_BITS | FLAG_RF)));
		before.rip = regs->rip;
		before.rflags = regs->rflags;
		memcpy(before.gpr, regs->gpr, sizeof(before.gpr));
		break;
	case VIE_FAULT:
		CHECK(fault.vector && fault.vector < 32);
		break;
	default:
		CHECK(status == VIE_USER || status == VIE_UNKNOWN);
		break;
	}
	/* Nothing but GPRs, RIP and flags ever changes, and these not by failing. */
	CHECK(!memcmp(&before, regs, sizeof(before)));
	return status;
}

static void execute(const struct vie *vie, const struct vmm_regs *start, struct input feed,
		    int odd_call, enum vie_status odd_status)
{
	static struct trial whole, cut;
	struct vmm_regs regs = *start, again;
	enum vie_status status;
	int at;

	status = try(&whole, vie, &regs, feed, odd_call, odd_status);
	for (at = 0; at < whole.calls; at++) {
		if (at == odd_call || whole.call[at].kind == 'p')
			continue;
		again = *start;
		/* Callbacks before an odd one are the same with and without it. */
		if (odd_call >= 0 && odd_call < at)
			break;
		CHECK(try(&cut, vie, &again, feed, at, VIE_USER) == VIE_USER);
		CHECK(cut.calls == at + 1);
		CHECK(!memcmp(cut.call, whole.call, sizeof(cut.call[0]) * (at + 1)));
		CHECK(try(&cut, vie, &again, feed, odd_call, odd_status) == status);
		CHECK(cut.calls == whole.calls);
		CHECK(!memcmp(cut.call, whole.call, sizeof(cut.call[0]) * cut.calls));
		CHECK(!memcmp(&again, &regs, sizeof(regs)));
	}
}

static void take_regs(struct input *in, struct vmm_regs *regs, enum vie_mode mode, u8 option)
{
	unsigned int i;
	u8 seg[6];

	memset(regs, 0, sizeof(*regs));
	take(in, regs->gpr, sizeof(regs->gpr));
	take(in, &regs->rip, 8);
	take(in, &regs->rflags, 8);
	take(in, seg, sizeof(seg));
	regs->rflags |= 2;
	regs->cr0 = option & 1 && mode != VIE_64 ? 0x10 : 0x80040011;
	regs->cr4 = option & 2 ? 0x1000 : 0;
	regs->efer = mode == VIE_64 ? 0x500 : 0;
	for (i = 0; i < 6; i++) {
		regs->seg[i].access = 0xc090 | (seg[i] & 15) | (seg[i] & 0x60);
		regs->seg[i].limit = seg[i] & 0x80 ? 0xffff : 0xffffffff;
		regs->seg[i].base = mode == VIE_64 ? 0 : (u64)(seg[i] & 0x10) << 8;
	}
	regs->seg[VMM_SEG_CS].access = mode == VIE_64 ? 0xa09b : mode == VIE_32 ? 0xc09b : 0x809b;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	struct vmm_regs regs;
	enum vie_status status;
	enum vie_mode mode;
	const char *text;
	struct vie vie;
	u8 head[4], inst[15], *exact;
	unsigned int len;

	take(&in, head, sizeof(head));
	take(&in, inst, sizeof(inst));
	mode = head[0] % 3;
	len = head[3] % 16;

	exact = malloc(len + !len);
	memcpy(exact, inst, len);
	status = vie_decode(&vie, exact, len, mode);
	free(exact);
	CHECK(status == VIE_OK || status == VIE_UNKNOWN || status == VIE_TRUNCATED);
	CHECK(status != VIE_TRUNCATED || len < VIE_INST_MAX);
	if (status != VIE_OK)
		return 0;
	CHECK(vie.len >= 1 && vie.len <= len);
	text = zydis_objection(&vie, inst, len);
	if (text)
		fprintf(stderr, "%s\n", text);
	CHECK(!text);

	take_regs(&in, &regs, mode, head[0] >> 2);
	CHECK(vie_mode(&regs) == mode);
	execute(&vie, &regs, in, head[1] & 3 ? -1 : head[2] & 3,
		head[1] & 4 ? VIE_FAULT : VIE_UNKNOWN);
	return 0;
}
