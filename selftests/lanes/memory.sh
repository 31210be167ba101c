#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# memory.sh light|full: guest memory under pressure. Makes swap space on a RAM
# disk (/root/brd.ko) and cgroups with a limit, runs mem_swap_test in them with
# one and two vCPUs, and the stress test with swap to lean on.

cd "$(dirname "$0")" || exit 1
. ./lib.sh

case $1 in
full) size=256 limit=128 passes=3 turns=40000 rounds=200 cold=128 ;;
*) size=48 limit=24 passes=1 turns=4000 rounds=20 cold=48 ;;
esac
group=/sys/fs/cgroup/vmm

prepare() {
	# A page that is read in must not bring in its neighbours.
	echo 0 >/proc/sys/vm/page-cluster &&
		insmod /root/brd.ko rd_nr=1 rd_size=$(((size + 96) * 1024)) &&
		mkswap /dev/ram0 >/dev/null && swapon /dev/ram0 &&
		{ [ -e /sys/fs/cgroup/cgroup.controllers ] || mount -t cgroup2 none /sys/fs/cgroup; } &&
		echo +memory >/sys/fs/cgroup/cgroup.subtree_control && mkdir $group
}

# program TEST [settings...]: one KTAP program in the cgroup; passed if it says so.
program() {
	test=$1
	shift
	(
		echo 0 >$group/cgroup.procs
		exec env "$@" "/tests/$test"
	) >/tmp/out 2>&1 </dev/null
	status=$?
	grep -v 'RUN\|   OK' /tmp/out | sed 's/^/# /'
	[ $status = 0 ] && ! grep -q '^not ok' /tmp/out
}

limited() { # vcpus
	echo ${limit}M >$group/memory.max
	program mem_swap_test MEM_TEST_MIB=$size MEM_TEST_VCPUS="$1" \
		MEM_TEST_PASSES=$passes MEM_TEST_RESIDENT_MIB=$limit &&
		grep -q '^ok 1 ' /tmp/out && ! grep -q '^ok 1 .*SKIP' /tmp/out
}

aged() {
	echo max >$group/memory.max
	program mem_swap_test MEM_TEST_MIB=$cold MEM_TEST_CGROUP=$group &&
		grep -q '^ok 2 ' /tmp/out && ! grep -q '^ok 2 .*SKIP' /tmp/out
}

plan 7
expect "swap on a RAM disk, and a cgroup" prepare
expect "$size MiB of guest in $limit MiB, 1 vCPU" limited 1
expect "$size MiB of guest in $limit MiB, 2 vCPUs" limited 2
expect "cold pages go first" aged
expect "no wrong byte under stress" program mem_stress_test MEM_TEST_TURNS=$turns
expect "no stale translation" program mem_stale_test MEM_TEST_ROUNDS=$rounds
swapoff /dev/ram0
expect "the module can be removed" rmmod vmm
finish
