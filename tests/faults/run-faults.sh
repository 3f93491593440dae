#!/bin/bash
# run-faults.sh: what fails below the kernel: memory, at each allocation of a program's start and of its life (nth.c), and a
# 9p server that answers late, wrongly, with errors, or dies (proxy.c, behind QEMU's). Whoever asked gets an error, nothing is
# lost, and the application goes on. What QEMU would not pass on, rings and replies that break the rules, is the business of
# tests/fuzz/fuzz_virtio.c and fuzz_ninep_fs.c.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/lib.sh
. tests/overlay/guest.sh
. tests/faults/nth.sh

nth_build "$built/nth" tests/hostile/victim.c || exit 1

start() { # OPTIONS of uio run...
	name=faults-$$-$RANDOM
	"$uio" run -d -i --name $name -m 64M -v "$dir/host:/host" "$@" "$built/nth" >/dev/null || exit 1
	for _ in $(seq 200); do
		"$uio" logs $name 2>/dev/null | grep -q '^victim ready' && return
		sleep 0.1
	done
	bad "the application starts" "$("$uio" logs -k $name)"
	exit 1
}
state() {
	"$uio" stats --no-stream -o json $name 2>/dev/null | tr ',{}' '\n\n\n' | tr -d ' \t"' |
		grep -E '^(free|heap|cache)_bytes:' | head -3 | tr '\n' ' '
}
# One allocation after the other fails, until none is left: after each everything must be as it was.
every_nth() { # WHAT PROGRAM...
	local what=$1 lost='' silent='' before now said status i
	shift
	# The first failures leave behind what is made at first use.
	for i in 1 2 3; do
		timeout 60 "$uio" exec $name "$@" >/dev/null 2>&1
	done
	before=$(state)
	for ((i = 0; i < 400; i++)); do
		said=$(timeout 60 "$uio" exec $name "$@" 2>&1 </dev/null)
		status=$?
		[ $status != 124 ] || silent+=" $i: no end"
		[ $status = 0 ] || [ -n "$said" ] || silent+=" $i: status $status"
		now=$(state)
		! lost_between "$before" "$now" || lost+=" $i: $now ($said);"
		"$uio" logs $name | grep -q '^nth: ' && break
	done
	is "$what: each failure is told" "$silent" ""
	is "$what: nothing is lost (as before: $before)" "$lost" ""
	has "$what: until none is left" "$("$uio" logs $name)" "nth: "
	echo "# $("$uio" logs $name | grep '^nth: '), $what"
	application_is_well 1 && ok "$what: the application goes on" ||
		bad "$what: the application goes on" "it does not answer"
	"$uio" rm -f $name >/dev/null
}
head -c 20000 /dev/urandom >"$dir/host/x"
start -e NTH=start
every_nth "memory fails while a program starts" busybox true
start -e NTH=run -e NTH_STEP=17
every_nth "memory fails while programs run" busybox sh -c 'cat /host/x | busybox wc -c; ls -l /host /proc/1 >/dev/null'

# --- the 9p server
"${CC:-gcc}" -O1 -o "$built/proxy" tests/faults/proxy.c || exit 1
mkdir -p "$dir/served" "$dir/control"
echo hello >"$dir/served/f"
cat >"$dir/qemu" <<END
#!/bin/bash
# QEMU with a proxy in the place of its own 9p server, and a guest that does not wait long.
args=()
for a; do
	case \$a in
	local,*) a="proxy,id=host,socket=$dir/proxy.sock" ;;
	*uio.name=*) a="uio.9p_timeout=1s \$a" ;;
	esac
	args+=("\$a")
done
exec qemu-system-x86_64 "\${args[@]}"
END
chmod +x "$dir/qemu"
serve() { # MODE
	echo "$1" >"$dir/control/MODE"
}
serve good
timeout 600 "$built/proxy" "$dir/proxy.sock" "$dir/served" "$dir/control" &
for _ in $(seq 100); do
	[ -S "$dir/proxy.sock" ] && break
	sleep 0.1
done
UIO_QEMU=$dir/qemu start
busybox cat /host/f
is "a 9p server that is well: a file is read" "$out" hello
before=$(state)
serve error
busybox cat /host/f
has "a 9p server that answers errors: the program is told" "$err" "Input/output error"
serve wrong
for _ in 1 2 3 4 5 6; do
	busybox ls -l /host
	busybox cat /host/f
done
is "a 9p server that answers nonsense: nothing is lost" "$(state)" "$before"
application_is_well 2 && ok "a 9p server that answers nonsense: the application goes on" ||
	bad "a 9p server that answers nonsense: the application goes on" "it does not answer"
serve late
busybox cat /host/f
is "a 9p server that does not answer: the program is told" "$status:$err" "1:cat: can't open '/host/f': Input/output error"
has "a 9p server that does not answer: and the log says so" "$("$uio" logs -k $name)" "9p: host: no answer in time"
serve good
for _ in $(seq 20); do
	busybox cat /host/f
	[ "$out" = hello ] && break
	sleep 1
done
is "a 9p server that was late: it is asked again" "$out" hello
serve good
sleep 4 # late answers come in, and their memory is given back by the next request
busybox cat /host/f
is "a 9p server that was late: nothing is lost" "$(state)" "$before"
serve die
busybox cat /host/f
has "a 9p server that dies: the program is told" "$err" "Input/output error"
application_is_well 3 && ok "a 9p server that dies: the application goes on" ||
	bad "a 9p server that dies: the application goes on" "it does not answer"
"$uio" rm -f $name >/dev/null
exit $failed
