/* shell_hook.c: the shell's `bpf attach`: where a program goes (bpf/place.h), and the functions that this means, in the
 * index of symbols at /host. */
#include "bpf/place.h"
#include "lib/fmt.h"
#include "lib/num.h"
#include "overlay/session.h"
#include "overlay/symbols.h"
#include "trace/area.h"
#include "trace/load.h"
#include "trace/shell_impl.h"

#define WHY_MAX 320

/* The program that is being attached. */
struct hooked {
	struct bpf_shell *s;
	char id[12], name[64];
	struct bpf_place at;
	uint64_t last; /* address: a function may have several names */
};

static int read_memory(void *ctx, uint64_t offset, void *buf, size_t n)
{
	const struct bpf_shell *s = ctx;

	if (offset > s->symbols_size || n > s->symbols_size - offset)
		return -EBADMSG;
	memcpy(buf, (const uint8_t *)s->symbols_bytes + offset, n);
	return 0;
}

static int load_symbols(struct bpf_shell *s)
{
	const struct symidx *idx = symbols_index();
	char path[SHELL_BESIDE_MAX];
	int r = 0;

	if (s->symbols_bytes)
		return 0;
	if (!idx) {
		shell_beside(path, "sym");
		r = symbols_open(path);
		idx = symbols_index();
	}
	if (r == 0) {
		s->symbols_size = (size_t)(idx->strings_at + idx->header.strings_size);
		r = area_alloc(s->symbols_size, &s->symbols_bytes);
	}
	if (r == 0)
		r = idx->read_at(idx->ctx, 0, s->symbols_bytes, s->symbols_size);
	if (r < 0) {
		shell_fail(s->sh, idx ? "the index of symbols" : path, r);
		shell_free_symbols(s);
		return r;
	}
	s->symbols = *idx;
	s->symbols.read_at = read_memory;
	s->symbols.ctx = s;
	return 0;
}

void shell_free_symbols(struct bpf_shell *s)
{
	area_free(s->symbols_bytes, s->symbols_size);
	s->symbols_bytes = NULL;
}

static int probe(const struct hooked *h, const struct symidx_symbol *sym, int call)
{
	char address[24], offset[24], number[16];

	fmt_snprintf(address, sizeof(address), "%lu", sym->address);
	fmt_snprintf(offset, sizeof(offset), "%lu", h->at.offset);
	fmt_snprintf(number, sizeof(number), "%d", call);
	return (h->at.kind == BPF_PLACE_FUNCTION || h->at.kind == BPF_PLACE_CALL ? shell_ask : shell_try)(
		h->s, NULL, "probe", "program", h->id, "function", address, "offset", offset, "return",
		h->at.at_return ? "1" : "0", "name", sym->name, "syscall", call >= 0 ? number : NULL, NULL);
}

/* What the kernel has of a name: as symidx_by_name() for the application's, but one place may have it twice. */
struct kernels {
	struct symidx_symbol symbol;
	unsigned places; /* 1 also when one of several is global */
};

static int kernels(void *ctx, const struct symidx_symbol *sym)
{
	bool global = !(sym->flags & SYMIDX_LOCAL);
	struct kernels *k = ctx;

	if (!(sym->flags & SYMIDX_KERNEL) || (k->places && sym->address == k->symbol.address && !global))
		return 0;
	k->symbol = *sym;
	k->places = global ? 1 : k->places + 1;
	return global;
}

/* The application's symbol of a name goes before the kernel's. */
static int find(const struct bpf_shell *s, const char *name, struct symidx_symbol *ret)
{
	size_t prefix = strlen(BPF_KERNEL_PREFIX);
	struct kernels k = {.places = 0};
	int r = symidx_by_name(&s->symbols, name, ret, NULL);

	if (r != -ENOENT)
		return r;
	r = symidx_foreach(&s->symbols, name + (strncmp(name, BPF_KERNEL_PREFIX, prefix) ? 0 : prefix), kernels, &k);
	if (r < 0 || k.places != 1)
		return r < 0 ? r : k.places ? -EEXIST : -ENOENT;
	*ret = k.symbol;
	return 0;
}

int shell_find_symbol(struct bpf_shell *s, const char *name, uint64_t *ret_address)
{
	struct symidx_symbol sym;
	int r = load_symbols(s);

	if (r == 0)
		r = find(s, name, &sym);
	if (r == 0)
		*ret_address = sym.address;
	return r;
}

static int hook_name(struct hooked *h)
{
	struct shell *sh = h->s->sh;
	struct symidx_symbol sym;
	int r = find(h->s, h->at.name, &sym);

	if (r == 0 && sym.type != SYMIDX_FUNCTION) {
		shell_printf(sh, "%s: '%s' is no function\n", h->name, h->at.name);
		return -ENOENT;
	}
	if (r == 0 && sym.size && h->at.offset >= sym.size) {
		shell_printf(sh, "%s: %s has %u bytes\n", h->name, h->at.name, sym.size);
		return -EINVAL;
	}
	if (r < 0) {
		shell_printf(sh, "%s: there %s '%s'\n", h->name,
			     r == -EEXIST ? "are several functions" : "is no function", h->at.name);
		return r;
	}
	r = probe(h, &sym, h->at.call);
	h->s->probes += r == 0;
	return r;
}

static int hook_if_matching(void *ctx, const struct symidx_symbol *sym)
{
	bool kernel = sym->flags & SYMIDX_KERNEL;
	struct hooked *h = ctx;
	int call = -1;

	if (sym->type != SYMIDX_FUNCTION || sym->address == h->last)
		return 0;
	if (h->at.kind == BPF_PLACE_FUNCTIONS && !bpf_place_matches(h->at.name, sym->name, kernel))
		return 0;
	if (h->at.kind == BPF_PLACE_CALLS && (call = bpf_place_call(h->at.name, sym->name)) < 0)
		return 0;
	h->last = sym->address;
	if (probe(h, sym, call) == 0)
		h->s->probes++;
	else
		h->s->left_out++;
	return shell_stopped(h->s->sh);
}

static int hook_all(struct hooked *h)
{
	uint32_t before = h->s->probes, left_out = h->s->left_out;
	int r = symidx_foreach(&h->s->symbols, "*", hook_if_matching, h);

	left_out = h->s->left_out - left_out;
	if (r < 0) {
		shell_fail(h->s->sh, "the index of symbols", r);
	} else if (h->s->probes == before) {
		shell_printf(h->s->sh, "%s: no function of the image matches '%s'%s\n", h->name, h->at.name,
			     left_out ? " and can be probed" : "");
		return -ENOENT;
	} else if (left_out) {
		shell_printf(h->s->sh, "%s: %u functions that match '%s' cannot be probed\n", h->name, left_out,
			     h->at.name);
	}
	return MIN(r, 0);
}

static int hook_event(struct hooked *h, const char *what)
{
	char hz[12];
	int r;

	fmt_snprintf(hz, sizeof(hz), "%u", h->s->hz);
	r = shell_ask(h->s, NULL, what, "program", h->id, "hz", hz, NULL);
	h->s->probes += r == 0;
	return r;
}

static int go(struct hooked *h)
{
	int r;

	switch (h->at.kind) {
	case BPF_PLACE_CLOCK: return hook_event(h, "sample");
	case BPF_PLACE_SWITCH: return hook_event(h, "switch");
	case BPF_PLACE_DEVICE: return hook_event(h, "xdp");
	case BPF_PLACE_NONE:
		shell_printf(h->s->sh, "%s: its section names no function: say on which\n", h->name);
		return -EINVAL;
	default:
		r = load_symbols(h->s);
		if (r < 0)
			return r;
		return h->at.kind == BPF_PLACE_FUNCTION || h->at.kind == BPF_PLACE_CALL ? hook_name(h) : hook_all(h);
	}
}

int shell_hook(struct bpf_shell *s, uint32_t id, const char *where)
{
	struct trace_prog *p = load_find_prog(id);
	struct hooked h = {.s = s};
	char why[WHY_MAX];
	int r;

	if (!p) {
		shell_printf(s->sh, "there is no program %u\n", id);
		return -ENOENT;
	}
	if (p->sec->hook != BPF_HOOK_KPROBE && p->sec->hook != BPF_HOOK_KRETPROBE)
		where = NULL;
	fmt_snprintf(h.id, sizeof(h.id), "%u", id);
	fmt_snprintf(h.name, sizeof(h.name), "%s", p->prog.name);
	r = bpf_place_of(p->sec->hook, where ? where : p->sec->attach, &h.at, why, sizeof(why));
	if (r < 0) {
		shell_printf(s->sh, "%s: %s\n", h.name, why);
		return r;
	}
	return go(&h);
}

void shell_send_stacks(struct bpf_shell *s)
{
	char path[SHELL_BESIDE_MAX], hex[SHELL_HASH_TEXT];
	int r = shell_keep_beside("stacks", path, hex);

	if (r < 0)
		shell_printf(s->sh, "stacks will be guesses: %s: %s\n", path, session_strerror(r));
	else
		shell_ask(s, NULL, "stacks", "sha256", hex, NULL);
}
