#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# cpu_hotplug.sh: takes CPU 1 off line and back while a guest runs. The guest
# must reach its end, and so must one started while the CPU was away.

cd "$(dirname "$0")" || exit 1
. ./lib.sh

cpu1=/sys/devices/system/cpu/cpu1/online

survives() { # vcpus
	guest 6.1 "$1" 'i=0; while test $i -lt 20; do i=$((i+1)); sleep 0.5; done; echo alive' &
	job=$!
	turns=0
	while kill -0 "$job" 2>/dev/null && [ "$turns" -lt 200 ]; do
		echo 0 >$cpu1 || return 1
		sleep 0.3
		echo 1 >$cpu1 || return 1
		sleep 0.3
		turns=$((turns + 1))
	done
	wait "$job"
	status=$?
	show /tmp/guest.err
	echo "# $turns turns, vmrun status $status"
	[ "$turns" -ge 3 ] && [ "$status" = 0 ] && grep -q alive /tmp/guest.out
}

starts_without() {
	echo 0 >$cpu1 || return 1
	guest 6.1 1 'echo alive'
	status=$?
	show /tmp/guest.err
	echo 1 >$cpu1
	[ "$status" = 0 ] && grep -q alive /tmp/guest.out
}

plan 5
expect "a guest of one vCPU outlives hotplug" survives 1
expect "a guest of two vCPUs outlives hotplug" survives 2
expect "a guest starts with a CPU off line" starts_without
expect_clean_end
finish
