/* kernel_bomb.c WAY: makes the kernel hold memory for it, without end: pipes full of data, descriptors, files, folders,
 * locks, queued signals, zombies, arguments. Each ends with an error before others notice. */
#include "hostile.h"

#include <sys/resource.h>
#include <sys/stat.h>

static int no_more(const char *what, long n)
{
	printf("%s: no more after %ld: errno %d\n", what, n, errno);
	return 0;
}

static int pipes(void)
{
	static char data[65536];
	long n = 0;

	for (;; n++) {
		int p[2];

		if (pipe(p) < 0)
			return no_more("pipes", n);
		fcntl(p[1], F_SETFL, O_NONBLOCK);
		fcntl(p[1], F_SETPIPE_SZ, 1 << 24);
		while (write(p[1], data, sizeof(data)) > 0)
			;
	}
}

static int descriptors(void)
{
	struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	long n = 0;

	setrlimit(RLIMIT_NOFILE, &all);
	while (dup(1) >= 0)
		n++;
	return no_more("descriptors", n);
}

static int files(void)
{
	long n = 0;
	char name[64];

	mkdir("/tmp/files", 0700);
	for (;; n++) {
		int fd;

		snprintf(name, sizeof(name), "/tmp/files/%ld-%050ld", n, n);
		fd = open(name, O_WRONLY | O_CREAT, 0600);
		if (fd < 0)
			break;
		close(fd);
		if (n > 10000) /* as many as there is time for: the limit is bytes */
			break;
	}
	no_more("files", n);
	while (n >= 0) {
		snprintf(name, sizeof(name), "/tmp/files/%ld-%050ld", n, n);
		unlink(name);
		n--;
	}
	rmdir("/tmp/files");
	return hostile_escaped;
}

static int bytes(void)
{
	static char data[65536];
	int fd = open("/tmp/bytes", O_WRONLY | O_CREAT | O_TRUNC, 0600);
	long n = 0, r;

	memset(data, 1, sizeof(data));
	while ((r = write(fd, data, sizeof(data))) > 0)
		n += r;
	no_more("bytes", n);
	if (ftruncate(fd, 1L << 62) == 0 && pwrite(fd, "x", 1, (1L << 62) - 1) == 1)
		ESCAPED("a file of 4 EiB");
	close(fd);
	unlink("/tmp/bytes");
	return hostile_escaped;
}

static int folders(void)
{
	long n = 0;

	if (chdir("/tmp") < 0)
		return 99;
	while (n < 20000 && mkdir("d", 0700) == 0 && chdir("d") == 0)
		n++;
	no_more("folders", n);
	while (chdir("..") == 0 && rmdir("d") == 0)
		;
	return 0;
}

static int locks(void)
{
	int fd = open("/tmp/locks", O_RDWR | O_CREAT, 0600);
	long n = 0;

	for (;; n++) {
		struct flock l = { .l_type = n & 1 ? F_RDLCK : F_WRLCK, .l_start = 4 * n, .l_len = 1 };

		if (fcntl(fd, F_SETLK, &l) < 0)
			break;
		if (n > 200000) {
			ESCAPED("200,000 locks");
			break;
		}
	}
	unlink("/tmp/locks");
	no_more("locks", n);
	return hostile_escaped;
}

static int signals(void)
{
	union sigval v = { 0 };
	sigset_t all;
	long n = 0;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	while (sigqueue(getpid(), SIGRTMIN + 3, v) == 0)
		if (++n > 200000) {
			ESCAPED("200,000 signals");
			break;
		}
	no_more("signals", n);
	return hostile_escaped;
}

static int zombies(void)
{
	long n = 0;

	for (;; n++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		if (pid < 0)
			break;
		if (n > 20000) {
			ESCAPED("20,000 zombies");
			break;
		}
	}
	no_more("zombies", n);
	return hostile_escaped;
}

static int arguments(void)
{
	static char text[100000];
	static char *argv[100000];

	memset(text, 'x', sizeof(text) - 1);
	for (int i = 0; i < 99999; i++)
		argv[i] = text;
	execv("/proc/self/exe", argv);
	return no_more("arguments", 0);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*fn)(void);
	} ways[] = {
		{ "pipes", pipes }, { "descriptors", descriptors }, { "files", files }, { "bytes", bytes }, { "folders", folders },
		{ "locks", locks }, { "signals", signals }, { "zombies", zombies }, { "arguments", arguments },
	};

	for (size_t i = 0; argc > 1 && i < sizeof(ways) / sizeof(ways[0]); i++)
		if (!strcmp(ways[i].name, argv[1]))
			return ways[i].fn();
	return 99;
}
