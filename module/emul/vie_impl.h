/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the files of the instruction emulator share and nobody else sees: the
 * rows of the opcode tables, the arithmetic, and the executor's view of one
 * instruction in progress. All of it lives on the stack of vie_exec() or is
 * constant.
 */
#ifndef VMM_EMUL_VIE_IMPL_H
#define VMM_EMUL_VIE_IMPL_H

#include "vie.h"

#define FLAG_CF		BIT(0)
#define FLAG_PF		BIT(2)
#define FLAG_AF		BIT(4)
#define FLAG_ZF		BIT(6)
#define FLAG_SF		BIT(7)
#define FLAG_TF		BIT(8)
#define FLAG_DF		BIT(10)
#define FLAG_OF		BIT(11)
#define FLAG_RF		BIT(16)
#define FLAG_VM		BIT(17)
#define FLAG_AC		BIT(18)

/* The first sixteen stand in the order of the ModRM reg field of their groups. */
enum vie_op {
	OP_ADD, OP_OR, OP_ADC, OP_SBB, OP_AND, OP_SUB, OP_XOR, OP_CMP,
	OP_ROL, OP_ROR, OP_RCL, OP_RCR, OP_SHL, OP_SHR, OP_SAL, OP_SAR,
	OP_TEST, OP_NOT, OP_NEG, OP_MUL, OP_IMUL, OP_INC, OP_DEC,
	OP_BT, OP_BTS, OP_BTR, OP_BTC,
	OP_MOV, OP_MOVZX, OP_MOVSX, OP_MOVBE,
	OP_XCHG, OP_XADD, OP_CMPXCHG, OP_CMPXCHG8B,
	OP_IMUL2, OP_SHLD, OP_SHRD,
	OP_BSF, OP_BSR, OP_TZCNT, OP_LZCNT, OP_POPCNT,
	OP_SETCC, OP_CMOVCC,
	OP_PUSH, OP_POP, OP_CALL, OP_JMP,
	OP_XLAT, OP_NOP, OP_FLUSH,
	OP_MOVS, OP_CMPS, OP_STOS, OP_LODS, OP_SCAS, OP_INS, OP_OUTS,
	OP_ANDN, OP_BEXTR, OP_BZHI, OP_BLSR, OP_BLSMSK, OP_BLSI,
	OP_SHLX, OP_SHRX, OP_SARX, OP_RORX,
	OP_MOVU, OP_MOVA,	/* vector, unaligned and aligned */
	OP_COUNT
};

/* Where operands are. M memory, R ModRM reg, I immediate, V VEX.vvvv, A rAX. */
enum vie_form {
	FORM_NONE,		/* no such instruction here */
	FORM_MR,		/* memory is destination, register source */
	FORM_RM,
	FORM_MI,
	FORM_M,
	FORM_M1,		/* count is 1 */
	FORM_MC,		/* count is CL */
	FORM_RMI,
	FORM_MRI,
	FORM_MRC,
	FORM_RVM,
	FORM_RMV,
	FORM_VM,
	FORM_AO,		/* offset in the instruction, no ModRM */
	FORM_OA,
	FORM_STRING,
	FORM_XLAT,
	FORM_R,			/* register form of an instruction without operands */
	FORM_SPLIT_REG,		/* row.op: which vie_split[], chosen by ModRM reg */
	FORM_SPLIT_MOD,		/* by ModRM mod: 0 memory, 1 register */
	FORM_SPLIT_PREFIX,	/* by mandatory prefix: none, 66, F3, F2 */
};

enum vie_size {
	SIZE_B,			/* 1 */
	SIZE_W,			/* 2 */
	SIZE_D,			/* 4 */
	SIZE_V,			/* operand size: 2, 4, 8 */
	SIZE_VD,		/* operand size, at most 4 */
	SIZE_Y,			/* 8 with W in 64-bit code, else 4 */
	SIZE_2Y,		/* twice SIZE_Y */
	SIZE_STACK,		/* operand size, but 8 for 4 in 64-bit code */
	SIZE_Q,			/* 8 */
	SIZE_X,			/* 32 with VEX.L, else 16 */
	SIZE_BRANCH,		/* operand size, but always 8 in 64-bit code */
};

enum vie_imm { IMM_NONE, IMM_B, IMM_Z };

#define ROW_LOCK	BIT(0)	/* may be locked */
#define ROW_LONG	BIT(1)	/* only in 64-bit code */
#define ROW_NP		BIT(2)	/* no 66, F2, F3 */
#define ROW_NOREP	BIT(3)	/* no F2, F3 */
#define ROW_NOVVVV	BIT(4)	/* VEX.vvvv must be 1111b */
#define ROW_L		BIT(5)	/* VEX.L means something, or nothing */
#define ROW_VECTOR	(ROW_NOVVVV | ROW_L)

struct vie_row {
	u8 op;			/* enum vie_op, or index of vie_split[] */
	u8 form;		/* enum vie_form */
	u8 reg_size;		/* enum vie_size */
	u8 mem_size;		/* enum vie_size */
	u8 imm;			/* enum vie_imm */
	u8 flags;		/* ROW_* */
};

enum vie_map {
	VIE_MAP_1, VIE_MAP_0F, VIE_MAP_0F38,
	VIE_MAP_VEX_0F, VIE_MAP_VEX_0F38, VIE_MAP_VEX_0F3A,
};

/* The row for @opcode, or NULL. A split row is to be followed with vie_split. */
const struct vie_row *vie_row_find(enum vie_map map, u8 opcode);
const struct vie_row *vie_row_split(const struct vie_row *row, unsigned int selector);

/* --- arithmetic: values are zero-extended, @size is 1, 2, 4 or 8 --------- */

static inline u64 vie_mask(unsigned int size)
{
	return size >= 8 ? ~0ULL : (1ULL << (size * 8)) - 1;
}

static inline u64 vie_sext(u64 value, unsigned int size)
{
	unsigned int shift = 64 - size * 8;

	return (u64)((s64)(value << shift) >> shift);
}

/*
 * Each returns the result, masked to @size, and updates the status flags in
 * *@rflags. Flags that the SDM calls undefined keep some value of their own.
 */
u64 vie_alu_binary(enum vie_op op, unsigned int size, u64 dst, u64 src, u64 *rflags);
u64 vie_alu_unary(enum vie_op op, unsigned int size, u64 dst, u64 *rflags);
u64 vie_alu_shift(enum vie_op op, unsigned int size, u64 dst, unsigned int count, u64 *rflags);
u64 vie_alu_double_shift(enum vie_op op, unsigned int size, u64 dst, u64 src,
			 unsigned int count, u64 *rflags);
u64 vie_alu_bit(enum vie_op op, u64 dst, unsigned int bit, u64 *rflags);

/* Whole product; the upper half goes to *@high. @op is OP_MUL or OP_IMUL. */
u64 vie_alu_mul(enum vie_op op, unsigned int size, u64 a, u64 b, u64 *high, u64 *rflags);

/* Bit scans and counts. @dst is the old destination, kept by BSF and BSR of 0. */
u64 vie_alu_scan(enum vie_op op, unsigned int size, u64 dst, u64 src, u64 *rflags);

/* BMI: @mem is the memory operand, @other VEX.vvvv or the immediate. */
u64 vie_alu_bmi(enum vie_op op, unsigned int size, u64 mem, u64 other, u64 *rflags);

bool vie_alu_cond(unsigned int cond, u64 rflags);

/* --- one instruction in progress ---------------------------------------- */

struct vie_run {
	const struct vie *vie;
	struct vmm_regs *regs;
	const struct vie_ops *ops;
	void *ctx;
	struct vie_fault *fault;
	u64 next_rip;
};

/* Fill *@fault in and return VIE_FAULT. The error code, if any, is 0. */
enum vie_status vie_raise(struct vie_fault *fault, const struct vmm_regs *regs, u8 vector);

bool vie_is_canonical(const struct vmm_regs *regs, u64 gla);

/*
 * @size bytes at @off of @seg for @access: linear address, or the exception.
 * @unit is what must be aligned under #AC.
 */
enum vie_status vie_seg_gla(const struct vmm_regs *regs, enum vie_mode mode, unsigned int seg,
			    u64 off, unsigned int size, unsigned int unit,
			    unsigned int access, u64 *gla, struct vie_fault *fault);

/* Registers as operands. @high selects AH, CH, DH, BH for a size of 1. */
u64 vie_gpr_read(const struct vmm_regs *regs, unsigned int reg, unsigned int size, bool high);
void vie_gpr_write(struct vmm_regs *regs, unsigned int reg, unsigned int size, bool high,
		   u64 value);

/* Memory up to 8 bytes as a number, through segmentation and the callbacks. */
enum vie_status vie_mem_read(struct vie_run *run, unsigned int seg, u64 off,
			     unsigned int size, unsigned int access, u64 *value);
enum vie_status vie_mem_write(struct vie_run *run, unsigned int seg, u64 off,
			      unsigned int size, unsigned int access, u64 value);

/* The ModRM, moffs or XLAT operand, vie->mem_size bytes (at most 8). */
enum vie_status vie_operand_read(struct vie_run *run, unsigned int access, u64 *value);
enum vie_status vie_operand_write(struct vie_run *run, unsigned int access, u64 value);

/* Commit the end of the instruction: RIP, flags with RF clear. */
enum vie_status vie_retire(struct vie_run *run, u64 rflags);

enum vie_status vie_push(struct vie_run *run);
enum vie_status vie_pop(struct vie_run *run);
enum vie_status vie_branch(struct vie_run *run);

/* OP_MOVU, OP_MOVA. */
enum vie_status vie_vector(struct vie_run *run);

/* OP_MOVS .. OP_OUTS. */
enum vie_status vie_string(struct vie_run *run);

#endif /* VMM_EMUL_VIE_IMPL_H */
