#!/bin/bash
# test.sh SUITE...: runs test suites one after another and sums them up. A suite is a program that prints a line for each
# test: `ok - NAME`, `not ok - NAME` or `skip - NAME` (TAP's numbers after "ok" and its `# SKIP` are understood) and
# exits non-zero when one failed. A suite that ends badly without saying so, or says nothing, counts as one failure.
# Each has TEST_TIMEOUT seconds (default 900). Ends with "N passed, N failed, N skipped"; the whole output of each suite
# stays in build/tests/log/.
logs=${TEST_LOGS:-build/tests/log}
mkdir -p "$logs"
passed=0 failed=0 skipped=0
failures=

for suite; do
	name=${suite#build/tests/}
	name=${name#tests/}
	log=$logs/${name//\//-}.log
	start=$SECONDS
	case $suite in
	*/*) run=$suite ;;
	*) run=./$suite ;;
	esac
	CMOCKA_MESSAGE_OUTPUT=TAP timeout -k 10 "${TEST_TIMEOUT:-900}" "$run" </dev/null >"$log" 2>&1
	status=$?
	s=$(grep -cE '^(skip - |ok [0-9]+ .*# *SKIP|ok .*# *SKIP)' "$log")
	p=$(grep -E '^ok( |$)' "$log" | grep -cvE '# *SKIP')
	f=$(grep -cE '^not ok( |$)' "$log")
	if [ "$f" = 0 ] && { [ $status != 0 ] || [ $((p + s)) = 0 ]; }; then
		f=1
		[ $status = 124 ] && why="was stopped after ${TEST_TIMEOUT:-900} s" || why="ended with status $status and $p passes"
		echo "not ok - $name $why" >>"$log"
	fi
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	printf '%-44s %4d passed %3d failed %3d skipped  %3d s\n' "$name" "$p" "$f" "$s" $((SECONDS - start))
	if [ "$f" != 0 ]; then
		grep -E '^not ok' "$log" | sed 's/^/    /'
		failures+=" $log"
	fi
done

for log in $failures; do
	echo
	echo "== $log (its end)"
	tail -n 25 "$log"
done
echo
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ] && [ $passed != 0 ]
