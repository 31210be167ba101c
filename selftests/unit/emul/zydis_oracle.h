/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A second opinion on decoding: Zydis. For an instruction our decoder claims,
 * zydis_objection() returns NULL or says what Zydis sees otherwise: validity,
 * length, memory operand (base, index, scale, displacement, segment, size),
 * register operand, immediate.
 */
#ifndef ZYDIS_ORACLE_H
#define ZYDIS_ORACLE_H

#include <stdio.h>
#include <Zydis/Zydis.h>
#include "vie.h"
#include "vie_impl.h"

static const char *zydis_fail(const char *what, long long ours, long long theirs)
{
	static char text[160];

	snprintf(text, sizeof(text), "%s: ours %lld, Zydis %lld", what, ours, theirs);
	return text;
}

static int zydis_gpr(ZydisRegister reg)
{
	if (reg == ZYDIS_REGISTER_NONE)
		return VIE_REG_NONE;
	if (reg == ZYDIS_REGISTER_RIP || reg == ZYDIS_REGISTER_EIP)
		return VIE_REG_RIP;
	return ZydisRegisterGetId(ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64,
								   reg));
}

static int zydis_seg(ZydisRegister reg)
{
	static const ZydisRegister order[] = {
		ZYDIS_REGISTER_ES, ZYDIS_REGISTER_CS, ZYDIS_REGISTER_SS,
		ZYDIS_REGISTER_DS, ZYDIS_REGISTER_FS, ZYDIS_REGISTER_GS,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(order); i++)
		if (order[i] == reg)
			return i;
	return -1;
}

static const char *zydis_memory(const struct vie *vie, const ZydisDecodedInstruction *insn,
				const ZydisDecodedOperand *op)
{
	/*
	 * In a SIB byte that says "no base, disp32" Zydis 4.0 takes REX.B for R13
	 * and loses the displacement. The processor does not.
	 */
	bool no_base = vie->gla_size != 2 && insn->raw.modrm.mod == 0 &&
		       insn->raw.modrm.rm == 4 && insn->raw.sib.base == 5;
	bool no_disp = no_base && !op->mem.disp.has_displacement;
	int base = no_base ? VIE_REG_NONE : zydis_gpr(op->mem.base);
	u64 mask = vie_mask(vie->gla_size);
	s64 disp = op->mem.disp.has_displacement ? op->mem.disp.value : 0;

	/* MOVSXD with a 16-bit operand reads 16 bits on Intel's, 32 on AMD's. */
	if (vie->op == OP_MOVSX && vie->op_size == 2 && op->size == 32)
		return NULL;
	if (op->size != vie->mem_size * 8 && vie->op != OP_FLUSH)
		return zydis_fail("memory size", vie->mem_size, op->size / 8);
	/* 3E before a near branch is "notrack" to Zydis; it still selects DS. */
	if (zydis_seg(op->mem.segment) != vie->seg &&
	    !((vie->op == OP_CALL || vie->op == OP_JMP) && vie->seg == VMM_SEG_DS))
		return zydis_fail("segment", vie->seg, zydis_seg(op->mem.segment));
	if (base != vie->base)
		return zydis_fail("base", vie->base, base);
	if (vie->form == FORM_XLAT)
		return NULL;
	if (zydis_gpr(op->mem.index) != vie->index)
		return zydis_fail("index", vie->index, zydis_gpr(op->mem.index));
	if (vie->index != VIE_REG_NONE && op->mem.scale != 1 << vie->scale)
		return zydis_fail("scale", 1 << vie->scale, op->mem.scale);
	if (!no_disp && ((u64)disp & mask) != ((u64)vie->disp & mask))
		return zydis_fail("displacement", vie->disp, disp);
	return NULL;
}

static const char *zydis_register(const struct vie *vie, ZydisRegister reg, int ours)
{
	bool high = reg >= ZYDIS_REGISTER_AH && reg <= ZYDIS_REGISTER_BH;

	if (high != vie->reg_high)
		return zydis_fail("high byte", vie->reg_high, high);
	/* The id of AH is that of RAX; ours is the number in ModRM. */
	if (zydis_gpr(reg) != (high ? ours - 4 : ours))
		return zydis_fail("register", ours, zydis_gpr(reg));
	return NULL;
}

static const char *zydis_operands(const struct vie *vie, const ZydisDecodedInstruction *insn,
				  const ZydisDecodedOperand *ops)
{
	bool modrm = vie->form != FORM_AO && vie->form != FORM_OA;
	unsigned int i, regs = 0;
	const char *text = NULL;
	u64 mask = vie_mask(vie->op_size);

	for (i = 0; i < insn->operand_count_visible && !text; i++) {
		const ZydisDecodedOperand *op = &ops[i];

		switch (op->type) {
		case ZYDIS_OPERAND_TYPE_MEMORY:
			text = zydis_memory(vie, insn, op);
			break;
		case ZYDIS_OPERAND_TYPE_IMMEDIATE:
			/* Counts are unsigned bytes to Zydis, and are masked later. */
			if (!op->imm.is_signed)
				mask &= vie_mask(insn->raw.imm[0].size / 8);
			if (vie->form != FORM_M1 &&
			    (op->imm.value.u & mask) != (vie->imm & mask))
				text = zydis_fail("immediate", vie->imm, op->imm.value.s);
			break;
		case ZYDIS_OPERAND_TYPE_REGISTER:
			/* The accumulator of moffs and the CL of shifts are implied. */
			if (!modrm || vie->form == FORM_MC || (vie->form == FORM_MRC && regs))
				break;
			if (vie->form == FORM_VM ||
			    (vie->form == FORM_RVM && regs) || (vie->form == FORM_RMV && regs))
				text = zydis_register(vie, op->reg.value, vie->vvvv);
			else
				text = zydis_register(vie, op->reg.value, vie->reg);
			regs++;
			break;
		default:
			break;
		}
	}
	return text;
}

static const char *zydis_string(const struct vie *vie, const ZydisDecodedInstruction *insn,
				const ZydisDecodedOperand *ops)
{
	unsigned int i;

	for (i = 0; i < insn->operand_count; i++) {
		if (ops[i].type != ZYDIS_OPERAND_TYPE_MEMORY)
			continue;
		if (ops[i].size != vie->mem_size * 8)
			return zydis_fail("item size", vie->mem_size, ops[i].size / 8);
		if (zydis_gpr(ops[i].mem.base) == VMM_REG_RSI &&
		    zydis_seg(ops[i].mem.segment) != vie->seg)
			return zydis_fail("source segment", vie->seg,
					  zydis_seg(ops[i].mem.segment));
	}
	return NULL;
}

/* @room: bytes at @inst, of which vie->len are the instruction. */
static inline const char *zydis_objection(const struct vie *vie, const u8 *inst,
					  unsigned int room)
{
	static const struct {
		ZydisMachineMode mode;
		ZydisStackWidth stack;
	} modes[] = {
		[VIE_16] = { ZYDIS_MACHINE_MODE_LEGACY_16, ZYDIS_STACK_WIDTH_16 },
		[VIE_32] = { ZYDIS_MACHINE_MODE_LEGACY_32, ZYDIS_STACK_WIDTH_32 },
		[VIE_64] = { ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64 },
	};
	ZydisDecoder decoder;
	ZydisDecodedInstruction insn;
	ZydisDecodedOperand ops[ZYDIS_MAX_OPERAND_COUNT];
	ZyanStatus status;

	ZydisDecoderInit(&decoder, modes[vie->mode].mode, modes[vie->mode].stack);
	status = ZydisDecoderDecodeFull(&decoder, inst, room, &insn, ops);
	if (!ZYAN_SUCCESS(status))
		return zydis_fail("valid", 1, 0);
	if (insn.length != vie->len)
		return zydis_fail("length", vie->len, insn.length);
	if (insn.address_width != vie->gla_size * 8)
		return zydis_fail("address size", vie->gla_size, insn.address_width / 8);
	if (vie->form == FORM_STRING)
		return zydis_string(vie, &insn, ops);
	return zydis_operands(vie, &insn, ops);
}

#endif /* ZYDIS_ORACLE_H */
