// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Streams of map, unmap, protect, age, clean and guest accesses on an EPT tree,
 * judged by the interval map and the processor of ept_model.h. The first byte
 * chooses the capabilities; the rest decides the operations; the run ends with
 * the input. Every tree is torn down and must have given back all its pages.
 */
#include "env.h"
#include "intel/ept_driver.h"

#define STEPS_MAX	512

struct input {
	const u8 *data;
	size_t left;
};

static struct model world;

static u8 next_byte(void *src)
{
	struct input *in = src;

	if (!in->left)
		return 0;
	in->left--;
	return *in->data++;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };
	u8 c = next_byte(&in);
	struct ept_caps caps = {
		.hw_ad = c & 1, .exec_only = c & 2,
		.has_2m = c & 4, .has_1g = c & 8,
	};
	int i;

	model_init(&world, &caps, next_byte, &in);
	for (i = 0; in.left && i < STEPS_MAX; i++)
		model_step(&world);
	model_check_all(&world);
	model_fini(&world);
	return 0;
}
