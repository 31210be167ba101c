// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Rules of execution that the processor cannot be asked about from a process:
 * modes, segmentation, exceptions, what the memory side is told. Rules are
 * named by section of the SDM.
 */
#include "env.h"
#include "kselftest_harness.h"
#include "vie_world.h"

#define RAX	VMM_REG_RAX
#define RCX	VMM_REG_RCX
#define RBX	VMM_REG_RBX
#define RSP	VMM_REG_RSP
#define RBP	VMM_REG_RBP
#define RSI	VMM_REG_RSI
#define RDI	VMM_REG_RDI

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

#define EXPECT_EXCEPTION(vec, err, status) do {				\
	ASSERT_EQ(VIE_FAULT, status);					\
	ASSERT_EQ(vec, self->fault.vector);				\
	ASSERT_EQ(err, self->fault.has_error);				\
	ASSERT_EQ(0, self->w.calls);					\
	ASSERT_EQ(0x1000, self->regs.rip);				\
} while (0)

/* "Limit Checking": the last byte counts. */
TEST_F(vie, limit)
{
	world_regs(&self->regs, VIE_32, false);
	self->regs.seg[VMM_SEG_DS].limit = 0x10003;
	self->regs.gpr[RBX] = 0x10000;
	ASSERT_EQ(VIE_OK, RUN(0x8b, 0x03));		/* mov (%ebx),%eax */
	self->regs.rip = 0x1000;
	self->regs.gpr[RBX] = 0x10001;
	EXPECT_EXCEPTION(VIE_GP, true, RUN(0x8b, 0x03));
	ASSERT_EQ(VIE_OK, RUN(0x8a, 0x03));
}

/* An operand based on EBP or ESP is in the stack segment: #SS. */
TEST_F(vie, stack_fault)
{
	world_regs(&self->regs, VIE_32, false);
	self->regs.seg[VMM_SEG_SS].limit = 0xffff;
	self->regs.gpr[RBP] = 0x10000;
	EXPECT_EXCEPTION(VIE_SS, true, RUN(0x8b, 0x45, 0x00));
	ASSERT_EQ(VIE_OK, RUN(0x3e, 0x8b, 0x45, 0x00));	/* DS override */
}

/* "Limit Checking": expand-down segments turn the valid range around. */
TEST_F(vie, expand_down)
{
	world_regs(&self->regs, VIE_32, false);
	self->regs.seg[VMM_SEG_DS].access = 0x4097;	/* B=1, expand down, writable */
	self->regs.seg[VMM_SEG_DS].limit = 0xffff;
	self->regs.gpr[RBX] = 0x10000;
	ASSERT_EQ(VIE_OK, RUN(0x8b, 0x03));
	self->regs.rip = 0x1000;
	self->regs.gpr[RBX] = 0xffff;
	EXPECT_EXCEPTION(VIE_GP, true, RUN(0x8a, 0x03));
	self->regs.seg[VMM_SEG_DS].access = 0x0097;	/* B=0: 64K is the top */
	self->regs.gpr[RBX] = 0x10000;
	EXPECT_EXCEPTION(VIE_GP, true, RUN(0x8a, 0x03));
}

/* "Type Checking". */
TEST_F(vie, segment_types)
{
	world_regs(&self->regs, VIE_32, false);
	self->regs.gpr[RBX] = 0x10000;
	self->regs.seg[VMM_SEG_DS].access = 0xc091;	/* read-only data */
	ASSERT_EQ(VIE_OK, RUN(0x8b, 0x03));
	self->regs.rip = 0x1000;
	EXPECT_EXCEPTION(VIE_GP, true, RUN(0x89, 0x03));
	/* A read-modify-write is a write from the start. */
	EXPECT_EXCEPTION(VIE_GP, true, RUN(0x01, 0x03));
	/* CMP only reads. */
	ASSERT_EQ(VIE_OK, RUN(0x39, 0x03));
	self->regs.rip = 0x1000;
	EXPECT_EXCEPTION(VIE_GP, true, RUN(0x2e, 0x89, 0x03));	/* write to code */
	ASSERT_EQ(VIE_OK, RUN(0x2e, 0x8b, 0x03));
	self->regs.rip = 0x1000;
	self->regs.seg[VMM_SEG_CS].access = 0xc099;		/* execute-only */
	EXPECT_EXCEPTION(VIE_GP, true, RUN(0x2e, 0x8b, 0x03));
	self->regs.seg[VMM_SEG_DS].access = 0x10000;		/* null selector */
	EXPECT_EXCEPTION(VIE_GP, true, RUN(0x8b, 0x03));
}

/* Real mode: no types, no error codes, and CS can be written. */
TEST_F(vie, real_mode)
{
	world_regs(&self->regs, VIE_16, true);
	self->regs.seg[VMM_SEG_DS].base = 0x10000;
	self->regs.seg[VMM_SEG_CS].base = 0x10000;
	self->regs.gpr[RBX] = 0x100;
	ASSERT_EQ(VIE_OK, RUN(0x2e, 0x89, 0x07));	/* mov %ax,%cs:(%bx) */
	self->regs.rip = 0x1000;
	self->regs.gpr[RBX] = 0xffff;
	EXPECT_EXCEPTION(VIE_GP, false, RUN(0x89, 0x07));
	/* A 16-bit offset wraps before the limit is looked at. */
	self->regs.gpr[RBX] = 0xfff0;
	self->regs.gpr[RSI] = 0x20;
	ASSERT_EQ(VIE_OK, RUN(0x8b, 0x00));		/* mov (%bx,%si),%ax */
	ASSERT_EQ(0x10010, self->w.call[0].gla);
}

/* Big real mode: a limit left from protected mode reaches all memory. */
TEST_F(vie, unreal_mode)
{
	world_regs(&self->regs, VIE_16, true);
	self->regs.seg[VMM_SEG_DS].limit = 0xffffffff;
	self->regs.gpr[RBX] = 0x12000;
	ASSERT_EQ(VIE_OK, RUN(0x67, 0x66, 0x89, 0x03));
	ASSERT_EQ(0x12000, self->w.call[0].gla);
}

/* "Canonical Addressing": every byte; #SS for stack references. */
TEST_F(vie, canonical)
{
	world_regs(&self->regs, VIE_64, false);
	self->regs.gpr[RBX] = 0x00007ffffffffffd;
	EXPECT_EXCEPTION(VIE_GP, true, RUN(0x8b, 0x03));
	self->regs.gpr[RBP] = 0x0000800000000000;
	EXPECT_EXCEPTION(VIE_SS, true, RUN(0x8b, 0x45, 0x00));
	self->regs.cr4 = BIT(12);
	ASSERT_EQ(VIE_UNKNOWN, RUN(0x8b, 0x45, 0x00));	/* reached the callback */
	ASSERT_EQ(1, self->w.calls);
}

/* In 64-bit code only FS and GS have a base, and none has a limit. */
TEST_F(vie, segment_bases)
{
	unsigned int i;

	world_regs(&self->regs, VIE_64, false);
	for (i = 0; i < 6; i++) {
		self->regs.seg[i].base = 0x1000 * (i + 1);
		self->regs.seg[i].limit = 0;
		self->regs.seg[i].access |= i == VMM_SEG_CS ? 0 : 0x10000;
	}
	self->regs.gpr[RBX] = 0x10000;
	ASSERT_EQ(VIE_OK, RUN(0x8a, 0x03));
	ASSERT_EQ(0x10000, self->w.call[0].gla);
	self->regs.gpr[RBX] = 0xc000;
	ASSERT_EQ(VIE_OK, RUN(0x65, 0x8a, 0x03));
	ASSERT_EQ(0x12000, self->w.call[0].gla);
	/* FS does not yield to a later DS override. */
	ASSERT_EQ(VIE_OK, RUN(0x64, 0x3e, 0x8a, 0x03));
	ASSERT_EQ(0x11000, self->w.call[0].gla);
}

/* "Alignment Check Exception": CR0.AM, RFLAGS.AC, CPL 3, all three. */
TEST_F(vie, alignment_check)
{
	world_regs(&self->regs, VIE_64, false);
	self->regs.gpr[RBX] = 0x10002;
	self->regs.cr0 |= BIT(18);
	self->regs.rflags |= BIT(18);
	ASSERT_EQ(VIE_OK, RUN(0x8b, 0x03));
	self->regs.rip = 0x1000;
	self->regs.seg[VMM_SEG_SS].access |= 3 << 5;
	EXPECT_EXCEPTION(VIE_AC, true, RUN(0x8b, 0x03));
	ASSERT_EQ(VIE_OK, RUN(0x66, 0x8b, 0x03));
	self->regs.rip = 0x1000;
	self->regs.rflags &= ~BIT(18);
	ASSERT_EQ(VIE_OK, RUN(0x8b, 0x03));
}

/* "CMPXCHG16B": #GP unless 16-byte aligned. */
TEST_F(vie, cmpxchg16b_alignment)
{
	world_regs(&self->regs, VIE_64, false);
	self->regs.gpr[RBX] = 0x10008;
	EXPECT_EXCEPTION(VIE_GP, true, RUN(0x48, 0x0f, 0xc7, 0x0b));
	ASSERT_EQ(VIE_OK, RUN(0x0f, 0xc7, 0x0b));	/* cmpxchg8b may */
}

/* What the memory side is told: a read-modify-write faults as a write. */
TEST_F(vie, access_flags)
{
	world_regs(&self->regs, VIE_64, false);
	self->regs.gpr[RBX] = 0x10000;
	ASSERT_EQ(VIE_OK, RUN(0xf0, 0x01, 0x03));
	ASSERT_EQ(2, self->w.calls);
	ASSERT_EQ(VIE_ACC_READ | VIE_ACC_WRITE | VIE_ACC_LOCK, self->w.call[0].access);
	ASSERT_EQ(VIE_ACC_WRITE | VIE_ACC_LOCK, self->w.call[1].access);
	ASSERT_EQ(VIE_OK, RUN(0x87, 0x03));		/* XCHG locks by itself */
	ASSERT_EQ(VIE_ACC_READ | VIE_ACC_WRITE | VIE_ACC_LOCK, self->w.call[0].access);
	ASSERT_EQ(VIE_OK, RUN(0x3b, 0x03));
	ASSERT_EQ(VIE_ACC_READ, self->w.call[0].access);
	ASSERT_EQ(1, self->w.calls);
	/* SETcc only writes. */
	ASSERT_EQ(VIE_OK, RUN(0x0f, 0x94, 0x03));
	ASSERT_EQ(1, self->w.calls);
	ASSERT_EQ('w', self->w.call[0].what);
}

/* A failed CMPXCHG still writes: the old value. */
TEST_F(vie, cmpxchg_writes_back)
{
	u64 old;

	world_regs(&self->regs, VIE_64, false);
	memcpy(&old, self->w.mem, 8);
	self->regs.gpr[RBX] = 0x10000;
	self->regs.gpr[RAX] = ~old;
	ASSERT_EQ(VIE_OK, RUN(0x48, 0x0f, 0xb1, 0x0b));
	ASSERT_EQ('w', self->w.call[1].what);
	ASSERT_EQ(old, self->w.call[1].data);
	ASSERT_EQ(old, self->regs.gpr[RAX]);
}

/* RFLAGS.RF is cleared by an instruction that completes. */
TEST_F(vie, resume_flag)
{
	world_regs(&self->regs, VIE_64, false);
	self->regs.gpr[RDI] = 0x10000;
	self->regs.gpr[RCX] = 2;
	self->regs.rflags |= BIT(16);
	ASSERT_EQ(VIE_AGAIN, RUN(0xf3, 0xaa));
	ASSERT_TRUE(self->regs.rflags & BIT(16));
	ASSERT_EQ(0x1000, self->regs.rip);
	ASSERT_EQ(VIE_OK, RUN(0xf3, 0xaa));
	ASSERT_FALSE(self->regs.rflags & BIT(16));
	ASSERT_EQ(0x1002, self->regs.rip);
	ASSERT_EQ(0, self->regs.gpr[RCX]);
	ASSERT_EQ(0x10002, self->regs.gpr[RDI]);
}

/* RIP is 32 bits wide outside 64-bit code. */
TEST_F(vie, rip_width)
{
	world_regs(&self->regs, VIE_32, false);
	self->regs.gpr[RBX] = 0x10000;
	self->regs.rip = 0xffffffff;
	ASSERT_EQ(VIE_OK, RUN(0x8b, 0x03));
	ASSERT_EQ(1, self->regs.rip);
	world_regs(&self->regs, VIE_64, false);
	self->regs.gpr[RBX] = 0x10000;
	self->regs.rip = 0xffffffff;
	ASSERT_EQ(VIE_OK, RUN(0x8b, 0x03));
	ASSERT_EQ(0x100000001, self->regs.rip);
}

/* The B flag of SS, not the operand, says how wide the stack pointer is. */
TEST_F(vie, stack_width)
{
	world_regs(&self->regs, VIE_32, false);
	self->regs.seg[VMM_SEG_SS].access = 0x0093;
	self->regs.seg[VMM_SEG_SS].base = 0x10000;
	self->regs.gpr[RSP] = 0xabcd0102;
	self->regs.gpr[RBX] = 0x10000;
	ASSERT_EQ(VIE_OK, RUN(0xff, 0x33));		/* push (%ebx) */
	ASSERT_EQ(0xabcd00fe, self->regs.gpr[RSP]);
	ASSERT_EQ(0x100fe, self->w.call[1].gla);
	ASSERT_EQ(4, self->w.call[1].size);
	self->regs.gpr[RSP] = 0xabcd0002;
	/* 0xfffe..0x10001: the item runs over the top of the 16-bit stack. */
	self->regs.seg[VMM_SEG_SS].limit = 0xffff;
	ASSERT_EQ(VIE_FAULT, RUN(0xff, 0x33));
	ASSERT_EQ(VIE_SS, self->fault.vector);
	ASSERT_EQ(0xabcd0002, self->regs.gpr[RSP]);
}

/* "CALL": a target beyond CS is #GP before anything is pushed. */
TEST_F(vie, branch_target)
{
	static const u32 target = 0x20000;

	world_regs(&self->regs, VIE_32, false);
	self->regs.seg[VMM_SEG_CS].limit = 0x1ffff;
	self->regs.gpr[RBX] = 0x10000;
	self->regs.gpr[RSP] = 0x10100;
	memcpy(self->w.mem, &target, 4);
	ASSERT_EQ(VIE_FAULT, RUN(0xff, 0x13));
	ASSERT_EQ(VIE_GP, self->fault.vector);
	ASSERT_EQ(0x10100, self->regs.gpr[RSP]);
	ASSERT_EQ(1, self->w.calls);
	self->regs.seg[VMM_SEG_CS].limit = 0x20000;
	ASSERT_EQ(VIE_OK, RUN(0xff, 0x13));
	ASSERT_EQ(0x20000, self->regs.rip);
	ASSERT_EQ(0x1002, self->w.call[1].data);
}

/* POP to an address relative to RSP uses RSP after the pop. */
TEST_F(vie, pop_rsp_relative)
{
	u64 value = 0x1122334455667788;

	world_regs(&self->regs, VIE_64, false);
	self->regs.gpr[RSP] = 0x10100;
	memcpy(self->w.mem + 0x100, &value, 8);
	ASSERT_EQ(VIE_OK, RUN(0x8f, 0x44, 0x24, 0x10));	/* pop 16(%rsp) */
	ASSERT_EQ(0x10118, self->w.call[1].gla);
	ASSERT_EQ(value, self->w.call[1].data);
	self->w.bad_page = 0x11000;
	self->regs.gpr[RSP] = 0x10ff0;
	self->regs.rip = 0x1000;
	ASSERT_EQ(VIE_FAULT, RUN(0x8f, 0x44, 0x24, 0x10));
	ASSERT_EQ(0x10ff0, self->regs.gpr[RSP]);
}

/* Fences do nothing; a flush may fault, and moves no data. */
TEST_F(vie, fences_and_flushes)
{
	world_regs(&self->regs, VIE_64, false);
	ASSERT_EQ(VIE_OK, RUN(0x0f, 0xae, 0xf0));
	ASSERT_EQ(0, self->w.calls);
	ASSERT_EQ(0x1003, self->regs.rip);
	self->regs.gpr[RBX] = 0x11000;
	ASSERT_EQ(VIE_OK, RUN(0x0f, 0xae, 0x3b));
	ASSERT_EQ(1, self->w.calls);
	ASSERT_EQ('p', self->w.call[0].what);
	self->w.bad_page = 0x11000;
	ASSERT_EQ(VIE_FAULT, RUN(0x66, 0x0f, 0xae, 0x33));
}

/* Where the instruction starts, and how much of it may be fetched. */
TEST_F(vie, fetch)
{
	unsigned int room;

	world_regs(&self->regs, VIE_32, false);
	self->regs.seg[VMM_SEG_CS].base = 0xffff0000;
	self->regs.rip = 0x12345;
	ASSERT_EQ(0x2345, vie_fetch_gla(&self->regs, &room));
	ASSERT_EQ(15, room);
	self->regs.seg[VMM_SEG_CS].limit = 0x12347;
	vie_fetch_gla(&self->regs, &room);
	ASSERT_EQ(3, room);
	self->regs.seg[VMM_SEG_CS].limit = 0x12344;
	vie_fetch_gla(&self->regs, &room);
	ASSERT_EQ(0, room);

	world_regs(&self->regs, VIE_64, false);
	self->regs.rip = 0xffffffff81000000;
	ASSERT_EQ(0xffffffff81000000, vie_fetch_gla(&self->regs, &room));
	ASSERT_EQ(15, room);
	self->regs.rip = 0x0000800000000000;
	vie_fetch_gla(&self->regs, &room);
	ASSERT_EQ(0, room);
}

/* Mode and privilege come from CS.L, CS.D and SS.DPL. */
TEST_F(vie, mode_and_privilege)
{
	world_regs(&self->regs, VIE_64, false);
	ASSERT_EQ(VIE_64, vie_mode(&self->regs));
	self->regs.seg[VMM_SEG_CS].access = 0xc09b;	/* compatibility */
	ASSERT_EQ(VIE_32, vie_mode(&self->regs));
	self->regs.efer = 0;
	self->regs.seg[VMM_SEG_CS].access = 0xa09b;	/* L means nothing without LMA */
	ASSERT_EQ(VIE_16, vie_mode(&self->regs));
	self->regs.seg[VMM_SEG_SS].access = 0xf3;
	ASSERT_EQ(3, vie_cpl(&self->regs));
}

/* The operand's linear address, for comparison with the one that faulted. */
TEST_F(vie, operand_address)
{
	u64 gla;

	world_regs(&self->regs, VIE_64, false);
	self->regs.gpr[RBX] = 0x11000;
	ASSERT_EQ(VIE_OK, vie_decode(&self->vie, (const u8[]){ 0x8b, 0x43, 0xf8 }, 3, VIE_64));
	ASSERT_EQ(VIE_OK, vie_operand_gla(&self->vie, &self->regs, VIE_ACC_READ, &gla,
					  &self->fault));
	ASSERT_EQ(0x10ff8, gla);
	/* RIP-relative counts from the next instruction. */
	ASSERT_EQ(VIE_OK, vie_decode(&self->vie, (const u8[]){ 0xc6, 0x05, 1, 0, 0, 0, 9 }, 7,
				     VIE_64));
	ASSERT_EQ(VIE_OK, vie_operand_gla(&self->vie, &self->regs, VIE_ACC_WRITE, &gla,
					  &self->fault));
	ASSERT_EQ(0x1008, gla);
	ASSERT_EQ(VIE_OK, vie_decode(&self->vie, (const u8[]){ 0x0f, 0xae, 0xf0 }, 3, VIE_64));
	ASSERT_EQ(VIE_UNKNOWN, vie_operand_gla(&self->vie, &self->regs, VIE_ACC_READ, &gla,
					       &self->fault));
}

TEST_HARNESS_MAIN
