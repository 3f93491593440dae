# guest.sh: for the scripts of tests/overlay: a guest with an application that answers (tests/hostile/victim.c), programs
# built for it, terminals for its shells. $DOMAIN (mpk, pt) chooses the isolation. Sourced after tests/cli/lib.sh, at the
# top of the tree.

name=overlay-$$
built=$PWD/build/tests/overlay
mkdir -p "$built" "$dir/host"
trap '' PIPE

guest_start() { # OPTIONS of uio run...
	"$PWD/build/bin/uio-cc" -O1 -g -o "$built/victim" tests/hostile/victim.c -lpthread || exit 1
	"$uio" run -d -i --name $name -v "$dir/host:/host" ${DOMAIN:+--domain "$DOMAIN"} "$@" "$built/victim" >/dev/null || exit 1
	for _ in $(seq 100); do
		"$uio" logs $name 2>/dev/null | grep -q '^victim ready' && return
		sleep 0.1
	done
	bad "the application starts" "$("$uio" logs -k $name)"
	exit 1
}
# The application's memory is as it was, and it answers.
application_is_well() {
	[[ $({ echo "ping $1"; sleep 0.5; } | timeout 20 "$uio" attach --console $name 2>/dev/null) =~ "pong $1 ok" ]]
}
busybox() {
	try "$uio" exec $name busybox "$@"
}
stat_of() { # FIELD of the system's row
	"$uio" stats --no-stream -o json $name 2>/dev/null | tr ',{}' '\n\n\n' | sed -n "s/.*\"$1\":[[:space:]]*\([0-9]*\).*/\1/p" | head -1
}
compile() { # COMMAND... SOURCE: to $built/NAME
	local program=$1
	shift
	[ "$built/$program" -nt "${*: -1}" ] && return
	"$@" -o "$built/$program" >"$dir/compile" 2>&1 && return
	bad "$program compiles" "$(cat "$dir/compile")"
	return 1
}

terminals=()
# A terminal: script(1) plays it, and what is typed comes through descriptor 5 or 6 (the terminal's number).
terminal() { # NUMBER COMMAND
	mkfifo "$dir/typed$1"
	TERM=vt100 script -qec "stty rows 24 cols 80; exec $2" /dev/null <"$dir/typed$1" >"$dir/screen$1" 2>&1 &
	terminals[$1]=$!
	eval "exec $1>\"$dir/typed$1\""
}
types() { # NUMBER TEXT
	printf '%b' "$2" >&"$1"
}
sees() { # NAME NUMBER PATTERN, within 20 s
	local i
	for ((i = 0; i < 200; i++)); do
		if tr -d '\r' <"$dir/screen$2" | grep -aqE -- "$3"; then
			ok "$1"
			return
		fi
		sleep 0.1
	done
	bad "$1" "no line matches '$3': $(tail -c 600 "$dir/screen$2")"
}
hangs_up() { # NUMBER
	kill "${terminals[$1]}"
	eval "exec $1>&-"
	rm -f "$dir/typed$1"
}
