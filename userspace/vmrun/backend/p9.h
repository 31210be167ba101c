/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A 9P server: messages in, messages out. diod of its own process does the
 * file system; no file name of the guest's is looked at here.
 *
 * Lives as long as the process and is used by one thread at a time: the
 * device's.
 */
#ifndef VMRUN_BACKEND_P9_H
#define VMRUN_BACKEND_P9_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "backend/child.h"
#include "opts_dev.h"
#include "why.h"

#define P9_HEADER	7		/* size[4] type[1] tag[2] */
#define P9_MESSAGE_MAX	(512U << 10)

struct p9 {
	struct child child;
	char dir[PATH_MAX];		/* absolute; the name diod gives the export */
	bool dead;
};

struct p9 *p9_open(const struct share_options *share, struct why *why);
void p9_close(struct p9 *p9);

/*
 * Send the request of @len bytes in @buf, which has room for P9_MESSAGE_MAX
 * and is changed, and wait for the answer, which replaces it. Returns the
 * answer's length, or a negative errno: the server is gone.
 */
ssize_t p9_call(struct p9 *p9, uint8_t *buf, uint32_t len);

/*
 * An attach to the tree with no name becomes one to @dir: for a guest there is
 * one tree, behind the tag. Returns the new length. Pure; @buf has @room bytes.
 */
uint32_t p9_name_attach(uint8_t *buf, uint32_t len, uint32_t room, const char *dir);

#endif /* VMRUN_BACKEND_P9_H */
