#!/bin/bash
# run-xdp.sh: programs on the network device of a guest that sends back what it gets on port 80, over a tap device with
# its offloads in a network namespace: what they drop, change, send back and let through; under load nothing is lost.
cd "$(dirname "$0")/../.." || exit 1
if ! command -v clang >/dev/null || ! [ -e /usr/include/bpf/bpf_helpers.h ]; then
	echo "ok - xdp # SKIP no clang, or no libbpf-dev"
	exit 0
fi
if [ "${1-}" != --inside ]; then
	if unshare -rn true 2>/dev/null && [ -w /dev/net/tun ]; then
		exec unshare -rn "$0" --inside
	fi
	echo "ok - xdp # SKIP no network namespace or no tap device can be had here"
	exit 0
fi
. tests/cli/lib.sh
ip link set lo up
ip tuntap add dev tap0 mode tap || { echo "ok - xdp # SKIP no tap device can be made here"; exit 0; }
ip addr add 10.9.0.1/24 dev tap0
ip link set tap0 up
built=build/tests/trace
mkdir -p $built
for c in xdp xdp_refused; do
	clang -target bpf -O2 -g -I/usr/include/x86_64-linux-gnu -c tests/trace/progs/$c.bpf.c -o $built/$c.bpf.o || exit 1
done
object=$built/xdp.bpf.o
build/bin/uio-cc -O1 -w -o "$dir/echo" tests/guest/net_echo.c || exit 1

once() { # TEXT [ADDRESS]: a datagram, and what comes back within a second
	printf '%s' "$1" | timeout 20 socat -t 1 - "UDP:${2:-10.9.0.2:80}" 2>/dev/null
}
udp() { # TEXT [ADDRESS]: the same, as often as it takes on a busy machine
	local i answer
	for i in {1..20}; do
		answer=$(once "$@")
		[ -n "$answer" ] && break
	done
	echo "$answer"
}
stream() { # FILE [ADDRESS]: sends it and keeps what comes back
	timeout 100 socat -t 10 - "TCP:${2:-10.9.0.2:80}" <"$1" >"$dir/back" 2>/dev/null
	cmp -s "$1" "$dir/back"
}
# count FIELD: of the attached program.
count() {
	"$uio" bpf list -o json xdp | sed -n "s/.*\"on\":\"eth0\".*\"$1\":\([0-9]*\).*/\1/p"
}
attach() { # PROGRAM: for good; sets $program and $loaded
	try "$uio" bpf attach --pin xdp $object --program "$1"
	[ "$status" = 0 ] || bad "attach $1" "$err"
	read -r program loaded < <("$uio" bpf list -o json xdp | sed -n 's/.*"id":\([0-9]*\),"object":\([0-9]*\).*"on":"eth0".*/\1 \2/p')
}
unload() {
	"$uio" bpf unload xdp "$loaded"
}
memory() {
	"$uio" stats -o json --no-stream xdp | tr ',{' '\n\n' | sed -n 's/.*"memory_used[a-z_]*": *\([0-9]*\).*/\1/p' | head -1
}

try "$uio" run -d --name xdp -v "$dir:/host" --net tap=tap0 --ip 10.9.0.2/24 "$dir/echo"
is "the guest starts" "$status" 0
udp hello >/dev/null
head -c 3000000 /dev/urandom >"$dir/data"

# --- what is not there
try "$uio" bpf load xdp $built/xdp_refused.bpf.o --program send_elsewhere
has "redirect is refused by name" "$status $err" "redirect"
try "$uio" bpf load xdp $built/xdp_refused.bpf.o --program ask_route
has "fib_lookup is refused by name" "$status $err" "fib_lookup"

# --- pass, and the counts
attach everything
try "$uio" bpf attach --pin xdp $object --program filter
has "a second program finds the device busy" "$status $err" "there is a program on eth0 already"
is "pass: a datagram" "$(udp hello)" hello
stream "$dir/data"
is "pass: three megabytes, in packets larger than a page" $? 0
[ "$(count pass)" -gt 50 ]
is "pass: they are counted" "$? $(count drop) $(count tx) $(count aborted) $(count lost)" "0 0 0 0 0"
try "$uio" bpf list xdp
has "list: the counts" "$out" "eth0 pass="
"$uio" bpf detach xdp "$program"
is "detach: it is off" "$(count pass)" ""
is "detach: a datagram" "$(udp hello)" hello
unload

# --- drop
attach filter
is "drop: what goes to the port does not arrive" "$(once hello)" ""
once hello 10.9.0.2:81 >/dev/null
is "drop: and is counted; aborted, too" "$(count drop) $(count aborted)" "1 1"
stream "$dir/data"
is "drop: all else arrives" $? 0
unload
is "unload: takes it off" "$(udp hello)" hello

# --- the client that goes
"$uio" bpf attach xdp $object --program filter 2>"$dir/attach" &
client=$!
for _ in $(seq 100); do grep -q 'C ends' "$dir/attach" && break; sleep 0.1; done
is "a client's program works" "$(once hello)" ""
kill -9 $client
wait $client 2>/dev/null
is "and goes with it" "$(udp hello)" hello

# --- change
attach rewrite
is "rewrite: the payload, with its checksum" "$(udp fourteen)" FOURteen
is "rewrite: nothing else" "$(udp fifteen)" fifteen
unload
attach borders
is "borders: a datagram" "$(udp hello)" hello
stream "$dir/data"
is "borders: a stream, in place and in copies" "$? $(count aborted)" "0 0"
unload

# --- send back: the two ends of each connection are this host's, by way of the guest
attach mirror
ip neigh replace 10.9.0.3 lladdr "$(ip neigh show 10.9.0.2 dev tap0 | sed 's/.*lladdr \([^ ]*\).*/\1/')" dev tap0
socat -T 5 UDP-LISTEN:7000,bind=10.9.0.1,fork PIPE >&2 &
udp_server=$!
socat -T 20 TCP-LISTEN:7001,bind=10.9.0.1,fork,reuseaddr EXEC:cat >&2 &
tcp_server=$!
sleep 0.5
is "tx: a datagram" "$(udp around 10.9.0.3:7000)" around
stream "$dir/data" 10.9.0.3:7001
is "tx: a stream, cut by the device" $? 0
[ "$(count tx)" -gt 50 ]
is "tx: is counted, and nothing got lost" "$? $(count lost)" "0 0"
is "tx: the guest's own service goes on" "$(udp hello)" hello

# --- under load nothing leaks
load() {
	for _ in 1 2 3; do stream "$dir/data" 10.9.0.3:7001; stream "$dir/data"; done
}
load
before=$(memory)
load
after=$(memory)
unload
kill $udp_server $tcp_server
[ -n "$before" ] && [ $((after - before)) -lt 200000 ]
is "load: $before bytes of memory before, $after after" $? 0

# --- what is no packet
attach borders
for i in $(seq 40); do
	head -c $((14 + RANDOM % 1400)) /dev/urandom | timeout 5 socat -u - INTERFACE:tap0 2>/dev/null
	{ printf '\x52\x54\x00\x12\x34\x56\x02\x00\x00\x00\x00\x01\x08\x00\x45'; head -c $((RANDOM % 60)) /dev/urandom; } |
		timeout 5 socat -u - INTERFACE:tap0 2>/dev/null
done
is "malformed packets: the guest lives" "$(udp hello) $(count lost)" "hello 0"
unload

# --- from the guest's shell
cp $object "$dir/object.o"
out=$(printf 'bpf attach --pin --program borders /host/object.o\nbpf list\n' | timeout 60 "$uio" attach xdp 2>&1)
loaded=$(sed -n 's/^object \([0-9]*\): 1 probe.*/\1/p' <<<"$out")
has "shell: a program on the device" "$(udp hello) $(count pass) $out" " eth0 pass=0"
is "shell: which sees packets" "$(($(count pass) > 0))" 1
unload
"$uio" stop xdp >/dev/null
is "the guest ends" "$(field xdp status)" exited

# --- no network
build/bin/uio-cc -Os -w -o "$dir/hello" -x c - <<'END'
#include <unistd.h>
int main(void) { return sleep(1000); }
END
"$uio" run -d --name bare "$dir/hello" >/dev/null
try "$uio" bpf attach bare $object --program everything
has "an image without a network says so" "$status $err" "there is no network device"
