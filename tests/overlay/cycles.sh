#!/bin/bash
# cycles.sh N [NAME]: loads, runs and unloads a program N times, as the operator's shell does it, and compares what the guest
# has before and after: free memory, kernel heap, threads, descriptors. NAME is a running guest with /host shared (then
# $dir is its test's folder); without it one is started.
cd "$(dirname "$0")/../.." || exit 1
n=${1:-1000}
if [ $# -lt 2 ]; then
	. tests/cli/lib.sh
	. tests/overlay/guest.sh
	guest_start -m 32M
else
	# The caller's guest, and its folders.
	export XDG_STATE_HOME XDG_RUNTIME_DIR
	uio=$PWD/build/bin/uio
	name=$2
	failed=0
	. <(sed -n '/^ok()/,/^}/p; /^bad()/,/^}/p; /^is()/,/^}/p' tests/cli/lib.sh)
	. <(sed -n '/^stat_of()/,/^}/p' tests/overlay/guest.sh)
	dir=$(dirname "$XDG_STATE_HOME")
fi
cat >"$dir/cycle.c" <<'END'
/* A program with something of everything: memory, a thread, a child, files, a pipe. */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
static void *work(void *p) { return memset(p, 1, 100000); }
int main(void)
{
	pthread_t t;
	int p[2], fd = open("/tmp/cycle", O_RDWR | O_CREAT, 0600);
	pthread_create(&t, NULL, work, malloc(100000));
	pthread_join(t, NULL);
	if (pipe(p) || write(p[1], "x", 1) != 1 || write(fd, p, 8) != 8)
		return 1;
	if (fork() == 0)
		_exit(0);
	wait(NULL);
	unlink("/tmp/cycle");
	printf("cycled\n");
	return 0;
}
END
musl-gcc -O1 -static -o "$dir/host/cycle" "$dir/cycle.c" -lpthread || exit 1
cycles() {
	for ((i = 0; i < $1; i++)); do
		printf 'load /host/cycle\nrun cycle\nunload cycle\n'
	done | timeout $((60 + $1)) "$uio" attach $name
}
state() {
	echo "free $(stat_of free_bytes) heap $(stat_of heap_bytes) threads $(stat_of threads) cached $(stat_of cache_bytes)" \
		"descriptors $("$uio" exec $name busybox ls /proc/1/fd | wc -l)"
}
# What is made on first use exists afterwards.
cycles 3 >/dev/null
state >/dev/null
before=$(state)
start=$SECONDS
cycles "$n" >"$dir/cycles.out" 2>&1
is "$n load, run and unload cycles: each ran" "$(grep -c '^cycled' "$dir/cycles.out")" "$n"
is "$n load, run and unload cycles: all is as before" "$(state)" "$before"
echo "# $((SECONDS - start)) s; $before"
[ $failed = 0 ] || tail -5 "$dir/cycles.out"
exit $failed
