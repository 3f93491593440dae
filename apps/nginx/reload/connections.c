/*
 * connections.c: the connections and the listening sockets that outlive a cycle.
 *
 * nginx allocates one array of connections, for its first cycle, and keeps pointers into it everywhere; so it stays
 * where it is, and a larger `worker_connections` adds a chunk. Nothing of nginx's walks the array in a process without
 * a master but the cleaner of old cycles, which old.c answers. A smaller `worker_connections` withholds free ones.
 */
#include "reload.h"

struct chunk {
	struct chunk *next;
	ngx_connection_t *connections;
	ngx_uint_t n;
};

static struct chunk *chunks;	   /* all there are; the first reload makes nginx's own array the first of them */
static ngx_connection_t *withheld; /* chained by `data`, as nginx's free ones */
static ngx_uint_t withheld_n;

static ngx_uint_t existing(void)
{
	ngx_uint_t n = 0;

	for (struct chunk *chunk = chunks; chunk; chunk = chunk->next)
		n += chunk->n;
	return n;
}

void reload_each(void (*each)(ngx_connection_t *c, void *data), void *data)
{
	static struct chunk first;

	if (!chunks) {
		first = (struct chunk){NULL, ngx_cycle->connections, ngx_cycle->connection_n};
		chunks = &first;
	}
	for (struct chunk *chunk = chunks; chunk; chunk = chunk->next) {
		for (ngx_uint_t i = 0; i < chunk->n; i++) {
			if (chunk->connections[i].fd != (ngx_socket_t)-1)
				each(&chunk->connections[i], data);
		}
	}
}

static void nothing(ngx_connection_t *c, void *data)
{
}

static void withhold(ngx_connection_t *c)
{
	c->data = withheld;
	withheld = c;
	withheld_n++;
}

/* One allocation: the chunk, its connections, their events for reading and for writing. */
ngx_int_t reload_reserve(ngx_cycle_t *cycle)
{
	ngx_uint_t n, spare = ngx_cycle->free_connection_n + withheld_n;
	struct chunk *chunk;
	ngx_event_t *events;

	reload_each(nothing, NULL);
	n = cycle->connection_n > existing() ? cycle->connection_n - existing() : 0;
	/* Each new listening socket is sure of one, however many clients there are. */
	if (n + spare < cycle->listening.nelts)
		n = cycle->listening.nelts - spare;
	if (n == 0)
		return NGX_OK;
	reload_conf_of(cycle)->chunk = ngx_pool_cleanup_add(cycle->pool, 0);
	if (!reload_conf_of(cycle)->chunk)
		return NGX_ERROR;
	chunk = ngx_calloc(sizeof(*chunk) + n * (sizeof(ngx_connection_t) + 2 * sizeof(ngx_event_t)), cycle->log);
	if (!chunk)
		return NGX_ERROR;
	chunk->n = n;
	chunk->connections = (ngx_connection_t *)(chunk + 1);
	events = (ngx_event_t *)(chunk->connections + n);
	for (ngx_uint_t i = 0; i < n; i++) {
		chunk->connections[i].fd = (ngx_socket_t)-1;
		chunk->connections[i].read = &events[i];
		chunk->connections[i].write = &events[n + i];
		events[i].closed = events[n + i].closed = 1;
		events[i].instance = 1;
	}
	reload_conf_of(cycle)->chunk->data = chunk;
	reload_conf_of(cycle)->chunk->handler = ngx_free;
	return NGX_OK;
}

/* What was reserved and withheld becomes free in the old cycle, which is in force still. */
static void free_all(ngx_cycle_t *old, ngx_cycle_t *cycle)
{
	ngx_pool_cleanup_t *reserved = reload_conf_of(cycle)->chunk;

	reload_each(nothing, NULL);
	if (reserved) {
		struct chunk *chunk = reserved->data, *last = chunks;

		reserved->handler = NULL;
		while (last->next)
			last = last->next;
		last->next = chunk;
		for (ngx_uint_t i = chunk->n; i-- > 0;)
			withhold(&chunk->connections[i]);
	}
	while (withheld) {
		ngx_connection_t *c = withheld;

		withheld = c->data;
		withheld_n--;
		c->data = old->free_connections;
		old->free_connections = c;
		old->free_connection_n++;
	}
}

static void start_listening(ngx_listening_t *ls)
{
	ngx_connection_t *c = ngx_get_connection(ls->fd, &ls->log);

	/* reload_reserve() has seen to it that there is one. */
	if (!c)
		return;
	c->type = ls->type;
	c->log = &ls->log;
	c->listening = ls;
	c->read->log = c->log;
	c->read->accept = 1;
	c->read->deferred_accept = ls->deferred_accept;
	c->read->handler = c->type == SOCK_STREAM ? ngx_event_accept : ngx_event_recvmsg;
	ls->connection = c;
	if (ngx_add_event(c->read, NGX_READ_EVENT, 0) == NGX_ERROR)
		ngx_log_error(NGX_LOG_ALERT, c->log, 0, "no connections are accepted on %V", &ls->addr_text);
}

/* Its descriptor is closed by nginx, right after the hook. */
static void stop_listening(ngx_listening_t *ls)
{
	ngx_connection_t *c = ls->connection;

	if (c->read->active)
		ngx_del_event(c->read, NGX_READ_EVENT, 0);
	if (c->read->timer_set)
		ngx_del_timer(c->read);
	if (c->read->posted) {
		/* A macro of several statements. */
		ngx_delete_posted_event(c->read);
	}
	ngx_free_connection(c);
	c->fd = (ngx_socket_t)-1;
	ls->connection = NULL;
}

void reload_take_listening(ngx_cycle_t *old, ngx_cycle_t *cycle)
{
	ngx_listening_t *ls = old->listening.elts;

	free_all(old, cycle);
	for (ngx_uint_t i = 0; i < old->listening.nelts; i++) {
		if (!ls[i].remain && ls[i].connection)
			stop_listening(&ls[i]);
	}
	ls = cycle->listening.elts;
	for (ngx_uint_t i = 0; i < cycle->listening.nelts; i++) {
		ngx_connection_t *c = ls[i].previous ? ls[i].previous->connection : NULL;

		/* The pointer leads into the old cycle. */
		ls[i].previous = NULL;
		if (!c) {
			start_listening(&ls[i]);
			continue;
		}
		c->listening = &ls[i];
		c->log = &ls[i].log;
		c->read->log = c->log;
		c->read->deferred_accept = ls[i].deferred_accept;
		ls[i].connection = c;
	}
}

void reload_take_connections(ngx_cycle_t *old, ngx_cycle_t *cycle)
{
	/* To nginx's cleaner, old.c's decision is a connection that is open. */
	static ngx_connection_t open_one;

	while (existing() - withheld_n > cycle->connection_n && old->free_connections) {
		ngx_connection_t *c = old->free_connections;

		old->free_connections = c->data;
		old->free_connection_n--;
		withhold(c);
	}
	cycle->connections = old->connections;
	cycle->read_events = old->read_events;
	cycle->write_events = old->write_events;
	cycle->files = old->files;
	cycle->files_n = old->files_n;
	cycle->free_connections = old->free_connections;
	cycle->free_connection_n = old->free_connection_n;
	ngx_queue_add(&cycle->reusable_connections_queue, &old->reusable_connections_queue);
	cycle->reusable_connections_n = old->reusable_connections_n;
	cycle->connections_reuse_time = old->connections_reuse_time;

	old->connections = &open_one;
	old->connection_n = 1;
	old->read_events = old->write_events = NULL;
	old->files = NULL;
	old->free_connections = NULL;
	old->free_connection_n = 0;
	ngx_queue_init(&old->reusable_connections_queue);
	old->reusable_connections_n = 0;
}
