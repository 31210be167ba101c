/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A session: from the start of vmrun to its end, through as many resets of the
 * guest as there are. It owns what outlives a machine: the event loop, the
 * serial back end, signals, timers, the images.
 */
#ifndef VMRUN_SESSION_H
#define VMRUN_SESSION_H

#include "opts.h"

/* Run it all; returns the exit status. @opts: what IMAGE turns out to be is filled in. */
int session_run(struct options *opts);

#endif /* VMRUN_SESSION_H */
