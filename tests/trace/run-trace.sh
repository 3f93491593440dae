#!/bin/bash
# run-trace.sh: eBPF in a running guest: the part of the kernel that is loaded on demand, objects of clang's, maps,
# programs run by hand, and programs on functions of the application, the C library and the kernel, whose counts are known.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/lib.sh
if ! command -v clang >/dev/null || ! [ -e /usr/include/bpf/bpf_helpers.h ]; then
	echo "skip - trace: no clang, or no libbpf-dev"
	exit 0
fi
name=trace-$$
built=build/tests/trace
mkdir -p $built
for c in tests/trace/progs/*.bpf.c; do
	o=$built/$(basename "${c%.c}").o
	clang -target bpf -D__TARGET_ARCH_x86 -O2 -g -I/usr/include/x86_64-linux-gnu -c "$c" -o "$o" 2>"$dir/cc" ||
		bad "$c compiles" "$(cat "$dir/cc")"
done
build/bin/uio-cc -O2 -g -o $built/target tests/trace/target.c || exit 1
target=$built/target
mkfifo "$dir/in"

start() { # NAME IMAGE
	"$uio" run -d -i --name "$1" "$2" >/dev/null || exit 1
	for _ in $(seq 100); do
		"$uio" logs "$1" 2>/dev/null | grep -q '^ready' && return
		sleep 0.1
	done
	bad "$1 starts" "$("$uio" logs -k "$1")"
	exit 1
}
# rounds COUNT [NAME]: sends it COUNT lines "5" and waits for the answers, which must be right.
answers=0
rounds() {
	local i
	for ((i = 0; i < $1; i++)); do echo 5; done >"$(find "$XDG_RUNTIME_DIR" -path "*/${2:-$name}-*" -name console.in)"
	answers=$((answers + $1))
	for _ in $(seq 150); do
		[ "$("$uio" logs "${2:-$name}" | grep -cx '5 720 25 1001 2 12 8 1 6.5')" -ge $answers ] && return
		sleep 0.1
	done
	bad "the application answers as ever" "$("$uio" logs "${2:-$name}" | tail -3; "$uio" logs -k "${2:-$name}" | tail -5)"
}
bpf() { # SUBCOMMAND ... : the rest behind the guest's name
	local words=("$1")
	shift
	case ${words[0]} in prog | map) words+=("$1"); shift ;; esac
	try "$uio" bpf "${words[@]}" $name "$@"
}
# figure PROGRAM FIELD: of `uio bpf list`, the last program with that name.
figure() {
	"$uio" bpf list -o json $name | sed -n "s/.*\"name\":\"$1\".*\"$2\":\([0-9]*\).*/\1/p" | tail -1
}
# cell MAP-ID INDEX: a value of an array of 8 bytes, as a decimal number.
cell() {
	local key value
	while read -r key value; do
		[ "$key" = "$(printf '%02x000000' "$2")" ] && printf '%d' "0x$(fold -w 2 <<<"$value" | tac | tr -d '\n')"
	done < <("$uio" bpf map dump --raw $name "$1")
}

# --- loading the part
start $name $target
try build/tests/trace/push-wrong $name $target.bpf
is "the part: other bytes under its hash are refused" "$status" 0
cp $target "$dir/other"
cp $target.bpf "$dir/other.bpf"
cp $target.debug "$dir/other.debug"
printf x >>"$dir/other.bpf"
start other "$dir/other"
try "$uio" bpf list other
has "the part: a file that is not the image's is not even sent" "$status $err" "is not the one of the image that runs"
rm "$dir/other.bpf"
try "$uio" bpf list other
has "the part: a missing file is named" "$status $err" "other.bpf is missing"
cp $target.bpf "$dir/other.bpf"
try "$uio" bpf list other
is "the part: the right one is taken after that" "$status" 0
"$uio" rm -f other >/dev/null
bpf list
has "the part: is loaded on demand" "$status $out" "memory:"
try "$uio" bpf list --help
has "help" "$out" "verify NAME OBJECT"

# --- objects
bpf verify $built/run_once.bpf.o
has "verify: accepts" "$status $out" "0 once: accepted"
bpf verify $built/refused.bpf.o
has "verify: refuses with the place and the fact" "$status $err" "map value is 8 bytes"
has "verify: names the source line" "$err" "refused.bpf.c:"
bpf load $built/refused.bpf.o
is "load: nothing that the verifier refuses" "$status" 1
head -c 500 $built/run_once.bpf.o >"$dir/cut.o"
bpf load "$dir/cut.o"
is "load: a broken object is an error" "$status" 1
bpf load /etc/passwd
is "load: so is what is no object" "$status" 1
bpf load $built/run_once.bpf.o
has "load" "$status $out" ": run_once.bpf.o, 2 maps"
object=$(sed -n 's/object \([0-9]*\):.*/\1/p' <<<"$out")
run=$(sed -n 's/program \([0-9]*\): once.*/\1/p' <<<"$out")
bpf exec "$run" 02000000000000000300000000000000
is "exec: the result" "${out%%$'\n'*}" 10200
bpf exec "$run" 0200
has "exec: refuses arguments that are too short" "$status $err" "reads 16 bytes"
bpf exec $built/run_once.bpf.o 01000000000000000000000000000000
is "exec: an object at once" "${out%%$'\n'*}" 4950
bpf exec 99
has "exec: no such program" "$status $err" "there is no program 99"
bpf map list
results=$(awk '$3 == "results" { print $1 }' <<<"$out")
bss=$(awk '$3 == ".bss" { print $1 }' <<<"$out")
is "map dump: what the program wrote" "$(cell "$results" 1)" 10200
is "map dump: its global variables" "$(cell "$bss" 0)" 1
bpf map update "$results" 03000000 2a00000000000000
is "map update" "$(cell "$results" 3)" 42
bpf map update "$results" 0300 2a
has "map update: refuses wrong sizes" "$status $err" "keys of 4 and values of 8 bytes"
bpf map update "$results" 09000000 2a00000000000000
is "map update: refuses an index that is too large" "$status" 1
bpf map dump 77
has "map dump: no such map" "$status $err" "there is no map 77"
bpf prog dump "$run"
has "prog dump: instructions" "$out" "0: (18) r"
bpf prog dump --jited "$run"
has "prog dump: machine code" "$out" "7d"
try "$uio" bpf list -o json $name
has "list: as JSON" "$out" '"name":"once"'
bpf unload "$object"
bpf list
is "unload" "$(grep -c once <<<"$out")" 0

# --- functions of the application
bpf attach --pin $built/count.bpf.o
is "attach" "$status" 0
figures=$("$uio" bpf map list $name | awk '$3 == "figures" { print $1 }')
rounds 10
is "kprobe: each call is seen" "$(cell "$figures" 0)" 70
is "kprobe: with its arguments" "$(cell "$figures" 1)" $((10 * (15 + 1001)))
is "kretprobe: each return of a recursive function" "$(cell "$figures" 2)" 60
is "kretprobe: with its value" "$(cell "$figures" 3)" $((10 * 873))
is "list: counts runs" "$(figure on_add runs)" 70
bpf attach --pin $built/any.bpf.o add leaf tail factorial vector odd_jump odd_call odd_rip
has "attach: several programs on several functions" "$out" "16 probes"
rounds 10
is "kprobe: functions that start with a jump, a call, an address of their own" "$(figure entry runs)" 190
is "kretprobe: the same" "$(figure leave runs)" 190
is "two programs on one function" "$(figure on_add runs)" 140
bpf detach "$("$uio" bpf list -o json $name | sed -n 's/.*"id":\([0-9]*\),.*"name":"entry".*/\1/p')"
rounds 1
is "detach: one program, the others go on" "$(figure entry runs) $(figure leave runs) $(figure on_add runs)" "190 209 147"
bpf attach $built/any.bpf.o odd_branch
has "attach: an instruction that cannot be moved" "$status $err" "that can be moved"
bpf attach $built/any.bpf.o nowhere
has "attach: an unknown function" "$status $err" "nowhere"
is "attach: what failed leaves nothing" "$("$uio" bpf list $name | grep -c ' entry ')" 1
first=$(nm $target.debug | awk '$3 == "leaf" { print $1 }')
second=$(objdump -d --no-show-raw-insn --start-address="0x$first" $target |
	awk '/^ +[0-9a-f]+:/ { sub(":", "", $1); print $1 }' | sed -n 2p)
offset=$((0x$second - 0x$first))
bpf attach --pin --program entry $built/any.bpf.o leaf+$offset
rounds 2
is "kprobe: at an offset" "$(figure entry runs)" 2
bpf attach --program entry $built/any.bpf.o odd_rip+1
has "attach: not in the middle of an instruction" "$status $err" "that can be moved"

# --- system calls of the application
bpf attach --pin $built/calls.bpf.o
has "tracepoint: sys_enter and sys_exit" "$status $out" "2 probes"
values=$("$uio" bpf map list $name | awk '$3 == ".bss" { id = $1 } END { print id }')
rounds 4
# struct: entries, fd, nr, exits, bytes; each round writes one line of 27 bytes to standard output.
dump=$("$uio" bpf map dump --raw $name "$values")
wanted=$(for n in 4 1 20 4 108; do printf '%02x00000000000000' $n; done | fold -w 16 | sort | tr -d '\n')
is "tracepoint: each writev() with its number, arguments and result" \
	"$(sed 's/.* //' <<<"$dump" | fold -w 16 | sort | tr -d '\n')" "$wanted"

# --- output, and the client's end
LIMIT=20 bpf attach --for 3s $built/print.bpf.o &
sleep 1.5
rounds 1
wait
out=$(cat "$dir/out")
has "bpf_printk" "$out" "leaf 3 4"
has "probe_read: an address that is not there" "$out" "bad -14"
has "what a program prints steers no terminal" "$out" "a ?[7mcontrol"
has "ring buffer" "$out" "name=ring size=16 lost=0 data=8877665544332211"
is "the client's end takes its programs along" "$("$uio" bpf list $name | grep -c on_leaf)" 0
"$uio" bpf attach $name $built/print.bpf.o >/dev/null 2>&1 &
client=$!
sleep 1
is "a client that stays keeps them" "$("$uio" bpf list $name | grep -c 'on_leaf.*leaf')" 1
kill -KILL $client
wait $client 2>/dev/null
sleep 0.5
is "a killed client, too" "$("$uio" bpf list $name | grep -c on_leaf)" 0
rounds 1

# --- the C library and the kernel
bpf attach --pin $built/any.bpf.o fgets
before=$(figure entry runs)
rounds 5
is "kprobe: a function of the C library" $(($(figure entry runs) - before)) 5
for object in $("$uio" bpf list -o json $name | sed -n 's/.*"object":\([0-9]*\).*/\1/p' | sort -u); do
	bpf unload "$object"
done
bpf attach --pin $built/any.bpf.o 'uio_k_*' 'linux_*'
has "attach: to all functions of the kernel" "$status $out" "probes"
# Both from one list, in which the kernel's own work between two rows is about the same each time.
calls() {
	"$uio" bpf list -o json $name | sed -n 's/.*"name":"\(entry\|leave\)".*"runs":\([0-9]*\).*/\2/p' | tr '\n' ' '
}
read -r entries returns <<<"$(calls)"
rounds 20
try "$uio" exec $name busybox echo well
is "kernel: programs start while every function of it is probed" "$out" well
read -r entries_now returns_now <<<"$(calls)"
made=$((entries_now - entries)) difference=$((entries_now - entries - returns_now + returns))
# One in a thousand: what waits, and what one list counts and the other does not.
is "kernel: as many returns as calls ($made, $difference apart)" "$((difference * difference < made * made / 1000000))" 1
is "kernel: thousands of them" "$((made > 5000))" 1
is "kernel: no program is left out" "$(figure entry misses)" 0

# --- nothing leaks
bpf unload "$("$uio" bpf list -o json $name | sed -n 's/.*"object":\([0-9]*\).*/\1/p' | head -1)"
memory() {
	"$uio" bpf list -o json $name | sed -n 's/.*"pages_bytes":\([0-9]*\),"used_bytes":\([0-9]*\).*/\1 \2/p'
}
once=$(memory)
for _ in $(seq 20); do
	bpf attach --pin $built/count.bpf.o
	bpf unload "$(sed -n 's/object \([0-9]*\):.*/\1/p' <<<"$out")"
done
is "20 times attached and unloaded: the same memory" "$(memory)" "$once"
rounds 3
is "no program is left" "$("$uio" bpf list -o json $name | grep -c '"row":"program"')" 0
exit $failed
