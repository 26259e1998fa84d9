// Drives the pool of threads as the engine does, for the thread sanitizer to watch: several threads with regions of their own at
// once, results that are read after the join, scratch memory by thread, and pauses in which the pool falls asleep.
//
//   fork_join [ROUNDS]
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ForkJoin.h"

enum { starters = 3, mostItems = 40, mostThreads = 4 };

/// What a starter's regions work on: written by whoever takes an item, without a lock.
typedef struct {
  int64_t seed, rounds;
  int64_t results[mostItems], scratch[mostThreads];
  int64_t faults;
} Work;

static void takeItem(void *context, int64_t item, int64_t thread) {
  Work *work = context;
  work->scratch[thread] += item;
  work->results[item] = item * item + work->seed;
}

static void *runRegions(void *context) {
  Work *work = context;
  for (int64_t round = 0; round < work->rounds; round++) {
    const int64_t items = (round * 7 + work->seed) % mostItems + 1, threads = round % mostThreads + 1;
    for (int64_t i = 0; i < mostThreads; i++) work->scratch[i] = 0;
    forkJoinItems(items, threads, takeItem, work);
    int64_t sum = 0;
    for (int64_t i = 0; i < mostThreads; i++) sum += work->scratch[i];
    work->faults += sum != items * (items - 1) / 2;
    for (int64_t i = 0; i < items; i++) work->faults += work->results[i] != i * i + work->seed;
    if (round % 16 == 0) usleep(300);
  }
  return 0;
}

int main(int argc, char **argv) {
  const int64_t rounds = argc > 1 ? atoll(argv[1]) : 2000;
  if (!forkJoinReserve(mostThreads)) {
    fputs("fork_join: the system has no more threads\n", stderr);
    return 1;
  }
  Work works[starters] = {0};
  pthread_t threads[starters];
  for (int64_t i = 0; i < starters; i++) {
    works[i].seed = i;
    works[i].rounds = rounds;
    if (pthread_create(&threads[i], 0, runRegions, &works[i]) != 0) return 1;
  }
  int64_t faults = 0;
  for (int i = 0; i < starters; i++) {
    pthread_join(threads[i], 0);
    faults += works[i].faults;
  }
  printf("fork-join: %lld regions, %lld faults\n", (long long)(starters * rounds), (long long)faults);
  return faults != 0;
}
