#!/bin/bash
# run-net.sh: memory fails at each allocation that the kernel makes for an application's sockets, one after the other (net.c).
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/lib.sh
. tests/overlay/guest.sh
. tests/faults/nth.sh
nth_build "$built/net" tests/faults/net.c || exit 1
timeout 600 "$uio" run --name $name -m 64M "$built/net" >"$dir/out" 2>&1 </dev/null
status=$?
tr -d '\r' <"$dir/out" | grep -E '^(ok|not ok|#)'
grep -q '^not ok' "$dir/out" && failed=1
is "memory fails: the application goes on to its end" "$status $(tr -d '\r' <"$dir/out" | tail -1)" "0 done"
exit $failed
