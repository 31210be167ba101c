// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Being cut short: string instructions item by item, string I/O in batches,
 * faults before anything is lost, and restarting after userspace.
 */
#include "env.h"
#include "kselftest_harness.h"
#include "vie_world.h"

#define RAX	VMM_REG_RAX
#define RCX	VMM_REG_RCX
#define RDX	VMM_REG_RDX
#define RBX	VMM_REG_RBX
#define RSP	VMM_REG_RSP
#define RSI	VMM_REG_RSI
#define RDI	VMM_REG_RDI

#define TF	FLAG_TF
#define DF	FLAG_DF

FIXTURE(vie) {
	struct world w;
	struct vmm_regs regs;
	struct vie vie;
	struct vie_fault fault;
};

FIXTURE_SETUP(vie)
{
	(void)variant;
	world_init(&self->w);
}

FIXTURE_TEARDOWN(vie)
{
	(void)self;
	(void)variant;
}

typedef FIXTURE_DATA(vie) vie_data;

/* Decode and execute once; -1 if it does not decode. */
static int run(vie_data *f, const u8 *inst, unsigned int len)
{
	f->w.calls = 0;
	if (vie_decode(&f->vie, inst, len, vie_mode(&f->regs)) != VIE_OK)
		return -1;
	return vie_exec(&f->vie, &f->regs, &world_ops, &f->w, &f->fault);
}

#define RUN(...) run(self, (const u8[]){ __VA_ARGS__ }, sizeof((const u8[]){ __VA_ARGS__ }))

/* A destination that faults does so before the source is read. */
TEST_F(vie, movs_probes_destination)
{
	struct vmm_regs before;

	world_regs(&self->regs, VIE_64, false);
	self->regs.gpr[RSI] = 0x10000;
	self->regs.gpr[RDI] = 0x11ffe;
	self->w.bad_page = 0x12000;
	before = self->regs;
	ASSERT_EQ(VIE_FAULT, RUN(0xa5));
	ASSERT_EQ(VIE_PF, self->fault.vector);
	ASSERT_EQ(0x12000, self->fault.cr2);
	ASSERT_EQ(1, self->w.calls);
	ASSERT_EQ('p', self->w.call[0].what);
	ASSERT_EQ(VIE_ACC_WRITE, self->w.call[0].access);
	ASSERT_EQ(0, memcmp(&before, &self->regs, sizeof(before)));
}

/* INS takes what fits into the page and into one call, no more. */
TEST_F(vie, ins_batches)
{
	world_regs(&self->regs, VIE_64, false);
	self->regs.gpr[RDX] = 0xffff01f0;
	self->regs.gpr[RDI] = 0x10f00;
	self->regs.gpr[RCX] = 1000;
	ASSERT_EQ(VIE_AGAIN, RUN(0xf3, 0x66, 0x6d));
	ASSERT_EQ(3, self->w.calls);
	ASSERT_EQ('p', self->w.call[0].what);
	ASSERT_EQ('i', self->w.call[1].what);
	ASSERT_EQ(0x1f0, self->w.call[1].gla);
	ASSERT_EQ(2, self->w.call[1].size);
	ASSERT_EQ(0x80, self->w.call[1].count);		/* to the end of the page */
	ASSERT_EQ('w', self->w.call[2].what);
	ASSERT_EQ(0x100, self->w.call[2].size);
	ASSERT_EQ(1000 - 0x80, self->regs.gpr[RCX]);
	ASSERT_EQ(0x11000, self->regs.gpr[RDI]);
	ASSERT_EQ(0x42, self->w.mem[0xf42]);
	ASSERT_EQ(VIE_AGAIN, RUN(0xf3, 0x66, 0x6d));
	ASSERT_EQ(VIE_IO_MAX / 2, self->w.call[1].count);
	self->regs.gpr[RCX] = 3;
	ASSERT_EQ(VIE_OK, RUN(0xf3, 0x66, 0x6d));
	ASSERT_EQ(3, self->w.call[1].count);
	ASSERT_EQ(0, self->regs.gpr[RCX]);
	/* An item that straddles pages goes alone; so do all when DF or TF is set. */
	self->regs.gpr[RCX] = 3;
	self->regs.gpr[RDI] = 0x10fff;
	ASSERT_EQ(VIE_AGAIN, RUN(0xf3, 0x66, 0x6d));
	ASSERT_EQ(1, self->w.call[1].count);
	self->regs.gpr[RCX] = 3;
	self->regs.gpr[RDI] = 0x11100;
	self->regs.rflags |= DF;
	ASSERT_EQ(VIE_AGAIN, RUN(0xf3, 0x66, 0x6d));
	ASSERT_EQ(1, self->w.call[1].count);
	ASSERT_EQ(0x110fe, self->regs.gpr[RDI]);
	self->regs.rflags = 2 | TF;
	self->regs.gpr[RCX] = 3;
	ASSERT_EQ(VIE_AGAIN, RUN(0xf3, 0x66, 0x6d));
	ASSERT_EQ(1, self->w.call[1].count);
}

/* The port is not read if the memory it would go to faults. */
TEST_F(vie, ins_probes_first)
{
	world_regs(&self->regs, VIE_64, false);
	self->w.bad_page = 0x11000;
	self->regs.gpr[RDI] = 0x11010;
	self->regs.gpr[RCX] = 4;
	ASSERT_EQ(VIE_FAULT, RUN(0xf3, 0x6c));
	ASSERT_EQ(1, self->w.calls);
	ASSERT_EQ(4, self->regs.gpr[RCX]);
}

/* In 16-bit code a batch ends at the segment limit; the item past it faults. */
TEST_F(vie, outs_limit)
{
	world_regs(&self->regs, VIE_16, true);
	self->regs.seg[VMM_SEG_DS].base = 0x10000;
	self->regs.seg[VMM_SEG_DS].limit = 0x1003;
	self->regs.gpr[RSI] = 0x1000;
	self->regs.gpr[RCX] = 8;
	self->regs.gpr[RDX] = 0x3f8;
	ASSERT_EQ(VIE_AGAIN, RUN(0xf3, 0x6f));
	ASSERT_EQ('r', self->w.call[0].what);
	ASSERT_EQ('o', self->w.call[1].what);
	ASSERT_EQ(1, self->w.call[1].count);
	ASSERT_EQ(VIE_AGAIN, RUN(0xf3, 0x6f));
	ASSERT_EQ(6, self->regs.gpr[RCX]);
	ASSERT_EQ(VIE_FAULT, RUN(0xf3, 0x6f));
	ASSERT_EQ(VIE_GP, self->fault.vector);
	ASSERT_FALSE(self->fault.has_error);
	ASSERT_EQ(6, self->regs.gpr[RCX]);
}

/* Only the low 16 bits of the index and count registers move. */
TEST_F(vie, string_16bit)
{
	world_regs(&self->regs, VIE_16, true);
	self->regs.seg[VMM_SEG_ES].base = 0x10000;
	self->regs.gpr[RDI] = 0xaaaaffff;
	self->regs.gpr[RCX] = 0xbbbb0002;
	ASSERT_EQ(VIE_UNKNOWN, RUN(0xf3, 0xaa));	/* 0x1ffff is outside the world */
	self->regs.seg[VMM_SEG_ES].base = 0x2000;
	ASSERT_EQ(VIE_AGAIN, RUN(0xf3, 0xaa));
	ASSERT_EQ(0xaaaa0000, self->regs.gpr[RDI]);
	ASSERT_EQ(0xbbbb0001, self->regs.gpr[RCX]);
	ASSERT_EQ(0x11fff, self->w.call[0].gla);
}

static const struct {
	char name[20];
	u8 len;
	u8 inst[6];
} restartable[] = {
	{ "mov load", 2, { 0x8b, 0x03 } },
	{ "mov store", 2, { 0x89, 0x03 } },
	{ "lock add", 3, { 0xf0, 0x01, 0x03 } },
	{ "xadd", 3, { 0x0f, 0xc1, 0x03 } },
	{ "xchg", 2, { 0x87, 0x03 } },
	{ "shl", 2, { 0xd3, 0x23 } },
	{ "bts", 3, { 0x0f, 0xab, 0x03 } },
	{ "cmpxchg", 3, { 0x0f, 0xb1, 0x03 } },
	{ "cmpxchg16b", 4, { 0x48, 0x0f, 0xc7, 0x0b } },
	{ "push", 2, { 0xff, 0x33 } },
	{ "pop", 2, { 0x8f, 0x03 } },
	{ "call", 2, { 0xff, 0x13 } },
	{ "rep movsl", 2, { 0xf3, 0xa5 } },
	{ "repe cmpsb", 2, { 0xf3, 0xa6 } },
	{ "repne scasw", 3, { 0xf2, 0x66, 0xaf } },
	{ "lodsb", 1, { 0xac } },
	{ "rep stosb", 2, { 0xf3, 0xaa } },
	{ "rep insw", 3, { 0xf3, 0x66, 0x6d } },
	{ "rep outsb", 2, { 0xf3, 0x6e } },
	{ "mul", 2, { 0xf7, 0x23 } },
	{ "setnz", 3, { 0x0f, 0x95, 0x03 } },
};

static void restart_regs(struct vmm_regs *regs)
{
	world_regs(regs, VIE_64, false);
	regs->gpr[RAX] = 0x0123456700000123;
	regs->gpr[RCX] = 5;
	regs->gpr[RDX] = 0x60;
	regs->gpr[RBX] = 0x11000;
	regs->gpr[RSP] = 0x12000;
	regs->gpr[RSI] = 0x12800;
	regs->gpr[RDI] = 0x13000;
}

/*
 * Cut short at each callback in turn: no register changes, the callbacks up to
 * there are those of an uninterrupted run, and running again gives its result.
 */
TEST_F(vie, restart_after_userspace)
{
	struct vmm_regs start, done;
	struct world whole, cut;
	unsigned int i, interrupted = 0;
	int status, at;

	for (i = 0; i < ARRAY_SIZE(restartable); i++) {
		const u8 *inst = restartable[i].inst;
		unsigned int len = restartable[i].len;

		world_init(&self->w);
		memset(self->w.mem + 0x1001, 0, 7);	/* a canonical branch target */
		restart_regs(&self->regs);
		start = self->regs;
		status = run(self, inst, len);
		ASSERT_TRUE(status == VIE_OK || status == VIE_AGAIN) {
			TH_LOG("%s", restartable[i].name);
		}
		done = self->regs;
		whole = self->w;

		for (at = 0; at < whole.calls; at++) {
			if (whole.call[at].what == 'p')
				continue;
			world_init(&self->w);
			memset(self->w.mem + 0x1001, 0, 7);
			self->regs = start;
			self->w.user_at = at;
			ASSERT_EQ(VIE_USER, run(self, inst, len)) {
				TH_LOG("%s", restartable[i].name);
			}
			ASSERT_EQ(0, memcmp(&start, &self->regs, sizeof(start))) {
				TH_LOG("%s", restartable[i].name);
			}
			ASSERT_EQ(at + 1, self->w.calls);
			ASSERT_EQ(0, memcmp(whole.call, self->w.call,
					    at * sizeof(whole.call[0])));
			ASSERT_EQ(whole.call[at].gla, self->w.call[at].gla);
			ASSERT_EQ(whole.call[at].size, self->w.call[at].size);
			ASSERT_EQ(whole.call[at].data, self->w.call[at].data);
			cut = self->w;
			interrupted++;

			/* Nothing before the cut had an effect on memory but writes. */
			world_init(&self->w);
			memset(self->w.mem + 0x1001, 0, 7);
			ASSERT_EQ(status, run(self, inst, len));
			ASSERT_EQ(0, memcmp(&done, &self->regs, sizeof(done)));
			ASSERT_EQ(0, memcmp(whole.mem, self->w.mem, sizeof(whole.mem)));
			ASSERT_EQ(0, memcmp(cut.call, self->w.call, at * sizeof(cut.call[0])));
		}
	}
	ASSERT_GT(interrupted, 30);
}

/* Without an io() callback string I/O is not ours to do. */
TEST_F(vie, io_is_optional)
{
	struct vie_ops ops = world_ops;

	ops.io = NULL;
	restart_regs(&self->regs);
	ASSERT_EQ(VIE_OK, vie_decode(&self->vie, (const u8[]){ 0x6c }, 1, VIE_64));
	ASSERT_EQ(VIE_UNKNOWN, vie_exec(&self->vie, &self->regs, &ops, &self->w, &self->fault));
	ASSERT_EQ(0, self->w.calls);
}

TEST_HARNESS_MAIN
