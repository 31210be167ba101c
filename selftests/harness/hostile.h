/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What tests with random input share: a generator whose seed can be given
 * again, and the kernel's opinion of what was done to it.
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* xorshift64*: small, and the same everywhere. */
struct rng {
	uint64_t state;
};

uint64_t rng_next(struct rng *rng);
uint64_t rng_below(struct rng *rng, uint64_t n);	/* 0 .. n-1 */
bool rng_chance(struct rng *rng, unsigned int percent);
void rng_fill(struct rng *rng, void *buf, size_t len);
/* A number as found at the edges: near 0, 2^n, sign bits, or anything. */
uint64_t rng_edge(struct rng *rng);

/* VMM_HOSTILE_SEED, or @fallback; VMM_HOSTILE_CASES, or @fallback. */
uint64_t hostile_seed(uint64_t fallback);
unsigned int hostile_cases(unsigned int fallback);

/*
 * kmsg_open() begins to listen to the kernel's log; kmsg_complaint() returns the
 * first line since then that is a BUG, WARNING, Oops or the like, or NULL.
 */
int kmsg_open(void);
const char *kmsg_complaint(int fd);

#endif /* HOSTILE_H */
