#!/bin/bash
# run-libc.sh: tests/build/libc.c as a guest.
set -u
cd "$(dirname "$0")/../.."
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

build/bin/uio-cc -g -O1 -o "$tmp/libc" tests/build/libc.c || exit 1
# isa-debug-exit ends QEMU with 2 * status + 1.
timeout 60 qemu-system-x86_64 -M microvm,acpi=off -accel tcg -cpu max -m 32 -nodefaults -no-user-config -display none -no-reboot \
	-serial stdio -device isa-debug-exit -kernel "$tmp/libc" </dev/null | tr -d '\r'
[ "${PIPESTATUS[0]}" = 1 ]
