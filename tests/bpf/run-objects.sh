#!/bin/bash
# run-objects.sh: objects that clang makes of tests/bpf/objects/*.bpf.c, as build/tests/bpf-object-dump reads them. A source
# says what it wants: `EXPECT: TEXT`, a line that must be there (blanks do not count); `NEVER: TEXT`, one that must not;
# `TARGET: FILE`, the source of the image's types; `BREAK: COMMAND`, a change to the object file "$o".
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/lib.sh
if ! command -v clang >/dev/null || ! [ -e /usr/include/bpf/bpf_helpers.h ]; then
	echo "skip - objects: no clang, or no libbpf-dev"
	exit 0
fi

compile() { # SOURCE OBJECT
	clang -target bpf -O2 -g -Wall -I/usr/include/x86_64-linux-gnu -c "$1" -o "$2" 2>"$dir/cc" && return
	bad "$1 compiles" "$(cat "$dir/cc")"
	return 1
}
words() { sed -n "s,^.*$1: ,,p" "$2"; }

for source in tests/bpf/objects/*.bpf.c; do
	name=$(basename "$source" .bpf.c)
	o=$dir/$name.o
	compile "$source" "$o" || continue
	target=$(words TARGET "$source")
	if [ -n "$target" ]; then
		compile "tests/bpf/objects/$target" "$dir/target.o" || continue
		target=$dir/target.o
	fi
	while IFS= read -r command; do
		(export o; eval "$command") 2>"$dir/err" || bad "$name: it can be broken" "$(cat "$dir/err")"
	done < <(words BREAK "$source")
	timeout 20 build/tests/bpf-object-dump "$o" $target 2>&1 | sed -E 's/[[:space:]]+/ /g; s/^ //' >"$dir/dump"
	while IFS= read -r line; do
		if grep -qxF -- "$line" "$dir/dump"; then ok "object $name: $line"; else bad "object $name: $line" "$(head -20 "$dir/dump")"; fi
	done < <(words EXPECT "$source")
	while IFS= read -r line; do
		if grep -qxF -- "$line" "$dir/dump"; then bad "object $name: not $line" "it is there"; else ok "object $name: not $line"; fi
	done < <(words NEVER "$source")
done
