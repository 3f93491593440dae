/*
 * audit.c: see audit.h.
 */
#include "host/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "host/util.h"
#include "proto/frame.h"

#define COMMAND_MAX	1024
#define POLL_MS		50

/* Room for the text with every byte as four. Bytes that are no printable UTF-8 become \xNN: a log is read on terminals. */
static char *printable(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	char *out = xcalloc(4, strlen(text) + 1), *to = out;

	while (*s) {
		unsigned n = *s < 0x80 ? 1 : *s >= 0xc2 && *s < 0xe0 ? 2 : (*s & 0xf0) == 0xe0 ? 3 : (*s & 0xf8) == 0xf0 ? 4 : 0;
		bool good = n > 0 && *s >= ' ' && *s != 0x7f && !(*s == 0xc2 && s[1] < 0xa0);

		for (unsigned i = 1; good && i < n; i++)
			good = (s[i] & 0xc0) == 0x80;
		if (good) {
			memcpy(to, s, n);
			to += n;
			s += n;
		} else {
			to += sprintf(to, "\\x%02x", *s++);
		}
	}
	return out;
}

static void add(cJSON *o, const char *key, const char *text)
{
	char *safe = printable(text), *safe_key = printable(key);

	cJSON_AddStringToObject(o, safe_key, safe);
	free(safe);
	free(safe_key);
}

static bool is_one_of(const char *key, const char *const *keys)
{
	while (*keys && strcmp(key, *keys) != 0)
		keys++;
	return *keys;
}

/* What is a number is one, but for addresses, which are read in hexadecimal digits. */
static void add_typed(cJSON *o, const char *event, const char *key, const char *text)
{
	static const char *const numbers[] = {"pid", "status", "object", "map", "offset", "pin", NULL};
	bool id = strcmp(key, "program") == 0 && strncmp(event, "bpf.", 4) == 0;
	bool digits = text[0] && strspn(text, "0123456789") == strlen(text);
	char hex[32];

	if (digits && strlen(text) <= 15 && (id || is_one_of(key, numbers))) {
		cJSON_AddNumberToObject(o, key, strtod(text, NULL));
	} else if (digits && strcmp(key, "function") == 0) {
		snprintf(hex, sizeof(hex), "0x%llx", strtoull(text, NULL, 10));
		add(o, key, hex);
	} else {
		add(o, key, text);
	}
}

static cJSON *entry(const char *event)
{
	cJSON *o = cJSON_CreateObject();
	struct timespec now;
	struct tm tm;
	char text[64];
	size_t n;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	n = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + n, sizeof(text) - n, ".%06ldZ", now.tv_nsec / 1000);
	cJSON_AddStringToObject(o, "time", text);
	add(o, "event", event);
	return o;
}

/* The words of this process's command line. */
static char *command_line(void)
{
	char *data = xcalloc(1, COMMAND_MAX + 1);
	int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, data, COMMAND_MAX);

	for (ssize_t i = 0; i + 1 < n; i++)
		if (!data[i])
			data[i] = ' ';
	if (fd >= 0)
		close(fd);
	return data;
}

/* The log, locked: no two rotate it at once, and nobody writes to the old one. */
static int open_log(const struct vm *vm)
{
	char *path = vm_file(vm, AUDIT_FILE), *old = vm_file(vm, AUDIT_OLD_FILE);
	struct stat mine, there;
	int fd;

	for (;;) {
		fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd < 0 || flock(fd, LOCK_EX) < 0 || fstat(fd, &mine) < 0)
			break;
		if (stat(path, &there) == 0 && there.st_ino == mine.st_ino && mine.st_size < AUDIT_SIZE_MAX)
			break;
		if (stat(path, &there) == 0 && there.st_ino == mine.st_ino && rename(path, old) < 0)
			break;
		close(fd);
	}
	free(path);
	free(old);
	return fd;
}

static void append(const struct vm *vm, cJSON *o)
{
	static bool told;
	char *text = cJSON_PrintUnformatted(o), *line = xasprintf("%s\n", text);
	int fd = open_log(vm);

	if ((fd < 0 || write_all(fd, line, strlen(line)) < 0) && !told) {
		warn("%s/%s: %s", vm->dir, AUDIT_FILE, strerror(errno));
		told = true;
	}
	if (fd >= 0)
		close(fd);
	free(line);
	cJSON_free(text);
	cJSON_Delete(o);
}

void audit_note(const struct vm *vm, const char *event, ...)
{
	cJSON *o = entry(event), *client = cJSON_AddObjectToObject(o, "client");
	char *command = command_line();
	const char *key, *text;
	va_list pairs;

	cJSON_AddNumberToObject(client, "uid", getuid());
	cJSON_AddNumberToObject(client, "pid", getpid());
	add(client, "command", command);
	free(command);
	va_start(pairs, event);
	while ((key = va_arg(pairs, const char *))) {
		text = va_arg(pairs, const char *);
		if (text)
			add_typed(o, event, key, text);
	}
	va_end(pairs);
	append(vm, o);
}

void audit_guest(const struct vm *vm, const struct msg_event *event, unsigned lost)
{
	cJSON *o = entry(event->name);
	const char *key, *text;
	struct msg_iter it;

	cJSON_AddStringToObject(o, "client", "guest");
	cJSON_AddNumberToObject(o, "guest_time_ns", (double)event->time_ns);
	if (lost)
		cJSON_AddNumberToObject(o, "lost_before", lost);
	msg_iter_start(&it, &event->values);
	while (msg_next_pair(&it, &key, &text))
		add_typed(o, event->name, key, text);
	append(vm, o);
}

static struct {
	const struct vm *vm;
	pthread_t thread;
	bool running;
	atomic_bool stop;
	int fd;
	struct frame_parser parser;
	uint8_t frame[FRAME_MAX];
} tail = {.fd = -1};

static void take_in(void)
{
	uint8_t bytes[4096];
	struct msg_event m;
	struct frame f;
	ssize_t n;

	while (tail.fd >= 0 && (n = read(tail.fd, bytes, sizeof(bytes))) > 0)
		for (size_t at = 0, used; at < (size_t)n; at += used) {
			int r = frame_feed(&tail.parser, bytes + at, (size_t)n - at, &used, &f);

			/* It only breaks when the guest's kernel is broken: what follows means nothing. */
			if (r < 0) {
				audit_note(tail.vm, "log.broken", "text", "the guest's events make no sense any more", NULL);
				close(tail.fd);
				tail.fd = -1;
				return;
			}
			if (r > 0 && f.header.type == MSG_EVENT && msg_event_decode(f.payload, f.header.size, &m) == 0)
				audit_guest(tail.vm, &m, f.header.session);
		}
}

static void *run(void *arg)
{
	while (!atomic_load(&tail.stop)) {
		take_in();
		sleep_ms(POLL_MS);
	}
	take_in();
	return NULL;
}

void audit_start(const struct vm *vm)
{
	char *path = vm_file(vm, AUDIT_EVENTS);

	tail.vm = vm;
	tail.fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	frame_parser_init(&tail.parser, tail.frame);
	tail.running = tail.fd >= 0 && pthread_create(&tail.thread, NULL, run, NULL) == 0;
	free(path);
}

void audit_stop(void)
{
	if (!tail.running)
		return;
	atomic_store(&tail.stop, true);
	pthread_join(tail.thread, NULL);
	tail.running = false;
}
