/* test_bpf_place.c: what bpf/place.h promises. */
#include "bpf/place.h"

#include "lib/errno.h"
#include "tests/unit/test.h"

static struct bpf_place place;
static char why[200];

static int parse(enum bpf_hook hook, const char *attach)
{
	why[0] = '\0';
	return bpf_place_of(hook, attach, &place, why, sizeof(why));
}

TEST(place_of_functions)
{
	assert_int_equal(parse(BPF_HOOK_KPROBE, "add"), 0);
	assert_int_equal(place.kind, BPF_PLACE_FUNCTION);
	assert_string_equal(place.name, "add");
	assert_false(place.at_return);
	assert_int_equal(parse(BPF_HOOK_KPROBE, "add+0x10"), 0);
	assert_string_equal(place.name, "add");
	assert_int_equal(place.offset, 16);
	assert_int_equal(parse(BPF_HOOK_KRETPROBE, "dict*"), 0);
	assert_int_equal(place.kind, BPF_PLACE_FUNCTIONS);
	assert_true(place.at_return);
	assert_int_equal(parse(BPF_HOOK_KPROBE, "/usr/bin/x:add+4"), 0);
	assert_string_equal(place.name, "add");
	assert_int_equal(place.offset, 4);
	assert_int_equal(parse(BPF_HOOK_KPROBE, ""), 0);
	assert_int_equal(place.kind, BPF_PLACE_NONE);
	assert_int_equal(parse(BPF_HOOK_KPROBE, "add+"), -EINVAL);
	assert_string_equal(why, "'' is no offset");
}

TEST(place_of_system_calls)
{
	assert_int_equal(parse(BPF_HOOK_TRACEPOINT, "syscalls/sys_enter_write"), 0);
	assert_int_equal(place.kind, BPF_PLACE_CALL);
	assert_int_equal(place.call, 1);
	assert_string_equal(place.name, "linux_write");
	assert_int_equal(parse(BPF_HOOK_TRACEPOINT, "sys_exit_*at"), 0);
	assert_int_equal(place.kind, BPF_PLACE_CALLS);
	assert_string_equal(place.name, "*at");
	assert_true(place.at_return);
	assert_int_equal(parse(BPF_HOOK_TRACEPOINT, "raw_syscalls/sys_enter"), 0);
	assert_string_equal(place.name, "*");
	assert_int_equal(parse(BPF_HOOK_TRACEPOINT, "syscalls/sys_enter_frobnicate"), -ENOENT);
	assert_string_equal(why, "there is no system call 'frobnicate'");
	assert_int_equal(parse(BPF_HOOK_TRACEPOINT, "sched/sched_switch"), -EINVAL);
	assert_int_equal(bpf_place_call("wr*", "linux_writev"), 20);
	assert_int_equal(bpf_place_call("wr*", "linux_read"), -1);
	assert_int_equal(bpf_place_call("*", "lin"), -1);
}

TEST(place_of_events)
{
	assert_int_equal(parse(BPF_HOOK_RAW_TRACEPOINT, "sched_switch"), 0);
	assert_int_equal(place.kind, BPF_PLACE_SWITCH);
	assert_int_equal(parse(BPF_HOOK_RAW_TRACEPOINT, "sys_enter"), -ENOENT);
	assert_int_equal(parse(BPF_HOOK_PERF_EVENT, ""), 0);
	assert_int_equal(place.kind, BPF_PLACE_CLOCK);
	assert_int_equal(parse(BPF_HOOK_XDP, ""), 0);
	assert_int_equal(place.kind, BPF_PLACE_DEVICE);
	assert_int_equal(parse(BPF_HOOK_NONE, ""), 0);
	assert_int_equal(place.kind, BPF_PLACE_NONE);
}

TEST(place_of_a_name_that_is_too_long)
{
	char name[BPF_PLACE_NAME_MAX + 1];

	memset(name, 'a', sizeof(name));
	name[BPF_PLACE_NAME_MAX] = '\0';
	place.kind = BPF_PLACE_CLOCK;
	assert_int_equal(parse(BPF_HOOK_KPROBE, name), -EINVAL);
	assert_int_equal(place.kind, BPF_PLACE_CLOCK);
	name[BPF_PLACE_NAME_MAX - 1] = '\0';
	assert_int_equal(parse(BPF_HOOK_KPROBE, name), 0);
	assert_int_equal(strlen(place.name), BPF_PLACE_NAME_MAX - 1);
}

TEST(globs)
{
	assert_true(bpf_glob("a*b?d", "axxbcd"));
	assert_true(bpf_glob("*", ""));
	assert_false(bpf_glob("a", "ab"));
	assert_false(bpf_glob("ab", "a"));
	assert_true(bpf_glob("[a-c]x", "bx"));
	assert_false(bpf_glob("[a-c]x", "dx"));
	assert_true(bpf_glob("[!a-c]x", "dx"));
	assert_true(bpf_glob("[]x]", "]"));
	assert_true(bpf_glob("[a-]", "-"));
	assert_true(bpf_glob("[x", "[x"));
	assert_true(bpf_glob("*[0-9]", "read64"));
	assert_false(bpf_glob("*[0-9]", "read"));
	assert_false(bpf_glob("", "x"));
	assert_true(bpf_is_pattern("a[b]"));
	assert_false(bpf_is_pattern("a+4"));
}

TEST(kernel_functions_need_their_prefix)
{
	assert_true(bpf_place_matches("page*", "page_add", false));
	assert_false(bpf_place_matches("page*", "page_alloc", true));
	assert_true(bpf_place_matches("uio_k_page*", "page_alloc", true));
	assert_false(bpf_place_matches("uio_k_page*", "page_add", false));
	assert_true(bpf_place_matches("linux_re*", "linux_read", true));
}

TEST_MAIN
