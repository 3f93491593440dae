/*
 * home.c: a client's connection belongs to the cycle whose listening socket it names. Between two requests it can change
 * over to the cycle in force, so that a client which keeps its connection sees the new configuration with its next
 * request, loses none, and the old cycle can go. What a connection holds of its cycle, and what is set again here:
 * the listening socket, its address if that is the connection's own, the servers that it leads to, and the log.
 */
#include "reload.h"

static int listens(const ngx_cycle_t *cycle, const ngx_listening_t *ls)
{
	const ngx_listening_t *first = cycle->listening.elts;

	return ls >= first && ls < first + cycle->listening.nelts;
}

/* The cycle's listening socket on the connection's address, or NULL. */
static ngx_listening_t *home_of(ngx_cycle_t *cycle, ngx_connection_t *c)
{
	ngx_listening_t *ls = cycle->listening.elts, *from = c->listening;

	for (ngx_uint_t i = 0; i < cycle->listening.nelts; i++) {
		if (ls[i].type == from->type && ls[i].handler == ngx_http_init_connection &&
		    ngx_cmp_sockaddr(ls[i].sockaddr, ls[i].socklen, from->sockaddr, from->socklen, 1) == NGX_OK)
			return &ls[i];
	}
	return NULL;
}

/* As ngx_http_init_connection() does it: the last of a port's addresses is the wildcard. NULL: the socket is dead. */
static ngx_http_addr_conf_t *address_of(ngx_listening_t *ls, ngx_connection_t *c)
{
	ngx_http_port_t *port = ls->servers;
	ngx_uint_t i = 0, last = port->naddrs - 1;

	if (last > 0 && ngx_connection_local_sockaddr(c, NULL, 0) != NGX_OK)
		return NULL;
#if (NGX_HAVE_INET6)
	if (c->local_sockaddr->sa_family == AF_INET6) {
		ngx_http_in6_addr_t *addr = port->addrs;
		struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)c->local_sockaddr;

		while (i < last && ngx_memcmp(&addr[i].addr6, &sin6->sin6_addr, sizeof(sin6->sin6_addr)) != 0)
			i++;
		return &addr[i].conf;
	}
#endif
	ngx_http_in_addr_t *addr = port->addrs;
	struct sockaddr_in *sin = (struct sockaddr_in *)c->local_sockaddr;

	while (i < last && addr[i].addr != sin->sin_addr.s_addr)
		i++;
	return &addr[i].conf;
}

/* c rests, or ends a request; hc is its HTTP state. */
static ngx_int_t move(ngx_connection_t *c, ngx_http_connection_t *hc, ngx_listening_t *ls)
{
	ngx_http_addr_conf_t *address;
	ngx_http_core_loc_conf_t *location;

	if (c->local_sockaddr == c->listening->sockaddr) {
		c->local_sockaddr = ls->sockaddr;
		c->local_socklen = ls->socklen;
	}
	address = address_of(ls, c);
	if (!address)
		return NGX_ERROR;
	c->listening = ls;
	hc->addr_conf = address;
	hc->conf_ctx = address->default_server->ctx;
	location = hc->conf_ctx->loc_conf[ngx_http_core_module.ctx_index];
	ngx_set_connection_log(c, location->error_log);
	return NGX_OK;
}

static void close_resting(ngx_connection_t *c)
{
	c->close = 1;
	c->read->handler(c->read);
}

static void move_if_idle(ngx_connection_t *c, void *data)
{
	ngx_cycle_t *cycle = data;
	ngx_listening_t *ls;

	if (c->read->accept || (c->listening && listens(cycle, c->listening)))
		return;
	if (!c->listening) {
		/* A connection to a server behind, kept by the old cycle's upstream for later: it goes with it. */
		if (c->idle)
			close_resting(c);
		return;
	}
	/* Waiting for its next request, or for its first. */
	if (c->listening->handler != ngx_http_init_connection || (!c->idle && c->requests > 0))
		return;
	ls = home_of(cycle, c);
	if (!ls || move(c, c->data, ls) != NGX_OK)
		close_resting(c);
}

void reload_move_idle(ngx_cycle_t *cycle)
{
	reload_each(move_if_idle, cycle);
}

ngx_int_t reload_request_ends(ngx_http_request_t *r)
{
	ngx_cycle_t *cycle = (ngx_cycle_t *)ngx_cycle;
	ngx_connection_t *c = r->connection;
	ngx_listening_t *ls;

	if (r != r->main || listens(cycle, c->listening))
		return NGX_OK;
	ls = home_of(cycle, c);
	/* Without a home: its next request, if one is on its way, is the last one. */
	if (!ls || move(c, r->http_connection, ls) != NGX_OK)
		c->requests = NGX_MAX_INT_T_VALUE;
	return NGX_OK;
}
