/*
 * module.c: the module as nginx sees it: its hooks, in the order of a cycle's life.
 *
 * It also makes one process of nginx whatever the configuration says (`daemon`, `master_process`, `worker_processes`),
 * since there is no other way in a unikernel: an nginx.conf that was written for Linux works as it is.
 */
#include "reload.h"

#include <sys/time.h>

static void *create_conf(ngx_cycle_t *cycle)
{
	return ngx_pcalloc(cycle->pool, sizeof(struct reload_conf));
}

/* After the configuration was read and ngx_core_module has filled in what it left out; before the events' checks. */
static char *init_conf(ngx_cycle_t *cycle, void *conf)
{
	ngx_core_conf_t *core = (ngx_core_conf_t *)ngx_get_conf(cycle->conf_ctx, ngx_core_module);
	ngx_http_core_main_conf_t *http = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_core_module);
	ngx_http_handler_pt *handler;

	core->daemon = 0;
	core->master = 0;
	core->worker_processes = 1;
	if (http) {
		handler = ngx_array_push(&http->phases[NGX_HTTP_LOG_PHASE].handlers);
		if (!handler)
			return NGX_CONF_ERROR;
		*handler = reload_request_ends;
	}
	if (ngx_test_config || ngx_process != NGX_PROCESS_SINGLE || ngx_is_init_cycle(cycle->old_cycle))
		return NGX_CONF_OK;
	return reload_reserve(cycle) == NGX_OK ? NGX_CONF_OK : NGX_CONF_ERROR;
}

static void on_alarm(int signo)
{
	ngx_event_timer_alarm = 1;
}

/* `timer_resolution` is an interval timer, which nginx sets for its first cycle only. */
static void set_resolution(ngx_msec_t ms)
{
	struct sigaction action = {.sa_handler = on_alarm};
	struct itimerval timer = {{ms / 1000, ms % 1000 * 1000}, {ms / 1000, ms % 1000 * 1000}};

	sigemptyset(&action.sa_mask);
	if (sigaction(SIGALRM, &action, NULL) < 0 || setitimer(ITIMER_REAL, &timer, NULL) < 0)
		ngx_log_error(NGX_LOG_ALERT, ngx_cycle->log, ngx_errno, "timer_resolution: no timer");
}

/* `worker_rlimit_nofile`, which nginx sets in worker processes only. */
static void set_limit(ngx_int_t files)
{
	struct rlimit limit = {files, files};

	if (files != NGX_CONF_UNSET && setrlimit(RLIMIT_NOFILE, &limit) < 0)
		ngx_log_error(NGX_LOG_ALERT, ngx_cycle->log, ngx_errno, "worker_rlimit_nofile %i failed", files);
}

/* The new cycle is whole, its new sockets and files are open; the old one is in force until nginx returns. */
static ngx_int_t init_module(ngx_cycle_t *cycle)
{
	ngx_core_conf_t *core = (ngx_core_conf_t *)ngx_get_conf(cycle->conf_ctx, ngx_core_module), *old_core;
	ngx_cycle_t *old = cycle->old_cycle;

	if (ngx_test_config || ngx_process != NGX_PROCESS_SINGLE)
		return NGX_OK;
	set_limit(core->rlimit_nofile);
	if (ngx_is_init_cycle(old))
		return NGX_OK;
	reload_take_listening(old, cycle);
	reload_move_idle(cycle);
	reload_take_connections(old, cycle);
	reload_keep(old);
	reload_collect_soon();

	old_core = (ngx_core_conf_t *)ngx_get_conf(old->conf_ctx, ngx_core_module);
	if (core->timer_resolution != old_core->timer_resolution)
		set_resolution(core->timer_resolution);
	/* `env`: the variables lie in a cycle's memory, too. */
	if (!ngx_set_environment(cycle, NULL))
		return NGX_ERROR;
	return NGX_OK;
}

static ngx_core_module_t context = {ngx_string("reload"), create_conf, init_conf};

ngx_module_t ngx_reload_module = {
	NGX_MODULE_V1,
	.ctx = &context,
	.type = NGX_CORE_MODULE,
	.init_module = init_module,
	.exit_process = reload_exit,
};
