/* server_qemu.h: for server.c alone: how a guest that serves is started. The caller keeps what they return. */
#ifndef BENCH_SERVER_QEMU_H
#define BENCH_SERVER_QEMU_H

#include "bench/server.h"

/* Where clients of this process find it. */
struct endpoint server_endpoint(const struct server_plan *p);
const char *server_image(const struct server_plan *p);
char *const *server_arguments(const struct server_plan *p);
/* QEMU's words; qmp is the path of a socket for its monitor, with which instructions are counted, or NULL. */
struct strv server_command(const struct server_plan *p, const char *qmp);
/* The options of `uio run` for the same. */
struct strv server_uio_options(const struct server_plan *p, const char *qmp);

#endif
