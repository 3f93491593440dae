#!/bin/bash
# redis-compare.sh: `make redis-suite`: Redis's own suite against Debian's Redis as a process and against the unikernel,
# both as run-redis-suite.sh runs it, and what the one passes and the other does not. Anything that redis-excluded does
# not name is a failure.
cd "$(dirname "$0")/../.." || exit 1
out=build/tests/redis
mkdir -p $out
failed=0
for kind in native uio; do
	start=$SECONDS
	tests/apps/run-redis-suite.sh --$kind >$out/$kind.out 2>&1 || failed=1
	grep '^ok - redis .*: ' $out/$kind.out | grep -v -e ' # SKIP ' -e ': the suite says that' |
		sed 's/^ok - redis //' | sort >$out/$kind.passed
	printf '%-7s %5d passed %3d failed %3d excluded, in %d s (%s)\n' $kind "$(wc -l <$out/$kind.passed)" \
		"$(grep -c '^not ok' $out/$kind.out)" "$(grep -c ' # SKIP ' $out/$kind.out)" $((SECONDS - start)) $out/$kind.out
	grep '^not ok' $out/$kind.out
done
echo "passed by Debian's Redis only:"
comm -23 $out/native.passed $out/uio.passed | while IFS= read -r test; do
	unit=${test%%: *} name=${test#*: }
	why=$(awk -F'\t' -v unit="$unit" -v name="$name" '$2 == unit && $3 == name { print $1 }' tests/apps/redis-excluded)
	printf '  %s (%s)\n' "$test" "${why:-NOT LISTED}"
done | tee $out/only-native
grep -q 'NOT LISTED' $out/only-native && failed=1
exit $failed
