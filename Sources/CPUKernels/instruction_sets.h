// The variants of the kernels for each instruction set.
#include "CPUKernels.h"

#define DECLARE_VARIANTS(set)                                                                                \
  const WinogradKernel *winogradKernel##set(int64_t taps, int64_t depth, int64_t height, int64_t width);     \
  const NarrowKernel *narrowKernel##set(void);                                                               \
  const ChannelKernel *channelKernel##set(void);                                                             \
  const PatchKernel *patchKernel##set(void);                                                                 \
  const DirectKernel *directKernel##set(void);                                                               \
  int64_t runAtPeak##set(int64_t rounds, float *sink);

DECLARE_VARIANTS(AVX512)
DECLARE_VARIANTS(AVX2)
DECLARE_VARIANTS(Portable)
const DirectKernel *directKernelAVX512BF16(void);
int64_t runPairsAtPeakAVX512BF16(int64_t rounds, float *sink);
