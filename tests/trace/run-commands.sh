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
for p in any print run_once refused places xdp chain several; do
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
is "attach: a program that is loaded already" "$status $out" "0 program 1: 1 probe"
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
try "$uio" bpf verify a "$share/several.o"
is "verify: tells of each program" "$status $(cut -d : -f 1,2 <<<"$out" | sort | tr '\n' ' ')" \
	"1 behind: refused good: accepted good_too: accepted wild: refused "
has "verify: and how many are refused" "$err" "several.o: 2 of 4 programs are refused"
try "$uio" bpf verify a "$share/several.o" --program wild
has "verify: of one its reason is the error" "$status $err" "1 uio: several.o: wild: "
try "$uio" bpf list -o json a
is "verify: nothing stays of it" "$(grep -c several <<<"$out")" 0
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
# What the guest tells is taken in a moment later.
for _ in $(seq 50); do
	"$uio" audit a -o json >"$dir/audit"
	[ "$(grep -c 'its client is gone' "$dir/audit")" = 2 ] && break
	sleep 0.1
done
has "audit: a probe, with its address in hexadecimal digits" "$(grep '"bpf.probe"' "$dir/audit" | head -1)" '"program":1,"function":"0x'
is "audit: objects that went with their clients" "$(grep '"bpf.unload"' "$dir/audit" | grep -c 'its client is gone')" 2
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
shell "bpf frob" "bpf list --frob" "bpf map dump"
has "shell: no such command" "$out" "bpf frob: there is no such command"
has "shell: no such option" "$out" "there is no option --frob"
has "shell: words that are missing" "$out" "bpf map dump   MAP-ID"
shell "bpf verify /host/any.o"
has "shell: verify" "$out" "entry: accepted: "
shell "bpf verify /host/refused.o --verbose"
has "shell: verify says why not" "$out" "map value is 8 bytes"
has "shell: verify --verbose: states" "$out" "value_or_null"
shell "bpf verify /host/several.o"
has "shell: verify tells of each program" "$out" "wild: refused: "
has "shell: also of those after a refusal" "$out" "good_too: accepted: "
shell "bpf verify /host/none.o"
has "shell: no such file" "$out" "/host/none.o: there is no such file"
shell "bpf load /host/any.o --program entry" "bpf list" "bpf pin"
has "shell: load" "$out" "pinned"
has "shell: pin lists what stays" "$out" "any.o                            entry"
entry=$(sed -n 's/^program \([0-9]*\): entry,.*/\1/p' <<<"$out" | tail -1)
shell "bpf attach $entry add"
has "shell: attach needs symbols" "$out" "/host/target.sym: there is no such file"
cp $built/target.sym "$share/"
shell "bpf attach $entry add" "bpf attach $entry no_such" "bpf attach $entry 'no_such*'" "bpf attach $entry add+9999"
has "shell: attach" "$out" "program $entry: 1 probe"
has "shell: no such function" "$out" "entry: there is no function 'no_such'"
has "shell: nothing that matches" "$out" "no function of the image matches 'no_such*'"
has "shell: an offset beyond the function" "$out" "entry: add has "
line b
shell "bpf list" "bpf map list" "bpf top --no-stream"
is "shell: it has run" "$(sed -n 's/^ *'"$entry"' .* entry  *[0-9]* *[0-9]* *\([0-9]*\) .* add.*/\1/p' <<<"$out" | head -1)" 7
has "shell: top" "$out" "RUNS/s"
map=$(sed -n 's/^ *\([0-9]*\)  *[0-9]* .bss .*/\1/p' <<<"$out" | tail -1)
shell "bpf map dump $map"
has "shell: map dump" "$out" "00000000  0700000000000000"
shell "bpf map update $map 00000000 05000000000000000000000000000000" "bpf map dump $map"
has "shell: map update" "$out" "00000000  0500000000000000"
shell "bpf prog dump $entry" "bpf prog dump --jited $entry"
has "shell: prog dump" "$out" "(95) exit"
has "shell: prog dump: source lines" "$out" "; __sync_fetch_and_add"
has "shell: prog dump --jited" "$out" " c3"
shell "bpf detach $entry"
line b
shell "bpf map dump $map"
has "shell: detach" "$out" "00000000  0500000000000000"
shell "bpf unload $(sed -n 's/.*"object":\([0-9]*\).*/\1/p' <<<"$("$uio" bpf list -o json b)" | tail -1)" "bpf list"
has "shell: unload" "$(grep -c ' entry ' <<<"$out")" 0
# Typed at the shell's port itself: `uio attach` on a pipe sends a line when the one before is answered, and no ^C.
typed() { # TEXT [COUNT]: waits until it is there
	for _ in $(seq 300); do
		[ "$(grep -c -e "$1" "$dir/typed")" -ge "${2:-1}" ] && return
		sleep 0.1
	done
	bad "shell: it says '$1'" "$(tail -5 "$dir/typed")"
}
: >"$dir/typed"
{
	printf 'bpf attach /host/print.o\n'
	typed '^C ends'
	line b
	typed 'data=8877665544332211'
	printf '\003'
	typed '^b> ' 2
	printf 'bpf list\n'
	typed 'INSNS'
	printf 'echo "all" is listed\n'
	typed 'all is listed'
} | timeout 120 socat -t 1 - "UNIX-CONNECT:$(find "$XDG_RUNTIME_DIR" -path "*/b-*" -name shell.sock)" >"$dir/typed" 2>&1
has "shell: attach shows what the program prints" "$(cat "$dir/typed")" "leaf 3 4"
has "shell: and what it puts into a ring buffer" "$(cat "$dir/typed")" "data=8877665544332211"
has "shell: and lists programs after ^C" "$(cat "$dir/typed")" "INSNS"
is "shell: and takes it off at ^C" "$(sed '1,/INSNS/d' "$dir/typed" | grep -c on_leaf)" 0
shell "bpf attach --for 1s /host/print.o" "bpf list"
is "shell: or when its time is over" "$(grep -c 'on_leaf' <<<"$out")" 0
shell "bpf exec /host/run_once.o 02000000000000000300000000000000" "bpf list"
has "shell: exec of an object" "$out" "10200"
is "shell: which is gone then" "$(grep -c ' once ' <<<"$out")" 0
shell "bpf load /host/run_once.o"
once=$(sed -n 's/^program \([0-9]*\): once,.*/\1/p' <<<"$out" | tail -1)
shell "bpf exec $once 02000000000000000300000000000000"
has "shell: exec of a program that is loaded" "$out" "10200"

shell "bpf exec /host/places.o" "bpf list"
has "shell: exec of one of several programs" "$out" "places.o has several programs: say which with --program"
is "shell: of which none stays" \
	"$(grep -c INSNS <<<"$out") $(grep '^ *[0-9]* *[0-9]* .* pinned' <<<"$out" | awk '{ print $3 }')" "1 once"

# No rate, also where no program needs one.
shell "bpf attach --rate x --for 1s /host/print.o" "bpf attach --rate 10001 $entry add"
has "shell: --rate that is no number" "$out" "--rate x: a number from 1 to 10000"
has "shell: --rate that is too high" "$out" "--rate 10001: a number from 1 to 10000"
# A name that files of the kernel have each for themselves.
[ "$(nm $built/target.debug | grep -c ' t find$')" -ge 2 ] || bad "the kernel has several functions find()" ""
attach="bpf attach --for 1s /host/any.o --program entry"
shell "$attach find" "$attach uio_k_find"
has "shell: several functions of one name" "$out" "entry: there are several functions 'find'"
has "shell: also by the kernel's name" "$out" "entry: there are several functions 'uio_k_find'"

# What was loaded for one command goes with it, and the log says so; what stays was pinned.
log() { # EVENT NAME: how many
	grep "\"event\":\"bpf.$1\"" "$dir/audit" | grep -c "\"name\":\"$2\""
}
for _ in $(seq 50); do
	"$uio" audit b -o json >"$dir/audit"
	[ "$(log unload any.o)" = 2 ] && break
	sleep 0.1
done
is "audit: objects of the shell's commands: loaded, gone" \
	"$(for p in print places run_once; do echo "$p $(log load $p.o) $(log unload $p.o)"; done | tr '\n' ' ')" \
	"print 2 2 places 1 1 run_once 2 1 "
is "audit: and those that were loaded to stay" "$(grep '"event":"bpf.load"' "$dir/audit" | grep '"pin":' |
	sed 's/.*"name":"\([a-z_.]*\)".*/\1/' | tr '\n' ' ')" "any.o run_once.o "

# Each kind of place.
shell "bpf attach --pin --rate 200 /host/places.o"
has "shell: attach at every kind of place" "$out" "object "
object=$(sed -n 's/^object \([0-9]*\): .*/\1/p' <<<"$out" | tail -1)
line b
# VALUE: of a variable of the object that is on all places.
value() {
	"$uio" bpf map dump -o json b "$("$uio" bpf map list -o json b |
		sed -n 's/.*"id":\([0-9]*\),"object":'"$object"',.*"name":".bss".*/\1/p')" |
		sed -n 's/.*"'"$1"'":\([0-9]*\).*/\1/p'
}
is "shell: kprobe with an offset, kretprobe" "$(value factorials) $(value returns)" "6 6"
is "shell: uprobe, a pattern, __ksym" "$(value leaves) $(value odds) $(value seen_cell)" "1 2 7"
[ "$(value writes)" -ge 1 ] && [ "$(value exits)" -ge 1 ] && ok "shell: tracepoints on system calls" ||
	bad "shell: tracepoints on system calls" "$(value writes) $(value exits)"
[ "$(value switches)" -ge 1 ] && ok "shell: sched_switch" || bad "shell: sched_switch" "$(value switches)"
shell "bpf list"
has "shell: perf_event" "$out" "200 Hz"
shell "bpf events $object --for 1s" "bpf events 99"
has "shell: events of no object" "$out" "there is no object 99"
shell "bpf unload $object" "bpf attach /host/xdp.o --program everything --for 1s"
has "shell: xdp goes on the network device" "$out" "there is no network device"
shell "bpf attach /host/chain.o add --for 1s"
has "shell: call chains without their table" "$out" "stacks will be guesses: /host/target.stacks: there is no such file"
cp $built/target.stacks "$share/"
shell "bpf attach /host/chain.o add --for 1s"
has "shell: and with it" "$(grep -c 'guesses\|bpf stacks' <<<"$out") $out" "0 2 probes; ^C ends"
exit $failed
