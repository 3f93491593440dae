#!/bin/bash
# run-cli.sh: the uio command from end to end with real guests.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/lib.sh

app=$dir/app
build/bin/uio-cc -g -O1 -o "$app" tests/cli/guest/app.c || exit 1
build/bin/uio-cc -g -O1 -fno-overlay -o "$dir/base" tests/cli/guest/app.c || exit 1
program() { # NAME, source on stdin
	cat >"$dir/$1.c" && musl-gcc -O1 -static -fPIC -Wl,-pie,-E,-z,undefs -o "$dir/$1" "$dir/$1.c"
}
program peek <<'END'
#include <stdio.h>
extern int counter, hidden;
int main(void) { printf("%d %d\n", counter, hidden); return 0; }
END
program poke <<'END'
extern int counter;
int main(void) { counter = 7; return 0; }
END
program call <<'END'
#include <stdio.h>
extern int set_counter(int);
int main(void) { printf("%d\n", set_counter(99)); return 0; }
END
program missing <<'END'
extern int nothing_of_that_name;
int main(void) { return nothing_of_that_name; }
END

# --- run
for machine in microvm q35 pc; do
	try "$uio" run --rm -i --machine $machine -e 'X=a "b' "$app" -- one 'two "three"' '$HOME' < <(printf 'hi\nexit 5\n')
	is "run on $machine: the exit status is the application's" $status 5
	is "run on $machine: arguments, environment, input and output" "$out" \
		$'ready [one] [two "three"] [$HOME] X=a "b\napp: hi 41 17'
done
try "$uio" run --rm -i "$app" < <(printf 'a\nb')
is "run -i: the end of standard input is the application's" "$out" $'ready X=-\napp: a 41 17\napp: b 41 18\nend'
try "$uio" run --rm -i "$app" < <(seq 20000)
is "run -i: 20,000 lines in and out, none lost" "$(grep -c '^app: ' "$dir/out") $(tail -1 "$dir/out")" "20000 end"
try "$uio" run --rm "$app"
is "run without -i: the application's input is at its end" "$out" $'ready X=-\nend'
try "$uio" run --rm -i "$app" < <(printf 'fault\n')
is "run: a panic is status 134" $status 134
has "run: and what it was is shown" "$err" "panic"
try "$uio" run --rm -i "$dir/base" < <(printf 'exit 6\n')
is "run: an image without the overlay" $status 6
try script -qec "$uio run --rm -it $app" /dev/null < <(sleep 1; printf 'typed\r'; sleep 0.5; printf '\004'; sleep 0.5)
has "run -it: a terminal that echoes" "$out" $'typed\r\napp: typed'
has "run -it: ^D is the end of input" "$out" "end"
try script -qec "$uio run -it --name d $app" /dev/null < <(sleep 1; printf '\020\021'; sleep 0.5)
has "run -it: ^P ^Q detaches" "$out" "detached from 'd'"
is "and it goes on running" "$(field d status)" running
try "$uio" attach --console d < <(printf 'still\n'; sleep 0.5)
has "attach --console: it answers" "$out" "app: still 41"
"$uio" run --rm -i --name int "$app" < <(sleep 5) >"$dir/int.out" 2>&1 &
client=$!
sleep 1
kill -INT $client
wait $client
is "run: SIGINT is passed on to the application" $? 130

# --- exec
mkdir -p "$dir/share"
echo "from the host" >"$dir/share/file"
try "$uio" run -d -it --name a -v "$dir/share:/host" "$app"
is "run -d" "$out" a
try "$uio" exec a busybox cat /host/file
is "exec: a tool of the host's sees the share" "$out" "from the host"
try "$uio" exec a busybox sh -c 'echo out; echo err >&2; exit 7'
is "exec: standard output, standard error and status" "$out $err $status" "out err 7"
is "exec: three megabytes in" "$(head -c 3000000 /dev/zero | timeout 60 "$uio" exec -i a busybox wc -c)" 3000000
is "exec: three megabytes out" "$(timeout 60 "$uio" exec a busybox head -c 3000000 /dev/zero | wc -c)" 3000000
try "$uio" exec a busybox sh -c 'kill -TERM $$'
is "exec: a signal is 128 + N" $status 143
try "$uio" exec --timeout 500ms a busybox sleep 60
is "exec --timeout" $status 137
try "$uio" exec a no-such-program
is "exec: nowhere found is 127" $status 127
try "$uio" exec --grant read --push "$dir/peek" a
is "exec: variables of the application read in place, file-local ones too" "$out" "41 17"
try "$uio" exec --push "$dir/peek" a
is "exec: without the grant it is ended" $status 139
has "exec: the report names the grant" "$err" 'needs the grant `read`'
has "exec: and the symbols" "$err" "+0x0 needs"
has "exec: and the place in the program" "$err" "main+0x"
try "$uio" exec --grant read --push "$dir/poke" a
has "exec: writing needs another grant" "$err" 'needs the grant `write`'
try "$uio" exec --grant read,write --push "$dir/poke" a
is "exec: with it the program writes" $status 0
try "$uio" exec --grant call=set_counter --push "$dir/call" a
is "exec: a call of the application's function" "$out" 7
try "$uio" exec --push "$dir/call" a
is "exec: without the grant it is not made" "$([ $status != 0 ] && echo refused)" refused
has "exec: and the message names the grant" "$err" "call"
try "$uio" exec --push "$dir/missing" a
is "exec: an undefined symbol is 126" $status 126
has "exec: and is named" "$err" "undefined symbol nothing_of_that_name: not in the application"
try "$uio" attach --console a < <(printf 'after\n'; sleep 0.5)
has "the application has seen the call, and nothing else" "$out" "app: after 99"

shell() { # NAME INPUT, MORE A SECOND LATER: an interactive shell in a terminal
	(sleep 1; printf '%b' "$2"; sleep 1; printf '%b' "$3"; sleep 1) | timeout 20 script -qec "$uio exec -it a busybox sh" /dev/null >"$dir/$1" 2>&1
}
shell one 'echo one | busybox tr a-z A-Z >/tmp/x; cat /tmp/x\r' 'exit 3\r' &
shell two 'sleep 100\r' '\003echo back=$?\rexit\r' &
wait %?one %?two
has "two shells at once: pipes and redirections" "$(cat "$dir/one")" $'ONE\r'
has "two shells at once: ^C ends what runs, not the shell" "$(cat "$dir/two")" "back=130"

# --- cp, attach, stats, events
mkdir -p "$dir/tree/sub"
head -c 100000 /dev/urandom >"$dir/tree/sub/blob"
ln -s blob "$dir/tree/sub/link"
try "$uio" cp "$dir/tree" a:/tmp
try "$uio" cp a:/tmp/tree "$dir/back"
is "cp: a folder in and out" "$(diff -r "$dir/tree" "$dir/back" && readlink "$dir/back/sub/link")" blob
try "$uio" attach a < <(printf 'echo one\necho two\nls /host\n')
is "attach: lines are answered in order" "$(echo "$out" | tr '\n' ' ')" "one two file "
try script -qec "$uio attach a" /dev/null < <(sleep 1; printf 'echo ty\bped\r'; sleep 1; printf 'quit\r'; sleep 0.3)
has "attach on a terminal: lines are edited" "$out" $'\ntped'
try "$uio" attach a < <(printf 'echo again\n')
is "attach: and once more after quit" "$out" again
try "$uio" stats -o json a
has "stats: the system's numbers" "$out" '"free_bytes"'
try "$uio" inspect a
has "inspect: how programs are kept apart" "$out" "protection keys"
"$uio" events a >"$dir/events" &
sleep 0.5
timeout 60 "$uio" exec a busybox false
timeout 60 "$uio" exec --push "$dir/peek" a 2>/dev/null
sleep 0.3
n=0
for i in {1..60}; do
	timeout -k 1 10 "$uio" exec a busybox false
	[ $? = 1 ] && n=$((n + 1))
done
is "sixty clients one after the other on one port are all heard" $n 60
has "events: a program that ends" "$(cat "$dir/events")" "program.ended"
has "events: a program that faults" "$(cat "$dir/events")" "program.faulted"

# --- accidents
for i in 1 2 3 4 5 6; do
	"$uio" exec -i a busybox cat </dev/zero >/dev/null 2>&1 &
	client=$!
	sleep 0.$((i * 7 % 10))
	kill -9 $client 2>/dev/null
	wait $client 2>/dev/null
done
try "$uio" exec a busybox echo fine
is "clients killed: the next command works" "$out" fine
sleep 0.5
try "$uio" attach a < <(printf 'ps\n')
is "clients killed: their programs are gone" "$(echo "$out" | grep -c busybox)" 0
mv "$dir/share" "$dir/moved"
rm -rf "$dir/moved"
try "$uio" exec a busybox ls /host
try "$uio" exec a busybox echo fine
is "the shared folder removed: the next command works" "$out" fine
is "and ps is right" "$(field a status)" running
try "$uio" stop a
is "stop" "$(field a status)" exited
"$uio" run -d -it --name k "$app" >/dev/null
kill -9 "$(field k pid)"
sleep 0.3
is "QEMU killed: ps says so" "$(field k status) $(field k exit_code)" "exited 137"
try "$uio" rm k
is "and rm works" $status 0
# QEMU may be gone before anybody watches it.
for i in 1 2 3 4 5 6; do
	LIMIT=10 try "$uio" run --rm -m 999999G "$app"
	echo "$status ${err%%:*}"
done | sort | uniq -c | tr -s ' ' >"$dir/ends"
is "QEMU that ends at once ends \`uio run\`, each time" "$(cat "$dir/ends")" " 6 125 uio"
