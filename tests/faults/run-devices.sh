#!/bin/bash
# run-devices.sh: a device that breaks the rules while the guest runs (poke.sh): it says that it used more buffers than it was
# given, or wrote more into one than there was room. The guest logs it and gives the device up, whoever uses it gets an error, and
# the application goes on: it still answers through the devices that are left. (fuzz_virtio.c has every other lie.)
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/lib.sh
. tests/overlay/guest.sh
. tests/faults/poke.sh
echo hello >"$dir/host/f"
while port=$((20000 + RANDOM % 20000)); do
	(echo >"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
done

over_tcp() { # the victim gives each byte back
	local i
	for i in {1..20}; do
		[ "$({ printf x; sleep 1; } | timeout 20 socat -t 5 - "TCP:127.0.0.1:$port" 2>/dev/null)" = x ] && return
		sleep 0.5
	done
	return 1
}
once_over_tcp() {
	{ printf x; sleep 1; } | timeout 5 socat -t 1 - "TCP:127.0.0.1:$port"
}
start() {
	name=faults-$$-$RANDOM
	guest_start -m 64M -p $port:7000
}
logged() { # NAME TEXT: the kernel's log gets to say so; a loaded machine may take its time
	local i
	for ((i = 0; i < 100; i++)); do
		case $("$uio" logs -k $name) in *"$2"*) break ;; esac
		sleep 0.2
	done
	has "$1: the guest logs it" "$("$uio" logs -k $name)" "$2"
}
# What the device writes next is a lie: an index or a length that is too large, when FUNCTION has something to take from QUEUE.
lie() { # index|length FUNCTION QUEUE TRIGGER...
	local kind=$1 at=$2 vq=$3 what
	shift 3
	case $kind in
	index) what="set var $vq.used->idx += 300" ;;
	short) what="set var $vq.used->ring[$vq.used_seen & ($vq.size - 1)].len = 3" ;;
	length) what="set var $vq.used->ring[$vq.used_seen & ($vq.size - 1)].len = 100000000" ;;
	esac
	{ sleep 1; "$@"; } >"$dir/trigger" 2>&1 &
	poke "$built/victim" "hbreak $at if $vq.used->idx != $vq.used_seen" continue "$what" delete
	wait $!
}

start
busybox cat /host/f
lie short virtio_9p.c:collect "t->queue.vq" timeout 60 "$uio" exec $name busybox cat /host/f
logged "9p, a reply of three bytes" "9p: bad reply"
application_is_well 1 && ok "9p, a reply of three bytes: the application goes on" ||
	bad "9p, a reply of three bytes: the application goes on" "it does not answer"
busybox cat /host/f
is "9p, a reply of three bytes: and the next reads" "$status $out" "0 $(cat "$dir/host/f")"
"$uio" rm -f $name >/dev/null

for kind in index length; do
	start
	busybox cat /host/f
	lie $kind virtio_9p.c:collect "t->queue.vq" timeout 60 "$uio" exec $name busybox cat /host/f
	logged "9p, a wrong $kind" "9p: device broke its queue; given up"
	has "9p, a wrong $kind: the program is told" "$(cat "$dir/trigger")" "Input/output error"
	busybox cat /host/f
	has "9p, a wrong $kind: and the next, too" "$status $err" "1 cat: can't open '/host/f'"
	application_is_well 1 && over_tcp && ok "9p, a wrong $kind: the application goes on" ||
		bad "9p, a wrong $kind: the application goes on" "it does not answer"
	"$uio" rm -f $name >/dev/null

	start
	over_tcp || bad "the application answers over TCP" "it does not"
	lie $kind vnet_poll "'virtio_net.c'::net.rx.vq" once_over_tcp
	logged "net, a wrong $kind" "net: device broke its queue; given up"
	application_is_well 2 && ok "net, a wrong $kind: the application goes on" ||
		bad "net, a wrong $kind: the application goes on" "it does not answer"
	busybox cat /host/f
	is "net, a wrong $kind: programs run" "$out$err" hello
	"$uio" rm -f $name >/dev/null

	start
	over_tcp || bad "the application answers over TCP" "it does not"
	lie $kind virtio_console.c:interrupt "con.ports[2].rx.vq" timeout 60 "$uio" exec $name busybox true
	logged "console, a wrong $kind" "console: device broke its queue; given up"
	has "console, a wrong $kind: the client is told" "$(cat "$dir/trigger")" "uio: "
	over_tcp && ok "console, a wrong $kind: the application goes on" ||
		bad "console, a wrong $kind: the application goes on" "it does not answer"
	"$uio" rm -f $name >/dev/null
done
exit $failed
