#!/bin/bash
# run-redis-suite.sh [--native]: Redis's own test suite, from its source, against the unikernel in the suite's
# external-server mode: whole, but for the tests that redis-excluded names. Prints a line for each test. With --native
# the same against Debian's Redis as a process, for comparison.
#
# Needs a network namespace and a tap device: QEMU's user network reorders what two connections bring at the same time,
# and the suite relies on the order.
cd "$(dirname "$0")/../.." || exit 1
list=$PWD/tests/apps/redis-excluded
server_options=(--save '' --protected-mode no --enable-protected-configs yes --enable-debug-command yes
	--enable-module-command yes)
# These switch the AOF on, which without fork works at the start only.
aof_units="unit/type/stream unit/type/stream-cgroups unit/expire unit/functions unit/other"
# Two guests at a time; the second's share, so that both take about as long.
second_units="unit/type/zset unit/hyperloglog unit/geo"

if [ "$1" != --inside ]; then
	kind=${1:---uio}
	if [ "$kind" = --uio ] && ! { unshare -rn true 2>/dev/null && [ -w /dev/net/tun ]; }; then
		echo "ok - redis's own suite # SKIP no network namespace with a tap device can be had here"
		exit 0
	fi
	exec unshare -rn "$0" --inside "$kind"
fi
kind=$2
. tests/cli/lib.sh
ip link set lo up

pids=
stop_all() {
	for pid in $pids; do kill "$pid" 2>/dev/null; done
	finish
}
trap stop_all EXIT

# Starts a server as NAME at $host and $port; EXTRA are its options.
serve() { # NAME INDEX EXTRA...
	local name=$1 index=$2 i
	shift 2
	if [ "$kind" = --native ]; then
		host=127.0.0.1 port=$((7000 + index))
		mkdir -p "$dir/$name"
		# The server and redis-check-rdb are one program, which goes by its name.
		(cd "$dir/$name" && exec -a redis-server redis-check-rdb --port "$port" "${server_options[@]}" "$@") \
			>"$dir/$name.log" 2>&1 &
		pids+=" $!"
		server_pid=$!
	else
		host=10.9.$index.2 port=6379
		if ! ip link show "tap$index" >/dev/null 2>&1; then
			ip tuntap add dev "tap$index" mode tap && ip addr add "10.9.$index.1/24" dev "tap$index" &&
				ip link set "tap$index" up || return 1
		fi
		"$uio" run -d --name "$name" -m 512M --net "tap=tap$index" --ip "$host/24,gw=10.9.$index.1" redis-server -- \
			"${server_options[@]}" "$@" >"$dir/$name.log" 2>&1 || return 1
	fi
	for ((i = 0; i < 100; i++)); do
		[ "$(timeout 2 redis-cli -h "$host" -p "$port" ping 2>/dev/null)" = PONG ] && return
		sleep 0.1
	done
	return 1
}

unserve() { # NAME
	if [ "$kind" = --native ]; then
		kill "$server_pid"
		wait "$server_pid"
	else
		"$uio" logs -k "$1" >"$dir/$1.klog" 2>&1
		"$uio" logs "$1" >"$dir/$1.log" 2>&1
		"$uio" rm -f "$1" >/dev/null
	fi
}

# A folder like Redis's source, as far as the suite uses it, with Debian's tools.
tree() { # DIR
	mkdir -p "$1/src"
	cp -r build/redis/tests build/redis/runtest build/redis/redis.conf "$1"
	for tool in cli benchmark check-rdb check-aof; do ln -s "$(command -v redis-$tool)" "$1/src/redis-$tool"; done
}

# The suite's output as our lines.
translate() {
	sed -u 's/\x1b\[[0-9;]*m//g' | awk '
	/^\*\*\* / || /^!!! WARNING/ { exit }
	/^Testing / { unit = $2 }
	/^\[ok\]: / { sub(/^\[ok\]: /, ""); sub(/ \([0-9]+ ms\)$/, ""); print "ok - " unit ": " $0; in_error = 0; next }
	/^\[skip\]: / { sub(/^\[skip\]: /, ""); print "skip\t" unit "\t" $0; next }
	/^\[ignore\]: / { ignored++; next }
	/^\[[0-9\/]+ done\]: / { sub(/^[^:]*: /, ""); print "# " $0; next }
	/^\[(err|exception)\]: / { sub(/^\[[a-z]*\]: /, ""); sub(/ in tests\/[a-z0-9\/-]*\.tcl$/, "")
		print "not ok - " unit ": " $0; in_error = 1; next }
	/^\[/ || /^$/ { in_error = 0; next }
	in_error { print "# " $0 }
	END { print "# " ignored + 0 " tests and groups of them left out by the suite itself: external:skip, large-memory" }'
}

# Runs units against one server; what comes out goes to the lane's file.
run() { # LANE NAME OPTIONS -- UNITS
	local lane=$1 name=$2 options=() args=() status
	shift 2
	while [ "$1" != -- ]; do options+=("$1"); shift; done
	shift
	for unit; do args+=(--single "$unit"); done
	if ! serve "$name" "$lane" "${options[@]}"; then
		echo "not ok - $name did not start"
		sed "s/^/# /" "$dir/$name.log" 2>/dev/null
		return
	fi
	(cd "$dir/tree$lane" && timeout 840 ./runtest --host "$host" --port "$port" --durable --skipfile "$dir/skip" \
		--baseport $((21111 + lane * 9000)) "${args[@]}" 2>&1; echo "status $?" >"$dir/status$lane") | translate
	status=$(cat "$dir/status$lane")
	if [ "$status" = "status 0" ]; then
		echo "ok - $name: the suite says that all passed"
	else
		echo "not ok - $name: the suite ended with $status"
		tail -3 "$dir/$name.log" | sed 's/^/# /'
	fi
	unserve "$name"
}

if [ "$kind" = --native ]; then
	# Its own process's pid, which the suite does not know of a server that it has not started, and then the process
	# is there for ever.
	grep -P '\tSRANDMEMBER with a dict' "$list"
else
	grep -vE '^(#|$)' "$list"
fi | cut -f3 >"$dir/skip"
for lane in 0 1; do tree "$dir/tree$lane"; done
all=$(cd "$dir/tree0" && ./runtest --list-tests)
first=()
for unit in $all; do
	[[ " $aof_units $second_units " == *" $unit "* ]] || first+=("$unit")
done

# shellcheck disable=SC2086
{
	run 0 plain -- "${first[@]}" >"$dir/lane0" &
	lane0=$!
	{
		for unit in $aof_units; do
			run 1 "aof-${unit##*/}" --appendonly yes --auto-aof-rewrite-percentage 0 -- "$unit"
		done
		run 1 second -- $second_units
	} >"$dir/lane1"
	wait $lane0
}

cat "$dir/lane0" "$dir/lane1" | grep -v '^skip' | sed 's/^\(ok\|not ok\) - /&redis /'
grep -q '^not ok' "$dir/lane0" "$dir/lane1" && failed=1
# Left out, with the reason; a name that no test has any more must go from the list.
while IFS=$'\t' read -r why unit name; do
	if [[ $why == "not run by the suite"* ]] || grep -qFx "skip	$unit	$name" "$dir/lane0" "$dir/lane1"; then
		echo "ok - redis $unit: $name # SKIP $why"
	elif [ "$kind" != --native ]; then
		bad "redis $unit: $name" "tests/apps/redis-excluded names it, but the suite has no such test there"
	fi
done < <(grep -vE '^(#|$)' "$list")
exit $failed
