#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# disk.sh VCPUS FIRMWARE INTERRUPT [STATUS]: boots the disk /guest/disk.img, whose guest
# runs disk_guest.sh, restarts itself and is ended by the power button. INTERRUPT
# is how the guest must take the disk's interrupts, as /proc/interrupts names it;
# STATUS is how vmrun ends, 0 unless the guest has no button.

cd "$(dirname "$0")" || exit 1
. ./lib.sh

vcpus=$1 firmware=$2 interrupt=$3 expected=${4:-0}
said() { tr -d '\r' </tmp/guest.out | grep -q "$@"; }
waits() { said 'disk: waiting' || ! kill -0 "$vmrun" 2>/dev/null; }

vmrun /guest/disk.img --firmware "$firmware" -c "$vcpus" -m 256M --timeout 400 \
	</dev/null >/tmp/guest.out 2>/tmp/guest.err &
vmrun=$!

restarts() {
	within 400 waits
	show /tmp/guest.out
	said -x "disk: boot 1, $vcpus CPU" && said -x "disk: boot 2, $vcpus CPU" &&
		said -x 'disk: what was written is there'
}

button() {
	kill -TERM "$vmrun"
	wait "$vmrun"
	status=$?
	show /tmp/guest.err
	echo "# vmrun ended with status $status"
	[ "$status" = "$expected" ] || return 1
	[ "$status" != 0 ] || said 'guest: power button'
}

plan 5
expect "boots, writes, restarts and finds it again ($firmware, $vcpus vCPU)" restarts
expect "the disk interrupts by $interrupt" said -E "$interrupt.* virtio"
expect "the power button ends it" button
expect_clean_end
finish
