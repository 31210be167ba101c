/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The table of options, for the parser: one row that parsing, help text and
 * configuration are made from. Aliases are rows without help text.
 */
#ifndef VMRUN_OPTS_TABLE_H
#define VMRUN_OPTS_TABLE_H

#include <stddef.h>

#include "opts.h"

struct option_row {
	const char *name;
	char letter;
	const char *argument;	/* NULL: takes none */
	const char *help;	/* NULL: alias */
	int (*set)(struct options *opts, const char *argument, struct why *why);
};

extern const struct option_row opts_rows[];
extern const size_t opts_row_count;
#define OPTS_ROWS_MAX	64

/* Rows that deal with the configuration itself (opts.c). */
int opts_set_config(struct options *opts, const char *argument, struct why *why);
int opts_set_key(struct options *opts, const char *argument, struct why *why);

#endif /* VMRUN_OPTS_TABLE_H */
