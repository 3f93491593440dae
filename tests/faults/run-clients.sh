#!/bin/bash
# run-clients.sh: clients that break the rules (client.c) on the control channel, the shell and the application's console of a
# live guest: they go in mid-frame, send garbage, send thousands of frames. Afterwards the memory,
# the heap and the threads are as they were, the application answers, and a good client is served.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/lib.sh
. tests/overlay/guest.sh
"${CC:-gcc}" -O1 -I. -o "$built/client" tests/faults/client.c build/hosted/libpure.a || exit 1
guest_start -m 64M
sockets=$(echo "$XDG_RUNTIME_DIR"/uio/$name-*)
client() { # MODE SOCKET...
	timeout 300 "$built/client" "$1" "$sockets/$2.sock" "${@:3}"
}
state() {
	"$uio" stats --no-stream -o json $name 2>/dev/null | tr ',{}' '\n\n\n' | tr -d ' \t"' |
		grep -E '^(free|heap|cache)_bytes:|^threads:' | head -4 | tr '\n' ' '
}
# The state is as before; what a client left behind may take its time to end.
settled() { # NAME
	local now i
	for ((i = 0; i < 60; i++)); do
		now=$(state)
		[ "$now" = "$before" ] && break
		sleep 0.5
	done
	is "$1: nothing is lost" "$now" "$before"
}
pings=0
after() { # NAME
	application_is_well $((++pings)) && ok "$1: the application answers" || bad "$1: the application answers" "it does not"
	busybox sh -c 'rm -f /tmp/pushed; echo well'
	is "$1: a good client is served" "$out$err" well
	settled "$1"
}
garbage_for_the_shell() {
	head -c 200000 /dev/urandom 2>/dev/null | timeout 8 socat -u - "UNIX-CONNECT:$sockets/shell.sock"
}
# What is made at first use.
for i in 1 2; do
	for mode in cut cut-shell; do
		[ $mode = cut ] && client $mode ctl.$i || client $mode shell
	done >/dev/null
	client garbage ctl.1 $i
	client frames ctl.2 $i
	garbage_for_the_shell
	busybox sh -c 'rm -f /tmp/pushed; true'
	application_is_well 0
done
sleep 1
before=$(state)
echo "# $before"

is "gone at each byte of an exchange" "$(client cut ctl.0)" "done"
after "gone at each byte of an exchange"
is "gone at each byte that a shell is typed" "$(client cut-shell shell)" "done"
after "gone at each byte that a shell is typed"
is "garbage on a control connection" "$(client garbage ctl.1 $RANDOM)" ""
after "garbage on a control connection"
is "thousands of frames" "$(client frames ctl.2 "$RANDOM")" ""
after "thousands of frames"
garbage_for_the_shell
after "garbage for a shell"
head -c 100000 /dev/urandom | tr -d '\000\003\004\021\023\034\032' | timeout 60 "$uio" attach --console $name >/dev/null 2>&1
echo | timeout 60 "$uio" attach --console $name >/dev/null 2>&1
after "garbage on the application's console"
log=$("$uio" logs -k $name)
case $log in
*panic* | *PANIC*) bad "no panic" "$log" ;;
*) ok "no panic" ;;
esac
exit $failed
