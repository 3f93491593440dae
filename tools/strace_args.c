/*
 * strace_args.c: arguments of system calls as text: numbers by their names in C, memory by what lies there.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>

#include "tools/strace_calls.h"

struct name {
	uint64_t value;
	const char *name;
};
#define N(x)                      \
	{                         \
		(uint64_t)(x), #x \
	}
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct name open_flags[] = {
	N(O_CREAT),    N(O_EXCL),	   N(O_NOCTTY),	  N(O_TRUNC),	N(O_APPEND),
	N(O_NONBLOCK), {O_SYNC, "O_SYNC"}, N(O_DSYNC),	  N(O_DIRECT),	{0100000, "O_LARGEFILE"},
	N(O_TMPFILE),  N(O_DIRECTORY),	   N(O_NOFOLLOW), N(O_NOATIME), N(O_CLOEXEC),
	N(O_PATH),
};
static const struct name prot[] = {N(PROT_READ), N(PROT_WRITE), N(PROT_EXEC)};
static const struct name map_flags[] = {
	{MAP_SHARED_VALIDATE, "MAP_SHARED_VALIDATE"},
	N(MAP_SHARED),
	N(MAP_PRIVATE),
	N(MAP_FIXED),
	N(MAP_ANONYMOUS),
	N(MAP_GROWSDOWN),
	N(MAP_NORESERVE),
	N(MAP_POPULATE),
	N(MAP_STACK),
	N(MAP_FIXED_NOREPLACE),
};
static const struct name access_modes[] = {N(R_OK), N(W_OK), N(X_OK)};
static const struct name msg_flags[] = {
	N(MSG_OOB), N(MSG_PEEK), N(MSG_DONTWAIT), N(MSG_WAITALL), N(MSG_NOSIGNAL), N(MSG_MORE), N(MSG_TRUNC),
};
static const struct name cloexec_flags[] = {N(O_CLOEXEC), N(O_NONBLOCK)};
static const struct name at_flags[] = {
	N(AT_SYMLINK_NOFOLLOW), N(AT_REMOVEDIR), N(AT_SYMLINK_FOLLOW), N(AT_NO_AUTOMOUNT), N(AT_EMPTY_PATH),
};
static const struct name epoll_events[] = {
	N(EPOLLIN),    N(EPOLLPRI),	  N(EPOLLOUT),	   N(EPOLLERR), N(EPOLLHUP),
	N(EPOLLRDHUP), N(EPOLLEXCLUSIVE), N(EPOLLONESHOT), N(EPOLLET),
};
static const struct name poll_events[] = {
	N(POLLIN), N(POLLPRI), N(POLLOUT), N(POLLERR), N(POLLHUP), N(POLLNVAL),
};
static const struct name flock_flags[] = {N(LOCK_SH), N(LOCK_EX), N(LOCK_UN), N(LOCK_NB)};
static const struct name socket_flags[] = {N(SOCK_NONBLOCK), N(SOCK_CLOEXEC)};
/* Linux's <linux/futex.h>, a name that the kernel here has, too. */
#define FUTEX_CMD_MASK 127
static const struct name futex_flags[] = {{128, "FUTEX_PRIVATE_FLAG"}, {256, "FUTEX_CLOCK_REALTIME"}};

static const struct name advices[] = {
	N(MADV_NORMAL),	  N(MADV_RANDOM), N(MADV_SEQUENTIAL), N(MADV_WILLNEED),
	N(MADV_DONTNEED), N(MADV_FREE),	  N(MADV_HUGEPAGE),   N(MADV_NOHUGEPAGE),
};
static const struct name whence[] = {N(SEEK_SET), N(SEEK_CUR), N(SEEK_END)};
static const struct name fcntl_commands[] = {
	N(F_DUPFD),  N(F_GETFD),  N(F_SETFD),  N(F_GETFL),	   N(F_SETFL),	    N(F_GETLK),	     N(F_SETLK),
	N(F_SETLKW), N(F_SETOWN), N(F_GETOWN), N(F_DUPFD_CLOEXEC), N(F_SETPIPE_SZ), N(F_GETPIPE_SZ),
};
static const struct name ioctls[] = {
	N(TCGETS), N(TCSETS), N(TIOCGWINSZ), N(TIOCSWINSZ), N(FIONBIO), N(FIONREAD), N(TIOCGPGRP), N(TIOCSPGRP),
};
static const struct name clocks[] = {
	N(CLOCK_REALTIME),	N(CLOCK_MONOTONIC),	  N(CLOCK_PROCESS_CPUTIME_ID), N(CLOCK_THREAD_CPUTIME_ID),
	N(CLOCK_MONOTONIC_RAW), N(CLOCK_REALTIME_COARSE), N(CLOCK_MONOTONIC_COARSE),   N(CLOCK_BOOTTIME),
};
static const struct name sigmask[] = {N(SIG_BLOCK), N(SIG_UNBLOCK), N(SIG_SETMASK)};
static const struct name futex_ops[] = {
	{0, "FUTEX_WAIT"},	  {1, "FUTEX_WAKE"},	    {3, "FUTEX_REQUEUE"},
	{4, "FUTEX_CMP_REQUEUE"}, {5, "FUTEX_WAKE_OP"},	    {6, "FUTEX_LOCK_PI"},
	{7, "FUTEX_UNLOCK_PI"},	  {9, "FUTEX_WAIT_BITSET"}, {10, "FUTEX_WAKE_BITSET"},
};
static const struct name families[] = {N(AF_UNSPEC), N(AF_UNIX), N(AF_INET), N(AF_INET6), N(AF_NETLINK)};
static const struct name socket_types[] = {N(SOCK_STREAM), N(SOCK_DGRAM), N(SOCK_RAW), N(SOCK_SEQPACKET)};
static const struct name levels[] = {
	N(SOL_SOCKET),
	{IPPROTO_TCP, "SOL_TCP"},
	{IPPROTO_IP, "SOL_IP"},
	{IPPROTO_IPV6, "SOL_IPV6"},
};
static const struct name socket_options[] = {
	N(SO_DEBUG),	 N(SO_REUSEADDR), N(SO_TYPE),	  N(SO_ERROR),	    N(SO_DONTROUTE),
	N(SO_BROADCAST), N(SO_SNDBUF),	  N(SO_RCVBUF),	  N(SO_KEEPALIVE),  N(SO_LINGER),
	N(SO_REUSEPORT), N(SO_RCVTIMEO),  N(SO_SNDTIMEO), N(SO_ACCEPTCONN),
};
static const struct name tcp_options[] = {
	N(TCP_NODELAY),	     N(TCP_MAXSEG), N(TCP_CORK),     N(TCP_KEEPIDLE),	  N(TCP_KEEPINTVL), N(TCP_KEEPCNT),
	N(TCP_DEFER_ACCEPT), N(TCP_INFO),   N(TCP_QUICKACK), N(TCP_USER_TIMEOUT), N(TCP_FASTOPEN),
};
static const struct name ipv6_options[] = {N(IPV6_V6ONLY)};
static const struct name shutdowns[] = {N(SHUT_RD), N(SHUT_WR), N(SHUT_RDWR)};
static const struct name epoll_ops[] = {N(EPOLL_CTL_ADD), N(EPOLL_CTL_DEL), N(EPOLL_CTL_MOD)};
static const struct name rlimits[] = {
	N(RLIMIT_CPU),	 N(RLIMIT_FSIZE),  N(RLIMIT_DATA),    N(RLIMIT_STACK), N(RLIMIT_CORE),
	N(RLIMIT_NPROC), N(RLIMIT_NOFILE), N(RLIMIT_MEMLOCK), N(RLIMIT_AS),
};

static const char *name_of(const struct name *names, size_t count, uint64_t value)
{
	for (size_t i = 0; i < count; i++)
		if (names[i].value == value)
			return names[i].name;
	return NULL;
}

static void print_name(FILE *f, const struct name *names, size_t count, uint64_t value)
{
	const char *name = name_of(names, count, value);

	if (name)
		fputs(name, f);
	else
		fprintf(f, "%lld", (long long)value);
}

/* Bits by name, the rest as a number; `first` (or NULL) was printed before. */
static void print_flags(FILE *f, const struct name *names, size_t count, uint64_t value, const char *first)
{
	const char *separator = "";

	if (first) {
		fputs(first, f);
		separator = "|";
	}
	for (size_t i = 0; i < count; i++)
		if (names[i].value && (value & names[i].value) == names[i].value) {
			fprintf(f, "%s%s", separator, names[i].name);
			separator = "|";
			value &= ~names[i].value;
		}
	if (value || !separator[0])
		fprintf(f, value ? "%s%#llx" : "%s0", separator, (unsigned long long)value);
}
#define NAME(names, value)  print_name(f, names, COUNT(names), value)
#define FLAGS(names, value) print_flags(f, names, COUNT(names), value, NULL)

/* Bytes as a C string, `limit` of them at most; `all` is how many there are. */
static void print_bytes(FILE *f, const char *bytes, size_t have, uint64_t all, unsigned limit)
{
	static const char special[] = "\n\t\r\"\\", letters[] = "ntr\"\\";
	size_t n = have < limit ? have : limit;

	fputc('"', f);
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)bytes[i];
		const char *escape = c ? strchr(special, c) : NULL;

		if (escape)
			fprintf(f, "\\%c", letters[escape - special]);
		else if (isprint(c))
			fputc(c, f);
		else
			fprintf(f, i + 1 < n && isdigit((unsigned char)bytes[i + 1]) ? "\\%03o" : "\\%o", c);
	}
	fputs(all > n ? "\"..." : "\"", f);
}

static void print_sockaddr(FILE *f, const char *data, size_t size)
{
	char text[INET6_ADDRSTRLEN] = "";
	struct sockaddr_in6 six;
	struct sockaddr_in four;
	struct sockaddr_un un;
	sa_family_t family;

	if (size < sizeof(family)) {
		fputs("{}", f);
		return;
	}
	memcpy(&family, data, sizeof(family));
	if (family == AF_INET && size >= sizeof(four)) {
		memcpy(&four, data, sizeof(four));
		inet_ntop(AF_INET, &four.sin_addr, text, sizeof(text));
		fprintf(f, "{sa_family=AF_INET, sin_port=htons(%u), sin_addr=inet_addr(\"%s\")}", ntohs(four.sin_port),
			text);
	} else if (family == AF_INET6 && size >= sizeof(six)) {
		memcpy(&six, data, sizeof(six));
		inet_ntop(AF_INET6, &six.sin6_addr, text, sizeof(text));
		fprintf(f, "{sa_family=AF_INET6, sin6_port=htons(%u), sin6_addr=\"%s\"}", ntohs(six.sin6_port), text);
	} else if (family == AF_UNIX) {
		size_t n = (size < sizeof(un) ? size : sizeof(un)) - sizeof(family);
		const char *name = un.sun_path;

		memset(&un, 0, sizeof(un));
		memcpy(&un, data, sizeof(family) + n);
		fputs("{sa_family=AF_UNIX, sun_path=", f);
		if (n && !*name) { /* unix(7): abstract */
			fputc('@', f);
			name++;
			n--;
		}
		n = strnlen(name, n);
		print_bytes(f, name, n, n, sizeof(un.sun_path));
		fputc('}', f);
	} else {
		fputs("{sa_family=", f);
		NAME(families, family);
		fputc('}', f);
	}
}

/* The slot with what argument i points to, or NULL. */
static const char *slot_of(const struct strace_event *e, const struct strace_call *c, unsigned i, size_t *ret_size)
{
	unsigned slot = 0;

	for (unsigned k = 0; k < i; k++)
		slot += strace_fetch_of(c->types[k], k).kind != STRACE_NOTHING;
	if (slot >= STRACE_SLOTS || strace_fetch_of(c->types[i], i).kind == STRACE_NOTHING || !e->lengths[slot])
		return NULL;
	*ret_size = e->lengths[slot];
	return e->data[slot];
}

static void print_iov(FILE *f, const struct strace_event *e, const char *data, size_t size, uint64_t count,
		      unsigned limit)
{
	struct iovec v;

	fputc('[', f);
	for (size_t i = 0; i < size / sizeof(v); i++) {
		memcpy(&v, data + i * sizeof(v), sizeof(v));
		fputs(i ? ", {iov_base=" : "{iov_base=", f);
		if (i == 0 && e->lengths[1])
			print_bytes(f, e->data[1], e->lengths[1], v.iov_len, limit);
		else
			fprintf(f, "%p", v.iov_base);
		fprintf(f, ", iov_len=%zu}", v.iov_len);
	}
	fputs(count > size / sizeof(v) ? ", ...]" : "]", f);
}

static void print_stat(FILE *f, const char *data, size_t size)
{
	static const struct name kinds[] = {N(S_IFREG), N(S_IFDIR), N(S_IFCHR), N(S_IFBLK),
					    N(S_IFIFO), N(S_IFLNK), N(S_IFSOCK)};
	struct stat st;

	memset(&st, 0, sizeof(st));
	memcpy(&st, data, size < sizeof(st) ? size : sizeof(st));
	fputs("{st_mode=", f);
	NAME(kinds, st.st_mode & S_IFMT);
	fprintf(f, "|%#o, st_size=%lld, ...}", st.st_mode & 07777, (long long)st.st_size);
}

static void print_epoll(FILE *f, const char *data, size_t size, uint64_t count)
{
	struct epoll_event ev;

	for (size_t i = 0; i < count && (i + 1) * sizeof(ev) <= size; i++) {
		memcpy(&ev, data + i * sizeof(ev), sizeof(ev));
		fputs(i ? ", {events=" : "{events=", f);
		FLAGS(epoll_events, ev.events);
		if (ev.data.u64 <= INT32_MAX)
			fprintf(f, ", data=%llu}", (unsigned long long)ev.data.u64);
		else
			fprintf(f, ", data=%#llx}", (unsigned long long)ev.data.u64);
	}
	if (count * sizeof(ev) > size)
		fputs(", ...", f);
}

/* What memory holds; false: nothing is known of it. */
static bool print_memory(FILE *f, const struct strace_event *e, const struct strace_call *c, unsigned i, unsigned limit)
{
	uint64_t next = i < 5 ? e->args[i + 1] : 0;
	struct timespec ts;
	struct pollfd p;
	size_t size;
	const char *data = slot_of(e, c, i, &size);
	int two[2];

	if (!data)
		return false;
	switch (c->types[i]) {
	case T_STRING:
		print_bytes(f, data, strnlen(data, size), strnlen(data, size) < size - 1 ? 0 : size - 1, STRACE_DATA);
		return true;
	case T_BYTES_IN:
		print_bytes(f, data, size, next, limit);
		return true;
	case T_BYTES_OUT:
		print_bytes(f, data, size, (uint64_t)e->ret, limit);
		return true;
	case T_IOV_IN:
	case T_IOV_OUT:
		print_iov(f, e, data, size, next, limit);
		return true;
	case T_SOCKADDR_IN:
	case T_SOCKADDR_OUT:
		print_sockaddr(f, data, size);
		return true;
	case T_TIMESPEC_IN:
	case T_TIMESPEC_OUT:
	case T_TIMEVAL_OUT:
		memcpy(&ts, data, sizeof(ts));
		fprintf(f, c->types[i] == T_TIMEVAL_OUT ? "{tv_sec=%lld, tv_usec=%ld}" : "{tv_sec=%lld, tv_nsec=%ld}",
			(long long)ts.tv_sec, ts.tv_nsec);
		return true;
	case T_EPOLL_IN:
		print_epoll(f, data, size, 1);
		return true;
	case T_EPOLL_OUT:
		fputc('[', f);
		print_epoll(f, data, size, (uint64_t)e->ret);
		fputc(']', f);
		return true;
	case T_FDS_OUT:
		memcpy(two, data, sizeof(two));
		fprintf(f, "[%d, %d]", two[0], two[1]);
		return true;
	case T_INT_IN:
		memcpy(two, data, sizeof(two[0]));
		fprintf(f, "[%d]", two[0]);
		return true;
	case T_STAT_OUT:
		print_stat(f, data, size);
		return true;
	case T_POLL_IN:
		memcpy(&p, data, sizeof(p));
		fprintf(f, "[{fd=%d, events=", p.fd);
		FLAGS(poll_events, (uint16_t)p.events);
		fputs(next > 1 ? "}, ...]" : "}]", f);
		return true;
	case T_RLIMIT_OUT: {
		struct rlimit r;

		memcpy(&r, data, sizeof(r));
		fprintf(f, "{rlim_cur=%lld, rlim_max=%lld}", (long long)r.rlim_cur, (long long)r.rlim_max);
		return true;
	}
	default:
		return false;
	}
}

static void print_option(FILE *f, uint64_t level, uint64_t option)
{
	if (level == SOL_SOCKET)
		NAME(socket_options, option);
	else if (level == IPPROTO_TCP)
		NAME(tcp_options, option);
	else if (level == IPPROTO_IPV6)
		NAME(ipv6_options, option);
	else
		fprintf(f, "%lld", (long long)option);
}

/* Numbers that have names; false: it is none. */
static bool print_named(FILE *f, enum strace_type type, uint64_t v, const uint64_t *args)
{
	static const char *const modes[] = {"O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE"};
	const char *name;

	switch (type) {
	case T_OPEN:
		print_flags(f, open_flags, COUNT(open_flags), v & ~3ull, modes[v & 3]);
		return true;
	case T_ACCESS:
		if (v)
			FLAGS(access_modes, v);
		else
			fputs("F_OK", f);
		return true;
	case T_PROT:
		if (v)
			FLAGS(prot, v);
		else
			fputs("PROT_NONE", f);
		return true;
	case T_MAP:
		FLAGS(map_flags, v);
		return true;
	case T_MADVISE:
		NAME(advices, v);
		return true;
	case T_WHENCE:
		NAME(whence, v);
		return true;
	case T_FCNTL:
		NAME(fcntl_commands, v);
		return true;
	case T_IOCTL:
		name = name_of(ioctls, COUNT(ioctls), v);
		fprintf(f, name ? "%s" : "%s%#llx", name ? name : "", (unsigned long long)v);
		return true;
	case T_CLOCK:
		NAME(clocks, v);
		return true;
	case T_SIGNAL:
		name = v < 65 ? sigabbrev_np((int)v) : NULL;
		fprintf(f, name ? "SIG%s" : "%s%llu", name ? name : "", (unsigned long long)v);
		return true;
	case T_SIGMASK:
		NAME(sigmask, v);
		return true;
	case T_FUTEX:
		name = name_of(futex_ops, COUNT(futex_ops), v & FUTEX_CMD_MASK);
		print_flags(f, futex_flags, COUNT(futex_flags), name ? v & ~(uint64_t)FUTEX_CMD_MASK : v, name);
		return true;
	case T_FAMILY:
		NAME(families, v);
		return true;
	case T_SOCKET:
		name = name_of(socket_types, COUNT(socket_types), v & 15);
		print_flags(f, socket_flags, COUNT(socket_flags), name ? v & ~15ull : v, name);
		return true;
	case T_LEVEL:
		NAME(levels, v);
		return true;
	case T_OPTION:
		print_option(f, args[1], v);
		return true;
	case T_MSG:
		FLAGS(msg_flags, v);
		return true;
	case T_SHUTDOWN:
		NAME(shutdowns, v);
		return true;
	case T_EPOLL_OP:
		NAME(epoll_ops, v);
		return true;
	case T_CLOEXEC:
		FLAGS(cloexec_flags, v);
		return true;
	case T_AT_FLAGS:
		FLAGS(at_flags, v);
		return true;
	case T_RLIMIT:
		NAME(rlimits, v);
		return true;
	case T_FLOCK:
		FLAGS(flock_flags, v);
		return true;
	default:
		return false;
	}
}

bool strace_event_read(const void *data, size_t size, struct strace_event *ret)
{
	if (size < offsetof(struct strace_event, data) || size > sizeof(*ret))
		return false;
	memset(ret, 0, sizeof(*ret));
	memcpy(ret, data, size);
	for (size_t i = 0; i < STRACE_SLOTS; i++)
		if (ret->lengths[i] > STRACE_DATA)
			ret->lengths[i] = STRACE_DATA;
	return true;
}

void strace_print_arg(FILE *f, const struct strace_event *e, const struct strace_call *c, unsigned i, unsigned limit)
{
	enum strace_type type = c ? c->types[i] : T_HEX;
	uint64_t v = e->args[i];

	if ((c && print_memory(f, e, c, i, limit)) || print_named(f, type, v, e->args))
		return;
	switch (type) {
	case T_AT_FD:
	case T_FD:
	case T_INT:
		if (type == T_AT_FD && (int)v == AT_FDCWD)
			fputs("AT_FDCWD", f);
		else
			fprintf(f, "%d", (int)v);
		break;
	case T_LONG:
		fprintf(f, "%lld", (long long)v);
		break;
	case T_UNSIGNED:
		fprintf(f, "%llu", (unsigned long long)v);
		break;
	case T_OCTAL:
	case T_MODE:
		fprintf(f, "%#llo", (unsigned long long)v);
		break;
	case T_HEX:
		fprintf(f, v ? "%#llx" : "0", (unsigned long long)v);
		break;
	default:
		if (v)
			fprintf(f, "%#llx", (unsigned long long)v);
		else
			fputs("NULL", f);
	}
}

unsigned strace_arg_count(const struct strace_event *e, const struct strace_call *c)
{
	unsigned n = 0;

	if (!c)
		return 6;
	while (n < 6 && c->types[n] != T_NONE)
		n++;
	/* open()'s mode is there only with O_CREAT. */
	if (n && c->types[n - 1] == T_MODE && !(e->args[n - 2] & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY))))
		n--;
	return n;
}
