/*
 * qemu.c: QEMU's command line. See qemu.h and docs/protocol.md (ports, boot arguments, how a guest ends).
 */
#include "host/qemu.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/audit.h"
#include "proto/msg.h"

static const struct machine_type {
	const char *name;
	const char *options;
	const char *bus;	/* how virtio devices end: -device or -pci */
	const char *device_options;
} machine_types[] = {
	{ "microvm", "microvm,acpi=off,rtc=on,isa-serial=on", "device", "" },
	{ "q35", "q35,usb=off,vmport=off", "pci", ",disable-legacy=on" },
	{ "pc", "pc,usb=off,vmport=off", "pci", ",disable-legacy=on" },
};

static const struct machine_type *machine_type(const char *name)
{
	for (size_t i = 0; i < sizeof(machine_types) / sizeof(machine_types[0]); i++)
		if (strcmp(machine_types[i].name, name) == 0)
			return &machine_types[i];
	return NULL;
}

const char *machine_type_unknown(const char *type)
{
	return machine_type(type) ? NULL : "microvm, q35, pc";
}

static bool cpu_has(const char *flag)
{
	char *info, *line, *word, *save;
	bool found = false;

	if (file_read("/proc/cpuinfo", &info, NULL) < 0)
		return false;
	line = strstr(info, "\nflags");
	if (line) {
		line++;
		line[strcspn(line, "\n")] = '\0';
		for (word = strtok_r(line, " \t:", &save); word && !found; word = strtok_r(NULL, " \t:", &save))
			found = strcmp(word, flag) == 0;
	}
	free(info);
	return found;
}

static bool kvm_opens(void)
{
	int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

const char *accel_choose(const char *wish, const char **ret_why)
{
	*ret_why = "asked for";
	if (strcmp(wish, "tcg") == 0)
		return "tcg";
	if (strcmp(wish, "kvm") == 0)
		return kvm_opens() ? "kvm" : NULL;
	if (strcmp(wish, "auto") != 0)
		return NULL;
	if (!kvm_opens()) {
		*ret_why = "/dev/kvm does not open";
		return "tcg";
	}
	/* Without them /dev/kvm is an emulation of some kind, which does not know every instruction. */
	if (!cpu_has("vmx") && !cpu_has("svm")) {
		*ret_why = "/dev/kvm opens, but the CPU has no virtualisation (VMX, SVM)";
		return "tcg";
	}
	*ret_why = cpu_has("ospke") ? "/dev/kvm opens and the CPU has protection keys"
				    : "/dev/kvm opens; without protection keys page tables keep programs apart";
	return "kvm";
}

/* One word of the boot line, quoted as lib/tok.h reads it. */
static char *boot_quote(const char *word)
{
	char *quoted = xcalloc(2 * strlen(word) + 3, 1);
	char *p = quoted;

	if (word[0] && !strpbrk(word, " \t\r\n\"'\\$`"))
		return strcpy(quoted, word);
	*p++ = '"';
	for (; *word; word++) {
		if (strchr("\"\\$`", *word))
			*p++ = '\\';
		*p++ = *word;
	}
	*p++ = '"';
	return quoted;
}

static void boot_word(char **line, char *word)
{
	char *quoted = boot_quote(word);
	char *longer = xasprintf("%s%s%s", *line, (*line)[0] ? " " : "", quoted);

	free(quoted);
	free(word);
	free(*line);
	*line = longer;
}

static char *boot_line(const struct machine *m)
{
	char *line = xstrdup("");

	boot_word(&line, xasprintf("uio.name=%s", m->name));
	/* What the application is called in its own eyes and in ps. */
	boot_word(&line, xasprintf("uio.image=%s", strrchr(m->image, '/') ? strrchr(m->image, '/') + 1 : m->image));
	boot_word(&line, xasprintf("uio.tty=%d", m->tty));
	if (!m->stdin_open)
		boot_word(&line, xstrdup("uio.stdin=0"));
	if (m->domain)
		boot_word(&line, xasprintf("uio.domain=%s", m->domain));
	if (m->share)
		boot_word(&line, xasprintf("uio.host=%s", m->share_read_only ? "ro" : "1"));
	if (m->net.ip)
		boot_word(&line, xasprintf("uio.ip=%s", m->net.ip));
	if (m->net.ip6)
		boot_word(&line, xasprintf("uio.ip6=%s", m->net.ip6));
	for (size_t i = 0; i < m->env.count; i++)
		boot_word(&line, xasprintf("uio.env=%s", m->env.v[i]));
	if (m->args && m->args[0])
		boot_word(&line, xstrdup("--"));
	for (char **arg = m->args; arg && *arg; arg++)
		boot_word(&line, xstrdup(*arg));
	return line;
}

/* QEMU's option parser takes a doubled comma for one. The caller frees. */
static char *commas(const char *text)
{
	char *doubled = xcalloc(2 * strlen(text) + 1, 1);
	char *p = doubled;

	for (; *text; text++) {
		if (*text == ',')
			*p++ = ',';
		*p++ = *text;
	}
	return doubled;
}

/* The same, and frees its argument. */
static char *escaped(char *path)
{
	char *doubled = commas(path);

	free(path);
	return doubled;
}

static void add_socket(struct strv *c, const struct vm *vm, const char *id, const char *file, const char *options)
{
	char *path = escaped(vm_socket(vm, file));

	strv_add(c, "-chardev");
	strv_addf(c, "socket,id=%s,path=%s,server=on%s", id, path, options);
	free(path);
}

static void add_ports(struct strv *c, const struct vm *vm, const struct machine_type *type)
{
	char *events = escaped(vm_file(vm, AUDIT_EVENTS));

	/*
	 * The application's console is QEMU's own stdin and stdout, which are a FIFO and a file (supervise.c). A socket
	 * would not do: where its client is slow, QEMU drops what a virtconsole writes, and a virtserialport without a
	 * client drops everything. A file takes all, and any number of clients may read it.
	 */
	strv_add(c, "-chardev");
	strv_add(c, "stdio,id=console,signal=off");
	add_socket(c, vm, "shell", "shell.sock", ",wait=off");
	/* QEMU's own server for gdb (docs/debugging.md): nothing of it runs until a client comes. */
	add_socket(c, vm, "gdb", "gdb.sock", ",wait=off");
	strv_add(c, "-gdb");
	strv_add(c, "chardev:gdb");
	add_socket(c, vm, "time", "time.sock", ",wait=off");
	/* Complete whoever listens, and before anybody does: a file (host/audit.h). */
	strv_add(c, "-chardev");
	strv_addf(c, "file,id=events,path=%s,append=on", events);
	free(events);
	/* In ascending order: the last socket's being there tells that QEMU listens on all. */
	for (unsigned i = 0; i < PROTO_PORTS_MAX; i++) {
		char id[16], file[16];

		snprintf(id, sizeof(id), "ctl%u", i);
		snprintf(file, sizeof(file), "ctl.%u.sock", i);
		add_socket(c, vm, id, file, ",wait=off");
	}

	strv_add(c, "-device");
	strv_addf(c, "virtio-serial-%s,id=ports,max_ports=8%s", type->bus, type->device_options);
	strv_add(c, "-device");
	strv_add(c, "virtconsole,bus=ports.0,nr=0,chardev=console,name=uio.console");
	strv_add(c, "-device");
	strv_add(c, "virtserialport,bus=ports.0,nr=1,chardev=shell,name=uio.shell");
	for (unsigned i = 0; i < PROTO_PORTS_MAX; i++) {
		strv_add(c, "-device");
		strv_addf(c, "virtserialport,bus=ports.0,nr=%u,chardev=ctl%u,name=uio.ctl.%u", i + 2, i, i);
	}
	strv_add(c, "-device");
	strv_addf(c, "virtserialport,bus=ports.0,nr=%u,chardev=time,name=uio.time", PROTO_PORTS_MAX + 2);
	strv_add(c, "-device");
	strv_addf(c, "virtserialport,bus=ports.0,nr=%u,chardev=events,name=uio.events", PROTO_PORTS_MAX + 3);
}

static void add_share(struct strv *c, const struct machine *m, const struct machine_type *type)
{
	char *path = commas(m->share);

	strv_add(c, "-fsdev");
	strv_addf(c, "local,id=host,security_model=none,path=%s%s", path, m->share_read_only ? ",readonly=on" : "");
	strv_add(c, "-device");
	strv_addf(c, "virtio-9p-%s,fsdev=host,mount_tag=host%s", type->bus, type->device_options);
	free(path);
}

struct strv qemu_command(const struct machine *m, const struct vm *vm)
{
	const struct machine_type *type = machine_type(m->type);
	const char *qemu = getenv("UIO_QEMU");
	struct strv c = { 0 };
	char *line = boot_line(m);
	char *log = escaped(vm_file(vm, "kernel.log"));

	strv_add(&c, qemu && qemu[0] ? qemu : "qemu-system-x86_64");
	strv_add(&c, "-name");
	strv_addf(&c, "%s", m->name);
	strv_add(&c, "-M");
	strv_add(&c, type->options);
	strv_add(&c, "-accel");
	strv_add(&c, m->accel);
	strv_add(&c, "-cpu");
	/* Hosts that are guests themselves often cannot pass this MSR on, and the guest does not look at it. */
	strv_add(&c, strcmp(m->accel, "kvm") == 0 ? "host,-arch-capabilities" : "max");
	strv_add(&c, "-m");
	strv_addf(&c, "%lluk", (unsigned long long)(m->memory_bytes / 1024));
	strv_add(&c, "-nodefaults");
	strv_add(&c, "-no-user-config");
	strv_add(&c, "-display");
	strv_add(&c, "none");
	strv_add(&c, "-no-reboot");
	strv_add(&c, "-kernel");
	strv_add(&c, m->image);
	strv_add(&c, "-append");
	strv_add(&c, line);
	strv_add(&c, "-device");
	strv_add(&c, "isa-debug-exit,iobase=0x501,iosize=2");
	strv_add(&c, "-chardev");
	strv_addf(&c, "file,id=log,path=%s", log);
	strv_add(&c, "-serial");
	strv_add(&c, "chardev:log");
	if (strcmp(type->bus, "device") == 0) {
		/* Without this QEMU offers virtio 0.9 registers. */
		strv_add(&c, "-global");
		strv_add(&c, "virtio-mmio.force-legacy=false");
	}
	strv_add(&c, "-device");
	strv_addf(&c, "virtio-rng-%s%s", type->bus, type->device_options);
	if (m->share)
		add_share(&c, m, type);
	net_qemu_words(&m->net, m->name, type->bus, type->device_options, &c);
	add_ports(&c, vm, type);
	for (size_t i = 0; i < m->extra.count; i++)
		strv_add(&c, m->extra.v[i]);
	free(line);
	free(log);
	return c;
}

char *shell_quote(const struct strv *words)
{
	char *line = xstrdup("");

	for (size_t i = 0; i < words->count; i++) {
		const char *word = words->v[i];
		char *quoted = xcalloc(4 * strlen(word) + 3, 1);
		char *p = quoted;
		char *longer;

		if (word[0] && strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
					    "_@%+=:,./-") == strlen(word)) {
			strcpy(quoted, word);
		} else {
			*p++ = '\'';
			for (; *word; word++) {
				if (*word == '\'')
					p = stpcpy(p, "'\\''");
				else
					*p++ = *word;
			}
			*p++ = '\'';
		}
		longer = xasprintf("%s%s%s", line, i ? " " : "", quoted);
		free(quoted);
		free(line);
		line = longer;
	}
	return line;
}
