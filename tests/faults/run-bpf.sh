#!/bin/bash
# run-bpf.sh: memory fails while eBPF is used (nth.c): at each allocation of each request, one after the other, from the very
# first, with which the kernel's part for it is mapped. Whoever asked is told, nothing is lost, and the application goes on.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/lib.sh
. tests/overlay/guest.sh
. tests/faults/nth.sh
if ! command -v clang >/dev/null || ! [ -e /usr/include/bpf/bpf_helpers.h ]; then
	echo "ok - memory fails while eBPF is used # SKIP no clang, or no libbpf-dev"
	exit 0
fi
for c in run_once clock switch chain any; do
	clang -target bpf -D__TARGET_ARCH_x86 -O2 -g -I/usr/include/x86_64-linux-gnu -c tests/trace/progs/$c.bpf.c \
		-o "$built/$c.bpf.o" || exit 1
done
nth_build "$built/nth" tests/hostile/victim.c || exit 1
start() {
	name=faults-$$-$RANDOM
	rm -f "$dir/host/nth"
	"$uio" run -d -i --name $name -m 64M -e NTH=bpf -v "$dir/host:/host" "$built/nth" >/dev/null || exit 1
	for _ in $(seq 200); do
		"$uio" logs $name 2>/dev/null | grep -q '^victim ready' && return
		sleep 0.1
	done
	bad "the application starts" "$("$uio" logs -k "$name")"
	exit 1
}
allocations_fail() {
	: >"$dir/host/nth"
	for _ in $(seq 100); do
		[ -n "$(failures)" ] && return
		sleep 0.1
	done
}
state() {
	"$uio" stats --no-stream -o json $name 2>/dev/null | tr ',{}' '\n\n\n' | tr -d ' \t"' |
		grep -E '^(free|heap|cache)_bytes:|^threads:' | head -4 | tr '\n' ' '
}
failures() {
	sleep 0.05 # printed within 20 ms
	"$uio" logs $name | sed -n 's/^nth: \([0-9]*\) failed/\1/p' | tail -1
}
bpf() { # SUBCOMMAND ARGUMENT...
	local words=("$1")
	shift
	[ "${words[0]}" != map ] || { words+=("$1"); shift; }
	timeout 60 "$uio" bpf "${words[@]}" $name "$@"
}
leave_nothing() {
	local object
	for object in $(bpf list -o json 2>/dev/null | grep -o '"object": *[0-9]*' | grep -o '[0-9]*$' | sort -u); do
		bpf unload "$object" >/dev/null 2>&1
	done
}
# As often as it takes until nothing is left to fail; each run must be either right or told of.
every_nth() { # WHAT FUNCTION
	local lost='' silent='' count now was i stuck=0 first
	was=$(failures)
	first=$was
	for ((i = 0; i < 500; i++)); do
		$2 >"$dir/said" 2>&1
		status=$?
		[ $status != 124 ] || silent+=" $i: no end ($(head -c 300 "$dir/said"))"
		[ $status = 0 ] || [ -s "$dir/said" ] || silent+=" $i: status $status"
		leave_nothing
		now=$(state)
		[ -z "$before" ] || ! lost_between "$before" "$now" || lost+=" $i: $now ($(head -c 200 "$dir/said"));"
		count=$(failures)
		[ $status != 0 ] || [ "$count" != "$was" ] || break
		[ "$count" = "$was" ] && stuck=$((stuck + 1)) || stuck=0
		[ $stuck -lt 5 ] || break
		was=$count
	done
	is "$1: each failure is told" "$silent" ""
	[ -z "$before" ] || is "$1: nothing is lost (as before: $before)" "$lost" ""
	is "$1: until none is left, and then it works" "$status $([ $status = 0 ] || cat "$dir/said")" "0 "
	application_is_well 1 && ok "$1: the application goes on" || bad "$1: the application goes on" "it does not answer"
	echo "# $((count - first)) failed, $1"
}
look() { bpf list; }
run_by_hand() {
	local object
	bpf load "$built/run_once.bpf.o" >"$dir/load" || return
	bpf exec "$built/run_once.bpf.o" 02000000000000000300000000000000 || return
	object=$(bpf map list 2>&1 | awk '$3 == "results" { print $1 }')
	[ -n "$object" ] || { bpf map list; return; }
	bpf map update "$object" 03000000 2a00000000000000 && bpf map dump "$object"
}
probes() { bpf attach --pin "$built/any.bpf.o" victim_add victim_secret victim_print; }
clock() { bpf attach --pin "$built/clock.bpf.o"; }
switches() { bpf attach --pin "$built/switch.bpf.o"; }
chains() { bpf attach --pin --program on_call "$built/chain.bpf.o" victim_add; }

# From the very first request on, with which the part is mapped.
start
allocations_fail
before=
every_nth "the first request" look
"$uio" rm -f $name >/dev/null

# What is made at first use is there.
start
for what in run_by_hand probes clock switches chains; do
	for i in 1 2; do
		$what >"$dir/said" 2>&1 || bad "$what" "$(cat "$dir/said")"
		leave_nothing
	done
done
allocations_fail
before=$(state)
for what in run_by_hand probes clock switches chains; do
	every_nth "$what" $what
done
exit $failed
