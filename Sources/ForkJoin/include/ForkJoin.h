// A pool of threads for parallel loops: fork, share out, join.
//
// A region is one parallel loop. The thread that starts it works on it from the first to the last item, and the
// pool's threads help where they are free: a region never waits for a thread that has not come yet, so that a busy
// machine delays it by no more than the items that are under way. Several threads may have regions at the same time;
// the pool helps those that have least. Which thread takes an item is left open: results must depend on the item
// alone. A region within a region is refused.
#ifndef FORK_JOIN_H
#define FORK_JOIN_H

#include <stdbool.h>
#include <stdint.h>

/// What is done to an item. `thread` is less than the region's number of threads, and no two threads that are in the
/// region have the same.
typedef void (*ForkJoinBody)(void *context, int64_t item, int64_t thread);

/// Starts threads until regions of so many can be helped by all that they want: one less than that, for all regions
/// together. False where the system has no more.
bool forkJoinReserve(int64_t threads);

/// Calls `body` with the items 0 ..< count, each once, on the calling thread and at most `threads` - 1 others. A thread
/// that is done with one takes the next.
void forkJoinItems(int64_t count, int64_t threads, ForkJoinBody body, void *context);

/// Whether the calling thread is in a region.
bool forkJoinIsInside(void);

/// The time that the calling thread and the pool's have had on processors, in seconds.
double forkJoinProcessorSeconds(void);

/// What some regions took by one thread, and what they would take by several at best.
typedef struct {
  /// In all regions, by the thread that started them.
  double seconds;
  /// By as many threads as each region wants, up to the number that was given: of a region of n items, ceil(n / threads) of
  /// them, each taken to be as long as the others.
  double parallelSeconds;
} ForkJoinMeasurement;

/// From now on the calling thread takes all items of its regions, and their times are added up, until `forkJoinMeasured`.
void forkJoinMeasure(int64_t threads);
bool forkJoinIsMeasuring(void);
ForkJoinMeasurement forkJoinMeasured(void);

/// A number that the calling thread keeps: of the threads for its regions. 1 at first.
int64_t forkJoinThreads(void);
void forkJoinSetThreads(int64_t threads);

#endif
