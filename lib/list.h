/* pure */
/*
 * list.h: an intrusive, circular, doubly linked list. The head is a `struct list` of its own; an element embeds one.
 * Invariant: l->next->prev == l and l->prev->next == l for every linked node, and an unlinked node that went through
 * list_init() or list_del() points at itself, so list_del() may be called twice. No allocation, no locking.
 */
#ifndef LIB_LIST_H
#define LIB_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
	struct list *next;
	struct list *prev;
};

/* The object of TYPE whose MEMBER is at POINTER. POINTER must not be null. */
#define container_of(pointer, type, member) \
	((type *)((char *)(pointer) - offsetof(type, member)))

/* A statically initialised empty list: `static struct list all = LIST_INIT(all);` */
#define LIST_INIT(name) { &(name), &(name) }

/* Makes L an empty head, or an unlinked node. */
static inline void list_init(struct list *l)
{
	l->next = l;
	l->prev = l;
}

/* Links NODE, which must be unlinked, right before AT; AT may be a head or an element. */
static inline void list_insert_before(struct list *at, struct list *node)
{
	node->prev = at->prev;
	node->next = at;
	at->prev->next = node;
	at->prev = node;
}

/* Links NODE as the last element of HEAD. */
static inline void list_add_tail(struct list *head, struct list *node)
{
	list_insert_before(head, node);
}

/* Links NODE as the first element of HEAD. */
static inline void list_add_head(struct list *head, struct list *node)
{
	list_insert_before(head->next, node);
}

/* Unlinks NODE and leaves it pointing at itself. Harmless on an unlinked node. */
static inline void list_del(struct list *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
	list_init(node);
}

/* True for a head without elements, and for an unlinked node. */
static inline bool list_empty(const struct list *l)
{
	return l->next == l;
}

/* The first element as a TYPE *, or null if HEAD is empty. */
#define list_first(head, type, member) \
	(list_empty(head) ? NULL : container_of((head)->next, type, member))

/* The last element as a TYPE *, or null if HEAD is empty. */
#define list_last(head, type, member) \
	(list_empty(head) ? NULL : container_of((head)->prev, type, member))

/* Runs the body for each element; VAR is a pointer to the element's type. The body must not unlink any element. */
#define list_for_each(var, head, member)                                      \
	for (var = container_of((head)->next, __typeof__(*var), member);      \
	     &var->member != (head);                                          \
	     var = container_of(var->member.next, __typeof__(*var), member))

/* The same, and the body may unlink and free VAR (but not the element after it, which SAVE holds). */
#define list_for_each_safe(var, save, head, member)                           \
	for (var = container_of((head)->next, __typeof__(*var), member),      \
	    save = container_of(var->member.next, __typeof__(*var), member);  \
	     &var->member != (head);                                          \
	     var = save, save = container_of(save->member.next, __typeof__(*var), member))

#endif
