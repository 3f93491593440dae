/* pure */
/*
 * grants.c: the names of grants and profiles. See grants.h.
 */
#include "proto/grants.h"

#include "lib/errno.h"
#include "lib/str.h"
#include "proto/msg.h"

#define CALL_NAME_MAX	200u

static const struct {
	const char *name;
	uint32_t grants;
} grant_names[] = {
	{ "read", GRANT_READ },
	{ "write", GRANT_WRITE },
	{ "call", GRANT_CALL },
	{ "fs=ro", GRANT_FS_RO },
	{ "fs=rw", GRANT_FS_RW },
	{ "net", GRANT_NET },
	{ "signal", GRANT_SIGNAL },
	{ "trace", GRANT_TRACE },
}, profiles[] = {
	{ "monitor", GRANTS_MONITOR },
	{ "debug", GRANTS_DEBUG },
	{ "admin", GRANTS_ADMIN },
};

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

static int add_call(struct msg_list_builder *calls, const char *name, size_t len)
{
	char copy[CALL_NAME_MAX + 1];

	if (!calls || len == 0 || len > CALL_NAME_MAX)
		return -EINVAL;
	memcpy(copy, name, len);
	copy[len] = '\0';
	msg_list_add_string(calls, copy);
	return calls->w.error ? -EMSGSIZE : 0;
}

static int parse_word(const char *word, size_t len, uint32_t *grants, struct msg_list_builder *calls)
{
	if (len > 5 && strncmp(word, "call=", 5) == 0) {
		*grants |= GRANT_CALL;
		return add_call(calls, word + 5, len - 5);
	}
	for (size_t i = 0; i < COUNT(grant_names); i++) {
		if (strlen(grant_names[i].name) == len && strncmp(word, grant_names[i].name, len) == 0) {
			*grants |= grant_names[i].grants;
			if (grant_names[i].grants == GRANT_FS_RW)
				*grants |= GRANT_FS_RO;
			return 0;
		}
	}
	return -EINVAL;
}

int grants_parse(const char *text, uint32_t *grants, struct msg_list_builder *calls, const char **ret_bad)
{
	uint32_t sum = *grants;

	while (*text) {
		const char *comma = strchr(text, ',');
		size_t len = comma ? (size_t)(comma - text) : strlen(text);
		int r = parse_word(text, len, &sum, calls);

		if (r < 0) {
			*ret_bad = text;
			return r;
		}
		text += len + (comma ? 1 : 0);
	}
	*grants = sum;
	return 0;
}

int grants_profile(const char *name, uint32_t *ret_grants)
{
	for (size_t i = 0; i < COUNT(profiles); i++) {
		if (strcmp(profiles[i].name, name) == 0) {
			*ret_grants = profiles[i].grants;
			return 0;
		}
	}
	return -ENOENT;
}

static void append(char *buf, size_t size, size_t *len, const char *text)
{
	for (; *text; text++, (*len)++)
		if (*len < size - 1)
			buf[*len] = *text;
}

size_t grants_format(uint32_t grants, char *buf, size_t size)
{
	size_t len = 0;

	if (grants == 0)
		append(buf, size, &len, "none");
	/* fs=rw says it all. */
	if (grants & GRANT_FS_RW)
		grants &= ~(uint32_t)GRANT_FS_RO;
	for (size_t i = 0; i < COUNT(grant_names); i++) {
		if (!(grants & grant_names[i].grants))
			continue;
		if (len > 0)
			append(buf, size, &len, ",");
		append(buf, size, &len, grant_names[i].name);
	}
	buf[len < size ? len : size - 1] = '\0';
	return len;
}
