#!/bin/bash
# run-app.sh: boots each tests/guest/*.c as the application of a unikernel without the overlay and shows what it says.
set -u
cd "$(dirname "$0")/../.."
cc=$PWD/build/bin/uio-cc
out=build/tests/guest
mkdir -p "$out"
failed=0

boot() { # IMAGE
	timeout 120 qemu-system-x86_64 -accel tcg -cpu max -M microvm,pit=off,pic=off -m 64 -nodefaults -no-user-config \
		-display none -no-reboot -serial stdio -device isa-debug-exit,iobase=0x501,iosize=4 -kernel "$1" </dev/null
}

for src in tests/guest/*.c; do
	name=$(basename "$src" .c)
	if ! "$cc" -D_GNU_SOURCE -O1 -g -fno-overlay -o "$out/$name" "$src"; then
		echo "not ok - $name compiles"
		failed=1
		continue
	fi
	boot "$out/$name" >"$out/$name.log" 2>&1
	status=$?
	tr -d '\r' <"$out/$name.log" | grep -E '^(ok|not ok|skip) - ' | sed "s/ - / - $name: /"
	grep -q '^not ok' "$out/$name.log" && failed=1
	# isa-debug-exit: status 0 arrives as 1.
	if [ $status != 1 ]; then
		echo "not ok - $name: ends with status 0 (QEMU said $status)"
		tail -n 20 "$out/$name.log" | sed 's/^/# /'
		failed=1
	fi
done
exit $failed
