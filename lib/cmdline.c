/* pure */
/* cmdline.c: the boot command line of cmdline.h. First the devices are blanked out, then the words are split. */
#include "lib/cmdline.h"

#include <stdbool.h>

#include "lib/errno.h"
#include "lib/num.h"
#include "lib/str.h"
#include "lib/tok.h"

#define DEVICE_PREFIX "virtio_mmio.device="
#define OPTION_PREFIX "uio."

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool has_prefix(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

/* The position of C in the N bytes at S, or N. */
static size_t find(const char *s, size_t n, char c)
{
	size_t i = 0;

	while (i < n && s[i] != c)
		i++;
	return i;
}

/* Linux, Documentation/admin-guide/kernel-parameters.txt: <size>@<baseaddr>:<irq>[:<id>]; QEMU leaves the id out. */
static int parse_device(const char *s, size_t n, struct cmdline_device *ret)
{
	uint64_t size, address, irq;
	size_t at = find(s, n, '@');
	size_t colon, end;
	int r;

	if (at == n)
		return -EINVAL;
	colon = at + 1 + find(s + at + 1, n - at - 1, ':');
	if (colon == n)
		return -EINVAL;
	end = colon + 1 + find(s + colon + 1, n - colon - 1, ':');
	r = num_parse_size_n(s, at, &size);
	if (r < 0)
		return -EINVAL;
	r = num_parse_u64_n(s + at + 1, colon - at - 1, 0, &address);
	if (r < 0)
		return -EINVAL;
	r = num_parse_u64_n(s + colon + 1, end - colon - 1, 10, &irq);
	if (r < 0)
		return -EINVAL;
	if (size == 0 || size > UINT64_MAX - address || irq > UINT32_MAX)
		return -EINVAL;
	*ret = (struct cmdline_device){ .address = address, .size = size, .irq = (uint32_t)irq };
	return 0;
}

static int take_devices(char *line, struct cmdline *c)
{
	int result = 0;

	for (char *p = line; *p;) {
		char *word;
		size_t n = 0;

		while (is_blank(*p))
			p++;
		word = p;
		while (*p && !is_blank(*p))
			p++;
		if (!has_prefix(word, DEVICE_PREFIX))
			continue;
		if (c->device_count == CMDLINE_DEVICES_MAX) {
			result = -E2BIG;
		} else {
			n = strlen(DEVICE_PREFIX);
			if (parse_device(word + n, (size_t)(p - word) - n, &c->devices[c->device_count]) < 0)
				result = -EINVAL;
			else
				c->device_count++;
		}
		memset(word, ' ', (size_t)(p - word));
	}
	return result;
}

static int take_option(char *word, struct cmdline *c)
{
	char *key = word + strlen(OPTION_PREFIX);
	char *equals = strchr(key, '=');
	struct cmdline_option *o = &c->options[c->option_count];

	if (c->option_count == CMDLINE_OPTIONS_MAX)
		return -E2BIG;
	o->key = key;
	o->value = "";
	if (equals) {
		*equals = '\0';
		o->value = equals + 1;
	}
	c->option_count++;
	return 0;
}

static int take_words(char *line, struct cmdline *c)
{
	bool arguments = false;
	char *word;
	int r;

	while ((r = tok_next(&line, &word)) > 0) {
		if (arguments) {
			if (c->arg_count == CMDLINE_ARGS_MAX)
				return -E2BIG;
			c->args[c->arg_count++] = word;
		} else if (strcmp(word, "--") == 0) {
			arguments = true;
		} else if (has_prefix(word, OPTION_PREFIX)) {
			r = take_option(word, c);
			if (r < 0)
				return r;
		}
	}
	return r;
}

int cmdline_parse(char *line, struct cmdline *ret)
{
	int devices, words;

	memset(ret, 0, sizeof(*ret));
	devices = take_devices(line, ret);
	words = take_words(line, ret);
	return devices < 0 ? devices : words;
}

const char *cmdline_get(const struct cmdline *c, const char *key)
{
	for (size_t i = c->option_count; i-- > 0;) {
		if (strcmp(c->options[i].key, key) == 0)
			return c->options[i].value;
	}
	return NULL;
}

const char *cmdline_get_next(const struct cmdline *c, const char *key, size_t *at)
{
	for (size_t i = *at; i < c->option_count; i++) {
		if (strcmp(c->options[i].key, key) != 0)
			continue;
		*at = i + 1;
		return c->options[i].value;
	}
	*at = c->option_count;
	return NULL;
}
