# lib.sh: what the parts of the demo share; they read it with `.`. The caller has set $name, the instance's name.
# A part's folder is $dir, removed at its end; $failed tells whether a step failed.
set -u
cd "$(dirname "$0")/.." || exit 1
uio=$PWD/build/bin/uio
dir=$(mktemp -d /tmp/uio-demo-XXXXXX)
mkdir -p "$dir/host" "$dir/run"
# A place of its own, so that nothing of the user's is touched.
export XDG_STATE_HOME=$dir/state XDG_RUNTIME_DIR=$dir/run
unset UIO_QEMU UIO_IMAGES UIO_TOOLS
trap '' PIPE
failed=0

cleanup() {
	exec 2>/dev/null 3>&- 4<&-
	"$uio" rm -f $name >/dev/null
	[ -z "$(jobs -p)" ] || kill $(jobs -p)
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

title() {
	printf '\n\033[1m==> %s\033[0m\n' "$1"
}
# Runs a command, shows it, and keeps what it says in $out and its status in $status.
show() {
	local words="$*"
	printf '$ %s\n' "${words/#$uio/uio}"
	out=$(timeout "${LIMIT:-60}" "$@" 2>&1 </dev/null)
	status=$?
	printf '%s\n' "$out" | sed 's/^/    /' | head -n "${LINES_SHOWN:-14}"
}
check() { # SENTENCE COMMAND...
	local sentence=$1
	shift
	if "$@"; then
		printf '    \033[32mok\033[0m: %s\n' "$sentence"
	else
		printf '    \033[31mFAILED\033[0m: %s\n' "$sentence"
		failed=1
	fi
}
is() { [ "$1" = "$2" ]; }
has() { grep -qE -- "$1" <<<"$out"; }

gcc_program() { # NAME FLAGS...: compiles examples/NAME.c
	printf '$ musl-gcc -O2 -static -fPIC -Wl,-pie,-E,-z,undefs %s-o %s examples/%s.c\n' "${*:2}${2:+ }" "$1" "$1"
	musl-gcc -O2 -static -fPIC -Wl,-pie,-E,-z,undefs "${@:2}" -o "$dir/$1" "examples/$1.c"
}
finish() { # WHAT
	echo
	[ $failed = 0 ] && echo "$1: every step holds." || echo "$1 FAILED: see above."
	exit $failed
}
