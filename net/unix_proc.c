/* unix_proc.c: /proc/net/unix, in Linux's format (proc(5), net/unix/af_unix.c): what netstat -x prints. */
#include "fs/proc.h"
#include "kernel/entry.h"
#include "net/unix_sock.h"

struct list unix_all = LIST_INIT(unix_all);

#define SO_ACCEPTCON 0x10000 /* include/uapi/linux/net.h */
enum { SS_UNCONNECTED = 1, SS_CONNECTING = 2, SS_CONNECTED = 3 }; /* its enum socket_state */

static void show_name(struct proc_text *t, const struct unix_sock *u)
{
	if (!u->name)
		return;
	proc_write(t, " ", 1);
	/* A path is kept with its final 0; the zeros of an abstract name are shown as '@'. */
	for (unsigned i = 0; i < u->name_len - (u->name[0] ? 1 : 0); i++)
		proc_write(t, u->name[i] ? (const char *) &u->name[i] : "@", 1);
}

static void show_row(struct proc_text *t, const struct unix_sock *u)
{
	const struct socket *s = u->s;
	bool listening = s->state == SOCKET_LISTENING;

	proc_printf(t, "0000000000000000: %08X 00000000 %08X %04X %02X %5lu", u->refs + 1, listening ? SO_ACCEPTCON : 0,
		    s->type, s->state == SOCKET_CONNECTED ? SS_CONNECTED : s->state == SOCKET_CONNECTING ? SS_CONNECTING
		    : SS_UNCONNECTED, (unsigned long) s->v.ino);
	show_name(t, u);
	proc_printf(t, "\n");
}

/* In pieces, as net/proc.c does it: new sockets come last here, so only those that went shift the rest. at[0]: the
 * sockets passed, at[1]: the last of them. */
void unix_show_proc(struct proc_text *t, const struct proc_key *k)
{
	struct unix_sock *u;
	uint64_t skip = t->at[0], n = 0;
	bool known = false;

	list_for_each (u, &unix_all, all_node)
		known |= (uint64_t) u == t->at[1];
	if (!skip)
		proc_printf(t, "Num       RefCount Protocol Flags    Type St Inode Path\n");
	list_for_each (u, &unix_all, all_node) {
		n++;
		if (skip) {
			skip = known ? (uint64_t) u != t->at[1] : skip - 1;
			continue;
		}
		show_row(t, u);
		t->at[0] = n;
		t->at[1] = (uint64_t) u;
		t->more = t->len >= PROC_PIECE;
		if (t->more)
			return;
	}
}

/* Where there is a network, its directory has this file, too. */
static const struct proc_entry files[] = {
	{ .name = "unix", .mode = PROC_FILE, .show = unix_show_proc },
	{ NULL },
};
static const struct proc_entry directory[] = { { .name = "net", .mode = PROC_DIR, .children = files }, { NULL } };

static void unix_proc(void)
{
	if (!proc_network)
		proc_network = directory;
}
INIT(50, unix_proc);
