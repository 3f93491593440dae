#!/bin/bash
# mutants.sh [NAME...]: takes one check after the other out of the system and sees that a test notices. Each NAME.patch
# here removes one check; its head says what that means and which tests must fail then. In a copy of the tree below the
# build folder: the tests pass as the tree is, the patch applies, everything still builds, at least one of the tests fails.
# The outcome of each goes to build/mutants/table.tsv. A patch that does not apply or build any more is a failure: it shows
# nothing.
cd "$(dirname "$0")/../.." || exit 1
top=$PWD
copy=$top/build/mutants/tree
table=$top/build/mutants/table.tsv
limit=${TEST_TIMEOUT:-600}
failed=0
ok() { echo "ok - $1"; }
bad() { # TEST TEXT
	echo "not ok - $1"
	failed=1
	sed 's/^/# /' <<<"$2"
}
header() { # FIELD FILE
	sed -n "s/^$1: //p; /^---/q" "$2"
}

[ $# != 0 ] || set -- $(cd tests/mutants && printf '%s\n' *.patch | sed 's/\.patch$//')

# The copy has what git would take and what is built; the compilers' wrappers name their own folder and are made anew.
rm -rf "$copy"
mkdir -p "$copy/build"
git ls-files -co --exclude-standard -z | tar -cf - --null -T - | tar -xf - -C "$copy" || exit 1
tar -cf - -C build --exclude=./mutants --exclude='./lib/*.specs' --exclude=./bin/uio-cc . | tar -xf - -C "$copy/build" || exit 1
cd "$copy" || exit 1
build() { # TARGET...
	make -s -j"$(nproc)" all "$@" >"$top/build/mutants/build.log" 2>&1
}

try() { # COMMAND: runs a test; true if it passes
	# shellcheck disable=SC2086
	CMOCKA_MESSAGE_OUTPUT=TAP timeout -k 10 "$limit" $1 </dev/null >"$top/build/mutants/test.log" 2>&1 || return 1
	! grep -q '^not ok' "$top/build/mutants/test.log"
}

printf 'check\twithout it\ttest\toutcome\n' >"$table"
declare -A passes
for name; do
	patch=tests/mutants/$name.patch
	if [ ! -f "$patch" ]; then
		bad "$name" "there is no $patch"
		continue
	fi
	what=$(header What "$patch")
	test=$(header Fails "$patch")
	needs=$(header Needs "$patch") # what make has to build for it beside the whole
	# What fails anyway would prove nothing.
	if [ -z "${passes[$test]}" ]; then
		# shellcheck disable=SC2086
		if ! build $needs; then
			bad "$name: the tree as it is builds" "$(tail -5 "$top/build/mutants/build.log")"
			continue
		elif ! try "$test"; then
			bad "$name: $test passes as the tree is" "$(grep -A3 '^not ok' "$top/build/mutants/test.log" | head -8)"
			continue
		fi
		passes[$test]=1
	fi
	if ! patch -p1 -s --no-backup-if-mismatch <"$patch" >"$top/build/mutants/patch.log" 2>&1; then
		bad "$name: the patch applies" "$(cat "$top/build/mutants/patch.log")"
		exit 1 # the copy is no longer what it was
	fi
	# shellcheck disable=SC2086
	if ! build $needs; then
		outcome="does not build"
		bad "$name: it builds" "$(grep -m3 error "$top/build/mutants/build.log")"
	elif try "$test"; then
		outcome="nobody notices"
		bad "$name: $test fails" "$what Nobody notices."
	else
		outcome=$(grep -m1 '^not ok' "$top/build/mutants/test.log")
		outcome=${outcome:-ends badly: $(tail -1 "$top/build/mutants/test.log")}
		ok "$name: ${outcome#not ok - }"
	fi
	printf '%s\t%s\t%s\t%s\n' "$name" "$what" "$test" "$outcome" >>"$table"
	patch -R -p1 -s --no-backup-if-mismatch <"$patch"
done
exit $failed
