/* sys.h: the system calls on files, directories and descriptors. Each works on the current process, takes its arguments
 * as the registers hold them (a user pointer is an integer) and returns a result or a negative errno. What each does is
 * said by its page in section 2 of the Linux manual; only deviations are noted where it is defined. */
#ifndef UIO_LINUX_SYS_H
#define UIO_LINUX_SYS_H

#include "kernel/types.h"

/* sys_file.c, sys_file_at.c */
long sys_read(int fd, uint64_t buf, uint64_t len);
long sys_write(int fd, uint64_t buf, uint64_t len);
long sys_readv(int fd, uint64_t iov, int count);
long sys_writev(int fd, uint64_t iov, int count);
long sys_close(int fd);
long sys_lseek(int fd, int64_t off, int whence);
long sys_pread64(int fd, uint64_t buf, uint64_t len, uint64_t off);
long sys_pwrite64(int fd, uint64_t buf, uint64_t len, uint64_t off);
long sys_preadv(int fd, uint64_t iov, int count, uint64_t off, uint64_t off_high);
long sys_pwritev(int fd, uint64_t iov, int count, uint64_t off, uint64_t off_high);
long sys_preadv2(int fd, uint64_t iov, int count, uint64_t off, uint64_t off_high, int flags);
long sys_pwritev2(int fd, uint64_t iov, int count, uint64_t off, uint64_t off_high, int flags);
long sys_sendfile(int out, int in, uint64_t off, uint64_t len);

/* sys_ioctl.c */
long sys_ioctl(int fd, unsigned cmd, uint64_t arg);

/* sys_file_dup.c, sys_file_fcntl.c */
long sys_dup(int fd);
long sys_dup2(int from, int to);
long sys_dup3(int from, int to, int flags);
long sys_fcntl(int fd, int cmd, uint64_t arg);
long sys_close_range(unsigned first, unsigned last, unsigned flags);

/* sys_file_open.c */
long sys_open(uint64_t path, int flags, unsigned mode);
long sys_openat(int dirfd, uint64_t path, int flags, unsigned mode);
long sys_creat(uint64_t path, unsigned mode);

/* sys_file_size.c, sys_file_sync.c */
long sys_truncate(uint64_t path, int64_t len);
long sys_ftruncate(int fd, int64_t len);
long sys_fallocate(int fd, int mode, int64_t off, int64_t len);
long sys_fsync(int fd);
long sys_fdatasync(int fd);
long sys_sync(void);
long sys_syncfs(int fd);
long sys_sync_file_range(int fd, int64_t off, int64_t len, unsigned flags);
long sys_readahead(int fd, int64_t off, uint64_t len);
long sys_fadvise64(int fd, int64_t off, int64_t len, int advice);

/* sys_stat.c, sys_statx.c, sys_stat_fs.c */
long sys_stat(uint64_t path, uint64_t buf);
long sys_lstat(uint64_t path, uint64_t buf);
long sys_fstat(int fd, uint64_t buf);
long sys_newfstatat(int dirfd, uint64_t path, uint64_t buf, int flags);
long sys_statx(int dirfd, uint64_t path, int flags, unsigned mask, uint64_t buf);
long sys_access(uint64_t path, int mode);
long sys_faccessat(int dirfd, uint64_t path, int mode);
long sys_faccessat2(int dirfd, uint64_t path, int mode, int flags);
long sys_statfs(uint64_t path, uint64_t buf);
long sys_fstatfs(int fd, uint64_t buf);

/* sys_stat_set.c */
long sys_chmod(uint64_t path, unsigned mode);
long sys_fchmod(int fd, unsigned mode);
long sys_fchmodat(int dirfd, uint64_t path, unsigned mode);
long sys_chown(uint64_t path, unsigned uid, unsigned gid);
long sys_lchown(uint64_t path, unsigned uid, unsigned gid);
long sys_fchown(int fd, unsigned uid, unsigned gid);
long sys_fchownat(int dirfd, uint64_t path, unsigned uid, unsigned gid, int flags);
long sys_utime(uint64_t path, uint64_t times);
long sys_utimes(uint64_t path, uint64_t times);
long sys_futimesat(int dirfd, uint64_t path, uint64_t times);
long sys_utimensat(int dirfd, uint64_t path, uint64_t times, int flags);

/* sys_dir.c, sys_dir_names.c, sys_dir_read.c */
long sys_getcwd(uint64_t buf, uint64_t size);
long sys_chdir(uint64_t path);
long sys_fchdir(int fd);
long sys_chroot(uint64_t path);
long sys_umask(unsigned mask);
long sys_mkdir(uint64_t path, unsigned mode);
long sys_mkdirat(int dirfd, uint64_t path, unsigned mode);
long sys_mknod(uint64_t path, unsigned mode, uint64_t dev);
long sys_mknodat(int dirfd, uint64_t path, unsigned mode, uint64_t dev);
long sys_rmdir(uint64_t path);
long sys_unlink(uint64_t path);
long sys_unlinkat(int dirfd, uint64_t path, int flags);
long sys_rename(uint64_t from, uint64_t to);
long sys_renameat(int from_fd, uint64_t from, int to_fd, uint64_t to);
long sys_renameat2(int from_fd, uint64_t from, int to_fd, uint64_t to, unsigned flags);
long sys_link(uint64_t from, uint64_t to);
long sys_linkat(int from_fd, uint64_t from, int to_fd, uint64_t to, int flags);
long sys_symlink(uint64_t target, uint64_t path);
long sys_symlinkat(uint64_t target, int dirfd, uint64_t path);
long sys_readlink(uint64_t path, uint64_t buf, uint64_t size);
long sys_readlinkat(int dirfd, uint64_t path, uint64_t buf, uint64_t size);
long sys_getdents64(int fd, uint64_t buf, unsigned size);

/* sys_pipe.c, sys_poll.c, sys_lock.c, sys_mount.c */
long sys_pipe(uint64_t fds);
long sys_pipe2(uint64_t fds, int flags);
long sys_poll(uint64_t fds, unsigned count, int timeout_ms);
long sys_ppoll(uint64_t fds, unsigned count, uint64_t timeout, uint64_t sigmask, uint64_t sigsetsize);
long sys_select(int n, uint64_t in, uint64_t out, uint64_t ex, uint64_t timeout);
long sys_pselect6(int n, uint64_t in, uint64_t out, uint64_t ex, uint64_t timeout, uint64_t sigmask);
long sys_flock(int fd, int op);
long sys_mount(uint64_t source, uint64_t target, uint64_t type, uint64_t flags, uint64_t data);
long sys_umount2(uint64_t target, int flags);

/* sys_socket*.c */
long sys_socket(int family, int type, int protocol);
long sys_socketpair(int family, int type, int protocol, uint64_t fds);
long sys_bind(int fd, uint64_t addr, uint32_t len);
long sys_listen(int fd, int backlog);
long sys_accept(int fd, uint64_t addr, uint64_t len);
long sys_accept4(int fd, uint64_t addr, uint64_t len, int flags);
long sys_connect(int fd, uint64_t addr, uint32_t len);
long sys_getsockname(int fd, uint64_t addr, uint64_t len);
long sys_getpeername(int fd, uint64_t addr, uint64_t len);
long sys_shutdown(int fd, int how);
long sys_sendto(int fd, uint64_t buf, uint64_t len, unsigned flags, uint64_t addr, uint32_t addr_len);
long sys_recvfrom(int fd, uint64_t buf, uint64_t len, unsigned flags, uint64_t addr, uint64_t addr_len);
long sys_sendmsg(int fd, uint64_t msg, unsigned flags);
long sys_recvmsg(int fd, uint64_t msg, unsigned flags);
long sys_sendmmsg(int fd, uint64_t vec, unsigned count, unsigned flags);
long sys_recvmmsg(int fd, uint64_t vec, unsigned count, unsigned flags, uint64_t timeout);
long sys_setsockopt(int fd, int level, int name, uint64_t value, int len);
long sys_getsockopt(int fd, int level, int name, uint64_t value, uint64_t len);

/* sys_epoll.c, sys_eventfd.c, sys_timerfd.c, sys_signalfd.c */
long sys_epoll_create(int size);
long sys_epoll_create1(int flags);
long sys_epoll_ctl(int epfd, int op, int fd, uint64_t event);
long sys_epoll_wait(int epfd, uint64_t events, int max, int timeout_ms);
long sys_epoll_pwait(int epfd, uint64_t events, int max, int timeout_ms, uint64_t mask, uint64_t size);
long sys_epoll_pwait2(int epfd, uint64_t events, int max, uint64_t timeout, uint64_t mask, uint64_t size);
long sys_eventfd(unsigned count);
long sys_eventfd2(unsigned count, int flags);
long sys_timerfd_create(int clock, int flags);
long sys_timerfd_settime(int fd, int flags, uint64_t new_value, uint64_t old_value);
long sys_timerfd_gettime(int fd, uint64_t value);
long sys_signalfd(int fd, uint64_t mask, uint64_t size);
long sys_signalfd4(int fd, uint64_t mask, uint64_t size, int flags);

#endif
