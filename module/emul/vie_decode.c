// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The decoder: bytes to struct vie. It looks at nothing but the buffer it is
 * given and the constant tables, and keeps no state, so there is nothing to
 * serialise and nothing to free.
 *
 * It claims an instruction only if it can name its length and all operands;
 * anything else is VIE_UNKNOWN, and the caller hands the bytes to userspace.
 * That includes encodings a processor answers with #UD: such an instruction
 * cannot have caused an exit, unless another vCPU changed it meanwhile.
 *
 * SDM: "Instruction Format".
 */
#include "vie_impl.h"

/* Reading position. @status becomes an error once and stays. */
struct cursor {
	const u8 *inst;
	unsigned int len;
	unsigned int pos;
	enum vie_status status;
};

struct prefixes {
	u8   rex;		/* 0 if none */
	u8   seg;		/* VIE_REG_NONE if none */
	u8   rep;		/* 0xf2, 0xf3 or 0 */
	u8   vex_pp;		/* mandatory prefix as VEX codes it */
	u8   vvvv;
	bool op_size;
	bool gla_size;
	bool lock;
	bool vex;
	bool vex_l;
};

#define REX_B	BIT(0)
#define REX_X	BIT(1)
#define REX_R	BIT(2)
#define REX_W	BIT(3)

static u8 next_byte(struct cursor *cur)
{
	if (cur->pos < cur->len)
		return cur->inst[cur->pos++];
	if (cur->status == VIE_OK)
		cur->status = cur->pos >= VIE_INST_MAX ? VIE_UNKNOWN : VIE_TRUNCATED;
	return 0;
}

/* Little-endian, sign-extended to 64 bits. @size is 0, 1, 2, 4 or 8. */
static u64 next_value(struct cursor *cur, unsigned int size)
{
	u64 value = 0;
	unsigned int i;

	for (i = 0; i < size; i++)
		value |= (u64)next_byte(cur) << (8 * i);
	return size ? vie_sext(value, size) : 0;
}

/*
 * Takes all prefixes and returns the byte after them. A REX prefix counts only
 * directly before the opcode. CS, DS, ES and SS overrides mean nothing in
 * 64-bit code and do not undo an earlier FS or GS.
 */
static u8 take_prefixes(struct cursor *cur, struct prefixes *pfx, enum vie_mode mode)
{
	u8 byte;

	for (;;) {
		byte = next_byte(cur);
		if (cur->status != VIE_OK)
			return 0;
		if (mode == VIE_64 && (byte & 0xf0) == 0x40) {
			pfx->rex = byte;
			continue;
		}
		switch (byte) {
		case 0x26:
		case 0x2e:
		case 0x36:
		case 0x3e:
			if (mode != VIE_64)
				pfx->seg = VMM_SEG_ES + ((byte >> 3) & 3);
			break;
		case 0x64:
		case 0x65:
			pfx->seg = VMM_SEG_FS + (byte & 1);
			break;
		case 0x66:
			pfx->op_size = true;
			break;
		case 0x67:
			pfx->gla_size = true;
			break;
		case 0xf0:
			pfx->lock = true;
			break;
		case 0xf2:
		case 0xf3:
			pfx->rep = byte;
			break;
		default:
			return byte;
		}
		pfx->rex = 0;
	}
}

/*
 * A VEX prefix, of which the first byte, @first, is taken: C5 has one more and
 * means the 0F map, C4 two. Returns the map, or a negative number if this is
 * not VEX or not a map of ours.
 */
static int take_vex(struct cursor *cur, struct prefixes *pfx, enum vie_mode mode, u8 first)
{
	u8 b1, b2;

	b1 = next_byte(cur);
	if (cur->status != VIE_OK)
		return -1;
	if (mode == VIE_16 || (mode == VIE_32 && (b1 & 0xc0) != 0xc0))
		return -1;
	if (pfx->rex || pfx->op_size || pfx->rep || pfx->lock)
		return -1;
	if (first == 0xc5) {
		/* R as in the longer form, X and B clear, W not there. */
		b2 = b1 & 0x7f;
		b1 = (b1 & 0x80) | 0x61;
	} else {
		b2 = next_byte(cur);
	}

	/* R, X, B and vvvv are stored inverted; outside 64-bit code W has no meaning. */
	pfx->vex = true;
	pfx->vex_pp = b2 & 3;
	pfx->vex_l = b2 & BIT(2);
	pfx->vvvv = (~b2 >> 3) & 15;
	if (mode == VIE_64)
		pfx->rex = ((~b1 >> 5) & 7) | (b2 >> 7 ? REX_W : 0);

	switch (b1 & 0x1f) {
	case 1:
		return VIE_MAP_VEX_0F;
	case 2:
		return VIE_MAP_VEX_0F38;
	case 3:
		return VIE_MAP_VEX_0F3A;
	default:
		return -1;
	}
}

/* The row for the opcode beginning with @byte; *@opcode is its last byte. */
static const struct vie_row *take_opcode(struct cursor *cur, struct prefixes *pfx,
					 enum vie_mode mode, u8 byte, u8 *opcode)
{
	int map = VIE_MAP_1;

	if (byte == 0xc4 || byte == 0xc5) {
		map = take_vex(cur, pfx, mode, byte);
		if (map < 0)
			return NULL;
		byte = next_byte(cur);
	} else if (byte == 0x0f) {
		map = VIE_MAP_0F;
		byte = next_byte(cur);
		if (byte == 0x38) {
			map = VIE_MAP_0F38;
			byte = next_byte(cur);
		}
	}
	*opcode = byte;
	return cur->status == VIE_OK ? vie_row_find(map, byte) : NULL;
}

/* Column of a row split by mandatory prefix; F2 and F3 go before 66. */
static unsigned int prefix_column(const struct prefixes *pfx)
{
	if (pfx->vex)
		return pfx->vex_pp;
	if (pfx->rep)
		return pfx->rep == 0xf3 ? 2 : 3;
	return pfx->op_size ? 1 : 0;
}

static const struct vie_row *follow_splits(const struct vie_row *row, u8 modrm,
					   const struct prefixes *pfx)
{
	while (row) {
		if (row->form == FORM_SPLIT_REG)
			row = vie_row_split(row, (modrm >> 3) & 7);
		else if (row->form == FORM_SPLIT_MOD)
			row = vie_row_split(row, modrm >> 6 == 3);
		else if (row->form == FORM_SPLIT_PREFIX)
			row = vie_row_split(row, prefix_column(pfx));
		else
			break;
	}
	return row;
}

static u8 size_bytes(enum vie_size size, enum vie_mode mode, const struct prefixes *pfx)
{
	bool wide = pfx->rex & REX_W;
	u8 v;

	if (mode == VIE_64)
		v = wide ? 8 : pfx->op_size ? 2 : 4;
	else
		v = (mode == VIE_32) != pfx->op_size ? 4 : 2;

	switch (size) {
	case SIZE_B:
		return 1;
	case SIZE_W:
		return 2;
	case SIZE_D:
		return 4;
	case SIZE_VD:
		return v == 8 ? 4 : v;
	case SIZE_Q:
		return 8;
	case SIZE_X:
		return pfx->vex_l ? 32 : 16;
	case SIZE_Y:
		return wide ? 8 : 4;
	case SIZE_2Y:
		return wide ? 16 : 8;
	case SIZE_STACK:
		return mode == VIE_64 && v == 4 ? 8 : v;
	case SIZE_BRANCH:
		return mode == VIE_64 ? 8 : v;
	default:
		return v;
	}
}

/* ModRM with 16-bit addressing. */
static void take_modrm16(struct cursor *cur, struct vie *vie, u8 modrm)
{
	static const u8 base[8] = {
		VMM_REG_RBX, VMM_REG_RBX, VMM_REG_RBP, VMM_REG_RBP,
		VMM_REG_RSI, VMM_REG_RDI, VMM_REG_RBP, VMM_REG_RBX,
	};
	static const u8 index[4] = { VMM_REG_RSI, VMM_REG_RDI, VMM_REG_RSI, VMM_REG_RDI };
	u8 mod = modrm >> 6, rm = modrm & 7;

	if (mod == 0 && rm == 6) {
		vie->disp = next_value(cur, 2);
		return;
	}
	vie->base = base[rm];
	if (rm < 4)
		vie->index = index[rm];
	if (mod)
		vie->disp = next_value(cur, mod);
}

/* ModRM and SIB with 32- and 64-bit addressing. */
static void take_modrm32(struct cursor *cur, struct vie *vie, u8 modrm, u8 rex)
{
	u8 mod = modrm >> 6, rm = modrm & 7, sib, index;

	if (rm == 4) {
		sib = next_byte(cur);
		index = ((sib >> 3) & 7) | (rex & REX_X ? 8 : 0);
		if (index != VMM_REG_RSP) {
			vie->index = index;
			vie->scale = sib >> 6;
		}
		rm = sib & 7;
		if (rm != 5 || mod)
			vie->base = rm | (rex & REX_B ? 8 : 0);
	} else if (rm == 5 && mod == 0) {
		if (vie->mode == VIE_64)
			vie->base = VIE_REG_RIP;
	} else {
		vie->base = rm | (rex & REX_B ? 8 : 0);
	}

	if (mod == 1)
		vie->disp = next_value(cur, 1);
	else if (mod == 2 || rm == 5)
		vie->disp = next_value(cur, 4);
}

/* Default segment, once the operand is known; @seg is the override. */
static u8 operand_seg(const struct vie *vie, u8 seg)
{
	if (seg != VIE_REG_NONE)
		return seg;
	return vie->base == VMM_REG_RSP || vie->base == VMM_REG_RBP ? VMM_SEG_SS : VMM_SEG_DS;
}

/* Is this combination of prefixes one the instruction has a meaning for? */
static bool prefixes_allowed(const struct vie_row *row, const struct prefixes *pfx,
			     enum vie_mode mode)
{
	if (pfx->lock && !(row->flags & ROW_LOCK))
		return false;
	if ((row->flags & ROW_LONG) && mode != VIE_64)
		return false;
	if ((row->flags & ROW_NP) && (pfx->op_size || pfx->rep))
		return false;
	if ((row->flags & ROW_NOREP) && pfx->rep)
		return false;
	if (pfx->vex_l && !(row->flags & ROW_L))
		return false;
	return !(row->flags & ROW_NOVVVV) || pfx->vvvv == 0;
}

static bool has_modrm(const struct vie_row *row)
{
	switch (row->form) {
	case FORM_AO:
	case FORM_OA:
	case FORM_STRING:
	case FORM_XLAT:
		return false;
	default:
		return true;
	}
}

static void take_operands(struct cursor *cur, struct vie *vie, const struct vie_row *row,
			  const struct prefixes *pfx, u8 modrm)
{
	if (row->form == FORM_AO || row->form == FORM_OA) {
		vie->disp = next_value(cur, vie->gla_size) & vie_mask(vie->gla_size);
	} else if (row->form == FORM_XLAT) {
		vie->base = VMM_REG_RBX;
	} else if (has_modrm(row) && row->form != FORM_R) {
		vie->reg = ((modrm >> 3) & 7) | (pfx->rex & REX_R ? 8 : 0);
		vie->reg_high = vie->op_size == 1 && !pfx->rex && vie->reg >= 4;
		if (vie->gla_size == 2)
			take_modrm16(cur, vie, modrm);
		else
			take_modrm32(cur, vie, modrm, pfx->rex);
	}

	if (row->imm == IMM_B)
		vie->imm = next_value(cur, 1);
	else if (row->imm == IMM_Z)
		vie->imm = next_value(cur, vie->op_size == 2 ? 2 : 4);
}

enum vie_status vie_decode(struct vie *vie, const u8 *inst, unsigned int len, enum vie_mode mode)
{
	struct cursor cur = {
		.inst = inst,
		.len = min_t(unsigned int, len, VIE_INST_MAX),
		.status = VIE_OK,
	};
	struct prefixes pfx = { .seg = VIE_REG_NONE };
	const struct vie_row *row;
	u8 byte, opcode = 0, modrm = 0;

	byte = take_prefixes(&cur, &pfx, mode);
	row = take_opcode(&cur, &pfx, mode, byte, &opcode);
	if (row && has_modrm(row)) {
		modrm = next_byte(&cur);
		row = follow_splits(row, modrm, &pfx);
	}
	if (cur.status != VIE_OK)
		return cur.status;
	if (!row || !prefixes_allowed(row, &pfx, mode))
		return VIE_UNKNOWN;
	if (has_modrm(row) && (modrm >> 6 == 3) != (row->form == FORM_R))
		return VIE_UNKNOWN;

	memset(vie, 0, sizeof(*vie));
	vie->op = row->op;
	vie->form = row->form;
	vie->mode = mode;
	vie->op_size = size_bytes(row->reg_size, mode, &pfx);
	vie->mem_size = size_bytes(row->mem_size, mode, &pfx);
	vie->gla_size = mode == VIE_64 ? (pfx.gla_size ? 4 : 8) :
			(mode == VIE_32) != pfx.gla_size ? 4 : 2;
	vie->base = VIE_REG_NONE;
	vie->index = VIE_REG_NONE;
	/* There are eight registers to name outside 64-bit code. */
	vie->vvvv = mode == VIE_64 ? pfx.vvvv : pfx.vvvv & 7;
	vie->cond = opcode & 15;
	vie->vex = pfx.vex;
	vie->lock = pfx.lock || row->op == OP_XCHG;
	vie->rep = pfx.rep == 0xf3;
	vie->repne = pfx.rep == 0xf2;

	take_operands(&cur, vie, row, &pfx, modrm);
	vie->seg = operand_seg(vie, pfx.seg);
	vie->len = cur.pos;
	return cur.status;
}
