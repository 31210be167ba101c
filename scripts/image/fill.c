// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * fill MEGABYTES: writes a pattern over that much memory and reads it back
 * twice. No two words are alike, so that two guest pages which share one page
 * of memory cannot pass. Runs in the demo guest, linked statically.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

/* A bijection of 64 bits: different indices give different words. */
static uint64_t word(uint64_t index)
{
	index *= 0x9e3779b97f4a7c15ull;
	return index ^ (index >> 32);
}

int main(int argc, char **argv)
{
	size_t megabytes = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
	size_t words = (megabytes << 20) / sizeof(uint64_t);
	size_t wrong = 0;
	uint64_t *mem;

	if (!words) {
		fprintf(stderr, "usage: fill MEGABYTES\n");
		return 2;
	}
	mem = mmap(NULL, words * sizeof(*mem), PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mem == MAP_FAILED) {
		perror("fill: mmap");
		return 1;
	}
	for (size_t i = 0; i < words; i++)
		mem[i] = word(i);
	for (int pass = 1; pass <= 2; pass++) {
		/* The compiler must not remember what it wrote. */
		__asm__ volatile("" : : : "memory");
		for (size_t i = 0; i < words; i++)
			wrong += mem[i] != word(i);
		printf("%zu MiB read, pass %d: %zu words wrong\n", megabytes, pass, wrong);
	}
	return wrong != 0;
}
