/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Instruction emulation: bytes to struct vie (vie_decode), struct vie to
 * effects (vie_exec). Pure: the caller owns every structure, serialises calls
 * on one register block, and is the only one who knows what memory is.
 *
 * The surprising thing is restarting. A memory access may need userspace, so
 * vie_exec() can be cut short at any callback with VIE_USER and is later run
 * again from its beginning with the registers unchanged. It then makes the
 * same callbacks with the same arguments in the same order, so the caller can
 * answer those already made from a record and go on to the next.
 *
 * Covered: integer instructions with a memory operand in 16-, 32- and 64-bit
 * code (MOV family, ALU, shifts, bit tests, BMI, XCHG/XADD/CMPXCHG*, SETcc,
 * CMOVcc, MOVBE, MOVNTI, MOVDIRI, IMUL/MUL, near PUSH/POP/CALL/JMP through
 * memory, string and string I/O), moves of SSE and AVX registers up to 32
 * bytes, fences and cache-line flushes. Forms that touch no memory are
 * VIE_UNKNOWN, and so are x87, MMX, SIMD arithmetic and EVEX, far transfers,
 * segment-register moves, DIV and IDIV.
 *
 * SDM: "Instruction Format", "Instruction Set Reference".
 */
#ifndef VMM_EMUL_VIE_H
#define VMM_EMUL_VIE_H

#include "env.h"
#include <uapi/vmm.h>

#define VIE_INST_MAX	15	/* longest instruction, bytes */
#define VIE_MEM_MAX	32	/* longest memory access but for string I/O */
#define VIE_VECTOR_MAX	32	/* a YMM register */
#define VIE_IO_MAX	512	/* bytes moved by one io() call */

enum vie_status {
	VIE_OK,
	VIE_AGAIN,	/* part of a REP instruction done, RIP unchanged: run again */
	VIE_FAULT,	/* deliver the exception in struct vie_fault */
	VIE_USER,	/* a callback must wait; nothing changed: run again later */
	VIE_TRUNCATED,	/* decoder: the buffer ends inside the instruction */
	VIE_UNKNOWN,	/* not an instruction of ours, or not a valid one */
};

/* A hardware exception of the fault class: RIP stays. */
struct vie_fault {
	u8   vector;
	bool has_error;		/* never in real mode, whatever the vector */
	u32  error;
	u64  cr2;		/* #PF only, else 0 */
};

#define VIE_UD	6
#define VIE_NM	7
#define VIE_SS	12
#define VIE_GP	13
#define VIE_PF	14
#define VIE_AC	17

enum vie_mode { VIE_16, VIE_32, VIE_64 };

/* Registers named in struct vie that are not a GPR. */
#define VIE_REG_NONE	0xff
#define VIE_REG_RIP	0xfe

/*
 * A decoded instruction: plain data without pointers, meaningful without the
 * bytes. @op and @form are this room's own numbers (vie_impl.h).
 */
struct vie {
	u8  op;
	u8  form;
	u8  len;
	u8  mode;		/* enum vie_mode */
	u8  op_size;		/* of the register operand: 1, 2, 4, 8 */
	u8  mem_size;		/* of the memory operand: 1, 2, 4, 8, 16, 32 */
	u8  gla_size;		/* address size: 2, 4, 8 */
	u8  seg;		/* VMM_SEG_*, default or override */
	u8  base;		/* GPR, VIE_REG_RIP or VIE_REG_NONE */
	u8  index;		/* GPR or VIE_REG_NONE */
	u8  scale;		/* shift count */
	u8  reg;		/* register operand, number of a GPR or of a vector register */
	u8  vvvv;		/* second register operand of a VEX instruction */
	u8  cond;		/* condition code of SETcc, CMOVcc */
	bool reg_high;		/* 8-bit register operand is AH, CH, DH, BH */
	bool vex;
	bool lock;
	bool rep;		/* F3 on a string instruction */
	bool repne;		/* F2 on a string instruction */
	s64 disp;
	u64 imm;		/* sign-extended to 64 bits */
};

/* What an access is for. The read of a read-modify-write carries WRITE too. */
#define VIE_ACC_READ	BIT(0)
#define VIE_ACC_WRITE	BIT(1)
#define VIE_ACC_LOCK	BIT(2)	/* instruction is locked, implied for XCHG */

/*
 * The world of vie_exec(). All return VIE_OK, VIE_FAULT with *fault filled in,
 * VIE_USER, or VIE_UNKNOWN to give up; any of the latter three ends
 * vie_exec() with that status and changes nothing in the register block.
 * @gla has passed segmentation and canonical checks; paging, SMAP and
 * protection keys are for the callback, for CPL vie_cpl(). An access may
 * straddle a page: both pages are to be checked before either is written.
 *
 * @read	@size 1..VIE_MEM_MAX, or up to VIE_IO_MAX for OUTS
 * @write	likewise, for INS
 * @probe	would @access to these bytes fault? Moves no data; never VIE_USER
 * @io		@count items of @size bytes between @data and @port; called after
 *		the memory side has been probed (INS) or read (OUTS). May be NULL:
 *		then INS and OUTS are VIE_UNKNOWN. Permission (IOPL, TSS bitmap)
 *		is the caller's business, before vie_exec().
 * @get_vector	the YMM register @reg, or XMM with zeros behind it where there is
 *		no AVX
 * @set_vector	the XMM register @reg becomes the first half of @data; with @whole
 *		the second half goes to the YMM register and what is above it to
 *		zero, else they stay. Both may be NULL: then such moves are
 *		VIE_UNKNOWN
 */
struct vie_ops {
	enum vie_status (*read)(void *ctx, u64 gla, unsigned int size, void *buf,
				unsigned int access, struct vie_fault *fault);
	enum vie_status (*write)(void *ctx, u64 gla, unsigned int size, const void *buf,
				 unsigned int access, struct vie_fault *fault);
	enum vie_status (*probe)(void *ctx, u64 gla, unsigned int size,
				 unsigned int access, struct vie_fault *fault);
	enum vie_status (*io)(void *ctx, u16 port, unsigned int size, unsigned int count,
			      bool in, void *data, struct vie_fault *fault);
	void (*get_vector)(void *ctx, unsigned int reg, u8 data[VIE_VECTOR_MAX]);
	void (*set_vector)(void *ctx, unsigned int reg, const u8 data[VIE_VECTOR_MAX],
			   bool whole);
};

/* Mode and privilege that a register block (CR, SEG, GPR groups) stands for. */
enum vie_mode vie_mode(const struct vmm_regs *regs);
unsigned int vie_cpl(const struct vmm_regs *regs);

/*
 * Where the instruction at CS:RIP begins, and in *@room how many of its bytes
 * (at most 15) lie inside the code segment: 0 means the fetch is a #GP(0).
 */
u64 vie_fetch_gla(const struct vmm_regs *regs, unsigned int *room);

/*
 * Decode the @len bytes at @inst; reads nothing else and needs no more than
 * VIE_INST_MAX. VIE_OK fills *@vie in, with vie->len <= @len. VIE_TRUNCATED:
 * more than @len bytes are needed. VIE_UNKNOWN: see above.
 */
enum vie_status vie_decode(struct vie *vie, const u8 *inst, unsigned int len,
			   enum vie_mode mode);

/*
 * Execute once against @regs, which must be of the mode @vie was decoded for.
 * Reads GPR, SEG, CR groups; changes gpr, rip, rflags, and these only together
 * with VIE_OK or VIE_AGAIN. VIE_AGAIN makes progress at each call, so a caller
 * may loop, but bounds the loop itself. On VIE_OK the caller ends STI and
 * MOV-SS blocking, and delivers the single-step trap if RFLAGS.TF was set (on
 * VIE_AGAIN too: hardware traps after every iteration).
 * Never loops: at most VIE_IO_MAX bytes and five callbacks per call.
 */
enum vie_status vie_exec(const struct vie *vie, struct vmm_regs *regs,
			 const struct vie_ops *ops, void *ctx, struct vie_fault *fault);

/*
 * Linear address of the memory operand as @regs stand, with the segment and
 * canonical checks of an @access to it; for string instructions that of the
 * source, or of the destination where memory is no source. VIE_OK, VIE_FAULT,
 * or VIE_UNKNOWN if there is no operand.
 */
enum vie_status vie_operand_gla(const struct vie *vie, const struct vmm_regs *regs,
				unsigned int access, u64 *gla, struct vie_fault *fault);

#endif /* VMM_EMUL_VIE_H */
