#!/bin/bash
# run-overlay.sh: what works in a running guest: Debian's busybox, shells on terminals, exit codes and limits, programs of
# every compiler, threads, and that load, run and unload leave nothing behind.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/lib.sh
. tests/overlay/guest.sh
machine=${MACHINE:-microvm}
guest_start -m 48M --machine "$machine"

# --- busybox
busybox true
is "busybox: true" $status 0
busybox ls -l /
has "busybox: ls -l" "$out" " tmp"
has "busybox: ls sees the host's folder" "$out" " host"
busybox ps
has "busybox: ps sees the application" "$out" " victim"
busybox ps -o pid,ppid,vsz,comm
has "busybox: ps -o" "$out" "PPID"
busybox free
has "busybox: free" "$out" "Mem:"
busybox df
has "busybox: df" "$out" "/host"
busybox mount
has "busybox: mount" "$out" "on /proc type proc"
busybox uptime
has "busybox: uptime" "$out" "load average"
busybox uname -a
has "busybox: uname" "$out" "Linux $name"
busybox date
has "busybox: date" "$out" "$(date +%Y)"
busybox id -u
is "busybox: id" "$out" 0
busybox cat /proc/cpuinfo
has "busybox: /proc/cpuinfo" "$out" "model name"
busybox cat /proc/1/cmdline
has "busybox: /proc/1/cmdline" "$out" "victim"
busybox find /proc/self/ -maxdepth 1 -name status
has "busybox: find" "$out" "status"
busybox stat /tmp
has "busybox: stat" "$out" "directory"
seq 1 5000 >"$dir/numbers"
try "$uio" exec --push "$dir/numbers" $name busybox wc /tmp/numbers
is "busybox: wc of a pushed file" "$(echo $out)" "5000 5000 $(stat -c %s "$dir/numbers") /tmp/numbers"
busybox md5sum /tmp/numbers
has "busybox: md5sum of a pushed file" "$out" "$(md5sum <"$dir/numbers" | cut -d' ' -f1)"
busybox sort -rn /tmp/numbers
is "busybox: sort" "$(head -1 <<<"$out")" 5000
busybox gzip -kf /tmp/numbers
try "$uio" exec $name busybox zcat /tmp/numbers.gz
is "busybox: gzip and zcat" "$out" "$(cat "$dir/numbers")"
busybox tar cf /tmp/t.tar -C / etc
is "busybox: tar" $status 0
busybox rm /tmp/numbers /tmp/numbers.gz /tmp/t.tar
is "busybox: rm in /tmp" $status 0
busybox touch /evil
is "busybox: no file outside /tmp without the grant" $status 1
has "busybox: and the grant is named" "$err" 'fs=rw'
try "$uio" exec --grant fs=rw $name busybox sh -c 'echo hello >/host/made; ln -s made /host/link; mv /host/made /host/moved'
is "busybox: writes to the host's folder with it" "$(cat "$dir/host/moved")" hello
try "$uio" exec -i $name busybox tr a-z A-Z < <(echo through standard input)
is "busybox: standard input" "$out" "THROUGH STANDARD INPUT"
head -c 3000000 /dev/urandom >"$dir/blob"
try "$uio" exec -i $name busybox cat <"$dir/blob"
is "busybox: cat of 3 MB there and back" "$(cmp "$dir/out" "$dir/blob" && echo same)" same

# --- sh -c
sh() {
	try "$uio" exec $name busybox sh -c "$1"
}
sh 'echo one; echo two | cat; (exit 3); echo $?'
is "sh: commands, pipes, subshells" "$out" $'one\ntwo\n3'
sh 'seq 1 100 | grep 7 | sort -r | head -n 1'
is "sh: a pipe of four" "$out" 97
sh 'echo x >/tmp/a; echo y >>/tmp/a; cat </tmp/a; cat /none 2>&1 | wc -l; rm /tmp/a'
is "sh: redirections" "$out" $'x\ny\n1'
sh 'echo $(echo inner) $((6*7)); cat <<E
here $HOME
E'
is "sh: substitution and here-documents" "$out" $'inner 42\nhere /'
sh 'for i in 1 2 3; do (sleep 0.1; echo $i >>/tmp/bg) & done; wait; wc -l </tmp/bg; rm /tmp/bg'
is "sh: background jobs and wait" "$out" 3
sh 'trap "echo got it; exit 5" TERM; kill $$; sleep 1'
is "sh: a trap" "$out $status" "got it 5"
sh 'sleep 100 & kill -9 $!; wait $!; echo $?'
is "sh: a killed job" "$out" 137
sh 'yes | head -n 2'
is "sh: SIGPIPE ends the writer" "$out" $'y\ny'
sh 'echo "echo from a script \$1" >/tmp/s; chmod +x /tmp/s; echo "#!/bin/busybox sh" | cat - /tmp/s >/tmp/s2; chmod +x /tmp/s2; . /tmp/s; rm /tmp/s /tmp/s2'
has "sh: a script" "$out" "from a script"
sh 'i=0; while [ $i -lt 200 ]; do /proc/self/exe true; i=$((i+1)); done; echo $i'
is "sh: 200 programs one after the other" "$out" 200

# --- exit codes
sh 'exit 42'
is "the exit status is the program's" $status 42
sh 'kill -9 $$'
is "a signal is 128 and its number" $status 137
sh 'kill -SEGV $$'
is "so is SIGSEGV" $status 139
try "$uio" exec $name no-such-program-anywhere
is "a program that is nowhere is status 127" $status 127
echo text >"$dir/text"
try "$uio" exec --push /bin/ls $name ls
is "a dynamically linked program is status 126" $status 126
has "and the message says how to build one" "$err" "static"
try "$uio" exec no-such-unikernel busybox true
is "uio's own errors are status 125" $status 125
try "$uio" exec --bogus $name busybox true
is "so are wrong options" $status 125

# --- limits
start=$SECONDS
try "$uio" exec --timeout 1s $name busybox sleep 100
is "--timeout: status" $status 137
has "--timeout: the message" "$err" "time limit"
is "--timeout: in time" "$((SECONDS - start < 5))" 1
try "$uio" exec --memory 1M $name busybox sh -c 'x=x; while :; do x=$x$x; done'
is "--memory: ends it" "$((status != 0))" 1
try "$uio" exec --memory 4M $name busybox free
is "--memory: enough is enough" $status 0
start=${EPOCHREALTIME/./}
try "$uio" exec --cpu 50% --timeout 1s $name busybox sh -c 'while :; do :; done'
is "--cpu: a share" $status 137
try "$uio" exec -w /tmp -e FOO=bar $name busybox sh -c 'pwd; echo $FOO'
is "-w and -e" "$out" $'/tmp\nbar'

# --- terminals
terminal 5 "$uio exec -it $name busybox sh"
terminal 6 "$uio exec -it $name busybox sh"
sleep 0.5
types 5 'tty; stty size; echo first $((1+1))\r'
sees "terminal: a shell with a prompt" 5 '^/ # '
sees "terminal: its size" 5 '^24 80$'
sees "terminal: commands" 5 '^first 2$'
types 6 'echo second $((2+2)) | cat\r'
sees "terminal: two at once" 6 '^second 4$'
types 5 'sleep 1000\r'
sleep 0.5
types 5 '\003'
types 5 'echo after $((3+3))\r'
sees "terminal: ^C" 5 '^after 6$'
types 5 'while :; do :; done\r'
sleep 0.5
types 5 '\003'
types 5 'echo after $((4+4))\r'
sees "terminal: ^C ends a loop of the shell's own" 5 '^after 8$'
types 5 'cat | cat | cat\r'
types 5 'typed\r'
sees "terminal: a pipe that reads it" 5 '^typed$'
types 5 '\004'
types 5 'sleep 1000\r'
sleep 0.5
types 5 '\032'
sees "terminal: ^Z" 5 'Stopped'
types 5 'jobs; kill %1; echo jobs $((5+5))\r'
sees "terminal: jobs" 5 '^jobs 10$'
types 5 'ecX\177ho edi\177\177\177edited\r'
sees "terminal: line editing" 5 '^edited$'
types 6 'top\r'
sees "terminal: top" 6 'Load average'
sees "terminal: top sees the application" 6 'victim'
types 6 'q'
types 6 'echo top is gone $((7+7))\r'
sees "terminal: q ends top" 6 '^top is gone 14$'
types 6 'vi /tmp/v\r'
sleep 0.5
types 6 'iwritten by vi\033'
sleep 0.3
types 6 ':wq\r'
types 6 'cat /tmp/v; rm /tmp/v\r'
sees "terminal: vi" 6 '^written by vi$'
is "terminal: the application answers" "$(application_is_well t && echo well)" well
types 5 'exit 3\r'
hangs_up 5
types 6 'sleep 1000\r'
sleep 0.3
hangs_up 6
for _ in $(seq 30); do
	busybox ps
	grep -q 'sleep 1000' <<<"$out" || break
	sleep 0.1
done
is "terminal: hanging up ends what ran there" "$(grep -c 'sleep 1000' <<<"$out")" 0
"$uio" exec $name busybox sleep 1000 &
client=$!
sleep 0.5
kill $client
wait $client 2>/dev/null
sleep 0.5
busybox ps
is "a client that ends takes its program with it" "$(grep -c 'sleep 1000' <<<"$out")" 0

# --- programs of every kind
cat >"$dir/kind.c" <<'END'
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static __thread int tls = 40;
static int made;
__attribute__((constructor)) static void make(void) { made = 2; }
static void bye(void) { printf("bye\n"); }
volatile double two = 2;
int main(int argc, char **argv)
{
	char *p = malloc(3000000);
	memset(p, 7, 3000000);
	atexit(bye);
	printf("%s %d %.5f %s\n", argv[1], tls + made, sqrt(two), getenv("HOME") ? "env" : "none");
	free(p);
	return 9;
}
END
kind() { # NAME COMMAND...
	local program=kind
	if ! command -v "$2" >/dev/null; then
		echo "skip - $1: there is no $2"
		return
	fi
	"${@:2}" -o "$built/$program" "$dir/kind.c" -lm >"$dir/compile" 2>&1 || { bad "$1: compiles" "$(cat "$dir/compile")"; return; }
	try "$uio" exec --push "$built/$program" $name $program word
	rm "$built/$program"
	is "a program of $1" "$status $out $err" $'9 word 42 1.41421 env\nbye '
}
kind "musl-gcc -static" musl-gcc -O2 -static
kind "musl-gcc -static -pie" musl-gcc -O2 -static -fPIE -Wl,-pie
kind "gcc -static" gcc -O2 -static
kind "gcc -static-pie" gcc -O2 -static-pie -fPIE
kind "gcc -static -O0 -g" gcc -O0 -g -static
kind "clang -static" clang -O2 -static
kind "clang -static-pie" clang -O2 -static-pie -fPIE
kind "clang -static, lld" clang -O2 -static -fuse-ld=lld

# --- what programs do: tests/programs, and those of tests/guest that may also be programs
inner() { # SOURCE COMMAND...: its own lines count
	local program
	program=$(basename "$1" .c)
	if ! "${@:2}" -D_GNU_SOURCE -O1 -g -w -o "$built/$program" "$1" -lpthread >"$dir/compile" 2>&1; then
		bad "$1 compiles" "$(cat "$dir/compile")"
		return
	fi
	LIMIT=120 try "$uio" exec --timeout 100s --push "$built/$program" $name "$program"
	grep -E '^(ok|not ok|skip) - ' <<<"$out" | sed "s/ - / - $program ($2): /"
	grep -q '^not ok' <<<"$out" && failed=1
	is "$program ($2): ends with status 0" "$status${err:+ $err}" 0
}
for program in tests/programs/*.c tests/guest/threads.c tests/guest/signals.c tests/guest/clocks.c; do
	inner "$program" musl-gcc -static
done
for program in tests/programs/*.c tests/guest/threads.c; do
	inner "$program" gcc -static
done

# --- nothing is left
tests/overlay/cycles.sh 50 $name || failed=1
is "the application is well" "$(application_is_well end && echo well)" well
exit $failed
