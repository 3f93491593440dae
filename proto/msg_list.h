/* pure */
/*
 * msg_list.h: the lists inside messages: strings, name=value numbers, key=text pairs, symbols.
 *
 * A list is a u16 count and then the items one after the other. Decoding a message checks each item once, so walking
 * a decoded list cannot fail; its strings point into the message's payload and live as long as that does.
 * Encoding: build the items in a buffer of the caller's with a msg_list_builder, then name the list in the message.
 */
#ifndef PROTO_MSG_LIST_H
#define PROTO_MSG_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/wire.h"

struct msg_list {
	const uint8_t *items;
	size_t size;		/* bytes of all items */
	uint16_t count;
};

enum msg_item {
	ITEM_STRING,		/* string */
	ITEM_NUMBER,		/* string name, u64 value */
	ITEM_PAIR,		/* string key, string text */
	ITEM_SYMBOL,		/* string name, u64 address, u64 size, u8 type */
};

struct msg_symbol {
	const char *name;
	uint64_t address;	/* in the image */
	uint64_t size;		/* bytes; 0: not known */
	uint8_t type;		/* ELF's STT_*: 1 object, 2 function */
};

struct msg_list_builder {
	struct wire_writer w;
	uint16_t count;
};

struct msg_iter {
	struct wire_reader r;
	uint16_t left;
};

/* Starts an empty list in buf, which must outlive the list. */
void msg_list_start(struct msg_list_builder *b, void *buf, size_t size);
void msg_list_add_string(struct msg_list_builder *b, const char *string);
void msg_list_add_number(struct msg_list_builder *b, const char *name, uint64_t value);
void msg_list_add_pair(struct msg_list_builder *b, const char *key, const char *text);
void msg_list_add_symbol(struct msg_list_builder *b, const struct msg_symbol *symbol);
/* Returns 0, or -EMSGSIZE when an item did not fit into buf or the count into 16 bits. */
int msg_list_finish(const struct msg_list_builder *b, struct msg_list *ret_list);

/* Walk a list from its first item. Each _next returns false after the last item. The kind must be the list's own. */
void msg_iter_start(struct msg_iter *it, const struct msg_list *list);
bool msg_next_string(struct msg_iter *it, const char **ret_string);
bool msg_next_number(struct msg_iter *it, const char **ret_name, uint64_t *ret_value);
bool msg_next_pair(struct msg_iter *it, const char **ret_key, const char **ret_text);
bool msg_next_symbol(struct msg_iter *it, struct msg_symbol *ret_symbol);

/* For the message codecs. get: checks every item; sets r->error on a malformed one. */
void wire_put_list(struct wire_writer *w, const struct msg_list *list);
void wire_get_list(struct wire_reader *r, enum msg_item kind, struct msg_list *ret_list);

#endif
