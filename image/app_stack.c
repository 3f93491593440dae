/* app_stack.c: see app_stack.h. */
#include "image/app_stack.h"

#include "arch/x86_64/cpu.h"
#include "kernel/boot.h"
#include "kernel/kmem.h"
#include "kernel/panic.h"
#include "kernel/vm.h"
#include "lib/auxv.h"
#include "linux/process.h"

#define STACK_SIZE (8UL << 20)
#define ENV_MAX 64

extern const uint8_t __ehdr_start[];

static uint64_t *push_u64(uint64_t *sp, uint64_t v)
{
	*--sp = v;
	return sp;
}

static char *push_string(char *at, const char *s)
{
	size_t n = strlen(s) + 1;

	at -= n;
	memcpy(at, s, n);
	return at;
}

/* Seeds the C library's canary and pointer guard; where the CPU has no generator, the time of boot must do. */
static uint64_t random_word(void)
{
	uint64_t v = rdtsc() * 0x9e3779b97f4a7c15;
	uint64_t r = 0;

	if (cpuid(1, 0).c & (1U << 30)) /* RDRAND */
		__asm__ volatile("rdrand %0" : "=r"(r)::"cc");
	return v ^ r;
}

/* What /proc says of process 1. */
static void name_process(const char *name, char *const *args, unsigned count)
{
	size_t len = strlen(name) + 1, at = 0;

	memset(process_app->comm, 0, sizeof(process_app->comm));
	memcpy(process_app->comm, name, MIN(len, sizeof(process_app->comm) - 1));
	for (unsigned i = 0; i < count; i++)
		len += strlen(args[i]) + 1;
	process_app->args = kmalloc(len);
	if (!process_app->args)
		return;
	process_app->args_len = len;
	for (unsigned i = 0; i <= count; i++) {
		const char *s = i ? args[i - 1] : name;

		memcpy(process_app->args + at, s, strlen(s) + 1);
		at += strlen(s) + 1;
	}
}

uint64_t app_stack_make(void)
{
	static char *strings[ENV_MAX + CMDLINE_ARGS_MAX + 4];
	static const char *const defaults[] = { "HOME=/", "PATH=/bin:/usr/bin", "TERM=linux" };
	const char *name = boot_option("image"), *value;
	uint64_t base, random[2];
	uint64_t phoff, *sp;
	unsigned env = 0, arg = 0, words;
	size_t iter = 0;
	char *at, *execfn;

	if (vm_map(&app_vm, 0, STACK_SIZE, PROT_READ | PROT_WRITE, VM_STACK, NULL, 0, "[stack]", &base) < 0)
		panic("boot: no room for the application's stack");
	at = (char *) base + STACK_SIZE;
	if (!name || !*name)
		name = "app";
	name_process(name, boot_cmdline.args, boot_cmdline.arg_count);
	execfn = at = push_string(at, name);
	random[0] = random_word();
	random[1] = random_word();
	at -= 16;
	memcpy(at, random, 16);
	sp = (uint64_t *) at;

	/* strings[0..env) the environment, then the arguments. */
	for (unsigned i = 0; i < ARRAY_SIZE(defaults); i++)
		strings[env++] = at = push_string(at, defaults[i]);
	while ((value = cmdline_get_next(&boot_cmdline, "env", &iter)) && env < ENV_MAX)
		strings[env++] = at = push_string(at, value);
	for (; arg < boot_cmdline.arg_count; arg++)
		strings[env + arg] = at = push_string(at, boot_cmdline.args[arg]);

	/* argc, argv[0..arg], NULL, env, NULL, 14 pairs; the stack pointer must be a multiple of 16. */
	words = 1 + (arg + 2) + (env + 1) + 2 * 14;
	value = (const char *) sp;
	sp = (uint64_t *) ((uint64_t) at & ~15UL);
	if (words & 1)
		sp--;
	memcpy(&phoff, __ehdr_start + 32, 8); /* e_phoff */
	const uint64_t aux[14][2] = {
		{ AT_PHDR, (uint64_t) __ehdr_start + phoff },
		{ AT_PHENT, 56 },
		{ AT_PHNUM, __ehdr_start[56] | __ehdr_start[57] << 8 }, /* e_phnum */
		{ AT_PAGESZ, PAGE_SIZE },
		{ AT_UID, 0 }, { AT_EUID, 0 }, { AT_GID, 0 }, { AT_EGID, 0 },
		{ AT_HWCAP, cpuid(1, 0).d },
		{ AT_CLKTCK, 100 },
		{ AT_SECURE, 0 },
		{ AT_RANDOM, (uint64_t) value },
		{ AT_EXECFN, (uint64_t) execfn },
		{ AT_NULL, 0 },
	};
	for (int i = 13; i >= 0; i--) {
		sp = push_u64(sp, aux[i][1]);
		sp = push_u64(sp, aux[i][0]);
	}
	sp = push_u64(sp, 0);
	for (unsigned i = env; i-- > 0;)
		sp = push_u64(sp, (uint64_t) strings[i]);
	sp = push_u64(sp, 0);
	for (unsigned i = arg; i-- > 0;)
		sp = push_u64(sp, (uint64_t) strings[env + i]);
	sp = push_u64(sp, (uint64_t) execfn);
	return (uint64_t) push_u64(sp, arg + 1);
}
