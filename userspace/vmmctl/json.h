/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Writing JSON to stdout. Commas and nesting are kept track of; strings are
 * escaped. The caller closes what it opens.
 */
#ifndef VMMCTL_JSON_H
#define VMMCTL_JSON_H

#include <stdbool.h>
#include <stdint.h>

struct json {
	bool needs_comma;
	unsigned int depth;
};

/* @key NULL: an element of an array, or the whole document. */
void json_open(struct json *json, const char *key, char bracket);
void json_close(struct json *json, char bracket);
void json_string(struct json *json, const char *key, const char *value);
void json_number(struct json *json, const char *key, uint64_t value);

#endif /* VMMCTL_JSON_H */
