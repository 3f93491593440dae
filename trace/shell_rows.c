/* shell_rows.c: what requests answer, as the shell's command `bpf` prints it: the same lines as those of `uio bpf`. */
#include "lib/num.h"
#include "trace/shell_impl.h"

const char *shell_text(const struct msg_event *m, const char *key)
{
	const char *k, *text;
	struct msg_iter it;

	msg_iter_start(&it, &m->values);
	while (msg_next_pair(&it, &k, &text))
		if (!strcmp(k, key))
			return text;
	return "";
}

uint64_t shell_number(const struct msg_event *m, const char *key)
{
	uint64_t n;

	return num_parse_u64(shell_text(m, key), 10, &n) == 0 ? n : 0;
}

void shell_row_verify(struct bpf_shell *s, const struct msg_event *m)
{
	if (!strcmp(m->name, "log"))
		shell_printf(s->sh, "%s", shell_text(m, "text"));
	else if (!strcmp(m->name, "program"))
		shell_printf(s->sh, "%s: accepted: %s instructions, %s simulated, %s states, %s bytes of stack\n",
			     shell_text(m, "name"), shell_text(m, "insns"), shell_text(m, "steps"),
			     shell_text(m, "states"), shell_text(m, "stack_bytes"));
	else if (!strcmp(m->name, "refused"))
		shell_printf(s->sh, "%s: refused: %s\n", shell_text(m, "name"), shell_text(m, "text"));
}

void shell_row_load(struct bpf_shell *s, const struct msg_event *m)
{
	if (!strcmp(m->name, "log"))
		shell_printf(s->sh, "%s", shell_text(m, "text"));
	else if (!strcmp(m->name, "object"))
		shell_printf(s->sh, "object %s: %s, %s maps\n", shell_text(m, "id"), shell_text(m, "name"),
			     shell_text(m, "maps"));
	else if (!strcmp(m->name, "program"))
		shell_printf(s->sh, "program %s: %s, %s instructions, %s bytes compiled\n", shell_text(m, "id"),
			     shell_text(m, "name"), shell_text(m, "insns"), shell_text(m, "jited_bytes"));
}

/* What became of the packets that an xdp program has seen. */
static void print_packets(struct shell *sh, const struct msg_event *m)
{
	static const char *const counts[] = {"pass", "drop", "tx", "aborted", "lost"};

	for (size_t i = 0; i < ARRAY_SIZE(counts) && shell_text(m, counts[i])[0]; i++)
		shell_printf(sh, " %s=%s", counts[i], shell_text(m, counts[i]));
}

void shell_row_list(struct bpf_shell *s, const struct msg_event *m)
{
	uint64_t runs = shell_number(m, "runs");

	if (!strcmp(m->name, "memory")) {
		shell_printf(s->sh, "memory: %s of code and maps, of at most %s\n",
			     shell_size(shell_number(m, "pages_bytes")), shell_size(shell_number(m, "limit_bytes")));
		return;
	}
	shell_printf(s->sh, "%4s %6s %-20s %6s %6s %10lu %8lu %8s  %-13s %s%s", shell_text(m, "id"),
		     shell_text(m, "object"), shell_text(m, "name"), shell_text(m, "insns"), shell_text(m, "jited_bytes"),
		     runs, runs ? shell_number(m, "run_ns") / runs : 0, shell_text(m, "misses"), shell_text(m, "ways"),
		     shell_number(m, "pinned") ? "pinned " : "", shell_text(m, "on"));
	print_packets(s->sh, m);
	shell_printf(s->sh, "\n");
}

/* Programs come object by object. */
void shell_row_pinned(struct bpf_shell *s, const struct msg_event *m)
{
	uint32_t object = (uint32_t)shell_number(m, "object");

	if (strcmp(m->name, "program") || !shell_number(m, "pinned"))
		return;
	if (object != s->object)
		shell_printf(s->sh, "%s%6u %-32s", s->object ? "\n" : "", object, shell_text(m, "file"));
	shell_printf(s->sh, " %s", shell_text(m, "name"));
	s->object = object;
}

void shell_row_map(struct bpf_shell *s, const struct msg_event *m)
{
	shell_printf(s->sh, "%4s %6s %-16s %-18s %6s %6s %8s %s\n", shell_text(m, "id"), shell_text(m, "object"),
		     shell_text(m, "name"), shell_text(m, "type"), shell_text(m, "key_size"),
		     shell_text(m, "value_size"), shell_text(m, "max_entries"),
		     shell_number(m, "frozen") ? "frozen" : "");
}

/* "entry", then "more" rows with the rest of a value that is too long for one. */
void shell_row_entry(struct bpf_shell *s, const struct msg_event *m)
{
	if (!strcmp(m->name, "entry"))
		shell_printf(s->sh, "%s%s  ", s->entries++ ? "\n" : "", shell_text(m, "key"));
	shell_printf(s->sh, "%s", shell_text(m, "value"));
}

void shell_row_result(struct bpf_shell *s, const struct msg_event *m)
{
	shell_printf(s->sh, "%ld\n", (long)shell_number(m, "r0"));
	if (shell_text(m, "context")[0])
		shell_printf(s->sh, "%s\n", shell_text(m, "context"));
}

/* Machine code, 16 bytes a line; a row has a multiple of that, but for the last one. */
void shell_row_code(struct bpf_shell *s, const struct msg_event *m)
{
	const char *hex = shell_text(m, "bytes");
	uint64_t address = shell_number(m, "address");

	for (size_t at = 0; hex[at]; at += 2) {
		if (at % 32 == 0)
			shell_printf(s->sh, "%s%lx: ", at ? "\n" : "", address + at / 2);
		shell_printf(s->sh, " %.2s", hex + at);
	}
	shell_printf(s->sh, "\n");
}

/* What a program prints is a line of its own; a record of a ring buffer has no type, so it is digits. */
void shell_row_event(struct bpf_shell *s, const struct msg_event *m)
{
	const char *key, *text;
	struct msg_iter it;

	if (!strcmp(m->name, "print")) {
		shell_printf(s->sh, "%s", shell_text(m, "text"));
		return;
	}
	shell_printf(s->sh, "%s", m->name);
	msg_iter_start(&it, &m->values);
	while (msg_next_pair(&it, &key, &text))
		shell_printf(s->sh, " %s=%s", key, text);
	shell_printf(s->sh, "\n");
}
