#!/bin/bash
# run-redis.sh: Redis as a service: what it keeps (AOF, SAVE, ends of all kinds), what it answers where it would fork,
# its limits, its background threads, its figures, a small machine, its crash report. For its commands there is its own
# suite: run-redis-suite.sh.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/lib.sh

mkdir -p "$dir/share"
options=(--save '' --protected-mode no --enable-debug-command yes)
# Boots Redis as NAME at $port, with uio's options up to --, then Redis's.
boot() { # NAME UIO-OPTIONS... -- REDIS-OPTIONS...
	local name=$1 uio_options=() i
	shift
	while [ "$1" != -- ]; do uio_options+=("$1"); shift; done
	shift
	for ((i = 0; i < 20; i++)); do
		port=$((20000 + RANDOM % 10000))
		try "$uio" run -d --name "$name" -p "$port:6379" "${uio_options[@]}" redis-server -- "${options[@]}" "$@"
		[ $status = 0 ] && break
	done
	for ((i = 0; i < 100; i++)); do
		[ "$(cli ping)" = PONG ] && return
		sleep 0.1
	done
	bad "$name boots" "$err $("$uio" logs "$name" 2>&1 | tail -5)"
}
cli() { timeout 20 redis-cli -p "$port" "$@" 2>&1; }
info() { cli info all | tr -d '\r' | sed -n "s/^$1://p"; } # FIELD
# The exit status of NAME once it has ended, within 10 s.
ended() { # NAME
	for ((i = 0; i < 100; i++)); do
		[ "$(field "$1" status)" = exited ] && break
		sleep 0.1
	done
	echo "$(field "$1" status) $(field "$1" exit_code)"
}
again() { "$uio" rm -f "$1" >/dev/null; } # NAME
fill() { # COUNT: keys of several types
	{
		for ((i = 0; i < $1; i++)); do echo "SET key:$i value-$i"; done
		echo "RPUSH list a b c d"; echo "SADD set 1 2 3 x"; echo "ZADD zset 1 one 2.5 two"
		echo "HSET hash f v g w"; echo "XADD stream 1-1 f v"; echo "SET later v EX 1000"
	} | cli >/dev/null
}

# --- The AOF on the host's folder
aof=(--dir /host --appendonly yes --appendfsync always)
boot keep -v "$dir/share:/host" -- "${aof[@]}"
fill 1000
digest=$(cli debug digest)
kill -KILL "$(field keep pid)"
ended keep >/dev/null
again keep
try redis-check-aof "$dir/share/appendonlydir/appendonly.aof.manifest"
has "a killed guest's AOF is one that redis-check-aof accepts" "$out" "All AOF files and manifest are valid"
boot keep -v "$dir/share:/host" -- "${aof[@]}"
is "all that was acknowledged is there after a kill" "$(cli debug digest)" "$digest"
is "and the expiry, too" "$(($(cli ttl later) > 900))" 1
cli set before stop >/dev/null
try "$uio" stop keep
again keep
boot keep -v "$dir/share:/host" -- "${aof[@]}"
is "a write before uio stop is there after the next boot" "$(cli get before)" stop

# --- What needs a fork
has "BGREWRITEAOF answers with Redis's error" "$(cli bgrewriteaof)" "Can't execute an AOF background rewriting"
is "BGSAVE, too" "$(cli bgsave)" ERR
has "the log has the reason" "$("$uio" logs keep)" "fork: Function not implemented"
is "the server goes on" "$(cli get key:17)" value-17
is "and says that it failed" "$(info rdb_last_bgsave_status) $(info aof_last_bgrewrite_status)" "err err"

# --- SAVE
is "SAVE answers OK" "$(cli save)" OK
try redis-check-rdb "$dir/share/dump.rdb"
has "Debian's redis-check-rdb accepts it" "$out" "RDB looks OK"
digest=$(cli debug digest)
again keep
(cd "$dir/share" && exec -a redis-server redis-check-rdb --port 0 --unixsocket "$dir/native.sock" \
	--enable-debug-command yes --save '' >"$dir/native.log" 2>&1) &
native=$!
for ((i = 0; i < 50; i++)); do [ -S "$dir/native.sock" ] && break; sleep 0.1; done
is "Debian's Redis loads it and has the same data" "$(redis-cli -s "$dir/native.sock" debug digest)" "$digest"
kill $native
wait $native 2>/dev/null
boot back -v "$dir/share:/host" -- --dir /host
is "and so has the unikernel" "$(cli debug digest)" "$digest"
cli config set save "3600 1" >/dev/null
cli set end shutdown >/dev/null
(cli shutdown >/dev/null)
is "SHUTDOWN ends the guest" "$(ended back)" "exited 0"
has "saying so" "$("$uio" logs back)" "ready to exit, bye bye"
again back
boot back -v "$dir/share:/host" -- --dir /host --save 3600 1
is "having saved" "$(cli get end)" shutdown
cli set end sigterm >/dev/null
try "$uio" kill -s TERM back
is "SIGTERM ends it, too" "$(ended back)" "exited 0"
has "by Redis's own handler" "$("$uio" logs back)" "Received SIGTERM scheduling shutdown"
again back
boot back -v "$dir/share:/host" -- --dir /host
is "having saved" "$(cli get end)" sigterm
again back

# --- In memory: the AOF in the guest's own file system, limits, threads, figures
boot cache -m 48M -- --appendonly yes --auto-aof-rewrite-percentage 0
fill 1000
digest=$(cli debug digest)
is "an AOF in memory is read back" "$(cli debug loadaof) $(cli debug digest)" "OK $digest"
try "$uio" cp cache:/appendonlydir "$dir/aof"
try redis-check-aof "$dir/aof/appendonly.aof.manifest"
has "and can be copied out" "$out" "All AOF files and manifest are valid"

is "INFO: the port" "$(info tcp_port)" 6379
is "the process" "$(info process_id)" "$("$uio" exec cache busybox ps | awk '/redis-server/ { print $1; exit }')"
is "the allocator" "$(info mem_allocator)" libc
is "the memory of the guest" "$(info total_system_memory)" \
	"$(($("$uio" exec cache busybox free | awk '/^Mem/ { print $2 }') * 1024))"
used=$(info used_memory)
cli setrange big 3000000 x >/dev/null
is "the memory used" "$((($(info used_memory) - used) / 1000000))" 3
for ((i = 0; i < 50; i++)); do (($(info used_memory_rss) > 3000000)) && break; sleep 0.1; done # Redis looks at times
is "the resident memory has it" "$(($(info used_memory_rss) > 3000000))" 1
is "the uptime counts" "$(a=$(info uptime_in_seconds); sleep 2.1; echo $(($(info uptime_in_seconds) - a >= 2)))" 1
is "CPU time passes" "$(info used_cpu_user_main_thread | grep -c '^0*[.0]*$')" 0
is "files of the whole AOF are counted" "$(info aof_enabled) $(($(info aof_current_size) > 10000))" "1 1"

# The guest's clock is the host's: QEMU's RTC would be up to a second behind. The best of some tries.
best=1000000
for _ in 1 2 3 4 5; do
	before=$(date +%s%6N)
	at=$(cli time | tr '\n' ' ' | awk '{ printf "%d%06d", $1, $2 }')
	after=$(date +%s%6N)
	off=$((at < before ? before - at : at > after ? at - after : 0))
	((off < best)) && best=$off
done
is "TIME is the host's, to 10 ms" "$((best < 10000))" 1

cli config set maxmemory-policy allkeys-lru >/dev/null
cli del big >/dev/null
is "CONFIG SET maxmemory" "$(cli config set maxmemory 4mb)" OK
timeout 60 redis-benchmark -p "$port" -q -n 3000 -r 1000000 -d 4000 -t set >/dev/null 2>&1
is "keys are evicted" "$(($(info evicted_keys) > 500))" 1
is "and the limit is kept" "$(($(info used_memory) < 4500000))" 1
cli config set maxmemory-policy noeviction >/dev/null
cli setrange large 4000000 x >/dev/null
has "without eviction a write is refused" "$(cli set one more)" "OOM command not allowed"
cli config set maxmemory 0 >/dev/null

cli config set notify-keyspace-events KEA >/dev/null
timeout 5 redis-cli -p "$port" psubscribe '__key*__:soon' >"$dir/events" 2>&1 &
listener=$!
sleep 0.5
cli set soon v PX 200 >/dev/null
timeout 3 redis-cli -p "$port" blpop nothing 1 >/dev/null
sleep 0.3
kill $listener
is "keyspace events tell of an expiry" "$(grep -c '^expired$' "$dir/events")" 1
before=$(info lazyfreed_objects)
cli eval "for i = 1, 5000 do redis.call('SADD', 'huge', 'member' .. i) end" 0 >/dev/null
cli unlink huge >/dev/null
for ((i = 0; i < 50; i++)); do (($(info lazyfreed_objects) > before)) && break; sleep 0.1; done
is "the thread that frees in the background works" \
	"$(($(info lazyfreed_objects) > before)) $(info lazyfree_pending_objects)" "1 0"
for ((i = 0; i < 50; i++)); do [ "$(info aof_pending_bio_fsync)" = 0 ] && break; sleep 0.1; done
is "so does the one for fsync" "$(info aof_pending_bio_fsync) $(info aof_delayed_fsync)" "0 0"
again cache

# --- A replica of a Redis elsewhere: there forks who is asked. QEMU's user network has the host at 10.0.2.2.
for ((master = 20000 + RANDOM % 10000; ; master++)); do
	(exec -a redis-server redis-check-rdb --port $master --bind 127.0.0.1 --save '' --dir "$dir" \
		--enable-debug-command yes >"$dir/master.log" 2>&1) &
	pid=$!
	for ((i = 0; i < 50; i++)); do
		[ "$(redis-cli -p $master ping 2>/dev/null)" = PONG ] && break 2
		kill -0 $pid 2>/dev/null || break
		sleep 0.1
	done
	kill $pid 2>/dev/null
done
redis-cli -p $master debug populate 5000 >/dev/null
boot replica -- --replicaof 10.0.2.2 $master
for ((i = 0; i < 100; i++)); do [ "$(info master_link_status)" = up ] && break; sleep 0.1; done
redis-cli -p $master set new value >/dev/null
for ((i = 0; i < 50; i++)); do [ "$(cli get new)" = value ] && break; sleep 0.1; done
is "as a replica it takes a Linux master's data" "$(cli debug digest)" "$(redis-cli -p $master debug digest)"
again replica
kill $pid
wait $pid 2>/dev/null

# --- A small machine
boot small -m 16M --
timeout 60 redis-benchmark -p "$port" -q -n 3000 -r 1000 -d 100 -c 10 -t set,get >/dev/null 2>&1
fill 1000
is "16 MiB: 1000 keys and more are kept" "$(($(cli dbsize) > 1000)) $(cli get key:999)" "1 value-999"

# --- Its crash
(cli debug segfault >/dev/null)
is "a crash ends the guest as signal 11" "$(ended small)" "exited 139"
log=$("$uio" logs small)
has "Redis's report is in the log" "$log" "Redis 7.0.15 crashed by signal: 11"
has "to its end" "$log" "=== REDIS BUG REPORT END."
has "the kernel says it, too" "$("$uio" logs -k small)" "ended by signal 11"
again small
boot small --
(cli debug assert >/dev/null)
is "an assertion ends it as signal 6" "$(ended small)" "exited 134"
has "with the assertion" "$("$uio" logs small)" "'1 == 2' is not true"

# --- Too little memory. Not as a signal: Redis's handler would wait for the lock of the malloc() that it interrupted.
again small
boot small -m 16M --
(cli debug populate 100000 key 1000 >/dev/null)
is "a server that runs out of memory ends" "$(ended small)" "exited 134"
has "saying so" "$("$uio" logs -k small)" "panic: out of memory"
