#!/bin/bash
# run-hooks.sh: the hooks that are no functions (the clock, switches of threads, patterns of system calls), call chains, and
# the tools made of these, on a guest that does what it is told, and on Redis and nginx.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/lib.sh
. tests/apps/nginx.sh
if ! command -v clang >/dev/null || ! [ -e /usr/include/bpf/bpf_helpers.h ]; then
	echo "skip - hooks: no clang, or no libbpf-dev"
	exit 0
fi
name=hooks
built=build/tests/trace
mkdir -p $built
for p in chain switch clock allcalls any; do
	clang -target bpf -D__TARGET_ARCH_x86 -O2 -g -I/usr/include/x86_64-linux-gnu -c tests/trace/progs/$p.bpf.c \
		-o $built/$p.bpf.o 2>"$dir/cc" || bad "$p.bpf.c compiles" "$(cat "$dir/cc")"
done
build/bin/uio-cc -O2 -g -o $built/hooks_target tests/trace/hooks_target.c || exit 1
target=$built/hooks_target

bpf() { # SUBCOMMAND ... : the rest behind the guest's name
	local words=("$1")
	shift
	case ${words[0]} in prog | map) words+=("$1"); shift ;; esac
	try "$uio" bpf "${words[@]}" $name "$@"
}
figure() { # PROGRAM FIELD: of `uio bpf list`, the last program with that name
	"$uio" bpf list -o json $name | sed -n "s/.*\"name\":\"$1\".*\"$2\":\([0-9]*\).*/\1/p" | tail -1
}
map_id() { # MAP
	"$uio" bpf map list $name | awk -v map="$1" '$3 == map { id = $1 } END { print id }'
}
words() { # MAP-ID INDEX: the value's 8-byte words in hexadecimal, a line
	local key value
	while read -r key value _; do
		[ "$key" = "$(printf '%02x000000' "$2")" ] || continue
		fold -w 16 <<<"$value" | sed 's/\(..\)\(..\)\(..\)\(..\)\(..\)\(..\)\(..\)\(..\)/\8\7\6\5\4\3\2\1/' | tr '\n' ' '
		return
	done < <("$uio" bpf map dump --raw $name "$1")
}
cell() { # MAP-ID INDEX: a value of 8 bytes as a decimal number
	printf '%d' "0x$(words "$1" "$2" | tr -d ' ')"
}
unload_all() {
	for object in $("$uio" bpf list -o json $name | sed -n 's/.*"object":\([0-9]*\).*/\1/p' | sort -u); do
		bpf unload "$object"
	done
}
loaded() { # PROGRAM
	"$uio" bpf list "${2:-$name}" | grep -q " $1 .*[a-zA-Z]$"
}
asked=0
# ask WORD...: tells the target, without waiting.
ask() {
	echo "$*" >"$(find "$XDG_RUNTIME_DIR" -path "*/$name-*" -name console.in)"
	asked=$((asked + 1))
}
answered() {
	local i
	for ((i = 0; i < 600; i++)); do
		"$uio" logs $name | tail -1 | grep -qx "$asked done" && return
		sleep 0.1
	done
	bad "the target answers" "$("$uio" logs $name | tail -3; "$uio" logs -k $name | tail -5)"
	exit 1
}
nm -n $target.debug | awk '$2 ~ /[tTwW]/ && !/\.L|__ktext|__text/ { print $1, $3 }' >"$dir/symbols"
# names WORD...: functions of addresses in hexadecimal, innermost first, up to the first 0.
names() {
	local first=1 a
	for a in "$@"; do
		[ "$a" = 0000000000000000 ] && break
		[ $first = 1 ] || a=$(printf '%016x' $((0x$a - 1)))
		first=0
		awk -v a="x$a" '"x" $1 > a { exit } { n = $2 } END { printf "%s ", n }' "$dir/symbols"
	done
}
# chain INDEX: of the last call: get_stack()'s size, and the functions.
chain() {
	local w
	w=$(words "$chains" "$1")
	set -- $w
	shift 2
	names "$@"
}

"$uio" run -d -i --name $name $target >/dev/null || exit 1
for _ in $(seq 100); do
	"$uio" logs $name 2>/dev/null | grep -q '^ready' && break
	sleep 0.1
done

# --- call chains
bpf attach --pin --program on_call $built/chain.bpf.o mark
is "get_stack: is loaded" "$status $err" "0 "
chains=$(map_id chains)
end="main libc_start_main_stage2 uio_app_start "
ask first 5
answered
is "get_stack: a chain, exactly" "$(chain 0)" "mark third second first $end"
size=$(words "$chains" 0 | cut -d ' ' -f 1)
is "get_stack: its size" $((0x$size)) 56
is "get_stack: without the two innermost" "$(chain 1)" "second first $end"
id=$(words "$chains" 0 | cut -d ' ' -f 2)
stacks=$(map_id stacks)
is "get_stackid: the same chain" "$(names $(words "$stacks" "0x$id"))" "mark third second first $end"
ask first 7
answered
is "get_stackid: has the same number again" "$(words "$chains" 0 | cut -d ' ' -f 2)" "$id"
ask down 30
answered
is "get_stack: a recursion of 31 calls" "$(chain 0)" "mark $(printf 'down %.0s' $(seq 31))$end"
is "get_stackid: another chain, another number" "$([ "$(words "$chains" 0 | cut -d ' ' -f 2)" = "$id" ]; echo $?)" 1
ask down 100
answered
is "get_stack: as much as there is room for" "$(chain 0)" "mark $(printf 'down %.0s' $(seq 59))"
ask alloca 999
answered
is "get_stack: a frame of unknown size" "$(chain 0)" "mark with_alloca $end"
ask align 3
answered
is "get_stack: a stack that is aligned anew" "$(chain 0)" "mark with_alignment $end"
ask nocfi 3
answered
is "get_stack: through a function that says nothing of its frame" \
	"$(chain 0)" "mark third second without_cfi $end"
ask sort
answered
has "get_stack: a function that the C library calls" " $(chain 0)" " mark compare "
has "get_stack: the C library's own frames" "$(chain 0)" "qsort_r sort $end"
ask garbage 3
answered
has "get_stack: a stack of nonsense" "$(chain 0)" "mark third on_garbage"
bpf attach --pin $built/any.bpf.o third second 'main'
ask first 5
answered
is "get_stack: through functions whose returns are probed" "$(chain 0)" "mark third second first $end"
unload_all
bpf attach --pin --program on_call $built/chain.bpf.o linux_writev
chains=$(map_id chains)
ask none
answered
has "get_stack: a system call" "$(chain 0)" "linux_writev "
is "get_stack: the application's frames are the same without the first" "linux_writev $(chain 2)" "$(chain 0)"
unload_all
bpf attach --pin --program on_call $built/chain.bpf.o clock_interrupt
chains=$(map_id chains)
ask spin 1000
seen=no
for _ in $(seq 40); do
	case $(chain 0) in *" interrupt hot_function spin $end") seen=yes && break ;; esac
	sleep 0.1
done
answered
is "get_stack: through an interrupt's frame" $seen yes
unload_all
bpf attach --pin --program on_mark $built/chain.bpf.o
bss=$(map_id .bss)
ask first 1
answered
is "get_stack: refuses what Linux does, with the same errors" "$(words "$bss" 0)" \
	"ffffffffffffffea ffffffffffffffea ffffffffffffffea fffffffffffffff2 "
unload_all

# --- the clock
bpf attach --rate 0 $built/clock.bpf.o
has "clock: a rate of 0" "$status $err" "a number from 1 to 10000"
bpf attach --rate 20000 $built/clock.bpf.o
has "clock: a rate that is too high" "$status $err" "a number from 1 to 10000"
bpf attach --pin --rate 200 $built/clock.bpf.o
is "clock: attach" "$status" 0
has "clock: the list says so" "$("$uio" bpf list $name)" "200 Hz"
figures=$(map_id figures)
before=$(figure on_clock runs)
ask spin 1000
answered
runs=$(($(figure on_clock runs) - before))
# A second of CPU time; a busy machine interrupts the guest, and what is missed is not made up for.
is "clock: about 200 samples in a second of computing ($runs)" $((runs >= 50 && runs <= 260)) 1
is "clock: the period" "$(cell "$figures" 0)" 5000000
is "clock: the code segment" "$(cell "$figures" 3)" 8
before=$(figure on_clock runs) idle=$(figure on_clock idle_samples)
sleep 1
after=$(figure on_clock runs) idle=$(($(figure on_clock idle_samples) - idle))
is "clock: an idle CPU is not sampled ($((after - before)), and $idle idle)" $((after - before < idle)) 1
number=$("$uio" bpf list -o json $name | sed -n 's/.*"id":\([0-9]*\),.*"name":"on_clock".*/\1/p')
bpf attach --pin "$number"
has "clock: not twice" "$status $err" "is sampled already"
bpf detach "$number"
before=$(figure on_clock runs)
ask spin 200
answered
is "clock: ends when it is detached" "$(figure on_clock runs)" "$before"
unload_all

# --- switches of threads
bpf attach --program too_far $built/switch.bpf.o
has "sched_switch: a program that reads a fifth argument" "$status $err" "more than its four arguments"
bpf attach --program elsewhere $built/switch.bpf.o
has "sched_switch: other raw tracepoints" "$status $err" "no raw tracepoint 'sys_enter'"
bpf attach --pin $built/switch.bpf.o
is "sched_switch: attach" "$status" 0
figures=$(map_id figures)
ask pingpong 400
answered
events=$(cell "$figures" 0)
is "sched_switch: two threads that take turns ($events)" $((events >= 400)) 1
waits=$(cell "$figures" 2)
for _ in 1 2 3 4 5; do ask sleep 50; done
answered
is "sched_switch: a thread that waits, though no other runs" $(($(cell "$figures" 2) - waits >= 5)) 1
is "sched_switch: the CPU's idle time is told, too" $(($(cell "$figures" 5) >= 200000000)) 1
is "sched_switch: each event begins with the thread that the last one ended with" "$(cell "$figures" 1)" 0
is "sched_switch: never from a thread to itself" "$(cell "$figures" 3)" 0
is "sched_switch: the idle thread is always ready" "$(cell "$figures" 6)" 0
is "sched_switch: none is missed" "$(figure on_switch misses)" 0
unload_all

# --- patterns of system calls
bpf attach --pin $built/allcalls.bpf.o
is "tracepoint: sys_enter_*" "$status" 0
calls=$(map_id calls)
before=$(cell "$calls" 20) naps=$(cell "$calls" 35)
written=$(figure on_write runs)
for _ in 1 2 3; do ask sleep 10; answered; done
is "tracepoint: each call by its number" "$(($(cell "$calls" 20) - before)) $(($(cell "$calls" 35) - naps))" "3 3"
is "tracepoint: sys_exit_write*" $(($(figure on_write runs) - written)) 3
bpf attach --program on_none $built/allcalls.bpf.o
has "tracepoint: a pattern that matches nothing" "$status $err" "no system call that matches 'nonsense*'"
unload_all

# --- all at once
memory() {
	"$uio" bpf list -o json $name | sed -n 's/.*"pages_bytes":\([0-9]*\),"used_bytes":\([0-9]*\).*/\1 \2/p'
}
storm() {
	bpf attach --pin --rate 1000 $built/clock.bpf.o
	bpf attach --pin $built/switch.bpf.o
	bpf attach --pin --program on_call $built/chain.bpf.o mark
	unload_all
}
storm
once=$(memory)
ask spin 3000
for _ in $(seq 15); do storm; done
for _ in $(seq 5); do
	"$uio" bpf attach --for 20s --rate 5000 $name $built/clock.bpf.o >/dev/null 2>&1 &
	client=$!
	sleep 0.3
	kill -KILL $client
	wait $client 2>/dev/null
done
answered
sleep 0.5
is "storm: nothing is left ($once)" "$(memory)" "$once"
is "storm: no program either" "$("$uio" bpf list -o json $name | grep -c '"row":"program"')" 0
# Programs in each function of the kernel, which those by the clock and at switches call: what is nested is left out.
bpf attach --pin --program entry $built/any.bpf.o 'uio_k_*' 'linux_*'
bpf attach --pin --rate 500 $built/clock.bpf.o
bpf attach --pin $built/switch.bpf.o
bpf attach --pin --program on_call $built/chain.bpf.o uio_k_clock_interrupt uio_k_thread_block linux_nanosleep
ask sleep 50
ask pingpong 20
ask spin 500
ask first 1
answered
is "nested: programs within programs are left out and counted" $(($(figure entry misses) > 0)) 1
is "nested: those by the clock ran" $(($(figure on_clock runs) > 0)) 1
is "nested: those at switches, too" $(($(figure on_switch runs) > 20)) 1
unload_all
ask first 1
answered
ok "nested: the application goes on"

# --- the tools
share_of() { # FUNCTION: per cent of the folded lines' amounts whose innermost frame it is
	awk -v f="$1" '{ n = $NF; sub(/ [0-9]+$/, ""); k = split($0, a, ";"); all += n; if (a[k] == f) hit += n }
		END { printf "%d", all ? hit * 100 / all : 0 }' "$2"
}
with_frames() { # TEXT: the sum of the amounts of lines that contain it
	awk -v t="$1" 'index($0, t) { n += $NF } END { printf "%d", n }' "$2"
}
LIMIT=30 try "$uio" profile $name --for 2500ms &
wait_for 10 loaded on_clock
timeout 30 "$uio" profile $name --for 2500ms --svg "$dir/flame.svg" >"$dir/svg.out" 2>"$dir/svg.err" &
ask spin 2500
answered
wait
cp "$dir/out" "$dir/folded"
is "profile: the function that computes is on top" $(($(share_of hot_function "$dir/folded") >= 60)) 1
is "profile: with its callers" $(($(with_frames ";main;spin;hot_function " "$dir/folded") >= 20)) 1
svg=$(cat "$dir/flame.svg")
has "profile: the flame graph" "$svg" "<svg xmlns="
is "profile: in place of lines" "$(wc -c <"$dir/svg.out") $(grep -c "a flame graph in $dir/flame.svg" "$dir/svg.err")" "0 1"
has "profile: its frames" "$svg" "<title>hot_function ("
has "profile: its end" "$svg" "</svg>"
is "profile: nothing stays" "$("$uio" bpf list -o json $name | grep -c '"row":"program"')" 0
LIMIT=30 try "$uio" profile $name --for 1s -F 300 --app -o json &
wait_for 10 loaded on_clock
ask spin 1500
answered
wait
has "profile: as JSON" "$(cat "$dir/out")" ';main;spin;hot_function","samples":'
is "profile: --app leaves the kernel out" "$(grep -c 'hot_function;uio_k_' "$dir/out")" 0
LIMIT=60 try "$uio" offcputime $name --for 5s --app &
wait_for 10 loaded on_switch
for _ in $(seq 10); do ask sleep 50; done
answered
wait
slept=$(with_frames ";main;sleeper;nanosleep" "$dir/out")
is "offcputime: ten times 50 ms asleep ($slept us)" $((slept >= 500000 && slept < 2000000)) 1
is "offcputime: --app leaves the kernel's threads out" "$(grep -c 'no stack' "$dir/out")" 0
"$uio" rm -f $name >/dev/null
# Without protection keys a program with the grant `read` has page tables of its own, in which the kernel is stopped first.
"$uio" run -d -i --domain pt --name $name $target >/dev/null || exit 1
LIMIT=60 try "$uio" profile $name -F 500 --for 4s &
wait_for 20 loaded on_clock
timeout 60 "$uio" exec --grant read $name busybox sh -c 'i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done; echo well' \
	>"$dir/said"
wait
is "profile: a program of the overlay goes on" "$(cat "$dir/said")" well
is "profile: and is seen" $(($(with_frames "busybox;[program] " "$dir/out") > 0)) 1
"$uio" rm -f $name >/dev/null

# --- Redis: a script of a known function
for _ in 1 2 3 4 5; do
	port=$(free_port)
	try "$uio" run -d --name redis -p "$port:6379" redis-server -- --save '' --protected-mode no
	[ "$status" = 0 ] && break
done
wait_for 20 redis-cli -p "$port" ping || { bad "Redis boots" "$("$uio" logs redis | tail -5)"; exit 1; }
LIMIT=40 try "$uio" profile redis --for 3s &
wait_for 10 loaded on_clock redis
timeout 60 redis-cli -p "$port" eval 'local n = 0 for i = 1, 20000000 do n = n + i end return n' 0 >/dev/null 2>&1 &
load=$!
wait %1 2>/dev/null
while kill -0 $load 2>/dev/null && [ ! -s "$dir/out" ]; do sleep 0.2; done
cp "$dir/out" "$dir/folded"
kill $load 2>/dev/null
is "Redis: a script's time is luaV_execute's" $(($(share_of luaV_execute "$dir/folded") >= 50)) 1
has "Redis: by way of its event loop" "$(grep -m 1 ';luaV_execute ' "$dir/folded")" ";aeMain;aeProcessEvents"
"$uio" rm -f redis >/dev/null

# --- nginx
write_small_conf
start_guest_nginx nginx -m 32M || { bad "nginx boots" "$err $("$uio" logs -k nginx | tail -5)"; exit 1; }
urls=$(for _ in $(seq 200); do echo "http://$guest/"; done)
LIMIT=60 try "$uio" profile nginx -F 999 --for 4s &
wait_for 10 loaded on_clock nginx
answers=0
for _ in 1 2 3 4; do answers=$((answers + $(timeout 60 curl -s $urls | grep -c well))); done
wait
is "nginx: each request is answered while it is sampled" $answers 800
has "nginx: requests are seen" "$(cat "$dir/out")" ";ngx_process_events_and_timers;"
is "nginx: in the functions that serve them" $(($(with_frames ";ngx_http_process_request" "$dir/out") > 0)) 1
exit $failed
