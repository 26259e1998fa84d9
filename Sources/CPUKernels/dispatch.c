// The choice among the variants of the kernels, at run time.
#include "instruction_sets.h"

KernelInstructionSet kernelInstructionSet(void) {
#if defined(__x86_64__)
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return KernelNone;
  const bool hasAVX512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  return hasAVX512 ? KernelAVX512 : KernelAVX2;
#else
  return KernelNone;
#endif
}

const WinogradKernel *winogradKernel(
    KernelInstructionSet set, int64_t taps, int64_t tileDepth, int64_t tileHeight, int64_t tileWidth) {
#if defined(__x86_64__)
  switch (set) {
    case KernelAVX512: return winogradKernelAVX512(taps, tileDepth, tileHeight, tileWidth);
    case KernelAVX2: return winogradKernelAVX2(taps, tileDepth, tileHeight, tileWidth);
    case KernelNone: return 0;
  }
#endif
  return 0;
}

const NarrowKernel *narrowKernel(KernelInstructionSet set) {
#if defined(__x86_64__)
  switch (set) {
    case KernelAVX512: return narrowKernelAVX512();
    case KernelAVX2: return narrowKernelAVX2();
    case KernelNone: return 0;
  }
#endif
  return 0;
}

const ChannelKernel *channelKernel(KernelInstructionSet set) {
#if defined(__x86_64__)
  switch (set) {
    case KernelAVX512: return channelKernelAVX512();
    case KernelAVX2: return channelKernelAVX2();
    case KernelNone: return 0;
  }
#endif
  return 0;
}

const PatchKernel *patchKernel(KernelInstructionSet set) {
#if defined(__x86_64__)
  switch (set) {
    case KernelAVX512: return patchKernelAVX512();
    case KernelAVX2: return patchKernelAVX2();
    case KernelNone: return 0;
  }
#endif
  return 0;
}
