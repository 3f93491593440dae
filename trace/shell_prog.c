/* shell_prog.c: the shell's `bpf prog dump`: instructions with functions and source lines, as `uio bpf prog dump` has
 * them. Printing may block, and the program may be unloaded meanwhile: it is looked for again for each line. */
#include "bpf/disasm.h"
#include "lib/fmt.h"
#include "trace/load.h"
#include "trace/shell_impl.h"

#define LINE_MAX 256

static const char *function_at(const struct trace_prog *p, uint32_t insn)
{
	for (uint32_t i = 0; i < p->prog.subprog_count; i++)
		if (p->prog.subprogs[i].start == insn)
			return p->prog.subprogs[i].name ? p->prog.subprogs[i].name : i ? "?" : p->prog.name;
	return NULL;
}

static const char *function_name(void *arg, uint32_t insn)
{
	return function_at(arg, insn);
}

static const char *map_name(void *arg, uint32_t number)
{
	const struct trace_prog *p = arg;
	static char text[16];

	if (number >= p->prog.map_count)
		return NULL;
	fmt_snprintf(text, sizeof(text), "id:%u", load_map_id(p->owner, p->prog.maps[number]));
	return text;
}

static const char *source_at(const struct trace_prog *p, uint32_t insn)
{
	for (uint32_t i = 0; i < p->prog.line_count; i++) {
		const char *text = p->prog.lines[i].text;

		if (p->prog.lines[i].insn != insn || !text)
			continue;
		while (*text == ' ' || *text == '\t')
			text++;
		return *text ? text : NULL;
	}
	return NULL;
}

/* The lines of one instruction; returns how many places it takes. */
static uint32_t print_one(struct shell *sh, struct trace_prog *p, uint32_t at)
{
	const struct bpf_disasm_names names = {map_name, function_name, p};
	const char *function = function_at(p, at), *source = source_at(p, at);
	char head[LINE_MAX] = "", text[LINE_MAX], line[LINE_MAX] = "";
	uint32_t n = bpf_disasm(text, sizeof(text), p->prog.insns, at, p->prog.insn_count, &names);

	if (function)
		fmt_snprintf(head, sizeof(head), "%s%s:\n", at ? "\n" : "", function);
	if (source)
		fmt_snprintf(line, sizeof(line) - 1, "; %.*s\n", LINE_MAX - 8, source);
	shell_printf(sh, "%s%s%4u: %s\n", head, line, at, text);
	return n;
}

int shell_dump(struct bpf_shell *s, uint32_t id)
{
	struct trace_prog *p = load_find_prog(id);

	if (!p) {
		shell_printf(s->sh, "there is no program %u\n", id);
		return -ENOENT;
	}
	for (uint32_t at = 0; p && at < p->prog.insn_count && !shell_stopped(s->sh); p = load_find_prog(id))
		at += print_one(s->sh, p, at);
	return 0;
}
