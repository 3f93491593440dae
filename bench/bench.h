/*
 * bench.h: what the measurements share: series of numbers, the report they go into, and guests to measure. Hosted only.
 *
 * Machines differ and are noisy. So every figure is a median and stands beside what it is compared to, and both were
 * measured in turns in one run; what matters is their ratio. A target is part of the figure.
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "host/util.h"

#define BENCH_DIR "build/bench"

/* series.c: numbers of one kind. */
#define SERIES_MAX 512
struct series {
	unsigned n;
	double v[SERIES_MAX];
};
void series_add(struct series *s, double v);		  /* ends the program beyond SERIES_MAX */
double series_quantile(const struct series *s, double q); /* q from 0 to 1; NAN of an empty series */
double series_median(const struct series *s);

/* report.c: the figures, in the order in which they were added. */
enum target {
	TARGET_NONE,
	TARGET_VALUE_AT_MOST, /* of the figure itself */
	TARGET_RATIO_AT_MOST, /* of the figure to what it is compared to */
	TARGET_RATIO_AT_LEAST,
};
struct figure {
	const char *part;    /* "a" to "n" */
	const char *what;    /* copied */
	const char *unit;    /* "KiB", "ms" ... */
	double value;	     /* NAN: could not be measured, which misses any target */
	double p99;	     /* 0: none */
	unsigned n;	     /* values behind the median */
	const char *against; /* copied; NULL: nothing */
	double other;	     /* of what it is compared to, in the same unit */
	enum target target;
	double limit;
};
void report_add(const struct figure *f);
void report_note(const char *part, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Prints the table and writes build/bench.md, .json and .svg. Returns the number of missed targets. */
unsigned report_write(void);

/* plot.c: the ratios as bars. Returns 0 or a negative errno. */
struct plot_bar {
	const char *label;
	double ratio; /* of the limit: 1 is just met */
	bool pass;
};
int plot_write(const char *path, const struct plot_bar *bars, unsigned count);

/* child.c: a process whose output is read line by line. */
struct child {
	pid_t pid;
	int out; /* its standard output */
	char buf[4096];
	size_t have;
	uint64_t start_ns;
};
/* Standard input and error are /dev/null. Ends the program if it cannot be started. */
void child_start(struct child *c, char *const argv[]);
/* Waits for a line that starts with `prefix`; *ret_ns is when it was complete, counted from the start. Both may be
 * NULL. False at the end of the output or after timeout_ms. */
bool child_line(struct child *c, const char *prefix, unsigned timeout_ms, char *line, size_t room, uint64_t *ret_ns);
/* CPU time that its threads have had so far, in nanoseconds; of those that live. 0: unknown. */
uint64_t child_cpu_ns(const struct child *c);
/* Kills it if it still runs. Returns the wait status. */
int child_end(struct child *c);
/* Runs a command to its end and drops its output. Returns its exit status, 128 + signal, or 124 after the time limit.
 */
int child_run(char *const argv[], unsigned timeout_ms);

/* guest.c: unikernels, started directly (for times and instructions) or by `uio run` (for everything else). */
enum guest_console {
	CONSOLE_SERIAL, /* no virtio at all */
	CONSOLE_VIRTIO, /* the devices that `uio run` gives */
};
/* QEMU on microvm with 32 MiB; its standard output is the application's console, or with `log` the serial port's. */
struct strv guest_qemu(const char *image, enum guest_console console, bool log);
/* Starts it with `uio run -d` as "bench"; extra words go to `uio run`, arguments to the application, each may be NULL.
 * False if that fails. */
bool guest_run(const char *image, const char *memory, char *const extra[], char *const arguments[]);
/* Connects to one of the running guest's sockets ("shell.sock"). Returns a descriptor or a negative errno. */
int guest_connect(const char *socket);
/* Reads the console's log until a line with this prefix is there, from byte *at on. */
bool guest_log_line(const char *prefix, unsigned timeout_ms, char *line, size_t room);
/* Removes it, running or not. */
void guest_remove(void);

/* term.c: a conversation by lines over a socket or terminal whose other end prints a prompt. */
struct talk {
	int fd;
	const char *prompt;
};
/* Sends text and waits until the last bytes received are the prompt. Returns nanoseconds, or 0 on failure. */
uint64_t talk_line(struct talk *t, const char *text, unsigned timeout_ms);
/* Starts a program on a pseudo terminal, as leader of its session. Returns the other side or a negative errno. */
int term_start(const char *path, char *const argv[], char *const env[], pid_t *ret_pid);

/* The measurements. `rounds` is how many values a median has; quick runs are for development. */
struct plan {
	unsigned rounds;
	unsigned many; /* values of the latency measurements */
	bool quick;
};
void bench_size(const struct plan *p);
void bench_boot(const struct plan *p);
void bench_memory(const struct plan *p);
void bench_idle(const struct plan *p);
void bench_latency(const struct plan *p);
void bench_share(const struct plan *p);
void bench_serve(const struct plan *p);
void bench_start(const struct plan *p);
void bench_least(const struct plan *p);
void bench_operator(const struct plan *p);
void bench_request(const struct plan *p);
void bench_bpf(const struct plan *p);
void bench_domain(const struct plan *p);
void bench_probe(const struct plan *p);

#endif
