#!/bin/bash
# run-sock.sh: sockets, epoll, eventfd, timerfd and signalfd in a unikernel without the overlay. The same programs first
# run on this machine's Linux, which says what is right.
set -u
cd "$(dirname "$0")/../.."
cc=$PWD/build/bin/uio-cc
out=build/tests/guest
mkdir -p "$out"
failed=0

bad() { # SENTENCE LOG
	echo "not ok - $1"
	grep -v '^ok - ' "$2" | tail -n 20 | sed 's/^/# /'
	failed=1
}
flags=(-D_GNU_SOURCE -O1 -g)

for name in sock_unix sock_epoll sock_inet sock_tcp sock_fds; do
	log=$out/$name.native.log
	if gcc "${flags[@]}" -w -o "$out/$name.native" "tests/guest/$name.c" -lpthread >"$log" 2>&1 &&
		timeout 60 "$out/$name.native" >"$log" 2>&1; then
		echo "ok - $name: Linux agrees"
	else
		bad "$name: Linux agrees" "$log"
	fi
	log=$out/$name.log
	"$cc" "${flags[@]}" -w -fno-overlay -o "$out/$name" "tests/guest/$name.c" >"$log" 2>&1 || {
		bad "$name compiles" "$log"
		continue
	}
	timeout 120 qemu-system-x86_64 -accel tcg -cpu max -M microvm,pit=off,pic=off -m 64 -nodefaults -no-user-config \
		-display none -no-reboot -serial stdio -device isa-debug-exit,iobase=0x501,iosize=4 \
		-kernel "$out/$name" </dev/null 2>&1 | tr -d '\r' >"$log"
	grep -E '^(ok|not ok) - ' "$log" | sed "s/ - / - $name: /"
	grep -q '^not ok' "$log" && failed=1
	grep -q '^uio: exit 0$' "$log" || bad "$name: ends with status 0" "$log"
done
exit $failed
