#!/bin/bash
# run-nginx.sh: nginx as a unikernel answers as nginx does on Linux: 10,000 files of 1 byte to 10 MiB, and requests of every
# kind, are asked of both, Debian's nginx package as a process beside it, and compared with headers and bodies. Then many
# connections, slow clients, and the smallest memory.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/lib.sh
. tests/apps/nginx.sh

# In a network namespace of its own, with a tap device: what QEMU's user network cannot do.
over_tap() {
	ip link set lo up
	ip tuntap add dev tap0 mode tap vnet_hdr || exit 77
	ip addr add 10.9.0.1/24 dev tap0
	ip -6 addr add fd09::1/64 dev tap0 nodad
	ip link set tap0 up
	build_tools http_many
	head -c 2000 /dev/urandom >"$share/files/page"
	cat >"$share/conf/nginx.conf" <<-'CONF'
		worker_rlimit_nofile 2000;
		events { worker_connections 1200; }
		http {
			access_log off;
			server { listen 80; listen [::]:80; root files; }
		}
	CONF
	try "$uio" run -d --name tap -m 32M -v "$share:/host" --net tap=tap0 --ip 10.9.0.2/24 --ip fd09::2/64 nginx
	wait_for 20 curl -s -o "$dir/null" http://10.9.0.2/
	is "nginx boots on a tap device" "$?" 0
	out=$(timeout 120 "$tools/http_many" 10.9.0.2:80 open 1100 /page 2>&1)
	is "1,100 connections at once, each answered three times" "$(tail -1 <<<"$out")" "1100 open, 3300 answers, 0 wrong"
	try curl -6 -s -o "$dir/got" 'http://[fd09::2]/page'
	is "curl -6" "$status $(sha256sum <"$dir/got")" "0 $(sha256sum <"$share/files/page")"
	out=$("$tools/http_many" '[fd09::2]:80' open 50 /page 2>&1)
	is "50 connections over IPv6" "$(tail -1 <<<"$out")" "50 open, 150 answers, 0 wrong"
}
if [ "${1:-}" = --tap ]; then
	over_tap
	exit $failed
fi

build_tools http_compare http_files http_many
unpack_host_nginx
is "Debian's nginx package can be had" $? 0

"$tools/http_files" "$share/files" 10000 >"$dir/paths"
cp $debian/etc/nginx/mime.types "$share/conf/"
# "right", as {PLAIN} and as apr1 has it.
printf 'joe:{PLAIN}right\nann:%s\n' '$apr1$abcdefgh$tPMe7lknrFZeX55XJF00t0' >"$share/conf/users"
host=127.0.0.1:$(free_port)
configure() { # FILE LISTEN LISTEN6 BEHIND BEHIND2 TMP LOG MEMORY CONNECTIONS
	sed "s|@LISTEN@|$2|; s|@LISTEN6@|$3|; s|@BEHIND@|$4|; s|@BEHIND2@|$5|; s|@TMP@|$6|; s|@LOG@|$7|; s|@MEMORY@|$8|
		s|@CONNECTIONS@|$9|" tests/apps/nginx.conf >"$share/conf/$1"
}
configure host.conf "$host" '' "127.0.0.1:$(free_port)" "127.0.0.1:$(free_port)" "$dir/tmp" stderr "$share/files" 1200
configure nginx.conf 80 'listen [::]:80;' 127.0.0.1:8081 127.0.0.1:8082 /tmp stderr /memory 1200

start_host_nginx conf/host.conf
is "Debian's nginx runs beside it" $? 0
start_guest_nginx web -m 32M
status=$?
is "nginx boots and answers" $status 0
[ $status = 0 ] || exit 1

# --- Requests of every kind
. tests/apps/nginx_raw.sh
"$tools/http_compare" raw "$host" "$guest" "$dir"/raw/* || failed=1

# --- Files, from the host's folder and from the guest's memory
out=$("$tools/http_compare" files "$host" "$guest" <"$dir/paths" 2>&1)
has "10,000 files of 1 byte to 10 MiB are the same: $(tail -1 <<<"$out")" "$out" "10000 compared"
has "none differs" "$out" " 0 differ"
awk 'NR % 20 == 1' "$dir/paths" | sed 's|^|/gzip|' >"$dir/gzip-paths"
out=$("$tools/http_compare" gzip "$host" "$guest" <"$dir/gzip-paths" 2>&1)
has "compressed on the way they are the same: $(tail -1 <<<"$out")" "$out" "500 compared"
has "none differs when compressed" "$out" " 0 differ"
"$uio" exec --grant fs=rw web busybox sh -c 'mkdir /memory && cp -a /host/files/07 /memory/' >"$dir/copied" 2>&1
is "files are copied into the guest's memory" "$?$(cat "$dir/copied")" 0
grep ^/07/ "$dir/paths" | sed 's|^|/memory|' >"$dir/memory-paths"
out=$("$tools/http_compare" files "$host" "$guest" <"$dir/memory-paths" 2>&1)
has "files in the guest's memory are the same: $(tail -1 <<<"$out")" "$out" "100 compared"
has "none in memory differs" "$out" " 0 differ"

# --- curl's own way through it
largest=$(tail -1 "$dir/paths")
try curl -s --compressed -o "$dir/got" "http://$guest/gzip/99/1999.txt"
is "curl decompresses to the file's bytes" "$(sha256sum <"$dir/got")" "$(sha256sum <"$share/files/99/1999.txt")"
try curl -s -r 5000000-5999999 -o "$dir/got" "http://$guest$largest"
is "curl gets a range of the largest file" "$(sha256sum <"$dir/got")" \
	"$(tail -c +5000001 "$share/files$largest" | head -c 1000000 | sha256sum)"
try curl -s -o "$dir/got" -T "$share/files/99/1999.txt" "http://$guest/post"
is "curl uploads" "$(cat "$dir/got")" "PUT /post, 2000 bytes of , "

# --- Slow clients, side by side with one that is not
out=$(
	for i in 1 2 3; do
		timeout 120 "$tools/http_many" "$guest" slow "$largest" "$share/files$largest" &
		sleep 0.1
	done
	timeout 120 "$tools/http_many" "$guest" byte /99/1999.txt "$share/files/99/1999.txt"
	timeout 120 "$tools/http_many" "$guest" byte "$largest" "$share/files$largest"
	wait
)
is "10 MiB read slowly by three, requests that come byte by byte" "$(grep -c "as they should be" <<<"$out")" 5

"$uio" rm -f web >"$dir/null"

# --- The smallest memory: everything above, but for the number of files, once more
sed -i 's/worker_connections 1200/worker_connections 512/' "$share/conf/nginx.conf"
start_guest_nginx small -m 8M
is "with 8 MiB of memory, the overlay included, nginx answers" $? 0
differ=$("$tools/http_compare" raw "$host" "$guest" "$dir"/raw/*)
is "with 8 MiB requests of every kind are answered alike" "$(grep -v '^ok' <<<"$differ")" ''
out=$(awk 'NR % 100 == 0' "$dir/paths" | sed 's|^|/gzip|' | "$tools/http_compare" gzip "$host" "$guest" 2>&1)
has "with 8 MiB files are the same, compressed: $out" "$out" "100 compared"
has "with 8 MiB none differs" "$out" " 0 differ"
try "$uio" exec small busybox free
is "with 8 MiB programs run in it" "$status" 0
"$uio" rm -f small >"$dir/null"
stop_host_nginx

# --- On a network of its own
if unshare -rn true 2>/dev/null && [ -w /dev/net/tun ]; then
	unshare -rn "$0" --tap
	case $? in
	0) ;;
	77) echo "ok - 1,100 connections, IPv6 # SKIP no tap device can be made here" ;;
	*) failed=1 ;;
	esac
else
	echo "ok - 1,100 connections, IPv6 # SKIP no network namespace can be had here"
fi
