#!/bin/bash
# run-operator.sh: what an operator does to a running service, with the programs of examples/: statistics of Redis read in
# place, a limit of it changed by a gated call, a backup of SQLite's database while it is being written.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/lib.sh
includes="-Ibuild/redis/src $(printf -- '-Ibuild/redis/deps/%s ' lua/src hiredis hdr_histogram)"
for program in redis_stats redis_limit redis_vandal backup; do
	# shellcheck disable=SC2086
	musl-gcc -O2 -static -fPIC -Wl,-pie,-E,-z,undefs $includes -o "$dir/$program" examples/$program.c 2>"$dir/cc" &&
		[ ! -s "$dir/cc" ]
	is "examples/$program.c compiles without a warning" $? 0
done

# --- Redis
for port in 26401 26402 26403 26404 ''; do
	try "$uio" run -d --name cache -m 32M -p "$port:6379" redis-server -- --save '' --protected-mode no
	[ $status = 0 ] && break
done
is "Redis boots" "$status" 0
cli() { timeout 20 redis-cli -p "$port" "$@" 2>&1; }
for ((i = 0; i < 100; i++)); do
	[ "$(cli ping)" = PONG ] && break
	sleep 0.1
done
for i in 1 2 3 4 5; do
	cli set "key$i" "$i" >/dev/null
done
(cli subscribe news >/dev/null &)
sleep 1
before=$(cli info stats | tr -d '\r' | sed -n 's/^total_commands_processed://p')
try "$uio" exec --profile monitor --push "$dir/redis_stats" cache redis_stats
is "redis_stats runs under the profile monitor" "$status" 0
# INFO counts itself when it is over.
is "what it reads in place is what INFO says" "${out%%, connections*}" "commands $((before + 1))"
has "it knows the client that stays, and the keys" "$out" "clients 1, keys 5"
try "$uio" exec --push "$dir/redis_stats" cache redis_stats
is "without the grant it is refused" "$status" 139
has "and told so" "$err" 'server+0x'

try "$uio" exec --profile debug --push "$dir/redis_limit" cache redis_limit 20mb
is "redis_limit runs under the profile debug" "$status$out" "0maxmemory was 0
maxmemory is 20971520"
is "CONFIG GET sees what the gated call set" "$(cli config get maxmemory | tail -1)" 20971520
try "$uio" exec --profile monitor --push "$dir/redis_limit" cache redis_limit 10mb
is "under monitor the call is refused" "$status" 126
has "by the function's name" "$err" loadServerConfigFromString
is "and nothing changed" "$(cli config get maxmemory | tail -1)" 20971520

try "$uio" exec --profile monitor --push "$dir/redis_vandal" cache redis_vandal
is "a program that overwrites Redis's state is killed" "$status" 139
has "its report names the variable and the grant" "$err" 'server+0x0 needs the grant `write`'
is "Redis answers as before" "$(cli get key3)" 3
"$uio" rm -f cache >/dev/null

# --- SQLite: each transaction adds one row to each of two tables, so that every consistent copy has as many in both.
mkdir "$dir/host"
mkfifo "$dir/sql"
try "$uio" run -d -i --name db -m 32M -v "$dir/host:/host" sqlite3 -- /data.db
is "SQLite boots" "$status" 0
"$uio" attach --console db <"$dir/sql" >"$dir/answers" 2>&1 &
exec 3>"$dir/sql"
{
	echo 'CREATE TABLE a(n INTEGER PRIMARY KEY, t TEXT); CREATE TABLE b(n INTEGER PRIMARY KEY, t TEXT);'
	echo "INSERT INTO a SELECT value, 'row ' || value FROM generate_series(1, 20000); INSERT INTO b SELECT * FROM a;"
	echo "SELECT 'filled';"
} >&3
for ((i = 0; i < 100; i++)); do
	grep -aq filled "$dir/answers" && break
	sleep 0.1
done
(
	for ((n = 20001; ; n++)); do
		echo "BEGIN; INSERT INTO a VALUES($n, hex(randomblob(200))); INSERT INTO b VALUES($n, 'same'); COMMIT;" || exit
		[ -e "$dir/enough" ] && exit
		sleep 0.005
	done
) >&3 &
writer=$!
sleep 1
try "$uio" exec --grant read,call --push "$dir/backup" db backup /host/copy.db
is "a backup of an open database is done while it is written" "$status" 0
kill -0 $writer 2>/dev/null
is "the writer wrote during all of it" $? 0
touch "$dir/enough"
wait $writer
echo "SELECT 'in all ' || count(*) FROM a; SELECT 'wrong ' || (SELECT count(*) FROM a) <> (SELECT count(*) FROM b);" >&3
for ((i = 0; i < 100; i++)); do
	grep -aq 'in all ' "$dir/answers" && break
	sleep 0.1
done
all=$(grep -ao 'in all [0-9]*' "$dir/answers" | tr -dc 0-9)
is "the copy is whole" "$(sqlite3 "$dir/host/copy.db" 'PRAGMA integrity_check')" ok
is "the copy is consistent: as many rows in the one table as in the other" \
	"$(sqlite3 "$dir/host/copy.db" 'SELECT (SELECT count(*) FROM a) - (SELECT count(*) FROM b)')" 0
copied=$(sqlite3 "$dir/host/copy.db" 'SELECT count(*) FROM a')
[ "$copied" -gt 20000 ] && [ "$copied" -le "${all:-0}" ]
is "the copy has what was written until then: $copied rows of $all" $? 0
has "the writes all succeeded" "errors: $(grep -aci error "$dir/answers")" "errors: 0"
exec 3>&-
