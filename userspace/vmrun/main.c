// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * vmrun: runs one guest as a well-behaved foreground process. stdout carries
 * the guest's serial port and nothing else; every message is on stderr; the
 * exit status tells how the guest ended (exits.h).
 */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "exits.h"
#include "log.h"
#include "opts.h"
#include "session.h"
#include <uapi/vmm.h>

#ifndef VMM_USER_VERSION
#error "the Makefile defines VMM_USER_VERSION"
#endif

static int run(struct options *opts, const char *program)
{
	if (opts->help) {
		opts_usage(stdout, program);
		return 0;
	}
	if (opts->version) {
		printf("%s %s, interface version %d\n", program, VMM_USER_VERSION, VMM_ABI_VERSION);
		return 0;
	}
	if (opts->print_config) {
		config_print(&opts->config, stdout);
		return 0;
	}
	log_init(program, opts->level);
	if (opts->check)
		return check_report();
	return session_run(opts);
}

int main(int argc, char **argv)
{
	const char *slash = argc ? strrchr(argv[0], '/') : NULL;
	const char *program = slash ? slash + 1 : argc ? argv[0] : "vmrun";
	struct options opts;
	struct why why;
	int status;

	log_init(program, 0);
	if (opts_parse(&opts, argc, argv, &why)) {
		log_error("%s", why.text);
		opts_free(&opts);
		return STATUS_FAILED;
	}
	status = run(&opts, program);
	opts_free(&opts);
	return status;
}
