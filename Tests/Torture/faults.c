// A library to preload: counts the system calls that touch a folder, and at one of them kills the process or lets the call fail.
//
//   TORTURE_FOLDER  the folder, an absolute path
//   TORTURE_COUNT   a file that receives the number of calls when the process ends
//   TORTURE_AT      the call, from 1; 0 for none
//   TORTURE_ACTION  kill-before, kill-after, or a number of errno
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

enum { DESCRIPTORS = 4096 };
static atomic_bool isOurs[DESCRIPTORS];
static atomic_long callCount;

static bool touches(const char *path) {
  const char *folder = getenv("TORTURE_FOLDER");
  if (!folder || !path) return false;
  char absolute[PATH_MAX];
  if (path[0] != '/') {
    if (!getcwd(absolute, sizeof absolute)) return false;
    strncat(absolute, "/", sizeof absolute - strlen(absolute) - 1);
    strncat(absolute, path, sizeof absolute - strlen(absolute) - 1);
    path = absolute;
  }
  return strncmp(path, folder, strlen(folder)) == 0;
}

static bool touchesDescriptor(int descriptor) {
  return descriptor >= 0 && descriptor < DESCRIPTORS && isOurs[descriptor];
}

/// Counts a call. Returns whether it shall fail, with its errno set; sets whether the process dies after it.
static bool fails(bool *diesAfter) {
  *diesAfter = false;
  const long number = atomic_fetch_add(&callCount, 1) + 1;
  const char *at = getenv("TORTURE_AT"), *action = getenv("TORTURE_ACTION");
  if (!at || !action || atol(at) != number) return false;
  if (strcmp(action, "kill-before") == 0) kill(getpid(), SIGKILL);
  if (strcmp(action, "kill-after") == 0) {
    *diesAfter = true;
    return false;
  }
  errno = atoi(action);
  return true;
}

__attribute__((destructor)) static void report(void) {
  const char *path = getenv("TORTURE_COUNT");
  if (!path) return;
  FILE *file = fopen(path, "w");
  if (!file) return;
  fprintf(file, "%ld\n", atomic_load(&callCount));
  fclose(file);
}

/// Defines a function that stands in for one of the C library: `condition` says whether it touches the folder.
#define STAND_IN(type, name, parameters, arguments, condition, remember) \
  type name parameters {                                                 \
    static type(*real) parameters;                                       \
    if (!real) real = (type(*) parameters)dlsym(RTLD_NEXT, #name);       \
    if (!(condition)) return real arguments;                             \
    bool diesAfter;                                                      \
    if (fails(&diesAfter)) return -1;                                    \
    const type result = real arguments;                                  \
    remember;                                                            \
    if (diesAfter) kill(getpid(), SIGKILL);                              \
    return result;                                                       \
  }

#define REMEMBER \
  if (result >= 0 && result < DESCRIPTORS) isOurs[result] = true
#define NOTHING (void)0

STAND_IN(ssize_t, write, (int fd, const void *b, size_t n), (fd, b, n), touchesDescriptor(fd), NOTHING)
STAND_IN(ssize_t, pwrite, (int fd, const void *b, size_t n, off_t o), (fd, b, n, o), touchesDescriptor(fd), NOTHING)
STAND_IN(int, fsync, (int fd), (fd), touchesDescriptor(fd), NOTHING)
STAND_IN(int, fdatasync, (int fd), (fd), touchesDescriptor(fd), NOTHING)
STAND_IN(int, ftruncate, (int fd, off_t n), (fd, n), touchesDescriptor(fd), NOTHING)
STAND_IN(int, close, (int fd), (fd), touchesDescriptor(fd), isOurs[fd] = false)
STAND_IN(int, rename, (const char *a, const char *b), (a, b), touches(a) || touches(b), NOTHING)
STAND_IN(int, link, (const char *a, const char *b), (a, b), touches(a) || touches(b), NOTHING)
STAND_IN(int, symlink, (const char *a, const char *b), (a, b), touches(b), NOTHING)
STAND_IN(int, unlink, (const char *path), (path), touches(path), NOTHING)
STAND_IN(int, mkdir, (const char *path, mode_t mode), (path, mode), touches(path), NOTHING)

/// Opening takes a mode only where a file may be made.
#define STAND_IN_OPEN(name)                                                                      \
  int name(const char *path, int flags, ...) {                                                   \
    static int (*real)(const char *, int, ...);                                                  \
    if (!real) real = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, #name);                  \
    va_list list;                                                                                \
    va_start(list, flags);                                                                       \
    const mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(list, mode_t) : 0;                \
    va_end(list);                                                                                \
    if (!touches(path)) return real(path, flags, mode);                                          \
    bool diesAfter;                                                                              \
    if (fails(&diesAfter)) return -1;                                                            \
    const int result = real(path, flags, mode);                                                  \
    REMEMBER;                                                                                    \
    if (diesAfter) kill(getpid(), SIGKILL);                                                      \
    return result;                                                                               \
  }

STAND_IN_OPEN(open)
STAND_IN_OPEN(open64)
