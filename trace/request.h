/* request.h: the table of what `uio bpf` asks for. */
#ifndef UIO_TRACE_REQUEST_H
#define UIO_TRACE_REQUEST_H

#include "trace/reply.h"

struct trace_prog;

/* 1: done, answer OK; 0: the session is open (or answered); negative errno: ERROR with q->error. */
typedef int (*trace_op)(struct query *q);

int op_verify(struct query *q); /* op_load.c */
int op_load(struct query *q);
int op_unload(struct query *q);
int op_pin(struct query *q);
int op_probe(struct query *q); /* op_prog.c */
int op_detach(struct query *q);
int op_exec(struct query *q);
int op_sample(struct query *q); /* op_hook.c */
int op_switch(struct query *q);
int op_stacks(struct query *q);
int op_xdp(struct query *q);
int op_list(struct query *q);
int op_prog(struct query *q);
int op_maps(struct query *q); /* op_map.c */
int op_map_dump(struct query *q);
int op_map_types(struct query *q);
int op_map_update(struct query *q);
int op_map_delete(struct query *q);

/* op_prog.c: the program that "program" names: 0, or a negative errno (q->error says which). */
int query_program(struct query *q, struct trace_prog **ret);

int op_events(struct query *q); /* session.c */

struct loaded;
/* session.c: an object that goes with its client, whose output it is told. 0 or a negative errno. */
int session_keep(struct query *q, struct loaded *l);

/* What there is to take now, as rows for q->conn: of an object (0: of all that no client keeps). *printed: print_now()
 * at first. True: there may be more. */
bool session_rows(struct query *q, uint32_t object, uint64_t *printed);

/* An object goes with its client: tells so, and drops it. */
void request_drop(struct loaded *l);
/* Does what q->m asks for, and tells of it if it changed something. As trace_op; -ENOSYS: there is no such request. */
int request_do(struct query *q);
/* What IMAGE.bpf starts at: serves MSG_BPF. */
int trace_request(struct ctl_conn *c, uint32_t id, const uint8_t *payload, size_t size);

#endif
