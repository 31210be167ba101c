#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# disk.sh VCPUS FIRMWARE [INTERRUPT]: boots the disk /guest/disk.img, whose guest
# runs disk_guest.sh, through restart, power-off and power button. INTERRUPT is
# how the guest must take the disk's interrupts, as /proc/interrupts names it.

cd "$(dirname "$0")" || exit 1
. ./lib.sh

vcpus=$1 firmware=$2 interrupt=$3
# In a subshell of its own: what is sent to that must reach vmrun.
run() { exec vmrun /guest/disk.img --firmware "$firmware" -c "$vcpus" -m 256M "$@"; }
said() { tr -d '\r' </tmp/guest.out | grep -q "$@"; }

restarts() {
	(run --timeout 300) </dev/null >/tmp/guest.out 2>/tmp/guest.err
	status=$?
	show /tmp/guest.err
	show /tmp/guest.out
	[ "$status" = 0 ] || {
		echo "# vmrun ended with status $status"
		return 1
	}
	said -x "disk: boot 1, $vcpus CPU" && said -x "disk: boot 2, $vcpus CPU" &&
		said -x 'disk: what was written is there' && said -x 'guest: status 7'
}

waits() { said 'disk: waiting'; }

button() {
	run --timeout 300 </dev/null >/tmp/guest.out 2>/tmp/guest.err &
	vmrun=$!
	within 200 waits && kill -TERM "$vmrun"
	wait "$vmrun"
	status=$?
	show /tmp/guest.err
	show /tmp/guest.out
	[ "$status" = 0 ] && said 'guest: power button'
}

if [ -n "$interrupt" ]; then plan 5; else plan 4; fi
expect "boots, writes, restarts, finds it again, powers off ($firmware, $vcpus vCPU)" restarts
[ -z "$interrupt" ] || expect "the disk interrupts by $interrupt" said -E "$interrupt.* virtio"
expect "the power button ends it" button
expect_clean_end
finish
