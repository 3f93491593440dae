#!/bin/bash
# run-hostile.sh [NAME...]: runs the hostile programs of cases.tsv (or those named) one after the other in ONE guest, beside
# tests/hostile/victim.c. Each must end as the table says, without having got through ("ESCAPED"), and neither the victim's
# memory nor its answers may have changed. In the end nothing may be left: memory, threads and descriptors are as at the
# start. The outcome of each goes to build/tests/hostile/table.tsv.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/lib.sh
trap "" PIPE
out=$PWD/build/tests/hostile
src=tests/hostile
table=$out/table.tsv
mkdir -p "$out" "$dir/host"
name=hostile-$$
echo untouched >"$dir/host/file"

# --- the victim and its console
"$PWD/build/bin/uio-cc" -O1 -g -o "$out/victim" $src/victim.c -lpthread || exit 1
"$uio" run -d -i --name $name -m "${MEMORY:-32M}" ${DOMAIN:+--domain "$DOMAIN"} ${CPU:+--accel tcg --qemu-arg -cpu --qemu-arg "$CPU"} --machine "${MACHINE:-microvm}" -v "$dir/host:/host" "$out/victim" >/dev/null || exit 1
mkfifo "$dir/in" "$dir/answers"
"$uio" attach --console $name <"$dir/in" >"$dir/answers" 2>/dev/null &
exec 3>"$dir/in" 4<"$dir/answers"

answer() { # WORD: the next line that begins with it, in $line
	local line_
	while IFS= read -r -t "${LIMIT:-20}" line_ <&4; do
		line=${line_%$'\r'}
		case $line in
		"$1 "*) return 0 ;;
		esac
	done
	line="no answer"
	return 1
}
pings=0
worst=0
ping() { # what the victim says: true if it is well
	local start=${EPOCHREALTIME/./}
	pings=$((pings + 1))
	echo "ping $pings" >&3 2>/dev/null
	answer pong
	took=$(((${EPOCHREALTIME/./} - start) / 1000))
	[ $took -gt $worst ] && worst=$took
	case $line in
	"pong $pings ok "*) return 0 ;;
	esac
	return 1
}
sleep 0.5
echo where >&3
if ! answer where; then
	"$uio" logs -k $name
	bad "the victim answers" "$line"
	exit 1
fi
place() { # WORD
	local rest=${line_where#* "$1"=}
	echo "${rest%% *}"
}
line_where=$line

# --- programs and their arguments
nm "$out/victim.debug" | awk 'NF == 3 { print $3, "0x" $1 }' >"$dir/symbols"
expand() { # ARGUMENT...
	local a
	for a; do
		case $a in
		@heap | @stack | @tstack) place "${a#@}" ;;
		@*) awk -v s="${a#@}" '$1 == s { print $2; exit }' "$dir/symbols" ;;
		*) echo "$a" ;;
		esac
	done
}
build() { # SOURCE FLAGS: prints the program
	local program=$out/${1%.*} link=-static
	case " $2 " in
	*" symbols "*) link="-static -fPIC -Wl,-pie,-E,-z,undefs" ;;
	esac
	if [ ! -x "$program" ] || [ "$src/$1" -nt "$program" ] || [ $src/hostile.h -nt "$program" ] || [ $src/code.h -nt "$program" ]; then
		# shellcheck disable=SC2086
		musl-gcc -O1 -g -w $link -o "$program" "$src/$1" -lpthread >&2 || return 1
	fi
	echo "$program"
}
stats() { # FIELD of the system's row
	"$uio" stats --no-stream -o json $name 2>/dev/null | tr ',{}' '\n\n\n' | sed -n "s/.*\"$1\":[[:space:]]*\([0-9]*\).*/\1/p" | head -1
}

run_case() { # NAME SOURCE FLAGS OPTIONS ARGUMENTS STATUS PATTERN
	local program args options got text why= start=${EPOCHREALTIME/./} ms pid
	[ "$3" = - ] && set -- "$1" "$2" "" "${@:4}"
	[ "$4" = - ] && options= || options=$4
	[ "$5" = - ] && args= || args=$5
	program=$(build "$2" "$3") || { bad "$1" "$2 does not compile"; return; }
	# shellcheck disable=SC2046,SC2086
	timeout 150 "$uio" exec $options --push "$program" $name "$(basename "$program")" $(expand $args) \
		>"$dir/out" 2>&1 </dev/null &
	pid=$!
	worst=0
	while :; do
		if ! ping; then
			why="the victim: $line"
			break
		fi
		for _ in 1 2 3 4 5; do
			kill -0 $pid 2>/dev/null || break 2
			sleep 0.1
		done
	done
	wait $pid
	got=$?
	ms=$(((${EPOCHREALTIME/./} - start) / 1000))
	text=$(head -c 4000 "$dir/out")
	if [ -z "$why" ]; then
		case "|$6|" in
		*"|$got|"*) ;;
		*) why="status $got, expected $6" ;;
		esac
		[ "$7" = - ] || grep -qE -- "$7" "$dir/out" || why="$why; nothing matches '$7'"
		grep -aq ESCAPED "$dir/out" && why="$why; it got through"
		ping || why="$why; afterwards the victim: $line"
	fi
	why=${why#; }
	printf '%s\t%s\t%s\t%s ms\tanswers within %s ms\t%s\n' "$1" "$2" "$got" "$ms" "$worst" "${why:-ok}" >>"$table"
	if [ -z "$why" ]; then
		ok "$1"
	else
		bad "$1: $why" "$text"
	fi
	if ! "$uio" ps -q | grep -qx $name; then
		bad "the guest goes on after $1" "$("$uio" logs -k $name | tail -30)"
		exit 1
	fi
}

printf 'case\tsource\tstatus\ttime\tapplication\toutcome\n' >"$table"
wanted() {
	[ $# = 1 ] && return
	local c=$1 n
	shift
	for n; do
		# shellcheck disable=SC2254
		case $c in $n) return ;; esac
	done
	return 1
}
# Everything that is made on first use exists before the count: one call through a gate, one file, one map, one fault.
warm() {
	run_case warm-up call_symbol.c symbols "--grant call" - 0 "sum 42"
	run_case warm-up-fault write.c - - 0 139 -
	run_case warm-up-host file_cache.c - "--grant fs=rw --timeout 100s" - 0 -
	"$uio" exec $name busybox cat /host/file >/dev/null
	"$uio" attach $name <<<"unload call_symbol write busybox" >/dev/null 2>&1
	"$uio" attach $name <<<"unload file_cache" >/dev/null 2>&1
}
warm
free_before=$(stats free_bytes)
heap_before=$(stats heap_bytes)
threads_before=$(stats threads)

while IFS=$'\t' read -r -u 5 c source flags options args status pattern; do
	case $c in
	"" | \#*) continue ;;
	esac
	wanted "$c" "$@" || continue
	run_case "$c" "$source" "$flags" "$options" "$args" "$status" "$pattern"
done 5<$src/cases.tsv

# --- nothing is left
"$uio" attach $name <<<progs >"$dir/progs" 2>/dev/null
for p in $(awk '/^cached/ { print $2 }' "$dir/progs"); do
	"$uio" attach $name <<<"unload $p" >/dev/null 2>&1
done
sleep 0.3
is "no program is left" "$(grep -c '^running' "$dir/progs")" 0
is "free memory is as at the start" "$(stats free_bytes)" "$free_before"
echo "# kernel heap: $heap_before before, $(stats heap_bytes) after; least free memory: $(stats min_free_bytes)"
is "there was always memory for the application" "$(($(stats min_free_bytes) > 500000))" 1
is "threads are as at the start" "$(stats threads)" "$threads_before"
is "the host's file is untouched" "$(cat "$dir/host/file") $(ls "$dir/host")" "untouched file"
echo quit >&3
exec 3>&-
for _ in $(seq 50); do
	[ "$(field $name status)" = exited ] && break
	sleep 0.1
done
is "the victim ends as it wants to" "$(field $name exit_code)" 0
[ "$failed" = 0 ] || "$uio" logs -k $name | tail -5
exit $failed
