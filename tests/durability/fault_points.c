/* Counts the calls of a process that touch its disk or its line, and ends or fails the one that was chosen.
 *
 * Loaded before libc (LD_PRELOAD). `fault_arm(when, action)` counts from here on: at call number `when` the
 * process is killed (action -1) before the call happens (-2: right after), or the call fails with the error
 * number `action`. With errors only calls on files count; with kills those on sockets as well.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long calls;
static long chosen = -1;
static int deed;
static _Thread_local int inside;

void fault_arm(long when, int action) {
    atomic_store(&calls, 0);
    deed = action;
    chosen = when;
}

long fault_calls(void) { return atomic_load(&calls); }

enum { GO_ON, FAIL, KILL_AFTER };

static int is_socket(int descriptor) {
    struct stat info;
    return fstat(descriptor, &info) == 0 && S_ISSOCK(info.st_mode);
}

static int meet(int of_the_line) {
    if (chosen < 0 || inside) return GO_ON;
    if (of_the_line && deed > 0) return GO_ON;
    if (atomic_fetch_add(&calls, 1) + 1 != chosen) return GO_ON;
    if (deed == -1) kill(getpid(), SIGKILL);
    if (deed == -2) return KILL_AFTER;
    if (deed > 0) {
        errno = deed;
        return FAIL;
    }
    return GO_ON;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define WRAP(type, name, parameters, arguments, of_the_line)            \
    type name parameters {                                              \
        static __typeof__(&name) real;                                  \
        if (!real) real = REAL(name);                                   \
        int turn = meet(of_the_line);                                   \
        if (turn == FAIL) return (type)-1;                              \
        inside++;                                                       \
        type result = real arguments;                                   \
        inside--;                                                       \
        if (turn == KILL_AFTER) kill(getpid(), SIGKILL);                \
        return result;                                                  \
    }

WRAP(ssize_t, write, (int fd, const void *data, size_t size), (fd, data, size), is_socket(fd))
WRAP(ssize_t, pwrite, (int fd, const void *data, size_t size, off_t at), (fd, data, size, at), 0)
WRAP(ssize_t, pwrite64, (int fd, const void *data, size_t size, off64_t at), (fd, data, size, at), 0)
WRAP(ssize_t, writev, (int fd, const struct iovec *parts, int count), (fd, parts, count), is_socket(fd))
WRAP(int, fsync, (int fd), (fd), 0)
WRAP(int, fdatasync, (int fd), (fd), 0)
WRAP(int, ftruncate, (int fd, off_t size), (fd, size), 0)
WRAP(int, ftruncate64, (int fd, off64_t size), (fd, size), 0)
WRAP(int, rename, (const char *from, const char *to), (from, to), 0)
WRAP(int, renameat, (int a, const char *from, int b, const char *to), (a, from, b, to), 0)
WRAP(int, link, (const char *from, const char *to), (from, to), 0)
WRAP(int, linkat, (int a, const char *from, int b, const char *to, int flags), (a, from, b, to, flags), 0)
WRAP(int, unlink, (const char *path), (path), 0)
WRAP(int, unlinkat, (int a, const char *path, int flags), (a, path, flags), 0)
WRAP(int, mkdir, (const char *path, mode_t mode), (path, mode), 0)
WRAP(ssize_t, read, (int fd, void *data, size_t size), (fd, data, size), is_socket(fd))
WRAP(ssize_t, pread, (int fd, void *data, size_t size, off_t at), (fd, data, size, at), 0)
WRAP(ssize_t, pread64, (int fd, void *data, size_t size, off64_t at), (fd, data, size, at), 0)
WRAP(ssize_t, send, (int fd, const void *data, size_t size, int flags), (fd, data, size, flags), 1)
WRAP(ssize_t, recv, (int fd, void *data, size_t size, int flags), (fd, data, size, flags), 1)
WRAP(int, connect, (int fd, const struct sockaddr *to, socklen_t size), (fd, to, size), 1)

#define OPEN(name)                                                      \
    int name(const char *path, int flags, ...) {                        \
        static __typeof__(&name) real;                                  \
        if (!real) real = REAL(name);                                   \
        va_list more;                                                   \
        va_start(more, flags);                                          \
        mode_t mode = (flags & (O_CREAT | __O_TMPFILE)) ? va_arg(more, mode_t) : 0; \
        va_end(more);                                                   \
        int turn = meet(0);                                             \
        if (turn == FAIL) return -1;                                    \
        int result = real(path, flags, mode);                           \
        if (turn == KILL_AFTER) kill(getpid(), SIGKILL);                \
        return result;                                                  \
    }

OPEN(open)
OPEN(open64)
