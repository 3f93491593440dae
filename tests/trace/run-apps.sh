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
cycles=${CYCLES:-200} # 1000 take some minutes

# runs NAME: of the entry and the return program.
runs() {
	"$uio" bpf list -o json "$1" | sed -n 's/.*"name":"\(entry\|leave\)".*"runs":\([0-9]*\).*/\2/p' | tr '\n' ' '
}
# Pages and bytes of the loaded part.
memory() {
	"$uio" bpf list -o json "$1" | sed -n 's/.*"pages_bytes":\([0-9]*\),"used_bytes":\([0-9]*\),.*/\1 \2/p'
}
free_kib() {
	"$uio" exec "$1" busybox cat /proc/meminfo | awk '$1 == "MemFree:" { print $2 }'
}
unload() { # NAME: the last object
	"$uio" bpf unload "$1" "$("$uio" bpf list -o json "$1" | sed -n 's/.*"object":\([0-9]*\).*/\1/p' | tail -1)"
}
# cycle NAME FUNCTION...: attaches both programs to all of them and takes them off again, `cycles` times; prints how often
# that worked.
cycle() {
	local n=0 name=$1 out
	shift
	while [ $n -lt "$cycles" ]; do
		out=$("$uio" bpf attach --pin "$name" "$any" "$@") || break
		out=${out#object }
		"$uio" bpf unload "$name" "${out%%:*}" || break
		n=$((n + 1))
	done
	echo $n
}
# under_load NAME LOAD FUNCTION...: cycles while LOAD asks; LOAD goes on until $dir/stop is there, and writes how much it
# asked and was answered to $dir/load.
under_load() {
	local name=$1 load=$2 before after free n
	shift 2
	is "$name: 50 functions" "$(printf '%s\n' "$@" | sort -u | wc -l)" 50
	# The sites are made once, and stay.
	try "$uio" bpf attach --pin "$name" "$any" "$@"
	has "$name: can all be probed" "$out" ": 100 probes"
	unload "$name"
	before=$(memory "$name") free=$(free_kib "$name")
	rm -f "$dir/stop"
	$load &
	n=$(cycle "$name" "$@")
	touch "$dir/stop"
	wait $!
	is "$name: $cycles times attached and detached under load" "$n" "$cycles"
	read -r asked answered <"$dir/load"
	is "$name: meanwhile each of $asked requests is answered" "$answered" "$asked"
	is "$name: and there were many" "$((asked >= 100))" 1
	after=$(memory "$name")
	is "$name: no page and no byte is left behind" "$after" "$before"
	is "$name: nor of the rest of memory ($free, $(free_kib "$name") KiB free)" "$((free - $(free_kib "$name") < 1024))" 1
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
redis_load() {
	local asked=0 answered=0
	until [ -e "$dir/stop" ]; do
		seq 500 | sed 's/.*/INCR load/' | timeout 120 redis-cli -p "$port" >"$dir/answers"
		asked=$((asked + 500))
		answered=$((answered + $(wc -l <"$dir/answers")))
		[ "$(tail -1 "$dir/answers")" = $asked ] || break
	done
	echo "$asked $answered" >"$dir/load"
}
under_load redis redis_load processCommand call lookupKey lookupKeyRead lookupKeyWrite getCommandFlags dictGenericDelete dictSdsHash \
	aeProcessEvents commandProcessed aeMain readQueryFromClient processInputBuffer processInlineBuffer processMultibulkBuffer \
	dictNext resetClient freeClientArgv addReply addReplyBulk addReplyLongLong prepareClientToWrite \
	writeToClient handleClientsWithPendingWrites sendReplyToClient beforeSleep afterSleep serverCron clientsCron \
	databasesCron activeExpireCycle incrDecrCommand incrCommand getGenericCommand createObject tryResizeHashTables \
	decrRefCount incrRefCount sdsnewlen sdsfree sdscatlen sdsrange evictClients zmalloc zfree connSocketRead connSocketWrite \
	acceptTcpHandler createClient linux_writev
"$uio" rm -f redis >/dev/null

# --- nginx
write_small_conf
start_guest_nginx nginx -m 32M || { bad "nginx boots" "$err $("$uio" logs -k nginx | tail -5)"; exit 1; }
try "$uio" bpf attach --pin nginx "$any" ngx_http_process_request_line
is "nginx: attach" "$status" 0
urls=$(for _ in $(seq 300); do echo "http://$guest/"; done)
answers=$(timeout 60 curl -s $urls | grep -c well)
is "nginx: each request is answered" "$answers" 300
is "nginx: and counted, at its start and its end" "$(runs nginx)" "300 300 "
unload nginx
nginx_load() {
	local asked=0 answered=0 n
	until [ -e "$dir/stop" ]; do
		n=$(timeout 60 curl -s $urls | grep -c well)
		asked=$((asked + 300))
		answered=$((answered + n))
		[ "$n" = 300 ] || break
	done
	echo "$asked $answered" >"$dir/load"
}
under_load nginx nginx_load \
	ngx_http_process_request_line ngx_http_process_request_headers ngx_http_read_request_header ngx_http_handler \
	ngx_http_core_run_phases ngx_http_core_rewrite_phase ngx_http_core_find_config_phase \
	ngx_http_core_generic_phase ngx_http_core_post_rewrite_phase ngx_http_core_access_phase \
	ngx_http_core_post_access_phase ngx_http_core_content_phase ngx_http_send_response ngx_http_complex_value \
	ngx_http_send_header ngx_http_header_filter ngx_http_output_filter ngx_http_write_filter \
	ngx_http_finalize_request ngx_http_finalize_connection ngx_http_keepalive_handler ngx_http_free_request \
	ngx_http_create_request ngx_http_parse_request_line ngx_http_parse_header_line ngx_http_init_connection \
	ngx_http_wait_request_handler ngx_http_log_handler ngx_palloc ngx_pcalloc ngx_pnalloc ngx_create_pool \
	ngx_destroy_pool ngx_reset_pool ngx_create_temp_buf ngx_alloc_chain_link ngx_output_chain ngx_chain_writer \
	ngx_unix_recv ngx_writev_chain ngx_event_accept ngx_epoll_process_events ngx_process_events_and_timers \
	ngx_event_process_posted ngx_event_expire_timers ngx_event_find_timer ngx_get_connection ngx_free_connection \
	ngx_close_connection ngx_reusable_connection
exit $failed
