#!/bin/bash
# run-app.sh: boots tests/guest/*.c as the application of a unikernel without the overlay, on each machine, and shows what it
# says. The guest's log must end with the status; a panic or silence is a failure.
set -u
cd "$(dirname "$0")/../.."
cc=$PWD/build/bin/uio-cc
out=build/tests/guest
mkdir -p "$out"
failed=0

boot() { # IMAGE [COMMAND LINE]
	timeout 120 qemu-system-x86_64 -accel tcg -cpu max -M "$machine" -m 64 -nodefaults -no-user-config \
		-display none -no-reboot -serial stdio -device isa-debug-exit,iobase=0x501,iosize=4 \
		-kernel "$1" -append "${2:-}" </dev/null | tr -d '\r'
}
build() { # NAME
	"$cc" -D_GNU_SOURCE -O1 -g -fno-overlay -o "$out/$1" "tests/guest/$1.c" && return 0
	echo "not ok - $1 compiles"
	failed=1
	return 1
}
bad() { # SENTENCE LOG
	echo "not ok - $1"
	tail -n 20 "$2" | sed 's/^/# /'
	failed=1
}

for name in threads signals clocks vm_app; do
	build $name || continue
	for machine in microvm,pit=off,pic=off q35 pc; do
		log=$out/$name-${machine%%,*}.log
		boot "$out/$name" >"$log" 2>&1
		grep -E '^(ok|not ok|skip) - ' "$log" | sed "s/ - / - $name, ${machine%%,*}: /"
		grep -q '^not ok' "$log" && failed=1
		grep -q '^uio: exit 0$' "$log" || bad "$name, ${machine%%,*}: ends with status 0" "$log"
	done
done

machine=microvm,pit=off,pic=off
ends() { # HOW LINE SENTENCE
	local log=$out/ends-$1.log
	boot "$out/ends" "-- $1" >"$log" 2>&1
	if grep -qE "$2" "$log"; then
		echo "ok - $3"
	else
		bad "$3" "$log"
	fi
}
if build ends; then
	ends return '^uio: exit 2$' "main's value is the exit status"
	ends exit '^at exit$' "exit() runs what atexit() registered"
	ends exit '^uio: exit 3$' "exit() gives its status"
	ends abort '^uio: exit 134$' "abort() is 128 + SIGABRT"
	ends term '^uio: exit 143$' "a fatal signal is 128 + its number"
	ends thread '^uio: exit 5$' "any thread may end the application, after the first one has gone"
	ends threads-end '^uio: exit 0$' "the last thread's end is the application's, with status 0"
	ends segv '^uio: panic: ' "a wild store is reported with registers"
fi
exit $failed
