#!/bin/bash
# run-tools.sh: the ready-made tools on a program whose calls are known, and on Redis and nginx under load: each figure
# that they print is what somebody else counted, too.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/lib.sh
. tests/apps/nginx.sh
if ! [ -f build/lib/tools/funccount.bpf.o ]; then
	echo "skip - tools: they were not built, as there is no clang, or no libbpf-dev"
	exit 0
fi
built=build/tests/trace
mkdir -p $built
build/bin/uio-cc -O2 -g -o $built/calls tests/trace/calls.c || exit 1

# watch FILE COMMAND...: starts a tool, and returns when it is on. Its output goes to $dir/FILE.
tools_running=()
watch() {
	local file=$dir/$1
	shift
	timeout 120 "$uio" "$@" >"$file" 2>"$file.err" &
	tools_running+=($!)
	wait_for 30 grep -q '\^C ends' "$file.err" || bad "$1 starts" "$(cat "$file.err")"
}
# stop: ^C for all tools, and waits for their reports. Each must end well.
stop() {
	local pid
	for pid in "${tools_running[@]}"; do
		# timeout hands it on.
		kill -INT "$pid"
	done
	for pid in "${tools_running[@]}"; do
		wait "$pid" || bad "a tool ends well" "status $?: $(tail -n 3 "$dir"/*.err)"
	done
	tools_running=()
}
# value FILE PATH [WHERE]: of the tool's last line of JSON; with WHERE from the array's elements: value FILE '$.functions' \
# "function = 'f'" count. Nothing, if it is no JSON.
value() {
	tail -n 1 "$dir/$1" >"$dir/json"
	sqlite3 :memory: "SELECT json_extract(readfile('$dir/json'), '$2')" 2>&1
}
pick() { # FILE ARRAY KEY NAME FIELD
	tail -n 1 "$dir/$1" >"$dir/json"
	sqlite3 :memory: "SELECT json_extract(value, '\$.$5') FROM json_each(readfile('$dir/json'), '\$.$2')
		WHERE CAST(json_extract(value, '\$.$3') AS TEXT) = '$4'" 2>&1
}
total() { # FILE ARRAY FIELD
	tail -n 1 "$dir/$1" >"$dir/json"
	sqlite3 :memory: "SELECT sum(json_extract(value, '\$.$3')) FROM json_each(readfile('$dir/json'), '\$.$2')" 2>&1
}
valid() { # NAME FILE: every line is JSON
	is "$1: each line is JSON" \
		"$(sed "s/'/''/g; s/.*/SELECT json_valid('&');/" "$dir/$2" | sqlite3 :memory: | sort -u)" 1
}

# --- a program whose calls are known
"$uio" run -d -i --name calls $built/calls >/dev/null || exit 1
wait_for 20 sh -c "'$uio' logs calls | grep -q ready" || { bad "the program starts" "$("$uio" logs -k calls)"; exit 1; }
rounds=0
round() {
	local at
	echo x >"$(find "$XDG_RUNTIME_DIR" -path '*/calls-*' -name console.in)"
	rounds=$((rounds + 1))
	wait_for 60 sh -c "[ \$('$uio' logs calls | grep -c done) = $rounds ]" || bad "the program answers" "$("$uio" logs calls | tail -3)"
}

# As text: a report each time, an empty line between two.
"$uio" syscount calls -i 200ms --for 900ms >"$dir/reports" 2>/dev/null
reports=$(grep -c '^SYSCALL' "$dir/reports")
is "syscount -i: reports with an empty line between" \
	"$((reports >= 2)) $(grep -c '^$' "$dir/reports") $(grep -B1 '^SYSCALL' "$dir/reports" | grep -c '^$')" "1 $((reports - 1)) $((reports - 1))"
watch count syscount calls -o json
watch summary strace calls -c
watch live strace calls -s 64
round
stop
for call in close:302:300 open:50:50 getppid:100:0 nanosleep:20:0 pipe:1:0 stat:1:0; do
	IFS=: read -r name count errors <<<"$call"
	is "syscount: $count calls of $name" "$(pick count syscalls syscall "$name" count)" "$count"
	is "syscount: $errors of them fail" "$(pick count syscalls syscall "$name" errors)" "$errors"
	is "strace -c: $count calls of $name" "$(awk -v n="$name" '$NF == n { print $4 }' "$dir/summary")" "$count"
	is "strace: a line for each call of $name" "$(grep -c "^$name(" "$dir/live")" "$count"
done
is "strace -c: the errors" "$(awk '$NF == "close" { print $5 }' "$dir/summary")" 300
ns=$(pick count syscalls syscall nanosleep total_ns)
is "syscount: twenty sleeps of 10 ms take at least 200 ms" "$((ns >= 200000000))" 1
has "strace: strings and flags" "$(grep -m 1 '^open(' "$dir/live")" \
	'open("/no/such\tfile", O_RDWR|O_CREAT|O_LARGEFILE|O_CLOEXEC, 0640) = -1 ENOENT (No such file or directory)'
has "strace: data that is written" "$(grep five "$dir/live")" ', "five\n\"", 6) = 6'
has "strace: data that was read" "$(grep '^read.*five' "$dir/live")" '"five\n\"", 16) = 6'
has "strace: times" "$(grep -m 1 '^nanosleep(' "$dir/live")" 'nanosleep({tv_sec=0, tv_nsec=10000000}, NULL) = 0'
has "strace: what a call has filled" "$(grep '^stat(' "$dir/live")" 'stat("/", {st_mode=S_IFDIR|0755, st_size='
has "strace: a pair of descriptors" "$(grep '^pipe(' "$dir/live")" 'pipe(['
has "strace: the call that has not come back" "$(tail -n 1 "$dir/live")" 'read(0, '
has "strace: is unfinished" "$(tail -n 1 "$dir/live")" '<unfinished ...>'

watch open strace calls -e open,getppid -o json
watch dist argdist calls work arg1 -o json
watch strings argdist calls work arg2:str -o json
round
stop
is "strace -e: only these" "$(grep -c '"syscall":"open"' "$dir/open") $(grep -c '"syscall":"getppid"' "$dir/open") $(wc -l <"$dir/open")" \
	"50 100 150"
valid "strace -o json" open
is "strace -o json: the error's name" "$(value open '$.error')$(sed -n 1p "$dir/open" | grep -o ENOENT)" "ENOENT"
is "argdist: each value once" "$(total dist values count) $(pick dist values value 17 count)" "64 1"
is "argdist: strings" "$(pick strings values value often count) $(pick strings values value "now and then" count)" "48 16"

watch hist argdist calls work ret:int -H -o json
watch slots argdist calls work arg1 -H
watch latency funclatency calls work -o json
round
stop
is "argdist -H: negative numbers lie in the lowest slot" "$(pick hist histogram from 0 count)" 64
has "argdist -H: powers of two" "$(tr -s ' ' <"$dir/slots")" "32 -> 63 : 32 |****************************************|"
is "funclatency: each call" "$(value latency '$.functions[0].count')" 64
is "funclatency: all of them in the histogram" "$(total latency functions[0].histogram count)" 64
try "$uio" argdist calls work arg7
has "argdist: refuses what is no value" "$status $err" "'arg7' is none of arg1 to arg6 and ret"
try "$uio" funccount calls no_such_function
has "funccount: names what is not there" "$status $err" "no_such_function"
try "$uio" tcptop calls
has "tcptop: an application without network" "$status $err" "uses no network"
try "$uio" strace calls -e nothing
has "strace: no such call" "$status $err" "there is no system call 'nothing'"
try "$uio" bpf list -o json calls
is "nothing is left behind" "$(grep -c '"row":"program"' <<<"$out")" 0
"$uio" rm -f calls >/dev/null

# --- Redis
for _ in 1 2 3 4 5; do
	port=$(free_port)
	try "$uio" run -d --name redis -p "$port:6379" redis-server -- --save '' --protected-mode no
	[ "$status" = 0 ] && break
done
wait_for 20 redis-cli -p "$port" ping || { bad "Redis boots" "$("$uio" logs redis | tail -5)"; exit 1; }
# ask FILE: sends it as it is, and waits for an answer in one line to each of its lines.
ask() {
	exec 3<>"/dev/tcp/127.0.0.1/$port"
	cat "$1" >&3 &
	timeout 60 head -n "$(wc -l <"$1")" <&3 >"$dir/answers"
	exec 3>&-
}
for _ in $(seq 600); do printf 'INCR often\r\n'; done >"$dir/requests"
for _ in $(seq 400); do printf 'INCR rarely\r\n'; done >>"$dir/requests"
watch count funccount redis processCommand incrCommand getCommand -o json
watch latency funclatency redis processCommand -o json
watch keys argdist redis lookupKeyWrite 'arg2->8:str' -o json
ask "$dir/requests"
stop
is "Redis: 1000 requests are answered" "$(tail -1 "$dir/answers" | tr -d '\r')" ":400"
is "Redis: funccount: a call for each" "$(pick count functions function processCommand count)" 1000
is "Redis: and what Redis itself counted" "$(pick count functions function incrCommand count)" \
	"$(redis-cli -p "$port" info commandstats | sed -n 's/^cmdstat_incr:calls=\([0-9]*\),.*/\1/p')"
is "Redis: argdist: how often each key is looked up" \
	"$(pick keys values value often count) $(pick keys values value rarely count)" "600 400"
is "Redis: funclatency: each call" "$(value latency '$.functions[0].count')" 1000
is "Redis: funclatency: all in the histogram" "$(total latency functions[0].histogram count)" 1000

watch bytes tcptop redis -o json
watch calls syscount redis -o json
ask "$dir/requests"
stop
is "Redis: tcptop: what the client sent" "$(total bytes connections received_bytes)" "$(stat -c %s "$dir/requests")"
is "Redis: tcptop: what the client got" "$(total bytes connections sent_bytes)" "$(stat -c %s "$dir/answers")"
is "Redis: syscount: one connection was accepted" "$(($(pick calls syscalls syscall accept4 count) - \
	$(pick calls syscalls syscall accept4 errors)))" 1

# --- nginx
write_small_conf
# visit COUNT: so many requests, one after another, on one connection. Not curl, which asks again when one breaks. Counts in
# $answers, and in $sent and $got the bytes.
visit() {
	local request=$'GET / HTTP/1.1\r\nHost: guest\r\n\r\n' line
	sent=0 got=0 answers=0
	exec 3<>"/dev/tcp/127.0.0.1/$guest_port" || return 1
	while [ $answers -lt "$1" ]; do
		printf '%s' "$request" >&3
		sent=$((sent + ${#request}))
		while IFS= read -r -t 30 line <&3; do
			got=$((got + ${#line} + 1))
			[ "$line" = well ] && break
		done
		[ "$line" = well ] || break
		answers=$((answers + 1))
	done
	exec 3>&-
	[ $answers = "$1" ]
}
for _ in 1 2 3 4 5; do
	guest_port=$(free_port)
	try "$uio" run -d --name nginx -m 32M -p "$guest_port:80" -v "$share:/host" nginx
	[ "$status" = 0 ] && break
done
# With patience: a client that gives up leaves a request behind in QEMU's network, which nginx gets to see later on.
wait_for 60 visit 1 || { bad "nginx boots" "$err $("$uio" logs -k nginx | tail -5)"; exit 1; }
watch count funccount nginx ngx_http_process_request_line 'ngx_http_init_conn*' -o json
watch latency funclatency nginx ngx_http_process_request_line -u -o json
watch bytes tcptop nginx -o json
visit 300
stop
is "nginx: 300 requests are answered" "$answers" 300
is "nginx: funccount: a call for each" "$(pick count functions function ngx_http_process_request_line count)" 300
is "nginx: funccount: one connection" "$(pick count functions function ngx_http_init_connection count)" 1
is "nginx: funclatency: each call" "$(value latency '$.functions[0].count')" 300
is "nginx: tcptop: what the client sent" "$(total bytes connections received_bytes)" "$sent"
is "nginx: tcptop: what the client got" "$(total bytes connections sent_bytes)" "$got"

watch calls strace nginx -c -o json
watch sum syscount nginx -o json
visit 300
stop
is "nginx: strace -c and syscount agree" "$(pick calls syscalls syscall writev count)" "$(pick sum syscalls syscall writev count)"
is "nginx: with an answer for each request" "$(pick calls syscalls syscall writev count)" 300
exit $failed
