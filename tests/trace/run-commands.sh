#!/bin/bash
# run-commands.sh: objects that stay and what they say (uio bpf load, pin, attach by number, events, top, --verbose), and
# the shell's command bpf, with files of /host alone.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/lib.sh
if ! command -v clang >/dev/null || ! [ -e /usr/include/bpf/bpf_helpers.h ]; then
	echo "skip - bpf commands: no clang, or no libbpf-dev"
	exit 0
fi
built=build/tests/trace share=$dir/share
mkdir -p $built "$share"
for p in any print run_once refused; do
	clang -target bpf -D__TARGET_ARCH_x86 -O2 -g -I/usr/include/x86_64-linux-gnu -c tests/trace/progs/$p.bpf.c \
		-o "$share/$p.o" || exit 1
done
build/bin/uio-cc -O2 -g -o $built/target tests/trace/target.c || exit 1

start() { # NAME
	"$uio" run -d -i --name "$1" -v "$share:/host" $built/target >/dev/null || exit 1
	for _ in $(seq 200); do
		"$uio" logs "$1" 2>/dev/null | grep -q '^ready' && return
		sleep 0.1
	done
	bad "$1 starts" "$("$uio" logs -k "$1")"
	exit 1
}
lines=0
line() { # NAME: has the application work once, and waits for its answer
	echo 5 >"$(find "$XDG_RUNTIME_DIR" -path "*/$1-*" -name console.in)"
	lines=$((lines + 1))
	for _ in $(seq 200); do
		[ "$("$uio" logs "$1" | grep -cx '5 720 25 1001 2 12 8 1 6.5')" -ge $lines ] && return
		sleep 0.1
	done
	bad "the application answers" "$("$uio" logs "$1" | tail -3)"
}

# --- from the host
start a
try "$uio" bpf load a "$share/print.o"
has "load: says that nothing runs it" "$status $out" "Nothing runs it yet: 'uio bpf attach a 1'"
try "$uio" bpf pin a
has "pin: lists what stays" "$out" "print.o"
try "$uio" bpf attach a 1
is "attach: a program that is loaded already" "$status $out" "0 program 1: 1 probes"
try "$uio" bpf attach a 99
has "attach: no such program" "$status $err" "there is no program 99"
line a
try "$uio" bpf events a --for 1s
has "events: what a program printed" "$status $out" "leaf 3 4"
has "events: what it put into a ring buffer" "$out" "size=16 lost=0 data=8877665544332211"
line a
try "$uio" bpf events a 1 --for 1s -o json
has "events: of one object, as JSON" "$status $out" '"row":"event","object":1'
try "$uio" bpf events a 9
has "events: no such object" "$status $err" "there is no object 9"
try "$uio" bpf top a --no-stream -o json
has "top: as JSON" "$status $out" '"name":"on_leaf","runs":0'
try "$uio" bpf top a --no-stream
has "top: as a table" "$status $out" "RUNS/s"
try "$uio" bpf detach a 1
try "$uio" bpf list -o json a
has "detach: it is on nothing" "$out" '"on":""'
try "$uio" bpf verify a "$share/any.o" --verbose
has "verify --verbose: states" "$status $out" "3: (db) lock *(u64 *)(r2 +0) += r1; r1=1 r2=value(0)"
try "$uio" bpf verify a "$share/refused.o" --verbose
has "verify --verbose: up to the refusal" "$status $out" "value_or_null"
try "$uio" bpf prog dump a 1 -o json
has "prog dump: as JSON, with source lines" "$status $out" '"source":"'
try "$uio" bpf prog dump --jited a 1 -o json
has "prog dump --jited: as JSON" "$status $out" '"bytes":"'
try "$uio" bpf unload a 1
try "$uio" bpf pin a -o json
is "unload: nothing stays" "$status $out" "0 "
# Each client is told its own programs' lines.
timeout 20 "$uio" bpf attach a "$share/print.o" --for 3s >"$dir/mine" 2>"$dir/mine.err" &
timeout 20 "$uio" bpf attach a "$share/any.o" leaf --for 3s >"$dir/other" 2>"$dir/other.err" &
for _ in $(seq 100); do
	grep -q '\^C ends' "$dir/mine.err" && grep -q '\^C ends' "$dir/other.err" && break
	sleep 0.1
done
line a
wait
is "attach: prints to its own client" "$(grep -c 'leaf 3 4' "$dir/mine") $(wc -l <"$dir/other")" "1 0"
"$uio" rm -f a >/dev/null

# --- in the guest
start b
lines=0
# shell LINE...: typed one after another; $out is all that came.
shell() {
	out=$(printf '%s\n' "$@" | timeout 60 "$uio" attach b 2>&1 | tr -d '\r')
}
shell "bpf list"
has "shell: without the part the file is named" "$out" "/host/target.bpf: there is no such file"
cp "$share/any.o" "$share/target.bpf"
shell "bpf list"
has "shell: another file than the image's is refused" "$out" "/host/target.bpf: made from another image"
cp $built/target.bpf $built/target.btf "$share/"
shell "bpf"
has "shell: its commands" "$out" "bpf map dump"
shell "bpf verify /host/any.o"
has "shell: verify" "$out" "program id=1 name=entry"
shell "bpf verify /host/refused.o"
has "shell: verify says why not" "$out" "map value is 8 bytes"
shell "bpf verify /host/none.o"
has "shell: no such file" "$out" "/host/none.o: there is no such file"
shell "bpf load /host/any.o" "bpf list"
has "shell: load" "$out" "pinned"
entry=$(sed -n 's/^program id=\([0-9]*\) name=entry.*/\1/p' <<<"$out" | tail -1)
shell "bpf attach $entry add"
has "shell: attach needs symbols" "$out" "/host/target.sym: there is no such file"
cp $built/target.sym "$share/"
shell "bpf attach $entry add" "bpf attach $entry no_such"
has "shell: attach" "$out" "1 probes"
has "shell: no such function" "$out" "no_such: there is no such function"
line b
shell "bpf list" "bpf map list"
has "shell: it has run" "$out" " 7 runs"
map=$(sed -n 's/^map id=\([0-9]*\) .*name=.bss.*/\1/p' <<<"$out" | tail -1)
shell "bpf map dump $map"
has "shell: map dump" "$out" "value=0700000000000000"
shell "bpf map update $map 00000000 05000000000000000000000000000000" "bpf map dump $map"
has "shell: map update" "$out" "value=0500000000000000"
shell "bpf prog dump $entry"
has "shell: prog dump" "$out" "(95) exit"
shell "bpf detach $entry"
line b
shell "bpf list"
has "shell: detach" "$out" " 7 runs"
shell "bpf unload $(sed -n 's/.*"object":\([0-9]*\).*/\1/p' <<<"$("$uio" bpf list -o json b)" | tail -1)" "bpf list"
has "shell: unload" "$(grep -c ' entry ' <<<"$out")" 0
{ echo "bpf attach /host/print.o"; sleep 2; line b; sleep 1; printf '\003'; sleep 1; echo "bpf list"; sleep 1; } |
	timeout 60 "$uio" attach b >"$dir/typed" 2>&1
has "shell: attach shows what the program prints" "$(cat "$dir/typed")" "leaf 3 4"
is "shell: and takes it off at ^C" "$(grep -c on_leaf "$dir/typed")" 0
shell "bpf load /host/run_once.o"
once=$(sed -n 's/^program id=\([0-9]*\) name=once.*/\1/p' <<<"$out" | tail -1)
shell "bpf exec $once 02000000000000000300000000000000"
has "shell: exec" "$out" "r0=10200"
exit $failed
