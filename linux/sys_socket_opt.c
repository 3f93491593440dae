/* sys_socket_opt.c: setsockopt and getsockopt; the options of SOL_SOCKET, which are the same for every family. */
#include "linux/sys_socket.h"
#include "linux/timespec.h"

#define BUF_MIN 2304
#define BUF_MAX (8 << 20)

struct timeval64 {
	int64_t sec, usec;
};
struct linger {
	int32_t on, seconds;
};

/* NULL: no such flag. */
static bool *flag_of(struct socket *s, int name)
{
	switch (name) {
	case SO_REUSEADDR:
		return &s->reuseaddr;
	case SO_REUSEPORT:
		return &s->reuseport;
	case SO_KEEPALIVE:
		return &s->keepalive;
	case SO_BROADCAST:
		return &s->broadcast;
	case SO_OOBINLINE:
		return &s->oobinline;
	case SO_PASSCRED:
		return &s->passcred;
	default:
		return NULL;
	}
}

static int set_timeout(uint64_t *to, const struct timeval64 *tv)
{
	if (tv->usec < 0 || tv->usec >= 1000000)
		return -EDOM;
	if (tv->sec < 0)
		*to = 0;
	else if (!tv->sec && !tv->usec)
		*to = TIME_NEVER;
	else
		*to = (uint64_t) MIN(tv->sec, INT32_MAX) * NSEC_PER_SEC + (uint64_t) tv->usec * NSEC_PER_USEC;
	return 0;
}

/* The user asks for half of what is counted (socket(7), SO_RCVBUF). */
static uint32_t buffer_size(int wish)
{
	uint32_t n = (uint32_t) MIN(MAX(wish, 0), BUF_MAX / 2);

	return MAX(n * 2, (uint32_t) BUF_MIN);
}

static int set_common(struct socket *s, int name, const void *value, unsigned len)
{
	int n = *(const int *) value;
	bool *flag = flag_of(s, name);
	const struct linger *l = value;

	if (flag) {
		*flag = n;
		return 0;
	}
	switch (name) {
	case SO_SNDBUF:
	case SO_SNDBUFFORCE:
		s->sndbuf = buffer_size(n);
		return 0;
	case SO_RCVBUF:
	case SO_RCVBUFFORCE:
		s->rcvbuf = buffer_size(n);
		return 0;
	case SO_RCVLOWAT:
		s->rcvlowat = n > 0 ? (uint32_t) n : 1;
		return 0;
	case SO_PRIORITY:
		s->priority = (uint32_t) n;
		return 0;
	case SO_LINGER:
		if (len < sizeof(*l))
			return -EINVAL;
		s->linger = l->on;
		s->linger_s = (uint16_t) MIN((uint32_t) l->seconds, UINT16_MAX);
		return 0;
	case SO_RCVTIMEO:
	case SO_SNDTIMEO:
		if (len < sizeof(struct timeval64))
			return -EINVAL;
		return set_timeout(name == SO_RCVTIMEO ? &s->rcv_timeout_ns : &s->snd_timeout_ns, value);
	case SO_DEBUG:
	case SO_DONTROUTE:
	case SO_NO_CHECK:
	case SO_BUSY_POLL:
	case SO_INCOMING_CPU:
	case SO_TIMESTAMP:
		return 0; /* hints */
	case SO_TYPE:
	case SO_ERROR:
	case SO_ACCEPTCONN:
	case SO_PROTOCOL:
	case SO_DOMAIN:
	default:
		return -ENOPROTOOPT;
	}
}

long sys_setsockopt(int fd, int level, int name, uint64_t user_value, int user_len)
{
	uint64_t value[SOCKET_OPT_MAX / 8] = { 0 };
	unsigned len = MIN((unsigned) user_len, SOCKET_OPT_MAX);
	struct socket *s;
	struct file *f;
	int r;

	r = socket_fd(fd, &f, &s);
	if (r < 0)
		return r;
	r = user_len < 0 ? -EINVAL : copy_from_user(value, user_value, len);
	if (r >= 0 && level == SOL_SOCKET) {
		r = len < sizeof(int) ? -EINVAL : set_common(s, name, value, len);
		if ((r >= 0 || r == -ENOPROTOOPT) && s->ops->setopt) {
			int r2 = s->ops->setopt(s, level, name, value, len);

			r = r < 0 ? r2 : r;
		}
	} else if (r >= 0) {
		r = s->ops->setopt ? s->ops->setopt(s, level, name, value, len) : -EOPNOTSUPP;
	}
	file_put(f);
	return r;
}

static int put_timeout(uint64_t ns, void *value)
{
	struct timeval64 tv = { 0 };

	if (ns != TIME_NEVER)
		tv = (struct timeval64){ ns / NSEC_PER_SEC, ns % NSEC_PER_SEC / NSEC_PER_USEC };
	memcpy(value, &tv, sizeof(tv));
	return sizeof(tv);
}

/* The value's length, or -ENOPROTOOPT. */
static int get_common(struct socket *s, int name, void *value)
{
	struct linger l = { s->linger, s->linger_s };
	bool *flag = flag_of(s, name);
	int n;

	if (flag) {
		n = *flag;
	} else {
		switch (name) {
		case SO_TYPE:
			n = s->type;
			break;
		case SO_DOMAIN:
			n = s->family;
			break;
		case SO_PROTOCOL:
			n = s->protocol;
			break;
		case SO_ERROR:
			n = -socket_take_error(s);
			break;
		case SO_ACCEPTCONN:
			n = s->state == SOCKET_LISTENING;
			break;
		case SO_SNDBUF:
			n = (int) s->sndbuf;
			break;
		case SO_RCVBUF:
			n = (int) s->rcvbuf;
			break;
		case SO_RCVLOWAT:
			n = (int) s->rcvlowat;
			break;
		case SO_SNDLOWAT:
			n = 1;
			break;
		case SO_PRIORITY:
			n = (int) s->priority;
			break;
		case SO_DEBUG:
		case SO_DONTROUTE:
		case SO_NO_CHECK:
		case SO_BUSY_POLL:
		case SO_INCOMING_CPU:
		case SO_TIMESTAMP:
			n = 0;
			break;
		case SO_LINGER:
			memcpy(value, &l, sizeof(l));
			return sizeof(l);
		case SO_RCVTIMEO:
			return put_timeout(s->rcv_timeout_ns, value);
		case SO_SNDTIMEO:
			return put_timeout(s->snd_timeout_ns, value);
		default:
			return -ENOPROTOOPT;
		}
	}
	memcpy(value, &n, sizeof(n));
	return sizeof(n);
}

long sys_getsockopt(int fd, int level, int name, uint64_t user_value, uint64_t user_len)
{
	uint64_t value[SOCKET_OPT_MAX / 8];
	struct socket *s;
	struct file *f;
	int room, r;

	r = copy_from_user(&room, user_len, sizeof(room));
	if (r >= 0)
		r = socket_fd(fd, &f, &s);
	if (r < 0)
		return r;
	r = level == SOL_SOCKET ? get_common(s, name, value) : -ENOPROTOOPT;
	if (r == -ENOPROTOOPT)
		r = s->ops->getopt	  ? s->ops->getopt(s, level, name, value)
		    : level == SOL_SOCKET ? -ENOPROTOOPT
					  : -EOPNOTSUPP;
	file_put(f);
	if (r < 0)
		return r;
	if (room < 0)
		return -EINVAL;
	room = MIN(room, r);
	r = copy_to_user(user_value, value, (size_t) room);
	return r < 0 ? r : copy_to_user(user_len, &room, sizeof(room));
}
