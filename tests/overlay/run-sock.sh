#!/bin/bash
# run-sock.sh: sockets and epoll of programs beside an application that has them, and what they may not do with them.
cd "$(dirname "$0")/../.." || exit 1
. tests/cli/lib.sh

build/bin/uio-cc -D_GNU_SOURCE -g -O1 -o "$dir/app" tests/guest/sock_app.c || exit 1
program() { # NAME SOURCE
	musl-gcc -D_GNU_SOURCE -w -O1 -static -fPIC -Wl,-pie,-E,-z,undefs -o "$dir/$1" "$2" || exit 1
}
cat >"$dir/reach.c" <<'END'
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	char buf[32] = "";
	int fd, r;

	if (!strcmp(argv[1], "inet")) {
		fd = socket(AF_INET, SOCK_STREAM, 0);
		printf("%s\n", fd < 0 ? strerror(errno) : "there");
		return 0;
	}
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	strcpy(a.sun_path + (argv[1][0] != '/'), argv[1]);
	r = connect(fd, (void *) &a, 2 + strlen(argv[1]) + 1);
	if (r == 0)
		read(fd, buf, 31);
	printf("%s\n", r < 0 ? strerror(errno) : buf);
	return 0;
}
END
cat >"$dir/linger.c" <<'END'
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
/* A connection that nobody reads, full, with a long time to linger: whoever ends does not wait for it. */
int main(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(7777), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct linger linger = { 1, 100000 };
	int listener = socket(AF_INET, SOCK_STREAM, 0), fd;
	static char page[4096];
	long sent = 0, n;

	if (bind(listener, (void *) &a, sizeof(a)) || listen(listener, 1) || fork() == 0)
		pause();
	fd = socket(AF_INET, SOCK_STREAM, 0);
	close(listener); /* the child has it */
	if (connect(fd, (void *) &a, sizeof(a)))
		return 1;
	while ((n = send(fd, page, sizeof(page), MSG_DONTWAIT)) > 0)
		sent += n;
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	printf("%s\n", sent > 4096 ? "full" : "not full");
	fflush(stdout);
	_exit(7);
}
END
program linger "$dir/linger.c"
program unix tests/guest/sock_unix.c
program epoll tests/guest/sock_epoll.c
program reach "$dir/reach.c"

try "$uio" run -d --name s -m 32M "$dir/app"
for name in unix epoll; do
	timeout 120 "$uio" exec --push "$dir/$name" s >"$dir/log" 2>&1
	is "$name: all that is true on Linux is true for a program" "$? $(grep -c '^ok' "$dir/log")" \
		"0 $(grep -c '^	*CHECK(' tests/guest/sock_$name.c)"
	grep '^not ok' "$dir/log" | sed 's/^/# /'
done
reach() { # WHAT GRANTS
	try "$uio" exec ${2:+--grant $2} --push "$dir/reach" s reach "$1"
}
reach inet
is "without the grant net there is no network" "$out" "Permission denied"
has "and it is said" "$err" 'open a network socket needs the grant `net`'
reach inet net
is "with it there is" "$out" there
reach app
is "without the grant net the application's abstract names are out of reach" "$out" "Permission denied"
reach app net
is "with it they are not" "$out" greetings
reach /app.sock
is "without the grant fs=rw the application's named sockets are out of reach" "$out" "Permission denied"
reach /app.sock fs=rw
is "with it they are not" "$out" greetings
LIMIT=40 try "$uio" exec --grant net --push "$dir/linger" s linger
is "a process that ends does not linger" "$status $out" "7 full"
is "the application goes on" "$(field s status)" running
