#!/bin/bash
# run-broken.sh: objects that the guest's loader refuses, each with its message: what tests/bpf/broken/broken.txt makes of
# base.bpf.c, tests/bpf/broken/*.bpf.c with `REFUSED: TEXT` in them, and those of tests/bpf/objects with `EXPECT: refused`.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/lib.sh
if ! command -v clang >/dev/null || ! [ -e /usr/include/bpf/bpf_helpers.h ]; then
	echo "skip - broken objects: no clang, or no libbpf-dev"
	exit 0
fi
name=bpf-broken-$$
built=build/tests/bpf-guest
target=$built/broken-target
patch=build/tests/bpf-patch
mkdir -p $built
build/bin/uio-cc -O2 -g -o $target tests/bpf/guest/target.c || exit 1
compile() { # SOURCE OBJECT
	clang -target bpf -D__TARGET_ARCH_x86 -O2 -g -I. -I/usr/include/x86_64-linux-gnu -w -c "$1" -o "$2" 2>"$dir/cc" ||
		bad "$1 compiles" "$(cat "$dir/cc")"
}
words() { sed -n "s,^// $1: ,,p" "$2"; }
refused() { # NAME OBJECT MESSAGE: why a program is refused is in its row where there are several
	try "$uio" bpf verify $name "$2"
	if [ "$status" != 0 ]; then has "broken: $1: $3" "${out//: refused: /: }$err" "$3"; else bad "broken: $1: $3" "it was accepted: $out"; fi
}

"$uio" run -d --name $name $target >/dev/null || exit 1
for _ in $(seq 200); do
	"$uio" logs $name 2>/dev/null | grep -q '^ready' && break
	sleep 0.1
done
compile tests/bpf/broken/base.bpf.c "$dir/base.o"
try "$uio" bpf verify $name "$dir/base.o"
is "broken: what is broken here is accepted unbroken" "$status $err" "0 "
memory() { "$uio" bpf list -o json $name | sed -n 's/.*"pages_bytes":\([0-9]*\).*/\1/p'; }
before=$(memory)

while IFS='|' read -r what patches message; do
	what=$(sed 's/ *$//' <<<"$what") message=$(sed 's/^ *//; s/ *$//' <<<"$message")
	cp "$dir/base.o" "$dir/broken.o"
	# shellcheck disable=SC2086
	$patch "$dir/broken.o" $patches 2>"$dir/err" || { bad "broken: $what" "$(cat "$dir/err")"; continue; }
	refused "$what" "$dir/broken.o" "$message"
done < <(grep -v '^#' tests/bpf/broken/broken.txt)

for source in tests/bpf/broken/*.bpf.c; do
	message=$(words REFUSED "$source")
	[ -n "$message" ] || continue
	compile "$source" "$dir/broken.o" || continue
	refused "$(basename "$source" .bpf.c)" "$dir/broken.o" "$message"
done
for source in tests/bpf/objects/*.bpf.c; do
	message=$(words 'EXPECT: refused' "$source")
	[ -n "$message" ] || continue
	o=$dir/broken.o
	compile "$source" "$o" || continue
	while IFS= read -r command; do (export o; eval "$command"); done < <(words BREAK "$source")
	refused "$(basename "$source" .bpf.c)" "$o" "$message"
done

echo "no object" >"$dir/text.o"
refused "a text" "$dir/text.o" "it is no ELF object for BPF"
: >"$dir/empty.o"
refused "an empty file" "$dir/empty.o" "empty.o"
refused "a program for another machine" $target "it is no ELF object for BPF"
is "broken: nothing of them is left" "$(memory)" "$before"
try "$uio" bpf verify $name "$dir/base.o"
is "broken: the loader goes on" "$status $err" "0 "
