#!/bin/bash
# guest.sh BACKEND [NAME...]: runs the hostile programs of cases.tsv (or those named) one after the other in ONE guest whose
# programs are kept apart by BACKEND (mpk, pt; auto: as uio chooses), beside tests/hostile/victim.c and neighbour.c. Each must
# end as the table says, with a report that names the cause, without having got through ("ESCAPED"), and neither the victim's
# memory nor its answers may have changed. In the end nothing may be left: memory, threads and descriptors are as at the
# start. The outcome of each goes to build/tests/hostile/table-BACKEND.tsv. Called by run-hostile.sh, which has built them.
# $HEAP: tells of each case what it left. $CPU: another CPU model than uio's.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/lib.sh
trap "" PIPE
backend=$1
shift
out=$PWD/build/tests/hostile
src=tests/hostile
table=$out/table-$backend.tsv
mkdir -p "$dir/host"
name=hostile-$$
echo untouched >"$dir/host/file"
# Beside the shared folder, and two ways there that a careless host has left in it.
echo outside >"$dir/secret"
ln -s ../secret "$dir/host/out"
ln -s "$dir/secret" "$dir/host/absolute"
# For wrpkru_host.c: a file of harmless code, which the host changes when it is asked to.
head -c 8192 /dev/zero | tr '\0' '\303' >"$dir/host/code"
while sleep 0.2; do
	[ -e "$dir/host/change" ] || continue
	for at in 0 4096; do printf '\017\001\357' | dd of="$dir/host/code" bs=1 seek=$at conv=notrunc status=none; done
	rm -f "$dir/host/change"
done 2>/dev/null &
changer=$!
end() {
	kill $changer
	finish
}
trap end EXIT
kind=()
[ "$backend" = auto ] || kind=(--domain "$backend")

# --- the victim and its console
"$uio" run -d -i --name $name -m "${MEMORY:-32M}" "${kind[@]}" ${CPU:+--accel tcg --qemu-arg -cpu --qemu-arg "$CPU"} --net user --machine "${MACHINE:-microvm}" -v "$dir/host:/host" \
	"$out/victim" >/dev/null || exit 1
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
answered=0
worst=0
# The victim's fixed piece of work: how long it took, and how much of that it had the CPU.
work_ns=0
work_cpu_ns=0
ping() { # what the victim says: true if it is well
	local start=${EPOCHREALTIME/./}
	pings=$((pings + 1))
	echo "ping $pings" >&3 2>/dev/null
	answer pong
	took=$(((${EPOCHREALTIME/./} - start) / 1000))
	[ $took -gt $worst ] && worst=$took
	case $line in
	"pong $pings ok "*)
		set -- $line
		work_ns=$((work_ns + $4)) work_cpu_ns=$((work_cpu_ns + $5)) answered=$((answered + 1))
		return 0
		;;
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
		@detour) echo "$detour" ;;
		@heap | @stack | @tstack) place "${a#@}" ;;
		@*+*) printf '0x%x\n' $(($(expand "${a%+*}") + ${a##*+})) ;;
		@*) awk -v s="${a#@}" '$1 == s { print $2; exit }' "$dir/symbols" ;;
		*) echo "$a" ;;
		esac
	done
}
# Probes have their ways in, and their code, in the loaded part of the kernel: one is there all the time.
detour=0
if [ -e "$out/probe.o" ]; then
	probed=$("$uio" bpf attach --pin --program entry $name "$out/probe.o" victim_probed 2>&1)
	echo detour >&3
	answer detour
	detour=${line#detour } detour=${detour%% *}
	nm "$out/victim.bpf.debug" | awk 'NF == 3 { print $3, "0x" $1 }' >>"$dir/symbols"
	is "$backend: a probe is in the victim" "${line##* result } $(grep -c '^0x7[c-f]' <<<"$detour")" "10 1"
	[ "$failed" = 0 ] || echo "# $probed $line"
fi
stats() { # FIELD of the system's row
	"$uio" stats --no-stream -o json $name 2>/dev/null | tr ',{}' '\n\n\n' | sed -n "s/.*\"$1\":[[:space:]]*\([0-9]*\).*/\1/p" | head -1
}

run_case() { # NAME SOURCE FLAGS OPTIONS ARGUMENTS STATUS PATTERN
	[ -z "${HEAP:-}" ] || echo "# heap $(stats heap_bytes) free $(stats free_bytes) before $1"
	local program args options got text why= start=${EPOCHREALTIME/./} ms pid report to
	[ "$3" = - ] && set -- "$1" "$2" "" "${@:4}"
	[ "$4" = - ] && options= || options=$4
	[ "$5" = - ] && args= || args=$5
	program=$out/${2%.*}
	to=$dir/out
	# Nobody reads its standard output until it has ended long ago; its errors alone are kept.
	case $options in
	*--unread*)
		to=$dir/unread options=${options/--unread/}
		(sleep 5; timeout 5 cat >/dev/null) <&7 &
		;;
	esac
	: >"$dir/out"
	# shellcheck disable=SC2046,SC2086
	timeout 200 "$uio" exec $options --push "$program" $name "$(basename "$program")" $(expand $args) \
		2>>"$dir/out" </dev/null >>"$to" &
	pid=$!
	worst=0 work_ns=0 work_cpu_ns=0
	while :; do
		if ! ping; then
			why="the victim: $line"
			break
		fi
		for _ in 1 2 3 4 5 6 7 8 9 10; do
			kill -0 $pid 2>/dev/null || break 2
			sleep 0.04
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
	# The line that the table asks for, or the one after it where that says what the fault was; or else the last one.
	if [ "$7" = - ]; then
		report=$(tail -c 300 "$dir/out" | tail -1)
	else
		# Of megabytes on one line only the end, which the kernel wrote.
		report=$({ head -c 300 "$dir/out"; echo; tail -c 100000 "$dir/out"; } | sed -E 's/^.{400}.*(.{200})$/\1/' | grep -aEm1 -A1 -- "$7" | head -2)
		case ${report%%$'\n'*} in *": fault") report=${report#*$'\n'} ;; *) report=${report%%$'\n'*} ;; esac
	fi
	report=$(tr -dc '[:print:]' <<<"${report:0:160}")
	[ -n "$report" ] || [ -n "$why" ] || why="nothing says how it ended"
	sum_ns=$((sum_ns + work_ns)) sum_cpu_ns=$((sum_cpu_ns + work_cpu_ns))
	printf '%s\t%s\t%s\t%s\t%s\t%s ms\tanswers within %s ms, had %s %% of the CPU\t%s\n' "$1" "$backend" "$2" \
		"${why:-ended, status $got}" "$report" "$ms" "$worst" "$((work_cpu_ns * 100 / (work_ns + 1)))" "${why:+FAILED}" >>"$table"
	if [ -z "$why" ]; then
		ok "$backend: $1"
	else
		bad "$backend: $1: $why" "$text"
	fi
	# To find out what leaves something behind: $HEAP.
	[ -z "${HEAP:-}" ] || "$uio" attach $name <<<"unload $bare" >/dev/null 2>&1
	if ! "$uio" ps -q | grep -qx $name; then
		bad "$backend: the guest goes on after $1" "$("$uio" logs -k $name | tail -30)"
		exit 1
	fi
}

sum_ns=0 sum_cpu_ns=0
: >"$table"
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
	run_case warm-up-fault write.c - - 0 139 "null page"
	run_case warm-up-host file_cache.c - "--grant fs=rw --timeout 100s" - 0 "piece by piece"
	"$uio" exec $name busybox cat /host/file >/dev/null
	mapfile -t root_names < <("$uio" exec $name busybox ls -A /)
	"$uio" attach $name <<<"unload call_symbol write busybox" >/dev/null 2>&1
	"$uio" attach $name <<<"unload file_cache" >/dev/null 2>&1
}
warm
mkfifo "$dir/to-neighbour" "$dir/unread"
exec 7<>"$dir/unread"
"$uio" exec -i --push "$out/neighbour" $name neighbour <"$dir/to-neighbour" >"$dir/neighbour" 2>&1 &
neighbour=$!
exec 6>"$dir/to-neighbour"
for _ in $(seq 100); do
	grep -q ready "$dir/neighbour" && break
	sleep 0.1
done
"$uio" attach $name <<<"unload neighbour" >/dev/null 2>&1
memory() { # free, of the kernel's heap, in use of that, the victim's
	echo "free $(stats free_bytes) heap $(stats heap_bytes) in use $(stats heap_used_bytes) threads $(stats threads)"
}
drop_cached() { # what is pushed for probes is kept, too; $dir/progs is the list before
	local p
	"$uio" attach $name <<<progs >"$dir/progs" 2>/dev/null
	for p in $(awk '/^cached/ { print $2 }' "$dir/progs"); do
		"$uio" attach $name <<<"unload $p" >/dev/null 2>&1
	done
}
drop_cached
memory_before=$(memory)

while IFS=$'\t' read -r -u 5 c source flags options args status pattern; do
	case $c in
	"" | \#*) continue ;;
	esac
	wanted "$c" "$@" || continue
	case $c in
	probe-*)
		if ! [ -e "$out/probe.o" ]; then
			echo "ok - $backend: $c # SKIP no clang, or no libbpf-dev"
			continue
		fi
		;;
	esac
	run_case "$c" "$source" "$flags" "$options" "$args" "$status" "$pattern"
done 5<$src/cases.tsv

# --- nothing is left, once the files are gone of those that were killed
musl-gcc -O1 -static -o "$dir/tidy" tests/soak/tidy.c
try "$uio" exec --grant fs=rw --timeout 60s --push "$dir/tidy" $name tidy "${root_names[@]}"
is "$backend: what killed programs left can be removed" "$status$err" 0
drop_cached
sleep 0.3
is "$backend: no program is left but the neighbour" "$(grep -c '^running' "$dir/progs")" 1
is "$backend: memory and threads are as at the start" "$(memory)" "$memory_before"
echo "# $backend: $memory_before before; least free memory: $(stats min_free_bytes)"
is "$backend: there was always memory for the application" "$(($(stats min_free_bytes) > 500000))" 1
exec 6>&-
wait $neighbour
is "$backend: the neighbour is well" "$? $(tail -1 "$dir/neighbour")" "0 the neighbour is well"
is "$backend: the host's file is untouched" "$(cat "$dir/host/file" "$dir/secret")" "untouched
outside"
is "$backend: nothing was made on the host" "$(ls "$dir/host" | tr '\n' ' ')" "absolute code file out "
is "$backend: nor beside the shared folder" "$(find "$dir" -maxdepth 1 -name 'evil*')" ""
is "$backend: the log has no control bytes" "$("$uio" logs -k $name | tr -d '\n\r\t' | LC_ALL=C grep -c '[[:cntrl:]]')" 0
is "$backend: every request was answered" $answered $pings
echo "# $backend: while it worked the application had $((sum_cpu_ns * 100 / (sum_ns + 1))) % of the CPU"
# Overlay programs may have 10 % while it wants the CPU; half of the CPU would be what a fair share is. A few answers
# (a few cases, asked for by name) tell nothing: a host that stood still in one of them would decide.
[ $answered -lt 200 ] || is "$backend: the application's rate stays" $((sum_cpu_ns * 100 / (sum_ns + 1) >= 70)) 1
echo quit >&3
exec 3>&-
for _ in $(seq 50); do
	[ "$(field $name status)" = exited ] && break
	sleep 0.1
done
is "$backend: the victim ends as it wants to" "$(field $name exit_code)" 0
[ "$failed" = 0 ] || "$uio" logs -k $name | tail -5
exit $failed
