#!/bin/bash
# run-insn.sh: the lengths of instructions that trace/insn.c finds, against objdump's, over all of SQLite's image.
cd "$(dirname "$0")/../.." || exit 1
check=build/tests/trace/insn-check
image=build/images/sqlite3
if ! [ -x $check ] || ! [ -f $image ]; then
	echo "not ok - insn: make test-trace builds $check, make $image"
	exit 1
fi
# Bytes that are no instruction are printed as (bad), data in the text as it comes.
out=$(objdump -d -w -j .text $image | awk -F'\t' 'NF >= 3 && $3 !~ /bad/ { print $2 }' | $check)
status=$?
read -r count _ unknown _ <<<"$(tail -1 <<<"$out" | tr -d ,)"
echo "# $(tail -1 <<<"$out")"
if [ $status = 0 ] && [ "$count" -gt 100000 ]; then
	echo "ok - insn: $count instructions have objdump's length, or are unknown"
else
	echo "not ok - insn: lengths differ from objdump's"
	printf '%s\n' "$out" | sed 's/^/# /'
	exit 1
fi
if [ $((unknown * 100)) -lt "$count" ]; then
	echo "ok - insn: fewer than one in a hundred is unknown"
else
	echo "not ok - insn: $unknown of $count are unknown"
	exit 1
fi
