/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The configuration of a run as a flat list of key=value: what options, -o and
 * --config all end up in, and what --print-config writes. Numbered keys
 * ("disk.0") make lists.
 *
 * A file has one key=value in a line; blank lines and lines that begin with #
 * mean nothing. The value is all that follows the first =, blanks included.
 */
#ifndef VMRUN_CONFIG_H
#define VMRUN_CONFIG_H

#include <stddef.h>
#include <stdio.h>

#include "why.h"

#define CONFIG_ENTRIES_MAX	128
#define CONFIG_KEY_MAX		32
#define CONFIG_FILE_MAX		65536

struct config_entry {
	char key[CONFIG_KEY_MAX + 1];
	const char *value;	/* the caller's, or in @text */
};

/* Zeroed means empty. Entries keep the order in which their keys came first. */
struct config {
	struct config_entry entry[CONFIG_ENTRIES_MAX];
	unsigned int count;
	char *text;		/* the file, cut into lines */
};

void config_free(struct config *config);

/* NULL: not there. */
const char *config_get(const struct config *config, const char *key);

/* Add, or replace. 0, or -1 with @why. */
int config_set(struct config *config, const char *key, const char *value, struct why *why);

/* How many of @list ("disk") there are: "disk.0" and on. */
unsigned int config_list_len(const struct config *config, const char *list);

/*
 * Read @path and hand each line's key and value to @take, which returns 0, or
 * -1 with @why. Once per struct.
 */
int config_read(struct config *config, const char *path,
		int (*take)(void *ctx, const char *key, const char *value, struct why *why),
		void *ctx, struct why *why);

void config_print(const struct config *config, FILE *out);

#endif /* VMRUN_CONFIG_H */
