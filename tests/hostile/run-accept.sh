#!/bin/bash
# run-accept.sh: the audit log, and images that run only programs whose SHA-256 is on their list: pushed ones, files of the
# shared folder, programs that other programs start, eBPF objects; by a command and by the shell.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/lib.sh
built=$PWD/build/tests/hostile
src=$PWD/tests/hostile
mkdir -p "$built" "$dir/host"
for p in write files loop; do
	musl-gcc -O1 -g -w -static -o "$built/$p" "$src/$p.c" -lpthread || exit 1
done
musl-gcc -O1 -g -w -static -fPIC -Wl,-pie,-E,-z,undefs -o "$built/call_symbol" "$src/call_symbol.c" || exit 1
log() { # NAME: the audit log as JSON lines
	"$uio" audit -o json "$1"
}
# entry NAME WORD...: how many entries have all of the words.
entries() {
	local all
	all=$(log "$1")
	shift
	for w; do all=$(grep -aF -- "$w" <<<"$all"); done
	[ -z "$all" ] && echo 0 || wc -l <<<"$all"
}
# What the guest tells is taken in a moment later.
soon() { # NAME COUNT WORD...
	for _ in $(seq 50); do
		[ "$(entries "$1" "${@:3}")" = "$2" ] && break
		sleep 0.1
	done
	entries "$1" "${@:3}"
}
program() { # NAME TEXT
	printf '#include <stdio.h>\n#include <unistd.h>\nint main(int argc, char **argv) { if (argc > 1) execv(argv[1], argv + 1); puts("%s"); return argc > 1; }\n' \
		"$2" >"$dir/$1.c"
	musl-gcc -O1 -static -o "$dir/host/$1" "$dir/$1.c" || exit 1
}
program good "good ran"
program other "other ran"
program listed "listed ran"
sum() { sha256sum "$1" | cut -d ' ' -f 1; }

# --- any program: what the log says
build/bin/uio-cc -O1 -g -o "$built/victim-any" "$src/victim.c" -lpthread || exit 1
"$uio" run -d -i --name any -v "$dir/host:/host" "$built/victim-any" >/dev/null || exit 1
state=$XDG_STATE_HOME/uio/any
is "run is the first entry, with the image's hash" "$(log any | head -1 | grep -c "\"event\":\"run\".*$(sum "$built/victim-any")")" 1
try "$uio" exec --push "$dir/host/good" --grant read any good
is "a program runs" "$status $out" "0 good ran"
is "the log names who asked, program, hash and grants" \
	"$(entries any '"event":"exec"' "\"uid\":$(id -u)" '"command":"' "$(sum "$dir/host/good")" '"grants":"read,fs=ro"')" 1
is "and how it went" "$(entries any '"event":"exec.ended"' '"outcome":"exit status 0"')" 1
is "and the guest says so as well, with the hash" "$(soon any 1 '"event":"program.started"' '"client":"guest"' "$(sum "$dir/host/good")")" 1
is "numbers are numbers" "$(log any | grep '"event":"exec.ended"' | grep -c '"pid":[0-9]')" 1
is "the guest's as well" "$(soon any 1 '"event":"program.ended"' '"status":0')" 1
try "$uio" exec any no-such-program
has "a program that is nowhere" "$status $err" "not found in the guest"
is "how that went is in the log" "$(entries any '"event":"exec.ended"' '"program":"no-such-program"' '"outcome":"refused: no-such-program: not found')" 1
try "$uio" exec any /host/good
is "a program by its path has its hash, too" "$(entries any '"event":"exec"' '"program":"/host/good"' "$(sum "$dir/host/good")")" 1
"$uio" attach any <<<"run /host/other" >/dev/null 2>&1
is "the shell's programs are told by the guest" "$(soon any 1 '"event":"program.started"' '"name":"other"')" 1
is "and the attach by the command" "$(entries any '"event":"attach"' '"to":"shell"')" 1
{ sleep 1; printf 'run /host/listed\n'; sleep 3; } | timeout 20 socat -t 3 - "UNIX-CONNECT:$(find "$XDG_RUNTIME_DIR" -path '*any-*' -name shell.sock)" >/dev/null 2>&1
is "also when no command of uio's is there" "$(soon any 1 '"event":"program.started"' '"name":"listed"')" 1
try "$uio" exec --push "$built/write" any write 8
is "faults" "$(soon any 1 '"event":"program.faulted"' 'null page')" 1
try "$uio" exec --push "$built/call_symbol" any call_symbol
is "a program that may not start" "$(soon any 1 '"event":"program.refused"' 'needs the grant `call`')" 1
try "$uio" exec --push "$built/files" any files
has "a program is told what it may not do" "$err" "needs the grant"
is "and the log as well, as often as it was told" \
	"$(soon any "$(grep -c 'needs the grant' <<<"$err")" '"event":"program.refused"' '"name":"files"')" "$(grep -c 'needs the grant' <<<"$err")"
"$uio" exec --push "$built/loop" any loop >/dev/null 2>&1 &
for _ in $(seq 100); do
	pid=$("$uio" exec any busybox true >/dev/null 2>&1; "$uio" stats --no-stream -o json any | tr '{}' '\n\n' | sed -n 's/.*"pid":[[:space:]]*\([0-9]*\).*"loop".*/\1/p' | head -1)
	[ -n "$pid" ] && break
	sleep 0.1
done
"$uio" kill -s KILL --pid "${pid:-0}" any >/dev/null
wait $!
is "a kill: who asked, and what the guest did" "$(entries any '"event":"kill"' "\"pid\":$pid,") $(soon any 1 '"event":"program.killed"' 'signal 9')" "1 1"
echo text >"$dir/text"
"$uio" cp "$dir/text" any:/tmp/ 2>/dev/null
is "copies are connections with their command line" "$(entries any '"event":"connect"' ' cp ')" 1
name=$'e\e[2Jvil\n'
cp "$dir/host/good" "$dir/host/$name"
"$uio" exec any "/host/$name" >/dev/null 2>&1
is "control bytes in names are escaped" "$(log any | LC_ALL=C grep -c '[[:cntrl:]]') $(entries any '"event":"exec"' 'e\\x1b[2Jvil\\x0a')" "0 1"
is "also in the table" "$("$uio" audit any | LC_ALL=C grep -c '[[:cntrl:]]')" 0
log any >"$dir/log"
is "each line is JSON" "$(jq -c . <"$dir/log" 2>/dev/null | wc -l)" "$(wc -l <"$dir/log")"
is "the log is its owner's alone" "$(stat -c %a "$state/audit.jsonl" "$state/guest-events" | tr '\n' ' ')" "600 600 "
has "the table is for people" "$("$uio" audit -n 400 any)" "program.started"
is "-n" "$("$uio" audit -n 3 any | wc -l)" 3
timeout 20 "$uio" audit -f any >"$dir/follow" &
follow=$!
"$uio" stop any >/dev/null
wait $follow
is "-f ends with the unikernel" "$? $(grep -c application.exited "$dir/follow")" "0 1"
# A log of its largest size makes room.
head -c 8388608 /dev/zero | tr '\0' '\n' >>"$state/audit.jsonl"
"$uio" rm -f any >/dev/null
is "it goes with the unikernel" "$(ls -d "$state" 2>/dev/null)" ""

# --- only some programs
(cd "$dir/host" && sha256sum good listed) >"$dir/list"
sha256sum "$built/call_symbol" >>"$dir/list"
printf '# a comment\n\n' >>"$dir/list"
echo "0123  short" >"$dir/bad"
try build/bin/uio-cc --accept "$dir/bad" -o "$dir/nothing" "$src/victim.c" -lpthread
has "uio-cc: a list that is none" "$status $err" "1 uio-cc: $dir/bad:1:"
build/bin/uio-cc -O1 -g --accept "$dir/list" -o "$built/victim-some" "$src/victim.c" -lpthread || exit 1
"$uio" run -d -i --name some -v "$dir/host:/host" "$built/victim-some" >/dev/null || exit 1
refused() { # NAME FILE
	has "$1" "$status $err" "SHA-256 $(sum "$2") is not among those that this image accepts"
}
try "$uio" exec --push "$dir/host/good" some good
is "a pushed program on the list runs" "$status $out" "0 good ran"
try "$uio" exec --push "$dir/host/other" some good
refused "another one does not, whatever its name" "$dir/host/other"
is "with its own status" "$status" 126
is "the refusal is in the log with name and hash" "$(soon some 1 '"event":"program.refused"' '"name":"good"' "$(sum "$dir/host/other")")" 1
try "$uio" exec some /host/listed
is "a file of the shared folder runs" "$status $out" "0 listed ran"
is "and the guest says which it was" "$(soon some 1 '"event":"program.accepted"' "$(sum "$dir/host/listed")")" 1
try "$uio" exec some /host/other
refused "another file does not" "$dir/host/other"
out_shell=$("$uio" attach some <<<"run /host/other" 2>&1)
has "nor from the shell" "$out_shell" "is not among those that this image accepts"
try "$uio" exec some /host/good /host/listed
is "a program may start one that is on the list" "$status $out" "0 listed ran"
try "$uio" exec some /host/good /host/other
is "and no other" "$status $out" "1 good ran"
has "its standard error names the file that was refused" "$err" \
	"program good: program /host/other: SHA-256 $(sum "$dir/host/other") is not among those"
is "which the log says" "$(soon some 4 '"event":"program.refused"' "$(sum "$dir/host/other")")" 4
cp "$dir/host/other" "$dir/host/good"
try "$uio" exec some /host/good
refused "a file that the host has changed is looked at anew" "$dir/host/other"
try "$uio" exec --grant call --push "$built/call_symbol" some call_symbol
is "symbols and grants are as ever" "$status $out" "0 sum 42"
if command -v clang >/dev/null && [ -e /usr/include/bpf/bpf_helpers.h ]; then
	for p in run_once any; do
		clang -target bpf -D__TARGET_ARCH_x86 -O2 -g -I/usr/include/x86_64-linux-gnu -c tests/trace/progs/$p.bpf.c -o "$dir/$p.o" ||
			bad "$p compiles" ""
	done
	try "$uio" bpf load some "$dir/run_once.o"
	refused "no eBPF object that is not on it" "$dir/run_once.o"
	is "which the log says as well" "$(soon some 1 '"event":"bpf.load"' '"name":"run_once.o"' 'not among those')" 1
else
	echo "skip - eBPF objects: no clang, or no libbpf-dev"
fi
"$uio" rm -f some >/dev/null
