// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * From the command line to options, by way of the configuration: every option
 * that describes the run becomes an entry, -o and --config make entries too,
 * and at the end each entry is given its meaning. So what --print-config
 * prints is what runs.
 *
 * getopt_long keeps static state: opts_parse() resets it, so tests may call it
 * many times, from one thread.
 */
#include "opts.h"

#include <ctype.h>
#include <getopt.h>
#include <string.h>

#include "opts_table.h"

/* Options whose configuration key is not their name. */
static const struct {
	const char *name, *key;
} keys[] = {
	{ "memory", "memory.size" },
	{ "serial", "lpc.com1.path" },
};

static const char *const lists[] = { "initrd", "disk", "cdrom", "net", "share", "console" };

/* Options that are done with when they are read. */
static const char *const actions[] = {
	"config", "option", "print-config", "dry-run", "check", "stats", "verbose", "quiet",
	"help", "version",
};

static bool is_among(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

#define IS_AMONG(name, names)	is_among(name, names, sizeof(names) / sizeof(names[0]))

static const char *key_of(const char *name)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!strcmp(keys[i].name, name))
			return keys[i].key;
	return name;
}

/* The row that @key belongs to; of aliases, the first with its setter. */
static const struct option_row *row_by_key(const char *key)
{
	char list[CONFIG_KEY_MAX + 1];
	size_t len = strcspn(key, ".");

	for (size_t i = 0; i < opts_row_count; i++) {
		if (IS_AMONG(opts_rows[i].name, actions) || !opts_rows[i].help)
			continue;
		if (!strcmp(key_of(opts_rows[i].name), key))
			return IS_AMONG(opts_rows[i].name, lists) ? NULL : &opts_rows[i];
		if (len > CONFIG_KEY_MAX || !isdigit((unsigned char)key[len + !!key[len]]))
			continue;
		memcpy(list, key, len);
		list[len] = '\0';
		if (!strcmp(list, opts_rows[i].name) && IS_AMONG(list, lists))
			return &opts_rows[i];
	}
	return NULL;
}

/* An option of the command line becomes an entry; its meaning comes last of all. */
static int put_option(struct options *opts, const struct option_row *row, const char *argument,
		      struct why *why)
{
	char key[CONFIG_KEY_MAX + 16];

	/* Aliases go by their first name. */
	for (size_t i = 0; !row->help && i < opts_row_count; i++)
		if (opts_rows[i].set == row->set && opts_rows[i].help)
			row = &opts_rows[i];
	if (IS_AMONG(row->name, actions))
		return row->set(opts, argument, why);
	snprintf(key, sizeof(key), "%s", key_of(row->name));
	if (IS_AMONG(row->name, lists))
		snprintf(key, sizeof(key), "%s.%u", row->name,
			 config_list_len(&opts->config, row->name));
	else if (!strcmp(row->name, "kernel") && config_get(&opts->config, key))
		return why_set(why, "--kernel was given twice (%s and %s)",
			       config_get(&opts->config, key), argument);
	return config_set(&opts->config, key, argument ? argument : "true", why);
}

static int put_key(void *ctx, const char *key, const char *value, struct why *why)
{
	const struct option_row *row = row_by_key(key);
	struct options *opts = ctx;

	if (!row && strcmp(key, "image"))
		return why_set(why, "\"%.40s\" is no key (see --print-config)", key);
	if (row && !row->argument && strcmp(value, "true") && strcmp(value, "false"))
		return why_set(why, "%s: \"%.40s\" is neither true nor false", key, value);
	return config_set(&opts->config, key, value, why);
}

int opts_set_config(struct options *opts, const char *argument, struct why *why)
{
	return config_read(&opts->config, argument, put_key, opts, why);
}

int opts_set_key(struct options *opts, const char *argument, struct why *why)
{
	const char *equals = strchr(argument, '=');
	char key[CONFIG_KEY_MAX + 1];

	if (!equals || equals - argument > CONFIG_KEY_MAX)
		return why_set(why, "-o: \"%.60s\" is not KEY=VALUE", argument);
	memcpy(key, argument, equals - argument);
	key[equals - argument] = '\0';
	return put_key(opts, key, equals + 1, why);
}

/* From the configuration to the options' meaning. */
static int apply(struct options *opts, struct why *why)
{
	for (unsigned int i = 0; i < opts->config.count; i++) {
		const struct config_entry *entry = &opts->config.entry[i];
		const struct option_row *row = row_by_key(entry->key);

		if (!row) {
			opts->image = entry->value;
			continue;
		}
		if (!row->argument && !strcmp(entry->value, "false"))
			continue;
		if (row->set(opts, entry->value, why))
			return -1;
	}
	return 0;
}

static const struct option_row *row_by_letter(int letter)
{
	for (size_t i = 0; i < opts_row_count; i++)
		if (opts_rows[i].letter && opts_rows[i].letter == letter)
			return &opts_rows[i];
	return NULL;
}

/* getopt_long's own tables; @letters has two characters per row and a colon. */
static void make_getopt_tables(struct option *longs, char *letters)
{
	/* "-": what is no option comes back in order, as the value 1. */
	*letters++ = '-';
	*letters++ = ':';
	for (size_t i = 0; i < opts_row_count; i++) {
		longs[i] = (struct option){
			.name = opts_rows[i].name,
			.has_arg = opts_rows[i].argument ? required_argument : no_argument,
			.val = 256 + i,
		};
		if (!opts_rows[i].letter)
			continue;
		*letters++ = opts_rows[i].letter;
		if (opts_rows[i].argument)
			*letters++ = ':';
	}
	longs[opts_row_count] = (struct option){ 0 };
	*letters = '\0';
}

static int put_image(struct options *opts, const char *argument, struct why *why)
{
	const char *before = config_get(&opts->config, "image");

	if (before)
		return why_set(why,
			       "one image at a time (%s or %s); quote --append when it has blanks",
			       before, argument);
	return config_set(&opts->config, "image", argument, why);
}

int opts_parse(struct options *opts, int argc, char **argv, struct why *why)
{
	struct option longs[OPTS_ROWS_MAX + 1];
	char letters[2 * OPTS_ROWS_MAX + 3];
	const struct option_row *row;
	int c;

	*opts = (struct options){ .cpus = 1, .memory = 512ULL << 20 };
	make_getopt_tables(longs, letters);
	optind = 0;
	opterr = 0;

	while ((c = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (c == 1) {
			if (put_image(opts, optarg, why))
				return -1;
			continue;
		}
		if (c == ':')
			return why_set(why, "%s needs an argument (see --help)", argv[optind - 1]);
		row = c >= 256 ? &opts_rows[c - 256] : row_by_letter(c);
		if (!row && optopt && optopt < 256)
			return why_set(why, "unknown option -%c (see --help)", optopt);
		if (!row)
			return why_set(why, "unknown option %s (see --help)", argv[optind - 1]);
		if (put_option(opts, row, optarg, why))
			return -1;
	}
	for (; optind < argc; optind++)
		if (put_image(opts, argv[optind], why))
			return -1;
	if (apply(opts, why))
		return -1;

	if (opts->help || opts->version || opts->check || opts->print_config)
		return 0;
	if (opts->firmware && opts->kernel)
		return why_set(why, "--firmware and --kernel exclude each other: a kernel is started without firmware");
	if (!opts->image && !opts->kernel && !opts->firmware && !opts->disks)
		return why_set(why, "nothing to run: name an image, --kernel FILE or --firmware WHICH (see --help)");
	return 0;
}

void opts_free(struct options *opts)
{
	config_free(&opts->config);
}

void opts_usage(FILE *out, const char *program)
{
	fprintf(out, "usage: %s [options] [IMAGE]\n", program);
	fprintf(out, "Runs a guest until it powers off. IMAGE is recognised by its content.\n\n");
	for (size_t i = 0; i < opts_row_count; i++) {
		char left[48];

		if (!opts_rows[i].help)
			continue;
		snprintf(left, sizeof(left), "%c%c%c --%s%s%s", opts_rows[i].letter ? '-' : ' ',
			 opts_rows[i].letter ? opts_rows[i].letter : ' ', opts_rows[i].letter ? ',' : ' ',
			 opts_rows[i].name, opts_rows[i].argument ? " " : "",
			 opts_rows[i].argument ? opts_rows[i].argument : "");
		fprintf(out, "  %-24s %s\n", left, opts_rows[i].help);
	}
	fprintf(out, "\nKeys: Ctrl-a x quits, Ctrl-a h lists the others.\n"
		"Status: 0 power-off, 10 reset, 11 halt, 12 triple fault, 124 timeout,\n"
		"125 %s failed, 128+n signal n, others: the guest's own (see %s(1)).\n",
		program, program);
}
