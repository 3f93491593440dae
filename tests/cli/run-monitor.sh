#!/bin/bash
# run-monitor.sh: what an operator reads of a running guest is the truth: uio stats, metrics, ps, port and inspect, and
# busybox's netstat, free, df, ps and top in the guest, compared with each other and with what the test made happen.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/lib.sh

server=$dir/server
build/bin/uio-cc -g -O1 -o "$server" tests/cli/guest/server.c || exit 1
weird=$dir/$'we"ird\\im\nage\xff'
build/bin/uio-cc -g -O1 -o "$weird" tests/cli/guest/app.c || exit 1

free_port() {
	local p
	while :; do
		p=$((20000 + RANDOM % 10000))
		(exec 3<>"/dev/tcp/127.0.0.1/$p") 2>/dev/null || { echo $p && return; }
	done
}
say() { # LINE: to the server's console; prints the number that it answers with
	local log=$XDG_STATE_HOME/uio/m/console.log before i
	before=$(grep -c '^done' "$log")
	timeout 5 sh -c 'echo "$1" >"$2"' sh "$1" "$XDG_RUNTIME_DIR"/uio/m-*/console.in
	for i in {1..300}; do
		[ "$(grep -c '^done' "$log")" -gt "$before" ] && break
		sleep 0.1
	done
	sed -n "s/^done ${1%% *} \(-\{0,1\}[0-9]*\).*/\1/p" "$log" | tail -1
}
json() { # [OPTION...]: one sample, a value a line, "NAME VALUE"
	timeout 30 "$uio" stats --no-stream -o json "$@" | tr ',{}' '\n\n\n' | sed -n 's/^"\([^"]*\)":\(.*\)$/\1 \2/p'
}
value() { # SAMPLE NAME: the first of that name
	sed -n "s/^$2 //p" <<<"$1" | head -1
}
busybox() {
	timeout 30 "$uio" exec m busybox "$@"
}
at_least() { # NAME GOT LEAST
	if [ "${2:-x}" -ge "$3" ] 2>/dev/null; then ok "$1"; else bad "$1" "got '$2', wanted at least $3"; fi
}
between() { # NAME GOT LEAST MOST
	if [ "${2:-x}" -ge "$3" ] 2>/dev/null && [ "$2" -le "$4" ]; then ok "$1"; else bad "$1" "got '$2', wanted $3 to $4"; fi
}

port=$(free_port)
udp=$(free_port)
mkdir "$dir/share"
head -c 1048576 /dev/urandom >"$dir/share/blob"
try "$uio" run -dit --name m -p "$port:80" -p "127.0.0.2:$udp:5353/udp" -v "$dir/share:/host" "$server"
is "run" "$out" m
for i in {1..100}; do
	grep -q ready "$XDG_STATE_HOME/uio/m/console.log" && break
	sleep 0.1
done
try "$uio" run -dit --name w "$weird"

# --- ports and addresses
ports="127.0.0.1:$port->80/tcp, 127.0.0.2:$udp->5353/udp"
has "ps shows the ports" "$("$uio" ps)" "$ports"
is "ps: one that has none has none" "$("$uio" ps | grep -c -e '->')" 1
is "port: all" "$("$uio" port m)" "80/tcp -> 127.0.0.1:$port
5353/udp -> 127.0.0.2:$udp"
is "port: one of TCP" "$("$uio" port m 80)" "127.0.0.1:$port"
is "port: one of UDP" "$("$uio" port m 5353/udp)" "127.0.0.2:$udp"
try "$uio" port m 5353
is "port: one that nothing leads to is status 1" "$status $out" "1 "
for bad in 0 65536 80/sctp x -1 ""; do
	try "$uio" port m -- "$bad"
	is "port: '$bad' is none" $status 125
done
inspect=$("$uio" inspect m)
has "inspect: the kind of network" "$inspect" $'"kind":\t"user"'
for i in {1..50}; do # until DHCP has answered
	case $inspect in *'"address"'*) break ;; esac
	sleep 0.1
	inspect=$("$uio" inspect m)
done
has "inspect: the address that DHCP gave" "$inspect" $'"address":\t"10.0.2.15"'
has "inspect: no network is none" "$("$uio" inspect w)" $'"kind":\t"none"'

# --- stats
first=$(json m)
is "stats: the first sample has rates" "$(value "$first" rx_bytes_per_second | grep -c .)" 1
awk '/^(app_cpu|overlay_cpu|idle)_percent / { s += $2 } END { exit !(s > 99.5 && s < 100.5) }' <<<"$first"
is "stats: application, overlay and idle are the whole CPU" $? 0
read_before=$(json m)
is "the server reads 1 MiB" "$(say 'read /host/blob 1048576')" 1048576
is "the server writes 512 KiB" "$(say 'write /host/new 524288')" 524288
read_after=$(json m)
grown() { # NAME
	echo $(($(value "$read_after" "$1") - $(value "$read_before" "$1")))
}
is "stats: bytes read from /host, exactly" "$(grown 9p_read_bytes)" 1048576
is "stats: in reads of 4 KiB" "$(grown 9p_reads)" 256
is "stats: bytes written, exactly" "$(grown 9p_write_bytes) $(grown 9p_writes)" "524288 128"
at_least "stats: and requests for names besides" "$(grown 9p_requests)" 386

read_before=$(json m)
exec 5<>"/dev/tcp/127.0.0.1/$port"
head -c 20000 /dev/zero >&5
sleep 0.5
read_after=$(json m)
between "stats: received bytes are what was sent and its headers" "$(grown net_rx_bytes)" 20000 30000
at_least "stats: in packets" "$(grown net_rx_packets)" 14
at_least "stats: which were acknowledged" "$(grown net_tx_packets)" 1
is "stats: the connection" "$(value "$read_before" connections) $(value "$read_after" connections)" "0 1"

read_before=$(json m)
is "the server computes" "$(say 'busy 500')" 500
read_after=$(json m)
between "stats: it is the application's CPU time" "$(($(grown app_cpu_ns) / 1000000))" 490 2000
ticks=$(busybox cat /proc/1/stat | cut -d' ' -f14)
ms=$(json m | awk '/^pid / { app = $2 == 1 } app && /^cpu_ns / { print int($2 / 1000000) }')
between "/proc/1/stat agrees with stats" "$((ms - ticks * 10))" 0 50

cat >"$dir/gated.c" <<'END'
extern int compute(int);
int main(void) { return compute(500) != 500; }
END
musl-gcc -O1 -static -fPIC -Wl,-pie,-E,-z,undefs -o "$dir/gated" "$dir/gated.c"
read_before=$(json m)
try "$uio" exec --grant call --push "$dir/gated" m
is "a program has the application compute: by the application's CPU clock" $status 0
read_after=$(json m)
at_least "stats: it is the application's CPU time too" "$(($(grown app_cpu_ns) / 1000000))" 490
is "stats: and not the overlay's" "$((
	$(grown overlay_cpu_ns) < $(grown app_cpu_ns)))" 1

timeout 100 "$uio" exec m busybox sh -c 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo; exec sleep 77' >"$dir/spun" &
spinner=$!
timeout 100 "$uio" exec m busybox sleep 78 &
sleeper=$!
for i in {1..200}; do
	[ -s "$dir/spun" ] && [ "$(value "$(json m)" programs)" = 2 ] && break
	sleep 0.1
done
is "stats: two programs" "$(value "$(json m)" programs)" 2
has "stats -p: a row for each" "$("$uio" stats -p --no-stream m)" busybox
pid=$(busybox pidof busybox | tr ' ' '\n' | sort -n | head -1)
ticks=$(busybox cat "/proc/$pid/stat" | cut -d' ' -f14)
ms=$(json m | awk -v pid="$pid" '/^pid / { it = $2 == pid } it && /^cpu_ns / { print int($2 / 1000000) }')
between "/proc/PID/stat of a program agrees with stats" "$((ms - ticks * 10))" 0 50
is "ps lists the application, the programs and itself" "$(busybox ps -o comm | tail -n +2 | sort | tr '\n' ' ')" \
	"busybox busybox server sleep "
kill $spinner $sleeper
wait $spinner $sleeper 2>/dev/null

is "stats -n 2 -o json: two objects" "$("$uio" stats -n 2 -o json m | grep -c '^{"time":.*"name":"m".*"rows":\[.*\]}$')" 2
is "stats: without a network there are no figures of one" "$(json w | grep -c '^\(net_\|rx_\|tx_\|connections\)')" 0
is "stats: both unikernels" "$("$uio" stats --no-stream | awk 'NR > 1 { print $1 }' | tr '\n' ' ')" "m w "
try script -qec "timeout -s INT 2.8 $uio stats" /dev/null
at_least "stats on a terminal is drawn anew" "$(grep -c $'\033\[H.*NAME' "$dir/out")" 2
for bad in 0 x -3 1x; do
	try "$uio" stats -n "$bad" m
	is "stats -n $bad is refused" $status 125
done
try "$uio" stats nobody
is "stats: no such unikernel" $status 125

# --- busybox in the guest
read_before=$(json m)
meminfo=$(busybox cat /proc/meminfo)
is "free: the total is stats' limit" "$(($(busybox free | awk '/^Mem:/ { print $2 }') * 1024))" "$(value "$read_before" memory_limit_bytes)"
used=$(awk '/^MemTotal/ { t = $2 } /^MemFree/ { print t - $2 }' <<<"$meminfo")
between "free: what is used agrees" "$((used - $(value "$read_before" memory_used_bytes) / 1024))" -300 300
df=$(busybox df | awk '$6 == "/tmp" { print $3 }')
busybox dd if=/dev/zero of=/tmp/eight bs=64k count=128 2>/dev/null
between "df: a file of 8 MiB in /tmp uses as much" "$(($(busybox df | awk '$6 == "/tmp" { print $3 }') - df))" 8192 8300
read_after=$(json m)
between "stats: and it is used memory" "$((($(grown memory_used_bytes)) / 1024))" 8192 9000
# In QEMU's blocks, which are some tens of KiB.
between "df: /host is as large as the host says" "$(($(df -k "$dir/share" | awk 'NR == 2 { print $2 }') -
	$(busybox df -k /host | awk 'NR == 2 { print $2 }')))" 0 1024
busybox rm /tmp/eight
has "top: memory" "$(busybox top -bn1)" "used, "
has "uptime" "$(busybox uptime)" "load average:"

states() { # netstat's rows → "STATE COUNT ..."
	awk '$1 == "tcp" { n[$6]++ } END { for (s in n) print s, n[s] }' | sort | tr '\n' ' '
}
is "netstat -tn: the one connection" "$(busybox netstat -tn | states)" "ESTABLISHED 1 "
is "netstat: its unread bytes" "$(busybox netstat -tn | awk '$1 == "tcp" { print $2, $3, $4 }')" "20000 0 10.0.2.15:80"
is "the server connects to itself" "$(say 'loop 250')" 250
busybox netstat -tn >"$dir/netstat"
is "netstat: 500 ends more, beyond 64 KiB of /proc/net/tcp" "$(states <"$dir/netstat")" "ESTABLISHED 501 "
is "netstat: each has its other end" "$(awk '$4 ~ /^127/ { here[$4 " " $5] = 1; n++ }
	END { for (e in here) { split(e, a, " "); if ((a[2] " " a[1]) in here) m++ }; print n, m }' "$dir/netstat")" "500 500"
is "stats: as many connections" "$(value "$(json m)" connections)" 501
is "the server writes to its newest connection" "$(say 'writes 7000')" 7000
is "netstat: there they wait" "$(busybox netstat -tn | awk '$4 ~ /^127/ && $2 { print $2 }')" 7000
is "the server reads all" "$(say 'reads 0')" 27000
is "netstat: no queue has anything" "$(busybox netstat -tn | awk '$2 || $3' | grep -c '^tcp')" 0
exec 5>&-
for i in {1..50}; do
	[ "$(busybox netstat -tn | states)" = "CLOSE_WAIT 1 ESTABLISHED 500 " ] && break
	sleep 0.1
done
is "netstat: the host has closed its end" "$(busybox netstat -tn | states)" "CLOSE_WAIT 1 ESTABLISHED 500 "
is "netstat -l: who listens" "$(busybox netstat -tln | awk '$1 == "tcp" { print $4, $6 }')" ":::80 LISTEN"
has "netstat -u: the bound port" "$(busybox netstat -uan)" "0.0.0.0:5353"
is "netstat -x: all sockets" "$(busybox netstat -ax | awk '$1 == "unix" { print $NF }' | grep / | tr '\n' ' ')" \
	"/listening /datagrams "
is "netstat -x: the connected pair" "$(busybox netstat -x | grep -c CONNECTED)" 2
try busybox netstat -an
is "netstat -an has nothing to complain of" "$err" ""
# While connections come and go: no line is torn, and those that stay are all there, once.
(for i in {1..60}; do (exec 6<>"/dev/tcp/127.0.0.1/$port"; sleep 0.05); done) 2>/dev/null &
churn=$!
whole=0
for i in 1 2 3 4 5; do
	busybox netstat -tn >"$dir/netstat"
	[ "$(awk '$4 ~ /^127/ && $6 == "ESTABLISHED"' "$dir/netstat" | sort -u | wc -l)" = 500 ] &&
		[ "$(awk '$4 ~ /^127/' "$dir/netstat" | wc -l)" = 500 ] && ! tail -n +3 "$dir/netstat" | grep -qv '^tcp .* [A-Z_0-9]* *$' &&
		whole=$((whole + 1))
done
wait $churn
is "netstat beside connections that come and go: nothing twice, nothing torn, nothing lost" $whole 5
busybox cat /proc/net/tcp >"$dir/once"
busybox dd if=/proc/net/tcp bs=7 2>/dev/null >"$dir/bits"
cmp -s "$dir/once" "$dir/bits"
is "/proc/net/tcp in pieces of 7 bytes is the same" $? 0
is "and from the middle on" "$(busybox dd if=/proc/net/tcp bs=1000 skip=40 2>/dev/null | cksum)" "$(tail -c +40001 "$dir/once" | cksum)"

# --- metrics
well_formed() { # each series once, below one HELP and TYPE; names and labels as they should be
	awk '
		/^# HELP / { if (help[$3]++) print "HELP twice: " $3; next }
		/^# TYPE / { if (type[$3]) print "TYPE twice: " $3; type[$3] = $4; last = $3; next }
		{ name = $0; sub(/{.*/, "", name); series = $0; sub(/} [^}]*$/, "", series) }
		name != last { print "out of its group: " $0 }
		name !~ /^uio_[a-z0-9_]+$/ { print "name: " name }
		!help[name] { print "no help: " name }
		(type[name] == "counter") != (name ~ /_total$/) { print "kind: " name }
		seen[series]++ { print "twice: " series }
		!/^[a-z0-9_]+{name="([^"\\]|\\.)*",image="([^"\\]|\\.)*"(,[a-z]+="([^"\\]|\\.)*")*} [0-9.e+-]+$/ { print "form: " $0 }'
}
timeout 60 "$uio" exec m busybox sleep 50 &
sleeper=$!
for i in {1..100}; do
	[ "$(value "$(json m)" programs)" = 1 ] && break
	sleep 0.1
done
"$uio" metrics >"$dir/metrics"
is "metrics: well-formed" "$(well_formed <"$dir/metrics")" ""
is "metrics: a name that has to be escaped, and is no UTF-8" \
	"$(grep -F -c 'uio_up{name="w",image="we\"ird\\im\nage'$'\xef\xbf\xbd''"} 1' "$dir/metrics")" 1
is "metrics: the same figures as stats" "$(sed -n 's/^uio_9p_read_bytes_total{name="m".*} //p' "$dir/metrics")" \
	"$(value "$(json m)" 9p_read_bytes)"
is "metrics: no network, no metric of one" "$(grep -c 'uio_network.*name="w"' "$dir/metrics")" 0
has "metrics: programs" "$(cat "$dir/metrics")" 'program="busybox",pid="'
is "metrics: one that is named twice is there once" "$("$uio" metrics w w | well_formed)" ""
is "metrics: one of two" "$("$uio" metrics w | grep -c 'name="m"')" 0
kill $sleeper
wait $sleeper 2>/dev/null
promtool=$dir/prometheus/usr/bin/promtool
if mk/deb.sh "$dir/prometheus" "${XDG_CACHE_HOME:-$HOME/.cache}/uio" prometheus 2>/dev/null && [ -x "$promtool" ]; then
	try timeout 60 "$promtool" check metrics <"$dir/metrics"
	is "metrics: promtool has nothing to say" "$status $out$err" "0 "
else
	echo "ok - metrics: promtool has nothing to say # SKIP the package prometheus cannot be had"
fi
kill -STOP "$(field w pid)"
has "metrics: one that does not answer is not up" "$(timeout 30 "$uio" metrics 2>/dev/null)" 'uio_up{name="w",image="we\"ird\\im\nage'$'\xef\xbf\xbd''"} 0'
kill -CONT "$(field w pid)"

scrape=$(free_port)
"$uio" metrics --listen "$scrape" &
exporter=$!
get() { # REQUEST
	printf '%b' "$1" | timeout 10 socat -t 5 - "TCP:127.0.0.1:$scrape" 2>/dev/null | tr -d '\r'
}
for i in {1..50}; do
	(exec 3<>"/dev/tcp/127.0.0.1/$scrape") 2>/dev/null && break
	sleep 0.1
done
answer=$(get 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n')
is "metrics --listen: answers a scraper" "$(head -1 <<<"$answer")" "HTTP/1.1 200 OK"
is "metrics --listen: with the metrics" "$(sed '1,/^$/d' <<<"$answer" | well_formed)" ""
has "metrics --listen: of those that run" "$answer" 'uio_up{name="m",image="server"} 1'
is "metrics --listen: as long as it says" "$(sed '1,/^$/d' <<<"$answer" | wc -c)" \
	"$(sed -n 's/^Content-Length: //p' <<<"$answer")"
is "metrics --listen: another path" "$(get 'GET / HTTP/1.1\r\n\r\n' | head -1)" "HTTP/1.1 404 Not Found"
is "metrics --listen: another method" "$(get 'POST /metrics HTTP/1.1\r\n\r\n' | head -1)" "HTTP/1.1 405 Method Not Allowed"
is "metrics --listen: HEAD has no body" "$(get 'HEAD /metrics HTTP/1.1\r\n\r\n' | sed '1,/^$/d')" ""
for bad in 'nonsense\r\n\r\n' '\r\n\r\n' 'GET\r\n\r\n' 'GET /metrics\r\n\r\n' 'GET \0 HTTP/1.1\r\n\r\n'; do
	is "metrics --listen: $bad" "$(get "$bad" | head -1)" "HTTP/1.1 400 Bad Request"
done
is "metrics --listen: a request without an end" "$(head -c 100000 /dev/zero | tr '\0' x | timeout 10 socat -t 5 - \
	"TCP:127.0.0.1:$scrape" 2>/dev/null | tr -d '\r' | head -1)" "HTTP/1.1 400 Bad Request"
is "metrics --listen: the next one is answered" "$(get 'GET /metrics?x=1 HTTP/1.0\r\n\r\n' | head -1)" "HTTP/1.1 200 OK"
is "metrics --listen: the loopback's only" "$(awk -v port="$(printf %04X "$scrape")" '$4 == "0A" && $2 ~ ":" port "$" { print $2 }' \
	/proc/net/tcp)" "0100007F:$(printf %04X "$scrape")"
try "$uio" metrics --listen "$scrape"
is "metrics --listen: a port in use" $status 125
kill $exporter
wait $exporter 2>/dev/null
for bad in x 0 65536 :80 1.2.3:80 localhost:80 127.0.0.1: 127.0.0.1:80x 1111111111111111111:80; do
	try "$uio" metrics --listen "$bad"
	is "metrics --listen $bad is refused" $status 125
done

# --- images that have less
"$uio" rm -f m w >/dev/null
less() { # NAME STATEMENT
	printf '#include <sys/socket.h>\n#include <unistd.h>\nint main(int c, char **v) { int p[2]; %s; for (;;) pause(); }\n' \
		"$2" >"$dir/$1.c"
	build/bin/uio-cc -O1 -o "$dir/$1" "$dir/$1.c" && "$uio" run -d --name "$1" "$dir/$1" >/dev/null
}
less pair 'socketpair(AF_UNIX, SOCK_STREAM, 0, p)'
less unused 'if (c > 5) socket(AF_INET, SOCK_STREAM, 0); (void) p'
less nothing '(void) p'
is "an image with AF_UNIX alone: /proc/net has that alone" "$(timeout 30 "$uio" exec pair busybox ls /proc/net)" unix
is "and its two sockets" "$(timeout 30 "$uio" exec pair busybox netstat -x | grep -c CONNECTED)" 2
try "$uio" exec unused busybox netstat -an
is "before the first socket the tables are there, and empty" "$(grep -c '^tcp\|^udp\|^unix' "$dir/out") $err" "0 "
try "$uio" exec nothing busybox netstat -tn
has "an image without sockets has no tables, and netstat says so" "$err" "/proc/net/tcp: No such file"
