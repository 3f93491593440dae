#!/bin/bash
# run-crowd.sh: many connections in little memory. 200 that send while nobody reads, and as many that do not take what is
# sent, in 16 MiB: the rest goes on, and nothing is lost. 1,000 idle connections of nginx: what each costs.
cd "$(dirname "$0")/../.." || exit 1
if [ "$1" != --inside ]; then
	if unshare -rn sh -c 'ip tuntap add dev t mode tap' 2>/dev/null; then
		exec unshare -rn --kill-child --pid --fork --mount-proc "$0" --inside
	fi
	echo "ok - crowd # SKIP no tap device can be made here"
	exit 0
fi
. tests/cli/lib.sh
LIMIT=60
bin=build/tests/load
mkdir -p $bin
gcc -O1 -D_GNU_SOURCE -w -o $bin/crowd tests/load/crowd.c || exit 1
build/bin/uio-cc -O1 -D_GNU_SOURCE -w -o $bin/hold tests/load/hold.c || exit 1

ip link set lo up
ip tuntap add dev tap0 mode tap vnet_hdr
ip addr add 10.9.0.1/24 dev tap0
ip link set tap0 up

free_kb() {
	"$uio" exec "$1" busybox cat /proc/meminfo | sed -n 's/^MemFree: *\([0-9]*\).*/\1/p'
}

try "$uio" run -d --name hold -m "${HOLD_MEMORY:-16M}" --net tap=tap0 --ip 10.9.0.2/24 $bin/hold
is "a guest of 16 MiB boots" "$status" 0
for _ in {1..50}; do "$uio" logs hold | grep -q ready && break || sleep 0.1; done
free_kb hold >/dev/null
before=$(free_kb hold)
timeout 250 $bin/crowd hold 10.9.0.2 "${HOLD_COUNT:-200}" || failed=1
for _ in {1..70}; do
	"$uio" exec hold busybox cat /proc/net/tcp /proc/net/tcp6 | grep -cv " 0A \|local_address" | grep -qx 0 && break
	sleep 1
done
after=$(free_kb hold)
echo "# free before: $before kB, after: $after kB"
# The program's own records of its connections stay where malloc has put them.
[ "$after" -ge $((before - 200)) ]
is "the memory is back" $? 0
is "the server saw no error" "$("$uio" logs hold | grep error)" ""
"$uio" rm -f hold >/dev/null

root=$dir/root
mkdir -p "$root/conf" "$root/html" "$root/logs"
head -c 700 /dev/urandom >"$root/html/small"
cat >"$root/conf/nginx.conf" <<EOF
user root; daemon off; master_process off; error_log stderr warn; pid /tmp/nginx.pid;
events { worker_connections 1100; }
http { access_log off; keepalive_timeout 300; server { listen 80 backlog=1024; root /host/html; } }
EOF
try "$uio" run -d --name nginx -m "${NGINX_MEMORY:-16M}" --net tap=tap0 --ip 10.9.0.2/24 -v "$root:/host" build/images/nginx
is "nginx boots in 16 MiB" "$status" 0
sleep 1
curl -s -o "$dir/got" http://10.9.0.2/small
free_kb nginx >/dev/null
before=$(free_kb nginx)
timeout 200 $bin/crowd idle 10.9.0.2 1000 "$uio exec nginx busybox cat /proc/meminfo >$dir/busy" || failed=1
busy=$(sed -n 's/^MemFree: *\([0-9]*\).*/\1/p' "$dir/busy")
each=$(((before - busy) * 1024 / 1000))
echo "# an idle connection costs $each bytes, nginx's own included: $before kB were free, then $busy kB"
[ "$each" -gt 0 ] && [ "$each" -le 3000 ]
is "an idle connection costs at most 3,000 bytes, nginx's own included" $? 0
