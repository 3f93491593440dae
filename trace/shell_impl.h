/* shell_impl.h: between the files of the shell's command `bpf`, and for no others. */
#ifndef UIO_TRACE_SHELL_IMPL_H
#define UIO_TRACE_SHELL_IMPL_H

#include "lib/symidx.h"
#include "trace/reply.h"
#include "trace/shell.h"

#define SHELL_PAIRS_MAX 3000
#define SHELL_PROGS_MAX 64

struct bpf_shell;
/* Called for each row that a request sends. */
typedef void (*shell_rows)(struct bpf_shell *s, const struct msg_event *m);

/* For one command. */
struct bpf_shell {
	struct ctl_conn conn; /* a stand-in, for requests: it has the shell's port */
	struct shell *sh;
	shell_rows rows; /* of the request that runs; NULL: nobody wants them */
	/* Options; NULL or false: not given. */
	const char *program, *time, *rate;
	uint32_t hz; /* of rate */
	bool pin, verbose, jited, once, raw;
	/* What the last load said. */
	uint32_t object;
	uint32_t progs[SHELL_PROGS_MAX], prog_count;
	uint32_t entries; /* of a map that were printed */
	/* What was attached. */
	uint32_t probes, left_out;
	/* The image's symbols, once somebody has asked for them: a copy in memory, as patterns read all of it. */
	struct symidx symbols;
	void *symbols_bytes;
	size_t symbols_size;
	uint8_t pairs[SHELL_PAIRS_MAX];
};

/* The text of a row's key, or "". */
const char *shell_text(const struct msg_event *m, const char *key);
uint64_t shell_number(const struct msg_event *m, const char *key);

/* A request with the pairs KEY, TEXT, ... NULL (a pair whose text is NULL is left out): 0, or a negative errno that was
 * printed; shell_try(): that was not. */
int shell_ask(struct bpf_shell *s, shell_rows rows, const char *what, ...);
int shell_try(struct bpf_shell *s, shell_rows rows, const char *what, ...);
/* SHELL_BESIDE with this suffix; shell_keep_beside() puts the file into the cache, too, and gives its hash as text. */
#define SHELL_HASH_TEXT 65
void shell_beside(char path[SHELL_BESIDE_MAX], const char *suffix);
int shell_keep_beside(const char *suffix, char path[SHELL_BESIDE_MAX], char hex[SHELL_HASH_TEXT]);
/* Loads ("load", "verify") an object's file: it is pinned, or else the shell has it until shell_drop(). s->object and
 * s->progs say what it is. */
int shell_load(struct bpf_shell *s, shell_rows rows, const char *what, const char *path, bool pin);
/* What was loaded goes with the command that loaded it, if it is still there. */
void shell_drop(struct bpf_shell *s);
/* True for digits only: *ret is their value then. */
bool shell_is_id(const char *text, uint32_t *ret);

/* shell_attach.c: subcommands. */
int shell_attach(struct bpf_shell *s, int argc, char **argv);
int shell_events(struct bpf_shell *s, int argc, char **argv);

/* shell_hook.c: program `id` where its section says, or on what a name or a pattern means (`where`, or NULL). Counts in
 * s->probes. 0, or a negative errno that was printed. */
int shell_hook(struct bpf_shell *s, uint32_t id, const char *where);
/* The table for call chains (IMAGE.stacks); without it the shell says so. */
void shell_send_stacks(struct bpf_shell *s);
/* A symbol of the image by its name: 0, -ENOENT, -EEXIST, or why there are no symbols, which was printed. */
int shell_find_symbol(struct bpf_shell *s, const char *name, uint64_t *ret_address);
void shell_free_symbols(struct bpf_shell *s);

/* shell_rows.c: rows as people read them. */
void shell_row_verify(struct bpf_shell *s, const struct msg_event *m);
void shell_row_load(struct bpf_shell *s, const struct msg_event *m);
void shell_row_list(struct bpf_shell *s, const struct msg_event *m);
void shell_row_pinned(struct bpf_shell *s, const struct msg_event *m);
void shell_row_map(struct bpf_shell *s, const struct msg_event *m);
void shell_row_entry(struct bpf_shell *s, const struct msg_event *m);
void shell_row_result(struct bpf_shell *s, const struct msg_event *m);
void shell_row_code(struct bpf_shell *s, const struct msg_event *m);
void shell_row_event(struct bpf_shell *s, const struct msg_event *m);

/* shell_prog.c: its instructions, with the source's lines. 0, or -ENOENT with text. */
int shell_dump(struct bpf_shell *s, uint32_t id);
/* shell_top.c: programs by the time they take, each second. */
int shell_top(struct bpf_shell *s);

#endif
