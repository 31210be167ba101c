/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * An instruction under emulation, kept across exits to userspace.
 *
 * The emulator runs an instruction from its start each time (vie.h). Device
 * accesses already answered are on record here, in the order in which the
 * instruction makes them; the next one, if userspace must answer it, is
 * @waiting.
 */
#ifndef VMM_EMULATE_H
#define VMM_EMULATE_H

#include <linux/types.h>
#include <uapi/vmm.h>
#include "gla.h"
#include "vie.h"

#define EMU_RECORDS	10
#define EMU_DATA	32

struct emu_record {
	u64 gpa;		/* or port */
	u32 size;
	bool write;
	u8 data[EMU_DATA];
};

/* What the last exit to userspace asked for. */
enum emu_waiting {
	EMU_NOTHING,
	EMU_MMIO,		/* next record of an instruction */
	EMU_IO,			/* IN or OUT outside an instruction emulation */
	EMU_IO_STRING,		/* INS or OUTS: string[] */
	EMU_PROTECT,		/* vcpu->denied */
	EMU_RDMSR,
	EMU_WRMSR,
};

/*
 * Where an instruction was found, and what it was. A driver that uses a
 * device runs the same few instructions again and again: as long as the page
 * tables that led there read the same, and the bytes do, nothing of the walk and
 * of the decoding need be done anew.
 */
#define EMU_FETCH_WORDS	2
#define EMU_FETCHES	4	/* remembered, by the low bits of RIP */

struct emu_fetch {
	u64 rip;
	u64 cr0, cr3, cr4, efer;
	u32 cs_access;
	u8  cpl;
	u64 gen;		/* vm->mem.gen: what @entry and @code point to stands */
	u32 steps;		/* 0: nothing here */
	u64 entry[GLA_LEVELS_MAX];	/* hva of each page-table entry */
	u64 value[GLA_LEVELS_MAX];
	u64 code;		/* hva of the first byte */
	u64 word[EMU_FETCH_WORDS];
	struct vie vie;
};

struct vcpu_emu {
	u32 records;		/* answered */
	u32 next;		/* position in this attempt */
	enum emu_waiting waiting;
	struct emu_record record[EMU_RECORDS];
	u16 port;
	u8 size;		/* of one I/O item */
	bool in;
	u32 count;
	bool string_answered;
	u8 string[VIE_IO_MAX];
	u8 inst[VIE_INST_MAX];
	u8 inst_len;
	struct vie vie;		/* of inst[], while answers are on record */
	struct emu_fetch fetch[EMU_FETCHES];
};

/* One attempt at an instruction, on the stack. */
struct emu_ctx {
	struct vcpu *vcpu;
	struct gla_ctx gla;
	bool host_fault;	/* the owner's memory refused: give up */
	bool denied;		/* VMM_PROTECT forbids it: ask userspace */
	bool denied_walk;
	u32 denied_access;
	u64 denied_gpa;
	u64 from;		/* hva of what was last read */
	u32 entries;		/* page-table entries read in the last walk, at @entry */
	u64 entry[GLA_LEVELS_MAX];
};

/*
 * Memory has answered @access with @error, which is not for a device; @walk: the
 * access was the page walk's.
 */
void emu_give_up(struct emu_ctx *c, int error, u64 gpa, u32 access, bool walk);

/* emulate_fetch.c. The guest's page tables, for gla_walk(); ctx is an emu_ctx. */
extern const struct gla_ops emu_gla_ops;
/* VIE_USER: page tables changed under the walk, run the instruction again. */
enum vie_status emu_translate(struct emu_ctx *c, u64 gla, unsigned int access, u64 *gpa,
			      struct vie_fault *fault);
/* Up to 15 bytes at CS:RIP, decoded into @vie, which is vcpu->emu's. */
enum vie_status emu_fetch(struct emu_ctx *c, struct vie *vie, struct vie_fault *fault);

#endif /* VMM_EMULATE_H */
