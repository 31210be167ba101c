#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# vmrun as a user meets it, on any machine: each malformed input ends with
# status 125, one sentence on stderr, and an empty stdout. VMRUN names the
# program (built with sanitizers, whose complaints count as failures).

vmrun=${VMRUN:?VMRUN names the program}
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
n=0
failed=0

verdict() { # status name
	n=$((n + 1))
	[ "$1" = 0 ] && echo "ok $n $2" && return
	echo "not ok $n $2"
	sed 's/^/# /' err
	failed=1
}

# refuses NAME PATTERN ARGUMENT...
refuses() {
	name=$1 pattern=$2
	shift 2
	timeout 20 "$vmrun" "$@" >out 2>err </dev/null
	status=$?
	bad=0
	[ "$status" = 125 ] || bad=1
	[ -s out ] && bad=1
	grep -q -e "$pattern" err || bad=1
	grep -q "Sanitizer\|runtime error" err && bad=1
	verdict $bad "$name (status $status)"
}

# accepts NAME STATUS PATTERN ARGUMENT...: the pattern is on stdout.
accepts() {
	name=$1 want=$2 pattern=$3
	shift 3
	timeout 20 "$vmrun" "$@" >out 2>err </dev/null
	status=$?
	bad=0
	[ "$status" = "$want" ] || bad=1
	grep -q -e "$pattern" out || bad=1
	grep -q "Sanitizer\|runtime error" err && bad=1
	verdict $bad "$name (status $status)"
}

: >empty
head -c 5000 /dev/zero >zeros
head -c 5000 /dev/urandom >noise
printf 'QFI\373rest of it' >qcow2
printf '\037\213rest' >gz
{ head -c 510 /dev/zero; printf '\125\252'; head -c 4096 /dev/zero; } >mbr
{ cat mbr; echo; } >cut
head -c 5120 /dev/zero >zeros512
# Byte 0x201 says how far the header goes.
{ head -c 513 /dev/zero; printf '\152HdrS'; } >short_bzimage
{ head -c 513 /dev/zero; printf '\152HdrS\000\002'; head -c 8000 /dev/zero; } >bzimage32
printf '\177ELF\002\001\001' >short_elf
cp "$vmrun" program_elf
truncate -s 3G huge
mkfifo pipe

echo "1..32"
sums=$(cksum qcow2 mbr cut zeros512 noise)
refuses "no arguments" "nothing to run"
refuses "unknown option" "--frob" --frob
refuses "missing file" "missing: no such file" missing
refuses "directory" "is a directory" .
refuses "empty file" "is empty" empty
refuses "device" "neither a file nor a pipe" /dev/null
refuses "zeros" "no known kind" zeros
refuses "noise" "noise is" noise
refuses "qcow2" "format=qcow2" qcow2
accepts "boot sector" 0 "^disk: mbr" mbr --dry-run
refuses "a disk cut short" "no multiple of 512: was it cut short" cut
refuses "a disk for a BIOS without boot sector" "zeros512 has no boot sector" --firmware bios zeros512
refuses "a disk image as kernel" "is a disk image" --kernel mbr
refuses "variables for a BIOS" "add --firmware uefi" --vars vars mbr
refuses "firmware and kernel" "exclude each other" --firmware bios --kernel noise
refuses "firmware that is no file" "not a regular file" --firmware .
refuses "firmware cut short" "multiple of 4 KiB" --firmware noise
refuses "gzip" "gunzip" gz
refuses "32-bit or old bzImage" "protocol 2.00" bzimage32 -m 64
refuses "cut bzImage" "short_bzimage is cut short" short_bzimage
refuses "cut ELF" "short_elf is a damaged ELF file" short_elf
refuses "an ordinary program" "neither a PVH note nor" program_elf
refuses "larger than memory" "more than the guest's memory of 64 MiB" huge -m 64
refuses "disk beside a kernel" "format=qcow2" --kernel bzimage32 qcow2
refuses "missing initrd" "nothere: no such file" --kernel bzimage32 --initrd nothere
refuses "bad memory" "not a size" zeros -m lots
refuses "bad timeout" "positive number" zeros --timeout x
[ "$sums" = "$(cksum qcow2 mbr cut zeros512 noise)" ]
verdict $? "no image was changed"
accepts "help" 0 "usage: " --help
accepts "version" 0 "interface version 1" --version
head -c 100 /dev/zero >pipe &
refuses "a pipe of nothing useful" "no known kind" pipe
if [ -e /dev/vmmctl ]; then
	accepts "check" 0 "can run guests" --check
else
	accepts "check" 1 "cannot run guests" --check
fi
exit $failed
