#!/bin/bash
# run-hostile.sh [NAME...]: the corpus of hostile programs (cases.tsv), or those named, with each isolation back end, side by
# side in a guest each (guest.sh). What became of each case goes to build/tests/hostile/table.tsv.
# $BACKENDS: which ones.
cd "$(dirname "$0")/../.." || exit 1
out=$PWD/build/tests/hostile
src=tests/hostile
failed=0
mkdir -p "$out"
if [ -z "${BACKENDS:-}" ]; then
	if build/bin/uio run --help | grep -q -- --domain; then BACKENDS="mpk pt"; else BACKENDS=auto; fi
fi

# --- build: the calls of the kernel's table, the victim, and each program once
awk '!/^#/ && NF >= 4 { printf "CALL(%s, \"%s\", %s)\n", $1, $2, $3 }' linux/syscalls.tbl >"$out/calls.h.new"
cmp -s "$out/calls.h.new" "$out/calls.h" || mv "$out/calls.h.new" "$out/calls.h"
"$PWD/build/bin/uio-cc" -O1 -g -o "$out/victim" $src/victim.c -lpthread || exit 1
rm -f "$out/probe.o"
if command -v clang >/dev/null && [ -e /usr/include/bpf/bpf_helpers.h ]; then
	clang -target bpf -D__TARGET_ARCH_x86 -O2 -g -I/usr/include/x86_64-linux-gnu -c tests/trace/progs/any.bpf.c -o "$out/probe.o" ||
		exit 1
fi
build() { # SOURCE FLAGS
	local program=$out/${1%.*} link=-static
	case " $2 " in
	*" symbols "*) link="-static -fPIC -Wl,-pie,-E,-z,undefs" ;;
	esac
	if [ ! -x "$program" ] || [ -n "$(find $src/"$1" $src/hostile.h $src/code.h "$out/calls.h" -newer "$program")" ]; then
		# shellcheck disable=SC2086
		musl-gcc -O1 -g -w $link -I"$out" -o "$program" "$src/$1" -lpthread && return
		echo "not ok - $1 compiles"
		failed=1
	fi
}
build neighbour.c -
while read -r source flags; do
	build "$source" "$flags"
done < <(awk -F '\t' '!/^#/ && NF { print $2, $3 }' $src/cases.tsv | sort -u)
[ $failed = 0 ] || exit 1

pids=()
for b in $BACKENDS; do
	$src/guest.sh "$b" "$@" >"$out/$b.log" 2>&1 &
	pids+=($!)
done
for p in "${pids[@]}"; do
	wait "$p" || failed=1
done
for b in $BACKENDS; do
	cat "$out/$b.log"
done
{
	printf 'case\tback end\tsource\toutcome\treport\ttime\tapplication\t\n'
	for b in $BACKENDS; do cat "$out/table-$b.tsv"; done
} >"$out/table.tsv"
echo "# $(($(wc -l <"$out/table.tsv") - 1)) outcomes in build/tests/hostile/table.tsv"
exit $failed
