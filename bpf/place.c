/* pure */
/* place.c: see place.h. */
#include "bpf/place.h"

#include "bpf/syscalls.h"
#include "lib/errno.h"
#include "lib/fmt.h"
#include "lib/num.h"
#include "lib/str.h"

bool bpf_is_pattern(const char *text)
{
	return strchr(text, '*') || strchr(text, '?') || strchr(text, '[');
}

/* The byte against the set at `p`, which begins with [: *ret_end is behind its ]; NULL there: it has none. */
static bool in_set(const char *p, unsigned char byte, const char **ret_end)
{
	bool not = p[1] == '!' || p[1] == '^', found = false;
	const char *start = p + 1 + not;

	*ret_end = NULL;
	/* A ] that comes first is one of the set. */
	for (p = start; *p && (*p != ']' || p == start); p++) {
		unsigned char low = (unsigned char)*p, high = low;

		if (p[1] == '-' && p[2] && p[2] != ']') {
			high = (unsigned char)p[2];
			p += 2;
		}
		found |= byte >= low && byte <= high;
	}
	if (*p)
		*ret_end = p + 1;
	return found != not;
}

/* One byte of a name against what the pattern has for it; *ret_next: the pattern behind that. */
static bool one(const char *pattern, char byte, const char **ret_next)
{
	const char *end;
	bool in;

	*ret_next = pattern + 1;
	if (*pattern == '[') {
		in = in_set(pattern, (unsigned char)byte, &end);
		if (end) {
			*ret_next = end;
			return in;
		}
	}
	return *pattern && (*pattern == '?' || *pattern == byte);
}

bool bpf_glob(const char *pattern, const char *name)
{
	const char *star = NULL, *retry = NULL, *next;

	/* After a mismatch the last * takes one character more: no recursion. */
	while (*name) {
		if (*pattern == '*') {
			star = pattern++;
			retry = name;
		} else if (one(pattern, *name, &next)) {
			pattern = next;
			name++;
		} else if (star) {
			pattern = star + 1;
			name = ++retry;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

static bool starts(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

bool bpf_place_matches(const char *pattern, const char *name, bool kernel)
{
	if (kernel && !starts(name, BPF_CALL_PREFIX)) {
		if (!starts(pattern, BPF_KERNEL_PREFIX))
			return false;
		pattern += strlen(BPF_KERNEL_PREFIX);
	}
	return bpf_glob(pattern, name);
}

int bpf_place_call(const char *pattern, const char *function)
{
	const char *name = function + strlen(BPF_CALL_PREFIX);

	return starts(function, BPF_CALL_PREFIX) && bpf_glob(pattern, name) ? syscall_number(name) : -1;
}

/* "syscalls/sys_enter_read": one call, or those that match; "raw_syscalls/sys_enter": all. */
static int tracepoint(const char *attach, struct bpf_place *place, char *why, size_t why_size)
{
	const char *name = attach, *call;

	place->kind = BPF_PLACE_CALLS;
	place->at_return = strcmp(attach, "raw_syscalls/sys_exit") == 0;
	if (place->at_return || strcmp(attach, "raw_syscalls/sys_enter") == 0) {
		fmt_snprintf(place->name, sizeof(place->name), "*");
		return 0;
	}
	name += starts(name, "syscalls/") ? strlen("syscalls/") : 0;
	place->at_return = starts(name, "sys_exit_");
	if (!place->at_return && !starts(name, "sys_enter_")) {
		fmt_snprintf(why, why_size,
			     "'%s' is no tracepoint here; there are syscalls/sys_enter_*, syscalls/sys_exit_*, "
			     "raw_syscalls/sys_enter and raw_syscalls/sys_exit",
			     attach);
		return -EINVAL;
	}
	call = name + strlen(place->at_return ? "sys_exit_" : "sys_enter_");
	if (bpf_is_pattern(call)) {
		fmt_snprintf(place->name, sizeof(place->name), "%s", call);
		return 0;
	}
	place->kind = BPF_PLACE_CALL;
	place->call = syscall_number(call);
	if (place->call < 0) {
		fmt_snprintf(why, why_size, "there is no system call '%s'", call);
		return -ENOENT;
	}
	fmt_snprintf(place->name, sizeof(place->name), BPF_CALL_PREFIX "%s", call);
	return 0;
}

static int function(const char *attach, struct bpf_place *place, char *why, size_t why_size)
{
	const char *plus;
	size_t n;

	for (const char *colon; (colon = strchr(attach, ':'));)
		attach = colon + 1;
	place->kind = !*attach ? BPF_PLACE_NONE : bpf_is_pattern(attach) ? BPF_PLACE_FUNCTIONS : BPF_PLACE_FUNCTION;
	plus = place->kind == BPF_PLACE_FUNCTION ? strchr(attach, '+') : NULL;
	n = plus ? (size_t)(plus - attach) : strlen(attach);
	if (plus && num_parse_u64(plus + 1, 0, &place->offset) < 0) {
		fmt_snprintf(why, why_size, "'%s' is no offset", plus + 1);
		return -EINVAL;
	}
	memcpy(place->name, attach, n);
	return 0;
}

int bpf_place_of(enum bpf_hook hook, const char *attach, struct bpf_place *ret, char *why, size_t why_size)
{
	struct bpf_place place = {.kind = BPF_PLACE_NONE, .call = -1};
	int r = 0;

	if (strlen(attach) >= sizeof(place.name)) {
		fmt_snprintf(why, why_size, "the name of a place has at most %u bytes", BPF_PLACE_NAME_MAX - 1);
		return -EINVAL;
	}
	switch (hook) {
	case BPF_HOOK_KPROBE:
	case BPF_HOOK_KRETPROBE:
		place.at_return = hook == BPF_HOOK_KRETPROBE;
		r = function(attach, &place, why, why_size);
		break;
	case BPF_HOOK_TRACEPOINT: r = tracepoint(attach, &place, why, why_size); break;
	case BPF_HOOK_RAW_TRACEPOINT:
		place.kind = BPF_PLACE_SWITCH;
		if (strcmp(attach, "sched_switch") != 0) {
			fmt_snprintf(why, why_size, "there is no raw tracepoint '%s' here, only sched_switch", attach);
			r = -ENOENT;
		}
		break;
	case BPF_HOOK_PERF_EVENT: place.kind = BPF_PLACE_CLOCK; break;
	case BPF_HOOK_XDP: place.kind = BPF_PLACE_DEVICE; break;
	case BPF_HOOK_NONE: break;
	}
	if (r == 0)
		*ret = place;
	return r;
}
