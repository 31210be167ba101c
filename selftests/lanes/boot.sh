#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# boot.sh KERNEL:VCPUS...: each boots a stock Debian kernel to its init, runs
# programs in it and powers it off.

cd "$(dirname "$0")" || exit 1
. ./lib.sh

boots() { # kernel vcpus
	guest "$1" "$2" 'uname -r; nproc; sleep 1; echo alive; exit 7'
	status=$?
	show /tmp/guest.err
	show /tmp/guest.out
	tr -d '\r' </tmp/guest.out >/tmp/guest.txt
	[ "$status" = 0 ] || {
		echo "# vmrun ended with status $status"
		return 1
	}
	grep -q "^$1\.[0-9].*-amd64$" /tmp/guest.txt || return 1
	grep -qx "$2" /tmp/guest.txt || return 1
	grep -qx alive /tmp/guest.txt || return 1
	grep -qx 'guest: status 7' /tmp/guest.txt
}

plan $(($# + 2))
for boot; do
	expect "Linux ${boot%:*} with ${boot#*:} vCPU boots, runs and powers off" \
		boots "${boot%:*}" "${boot#*:}"
done
expect_clean_end
finish
