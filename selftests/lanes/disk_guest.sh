#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What the guest of disk.sh runs from its own disk: write and restart, then find
# it again and wait for the power button.

boots=$(($(cat /var/boots 2>/dev/null || echo 0) + 1))
echo "$boots" >/var/boots
echo "disk: boot $boots, $(nproc) CPU"
if [ "$boots" = 1 ]; then
	dd if=/dev/urandom of=/var/data bs=64k count=8 2>/dev/null
	sha256sum /var/data >/var/sum
	exit 99
fi
sha256sum -c /var/sum && echo "disk: what was written is there"
# How the disk interrupts: the column behind the counts.
grep -E 'virtio|acpi' /proc/interrupts
echo "disk: waiting"
sleep 120
exit 1
