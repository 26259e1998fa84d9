#define _GNU_SOURCE
#include "ForkJoin.h"
#include "waiting.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/// How long threads spin before they sleep, in nanoseconds: those of the pool for the next region, the one that started
/// a region for the last items of the others.
static const int64_t idlePatience = 50000, joinPatience = 200000;

/// A parallel loop under way. It lies on the stack of the thread that started it.
typedef struct Region {
  int64_t count, threads;
  ForkJoinBody body;
  void *context;
  _Atomic int64_t next;
  /// Threads that have come so far, the first one included; guarded by the pool's lock.
  int64_t joined;
  /// Threads of the pool that are in it, and whether the first one sleeps until there are none.
  Word inside;
  struct Region *following;
} Region;

static const uint32_t starterSleeps = 1u << 31;

static struct {
  pthread_mutex_t lock;
  /// Guarded by the lock: the regions that may have items left.
  Region *open;
  int64_t workers, workerCapacity;
  pthread_t *threads;
  /// Changes whenever there may be something to do.
  Word changes;
  _Atomic int64_t sleeping;
} pool = {.lock = PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP};

static _Thread_local bool isInside = false;
static _Thread_local int64_t ownThreads = 1;
/// The threads that regions are measured for; 0 where they are not.
static _Thread_local int64_t measuredThreads = 0;
static _Thread_local ForkJoinMeasurement measurement;

int64_t forkJoinThreads(void) { return ownThreads; }
void forkJoinSetThreads(int64_t threads) { ownThreads = threads; }
bool forkJoinIsInside(void) { return isInside; }

// MARK: Items

static void takeItems(Region *region, int64_t thread) {
  isInside = true;
  while (true) {
    const int64_t item = atomic_fetch_add_explicit(&region->next, 1, memory_order_relaxed);
    if (item >= region->count) break;
    region->body(region->context, item, thread);
  }
  isInside = false;
}

/// The open region with items left that has the fewest threads; null where none wants one more.
static Region *neediestRegion(void) {
  Region *best = 0;
  for (Region *region = pool.open; region; region = region->following) {
    const bool wantsOneMore = region->joined < region->threads &&
                              atomic_load_explicit(&region->next, memory_order_relaxed) < region->count;
    if (wantsOneMore && (!best || region->joined < best->joined)) best = region;
  }
  return best;
}

static void closeRegion(Region *region) {
  pthread_mutex_lock(&pool.lock);
  Region **link = &pool.open;
  while (*link != region) link = &(*link)->following;
  *link = region->following;
  pthread_mutex_unlock(&pool.lock);
}

/// Waits until no thread of the pool is in a region any more.
static void awaitDeparture(Word *inside) {
  uint32_t count;
  while (((count = atomic_load_explicit(inside, memory_order_acquire)) & ~starterSleeps) != 0) {
    if (spinWhile(inside, count, joinPatience)) continue;
    atomic_fetch_or(inside, starterSleeps);
    sleepWhile(inside, count | starterSleeps);
  }
}

/// Leaves a region. Its memory may be gone as soon as the number has changed; waking at an address that is
/// gone harms nobody.
static void depart(Word *inside) {
  if (atomic_fetch_sub_explicit(inside, 1, memory_order_acq_rel) == (starterSleeps | 1)) wake(inside, 1);
}

/// Tells the pool's threads that there is something to do for some of them.
static void announce(int64_t wanted) {
  atomic_fetch_add(&pool.changes, 1);
  if (atomic_load(&pool.sleeping) > 0) wake(&pool.changes, (int)wanted);
}

void forkJoinMeasure(int64_t threads) {
  measuredThreads = threads;
  measurement = (ForkJoinMeasurement){0};
}

bool forkJoinIsMeasuring(void) { return measuredThreads > 0; }

ForkJoinMeasurement forkJoinMeasured(void) {
  measuredThreads = 0;
  return measurement;
}

static double seconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void measureItems(Region *region) {
  const double start = seconds();
  takeItems(region, 0);
  const double taken = seconds() - start;
  const int64_t threads = region->threads < measuredThreads ? region->threads : measuredThreads;
  const int64_t most = (region->count + threads - 1) / threads;
  measurement.seconds += taken;
  measurement.parallelSeconds += taken * (double)most / (double)region->count;
}

void forkJoinItems(int64_t count, int64_t threads, ForkJoinBody body, void *context) {
  if (isInside) {
    fputs("ForkJoin: a parallel region was started within another\n", stderr);
    abort();
  }
  if (threads > count) threads = count;
  Region region = {.count = count, .threads = threads, .body = body, .context = context, .joined = 1};
  if (measuredThreads > 0 && count > 0) return measureItems(&region);
  if (threads < 2) return takeItems(&region, 0);
  pthread_mutex_lock(&pool.lock);
  region.following = pool.open;
  pool.open = &region;
  pthread_mutex_unlock(&pool.lock);
  announce(threads - 1);
  takeItems(&region, 0);
  closeRegion(&region);
  awaitDeparture(&region.inside);
}

// MARK: Threads

/// Helps a region that wants it, if any.
static bool helpOnce(void) {
  pthread_mutex_lock(&pool.lock);
  Region *region = neediestRegion();
  if (!region) {
    pthread_mutex_unlock(&pool.lock);
    return false;
  }
  const int64_t index = region->joined++;
  atomic_fetch_add(&region->inside, 1);
  pthread_mutex_unlock(&pool.lock);
  takeItems(region, index);
  depart(&region->inside);
  return true;
}

static void *work(void *unused) {
  (void)unused;
  while (true) {
    const uint32_t seen = atomic_load(&pool.changes);
    if (helpOnce() || spinWhile(&pool.changes, seen, idlePatience)) continue;
    atomic_fetch_add(&pool.sleeping, 1);
    sleepWhile(&pool.changes, seen);
    atomic_fetch_sub(&pool.sleeping, 1);
  }
  return 0;
}

static bool startWorker(void) {
  if (pool.workers == pool.workerCapacity) {
    const int64_t capacity = 2 * pool.workerCapacity + 8;
    pthread_t *threads = realloc(pool.threads, (size_t)capacity * sizeof *threads);
    if (!threads) return false;
    pool.threads = threads;
    pool.workerCapacity = capacity;
  }
  if (pthread_create(&pool.threads[pool.workers], 0, work, 0) != 0) return false;
  pthread_setname_np(pool.threads[pool.workers], "fork-join");
  pool.workers++;
  return true;
}

bool forkJoinReserve(int64_t threads) {
  pthread_mutex_lock(&pool.lock);
  bool succeeds = true;
  while (succeeds && pool.workers < threads - 1) succeeds = startWorker();
  pthread_mutex_unlock(&pool.lock);
  return succeeds;
}

double forkJoinProcessorSeconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  double seconds = (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
  pthread_mutex_lock(&pool.lock);
  for (int64_t i = 0; i < pool.workers; i++) {
    clockid_t clock;
    if (pthread_getcpuclockid(pool.threads[i], &clock) == 0 && clock_gettime(clock, &time) == 0)
      seconds += (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
  }
  pthread_mutex_unlock(&pool.lock);
  return seconds;
}
