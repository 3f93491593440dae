# lib.sh: for the scripts of tests/cli: a private place for state and sockets, and checks that print ok or not ok.
# Sourced; the caller stands at the top of the tree.

set -u
uio=$PWD/build/bin/uio
dir=$(mktemp -d /tmp/uio-test-XXXXXX)
export XDG_STATE_HOME=$dir/state XDG_RUNTIME_DIR=$dir/run
unset UIO_QEMU UIO_IMAGES UIO_TOOLS
mkdir -p "$XDG_RUNTIME_DIR"
failed=0

finish() {
	for name in $("$uio" ps -aq 2>/dev/null); do
		"$uio" rm -f "$name" >/dev/null 2>&1
	done
	rm -rf "$dir"
	exit $failed
}
trap finish EXIT

ok() { # NAME
	echo "ok - $1"
}
bad() { # NAME WHY
	echo "not ok - $1"
	printf '%s\n' "$2" | head -20 | sed 's/^/# /'
	failed=1
}
is() { # NAME GOT WANTED
	if [ "$2" = "$3" ]; then ok "$1"; else bad "$1" "got '$2', wanted '$3'"; fi
}
has() { # NAME TEXT PART
	case $2 in
	*"$3"*) ok "$1" ;;
	*) bad "$1" "got '$2', which lacks '$3'" ;;
	esac
}
# Runs a command with a time limit: $out has stdout, $err stderr, $status the exit status.
try() {
	timeout "${LIMIT:-30}" "$@" >"$dir/out" 2>"$dir/err"
	status=$?
	out=$(cat "$dir/out")
	err=$(cat "$dir/err")
}
# field NAME FIELD: one value of `uio ps -a -o json`, of the unikernel NAME.
field() {
	"$uio" ps -a -o json | sed -n "/\"name\":[[:space:]]*\"$1\"/,/}/s/.*\"$2\":[[:space:]]*\"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}$/\1/p" | head -1
}
