/* pure */
/*
 * msg_list.c: building, checking and walking the lists inside messages. See msg_list.h.
 */
#include "proto/msg_list.h"

#include "lib/errno.h"

void msg_list_start(struct msg_list_builder *b, void *buf, size_t size)
{
	wire_write_start(&b->w, buf, size);
	b->count = 0;
}

static void count_item(struct msg_list_builder *b)
{
	if (b->count == UINT16_MAX)
		b->w.error = true;
	else
		b->count++;
}

void msg_list_add_string(struct msg_list_builder *b, const char *string)
{
	wire_put_string(&b->w, string);
	count_item(b);
}

void msg_list_add_number(struct msg_list_builder *b, const char *name, uint64_t value)
{
	wire_put_string(&b->w, name);
	wire_put_u64(&b->w, value);
	count_item(b);
}

void msg_list_add_pair(struct msg_list_builder *b, const char *key, const char *text)
{
	wire_put_string(&b->w, key);
	wire_put_string(&b->w, text);
	count_item(b);
}

void msg_list_add_symbol(struct msg_list_builder *b, const struct msg_symbol *symbol)
{
	wire_put_string(&b->w, symbol->name);
	wire_put_u64(&b->w, symbol->address);
	wire_put_u64(&b->w, symbol->size);
	wire_put_u8(&b->w, symbol->type);
	count_item(b);
}

int msg_list_finish(const struct msg_list_builder *b, struct msg_list *ret_list)
{
	if (b->w.error)
		return -EMSGSIZE;
	*ret_list = (struct msg_list) { .items = b->w.start, .size = b->w.used, .count = b->count };
	return 0;
}

void msg_iter_start(struct msg_iter *it, const struct msg_list *list)
{
	wire_read_start(&it->r, list->items, list->size);
	it->left = list->count;
}

/* Steps to the next item. An unchecked list that lies about its count ends early rather than yield nonsense. */
static bool step(struct msg_iter *it)
{
	if (it->left == 0 || it->r.error)
		return false;
	it->left--;
	return true;
}

bool msg_next_string(struct msg_iter *it, const char **ret_string)
{
	const char *string;

	if (!step(it))
		return false;
	string = wire_get_string(&it->r);
	if (it->r.error)
		return false;
	*ret_string = string;
	return true;
}

bool msg_next_number(struct msg_iter *it, const char **ret_name, uint64_t *ret_value)
{
	const char *name;
	uint64_t value;

	if (!step(it))
		return false;
	name = wire_get_string(&it->r);
	value = wire_get_u64(&it->r);
	if (it->r.error)
		return false;
	*ret_name = name;
	*ret_value = value;
	return true;
}

bool msg_next_pair(struct msg_iter *it, const char **ret_key, const char **ret_text)
{
	const char *key, *text;

	if (!step(it))
		return false;
	key = wire_get_string(&it->r);
	text = wire_get_string(&it->r);
	if (it->r.error)
		return false;
	*ret_key = key;
	*ret_text = text;
	return true;
}

bool msg_next_symbol(struct msg_iter *it, struct msg_symbol *ret_symbol)
{
	struct msg_symbol symbol;

	if (!step(it))
		return false;
	symbol.name = wire_get_string(&it->r);
	symbol.address = wire_get_u64(&it->r);
	symbol.size = wire_get_u64(&it->r);
	symbol.type = wire_get_u8(&it->r);
	if (it->r.error)
		return false;
	*ret_symbol = symbol;
	return true;
}

void wire_put_list(struct wire_writer *w, const struct msg_list *list)
{
	wire_put_u16(w, list->count);
	wire_put_bytes(w, list->items, list->size);
}

void wire_get_list(struct wire_reader *r, enum msg_item kind, struct msg_list *ret_list)
{
	struct msg_list list = { .count = wire_get_u16(r) };
	size_t start = r->at;

	for (uint16_t i = 0; i < list.count && !r->error; i++) {
		wire_get_string(r);
		if (kind == ITEM_PAIR)
			wire_get_string(r);
		if (kind == ITEM_NUMBER || kind == ITEM_SYMBOL)
			wire_get_u64(r);
		if (kind == ITEM_SYMBOL) {
			wire_get_u64(r);
			wire_get_u8(r);
		}
	}
	if (r->error) {
		*ret_list = (struct msg_list) { 0 };
		return;
	}
	list.items = r->start + start;
	list.size = r->at - start;
	*ret_list = list;
}
