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
	if (opts->kernel)
		return why_set(why, "--kernel was given twice (%s and %s)", opts->kernel, argument);
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

static const struct option_row rows[] = {
	{ "kernel", 'k', "FILE", "kernel: bzImage, ELF with a PVH note, or multiboot", set_kernel },
	{ "initrd", 'i', "FILE", "initial RAM disk or boot module; may be repeated", set_initrd },
	{ "firmware", 'f', "WHICH", "firmware to start: bios, uefi, or an image FILE", set_firmware },
	{ "vars", 0, "FILE", "UEFI variables; made from the package's template", set_vars },
	{ "append", 'a', "TEXT", "kernel command line (default: console=ttyS0)", set_append },
	{ "cpus", 'c', "N", "number of vCPUs (default: 1)", set_cpus },
	{ "memory", 'm', "SIZE", "memory in MiB, or with suffix K M G T (default: 512M)", set_memory },
	{ "serial", 0, "WHERE", "first serial port: stdio, file=PATH, pty, null", set_serial },
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

static int set_image(struct options *opts, const char *argument, struct why *why)
{
	if (opts->image)
		return why_set(why,
			       "one image at a time (%s or %s); quote --append when it has blanks",
			       opts->image, argument);
	opts->image = argument;
	return 0;
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
			if (set_image(opts, optarg, why))
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
		if (row->set(opts, optarg, why))
			return -1;
	}
	for (; optind < argc; optind++)
		if (set_image(opts, argv[optind], why))
			return -1;

	if (opts->help || opts->version || opts->check)
		return 0;
	if (opts->firmware && opts->kernel)
		return why_set(why, "--firmware and --kernel exclude each other: a kernel is started without firmware");
	if (!opts->image && !opts->kernel && !opts->firmware)
		return why_set(why, "nothing to run: name an image, --kernel FILE or --firmware WHICH (see --help)");
	return 0;
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
