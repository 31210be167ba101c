#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# boot.sh: on the test host, as root, with no hypervisor loaded. Boots a stock
# kernel to its init and off again under QEMU with KVM and under vmrun with the
# module, each twice (the first run warms the host's page cache), and once more
# under KVM with exits counted by reason. Prints lines for report.awk, and notes.

here=$(dirname "$0")
kernel=/guest/vmlinuz-6.1
initrd=/guest/initrd.img
quiet="console=ttyS0 quiet cryptomgr.notests=1 initcall_blacklist=load_system_certificate_list,jent_mod_init vmm.cmd=true"

qemu() {
	"$here/ticks" /usr/bin/qemu-system-x86_64 -L "$here/qemu" -machine pc,accel=kvm -cpu host \
		-m 256 -nodefaults -no-user-config -display none -no-reboot \
		-kernel $kernel -initrd $initrd -append "$quiet" \
		-serial file:/tmp/serial </dev/null 2>/tmp/err
}

ours() {
	"$here/ticks" vmrun --stats --kernel $kernel --initrd $initrd -m 256M \
		--serial file=/tmp/serial --append "$quiet" </dev/null 2>/tmp/err
}

# measure NAME COMMAND: the second run is the row.
measure() {
	name=$1
	shift
	for run in cold warm; do
		rm -f /tmp/serial
		"$@" || echo "$name note $run run ended with status $?"
		grep -q 'guest: status 0' /tmp/serial || {
			echo "$name failed linux-boot: the guest did not come up"
			tail -n 5 /tmp/serial /tmp/err
			return 1
		}
		ticks=$(sed -n 's/^ticks //p' /tmp/err)
		echo "$name note linux-boot $run: $ticks ticks"
	done
	echo "$name row linux-boot boot $ticks.0 $ticks.0"
}

insmod /kvm/irqbypass.ko && insmod /kvm/kvm.ko && insmod /kvm/kvm-intel.ko || exit 1
failed=0
measure kvm qemu || failed=1
exits=/sys/kernel/tracing/events/kvm/kvm_exit
if echo 'hist:keys=exit_reason' >$exits/trigger 2>/dev/null; then
	qemu
	grep 'exit_reason:' $exits/hist | sed 's/^/kvm note /'
	echo '!hist:keys=exit_reason' >$exits/trigger
fi
rmmod kvm_intel && rmmod kvm && rmmod irqbypass || exit 1

insmod /vmm.ko || exit 1
measure vmm ours || failed=1
grep -v '^ticks' /tmp/err | sed 's/^/vmm note /'
rmmod vmm || exit 1
exit $failed
