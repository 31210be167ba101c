// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Flat configuration: no meaning is given to any key here.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void config_free(struct config *config)
{
	free(config->text);
	config->text = NULL;
	config->count = 0;
}

static struct config_entry *find(const struct config *config, const char *key)
{
	for (unsigned int i = 0; i < config->count; i++)
		if (!strcmp(config->entry[i].key, key))
			return (struct config_entry *)&config->entry[i];
	return NULL;
}

const char *config_get(const struct config *config, const char *key)
{
	const struct config_entry *entry = find(config, key);

	return entry ? entry->value : NULL;
}

int config_set(struct config *config, const char *key, const char *value, struct why *why)
{
	struct config_entry *entry = find(config, key);

	/* It could not be written to a file and read back. */
	if (strchr(value, '\n'))
		return why_set(why, "%s: a value has no line breaks", key);
	if (!entry) {
		if (config->count == CONFIG_ENTRIES_MAX)
			return why_set(why, "more than %d options", CONFIG_ENTRIES_MAX);
		if (strlen(key) > CONFIG_KEY_MAX)
			return why_set(why, "\"%.40s\" is no key: it is too long", key);
		entry = &config->entry[config->count++];
		strcpy(entry->key, key);
	}
	entry->value = value;
	return 0;
}

unsigned int config_list_len(const struct config *config, const char *list)
{
	char key[CONFIG_KEY_MAX + 16];
	unsigned int len = 0;

	for (;; len++) {
		snprintf(key, sizeof(key), "%s.%u", list, len);
		if (!find(config, key))
			return len;
	}
}

static int read_text(struct config *config, const char *path, struct why *why)
{
	FILE *file = fopen(path, "re");
	size_t len;

	if (!file)
		return why_set(why, "--config: %s: %s", path, strerror(errno));
	config->text = malloc(CONFIG_FILE_MAX + 1);
	len = config->text ? fread(config->text, 1, CONFIG_FILE_MAX + 1, file) : 0;
	if (ferror(file)) {
		why_set(why, "--config: %s: %s", path, strerror(errno));
		fclose(file);
		return -1;
	}
	fclose(file);
	if (!config->text)
		return why_set(why, "--config: no memory");
	if (len > CONFIG_FILE_MAX || memchr(config->text, '\0', len))
		return why_set(why, "--config: %s is no file of key=value lines", path);
	config->text[len] = '\0';
	return 0;
}

int config_read(struct config *config, const char *path,
		int (*take)(void *ctx, const char *key, const char *value, struct why *why),
		void *ctx, struct why *why)
{
	unsigned int number = 0;
	char *next, *line;

	if (config->text)
		return why_set(why, "--config was given twice");
	if (read_text(config, path, why))
		return -1;
	for (next = config->text; (line = strsep(&next, "\n"));) {
		struct why cause;
		char *equals;

		number++;
		line += strspn(line, " \t");
		if (!*line || *line == '#')
			continue;
		equals = strchr(line, '=');
		if (!equals)
			return why_set(why, "--config: %s, line %u: \"%.60s\" is not key=value",
				       path, number, line);
		*equals = '\0';
		if (take(ctx, line, equals + 1, &cause))
			return why_set(why, "--config: %s, line %u: %.700s", path, number,
				       cause.text);
	}
	return 0;
}

void config_print(const struct config *config, FILE *out)
{
	for (unsigned int i = 0; i < config->count; i++)
		fprintf(out, "%s=%s\n", config->entry[i].key, config->entry[i].value);
}
