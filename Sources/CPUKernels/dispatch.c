// The choice among the variants of the kernels, at run time.
#include "instruction_sets.h"

KernelInstructionSet kernelInstructionSet(void) {
#if defined(__x86_64__)
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return KernelPortable;
  const bool hasAVX512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  if (!hasAVX512) return KernelAVX2;
  return __builtin_cpu_supports("avx512bf16") ? KernelAVX512BFloat16 : KernelAVX512;
#else
  return KernelPortable;
#endif
}

KernelInstructionSet fastestInstructionSet(void) {
  const KernelInstructionSet widest = kernelInstructionSet();
#if defined(__x86_64__)
  if (widest == KernelAVX512BFloat16 && __builtin_cpu_is("intel")) return KernelAVX512;
#endif
  return widest;
}

#if defined(__x86_64__)
#define VARIANT(function, set, ...)                        \
  ((set) >= KernelAVX512 ? function##AVX512(__VA_ARGS__) \
   : (set) == KernelAVX2 ? function##AVX2(__VA_ARGS__)   \
                         : function##Portable(__VA_ARGS__))
#else
#define VARIANT(function, set, ...) ((void)(set), function##Portable(__VA_ARGS__))
#endif

const WinogradKernel *winogradKernel(
    KernelInstructionSet set, int64_t taps, int64_t tileDepth, int64_t tileHeight, int64_t tileWidth) {
  return VARIANT(winogradKernel, set, taps, tileDepth, tileHeight, tileWidth);
}

const NarrowKernel *narrowKernel(KernelInstructionSet set) { return VARIANT(narrowKernel, set); }

const ChannelKernel *channelKernel(KernelInstructionSet set) { return VARIANT(channelKernel, set); }

const PatchKernel *patchKernel(KernelInstructionSet set) { return VARIANT(patchKernel, set); }

const DirectKernel *directKernel(KernelInstructionSet set) {
#if defined(__x86_64__)
  if (set == KernelAVX512BFloat16) return directKernelAVX512BF16();
#endif
  return VARIANT(directKernel, set);
}

int64_t runAtPeak(KernelInstructionSet set, int64_t rounds, float *sink) {
  return VARIANT(runAtPeak, set, rounds, sink);
}

int64_t runPairsAtPeak(KernelInstructionSet set, int64_t rounds, float *sink) {
#if defined(__x86_64__)
  if (set == KernelAVX512BFloat16) return runPairsAtPeakAVX512BF16(rounds, sink);
#endif
  return 0;
}
