// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Opcode tables: one row per opcode that the emulator knows, constant data
 * only. A row that is absent (FORM_NONE) is an instruction we do not claim.
 *
 * Where one opcode means several instructions its row names a line of
 * vie_split[], whose columns are selected by the ModRM reg field, by memory or
 * register form, or by the mandatory prefix; splits may be nested.
 *
 * SDM: appendix "Opcode Map".
 */
#include "vie_impl.h"

#define ROW(o, f, r, m, i, x)						\
	{ .op = OP_##o, .form = FORM_##f, .reg_size = SIZE_##r,		\
	  .mem_size = SIZE_##m, .imm = IMM_##i, .flags = (x) }
#define SPLIT(by, line)							\
	{ .op = SPLIT_##line, .form = FORM_SPLIT_##by }

/* An ALU operation's four opcodes with a memory operand. */
#define ALU(base, o, x)							\
	[(base) + 0] = ROW(o, MR, B, B, NONE, x),			\
	[(base) + 1] = ROW(o, MR, V, V, NONE, x),			\
	[(base) + 2] = ROW(o, RM, B, B, NONE, 0),			\
	[(base) + 3] = ROW(o, RM, V, V, NONE, 0)

/* A vector move, aligned or not. */
#define VMOV(a, f, s)	ROW(MOV##a, f, s, s, NONE, ROW_VECTOR)

/* A string operation's two opcodes. */
#define STRING(base, o)							\
	[(base) + 0] = ROW(o, STRING, B, B, NONE, 0),			\
	[(base) + 1] = ROW(o, STRING, V, V, NONE, 0)

enum {
	SPLIT_80, SPLIT_81, SPLIT_83, SPLIT_8F, SPLIT_C0, SPLIT_C1, SPLIT_C6, SPLIT_C7,
	SPLIT_D0, SPLIT_D1, SPLIT_D2, SPLIT_D3, SPLIT_F6, SPLIT_F7, SPLIT_FE, SPLIT_FF,
	SPLIT_0FAE, SPLIT_0FAE_MEM, SPLIT_0FAE_REG, SPLIT_0FAE_6, SPLIT_0FAE_7,
	SPLIT_0F10, SPLIT_0F11, SPLIT_0F28, SPLIT_0F29, SPLIT_0F2B, SPLIT_0F6E, SPLIT_0F6F,
	SPLIT_0F7E, SPLIT_0F7F, SPLIT_0FD6, SPLIT_0FE7, SPLIT_0FF0, SPLIT_0F382A,
	SPLIT_0FB8, SPLIT_0FBA, SPLIT_0FBC, SPLIT_0FBD, SPLIT_0FC7,
	SPLIT_VEX_F2, SPLIT_VEX_F3, SPLIT_VEX_F3_NP, SPLIT_VEX_F5, SPLIT_VEX_F7, SPLIT_VEX_F0,
};

#define ALU_GROUP(s, i)							\
	ROW(ADD, MI, s, s, i, ROW_LOCK), ROW(OR, MI, s, s, i, ROW_LOCK),	\
	ROW(ADC, MI, s, s, i, ROW_LOCK), ROW(SBB, MI, s, s, i, ROW_LOCK),	\
	ROW(AND, MI, s, s, i, ROW_LOCK), ROW(SUB, MI, s, s, i, ROW_LOCK),	\
	ROW(XOR, MI, s, s, i, ROW_LOCK), ROW(CMP, MI, s, s, i, 0)

#define SHIFT_GROUP(f, s, i)						\
	ROW(ROL, f, s, s, i, 0), ROW(ROR, f, s, s, i, 0),		\
	ROW(RCL, f, s, s, i, 0), ROW(RCR, f, s, s, i, 0),		\
	ROW(SHL, f, s, s, i, 0), ROW(SHR, f, s, s, i, 0),		\
	ROW(SAL, f, s, s, i, 0), ROW(SAR, f, s, s, i, 0)

#define UNARY_GROUP(s, i)						\
	ROW(TEST, MI, s, s, i, 0), ROW(TEST, MI, s, s, i, 0),		\
	ROW(NOT, M, s, s, NONE, ROW_LOCK), ROW(NEG, M, s, s, NONE, ROW_LOCK), \
	ROW(MUL, M, s, s, NONE, 0), ROW(IMUL, M, s, s, NONE, 0)

static const struct vie_row vie_split[][8] = {
	[SPLIT_80] = { ALU_GROUP(B, B) },
	[SPLIT_81] = { ALU_GROUP(V, Z) },
	[SPLIT_83] = { ALU_GROUP(V, B) },
	[SPLIT_8F] = { ROW(POP, M, STACK, STACK, NONE, 0) },
	[SPLIT_C0] = { SHIFT_GROUP(MI, B, B) },
	[SPLIT_C1] = { SHIFT_GROUP(MI, V, B) },
	[SPLIT_C6] = { ROW(MOV, MI, B, B, B, 0) },
	[SPLIT_C7] = { ROW(MOV, MI, V, V, Z, 0) },
	[SPLIT_D0] = { SHIFT_GROUP(M1, B, NONE) },
	[SPLIT_D1] = { SHIFT_GROUP(M1, V, NONE) },
	[SPLIT_D2] = { SHIFT_GROUP(MC, B, NONE) },
	[SPLIT_D3] = { SHIFT_GROUP(MC, V, NONE) },
	[SPLIT_F6] = { UNARY_GROUP(B, B) },
	[SPLIT_F7] = { UNARY_GROUP(V, Z) },
	[SPLIT_FE] = {
		ROW(INC, M, B, B, NONE, ROW_LOCK), ROW(DEC, M, B, B, NONE, ROW_LOCK),
	},
	[SPLIT_FF] = {
		ROW(INC, M, V, V, NONE, ROW_LOCK), ROW(DEC, M, V, V, NONE, ROW_LOCK),
		[2] = ROW(CALL, M, BRANCH, BRANCH, NONE, 0),
		[4] = ROW(JMP, M, BRANCH, BRANCH, NONE, 0),
		[6] = ROW(PUSH, M, STACK, STACK, NONE, 0),
	},

	[SPLIT_0FAE] = { SPLIT(REG, 0FAE_MEM), SPLIT(REG, 0FAE_REG) },
	[SPLIT_0FAE_MEM] = { [6] = SPLIT(PREFIX, 0FAE_6), [7] = SPLIT(PREFIX, 0FAE_7) },
	[SPLIT_0FAE_REG] = {
		[5] = ROW(NOP, R, B, B, NONE, ROW_NP),
		[6] = ROW(NOP, R, B, B, NONE, ROW_NP),
		[7] = ROW(NOP, R, B, B, NONE, ROW_NP),
	},
	[SPLIT_0FAE_6] = { [1] = ROW(FLUSH, M, B, B, NONE, 0) },
	[SPLIT_0FAE_7] = { ROW(FLUSH, M, B, B, NONE, 0), ROW(FLUSH, M, B, B, NONE, 0) },

	/* By prefix: none, 66, F3, F2. */
	[SPLIT_0F10] = { VMOV(U, RM, X), VMOV(U, RM, X), VMOV(U, RM, D), VMOV(U, RM, Q) },
	[SPLIT_0F11] = { VMOV(U, MR, X), VMOV(U, MR, X), VMOV(U, MR, D), VMOV(U, MR, Q) },
	[SPLIT_0F28] = { VMOV(A, RM, X), VMOV(A, RM, X) },
	[SPLIT_0F29] = { VMOV(A, MR, X), VMOV(A, MR, X) },
	[SPLIT_0F2B] = { VMOV(A, MR, X), VMOV(A, MR, X) },
	[SPLIT_0F6E] = { [1] = ROW(MOVU, RM, Y, Y, NONE, ROW_NOVVVV) },
	[SPLIT_0F6F] = { [1] = VMOV(A, RM, X), VMOV(U, RM, X) },
	[SPLIT_0F7E] = {
		[1] = ROW(MOVU, MR, Y, Y, NONE, ROW_NOVVVV),
		[2] = ROW(MOVU, RM, Q, Q, NONE, ROW_NOVVVV),
	},
	[SPLIT_0F7F] = { [1] = VMOV(A, MR, X), VMOV(U, MR, X) },
	[SPLIT_0FD6] = { [1] = ROW(MOVU, MR, Q, Q, NONE, ROW_NOVVVV) },
	[SPLIT_0FE7] = { [1] = VMOV(A, MR, X) },
	[SPLIT_0FF0] = { [3] = VMOV(U, RM, X) },
	[SPLIT_0F382A] = { [1] = VMOV(A, RM, X) },

	[SPLIT_0FB8] = { [2] = ROW(POPCNT, RM, V, V, NONE, 0) },
	[SPLIT_0FBA] = {
		[4] = ROW(BT, MI, V, V, B, 0),
		[5] = ROW(BTS, MI, V, V, B, ROW_LOCK),
		[6] = ROW(BTR, MI, V, V, B, ROW_LOCK),
		[7] = ROW(BTC, MI, V, V, B, ROW_LOCK),
	},
	[SPLIT_0FBC] = {
		ROW(BSF, RM, V, V, NONE, 0), ROW(BSF, RM, V, V, NONE, 0),
		ROW(TZCNT, RM, V, V, NONE, 0), ROW(BSF, RM, V, V, NONE, 0),
	},
	[SPLIT_0FBD] = {
		ROW(BSR, RM, V, V, NONE, 0), ROW(BSR, RM, V, V, NONE, 0),
		ROW(LZCNT, RM, V, V, NONE, 0), ROW(BSR, RM, V, V, NONE, 0),
	},
	[SPLIT_0FC7] = { [1] = ROW(CMPXCHG8B, M, Y, 2Y, NONE, ROW_LOCK) },

	[SPLIT_VEX_F2] = { ROW(ANDN, RVM, Y, Y, NONE, 0) },
	[SPLIT_VEX_F3] = { SPLIT(REG, VEX_F3_NP) },
	[SPLIT_VEX_F3_NP] = {
		[1] = ROW(BLSR, VM, Y, Y, NONE, 0),
		[2] = ROW(BLSMSK, VM, Y, Y, NONE, 0),
		[3] = ROW(BLSI, VM, Y, Y, NONE, 0),
	},
	[SPLIT_VEX_F5] = { ROW(BZHI, RMV, Y, Y, NONE, 0) },
	[SPLIT_VEX_F7] = {
		ROW(BEXTR, RMV, Y, Y, NONE, 0), ROW(SHLX, RMV, Y, Y, NONE, 0),
		ROW(SARX, RMV, Y, Y, NONE, 0), ROW(SHRX, RMV, Y, Y, NONE, 0),
	},
	[SPLIT_VEX_F0] = { [3] = ROW(RORX, RMI, Y, Y, B, ROW_NOVVVV) },
};

static const struct vie_row vie_map_1[256] = {
	ALU(0x00, ADD, ROW_LOCK), ALU(0x08, OR, ROW_LOCK),
	ALU(0x10, ADC, ROW_LOCK), ALU(0x18, SBB, ROW_LOCK),
	ALU(0x20, AND, ROW_LOCK), ALU(0x28, SUB, ROW_LOCK),
	ALU(0x30, XOR, ROW_LOCK), ALU(0x38, CMP, 0),
	[0x63] = ROW(MOVSX, RM, V, VD, NONE, ROW_LONG),
	[0x69] = ROW(IMUL2, RMI, V, V, Z, 0),
	[0x6b] = ROW(IMUL2, RMI, V, V, B, 0),
	[0x6c] = ROW(INS, STRING, B, B, NONE, 0),
	[0x6d] = ROW(INS, STRING, VD, VD, NONE, 0),
	[0x6e] = ROW(OUTS, STRING, B, B, NONE, 0),
	[0x6f] = ROW(OUTS, STRING, VD, VD, NONE, 0),
	[0x80] = SPLIT(REG, 80),
	[0x81] = SPLIT(REG, 81),
	[0x83] = SPLIT(REG, 83),
	[0x84] = ROW(TEST, MR, B, B, NONE, 0),
	[0x85] = ROW(TEST, MR, V, V, NONE, 0),
	[0x86] = ROW(XCHG, MR, B, B, NONE, ROW_LOCK),
	[0x87] = ROW(XCHG, MR, V, V, NONE, ROW_LOCK),
	[0x88] = ROW(MOV, MR, B, B, NONE, 0),
	[0x89] = ROW(MOV, MR, V, V, NONE, 0),
	[0x8a] = ROW(MOV, RM, B, B, NONE, 0),
	[0x8b] = ROW(MOV, RM, V, V, NONE, 0),
	[0x8f] = SPLIT(REG, 8F),
	[0xa0] = ROW(MOV, AO, B, B, NONE, 0),
	[0xa1] = ROW(MOV, AO, V, V, NONE, 0),
	[0xa2] = ROW(MOV, OA, B, B, NONE, 0),
	[0xa3] = ROW(MOV, OA, V, V, NONE, 0),
	STRING(0xa4, MOVS), STRING(0xa6, CMPS), STRING(0xaa, STOS),
	STRING(0xac, LODS), STRING(0xae, SCAS),
	[0xc0] = SPLIT(REG, C0),
	[0xc1] = SPLIT(REG, C1),
	[0xc6] = SPLIT(REG, C6),
	[0xc7] = SPLIT(REG, C7),
	[0xd0] = SPLIT(REG, D0),
	[0xd1] = SPLIT(REG, D1),
	[0xd2] = SPLIT(REG, D2),
	[0xd3] = SPLIT(REG, D3),
	[0xd7] = ROW(XLAT, XLAT, B, B, NONE, 0),
	[0xf6] = SPLIT(REG, F6),
	[0xf7] = SPLIT(REG, F7),
	[0xfe] = SPLIT(REG, FE),
	[0xff] = SPLIT(REG, FF),
};

static const struct vie_row vie_map_0f[256] = {
	[0x10] = SPLIT(PREFIX, 0F10),
	[0x11] = SPLIT(PREFIX, 0F11),
	[0x28] = SPLIT(PREFIX, 0F28),
	[0x29] = SPLIT(PREFIX, 0F29),
	[0x2b] = SPLIT(PREFIX, 0F2B),
	[0x40 ... 0x4f] = ROW(CMOVCC, RM, V, V, NONE, 0),
	[0x6e] = SPLIT(PREFIX, 0F6E),
	[0x6f] = SPLIT(PREFIX, 0F6F),
	[0x7e] = SPLIT(PREFIX, 0F7E),
	[0x7f] = SPLIT(PREFIX, 0F7F),
	[0x90 ... 0x9f] = ROW(SETCC, M, B, B, NONE, 0),
	[0xa3] = ROW(BT, MR, V, V, NONE, 0),
	[0xa4] = ROW(SHLD, MRI, V, V, B, 0),
	[0xa5] = ROW(SHLD, MRC, V, V, NONE, 0),
	[0xab] = ROW(BTS, MR, V, V, NONE, ROW_LOCK),
	[0xac] = ROW(SHRD, MRI, V, V, B, 0),
	[0xad] = ROW(SHRD, MRC, V, V, NONE, 0),
	[0xae] = SPLIT(MOD, 0FAE),
	[0xaf] = ROW(IMUL2, RM, V, V, NONE, 0),
	[0xb0] = ROW(CMPXCHG, MR, B, B, NONE, ROW_LOCK),
	[0xb1] = ROW(CMPXCHG, MR, V, V, NONE, ROW_LOCK),
	[0xb3] = ROW(BTR, MR, V, V, NONE, ROW_LOCK),
	[0xb6] = ROW(MOVZX, RM, V, B, NONE, 0),
	[0xb7] = ROW(MOVZX, RM, V, W, NONE, 0),
	[0xb8] = SPLIT(PREFIX, 0FB8),
	[0xba] = SPLIT(REG, 0FBA),
	[0xbb] = ROW(BTC, MR, V, V, NONE, ROW_LOCK),
	[0xbc] = SPLIT(PREFIX, 0FBC),
	[0xbd] = SPLIT(PREFIX, 0FBD),
	[0xbe] = ROW(MOVSX, RM, V, B, NONE, 0),
	[0xbf] = ROW(MOVSX, RM, V, W, NONE, 0),
	[0xc0] = ROW(XADD, MR, B, B, NONE, ROW_LOCK),
	[0xc1] = ROW(XADD, MR, V, V, NONE, ROW_LOCK),
	[0xc3] = ROW(MOV, MR, Y, Y, NONE, ROW_NP),
	[0xc7] = SPLIT(REG, 0FC7),
	[0xd6] = SPLIT(PREFIX, 0FD6),
	[0xe7] = SPLIT(PREFIX, 0FE7),
	[0xf0] = SPLIT(PREFIX, 0FF0),
};

/* The sparse maps. */
static const struct {
	u8 map;
	u8 opcode;
	struct vie_row row;
} vie_map_sparse[] = {
	{ VIE_MAP_0F38, 0xf0, ROW(MOVBE, RM, V, V, NONE, ROW_NOREP) },
	{ VIE_MAP_0F38, 0xf1, ROW(MOVBE, MR, V, V, NONE, ROW_NOREP) },
	{ VIE_MAP_0F38, 0xf9, ROW(MOV, MR, Y, Y, NONE, ROW_NP) },
	{ VIE_MAP_0F38, 0x2a, SPLIT(PREFIX, 0F382A) },
	{ VIE_MAP_VEX_0F38, 0x2a, SPLIT(PREFIX, 0F382A) },
	{ VIE_MAP_VEX_0F, 0x10, SPLIT(PREFIX, 0F10) },
	{ VIE_MAP_VEX_0F, 0x11, SPLIT(PREFIX, 0F11) },
	{ VIE_MAP_VEX_0F, 0x28, SPLIT(PREFIX, 0F28) },
	{ VIE_MAP_VEX_0F, 0x29, SPLIT(PREFIX, 0F29) },
	{ VIE_MAP_VEX_0F, 0x2b, SPLIT(PREFIX, 0F2B) },
	{ VIE_MAP_VEX_0F, 0x6e, SPLIT(PREFIX, 0F6E) },
	{ VIE_MAP_VEX_0F, 0x6f, SPLIT(PREFIX, 0F6F) },
	{ VIE_MAP_VEX_0F, 0x7e, SPLIT(PREFIX, 0F7E) },
	{ VIE_MAP_VEX_0F, 0x7f, SPLIT(PREFIX, 0F7F) },
	{ VIE_MAP_VEX_0F, 0xd6, SPLIT(PREFIX, 0FD6) },
	{ VIE_MAP_VEX_0F, 0xe7, SPLIT(PREFIX, 0FE7) },
	{ VIE_MAP_VEX_0F, 0xf0, SPLIT(PREFIX, 0FF0) },
	{ VIE_MAP_VEX_0F38, 0xf2, SPLIT(PREFIX, VEX_F2) },
	{ VIE_MAP_VEX_0F38, 0xf3, SPLIT(PREFIX, VEX_F3) },
	{ VIE_MAP_VEX_0F38, 0xf5, SPLIT(PREFIX, VEX_F5) },
	{ VIE_MAP_VEX_0F38, 0xf7, SPLIT(PREFIX, VEX_F7) },
	{ VIE_MAP_VEX_0F3A, 0xf0, SPLIT(PREFIX, VEX_F0) },
};

const struct vie_row *vie_row_find(enum vie_map map, u8 opcode)
{
	const struct vie_row *row = NULL;
	unsigned int i;

	if (map == VIE_MAP_1)
		row = &vie_map_1[opcode];
	else if (map == VIE_MAP_0F)
		row = &vie_map_0f[opcode];
	else
		for (i = 0; i < ARRAY_SIZE(vie_map_sparse); i++)
			if (vie_map_sparse[i].map == map && vie_map_sparse[i].opcode == opcode)
				row = &vie_map_sparse[i].row;

	return row && row->form != FORM_NONE ? row : NULL;
}

const struct vie_row *vie_row_split(const struct vie_row *row, unsigned int selector)
{
	row = &vie_split[row->op][selector & 7];
	return row->form != FORM_NONE ? row : NULL;
}
