// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Integer arithmetic with x86 status flags: numbers in, numbers out. Operands
 * are zero-extended to 64 bits and results are masked to the operand size.
 *
 * The selftest executes each operation on the processor it runs on and
 * compares results and defined flags, so there is no second opinion here about
 * what a flag should be.
 *
 * SDM: "Instruction Set Reference", the sections "Operation" and "Flags
 * Affected".
 */
#include "vie_impl.h"

#define FLAGS_STATUS	(FLAG_CF | FLAG_PF | FLAG_AF | FLAG_ZF | FLAG_SF | FLAG_OF)

static u64 sign_bit(unsigned int size)
{
	return 1ULL << (size * 8 - 1);
}

static u64 flag_if(u64 flag, bool claim)
{
	return claim ? flag : 0;
}

static u64 flags_szp(unsigned int size, u64 result)
{
	u8 parity = result;

	parity ^= parity >> 4;
	parity ^= parity >> 2;
	parity ^= parity >> 1;
	return flag_if(FLAG_SF, result & sign_bit(size)) |
	       flag_if(FLAG_ZF, !(result & vie_mask(size))) |
	       flag_if(FLAG_PF, !(parity & 1));
}

static void set_flags(u64 *rflags, u64 which, u64 value)
{
	*rflags = (*rflags & ~which) | value;
}

static u64 add(unsigned int size, u64 dst, u64 src, unsigned int carry, u64 *flags)
{
	u64 res = (dst + src + carry) & vie_mask(size);
	u64 carries = (dst & src) | ((dst | src) & ~res);

	*flags = flags_szp(size, res) |
		 flag_if(FLAG_CF, carries & sign_bit(size)) |
		 flag_if(FLAG_AF, (dst ^ src ^ res) & 0x10) |
		 flag_if(FLAG_OF, (dst ^ res) & (src ^ res) & sign_bit(size));
	return res;
}

static u64 sub(unsigned int size, u64 dst, u64 src, unsigned int borrow, u64 *flags)
{
	u64 res = (dst - src - borrow) & vie_mask(size);
	u64 borrows = (~dst & src) | ((~dst | src) & res);

	*flags = flags_szp(size, res) |
		 flag_if(FLAG_CF, borrows & sign_bit(size)) |
		 flag_if(FLAG_AF, (dst ^ src ^ res) & 0x10) |
		 flag_if(FLAG_OF, (dst ^ src) & (dst ^ res) & sign_bit(size));
	return res;
}

u64 vie_alu_binary(enum vie_op op, unsigned int size, u64 dst, u64 src, u64 *rflags)
{
	unsigned int carry = *rflags & FLAG_CF ? 1 : 0;
	u64 flags, res;

	switch (op) {
	case OP_ADD:
		res = add(size, dst, src, 0, &flags);
		break;
	case OP_ADC:
		res = add(size, dst, src, carry, &flags);
		break;
	case OP_SUB:
	case OP_CMP:
		res = sub(size, dst, src, 0, &flags);
		break;
	case OP_SBB:
		res = sub(size, dst, src, carry, &flags);
		break;
	case OP_OR:
		res = dst | src;
		flags = flags_szp(size, res);
		break;
	case OP_XOR:
		res = dst ^ src;
		flags = flags_szp(size, res);
		break;
	default:	/* OP_AND, OP_TEST */
		res = dst & src;
		flags = flags_szp(size, res);
		break;
	}
	set_flags(rflags, FLAGS_STATUS, flags);
	return res;
}

u64 vie_alu_unary(enum vie_op op, unsigned int size, u64 dst, u64 *rflags)
{
	u64 flags, res;

	switch (op) {
	case OP_INC:
		res = add(size, dst, 1, 0, &flags);
		set_flags(rflags, FLAGS_STATUS & ~FLAG_CF, flags & ~FLAG_CF);
		return res;
	case OP_DEC:
		res = sub(size, dst, 1, 0, &flags);
		set_flags(rflags, FLAGS_STATUS & ~FLAG_CF, flags & ~FLAG_CF);
		return res;
	case OP_NEG:
		res = sub(size, 0, dst, 0, &flags);
		set_flags(rflags, FLAGS_STATUS, flags);
		return res;
	default:	/* OP_NOT */
		return ~dst & vie_mask(size);
	}
}

/* Rotation left by @n < width; through carry the width is one more. */
static u64 rotate(unsigned int size, u64 dst, unsigned int n)
{
	unsigned int width = size * 8;

	if (!n)
		return dst;
	return ((dst << n) | (dst >> (width - n))) & vie_mask(size);
}

static u64 rotate_carry(unsigned int size, u64 dst, unsigned int n, bool *carry)
{
	u64 res = dst;

	while (n--) {
		bool out = res & sign_bit(size);

		res = ((res << 1) | *carry) & vie_mask(size);
		*carry = out;
	}
	return res;
}

u64 vie_alu_shift(enum vie_op op, unsigned int size, u64 dst, unsigned int count, u64 *rflags)
{
	unsigned int width = size * 8, n;
	bool carry = *rflags & FLAG_CF, overflow;
	u64 wide, res;

	count &= size == 8 ? 63 : 31;
	if (!count)
		return dst;

	switch (op) {
	case OP_ROL:
		res = rotate(size, dst, count % width);
		carry = res & 1;
		overflow = carry != !!(res & sign_bit(size));
		break;
	case OP_ROR:
		res = rotate(size, dst, (width - count % width) % width);
		carry = res & sign_bit(size);
		overflow = carry != !!(res & (sign_bit(size) >> 1));
		break;
	case OP_RCL:
		res = rotate_carry(size, dst, count % (width + 1), &carry);
		overflow = carry != !!(res & sign_bit(size));
		break;
	case OP_RCR:
		n = count % (width + 1);
		res = rotate_carry(size, dst, n ? width + 1 - n : 0, &carry);
		overflow = (res ^ (res << 1)) & sign_bit(size);
		break;
	case OP_SHR:
		carry = (dst >> (count - 1)) & 1;
		res = dst >> count;
		overflow = dst & sign_bit(size);
		break;
	case OP_SAR:
		wide = vie_sext(dst, size);
		carry = ((s64)wide >> (count - 1)) & 1;
		res = (u64)((s64)wide >> count) & vie_mask(size);
		overflow = false;
		break;
	default:	/* OP_SHL, OP_SAL */
		carry = count <= width && ((dst >> (width - count)) & 1);
		res = (dst << count) & vie_mask(size);
		overflow = carry != !!(res & sign_bit(size));
		break;
	}

	set_flags(rflags, FLAG_CF | FLAG_OF, flag_if(FLAG_CF, carry) | flag_if(FLAG_OF, overflow));
	if (op >= OP_SHL)
		set_flags(rflags, FLAG_SF | FLAG_ZF | FLAG_PF, flags_szp(size, res));
	return res;
}

u64 vie_alu_double_shift(enum vie_op op, unsigned int size, u64 dst, u64 src,
			 unsigned int count, u64 *rflags)
{
	unsigned int width = size * 8;
	bool carry;
	u64 res;

	count &= size == 8 ? 63 : 31;
	/* A 16-bit operand with a count above 16 is undefined: leave it alone. */
	if (!count || count > width)
		return dst;

	if (op == OP_SHLD) {
		carry = (dst >> (width - count)) & 1;
		res = count < width ? (dst << count) | (src >> (width - count)) : src;
	} else {
		carry = (dst >> (count - 1)) & 1;
		res = count < width ? (dst >> count) | (src << (width - count)) : src;
	}
	res &= vie_mask(size);
	set_flags(rflags, FLAGS_STATUS & ~FLAG_AF,
		  flags_szp(size, res) | flag_if(FLAG_CF, carry) |
		  flag_if(FLAG_OF, (res ^ dst) & sign_bit(size)));
	return res;
}

u64 vie_alu_bit(enum vie_op op, u64 dst, unsigned int bit, u64 *rflags)
{
	u64 mask = 1ULL << bit;

	set_flags(rflags, FLAG_CF, flag_if(FLAG_CF, dst & mask));
	switch (op) {
	case OP_BTS:
		return dst | mask;
	case OP_BTR:
		return dst & ~mask;
	case OP_BTC:
		return dst ^ mask;
	default:
		return dst;
	}
}

u64 vie_alu_mul(enum vie_op op, unsigned int size, u64 a, u64 b, u64 *high, u64 *rflags)
{
	unsigned int width = size * 8;
	u64 low;
	bool overflow;

	if (op == OP_MUL) {
		unsigned __int128 product = (unsigned __int128)a * b;

		*high = (u64)(product >> width) & vie_mask(size);
		low = (u64)product & vie_mask(size);
		overflow = *high != 0;
	} else {
		__int128 product = (__int128)(s64)vie_sext(a, size) * (s64)vie_sext(b, size);

		*high = (u64)(product >> width) & vie_mask(size);
		low = (u64)product & vie_mask(size);
		overflow = product != (s64)vie_sext(low, size);
	}
	set_flags(rflags, FLAG_CF | FLAG_OF, overflow ? FLAG_CF | FLAG_OF : 0);
	return low;
}

u64 vie_alu_scan(enum vie_op op, unsigned int size, u64 dst, u64 src, u64 *rflags)
{
	unsigned int width = size * 8;
	u64 res;

	switch (op) {
	case OP_BSF:
		set_flags(rflags, FLAG_ZF, flag_if(FLAG_ZF, !src));
		return src ? __ffs64(src) : dst;
	case OP_BSR:
		set_flags(rflags, FLAG_ZF, flag_if(FLAG_ZF, !src));
		return src ? (u64)fls64(src) - 1 : dst;
	case OP_POPCNT:
		set_flags(rflags, FLAGS_STATUS, flag_if(FLAG_ZF, !src));
		return hweight64(src);
	case OP_TZCNT:
		res = src ? __ffs64(src) : width;
		break;
	default:	/* OP_LZCNT */
		res = width - fls64(src);
		break;
	}
	set_flags(rflags, FLAG_CF | FLAG_ZF, flag_if(FLAG_CF, !src) | flag_if(FLAG_ZF, !res));
	return res;
}

u64 vie_alu_bmi(enum vie_op op, unsigned int size, u64 mem, u64 other, u64 *rflags)
{
	unsigned int width = size * 8, start, length;
	u64 mask = vie_mask(size), res;
	bool carry = false;

	switch (op) {
	case OP_SHLX:
		return (mem << (other & (width - 1))) & mask;
	case OP_SHRX:
		return mem >> (other & (width - 1));
	case OP_SARX:
		return (u64)((s64)vie_sext(mem, size) >> (other & (width - 1))) & mask;
	case OP_RORX:
		return rotate(size, mem, (width - (other & (width - 1))) % width);
	case OP_BEXTR:
		start = other & 0xff;
		length = (other >> 8) & 0xff;
		res = start < width ? mem >> start : 0;
		if (length < width)
			res &= (1ULL << length) - 1;
		set_flags(rflags, FLAG_CF | FLAG_OF | FLAG_ZF, flag_if(FLAG_ZF, !res));
		return res;
	case OP_BZHI:
		length = other & 0xff;
		carry = length >= width;
		res = carry ? mem : mem & ((1ULL << length) - 1);
		break;
	case OP_BLSR:
		carry = !mem;
		res = mem & (mem - 1);
		break;
	case OP_BLSMSK:
		carry = !mem;
		res = (mem ^ (mem - 1)) & mask;
		break;
	case OP_BLSI:
		carry = mem;
		res = mem & -mem & mask;
		break;
	default:	/* OP_ANDN */
		res = ~other & mem;
		break;
	}
	set_flags(rflags, FLAG_CF | FLAG_OF | FLAG_ZF | FLAG_SF,
		  (flags_szp(size, res) & (FLAG_ZF | FLAG_SF)) | flag_if(FLAG_CF, carry));
	return res;
}

bool vie_alu_cond(unsigned int cond, u64 rflags)
{
	bool less = !(rflags & FLAG_SF) != !(rflags & FLAG_OF);
	bool claim;

	switch (cond >> 1) {
	case 0:
		claim = rflags & FLAG_OF;
		break;
	case 1:
		claim = rflags & FLAG_CF;
		break;
	case 2:
		claim = rflags & FLAG_ZF;
		break;
	case 3:
		claim = rflags & (FLAG_CF | FLAG_ZF);
		break;
	case 4:
		claim = rflags & FLAG_SF;
		break;
	case 5:
		claim = rflags & FLAG_PF;
		break;
	case 6:
		claim = less;
		break;
	default:
		claim = less || (rflags & FLAG_ZF);
		break;
	}
	return claim != (cond & 1);
}
