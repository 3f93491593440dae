#!/bin/bash
# run-fake.sh: the uio command from end to end against the stand-in for QEMU (fake_guest.c): no guest is booted.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/lib.sh

export UIO_QEMU=$PWD/build/tests/cli/fake_guest FAKE_ROOT=$dir/root
mkdir -p "$FAKE_ROOT/tmp"
image=$dir/image
cp /bin/true "$image"

# --- run
try "$uio" run --name fg -i "$image" -- one 'two "three"' < <(printf 'hello\nexit 3\n')
is "run: the exit status is the application's" $status 3
has "run: standard input reaches the application, its output comes back" "$out" "app: hello"
has "run: arguments are quoted for the boot line" "$out" '-- one "two \"three\""'
is "ps: an ended unikernel is not shown without -a" "$("$uio" ps -q)" ""
is "ps -a: it shows how it ended" "$(field fg exit_code)" 3
try "$uio" run --name fg "$image"
is "run: a name in use is uio's own error" $status 125
has "run: and the message says what to do" "$err" "uio rm fg"
try "$uio" rm fg
is "rm: the name is free again" "$("$uio" ps -aq)" ""

try "$uio" run --rm -i "$image" </dev/null
is "run -i: the end of standard input ends the application's" $status 0
try "$uio" run --rm "$image"
is "run without -i: the application's input is at its end at once" $status 0
FAKE_EXIT=0 try "$uio" run --rm -i "$image"
has "run: what was written before a quick end is not lost" "$out" "boot:"
try "$uio" run --rm -i "$image" < <(printf 'panic\n')
is "run: a panic is status 134" $status 134
has "run: and its text is shown" "$err" "page fault at 0x0"
try "$uio" run "$dir/no-such-image"
is "run: an image that is nowhere is status 127" $status 127
try "$uio" run tests/cli/run-fake.sh
is "run: a file that is no image is status 126" $status 126
FAKE_BROKEN=1 try "$uio" run -d --name broken "$image"
is "run: a QEMU that does not start is status 125" $status 125
has "run: and what QEMU said is shown" "$err" "this QEMU does not start"
is "run: nothing is left of it" "$("$uio" ps -aq)" ""
UIO_QEMU=$dir/none try "$uio" run -d --name broken "$image"
is "run: a QEMU that is not there is status 125" $status 125

try "$uio" run --print-qemu -m 32M -e A=b -e 'C=d e' --machine q35 --accel tcg -v "$dir:/host:ro" "$image" -- x
has "--print-qemu: memory" "$out" "-m 32768k"
has "--print-qemu: environment" "$out" 'uio.env=A=b "uio.env=C=d e"'
has "--print-qemu: the share" "$out" "path=$dir,readonly=on"
has "--print-qemu: pci devices on q35" "$out" "virtio-serial-pci"
try "$uio" run --machine amiga "$image"
has "run: an unknown machine names the known ones" "$err" "microvm, q35, pc"
try "$uio" run -v "$dir:/elsewhere" "$image"
is "run: a share elsewhere than /host is refused" $status 125

# --- run -d, logs, exec
try "$uio" run -d -it --name a "$image"
is "run -d: prints the name" "$out" a
is "ps: it runs" "$(field a status)" running
has "logs: what the application wrote" "$("$uio" logs a)" "uio.tty=1"
has "logs -k: what the kernel wrote" "$("$uio" logs -k a)" "uio: fake guest"
state=$(stat -c %a "$XDG_STATE_HOME/uio/a" "$XDG_RUNTIME_DIR"/uio/a-*/*.sock | sort -u | tr '\n' ' ')
is "sockets are 0600 and the state 0700" "$state" "600 700 "

try "$uio" exec a busybox sh -c 'echo out; echo err >&2; exit 7'
is "exec: the status is the program's" $status 7
is "exec: its standard output" "$out" out
is "exec: its standard error" "$err" err
try "$uio" exec -i a busybox wc -c < <(head -c 3000000 /dev/zero)
is "exec -i: three megabytes in, with flow control" "$out" 3000000
is "exec: three megabytes out, with flow control" "$(timeout 60 "$uio" exec a busybox head -c 3000000 /dev/zero | wc -c)" 3000000
try "$uio" exec a busybox cat </dev/zero
is "exec without -i: standard input is at its end" $status 0
try "$uio" exec a no-such-program
is "exec: a program that is nowhere is status 127" $status 127
try "$uio" exec a bash
is "exec: a dynamic program of the host's is status 127" $status 127
has "exec: and the message says why" "$err" "is not static"
echo data >"$FAKE_ROOT/data"
try "$uio" exec a data
is "exec: a file that is no program is status 126" $status 126
try "$uio" exec a busybox sh -c 'kill -TERM $$'
is "exec: a program that a signal ends is 128 + N" $status 143
try "$uio" exec --timeout 300ms a busybox sleep 60
is "exec --timeout: it is ended" $status 137
has "exec --timeout: and told so" "$err" "time limit"
try "$uio" exec --profile debug --grant call=f,call=g --cpu 25% --memory 2M --timeout 3s -e X=y a describe
has "exec: profile and grants add up" "$out" "grants=read,write,call,fs=ro,signal,trace cpu=250 memory=2097152 timeout=3000000000"
has "exec: the functions of call=" "$out" $'call=f\ncall=g'
has "exec -e: a variable" "$out" "env=X=y"
try "$uio" exec --grant bogus a describe
has "exec: what is no grant is named" "$err" "'bogus' is no grant"
try "$uio" exec a fault
is "exec: a fault is 128 + SIGSEGV" $status 139
has "exec: and its report is shown" "$err" "no grant write"
echo pushed >"$dir/file.txt"
try "$uio" exec --push "$dir/file.txt" a busybox cat tmp/file.txt
is "exec --push: a file that is no program goes to /tmp" "$out" pushed

# --- symbols
cat >"$dir/app.c" <<'END'
int counter; static int hidden; int main(void) { return hidden + counter; }
END
cat >"$dir/app2.c" <<'END'
static int twice; int f(void) { return twice; }
END
cat >"$dir/app3.c" <<'END'
static int twice; int g(void) { return twice; }
END
cat >"$dir/tool.c" <<'END'
extern int NAME; int main(void) { return NAME; }
END
gcc -g -O0 -static -o "$dir/app" "$dir"/app*.c
tool() { # SYMBOL
	gcc -DNAME="$1" -O1 -fPIC -static-pie -Wl,-E,-z,undefs -o "$dir/tool-$1" "$dir/tool.c"
}
try "$uio" run -d -it --name sym "$dir/app"
for s in counter hidden twice missing; do tool $s; done
try "$uio" exec --push "$dir/tool-counter" sym describe
has "bind: a global symbol" "$out" "symbol=counter address=0x$(nm "$dir/app" | sed -n 's/^0*\([0-9a-f]*\) . counter$/\1/p') size=4"
try "$uio" exec --push "$dir/tool-hidden" sym describe
has "bind: a file-local symbol, when there is one" "$out" "symbol=hidden"
try "$uio" exec --push "$dir/tool-twice" sym describe
is "bind: an ambiguous one is status 126" $status 126
has "bind: and the files are named" "$err" "app2.c, app3.c"
try "$uio" exec --push "$dir/tool-missing" sym describe
is "bind: a missing one is status 126" $status 126
has "bind: and is named" "$err" "undefined symbol missing: not in the application"

# --- several at once
for i in 1 2 3 4; do
	"$uio" exec a busybox sh -c "sleep 1; echo $i" >"$dir/many.$i" &
done
sleep 0.3
try "$uio" exec a busybox echo fifth
is "four sessions at once, a fifth waits for a port" "$out" fifth
wait
is "and all four ran" "$(cat "$dir"/many.* | tr '\n' ' ')" "1 2 3 4 "

# --- cp
mkdir -p "$dir/tree/sub"
head -c 100000 /dev/urandom >"$dir/tree/sub/blob"
echo text >"$dir/tree/text"
try "$uio" cp "$dir/tree" a:tmp
is "cp: a folder goes in" "$(cmp "$dir/tree/sub/blob" "$FAKE_ROOT/tmp/tree/sub/blob" && echo same)" same
try "$uio" cp a:tmp/tree "$dir/back"
is "cp: and comes out" "$(diff -r "$dir/tree" "$dir/back" && echo same)" same
try "$uio" cp a:nothing "$dir/x"
is "cp: a file that is not there is status 1" $status 1
# What a guest says that has been taken over: nothing but the target folder may change.
mkdir -p "$dir/outside"
export FAKE_OUTSIDE=$dir/outside FAKE_OUTSIDE_FILE=$dir/outside/file
try "$uio" run -d -it --name hostile "$image"
try "$uio" cp hostile:/hostile/link "$dir/taken"
is "cp: a folder in the place of a link that the guest has sent is refused" $status 1
has "cp: and named" "$err" "taken/a: in the way"
try "$uio" cp hostile:/hostile/temporary "$dir/taken2"
is "cp: a file whose temporary name is a link is written beside it" "$(cat "$dir/taken2/planted")" data
is "cp: a hostile guest has written nothing elsewhere" "$(ls "$dir/outside")" ""
try "$uio" cp hostile:/hostile/error "$dir/taken3"
is "cp: an error that is none is a malformed one" $status 1
has "cp: and told as such" "$err" "malformed"
try "$uio" cp hostile:/hostile/endless "$dir/taken4"
has "cp: an answer without end is cut off" "$err" "the guest's answer is longer than 64 MiB"
try "$uio" stop -t 0 hostile
try "$uio" cp "$dir/x" "$dir/y"
is "cp: two paths of the host's are uio's own error" $status 125

# --- attach
try "$uio" attach a < <(printf 'echo one\nnonsense\necho two\n')
is "attach: lines are answered in order, without echo and prompt" "$out" $'one\nnonsense: no such command\ntwo'
try script -qec "$uio attach a" /dev/null < <(sleep 0.5; printf 'echo typed\r'; sleep 0.5; printf 'quit\r'; sleep 0.3)
has "attach on a terminal: a line is edited and answered" "$out" "typed"
try "$uio" attach --console a < <(printf 'hello\n'; sleep 0.3)
has "attach --console: talks to the application" "$out" "app: hello"
is "attach --console: the end of stdin leaves it running" "$(field a status)" running

# --- stats, inspect, kill
try "$uio" stats --no-stream a
is "stats: shares of the CPU, memory, rates" "$(tail -1 "$dir/out" | tr -s ' ')" \
	"a 25.0% 12.5% 62.5% 16.0 MiB / 64.0 MiB 2.4k 40 1.4M 20 12k 3 100 1 0 3"
try "$uio" stats --no-stream --programs a
has "stats --programs: a row for the application" "$out" "fake"
try "$uio" stats -n 3 -o json a
is "stats -n 3 -o json: three objects" "$(grep -c '^{.*}$' "$dir/out")" 3
has "stats -o json: the guest's numbers" "$out" '"something_new":'
is "stats -o json: rates over the guest's time" "$(grep -c '"idle_percent":62.5,.*"tx_bytes_per_second":1500000,.*"seconds":1,' "$dir/out")" 3
try "$uio" metrics a
is "metrics: in seconds and bytes" "$(sed -n 's/^uio_\([a-z_]*\){[^}]*\(mode="application"\)\{0,1\}} /\1 /p' "$dir/out" |
	awk '!($1 in v) { v[$1] = $2 }
		END { printf "%.3f %d", v["cpu_seconds_total"] - 0.25 * (v["uptime_seconds"] - 5), v["memory_size_bytes"] }')" "0.001 67108864"
try "$uio" inspect a
has "inspect: how programs are kept apart" "$out" "protection keys"
has "inspect: QEMU's command line" "$out" '"-append"'
try "$uio" kill -s USR1 a
is "kill -s: a signal for the application" $status 0
try "$uio" kill -s NOPE a
is "kill -s: no such signal" $status 125
try "$uio" stop a
is "stop: the application ends by SIGTERM" "$(field a exit_code)" 143
try "$uio" exec a busybox true
is "exec: one that has ended cannot be entered" $status 125
has "exec: and the message says how it ended" "$err" "exited (143)"

# --- accidents
"$uio" run -d -it --name k "$image" >/dev/null
kill -9 "$(field k pid)"
sleep 0.1
is "QEMU killed: ps says so" "$(field k status)" exited
is "QEMU killed: the status is 137" "$(field k exit_code)" 137
is "QEMU killed: its sockets are gone" "$(ls "$XDG_RUNTIME_DIR/uio" | grep -c '^k-')" 0
"$uio" rm k >/dev/null

"$uio" run -d -it --name s "$image" >/dev/null
supervisor=$(sed -n '/"supervisor"/,/}/s/.*"pid":[[:space:]]*\([0-9]*\).*/\1/p' "$XDG_STATE_HOME/uio/s/state.json")
kill -9 "$supervisor"
is "supervisor killed: QEMU still counts as running" "$(field s status)" running
try "$uio" exec s busybox echo alive
is "supervisor killed: exec still works" "$out" alive
try "$uio" stop s
is "supervisor killed: stop still works, the log tells the status" "$(field s exit_code)" 143
"$uio" rm s >/dev/null

"$uio" run -d -it --name s "$image" >/dev/null
supervisor=$(sed -n '/"supervisor"/,/}/s/.*"pid":[[:space:]]*\([0-9]*\).*/\1/p' "$XDG_STATE_HOME/uio/s/state.json")
qemu=$(field s pid)
kill -9 "$supervisor" "$qemu"
sleep 0.1
is "both killed: ps says exited" "$(field s status)" exited
try "$uio" rm s
is "both killed: rm works" $status 0

"$uio" run -d -it --name c "$image" >/dev/null
for i in 1 2 3 4 5; do
	"$uio" exec -i c busybox cat </dev/zero >/dev/null &
	client=$!
	sleep 0.0$i
	kill -9 $client 2>/dev/null
	wait $client 2>/dev/null
done
try "$uio" exec c busybox echo fine
is "clients killed: the next command works" "$out" fine
"$uio" exec c busybox sleep 100 2>/dev/null &
client=$!
sleep 0.2
kill -9 "$(field c pid)"
wait $client
is "QEMU killed during exec: the client ends with 125" $? 125
"$uio" rm c >/dev/null

mkdir -p "$XDG_STATE_HOME/uio/half"
is "a half-made directory is shown as ended" "$(field half status)" exited
try "$uio" run -d -it --name half "$image"
is "and its name can be used" $status 0
"$uio" rm -f half >/dev/null
FAKE_GARBAGE=1 "$uio" run -d -it --name g "$image" >/dev/null
try "$uio" exec g busybox echo through
is "half a frame of an earlier client is skipped" "$out" through
"$uio" rm -f g >/dev/null

# --- help and its kin
try "$uio"
is "no command: status 125" $status 125
try "$uio" bogus
is "an unknown command: status 125" $status 125
try "$uio" help exec
has "help: options from the table" "$out" "--profile PROFILE"
try "$uio" help --man "$dir/man"
is "help --man: a page for each command" "$(ls "$dir/man" | wc -l)" "$(("$("$uio" help | grep -c '^  [a-z]')" + 1))"
try bash -c '. <("$0" help --completion); COMP_WORDS=(uio exec --pro); COMP_CWORD=2; _uio; echo "${COMPREPLY[@]}"' "$uio"
is "completion: options" "$out" --profile
try "$uio" version
has "version" "$out" "uio 0"
