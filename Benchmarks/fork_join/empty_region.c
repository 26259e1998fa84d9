// Times parallel regions that do nothing: empty_region.py builds and runs it.
//
//   empty_region THREADS
//
// Prints the median and the 99th percentile of the time from the start of a region of as many empty items as threads to its
// end, in microseconds: of regions one behind the other, as steps of a plan are, and of regions a millisecond apart, when the
// pool's threads sleep.
#define _GNU_SOURCE
#include "ForkJoin.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { regionCount = 20001, apartCount = 501 };

static double microseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return 1e6 * (double)time.tv_sec + 1e-3 * (double)time.tv_nsec;
}

static void nothing(void *context, int64_t item, int64_t thread) { (void)context, (void)item, (void)thread; }

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void report(const char *name, int64_t threads, int count, long pause) {
  static double times[regionCount];
  for (int i = -100; i < count; i++) {
    if (pause) nanosleep(&(struct timespec){0, pause}, 0);
    const double start = microseconds();
    forkJoinItems(threads, threads, nothing, 0);
    if (i >= 0) times[i] = microseconds() - start;
  }
  qsort(times, (size_t)count, sizeof *times, ascending);
  printf("%s: median %.2f us, 99 %% %.2f us\n", name, times[count / 2], times[count * 99 / 100]);
}

int main(int count, char **arguments) {
  const int64_t threads = count > 1 ? atoll(arguments[1]) : 2;
  if (threads < 1 || !forkJoinReserve(threads)) {
    fprintf(stderr, "empty_region: %lld threads cannot be had\n", (long long)threads);
    return 1;
  }
  report("one behind the other", threads, regionCount, 0);
  report("a millisecond apart", threads, apartCount, 1000000);
}
