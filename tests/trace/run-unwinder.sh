#!/bin/bash
# run-unwinder.sh: probes of returns, and calls that end in other ways (unwinds.c): the application's unwinder finds its way
# through functions whose return is probed, and what longjmp() and ending threads leave behind takes no room for long.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/lib.sh
if ! command -v clang >/dev/null || ! [ -e /usr/include/bpf/bpf_helpers.h ]; then
	echo "skip - unwinder: no clang, or no libbpf-dev"
	exit 0
fi
name=unwinder-$$
built=build/tests/trace
mkdir -p $built
clang -target bpf -D__TARGET_ARCH_x86 -O2 -g -I/usr/include/x86_64-linux-gnu -c tests/trace/progs/any.bpf.c \
	-o $built/unwinder.bpf.o || exit 1
build/bin/uio-cc -O2 -g -fexceptions -funwind-tables -o $built/unwinds tests/trace/unwinds.c -lpthread || exit 1

asked=0
ask() { # LINE ANSWER WHAT
	asked=$((asked + 1))
	echo "$1" >"$(find "$XDG_RUNTIME_DIR" -path "*/$name-*" -name console.in)"
	for _ in $(seq 300); do
		[ "$("$uio" logs $name | grep -c ' ')" -lt $asked ] || break
		[ "$(field $name state)" != exited ] || break
		sleep 0.1
	done
	is "$3" "$("$uio" logs $name | grep ' ' | sed -n "${asked}p")" "$2"
	[ "$("$uio" logs $name | grep -c ' ')" -ge $asked ] || { bad "the guest goes on" "$("$uio" logs -k $name | tail -9)"; exit 1; }
}
row() { # OBJECT FIELD: of the program of this object; text or number
	"$uio" bpf list -o json $name | sed -n "s/.*\"object\":$1,.*\"$2\":\"\{0,1\}\([^\",]*\).*/\1/p"
}
attach() { # FUNCTION...: a program where they return; sets $object
	try "$uio" bpf attach --pin --program leave $name $built/unwinder.bpf.o "$@"
	object=$(sed -n 's/object \([0-9]*\):.*/\1/p' <<<"$out")
}

"$uio" run -d -i --name $name $built/unwinds >/dev/null || exit 1
for _ in $(seq 300); do
	"$uio" logs $name | grep -q '^ready' && break
	sleep 0.1
done
ask backtrace "backtrace main 1 0" "without probes: a backtrace"
ask "unwind 3" "unwind 3 6 1" "without probes: an exception"

attach inner middle outer leaf down takes_off
is "returns are probed" "$(row "$object" ways | tr -d '0-9:' | tr ' ' '\n' | sort -u | grep -c .)" \
	"$(row "$object" ways | tr -d '0-9:' | wc -w)"
ask backtrace "backtrace main 1 0" "a backtrace finds its way through probed functions"
is "returns that it has looked at are not seen, the others are" "$(row "$object" runs) $(row "$object" misses)" "1 3"
ask "unwind 2000" "unwind 2000 4000 1" "exceptions pass probed functions, whose cleanups are run"
is "and such returns are counted as missed" "$(row "$object" misses)" $((3 + 3 * 2000))
runs=$(row "$object" runs)
ask "calls 100" "calls 100 200 0" "calls return as ever"
is "and are seen" $(($(row "$object" runs) - runs)) 500

misses=$(row "$object" misses)
ask "jump 4000" "jump 4000 0 0" "longjmp() leaves probed functions"
ask "ends 100" "ends 100 0 0" "threads end in probed functions"
ask "jump 4000" "jump 4000 0 0" "and longjmp() again"
runs=$(row "$object" runs)
ask "calls 100" "calls 100 200 0" "calls return as ever"
is "and are seen: nothing is used up" "$(($(row "$object" runs) - runs)) $(($(row "$object" misses) - misses))" "500 0"
"$uio" bpf unload $name "$object"
attach brief deep
ask "window 100000" "window 100000 0 0" "signals come while functions are on their way back to the probe"
is "and all are seen there" "$(($(row "$object" runs) > 100000))" 1
"$uio" bpf unload $name "$object"
for f in _Unwind_RaiseException _Unwind_Backtrace; do
	attach $f
	has "no probe where $f() returns" "$status $err" "cannot be probed"
done
ask backtrace "backtrace main 1 0" "afterwards: a backtrace"
exit $failed
