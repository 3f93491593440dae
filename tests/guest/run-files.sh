#!/bin/bash
# run-files.sh: tests/guest/files.c on Linux itself, and as an application on microvm and q35: in memory, with an initrd,
# and in a directory of the host, which changes files meanwhile.
set -u
cd "$(dirname "$0")/../.."
cc=$PWD/build/bin/uio-cc
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0

report() { # WHERE LOG
	grep -E '^(ok|not ok) - ' "$2" | sed "s/ - / - $1: /"
	grep -q '^not ok' "$2" && failed=1
}

if gcc -D_GNU_SOURCE -O1 -o "$dir/linux" tests/guest/files.c -pthread && mkdir "$dir/work" && "$dir/linux" "$dir/work" >"$dir/log"; then
	echo "ok - the test is true of Linux"
else
	grep '^not ok' "$dir/log" | sed 's/^/# /'
	echo "not ok - the test is true of Linux"
	failed=1
fi

if ! "$cc" -D_GNU_SOURCE -O1 -g -fno-overlay -o "$dir/files" tests/guest/files.c; then
	echo "not ok - files compiles"
	exit 1
fi
mkdir -p "$dir/root/data"
echo "hello from the initrd" >"$dir/root/data/greeting"
chmod 751 "$dir/root/data/greeting"
ln -s data/greeting "$dir/root/link"
(cd "$dir/root" && find . | cpio --quiet -o -H newc) >"$dir/initrd"

host_part() { # LOG
	for _ in $(seq 600); do
		grep -q '^host: your turn' "$1" 2>/dev/null && break
		sleep 0.1
	done
	if [ "$(cat "$dir/share/shared")" = "guest was here" ]; then
		echo "ok - $name: what the guest writes is seen on the host"
	else
		echo "not ok - $name: what the guest writes is seen on the host"
		failed=1
	fi
	echo "host was here" >"$dir/share/shared.new"
	mv "$dir/share/shared.new" "$dir/share/shared"
	touch "$dir/share/answer"
}

boot() { # NAME BUS QEMU-OPTION...
	local bus=$2 log=$dir/$1.log qemu
	name=$1
	shift 2
	rm -rf "$dir/share"
	mkdir "$dir/share"
	: >"$dir/share/shared"
	timeout 180 qemu-system-x86_64 -accel tcg -cpu max -m 64 -nodefaults -no-user-config -display none -no-reboot "$@" \
		-serial stdio -device isa-debug-exit,iobase=0x501,iosize=4 -kernel "$dir/files" -initrd "$dir/initrd" \
		-fsdev local,id=share,path="$dir/share",security_model=none -device "virtio-9p-$bus,fsdev=share,mount_tag=host" \
		-append "-- /tmp /host initrd with-host" </dev/null >"$log" 2>&1 &
	qemu=$!
	host_part "$log"
	wait $qemu
	report "$name" "$log"
	if ! grep -q '^uio: exit 0' "$log"; then
		echo "not ok - $name: ends with status 0"
		tail -n 20 "$log" | sed 's/^/# /'
		failed=1
	fi
}
boot microvm device -M microvm,acpi=off -global virtio-mmio.force-legacy=false
boot q35 pci -M q35
exit $failed
