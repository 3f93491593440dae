/*
 * server_qemu.c: the command lines of guests that serve. What differs between the two sides is the kernel, its own
 * options and how it finds its devices. See server.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <x86intrin.h>

#include "bench/server_qemu.h"

#define USER_ADDRESS  "10.0.2.15"
#define USER_PORT     28080   /* the host's port for slot 0 in QEMU's user network */
#define COUNT_TSC_KHZ 1000000 /* under -icount shift=0 an instruction is a nanosecond */

static unsigned service_port(const char *service)
{
	return strcmp(service, "nginx") == 0 ? 80 : strcmp(service, "redis") == 0 ? 6379 : 22;
}

struct endpoint server_endpoint(const struct server_plan *p)
{
	struct endpoint e = {.address = "127.0.0.1", .port = USER_PORT + p->slot};

	if (net_is_tap()) {
		snprintf(e.address, sizeof(e.address), "10.99.%u.2", p->slot);
		e.port = service_port(p->service);
	}
	return e;
}

/* Its own view of its address. */
static char *guest_address(const struct server_plan *p)
{
	return net_is_tap() ? xasprintf("10.99.%u.2", p->slot) : xstrdup(USER_ADDRESS);
}

/* The rate of the host's time-stamp counter, which TCG hands to the guest. */
static unsigned tsc_khz(void)
{
	static unsigned khz;

	if (!khz) {
		uint64_t from_ns = monotonic_ns();
		unsigned long long from = __rdtsc();

		sleep_ms(100);
		khz = (unsigned)((double)(__rdtsc() - from) / ((double)(monotonic_ns() - from_ns) / NS_PER_MS));
	}
	return khz;
}

static void add(struct strv *c, const char *option, char *value)
{
	strv_add(c, option);
	strv_add(c, value);
	free(value);
}

static void add_common(struct strv *c, const struct server_plan *p, const char *initrd, const char *qmp)
{
	add(c, "-m", xasprintf("%uk", p->memory_kib));
	add(c, "-initrd", xasprintf("%s/%s.cpio", initrd, p->service));
	if (net_is_tap())
		add(c, "-netdev", xasprintf("tap,id=net,ifname=tap%u,script=no,downscript=no", p->slot));
	else
		add(c, "-netdev",
		    xasprintf("user,id=net,hostfwd=tcp:127.0.0.1:%u-" USER_ADDRESS ":%u", USER_PORT + p->slot,
			      service_port(p->service)));
	add(c, "-device", xasprintf("virtio-net-device,netdev=net,mac=%s", net_mac(p->slot)));
	if (qmp) {
		add(c, "-icount", xstrdup("shift=0"));
		add(c, "-qmp", xasprintf("unix:%s,server=on,wait=off", qmp));
	}
}

const char *server_image(const struct server_plan *p)
{
	bool base = p->side == SIDE_BASE;

	if (p->side == SIDE_NO_NOPS)
		return strcmp(p->service, "nginx") == 0 ? BENCH_DIR "/nginx-no-nops" : BENCH_DIR "/redis-no-nops";
	if (strcmp(p->service, "nginx") == 0)
		return base ? "build/images/nginx-base" : "build/images/nginx";
	return base ? "build/images/redis-server-base" : "build/images/redis-server";
}

char *const *server_arguments(const struct server_plan *p)
{
	static char *const nginx[] = {"-e", "/dev/stderr", "-c", "/nginx.conf", NULL};
	static char *const redis[] = {"/redis.conf", NULL};
	static char *const steady[] = {"/redis.conf", "--hz", "1", NULL};

	return strcmp(p->service, "nginx") == 0 ? nginx : p->steady ? steady : redis;
}

/* With all devices that `uio run` gives. */
static struct strv our_command(const struct server_plan *p, const char *qmp)
{
	struct strv c = guest_qemu(server_image(p), CONSOLE_VIRTIO, false);
	char *address = guest_address(p), *line = xasprintf("uio.tty=0 uio.stdin=0 uio.ip=%s/24 --", address);

	add_common(&c, p, BENCH_DIR, qmp);
	for (char *const *word = server_arguments(p); *word; word++) {
		char *longer = xasprintf("%s %s", line, *word);

		free(line);
		line = longer;
	}
	add(&c, "-append", line);
	free(address);
	return c;
}

/*
 * Debian's cloud kernel is built without virtio_mmio.device=, so it finds its devices by ACPI. The rate of the TSC has
 * to be told: its own measurement fails at times, and then it hangs. It prints nothing, which would take time.
 */
static struct strv linux_command(const struct server_plan *p, const char *qmp)
{
	static const char *const words[] = {
		"-M",
		"microvm,acpi=on,rtc=on,isa-serial=on",
		"-accel",
		"tcg",
		"-cpu",
		"max",
		"-nodefaults",
		"-no-user-config",
		"-display",
		"none",
		"-no-reboot",
		"-serial",
		"null",
		"-global",
		"virtio-mmio.force-legacy=false",
		"-kernel",
		LINUX_VM_DIR "/vmlinux",
	};
	const char *qemu = getenv("UIO_QEMU");
	char *address = guest_address(p);
	struct strv c = {0};

	strv_add(&c, qemu && qemu[0] ? qemu : "qemu-system-x86_64");
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		strv_add(&c, words[i]);
	add_common(&c, p, LINUX_VM_DIR, qmp);
	add(&c, "-append",
	    xasprintf("quiet panic=-1 mitigations=off nokaslr audit=0 apparmor=0 random.trust_cpu=on "
		      "8250.nr_uarts=0 cryptomgr.notests tsc=reliable tsc_early_khz=%u address=%s service=%s",
		      qmp ? COUNT_TSC_KHZ : tsc_khz(), address, p->service));
	free(address);
	return c;
}

struct strv server_command(const struct server_plan *p, const char *qmp)
{
	return p->side == SIDE_LINUX ? linux_command(p, qmp) : our_command(p, qmp);
}

static void add_qemu_word(struct strv *c, char *word)
{
	add(c, "--qemu-arg", word);
}

struct strv server_uio_options(const struct server_plan *p, const char *qmp)
{
	char *address = guest_address(p);
	struct strv c = {0};

	add(&c, "--ip", xasprintf("%s/24", address));
	free(address);
	if (net_is_tap())
		add(&c, "--net", xasprintf("tap=tap%u", p->slot));
	else
		add(&c, "-p", xasprintf("%u:%u", USER_PORT + p->slot, service_port(p->service)));
	add_qemu_word(&c, xstrdup("-initrd"));
	add_qemu_word(&c, xasprintf("%s/%s.cpio", BENCH_DIR, p->service));
	if (qmp) {
		add_qemu_word(&c, xstrdup("-icount"));
		add_qemu_word(&c, xstrdup("shift=0"));
		add_qemu_word(&c, xstrdup("-qmp"));
		add_qemu_word(&c, xasprintf("unix:%s,server=on,wait=off", qmp));
	}
	return c;
}
