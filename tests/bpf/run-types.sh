#!/bin/bash
# run-types.sh: BTF that mkbtf makes of debugging information: bpftool reads it, and what it prints has the source's layout,
# whichever compiler and version of DWARF it was; images have types of the application, the kernel and Linux, and no name
# means two things; damaged debugging information is refused.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/lib.sh
if ! command -v bpftool >/dev/null; then
	ok "types: # SKIP there is no bpftool"
	exit 0
fi
mkbtf=build/lib/mkbtf

check() { # WHAT COMPILER...
	local what=$1
	shift
	"$@" -shared -fPIC -nostdlib -o "$dir/types.so" tests/bpf/types/types.c 2>"$dir/err" || { bad "types: $what compiles" "$(cat "$dir/err")"; return; }
	$mkbtf "$dir/types.so" "$dir/types.btf" 2>"$dir/err" &&
		bpftool btf dump file "$dir/types.btf" format c >"$dir/types.h" 2>>"$dir/err" &&
		gcc -DHEADER="\"$dir/types.h\"" -o "$dir/check" tests/bpf/types/check.c 2>>"$dir/err" && "$dir/check"
	is "types: $what: bpftool's header has the layout" "$? $(head -5 "$dir/err")" "0 "
}
check "gcc, DWARF 5" gcc -g -gdwarf-5
check "gcc, DWARF 4" gcc -g -gdwarf-4
check "gcc, DWARF 3" gcc -g -gdwarf-3
check "gcc, DWARF 2, strict" gcc -g -gdwarf-2 -gstrict-dwarf
check "gcc, 64-bit DWARF" gcc -g -gdwarf64
check "gcc, compressed" gcc -g -gz
check "gcc, LTO" gcc -g -O2 -flto
check "clang, DWARF 5" clang -g -gdwarf-5
check "clang, DWARF 4" clang -g -gdwarf-4

for image in hello redis-server nginx sqlite3; do
	bpftool btf dump file build/images/$image.btf format c >"$dir/$image.h" 2>"$dir/err"
	printf '#include "%s"\n#include <bpf/bpf_helpers.h>\n#include <bpf/bpf_core_read.h>\n#include <bpf/bpf_tracing.h>\n' "$dir/$image.h" |
		clang -target bpf -D__TARGET_ARCH_x86 -O2 -g -c -x c -o "$dir/o" - 2>>"$dir/err"
	is "types: $image: programs can be compiled with its header alone" "$? $(head -5 "$dir/err")" "0 "
	has "types: $image: it has the kernel's threads" "$(grep -x 'struct thread {' "$dir/$image.h")" struct
	bpftool btf dump file build/images/$image.btf >"$dir/list"
	id=$(readelf -n build/images/$image | sed -n 's/.*Build ID: //p')
	has "types: $image: they say of which build they are" "$(strings -n 20 build/images/$image.btf | head -40)" "build-id $id"
done
has "types: Redis's client" "$(grep -A200 -x 'struct client {' "$dir/redis-server.h" | sed '/^}/q')" "robj **argv;"
has "types: a name that Redis and the kernel have is Redis's" "$(grep -A3 -x 'struct list {' "$dir/redis-server.h")" "listNode *head;"
has "types: and the kernel's has its prefix" "$(grep -A3 -x 'struct uio_k_list {' "$dir/redis-server.h")" "struct uio_k_list *next;"

# Damage: each cut and each changed byte ends with a message, never with a signal.
strip --only-keep-debug -o "$dir/debug" "$dir/types.so" 2>/dev/null || cp "$dir/types.so" "$dir/debug"
size=$(stat -c %s "$dir/types.so") worst=0
for i in $(seq 60); do
	cp "$dir/types.so" "$dir/broken"
	printf "\\x$(printf %02x $((i * 37 % 256)))" | dd of="$dir/broken" bs=1 seek=$((size * i / 61)) conv=notrunc status=none
	[ $((i % 3)) != 0 ] || truncate -s $((size * i / 61)) "$dir/broken"
	timeout 20 $mkbtf "$dir/broken" "$dir/out" 2>/dev/null
	status=$?
	[ $status -le $worst ] || worst=$status
done
is "types: damaged files are refused with a message" "$((worst <= 1))" 1

# A note section may have as many build-ids as it likes.
{
	echo '.section .note.gnu.build-id,"a",@note'
	for i in $(seq 100); do
		echo '.long 4, 64, 3; .asciz "GNU"; .fill 64, 1, 0x5a'
	done
} | gcc -c -x assembler -o "$dir/notes.o" -
timeout 20 $mkbtf "$dir/notes.o" "$dir/out" 2>/dev/null
is "types: of many build-ids the first counts" "$? $(strings -n 20 "$dir/out" | head -1)" "0 build-id $(printf '5a%.0s' $(seq 64))"
