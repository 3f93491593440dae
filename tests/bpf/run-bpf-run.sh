#!/bin/bash
# run-bpf-run.sh: bpf-run's own face: arguments, exit codes, objects from clang, the verifier's verdict.
cd "$(dirname "$0")/../.." || exit 1
run=build/host/bpf-run
dir=build/tests/bpf-run
mkdir -p "$dir"
failed=0

check() { # NAME STATUS OUTPUT COMMAND...: the program is standard input; OUTPUT is a pattern for all that it prints
	local name=$1 want=$2 pattern=$3 got status
	shift 3
	got=$(timeout 60 "$@" 2>&1)
	status=$?
	# shellcheck disable=SC2053
	if [ $status = "$want" ] && [[ $got == $pattern ]]; then
		echo "ok - $name"
	else
		echo "# status $status: $got"
		echo "not ok - $name"
		failed=1
	fi
}

seven=b7000000070000009500000000000000
for engine in "" --jit; do
	check "a program's r0 is printed in hexadecimal $engine" 0 7 $run $engine <<<"$seven"
	check "blanks are allowed $engine" 0 7 $run $engine <<<"b7 00 0000 07000000
		95000000 00000000"
	# r0 = *(u8 *)(r1 + 1) + r2
	check "r1 is the memory and r2 its length $engine" 0 25 $run "11 22 33" $engine \
		<<<"71100100000000000f200000000000009500000000000000"
	check "helper 5 returns its first argument $engine" 0 9 $run $engine \
		<<<"b70100000900000085000000050000009500000000000000"
	check "a wild program ends in a message $engine" 3 "*ended by signal 11*" $run $engine <<<"79100000000000009500000000000000"
	check "a wrong program is refused in words $engine" 1 "*insn 0: unused field is not zero*" $run $engine \
		<<<"b7000100070000009500000000000000"
	check "a missing helper is refused by name $engine" 1 "*insn 0: helper probe_read (4) is not supported*" $run $engine \
		<<<"85000000040000009500000000000000"
done
check "half an instruction is refused" 1 "*8-byte*" $run <<<"b700"
check "what is no hexadecimal is wrong usage" 2 "*hexadecimal*" $run <<<"hello"
check "an unknown option is wrong usage" 2 "*usage*" $run --nothing <<<"$seven"
check "two memories are wrong usage" 2 "*usage*" $run 00 11 <<<"$seven"

# map value of 8 bytes, read at offset OFF
lookup() { # OFF
	echo "18110000000000000000000000000000 620afcff00000000 bfa2000000000000 07020000fcffffff 8500000001000000" \
		"1500010000000000 7900${1}00000000 9500000000000000"
}
check "the verifier accepts" 0 "" $run --verify --prog-type 1 <<<"$seven"
check "the verifier refuses with the reason" 1 "*insn 1: r0 is the context*" $run --verify --prog-type 1 <<<"bf100000000000009500000000000000"
check "a program type is asked for" 2 "*usage*" $run --verify <<<"$seven"
check "lddw names a map by its place" 0 "" $run --verify --prog-type 5 --map 2:4:8:1:0 <<<"$(lookup 0000)"
check "a map's size is what the verifier measures by" 1 "*insn 7: *map value is 8 bytes*" $run --verify --prog-type 5 \
	--map 2:4:8:1:0 <<<"$(lookup 0100)"
check "a map that is not there is refused" 1 "*map 0 of 0*" $run --verify --prog-type 5 <<<"$(lookup 0000)"
check "a map that cannot be is refused" 1 "*map 0 (array) cannot be made*" $run --verify --prog-type 5 --map 2:5:8:1:0 <<<"$seven"
check "a map that is none is wrong usage" 2 "*TYPE:KEY*" $run --verify --prog-type 5 --map 2:4 <<<"$seven"
check "the verifier tells its states" 0 "*0:*" $run --verify --verbose --prog-type 1 <<<"$seven"

if ! command -v clang >/dev/null || [ ! -f /usr/include/bpf/bpf_helpers.h ]; then
	echo "ok - objects from clang # SKIP no clang with libbpf's headers"
	exit $failed
fi
for source in tests/bpf/programs/*.bpf.c; do
	name=$(basename "$source" .bpf.c)
	clang -target bpf -O2 -g -ffreestanding -I/usr/include/x86_64-linux-gnu -c -o "$dir/$name.o" "$source" &&
		od -An -v -tx1 "$dir/$name.o" >"$dir/$name.hex" || { echo "not ok - clang compiles $source"; failed=1; }
done
for engine in "" --jit; do
	check "an object's main runs $engine" 0 2a $run --elf $engine <"$dir/elf.hex"
	check "callbacks and functions of an object $engine" 0 5a $run --elf --program callbacks $engine <"$dir/elf.hex"
	check "maps of an object $engine" 0 370 $run --elf --program maps $engine <"$dir/elf.hex"
	check "program arrays of an object $engine" 0 309 $run --elf --program tail_call $engine <"$dir/elf.hex"
	check "section .text is the program where there is no main $engine" 0 66 $run "11 22 33" --elf $engine \
		<"$dir/text.hex"
	check "a function that is not there is refused $engine" 1 "*nothing*" $run --elf --program nothing $engine \
		<"$dir/elf.hex"
	check "what is no object is refused $engine" 1 "*" $run --elf $engine <<<"$seven"
done
check "the verifier looks at an object's program" 0 "" $run --verify --elf --program maps <"$dir/elf.hex"
exit $failed
