/*
 * util.c: messages, memory, files, sizes and times. See util.h.
 */
#include "host/util.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void message(const char *format, va_list ap)
{
	fflush(stdout);
	fputs("uio: ", stderr);
	vfprintf(stderr, format, ap);
	fputc('\n', stderr);
}

_Noreturn void die(int status, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	message(format, ap);
	va_end(ap);
	exit(status);
}

void text_clean(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

void text_print(const char *text, FILE *to)
{
	for (; *text; text++)
		putc(((unsigned char)*text < ' ' && *text != '\n' && *text != '\t') || *text == 0x7f ? '?' : *text, to);
}

void warn(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	message(format, ap);
	va_end(ap);
}

void *xcalloc(size_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size ? size : 1);

	if (!p)
		die(125, "out of memory");
	return p;
}

void *xrealloc(void *old, size_t size)
{
	void *p = realloc(old, size ? size : 1);

	if (!p)
		die(125, "out of memory");
	return p;
}

char *xstrdup(const char *s)
{
	size_t size = strlen(s) + 1;

	return memcpy(xcalloc(1, size), s, size);
}

char *xasprintf(const char *format, ...)
{
	va_list ap;
	char *s;

	va_start(ap, format);
	if (vasprintf(&s, format, ap) < 0)
		die(125, "out of memory");
	va_end(ap);
	return s;
}

static void strv_take(struct strv *s, char *word)
{
	s->v = xrealloc(s->v, (s->count + 2) * sizeof(char *));
	s->v[s->count++] = word;
	s->v[s->count] = NULL;
}

void strv_add(struct strv *s, const char *word)
{
	strv_take(s, xstrdup(word));
}

void strv_addf(struct strv *s, const char *format, ...)
{
	va_list ap;
	char *word;

	va_start(ap, format);
	if (vasprintf(&word, format, ap) < 0)
		die(125, "out of memory");
	va_end(ap);
	strv_take(s, word);
}

int file_read(const char *path, char **ret_data, size_t *ret_size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t have = 0, room = 0;
	char *data = NULL;

	if (fd < 0)
		return -errno;
	for (;;) {
		ssize_t n;

		if (have + 1 >= room) {
			room = room ? room * 2 : 8192;
			data = xrealloc(data, room);
		}
		n = read(fd, data + have, room - have - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			n = -errno;
			free(data);
			close(fd);
			return (int)n;
		}
		if (n == 0)
			break;
		have += (size_t)n;
	}
	close(fd);
	data[have] = '\0';
	*ret_data = data;
	if (ret_size)
		*ret_size = have;
	return 0;
}

int file_write(const char *path, const void *data, size_t size, mode_t mode)
{
	char *temp = xasprintf("%s.%ld.new", path, (long)getpid());
	int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	int r = fd < 0 ? -errno : write_all(fd, data, size);

	if (fd >= 0 && close(fd) < 0 && r == 0)
		r = -errno;
	if (r == 0 && rename(temp, path) < 0)
		r = -errno;
	if (r < 0)
		unlink(temp);
	free(temp);
	return r;
}

int make_dirs(const char *path, mode_t mode)
{
	char *copy = xstrdup(path);
	int r = 0;

	for (char *p = copy + 1; r == 0; p++) {
		char c = *p;

		if (c != '/' && c != '\0')
			continue;
		*p = '\0';
		if (mkdir(copy, mode) < 0 && errno != EEXIST)
			r = -errno;
		*p = c;
		if (c == '\0')
			break;
	}
	free(copy);
	return r;
}

int remove_dir(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *e;
	int r = 0;

	if (!dir)
		return errno == ENOENT ? 0 : -errno;
	while ((e = readdir(dir)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 &&
		    unlinkat(dirfd(dir), e->d_name, 0) < 0 && errno != ENOENT)
			r = -errno;
	closedir(dir);
	if (rmdir(path) < 0 && errno != ENOENT && r == 0)
		r = -errno;
	return r;
}

int write_all(int fd, const void *data, size_t size)
{
	const char *p = data;

	while (size > 0) {
		ssize_t n = write(fd, p, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			poll(&(struct pollfd) { .fd = fd, .events = POLLOUT }, 1, -1);
			continue;
		}
		if (n < 0)
			return -errno;
		p += n;
		size -= (size_t)n;
	}
	return 0;
}

static char *static_buffer(void)
{
	static char buffers[8][32];
	static unsigned next;

	return buffers[next++ % 8];
}

const char *human_size(uint64_t bytes)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	double value = (double)bytes;
	char *buf = static_buffer();
	size_t i = 0;

	while (value >= 1024 && i < 4) {
		value /= 1024;
		i++;
	}
	snprintf(buf, 32, i == 0 || value >= 100 ? "%.0f %s" : "%.1f %s", value, units[i]);
	return buf;
}

const char *human_age(uint64_t seconds)
{
	char *buf = static_buffer();
	uint64_t n = seconds;
	const char *unit = "second";

	if (seconds >= 2 * 86400) {
		n = seconds / 86400;
		unit = "day";
	} else if (seconds >= 2 * 3600) {
		n = seconds / 3600;
		unit = "hour";
	} else if (seconds >= 2 * 60) {
		n = seconds / 60;
		unit = "minute";
	}
	snprintf(buf, 32, "%llu %s%s", (unsigned long long)n, unit, n == 1 ? "" : "s");
	return buf;
}

int parse_signal(const char *text)
{
	char *end;
	long number = strtol(text, &end, 10);

	if (end != text && *end == '\0')
		return number > 0 && number < 65 ? (int)number : -EINVAL;
	if (strncasecmp(text, "SIG", 3) == 0)
		text += 3;
	for (int i = 1; i < 32; i++) {
		const char *name = sigabbrev_np(i);

		if (name && strcasecmp(name, text) == 0)
			return i;
	}
	return -EINVAL;
}

uint64_t monotonic_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_SEC + (uint64_t)ts.tv_nsec;
}

uint64_t realtime_sec(void)
{
	return (uint64_t)time(NULL);
}

void sleep_ms(unsigned ms)
{
	poll(NULL, 0, (int)ms);
}

void random_bytes(void *buf, size_t size)
{
	if (getrandom(buf, size, 0) != (ssize_t)size)
		die(125, "no random numbers: %m");
}
