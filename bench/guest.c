/*
 * guest.c: unikernels to measure. See bench.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "host/vm.h"

#define NAME	  "bench"
#define UIO	  "build/bin/uio"
#define CTL_PORTS 4

static void add_port(struct strv *c, unsigned nr, const char *name)
{
	strv_add(c, "-chardev");
	strv_addf(c, "socket,id=p%u,path=" BENCH_DIR "/p%u.sock,server=on,wait=off", nr, nr);
	strv_add(c, "-device");
	strv_addf(c, "virtserialport,bus=ports.0,nr=%u,chardev=p%u,name=%s", nr, nr, name);
}

static void add_virtio(struct strv *c, bool log)
{
	char name[16];

	strv_add(c, "-global");
	strv_add(c, "virtio-mmio.force-legacy=false");
	strv_add(c, "-device");
	strv_add(c, "virtio-rng-device");
	strv_add(c, "-device");
	strv_add(c, "virtio-serial-device,id=ports,max_ports=8");
	strv_add(c, "-chardev");
	strv_add(c, log ? "null,id=console" : "stdio,id=console,signal=off");
	strv_add(c, "-device");
	strv_add(c, "virtconsole,bus=ports.0,nr=0,chardev=console,name=uio.console");
	add_port(c, 1, "uio.shell");
	for (unsigned i = 0; i < CTL_PORTS; i++) {
		snprintf(name, sizeof(name), "uio.ctl.%u", i);
		add_port(c, i + 2, name);
	}
}

struct strv guest_qemu(const char *image, enum guest_console console, bool log)
{
	const char *qemu = getenv("UIO_QEMU");
	struct strv c = {0};
	static const char *const words[] = {
		"-M",
		"microvm,acpi=off,rtc=on,isa-serial=on",
		"-accel",
		"tcg",
		"-cpu",
		"max",
		"-m",
		"32",
		"-nodefaults",
		"-no-user-config",
		"-display",
		"none",
		"-no-reboot",
		"-device",
		"isa-debug-exit,iobase=0x501,iosize=2",
	};

	strv_add(&c, qemu && qemu[0] ? qemu : "qemu-system-x86_64");
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		strv_add(&c, words[i]);
	strv_add(&c, "-kernel");
	strv_add(&c, image);
	strv_add(&c, "-serial");
	strv_add(&c, console == CONSOLE_SERIAL || log ? "stdio" : "null");
	if (console == CONSOLE_VIRTIO)
		add_virtio(&c, log);
	return c;
}

bool guest_run(const char *image, const char *memory, char *const extra[], char *const arguments[])
{
	struct strv c = {0};
	bool ok;

	guest_remove();
	strv_add(&c, UIO);
	strv_add(&c, "run");
	strv_add(&c, "-d");
	strv_add(&c, "--name");
	strv_add(&c, NAME);
	strv_add(&c, "--accel");
	strv_add(&c, "tcg");
	strv_add(&c, "-m");
	strv_add(&c, memory);
	for (size_t i = 0; extra && extra[i]; i++)
		strv_add(&c, extra[i]);
	strv_add(&c, image);
	if (arguments)
		strv_add(&c, "--");
	for (size_t i = 0; arguments && arguments[i]; i++)
		strv_add(&c, arguments[i]);
	ok = child_run(c.v, 20000) == 0;
	return ok;
}

int guest_connect(const char *socket)
{
	struct vm *vm;
	char *path;
	int r;

	if (vm_load(NAME, &vm) < 0)
		return -ENOENT;
	path = vm_socket(vm, socket);
	r = unix_connect(path);
	free(path);
	vm_free(vm);
	return r;
}

bool guest_log_line(const char *prefix, unsigned timeout_ms, char *line, size_t room)
{
	uint64_t end_ns = monotonic_ns() + timeout_ms * NS_PER_MS;
	struct vm *vm;
	char *path, *text;
	bool found = false, running;

	if (vm_load(NAME, &vm) < 0)
		return false;
	path = vm_file(vm, "console.log");
	do {
		running = vm->status == VM_RUNNING && monotonic_ns() < end_ns;
		if (file_read(path, &text, NULL) == 0) {
			for (char *at = text, *end; !found && (end = strchr(at, '\n')); at = end + 1) {
				*end = '\0';
				found = strncmp(at, prefix, strlen(prefix)) == 0;
				if (found && line)
					snprintf(line, room, "%s", at);
			}
			free(text);
		}
		if (!found && running) {
			sleep_ms(20);
			vm_refresh(vm);
		}
	} while (!found && running);
	free(path);
	vm_free(vm);
	return found;
}

void guest_remove(void)
{
	char *const argv[] = {UIO, "rm", "-f", NAME, NULL};

	child_run(argv, 20000);
}
