/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A second opinion on page walks: slow, and written in the order of the SDM's
 * text. Each mode has a function, each bit of an entry is asked singly whether
 * it is reserved, and the six kinds of access of "Access Rights" are six
 * functions. Shares nothing with module/emul/gla.c but the structures of its
 * interface.
 *
 * Also the guest memory that both walkers read: 16 pages at guest-physical 0,
 * filled with entries that point into it more often than not.
 */
#ifndef GLA_ORACLE_H
#define GLA_ORACLE_H

#include "gla.h"

#define GLA_PAGES	16
#define GLA_MEM		(GLA_PAGES * 4096)

struct gla_mem {
	u64 word[GLA_MEM / 8];
	int exchanges;
	int collide;		/* exchanges that will find the entry changed */
};

static inline enum gla_status gla_mem_read(void *ctx, u64 gpa, u64 *value)
{
	struct gla_mem *mem = ctx;

	if (gpa >= GLA_MEM || (gpa & 7))
		return GLA_STOP;
	*value = mem->word[gpa / 8];
	return GLA_OK;
}

static inline enum gla_status gla_mem_cmpxchg(void *ctx, u64 gpa, u64 old, u64 new)
{
	struct gla_mem *mem = ctx;

	if (gpa >= GLA_MEM || (gpa & 7))
		return GLA_STOP;
	mem->exchanges++;
	if (mem->collide) {
		mem->collide--;
		return GLA_CHANGED;
	}
	if (mem->word[gpa / 8] != old)
		return GLA_CHANGED;
	mem->word[gpa / 8] = new;
	return GLA_OK;
}

static const struct gla_ops gla_mem_ops = { gla_mem_read, gla_mem_cmpxchg };

/* A plausible entry out of two random numbers. */
static inline u64 gla_random_entry(u64 a, u64 b)
{
	u64 entry = (a & (GLA_PAGES - 1)) << 12;

	entry |= (b & 31) ? 1 : 0;			/* P */
	entry |= (b >> 5 & 7) ? 2 : 0;			/* W */
	entry |= (b >> 8 & 7) ? 4 : 0;			/* U */
	entry |= (b >> 11 & 15) << 3;			/* PWT PCD A D */
	entry |= (b >> 15 & 7) ? 0 : 0x80;		/* PS */
	entry |= (b >> 18 & 15) << 8;
	entry |= (b >> 22 & 7) ? 0 : 1ULL << 63;	/* XD */
	entry |= (b >> 25 & 7) ? 0 : (a >> 8 & 0x7ff) << 52;
	entry |= (b >> 28 & 7) ? 0 : 1ULL << (16 + (a >> 20 & 31));
	return entry;
}

enum oracle_mode { FLAT, LEGACY, PAE, LONG };

struct oracle {
	enum gla_status status;
	u8  vector;
	u32 error;
	u64 gpa;
	u64 page_size;
	int count;			/* entries in memory that were used */
	u64 entry_gpa[5];
	u64 entry[5];
};

static inline enum oracle_mode oracle_mode(const struct gla_ctx *c)
{
	if (!(c->cr0 >> 31 & 1))
		return FLAT;
	if (c->efer >> 10 & 1)
		return LONG;
	return c->cr4 >> 5 & 1 ? PAE : LEGACY;
}

/* Formats of Paging-Structure Entries, a bit at a time. */
static inline bool oracle_reserved(const struct gla_ctx *c, enum oracle_mode mode, int level,
				   bool leaf, int bit)
{
	if (mode == LEGACY) {
		if (level != 2 || !leaf)
			return false;
		if (bit == 21)
			return true;
		return bit >= 13 && bit <= 20 && bit + 19 >= c->gpa_width;
	}
	if (bit == 63)
		return !(c->efer >> 11 & 1);
	if (bit >= 52)
		return mode == PAE;
	if (bit >= c->gpa_width)
		return true;
	if (bit == 7)
		return level >= 4 || (level == 3 && !c->has_1g);
	if (leaf && level == 2)
		return bit >= 13 && bit <= 20;
	if (leaf && level == 3)
		return bit >= 13 && bit <= 29;
	return false;
}

struct oracle_page {
	bool user, write, nx;
	int key;
};

static inline bool supervisor_read(const struct gla_ctx *c, struct oracle_page p, bool implicit)
{
	if (!p.user || !(c->cr4 >> 21 & 1))
		return true;
	return !implicit && (c->rflags >> 18 & 1);
}

static inline bool supervisor_write(const struct gla_ctx *c, struct oracle_page p, bool implicit)
{
	if (!supervisor_read(c, p, implicit))
		return false;
	return p.write || !(c->cr0 >> 16 & 1);
}

static inline bool supervisor_fetch(const struct gla_ctx *c, struct oracle_page p)
{
	if (p.user && (c->cr4 >> 20 & 1))
		return false;
	return !p.nx;
}

static inline bool user_read(struct oracle_page p)
{
	return p.user;
}

static inline bool user_write(struct oracle_page p)
{
	return p.user && p.write;
}

static inline bool user_fetch(struct oracle_page p)
{
	return p.user && !p.nx;
}

/* "Protection Keys": true if the key forbids the access. */
static inline bool key_denies(const struct gla_ctx *c, struct oracle_page p, bool is_user,
			      unsigned int access)
{
	bool ad, wd;

	if (oracle_mode(c) != LONG || !(c->cr4 >> 22 & 1) || !p.user || (access & GLA_EXEC))
		return false;
	ad = c->pkru >> (2 * p.key) & 1;
	wd = c->pkru >> (2 * p.key + 1) & 1;
	if (ad)
		return true;
	if (wd && (access & GLA_WRITE))
		return is_user || (c->cr0 >> 16 & 1);
	return false;
}

static inline void oracle_fault(struct oracle *o, const struct gla_ctx *c, unsigned int access,
				bool present, bool reserved, bool key)
{
	bool is_user = (access & GLA_USER) && !(access & GLA_IMPLICIT);

	o->status = GLA_FAULT;
	o->vector = 14;
	o->error = present | (access & GLA_WRITE ? 2 : 0) | is_user << 2 | reserved << 3 | key << 5;
	if (access & GLA_EXEC)
		if ((c->cr4 >> 20 & 1) || ((c->efer >> 11 & 1) && (c->cr4 >> 5 & 1)))
			o->error |= 16;
}

static inline void oracle_judge(struct oracle *o, const struct gla_ctx *c, unsigned int access,
				struct oracle_page p)
{
	bool implicit = access & GLA_IMPLICIT;
	bool is_user = (access & GLA_USER) && !implicit;
	bool key = key_denies(c, p, is_user, access);
	bool may;

	if (is_user)
		may = access & GLA_EXEC ? user_fetch(p) :
		      access & GLA_WRITE ? user_write(p) : user_read(p);
	else
		may = access & GLA_EXEC ? supervisor_fetch(c, p) :
		      access & GLA_WRITE ? supervisor_write(c, p, implicit) :
		      supervisor_read(c, p, implicit);
	if (!may || key)
		oracle_fault(o, c, access, true, false, key);
}

static inline struct oracle oracle_walk(const struct gla_ctx *c, struct gla_mem *mem, u64 gla,
					unsigned int access)
{
	struct oracle o = { .status = GLA_OK, .page_size = 4096 };
	struct oracle_page page = { .user = true, .write = true };
	enum oracle_mode mode = oracle_mode(c);
	int entry_bytes = mode == LEGACY ? 4 : 8, level = 0, bit;
	u64 table = 0, entry, at, index;
	bool leaf;

	if (mode == LONG) {
		int top = c->cr4 >> 12 & 1 ? 56 : 47;

		for (bit = top; bit < 64; bit++)
			if ((gla >> bit & 1) != (gla >> top & 1)) {
				o.status = GLA_FAULT;
				o.vector = 13;
				return o;
			}
	} else {
		gla &= 0xffffffff;
	}

	switch (mode) {
	case FLAT:
		o.gpa = gla;
		return o;
	case LEGACY:
		level = 2;
		table = c->cr3 & 0xfffff000;
		break;
	case PAE:
		level = 2;
		entry = c->pdpte[gla >> 30];
		if (!(entry & 1)) {
			oracle_fault(&o, c, access, false, false, false);
			return o;
		}
		table = entry & 0x000ffffffffff000;
		break;
	case LONG:
		level = c->cr4 >> 12 & 1 ? 5 : 4;
		table = c->cr3 & 0x000ffffffffff000;
		break;
	}

	for (;; level--) {
		if (mode == LEGACY)
			index = level == 2 ? gla >> 22 & 1023 : gla >> 12 & 1023;
		else
			index = gla >> (12 + 9 * (level - 1)) & 511;
		at = table + index * entry_bytes;
		if (at >= GLA_MEM) {
			o.status = GLA_STOP;
			return o;
		}
		entry = mem->word[at / 8];
		if (mode == LEGACY)
			entry = at & 4 ? entry >> 32 : entry & 0xffffffff;
		o.entry_gpa[o.count] = at;
		o.entry[o.count++] = entry;

		if (!(entry & 1)) {
			oracle_fault(&o, c, access, false, false, false);
			return o;
		}
		leaf = level == 1;
		if ((entry & 0x80) && level == 2)
			leaf = mode != LEGACY || (c->cr4 >> 4 & 1);
		if ((entry & 0x80) && level == 3)
			leaf = true;
		if (level == 1)
			leaf = true;
		for (bit = 0; bit < 64; bit++)
			if ((entry >> bit & 1) && oracle_reserved(c, mode, level, leaf, bit)) {
				oracle_fault(&o, c, access, true, true, false);
				return o;
			}
		page.write = page.write && (entry & 2);
		page.user = page.user && (entry & 4);
		page.nx = page.nx || (mode != LEGACY && entry >> 63);
		if (leaf)
			break;
		table = entry & (mode == LEGACY ? 0xfffff000 : 0x000ffffffffff000);
	}
	page.key = entry >> 59 & 15;
	oracle_judge(&o, c, access, page);
	if (o.status != GLA_OK)
		return o;

	if (mode == LEGACY && level == 2) {
		o.page_size = 4 << 20;
		o.gpa = (entry & 0xffc00000) | (entry >> 13 & 0xff) << 32 | (gla & 0x3fffff);
	} else if (level == 1) {
		o.gpa = (entry & 0x000ffffffffff000) | (gla & 0xfff);
	} else if (level == 2) {
		o.page_size = 2 << 20;
		o.gpa = (entry & 0x000fffffffe00000) | (gla & 0x1fffff);
	} else {
		o.page_size = 1 << 30;
		o.gpa = (entry & 0x000fffffc0000000) | (gla & 0x3fffffff);
	}
	return o;
}

/*
 * The flags a successful walk on the guest's behalf leaves in memory @mem,
 * which is as it was before.
 */
static inline void oracle_set_flags(const struct oracle *o, struct gla_mem *mem,
				    enum oracle_mode mode, unsigned int access)
{
	int i;

	for (i = 0; i < o->count; i++) {
		u64 flags = 0x20;

		if (i + 1 == o->count && (access & GLA_WRITE))
			flags |= 0x40;
		if (mode == LEGACY && (o->entry_gpa[i] & 4))
			flags <<= 32;
		mem->word[o->entry_gpa[i] / 8] |= flags;
	}
}

/*
 * One walk by both. NULL if they agree on everything, memory afterwards
 * included, or what they differ in.
 */
static inline const char *gla_disagreement(const struct gla_ctx *ctx, struct gla_mem *mem,
					   u64 gla, unsigned int access)
{
	static struct gla_mem expect;
	struct oracle o = oracle_walk(ctx, mem, gla, access);
	struct gla_result res;
	enum gla_status status;
	u32 i, first;

	expect = *mem;
	if (o.status == GLA_OK && (access & GLA_SET_AD))
		oracle_set_flags(&o, &expect, oracle_mode(ctx), access);

	memset(&res, 0xee, sizeof(res));
	status = gla_walk(ctx, gla, access, &gla_mem_ops, mem, &res);
	if (status != o.status)
		return "status";
	if (status == GLA_OK && res.gpa != o.gpa)
		return "guest-physical address";
	if (status == GLA_OK && res.page_size != o.page_size)
		return "page size";
	if (status == GLA_FAULT && res.fault.vector != o.vector)
		return "vector";
	if (status == GLA_FAULT && !res.fault.has_error)
		return "error code missing";
	if (status == GLA_FAULT && res.fault.error != o.error)
		return "error code";
	if (status == GLA_FAULT && o.vector == 14 &&
	    res.fault.cr2 != (oracle_mode(ctx) == LONG ? gla : (u32)gla))
		return "CR2";
	if (memcmp(mem->word, expect.word, sizeof(mem->word)))
		return "memory";
	first = oracle_mode(ctx) == PAE;
	if (o.count && res.steps != o.count + first)
		return "number of steps";
	for (i = 0; i < (u32)o.count; i++)
		if (res.step[i + first].gpa != o.entry_gpa[i])
			return "step";
	return NULL;
}

#endif /* GLA_ORACLE_H */
