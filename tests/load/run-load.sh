#!/bin/bash
# run-load.sh: nginx and Redis under a load that is not kind, over a line that is not good: wrk and redis-benchmark, clients
# that come and go in the middle of everything (chaos.c), packets lost, doubled and reordered (lossy.c). No client may see
# an error that Linux would not give, and afterwards the guests have the memory that they had before. LOAD_SECONDS: how long
# (12; `make load` takes 60). The same clients first run against the same images as Linux processes, which says what is
# right.
cd "$(dirname "$0")/../.." || exit 1
if [ "$1" != --inside ]; then
	if unshare -rn sh -c 'ip tuntap add dev t mode tap' 2>/dev/null; then
		exec unshare -rn --kill-child --pid --fork --mount-proc "$0" --inside
	fi
	echo "ok - load # SKIP no tap device can be made here"
	exit 0
fi
. tests/cli/lib.sh
LIMIT=60
seconds=${LOAD_SECONDS:-12}
clients=${LOAD_CLIENTS:-8}
seed=${LOAD_SEED:-$RANDOM}
bad_line=(-l 10 -u 5 -r 20 -d 300)
bin=build/tests/load
mkdir -p $bin
for name in lossy chaos; do
	gcc -O1 -D_GNU_SOURCE -o "$bin/$name" "tests/load/$name.c" || exit 1
done

echo "# seed $seed, $seconds s, $clients clients of each kind"
ip link set lo up
root=$dir/root
mkdir -p "$root/conf" "$root/html" "$root/logs"
head -c 700 /dev/urandom >"$root/html/small"
head -c 1000000 /dev/urandom >"$root/html/large"
nginx_conf() { # PORT ROOT
	cat <<EOF
user root; daemon off; master_process off; error_log stderr warn; pid /tmp/nginx.pid;
events { worker_connections 1024; }
http { access_log off; client_header_timeout 5; client_body_timeout 5; send_timeout 5; keepalive_timeout 5; server { listen $1 backlog=1024; root $2/html; } }
EOF
}
nginx_conf 80 /host >"$root/conf/nginx.conf"

# line NUMBER: 10.9.NUMBER.1 on the host's side of a bad line, the guest's on tapNUMBER.
line() {
	ip tuntap add dev "tap$1" mode tap vnet_hdr
	echo 1 >"/proc/sys/net/ipv6/conf/tap$1/disable_ipv6"
	ip link set "tap$1" up
	"$bin/lossy" "${bad_line[@]}" -s $((seed + $1)) "tap$1" "host$1" >"$dir/lossy$1" 2>&1 &
	lossy[$1]=$!
	for _ in {1..50}; do ip link show "host$1" >/dev/null 2>&1 && break || sleep 0.1; done
	ip addr add "10.9.$1.1/24" dev "host$1"
	ip link set "host$1" up
}

# Connections that are not listeners'.
connections() {
	"$uio" exec "$1" busybox cat /proc/net/tcp /proc/net/tcp6 | awk '$4 != "0A" && $4 != "st"'
}
# Waits until the last connection is forgotten: TIME_WAIT takes 60 s.
settle() {
	local left
	for _ in {1..80}; do
		left=$(connections "$1")
		[ "$left" ] || break
		sleep 1
	done
	is "$1: no connection is left" "$left" ""
}
# kB of the kernel's heap; kB that are free or the application's own; descriptors.
measure() { # NAME
	local heap free own
	{ read -r heap; read -r free; } < <("$uio" exec "$1" busybox cat /proc/meminfo |
		sed -n 's/^\(Slab\|MemFree\): *\([0-9]*\).*/\1 \2/p' | sort -r | cut -d' ' -f2)
	own=$("$uio" stats -o json "$1" | tr -d '\t\n' | sed 's/.*"pid":1,[^}]*"memory_bytes":\([0-9]*\).*/\1/')
	echo "$heap $((free + own / 1024)) $("$uio" exec "$1" busybox ls /proc/1/fd | wc -w)"
}
# A page's worth of slabs may differ, and what the other side's addresses take.
is_same() { # NAME BEFORE AFTER
	local b a
	read -ra b <<<"$2"
	read -ra a <<<"$3"
	echo "# $1: kernel heap, free or the application's (kB), descriptors: $2 before, $3 after"
	[ "${a[0]}" -le $((b[0] + 16)) ] && [ "${a[1]}" -ge $((b[1] - 64)) ] && [ "${a[2]}" -le "${b[2]}" ]
	is "$1: memory and descriptors are back" $? 0
}

# load SECONDS
load() {
	local jobs=() end=$((SECONDS + $1))
	"$bin/chaos" http 10.9.1.2 80 "$1" "$clients" "$seed" "$root/html" >"$dir/chaos.http" 2>&1 &
	jobs+=($!)
	"$bin/chaos" redis 10.9.2.2 6379 "$1" "$clients" "$seed" "$root/html" >"$dir/chaos.redis" 2>&1 &
	jobs+=($!)
	wrk -t1 -c10 -d"$1" --timeout 20 http://10.9.1.2/small >"$dir/wrk" 2>&1 &
	jobs+=($!)
	wrk -t1 -c5 -d"$1" --timeout 20 -H "Connection: close" http://10.9.1.2/small >"$dir/wrk.close" 2>&1 &
	jobs+=($!)
	while [ $SECONDS -lt $end ]; do
		redis-benchmark -h 10.9.2.2 -c 10 -n 500 -t set,get,incr,lpush,lpop -q || break
	done >"$dir/benchmark" 2>&1 &
	jobs+=($!)
	wait "${jobs[@]}"
}
no_errors() { # NAME WRK-OUTPUT
	if grep -q "Requests/sec: *[1-9]" "$2" && ! grep -Eq "Socket errors|Non-2xx" "$2"; then ok "$1"; else bad "$1" "$(cat "$2")"; fi
}

# What Linux says.
nginx_conf 8080 "$root" >"$root/conf/native.conf"
(cd "$root" && exec "$OLDPWD/build/images/nginx-base" -p "$root" -c conf/native.conf) >"$dir/native.log" 2>&1 &
native=($!)
build/images/redis-server-base --save "" --dir "$dir" >>"$dir/native.log" 2>&1 &
native+=($!)
sleep 1
"$bin/chaos" http 127.0.0.1 8080 2 "$clients" "$seed" "$root/html" >"$dir/chaos.native" 2>&1
"$bin/chaos" redis 127.0.0.1 6379 2 "$clients" "$seed" "$root/html" >>"$dir/chaos.native" 2>&1
is "Linux agrees about what clients may see" "$(grep -c "[1-9].* 0 errors" "$dir/chaos.native")" 2
sed 's/^/# Linux: /' "$dir/chaos.native"
kill "${native[@]}"
wait "${native[@]}"

line 1
line 2
try "$uio" run -d --name nginx -m "${NGINX_MEMORY:-32M}" --net tap=tap1 --ip 10.9.1.2/24 -v "$root:/host" build/images/nginx
is "nginx boots" "$status" 0
try "$uio" run -d --name redis -m "${REDIS_MEMORY:-64M}" --net tap=tap2 --ip 10.9.2.2/24 build/images/redis-server -- \
	--protected-mode no --save "" --bind 0.0.0.0
is "Redis boots" "$status" 0
sleep 2
# What is there for ever after its first use.
curl -s -o "$dir/got" "http://10.9.1.2/small"
redis-cli -h 10.9.2.2 ping >/dev/null
measure nginx >/dev/null
measure redis >/dev/null
before_nginx=$(measure nginx) before_redis=$(measure redis)
load "$seconds"
for kind in http redis; do
	cat "$dir/chaos.$kind" | sed 's/^/# /'
	grep -q "^$kind: [1-9].* 0 errors" "$dir/chaos.$kind"
	is "$kind: clients that come and go see nothing that Linux would not show" $? 0
done
no_errors "wrk sees no error" "$dir/wrk"
no_errors "wrk with a connection for each request sees no error" "$dir/wrk.close"
has "redis-benchmark gets through" "$(cat "$dir/benchmark")" "LPOP"
is "without an error" "$(grep -i error "$dir/benchmark")" ""
kill -USR1 "${lossy[@]}"
# Clients whose reset was lost are there until somebody asks.
printf '%s\n' FLUSHALL "CLIENT KILL TYPE pubsub" "CLIENT KILL TYPE normal" | timeout 20 redis-cli -h 10.9.2.2 >/dev/null
settle nginx
settle redis
curl -s -o "$dir/got" "http://10.9.1.2/large"
cmp -s "$dir/got" "$root/html/large"
is "nginx serves" $? 0
is "Redis serves" "$(redis-cli -h 10.9.2.2 ping)" PONG
settle nginx
is_same nginx "$before_nginx" "$(measure nginx)"
is_same redis "$before_redis" "$(measure redis)"
kill "${lossy[@]}"
wait "${lossy[@]}"
sed 's/^/# line: /' "$dir"/lossy?
is "nginx goes on" "$(field nginx status)" running
is "Redis goes on" "$(field redis status)" running
for name in nginx redis; do "$uio" logs $name | tail -3 | sed "s/^/# $name: /"; done
