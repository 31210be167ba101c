// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The executor against the processor: random instructions of every kind with
 * random operands, run by vie_exec() on a copy of the arena and by hardware on
 * the arena itself. Memory, registers and defined flags must come out alike.
 *
 * Which flags an instruction leaves undefined is said here a second time, from
 * the SDM, and not shared with the code under test.
 */
#include <stdlib.h>
#include "env.h"
#include "kselftest_harness.h"
#include "vie_impl.h"
#include "hw_oracle.h"

#define RUNS		500	/* compared executions per row and mode */
#define TRIES		(200 * RUNS)

#define CF	FLAG_CF
#define PF	FLAG_PF
#define AF	FLAG_AF
#define ZF	FLAG_ZF
#define SF	FLAG_SF
#define OF	FLAG_OF

enum feature { ANY, MOVBE, BMI1, BMI2, MOVDIRI, POPCNT, LZCNT, CX16 };

struct kind {
	const char *name;
	u8  bytes[4];		/* escape and opcode */
	u8  count;
	s8  reg;		/* ModRM reg field, -1 any, -2 no ModRM */
	u8  imm;		/* bytes; 9: by operand size */
	u8  feature;
	bool lock;		/* may be locked */
	u64 undefined;		/* flags */
};

#define ALU_KINDS(name, base, lock, undef)				\
	{ name " mr8", { (base) }, 1, -1, 0, ANY, lock, undef },	\
	{ name " mr", { (base) + 1 }, 1, -1, 0, ANY, lock, undef },	\
	{ name " rm8", { (base) + 2 }, 1, -1, 0, ANY, false, undef },	\
	{ name " rm", { (base) + 3 }, 1, -1, 0, ANY, false, undef },	\
	{ name " mi8", { 0x80 }, 1, (base) / 8, 1, ANY, lock, undef },	\
	{ name " mi", { 0x81 }, 1, (base) / 8, 9, ANY, lock, undef },	\
	{ name " mib", { 0x83 }, 1, (base) / 8, 1, ANY, lock, undef }

#define SHIFT_KINDS(name, reg)						\
	{ name " ib8", { 0xc0 }, 1, reg, 1, ANY, false, 0 },		\
	{ name " ib", { 0xc1 }, 1, reg, 1, ANY, false, 0 },		\
	{ name " 1b", { 0xd0 }, 1, reg, 0, ANY, false, 0 },		\
	{ name " 1", { 0xd1 }, 1, reg, 0, ANY, false, 0 },		\
	{ name " clb", { 0xd2 }, 1, reg, 0, ANY, false, 0 },		\
	{ name " cl", { 0xd3 }, 1, reg, 0, ANY, false, 0 }

#define BIT_UNDEF	(OF | SF | AF | PF)
#define MUL_UNDEF	(SF | ZF | AF | PF)
#define SCAN_UNDEF	(CF | OF | SF | AF | PF)
#define COUNT_UNDEF	(OF | SF | AF | PF)

static const struct kind kinds[] = {
	ALU_KINDS("add", 0x00, true, 0), ALU_KINDS("or", 0x08, true, AF),
	ALU_KINDS("adc", 0x10, true, 0), ALU_KINDS("sbb", 0x18, true, 0),
	ALU_KINDS("and", 0x20, true, AF), ALU_KINDS("sub", 0x28, true, 0),
	ALU_KINDS("xor", 0x30, true, AF), ALU_KINDS("cmp", 0x38, false, 0),
	SHIFT_KINDS("rol", 0), SHIFT_KINDS("ror", 1), SHIFT_KINDS("rcl", 2),
	SHIFT_KINDS("rcr", 3), SHIFT_KINDS("shl", 4), SHIFT_KINDS("shr", 5),
	SHIFT_KINDS("sal", 6), SHIFT_KINDS("sar", 7),
	{ "mov mr8", { 0x88 }, 1, -1, 0, ANY, false, 0 },
	{ "mov mr", { 0x89 }, 1, -1, 0, ANY, false, 0 },
	{ "mov rm8", { 0x8a }, 1, -1, 0, ANY, false, 0 },
	{ "mov rm", { 0x8b }, 1, -1, 0, ANY, false, 0 },
	{ "mov mi8", { 0xc6 }, 1, 0, 1, ANY, false, 0 },
	{ "mov mi", { 0xc7 }, 1, 0, 9, ANY, false, 0 },
	{ "movzx 8", { 0x0f, 0xb6 }, 2, -1, 0, ANY, false, 0 },
	{ "movzx 16", { 0x0f, 0xb7 }, 2, -1, 0, ANY, false, 0 },
	{ "movsx 8", { 0x0f, 0xbe }, 2, -1, 0, ANY, false, 0 },
	{ "movsx 16", { 0x0f, 0xbf }, 2, -1, 0, ANY, false, 0 },
	{ "movsxd", { 0x63 }, 1, -1, 0, ANY, false, 0 },
	{ "movbe rm", { 0x0f, 0x38, 0xf0 }, 3, -1, 0, MOVBE, false, 0 },
	{ "movbe mr", { 0x0f, 0x38, 0xf1 }, 3, -1, 0, MOVBE, false, 0 },
	{ "movnti", { 0x0f, 0xc3 }, 2, -1, 0, ANY, false, 0 },
	{ "movdiri", { 0x0f, 0x38, 0xf9 }, 3, -1, 0, MOVDIRI, false, 0 },
	{ "test mr8", { 0x84 }, 1, -1, 0, ANY, false, AF },
	{ "test mr", { 0x85 }, 1, -1, 0, ANY, false, AF },
	{ "test mi8", { 0xf6 }, 1, 0, 1, ANY, false, AF },
	{ "test mi", { 0xf7 }, 1, 0, 9, ANY, false, AF },
	{ "not8", { 0xf6 }, 1, 2, 0, ANY, true, 0 },
	{ "not", { 0xf7 }, 1, 2, 0, ANY, true, 0 },
	{ "neg8", { 0xf6 }, 1, 3, 0, ANY, true, 0 },
	{ "neg", { 0xf7 }, 1, 3, 0, ANY, true, 0 },
	{ "mul8", { 0xf6 }, 1, 4, 0, ANY, false, MUL_UNDEF },
	{ "mul", { 0xf7 }, 1, 4, 0, ANY, false, MUL_UNDEF },
	{ "imul8", { 0xf6 }, 1, 5, 0, ANY, false, MUL_UNDEF },
	{ "imul", { 0xf7 }, 1, 5, 0, ANY, false, MUL_UNDEF },
	{ "imul rm", { 0x0f, 0xaf }, 2, -1, 0, ANY, false, MUL_UNDEF },
	{ "imul rmi", { 0x69 }, 1, -1, 9, ANY, false, MUL_UNDEF },
	{ "imul rmib", { 0x6b }, 1, -1, 1, ANY, false, MUL_UNDEF },
	{ "inc8", { 0xfe }, 1, 0, 0, ANY, true, 0 },
	{ "inc", { 0xff }, 1, 0, 0, ANY, true, 0 },
	{ "dec8", { 0xfe }, 1, 1, 0, ANY, true, 0 },
	{ "dec", { 0xff }, 1, 1, 0, ANY, true, 0 },
	{ "bt", { 0x0f, 0xa3 }, 2, -1, 0, ANY, false, BIT_UNDEF },
	{ "bts", { 0x0f, 0xab }, 2, -1, 0, ANY, true, BIT_UNDEF },
	{ "btr", { 0x0f, 0xb3 }, 2, -1, 0, ANY, true, BIT_UNDEF },
	{ "btc", { 0x0f, 0xbb }, 2, -1, 0, ANY, true, BIT_UNDEF },
	{ "bt i", { 0x0f, 0xba }, 2, 4, 1, ANY, false, BIT_UNDEF },
	{ "bts i", { 0x0f, 0xba }, 2, 5, 1, ANY, true, BIT_UNDEF },
	{ "btr i", { 0x0f, 0xba }, 2, 6, 1, ANY, true, BIT_UNDEF },
	{ "btc i", { 0x0f, 0xba }, 2, 7, 1, ANY, true, BIT_UNDEF },
	{ "xchg8", { 0x86 }, 1, -1, 0, ANY, true, 0 },
	{ "xchg", { 0x87 }, 1, -1, 0, ANY, true, 0 },
	{ "xadd8", { 0x0f, 0xc0 }, 2, -1, 0, ANY, true, 0 },
	{ "xadd", { 0x0f, 0xc1 }, 2, -1, 0, ANY, true, 0 },
	{ "cmpxchg8", { 0x0f, 0xb0 }, 2, -1, 0, ANY, true, 0 },
	{ "cmpxchg", { 0x0f, 0xb1 }, 2, -1, 0, ANY, true, 0 },
	{ "cmpxchg8b", { 0x0f, 0xc7 }, 2, 1, 0, CX16, true, 0 },
	{ "shld i", { 0x0f, 0xa4 }, 2, -1, 1, ANY, false, 0 },
	{ "shld cl", { 0x0f, 0xa5 }, 2, -1, 0, ANY, false, 0 },
	{ "shrd i", { 0x0f, 0xac }, 2, -1, 1, ANY, false, 0 },
	{ "shrd cl", { 0x0f, 0xad }, 2, -1, 0, ANY, false, 0 },
	{ "bsf", { 0x0f, 0xbc }, 2, -1, 0, ANY, false, SCAN_UNDEF },
	{ "bsr", { 0x0f, 0xbd }, 2, -1, 0, ANY, false, SCAN_UNDEF },
	{ "tzcnt", { 0xf3, 0x0f, 0xbc }, 3, -1, 0, BMI1, false, COUNT_UNDEF },
	{ "lzcnt", { 0xf3, 0x0f, 0xbd }, 3, -1, 0, LZCNT, false, COUNT_UNDEF },
	{ "popcnt", { 0xf3, 0x0f, 0xb8 }, 3, -1, 0, POPCNT, false, 0 },
	{ "xlat", { 0xd7 }, 1, -2, 0, ANY, false, 0 },
	{ "push", { 0xff }, 1, 6, 0, ANY, false, 0 },
	{ "pop", { 0x8f }, 1, 0, 0, ANY, false, 0 },
	{ "clflush", { 0x0f, 0xae }, 2, 7, 0, ANY, false, 0 },
	{ "movs8", { 0xa4 }, 1, -2, 0, ANY, false, 0 },
	{ "movs", { 0xa5 }, 1, -2, 0, ANY, false, 0 },
	{ "cmps8", { 0xa6 }, 1, -2, 0, ANY, false, 0 },
	{ "cmps", { 0xa7 }, 1, -2, 0, ANY, false, 0 },
	{ "stos8", { 0xaa }, 1, -2, 0, ANY, false, 0 },
	{ "stos", { 0xab }, 1, -2, 0, ANY, false, 0 },
	{ "lods8", { 0xac }, 1, -2, 0, ANY, false, 0 },
	{ "lods", { 0xad }, 1, -2, 0, ANY, false, 0 },
	{ "scas8", { 0xae }, 1, -2, 0, ANY, false, 0 },
	{ "scas", { 0xaf }, 1, -2, 0, ANY, false, 0 },
	/* VEX: the prefix bytes are made in random_vex(). */
	{ "andn", { 0xc4, 0xe2, 0x00, 0xf2 }, 4, -1, 0, BMI1, false, AF | PF },
	{ "bextr", { 0xc4, 0xe2, 0x00, 0xf7 }, 4, -1, 0, BMI1, false, AF | PF | SF },
	{ "blsr", { 0xc4, 0xe2, 0x00, 0xf3 }, 4, 1, 0, BMI1, false, AF | PF },
	{ "blsmsk", { 0xc4, 0xe2, 0x00, 0xf3 }, 4, 2, 0, BMI1, false, AF | PF },
	{ "blsi", { 0xc4, 0xe2, 0x00, 0xf3 }, 4, 3, 0, BMI1, false, AF | PF },
	{ "bzhi", { 0xc4, 0xe2, 0x00, 0xf5 }, 4, -1, 0, BMI2, false, AF | PF },
	{ "shlx", { 0xc4, 0xe2, 0x01, 0xf7 }, 4, -1, 0, BMI2, false, 0 },
	{ "sarx", { 0xc4, 0xe2, 0x02, 0xf7 }, 4, -1, 0, BMI2, false, 0 },
	{ "shrx", { 0xc4, 0xe2, 0x03, 0xf7 }, 4, -1, 0, BMI2, false, 0 },
	{ "rorx", { 0xc4, 0xe3, 0x03, 0xf0 }, 4, -1, 1, BMI2, false, 0 },
};

static u64 seed = 0x853c49e6748fea9b;

static u64 rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed * 0x2545f4914f6cdd1d;
}

/* --- the emulator's memory: a copy of the arena -------------------------- */

static u8 copy[2 * HW_ARENA];

static u8 *in_copy(u64 gla, unsigned int size)
{
	u64 off = gla - (u64)hw_arena;

	return off <= sizeof(copy) - size ? copy + off : NULL;
}

static enum vie_status test_read(void *ctx, u64 gla, unsigned int size, void *buf,
				 unsigned int access, struct vie_fault *fault)
{
	u8 *from = in_copy(gla, size);

	(void)ctx, (void)access, (void)fault;
	if (!from)
		return VIE_UNKNOWN;
	memcpy(buf, from, size);
	return VIE_OK;
}

static enum vie_status test_write(void *ctx, u64 gla, unsigned int size, const void *buf,
				  unsigned int access, struct vie_fault *fault)
{
	u8 *to = in_copy(gla, size);

	(void)ctx, (void)access, (void)fault;
	if (!to)
		return VIE_UNKNOWN;
	memcpy(to, buf, size);
	return VIE_OK;
}

static enum vie_status test_probe(void *ctx, u64 gla, unsigned int size,
				  unsigned int access, struct vie_fault *fault)
{
	(void)ctx, (void)access, (void)fault;
	return in_copy(gla, size) ? VIE_OK : VIE_UNKNOWN;
}

static const struct vie_ops ops = {
	.read = test_read, .write = test_write, .probe = test_probe,
};

/* --- random instructions and registers ----------------------------------- */

static bool has_feature(enum feature feature)
{
	u32 eax = 7, ebx, ecx = 0, edx;
	u32 eax1 = 1, ebx1, ecx1 = 0, edx1, eax8 = 0x80000001, ebx8, ecx8 = 0, edx8;

	asm("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	asm("cpuid" : "+a"(eax1), "=b"(ebx1), "+c"(ecx1), "=d"(edx1));
	asm("cpuid" : "+a"(eax8), "=b"(ebx8), "+c"(ecx8), "=d"(edx8));
	switch (feature) {
	case MOVBE:
		return ecx1 & BIT(22);
	case BMI1:
		return ebx & BIT(3);
	case BMI2:
		return ebx & BIT(8);
	case MOVDIRI:
		return ecx & BIT(27);
	case POPCNT:
		return ecx1 & BIT(23);
	case LZCNT:
		return ecx8 & BIT(5);
	case CX16:
		return ecx1 & BIT(13);
	default:
		return true;
	}
}

static unsigned int put_modrm(u8 *inst, int reg)
{
	u8 mod = rnd() % 3, rm = rnd() % 8, n = 0;

	inst[n++] = mod << 6 | (reg < 0 ? rnd() % 8 : (u8)reg) << 3 | rm;
	if (rm == 4)
		inst[n++] = rnd();
	/* A short displacement, whether it takes one byte or four. */
	if (mod == 1) {
		inst[n++] = rnd();
	} else {
		hw_put32(inst + n, (s64)(s8)rnd());
		n += 4;
	}
	return n;
}

static void random_inst(u8 inst[32], const struct kind *kind, enum vie_mode mode)
{
	unsigned int n = 0, i;
	bool vex = kind->bytes[0] == 0xc4;
	unsigned int escape = 0;

	for (i = 0; i < 32; i++)
		inst[i] = rnd();
	if (!vex) {
		if (rnd() % 3 == 0)
			inst[n++] = 0x66;
		if (rnd() % 8 == 0)
			inst[n++] = 0x67;
		if (rnd() % 8 == 0)
			inst[n++] = 0x26 + 8 * (rnd() % 4);
		if (kind->reg == -2 && rnd() % 2)
			inst[n++] = rnd() % 2 ? 0xf3 : 0xf2;
		if (kind->lock && rnd() % 2)
			inst[n++] = 0xf0;
		if (kind->bytes[0] == 0xf3)
			inst[n++] = kind->bytes[escape++];
		if (mode == VIE_64 && rnd() % 2)
			inst[n++] = 0x40 | (rnd() & 15);
	} else if (rnd() % 8 == 0) {
		inst[n++] = 0x67;
	}
	for (i = escape; i < kind->count; i++)
		inst[n++] = kind->bytes[i];
	if (vex) {
		/* R, X, B of the second byte; W and vvvv of the third. */
		inst[n - 3] = (inst[n - 3] & 0x1f) | (mode == VIE_64 ? rnd() & 0xe0 : 0xe0);
		inst[n - 2] |= rnd() & 0xf8;
		if (kind->bytes[3] == 0xf0)
			inst[n - 2] |= 0x78;
	}
	if (kind->reg != -2)
		put_modrm(inst + n, kind->reg);
}

/* Pointers into the middle of the arena, small numbers, and anything. */
static void random_regs(struct vmm_regs *regs, enum vie_mode mode)
{
	unsigned int i;

	memset(regs, 0, sizeof(*regs));
	for (i = 0; i < 16; i++) {
		switch (rnd() % 4) {
		case 0:
			regs->gpr[i] = (s64)(s8)rnd();
			break;
		case 1:
			regs->gpr[i] = rnd();
			break;
		default:
			regs->gpr[i] = (u64)hw_arena + HW_ARENA - 256 + rnd() % 512;
			break;
		}
		if (mode == VIE_32)
			regs->gpr[i] = i < 8 ? (u32)regs->gpr[i] : 0;
	}
	if (rnd() % 4)
		regs->gpr[VMM_REG_RCX] = rnd() % 70;
	if (rnd() % 4)
		regs->gpr[VMM_REG_RSP] = (u64)hw_arena + HW_ARENA + 8 * (rnd() % 32);
	regs->rip = (u64)hw_code + HW_CODE;
	regs->rflags = 0x202 | (rnd() & HW_FLAGS);
	regs->cr0 = 0x80000031;
	regs->cr4 = 0x620;
	regs->efer = 0xd01;
	for (i = 0; i < 6; i++) {
		regs->seg[i].limit = 0xffffffff;
		regs->seg[i].access = 0xc0f3;
	}
	regs->seg[VMM_SEG_CS].access = mode == VIE_64 ? 0xa0fb : 0xc0fb;
}

/* Make CMPXCHG and REPE comparisons succeed now and then. */
static void sometimes_equal(const struct vie *vie, struct vmm_regs *regs)
{
	u64 gla;
	struct vie_fault fault;
	u8 *at;

	if (rnd() % 2)
		return;
	if (vie_operand_gla(vie, regs, VIE_ACC_READ, &gla, &fault) != VIE_OK)
		return;
	at = in_copy(gla, 16);
	if (!at)
		return;
	if (vie->op == OP_CMPXCHG) {
		memcpy(&regs->gpr[VMM_REG_RAX], at, 8);
	} else if (vie->op == OP_CMPXCHG8B) {
		memcpy(&regs->gpr[VMM_REG_RAX], at, vie->op_size);
		memcpy(&regs->gpr[VMM_REG_RDX], at + vie->op_size, vie->op_size);
	} else if (vie->op == OP_CMPS || vie->op == OP_SCAS || vie->op == OP_BSF) {
		memset(copy, rnd() % 2 ? 0 : 0x5a, sizeof(copy));
		copy[HW_ARENA + rnd() % 64] = 1;
		if (vie->op == OP_SCAS)
			regs->gpr[VMM_REG_RAX] = 0x5a5a5a5a5a5a5a5a;
	}
}

static unsigned int shift_count(const struct vie *vie, const struct vmm_regs *regs)
{
	unsigned int count;

	switch (vie->form) {
	case FORM_M1:
		return 1;
	case FORM_MI:
	case FORM_MRI:
		count = vie->imm & 0xff;
		break;
	default:
		count = regs->gpr[VMM_REG_RCX] & 0xff;
		break;
	}
	return count & (vie->op_size == 8 ? 63 : 31);
}

/*
 * A REP of no items with 32-bit addresses in 64-bit code clears upper halves of
 * registers on some processors. No exit ever comes from one.
 */
static bool is_model_specific(const struct vie *vie, const struct vmm_regs *regs)
{
	return vie->form == FORM_STRING && (vie->rep || vie->repne) &&
	       vie->mode == VIE_64 && vie->gla_size == 4 && !(u32)regs->gpr[VMM_REG_RCX];
}

/* Flags that the SDM leaves undefined here; ~0 if the result itself is. */
static u64 undefined_flags(const struct kind *kind, const struct vie *vie,
			   const struct vmm_regs *regs)
{
	unsigned int count, width = vie->op_size * 8;
	u64 flags = kind->undefined;

	if (vie->op >= OP_ROL && vie->op <= OP_SAR) {
		count = shift_count(vie, regs);
		if (count && vie->op >= OP_SHL)
			flags |= AF;
		if (count > 1)
			flags |= OF;
		if (count > width && vie->op != OP_SAR && vie->op >= OP_SHL)
			flags |= CF;
	} else if (vie->op == OP_SHLD || vie->op == OP_SHRD) {
		count = shift_count(vie, regs);
		if (count > width)
			return ~0ULL;
		if (count)
			flags |= AF;
		if (count > 1)
			flags |= OF;
	}
	return flags;
}

static void dump(const struct kind *kind, const u8 *inst, unsigned int len, enum vie_mode mode,
		 const struct vmm_regs *was, const struct vmm_regs *ours,
		 const struct vmm_regs *theirs)
{
	unsigned int i;

	fprintf(stderr, "# %s, mode %d:", kind->name, mode);
	for (i = 0; i < len; i++)
		fprintf(stderr, " %02x", inst[i]);
	fprintf(stderr, "\n# flags %llx: ours %llx, processor's %llx\n", was->rflags,
		ours->rflags, theirs->rflags);
	for (i = 0; i < 16; i++)
		if (ours->gpr[i] != theirs->gpr[i])
			fprintf(stderr, "# gpr %u was %llx: ours %llx, processor's %llx\n", i,
				was->gpr[i], ours->gpr[i], theirs->gpr[i]);
	for (i = 0; i < sizeof(copy); i++)
		if (copy[i] != hw_arena[i])
			fprintf(stderr, "# arena+%x: ours %02x, processor's %02x\n", i, copy[i],
				hw_arena[i]);
}

/*
 * One random instruction of @kind. Returns 1 if it was compared and alike, 0 if
 * it was not a case for comparison, -1 if it differed.
 */
static int compare_one(const struct kind *kind, enum vie_mode mode)
{
	struct vmm_regs was, ours, theirs;
	struct vie_fault fault;
	enum vie_status status;
	unsigned int i, left = 100;
	struct vie vie;
	u64 undefined;
	u8 inst[32];

	random_inst(inst, kind, mode);
	if (vie_decode(&vie, inst, sizeof(inst), mode) != VIE_OK)
		return 0;
	random_regs(&was, mode);
	for (i = 0; i < sizeof(copy); i += 8) {
		u64 word = rnd() % 8 ? rnd() : 0;

		memcpy(copy + i, &word, 8);
	}
	sometimes_equal(&vie, &was);
	undefined = undefined_flags(kind, &vie, &was);
	if (undefined == ~0ULL || is_model_specific(&vie, &was))
		return 0;
	memcpy(hw_arena, copy, sizeof(copy));

	ours = was;
	do {
		status = vie_exec(&vie, &ours, &ops, NULL, &fault);
	} while (status == VIE_AGAIN && --left);
	if (status != VIE_OK)
		return 0;

	theirs = was;
	hw_place(inst, vie.len, mode);
	hw_run(&theirs, mode);

	if (memcmp(copy, hw_arena, sizeof(copy)) ||
	    memcmp(ours.gpr, theirs.gpr, mode == VIE_64 ? 128 : 64) ||
	    ((ours.rflags ^ theirs.rflags) & HW_FLAGS & ~undefined) ||
	    ours.rip != was.rip + vie.len) {
		dump(kind, inst, vie.len, mode, &was, &ours, &theirs);
		return -1;
	}
	return 1;
}

static void compare_all(struct __test_metadata *_metadata, enum vie_mode mode)
{
	unsigned int i, runs, tries;
	int result;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (mode == VIE_32 && kinds[i].bytes[0] == 0x63)
			continue;
		if (!has_feature(kinds[i].feature)) {
			printf("# SKIP %s: this processor has it not\n", kinds[i].name);
			continue;
		}
		runs = 0;
		for (tries = 0; runs < RUNS && tries < TRIES; tries++) {
			result = compare_one(&kinds[i], mode);
			ASSERT_NE(-1, result);
			runs += result;
		}
		EXPECT_EQ(RUNS, runs) {
			TH_LOG("%s", kinds[i].name);
		}
	}
}

TEST(code64_as_the_processor)
{
	hw_init();
	compare_all(_metadata, VIE_64);
}

TEST(code32_as_the_processor)
{
	hw_init();
	compare_all(_metadata, VIE_32);
}

/* SETcc and CMOVcc: every condition with every combination of flags. */
TEST(conditions_as_the_processor)
{
	struct vmm_regs ours, theirs;
	struct vie_fault fault;
	unsigned int cond, flags, move;
	struct vie vie;
	u8 inst[4];

	hw_init();
	for (move = 0; move < 2; move++)
		for (cond = 0; cond < 16; cond++)
			for (flags = 0; flags < 64; flags++) {
				inst[0] = 0x0f;
				inst[1] = (move ? 0x40 : 0x90) | cond;
				inst[2] = 0x03;		/* %eax, (%rbx) */
				ASSERT_EQ(VIE_OK, vie_decode(&vie, inst, 3, VIE_64));
				random_regs(&ours, VIE_64);
				ours.gpr[VMM_REG_RBX] = (u64)hw_arena + 64;
				ours.gpr[VMM_REG_RAX] = rnd();
				ours.rflags = 0x202 | (flags & 1 ? CF : 0) | (flags & 2 ? PF : 0) |
					      (flags & 4 ? AF : 0) | (flags & 8 ? ZF : 0) |
					      (flags & 16 ? SF : 0) | (flags & 32 ? OF : 0);
				memset(copy, 0xa5, sizeof(copy));
				memcpy(hw_arena, copy, sizeof(copy));
				theirs = ours;
				hw_place(inst, 3, VIE_64);
				hw_run(&theirs, VIE_64);
				ASSERT_EQ(VIE_OK, vie_exec(&vie, &ours, &ops, NULL, &fault));
				ASSERT_EQ(theirs.gpr[VMM_REG_RAX], ours.gpr[VMM_REG_RAX]);
				ASSERT_EQ(0, memcmp(copy, hw_arena, sizeof(copy)));
			}
}

/* CALL and JMP through memory land where memory says. */
TEST(branches_as_the_processor)
{
	static const u8 call[] = { 0xff, 0x13 }, jmp[] = { 0xff, 0x23 };
	struct vmm_regs ours, theirs;
	struct vie_fault fault;
	unsigned int i;
	struct vie vie;
	u64 target;

	hw_init();
	target = (u64)hw_code + 1024;
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(VIE_OK, vie_decode(&vie, i ? call : jmp, 2, VIE_64));
		random_regs(&ours, VIE_64);
		ours.gpr[VMM_REG_RBX] = (u64)hw_arena + 64;
		ours.gpr[VMM_REG_RSP] = (u64)hw_arena + 1024;
		memset(copy, 0, sizeof(copy));
		memcpy(copy + 64, &target, 8);
		memcpy(hw_arena, copy, sizeof(copy));
		theirs = ours;
		hw_place(i ? call : jmp, 2, VIE_64);
		hw_put_jump64(hw_code + HW_CODE + 2, 0);	/* never reached */
		hw_put_jump64((u8 *)target, (u64)hw_leave);
		hw_run(&theirs, VIE_64);
		ASSERT_EQ(VIE_OK, vie_exec(&vie, &ours, &ops, NULL, &fault));
		ASSERT_EQ(target, ours.rip);
		ASSERT_EQ(0, memcmp(ours.gpr, theirs.gpr, sizeof(ours.gpr)));
		ASSERT_EQ(0, memcmp(copy, hw_arena, sizeof(copy)));
	}
}

TEST_HARNESS_MAIN
