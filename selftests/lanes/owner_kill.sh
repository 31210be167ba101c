#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# owner_kill.sh [TIMES]: kills vmrun with SIGKILL at changing moments of a Linux
# boot, with one and two vCPUs by turns. Nothing of the VM may survive.

cd "$(dirname "$0")" || exit 1
. ./lib.sh

times=${1:-50}

kill_them() {
	i=0
	early=0
	while [ "$i" -lt "$times" ]; do
		vmrun --kernel /guest/vmlinuz-6.1 --initrd /guest/initrd.img \
			-c $((i % 2 + 1)) -m 128M --append "console=ttyS0" \
			</dev/null >/tmp/guest.out 2>/tmp/guest.err &
		owner=$!
		# From 0.2 to 2.5 s: set-up, decompression, kernel start.
		sleep "$((i % 24 / 10)).$(((i % 24 + 2) % 10))"
		kill -KILL "$owner" 2>/dev/null || early=$((early + 1))
		wait "$owner" 2>/dev/null
		status=$?
		[ "$status" = 137 ] || {
			echo "# run $i ended by itself with status $status"
			show /tmp/guest.err
			return 1
		}
		i=$((i + 1))
	done
	[ "$early" = 0 ]
}

one_still_runs() {
	guest 6.1 1 'echo alive' && grep -q alive /tmp/guest.out
}

plan 4
expect "$times owners are killed while their guests run" kill_them
expect "another guest runs afterwards" one_still_runs
expect_clean_end
finish
