#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# timers.sh KERNEL:VCPUS:WORD[,WORD]...: each boots a stock Debian kernel with
# these words on its command line, looks which processors and which clock it
# has, and holds ten seconds of its clock, slept through by its timers, against
# the host's.

cd "$(dirname "$0")" || exit 1
. ./lib.sh

# shellcheck disable=SC2016	# for the guest's shell
measure='nproc; cat /sys/devices/system/clocksource/clocksource0/current_clocksource;
read a b </proc/uptime; echo mark $a; sleep 10; read a b </proc/uptime; echo mark $a'

# Each line with the host's time, as it comes.
stamp() {
	while IFS= read -r line; do
		read -r now _ </proc/uptime
		echo "$now $line"
	done
}

# Both clocks between the marks, within 1 % of each other. The sleep itself is no
# shorter than its 10 s; starting the program may take most of another second.
agree() {
	awk 'BEGIN { n = 0 }
	$2 == "mark" { host[n] = $1; guest[n++] = $3 }
	END {
		if (n != 2)
			exit 1
		h = host[1] - host[0]; g = guest[1] - guest[0]
		printf "# %.2f s of the host, %.2f s of the guest\n", h, g
		exit !(g >= 10 && g < 11 && h >= g * 0.99 && h <= g * 1.01)
	}' "$1"
}

keeps_time() { # kernel vcpus words
	cmd=$(echo "$measure" | tr '\n' ' ' | sed 's/%/%25/g; s/ /%20/g; s/;/%3b/g; s/"/%22/g')
	cpus=$2
	case ,$3, in *,nosmp,* | *,nolapic,*) cpus=1 ;; esac
	vmrun --kernel "/guest/vmlinuz-$1" --initrd /guest/initrd.img -c "$2" -m 256M \
		--append "console=ttyS0 quiet $lane_quick $(echo "$3" | tr , ' ') vmm.cmd=$cmd" \
		</dev/null 2>/tmp/guest.err | tr -d '\r' | stamp >/tmp/guest.txt
	show /tmp/guest.err
	show /tmp/guest.txt
	grep -qE "^[0-9.]+ $cpus$" /tmp/guest.txt || return 1
	case $3 in
	*clocksource=*)
		clock=${3##*clocksource=}
		grep -qE "^[0-9.]+ ${clock%%,*}$" /tmp/guest.txt || return 1
		;;
	esac
	grep -q 'guest: status 0' /tmp/guest.txt || return 1
	agree /tmp/guest.txt
}

plan $(($# + 2))
for boot; do
	rest=${boot#*:}
	expect "Linux ${boot%%:*} with ${rest%%:*} vCPU and ${rest#*:} keeps time" \
		keeps_time "${boot%%:*}" "${rest%%:*}" "${rest#*:}"
done
expect_clean_end
finish
