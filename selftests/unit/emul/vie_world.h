/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A world for the executor that is small and remembers: memory of a few pages
 * at linear address 0x10000, a log of all callbacks, one page that faults, and
 * a point at which a callback asks for userspace.
 */
#ifndef VIE_WORLD_H
#define VIE_WORLD_H

#include "vie_impl.h"

#define WORLD_GLA	0x10000ULL
#define WORLD_SIZE	0x4000
#define WORLD_CALLS	16

struct world_call {
	char what;		/* 'r', 'w', 'p', 'i', 'o' */
	unsigned int access;
	unsigned int size;
	unsigned int count;
	u64  gla;		/* or port */
	u64  data;		/* first bytes of a write or output */
};

struct world {
	u8   mem[WORLD_SIZE];
	u64  bad_page;		/* linear address of a page that faults, 0 none */
	int  user_at;		/* number of the callback that answers VIE_USER, -1 none */
	u8   port_next;		/* what the port answers next */
	u8   vector[16][VIE_VECTOR_MAX];
	int  calls;
	struct world_call call[WORLD_CALLS];
};

static inline struct world_call *world_log(struct world *w, char what, u64 gla,
					   unsigned int size, unsigned int access)
{
	struct world_call *call = &w->call[w->calls < WORLD_CALLS ? w->calls : WORLD_CALLS - 1];

	memset(call, 0, sizeof(*call));
	call->what = what;
	call->gla = gla;
	call->size = size;
	call->access = access;
	w->calls++;
	return call;
}

static inline enum vie_status world_reach(struct world *w, u64 gla, unsigned int size,
					  unsigned int access, struct vie_fault *fault)
{
	u64 page;

	if (w->bad_page && gla < w->bad_page + 4096 && gla + size > w->bad_page) {
		page = gla > w->bad_page ? gla : w->bad_page;
		*fault = (struct vie_fault){ VIE_PF, true, access & VIE_ACC_WRITE ? 3 : 1, page };
		return VIE_FAULT;
	}
	if (gla < WORLD_GLA || gla + size > WORLD_GLA + WORLD_SIZE)
		return VIE_UNKNOWN;
	return VIE_OK;
}

static inline enum vie_status world_read(void *ctx, u64 gla, unsigned int size, void *buf,
					 unsigned int access, struct vie_fault *fault)
{
	struct world *w = ctx;
	bool user = w->calls == w->user_at;
	enum vie_status status;

	world_log(w, 'r', gla, size, access);
	status = world_reach(w, gla, size, access, fault);
	if (status != VIE_OK)
		return status;
	if (user)
		return VIE_USER;
	memcpy(buf, w->mem + (gla - WORLD_GLA), size);
	return VIE_OK;
}

static inline enum vie_status world_write(void *ctx, u64 gla, unsigned int size, const void *buf,
					  unsigned int access, struct vie_fault *fault)
{
	struct world *w = ctx;
	bool user = w->calls == w->user_at;
	struct world_call *call = world_log(w, 'w', gla, size, access);
	enum vie_status status = world_reach(w, gla, size, access, fault);

	memcpy(&call->data, buf, size < 8 ? size : 8);
	if (status != VIE_OK)
		return status;
	if (user)
		return VIE_USER;
	memcpy(w->mem + (gla - WORLD_GLA), buf, size);
	return VIE_OK;
}

static inline enum vie_status world_probe(void *ctx, u64 gla, unsigned int size,
					  unsigned int access, struct vie_fault *fault)
{
	struct world *w = ctx;

	world_log(w, 'p', gla, size, access);
	return world_reach(w, gla, size, access, fault);
}

/* Only an answered read moves the port on. */
static inline enum vie_status world_io(void *ctx, u16 port, unsigned int size, unsigned int count,
				       bool in, void *data, struct vie_fault *fault)
{
	struct world *w = ctx;
	bool user = w->calls == w->user_at;
	struct world_call *call = world_log(w, in ? 'i' : 'o', port, size, 0);
	unsigned int i;

	(void)fault;
	call->count = count;
	if (!in)
		memcpy(&call->data, data, size * count < 8 ? size * count : 8);
	if (user)
		return VIE_USER;
	for (i = 0; in && i < size * count; i++)
		((u8 *)data)[i] = w->port_next++;
	return VIE_OK;
}

static inline void world_get_vector(void *ctx, unsigned int reg, u8 data[VIE_VECTOR_MAX])
{
	struct world *w = ctx;

	memcpy(data, w->vector[reg], VIE_VECTOR_MAX);
}

static inline void world_set_vector(void *ctx, unsigned int reg, const u8 data[VIE_VECTOR_MAX],
				    bool whole)
{
	struct world *w = ctx;

	memcpy(w->vector[reg], data, whole ? VIE_VECTOR_MAX : 16);
}

static const struct vie_ops world_ops = {
	world_read, world_write, world_probe, world_io, world_get_vector, world_set_vector,
};

static inline void world_init(struct world *w)
{
	unsigned int i;

	memset(w, 0, sizeof(*w));
	w->user_at = -1;
	for (i = 0; i < WORLD_SIZE; i++)
		w->mem[i] = i * 37 + (i >> 8);
}

/* A register block in flat protected, 64-bit or real mode. */
static inline void world_regs(struct vmm_regs *regs, enum vie_mode mode, bool real)
{
	unsigned int i;

	memset(regs, 0, sizeof(*regs));
	regs->rip = 0x1000;
	regs->rflags = 2;
	regs->cr0 = real ? 0x10 : 0x80000011;
	regs->efer = mode == VIE_64 ? 0xd00 : 0;
	for (i = 0; i < 6; i++) {
		regs->seg[i].limit = real ? 0xffff : 0xffffffff;
		regs->seg[i].access = real ? 0x93 : 0xc093;
		regs->gpr[i] = 0;
	}
	regs->seg[VMM_SEG_CS].access = real ? 0x9b : mode == VIE_64 ? 0xa09b :
				       mode == VIE_32 ? 0xc09b : 0x809b;
}

#endif /* VIE_WORLD_H */
