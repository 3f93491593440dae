#!/bin/bash
# run-fuzz.sh [NAME...]: builds the fuzz targets (all, or fuzz_NAME.c) and runs each a fixed number of times,
# FUZZ_RUNS (20000), with a fixed seed: it ends and does the same every time. What broke a target stays in build/fuzz/NAME/.
# A long hunt by hand: build/fuzz/fuzz_NAME -max_total_time=600 build/fuzz/NAME/corpus
cd "$(dirname "$0")/../.." || exit 1
runs=${FUZZ_RUNS:-20000}
dir=build/fuzz
clang=${CLANG:-clang}
flags="-std=gnu11 -O1 -g -D_GNU_SOURCE -DUIO_HOSTED -I. -Ibuild -fno-sanitize-recover=all"
flags+=" -fsanitize=fuzzer,address,undefined"

if ! command -v "$clang" >/dev/null; then
	echo "skip - fuzz targets: no clang"
	exit 0
fi
mkdir -p "$dir"
# The pure zone, as one archive of instrumented objects.
pure=$(ls lib/*.c proto/*.c bpf/*.c; grep -lx '/\* pure \*/' {arch/*,kernel,drivers,fs,linux,overlay,host}/*.c 2>/dev/null)
targets=${*:-$(ls tests/fuzz/fuzz_*.c | sed 's,.*/fuzz_\(.*\)\.c,\1,')}
status=0
objects=
for source in $pure; do
	object=$dir/obj/${source%.c}.o
	objects+=" $object"
	if [ "$source" -nt "$object" ] || [ -n "$(find . -name '*.h' -newer "$object" -print -quit 2>/dev/null)" ]; then
		mkdir -p "${object%/*}"
		# No main of libFuzzer's in here.
		# shellcheck disable=SC2086
		$clang ${flags/fuzzer,/fuzzer-no-link,} -c "$source" -o "$object" || exit 1
	fi
done
rm -f "$dir/libpure.a"
# shellcheck disable=SC2086
ar rcs "$dir/libpure.a" $objects || exit 1

# fuzz_NAME.sources: flags in the first line, then sources that are compiled with them for this target.
others_of() { # NAME: sets $more (flags) and $others (objects)
	local list=tests/fuzz/fuzz_$1.sources source object
	more= others=
	[ -f "$list" ] || return 0
	more=$(head -n 1 "$list")
	for source in $(sed 1d "$list"); do
		object=$dir/obj/$1/${source%.c}.o
		others+=" $object"
		mkdir -p "${object%/*}"
		[ "$object" -nt "$source" ] && [ "$object" -nt "$list" ] &&
			[ -z "$(find net linux kernel drivers third_party tests/fuzz -name '*.h' -newer "$object" -print -quit)" ] && continue
		# shellcheck disable=SC2086
		$clang ${flags/fuzzer,/fuzzer-no-link,} $more -w -c "$source" -o "$object" || return 1
	done
}

for name in $targets; do
	out=$dir/fuzz_$name
	mkdir -p "$dir/$name/corpus"
	others_of "$name" || { echo "not ok - fuzz $name does not build"; status=1; continue; }
	# What a target begins with, where random bytes would never get far.
	seeds="-max_len=4096"
	if [ "$name" = bpf_object ] && [ -e /usr/include/bpf/bpf_helpers.h ]; then
		mkdir -p "$dir/$name/seeds"
		for source in tests/bpf/objects/*.bpf.c; do
			$clang -target bpf -O2 -g -I/usr/include/x86_64-linux-gnu -c "$source" \
				-o "$dir/$name/seeds/$(basename "$source" .bpf.c).o"
		done
		seeds="-max_len=16384 -seed_inputs=$(echo "$dir/$name/seeds"/*.o | tr ' ' ,)"
	fi
	if [ "$name" = bpf_verify ] && [ -x build/tests/bpf/corpus ]; then
		mkdir -p "$dir/$name/seeds"
		build/tests/bpf/corpus -n -d "$dir/$name/seeds" tests/bpf/verifier/*.txt >/dev/null
		seeds="-max_len=4096 -seed_inputs=$(echo "$dir/$name/seeds"/* | tr ' ' ,)"
	fi
	[ ! -d "tests/fuzz/seeds/$name" ] || seeds+=" -seed_inputs=$(echo "tests/fuzz/seeds/$name"/* | tr ' ' ,)"
	# shellcheck disable=SC2086
	if ! $clang $flags $more "tests/fuzz/fuzz_$name.c" $others "$dir/libpure.a" -o "$out"; then
		echo "not ok - fuzz $name does not build"
		status=1
	elif "$out" -runs="$runs" -seed=1 $seeds -timeout=10 -artifact_prefix="$dir/$name/" >"$dir/$name/log" 2>&1; then
		echo "ok - fuzz $name: $runs inputs"
	else
		tail -n 40 "$dir/$name/log"
		echo "not ok - fuzz $name: see $dir/$name/"
		status=1
	fi
done
exit $status
