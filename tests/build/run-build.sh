#!/bin/bash
# run-build.sh: what the build promises about its products: the images' layout, uio-cc's behaviour as a compiler, the
# libraries' freedom from `syscall` and vector registers.
set -u
cd "$(dirname "$0")/../.."
cc=$PWD/build/bin/uio-cc
images=build/images
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
failed=0

check() { # NAME COMMAND...
	local name=$1
	shift
	if "$@" >"$tmp/out" 2>&1; then
		echo "ok - $name"
	else
		echo "not ok - $name"
		sed 's/^/# /' "$tmp/out" | head -n 15
		failed=1
	fi
}
refuses() { ! "$@"; }
size_at_most() { # FILE BYTES
	local size
	size=$(stat -c %s "$1")
	echo "$1 has $size bytes, limit $2"
	[ "$size" -le "$2" ]
}
symbol() { nm "$1.debug" | awk -v s="$2" '$3 == s { print "0x" $1 }'; }

# --- layout

pvh_note_is_the_physical_entry() {
	local entry note
	entry=$(symbol "$1" pvh_entry)
	note=$(readelf -n "$1" 2>/dev/null | awk '/description data:/ { print $6 $5 $4 $3; exit }')
	echo "entry $entry note $note"
	[ $((0x$note)) = $((entry - 0x40000000)) ]
}
segments_suit_linux_and_w_xor_x() { # offset and address are the same modulo the page size
	readelf -lW "$1" | awk '/ LOAD / { n++; if (substr($2, length($2) - 2) != substr($3, length($3) - 2) || / RWE /) { print; bad = 1 } }
		END { exit bad || n != 5 }'
}
ranges_are_in_order() {
	local last=0 s v
	for s in __image_start __text_start __text_end __krodata_start __krodata_end __kdata_start __kdata_end \
		__arodata_start __arodata_end __adata_start __adata_end __image_end; do
		v=$(symbol "$1" $s)
		echo "$s $v"
		[ -n "$v" ] && [ $((v)) -ge $last ] && [ $((v & 4095)) = 0 ] || return 1
		last=$((v))
	done
}
# The kernel's own code may execute `syscall` (it has none, or its entry test code); the application and libc may not.
application_has_no_syscall_instruction() {
	local from to
	from=$(symbol "$1" __ktext_end)
	to=$(symbol "$1" __text_end)
	objdump -d --start-address="$from" --stop-address="$to" "$1" >"$tmp/dis" || return 1
	[ "$(wc -l <"$tmp/dis")" -gt 100 ] || return 1
	refuses grep -wE 'syscall|sysenter|int +\$0x80' "$tmp/dis"
}

for name in hello hello-base sqlite3 sqlite3-base speedtest1 speedtest1-base; do
	image=$images/$name
	check "$name: the PVH note is the physical address of the entry" pvh_note_is_the_physical_entry $image
	check "$name: segments that Linux can map, none writable and executable" segments_suit_linux_and_w_xor_x $image
	check "$name: the ranges of the page tables are in order" ranges_are_in_order $image
	check "$name: the application and libc execute no syscall instruction" application_has_no_syscall_instruction $image
done
check "hello without the overlay is at most 64 KiB" size_at_most $images/hello-base 65536
check "hello with the overlay is at most 200 KiB" size_at_most $images/hello 204800
check "the overlay adds at most 140 KiB to SQLite" \
	size_at_most $images/sqlite3 $(($(stat -c %s $images/sqlite3-base) + 143360))
# The overlay's table refers to these weakly; only an application that calls them brings them in.
has_no_sockets() { refuses grep -qE 'sys_(socket|epoll|eventfd|timerfd|signalfd)|net_inet_root' <(nm "$1.debug"); }
for name in hello sqlite3 speedtest1; do
	check "$name: nobody has asked for sockets or epoll" has_no_sockets $images/$name
done

# --- uio-cc

cd "$tmp" || exit 1
cat >hello.c <<'C'
#include <stdio.h>
#include <math.h>
#include <pthread.h>
#include "other.h"
int main(int argc, char **argv) { printf("%d %f %p\n", other(), sin(argc), (void *) pthread_self()); return 0; }
C
echo 'int other(void);' >other.h
echo 'int other(void) { return 1; }' >other.c
cat >names.c <<'C'
#include <stdio.h>
int panic(int n) { return n; }
void list_add(void) { puts("mine"); }
int klog, kmalloc, current_thread, page_alloc;
int main(void) { list_add(); return panic(klog + kmalloc + current_thread + page_alloc); }
C
cat >threads.c <<'C'
#include <pthread.h>
static void *work(void *p) { return p; }
int main(void) { pthread_t t; pthread_create(&t, 0, work, 0); pthread_cancel(t); return pthread_join(t, 0); }
C
echo 'int main(void) { return 0; }' >conftest.c
cat >process.c <<'C'
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
static volatile int got;
static __thread int local = 5;
static void note(int sig) { got = sig; }
static void *work(void *p) { local++; return (void *) (long) (*(int *) p + local); }
int main(int argc, char **argv)
{
	volatile long number = SYS_getppid;
	pthread_t t;
	void *r;
	int n = 30, status;
	signal(SIGUSR1, note);
	raise(SIGUSR1);
	pthread_create(&t, 0, work, &n);
	pthread_join(t, &r);
	printf("%s: signal %d, thread %ld, raw %d, ", argv[1], got, (long) r, syscall(number) == getppid());
	fflush(stdout);
	if (!vfork())
		_exit(3);
	wait(&status);
	printf("child %d, sh %d\n", WEXITSTATUS(status), WEXITSTATUS(system("exit 4")));
	return 7;
}
C

check "uio-cc compiles to an object" "$cc" -c -o other.o other.c
check "uio-cc compiles to assembly" "$cc" -S -o other.s other.c
check "uio-cc preprocesses" "$cc" -E -o other.i other.c
writes_dependencies() { "$cc" -MD -c hello.c && grep -q other.h hello.d && grep -q sysroot/include/stdio.h hello.d; }
check "uio-cc writes dependency files, with its own headers" writes_dependencies
check "uio-cc links several sources and objects with the usual libraries" \
	"$cc" -g -o prog hello.c other.o -lm -lpthread -ldl -lrt
check "uio-cc compiles and links to a.out" "$cc" conftest.c
answers() { "$cc" --version | grep -q gcc && [ -f "$("$cc" -print-file-name=include)/stddef.h" ]; }
check "uio-cc answers --version and -print-file-name" answers
check "a test of configure links" "$cc" -o conftest conftest.c
check "-shared is refused" refuses "$cc" -shared -o lib.so other.c
says_why() { "$cc" -shared -o lib.so other.c 2>&1 | grep -q 'statically'; }
check "-shared is refused with the reason" says_why
check "-pie and -static-pie are ignored" "$cc" -pie -static-pie -rdynamic -fPIE -o prog2 hello.c other.c
# The nop is all that room for a probe adds: callers still know which registers a small function leaves alone, and what is
# small, assembled by hand or away from its function has none.
cat >room.c <<'EOF'
void far_away(long), other(void);
__attribute__((noinline)) static long callee(long *p, long a) { return *p += a; }
#define S *p = (*p << 1 ^ a) + b; if (*p == 77) far_away(a);
__attribute__((cold)) void far_away(long);
#define HALF S S S S S S S S
long large(long *p, long a, long b) { HALF HALF callee(p, b); callee(p, a); return a + b; }
long half(long *p, long a, long b) { HALF callee(p, b); callee(p, a); return a + b; }
long small(long *p, long a, long b) { callee(p, b); callee(p, a); return a + b; }
long turns(long *p, long a, long b) { do { HALF HALF S } while (callee(p, a) & 1); return b; }
__asm__(".text\n\t.type\tby_hand, @function\nby_hand:\n\t.rept 140\n\tmovl %eax, %eax\n\t.endr\n\tret\n\t.size\tby_hand, .-by_hand\n");
EOF
printf '\t.type\tby_hand, @function\nby_hand:\n' >by_hand.s
for i in $(seq 140); do printf '\tmovl\t%%eax, %%eax\n'; done >>by_hand.s
printf '\tret\n\t.size\tby_hand, .-by_hand\n' >>by_hand.s
cp by_hand.s by_hand_cpp.S
with_nop() { # OBJECT: the functions that start with one, behind an endbr64
	objdump -d --no-show-raw-insn --no-addresses "$1" | awk '/^<.*>:/ { f = $1; n = 0; next } NF && $1 != "endbr64" { n++ }
		n == 1 && /nopl +0x0\(%rax,%rax,1\)/ { printf "%s", f }' | tr -d '<>'
}
mnemonics() { objdump -d --no-show-raw-insn --no-addresses "$1" | awk '/:$/ || !/nop|xchg +%ax,%ax|^$|file format/ { print $1 }'; }
nops_where_promised() { # FLAG...
	"$cc" "$@" -c room.c -o room.o && with_nop room.o | tee room.list && [ "$(cat room.list)" = large:turns: ]
}
no_nops() { "$cc" "$@" -o room.o && with_nop room.o | tee room.list && ! [ -s room.list ]; }
nop_is_all() {
	"$cc" "$@" -c room.c -o room.o && "$cc" "$@" -fpatchable-function-entry=0 -c room.c -o without.o &&
		[ "$(with_nop without.o)" = '' ] && diff <(mnemonics room.o) <(mnemonics without.o)
}
for flags in -O2 "-O2 -g" "-O2 -pipe" "-O3 -fcf-protection -g -fasynchronous-unwind-tables" "-O2 -ffunction-sections -fverbose-asm"; do
	check "uio-cc $flags: large functions start with a nop" nops_where_promised $flags
	check "uio-cc $flags: and the code is otherwise the same" nop_is_all $flags
done
check "no nop with -Os" no_nops -Os -c room.c
check "no nop with -fpatchable-function-entry=0" no_nops -O2 -fpatchable-function-entry=0 -c room.c
check "no nop in what was assembled by hand" no_nops -O2 -c by_hand.s
check "no nop in what was assembled by hand and preprocessed" no_nops -O2 -c by_hand_cpp.S
check "host headers are not seen" refuses "$cc" -c -x c - -o x.o <<<'#include <linux/kvm.h>'
check "an undefined symbol is an error" refuses "$cc" -o bad -x c - <<<'int nowhere(void); int main(void) { return nowhere(); }'
check "an application may use the kernel's names" "$cc" -o names names.c
check "threads and cancellation link" "$cc" -o threads threads.c
found_by_build_id() {
	local id
	id=$(readelf -n prog | sed -n 's/.*Build ID: //p')
	[ -f ".build-id/${id:0:2}/${id:2}.debug" ] && nm ".build-id/${id:0:2}/${id:2}.debug" | grep -q ' main$' &&
		[ -z "$(nm prog 2>/dev/null)" ]
}
linux_starts_it() {
	"$cc" -o process process.c && ./process "a process"
	[ $? = 7 ] && [ "$(./process "a process")" = "a process: signal 10, thread 36, raw 1, child 3, sh 4" ]
}
check "Linux starts an image as a process" linux_starts_it
check "symbols are in a separate file found by build-id" found_by_build_id
debug_names() { readelf --debug-dump=info prog.debug 2>/dev/null | grep -E 'DW_AT_name.*: kernel_enter$|DW_AT_name.*: pvh_entry' ||
	readelf --debug-dump=info prog.debug 2>/dev/null | grep -E 'DW_AT_name.*kernel/' ; }
check "debug information keeps the kernel's source names" debug_names
base_has_no_overlay() { "$cc" -fno-overlay -Wl,-Map=map -o base conftest.c && refuses grep -q libuio-overlay.a map; }
check "-fno-overlay leaves the overlay out" base_has_no_overlay
overlay_is_there() { "$cc" -Wl,-Map=map -o full conftest.c && grep -q 'libuio-overlay.a(' map; }
check "without it the overlay is in" overlay_is_there
cd - >/dev/null || exit 1

# --- libraries

every_call_links() {
	awk '!/^#/ { print "long linux_" $2 "(void);" } END { print "int main(void) { long (*f[])(void) = {" }' mk/syscalls.list
	awk '!/^#/ { print "linux_" $2 "," }' mk/syscalls.list
	echo '}; long r = 0; for (unsigned i = 0; i < sizeof f / sizeof f[0]; i++) r += f[i](); return r; }'
}
every_call_links >"$tmp/all.c"
check "every Linux call has a function" "$cc" -w -o "$tmp/all" "$tmp/all.c"
only_constant_numbers() { [ "$(nm -A build/sysroot/lib/libc.a 2>/dev/null | awk '/ U __syscall_cp$/' | wc -l)" = 0 ]; }
check "no function of libc passes a cancellation point's number at run time" only_constant_numbers
kernel_functions_of_libc_use_general_registers() {
	local m
	for m in memcpy memmove memset memcmp strlen strcmp strncmp strchr strchrnul; do
		(cd "$tmp" && ar x "$OLDPWD/build/sysroot/lib/libc.a" $m.o)
		refuses objdump -d "$tmp/$m.o" | grep -E '%[xyz]mm|%st' && return 1
	done
	return 0
}
check "the functions that the kernel takes from libc use general registers only" kernel_functions_of_libc_use_general_registers
prefixed() {
	nm -g --defined-only build/lib/libuio-*.a 2>/dev/null | awk 'NF == 3 { print $3 }' |
		grep -vE '^(uio_k_.*|linux_.*|pvh_entry|uio_overlay_root|__[a-z_]*_(start|end))$'
	[ "${PIPESTATUS[2]}" = 1 ]
}
check "every global of the kernel has its prefix" prefixed
takes_eight_functions() {
	nm -g build/lib/libuio-*.a 2>/dev/null | awk 'NF == 3 { def[$3] = 1 } NF == 2 && $1 == "U" { use[$2] = 1 }
		END { for (s in use) if (!(s in def)) print s }' |
		grep -vE '^(memcpy|memset|memmove|memcmp|strlen|strcmp|strncmp|strchr|uio_app_start|uio_accept_(list|count)|__uio_gate_tls_(size|make)|__[a-z_]*_(start|end)|__ehdr_start)$' |
		grep -vE '^__(u?div|u?mod|udivmod|popcount|clz|ctz|ffs|bswap)[sdt]i[234]$'
	[ "${PIPESTATUS[3]}" = 1 ]
}
check "the kernel takes eight functions from libc, and arithmetic from libgcc, and nothing else" takes_eight_functions
nothing_to_do() { make -s --no-print-directory all && make --no-print-directory all | refuses grep -E '^  (CC|AS|AR|LD|IMAGE|MUSL|SQLITE)'; }
check "a second make builds nothing" nothing_to_do

exit $failed
