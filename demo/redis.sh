#!/bin/bash
# redis.sh: the second part of the demo: Redis as a unikernel, used by Debian's redis-cli and redis-benchmark through a
# forwarded port, while programs in its overlay read its statistics in place, change a limit by one of its own functions, and
# attack it. Each step is checked; exits 0 only if all hold. Leaves nothing behind.
name=cache
. "$(dirname "$0")/lib.sh"
port=
includes="-Ibuild/redis/src $(printf -- '-Ibuild/redis/deps/%s ' lua/src hiredis hdr_histogram)"

cli() { timeout 20 redis-cli -p "$port" "$@"; }
number() { grep -oE "$1 [0-9]+" <<<"$2" | head -1 | grep -oE '[0-9]+$'; }

title "Boot Redis as a unikernel"
for try in 16379 26379 36379 46379; do
	printf '$ uio run -d --name %s -m 32M -p %s:6379 redis-server -- --save "" --protected-mode no\n' $name $try
	out=$("$uio" run -d --name $name -m 32M -p $try:6379 redis-server -- --save "" --protected-mode no 2>&1) && port=$try && break
	has 'in use' || break
	printf '    %s\n' "$out"
done
check "it boots" is "$out" $name
[ -n "$port" ] || finish "The demo with Redis"
sleep 0.5 # until the guest has its address: QEMU would offer an earlier connection again only after 6 s
for ((i = 0; i < 100; i++)); do
	[ "$(cli ping 2>&1)" = PONG ] && break
	sleep 0.1
done
show "$uio" ps

title "Use it with Debian's redis-cli"
show redis-cli -p "$port" set greeting "good day"
check "it sets" is "$out" OK
show redis-cli -p "$port" get greeting
check "it gets" is "$out" "good day"

title "Read its statistics in place, while redis-benchmark runs"
check "a program compiles against Redis's own headers" gcc_program redis_stats $includes
printf '$ redis-benchmark -p %s -c 10 -n 150000 -t set,get -q &\n' "$port"
timeout 400 redis-benchmark -p "$port" -c 10 -n 150000 -t set,get -q >"$dir/benchmark" 2>&1 </dev/null &
load=$!
# One client more, which must never have to wait or be refused: a line for each answer that is not what it should be.
while sleep 0.1; do
	[ "$(cli get greeting 2>&1)" = "good day" ] && echo right || echo wrong
done >"$dir/client" &
client=$!
sleep 1
show "$uio" exec --profile monitor --push "$dir/redis_stats" $name redis_stats 3
first=$(number commands "$out")
last=$(number commands "$(tail -n 1 <<<"$out")")
check "the number of commands grows: from ${first:-none} to ${last:-none} in 2 s" [ "${last:-0}" -gt "${first:-0}" ]
most=$(grep -oE 'clients [0-9]+' <<<"$out" | grep -oE '[0-9]+' | sort -n | tail -n 1)
check "it sees the benchmark's ten clients" [ "${most:-0}" -ge 10 ]

title "Change a limit by calling one of Redis's functions"
check "it compiles" gcc_program redis_limit $includes
show "$uio" exec --profile debug --push "$dir/redis_limit" $name redis_limit 20mb
show redis-cli -p "$port" config get maxmemory
check "CONFIG GET knows it" has "^$((20 << 20))$"

title "A hostile program"
check "it compiles" gcc_program redis_vandal
LINES_SHOWN=6 show "$uio" exec --profile monitor --push "$dir/redis_vandal" $name redis_vandal
check "it is killed by SIGSEGV" is $status 139
check "the report names the variable and the missing grant" has 'server.*needs the grant `write`'
check "the benchmark is still running" kill -0 $load
wait $load
status=$?
tr '\r' '\n' <"$dir/benchmark" | grep -a 'requests per second' | sed 's/^/    /'
check "no client of the benchmark noticed" is "$status$(grep -aciE 'error|denied|closed' "$dir/benchmark")" 00
kill $client
wait $client 2>/dev/null
check "nor did the other one: $(grep -c right "$dir/client") right answers, $(grep -c wrong "$dir/client") others" \
	is "$(sort -u "$dir/client")" right
show redis-cli -p "$port" info stats
check "Redis's own statistics agree: it has processed more than 300,000 commands" \
	[ "$(grep -oE 'total_commands_processed:[0-9]+' <<<"$out" | tr -dc 0-9)" -gt 300000 ]

title "Leave"
show "$uio" stop $name
show "$uio" ps -a
check "it ended with status 0" has "$name .*[Ee]xited \(0\)"
show "$uio" rm $name
check "nothing is left" is "$("$uio" ps -aq)" ""

finish "The demo with Redis"
