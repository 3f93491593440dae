/*
 * quit.c: SIGQUIT ends nginx gracefully, which without a master process it does not do by itself. The hook is called
 * when the process is about to exit; it first serves on, without listening, until the requests that run have ended.
 */
#include "reload.h"

static void close_idle(ngx_connection_t *c, void *data)
{
	if (!c->idle)
		return;
	c->close = 1;
	c->read->handler(c->read);
}

static void close_client(ngx_connection_t *c, void *data)
{
	if (!c->listening)
		return;
	c->close = 1;
	c->error = 1;
	c->read->handler(c->read);
}

static void count_client(ngx_connection_t *c, void *data)
{
	if (c->listening)
		++*(ngx_uint_t *)data;
}

static ngx_uint_t clients(void)
{
	ngx_uint_t n = 0;

	reload_each(count_client, &n);
	return n;
}

static void too_late(ngx_event_t *ev)
{
	reload_each(close_client, NULL);
}

/* `worker_shutdown_timeout`, as nginx has it for its workers. */
static void set_limit(ngx_cycle_t *cycle)
{
	ngx_core_conf_t *core = (ngx_core_conf_t *)ngx_get_conf(cycle->conf_ctx, ngx_core_module);
	static ngx_event_t limit;

	if (!core->shutdown_timeout)
		return;
	limit.handler = too_late;
	limit.log = cycle->log;
	limit.cancelable = 1;
	ngx_add_timer(&limit, core->shutdown_timeout);
}

void reload_exit(ngx_cycle_t *cycle)
{
	if (!ngx_quit || ngx_terminate || ngx_process != NGX_PROCESS_SINGLE)
		return;
	ngx_log_error(NGX_LOG_NOTICE, cycle->log, 0, "gracefully shutting down");
	ngx_exiting = 1;
	set_limit(cycle);
	ngx_close_listening_sockets(cycle);
	reload_each(close_idle, NULL);
	while (!ngx_terminate && clients() > 0)
		ngx_process_events_and_timers(cycle);
	/* nginx has flushed its logs before it called this. */
	reload_flush_logs(&cycle->open_files, cycle->log);
}
