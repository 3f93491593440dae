/* test_cmdline.c: what lib/cmdline.h promises. */
#include "lib/cmdline.h"

#include "lib/errno.h"
#include "tests/unit/test.h"

static struct cmdline c;
static char line[8192];

static int parse(const char *text)
{
	strcpy(line, text);
	return cmdline_parse(line, &c);
}

TEST(cmdline_finds_devices_options_and_arguments)
{
	assert_int_equal(parse("quiet uio.mem=32M uio.debug root=/dev/vda -- /tmp/db 'two words' -- x"
			       " virtio_mmio.device=512@0xfeb00e00:12 virtio_mmio.device=4K@0xfeb00c00:11:3"), 0);
	assert_int_equal(c.device_count, 2);
	assert_int_equal(c.devices[0].size, 512);
	assert_int_equal(c.devices[0].address, 0xfeb00e00);
	assert_int_equal(c.devices[0].irq, 12);
	assert_int_equal(c.devices[1].size, 4096);
	assert_int_equal(c.devices[1].irq, 11);
	assert_string_equal(cmdline_get(&c, "mem"), "32M");
	assert_string_equal(cmdline_get(&c, "debug"), "");
	assert_null(cmdline_get(&c, "me"));
	assert_int_equal(c.arg_count, 4);
	assert_string_equal(c.args[0], "/tmp/db");
	assert_string_equal(c.args[1], "two words");
	assert_string_equal(c.args[2], "--");
	assert_string_equal(c.args[3], "x");
	assert_null(c.args[4]);
}

TEST(cmdline_finds_devices_behind_an_unclosed_quote_and_reports_the_quote)
{
	assert_int_equal(parse("-- it's virtio_mmio.device=512@0xfeb00e00:12"), -EINVAL);
	assert_int_equal(c.device_count, 1);
	assert_int_equal(c.devices[0].irq, 12);
}

TEST(cmdline_refuses_malformed_devices_and_keeps_the_good_ones)
{
	static const char *const bad[] = {
		"512", "@0x1000:1", "512@:1", "512@0x1000", "512@0x1000:", "512@0x1000:x", "0@0x1000:1",
		"0x1000@0xfffffffffffff001:1", "512@0x1000:4294967296", "",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char text[128];

		snprintf(text, sizeof(text), "virtio_mmio.device=%s virtio_mmio.device=512@0x2000:5", bad[i]);
		assert_int_equal(parse(text), -EINVAL);
		assert_int_equal(c.device_count, 1);
		assert_int_equal(c.devices[0].address, 0x2000);
	}
}

TEST(cmdline_repeated_options_are_all_there_and_the_last_one_wins)
{
	size_t at = 0;

	assert_int_equal(parse("uio.env=A=1 uio.x=y 'uio.env=B=two words'"), 0);
	assert_string_equal(cmdline_get(&c, "env"), "B=two words");
	assert_string_equal(cmdline_get_next(&c, "env", &at), "A=1");
	assert_string_equal(cmdline_get_next(&c, "env", &at), "B=two words");
	assert_null(cmdline_get_next(&c, "env", &at));
	assert_null(cmdline_get_next(&c, "env", &at));
	assert_int_equal(c.arg_count, 0);
}

TEST(cmdline_limits_what_it_stores)
{
	char text[8192] = "--";

	for (int i = 0; i <= CMDLINE_ARGS_MAX; i++)
		strcat(text, " a");
	assert_int_equal(parse(text), -E2BIG);
	assert_int_equal(c.arg_count, CMDLINE_ARGS_MAX);
	text[0] = '\0';
	for (int i = 0; i <= CMDLINE_OPTIONS_MAX; i++)
		strcat(text, " uio.o");
	assert_int_equal(parse(text), -E2BIG);
	text[0] = '\0';
	for (int i = 0; i <= CMDLINE_DEVICES_MAX; i++)
		strcat(text, " virtio_mmio.device=1@1:1");
	assert_int_equal(parse(text), -E2BIG);
	assert_int_equal(parse(""), 0);
}

TEST_MAIN
