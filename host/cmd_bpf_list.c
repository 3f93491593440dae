/*
 * cmd_bpf_list.c: uio bpf list, map list, map dump, map update, map delete.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/cmd_bpf.h"
#include "host/util.h"

/* What became of the packets that an xdp program has seen. */
static void print_packets(const struct msg_event *row)
{
	static const char *const counts[] = {"pass", "drop", "tx", "aborted", "lost"};

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]) && bpf_text(row, counts[i])[0]; i++)
		printf(" %s=%s", counts[i], bpf_text(row, counts[i]));
}

static void on_program(const struct msg_event *row, void *arg)
{
	bool *json = arg;
	uint64_t runs = bpf_number(row, "runs");

	if (*json) {
		bpf_print_row(row, json);
	} else if (strcmp(row->name, "memory") == 0) {
		printf("memory: %s of code and maps, of at most %s\n", human_size(bpf_number(row, "pages_bytes")),
		       human_size(bpf_number(row, "limit_bytes")));
	} else {
		printf("%4s %6s %-20s %6s %6s %10llu %8llu %8s  %-13s %s%s", bpf_text(row, "id"), bpf_text(row, "object"),
		       bpf_text(row, "name"), bpf_text(row, "insns"), bpf_text(row, "jited_bytes"),
		       (unsigned long long)runs, (unsigned long long)(runs ? bpf_number(row, "run_ns") / runs : 0),
		       bpf_text(row, "misses"), bpf_text(row, "ways"), bpf_number(row, "pinned") ? "pinned " : "",
		       bpf_text(row, "on"));
		print_packets(row);
		putchar('\n');
	}
}

int bpf_cmd_list(struct bpf_command *c)
{
	if (!c->json)
		printf("%4s %6s %-20s %6s %6s %10s %8s %8s  %-13s %s\n", "ID", "OBJECT", "NAME", "INSNS", "BYTES",
		       "RUNS", "NS/RUN", "MISSES", "BY", "ON");
	bpf_must(&c->call, on_program, &c->json, "list", NULL);
	return 0;
}

static void on_map(const struct msg_event *row, void *arg)
{
	bool *json = arg;

	if (*json)
		bpf_print_row(row, json);
	else
		printf("%4s %6s %-16s %-18s %6s %6s %8s %s\n", bpf_text(row, "id"), bpf_text(row, "object"),
		       bpf_text(row, "name"), bpf_text(row, "type"), bpf_text(row, "key_size"),
		       bpf_text(row, "value_size"), bpf_text(row, "max_entries"),
		       bpf_number(row, "frozen") ? "frozen" : "");
}

int bpf_cmd_map(struct bpf_command *c)
{
	const char *what = c->operands[0];
	if (strcmp(what, "list") == 0 && c->operand_count == 1) {
		if (!c->json)
			printf("%4s %6s %-16s %-18s %6s %6s %8s\n", "ID", "OBJECT", "NAME", "TYPE", "KEY", "VALUE",
			       "MAX");
		bpf_must(&c->call, on_map, &c->json, "maps", NULL);
	} else if (strcmp(what, "dump") == 0 && c->operand_count == 2) {
		bpf_map_dump(c, c->operands[1]);
	} else if (strcmp(what, "update") == 0 && c->operand_count == 4) {
		bpf_must(&c->call, NULL, NULL, "map-update", "map", c->operands[1], "key", c->operands[2], "value",
			 c->operands[3], NULL);
	} else if (strcmp(what, "delete") == 0 && c->operand_count == 3) {
		bpf_must(&c->call, NULL, NULL, "map-delete", "map", c->operands[1], "key", c->operands[2], NULL);
	} else {
		die(EXIT_UIO, "bpf map: list NAME, dump NAME ID, update NAME ID KEY VALUE, delete NAME ID KEY");
	}
	return 0;
}
