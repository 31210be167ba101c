// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Random numbers that can be had again, and the kernel's log.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "hostile.h"

uint64_t rng_next(struct rng *rng)
{
	rng->state ^= rng->state >> 12;
	rng->state ^= rng->state << 25;
	rng->state ^= rng->state >> 27;
	return rng->state * 0x2545f4914f6cdd1dULL;
}

uint64_t rng_below(struct rng *rng, uint64_t n)
{
	return (rng_next(rng) >> 8) % n;
}

bool rng_chance(struct rng *rng, unsigned int percent)
{
	return rng_below(rng, 100) < percent;
}

void rng_fill(struct rng *rng, void *buf, size_t len)
{
	uint8_t *bytes = buf;
	uint64_t word;
	size_t n;

	while (len) {
		word = rng_next(rng);
		n = len < 8 ? len : 8;
		memcpy(bytes, &word, n);
		bytes += n;
		len -= n;
	}
}

uint64_t rng_edge(struct rng *rng)
{
	uint64_t bit = 1ULL << rng_below(rng, 64);

	switch (rng_below(rng, 6)) {
	case 0:
		return rng_below(rng, 16);
	case 1:
		return bit;
	case 2:
		return bit - 1 - rng_below(rng, 2);
	case 3:
		return -bit;
	case 4:
		return rng_next(rng) & 0xffffffff;
	default:
		return rng_next(rng);
	}
}

static uint64_t from_environment(const char *name, uint64_t fallback)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : fallback;
}

uint64_t hostile_seed(uint64_t fallback)
{
	uint64_t seed = from_environment("VMM_HOSTILE_SEED", fallback);

	return seed ? seed : 1;		/* 0 would stay 0 */
}

unsigned int hostile_cases(unsigned int fallback)
{
	return from_environment("VMM_HOSTILE_CASES", fallback);
}

int kmsg_open(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0)
		lseek(fd, 0, SEEK_END);
	return fd;
}

const char *kmsg_complaint(int fd)
{
	static const char *const signs[] = {
		"BUG:", "WARNING:", "Oops", "KASAN", "UBSAN", "lockdep", "Call Trace",
		"general protection", "unable to handle", "INFO: task", "stall",
	};
	static char line[2048];
	unsigned int i;
	ssize_t n;

	for (;;) {
		n = read(fd, line, sizeof(line) - 1);
		if (n < 0 && errno == EPIPE)
			continue;	/* lines were overwritten: go on with what is left */
		if (n <= 0)
			return NULL;
		line[n] = 0;
		for (i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
			if (strstr(line, signs[i]))
				return line;
	}
}
