// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * vmmctl: looks at the module and at running VMs. One file per verb, and the
 * table of verbs here.
 *
 * Exit status: 0 done, 1 the verb failed, 2 usage, 3 the module cannot be
 * asked.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "vmmctl.h"

static const struct {
	const char *name;
	const char *help;
	int (*run)(const struct ctl *ctl, int argc, char **argv);
} verbs[] = {
	{ "info", "what the module and this machine offer", cmd_info },
	{ "list", "the VMs that are alive", cmd_list },
	{ "memory", "what the guest of one VM sees where", cmd_memory },
};

#define VERB_COUNT	(sizeof(verbs) / sizeof(verbs[0]))

static void usage(FILE *out, const char *program)
{
	fprintf(out, "usage: %s [--json] VERB\n\n", program);
	for (size_t i = 0; i < VERB_COUNT; i++)
		fprintf(out, "  %-8s %s\n", verbs[i].name, verbs[i].help);
	fprintf(out, "\n  -j, --json     machine-readable output\n"
		"  -h, --help     this text\n"
		"  -V, --version  version of this program\n");
}

int ctl_no_arguments(const struct ctl *ctl, const char *verb, int argc)
{
	fprintf(stderr, "%s: %s takes no arguments, %d given\n", ctl->program, verb, argc);
	return 2;
}

static int open_failed(const char *program, int error)
{
	fprintf(stderr, "%s: %s: %s\n", program, VMM_DEVICE, strerror(-error));
	if (error == -EPROTO)
		fprintf(stderr, "  the module's interface version is not ours (%d)\n",
			VMM_ABI_VERSION);
	fprintf(stderr, "  vmrun --check says why and what to do\n");
	return 3;
}

static int run_verb(struct ctl *ctl, int argc, char **argv)
{
	for (size_t i = 0; i < VERB_COUNT; i++) {
		int status;

		if (strcmp(argv[0], verbs[i].name))
			continue;
		ctl->fd = vmm_open(NULL, &ctl->info);
		if (ctl->fd < 0)
			return open_failed(ctl->program, ctl->fd);
		status = verbs[i].run(ctl, argc, argv);
		close(ctl->fd);
		return status;
	}
	fprintf(stderr, "%s: unknown verb %s (see --help)\n", ctl->program, argv[0]);
	return 2;
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	const char *slash = argc ? strrchr(argv[0], '/') : NULL;
	struct ctl ctl = { .fd = -1, .program = slash ? slash + 1 : argc ? argv[0] : "vmmctl" };
	int c, status;

	while ((c = getopt_long(argc, argv, "jhV", longs, NULL)) != -1) {
		switch (c) {
		case 'j':
			ctl.json = true;
			break;
		case 'h':
			usage(stdout, ctl.program);
			return 0;
		case 'V':
			printf("%s %s, interface version %d\n", ctl.program, VMM_USER_VERSION,
			       VMM_ABI_VERSION);
			return 0;
		default:
			return 2;
		}
	}
	if (optind >= argc) {
		usage(stderr, ctl.program);
		return 2;
	}
	status = run_verb(&ctl, argc - optind, argv + optind);
	if (fflush(stdout) && !status) {
		fprintf(stderr, "%s: output: %s\n", ctl.program, strerror(errno));
		status = 1;
	}
	return status;
}
