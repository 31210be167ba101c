// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * JSON output (RFC 8259). Numbers beyond 2^53 would lose digits in many
 * readers; nothing here gets near.
 */
#include "json.h"

#include <inttypes.h>
#include <stdio.h>

static void put_string(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		unsigned char c = *text;

		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

static void put_key(struct json *json, const char *key)
{
	if (json->needs_comma)
		putchar(',');
	if (json->depth)
		printf("\n%*s", 2 * (int)json->depth, "");
	if (key) {
		put_string(key);
		fputs(": ", stdout);
	}
	json->needs_comma = true;
}

void json_open(struct json *json, const char *key, char bracket)
{
	put_key(json, key);
	putchar(bracket);
	json->needs_comma = false;
	json->depth++;
}

void json_close(struct json *json, char bracket)
{
	json->depth--;
	if (json->needs_comma)
		printf("\n%*s", 2 * (int)json->depth, "");
	putchar(bracket);
	json->needs_comma = true;
	if (!json->depth)
		putchar('\n');
}

void json_string(struct json *json, const char *key, const char *value)
{
	put_key(json, key);
	put_string(value);
}

void json_number(struct json *json, const char *key, uint64_t value)
{
	put_key(json, key);
	printf("%" PRIu64, value);
}
