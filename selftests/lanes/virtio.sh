#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# virtio.sh: a Linux guest with the kernel's own virtio drivers: a disk that is
# written and one that may not be, a network through passt, random numbers, a
# second console, and a panic that is reported. Two boots.

cd "$(dirname "$0")" || exit 1
. ./lib.sh

disk=/tmp/disk.img
base=/tmp/base.img
events=/tmp/events

# passt wants an interface with a default route; the host's own loopback serves
# as the other end of a connection to the gateway.
set_up_network() {
	insmod /kvm/dummy.ko 2>/dev/null
	ip link add d0 type dummy 2>/dev/null && ip addr add 10.9.0.1/24 dev d0 &&
		ip link set d0 up && ip route add default via 10.9.0.2
}

# passt changes its root, which no process can whose root is the initramfs: a
# second view of the same files has a mount for its root.
vmrun() {
	[ -d /view/proc ] || { mkdir -p /view && mount --rbind / /view; }
	chroot /view /usr/bin/vmrun "$@"
}

all_devices() {
	head -c 4194304 /dev/zero >$disk
	head -c 1048576 /dev/zero | tr '\0' 'b' >$base
	rm -f $events
	set -- --disk $disk,serial=abc --disk $base,ro --console file=/tmp/hvc --events $events
	net=
	if set_up_network; then
		net=1
		(while :; do echo from-the-host | nc -l -p 7777; done) >/tmp/nc.out 2>&1 &
		server=$!
		set -- "$@" --net user
	fi
	guest 6.1 2 'cat /sys/block/vda/serial; echo; echo pattern-1234 >/tmp/p; dd if=/tmp/p of=/dev/vda bs=512 seek=7 conv=fsync; head -c 4 /dev/vdb; echo; echo x >/dev/vdb || echo vdb refuses; echo to-hvc >/dev/hvc0; echo rng $(head -c 512 /dev/hwrng | wc -c); ip link set eth0 up && printf "#!/bin/sh\n[ \$1 = bound ] && ip addr add \$ip/\$mask dev eth0 && ip route add default via \$router && echo lease \$ip\n" >/tmp/s && chmod +x /tmp/s && udhcpc -i eth0 -n -q -s /tmp/s && echo got $(nc -w 5 10.9.0.2 7777 </dev/null); grep virtio /proc/interrupts' \
		--initrd /guest/modules-6.1.img "$@"
	status=$?
	[ -z "$net" ] || kill $server 2>/dev/null
	return $status
}

said() { tr -d '\r' </tmp/guest.out | grep -q -- "$1" || { show /tmp/guest.out; show /tmp/guest.err; return 1; }; }
written() { [ "$(dd if=$disk bs=512 skip=7 count=1 2>/dev/null | head -c 12)" = pattern-1234 ]; }
untouched() { said "vdb refuses" && [ "$(head -c 1 $base)" = b ]; }
console() { grep -q to-hvc /tmp/hvc; }
told() { grep -q '"event":"exit","reason":"poweroff","status":0' $events || { show $events; return 1; }; }

panics() {
	guest 6.1 1 'echo c >/proc/sysrq-trigger' --initrd /guest/modules-6.1.img --events $events
	[ $? = 13 ] && grep -q '"event":"panic"' $events && return
	show /tmp/guest.out
	show /tmp/guest.err
	return 1
}

plan 12
expect "a guest with all devices powers off" all_devices
expect "the disk has its serial number" said "^abc"
expect "what was written is in the image" written
expect "the second disk is read" said "^bbbb"
expect "and not written" untouched
expect "the second console speaks" console
expect "random numbers come" said "^rng 512"
if [ -n "$net" ]; then
	expect "an address comes by DHCP" said "^lease 10.9.0.1"
	expect "a TCP connection reaches the host" said "^got from-the-host"
else
	echo "ok 8 an address comes by DHCP # SKIP no dummy interface on this host"
	echo "ok 9 a TCP connection reaches the host # SKIP no dummy interface on this host"
fi
expect "interrupts are MSI-X" said "MSI.*virtio"
expect "the end is told as an event" told
expect "a panic has its status" panics
finish
