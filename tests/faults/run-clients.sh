#!/bin/bash
# run-clients.sh: clients that break the rules (client.c) on the control channel, the shell and the application's console of a
# live guest: they go in mid-frame, send garbage, send thousands of frames, do not read, do not speak, come and go faster
# than the device can tell. Afterwards the memory, the heap and the threads are as they were, the application answers, and a good
# client is served.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/lib.sh
. tests/overlay/guest.sh
. tests/faults/poke.sh
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
bold() { # MODE SOCKET: in the background, ended by leave
	timeout 300 "$built/client" "$1" "$sockets/$2.sock" &
	rude+=($!)
}
leave() {
	kill "${rude[@]}"
	wait "${rude[@]}" 2>/dev/null
	rude=()
}
rude=()
deaf_clients() {
	for i in 1 2 3; do
		bold deaf ctl.$i
	done
	bold deaf-shell shell
}
# What is made at first use.
for i in 1 2; do
	for mode in cut cut-shell; do
		[ $mode = cut ] && client $mode ctl.$((i + 1)) || client $mode shell
	done >/dev/null
	client garbage ctl.1 $i
	client frames ctl.2 $i
	garbage_for_the_shell
	busybox sh -c 'rm -f /tmp/pushed; true'
	application_is_well 0
	deaf_clients
	sleep 2
	leave
	busybox true
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

# --- those who do not read, on three of four connections and the shell, while the fourth works
deaf_clients
for i in 1 2 3; do
	application_is_well $((++pings)) && ok "clients that do not read: the application answers, $i" ||
		bad "clients that do not read: the application answers, $i" "it does not"
done
busybox echo well
is "clients that do not read: another is served" "$out$err" well
leave
after "clients that do not read, when they go"

# --- those who do not speak, past the locks of uio's
for i in 0 1 2; do
	bold mute ctl.$i
done
sleep 0.5
busybox echo well
is "clients that say nothing: uio takes the connection that is left" "$out$err" well
bold mute ctl.3
sleep 0.5
busybox true
is "clients that say nothing: a fifth is told that all are in use" "$status $err" \
	"125 uio: all 4 control connections of '$name' are in use; try again when one of its clients has ended"
application_is_well $((++pings)) && ok "clients that say nothing: the application answers" ||
	bad "clients that say nothing: the application answers" "it does not"
leave
after "clients that say nothing, when they go"
for i in 1 2 3 4; do
	timeout 60 "$uio" exec $name busybox sleep 20 >/dev/null 2>&1 &
	rude+=($!)
done
sleep 2
busybox true
is "four of uio's own: a fifth is told, too" "$status $err" \
	"125 uio: all 4 control connections of '$name' are in use; try again when one of its clients has ended"
leave
after "four of uio's own, when they go"

# --- QEMU tells of who comes and goes only while it has a buffer for it, and there are 32
bold mute ctl.3
sleep 0.5
poke "$built/victim" "set var con.multiport = 0" # the guest does not listen
leave
client visits ctl.3 20
poke "$built/victim" "print con.rx.vq.used->idx - con.rx.vq.used_seen" "set var con.multiport = 1"
has "more come and go than the device can tell: it lost some" "$out" "= 32"
after "more come and go than the device can tell"
log=$("$uio" logs -k $name)
has "a client that sends nonsense: the log says so" "$log" "uio.ctl.2: "
lines=$(grep -c 'uio.ctl.2: ' <<<"$log")
[ "$lines" -lt 10 ] && ok "a client that sends thousands of frames of it: not in thousands of lines" ||
	bad "a client that sends thousands of frames of it: not in thousands of lines" "$lines"
case $log in
*panic* | *PANIC*) bad "no panic" "$log" ;;
*) ok "no panic" ;;
esac
exit $failed
