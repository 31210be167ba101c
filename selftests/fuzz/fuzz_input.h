/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The bytes of one input, taken from the front. What is missing reads as zero,
 * so that a cut input still means something.
 */
#ifndef VMM_FUZZ_INPUT_H
#define VMM_FUZZ_INPUT_H

#include "env.h"

struct input {
	const u8 *data;
	size_t left;
};

static inline u64 take(struct input *in, size_t bytes)
{
	u64 value = 0;
	size_t n = bytes < in->left ? bytes : in->left;

	memcpy(&value, in->data, n);
	in->data += n;
	in->left -= n;
	return value;
}

/* A span of time: small, a second or so, or years, with equal chances. */
static inline u64 take_span(struct input *in)
{
	u64 bits = take(in, 1);

	return take(in, (bits & 7) + 1) >> (bits >> 5);
}

#define FUZZ_CHECK(claim) do {			\
	if (!(claim))				\
		__builtin_trap();		\
} while (0)

#endif /* VMM_FUZZ_INPUT_H */
