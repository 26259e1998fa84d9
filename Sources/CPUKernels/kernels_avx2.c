// The kernels with AVX2.
#if defined(__x86_64__)
// Vectors are passed between functions only where these are inlined.
#pragma clang diagnostic ignored "-Wpsabi"
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "instruction_sets.h"
#include "winograd_kernels.h"
#include "narrow_convolution.h"
#include "narrow_kernel.h"
#include "channel_kernels.h"
#include "patch_convolution.h"

const WinogradKernel *winogradKernelAVX2(int64_t taps, int64_t depth, int64_t height, int64_t width) {
  return kernelFor(taps, depth, height, width);
}

const NarrowKernel *narrowKernelAVX2(void) { return &narrow; }

const ChannelKernel *channelKernelAVX2(void) { return &channels; }

const PatchKernel *patchKernelAVX2(void) { return &patches; }
#pragma clang attribute pop
#endif
