#!/bin/bash
# gdb.sh [NAME [GDB ARGUMENT...]]: gdb on the running unikernel NAME (needed where several run) with the symbols of its
# application and kernel and the commands of mk/gdb.py. The guest stands still while gdb has stopped it and goes on when
# gdb leaves.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
uio=$top/build/bin/uio

name=${1:-$("$uio" ps -q)}
case $name in
'') echo "gdb: no unikernel runs; start one with 'uio run -d'" >&2; exit 1 ;;
*[[:space:]]*) echo "gdb: several unikernels run (${name//$'\n'/, }): make gdb NAME=..." >&2; exit 1 ;;
esac
state=$("$uio" inspect --no-guest "$name")
value() { sed -n "s/^[[:space:]]*\"$1\":[[:space:]]*\"\(.*\)\",\{0,1\}\$/\1/p" <<<"$state" | head -1; }
socket=$(value run_dir)/gdb.sock
if [ ! -S "$socket" ]; then
	echo "gdb: '$name' does not run" >&2
	exit 1
fi
shift || true
# Sources are named relative to the trees in which they were compiled.
exec gdb -q -iex "set debuginfod enabled off" -ex "set confirm off" -ex "directory $top:$top/build/sqlite3" -x "$top/mk/gdb.py" \
	-ex "target remote $socket" "$@" "$(value image)"
