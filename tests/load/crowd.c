/* crowd.c: many connections at once.
 *
 *	crowd hold ADDRESS COUNT		to hold.c: all send while nobody reads, then all are read; then the other way round
 *	crowd idle ADDRESS COUNT COMMAND	to a web server: all ask once and stay; COMMAND runs; all ask once more
 *
 * Prints "ok - ..." and "not ok - ...". */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define MAX 4000
#define TO_SEND 300000
#define ANSWER_SECONDS 60

static struct sockaddr_in to = { .sin_family = AF_INET };
static int fd[MAX];
static unsigned long sent[MAX];
static unsigned count;
static int failed;

static void say(const char *name, int ok)
{
	printf("%s - %s%s%s\n", ok ? "ok" : "not ok", name, ok ? "" : ": ", ok ? "" : strerror(errno));
	fflush(stdout);
	failed |= !ok;
}

static int dial(int port)
{
	struct timeval limit = { ANSWER_SECONDS, 0 };
	int s = socket(AF_INET, SOCK_STREAM, 0);

	to.sin_port = htons((uint16_t) port);
	setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (connect(s, (struct sockaddr *) &to, sizeof(to)) < 0) {
		close(s);
		return -1;
	}
	return s;
}

static int dial_all(int port)
{
	for (unsigned i = 0; i < count; i++)
		if ((fd[i] = dial(port)) < 0)
			return 0;
	return 1;
}

static int echo(void)
{
	char text[] = "still there?", back[sizeof(text)] = "";
	int s = dial(82), ok;

	ok = s >= 0 && send(s, text, sizeof(text), MSG_NOSIGNAL) == sizeof(text) &&
	     recv(s, back, sizeof(back), MSG_WAITALL) == sizeof(back) && !memcmp(text, back, sizeof(text));
	close(s);
	return ok;
}

/* Sends wherever there is room, until all is sent or `seconds` have passed: whether it is all. */
static int send_all(int seconds)
{
	static struct pollfd p[MAX];
	static char data[16384];
	time_t end = time(NULL) + seconds;
	unsigned left = count;

	while (left && time(NULL) < end) {
		left = 0;
		for (unsigned i = 0; i < count; i++) {
			p[i] = (struct pollfd){ sent[i] < TO_SEND ? fd[i] : -1, POLLOUT, 0 };
			left += sent[i] < TO_SEND;
		}
		if (!left || poll(p, count, 200) <= 0)
			continue;
		for (unsigned i = 0; i < count; i++) {
			size_t n = TO_SEND - sent[i] < sizeof(data) ? TO_SEND - sent[i] : sizeof(data);
			ssize_t r;

			if (!(p[i].revents & (POLLOUT | POLLERR | POLLHUP)))
				continue;
			for (size_t k = 0; k < n; k++)
				data[k] = (char) ((sent[i] + k + i) % 253);
			r = send(fd[i], data, n, MSG_NOSIGNAL | MSG_DONTWAIT);
			if (r > 0)
				sent[i] += (unsigned long) r;
			else if (r < 0 && errno != EAGAIN)
				return 0;
		}
	}
	return !left;
}

static unsigned long sum_of(unsigned i)
{
	unsigned long sum = 0;

	for (unsigned long k = 0; k < TO_SEND; k++)
		sum += (uint8_t) ((k + i) % 253);
	return sum;
}

static void hold(void)
{
	unsigned long total = 0;
	unsigned good = 0;
	char line[100], wanted[100], data[10000];
	int s;

	say("all connect", dial_all(80));
	send_all(4);
	for (unsigned i = 0; i < count; i++)
		total += sent[i];
	printf("# %lu KiB went out while nobody read\n", total / 1024);
	say("others are served while they wait", echo());
	s = dial(81);
	say("once they are read", s >= 0);
	say("all can send the rest", send_all(ANSWER_SECONDS));
	for (unsigned i = 0; i < count; i++) {
		ssize_t n, at = 0;

		shutdown(fd[i], SHUT_WR);
		while ((n = recv(fd[i], line + at, sizeof(line) - 1 - (size_t) at, 0)) > 0)
			at += n;
		line[at] = '\0';
		sprintf(wanted, "%d %lu\n", TO_SEND, sum_of(i));
		good += !strcmp(line, wanted);
		close(fd[i]);
	}
	close(s);
	say("all of it has arrived, byte for byte", good == count);
	if (good != count)
		printf("# %u of %u\n", good, count);

	say("all connect for as much from there", dial_all(83));
	sleep(3);
	say("others are served while nobody takes it", echo());
	good = 0;
	for (unsigned i = 0; i < count; i++) {
		unsigned long at = 0;
		int right = 1;
		ssize_t n;

		while (at < TO_SEND && (n = recv(fd[i], data, sizeof(data), 0)) > 0)
			for (ssize_t k = 0; k < n; k++, at++)
				right &= (uint8_t) data[k] == at % 251;
		good += right && at == TO_SEND;
		close(fd[i]);
	}
	say("all of it arrives", good == count);
	if (good != count)
		printf("# %u of %u\n", good, count);
}

static int ask_all(void)
{
	static const char ask[] = "HEAD /small HTTP/1.1\r\nHost: x\r\n\r\n";
	char answer[2000];

	for (unsigned i = 0; i < count; i++) {
		size_t at = 0;

		if (send(fd[i], ask, sizeof(ask) - 1, MSG_NOSIGNAL) < 0)
			return 0;
		do {
			ssize_t n = recv(fd[i], answer + at, sizeof(answer) - 1 - at, 0);

			if (n <= 0)
				return 0;
			at += (size_t) n;
			answer[at] = '\0';
		} while (!strstr(answer, "\r\n\r\n"));
		if (strncmp(answer, "HTTP/1.1 200", 12))
			return 0;
	}
	return 1;
}

static void idle(const char *command)
{
	say("all connect", dial_all(80));
	say("all are answered", ask_all());
	fflush(stdout);
	if (system(command))
		failed = 1;
	say("and once more", ask_all());
}

int main(int argc, char **argv)
{
	struct rlimit l = { MAX + 100, MAX + 100 };

	if (argc < 4 || inet_pton(AF_INET, argv[2], &to.sin_addr) != 1 || (count = (unsigned) atoi(argv[3])) > MAX)
		return 2;
	setrlimit(RLIMIT_NOFILE, &l);
	if (argc == 5)
		idle(argv[4]);
	else
		hold();
	return failed;
}
