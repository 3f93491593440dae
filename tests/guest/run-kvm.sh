#!/bin/bash
# run-kvm.sh: one image under KVM, where there is a KVM that runs guests: the paravirtual clock, the deadline timer, and the
# CPU's own checks of every descriptor and table. Skipped elsewhere, with the reason.
set -u
cd "$(dirname "$0")/../.." || exit 1
image=build/images/hello-base
name="hello boots and ends under KVM"

skip() {
	echo "skip - $name: $1"
	exit 0
}

[ -e "$image" ] || skip "$image is not built"
[ -r /dev/kvm ] && [ -w /dev/kvm ] || skip "no access to /dev/kvm"

out=$(timeout 60 qemu-system-x86_64 -M microvm,acpi=off,isa-serial=on -accel kvm -cpu host,-arch-capabilities -m 32 -nodefaults \
	-no-user-config -display none -no-reboot -kernel "$image" -append "" -device isa-debug-exit,iobase=0x501,iosize=2 \
	-serial stdio 2>&1 </dev/null)
status=$?
case $out in
*"Hello from uIO"*"uio: exit 0"*)
	[ "$status" = 1 ] && echo "ok - $name" && exit 0
	;;
*"failed to initialize kvm"* | *"KVM is not supported"* | *"No such device"* | *"could not access KVM"*)
	skip "this KVM does not start"
	;;
*"KVM internal error"*)
	skip "this KVM cannot emulate an instruction it is asked to"
	;;
esac
echo "not ok - $name"
printf '%s\n' "status $status" "$out" | head -20 | sed 's/^/# /'
exit 1
