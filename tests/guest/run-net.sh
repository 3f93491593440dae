#!/bin/bash
# run-net.sh: the network on every machine: loopback inside the guest (net_self.c), then a server (net_echo.c) that the host
# reaches through QEMU's user network, and through a tap device with its offloads where a network namespace can be had.
top=$(cd "$(dirname "$0")/../.." && pwd)
dir=$(mktemp -d)
qemu=
trap 'kill $qemu 2>/dev/null; rm -rf "$dir"' EXIT
. "$top/tests/guest/lib.sh"

options() { # MACHINE: sets $machine and $bus
	case $1 in
	microvm) machine="-M microvm,acpi=off -global virtio-mmio.force-legacy=false" bus=device ;;
	*) machine="-M $1" bus=pci,disable-legacy=on ;;
	esac
}

guest() { # IMAGE APPEND NETDEV-OPTIONS...
	local image=$1 append=$2
	shift 2
	# shellcheck disable=SC2086
	timeout 120 qemu-system-x86_64 -accel tcg -cpu max -m 32M -nodefaults -no-user-config -display none -no-reboot \
		$machine -device isa-debug-exit,iobase=0x501,iosize=2 -kernel "$image" -append "$append" \
		-serial "file:$dir/log" "$@"
}

# A port that is free now.
free_port() {
	local port
	while port=$((20000 + RANDOM % 20000)); do
		(echo >"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
	done
	echo "$port"
}

mkdir -p "$top/build/tests/guest"
for name in net_self net_echo net_last; do
	"$top/build/bin/uio-cc" -O1 -w -o "$top/build/tests/guest/$name" "$top/tests/guest/$name.c" || exit 1
done
self=$top/build/tests/guest/net_self
echo=$top/build/tests/guest/net_echo
head -c 2000000 /dev/urandom >"$dir/data"

echoes() { # NAME TCP-ADDRESS UDP-ADDRESS
	rm -f "$dir/many"
	socat -t10 - "$2" <"$dir/data" >"$dir/back"
	say "$1: a stream comes back as it went" cmp -s "$dir/data" "$dir/back"
	# QEMU's user network queues one connection; so not all at the same instant.
	for _ in $(seq 20); do
		{ sleep 0.5; echo "one of many"; sleep 0.5; } | socat -t10 - "$2" >>"$dir/many" &
		sleep 0.05
	done
	wait $(jobs -p | grep -vx "$qemu")
	say "$1: connections side by side" [ "$(grep -c "one of many" "$dir/many")" = 20 ]
	say "$1: a datagram comes back" [ "$(socat -t1 - "$3" <<<"datagram")" = datagram ]
}

over_user_net() { # MACHINE APPEND
	local port
	port=$(free_port)
	options "$1"
	: >"$dir/log"
	guest "$echo" "$2" -netdev "user,id=n,hostfwd=tcp:127.0.0.1:$port-:80,hostfwd=udp:127.0.0.1:$port-:80" \
		-device "virtio-net-$bus,netdev=n" &
	qemu=$!
	wait_for ready "$dir/log" || cat "$dir/log"
	[ -n "$2" ] || wait_for "from dhcp" "$dir/log"
	echoes "$1${2:+, static}" "TCP:127.0.0.1:$port" "UDP:127.0.0.1:$port"
	socat -t2 - "TCP:127.0.0.1:$port" <<<quit
	wait $qemu
	qemu=
	say "$1: the guest ended well" grep -q "uio: exit 0" "$dir/log"
}

# Run in a network namespace of its own by the script itself.
over_tap() {
	ip link set lo up
	ip tuntap add dev tap0 mode tap || exit 77
	ip addr add 10.9.0.1/24 dev tap0
	ip -6 addr add fd09::1/64 dev tap0 nodad
	ip link set tap0 up
	options microvm
	: >"$dir/log"
	guest "$echo" "uio.ip=10.9.0.2/24,gw=10.9.0.1 uio.ip6=fd09::2/64,gw=fd09::1" \
		-netdev tap,id=n,ifname=tap0,script=no,downscript=no,vnet_hdr=on -device virtio-net-device,netdev=n &
	qemu=$!
	wait_for ready "$dir/log" || cat "$dir/log"
	echoes "tap with offloads" TCP:10.9.0.2:80 UDP:10.9.0.2:80
	echoes "tap with offloads, ipv6" "TCP6:[fd09::2]:80" "UDP6:[fd09::2]:80"
	ip -6 addr add fd77::1/128 dev lo nodad
	say "ipv6: the gateway leads to other networks" \
		[ "$(socat -t2 - "TCP6:[fd09::2]:80,bind=[fd77::1]" <<<"from afar")" = "from afar" ]
	socat -t2 - TCP:10.9.0.2:80 <<<quit
	wait $qemu
	qemu=
	say "tap: the guest ended well" grep -q "uio: exit 0" "$dir/log"
}

# What an application has sent when it ends arrives.
last_words() {
	: >"$dir/log"
	guest "$top/build/tests/guest/net_last" "uio.ip=10.9.0.2/24" \
		-netdev tap,id=n,ifname=tap0,script=no,downscript=no,vnet_hdr=on -device virtio-net-device,netdev=n &
	qemu=$!
	wait_for ready "$dir/log" || cat "$dir/log"
	say "what was sent before the end arrives" [ "$(timeout 20 socat -u TCP:10.9.0.2:80 - | tr -d -c x | wc -c)" = 1000000 ]
	wait $qemu
	qemu=
	say "and so does the end" grep -q "uio: exit 0" "$dir/log"
}

if [ "$1" = --tap ]; then
	over_tap
	last_words
	exit $failed
fi

for m in microvm q35; do
	options $m
	: >"$dir/log"
	guest "$self" "uio.ip=10.0.2.15/24,gw=10.0.2.2" -netdev user,id=n -device "virtio-net-$bus,netdev=n"
	tr -d '\r' <"$dir/log" | sed -n "s/^\(.*ok\) - /\1 - loopback on $m: /p; s/^#/# $m:/p"
	grep -q '^not ok' "$dir/log" && failed=1
	say "$m: the guest ended well" grep -q "uio: exit 0" "$dir/log"
done
options microvm
: >"$dir/log"
guest "$self" ""
say "loopback without a device" grep -q "uio: exit 0" "$dir/log"

for m in microvm q35 pc; do over_user_net $m "uio.ip=10.0.2.15/24,gw=10.0.2.2,dns=10.0.2.3"; done
over_user_net microvm ""
if unshare -rn true 2>/dev/null && [ -w /dev/net/tun ]; then
	unshare -rn "$0" --tap
	case $? in
	0) ;;
	77) echo "ok - tap # SKIP no tap device can be made here" ;;
	*) failed=1 ;;
	esac
else
	echo "ok - tap # SKIP no network namespace can be had here"
fi
exit $failed
