/*
 * metrics.c: see metrics.h. One table says which of the guest's counters is which metric.
 */
#include "host/metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/util.h"

enum kind { COUNTER, GAUGE };

struct metric {
	const char *name; /* after "uio_" */
	enum kind kind;
	const char *subject; /* of the guest's row */
	const char *field;   /* its number */
	double scale;	     /* the metric's unit in the number's: 1e9 for seconds from ns */
	const char *label;   /* a fixed label, or NULL */
	const char *help;    /* NULL: one more row of the metric before, with another label */
};

/* clang-format off */
#define SYSTEM(name, kind, field, scale, label, help)	{ name, kind, "system", field, scale, label, help }
#define APP(name, kind, field, scale, help)		{ name, kind, "application", field, scale, NULL, help }
#define PROGRAM(name, kind, field, scale, help)		{ name, kind, "program", field, scale, NULL, help }
/* clang-format on */

static const struct metric metrics[] = {
	SYSTEM("uptime_seconds", GAUGE, "uptime_ns", 1e9, NULL, "Time since the guest's boot."),
	SYSTEM("cpu_seconds_total", COUNTER, "app_cpu_ns", 1e9, "mode=\"application\"",
	       "CPU time of the guest's one CPU, by who had it."),
	SYSTEM("cpu_seconds_total", COUNTER, "overlay_cpu_ns", 1e9, "mode=\"overlay\"", NULL),
	SYSTEM("cpu_seconds_total", COUNTER, "idle_ns", 1e9, "mode=\"idle\"", NULL),
	SYSTEM("context_switches_total", COUNTER, "switches", 1, NULL, "Switches from one thread to another."),
	SYSTEM("threads", GAUGE, "threads", 1, NULL, "Threads, the kernel's too."),
	SYSTEM("memory_size_bytes", GAUGE, "memory_bytes", 1, NULL, "Memory that the guest manages."),
	SYSTEM("memory_free_bytes", GAUGE, "free_bytes", 1, NULL, "Of it, free."),
	SYSTEM("memory_free_lowest_bytes", GAUGE, "min_free_bytes", 1, NULL, "The least that was free since boot."),
	SYSTEM("kernel_heap_bytes", GAUGE, "heap_bytes", 1, NULL, "Memory of the kernel's heap."),
	SYSTEM("kernel_heap_used_bytes", GAUGE, "heap_used_bytes", 1, NULL, "Of it, in use."),
	SYSTEM("program_cache_bytes", GAUGE, "cache_bytes", 1, NULL, "Memory of the cache of overlay programs."),
	SYSTEM("9p_reads_total", COUNTER, "9p_reads", 1, NULL, "Reads of files on the shared folder."),
	SYSTEM("9p_read_bytes_total", COUNTER, "9p_read_bytes", 1, NULL, "Bytes read from files on it."),
	SYSTEM("9p_writes_total", COUNTER, "9p_writes", 1, NULL, "Writes to files on it."),
	SYSTEM("9p_written_bytes_total", COUNTER, "9p_write_bytes", 1, NULL, "Bytes written to files on it."),
	SYSTEM("9p_requests_total", COUNTER, "9p_requests", 1, NULL,
	       "All requests to it, for names and attributes too."),
	SYSTEM("network_receive_bytes_total", COUNTER, "net_rx_bytes", 1, NULL,
	       "Bytes that the network device received."),
	SYSTEM("network_receive_packets_total", COUNTER, "net_rx_packets", 1, NULL, "Packets that it received."),
	SYSTEM("network_receive_dropped_total", COUNTER, "net_rx_dropped", 1, NULL,
	       "Received packets that were dropped for want of memory or as malformed."),
	SYSTEM("network_transmit_bytes_total", COUNTER, "net_tx_bytes", 1, NULL, "Bytes that it sent."),
	SYSTEM("network_transmit_packets_total", COUNTER, "net_tx_packets", 1, NULL, "Packets that it sent."),
	SYSTEM("network_transmit_dropped_total", COUNTER, "net_tx_dropped", 1, NULL, "Packets that it could not send."),
	SYSTEM("tcp_connections", GAUGE, "connections", 1, NULL, "Established TCP connections."),
	APP("application_cpu_seconds_total", COUNTER, "cpu_ns", 1e9,
	    "CPU time of the application's threads and gated calls."),
	APP("application_memory_bytes", GAUGE, "memory_bytes", 1, "Memory of the application: heap, stacks, mappings."),
	APP("application_threads", GAUGE, "threads", 1, "Threads of the application."),
	PROGRAM("program_cpu_seconds_total", COUNTER, "cpu_ns", 1e9, "CPU time of an overlay program."),
	PROGRAM("program_memory_bytes", GAUGE, "memory_bytes", 1, "Memory that counts against its limit."),
	PROGRAM("program_memory_limit_bytes", GAUGE, "memory_limit_bytes", 1, "The limit."),
	PROGRAM("program_threads", GAUGE, "threads", 1, "Its threads."),
	PROGRAM("program_processes", GAUGE, "processes", 1, "Its processes."),
	PROGRAM("program_syscalls_total", COUNTER, "syscalls", 1, "System calls that it made."),
	PROGRAM("program_gate_calls_total", COUNTER, "gate_calls", 1, "Calls of the application's functions."),
	PROGRAM("program_refusals_total", COUNTER, "refusals", 1, "What was refused for want of a grant."),
	PROGRAM("program_faults_total", COUNTER, "faults", 1, "Faults that ended one of its processes."),
};

/* The bytes of the UTF-8 character at s; 0: it is none (overlong forms, surrogates and such included). */
static int utf8_length(const char *s)
{
	const unsigned char *b = (const unsigned char *)s;
	unsigned long c;
	int n;

	if (b[0] < 0x80)
		return 1;
	n = b[0] >= 0xf0 ? 4 : b[0] >= 0xe0 ? 3 : 2;
	if (b[0] < 0xc2 || b[0] > 0xf4)
		return 0;
	c = b[0] & (0xff >> (n + 1));
	for (int i = 1; i < n; i++) {
		if ((b[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (b[i] & 0x3f);
	}
	if (c < (n == 3 ? 0x800ul : n == 4 ? 0x10000ul : 0x80ul) || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	return n;
}

/* name="value", with the three characters that the format escapes; what is no UTF-8 becomes U+FFFD. */
static void put_label(FILE *out, const char *name, const char *value)
{
	fprintf(out, "%s=\"", name);
	while (*value) {
		int n = utf8_length(value);

		if (n == 0)
			fputs("\xef\xbf\xbd", out);
		else if (*value == '\\' || *value == '"')
			fprintf(out, "\\%c", *value);
		else if (*value == '\n')
			fputs("\\n", out);
		else
			fwrite(value, 1, (size_t)n, out);
		value += n ? n : 1;
	}
	fputc('"', out);
}

static void put_names(FILE *out, const struct sampler *s)
{
	const char *image = vm_string(s->vm, "image"), *slash = strrchr(image, '/');

	put_label(out, "name", s->name);
	fputc(',', out);
	put_label(out, "image", slash ? slash + 1 : image);
}

static void put_head(FILE *out, const char *name, enum kind kind, const char *help)
{
	fprintf(out, "# HELP uio_%s %s\n# TYPE uio_%s %s\n", name, help, name, kind == COUNTER ? "counter" : "gauge");
}

static void put_row(FILE *out, const struct metric *m, const struct sampler *s, const cJSON *row)
{
	if (!row_is(row, m->subject) || !cJSON_HasObjectItem(row, m->field))
		return;
	fprintf(out, "uio_%s{", m->name);
	put_names(out, s);
	if (m->label)
		fprintf(out, ",%s", m->label);
	if (strcmp(m->subject, "program") == 0) {
		fputc(',', out);
		put_label(out, "program", row_name(row));
		fprintf(out, ",pid=\"%.0f\"", row_value(row, "pid"));
	}
	fprintf(out, "} %.16g\n", row_value(row, m->field) / m->scale);
}

static bool is_there(const struct metric *m, const struct sampler *samplers, size_t count)
{
	const cJSON *row;

	for (size_t i = 0; i < count; i++)
		cJSON_ArrayForEach(row, samplers[i].now) if (row_is(row, m->subject) &&
							     cJSON_HasObjectItem(row, m->field)) return true;
	return false;
}

/* What the host knows. */
static void put_host(FILE *out, const struct sampler *samplers, size_t count)
{
	put_head(out, "up", GAUGE, "Whether the guest answered.");
	for (size_t i = 0; i < count; i++) {
		if (!samplers[i].vm)
			continue;
		fputs("uio_up{", out);
		put_names(out, &samplers[i]);
		fprintf(out, "} %d\n", samplers[i].now != NULL);
	}
	put_head(out, "start_time_seconds", GAUGE, "When the unikernel was started, since 1970.");
	for (size_t i = 0; i < count; i++) {
		if (!samplers[i].vm)
			continue;
		fputs("uio_start_time_seconds{", out);
		put_names(out, &samplers[i]);
		fprintf(out, "} %.0f\n", vm_number(samplers[i].vm, "created"));
	}
}

char *metrics_text(const struct sampler *samplers, size_t count, size_t *ret_size)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, ret_size);

	if (!out)
		die(125, "out of memory");
	put_host(out, samplers, count);
	for (size_t k = 0; k < sizeof(metrics) / sizeof(metrics[0]); k++) {
		const struct metric *m = &metrics[k];
		const cJSON *row;

		if (!is_there(m, samplers, count))
			continue;
		if (m->help)
			put_head(out, m->name, m->kind, m->help);
		for (size_t i = 0; i < count; i++)
			cJSON_ArrayForEach(row, samplers[i].now) put_row(out, m, &samplers[i], row);
	}
	if (fclose(out) != 0)
		die(125, "out of memory");
	return text;
}
