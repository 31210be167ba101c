#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# programs.sh [PATTERN]: runs every program in /tests and passes on its KTAP.
# A program gets one more failure, in its own name, when it ends with an error
# it did not report, takes too long, or makes the kernel complain.

cd "$(dirname "$0")" || exit 1
. ./lib.sh

ran=0
for prog in /tests/${1:-*}; do
	[ -x "$prog" ] || continue
	ran=$((ran + 1))
	name=$(basename "$prog")
	echo "# --- $name"
	begin
	timeout -k 20 "${TEST_TIMEOUT:-600}" "$prog" >/tmp/out 2>&1 </dev/null
	status=$?
	cat /tmp/out
	trouble=
	case $status in
	0) ;;
	4) grep -q 'SKIP' /tmp/out || trouble="was skipped and did not say why" ;;
	1) grep -q '^[[:space:]]*not ok' /tmp/out || trouble="failed and did not say where" ;;
	124 | 137 | 143) trouble="took more than ${TEST_TIMEOUT:-600} s" ;;
	*) trouble="ended with status $status" ;;
	esac
	if complaints >/tmp/complaints; then
		dmesg | sed "1,/$lane_mark/d" | head -n 100 | sed 's/^/# /'
		trouble="made the kernel complain: $(head -n 1 /tmp/complaints)"
	fi
	[ -z "$trouble" ] || echo "not ok $name $trouble"
done
[ "$ran" -gt 0 ] || echo "not ok there are no programs in /tests"
echo "# --- the end"
plan 2
expect_clean_end
