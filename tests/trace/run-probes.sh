#!/bin/bash
# run-probes.sh: the ways in which a probe stands in the code (trace/site.h): which function gets which, that each counts
# every call and changes no result, in any order of attaching and detaching, and beside other probes.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/lib.sh
if ! command -v clang >/dev/null || ! [ -e /usr/include/bpf/bpf_helpers.h ]; then
	echo "skip - probes: no clang, or no libbpf-dev"
	exit 0
fi
name=probes-$$
built=build/tests/trace
mkdir -p $built
any=$built/any.bpf.o
slow=$built/slow.bpf.o
for o in $any $slow; do
	clang -target bpf -D__TARGET_ARCH_x86 -O2 -g -I/usr/include/x86_64-linux-gnu \
		-c tests/trace/progs/"$(basename $o .o)".c -o $o || exit 1
done
build/bin/uio-cc -O2 -g -o $built/places tests/trace/places.c || exit 1
mkfifo "$dir/in"
expected='2 42 27 33 55 1 10 4 4 5 9 10 21 15'

waits() { # SECONDS COMMAND...: until it succeeds
	local until=$((SECONDS + $1))
	shift
	until "$@"; do
		[ $SECONDS -lt $until ] || return 1
		sleep 0.1
	done
}
answered() { [ "$("$uio" logs $name | grep -cx "$expected")" -ge $answers ]; }
answers=0
say() { # LINE: to the application
	echo "$1" >"$(find "$XDG_RUNTIME_DIR" -path "*/$name-*" -name console.in)"
}
rounds() { # COUNT: rounds of calls, whose results must be right
	for _ in $(seq "$1"); do say go; done
	answers=$((answers + $1))
	waits 60 answered || bad "the application answers as ever" "$("$uio" logs $name | tail -3; "$uio" logs -k $name | tail -5)"
}
# attach PROGRAM FUNCTION...: sets $object.
attach() {
	try "$uio" bpf attach --pin --program "$1" $name $any "${@:2}"
	object=$(sed -n 's/object \([0-9]*\):.*/\1/p' <<<"$out")
}
unload() { "$uio" bpf unload $name "$1"; }
# row OBJECT FIELD: of the program of this object; text or number.
row() {
	"$uio" bpf list -o json $name | sed -n "s/.*\"object\":$1,.*\"$2\":\"\{0,1\}\([^\",]*\).*/\1/p"
}

"$uio" run -d -i --name $name $built/places >/dev/null || exit 1
started() { "$uio" logs $name | grep -q '^ready'; }
waits 30 started || { bad "places starts" "$("$uio" logs -k $name)"; exit 1; }
rounds 1

# --- which way, and what it counts: FUNCTION WAY CALLS-IN-A-ROUND
while read -r function way calls why; do
	attach entry "$function"
	entry=$object
	attach leave "$function"
	leave=$object
	is "$function ($why): a probe by $way" "$(row "$entry" ways) $(row "$leave" ways)" "$way:1 $way:1"
	rounds 2
	is "$function: each call and each return is seen" "$(row "$entry" runs) $(row "$leave" runs)" \
		"$((2 * calls)) $((2 * calls))"
	unload "$entry"
	unload "$leave"
done <<'END'
with_nop nop 1 starts with the nop of uio-cc
without_nop jump 1 too small for a nop
moved jump 1 its first instructions are moved
red_zone jump 1 it keeps values below the stack pointer
inner jump 2 five bytes long
outer jump 1 it calls another
deep jump 10 recursive
flags jump 1 the second instruction reads what the first left in the flags
calls jump 1 a call in the first bytes
branches jump 2 a conditional jump in the first bytes
far_away jump 1 a jump in the first bytes
tiny_neighbour jump 1 its return is the fifth byte
tiny int3 2 shorter than a jump
loop int3 1 a loop leads to its second instruction
from_far int3 1 another section leads to its second instruction
by_table int3 1 a jump table leads to its second instruction
END
rounds 1

# --- any order of attaching and detaching
attach entry moved deep
a=$object
attach leave moved deep
b=$object
attach entry moved deep
c=$object
rounds 1
is "three programs on a function: each sees each call" "$(row "$a" runs) $(row "$b" runs) $(row "$c" runs)" "11 11 11"
unload "$a"
rounds 1
is "the first goes, the others go on" "$(row "$b" runs) $(row "$c" runs)" "22 22"
attach entry moved deep
a=$object
unload "$b"
rounds 1
is "the return's goes, a new one came" "$(row "$a" runs) $(row "$c" runs)" "11 33"
attach leave moved deep
b=$object
unload "$c"
unload "$a"
rounds 1
is "the return's alone" "$(row "$b" runs) $(row "$b" ways)" "11 jump:2"
unload "$b"

# --- functions that call each other, and a kernel full of probes below
attach entry outer inner deep tiny calls 'linux_*' 'uio_k_*'
a=$object
attach leave outer inner deep tiny calls
b=$object
rounds 2
is "nested and recursive functions return as often as they were called" "$(row "$b" runs)" "$((2 * (1 + 2 + 10 + 2 + 1)))"
is "no call was left out" "$(row "$a" misses) $(row "$b" misses)" "0 0"
unload "$a"
unload "$b"

# --- a probe between the instructions that a jump replaces
attach entry red_zone flags
a=$object
attach entry flags+3
inside=$object
is "a probe between the moved instructions: the jump makes room" "$(row "$a" ways) $(row "$inside" ways)" \
	"jump:1 int3:1 jump:1"
rounds 2
is "and both see each call" "$(row "$a" runs) $(row "$inside" runs)" "4 2"
unload "$inside"
is "it comes back afterwards" "$(row "$a" ways)" "jump:2"
rounds 1
is "and sees each call" "$(row "$a" runs)" 6
attach entry flags+3
inside=$object
unload "$a"
rounds 1
is "the first goes, the one between them stays" "$(row "$inside" runs)" 1
unload "$inside"
attach entry flags+1
has "no probe in the middle of an instruction" "$status $err" "that can be moved"

# --- a thread in the middle
say stand
standing() { "$uio" logs $name | grep -qx standing; }
waits 30 standing
sleep 1
# Found by an interrupt it is between the push and the rest nearly always.
for _ in $(seq 10); do
	attach entry staying
	a=$object
	first=$(row "$a" ways)
	[ "$first" = jump:1 ] || break
	unload "$a"
done
sleep 0.5
say go
answers=$((answers + 1))
stood() { "$uio" logs $name | grep -qx stood; }
waits 60 stood || bad "the long stay ends" "$("$uio" logs -k $name | tail -5)"
is "a thread stands in the first bytes: no jump there meanwhile" "$first" "int3:1"
is "its results are right" "$("$uio" logs $name | grep -cx wrong)" 0
jumps() { [ "$(row "$a" ways)" = jump:1 ]; }
waits 20 jumps
is "the jump comes when it has gone" "$(row "$a" ways)" "jump:1"
is "and its calls were seen" "$(($(row "$a" runs) > 0))" 1
unload "$a"

# --- a thread in what is done elsewhere: the timer that looks whether the jump may come falls due while the breakpoint is
# handled, most times, and finds the thread at the instruction that leads back between the bytes of the jump
say "come and go"
standing_again() { [ "$("$uio" logs $name | grep -cx standing)" = 2 ]; }
waits 30 standing_again
seen=
for _ in $(seq 40); do
	attach entry staying
	way=$(row "$object" ways)
	sleep 0.2
	unload "$object"
	[ "$way" != int3:1 ] || seen=$seen+
	[ "$seen" != +++++ ] || break
done
say go
answers=$((answers + 1))
stood_again() { [ "$("$uio" logs $name | grep -cx stood)" = 2 ]; }
waits 60 stood_again || bad "the comings and goings end" "$("$uio" logs -k $name | tail -5)"
is "probes came while a thread stood or passed there" "${seen:0:1}" "+"
is "its results are right" "$("$uio" logs $name | grep -cx wrong)" 0

# --- a breakpoint that is hit all the time: the timer that looks whether the jump may come is due while it is handled
say hot
standing_hot() { [ "$("$uio" logs $name | grep -cx standing)" = 3 ]; }
waits 30 standing_hot
for _ in $(seq 40); do
	try "$uio" bpf attach --pin $name $slow staying
	a=$(sed -n 's/object \([0-9]*\):.*/\1/p' <<<"$out")
	way=$(row "$a" ways)
	[ "$way" = int3:1 ] && break
	unload "$a"
done
waits 20 jumps
is "a breakpoint that is hit all the time becomes a jump" "$way $(row "$a" ways)" "int3:1 jump:1"
say go
answers=$((answers + 1))
stood_hot() { [ "$("$uio" logs $name | grep -cx stood)" = 3 ]; }
waits 60 stood_hot || bad "the calls end" "$("$uio" logs -k $name | tail -5)"
is "its results are right" "$("$uio" logs $name | grep -cx wrong)" 0
unload "$a"

# --- a function that returns another time to where it returned
attach leave setjmp
has "no probe where setjmp() returns" "$status $err" "cannot be probed"
attach leave longjmp
has "nor where longjmp() does" "$status $err" "cannot be probed"
attach leave tiny.cold
has "nor where a part of a function does" "$status $err" "cannot be probed"
attach entry setjmp longjmp
a=$object
say jump
twice() { "$uio" logs $name | grep -qx twice; }
waits 30 twice
is "their calls are seen" "$(row "$a" runs)" 2
unload "$a"

# --- a probe needs some of the stack, of which there may be no more
used_up() { [ "$("$uio" logs $name | grep -cx 'used up')" = $1 ]; }
say overflow
waits 30 used_up 1 || bad "a used up stack ends in the application's handler" "$("$uio" logs -k $name | tail -5)"
for program in entry leave; do
	attach $program without_end
	say overflow
	waits 30 used_up "$([ $program = entry ] && echo 2 || echo 3)"
	is "$program: the application's handler sees that the stack is used up" "$(row "$object" ways) $("$uio" logs $name | tail -1)" \
		"jump:1 used up"
	unload "$object"
done

# --- nothing stays behind
rounds 3
is "no program is left" "$("$uio" bpf list -o json $name | grep -c '"row":"program"')" 0
is "nothing was printed but results" "$("$uio" logs $name | grep -cvx "ready\|standing\|stood\|twice\|used up\|$expected")" 0
exit $failed
