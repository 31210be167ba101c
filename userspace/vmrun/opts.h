/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The command line, parsed. Strings point into argv or into the configuration
 * file's text.
 *
 * Every option that describes the run is a key of the configuration; options
 * that ask something of vmrun itself (--check, --help...) are not.
 */
#ifndef VMRUN_OPTS_H
#define VMRUN_OPTS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "config.h"
#include "opts_dev.h"
#include "why.h"

#define OPTS_INITRDS_MAX	16
#define OPTS_DISKS_MAX		16
#define OPTS_NETS_MAX		8
#define OPTS_SHARES_MAX		8
#define OPTS_CONSOLES_MAX	8
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
	struct disk_options disk[OPTS_DISKS_MAX];
	unsigned int disks;
	struct net_options net[OPTS_NETS_MAX];
	unsigned int nets;
	struct share_options share[OPTS_SHARES_MAX];
	unsigned int shares;
	struct console_options console[OPTS_CONSOLES_MAX];
	unsigned int consoles;
	bool no_rng;
	bool ephemeral;
	const char *events;		/* NULL: none wanted */
	bool no_sandbox;
	uint64_t timeout_ns;		/* 0: none */
	bool no_reboot;
	struct config config;
	const char *config_path;
	bool print_config;
	bool dry_run;
	bool check;
	bool stats;
	bool help;
	bool version;
	int level;			/* -1 quiet, 0, 1 verbose */
};

/* 0, or -1 with @why. Prints nothing. opts_free() either way. */
int opts_parse(struct options *opts, int argc, char **argv, struct why *why);
void opts_free(struct options *opts);

/* Make @path the first of the disks. 0, or -1 with @why. */
int opts_insert_disk(struct options *opts, const char *path, struct why *why);
void opts_usage(FILE *out, const char *program);

/* "512" is MiB; suffixes K M G T, optionally with iB or B behind. */
int opts_size(const char *text, uint64_t *bytes);

#endif /* VMRUN_OPTS_H */
