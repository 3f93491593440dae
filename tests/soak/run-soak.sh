#!/bin/bash
# run-soak.sh [SECONDS [SEED]]: a live Redis, a client that counts every answer, and beside them good programs, tracers and
# hostile programs at random, two at a time, for SECONDS (default 60). What may differ in the end is nothing: free memory,
# kernel heap, threads, Redis's descriptors and data are as at the start, and each request was answered rightly.
# DOMAIN chooses the back end of isolation. Each run of a program is a line in build/tests/soak/table-DOMAIN.tsv.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/lib.sh
. tests/soak/live.sh
seconds=${1:-60}
seed=${2:-$RANDOM}
top=$PWD
table=$built/table-${DOMAIN:-auto}.tsv
echo "# seed $seed, $seconds s"

live_start

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
build() { # SOURCE; somebody else may build or push the same
	local program=$built/${1%.*}
	if [ ! -x "$program" ] || [ -n "$(find "$top/tests/hostile/$1" "$top/tests/hostile/hostile.h" "$top/tests/hostile/code.h" -newer "$program")" ]; then
		musl-gcc -O1 -g -w -static -I"$built" -o "$program.$BASHPID" "$top/tests/hostile/$1" -lpthread 2>>"$built/build.log" &&
			mv "$program.$BASHPID" "$program" || return 1
	fi
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
	RANDOM=$((seed + $1 + mixes * 100))
	mkdir -p "$dir/worker$1" && cd "$dir/worker$1" || exit 1
	while [ $SECONDS -lt "$2" ] && [ ! -e "$dir/wrong" ]; do
		if [ $((RANDOM % 3)) = 0 ]; then good $((RANDOM % GOOD)); else hostile; fi
	done
}
count_program || echo "# no clang: without tracers"

# What is made on first use exists before the count.
: >"$table"
(
	cd "$dir/host/.." || exit 1
	for ((g = 0; g < GOOD; g++)); do good $g; good $g; done
	run warm-up-host 0 - "$uio" exec --grant fs=rw --timeout 60s --push "$(build file_cache.c)" $name file_cache
) >/dev/null 2>&1
mixes=0
mix() { # SECONDS: everything at once
	local until=$((SECONDS + $1)) w workers=()
	mixes=$((mixes + 1))
	ask_start
	for w in 1 2; do
		worker $w $until &
		workers[w]=$!
	done
	wait "${workers[@]}"
	ask_stop
}
mix 15
cli set requests 0 >/dev/null
measure
measure
before=$state redis_before=$redis_bytes
printf 'program\tstatus\toutcome\n' >"$table"
mix "$seconds"
runs=$(($(wc -l <"$table") - 1))
wrong=$(awk -F'\t' 'NR > 1 && $3 != "ok"' "$table")
if [ -z "$wrong" ]; then ok "$runs programs, good and hostile, ended as they must"; else bad "$runs programs, good and hostile, end as they must" "$wrong"; fi
answers_were_right
measure
is "memory, threads and descriptors are as they were" "$state" "$before"
is "Redis has what it had, but for 8 pages of its allocator's ($redis_before, $redis_bytes)" \
	$((redis_bytes - redis_before <= 32768)) 1
echo "# before: $before; after: $state"
is "the host's file is untouched" "$(cat "$dir/host/file")" untouched
[ $failed = 0 ] || "$uio" logs -k $name | tail -15 | sed 's/^/# /'
exit $failed
