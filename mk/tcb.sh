#!/bin/bash
# tcb.sh: the trusted computing base in lines of code: what may not be wrong for the promises of docs/security.md to hold.
# Lines without comments and blanks, as the preprocessor leaves them; our own code, by the folder.
cd "$(dirname "$0")/.." || exit 1
count() { # FILE...
	local f n=0
	for f; do
		n=$((n + $(gcc -x c -fpreprocessed -dD -E -P "$f" 2>/dev/null | grep -c .)))
	done
	echo $n
}
row() { # NAME WHAT PATTERN...: prints a line, adds to the sum
	local name=$1 what=$2 n
	shift 2
	n=$(count $(git ls-files -- "$@" | grep -E '\.[chS]$'))
	sum=$((sum + n))
	printf '%-28s %6d  %s\n' "$name" "$n" "$what"
}
total() {
	printf '%-28s %6d  %s\n' "$1" "$sum" "$2"
	sum=0
}
sum=0
row arch 'boot, page tables, traps, the way in and out' arch
row kernel 'memory, threads, what a pointer may name' kernel
row 'lib, image' 'data structures, codecs, boot order' lib image
row 'linux, fs' 'system calls and files' linux fs
row drivers 'virtio: console, 9p, network, random numbers' drivers
row 'overlay, proto' 'loader, domains, gates, grants, sessions' overlay proto
total 'a guest without network'
row net 'sockets (lwIP comes to it)' net
total 'with network'
row 'bpf (verifier and what it needs)' 'decides what may run' 'bpf/verify*' 'bpf/range*' 'bpf/tnum*' 'bpf/check*' 'bpf/helper*' 'bpf/*.h'
row 'bpf (the rest)' 'objects, maps, compiler' $(git ls-files bpf | grep -vE 'bpf/(verify|range|tnum|check|helper)|\.h$|interp')
row trace 'hooks; loaded on demand' trace
total 'eBPF, when it is used'
