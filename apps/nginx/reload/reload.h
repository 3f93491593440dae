/*
 * reload.h: what the files of this nginx module share.
 *
 * nginx reloads its configuration by starting new worker processes. A unikernel has one process, and there (as with
 * `master_process off` everywhere) nginx's SIGHUP makes a new cycle that has neither connections nor accepts any. The
 * module hands over what runs, from the hook that nginx calls once the new cycle is whole and before the old one is
 * let go, so that nginx's own source stays as it is.
 *
 * A cycle is nginx's word for all that one reading of the configuration made. "The old" and "the new" are cycles here.
 * Everything runs in nginx's one thread; there is no locking.
 */
#ifndef NGX_RELOAD_H
#define NGX_RELOAD_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include <ngx_http.h>

#if (NGX_HTTP_V2 || NGX_SSL)
#error "connections with TLS or HTTP/2 hold more of the old cycle than home.c moves"
#endif

/* The module's configuration, one in each cycle's pool. */
struct reload_conf {
	ngx_pool_cleanup_t *chunk; /* connections to be added by this cycle, freed with it unless they were */
	ngx_list_t files;	   /* of an old cycle: ngx_open_file_t, closed by reload_collect() */
	ngx_list_t zones;	   /* of an old cycle: ngx_shm_zone_t, freed by reload_collect() */
};

extern ngx_module_t ngx_reload_module;

static inline struct reload_conf *reload_conf_of(ngx_cycle_t *cycle)
{
	return (struct reload_conf *)ngx_get_conf(cycle->conf_ctx, ngx_reload_module);
}

/* connections.c: every connection there is, and how they come to the new cycle. */

/* Calls each() for all connections that are open, listening ones among them; it may close the one that it is given. */
void reload_each(void (*each)(ngx_connection_t *c, void *data), void *data);

/*
 * Gets memory for as many connections as the new cycle wants beyond those that there are, before anything is changed:
 * a cycle that fails later frees it. NGX_OK or NGX_ERROR (no memory).
 */
ngx_int_t reload_reserve(ngx_cycle_t *cycle);

/* Gives the old cycle's connections to the new one, with those reserved, and its listening sockets. Cannot fail. */
void reload_take_listening(ngx_cycle_t *old, ngx_cycle_t *cycle);
void reload_take_connections(ngx_cycle_t *old, ngx_cycle_t *cycle);

/* home.c: client connections that are between two requests go over to a cycle's configuration. */

/* Moves all that rest to `cycle`; those whose address it no longer listens on are closed. */
void reload_move_idle(ngx_cycle_t *cycle);

/* nginx's handler of the log phase: a connection whose request ends goes over to the cycle in force. */
ngx_int_t reload_request_ends(ngx_http_request_t *r);

/* old.c: an old cycle stays until its last request has ended. */
void reload_keep(ngx_cycle_t *old);
void reload_collect_soon(void);
void reload_flush_logs(ngx_list_t *files, ngx_log_t *log);

/* quit.c: SIGQUIT lets the requests end that run; nginx's hook at a process's exit. */
void reload_exit(ngx_cycle_t *cycle);

#endif
