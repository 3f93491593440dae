#!/bin/bash
# run-nginx-reload.sh: what an operator does to a running nginx: logs that are read as they grow, a configuration that is
# changed under load with no request lost, ones that are wrong, addresses and limits that change, logs that are renamed, and
# an end that lets requests finish. All with 8 MiB of memory.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/lib.sh
. tests/apps/nginx.sh
build_tools http_load http_many
head -c 10485760 /dev/urandom >"$share/files/large"
echo page >"$share/files/page"
touch "$share/files/index.html"

# configure GENERATION [CONNECTIONS [LISTEN [MORE]]]: nginx.conf, in which most changes with the generation.
configure() {
	cat >"$dir/new.conf" <<-CONF
		error_log stderr notice;
		timer_resolution $(($1 % 2 * 100))ms;
		events { worker_connections ${2:-$((60 + $1 % 3 * 40))}; }
		http {
			log_format short '\$status \$request';
			access_log /host/logs/access$(($1 % 4)).log short buffer=4k flush=1s;
			limit_req_zone \$binary_remote_addr zone=z$(($1 % 3)):$((32 + $1 % 4 * 8))k rate=100000r/s;
			upstream behind { server 127.0.0.1:8081; keepalive 4; }
			server {
				listen 80; ${3:-}
				limit_req zone=z$(($1 % 3)) burst=1000 nodelay;
				root files;
				location = /generation { add_header X-Generation $1; return 200 "generation $1\n"; }
				location = /proxied {
					proxy_http_version 1.1;
					proxy_set_header Connection "";
					proxy_pass http://behind/generation;
				}
				location /seen { access_log /seen.log short; }
				${4:-}
			}
			server {
				listen 127.0.0.1:8081;
				access_log off;
				location / { add_header X-Generation $1; return 200 "generation $1\n"; }
			}
		}
	CONF
}
said() { curl -s -m 15 "http://$guest/generation"; }
says() { [ "$(said)" = "generation $1" ]; }
logged() { "$uio" logs web | grep -q "$1"; }
reload() { # GENERATION [...]: the operator's way
	configure "$@"
	"$uio" cp "$dir/new.conf" web:/host/conf/nginx.conf >"$dir/null" && "$uio" kill -s HUP web >"$dir/null"
}

configure 1
cp "$dir/new.conf" "$share/conf/nginx.conf"
second_port=$(free_port)
start_guest_nginx web -m 8M -p "$second_port:8090"
is "nginx boots and answers" $? 0
is "the first generation" "$(said)" "generation 1"

# --- Twenty reloads under load
(timeout 60 "$tools/http_load" 127.0.0.1 "$guest_port" /generation 6 2 14 >"$dir/load1" 2>&1; echo "status $?" >>"$dir/load1") &
(timeout 60 "$tools/http_load" 127.0.0.1 "$guest_port" /proxied 2 1 14 >"$dir/load2" 2>&1; echo "status $?" >>"$dir/load2") &
(sleep 1; timeout 60 "$tools/http_many" "$guest" slow /large "$share/files/large" >"$dir/slow" 2>&1) &
sleep 2
for i in $(seq 2 21); do
	reload "$i"
	sleep 0.35
done
wait $(jobs -p)
for load in load1 load2; do
	has "20 reloads under load lose no request ($(grep requests "$dir/$load"))" "$(cat "$dir/$load")" "lost 0 wrong 0"
	has "each connection changes over to the last configuration" "$(tail -3 "$dir/$load")" "21 behind 0
status 0"
done
is "a download that began before them is whole" "$(cat "$dir/slow")" "10485760 bytes, as they should be"
is "nginx read its configuration twenty times" "$("$uio" logs web | grep -c 'reconfiguring$')" 40

# --- A configuration that is wrong leaves the old one in force
echo 'http { bogus; }' >"$share/conf/nginx.conf"
"$uio" kill -s HUP web >"$dir/null"
wait_for 15 logged 'unknown directive "bogus"'
is "a wrong configuration is told in the log" $? 0
is "and the old one is in force" "$(said)" "generation 21"
configure 22 "" 'listen 192.0.2.1:81;'
cp "$dir/new.conf" "$share/conf/nginx.conf"
"$uio" kill -s HUP web >"$dir/null"
wait_for 15 logged '192.0.2.1:81 failed'
is "an address that cannot be had is told in the log" $? 0
is "and the old one is in force still" "$(said)" "generation 21"

# --- Addresses come and go
reload 23 "" 'listen 8090;'
wait_for 15 says 23
is "a new address is listened on" "$(curl -s -m 5 "http://127.0.0.1:$second_port/page")" page
reload 24
wait_for 15 says 24
curl -s -m 2 -o "$dir/null" "http://127.0.0.1:$second_port/page"
[ $? != 0 ] && [ "$(curl -s "http://$guest/page")" = page ]
is "one that is no longer named is not, the other is" $? 0

# --- The number of connections
reload 25 40
wait_for 15 says 25
reload 26 250
wait_for 15 says 26
is "more connections than there were at the start" \
	"$(timeout 60 "$tools/http_many" "$guest" open 200 /page | tail -1)" "200 open, 600 answers, 0 wrong"
reload 27 30
wait_for 15 says 27
is "fewer again: it serves" "$(timeout 60 "$tools/http_many" "$guest" open 20 /page | tail -1)" "20 open, 60 answers, 0 wrong"

# --- Logs, in the guest's memory
"$uio" exec web busybox tail -n 0 -f /seen.log >"$dir/tail" 2>&1 &
tail_pid=$!
# Once more until tail has started and looks.
seen() { grep -q '404 GET /seen/one' "$dir/tail" || { curl -s -o "$dir/null" "http://$guest/seen/one"; sleep 0.3; false; }; }
wait_for 20 seen
is "busybox tail -f shows a request as it comes" $? 0
has "uio logs shows the error log" "$("$uio" logs web)" 'open() "/host/files/seen/one" failed'
kill $tail_pid
"$uio" exec --grant fs=rw web busybox mv /seen.log /seen.old
curl -s "http://$guest/seen/two" >"$dir/null"
"$uio" kill -s USR1 web >"$dir/null"
wait_for 15 logged 'reopening logs$'
curl -s "http://$guest/seen/three" >"$dir/null"
is "a log that was renamed is written on" "$("$uio" exec web busybox tail -n 1 /seen.old)" "404 GET /seen/two HTTP/1.1"
is "until SIGUSR1, then a new one" "$("$uio" exec web busybox cat /seen.log)" "404 GET /seen/three HTTP/1.1"
curl -s "http://$guest/page?from-the-host" >"$dir/null"
wait_for 15 grep -q from-the-host "$share"/logs/access*.log
is "a log in the host's folder grows there" $? 0

# --- Memory
used() { "$uio" exec web busybox free | awk '/^Mem/ { print $3 }'; }
many() { # FROM TO
	local i
	for i in $(seq "$1" "$2"); do
		configure "$i" 64
		cp "$dir/new.conf" "$share/conf/nginx.conf"
		"$uio" kill -s HUP web >"$dir/null"
		wait_for 15 says "$i" || return
	done
}
many 100 119
is "reloads one after the other" $? 0
sleep 2
before=$(used)
many 120 319
is "200 more" $? 0
sleep 2
after=$(used)
[ $((after - before)) -lt 64 ]
is "they need no memory: $before KiB used before, $after KiB after" $? 0

# --- The end
timeout 60 "$tools/http_many" "$guest" slow /large "$share/files/large" >"$dir/slow" 2>&1 &
slow=$!
sleep 1.5
"$uio" kill -s QUIT web >"$dir/null"
wait_for 15 logged 'gracefully shutting down'
is "SIGQUIT: nginx ends when its requests have" "$(field web status)" running
wait $slow
is "the download that ran is whole" "$(cat "$dir/slow")" "10485760 bytes, as they should be"
wait_for 10 eval '[ "$(field web status)" = exited ]'
is "nginx has ended by itself" "$(field web status) $(field web exit_code)" "exited 0"
lines=$(cat "$share"/logs/access*.log | grep -cE '/generation|/proxied')
requests=$(sed -n 's/^requests \([0-9]*\) .*/\1/p' "$dir/load1" "$dir/load2" | awk '{ n += $1 } END { print n }')
[ "$lines" -ge "$requests" ]
is "the logs of all generations name all $requests requests" $? 0
