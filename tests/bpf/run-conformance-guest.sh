#!/bin/bash
# run-conformance-guest.sh: the public BPF conformance suite in a guest: both engines, compiled as for the guest's kernel, in
# a program of the overlay (tests/bpf/conformance/program.c), since only those may make code. The cases are those of
# run-conformance.sh.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/lib.sh
cases=${UIO_BPF_CONFORMANCE:-../shared/bpf-conformance}/conformance.jsonl
if [ ! -f "$cases" ]; then
	echo "ok - the public conformance suite in the guest # SKIP there is no $cases"
	exit 0
fi
name=bpf-conformance-$$
mkdir -p "$dir/share"
declare -A expected
while read -r line; do
	[[ $line =~ \"name\":\ *\"([^\"]*)\" ]] && name_of=${BASH_REMATCH[1]}
	[[ $line =~ \"prog\":\ *\"([^\"]*)\" ]] && prog=${BASH_REMATCH[1]}
	[[ $line =~ \"mem\":\ *\"([^\"]*)\" ]] && mem=${BASH_REMATCH[1]}
	[[ $line =~ \"expect\":\ *\"([^\"]*)\" ]] && expected[$name_of]=${BASH_REMATCH[1]}
	echo "$name_of|${mem// /}|${prog// /}" >>"$dir/share/cases"
done <"$cases"
"$uio" run -d -i --name $name -v "$dir/share:/host" build/images/sqlite3 >/dev/null || exit 1
LIMIT=300 try "$uio" exec --push build/tests/bpf-conformance $name bpf-conformance /host/cases
[[ $out == *done ]] || bad "conformance in the guest: all cases were run" "$status $(tail -3 <<<"$out") $err"
count=0
while IFS='|' read -r case engine result; do
	[ -n "$result" ] || continue
	is "conformance in the guest: $engine: $case" "$result" "${expected[$case]}"
	count=$((count + 1))
done <<<"$out"
is "conformance in the guest: every case ran in both engines" "$count" "$((2 * ${#expected[@]}))"
