/*
 * paths.h: where state and sockets live.
 */
#ifndef HOST_PATHS_H
#define HOST_PATHS_H

/* $XDG_STATE_HOME/uio or ~/.local/state/uio; made if need be. Static storage. */
const char *state_home(void);

/*
 * Makes a new private directory for the sockets of `name`, short enough for every socket in it to fit sockaddr_un, and
 * returns its path: under $XDG_RUNTIME_DIR/uio, or /tmp/uio-UID where that is not set or too long. The caller frees.
 */
char *run_dir_make(const char *name);

/* A folder beside the uio binary, "../images"; NULL if that cannot be told. The caller frees. */
char *beside_binary(const char *relative);

#endif
