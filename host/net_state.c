/*
 * net_state.c: see net_state.h.
 */
#include "host/net_state.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

void net_state_write(struct vm *vm, const struct net *n)
{
	static const char *const kinds[] = { [NET_NONE] = "none", [NET_USER] = "user", [NET_TAP] = "tap" };
	cJSON *list = cJSON_AddArrayToObject(vm->state, "ports"), *o = cJSON_AddObjectToObject(vm->state, "network");
	char mac[NET_MAC_SIZE];

	for (unsigned i = 0; i < n->forward_count; i++)
		cJSON_AddItemToArray(list, cJSON_CreateString(n->forwards[i].text));
	cJSON_AddStringToObject(o, "kind", kinds[n->kind]);
	if (n->kind == NET_NONE)
		return;
	net_mac(vm->name, mac);
	cJSON_AddStringToObject(o, "mac", mac);
	if (n->kind == NET_TAP)
		cJSON_AddStringToObject(o, "interface", n->tap);
	cJSON_AddStringToObject(o, "ip", n->ip ? n->ip : "dhcp");
	cJSON_AddStringToObject(o, "ip6", n->ip6 ? n->ip6 : "auto");
}

bool net_state_forward(const struct vm *vm, int nth, struct port_forward *ret)
{
	const cJSON *list = cJSON_GetObjectItem(vm->state, "ports");
	const char *text = cJSON_GetStringValue(cJSON_GetArrayItem(list, nth));

	return text && net_parse_forward(text, ret);
}

char *net_state_ports(const struct vm *vm)
{
	char *all = xstrdup("");
	struct port_forward f;

	for (int i = 0; net_state_forward(vm, i, &f); i++) {
		char *more = xasprintf("%s%s%s:%u->%u/%s", all, i ? ", " : "", f.host, f.host_port, f.guest_port,
				       f.udp ? "udp" : "tcp");

		free(all);
		all = more;
	}
	return all;
}

/* "net: ADDRESS from dhcp, ..." of the kernel's log (docs/protocol.md); the last one holds. */
static char *logged_address(const struct vm *vm)
{
	char *path = vm_file(vm, "kernel.log"), *log, *found = NULL, text[INET_ADDRSTRLEN];
	struct in_addr addr;
	size_t n;

	if (file_read(path, &log, NULL) < 0)
		log = xstrdup("");
	free(path);
	for (char *at = log; (at = strstr(at, "net: "));) {
		at += 5;
		n = strcspn(at, " ");
		if (n >= sizeof(text) || strncmp(at + n, " from dhcp", 10) != 0)
			continue;
		memcpy(text, at, n);
		text[n] = '\0';
		if (inet_pton(AF_INET, text, &addr) != 1)
			continue;
		free(found);
		found = xstrdup(text);
	}
	free(log);
	return found;
}

char *net_state_address(const struct vm *vm)
{
	const cJSON *o = cJSON_GetObjectItem(vm->state, "network");
	const char *ip = cJSON_GetStringValue(cJSON_GetObjectItem(o, "ip"));
	struct in_addr addr;
	char *text;

	if (!ip)
		return NULL;
	text = xstrdup(ip);
	text[strcspn(text, "/,")] = '\0';
	if (inet_pton(AF_INET, text, &addr) == 1)
		return text;
	free(text);
	return strcmp(ip, "dhcp") == 0 ? logged_address(vm) : NULL;
}
