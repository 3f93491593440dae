/*
 * old.c: old cycles. Requests that began under one end under it: its logs stay open and its shared memory stays mapped,
 * which nginx, used to processes that end, would close and unmap at the reload. Then it goes, at once and not after
 * nginx's 30 seconds, so that frequent reloads need no more memory than one.
 */
#include "reload.h"

enum { COLLECT_MS = 1000 };

static ngx_event_t collector;

/* nginx walks the lists once more after the hook; it finds them empty. */
static void take_list(ngx_list_t *to, ngx_list_t *from)
{
	*to = *from;
	from->part.nelts = 0;
	from->part.next = NULL;
	from->last = &from->part;
}

void reload_keep(ngx_cycle_t *old)
{
	take_list(&reload_conf_of(old)->files, &old->open_files);
	take_list(&reload_conf_of(old)->zones, &old->shared_memory);
}

/* Walks an nginx list; part and i are the walker's. */
static void *next_of(ngx_list_part_t **part, ngx_uint_t *i, size_t size)
{
	while (*part && *i >= (*part)->nelts) {
		*part = (*part)->next;
		*i = 0;
	}
	return *part ? (char *)(*part)->elts + (*i)++ * size : NULL;
}

void reload_flush_logs(ngx_list_t *files, ngx_log_t *log)
{
	ngx_list_part_t *part = &files->part;
	ngx_open_file_t *file;
	ngx_uint_t i = 0;

	while ((file = next_of(&part, &i, sizeof(*file)))) {
		if (file->flush)
			file->flush(file, log);
	}
}

static void close_files(ngx_list_t *files, ngx_log_t *log)
{
	ngx_list_part_t *part = &files->part;
	ngx_open_file_t *file;
	ngx_uint_t i = 0;

	while ((file = next_of(&part, &i, sizeof(*file)))) {
		if (file->fd != NGX_INVALID_FILE && file->fd != ngx_stderr && ngx_close_file(file->fd) == NGX_FILE_ERROR)
			ngx_log_error(NGX_LOG_EMERG, log, ngx_errno, ngx_close_file_n " \"%s\" failed", file->name.data);
	}
}

static int has_zone(ngx_list_t *zones, u_char *addr)
{
	ngx_list_part_t *part = &zones->part;
	ngx_shm_zone_t *zone;
	ngx_uint_t i = 0;

	while ((zone = next_of(&part, &i, sizeof(*zone)))) {
		if (zone->shm.addr == addr)
			return 1;
	}
	return 0;
}

/* A zone of the same name, size and use is one memory in several cycles. */
static int has_zone_elsewhere(ngx_cycle_t *gone, u_char *addr)
{
	ngx_cycle_t **old = ngx_old_cycles.elts;

	for (ngx_uint_t i = 0; i < ngx_old_cycles.nelts; i++) {
		if (old[i] && old[i] != gone && has_zone(&reload_conf_of(old[i])->zones, addr))
			return 1;
	}
	return has_zone((ngx_list_t *)&ngx_cycle->shared_memory, addr);
}

static void free_zones(ngx_cycle_t *old)
{
	ngx_list_part_t *part = &reload_conf_of(old)->zones.part;
	ngx_shm_zone_t *zone;
	ngx_uint_t i = 0;

	while ((zone = next_of(&part, &i, sizeof(*zone)))) {
		if (!has_zone_elsewhere(old, zone->shm.addr))
			ngx_shm_free(&zone->shm);
	}
}

struct question {
	ngx_cycle_t *cycle;
	int used;
};

static void ask(ngx_connection_t *c, void *data)
{
	struct question *question = data;
	ngx_listening_t *first = question->cycle->listening.elts;

	if (c->listening >= first && c->listening < first + question->cycle->listening.nelts)
		question->used = 1;
}

static int is_used(ngx_cycle_t *old)
{
	struct question question = {old, 0};

	reload_each(ask, &question);
	return question.used;
}

static void collect(ngx_event_t *ev)
{
	ngx_cycle_t **old = ngx_old_cycles.elts, *cycle = (ngx_cycle_t *)ngx_cycle;
	ngx_uint_t used = 0;

	reload_move_idle(cycle);
	for (ngx_uint_t i = 0; i < ngx_old_cycles.nelts; i++) {
		if (!old[i])
			continue;
		if (is_used(old[i])) {
			used++;
			continue;
		}
		ngx_log_error(NGX_LOG_INFO, cycle->log, 0, "an old configuration has served its last request");
		reload_flush_logs(&reload_conf_of(old[i])->files, cycle->log);
		close_files(&reload_conf_of(old[i])->files, cycle->log);
		free_zones(old[i]);
		if (cycle->old_cycle == old[i])
			cycle->old_cycle = NULL;
		ngx_destroy_pool(old[i]->pool);
		old[i] = NULL;
	}
	while (ngx_old_cycles.nelts > 0 && !old[ngx_old_cycles.nelts - 1])
		ngx_old_cycles.nelts--;
	if (used > 0)
		ngx_add_timer(&collector, COLLECT_MS);
}

/* Not from within the hook: there the old cycle is in force still, and nginx has not let go of it. */
void reload_collect_soon(void)
{
	static ngx_connection_t none = {.fd = (ngx_socket_t)-1};

	collector.handler = collect;
	collector.data = &none;
	collector.log = ngx_cycle->log;
	collector.cancelable = 1;
	if (collector.timer_set)
		ngx_del_timer(&collector);
	ngx_post_event(&collector, &ngx_posted_next_events);
}
