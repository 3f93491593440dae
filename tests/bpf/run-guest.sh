#!/bin/bash
# run-guest.sh: objects that clang makes of tests/bpf/guest/*.bpf.c, loaded by a guest. A source says what it wants:
#   RUN: PROGRAM|- [ARGUMENTS] = RESULT [ARGUMENTS AFTERWARDS]   run by hand (-: the object's only one)
#   VERIFY: TEXT    `uio bpf verify` says so of a program; NEVER: TEXT, does not
#   ATTACH: TEXT    a line of what its programs print within a second, attached to the target, has it
#   REFUSED: TEXT   why it is refused
#   CFLAGS: ...     for the compiler
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/lib.sh
if ! command -v clang >/dev/null || ! [ -e /usr/include/bpf/bpf_helpers.h ]; then
	echo "skip - eBPF objects in the guest: no clang, or no libbpf-dev"
	exit 0
fi
name=bpf-guest-$$
built=build/tests/bpf-guest
target=$built/target
mkdir -p $built
build/bin/uio-cc -O2 -g -o $target tests/bpf/guest/target.c || exit 1
words() { sed -n "s,^// $1: ,,p" "$2"; }

for source in ${*:-tests/bpf/guest/*.bpf.c}; do
	o=$built/$(basename "$source" .c).o
	# shellcheck disable=SC2046
	clang -target bpf -D__TARGET_ARCH_x86 -O2 -g $(words CFLAGS "$source") -I/usr/include/x86_64-linux-gnu -Wall -Wno-unused-function \
		-Wno-visibility -c "$source" -o "$o" 2>"$dir/cc" || bad "$source compiles" "$(cat "$dir/cc")"
done
"$uio" run -d --name $name $target >/dev/null || exit 1
for _ in $(seq 200); do
	"$uio" logs $name 2>/dev/null | grep -q '^ready' && break
	sleep 0.1
done
memory() { "$uio" bpf list -o json $name | sed -n 's/.*"pages_bytes":\([0-9]*\).*/\1/p'; }

run() { # SOURCE OBJECT LINE
	local program arguments wanted got
	program=${3%% = *}
	wanted=${3#* = }
	read -r program arguments <<<"$program"
	# shellcheck disable=SC2046,SC2086
	try "$uio" bpf exec $([ "$program" = - ] || echo --program "$program") $name "$2" $arguments
	got=$(tr "\n" " " <"$dir/out" | sed "s, $,,")$err
	[[ $wanted == *" "* ]] || got=${got%% *}
	[ -z "$err" ] || got=$err
	is "guest: $1: $3" "$got" "$wanted"
}
attach() { # SOURCE OBJECT
	timeout 30 "$uio" bpf attach --for 10s $name "$2" >"$dir/attached" 2>"$dir/err" &
	local client=$! line missing=
	for _ in $(seq 80); do
		missing=
		while IFS= read -r line; do
			grep -qF -- "$line" "$dir/attached" || missing=$line
		done < <(words ATTACH "$1")
		[ -n "$missing" ] || break
		sleep 0.1
	done
	kill -INT $client 2>/dev/null
	wait $client 2>/dev/null
	is "guest: $(basename "$1" .bpf.c): attached$(words ATTACH "$1" | sed 's/^/, /' | tr -d '\n')" \
		"${missing:+there is no '$missing' in: $(head -3 "$dir/attached" "$dir/err")}" ""
}

for source in ${*:-tests/bpf/guest/*.bpf.c}; do
	short=$(basename "$source" .bpf.c)
	o=$built/$short.bpf.o
	while IFS= read -r line; do run "$short" "$o" "$line"; done < <(words RUN "$source")
	if grep -qE '^// (VERIFY|NEVER|REFUSED): ' "$source"; then
		try "$uio" bpf verify $name "$o"
		while IFS= read -r line; do has "guest: $short: $line" "$out$err" "$line"; done < <(words VERIFY "$source")
		while IFS= read -r line; do
			[[ $out == *"$line"* ]] && bad "guest: $short: not $line" "$out" || ok "guest: $short: not $line"
		done < <(words NEVER "$source")
		while IFS= read -r line; do has "guest: $short: refused: $line" "$status $err" "$line"; done < <(words REFUSED "$source")
	fi
	! grep -q '^// ATTACH: ' "$source" || attach "$source" "$o"
done

before=$(memory)
# Program arrays and their programs hold on to each other: that ends with the object.
for _ in 1 2 3 4 5; do
	"$uio" bpf verify $name $built/map_tail_calls.bpf.o >/dev/null
	timeout 20 "$uio" bpf attach --for 300ms $name $built/map_ringbuf.bpf.o >/dev/null 2>&1
	"$uio" bpf exec --program run $name $built/map_tail_calls.bpf.o 00000000 >/dev/null
done
is "guest: all memory of the objects is free again" "$(memory)" "$before"
is "guest: none of them is left" "$("$uio" bpf list -o json $name | grep -c '"program"')" 0
has "guest: the application runs" "$("$uio" ps)" "$name"

# Without the image's types.
mv $target.btf "$dir/kept.btf"
try "$uio" bpf exec $name $built/core_fields.bpf.o
has "guest: CO-RE without IMAGE.btf" "$status $err" "its CO-RE relocations need the types of the image: $PWD/$target.btf: it is missing"
try "$uio" bpf exec $name $built/minimal.bpf.o
is "guest: an object without CO-RE needs none" "$status $out" "0 42"
cp build/images/hello.btf $target.btf
try "$uio" bpf exec $name $built/core_fields.bpf.o
has "guest: another image's types are not used" "$status $err" "is not of the same build as the image"
mv "$dir/kept.btf" $target.btf

# An image that is built anew while its guest runs: its addresses are not the guest's.
mv $target "$dir/kept"
cp build/images/hello $target
echo 'int answer(void); int main(void) { return answer(); }' >"$dir/asks.c"
musl-gcc -static -fPIC -Wl,-pie,-E,-z,undefs -w -o "$dir/asks" "$dir/asks.c"
for way in "bpf attach $name $built/map_ringbuf.bpf.o" "bpf exec $name $built/core_fields.bpf.o" "exec --grant call --push $dir/asks $name asks"; do
	# shellcheck disable=SC2086
	try "$uio" $way
	has "guest: ${way%% *} with an image that was built anew" "$status $err" "was built anew since '$name' was started"
done
mv "$dir/kept" $target
