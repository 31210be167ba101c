// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Options: one table that the parser, the help text and the completion file
 * are made from.
 *
 * An option has a setter that receives its argument. Aliases are rows without
 * help text. getopt_long keeps static state: opts_parse() resets it, so tests
 * may call it many times, from one thread.
 */
#include "opts.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <uapi/vmm.h>

struct option_row {
	const char *name;
	char letter;
	const char *argument;	/* NULL: takes none */
	const char *help;	/* NULL: alias */
	int (*set)(struct options *opts, const char *argument, struct why *why);
};

int opts_size(const char *text, uint64_t *bytes)
{
	static const char suffixes[] = "KMGT";
	unsigned int shift = 20;
	unsigned long long value;
	const char *suffix;
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return -1;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno)
		return -1;
	if (*end) {
		suffix = strchr(suffixes, toupper((unsigned char)*end));
		if (!suffix)
			return -1;
		shift = 10 * (suffix - suffixes + 1);
		end++;
		if (strcmp(end, "") && strcmp(end, "B") && strcmp(end, "iB"))
			return -1;
	}
	if (value > UINT64_MAX >> shift)
		return -1;
	*bytes = (uint64_t)value << shift;
	return 0;
}

static int set_name(struct options *opts, const char *argument, struct why *why)
{
	size_t len = strlen(argument);

	if (!len || len > VMM_NAME_MAX)
		return why_set(why, "--name: a name has 1 to %d characters", VMM_NAME_MAX);
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)argument[i]) && argument[i] != '_' && argument[i] != '-')
			return why_set(why,
				       "--name: \"%s\" has a character other than A-Z a-z 0-9 _ -",
				       argument);
	opts->name = argument;
	return 0;
}

static int set_cpus(struct options *opts, const char *argument, struct why *why)
{
	const char *digits = argument;
	unsigned long value;
	char *end;

	if (!strncmp(digits, "cpus=", 5))
		digits += 5;
	errno = 0;
	value = strtoul(digits, &end, 10);
	if (!isdigit((unsigned char)digits[0]) || (*end && *end != ','))
		return why_set(why, "--cpus: \"%s\" is not a number", argument);
	if (*end == ',')
		return why_set(why,
			       "--cpus: a topology (\"%s\") is not supported: the guest sees one socket with a core per vCPU",
			       end + 1);
	if (errno || !value || value > VMM_MAX_VCPUS)
		return why_set(why, "--cpus: a VM has 1 to %d vCPUs", VMM_MAX_VCPUS);
	opts->cpus = value;
	return 0;
}

static int set_memory(struct options *opts, const char *argument, struct why *why)
{
	if (opts_size(argument, &opts->memory))
		return why_set(why,
			       "--memory: \"%s\" is not a size: write a number of MiB, or one with K, M, G or T behind it",
			       argument);
	if (opts->memory < OPTS_MEMORY_MIN || opts->memory > OPTS_MEMORY_MAX)
		return why_set(why, "--memory: %s is outside the range from 2 MiB to 64 TiB",
			       why_size(opts->memory));
	if (opts->memory % 4096)
		return why_set(why, "--memory: %s is not a multiple of 4 KiB", argument);
	return 0;
}

static int set_kernel(struct options *opts, const char *argument, struct why *why)
{
	(void)why;
	opts->kernel = argument;
	return 0;
}

static int set_initrd(struct options *opts, const char *argument, struct why *why)
{
	if (opts->initrds == OPTS_INITRDS_MAX)
		return why_set(why, "--initrd: more than %d files", OPTS_INITRDS_MAX);
	opts->initrd[opts->initrds++] = argument;
	return 0;
}

static int set_firmware(struct options *opts, const char *argument, struct why *why)
{
	if (!*argument)
		return why_set(why, "--firmware: is none of bios, uefi, or a path");
	opts->firmware = argument;
	return 0;
}

static int set_vars(struct options *opts, const char *argument, struct why *why)
{
	(void)why;
	opts->vars = argument;
	return 0;
}

static int set_append(struct options *opts, const char *argument, struct why *why)
{
	(void)why;
	opts->append = argument;
	return 0;
}

static int set_serial(struct options *opts, const char *argument, struct why *why)
{
	struct why cause;

	if (opts_console(&opts->serial, argument, &cause))
		return why_set(why, "--serial: %.900s", cause.text);
	if (opts->serial.name[0])
		return why_set(why, "--serial: a serial port has no name");
	return 0;
}

static int set_timeout(struct options *opts, const char *argument, struct why *why)
{
	char *end;
	double seconds = strtod(argument, &end);

	if (!isdigit((unsigned char)argument[0]) || *end || !(seconds > 0) || seconds > 1e9)
		return why_set(why, "--timeout: \"%s\" is not a positive number of seconds",
			       argument);
	opts->timeout_ns = seconds * 1e9;
	if (!opts->timeout_ns)
		opts->timeout_ns = 1;
	return 0;
}

static int set_disk(struct options *opts, const char *argument, struct why *why)
{
	if (opts->disks == OPTS_DISKS_MAX)
		return why_set(why, "--disk: more than %d disks", OPTS_DISKS_MAX);
	return opts_disk(&opts->disk[opts->disks++], argument, why);
}

static int set_cdrom(struct options *opts, const char *argument, struct why *why)
{
	if (set_disk(opts, argument, why))
		return -1;
	opts->disk[opts->disks - 1].read_only = true;
	return 0;
}

static int set_net(struct options *opts, const char *argument, struct why *why)
{
	if (opts->nets == OPTS_NETS_MAX)
		return why_set(why, "--net: more than %d networks", OPTS_NETS_MAX);
	if (opts_net(&opts->net[opts->nets], argument, why))
		return -1;
	opts->nets += opts->net[opts->nets].kind != NET_NONE;
	return 0;
}

static int set_share(struct options *opts, const char *argument, struct why *why)
{
	if (opts->shares == OPTS_SHARES_MAX)
		return why_set(why, "--share: more than %d directories", OPTS_SHARES_MAX);
	return opts_share(&opts->share[opts->shares++], argument, why);
}

static int set_console(struct options *opts, const char *argument, struct why *why)
{
	struct why cause;

	if (opts->consoles == OPTS_CONSOLES_MAX)
		return why_set(why, "--console: more than %d", OPTS_CONSOLES_MAX);
	if (opts_console(&opts->console[opts->consoles++], argument, &cause))
		return why_set(why, "--console: %.900s", cause.text);
	return 0;
}

static int set_events(struct options *opts, const char *argument, struct why *why)
{
	if (!*argument)
		return why_set(why, "--events: no file is given");
	opts->events = argument;
	return 0;
}

static int set_no_rng(struct options *opts, const char *argument, struct why *why)
{
	(void)argument;
	(void)why;
	opts->no_rng = true;
	return 0;
}

static int set_ephemeral(struct options *opts, const char *argument, struct why *why)
{
	(void)argument;
	(void)why;
	opts->ephemeral = true;
	return 0;
}

static int set_no_sandbox(struct options *opts, const char *argument, struct why *why)
{
	(void)argument;
	(void)why;
	opts->no_sandbox = true;
	return 0;
}

static int set_print_config(struct options *opts, const char *argument, struct why *why)
{
	(void)argument;
	(void)why;
	opts->print_config = true;
	return 0;
}

static int set_dry_run(struct options *opts, const char *argument, struct why *why)
{
	(void)argument;
	(void)why;
	opts->dry_run = true;
	return 0;
}

static int set_no_reboot(struct options *opts, const char *argument, struct why *why)
{
	(void)argument;
	(void)why;
	opts->no_reboot = true;
	return 0;
}

static int set_check(struct options *opts, const char *argument, struct why *why)
{
	(void)argument;
	(void)why;
	opts->check = true;
	return 0;
}

static int set_stats(struct options *opts, const char *argument, struct why *why)
{
	(void)argument;
	(void)why;
	opts->stats = true;
	return 0;
}

static int set_verbose(struct options *opts, const char *argument, struct why *why)
{
	(void)argument;
	(void)why;
	opts->level = 1;
	return 0;
}

static int set_quiet(struct options *opts, const char *argument, struct why *why)
{
	(void)argument;
	(void)why;
	opts->level = -1;
	return 0;
}

static int set_help(struct options *opts, const char *argument, struct why *why)
{
	(void)argument;
	(void)why;
	opts->help = true;
	return 0;
}

static int set_version(struct options *opts, const char *argument, struct why *why)
{
	(void)argument;
	(void)why;
	opts->version = true;
	return 0;
}

/* Defined below the table that they look into. */
static int set_config(struct options *opts, const char *argument, struct why *why);
static int set_key(struct options *opts, const char *argument, struct why *why);

static const struct option_row rows[] = {
	{ "kernel", 'k', "FILE", "kernel: bzImage, ELF with a PVH note, or multiboot", set_kernel },
	{ "initrd", 'i', "FILE", "initial RAM disk or boot module; may be repeated", set_initrd },
	{ "firmware", 'f', "WHICH", "firmware to start: bios, uefi, or an image FILE", set_firmware },
	{ "vars", 0, "FILE", "UEFI variables; made from the package's template", set_vars },
	{ "append", 'a', "TEXT", "kernel command line (default: console=ttyS0)", set_append },
	{ "cpus", 'c', "N", "number of vCPUs (default: 1)", set_cpus },
	{ "memory", 'm', "SIZE", "memory in MiB, or with suffix K M G T (default: 512M)", set_memory },
	{ "serial", 0, "WHERE", "first serial port: stdio, file=PATH, pty, null", set_serial },
	{ "disk", 'd', "PATH", "disk image or nbd: URI [,ro] [,serial=TEXT] [,format=NAME]", set_disk },
	{ "cdrom", 0, "PATH", "disk image that is only read", set_cdrom },
	{ "ephemeral", 0, NULL, "drop all writes to disks at the end", set_ephemeral },
	{ "net", 0, "HOW", "user or tap=INTERFACE or tap=fd:N [,mac=...] [,hostfwd=...]", set_net },
	{ "share", 's', "TAG=DIR", "share a directory by 9P [,ro]", set_share },
	{ "console", 0, "WHERE", "virtio console as --serial, or [,name=NAME] a stream", set_console },
	{ "no-rng", 0, NULL, "no virtio random number generator", set_no_rng },
	{ "events", 0, "WHERE", "write JSON lines to FILE or fd=N as things happen", set_events },
	{ "config", 0, "FILE", "read key=value lines, as --print-config writes them", set_config },
	{ "option", 'o', "KEY=VALUE", "set one key", set_key },
	{ "print-config", 0, NULL, "print the configuration and exit", set_print_config },
	{ "dry-run", 0, NULL, "check everything that needs no module, and exit", set_dry_run },
	{ "no-sandbox", 0, NULL, "do not give up system calls after the start", set_no_sandbox },
	{ "timeout", 0, "SEC", "stop after this long, with status 124", set_timeout },
	{ "no-reboot", 0, NULL, "a reset by the guest ends the run, with status 10", set_no_reboot },
	{ "name", 'n', "NAME", "public name, as vmmctl shows it", set_name },
	{ "check", 0, NULL, "say whether this machine can run guests, and if not why", set_check },
	{ "stats", 0, NULL, "print ticks and exits by reason at the end", set_stats },
	{ "verbose", 'v', NULL, "also tell what the guest asks for in vain", set_verbose },
	{ "quiet", 'q', NULL, "errors only", set_quiet },
	{ "help", 'h', NULL, "this text", set_help },
	{ "version", 'V', NULL, "version of this program", set_version },
	{ "params", 0, "TEXT", NULL, set_append },
	{ "cmdline", 0, "TEXT", NULL, set_append },
	{ "mem", 0, "SIZE", NULL, set_memory },
};

#define ROW_COUNT	(sizeof(rows) / sizeof(rows[0]))

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

	for (size_t i = 0; i < ROW_COUNT; i++) {
		if (IS_AMONG(rows[i].name, actions) || !rows[i].help)
			continue;
		if (!strcmp(key_of(rows[i].name), key))
			return IS_AMONG(rows[i].name, lists) ? NULL : &rows[i];
		if (len > CONFIG_KEY_MAX || !isdigit((unsigned char)key[len + !!key[len]]))
			continue;
		memcpy(list, key, len);
		list[len] = '\0';
		if (!strcmp(list, rows[i].name) && IS_AMONG(list, lists))
			return &rows[i];
	}
	return NULL;
}

/* An option of the command line becomes an entry; its meaning comes last of all. */
static int put_option(struct options *opts, const struct option_row *row, const char *argument,
		      struct why *why)
{
	char key[CONFIG_KEY_MAX + 16];

	/* Aliases go by their first name. */
	for (size_t i = 0; !row->help && i < ROW_COUNT; i++)
		if (rows[i].set == row->set && rows[i].help)
			row = &rows[i];
	if (IS_AMONG(row->name, actions))
		return row->set(opts, argument, why);
	snprintf(key, sizeof(key), "%s", key_of(row->name));
	if (IS_AMONG(row->name, lists))
		snprintf(key, sizeof(key), "%s.%u", row->name,
			 config_list_len(&opts->config, row->name));
	else if (row->set == set_kernel && config_get(&opts->config, key))
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

static int set_config(struct options *opts, const char *argument, struct why *why)
{
	return config_read(&opts->config, argument, put_key, opts, why);
}

static int set_key(struct options *opts, const char *argument, struct why *why)
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
	for (size_t i = 0; i < ROW_COUNT; i++)
		if (rows[i].letter && rows[i].letter == letter)
			return &rows[i];
	return NULL;
}

/* getopt_long's own tables; @letters has two characters per row and a colon. */
static void make_getopt_tables(struct option *longs, char *letters)
{
	/* "-": what is no option comes back in order, as the value 1. */
	*letters++ = '-';
	*letters++ = ':';
	for (size_t i = 0; i < ROW_COUNT; i++) {
		longs[i] = (struct option){
			.name = rows[i].name,
			.has_arg = rows[i].argument ? required_argument : no_argument,
			.val = 256 + i,
		};
		if (!rows[i].letter)
			continue;
		*letters++ = rows[i].letter;
		if (rows[i].argument)
			*letters++ = ':';
	}
	longs[ROW_COUNT] = (struct option){ 0 };
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
	struct option longs[ROW_COUNT + 1];
	char letters[2 * ROW_COUNT + 3];
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
		row = c >= 256 ? &rows[c - 256] : row_by_letter(c);
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
	for (size_t i = 0; i < ROW_COUNT; i++) {
		char left[48];

		if (!rows[i].help)
			continue;
		snprintf(left, sizeof(left), "%c%c%c --%s%s%s", rows[i].letter ? '-' : ' ',
			 rows[i].letter ? rows[i].letter : ' ', rows[i].letter ? ',' : ' ',
			 rows[i].name, rows[i].argument ? " " : "",
			 rows[i].argument ? rows[i].argument : "");
		fprintf(out, "  %-24s %s\n", left, rows[i].help);
	}
	fprintf(out, "\nKeys: Ctrl-a x quits, Ctrl-a h lists the others.\n"
		"Status: 0 power-off, 10 reset, 11 halt, 12 triple fault, 124 timeout,\n"
		"125 %s failed, 128+n signal n, others: the guest's own (see %s(1)).\n",
		program, program);
}
