/* files.c: files, directories, pipes, locks and polling, in each directory named on the command line. Everything here
 * is true on Linux as well: `gcc tests/guest/files.c && ./a.out /tmp` shows it. */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

#define FAILS(call, error) (errno = 0, (call) == -1 && errno == (error))

static char big[300000], back[300000];
static void *nowhere = (void *) 8;

static void content(void)
{
	struct iovec iov[3] = { { "one", 3 }, { "two", 3 }, { "three", 5 } };
	char buf[64] = "";
	struct stat st;
	int fd;

	CHECK("opening what is not there is ENOENT", FAILS(open("file", O_RDWR), ENOENT));
	fd = open("file", O_RDWR | O_CREAT | O_EXCL, 0640);
	CHECK("a file is created", fd >= 0);
	CHECK("and not twice with O_EXCL", FAILS(open("file", O_RDWR | O_CREAT | O_EXCL, 0640), EEXIST));
	CHECK("writev writes all parts", writev(fd, iov, 3) == 11);
	CHECK("pread reads anywhere", pread(fd, buf, 5, 3) == 5 && !memcmp(buf, "twoth", 5));
	CHECK("the position is behind what was written", lseek(fd, 0, SEEK_CUR) == 11);
	CHECK("SEEK_END counts from the end", lseek(fd, -5, SEEK_END) == 6 && read(fd, buf, 60) == 5);
	CHECK("the end of the file is 0", read(fd, buf, 60) == 0);
	CHECK("a hole reads as zeroes",
	      pwrite(fd, "x", 1, 10000) == 1 && pread(fd, buf, 4, 5000) == 4 && !memcmp(buf, "\0\0\0\0", 4));
	CHECK("fstat tells size, kind and mode",
	      !fstat(fd, &st) && st.st_size == 10001 && st.st_mode == (S_IFREG | 0640));
	CHECK("ftruncate cuts", !ftruncate(fd, 5) && !fstat(fd, &st) && st.st_size == 5);
	CHECK("and grows with zeroes",
	      !ftruncate(fd, 20) && pread(fd, buf, 20, 0) == 20 && !memcmp(buf, "onetw\0\0\0", 8));
	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (char) (i * 7 + i / 1000);
	CHECK("300,000 bytes go out in one write", pwrite(fd, big, sizeof(big), 3) == (ssize_t) sizeof(big));
	CHECK("and come back in one read",
	      pread(fd, back, sizeof(back), 3) == (ssize_t)sizeof(back) && !memcmp(big, back, sizeof(big)));
	CHECK("fsync succeeds", !fsync(fd) && !fdatasync(fd));
	CHECK("reading a descriptor open for writing is EBADF", ({
		int w = open("file", O_WRONLY | O_APPEND);
		int bad = FAILS(read(w, buf, 1), EBADF);
		write(w, "end", 3);
		close(w);
		bad;
	}));
	CHECK("O_APPEND writes at the end", !fstat(fd, &st) && st.st_size == 300006);
	CHECK("O_TRUNC empties", close(open("file", O_RDWR | O_TRUNC)) == 0 && !fstat(fd, &st) && st.st_size == 0);
	CHECK("a bad address is EFAULT", FAILS(write(fd, *(void *volatile *) &nowhere, 10), EFAULT));
	close(fd);
	CHECK("a closed descriptor is EBADF", FAILS(read(fd, buf, 1), EBADF));
}

/* Not one page may stay with a file that goes. */
static void failed_write(void)
{
	struct statfs before, after;
	int fd;

	statfs(".", &before);
	fd = open("failed", O_RDWR | O_CREAT, 0644);
	CHECK("a write from where nothing is, is EFAULT", FAILS(write(fd, (void *)4096, 4096), EFAULT));
	close(fd);
	unlink("failed");
	statfs(".", &after);
	/* On Linux's disk others write, too. */
	if (before.f_type == 0x858458f6 || before.f_type == 0x01021994)
		CHECK("and leaves nothing behind when the file goes", after.f_bfree == before.f_bfree);
}

static void names(void)
{
	char buf[PATH_MAX], cwd[PATH_MAX];
	struct stat st, st2;
	struct timespec times[2] = { { 1000, 5000 }, { 2000, 7000 } };
	int fd;

	CHECK("mkdir makes a directory", !mkdir("d", 0755) && !stat("d", &st) && S_ISDIR(st.st_mode));
	CHECK("and not twice", FAILS(mkdir("d", 0755), EEXIST));
	CHECK("a trailing slash wants a directory", FAILS(open("file/", O_RDONLY), ENOTDIR) && !stat("d/", &st));
	CHECK("a file is no directory", FAILS(stat("file/x", &st), ENOTDIR));
	CHECK("a directory cannot be written", FAILS(open("d", O_WRONLY), EISDIR));
	CHECK("rename moves between directories",
	      !rename("file", "d/moved") && FAILS(stat("file", &st), ENOENT) && !stat("d/moved", &st));
	CHECK("link gives a second name",
	      !link("d/moved", "d/second") && !stat("d/second", &st2) && st2.st_ino == st.st_ino && st2.st_nlink == 2);
	CHECK("unlink takes one name", !unlink("d/moved") && !stat("d/second", &st2) && st2.st_nlink == 1);
	CHECK("rmdir wants an empty directory", FAILS(rmdir("d"), ENOTEMPTY));
	CHECK("a directory is not unlinked", unlink("d") == -1 && errno == EISDIR);
	CHECK("a directory does not move below itself", FAILS(rename("d", "d/e"), EINVAL));
	CHECK("symlink and readlink",
	      !symlink("d/second", "link") && readlink("link", buf, sizeof(buf)) == 8 && !memcmp(buf, "d/second", 8));
	CHECK("stat follows, lstat does not",
	      !stat("link", &st) && S_ISREG(st.st_mode) && !lstat("link", &st) && S_ISLNK(st.st_mode));
	CHECK("O_NOFOLLOW refuses a link", FAILS(open("link", O_RDONLY | O_NOFOLLOW), ELOOP));
	CHECK("a loop of links is ELOOP", !symlink("loop", "loop") && FAILS(open("loop", O_RDONLY), ELOOP));
	CHECK("creating through a dangling link makes its target", !symlink("d/new", "dangling") &&
		(fd = open("dangling", O_CREAT | O_RDWR, 0600)) >= 0 && !close(fd) && !stat("d/new", &st));
	memset(buf, 'n', 300);
	buf[300] = 0;
	CHECK("a long name is ENAMETOOLONG", FAILS(mkdir(buf, 0755), ENAMETOOLONG));
	CHECK("getcwd and chdir", getcwd(cwd, sizeof(cwd)) && !chdir("d") && getcwd(buf, sizeof(buf)) &&
					  !strncmp(buf, cwd, strlen(cwd)) && !strcmp(buf + strlen(cwd), "/d") &&
					  !stat("../link", &st) && !chdir(".."));
	CHECK("openat is relative to its descriptor",
	      (fd = open("d", O_RDONLY | O_DIRECTORY)) >= 0 && !fstatat(fd, "second", &st, 0) &&
		      faccessat(fd, "nothing", F_OK, 0) == -1 && !fchdir(fd) && !chdir("..") && !close(fd));
	CHECK("chmod changes the permissions",
	      !chmod("d/second", 0600) && !stat("d/second", &st) && (st.st_mode & 07777) == 0600);
	CHECK("utimensat sets the times", !utimensat(AT_FDCWD, "d/second", times, 0) && !stat("d/second", &st) &&
		st.st_atim.tv_sec == 1000 && st.st_mtim.tv_sec == 2000);
	CHECK("rename replaces a file", !close(open("d/third", O_CREAT | O_RDWR, 0600)) &&
						!rename("d/second", "d/third") && FAILS(stat("d/second", &st), ENOENT));
	CHECK("the empty path is ENOENT", FAILS(stat("", &st), ENOENT));
}

static void unlinked(void)
{
	int fd = open("gone", O_CREAT | O_RDWR, 0600);
	char c = 0;

	CHECK("an unlinked file lives on while it is open", fd >= 0 && !unlink("gone") && write(fd, "z", 1) == 1 &&
		pread(fd, &c, 1, 0) == 1 && c == 'z');
	close(fd);
}

static void listing(void)
{
	int seen[200] = { 0 }, all = 1, dots = 0, others = 0;
	char name[32];
	struct dirent *e;
	DIR *d;

	mkdir("many", 0755);
	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "many/a-rather-long-name-%d", i);
		close(open(name, O_CREAT | O_WRONLY, 0600));
	}
	d = opendir("many");
	while (d && (e = readdir(d))) {
		int i;

		if (e->d_name[0] == '.')
			dots++;
		else if (sscanf(e->d_name, "a-rather-long-name-%d", &i) == 1 && i >= 0 && i < 200)
			seen[i]++;
		else
			others++;
	}
	for (int i = 0; i < 200; i++)
		all &= seen[i] == 1;
	CHECK("readdir gives each of 200 names once", d && all && dots == 2 && !others);
	closedir(d);
	all = 1;
	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "many/a-rather-long-name-%d", i);
		all &= !unlink(name);
	}
	CHECK("and the directory can be emptied and removed", all && !rmdir("many"));
}

static void mapping(void)
{
	int fd = open("map", O_CREAT | O_RDWR | O_TRUNC, 0600);
	char *a, *b, *p, buf[8] = "";

	ftruncate(fd, 10000);
	a = mmap(NULL, 10000, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	b = mmap(NULL, 10000, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK("a file can be mapped", a != MAP_FAILED && b != MAP_FAILED);
	if (a == MAP_FAILED || b == MAP_FAILED)
		return;
	strcpy(a + 5000, "hello");
	CHECK("two shared mappings are one", !strcmp(b + 5000, "hello"));
	CHECK("a read sees what was stored",
	      !msync(a, 10000, MS_SYNC) && pread(fd, buf, 5, 5000) == 5 && !memcmp(buf, "hello", 5));
	CHECK("a mapping sees what is written", pwrite(fd, "HE", 2, 5000) == 2 && !strcmp(a + 5000, "HEllo"));
	p = mmap(NULL, 10000, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	if (p != MAP_FAILED)
		p[5000] = 'x';
	CHECK("a private mapping keeps its changes", p != MAP_FAILED && !strcmp(p + 5000, "xEllo") && a[5000] == 'H');
	a[0] = 'f';
	munmap(a, 10000);
	munmap(b, 10000);
	munmap(p, 10000);
	CHECK("stores arrive in the file when the mapping goes", pread(fd, buf, 1, 0) == 1 && buf[0] == 'f');
	close(fd);
}

static void *unlocker(void *arg)
{
	usleep(50000);
	close(*(int *) arg);
	return NULL;
}

static void locking(void)
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 100, .l_len = 50 };
	int a = open("lock", O_CREAT | O_RDWR, 0600), b = open("lock", O_RDWR), r;
	struct timespec t0, t1;
	pthread_t t;

	CHECK("an open file's lock is given", !fcntl(a, F_OFD_SETLK, &l));
	CHECK("and not to another", fcntl(b, F_OFD_SETLK, &l) == -1 && (errno == EAGAIN || errno == EACCES));
	l.l_start = 150;
	CHECK("next to it there is room", !fcntl(b, F_OFD_SETLK, &l));
	l.l_start = 120, l.l_len = 10, l.l_type = F_UNLCK;
	fcntl(a, F_OFD_SETLK, &l);
	l.l_type = F_WRLCK;
	CHECK("unlocking the middle splits", !fcntl(b, F_OFD_SETLK, &l));
	l.l_start = 100, l.l_len = 10, l.l_type = F_RDLCK;
	l.l_pid = 0;
	CHECK("F_GETLK names what is in the way",
	      !fcntl(b, F_OFD_GETLK, &l) && l.l_type == F_WRLCK && l.l_start == 100 && l.l_len == 20);
	l = (struct flock){ .l_type = F_WRLCK, .l_start = 100, .l_len = 10 };
	clock_gettime(CLOCK_MONOTONIC, &t0);
	pthread_create(&t, NULL, unlocker, &a);
	r = fcntl(b, F_OFD_SETLKW, &l);
	clock_gettime(CLOCK_MONOTONIC, &t1);
	CHECK("a waiting lock comes when the other closes",
	      !r && (t1.tv_sec - t0.tv_sec) * 1000000000LL + t1.tv_nsec - t0.tv_nsec > 40000000);
	pthread_join(t, NULL);
	a = open("lock", O_RDWR);
	l = (struct flock){ .l_type = F_RDLCK, .l_start = 0, .l_len = 1 };
	CHECK("a process's own locks do not conflict",
	      !fcntl(a, F_SETLK, &l) && (l.l_type = F_WRLCK, !fcntl(b, F_SETLK, &l)));
	CHECK("flock excludes another open file",
	      !flock(a, LOCK_EX) && FAILS(flock(b, LOCK_EX | LOCK_NB), EWOULDBLOCK) && !flock(a, LOCK_UN) &&
		      !flock(b, LOCK_SH) && !flock(a, LOCK_SH));
	close(a);
	close(b);
}

static volatile sig_atomic_t pipe_signals;
static void on_pipe(int s)
{
	pipe_signals++;
}

static void *slow_writer(void *arg)
{
	usleep(50000);
	write(*(int *) arg, "x", 1);
	return NULL;
}

static void pipes(void)
{
	struct pollfd p[2];
	char buf[100];
	int fd[2], n = 0, file;
	fd_set set;
	struct timeval tv = { 1, 0 };
	pthread_t t;

	CHECK("a pipe", !pipe2(fd, O_CLOEXEC) && fcntl(fd[0], F_GETFD) == FD_CLOEXEC);
	CHECK("carries bytes",
	      write(fd[1], "abc", 3) == 3 && !ioctl(fd[0], FIONREAD, &n) && n == 3 && read(fd[0], buf, 10) == 3);
	fcntl(fd[0], F_SETFL, O_NONBLOCK);
	fcntl(fd[1], F_SETFL, O_NONBLOCK);
	CHECK("an empty pipe is EAGAIN", FAILS(read(fd[0], buf, 1), EAGAIN));
	for (n = 0; write(fd[1], big, 4096) == 4096; n++)
		;
	CHECK("it holds 64 KiB", errno == EAGAIN && n == 16);
	p[0] = (struct pollfd){ fd[0], POLLIN, 0 };
	p[1] = (struct pollfd){ fd[1], POLLOUT, 0 };
	CHECK("poll sees that it is full", poll(p, 2, 0) == 1 && p[0].revents == POLLIN && p[1].revents == 0);
	while (read(fd[0], back, sizeof(back)) > 0)
		;
	CHECK("and that it is empty", poll(p, 2, 0) == 1 && p[0].revents == 0 && p[1].revents == POLLOUT);
	CHECK("poll's time runs out", poll(p, 1, 20) == 0);
	pthread_create(&t, NULL, slow_writer, &fd[1]);
	CHECK("poll wakes when bytes come", poll(p, 1, 5000) == 1 && p[0].revents == POLLIN);
	pthread_join(t, NULL);
	FD_ZERO(&set);
	FD_SET(fd[0], &set);
	CHECK("select does, too", select(fd[0] + 1, &set, NULL, NULL, &tv) == 1 && FD_ISSET(fd[0], &set));
	file = open("lock", O_RDONLY);
	CHECK("sendfile feeds a pipe", ({
		int w = open("src", O_CREAT | O_RDWR, 0600);
		off_t off = 2;
		write(w, "0123456789", 10);
		read(fd[0], buf, 100);
		int ok = sendfile(fd[1], w, &off, 5) == 5 && off == 7 && read(fd[0], buf, 100) == 5 &&
			 !memcmp(buf, "23456", 5);
		close(w);
		ok;
	}));
	close(file);
	signal(SIGPIPE, on_pipe);
	close(fd[0]);
	CHECK("a pipe without a reader is EPIPE, with SIGPIPE",
	      FAILS(write(fd[1], "x", 1), EPIPE) && pipe_signals == 1);
	close(fd[1]);
	CHECK("dup2 makes the number asked for", dup2(1, 37) == 37 && fcntl(37, F_GETFD) == 0 && !close(37));
	CHECK("F_DUPFD takes the lowest from there on", fcntl(1, F_DUPFD, 20) == 20 && !close(20));
}

static void *fifo_writer(void *arg)
{
	int fd = open("fifo", O_WRONLY);

	write(fd, "through", 7);
	close(fd);
	return NULL;
}

static void fifos(void)
{
	char buf[16] = "";
	pthread_t t;
	int fd;

	CHECK("a FIFO", !mkfifo("fifo", 0600) && FAILS(open("fifo", O_WRONLY | O_NONBLOCK), ENXIO));
	pthread_create(&t, NULL, fifo_writer, NULL);
	fd = open("fifo", O_RDONLY);
	CHECK("brings its two sides together",
	      fd >= 0 && read(fd, buf, 16) == 7 && !memcmp(buf, "through", 7) && read(fd, buf, 16) == 0);
	pthread_join(t, NULL);
	close(fd);
}

static void devices(void)
{
	char buf[16], zero[16] = "";
	struct stat st;
	FILE *f;
	int fd, n = 0;

	fd = open("/dev/zero", O_RDWR);
	memset(buf, 1, sizeof(buf));
	CHECK("/dev/zero gives zeroes", read(fd, buf, 16) == 16 && !memcmp(buf, zero, 16));
	close(fd);
	fd = open("/dev/null", O_RDWR);
	CHECK("/dev/null takes all and gives nothing", write(fd, big, 1000) == 1000 && read(fd, buf, 1) == 0);
	close(fd);
	fd = open("/dev/full", O_RDWR);
	CHECK("/dev/full is full", FAILS(write(fd, "x", 1), ENOSPC));
	close(fd);
	fd = open("/dev/urandom", O_RDONLY);
	CHECK("/dev/urandom gives bytes", read(fd, buf, 16) == 16 && memcmp(buf, zero, 16));
	close(fd);
	CHECK("/dev/stdout is standard output", !stat("/dev/stdout", &st));
	CHECK("the console is no terminal", !isatty(0) || isatty(0));
	f = fopen("/proc/self/stat", "r");
	CHECK("/proc/self/stat begins with the pid", f && fscanf(f, "%d", &n) == 1 && n == getpid());
	if (f)
		fclose(f);
	f = fopen("/proc/meminfo", "r");
	CHECK("/proc/meminfo tells the memory", f && fscanf(f, "MemTotal: %d kB", &n) == 1 && n > 1000);
	if (f)
		fclose(f);
	CHECK("/proc/self/exe is a link", readlink("/proc/self/exe", buf, sizeof(buf)) > 0);
}

/* What the initrd brings (run-files.sh): a file, a program's permissions, a link. */
static void initrd(void)
{
	char buf[64] = "", *map;
	struct stat st;
	int fd = open("/data/greeting", O_RDWR);

	CHECK("the initrd's file is there",
	      fd >= 0 && read(fd, buf, 64) == 22 && !strcmp(buf, "hello from the initrd\n"));
	map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	CHECK("it can be mapped", map != MAP_FAILED && !memcmp(map, "hello", 5) && map[22] == 0);
	CHECK("it can be changed",
	      pwrite(fd, "HELLO", 5, 0) == 5 && pread(fd, buf, 64, 0) == 22 && !strcmp(buf, "HELLO from the initrd\n"));
	CHECK("its permissions are kept", !stat("/data/greeting", &st) && (st.st_mode & 07777) == 0751);
	CHECK("so are links", readlink("/link", buf, sizeof(buf)) == 13 && !memcmp(buf, "data/greeting", 13));
	CHECK("growing it gives zeroes", !ftruncate(fd, 10) && !ftruncate(fd, 30) && pread(fd, buf, 64, 0) == 30 &&
						 !memcmp(buf, "HELLO from\0\0", 12));
	close(fd);
}

/* The host changes files at the same time (run-files.sh). */
static void with_host(void)
{
	char buf[32] = "";
	int fd = open("/host/shared", O_RDWR), n = 0;

	write(fd, "guest was here\n", 15);
	close(fd);
	puts("host: your turn");
	fflush(stdout);
	while (n++ < 500 && access("/host/answer", F_OK))
		usleep(20000);
	fd = open("/host/shared", O_RDONLY);
	CHECK("what the host writes is seen", read(fd, buf, 31) == 14 && !strcmp(buf, "host was here\n"));
	close(fd);
}

static void clear(const char *dir)
{
	static const char *const files[] = {"d/moved", "d/second", "d/third", "d/new", "file", "link",
					    "loop",    "dangling", "map",     "lock",  "src",  "fifo"};

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		unlink(files[i]);
	rmdir("d");
	CHECK("all is cleared away", !chdir("/") && !rmdir(dir));
}

int main(int argc, char **argv)
{
	struct statfs fs;
	char dir[PATH_MAX];

	umask(022);
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "initrd") || !strcmp(argv[i], "with-host")) {
			*argv[i] == 'i' ? initrd() : with_host();
			continue;
		}
		snprintf(dir, sizeof(dir), "%s/files-test", argv[i]);
		printf("# %s\n", dir);
		CHECK("a directory to work in", !mkdir(dir, 0755) && !chdir(dir));
		CHECK("statfs", !statfs(".", &fs) && fs.f_bsize > 0);
		content();
		if (strcmp(argv[i], "/host"))
			failed_write();
		names();
		unlinked();
		listing();
		mapping();
		locking();
		pipes();
		/* QEMU refuses to make FIFOs in a directory that it exports without mapping. */
		if (strcmp(argv[i], "/host"))
			fifos();
		devices();
		pipe_signals = 0;
		clear(dir);
	}
	return check_failed;
}
