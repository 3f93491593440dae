/* changing.c ADDRESS: while a call waits, another thread takes its memory away, or exchanges the addresses in its vector for
 * ADDRESS, which is not the program's. The call must end early or do what it was asked first; nothing of ADDRESS may come out
 * or change. */
#include "hostile.h"

#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>

#define SIZE (64 * PAGE)

static unsigned char *memory;
static struct iovec *vector;
static unsigned long bad;
static int out[2], in[2], pair[2];
static volatile int way, running;

enum { UNMAP, PROTECT, READ_ONLY, REPLACE, VECTOR, VECTOR_UNMAP, WAYS };

static void fresh(void)
{
	memory = mmap((void *) 0x20000000, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	vector = mmap((void *) 0x21000000, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	memset(memory, 'Z', SIZE);
	for (int i = 0; i < 64; i++)
		vector[i] = (struct iovec){ memory + i * PAGE, PAGE };
}

static void change(void)
{
	switch (way) {
	case UNMAP: munmap(memory + PAGE, SIZE - PAGE); break;
	case PROTECT: mprotect(memory + PAGE, SIZE - PAGE, PROT_NONE); break;
	case READ_ONLY: mprotect(memory, SIZE, PROT_READ); break;
	case REPLACE: mmap(memory + PAGE, SIZE - PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0); break;
	case VECTOR:
		for (int i = 0; i < 64; i++)
			vector[i].iov_base = (void *) bad;
		break;
	case VECTOR_UNMAP: munmap(vector, PAGE); break;
	}
}

/* Lets what waits go on, after the change: empties what it fills and fills what it empties. */
static void *other(void *arg)
{
	static unsigned char buf[SIZE];
	long n;

	while (running == 1) {
		usleep(500);
		change();
		for (int i = 0; i < 3; i++) {
			if ((n = read(out[0], buf, sizeof(buf))) > 0)
				for (long k = 0; k < n; k++)
					if (buf[k] != 'Z' && buf[k] != 0) {
						ESCAPED("way %d: 0x%02x came out", way, buf[k]);
						return NULL;
					}
			if ((n = recv(pair[1], buf, sizeof(buf), MSG_DONTWAIT)) > 0)
				for (long k = 0; k < n; k++)
					if (buf[k] != 'Z' && buf[k] != 0) {
						ESCAPED("way %d: 0x%02x came out of a socket", way, buf[k]);
						return NULL;
					}
			write(in[1], "ZZZZZZZZ", 8);
			send(pair[1], "ZZZZZZZZ", 8, MSG_DONTWAIT);
			usleep(200);
		}
	}
	return NULL;
}


#define CASES 14

/* Without the C library, which would touch the memory, too. */
static void call(int n)
{
	struct timeval tv = { 0, 5000 };
	struct timespec ts = { 0, 5000000 };
	struct msghdr *m = (struct msghdr *) (vector + 100);

	memset(m, 0, sizeof(*m));
	m->msg_iov = vector;
	m->msg_iovlen = 64;
	switch (n) {
	case 0: syscall(SYS_write, out[1], memory, SIZE); break;
	case 1: syscall(SYS_read, in[0], memory, SIZE); break;
	case 2: syscall(SYS_writev, out[1], vector, 64); break;
	case 3: syscall(SYS_readv, in[0], vector, 64); break;
	case 4: syscall(SYS_sendmsg, pair[0], m, 0); break;
	case 5: syscall(SYS_recvmsg, pair[0], m, 0); break;
	case 6: syscall(SYS_sendto, pair[0], memory, SIZE, 0, NULL, 0); break;
	case 7: syscall(SYS_recvfrom, pair[0], memory + PAGE, SIZE - PAGE, 0, (void *) (memory + 8 * PAGE), (void *) (memory + 9 * PAGE)); break;
	case 8: syscall(SYS_poll, (void *) (memory + PAGE), 64, 5); break;
	case 9: syscall(SYS_select, 512, (void *) (memory + PAGE), NULL, NULL, &tv); break;
	case 10: syscall(SYS_nanosleep, &ts, memory + PAGE); break;
	case 11: syscall(SYS_futex, memory + PAGE, 0, 0x5a5a5a5a, &ts); break;
	case 12: {
		int fd = epoll_create1(0);
		struct epoll_event e = { .events = EPOLLIN };

		epoll_ctl(fd, EPOLL_CTL_ADD, in[0], &e);
		syscall(SYS_epoll_wait, fd, (void *) (memory + PAGE), 64, 5);
		close(fd);
		break;
	}
	case 13: {
		pid_t pid = syscall(SYS_fork);

		if (pid == 0)
			_exit(0);
		syscall(SYS_wait4, pid, memory + PAGE, 0, memory + 2 * PAGE);
		break;
	}
	}
}

/* Wakes a call that waits for ever. */
static void on_alarm(int signo) {}

int main(int argc, char **argv)
{
	struct sigaction a = { .sa_handler = on_alarm };
	struct itimerval tick = { { 0, 20000 }, { 0, 20000 } };
	unsigned done = 0;

	bad = number(argc, argv, 1);
	sigaction(SIGALRM, &a, NULL);
	signal(SIGPIPE, SIG_IGN);
	setitimer(ITIMER_REAL, &tick, NULL);
	for (way = 0; way < WAYS; way++)
		for (int n = 0; n < CASES; n++) {
			pthread_t t;

			fresh();
			if (pipe2(out, 0) || pipe2(in, O_NONBLOCK))
				return 98;
			fcntl(in[0], F_SETFL, 0);
			fcntl(out[0], F_SETFL, O_NONBLOCK);
			if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
				return 97;
			running = 1;
			if (pthread_create(&t, NULL, other, NULL))
				return 96;
			call(n);
			running = 0;
			pthread_join(t, NULL);
			for (int i = 0; i < 2; i++) {
				close(out[i]);
				close(in[i]);
				close(pair[i]);
			}
			done++;
		}
	printf("%u changed calls\n", done);
	return hostile_escaped;
}
