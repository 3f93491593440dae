/*
 * cmd_bpf.h: between the files of `uio bpf`, one for each kind of subcommand.
 */
#ifndef HOST_CMD_BPF_H
#define HOST_CMD_BPF_H

#include <cjson/cJSON.h>

#include "host/bpf.h"
#include "host/command.h"

struct bpf_command {
	struct bpf_call call;
	const struct args *args;
	char **operands; /* behind NAME */
	int operand_count;
	bool json;
};

/* One line; deletes it. */
void bpf_print_json(cJSON *json);
/* A row as an object on a line of its own, or as KEY=TEXT words. */
void bpf_print_row(const struct msg_event *row, void *json);
const char *bpf_base_name(const char *path);

/* cmd_bpf_load.c */
int bpf_cmd_verify(struct bpf_command *c);
int bpf_cmd_load(struct bpf_command *c);
int bpf_cmd_exec(struct bpf_command *c);
/* cmd_bpf_attach.c */
int bpf_cmd_attach(struct bpf_command *c);
int bpf_cmd_detach(struct bpf_command *c);
/* cmd_bpf_list.c */
int bpf_cmd_list(struct bpf_command *c);
int bpf_cmd_map(struct bpf_command *c);
/* cmd_bpf_dump.c */
void bpf_map_dump(struct bpf_command *c, const char *id);

/* cmd_bpf_prog.c */
int bpf_cmd_prog(struct bpf_command *c);
/* cmd_bpf_top.c */
int bpf_cmd_top(struct bpf_command *c);
/* cmd_bpf_events.c */
int bpf_cmd_events(struct bpf_command *c);
int bpf_cmd_pin(struct bpf_command *c);
/* A row "print" or "event". */
void bpf_print_event(const struct msg_event *row, void *command);

#endif
