/* net_echo.c: listens on TCP and UDP port 80 and sends back what comes, until a connection or a datagram says "quit". */
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons(80), .sin6_addr = IN6ADDR_ANY_INIT };
	int listener = socket(AF_INET6, SOCK_STREAM, 0), udp = socket(AF_INET6, SOCK_DGRAM, 0), one = 1;
	struct pollfd fds[64] = { { listener, POLLIN, 0 }, { udp, POLLIN, 0 } };
	static char buf[65536];
	int count = 2;

	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(listener, (struct sockaddr *) &any, sizeof(any)) < 0 || bind(udp, (struct sockaddr *) &any, sizeof(any)) < 0 ||
	    listen(listener, 16) < 0) {
		perror("bind");
		return 1;
	}
	printf("ready\n");
	fflush(stdout);
	for (;;) {
		if (poll(fds, count, -1) < 0) {
			perror("poll");
			return 1;
		}
		for (int i = 2; i < count; i++) {
			ssize_t n, done = 0;

			if (!fds[i].revents)
				continue;
			n = read(fds[i].fd, buf, sizeof(buf));
			if (n == 5 && memcmp(buf, "quit\n", 5) == 0)
				return 0;
			while (n > 0 && done < n) {
				ssize_t w = send(fds[i].fd, buf + done, n - done, MSG_NOSIGNAL);

				if (w < 0)
					break;
				done += w;
			}
			if (n <= 0 || done < n) {
				close(fds[i].fd);
				fds[i--] = fds[--count];
			}
		}
		if (fds[1].revents) {
			struct sockaddr_storage from;
			socklen_t len = sizeof(from);
			ssize_t n = recvfrom(udp, buf, sizeof(buf), 0, (struct sockaddr *) &from, &len);

			if (n >= 0)
				sendto(udp, buf, n, 0, (struct sockaddr *) &from, len);
		}
		if (fds[0].revents && count < 64) {
			int fd = accept(listener, NULL, NULL);

			if (fd >= 0)
				fds[count++] = (struct pollfd){ fd, POLLIN, 0 };
		}
	}
}
