#!/bin/bash
# run-soak.sh [SECONDS [SEED]]: a live Redis, a client that counts every answer, and beside them good programs, tracers and
# hostile programs at random, two at a time, for SECONDS (default 60). What may differ in the end is nothing: free memory,
# kernel heap, threads, Redis's descriptors and data are as at the start, and each request was answered rightly.
# DOMAIN chooses the back end of isolation. Each run of a program is a line in build/tests/soak/table.tsv.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/lib.sh
seconds=${1:-60}
seed=${2:-$RANDOM}
name=soak-$$
top=$PWD
built=$PWD/build/tests/soak
table=$built/table.tsv
mkdir -p "$built" "$dir/host"
echo untouched >"$dir/host/file"
echo "# seed $seed, $seconds s"

# --- Redis, with some data
for ((i = 0; i < 20; i++)); do
	port=$((20000 + RANDOM % 10000))
	try "$uio" run -d --name $name -m 48M -v "$dir/host:/host" -p "$port:6379" ${DOMAIN:+--domain "$DOMAIN"} \
		redis-server -- --save '' --protected-mode no --enable-debug-command yes
	[ $status = 0 ] && break
done
cli() { timeout 60 redis-cli -p "$port" "$@" 2>&1; }
for ((i = 0; i < 100; i++)); do
	[ "$(cli ping)" = PONG ] && break
	sleep 0.1
done
cli debug populate 2000 key 100 >/dev/null
cli set requests 0 >/dev/null
digest=$(cli debug digest)
case $digest in
[0-9a-f]*) ;;
*)
	bad "Redis answers" "$digest $("$uio" logs $name | tail -5)"
	exit 1
	;;
esac

# --- a client that asks until it is told to stop: every answer is the number before it and one
client() {
	local n=0 answer
	coproc redis { exec redis-cli -p "$port"; }
	while [ ! -e "$dir/stop" ]; do
		echo "incr requests" >&"${redis[1]}"
		if ! IFS= read -r -t 120 answer <&"${redis[0]}" || [ "$answer" != $((n + 1)) ]; then
			echo "request $((n + 1)): answer '$answer'" >"$dir/wrong"
			break
		fi
		n=$answer
		sleep 0.02
	done
	echo "$n" >"$dir/asked"
	exec {redis[1]}>&-
	wait
}

# --- the programs
nm build/images/redis-server.debug | awk 'NF == 3 { print $3, "0x" $1 }' >"$dir/symbols"
place() { # of Redis's "[heap]", "[stack]"
	"$uio" exec $name busybox grep -F "$1" /proc/1/maps | sed 's/-.*//; s/^/0x/' | tail -1
}
heap=$(place '[heap]') stack=$(place '[stack]')
symbol() {
	awk -v s="$1" '$1 == s { print $2; exit }' "$dir/symbols"
}
expand() { # ARGUMENT...: what the corpus aims at in its victim becomes what Redis has
	local a
	for a; do
		case $a in
		@heap) echo "${heap:-$(symbol server)}" ;;
		@stack | @tstack) echo "${stack:-$(symbol server)}" ;;
		@victim_rodata) symbol redisCommandTable ;;
		@*) a=$(symbol "${a#@}") && echo "${a:-$(symbol server)}" ;;
		*) echo "$a" ;;
		esac
	done
}
build() { # SOURCE
	local program=$built/${1%.*}
	[ "$program" -nt "$top/tests/hostile/$1" ] ||
		musl-gcc -O1 -g -w -static -I"$built" -o "$program" "$top/tests/hostile/$1" -lpthread 2>>"$built/build.log" || return 1
	echo "$program"
}
run() { # NAME ALLOWED-STATUS PATTERN COMMAND...: in the folder of its worker
	local what=$1 allowed=$2 pattern=$3 got why=
	shift 3
	timeout 120 "$@" >out 2>&1 </dev/null
	got=$?
	case "|$allowed|" in
	*"|$got|"*) ;;
	*) why="status $got, not $allowed: $(tail -1 out | tr '\t' ' ')" ;;
	esac
	[ "$pattern" = - ] || grep -aqE -- "$pattern" out || why="nothing matches '$pattern'"
	! grep -aq ESCAPED out || why="it got through"
	printf '%s\t%s\t%s\n' "$what" "$got" "${why:-ok}" >>"$table"
}
GOOD=7
good() { # NUMBER
	case $1 in
	0) run good-list 0 cmdline "$uio" exec $name busybox ls /proc/1 ;;
	1) run good-shell 0 '^42$' "$uio" exec $name busybox sh -c 'echo $((6 * 7)) | busybox cat' ;;
	2) run good-read 0 untouched "$uio" exec --grant fs=ro $name busybox cat /host/file ;;
	3) run good-ps 0 redis "$uio" exec $name busybox ps ;;
	4) run good-copy 0 - "$uio" cp "$top/tests/hostile/loop.c" "$name:/tmp/copy-$BASHPID" && "$uio" exec $name busybox rm "/tmp/copy-$BASHPID" >/dev/null 2>&1 ;;
	5) run "good-operator" "0|125" - sh -c "echo help | '$uio' attach $name" ;;
	6) if [ -e "$dir/count.bpf.o" ]; then
		run good-tracer 0 - "$uio" bpf attach --for 1s $name "$dir/count.bpf.o"
	else
		run good-stats 0 - "$uio" stats --no-stream $name
	fi ;;
	esac
}
# All of the corpus but what names the victim's symbols, counts on its sockets, its addresses or what the corpus's runner puts
# beside it, or is granted to do harm.
awk '!/^#/ && NF >= 4 { printf "CALL(%s, \"%s\", %s)\n", $1, $2, $3 }' linux/syscalls.tbl >"$built/calls.h"
awk -F'\t' '/^[a-z]/ && $2 ~ /\.[cS]$/ && $3 !~ /symbols/ && $4 !~ /unread|write|call|signal|admin|debug/ &&
	$2 !~ /^(pointers|changing|sockets|every_page|other_program|host_folder|wrpkru_host)/' \
	tests/hostile/cases.tsv >"$dir/cases"
hostile() { # one of the corpus; none for longer than five seconds, so that many have their turn
	local c source flags options args status pattern program
	IFS=$'\t' read -r c source flags options args status pattern <<<"$(sed -n "$((RANDOM % $(wc -l <"$dir/cases") + 1))p" "$dir/cases")"
	[ "$options" = - ] && options=
	[ "$args" = - ] && args=
	options=$(sed 's/--timeout [^ ]*//' <<<"$options")
	program=$(build "$source") || return
	# shellcheck disable=SC2046,SC2086
	run "$c" "$status|137|124" - "$uio" exec $options --timeout 5s --push "$program" $name "$(basename "$program")" $(expand $args)
}
worker() { # NUMBER UNTIL
	RANDOM=$((seed + $1 + SECONDS))
	mkdir -p "$dir/worker$1" && cd "$dir/worker$1" || exit 1
	while [ $SECONDS -lt "$2" ] && [ ! -e "$dir/wrong" ]; do
		if [ $((RANDOM % 3)) = 0 ]; then good $((RANDOM % GOOD)); else hostile; fi
	done
}
cat >"$dir/count.bpf.c" <<'END'
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
unsigned long calls;
SEC("kprobe/processCommand") int on_command(void *ctx) { calls++; return 0; }
SEC("kretprobe/processCommand") int after_command(void *ctx) { calls++; return 0; }
END
clang -target bpf -O2 -g -I/usr/include/x86_64-linux-gnu -c "$dir/count.bpf.c" -o "$dir/count.bpf.o" 2>/dev/null ||
	echo "# no clang: without tracers"

# --- what there is, before and after
stat_of() {
	"$uio" stats --no-stream -o json $name 2>/dev/null | tr ',{}' '\n\n\n' | sed -n "s/.*\"$1\":[[:space:]]*\([0-9]*\).*/\1/p" | head -1
}
settle() { # nothing that runs, nothing in the cache or the programs' /tmp, Redis at rest
	local p i
	for ((i = 0; i < 100; i++)); do
		"$uio" attach $name <<<progs >"$dir/progs" 2>/dev/null
		grep -q '^running' "$dir/progs" || break
		sleep 0.2
	done
	"$uio" exec $name busybox sh -c 'rm -rf /tmp/* /tmp/.[!.]*' >/dev/null 2>&1
	for p in $(awk '/^cached/ { print $2 }' "$dir/progs"); do
		"$uio" attach $name <<<"unload $p" >/dev/null 2>&1
	done
	sleep 6
}
# Memory but for the pages of the kernel's heap, which is looked at by itself.
measure() { # into $state, $heap_bytes
	descriptors=$("$uio" exec $name busybox ls /proc/1/fd | wc -l)
	settle
	heap_bytes=$(stat_of heap_bytes)
	state="free $(($(stat_of free_bytes) + heap_bytes)) threads $(stat_of threads) descriptors $descriptors"
}
# What is made on first use exists before the count.
: >"$table"
(
	cd "$dir/host/.." || exit 1
	for ((g = 0; g < GOOD; g++)); do good $g; good $g; done
	run warm-up-host 0 - "$uio" exec --grant fs=rw --timeout 60s --push "$(build file_cache.c)" $name file_cache
) >/dev/null 2>&1
mix() { # SECONDS: everything at once
	local until=$((SECONDS + $1)) asking w workers=()
	rm -f "$dir/stop"
	cli set requests 0 >/dev/null
	client &
	asking=$!
	for w in 1 2; do
		worker $w $until &
		workers[w]=$!
	done
	wait "${workers[@]}"
	touch "$dir/stop"
	wait $asking
}
mix 15
cli set requests 0 >/dev/null
measure
measure
before=$state heap_before=$heap_bytes
printf 'program\tstatus\toutcome\n' >"$table"
mix "$seconds"
runs=$(($(wc -l <"$table") - 1))
wrong=$(awk -F'\t' 'NR > 1 && $3 != "ok"' "$table")
if [ -z "$wrong" ]; then ok "$runs programs, good and hostile, ended as they must"; else bad "$runs programs, good and hostile, end as they must" "$wrong"; fi
if [ ! -e "$dir/wrong" ]; then ok "each of $(cat "$dir/asked") requests was answered"; else bad "each request is answered" "$(cat "$dir/wrong")"; fi
is "Redis counted as many" "$(cli get requests)" "$(cat "$dir/asked")"
cli set requests 0 >/dev/null
is "Redis's data are as they were" "$(cli debug digest)" "$digest"
measure
is "memory, threads and descriptors are as they were" "$state" "$before"
# What Redis needed of the heap while a bomb filled it lies in the bomb's pages, which stay for it.
is "the kernel's heap is, too, but for 8 pages of what lies scattered ($heap_before, $heap_bytes)" \
	$((heap_bytes - heap_before <= 32768)) 1
is "the host's file is untouched" "$(cat "$dir/host/file")" untouched
[ $failed = 0 ] || "$uio" logs -k $name | tail -15 | sed 's/^/# /'
exit $failed
