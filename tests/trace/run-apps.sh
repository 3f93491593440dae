#!/bin/bash
# run-apps.sh: programs on functions of Redis and nginx while they serve: what they count is what was asked, and
# attaching and detaching under load loses no request and leaves nothing behind.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/lib.sh
. tests/apps/nginx.sh
if ! command -v clang >/dev/null || ! [ -e /usr/include/bpf/bpf_helpers.h ]; then
	echo "skip - trace: no clang, or no libbpf-dev"
	exit 0
fi
any=$dir/any.bpf.o
clang -target bpf -D__TARGET_ARCH_x86 -O2 -g -I/usr/include/x86_64-linux-gnu -c \
	tests/trace/progs/any.bpf.c -o "$any" || exit 1
cycles=${CYCLES:-100}

# runs NAME: of the entry and the return program.
runs() {
	"$uio" bpf list -o json "$1" | sed -n 's/.*"name":"\(entry\|leave\)".*"runs":\([0-9]*\).*/\2/p' | tr '\n' ' '
}
memory() {
	"$uio" bpf list -o json "$1" | sed -n 's/.*"pages_bytes":\([0-9]*\),.*/\1/p'
}
unload() { # NAME: the last object
	"$uio" bpf unload "$1" "$("$uio" bpf list -o json "$1" | sed -n 's/.*"object":\([0-9]*\).*/\1/p' | tail -1)"
}
# Attaches and unloads until the load, process $2, is over, at least `cycles` times; prints how often.
cycle() { # NAME LOAD FUNCTION...
	local n=0 name=$1 load=$2
	shift 2
	while kill -0 "$load" 2>/dev/null || [ $n -lt "$cycles" ]; do
		"$uio" bpf attach --pin "$name" "$any" "$@" >/dev/null && unload "$name" || break
		n=$((n + 1))
	done
	echo $n
}

# --- Redis
for _ in 1 2 3 4 5; do
	port=$(free_port)
	try "$uio" run -d --name redis -p "$port:6379" redis-server -- --save '' --protected-mode no
	[ "$status" = 0 ] && break
done
wait_for 20 redis-cli -p "$port" ping || { bad "Redis boots" "$("$uio" logs redis | tail -5)"; exit 1; }
try "$uio" bpf attach --pin redis "$any" processCommand
is "Redis: attach" "$status" 0
# Not redis-cli, which asks things of its own.
exec 3<>"/dev/tcp/127.0.0.1/$port"
for _ in $(seq 500); do printf 'INCR key\r\n'; done >&3
timeout 30 head -n 500 <&3 | tr -d ':\r' >"$dir/answers"
exec 3>&-
is "Redis: each command is counted, at its start and its end" "$(runs redis)" "500 500 "
is "Redis: and answered" "$(tail -1 "$dir/answers")" 500
unload redis
"$uio" bpf attach --pin redis "$any" processCommand >/dev/null && unload redis
before=$(memory redis)
seq 6000 | sed 's/.*/INCR load/' | timeout 120 redis-cli -p "$port" >"$dir/answers" &
functions=(processCommand call 'addReply*' lookupKey 'dict*' aeProcessEvents readQueryFromClient)
n=$(cycle redis $! "${functions[@]}")
wait
is "Redis: $n times attached and detached under load: every request is answered" \
	"$(wc -l <"$dir/answers") $(tail -1 "$dir/answers")" "6000 6000"
is "Redis: as often as was asked for" "$((n >= cycles))" 1
# Moved instructions stay: they were made in the first cycle.
"$uio" bpf attach --pin redis "$any" "${functions[@]}" >/dev/null
unload redis
after=$(memory redis)
is "Redis: and nothing is left behind ($before, $after bytes)" "$((after - before <= 65536))" 1
"$uio" rm -f redis >/dev/null

# --- nginx
cat >"$share/conf/nginx.conf" <<'END'
worker_processes 1;
error_log stderr;
events { worker_connections 64; }
http { access_log off; server { listen 80; location / { return 200 "well\n"; } } }
END
start_guest_nginx nginx -m 32M || { bad "nginx boots" "$err $("$uio" logs -k nginx | tail -5)"; exit 1; }
try "$uio" bpf attach --pin nginx "$any" ngx_http_process_request_line
is "nginx: attach" "$status" 0
urls=$(for _ in $(seq 300); do echo "http://$guest/"; done)
answers=$(timeout 60 curl -s $urls | grep -c well)
is "nginx: each request is answered" "$answers" 300
is "nginx: and counted, at its start and its end" "$(runs nginx)" "300 300 "
exit $failed
