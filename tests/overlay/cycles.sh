#!/bin/bash
# cycles.sh N [NAME]: loads, runs and unloads a program N times, as the operator's shell does it, and compares what the guest
# has before and after: free memory, kernel heap, threads, descriptors. NAME is a running guest with /host shared (then
# $dir is its test's folder); without it one is started.
cd "$(dirname "$0")/../.." || exit 1
n=${1:-1000}
if [ $# -lt 2 ]; then
	. tests/cli/lib.sh
	. tests/overlay/guest.sh
	guest_start -m 32M
else
	# The caller's guest, and its folders.
	export XDG_STATE_HOME XDG_RUNTIME_DIR
	uio=$PWD/build/bin/uio
	name=$2
	failed=0
	. <(sed -n '/^ok()/,/^}/p; /^bad()/,/^}/p; /^is()/,/^}/p' tests/cli/lib.sh)
	. <(sed -n '/^stat_of()/,/^}/p' tests/overlay/guest.sh)
	dir=$(dirname "$XDG_STATE_HOME")
fi
musl-gcc -O1 -static -o "$dir/host/cycle" tests/soak/cycle.c -lpthread || exit 1
cycles() {
	for ((i = 0; i < $1; i++)); do
		printf 'load /host/cycle\nrun cycle\nunload cycle\n'
	done | timeout $((60 + $1)) "$uio" attach $name
}
state() {
	echo "free $(stat_of free_bytes) heap $(stat_of heap_bytes) in use $(stat_of heap_used_bytes) threads $(stat_of threads) cached $(stat_of cache_bytes)" \
		"descriptors $("$uio" exec $name busybox ls /proc/1/fd | wc -l)"
}
# What is made on first use exists afterwards.
cycles 3 >/dev/null
state >/dev/null
before=$(state)
start=$SECONDS
cycles "$n" >"$dir/cycles.out" 2>&1
is "$n load, run and unload cycles: each ran" "$(grep -c '^cycled' "$dir/cycles.out")" "$n"
is "$n load, run and unload cycles: all is as before" "$(state)" "$before"
echo "# $((SECONDS - start)) s; $before"
[ $failed = 0 ] || tail -5 "$dir/cycles.out"
exit $failed
