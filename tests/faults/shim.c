/* Preloaded into every program of a run: counts what changes files, and lets the power fail at the operation wished for.

   FAULTS_STATE names a file that all processes map: the counter, the wish, and one record an operation, from which
   machine.py knows what was written and not fsynced. FAULTS_UNDER lists the folders that count, parted by ":".
   At the operation wished for, the process raises `dead` and stops; every other one stops at its next operation, so that
   nothing of the run changes a file any more; machine.py then kills them all.
   Standard streams (fwrite, bash's echo) write inside libc, unseen: of these, opening and renaming count. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define RECORDS 60000
enum { BEFORE, AFTER, TORN }; /* TORN: half of what a write has to write, then as AFTER */

struct record { /* read by machine.py: RECORD */
  int64_t number; /* 1, 2, ... of what counts; 0: a log's, or a file's state after it was opened */
  int64_t inode, size;
  char what[16], path[472];
};
struct state { /* read and written by machine.py: HEAD */
  int64_t at, when, dead, count, used, cut; /* cut: which record was the last one */
  struct record records[RECORDS];
};
static struct state *state;
static char under[8][PATH_MAX];
static int folders;

__attribute__((constructor)) static void start(void) {
  const char *name = getenv("FAULTS_STATE"), *list = getenv("FAULTS_UNDER");
  if (!name || !list) return;
  int fd = syscall(SYS_openat, AT_FDCWD, name, O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  void *mapped = mmap(NULL, sizeof *state, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  syscall(SYS_close, fd);
  if (mapped == MAP_FAILED) return;
  for (; *list && folders < 8; list += *list == ':') {
    size_t length = strcspn(list, ":");
    if (length && length < PATH_MAX) memcpy(under[folders++], list, length);
    list += length;
  }
  state = mapped;
}

static void stop(void) { for (;;) syscall(SYS_pause); }

static int ends(const char *path, const char *ending) {
  size_t a = strlen(path), b = strlen(ending);
  return a >= b && !strcmp(path + a - b, ending);
}

/* The folder's own entry counts, too: mkdir, rename. */
static int counts(const char *path) {
  for (int i = 0; i < folders; i++) {
    size_t length = strlen(under[i]);
    if (!strncmp(path, under[i], length) && (path[length] == '/' || !path[length])) return 1;
  }
  return 0;
}

static int of_fd(int fd, char *path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, path, PATH_MAX - 1);
  if (length <= 0) return 0;
  path[length] = 0;
  return 1;
}

/* The absolute path of `name`, as far as text can tell; 0 if it does not lie in one of the folders. */
static int whole(int at, const char *name, char *path) {
  if (!state || !name) return 0;
  if (name[0] == '/') {
    if (strlen(name) >= PATH_MAX) return 0;
    strcpy(path, name);
  } else {
    if (at == AT_FDCWD) {
      if (syscall(SYS_getcwd, path, PATH_MAX) <= 0) return 0;
    } else if (!of_fd(at, path)) return 0;
    while (!strncmp(name, "./", 2)) name += 2;
    size_t length = strlen(path);
    if (length + strlen(name) + 2 > PATH_MAX) return 0;
    path[length] = '/';
    strcpy(path + length + 1, name);
  }
  return counts(path);
}

static struct record *note(const char *what, const char *path, int64_t number) {
  int64_t n = __atomic_fetch_add(&state->used, 1, __ATOMIC_SEQ_CST);
  if (n >= RECORDS) return &state->records[RECORDS - 1];
  struct record *one = &state->records[n];
  strncpy(one->path, path, sizeof one->path - 1);
  strncpy(one->what, what, sizeof one->what - 1);
  one->number = number;
  return one;
}

static void die(struct record *one) {
  state->cut = one - state->records;
  __atomic_store_n(&state->dead, 1, __ATOMIC_SEQ_CST);
  stop();
}

/* Count an operation that is about to happen; returns its record. */
static struct record *begin(const char *what, const char *path) {
  int saved = errno;
  if (__atomic_load_n(&state->dead, __ATOMIC_SEQ_CST)) stop();
  int64_t number = ends(path, ".log") ? 0 : __atomic_add_fetch(&state->count, 1, __ATOMIC_SEQ_CST);
  struct record *one = note(what, path, number);
  if (number && number == state->at && state->when == BEFORE) die(one);
  errno = saved;
  return one;
}

/* It has happened; fd: the file that it changed or opened, or -1. */
static void end(struct record *one, int fd) {
  int saved = errno;
  struct stat about;
  if (fd >= 0 && !fstat(fd, &about)) {
    one->size = about.st_size;
    __atomic_store_n(&one->inode, (int64_t)about.st_ino, __ATOMIC_SEQ_CST);
  }
  if (one->number && one->number == state->at && state->when != BEFORE) die(one);
  errno = saved;
}

static int to_file(int fd, char *path) { /* a regular file in one of the folders */
  struct stat about;
  int saved = errno, yes = state && !fstat(fd, &about) && S_ISREG(about.st_mode) && of_fd(fd, path) && counts(path);
  errno = saved;
  return yes;
}

#define REAL(type, name, ...) \
  static type (*real)(__VA_ARGS__); \
  if (!real) real = (type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)
#define WRITES(flags) (((flags) & O_ACCMODE) != O_RDONLY || ((flags) & (O_CREAT | O_TRUNC)))
#define WITH_MODE(flags) (((flags) & O_CREAT) || ((flags) & O_TMPFILE) == O_TMPFILE)
#define READ_MODE(flags) \
  mode_t mode = 0; \
  if (WITH_MODE(flags)) { va_list list; va_start(list, flags); mode = va_arg(list, mode_t); va_end(list); }

static int opened(int at, const char *name, int flags, mode_t mode, int (*open_it)(int, const char *, int, mode_t)) {
  char path[PATH_MAX];
  if (!WRITES(flags) || !whole(at, name, path)) return open_it(at, name, flags, mode);
  struct record *one = begin("open", path);
  int fd = open_it(at, name, flags, mode);
  end(one, fd);
  return fd;
}
static int call_openat(int at, const char *name, int flags, mode_t mode) {
  REAL(int, "openat64", int, const char *, int, ...);
  return real(at, name, flags, mode);
}
#define OPEN(name) \
  int name(const char *path, int flags, ...) { READ_MODE(flags) return opened(AT_FDCWD, path, flags, mode, call_openat); }
#define OPENAT(name) \
  int name(int at, const char *path, int flags, ...) { READ_MODE(flags) return opened(at, path, flags, mode, call_openat); }
OPEN(open) OPEN(open64) OPENAT(openat) OPENAT(openat64)
int __open_2(const char *path, int flags) { return opened(AT_FDCWD, path, flags, 0, call_openat); }
int __open64_2(const char *path, int flags) { return opened(AT_FDCWD, path, flags, 0, call_openat); }
int __openat_2(int at, const char *path, int flags) { return opened(at, path, flags, 0, call_openat); }
int __openat64_2(int at, const char *path, int flags) { return opened(at, path, flags, 0, call_openat); }
int creat(const char *path, mode_t mode) { return opened(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode, call_openat); }
int creat64(const char *path, mode_t mode) { return creat(path, mode); }

#define FOPEN(name) \
  FILE *name(const char *file, const char *mode) { \
    REAL(FILE *, #name, const char *, const char *); \
    char path[PATH_MAX]; \
    if (!strpbrk(mode, "wa+") || !whole(AT_FDCWD, file, path)) return real(file, mode); \
    struct record *one = begin("open", path); \
    FILE *stream = real(file, mode); \
    end(one, stream ? fileno(stream) : -1); \
    return stream; \
  }
FOPEN(fopen) FOPEN(fopen64)

static int there(const char *path) {
  struct stat about;
  int saved = errno, yes = !lstat(path, &about);
  errno = saved;
  return yes;
}

/* What changes names: the path, or the second of two, is the one that is noted. What is bound to fail does not count. */
#define NAMES(what, at, path_, call) NAMES_IF(1, what, at, path_, call)
#define NAMES_IF(worth, what, at, path_, call) \
  char path[PATH_MAX]; \
  if (!whole(at, path_, path) || !(worth)) return call; \
  struct record *one = begin(what, path); \
  int status = call; \
  end(one, -1); \
  return status;
int rename(const char *a, const char *b) { REAL(int, "rename", const char *, const char *); NAMES("rename", AT_FDCWD, b, real(a, b)) }
int renameat(int x, const char *a, int y, const char *b) {
  REAL(int, "renameat", int, const char *, int, const char *);
  NAMES("rename", y, b, real(x, a, y, b))
}
int renameat2(int x, const char *a, int y, const char *b, unsigned flags) {
  REAL(int, "renameat2", int, const char *, int, const char *, unsigned);
  NAMES("rename", y, b, real(x, a, y, b, flags))
}
int link(const char *a, const char *b) { REAL(int, "link", const char *, const char *); NAMES("link", AT_FDCWD, b, real(a, b)) }
int linkat(int x, const char *a, int y, const char *b, int flags) {
  REAL(int, "linkat", int, const char *, int, const char *, int);
  NAMES("link", y, b, real(x, a, y, b, flags))
}
int symlink(const char *a, const char *b) { REAL(int, "symlink", const char *, const char *); NAMES("symlink", AT_FDCWD, b, real(a, b)) }
int symlinkat(const char *a, int y, const char *b) {
  REAL(int, "symlinkat", const char *, int, const char *);
  NAMES("symlink", y, b, real(a, y, b))
}
int unlink(const char *a) { REAL(int, "unlink", const char *); NAMES_IF(there(path), "unlink", AT_FDCWD, a, real(a)) }
int unlinkat(int x, const char *a, int flags) { REAL(int, "unlinkat", int, const char *, int); NAMES_IF(there(path), "unlink", x, a, real(x, a, flags)) }
int remove(const char *a) { REAL(int, "remove", const char *); NAMES_IF(there(path), "unlink", AT_FDCWD, a, real(a)) }
int rmdir(const char *a) { REAL(int, "rmdir", const char *); NAMES_IF(there(path), "rmdir", AT_FDCWD, a, real(a)) }
int mkdir(const char *a, mode_t mode) { REAL(int, "mkdir", const char *, mode_t); NAMES_IF(!there(path), "mkdir", AT_FDCWD, a, real(a, mode)) }
int mkdirat(int x, const char *a, mode_t mode) { REAL(int, "mkdirat", int, const char *, mode_t); NAMES_IF(!there(path), "mkdir", x, a, real(x, a, mode)) }
int utimensat(int x, const char *a, const struct timespec times[2], int flags) {
  REAL(int, "utimensat", int, const char *, const struct timespec *, int);
  NAMES("utimens", x, a, real(x, a, times, flags)) /* whole() passes a NULL on */
}
#define TRUNCATE(name) \
  int name(const char *a, off_t size) { REAL(int, #name, const char *, off_t); NAMES("truncate", AT_FDCWD, a, real(a, size)) }
TRUNCATE(truncate) TRUNCATE(truncate64)

/* What changes an open file. */
#define FILES(what, type, fd, torn, call) \
  char path[PATH_MAX]; \
  if (!to_file(fd, path)) return call; \
  struct record *one = begin(what, path); \
  if (one->number && one->number == state->at && state->when == TORN) { torn; } \
  type done = call; \
  end(one, fd); \
  return done;
ssize_t write(int fd, const void *from, size_t size) {
  REAL(ssize_t, "write", int, const void *, size_t);
  FILES("write", ssize_t, fd, size /= 2, real(fd, from, size))
}
#define PWRITE(name) \
  ssize_t name(int fd, const void *from, size_t size, off_t at) { \
    REAL(ssize_t, #name, int, const void *, size_t, off_t); \
    FILES("write", ssize_t, fd, size /= 2, real(fd, from, size, at)) \
  }
PWRITE(pwrite) PWRITE(pwrite64)
ssize_t writev(int fd, const struct iovec *from, int number) {
  REAL(ssize_t, "writev", int, const struct iovec *, int);
  FILES("write", ssize_t, fd, number -= number > 1, real(fd, from, number))
}
#define SENDFILE(name) \
  ssize_t name(int to, int from, off_t *at, size_t size) { \
    REAL(ssize_t, #name, int, int, off_t *, size_t); \
    FILES("write", ssize_t, to, , real(to, from, at, size)) \
  }
SENDFILE(sendfile) SENDFILE(sendfile64)
ssize_t copy_file_range(int from, off64_t *a, int to, off64_t *b, size_t size, unsigned flags) {
  REAL(ssize_t, "copy_file_range", int, off64_t *, int, off64_t *, size_t, unsigned);
  FILES("write", ssize_t, to, , real(from, a, to, b, size, flags))
}
#define FTRUNCATE(name) \
  int name(int fd, off_t size) { REAL(int, #name, int, off_t); FILES("ftruncate", int, fd, , real(fd, size)) }
FTRUNCATE(ftruncate) FTRUNCATE(ftruncate64)
int fsync(int fd) { REAL(int, "fsync", int); FILES("fsync", int, fd, , real(fd)) }
int fdatasync(int fd) { REAL(int, "fdatasync", int); FILES("fsync", int, fd, , real(fd)) }
