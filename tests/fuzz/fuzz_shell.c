/* fuzz_shell.c: keys at the shell's port, escape sequences and all, through line editor, words and the search for the command;
 * two commands of the target's print much, wait, and see what is typed meanwhile. A client that goes leaves nothing. */
#include "kernel/kmem.h"
#include "overlay/session.h"
#include "overlay/shell.h"
#include "tests/fuzz/kernel_host.h"

_Noreturn void abort(void);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct input in;
static unsigned generation;
static bool host_open, stuck;

COMMAND(print, "[WORD...]", "prints", 0, 3)
{
	for (int i = 1; i < argc; i++)
		for (unsigned k = 0; k < 40 && !shell_stopped(sh); k++)
			shell_printf(sh, "%s: %s %s\n", argv[i], shell_size((uint64_t) k << k), shell_time((uint64_t) k << k));
	return argc == 2 ? -EINVAL : 0;
}

static bool typed(struct shell *sh, const char *bytes, size_t n)
{
	return bytes[0] == 'x';
}

COMMAND(priority, "", "waits", 1, 2)
{
	sh->typed = argc > 2 ? typed : NULL;
	for (unsigned i = 0; i < 4 && !shell_stopped(sh); i++)
		shell_wait(sh, 1);
	sh->typed = NULL;
	return 0;
}

const struct command *const __cmd_start[] = { &command_print, &command_priority, NULL };
__asm__(".globl __cmd_end\n.set __cmd_end, __cmd_start + 16\n");

const char *boot_option(const char *key)
{
	return generation & 1 ? "redis" : NULL;
}

const char *session_strerror(int error)
{
	return "failed";
}

int thread_create_kernel(const char *name, enum thread_class class, void (*fn)(void *), void *arg, struct thread **ret)
{
	fn(arg);
	return 0;
}

unsigned vport_generation(const struct vport *p)
{
	return generation;
}

bool vport_host_open(const struct vport *p)
{
	return host_open;
}

/* 0xfe, 0xff: the reader is slow, the client changes. */
size_t vport_readable(struct vport *p)
{
	if (!in.left)
		host_open = false;
	else if (*in.at == 0xff && in.left > 1 && in.at[1] == 0xff)
		generation++;
	else if (*in.at == 0xfe)
		stuck = true;
	return in.left != 0;
}

size_t vport_read(struct vport *p, void *buf, size_t n)
{
	if (!vport_readable(p) || !n)
		return 0;
	*(uint8_t *) buf = (uint8_t) take(&in, 1);
	return 1;
}

size_t vport_write(struct vport *p, const void *buf, size_t n)
{
	volatile uint8_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += ((const uint8_t *) buf)[i];
	return stuck ? 0 : n > 100 ? 100 : n;
}

bool host_waits(void)
{
	if (stuck)
		stuck = false;
	else if (!in.left)
		host_open = false;
	return true;
}

void host_looks(void)
{
}

static void gone(void *ctx)
{
	*(bool *) ctx = true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct waitq wake;
	bool ended = false;

	host_reset();
	host_forget();
	waitq_init(&wake);
	in = (struct input){ data, size };
	generation = size & 1;
	host_open = true;
	stuck = false;
	if (size > 2 && data[0] == 0xfd)
		host_fail_at = 1;
	if (shell_serve((struct vport *) &wake, &wake, gone, &ended) == 0 && !ended)
		abort();
	if (host_objects)
		abort();
	return 0;
}
