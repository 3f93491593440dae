/*
 * nth.c: linked into an application with the kernel's allocators wrapped (-Wl,--wrap, nth.sh): lets one allocation of
 * the overlay's fail in each episode, the first in the first episode, the second in the second, and so on, until an episode
 * ends in which none was left to fail. NTH=start: an episode is the start of a program; NTH=run: its whole life, with all
 * that it does and its session; NTH_STEP: every so many allocations only. NTH=bpf: an episode is a BPF request, of each kind
 * ("load", "probe") by itself, from when there is a file /host/nth; the number of failures is printed. The application's own
 * allocations fail only where it asks for it itself (nth.h).
 *
 * This code runs as part of the kernel: no vector registers, no library.
 */
#define current_thread uio_k_current_thread
#include "kernel/thread.h"

#include "tests/faults/nth.h"

#define KERNEL __attribute__((target("general-regs-only")))

char *getenv(const char *name);
long strtol(const char *text, char **end, int base);
int printf(const char *format, ...);
int fflush(void *file);
int pthread_create(void *thread, const void *attributes, void *(*fn)(void *), void *arg);
int usleep(unsigned us);
int access(const char *path, int mode);

static long step = 1, number, count, failed;
static bool whole_run, requests, armed;
static bool app; /* it is the application's turn to fail */
static volatile bool done;

struct program_spec;
struct program;
int __real_uio_k_program_start(const struct program_spec *spec, char *error, size_t error_size, struct program **ret);
void __real_uio_k_session_ended(const struct program *p, int status, int reason, const char *report);

KERNEL static bool fails(void)
{
	if (!armed || (current_thread->class == CLASS_OVERLAY) == app || ++count != number)
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

/* Kinds of requests, by their names, and how far each has come. */
static struct request {
	char name[16];
	long number;	/* of the allocation that fails next */
	int whole;	/* requests since the last failure; some do nothing but say which file they need */
} kinds[32];

/* A BPF message (proto/msg.h, struct msg_event): the time, the name's length, the name, 0. */
KERNEL static struct request *kind_of(const uint8_t *payload, size_t size)
{
	const char *name = (const char *) payload + 10;
	struct request *k;

	for (k = kinds; k < kinds + 31 && k->name[0]; k++)
		if (size > 26 && !__builtin_strcmp(k->name, name))
			return k;
	for (unsigned i = 0; size > 26 && i < sizeof(k->name) - 1 && name[i]; i++)
		k->name[i] = name[i];
	return k;
}

struct ctl_conn;
int __real_uio_k_ctl_bpf(struct ctl_conn *c, uint32_t id, const uint8_t *payload, size_t size);
KERNEL int __wrap_uio_k_ctl_bpf(struct ctl_conn *c, uint32_t id, const uint8_t *payload, size_t size)
{
	struct request *k = c ? kind_of(payload, size) : NULL;
	int r;

	if (!requests || !k || k->whole == 4 || armed)
		return __real_uio_k_ctl_bpf(c, id, payload, size);
	count = 0;
	number = k->number + 1;
	armed = true;
	r = __real_uio_k_ctl_bpf(c, id, payload, size);
	armed = false;
	if (count >= number) {
		k->number++;
		k->whole = 0;
	} else {
		k->whole++;
	}
	return r;
}

void nth_arm(long n)
{
	count = 0;
	number = n;
	app = true;
	armed = true;
}

bool nth_disarm(void)
{
	armed = false;
	return count >= number;
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

static void *count_requests(void *arg)
{
	while (access("/host/nth", 0))
		usleep(20000);
	requests = true;
	for (long told = -1;; usleep(20000))
		if (told != failed) {
			told = failed;
			printf("nth: %ld failed\n", told);
			fflush(NULL);
		}
	return NULL;
}

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

	if (mode && mode[0] == 'b') {
		step = 0;
		pthread_create(&thread, NULL, count_requests, NULL);
		return;
	}
	step = !mode ? 0 : by ? strtol(by, NULL, 10) : 1;
	whole_run = mode && mode[0] == 'r';
	pthread_create(&thread, NULL, watch, NULL);
}
