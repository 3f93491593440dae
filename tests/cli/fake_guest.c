/*
 * fake_guest.c: QEMU's outside: command line, sockets, the console and the shell. See fake.h.
 *
 * The application reads lines from its console and answers "app: LINE"; "exit N" ends it, "panic" panics, "die" ends
 * QEMU without a word. At the end of its input it exits with 0.
 */
#include "tests/cli/fake.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct port ports[PORTS];
static char kernel_log[256], boot[4096];
static char app_line[1024], shell_line[1024];
static size_t app_len, shell_len;
uint64_t console_bytes, console_eof = ~0ull;

static void append_file(const char *path, const char *text, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);

	if (fd < 0 || write(fd, text, len) != (ssize_t)len)
		abort();
	close(fd);
}

void fake_log(const char *line)
{
	append_file(kernel_log, line, strlen(line));
	append_file(kernel_log, "\n", 1);
}

_Noreturn void fake_exit(int status)
{
	char line[64];

	snprintf(line, sizeof(line), "uio: exit %d", status);
	fake_log(line);
	exit(((status << 1) | 1) & 0xff);
}

static void port_write(struct port *port, const char *text)
{
	if (port->client >= 0 && send(port->client, text, strlen(text), MSG_NOSIGNAL) < 0) {
		close(port->client);
		port->client = -1;
	}
}

static void console_write(const char *text)
{
	if (write(STDOUT_FILENO, text, strlen(text)) < 0)
		abort();
}

static void app_command(const char *line)
{
	char answer[1100];

	if (strncmp(line, "exit ", 5) == 0)
		fake_exit(atoi(line + 5));
	if (strcmp(line, "panic") == 0) {
		fake_log("uio: panic: page fault at 0x0");
		exit(255);
	}
	if (strcmp(line, "die") == 0)
		exit(0);
	snprintf(answer, sizeof(answer), "app: %s\n", line);
	console_write(answer);
}

static void console_input(const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] == 4)
			fake_exit(0);
		if (bytes[i] == '\n' || bytes[i] == '\r') {
			app_line[app_len] = '\0';
			app_len = 0;
			app_command(app_line);
		} else if (app_len < sizeof(app_line) - 1) {
			app_line[app_len++] = bytes[i];
		}
	}
	console_bytes += n;
}

static void shell_input(const char *bytes, size_t n)
{
	char text[1100];

	for (size_t i = 0; i < n; i++) {
		if (bytes[i] == 025) {
			shell_len = 0;
			continue;
		}
		if (bytes[i] != '\n') {
			if (shell_len < sizeof(shell_line) - 1)
				shell_line[shell_len++] = bytes[i];
			text[0] = bytes[i];
			text[1] = '\0';
			port_write(&ports[1], text);
			continue;
		}
		shell_line[shell_len] = '\0';
		shell_len = 0;
		port_write(&ports[1], "\r\n");
		if (strncmp(shell_line, "echo ", 5) == 0) {
			snprintf(text, sizeof(text), "%s\r\n", shell_line + 5);
			port_write(&ports[1], text);
		} else if (shell_line[0]) {
			snprintf(text, sizeof(text), "%s: no such command\r\n", shell_line);
			port_write(&ports[1], text);
		}
		port_write(&ports[1], "fake> ");
	}
}

static void ctl_input(struct port *port, const char *bytes, size_t n)
{
	struct frame frame;
	size_t used;

	while (n > 0) {
		int r = frame_feed(&port->parser, bytes, n, &used, &frame);

		if (r < 0)
			return;
		if (r > 0)
			ctl_frame(port, &frame);
		bytes += used;
		n -= used;
	}
}

static void listen_on(struct port *port)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (strlen(port->path) >= sizeof(address.sun_path)) {
		fprintf(stderr, "fake: %s: too long for a socket\n", port->path);
		exit(1);
	}
	memcpy(address.sun_path, port->path, strlen(port->path));
	port->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(port->listener, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(port->listener, 8) < 0) {
		fprintf(stderr, "fake: %s: %s\n", port->path, strerror(errno));
		exit(1);
	}
}

static void accept_on(struct port *port)
{
	port->client = accept4(port->listener, NULL, NULL, SOCK_CLOEXEC);
	frame_parser_init(&port->parser, port->buf);
	if (port >= &ports[FIRST_CTL])
		ctl_reset(port);
}

static void read_from(struct port *port)
{
	char bytes[4096];
	ssize_t n = read(port->client, bytes, sizeof(bytes));

	if (n <= 0) {
		close(port->client);
		port->client = -1;
		if (port >= &ports[FIRST_CTL])
			ctl_reset(port);
		return;
	}
	if (port == &ports[0])
		console_input(bytes, (size_t)n);
	else if (port == &ports[1])
		shell_input(bytes, (size_t)n);
	else
		ctl_input(port, bytes, (size_t)n);
}

/* "KEY=" of a chardev's options, copied to to. */
static void option(const char *options, const char *key, char *to, size_t size)
{
	const char *at = strstr(options, key);

	if (at)
		snprintf(to, size, "%.*s", (int)strcspn(at + strlen(key), ","), at + strlen(key));
}

static void parse(int argc, char **argv)
{
	for (int i = 1; i + 1 < argc; i++) {
		const char *options = argv[i + 1];
		int index = -1;

		if (strcmp(argv[i], "-append") == 0)
			snprintf(boot, sizeof(boot), "%s", options);
		if (strcmp(argv[i], "-chardev") != 0)
			continue;
		if (strstr(options, "id=log"))
			option(options, "path=", kernel_log, sizeof(kernel_log));
		if (strstr(options, "id=shell"))
			index = 1;
		else if (strstr(options, "id=ctl"))
			index = FIRST_CTL + strstr(options, "id=ctl")[6] - '0';
		if (index >= 0 && index < PORTS) {
			option(options, "path=", ports[index].path, sizeof(ports[index].path));
			listen_on(&ports[index]);
		}
	}
}

static void loop(void)
{
	struct pollfd fds[PORTS + 64] = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < PORTS; i++) {
		fds[n].fd = ports[i].client >= 0 ? ports[i].client : ports[i].listener;
		fds[n++].events = POLLIN;
	}
	n += ctl_pollfds(fds + n, 64);
	poll(fds, n, 20);
	for (size_t i = 0; i < PORTS; i++) {
		if (!fds[i].revents)
			continue;
		if (ports[i].client < 0)
			accept_on(&ports[i]);
		else
			read_from(&ports[i]);
	}
	ctl_poll();
	if (console_bytes >= console_eof || strstr(boot, "uio.stdin=0"))
		fake_exit(0);
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < PORTS; i++)
		ports[i].listener = ports[i].client = -1;
	if (getenv("FAKE_BROKEN")) {
		fprintf(stderr, "fake: this QEMU does not start\n");
		return 1;
	}
	parse(argc, argv);
	/* The console, as of -chardev stdio. */
	ports[0].client = STDIN_FILENO;
	fake_log("uio: fake guest");
	console_write("boot: ");
	console_write(boot);
	console_write("\n");
	if (getenv("FAKE_EXIT"))
		fake_exit(atoi(getenv("FAKE_EXIT")));
	for (;;)
		loop();
}
