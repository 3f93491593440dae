#!/bin/bash
# sqlite.sh: the first part of the demo: boots the stock SQLite shell as a unikernel, fills a table through its console and
# then walks into it while it runs. Each step is checked; exits 0 only if all hold. Leaves nothing behind.
name=demo
. "$(dirname "$0")/lib.sh"
rows=10000

# The application's console stays attached for the whole demo: SQL goes to descriptor 3, answers come from descriptor 4.
ask() { # SQL PATTERN: waits for the line of the answer, kept in $line
	local sql=$1 pattern=$2 got
	printf '%s\n' "$sql" >&3
	while IFS= read -r -t 30 got <&4; do
		got=${got%$'\r'}
		got=${got##*sqlite> } # what is typed ahead is echoed before the prompt
		if [[ $got =~ $pattern ]]; then
			line=$got
			return 0
		fi
	done
	line="no answer"
	return 1
}
count=0
took=0
answers() { # the shell knows all rows, and how fast it says so
	local start=${EPOCHREALTIME/./}
	count=$((count + 1))
	ask "SELECT 'answer $count', count(*), sum(n) FROM t;" "^answer $count\\|" || return 1
	took=$(((${EPOCHREALTIME/./} - start) / 1000))
	[ "$line" = "answer $count|$rows|$((rows * (rows + 1) / 2))" ]
}

title "Boot SQLite's shell as a unikernel"
printf '$ uio run -d -it --name %s -v %s:/host sqlite3 -- /data.db\n' $name "$dir/host"
out=$("$uio" run -d -it --name $name -v "$dir/host:/host" sqlite3 -- /data.db 2>&1)
check "it boots" is "$out" $name
mkfifo "$dir/in" "$dir/answers"
"$uio" attach --console $name <"$dir/in" >"$dir/answers" 2>/dev/null &
exec 3>"$dir/in" 4<"$dir/answers"
show "$uio" ps
check "it runs" has "$name .*running"

title "Create a table of $rows rows through its console"
check "the shell answers" ask "SELECT 'version', sqlite_version();" "^version\\|3"
printf '    %s\n' "$line"
printf '%s\n' "CREATE TABLE t(n INTEGER PRIMARY KEY, text TEXT);" >&3
printf '%s\n' "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < $rows) INSERT INTO t SELECT n, 'row ' || n FROM c;" >&3
check "the table has its rows" answers
printf '    %s (in %s ms)\n' "$line" "$took"

title "Walk in: the operator's shell"
printf '$ uio attach %s\n' $name
out=$(printf 'ls /\nps\nfree\n' | timeout 30 "$uio" attach $name 2>&1)
printf '%s\n' "$out" | sed 's/^/    /'
check "it lists files" has 'data\.db'
check "it lists processes" has ' 1 .*sqlite3'

title "Run Debian's unmodified busybox in it"
show "$uio" exec $name busybox ls -l /
check "ls -l / sees the database" has ' /?data\.db'
show "$uio" exec $name busybox ps
check "ps sees the application" has ' 1 .*sqlite3'
check "ps sees itself" has 'busybox ps'
show "$uio" exec $name busybox free
check "free knows the memory" has 'Mem: +[1-9]'
show "$uio" exec $name busybox df
check "df sees the host's folder" has '/host'
seq 1 1000 >"$dir/numbers.txt"
show "$uio" exec --push "$dir/numbers.txt" $name busybox wc /tmp/numbers.txt
check "wc counts a pushed file" has "1000 +1000 +$(stat -c %s "$dir/numbers.txt") "

title "Two real shells at once, on terminals, with pipes, top and ^C"
# script(1) plays the terminal; what is typed comes from a FIFO.
open_shell() { # NUMBER DESCRIPTOR
	mkfifo "$dir/typed$1"
	printf '$ uio exec -it %s busybox sh   (shell %s)\n' $name "$1"
	TERM=vt100 script -qec "stty rows 24 cols 80; exec $uio exec -it $name busybox sh" /dev/null \
		<"$dir/typed$1" >"$dir/screen$1" 2>&1 &
}
types() { # NUMBER TEXT
	local shown=${2%\\r}
	printf '    [%s] %s\n' "$1" "${shown/'\003'/^C}"
	if [ "$1" = 1 ]; then printf '%b' "$2" >&5; else printf '%b' "$2" >&6; fi
}
sees() { # NUMBER PATTERN, within 20 s
	local i
	for ((i = 0; i < 200; i++)); do
		tr -d '\r' <"$dir/screen$1" | grep -aqE -- "$2" && return 0
		sleep 0.1
	done
	tail -n 15 "$dir/screen$1"
	return 1
}
open_shell 1
exec 5>"$dir/typed1"
open_shell 2
exec 6>"$dir/typed2"
sleep 1
types 1 'seq 1 100 | grep 7 | wc -l > /tmp/sevens; echo sevens $(cat /tmp/sevens)\r'
check "shell 1: pipes and redirections" sees 1 '^sevens 19$'
types 2 'echo shell two sees $(cat /tmp/sevens)\r'
check "shell 2, at the same time, sees what shell 1 wrote" sees 2 '^shell two sees 19$'
types 1 'top\r'
check "shell 1: top shows the application" sees 1 'sqlite3'
types 2 'while :; do :; done\r'
sleep 1
check "the application answers beside both" answers
types 1 '\003'
types 2 '\003'
sleep 0.5
types 1 'echo back $((6 * 7))\r'
check "^C ends top" sees 1 '^back 42$'
types 2 'echo back $((6 * 7))\r'
check "^C ends an endless loop" sees 2 '^back 42$'
types 1 'exit\r'
types 2 'exit\r'
exec 5>&- 6>&-

title "Read a variable of the application's in place"
check "an ordinary C compiler builds it" gcc_program memory
show "$uio" exec --grant read --push "$dir/memory" $name memory
check "it reads SQLite's counters" has '^SQLite 3.*: [1-9][0-9]* bytes allocated'
show "$uio" exec --push "$dir/memory" $name memory
check "without the grant it is refused" [ $status != 0 ]
check "and the message names the missing grant" has 'needs the grant `read`'

title "Back the database up while it is in use, by the application's own functions"
check "it compiles" gcc_program backup
printf '$ uio exec --grant read,call --push backup %s backup /host/backup.db\n' $name
timeout 120 "$uio" exec --grant read,call --push "$dir/backup" $name backup /host/backup.db >"$dir/backup.out" 2>&1 </dev/null &
backup=$!
n=0
slowest=0
while :; do
	if ! answers; then
		check "the shell answers during the backup" false
		break
	fi
	n=$((n + 1))
	[ "$took" -gt $slowest ] && slowest=$took
	kill -0 $backup 2>/dev/null || break
	sleep 0.05
done
wait $backup
status=$?
out=$(cat "$dir/backup.out")
printf '%s\n' "$out" | sed 's/^/    /'
check "the backup is done" [ $status = 0 ]
check "the shell went on answering: $n times meanwhile, in at most $slowest ms" [ $n -ge 1 ]
show sqlite3 "$dir/host/backup.db" 'SELECT count(*) FROM t; PRAGMA integrity_check;'
check "the host's sqlite3 finds $rows rows and no fault" is "$out" "$rows"$'\n'ok

title "A program that writes to the application's memory"
check "it compiles" gcc_program scribble
LINES_SHOWN=6 show "$uio" exec --push "$dir/scribble" $name scribble
check "it is killed by SIGSEGV" is $status 139
check "the report names the variable and the missing grant" has 'globalDb.*needs the grant `write`'
check "the application has not noticed" answers

title "A program that loops for ever"
check "it compiles" gcc_program spin
printf '$ uio exec --timeout 2s --push spin %s spin\n' $name
timeout 60 "$uio" exec --timeout 2s --push "$dir/spin" $name spin >"$dir/spin.out" 2>&1 </dev/null &
spin=$!
n=0
slowest=0
while kill -0 $spin 2>/dev/null; do
	answers || { check "the shell answers beside it" false; break; }
	n=$((n + 1))
	[ "$took" -gt $slowest ] && slowest=$took
	sleep 0.1
done
wait $spin
status=$?
out=$(cat "$dir/spin.out")
printf '%s\n' "$out" | sed 's/^/    /'
check "it is ended" is $status 137
check "by its time limit" has 'time limit'
check "the shell answered $n times meanwhile, in at most $slowest ms" [ $n -ge 5 ]

title "Leave"
printf '.quit\n' >&3
for ((i = 0; i < 50; i++)); do
	[ -z "$("$uio" ps -q)" ] && break
	sleep 0.1
done
show "$uio" ps -a
check "the application has ended by itself, with status 0" has "$name .*[Ee]xited \(0\)"
show "$uio" rm $name
check "nothing is left" is "$("$uio" ps -aq)" ""

finish "The demo with SQLite"
