#!/bin/bash
# run-bpf.sh: eBPF against a live application (victim.c), from a client that is not `uio bpf` (bpf_wrong.c) and from one that
# is: malformed requests, programs that the verifier refuses, maps as large as memory, programs on the functions that their
# own helpers, the scheduler and the interrupt path use, storms of attaching, clients that die. In the end nothing is left.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/lib.sh
if ! command -v clang >/dev/null || ! [ -e /usr/include/bpf/bpf_helpers.h ]; then
	echo "skip - hostile eBPF: no clang, or no libbpf-dev"
	exit 0
fi
built=$PWD/build/tests/hostile
wrong=$built/bpf-wrong
name=bpf-$$
mkdir -p "$built/bpf"
object() { # SOURCE OBJECT FLAGS...
	clang -target bpf -D__TARGET_ARCH_x86 -O2 -g -I/usr/include/x86_64-linux-gnu "${@:3}" -c "$1" -o "$2" 2>"$dir/cc" ||
		bad "$1 compiles" "$(cat "$dir/cc")"
}
object tests/hostile/bpf/busy.bpf.c "$built/bpf/busy.o"
object tests/hostile/bpf/big_map.bpf.c "$built/bpf/big_as_memory.o" -DENTRIES=8192
object tests/hostile/bpf/big_map.bpf.c "$built/bpf/big_as_can_be.o" -DENTRIES=0xffffffff
object tests/hostile/bpf/big_map.bpf.c "$built/bpf/big_overflow.o" -DENTRIES=0x80000001
object tests/trace/progs/refused.bpf.c "$built/bpf/refused.o"
refused=("$built/bpf/refused.o" "$built/bpf/big_as_memory.o" "$built/bpf/big_as_can_be.o" "$built/bpf/big_overflow.o")
for c in tests/bpf/objects/refuse_*.bpf.c; do
	o=$built/bpf/$(basename "${c%.bpf.c}").o
	object "$c" "$o"
	break_=$(sed -n 's,^// BREAK: ,,p' "$c")
	(export o; eval "$break_") 2>/dev/null
	refused+=("$o")
done
head -c 3000 /dev/urandom >"$built/bpf/random.o"
refused+=("$built/bpf/random.o" "$PWD/build/bin/uio")

build/bin/uio-cc -O1 -g -o "$built/victim-bpf" tests/hostile/victim.c -lpthread || exit 1
"$uio" run -d -i --name $name -m 32M "$built/victim-bpf" >/dev/null || exit 1
mkfifo "$dir/in" "$dir/answers"
"$uio" attach --console $name <"$dir/in" >"$dir/answers" 2>/dev/null &
exec 3>"$dir/in" 4<"$dir/answers"
pings=0
well() { # NAME: the victim's memory, answers, arithmetic and socket
	local line
	pings=$((pings + 1))
	echo "ping $pings" >&3
	while IFS= read -r -t 60 line <&4; do
		case $line in
		"pong $pings ok "*) ok "$1"; return ;;
		"pong "*) break ;;
		esac
	done
	bad "$1" "the victim: $line
$("$uio" logs -k $name | tail -5)"
}
free() {
	"$uio" stats --no-stream -o json $name 2>/dev/null | tr ',{}' '\n\n\n' | sed -n "s/.*\"free_bytes\":[[:space:]]*\([0-9]*\).*/\1/p" | head -1
}
address() { # FUNCTION: decimal; 0: there is none
	printf '%d\n' "0x0$(nm "$built/victim-bpf.debug" | awk -v s="$1" '$3 == s { print $1; exit }')"
}
# Loads the part, and brings what is made on first use.
"$uio" bpf attach --for 1s $name "$built/bpf/busy.o" victim_add >/dev/null 2>&1
well "the victim is well before"

try "$wrong" $name refused "${refused[@]}"
has "what the verifier or the reader of objects refuses" "$status $out" "${#refused[@]} objects refused, and nothing of them is there"
has "each with its reason: a program" "$out" "map value is 8 bytes"
has "a map as large as memory" "$(grep big_as_memory <<<"$out")" "memory"
well "after that the application is well"
"$uio" attach $name <<<"unload refused" >/dev/null 2>&1
for seed in 1 2 $RANDOM; do
	LIMIT=100 try "$wrong" $name malformed $seed
	has "malformed requests (seed $seed)" "$status $out" "and the guest answers"
done
well "and after those"

# --- functions that the program's own helpers use, the scheduler's, the interrupt path's
functions="kmalloc kfree page_alloc clock_monotonic_ns clock_read memcpy thread_block thread_wake schedule sched_ready sched_finish_switch
	waitq_wake_all interrupt_kernel trap_kernel trap_user irq_dispatch clock_interrupt apic_eoi apic_timer_set usercopy_move vport_write gate_call"
found=()
addresses=()
for f in $functions; do
	a=$(address "uio_k_$f")
	[ "$a" = 0 ] && a=$(address "$f")
	[ "$a" = 0 ] || { found+=("$f"); addresses+=("$a"); }
done
is "most of these functions are there" $((${#found[@]} > 15)) 1
for f in "${found[@]}"; do
	try "$uio" bpf attach --for 300ms $name "$built/bpf/busy.o" "$f"
	well "a busy program on $f (${err##*uio: })"
done
LIMIT=60 try "$uio" bpf attach --for 1s $name "$built/bpf/busy.o" 'thread_*' 'waitq_*' 'k*' 'sched*' 'clock_*' 'map_*'
well "a busy program on all functions of the scheduler, memory, clock and maps"

# What is made on first use is made now; from here on nothing may be left.
before=$(free)
LIMIT=60 try "$uio" bpf attach --for 300ms $name "$built/bpf/busy.o" "${found[@]}"
well "a busy program on all of them at once (${err##*uio: })"
LIMIT=100 try "$wrong" $name malformed 3
has "and malformed requests once more" "$status $out" "and the guest answers"

# --- storms, and clients that die
LIMIT=100 try "$wrong" $name storm "$built/bpf/busy.o" "$(address victim_add)"
has "300 times on and off" "$status $out" "0 attached 300 times"
LIMIT=100 try "$wrong" $name storm "$built/bpf/busy.o" "$(address uio_k_thread_block)"
has "on a function of the scheduler" "$status $out" "0 attached 300 times"
for _ in 1 2 3; do
	try "$wrong" $name die "$built/bpf/busy.o" "${addresses[@]}"
	has "a client that dies while attached, in the middle of a frame" "$status $out" "and gone"
done
well "the application is well"
for _ in $(seq 50); do
	[ "$("$uio" bpf list $name | grep -c busy)" = 0 ] && break
	sleep 0.1
done
is "its programs went with it" "$("$uio" bpf list $name | grep -c busy)" 0
"$uio" bpf attach $name "$built/bpf/busy.o" victim_add >/dev/null 2>&1 &
client=$!
sleep 0.5
kill -KILL $client
wait $client 2>/dev/null
well "a client that is killed"
for _ in $(seq 50); do
	[ "$(free)" = "$before" ] && break
	sleep 0.1
done
is "free memory is as before" "$(free)" "$before"
is "no fault of the kernel's in its log" "$("$uio" logs -k $name | grep -ciE 'panic|BUG')" 0
echo quit >&3
exec 3>&-
for _ in $(seq 50); do
	[ "$(field $name status)" = exited ] && break
	sleep 0.1
done
is "the victim ends as it wants to" "$(field $name exit_code)" 0
