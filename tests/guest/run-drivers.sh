#!/bin/bash
# run-drivers.sh: tests/guest/drivers.c on every machine, with the host's side of its devices played here: console
# input, a megabyte through an echo port, a 9P directory.
top=$(cd "$(dirname "$0")/../.." && pwd)
image=$top/build/tests/guest/drivers
dir=$(mktemp -d)
qemu=
trap 'kill $qemu 2>/dev/null; rm -rf "$dir"' EXIT
. "$top/tests/guest/lib.sh"

mkdir -p "$top/build/tests/guest"
"$top/build/bin/uio-cc" -fno-overlay -O1 -Wall -o "$image" "$top/tests/guest/drivers.c" || exit 1
for ((i = 0; i < 1280; i++)); do printf 'offset %9d' $((16 * i)); done >"$dir/big"
head -c 1000000 /dev/urandom >"$dir/data"

machine() { # NAME QEMU-OPTIONS: device suffix in $bus
	local name=$1
	shift
	rm -rf "$dir/run"
	mkdir -p "$dir/run/share"
	cp "$dir/big" "$dir/run/share/big"
	cd "$dir/run" || exit
	mkfifo in
	exec 3<>in
	timeout 120 qemu-system-x86_64 -accel tcg -cpu max -m 64M -nodefaults -no-user-config -display none -no-reboot \
		"$@" -serial file:log -device isa-debug-exit,iobase=0x501,iosize=2 -kernel "$image" \
		-device virtio-serial-$bus -chardev stdio,id=con,signal=off -device virtconsole,chardev=con \
		-chardev socket,id=echo,path=echo,server=on,wait=off -device virtserialport,chardev=echo,name=uio.echo \
		-chardev null,id=null -device virtserialport,chardev=null,name=uio.other \
		-device virtio-rng-$bus -fsdev local,id=share,path=share,security_model=none \
		-device virtio-9p-$bus,fsdev=share,mount_tag=host <in >out 2>err &
	qemu=$!
	wait_for ready out || cat out err log
	echo "typed on the host" >&3
	wait_for port_is_found out
	{ cat "$dir/data"; for _ in $(seq 300); do [ "$(stat -c %s echoed)" = 1000000 ] && break; sleep 0.1; done; } |
		socat - UNIX-CONNECT:echo >echoed
	wait $qemu
	local status=$?
	qemu=
	exec 3>&-
	sed -n "s/^\(.*ok\) - /\1 - $name: /p; s/^#/# $name:/p" <out
	grep -q '^not ok' out && failed=1
	say "$name: echo_port_returns_what_it_got" cmp -s "$dir/data" echoed
	say "$name: file_written_by_the_guest_is_on_the_host" grep -q '^written by the guest$' share/made
	say "$name: guest_ended_well" [ $status = 1 ] # isa-debug-exit: 0 << 1 | 1
	[ $status = 1 ] || tail -20 log err
	cd "$top" || exit
}

late() { # the host does 2 reads a second; opening the file beforehand is not slowed and has a quarter of a second
	rm -rf "$dir/run"
	mkdir -p "$dir/run/share"
	cp "$dir/big" "$dir/run/share/big"
	cd "$dir/run" || exit
	timeout 60 qemu-system-x86_64 -accel tcg -cpu max -m 64M -nodefaults -no-user-config -display none -no-reboot \
		-M microvm,acpi=off -global virtio-mmio.force-legacy=false -serial file:log -kernel "$image" \
		-device isa-debug-exit,iobase=0x501,iosize=2 -append 'uio.9p_timeout=250ms -- late' \
		-device virtio-serial-device -chardev stdio,id=con,signal=off -device virtconsole,chardev=con \
		-fsdev local,id=share,path=share,security_model=none,throttling.iops-total=2 \
		-device virtio-9p-device,fsdev=share,mount_tag=host </dev/null >out 2>err
	grep -q '^not ok' out && failed=1
	sed 's/^\(.*ok\) - /\1 - slow host: /' out
	say "slow host: guest_ended_well" grep -q "uio: exit 0" log
	cd "$top" || exit
}

flood() { # NAME QEMU-OPTIONS
	local name=$1
	shift
	rm -rf "$dir/run"
	mkdir -p "$dir/run"
	cd "$dir/run" || exit
	timeout 60 qemu-system-x86_64 -accel tcg -cpu max -m 64M -nodefaults -no-user-config -display none -no-reboot \
		"$@" -kernel "$image" -append '-- flood' -chardev file,id=con,path=out -device virtio-serial-$bus \
		-device virtconsole,chardev=con -chardev socket,id=echo,path=echo,server=on,wait=off \
		-device virtserialport,chardev=echo,name=uio.echo -device isa-debug-exit,iobase=0x501,iosize=2 2>err &
	qemu=$!
	wait_for ready out
	# Connections that read nothing, so that the device holds a buffer when they end.
	for _ in 1 2 3 4 5 6 7; do sleep 0.3 | socat -u - UNIX-CONNECT:echo; done
	{ sleep 0.5; echo end; sleep 0.5; } | socat - UNIX-CONNECT:echo >last
	wait $qemu
	say "$name: guest_ended_well" [ $? = 1 ]
	qemu=
	sed "s/^\(.*ok\) - /\1 - $name: /; /^ready/d" <out
	grep -q '^not ok' out && failed=1
	say "$name: next_reader_gets_its_data" [ "$(stat -c %s last)" -gt 50000 ]
	cd "$top" || exit
}

console() { # NAME QEMU-OPTIONS: whatever console the machine has, on the chardev "con"
	local name=$1
	shift
	rm -rf "$dir/run"
	mkdir -p "$dir/run"
	cd "$dir/run" || exit
	mkfifo in
	exec 3<>in
	timeout 60 qemu-system-x86_64 -accel tcg -cpu max -m 64M -nodefaults -no-user-config -display none -no-reboot \
		"$@" -kernel "$image" -append '-- console' -chardev stdio,id=con,signal=off \
		-device isa-debug-exit,iobase=0x501,iosize=2 <in >out 2>err &
	qemu=$!
	wait_for ready out || cat out err
	echo "typed on the host" >&3
	wait $qemu
	say "$name: guest_ended_well" [ $? = 1 ]
	qemu=
	exec 3>&-
	say "$name: console_input_arrives" grep -q '^ok - console_input_arrives' out
	cd "$top" || exit
}

bus=device machine microvm -M microvm,acpi=off -global virtio-mmio.force-legacy=false
bus=pci machine q35 -M q35
bus=pci machine pc -M pc
bus=pci,disable-legacy=on machine pc-modern -M pc
late
microvm="-M microvm,acpi=off -global virtio-mmio.force-legacy=false"
# shellcheck disable=SC2086
{
	bus=device flood "vanishing readers" $microvm
	bus=pci flood "vanishing readers, q35" -M q35
	console serial $microvm -serial chardev:con
	console "serial, pc" -M pc -serial chardev:con
	console "one port" $microvm -device virtio-serial-device,max_ports=1 -device virtconsole,chardev=con
	console "one port, q35" -M q35 -device virtio-serial-pci,max_ports=1 -device virtconsole,chardev=con
	console "behind a bridge" -M q35 -device pcie-root-port,id=root -device virtio-serial-pci,bus=root \
		-device virtconsole,chardev=con
	console "only other ports, so serial" $microvm -serial chardev:con -device virtio-serial-device \
		-chardev null,id=null -device virtserialport,chardev=null,name=uio.other
	console "legacy device refused, so serial" -M microvm,acpi=off -serial chardev:con \
		-device virtio-serial-device -chardev null,id=null -device virtconsole,chardev=null
	console "no modern interface, so serial" -M pc -serial chardev:con -device virtio-serial-pci,disable-modern=on \
		-chardev null,id=null -device virtconsole,chardev=null
}
exit $failed
