// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What each option means: a setter that receives its argument. No setter looks
 * at another option; what goes together is for opts_parse() to say.
 */
#include "opts_table.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <uapi/vmm.h>

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

const struct option_row opts_rows[] = {
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
	{ "config", 0, "FILE", "read key=value lines, as --print-config writes them", opts_set_config },
	{ "option", 'o', "KEY=VALUE", "set one key", opts_set_key },
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

const size_t opts_row_count = sizeof(opts_rows) / sizeof(opts_rows[0]);

_Static_assert(sizeof(opts_rows) / sizeof(opts_rows[0]) <= OPTS_ROWS_MAX, "more rows than room");

int opts_insert_disk(struct options *opts, const char *path, struct why *why)
{
	struct disk_options *first = &opts->disk[0];

	if (opts->disks == OPTS_DISKS_MAX || strlen(path) >= sizeof(first->path))
		return why_set(why, "%.200s: one disk too many", path);
	memmove(first + 1, first, opts->disks * sizeof(*first));
	*first = (struct disk_options){ .format = DISK_AUTO };
	strcpy(first->path, path);
	opts->disks++;
	return 0;
}
