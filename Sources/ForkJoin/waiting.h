// Waiting for a word of memory to change: first spinning, because most waits are short and waking a thread takes some
// ten microseconds, then asleep, because a thread that spins takes a processor from those that work.
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

typedef _Atomic uint32_t Word;

static inline void sleepWhile(Word *word, uint32_t value) {
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, 0, 0, 0);
}

static inline void wake(Word *word, int count) { syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, 0, 0, 0); }

static inline void pauseBriefly(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static inline int64_t nanoseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/// Spins until the word is no longer `value`, for so many nanoseconds at most; whether it changed.
static inline bool spinWhile(Word *word, uint32_t value, int64_t patience) {
  const int64_t end = nanoseconds() + patience;
  do {
    for (int i = 0; i < 16; i++) {
      if (atomic_load_explicit(word, memory_order_acquire) != value) return true;
      pauseBriefly();
    }
  } while (nanoseconds() < end);
  return atomic_load_explicit(word, memory_order_acquire) != value;
}
