#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# both.sh [bench arguments]: on the test host, as root, with no hypervisor
# loaded. Runs the rows under KVM, unloads it, runs them under the module. Each
# line of output begins with the hypervisor's name; report.awk reads it.

here=$(dirname "$0")
sign() { sed "s/^/$1 /"; }

fact() { echo "$1 fact $2"; }

vulnerabilities() {
	for f in /sys/devices/system/cpu/vulnerabilities/*; do
		echo "host fact $(basename "$f"): $(cat "$f")"
	done
}

under_kvm() {
	insmod /kvm/irqbypass.ko && insmod /kvm/kvm.ko && insmod /kvm/kvm-intel.ko || return 1
	for p in enable_apicv preemption_timer vmentry_l1d_flush eptad pml; do
		[ ! -r /sys/module/kvm_intel/parameters/$p ] ||
			fact kvm "parameter $p=$(cat /sys/module/kvm_intel/parameters/$p)"
	done
	"$here/bench" kvm "$@" >/tmp/kvm.out 2>&1
	status=$?
	sign kvm </tmp/kvm.out
	rmmod kvm_intel && rmmod kvm && rmmod irqbypass || return 1
	return $status
}

under_vmm() {
	insmod /vmm.ko $VMM_PARAMS || return 1
	"$here/bench" vmm "$@" >/tmp/vmm.out 2>&1
	status=$?
	sign vmm </tmp/vmm.out
	rmmod vmm || return 1
	return $status
}

echo "host fact kernel $(uname -r), $(nproc) CPU, $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)"
vulnerabilities
failed=0
under_kvm "$@" || failed=1
under_vmm "$@" || failed=1
exit $failed
