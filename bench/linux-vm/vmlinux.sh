#!/bin/sh
# vmlinux.sh VMLINUZ OUT: the ELF file inside a bzImage, which QEMU can enter through PVH without unpacking it in the guest.
# Offsets are those of Linux' Documentation/x86/boot.rst: setup_sects 0x1f1, payload_offset 0x248, payload_length 0x24c.
set -eu
field() { # OFFSET BYTES
	od -An -tu"$2" -j "$1" -N "$2" "$image" | tr -d ' '
}
image=$1 out=$2
sectors=$(field 497 1) offset=$(field 584 4) length=$(field 588 4)
payload=$out.payload
tail -c +$(((sectors + 1) * 512 + offset + 1)) "$image" | head -c "$length" >"$payload"
case $(od -An -tx1 -N 4 "$payload" | tr -d ' ') in
02214c18) unpack="lz4 -dc" trailer=4 ;; # the kernel appends the unpacked size
28b52ffd) unpack="zstd -dcq" trailer=4 ;;
fd377a58) unpack="xz -dc" trailer=4 ;;
1f8b*) unpack="gzip -dc" trailer=0 ;;
*)
	echo "vmlinux.sh: $image is packed in a way that is not known here" >&2
	exit 1
	;;
esac
head -c -$trailer "$payload" | $unpack >"$out.new"
rm "$payload"
[ "$(od -An -tx1 -N 4 "$out.new" | tr -d ' ')" = 7f454c46 ] || {
	echo "vmlinux.sh: what is in $image is no ELF file" >&2
	exit 1
}
mv "$out.new" "$out"
