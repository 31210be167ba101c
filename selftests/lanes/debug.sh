#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# debug.sh PATTERN...: the programs of these names on the debugging kernel, each
# failed by any complaint of KASAN, lockdep, UBSAN and the others, and then a
# look for what was allocated and lost.

cd "$(dirname "$0")" || exit 1
. ./lib.sh

leaks=/sys/kernel/debug/kmemleak

# Twice, with time between: an object on its way is found at the second look.
scan() { echo scan >$leaks && sleep 6 && echo scan >$leaks; }

nothing_leaked() {
	scan || return 1
	cat $leaks >/tmp/leaks
	[ ! -s /tmp/leaks ] || { head -n 100 /tmp/leaks | show; return 1; }
}

debugging() { [ -e $leaks ] && [ -e /proc/self/fail-nth ] && [ -e /proc/lockdep ]; }

plan 1
expect "this is the debugging kernel" debugging
scan && echo clear >$leaks
for pattern; do
	programs "$pattern"
done
echo "# --- the end"
plan 4
lane_n=0
expect "no program leaked memory" nothing_leaked
expect_clean_end
expect "the module left no memory behind" nothing_leaked
finish
