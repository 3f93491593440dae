#!/bin/bash
# run-conformance.sh: the public BPF conformance suite, when its cases are there: a file of JSON objects, one a line, with
# name, prog (hexadecimal), mem (hexadecimal) and expect (r0 in hexadecimal, or "error"), in the folder
# UIO_BPF_CONFORMANCE, by default ../shared/bpf-conformance. Each case runs in both engines, as
# they are compiled for the host and for the guest.
cd "$(dirname "$0")/../.." || exit 1
cases=${UIO_BPF_CONFORMANCE:-../shared/bpf-conformance}/conformance.jsonl
if [ ! -f "$cases" ]; then
	echo "ok - the public conformance suite # SKIP there is no $cases"
	exit 0
fi


failed=0 count=0
while read -r line; do
	[[ $line =~ \"name\":\ *\"([^\"]*)\" ]] && name=${BASH_REMATCH[1]}
	[[ $line =~ \"prog\":\ *\"([^\"]*)\" ]] && prog=${BASH_REMATCH[1]}
	[[ $line =~ \"mem\":\ *\"([^\"]*)\" ]] && mem=${BASH_REMATCH[1]}
	[[ $line =~ \"expect\":\ *\"([^\"]*)\" ]] && expect=${BASH_REMATCH[1]}
	for engine in host "host --jit" guest "guest --jit"; do
		run=build/host/bpf-run
		[[ $engine == guest* ]] && run=build/tests/bpf-run-guest
		jit=${engine#host}
		got=$(timeout 20 "$run" "$mem" ${jit#guest} 2>/dev/null <<<"$prog")
		status=$?
		[ $status = 0 ] || got=error
		# A refusal is 1; anything else (a signal, a time limit) is no answer.
		[ $status -le 1 ] || got="status $status"
		if [ "$got" = "$expect" ]; then
			echo "ok - conformance $engine: $name"
		else
			echo "not ok - conformance $engine: $name gives $got, not $expect"
			failed=1
		fi
		count=$((count + 1))
	done
done <"$cases"
[ $count != 0 ] || { echo "not ok - $cases has no cases"; failed=1; }
exit $failed
