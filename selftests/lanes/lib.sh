# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What the lane scripts share. They run on the test host with busybox sh, as
# root, and print KTAP. Each test counts as failed, too, when the kernel log
# shows a complaint that came while it ran.

lane_n=0
lane_failed=0
lane_mark=
# In an emulator the self-tests of the kernel's ciphers cost ten seconds.
lane_quick="cryptomgr.notests=1 initcall_blacklist=load_system_certificate_list,jent_mod_init"
splat='BUG:|WARNING:|Oops|KASAN|UBSAN|lockdep|Call Trace|general protection|unable to handle|INFO: task|rcu.*stall'

plan() { echo "1..$1"; }

# Begins a test: complaints before this point are not its own.
begin() {
	lane_mark="lane mark $lane_n $(cut -d' ' -f1 /proc/uptime)"
	echo "<6>$lane_mark" >/dev/kmsg
}

complaints() { dmesg | sed "1,/$lane_mark/d" | grep -E "$splat"; }

# verdict STATUS NAME: ends the test that begin began.
verdict() {
	lane_n=$((lane_n + 1))
	if lane_said=$(complaints); then
		dmesg | sed "1,/$lane_mark/d" | head -n 80 | sed 's/^/# /'
		echo "# the kernel complained: $(echo "$lane_said" | head -n 1)"
		set -- 1 "$2"
	fi
	if [ "$1" = 0 ]; then
		echo "ok $lane_n $2"
	else
		lane_failed=$((lane_failed + 1))
		echo "not ok $lane_n $2"
	fi
}

# expect NAME COMMAND...: one test, passed when COMMAND succeeds.
expect() {
	lane_name=$1
	shift
	begin
	"$@"
	verdict $? "$lane_name"
}

show() { sed 's/\r$//; s/^/# /' "$@"; }

# within SECONDS COMMAND...: succeeds as soon as COMMAND does. Seconds are the
# host's, which an emulator counts in instructions.
within() {
	lane_left=$(($1 * 5))
	shift
	until "$@"; do
		lane_left=$((lane_left - 1))
		[ "$lane_left" -gt 0 ] || return 1
		sleep 0.2
	done
}

unused() { [ "$(cat /sys/module/vmm/refcnt 2>/dev/null)" = 0 ]; }

# All objects are gone: /sys/kernel/debug/vmm/objects has "name count" lines.
no_objects() {
	awk 'NF == 2 { lines++ } $2 != 0 { alive++ } END { exit !(lines && !alive) }' \
		/sys/kernel/debug/vmm/objects
}

# Two tests: nothing is left of any VM, and the module can be removed.
expect_clean_end() {
	begin
	lane_status=0
	[ -d /sys/module/vmm ] && within 20 unused && within 20 no_objects || lane_status=1
	[ "$lane_status" = 0 ] || {
		echo "# references and objects:"
		cat /sys/module/vmm/refcnt /sys/kernel/debug/vmm/objects 2>&1 | show
	}
	verdict $lane_status "nothing is left of any VM"
	expect "the module can be removed" rmmod vmm
}

# programs PATTERN: runs the programs in /tests of that name and passes on their
# KTAP. A program gets one more failure, in its own name, when it ends with an
# error it did not report, takes too long, or makes the kernel complain.
programs() {
	lane_ran=0
	for prog in /tests/$1; do
		[ -x "$prog" ] || continue
		lane_ran=$((lane_ran + 1))
		name=$(basename "$prog")
		echo "# --- $name"
		begin
		timeout -k 20 "${TEST_TIMEOUT:-600}" "$prog" >/tmp/out 2>&1 </dev/null
		status=$?
		cat /tmp/out
		trouble=
		case $status in
		0) ;;
		4) grep -q 'SKIP' /tmp/out || trouble="was skipped and did not say why" ;;
		1) grep -q '^[[:space:]]*not ok' /tmp/out || trouble="failed and did not say where" ;;
		124 | 137 | 143) trouble="took more than ${TEST_TIMEOUT:-600} s" ;;
		*) trouble="ended with status $status" ;;
		esac
		if complaints >/tmp/complaints; then
			dmesg | sed "1,/$lane_mark/d" | head -n 100 | sed 's/^/# /'
			trouble="made the kernel complain: $(head -n 1 /tmp/complaints)"
		fi
		[ -z "$trouble" ] || echo "not ok $name $trouble"
	done
	[ "$lane_ran" -gt 0 ] || echo "not ok there is no program /tests/$1"
}

# guest KERNEL VCPUS CMD [vmrun arguments]: boots a guest that runs CMD and
# powers off. Status is vmrun's; output in /tmp/guest.out, messages in .err.
guest() {
	lane_kernel=$1 lane_vcpus=$2 lane_cmd=$(echo "$3" | sed 's/%/%25/g; s/ /%20/g; s/;/%3b/g; s/"/%22/g')
	shift 3
	vmrun --kernel "/guest/vmlinuz-$lane_kernel" --initrd /guest/initrd.img \
		-c "$lane_vcpus" -m 256M "$@" \
		--append "console=ttyS0 quiet $lane_quick vmm.cmd=$lane_cmd" \
		</dev/null >/tmp/guest.out 2>/tmp/guest.err
}

finish() { [ "$lane_failed" = 0 ]; }
