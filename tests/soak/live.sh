# live.sh: for the scripts of tests/soak: a live Redis, a client that counts every answer, and the measure of what the guest
# has, to the page. Sourced after tests/cli/lib.sh, at the top of the tree. $DOMAIN (mpk, pt) chooses the isolation.

name=soak-$$
built=$PWD/build/tests/soak
mkdir -p "$built" "$dir/host"
echo untouched >"$dir/host/file"

cli() { timeout 60 redis-cli -p "$port" "$@" 2>&1; }
# With some data. What Redis would keep of each command by itself, it does not: a log of the slow ones, and how long each took.
live_start() {
	local i
	for ((i = 0; i < 20; i++)); do
		port=$((20000 + RANDOM % 10000))
		try "$uio" run -d --name $name -m 48M -v "$dir/host:/host" -p "$port:6379" ${DOMAIN:+--domain "$DOMAIN"} \
			redis-server -- --save '' --protected-mode no --enable-debug-command yes \
			--slowlog-log-slower-than -1 --latency-tracking no
		[ $status = 0 ] && break
	done
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
	# What the root has, which programs with the grant fs=rw may add to.
	mapfile -t root_names < <("$uio" exec $name busybox ls -A /)
	musl-gcc -O1 -static -o "$dir/tidy" tests/soak/tidy.c
}

# $dir/count.bpf.o, which counts what Redis is asked. False: there is no compiler for it.
count_program() {
	cat >"$dir/count.bpf.c" <<-'END'
		#include <linux/bpf.h>
		#include <bpf/bpf_helpers.h>
		unsigned long calls;
		SEC("kprobe/processCommand") int on_command(void *ctx) { calls++; return 0; }
		SEC("kretprobe/processCommand") int after_command(void *ctx) { calls++; return 0; }
	END
	clang -target bpf -O2 -g -I/usr/include/x86_64-linux-gnu -c "$dir/count.bpf.c" -o "$dir/count.bpf.o" 2>/dev/null
}

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
ask_start() {
	rm -f "$dir/stop"
	cli set requests 0 >/dev/null
	client &
	asking=$!
}
ask_stop() {
	touch "$dir/stop"
	wait $asking
}
answers_were_right() {
	if [ ! -e "$dir/wrong" ]; then ok "each of $(cat "$dir/asked") requests was answered"; else bad "each request is answered" "$(cat "$dir/wrong")"; fi
	is "Redis counted as many" "$(cli get requests)" "$(cat "$dir/asked")"
	cli set requests 0 >/dev/null
	is "Redis's data are as they were" "$(cli debug digest)" "$digest"
}

# --- what there is
settle() { # nothing that runs, nothing in the cache, no file that was not there, Redis at rest
	local p i
	for ((i = 0; i < 100; i++)); do
		"$uio" attach $name <<<progs >"$dir/progs" 2>/dev/null
		grep -q '^running' "$dir/progs" || break
		sleep 0.2
	done
	timeout 120 "$uio" exec --grant fs=rw --push "$dir/tidy" $name tidy "${root_names[@]}" >"$dir/tidied" 2>&1 ||
		bad "what killed programs left can be removed" "$(cat "$dir/tidied")"
	"$uio" attach $name <<<progs >"$dir/progs" 2>/dev/null
	for p in $(awk '/^cached/ { print $2 }' "$dir/progs"); do
		"$uio" attach $name <<<"unload $p" >/dev/null 2>&1
	done
	sleep 6
}
figure() { # FIELD [ROW]: of the last look at the guest's figures
	sed "s/.*\"name\":\"${2:-system}\"//; s/}.*//" "$dir/stats" | sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p"
}
# Into $state. Memory to the byte: what is free or Redis's own, the pages of the kernel's heap and the bytes in them that are in
# use. Redis's own is counted with what is free since its allocator takes a page for itself now and then ($redis_bytes), which
# it would without programs, too; what anybody else takes is missing there. Descriptors: Redis's, and those that the guest's machine has on the host.
measure() {
	local descriptors
	descriptors=$("$uio" exec $name busybox ls /proc/1/fd | wc -l)
	settle
	"$uio" stats --no-stream -o json $name >"$dir/stats"
	redis_bytes=$(figure memory_bytes redis-server)
	state="free or Redis's $(($(figure free_bytes) + redis_bytes)) heap $(figure heap_bytes) in use $(figure heap_used_bytes)"
	state+=" cached $(figure cache_bytes) threads $(figure threads)"
	state+=" descriptors $descriptors, on the host $(readlink "/proc/$(field $name pid)/fd"/* | grep -vc '^socket:')"
}
