#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# vmrun.sh [PATTERN]: vmrun's own behaviour, with a small guest that does as its
# command line says (selftests/userspace/guest): exit statuses, reset, signals,
# input and output, reports.

cd "$(dirname "$0")" || exit 1
. ./lib.sh

pattern=${1:-.}
out=/tmp/vmrun.out
err=/tmp/vmrun.err

# act STATUS ACT [ARGUMENT...]: runs the guest, expects vmrun's status.
act() {
	want=$1 word=$2
	shift 2
	vmrun vmrun_guest -m 16M --timeout 60 "$@" --append "$word" >$out 2>$err
	got=$?
	[ "$got" = "$want" ] && grep -q "^guest: $word" $out && return
	echo "# status $got, not $want"
	show $err
	brief
	return 1
}

brief() { head -c 1000 $out | show; }
said() { grep -q -- "$1" $err || { show $err; return 1; }; }
printed() { grep -q -- "$1" $out || { brief; return 1; }; }

power_off() { act 0 off && [ ! -s $err ]; }
test_code() { act 33 code; }
all_halted() { act 11 halt && said "halted with interrupts off"; }
resets() { act 10 cf9 --no-reboot && act 10 kbc --no-reboot && act 10 port92 --no-reboot; }
holes() { act 0 holes && printed "port ones" && printed "memory ones"; }

triple_fault() {
	act 12 triple && said "triple fault" && said "RIP 0000000000" && said "ud2" &&
		said "paging is off" && said "last VM exits"
}

bad_msr() { act 12 msr -v && said "no MSR 0x12345678" && said "rdmsr"; }

restarts() {
	printf 'xrxryp' | act 0 echo || return 1
	[ "$(grep -c 'guest: echo' $out)" = 3 ] || { brief; return 1; }
}

input_is_not_lost() {
	head -c 20000 /dev/zero | tr '\0' 'k' >/tmp/vmrun.in
	printf 'p' >>/tmp/vmrun.in
	act 0 echo </tmp/vmrun.in || return 1
	[ "$(tail -n 1 $out | tr -d '\n' | wc -c)" = 20000 ] || { tail -n 1 $out | wc -c; return 1; }
	cat /tmp/vmrun.in | act 0 echo || return 1
	[ "$(tail -n 1 $out | tr -d '\n' | wc -c)" = 20000 ]
}

flood() {
	act 0 flood && printed '^end$' && [ "$(sed -n 2p $out | tr -d '\n' | wc -c)" = 150000 ]
}

slow_reader() {
	vmrun vmrun_guest -m 16M --timeout 120 --append flood 2>$err | (sleep 2; cat) >$out
	printed '^end$' && [ "$(sed -n 2p $out | tr -d '\n' | wc -c)" = 150000 ]
}

# A pipe's status is that of its last command: a file tells vmrun's.
reader_gone() {
	(vmrun vmrun_guest -m 16M --timeout 120 --append flood 2>$err; echo $? >/tmp/vmrun.status) |
		head -c 10 >$out
	[ "$(cat /tmp/vmrun.status)" = 141 ] || { cat /tmp/vmrun.status; show $err; return 1; }
}

timeout_shows_state() {
	vmrun vmrun_guest -m 16M --timeout 3 --append spin >$out 2>$err </dev/null
	got=$?
	[ "$got" = 124 ] && said "state on request" && said "page walk\|paging is off" &&
		said "timeout"
}

modules() {
	echo first >/tmp/m1
	echo second >/tmp/m2
	act 0 modules -i /tmp/m1 -i /tmp/m2 && [ "$(tail -n 2 $out | tr '\n' ' ')" = "first second " ]
}

serial_to_a_file() {
	vmrun vmrun_guest -m 16M --serial file=/tmp/vmrun.serial --append off >$out 2>$err &&
		[ ! -s $out ] && grep -q '^guest: off' /tmp/vmrun.serial
}

serial_to_a_full_disk() {
	vmrun vmrun_guest -m 16M --serial file=/dev/full --append off >$out 2>$err &&
		said "No space left"
}

# started ACT [ARGUMENT...]: in the background; waits for the guest's "ready".
started() {
	word=$1
	shift
	vmrun vmrun_guest -m 16M --timeout 200 "$@" --append "$word" >$out 2>$err </dev/null &
	pid=$!
	within 20 grep -q "${ready:-ready}" $out && return
	show $err
	kill -KILL $pid
	return 1
}

ended() { # status
	wait $pid
	got=$?
	[ "$got" = "$1" ] && return
	echo "# status $got, not $1"
	show $err
	return 1
}

power_button() { started button && kill -TERM $pid && ended 0 && printed '^button'; }
no_button() { ready="guest: spin" started spin && kill -TERM $pid && ended 143; }
second_term() {
	started nobutton && kill -TERM $pid && within 5 grep -q "power button pressed" $err &&
		kill -TERM $pid && ended 143
}

grace() { started nobutton && kill -TERM $pid && ended 143 && said "did not power off"; }
interrupted() { ready="guest: spin" started spin && kill -INT $pid && ended 130; }
hung_up() { ready="guest: spin" started spin && kill -HUP $pid && ended 129; }

shows_state() {
	ready="guest: spin" started spin -c 2 && kill -USR1 $pid &&
		within 10 grep -q "vCPU 1: state on request" $err &&
		within 10 grep -q "vCPU 0: state on request" $err &&
		said "waiting for SIPI" && kill -INT $pid && ended 130
}

is_listed() {
	ready="guest: spin" started spin -n listed-1 -c 3 || return 1
	vmmctl list >/tmp/list && vmmctl --json list >/tmp/list.json
	kill -INT $pid
	ended 130 && grep -q "listed-1 .*$pid .* 3 .*16 MiB" /tmp/list &&
		grep -q '"name": "listed-1"' /tmp/list.json || { show /tmp/list; return 1; }
}

tests="power_off test_code all_halted triple_fault bad_msr resets holes restarts input_is_not_lost
flood slow_reader reader_gone timeout_shows_state modules serial_to_a_file serial_to_a_full_disk
power_button no_button second_term grace interrupted hung_up shows_state is_listed"
# shellcheck disable=SC2086 # a list of words
tests=$(printf '%s\n' $tests | grep -- "$pattern")

# shellcheck disable=SC2086
set -- $tests
plan $(($# + 2))
for t; do
	expect "$t" "$t"
done
expect_clean_end
finish
