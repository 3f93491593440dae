#!/bin/bash
# run-near-guard.sh: an application (near_guard.c) that has used a stack up to within N bytes of its guard page, for many N,
# is not harmed by interrupts, switches of threads, signals with a stack of their own, samples and probes that come just
# then; nor by a program of the overlay that uses up a call's stack.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/lib.sh
if ! command -v clang >/dev/null || ! [ -e /usr/include/bpf/bpf_helpers.h ] || ! command -v musl-gcc >/dev/null; then
	echo "skip - near guard: no clang, no libbpf-dev, or no musl-gcc"
	exit 0
fi
name=near-$$
built=build/tests/trace
mkdir -p $built
for p in any clock; do
	clang -target bpf -D__TARGET_ARCH_x86 -O2 -g -I/usr/include/x86_64-linux-gnu -c tests/trace/progs/$p.bpf.c \
		-o $built/near-$p.bpf.o || exit 1
done
build/bin/uio-cc -O2 -g -o $built/near_guard tests/trace/near_guard.c -lpthread || exit 1
musl-gcc -O1 -w -static -fPIC -Wl,-pie,-E,-z,undefs -o $built/near_caller tests/trace/near_caller.c || exit 1

asked=0
# ask WORD: the application does it, and says that all was well.
ask() { # WORD WHAT
	asked=$((asked + 1))
	echo "$1" >"$(find "$XDG_RUNTIME_DIR" -path "*/$name-*" -name console.in)"
	for _ in $(seq 600); do
		[ "$("$uio" logs $name | grep -c ' ')" -lt $asked ] || break
		[ "$(field $name state)" != exited ] || break
		sleep 0.1
	done
	is "$2" "$("$uio" logs $name | grep ' ' | sed -n "${asked}p")" "$1 ok"
	[ "$("$uio" logs $name | grep -c ' ')" -ge $asked ] || { bad "the guest goes on" "$("$uio" logs -k $name | tail -9)"; exit 1; }
}
row() { # OBJECT FIELD: of the program of this object; text or number
	"$uio" bpf list -o json $name | sed -n "s/.*\"object\":$1,.*\"$2\":\"\{0,1\}\([^\",]*\).*/\1/p"
}
attach() { # WHAT...: sets $object
	try "$uio" bpf attach --pin "$@"
	object=$(sed -n 's/object \([0-9]*\):.*/\1/p' <<<"$out")
	[ -n "$object" ] || bad "attach $*" "$err"
}

"$uio" run -d -i --name $name $built/near_guard >/dev/null || exit 1
for _ in $(seq 300); do
	"$uio" logs $name | grep -q '^ready' && break
	sleep 0.1
done

# --- interrupts, with nothing attached
ask interrupts "interrupts and switches of threads leave a used up stack alone"
ask signals "signals come, on the stack that they are to use"
ask late "a signal that finds no room comes when there is some, though nothing is called"
ask calls "calls, without a probe"

# --- a call's stack
try "$uio" exec --grant call --push $built/near_caller $name near_caller
is "a call's stack is used up" "$status $out" "0 called"

# --- the clock, faster than threads are switched
attach --rate 1000 $name $built/near-clock.bpf.o
clock=$object
ask interrupts "samples leave it alone"
is "and were taken" "$(($(row "$clock" runs) > 100))" 1
ask signals "signals come meanwhile"
try "$uio" exec --grant call --push $built/near_caller $name near_caller
is "a call's stack is used up while samples are taken" "$status $out" "0 called"

# --- probes, which use some of the stack where there is some
all=$((4 * 128))
for program in entry leave; do
	attach --program $program $name $built/near-any.bpf.o probed
	ask calls "$program: calls with every distance from the guard return as ever"
	is "$program: a jump" "$(row "$object" ways)" jump:1
	is "$program: each was seen" "$(row "$object" runs) $(row "$object" misses)" "$all 0"
	"$uio" bpf unload $name "$object"
done
# Of a breakpoint nothing is on that stack.
attach --program entry $name $built/near-any.bpf.o probed+4
ask calls "a breakpoint: calls with every distance from the guard return as ever"
is "a breakpoint: each was seen" "$(row "$object" ways) $(row "$object" runs)" "int3:1 $all"
"$uio" bpf unload $name "$object"
# --- probes in the kernel's handlers of interrupts, and in its switching of threads
attach --program entry $name $built/near-any.bpf.o uio_k_clock_interrupt uio_k_schedule \
	uio_k_interrupt_kernel
ask interrupts "probes in the kernel's way through an interrupt leave it alone"
is "and were reached" "$(($(row "$object" runs) > 100))" 1
exit $failed
