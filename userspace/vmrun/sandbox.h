/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What vmrun gives up before a guest runs: new privileges, new programs, new
 * files, new connections. A guest that takes this process over has what is
 * open, and no more.
 */
#ifndef VMRUN_SANDBOX_H
#define VMRUN_SANDBOX_H

#include "why.h"

/*
 * For all threads, for ever. Once everything is open; machines can be built and
 * taken down afterwards. 0, or -1 with @why.
 */
int sandbox_enter(struct why *why);

#endif /* VMRUN_SANDBOX_H */
