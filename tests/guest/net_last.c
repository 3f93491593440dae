/* net_last.c: takes one connection on port 80, sends a megabyte of 'x' into it and exits at once. */
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char data[1000000];

int main(void)
{
	struct sockaddr_in a = { AF_INET, htons(80), { 0 } };
	int l = socket(AF_INET, SOCK_STREAM, 0);

	memset(data, 'x', sizeof(data));
	if (bind(l, (void *) &a, sizeof(a)) || listen(l, 1))
		return 1;
	puts("ready");
	fflush(stdout);
	return write(accept(l, NULL, NULL), data, sizeof(data)) != sizeof(data);
}
