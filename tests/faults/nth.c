/*
 * nth.c: linked into an application with the kernel's allocators wrapped (-Wl,--wrap, run-faults.sh): lets one allocation of
 * the overlay's fail in each episode, the first in the first episode, the second in the second, and so on, until an episode
 * ends in which none was left to fail. NTH=start: an episode is the start of a program; NTH=run: its whole life, with all
 * that it does and its session; NTH_STEP: every so many allocations only. The application's own never fail.
 *
 * This code runs as part of the kernel: no vector registers, no library.
 */
#define current_thread uio_k_current_thread
#include "kernel/thread.h"

#define KERNEL __attribute__((target("general-regs-only")))

char *getenv(const char *name);
long strtol(const char *text, char **end, int base);
int printf(const char *format, ...);
int fflush(void *file);
int pthread_create(void *thread, const void *attributes, void *(*fn)(void *), void *arg);
int usleep(unsigned us);

static long step = 1, number, count, failed;
static bool whole_run, armed;
static volatile bool done;

struct program_spec;
struct program;
int __real_uio_k_program_start(const struct program_spec *spec, char *error, size_t error_size, struct program **ret);
void __real_uio_k_session_ended(const struct program *p, int status, int reason, const char *report);

KERNEL static bool fails(void)
{
	if (!armed || current_thread->class != CLASS_OVERLAY || ++count != number)
		return false;
	failed++;
	return true;
}

KERNEL static void episode_end(void)
{
	if (armed && count < number)
		done = true;
	armed = false;
}

KERNEL int __wrap_uio_k_program_start(const struct program_spec *spec, char *error, size_t error_size, struct program **ret)
{
	int r;

	if (!done && step) {
		count = 0;
		number += step;
		armed = true;
	}
	r = __real_uio_k_program_start(spec, error, error_size, ret);
	if (!whole_run || r < 0)
		episode_end();
	return r;
}

KERNEL void __wrap_uio_k_session_ended(const struct program *p, int status, int reason, const char *report)
{
	episode_end();
	__real_uio_k_session_ended(p, status, reason, report);
}

#define POINTER(name, parameters, arguments)					\
	void *__real_uio_k_##name parameters;					\
	KERNEL void *__wrap_uio_k_##name parameters				\
	{									\
		return fails() ? NULL : __real_uio_k_##name arguments;		\
	}
#define NUMBER(name, parameters, arguments)					\
	int __real_uio_k_##name parameters;					\
	KERNEL int __wrap_uio_k_##name parameters				\
	{									\
		return fails() ? -ENOMEM : __real_uio_k_##name arguments;	\
	}
POINTER(kmalloc, (size_t size), (size))
POINTER(kzalloc, (size_t size), (size))
POINTER(krealloc, (void *p, size_t size), (p, size))
POINTER(kstrdup, (const char *s), (s))
POINTER(kstrndup, (const char *s, size_t n), (s, n))
NUMBER(page_alloc, (struct paddr *ret), (ret))
NUMBER(page_alloc_zeroed, (struct paddr *ret), (ret))
NUMBER(page_alloc_contig, (unsigned pages, struct paddr *ret), (pages, ret))

static void *watch(void *arg)
{
	while (!done)
		usleep(20000);
	printf("nth: %ld failed\n", failed);
	fflush(NULL);
	return NULL;
}

__attribute__((constructor)) static void start(void)
{
	static unsigned long thread;
	const char *mode = getenv("NTH"), *by = getenv("NTH_STEP");

	step = !mode ? 0 : by ? strtol(by, NULL, 10) : 1;
	whole_run = mode && mode[0] == 'r';
	pthread_create(&thread, NULL, watch, NULL);
}
