/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Verbs of vmmctl. Each gets the open control node, the info block and its own
 * arguments, and returns the exit status.
 */
#ifndef VMMCTL_H
#define VMMCTL_H

#include <libvmm.h>
#include <stdbool.h>

struct ctl {
	int fd;
	struct vmm_info info;
	bool json;
	const char *program;
};

int cmd_info(const struct ctl *ctl, int argc, char **argv);
int cmd_list(const struct ctl *ctl, int argc, char **argv);
int cmd_memory(const struct ctl *ctl, int argc, char **argv);

/* Complain about arguments a verb does not take. Returns the exit status. */
int ctl_no_arguments(const struct ctl *ctl, const char *verb, int argc);

#endif /* VMMCTL_H */
