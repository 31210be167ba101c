/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The command line, parsed. Strings point into argv.
 */
#ifndef VMRUN_OPTS_H
#define VMRUN_OPTS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "opts_dev.h"
#include "why.h"

#define OPTS_INITRDS_MAX	16
#define OPTS_MEMORY_MIN		(2ULL << 20)
#define OPTS_MEMORY_MAX		(64ULL << 40)

struct options {
	const char *name;		/* NULL: none given */
	const char *image;		/* positional */
	const char *kernel;
	const char *initrd[OPTS_INITRDS_MAX];
	unsigned int initrds;
	const char *firmware;		/* "bios", "uefi" or a path; NULL: none given */
	const char *vars;
	const char *append;		/* NULL: none given */
	unsigned int cpus;
	uint64_t memory;		/* bytes, a multiple of 4096 */
	struct console_options serial;
	uint64_t timeout_ns;		/* 0: none */
	bool no_reboot;
	bool check;
	bool stats;
	bool help;
	bool version;
	int level;			/* -1 quiet, 0, 1 verbose */
};

/* 0, or -1 with @why. Prints nothing. */
int opts_parse(struct options *opts, int argc, char **argv, struct why *why);
void opts_usage(FILE *out, const char *program);

/* "512" is MiB; suffixes K M G T, optionally with iB or B behind. */
int opts_size(const char *text, uint64_t *bytes);

#endif /* VMRUN_OPTS_H */
