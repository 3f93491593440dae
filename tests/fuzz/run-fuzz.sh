#!/bin/bash
# run-fuzz.sh [NAME...]: builds the fuzz targets of tests/fuzz/targets.tsv (all, or those named) and runs each as often as
# its row says, with a fixed seed: it ends and does the same every time. What broke a target stays in build/fuzz/NAME/.
#
# FUZZ_SECONDS=N (`make fuzz`): hunts with each target for N seconds instead, from what earlier hunts found
# (build/fuzz/NAME/corpus, which stays) and the seeds.
# FUZZ_MERGE=1: instead of running, writes the smallest part of the corpus that reaches the same places to tests/fuzz/seeds/NAME.hex.
#
# Prints how many of the parser's lines ran, and writes build/fuzz/coverage.tsv: 90 % are asked for. First, without NAMEs: the
# table of README.md has each target, and each of its targets exists.
cd "$(dirname "$0")/../.." || exit 1
dir=build/fuzz
table=tests/fuzz/targets.tsv
clang=${CLANG:-clang}
flags="-std=gnu11 -O1 -g -D_GNU_SOURCE -DUIO_HOSTED -I. -Ibuild -fno-sanitize-recover=all -fprofile-instr-generate"
flags+=" -fcoverage-mapping -fsanitize=fuzzer,address,undefined"
library=${flags/fuzzer,/fuzzer-no-link,}	# no main of libFuzzer's in here

for tool in "$clang" llvm-cov llvm-profdata; do
	if ! command -v "$tool" >/dev/null; then
		echo "skip - fuzz targets: no $tool"
		exit 0
	fi
done
mkdir -p "$dir"

field() { # NAME COLUMN
	awk -F'\t+' -v n="$1" -v c="$2" '$1 == n { print $c }' "$table"
}

# All that is compiled, as pairs of flags and source, once. An object is new enough if no header is newer.
newest=$(find . -path ./build -prune -o \( -name '*.h' -o -name run-fuzz.sh \) -printf '%T@ %p\n' | sort -n | tail -n 1 | cut -d' ' -f2-)
compile() { # FLAGS OBJECT-FOLDER SOURCE...: writes lines of work, and sets $objects
	local more=$1 folder=$2 source object
	shift 2
	objects=
	for source; do
		object=$folder/${source%.c}.o
		objects+=" $object"
		[ "$object" -nt "$source" ] && [ "$object" -nt "$newest" ] && continue
		mkdir -p "${object%/*}"
		echo "$more -c $source -o $object" >>"$dir/work"
	done
}
work() { # does it, on all CPUs
	[ -s "$dir/work" ] || return 0
	xargs -P "$(nproc)" -d '\n' -n 1 sh -c "exec $clang $library \$1" sh <"$dir/work"
}

# The pure zone, as one archive of instrumented objects.
pure=$(ls lib/*.c proto/*.c bpf/*.c; grep -lx '/\* pure \*/' {arch/*,kernel,drivers,fs,linux,overlay,trace,host}/*.c 2>/dev/null)
: >"$dir/work"
# shellcheck disable=SC2086
compile "" "$dir/obj" $pure
work || exit 1
rm -f "$dir/libpure.a"
# shellcheck disable=SC2086
ar rcs "$dir/libpure.a" $objects || exit 1

# fuzz_NAME.sources: flags in the first line, then sources that are compiled with them for this target.
build() { # NAME
	local list=tests/fuzz/fuzz_$1.sources more=
	: >"$dir/work"
	objects=
	if [ -f "$list" ]; then
		more=$(head -n 1 "$list")
		# shellcheck disable=SC2046
		compile "$more -w" "$dir/obj/$1" $(sed 1d "$list")
		work || return 1
	fi
	# shellcheck disable=SC2086
	$clang $flags ${more%%;*} "tests/fuzz/fuzz_$1.c" $objects "$dir/libpure.a" $(field "$1" 5) -o "$dir/fuzz_$1"
}

# Objects of all sources in tests/bpf/; what breaks one of them; and those with CO-RE relocations before an object with the
# image's types, and where that begins (see fuzz_bpf_object.c).
objects_of() { # FOLDER
	local cc="$clang -target bpf -D__TARGET_ARCH_x86 -O2 -g -w -I. -I/usr/include/x86_64-linux-gnu -c"
	local types=$1/../types.o source target size what patches
	for source in tests/bpf/{objects,guest,broken}/*.bpf.c; do
		echo "$source -o $1/$(basename "${source%/*}")-$(basename "$source" .bpf.c).o"
	done | xargs -P "$(nproc)" -L 1 $cc
	$cc -D__x86_64__ tests/bpf/guest/target.c -o "$types"
	for source in "$1"/*core*.o; do
		target=$types
		[[ $source != */objects-* ]] || target=$1/objects-image_types.o
		truncate -s %8 "$source"
		size=$(stat -c %s "$source")
		{
			cat "$source" "$target"
			printf 'uioT%b' "$(printf '\\x%02x\\x%02x\\0\\0' $((size & 255)) $((size >> 8)))"
		} >"$source.typed"
	done
	[ -x build/tests/bpf-patch ] || return 0
	while IFS='|' read -r what patches _; do
		target="$1/patched-${what// /-}"
		cp "$1/broken-base.o" "$target"
		# shellcheck disable=SC2086
		build/tests/bpf-patch "$target" $patches
	done < <(grep -v '^#' tests/bpf/broken/broken.txt)
}

# Seeds: files in tests/fuzz/seeds/NAME/, lines of tests/fuzz/seeds/NAME.hex, and what other tests have.
seeds_of() { # NAME
	local to=$dir/$1/seeds n=0 line
	rm -rf "$to"
	mkdir -p "$to"
	[ ! -d "tests/fuzz/seeds/$1" ] || cp tests/fuzz/seeds/"$1"/* "$to"
	if [ -f "tests/fuzz/seeds/$1.hex" ]; then
		while read -r line; do
			printf %b "$(sed 's/../\\x&/g' <<<"$line")" >"$to/hex$((n++))"
		done <"tests/fuzz/seeds/$1.hex"
	fi
	if [ "$1" = bpf_object ] && [ -e /usr/include/bpf/bpf_helpers.h ]; then
		objects_of "$to"
	fi
	if [ "$1" = bpf_verify ] && [ -x build/tests/bpf/corpus ]; then
		build/tests/bpf/corpus -n -d "$to" tests/bpf/verifier/*.txt >/dev/null
	fi
}

merge() { # NAME: the smallest inputs of the corpus that cover what it covers, in text
	local small=$dir/$1/small
	rm -rf "$small"
	mkdir -p "$small"
	LLVM_PROFILE_FILE=/dev/null "$dir/fuzz_$1" -merge=1 -artifact_prefix="$dir/$1/" -use_counters=0 -timeout=10 "$small" "$dir/$1/seeds" "$dir/$1/corpus" >"$dir/$1/log.merge" 2>&1
	for f in "$small"/*; do
		xxd -p -c 0 "$f" | tr -d '\n'
		echo
	done | awk 'length' | sort >"tests/fuzz/seeds/$1.hex"
}

coverage() { # NAME: sets $percent and $lines of the files in the table
	local files
	files=$(field "$1" 4)
	llvm-profdata merge -sparse "$dir/$1"/prof/*.profraw -o "$dir/$1/prof.data" 2>/dev/null || return 1
	# shellcheck disable=SC2046,SC2086
	llvm-cov report "$dir/fuzz_$1" -instr-profile="$dir/$1/prof.data" $(ls $files) >"$dir/$1/coverage.txt" 2>/dev/null
	# Columns of lines: total, missed, share; they are the 8th to 10th.
	read -r lines percent < <(awk '$1 == "TOTAL" { printf "%d %.1f\n", $8, $8 ? 100 * ($8 - $9) / $8 : 0 }' "$dir/$1/coverage.txt")
}

# Targets that are in some of these three and not in all: sources, rows of targets.tsv, rows of README.md's table.
one_list() {
	{
		for f in tests/fuzz/fuzz_*.c; do
			f=${f##*/fuzz_}
			echo "${f%.c}"
		done
		awk -F'\t+' '/^[a-z]/ { print $1 }' "$table"
		awk -F' *[|] *' '/^[|] / && $5 != "target" { gsub(/, */, "\n", $5); print $5 }' tests/fuzz/README.md | sort -u
	} | sort | uniq -c | awk '$1 != 3 { print $2 }'
}

status=0
if [ $# = 0 ]; then
	odd=$(one_list | tr '\n' ' ')
	if [ -z "$odd" ]; then
		echo "ok - README.md's table has every fuzz target"
	else
		echo "not ok - README.md's table and targets.tsv have every fuzz target: $odd"
		status=1
	fi
fi
# shellcheck disable=SC2013
targets=${*:-$(awk -F'\t+' '/^[a-z]/ { print $1 }' "$table")}
printf 'target\tseconds\tinputs\tlines\tcovered %%\n' >"$dir/coverage.tsv.new"
for name in $targets; do
	out=$dir/fuzz_$name
	mkdir -p "$dir/$name/corpus"
	if ! build "$name"; then
		echo "not ok - fuzz $name does not build"
		status=1
		continue
	fi
	seeds_of "$name"
	if [ -n "${FUZZ_MERGE:-}" ]; then
		merge "$name"
		continue
	fi
	options="-max_len=$(field "$name" 3) -timeout=25 -rss_limit_mb=1500 -seed=1 -artifact_prefix=$dir/$name/ -print_final_stats=1"
	[ ! -f "tests/fuzz/$name.dict" ] || options+=" -dict=tests/fuzz/$name.dict"
	if [ -n "${FUZZ_SECONDS:-}" ]; then
		folders="$dir/$name/corpus $dir/$name/seeds"
		options="${options/-seed=1 /} -max_total_time=$FUZZ_SECONDS"
	else
		seeds=$(find "$dir/$name/seeds" -type f | sort | tr '\n' ,)
		folders=${seeds:+-seed_inputs=${seeds%,}}
		options+=" -runs=$(field "$name" 2)"
	fi
	rm -rf "$dir/$name/prof"
	started=$SECONDS
	# shellcheck disable=SC2086
	if ! LLVM_PROFILE_FILE="$dir/$name/prof/%p.profraw" "$out" $options $folders >"$dir/$name/log" 2>&1; then
		tail -n 40 "$dir/$name/log"
		echo "not ok - fuzz $name: see $dir/$name/"
		status=1
		continue
	fi
	inputs=$(awk '/number_of_executed_units/ { print $2 }' "$dir/$name/log")
	if ! coverage "$name"; then
		echo "not ok - fuzz $name: no coverage data"
		status=1
		continue
	fi
	printf '%s\t%s\t%s\t%s\t%s\n' "$name" $((SECONDS - started)) "$inputs" "$lines" "$percent" >>"$dir/coverage.tsv.new"
	verdict="$name: $inputs inputs, $percent % of the parser's $lines lines"
	if [ "${percent%.*}" -lt 90 ] && { [ "$name" != bpf_object ] || [ -e /usr/include/bpf/bpf_helpers.h ]; }; then
		echo "not ok - fuzz $verdict"
		status=1
	else
		echo "ok - fuzz $verdict"
	fi
done
[ $# -gt 0 ] || mv "$dir/coverage.tsv.new" "$dir/coverage.tsv"
exit $status
