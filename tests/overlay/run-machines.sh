#!/bin/bash
# run-machines.sh: the whole way from the uio command into a program and back, on each of QEMU's machines that we support.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/lib.sh
. tests/overlay/guest.sh
for machine in microvm q35 pc; do
	name=overlay-$$-$machine
	guest_start -m 32M --machine $machine
	echo "from the host" >"$dir/host/file"
	busybox cat /host/file
	is "$machine: a program reads the host's folder" "$out" "from the host"
	try "$uio" exec --grant fs=rw $name busybox cp /host/file /host/copy-$machine
	is "$machine: and writes there" "$(cat "$dir/host/copy-$machine")" "from the host"
	try "$uio" exec -i $name busybox sh -c 'cat | tr a-z A-Z | wc -c' <"$dir/host/file"
	is "$machine: a shell, a pipe, standard input" "$out" "$(stat -c %s "$dir/host/file")"
	head -c 200000 /dev/urandom >"$dir/blob"
	try "$uio" cp "$dir/blob" $name:/tmp/blob
	try "$uio" cp $name:/tmp/blob "$dir/blob-back"
	is "$machine: a file goes in and out" "$(cmp "$dir/blob" "$dir/blob-back" && echo same)" same
	try "$uio" attach $name < <(echo ps)
	has "$machine: the operator's shell" "$out" victim
	try "$uio" exec --timeout 1s $name busybox sh -c 'while :; do :; done'
	is "$machine: a time limit" $status 137
	try "$uio" exec $name busybox dd if=/dev/urandom of=/tmp/r bs=1k count=10
	is "$machine: random numbers" $status 0
	is "$machine: the application answers" "$(application_is_well 1 && echo well)" well
	try "$uio" stop $name
	is "$machine: stop" "$(field $name exit_code)" 143
	"$uio" rm $name >/dev/null
done
exit $failed
