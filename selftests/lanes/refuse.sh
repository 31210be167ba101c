#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# refuse.sh CASE PATTERN: this machine cannot run a guest. Whether the module
# refuses to load or only to create a VM, a start must end with status 125 and
# a sentence that names the cause (PATTERN), and nothing may be left behind.
# CASE "plain": the processor lacks something. "kvm": KVM holds VMX; once it
# has let go, a guest must run.

cd "$(dirname "$0")" || exit 1
. ./lib.sh

case=$1
pattern=$2
holder=

refused() {
	vmrun --kernel /guest/vmlinuz-6.1 --initrd /guest/initrd.img \
		--append console=ttyS0 </dev/null >/tmp/out 2>/tmp/err
	status=$?
	show /tmp/err
	[ "$status" = 125 ] || {
		echo "# vmrun ended with status $status"
		return 1
	}
	[ ! -s /tmp/out ] || return 1
	grep -Eiq "$pattern" /tmp/err
}

check_says_so() {
	vmrun --check >/tmp/out 2>&1
	status=$?
	show /tmp/out
	[ "$status" = 1 ] && grep -Eiq "$pattern" /tmp/out
}

# Loaded or refused in words; both are polite.
load() {
	insmod /vmm.ko >/tmp/out 2>&1 && return 0
	show /tmp/out
	dmesg | sed "1,/$lane_mark/d" | grep -E 'vmm' | tee /tmp/said | show
	grep -Eiq "$pattern" /tmp/said
}

left_nothing() {
	if [ -d /sys/module/vmm ]; then
		within 20 unused && rmmod vmm || return 1
	fi
	[ ! -e /dev/vmmctl ] && [ ! -e /sys/kernel/debug/vmm ]
}

kvm_in_use() { [ "$(cat /sys/module/kvm_intel/refcnt)" != 0 ]; }

kvm_takes_vmx() {
	insmod /kvm/irqbypass.ko && insmod /kvm/kvm.ko && insmod /kvm/kvm-intel.ko || return 1
	# A VM of KVM's own: before 6.12 only that takes VMX.
	./kvm_hold &
	holder=$!
	within 10 kvm_in_use && kill -0 "$holder"
}

kvm_lets_go() {
	kill "$holder" && { wait "$holder" || true; } &&
		within 10 rmmod kvm_intel && rmmod kvm && rmmod irqbypass
}

runs() {
	guest 6.1 1 'echo alive'
	status=$?
	show /tmp/guest.err
	[ "$status" = 0 ] && grep -q alive /tmp/guest.out
}

case $case in
plain)
	plan 4
	expect "loading is harmless" load
	expect "a start is refused in words" refused
	expect "--check names the cause" check_says_so
	expect "nothing is left behind" left_nothing
	;;
kvm)
	plan 7
	expect "KVM takes VMX" kvm_takes_vmx
	expect "loading is harmless" load
	expect "a start is refused in words" refused
	expect "--check names the cause" check_says_so
	expect "KVM lets go of VMX" kvm_lets_go
	expect "then a guest runs" runs
	expect "nothing is left behind" left_nothing
	;;
esac
finish
