/*
 * init.c: process 1 of the Linux virtual machine that `make bench` compares with. It does the least that lets the
 * service answer: mounts, virtio's modules, the address, then the service. What the kernel's command line says beyond
 * its own options arrives in the environment:
 *
 *	service=nginx, redis or ssh	which service to start (/etc/service/NAME holds its words, one a line)
 *	address=A mask=M		of eth0
 *	log=1				the service's output goes to the serial port instead of /dev/null
 *
 * Static, and without a shell: a script would cost two more programs at boot.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS_MAX 32

static void say(const char *what, const char *name)
{
	dprintf(2, "init: %s %s: %s\n", what, name, strerror(errno));
}

static void try_mount(const char *type, const char *at)
{
	mkdir(at, 0755);
	if (mount(type, at, type, 0, NULL) < 0)
		say("mount", at);
}

/* /modules/list names the modules in the order in which they need each other. */
static void load_modules(void)
{
	char path[128];
	FILE *list = fopen("/modules/list", "r");

	while (list && fgets(path, sizeof(path), list)) {
		int fd;

		path[strcspn(path, "\n")] = '\0';
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || syscall(SYS_finit_module, fd, "", 0) < 0)
			say("module", path);
		close(fd);
	}
	if (list)
		fclose(list);
}

static void set_address(int s, const char *name, unsigned long request, const char *text)
{
	struct ifreq r = {0};
	struct sockaddr_in *in = (struct sockaddr_in *)&r.ifr_addr;

	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	in->sin_family = AF_INET;
	if (inet_pton(AF_INET, text, &in->sin_addr) != 1 || ioctl(s, request, &r) < 0)
		say("address", text);
}

static void set_up(int s, const char *name)
{
	struct ifreq r = {.ifr_flags = IFF_UP | IFF_RUNNING};

	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	if (ioctl(s, SIOCSIFFLAGS, &r) < 0)
		say("interface", name);
}

static void start_network(void)
{
	const char *address = getenv("address"), *mask = getenv("mask");
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	set_up(s, "lo");
	if (address) {
		set_address(s, "eth0", SIOCSIFADDR, address);
		set_address(s, "eth0", SIOCSIFNETMASK, mask ? mask : "255.255.255.0");
		set_up(s, "eth0");
	}
	close(s);
}

/* Starts the program that /etc/service/NAME describes. */
static pid_t start(const char *name)
{
	char path[64], lines[WORDS_MAX][128];
	char *words[WORDS_MAX + 1];
	unsigned count = 0;
	FILE *f;
	pid_t pid;

	snprintf(path, sizeof(path), "/etc/service/%s", name);
	f = fopen(path, "r");
	if (!f) {
		say("service", name);
		return -1;
	}
	while (count < WORDS_MAX && fgets(lines[count], sizeof(lines[0]), f)) {
		lines[count][strcspn(lines[count], "\n")] = '\0';
		words[count] = lines[count];
		count++;
	}
	words[count] = NULL;
	fclose(f);
	pid = count ? vfork() : -1;
	if (pid == 0) {
		execv(words[0], words);
		_exit(127);
	}
	return pid;
}

int main(void)
{
	const char *service = getenv("service"), *log = getenv("log");
	int fd;

	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	fd = open(log ? "/dev/ttyS0" : "/dev/null", O_RDWR);
	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
	load_modules();
	start_network();
	try_mount("proc", "/proc");
	if (service) {
		if (strcmp(service, "ssh") == 0)
			try_mount("devpts", "/dev/pts");
		start(service);
	}
	for (;;)
		if (wait(NULL) < 0)
			pause();
}
