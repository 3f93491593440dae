#!/bin/bash
# run-cycles.sh [N]: loads, runs and unloads a program N times (default 100) beside a live Redis that a client asks all the
# time: nine of ten from the operator's shell, a tenth each with a client that pushes the program, and as many as those of an
# eBPF program: loaded, put on a function of Redis's that each request runs, taken off, forgotten. Then all is as before:
# memory, threads, descriptors, the programs' rights, and each request was answered rightly. DOMAIN chooses the isolation.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/lib.sh
. tests/soak/live.sh
n=${1:-100}
tenth=$(((n + 9) / 10))
echo "# $n cycles"
musl-gcc -O1 -static -o "$dir/host/cycle" tests/soak/cycle.c -lpthread || exit 1
count_program || echo "# no clang: without eBPF"
live_start

shell_cycles() { # COUNT
	local i
	for ((i = 0; i < $1; i++)); do
		printf 'load /host/cycle\nrun cycle\nunload cycle\n'
	done | timeout $((100 + $1)) "$uio" attach $name
}
client_cycles() { # COUNT
	local i
	for ((i = 0; i < $1; i++)); do
		timeout 60 "$uio" exec --push "$dir/host/cycle" $name cycle </dev/null
		"$uio" attach $name <<<"unload cycle"
	done
}
# "traced N": a cycle in which the program ran at least once.
bpf_cycles() { # COUNT
	local i object program runs
	[ -e "$dir/count.bpf.o" ] || return
	for ((i = 0; i < $1; i++)); do
		read -r object program <<<"$(timeout 60 "$uio" bpf load $name "$dir/count.bpf.o" |
			sed -nE 's/^(object|program) ([0-9]+):.*/\2/p' | head -2 | tr '\n' ' ')"
		timeout 60 "$uio" bpf attach $name "$program" >/dev/null || continue
		[ "$(cli ping)" = PONG ] || continue
		runs=$("$uio" bpf list $name | awk -v id="$program" '$1 == id { print $6 }')
		timeout 60 "$uio" bpf detach $name "$program" >/dev/null && timeout 60 "$uio" bpf unload $name "$object" >/dev/null &&
			echo "traced $((runs > 0))"
	done
}
cycles() { # COUNT
	shell_cycles $(($1 - ($1 + 9) / 10))
	client_cycles $((($1 + 9) / 10))
	bpf_cycles $((($1 + 9) / 10))
}

# What is made on first use exists afterwards.
ask_start
cycles 20 >/dev/null 2>&1
ask_stop
measure
measure
before=$state redis_before=$redis_bytes
start=$SECONDS
ask_start
cycles "$n" >"$dir/cycles.out" 2>&1
ask_stop
took=$((SECONDS - start))
is "$n load, run and unload cycles: each ran" "$(grep -c '^cycled' "$dir/cycles.out")" "$n"
is "each with the same rights" "$(grep -o 'rights .*' "$dir/cycles.out" | sort -u | wc -l)" 1
echo "# $(grep -om1 'rights .*' "$dir/cycles.out")"
if [ -e "$dir/count.bpf.o" ]; then
	is "$tenth eBPF programs were loaded, ran, and were forgotten" "$(grep -c '^traced 1$' "$dir/cycles.out")" "$tenth"
else
	echo "ok - $tenth eBPF programs # SKIP no clang"
fi
answers_were_right
measure
is "memory, threads and descriptors are as they were" "$state" "$before"
is "Redis has what it had, but for 8 pages of its allocator's ($redis_before, $redis_bytes)" \
	$((redis_bytes - redis_before <= 32768)) 1
echo "# $took s; before: $before; after: $state"
[ $failed = 0 ] || { grep -v '^cycled\|^traced 1' "$dir/cycles.out" | tail -5; "$uio" logs -k $name | tail -15; } | sed 's/^/# /'
exit $failed
