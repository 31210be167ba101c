#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What the guest of disk.sh runs from its own disk, boot after boot: write and
# restart; find it again and power off; wait for the power button.

boots=$(($(cat /var/boots 2>/dev/null || echo 0) + 1))
echo "$boots" >/var/boots
echo "disk: boot $boots, $(nproc) CPU"
case $boots in
1)
	dd if=/dev/urandom of=/var/data bs=64k count=8 2>/dev/null
	sha256sum /var/data >/var/sum
	exit 99
	;;
2)
	sha256sum -c /var/sum && echo "disk: what was written is there"
	ls -d /sys/firmware/efi 2>/dev/null
	# How the disk interrupts: the column behind the counts.
	grep -E 'virtio|ACPI|acpi' /proc/interrupts
	exit 7
	;;
*)
	echo "disk: waiting"
	sleep 120
	exit 1
	;;
esac
