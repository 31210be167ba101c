/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a loader has put where: every byte that goes into guest memory before
 * the start is asked for here, so two things never overlap and nothing lies
 * outside RAM.
 */
#ifndef VMRUN_BOOT_PLACE_H
#define VMRUN_BOOT_PLACE_H

#include <libvmm.h>

#include "why.h"

#define PLACE_MAX	128

struct place_range {
	uint64_t gpa;
	uint64_t len;
	const char *what;	/* static text, "the kernel" */
};

struct place {
	const struct vmm_ram *ram;
	struct place_range range[PLACE_MAX];
	unsigned int count;
};

void place_init(struct place *place, const struct vmm_ram *ram);

/*
 * Take [@gpa, @gpa + @len) for @what. Returns where it lies in this process,
 * or NULL with @why. A zero @len takes nothing and always succeeds.
 */
void *place_at(struct place *place, uint64_t gpa, uint64_t len, const char *what,
	       struct why *why);

/*
 * Take the highest free @len bytes of low RAM that end at or below @limit_gpa,
 * aligned to 4096 and not below 1 MiB; their address in @gpa.
 */
void *place_top(struct place *place, uint64_t limit_gpa, uint64_t len, const char *what,
		uint64_t *gpa, struct why *why);

#endif /* VMRUN_BOOT_PLACE_H */
